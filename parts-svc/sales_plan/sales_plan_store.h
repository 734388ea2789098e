// The SQL of sales plans and of what a month brought.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "chassis/records/table.h"
#include "parts-svc/sales_plan/sales_plan_rules.h"

namespace parts {

class SalesPlanStore {
 public:
  explicit SalesPlanStore(const chassis::privacy::Cipher& cipher) : table_(cipher) {}

  absl::StatusOr<std::vector<v1::SalesPlan>> OfMonth(chassis::sql::Session& session, const std::string& store_id,
                                                     const std::string& month_date);
  // By kind of sale, from the notes of the month.
  absl::StatusOr<std::map<v1::SaleKind, Sold>> SoldIn(chassis::sql::Session& session, const std::string& store_id,
                                                      const std::string& month_date);

  const chassis::records::Table<v1::SalesPlan>& table() const { return table_; }

 private:
  chassis::records::Table<v1::SalesPlan> table_;
};

}  // namespace parts
