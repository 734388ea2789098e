// `verify` of the receivables; see receivable_checks.h.
#include "parts-svc/receivable/receivable_checks.h"

#include "absl/strings/str_cat.h"
#include "chassis/status/status.h"

namespace parts {

using chassis::sql::Row;
using chassis::sql::Rows;
using chassis::sql::Uuid;

absl::StatusOr<LedgerCheck> VerifyReceivables(chassis::sql::Session& session, const std::string& store_id) {
  LedgerCheck check;
  check.set_name("sales_receivables");
  ASSIGN_OR_RETURN(
      const Rows receivables,
      session.Query(
          "SELECT r.number, r.state, r.gross_amount, r.collected_amount, r.credited_amount, r.written_off_amount, "
          "r.open_amount, CAST(COALESCE(SUM(CASE WHEN c.kind = 'COLLECTION' THEN c.amount WHEN c.kind = 'REFUND' THEN "
          "-c.amount ELSE 0 END), 0) AS SIGNED) AS money, CAST(COALESCE(SUM(CASE WHEN c.kind = 'CREDIT' THEN c.amount "
          "ELSE 0 END), 0) AS SIGNED) AS credit, CAST(COALESCE(SUM(CASE WHEN c.kind = 'WRITE_OFF' THEN c.amount ELSE 0 "
          "END), 0) AS SIGNED) AS written FROM sales_receivable r LEFT JOIN sales_collection c ON c.store_id = "
          "r.store_id AND c.receivable_id = r.receivable_id WHERE r.store_id = ? GROUP BY r.receivable_id, r.number, "
          "r.state, r.gross_amount, r.collected_amount, r.credited_amount, r.written_off_amount, r.open_amount",
          Uuid{store_id}));
  for (size_t i = 0; i < receivables.size(); ++i) {
    const Row row = receivables[i];
    const bool agrees = row.Int("collected_amount") == row.Int("money") &&
                        row.Int("credited_amount") == row.Int("credit") &&
                        row.Int("written_off_amount") == row.Int("written");
    const bool open = row.Text("state") == "OPEN";
    if (agrees && open == (row.Int("open_amount") > 0)) continue;
    AddDifference(check, absl::StrCat("receivable ", row.Text("number"), " is ", row.Text("state"), " with ",
                                      row.Int("open_amount"), " of ", row.Int("gross_amount"),
                                      " open; its entries say ", row.Int("money"), " collected, ", row.Int("credit"),
                                      " credited, ", row.Int("written"), " written off"));
  }
  ASSIGN_OR_RETURN(
      const Rows deliveries,
      session.Query(
          "SELECT d.number, d.net_amount + d.tax_amount AS worth, COALESCE(r.gross_amount, -1) AS gross_amount FROM "
          "sale_delivery d LEFT JOIN sales_receivable r ON r.store_id = d.store_id AND r.sale_delivery_id = "
          "d.sale_delivery_id WHERE d.store_id = ? AND d.kind = 'DELIVERY'",
          Uuid{store_id}));
  for (size_t i = 0; i < deliveries.size(); ++i) {
    if (deliveries[i].Int("worth") == deliveries[i].Int("gross_amount")) continue;
    AddDifference(check,
                  absl::StrCat("delivery ", deliveries[i].Text("number"), " is worth ", deliveries[i].Int("worth"),
                               ", its receivable says ", deliveries[i].Int("gross_amount")));
  }
  check.set_checked_count(static_cast<int64_t>(receivables.size() + deliveries.size()));
  return check;
}

}  // namespace parts
