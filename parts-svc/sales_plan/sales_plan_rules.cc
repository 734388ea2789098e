// How a month stands against its plan; see sales_plan_rules.h.
#include "parts-svc/sales_plan/sales_plan_rules.h"

#include "absl/time/civil_time.h"
#include "aftersales/parts/v1/sales_errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/time/amounts.h"

namespace parts {

absl::Status CheckMonth(const std::string& month_date, const std::string& field) {
  absl::CivilDay day;
  if (absl::ParseCivilTime(month_date, &day) && day.day() == 1) return absl::OkStatus();
  return chassis::Refuse(v1::SALES_ERROR_REASON_MONTH_NOT_FIRST_DAY).At(field, "须为当月第一天", "must be a first day");
}

std::string NextMonth(const std::string& month_date) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(month_date, &day)) return month_date;
  return absl::FormatCivilTime(absl::CivilDay(absl::CivilMonth(day) + 1));
}

v1::SalesResult ResultOf(const std::string& month_date, const std::vector<v1::SalesPlan>& plans,
                         const std::map<v1::SaleKind, Sold>& sold) {
  v1::SalesResult result;
  result.set_month_date(month_date);
  for (const v1::SaleKind kind : {v1::SALE_KIND_COUNTER, v1::SALE_KIND_WHOLESALE}) {
    v1::SalesResult::Line& line = *result.add_lines();
    line.set_kind(kind);
    for (const v1::SalesPlan& plan : plans) {
      if (plan.kind() == kind) line.set_target_net_amount(plan.target_net_amount());
    }
    const auto found = sold.find(kind);
    if (found == sold.end()) continue;
    line.set_net_amount(found->second.net_amount);
    line.set_cost_amount(found->second.cost_amount);
    line.set_margin_amount(found->second.net_amount - found->second.cost_amount);
    line.set_delivery_count(found->second.delivery_count);
    line.set_return_count(found->second.return_count);
    if (line.target_net_amount() == 0) continue;
    line.set_attained_basis_points(
        static_cast<int32_t>(chassis::MulDiv(line.net_amount(), chassis::kBasisPoints, line.target_net_amount())));
  }
  return result;
}

}  // namespace parts
