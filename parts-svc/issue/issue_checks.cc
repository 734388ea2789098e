// `verify` of the issue notes; see issue_checks.h.
#include "parts-svc/issue/issue_checks.h"

#include "absl/strings/str_cat.h"
#include "chassis/status/status.h"

namespace parts {

using chassis::sql::Row;
using chassis::sql::Rows;
using chassis::sql::Uuid;

absl::StatusOr<LedgerCheck> VerifyIssues(chassis::sql::Session& session, const std::string& store_id) {
  LedgerCheck check;
  check.set_name("issues");
  ASSIGN_OR_RETURN(
      const Rows lines,
      session.Query(
          "SELECT i.number, l.part_number, l.quantity_milli, l.cost_amount, COALESCE(m.quantity_milli, 0) AS "
          "moved_milli, COALESCE(m.cost_amount, 0) AS moved_amount FROM issue i JOIN issue_line l ON "
          "l.store_id = i.store_id AND l.issue_id = i.issue_id LEFT JOIN stock_movement m ON m.store_id = "
          "l.store_id AND m.document_id = l.issue_id AND m.document_line_id = l.issue_line_id AND m.part_id = "
          "l.part_id WHERE i.store_id = ?",
          Uuid{store_id}));
  for (size_t i = 0; i < lines.size(); ++i) {
    const Row row = lines[i];
    if (row.Int("quantity_milli") == row.Int("moved_milli") && row.Int("cost_amount") == row.Int("moved_amount"))
      continue;
    AddDifference(check, absl::StrCat("note ", row.Text("number"), ", part ", row.Text("part_number"), ": ",
                                      row.Int("quantity_milli"), " for ", row.Int("cost_amount"), ", moved ",
                                      row.Int("moved_milli"), " for ", row.Int("moved_amount")));
  }
  // What sales and transfers draw is proved by their own notes.
  ASSIGN_OR_RETURN(
      const Rows drawn,
      session.Query(
          "SELECT r.part_number, r.issued_milli, CAST(COALESCE(SUM(CASE WHEN i.kind = 'ISSUE' THEN "
          "l.quantity_milli ELSE -l.quantity_milli END), 0) AS SIGNED) AS noted_milli FROM reservation_line r "
          "JOIN reservation h ON h.store_id = r.store_id AND h.reservation_id = r.reservation_id AND h.holder_kind "
          "IN ('APPOINTMENT', 'REPAIR_ORDER', 'ADD_ON') "
          "LEFT JOIN issue_line l ON l.store_id = r.store_id AND l.reservation_line_id = "
          "r.reservation_line_id LEFT JOIN issue i ON i.store_id = l.store_id AND i.issue_id = l.issue_id "
          "WHERE r.store_id = ? GROUP BY r.reservation_id, r.reservation_line_id, r.part_number, "
          "r.issued_milli",
          Uuid{store_id}));
  for (size_t i = 0; i < drawn.size(); ++i) {
    if (drawn[i].Int("issued_milli") == drawn[i].Int("noted_milli")) continue;
    AddDifference(check, absl::StrCat("reservation line of part ", drawn[i].Text("part_number"), ": issued ",
                                      drawn[i].Int("issued_milli"), ", notes say ", drawn[i].Int("noted_milli")));
  }
  check.set_checked_count(static_cast<int64_t>(lines.size() + drawn.size()));
  return check;
}

}  // namespace parts
