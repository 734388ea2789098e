// The SQL of sales and their notes.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chassis/records/table.h"
#include "parts-svc/sale/sale_rules.h"

namespace parts {

class SaleStore {
 public:
  explicit SaleStore(const chassis::privacy::Cipher& cipher) : table_(cipher), deliveries_(cipher) {}

  // What the buyer ordered on account and did not get yet, tax included.
  absl::StatusOr<int64_t> OrderedOnAccount(chassis::sql::Session& session, const std::string& store_id,
                                           const std::string& buyer_id);
  // By delivery line, what return notes brought back of it.
  absl::StatusOr<std::map<std::string, BroughtBack>> BroughtBackOf(chassis::sql::Session& session,
                                                                   const std::string& store_id,
                                                                   const std::vector<std::string>& line_ids);
  struct Due {
    std::string store_id;
    std::string sale_id;
  };
  // Quotations of every store whose last day was before `date`.
  absl::StatusOr<std::vector<Due>> Expired(chassis::sql::Session& session, const std::string& date, int64_t count_max);

  const chassis::records::Table<v1::Sale>& table() const { return table_; }
  const chassis::records::Table<v1::SaleDelivery>& deliveries() const { return deliveries_; }

 private:
  chassis::records::Table<v1::Sale> table_;
  chassis::records::Table<v1::SaleDelivery> deliveries_;
};

}  // namespace parts
