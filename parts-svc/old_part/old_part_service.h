// The old part room (P-15): one old part from its tag to where it ends. The monthly run has a desk of its own
// (old_part_run_service.h).
#pragma once

#include <functional>

#include "chassis/server/service.h"
#include "parts-svc/old_part/old_part_shelf.h"
#include "parts-svc/old_part/old_part_store.h"

namespace parts {

class OldPartService {
 public:
  explicit OldPartService(chassis::Rooms& rooms);

 private:
  absl::StatusOr<v1::OldPart> Tag(chassis::Call& call, const v1::TagOldPartRequest& request);
  absl::StatusOr<v1::OldPart> Store(chassis::Call& call, const v1::StoreOldPartRequest& request);
  absl::StatusOr<v1::OldPart> Show(chassis::Call& call, const v1::ShowOldPartRequest& request);
  absl::StatusOr<v1::OldPart> HandOver(chassis::Call& call, const v1::HandOverOldPartRequest& request);
  absl::StatusOr<v1::OldPart> Send(chassis::Call& call, const v1::SendOldPartRequest& request);
  absl::StatusOr<v1::OldPart> Except(chassis::Call& call, const v1::ApproveOldPartExceptionRequest& request);

  // One command on one old part: locked and changed. `change` stores it when it moves goods, else nobody else does.
  using Change = std::function<absl::Status(chassis::UnitOfWork&, const v1::OldPart& before, v1::OldPart& after)>;
  absl::StatusOr<v1::OldPart> On(chassis::Call& call, const std::string& old_part_id, const Change& change);

  OldPartStore store_;
  OldPartShelf shelf_;
};

}  // namespace parts
