// The SQL of the demand history: it is counted window by window, each in the transaction that moves the position, so
// that no movement counts twice and none is left out. Lost sales are records of their own.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chassis/records/table.h"
#include "parts-svc/demand/demand_rules.h"

namespace parts {

// A stretch of time within one month of the store's calendar.
struct CountWindow {
  absl::Time begin;
  absl::Time end;     // not counted any more
  std::string month;  // its first day
};

class DemandStore {
 public:
  explicit DemandStore(const chassis::privacy::Cipher& cipher)
      : demands_(cipher), months_(cipher), lost_sales_(cipher) {}

  absl::StatusOr<std::vector<std::string>> StoreIds(chassis::sql::Session& session);
  // Up to when the history is counted; nothing when it never was.
  absl::StatusOr<std::optional<absl::Time>> Position(chassis::sql::Session& session, const std::string& store_id);
  // The first movement, reservation or lost sale at or after `from`.
  absl::StatusOr<std::optional<absl::Time>> NextEvent(chassis::sql::Session& session, const std::string& store_id,
                                                      absl::Time from);
  // Counts what happened in the window and moves the position to its end; does nothing when another replica did.
  absl::Status Count(chassis::UnitOfWork& work, const CountWindow& window);
  // Moves the position over a stretch in which nothing happened.
  absl::Status Pass(chassis::UnitOfWork& work, absl::Time from, absl::Time to);

  // Parts whose place `part_id` took, nearest first, through the whole chain.
  absl::StatusOr<std::vector<std::string>> Predecessors(chassis::sql::Session& session, const std::string& store_id,
                                                        const std::string& part_id);
  // The months of these parts from `month` on, added up.
  absl::StatusOr<std::vector<v1::PartDemand>> MonthsOf(chassis::sql::Session& session, const std::string& store_id,
                                                       const std::vector<std::string>& part_ids,
                                                       const std::string& from_month);

  // The same sums taken from the history and from what it was counted from; for verify.
  struct Sums {
    std::string part_id;
    int64_t counted_order_milli = 0, order_milli = 0;
    int64_t counted_sale_milli = 0, sale_milli = 0;
    int64_t counted_lost_milli = 0, lost_milli = 0;
    bool Agree() const {
      return counted_order_milli == order_milli && counted_sale_milli == sale_milli && counted_lost_milli == lost_milli;
    }
  };
  absl::StatusOr<std::vector<Sums>> Compare(chassis::sql::Session& session, const std::string& store_id);

  const chassis::records::Table<v1::PartDemand>& demands() const { return demands_; }
  const chassis::records::Table<v1::StockMonth>& months() const { return months_; }
  const chassis::records::Table<v1::LostSale>& lost_sales() const { return lost_sales_; }

 private:
  absl::StatusOr<bool> Take(chassis::UnitOfWork& work, absl::Time from, absl::Time to);
  absl::Status CountMovements(chassis::UnitOfWork& work, const CountWindow& window);
  absl::Status CountLostSales(chassis::UnitOfWork& work, const CountWindow& window);
  absl::Status CountLines(chassis::UnitOfWork& work, const CountWindow& window);
  absl::Status CountMonth(chassis::UnitOfWork& work, const CountWindow& window);

  chassis::records::Table<v1::PartDemand> demands_;
  chassis::records::Table<v1::StockMonth> months_;
  chassis::records::Table<v1::LostSale> lost_sales_;
};

}  // namespace parts
