// `verify` of suppliers' bills; see supplier_invoice_checks.h.
#include "parts-svc/supplier_invoice/supplier_invoice_checks.h"

#include "absl/strings/str_cat.h"
#include "chassis/status/status.h"

namespace parts {

using chassis::sql::Row;
using chassis::sql::Rows;
using chassis::sql::Uuid;

absl::StatusOr<LedgerCheck> VerifySupplierInvoices(chassis::sql::Session& session, const std::string& store_id) {
  LedgerCheck check;
  check.set_name("supplier_invoices");
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query(
          "SELECT i.number, i.net_amount, i.tax_amount, CAST(COALESCE(p.net_amount, 0) AS SIGNED) AS lines_net, "
          "CAST(COALESCE(p.tax_amount, 0) AS SIGNED) AS lines_tax, CAST(COALESCE(p.stock_amount, 0) AS SIGNED) AS "
          "stock_amount, CAST(COALESCE(p.variance_amount, 0) AS SIGNED) AS variance_amount, "
          "CAST(COALESCE(m.stock_amount, 0) AS SIGNED) AS moved_stock, CAST(COALESCE(m.variance_amount, 0) AS SIGNED) "
          "AS moved_variance FROM supplier_invoice i LEFT JOIN (SELECT t.supplier_invoice_id, SUM(t.net_amount) AS "
          "net_amount, SUM(t.tax_amount) AS tax_amount, SUM(t.stock_amount) AS stock_amount, SUM(t.variance_amount) AS "
          "variance_amount FROM (SELECT supplier_invoice_id, net_amount, tax_amount, stock_amount, variance_amount "
          "FROM "
          "supplier_invoice_line WHERE store_id = ? UNION ALL SELECT supplier_invoice_id, net_amount, tax_amount, "
          "stock_amount, variance_amount FROM supplier_invoice_charge WHERE store_id = ?) t GROUP BY "
          "t.supplier_invoice_id) p ON p.supplier_invoice_id = i.supplier_invoice_id LEFT JOIN (SELECT v.document_id, "
          "SUM(CASE WHEN t.kind NOT IN ('SUPPLIER', 'VARIANCE') THEN v.cost_amount WHEN f.kind NOT IN ('SUPPLIER', "
          "'VARIANCE') THEN -v.cost_amount ELSE 0 END) AS stock_amount, SUM(CASE WHEN t.kind = 'VARIANCE' THEN "
          "v.cost_amount WHEN f.kind = 'VARIANCE' THEN -v.cost_amount ELSE 0 END) AS variance_amount FROM "
          "stock_movement v JOIN location t ON t.store_id = v.store_id AND t.location_id = v.to_location_id JOIN "
          "location f ON f.store_id = v.store_id AND f.location_id = v.from_location_id WHERE v.store_id = ? AND "
          "v.document_kind = 'LANDED_COST' GROUP BY v.document_id) m ON m.document_id = i.supplier_invoice_id WHERE "
          "i.store_id = ?",
          Uuid{store_id}, Uuid{store_id}, Uuid{store_id}, Uuid{store_id}));
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row row = rows[i];
    const bool adds_up = row.Int("net_amount") == row.Int("lines_net") && row.Int("tax_amount") == row.Int("lines_tax");
    if (adds_up && row.Int("stock_amount") == row.Int("moved_stock") &&
        row.Int("variance_amount") == row.Int("moved_variance")) {
      continue;
    }
    AddDifference(check,
                  absl::StrCat("bill ", row.Text("number"), ": ", row.Int("net_amount"), " and tax ",
                               row.Int("tax_amount"), ", lines ", row.Int("lines_net"), " and ", row.Int("lines_tax"),
                               "; goods ", row.Int("stock_amount"), " and variance ", row.Int("variance_amount"),
                               ", moved ", row.Int("moved_stock"), " and ", row.Int("moved_variance")));
  }
  check.set_checked_count(static_cast<int64_t>(rows.size()));
  return check;
}

}  // namespace parts
