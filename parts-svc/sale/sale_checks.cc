// `verify` of the sales; see sale_checks.h.
#include "parts-svc/sale/sale_checks.h"

#include "absl/strings/str_cat.h"
#include "chassis/status/status.h"

namespace parts {

using chassis::sql::Row;
using chassis::sql::Rows;
using chassis::sql::Uuid;

absl::StatusOr<LedgerCheck> VerifySales(chassis::sql::Session& session, const std::string& store_id) {
  LedgerCheck check;
  check.set_name("sales");
  ASSIGN_OR_RETURN(
      const Rows notes,
      session.Query(
          "SELECT d.number, l.part_number, l.quantity_milli, l.cost_amount, COALESCE(m.quantity_milli, 0) AS "
          "moved_milli, COALESCE(m.cost_amount, 0) AS moved_amount FROM sale_delivery d JOIN sale_delivery_line l ON "
          "l.store_id = d.store_id AND l.sale_delivery_id = d.sale_delivery_id LEFT JOIN stock_movement m ON "
          "m.store_id = l.store_id AND m.document_id = l.sale_delivery_id AND m.document_line_id = "
          "l.sale_delivery_line_id AND m.part_id = l.part_id WHERE d.store_id = ?",
          Uuid{store_id}));
  for (size_t i = 0; i < notes.size(); ++i) {
    const Row row = notes[i];
    if (row.Int("quantity_milli") == row.Int("moved_milli") && row.Int("cost_amount") == row.Int("moved_amount"))
      continue;
    AddDifference(check, absl::StrCat("sales note ", row.Text("number"), ", part ", row.Text("part_number"), ": ",
                                      row.Int("quantity_milli"), " for ", row.Int("cost_amount"), ", moved ",
                                      row.Int("moved_milli"), " for ", row.Int("moved_amount")));
  }
  ASSIGN_OR_RETURN(
      const Rows sold,
      session.Query(
          "SELECT s.part_number, s.delivered_milli, s.delivered_net_amount, s.returned_milli, "
          "CAST(COALESCE(SUM(CASE WHEN d.kind = 'DELIVERY' THEN l.quantity_milli ELSE 0 END), 0) AS SIGNED) AS "
          "out_milli, "
          "CAST(COALESCE(SUM(CASE WHEN d.kind = 'DELIVERY' THEN l.net_amount ELSE 0 END), 0) AS SIGNED) AS out_amount, "
          "CAST(COALESCE(SUM(CASE WHEN d.kind = 'RETURN' THEN l.quantity_milli ELSE 0 END), 0) AS SIGNED) AS "
          "back_milli "
          "FROM sale_line s LEFT JOIN sale_delivery_line l ON l.store_id = s.store_id AND l.sale_line_id = "
          "s.sale_line_id LEFT JOIN sale_delivery d ON d.store_id = l.store_id AND d.sale_delivery_id = "
          "l.sale_delivery_id WHERE s.store_id = ? GROUP BY s.sale_id, s.sale_line_id, s.part_number, "
          "s.delivered_milli, s.delivered_net_amount, s.returned_milli",
          Uuid{store_id}));
  for (size_t i = 0; i < sold.size(); ++i) {
    const Row row = sold[i];
    if (row.Int("delivered_milli") == row.Int("out_milli") &&
        row.Int("delivered_net_amount") == row.Int("out_amount") && row.Int("returned_milli") == row.Int("back_milli"))
      continue;
    AddDifference(check, absl::StrCat("sale line of part ", row.Text("part_number"), ": delivered ",
                                      row.Int("delivered_milli"), " for ", row.Int("delivered_net_amount"),
                                      ", returned ", row.Int("returned_milli"), "; notes say ", row.Int("out_milli"),
                                      " for ", row.Int("out_amount"), ", returned ", row.Int("back_milli")));
  }
  ASSIGN_OR_RETURN(
      const Rows drawn,
      session.Query("SELECT s.part_number, s.delivered_milli, CAST(COALESCE(SUM(l.issued_milli), 0) AS SIGNED) AS "
                    "drawn_milli FROM sale_line s LEFT JOIN reservation r ON r.store_id = s.store_id AND r.holder_id = "
                    "s.sale_id LEFT JOIN reservation_line l ON l.store_id = r.store_id AND l.reservation_id = "
                    "r.reservation_id AND l.holder_line_id = s.sale_line_id WHERE s.store_id = ? GROUP BY s.sale_id, "
                    "s.sale_line_id, s.part_number, s.delivered_milli",
                    Uuid{store_id}));
  for (size_t i = 0; i < drawn.size(); ++i) {
    if (drawn[i].Int("delivered_milli") == drawn[i].Int("drawn_milli")) continue;
    AddDifference(check, absl::StrCat("sale line of part ", drawn[i].Text("part_number"), ": delivered ",
                                      drawn[i].Int("delivered_milli"), ", drawn from what was held ",
                                      drawn[i].Int("drawn_milli")));
  }
  check.set_checked_count(static_cast<int64_t>(notes.size() + sold.size()));
  return check;
}

}  // namespace parts
