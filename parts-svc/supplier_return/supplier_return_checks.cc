// `verify` of the supplier returns; see supplier_return_checks.h.
#include "parts-svc/supplier_return/supplier_return_checks.h"

#include "absl/strings/str_cat.h"
#include "chassis/status/status.h"

namespace parts {

using chassis::sql::Row;
using chassis::sql::Rows;
using chassis::sql::Uuid;

absl::StatusOr<LedgerCheck> VerifySupplierReturns(chassis::sql::Session& session, const std::string& store_id) {
  LedgerCheck check;
  check.set_name("supplier_returns");
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query(
          "SELECT p.number, l.part_number, CASE WHEN p.state IN ('SHIPPED', 'CREDITED') THEN l.quantity_milli ELSE 0 "
          "END AS said_milli, l.cost_amount, CASE WHEN p.state = 'CREDITED' THEN l.cost_amount - l.credit_amount ELSE "
          "0 "
          "END AS said_variance, CAST(COALESCE(m.moved_milli, 0) AS SIGNED) AS moved_milli, "
          "CAST(COALESCE(m.moved_amount, 0) AS SIGNED) AS moved_amount, CAST(COALESCE(m.variance_amount, 0) AS SIGNED) "
          "AS variance_amount FROM supplier_return p JOIN supplier_return_line l ON l.store_id = p.store_id AND "
          "l.supplier_return_id = p.supplier_return_id LEFT JOIN (SELECT v.document_line_id, SUM(v.quantity_milli) AS "
          "moved_milli, SUM(CASE WHEN v.document_kind = 'SUPPLIER_RETURN' THEN v.cost_amount ELSE 0 END) AS "
          "moved_amount, SUM(CASE WHEN v.document_kind <> 'LANDED_COST' THEN 0 WHEN t.kind = 'VARIANCE' THEN "
          "v.cost_amount ELSE -v.cost_amount END) AS variance_amount FROM stock_movement v JOIN location t ON "
          "t.store_id = v.store_id AND t.location_id = v.to_location_id WHERE v.store_id = ? AND v.document_kind IN "
          "('SUPPLIER_RETURN', 'LANDED_COST') GROUP BY v.document_line_id) m ON m.document_line_id = "
          "l.supplier_return_line_id WHERE p.store_id = ?",
          Uuid{store_id}, Uuid{store_id}));
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row row = rows[i];
    if (row.Int("said_milli") == row.Int("moved_milli") && row.Int("cost_amount") == row.Int("moved_amount") &&
        row.Int("said_variance") == row.Int("variance_amount")) {
      continue;
    }
    AddDifference(check, absl::StrCat("return ", row.Text("number"), ", part ", row.Text("part_number"), ": ",
                                      row.Int("said_milli"), " for ", row.Int("cost_amount"), ", moved ",
                                      row.Int("moved_milli"), " for ", row.Int("moved_amount"), "; variance ",
                                      row.Int("said_variance"), ", moved ", row.Int("variance_amount")));
  }
  check.set_checked_count(static_cast<int64_t>(rows.size()));
  return check;
}

}  // namespace parts
