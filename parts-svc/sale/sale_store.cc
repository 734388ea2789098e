// The SQL of sales; see sale_store.h.
#include "parts-svc/sale/sale_store.h"

#include "absl/strings/str_cat.h"
#include "parts-svc/ledger/ledger_store.h"

namespace parts {

using chassis::sql::Rows;
using chassis::sql::Session;
using chassis::sql::Uuid;

absl::StatusOr<int64_t> SaleStore::OrderedOnAccount(Session& session, const std::string& store_id,
                                                    const std::string& buyer_id) {
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query("SELECT CAST(COALESCE(SUM(l.net_amount + l.tax_amount - l.delivered_net_amount - "
                    "l.delivered_tax_amount), 0) AS SIGNED) AS amount FROM sale s JOIN sale_line l ON l.store_id = "
                    "s.store_id AND l.sale_id = s.sale_id WHERE s.store_id = ? AND s.buyer_id = ? AND s.state IN "
                    "('CONFIRMED', 'PARTLY_DELIVERED') AND s.terms = 'ON_ACCOUNT'",
                    Uuid{store_id}, Uuid{buyer_id}));
  return rows[0].Int("amount");
}

absl::StatusOr<std::map<std::string, BroughtBack>> SaleStore::BroughtBackOf(Session& session,
                                                                            const std::string& store_id,
                                                                            const std::vector<std::string>& line_ids) {
  std::map<std::string, BroughtBack> back;
  if (line_ids.empty()) return back;
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.QueryValues(
          absl::StrCat("SELECT source_sale_delivery_line_id, CAST(SUM(quantity_milli) AS SIGNED) AS quantity_milli, "
                       "CAST(SUM(net_amount) AS SIGNED) AS net_amount, CAST(SUM(tax_amount) AS SIGNED) AS tax_amount, "
                       "CAST(SUM(cost_amount) AS SIGNED) AS cost_amount FROM sale_delivery_line WHERE store_id = ? AND "
                       "source_sale_delivery_line_id IN (",
                       chassis::sql::Placeholders(line_ids.size()), ") GROUP BY source_sale_delivery_line_id"),
          WithIds(store_id, line_ids)));
  for (size_t i = 0; i < rows.size(); ++i) {
    back[rows[i].Id("source_sale_delivery_line_id")] = {rows[i].Int("quantity_milli"), rows[i].Int("net_amount"),
                                                        rows[i].Int("tax_amount"), rows[i].Int("cost_amount")};
  }
  return back;
}

absl::StatusOr<std::vector<SaleStore::Due>> SaleStore::Expired(Session& session, const std::string& date,
                                                               int64_t count_max) {
  ASSIGN_OR_RETURN(const Rows rows, session.Query("SELECT store_id, sale_id FROM sale WHERE state = 'QUOTED' AND "
                                                  "valid_date < ? ORDER BY valid_date LIMIT ?",
                                                  date, count_max));
  std::vector<Due> due;
  for (size_t i = 0; i < rows.size(); ++i) due.push_back({rows[i].Id("store_id"), rows[i].Id("sale_id")});
  return due;
}

}  // namespace parts
