// What a sales plan must be, and how a month stands against it (P-12). Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "aftersales/parts/v1/sales_plan.pb.h"

namespace parts {

namespace v1 = aftersales::parts::v1;

// MONTH_NOT_FIRST_DAY. `field` is the request field that holds the month.
absl::Status CheckMonth(const std::string& month_date, const std::string& field);
// The first day of the month after.
std::string NextMonth(const std::string& month_date);

// What the notes of one kind of sale add up to.
struct Sold {
  int64_t net_amount = 0;  // of deliveries less returns
  int64_t cost_amount = 0;
  int64_t delivery_count = 0;
  int64_t return_count = 0;
};
v1::SalesResult ResultOf(const std::string& month_date, const std::vector<v1::SalesPlan>& plans,
                         const std::map<v1::SaleKind, Sold>& sold);

}  // namespace parts
