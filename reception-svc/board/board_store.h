// The board's rows. Rooms move a visit along here in their own transaction; each call is one UPDATE. The board
// is a projection, so these writes leave no audit record of their own: the documents' changes have theirs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aftersales/reception/v1/board.pb.h"
#include "aftersales/reception/v1/visit.pb.h"
#include "chassis/host/unit_of_work.h"
#include "chassis/records/table.h"

namespace reception {

// More vehicles than any store has room for.
inline constexpr int kBoardEntriesMax = 2000;

// What changes about a vehicle on the board; unset members stay.
struct BoardChange {
  std::optional<aftersales::reception::v1::BoardEntry::Stage> stage;
  std::optional<absl::Time> promised_time;
  std::optional<std::string> repair_order_id;  // empty: the visit has none any more
  std::optional<std::string> repair_order_number;
  std::optional<bool> on_board;
};

class BoardStore {
 public:
  explicit BoardStore(const chassis::privacy::Cipher& cipher) : entries_(cipher) {}

  // A vehicle has come in; or what the visit says about adviser, purpose, plate and model has changed.
  absl::Status Enter(chassis::UnitOfWork& work, const aftersales::reception::v1::Visit& visit) const;
  absl::Status Describe(chassis::UnitOfWork& work, const aftersales::reception::v1::Visit& visit) const;

  // Several things at once, in one statement. A visit without a row is no error.
  absl::Status Change(chassis::UnitOfWork& work, const std::string& visit_id, const BoardChange& change) const;
  absl::Status SetStage(chassis::UnitOfWork& work, const std::string& visit_id,
                        aftersales::reception::v1::BoardEntry::Stage stage) const {
    return Change(work, visit_id, {.stage = stage});
  }
  absl::Status SetPromised(chassis::UnitOfWork& work, const std::string& visit_id, absl::Time promised_time) const {
    return Change(work, visit_id, {.promised_time = promised_time});
  }
  // For facts that name the order, not the visit.
  absl::Status SetStageOfOrder(chassis::UnitOfWork& work, const std::string& repair_order_id,
                               aftersales::reception::v1::BoardEntry::Stage stage) const;
  // The vehicle is gone.
  absl::Status Leave(chassis::UnitOfWork& work, const std::string& visit_id,
                     aftersales::reception::v1::BoardEntry::Stage last_stage) const {
    return Change(work, visit_id, {.stage = last_stage, .on_board = false});
  }

  // Every vehicle in the store, with its next duty; lateness is filled by the rules.
  absl::StatusOr<std::vector<aftersales::reception::v1::BoardEntry>> Present(chassis::sql::Session& session,
                                                                             const std::string& store_id) const;
  // Rows changed at or after `since`, those that left included.
  absl::StatusOr<std::vector<aftersales::reception::v1::BoardEntry>> ChangedSince(chassis::sql::Session& session,
                                                                                  const std::string& store_id,
                                                                                  absl::Time since) const;

 private:
  chassis::records::Table<aftersales::reception::v1::BoardEntry> entries_;
};

}  // namespace reception
