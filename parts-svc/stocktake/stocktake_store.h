// The SQL of stocktakes: sheets, what the account says, what has moved since, and the bins that stand still meanwhile.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chassis/records/table.h"
#include "parts-svc/stocktake/stocktake_rules.h"

namespace parts {

class StocktakeStore {
 public:
  explicit StocktakeStore(const chassis::privacy::Cipher& cipher)
      : stocktakes_(cipher), lines_(cipher), locations_(cipher) {}

  // The sheet of the stocktake's scope in the order of bins and parts, at most kSheetLinesMax + 1 lines: goods that are
  // tracked by batch have a line for each.
  absl::StatusOr<std::vector<v1::StocktakeLine>> Sheet(chassis::UnitOfWork& work, const v1::Stocktake& stocktake);
  // The part is of the stocktake's class and among its parts.
  absl::StatusOr<bool> PartInScope(chassis::UnitOfWork& work, const v1::Stocktake& stocktake,
                                   const std::string& part_id);

  // Keeps the stocktake's state from changing until the commit, and lets other counters do the same.
  absl::StatusOr<v1::Stocktake> Share(chassis::UnitOfWork& work, const std::string& stocktake_id);
  absl::StatusOr<std::vector<v1::StocktakeLine>> LockLines(chassis::UnitOfWork& work, const std::string& stocktake_id,
                                                           const std::vector<std::string>& line_ids);
  absl::StatusOr<std::vector<v1::StocktakeLine>> LockAllLines(chassis::UnitOfWork& work,
                                                              const std::string& stocktake_id);
  // Still to be counted.
  absl::StatusOr<int64_t> OpenLineCount(chassis::UnitOfWork& work, const std::string& stocktake_id);
  absl::StatusOr<bool> Counted(chassis::UnitOfWork& work, const std::string& stocktake_id, const std::string& subject);

  // What the account says now of the shelves these lines stand for; their balances are locked.
  absl::StatusOr<OnShelves> LockShelves(chassis::UnitOfWork& work, const std::vector<v1::StocktakeLine>& lines);
  // Movements of the lines' parts after `since`.
  absl::StatusOr<std::vector<v1::StockMovement>> MovementsSince(chassis::UnitOfWork& work,
                                                                const std::vector<v1::StocktakeLine>& lines,
                                                                absl::Time since);

  // Bins with lines of this stocktake are frozen, or free again.
  absl::Status Freeze(chassis::UnitOfWork& work, const std::string& stocktake_id,
                      const std::vector<v1::StocktakeLine>& lines);
  absl::Status Thaw(chassis::UnitOfWork& work, const std::string& stocktake_id);

  // Reservations that hold something of these parts.
  absl::StatusOr<std::vector<std::string>> HoldersOf(chassis::UnitOfWork& work,
                                                     const std::vector<std::string>& part_ids);

  // When each store last counted the parts of a class, its opening if it never did.
  struct LastCount {
    std::string store_id;
    absl::Time time;
  };
  absl::StatusOr<std::vector<LastCount>> LastCounts(chassis::sql::Session& session,
                                                    v1::Stocktake::PartClass part_class);
  absl::StatusOr<bool> IsReminded(chassis::sql::Session& session, const std::string& store_id,
                                  const std::string& subject_id);

  const chassis::records::Table<v1::Stocktake>& stocktakes() const { return stocktakes_; }
  const chassis::records::Table<v1::StocktakeLine>& lines() const { return lines_; }

 private:
  absl::Status SplitByBatch(chassis::UnitOfWork& work, std::vector<v1::StocktakeLine>& lines,
                            const std::vector<std::string>& tracked);

  chassis::records::Table<v1::Stocktake> stocktakes_;
  chassis::records::Table<v1::StocktakeLine> lines_;
  chassis::records::Table<v1::Location> locations_;
};

}  // namespace parts
