// The SQL of sales plans; see sales_plan_store.h.
#include "parts-svc/sales_plan/sales_plan_store.h"

#include "absl/strings/str_cat.h"

namespace parts {

using chassis::sql::Rows;
using chassis::sql::Session;
using chassis::sql::Uuid;

absl::StatusOr<std::vector<v1::SalesPlan>> SalesPlanStore::OfMonth(Session& session, const std::string& store_id,
                                                                   const std::string& month_date) {
  return table_.Select(session, "WHERE store_id = ? AND month_date = ?", Uuid{store_id}, month_date);
}

absl::StatusOr<std::map<v1::SaleKind, Sold>> SalesPlanStore::SoldIn(Session& session, const std::string& store_id,
                                                                    const std::string& month_date) {
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query("SELECT sale_kind, kind, CAST(SUM(net_amount) AS SIGNED) AS net_amount, CAST(SUM(cost_amount) AS "
                    "SIGNED) AS cost_amount, COUNT(*) AS notes FROM sale_delivery WHERE store_id = ? AND business_date "
                    ">= ? AND business_date < ? GROUP BY sale_kind, kind",
                    Uuid{store_id}, month_date, NextMonth(month_date)));
  std::map<v1::SaleKind, Sold> sold;
  for (size_t i = 0; i < rows.size(); ++i) {
    v1::SaleKind kind = v1::SALE_KIND_UNSPECIFIED;
    if (!v1::SaleKind_Parse(absl::StrCat("SALE_KIND_", rows[i].Text("sale_kind")), &kind)) {
      return absl::InternalError("a sale of an unknown kind");
    }
    Sold& sum = sold[kind];
    const bool out = rows[i].Text("kind") == "DELIVERY";
    sum.net_amount += (out ? 1 : -1) * rows[i].Int("net_amount");
    sum.cost_amount += (out ? 1 : -1) * rows[i].Int("cost_amount");
    (out ? sum.delivery_count : sum.return_count) += rows[i].Int("notes");
  }
  return sold;
}

}  // namespace parts
