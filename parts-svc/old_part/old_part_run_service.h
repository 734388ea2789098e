// The monthly processing of old parts (P-15): what lies in store is listed, decided upon, signed by a manager and
// leaves.
#pragma once

#include <string_view>

#include "chassis/server/service.h"
#include "parts-svc/old_part/old_part_shelf.h"
#include "parts-svc/old_part/old_part_store.h"
#include "parts-svc/policy/policy_store.h"

namespace parts {

class OldPartRunService {
 public:
  explicit OldPartRunService(chassis::Rooms& rooms);

  // Owes every store with old parts the month's processing.
  absl::Status OweProcessing();

 private:
  absl::StatusOr<v1::OldPartRun> Create(chassis::Call& call, const v1::CreateOldPartRunRequest& request);
  absl::StatusOr<v1::OldPartRun> Decide(chassis::Call& call, const v1::DecideOldPartRunRequest& request);
  absl::StatusOr<v1::OldPartRun> Post(chassis::Call& call, const v1::PostOldPartRunRequest& request);
  absl::StatusOr<v1::OldPartRun> Cancel(chassis::Call& call, const v1::CancelOldPartRunRequest& request);

  // The old parts of the run's lines as they are, and what holds them; locked.
  struct Listed {
    std::map<std::string, v1::OldPart> parts;
    Bindings bindings;
    v1::PartsPolicy policy;
  };
  absl::StatusOr<Listed> LockListed(chassis::UnitOfWork& work, const v1::OldPartRun& run);
  // Moves what is to go to its end and stores it; answers those that go.
  absl::StatusOr<std::vector<v1::OldPart>> Settle(chassis::UnitOfWork& work, const v1::OldPartRun& run);
  absl::Status OweOne(chassis::UnitOfWork& work, const std::string& time_zone);

  chassis::Host& host_;
  OldPartStore store_;
  PolicyStore policies_;
  OldPartShelf shelf_;
};

}  // namespace parts
