// `verify` of the old parts; see old_part_checks.h.
#include "parts-svc/old_part/old_part_checks.h"

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/location.pb.h"
#include "chassis/status/status.h"
#include "parts-svc/location/location_rules.h"

namespace parts {
namespace {

using chassis::sql::Row;
using chassis::sql::Rows;
using chassis::sql::Uuid;

bool LiesInStore(const Row& row) { return row.Text("state") == "STORED" || row.Text("state") == "SHOWN"; }
// An approved exception for one that lay in store took it off its bin.
bool IsGone(const Row& row) {
  const std::string state = row.Text("state");
  const bool lost = state == "EXCEPTED" && row.Int("was_stored") == 1;
  return state == "HANDED_OVER" || state == "SENT" || state == "SCRAPPED" || lost;
}

}  // namespace

absl::StatusOr<LedgerCheck> VerifyOldParts(chassis::sql::Session& session, const std::string& store_id) {
  LedgerCheck check;
  check.set_name("old_parts");
  ASSIGN_OR_RETURN(
      const Rows owed,
      session.Query("SELECT i.number, l.part_number, l.quantity_milli, COALESCE(o.quantity_milli, 0) AS expected_milli "
                    "FROM issue i JOIN issue_line l ON l.store_id = i.store_id AND l.issue_id = i.issue_id LEFT JOIN "
                    "old_part o ON o.store_id = l.store_id AND o.issue_line_id = l.issue_line_id WHERE i.store_id = ? "
                    "AND i.kind = 'ISSUE' AND l.old_part_owed = 1",
                    Uuid{store_id}));
  for (size_t i = 0; i < owed.size(); ++i) {
    if (owed[i].Int("quantity_milli") == owed[i].Int("expected_milli")) continue;
    AddDifference(
        check, absl::StrCat("issue ", owed[i].Text("number"), ", part ", owed[i].Text("part_number"), ": owes ",
                            owed[i].Int("quantity_milli"), " old ones, ", owed[i].Int("expected_milli"), " are known"));
  }
  // A run's movements have the run as their document and the old part as their line.
  ASSIGN_OR_RETURN(
      const Rows parts,
      session.Query(
          "SELECT o.issue_number, o.part_number, o.tag_code, o.state, o.quantity_milli - o.unused_milli AS due_milli, "
          "CASE WHEN o.store_time IS NULL THEN 0 ELSE 1 END AS was_stored, "
          "CAST(COALESCE(SUM(CASE WHEN m.from_location_id = ? THEN m.quantity_milli ELSE 0 END), 0) AS SIGNED) AS "
          "in_milli, CAST(COALESCE(SUM(CASE WHEN m.from_location_id <> ? THEN m.quantity_milli ELSE 0 END), 0) + "
          "COALESCE(MAX(r.quantity_milli), 0) AS SIGNED) AS out_milli FROM old_part o LEFT JOIN stock_movement m ON "
          "m.store_id = o.store_id AND m.document_id = o.old_part_id LEFT JOIN stock_movement r ON r.store_id = "
          "o.store_id AND r.document_id = o.old_part_run_id AND r.document_line_id = o.old_part_id WHERE o.store_id = "
          "? "
          "GROUP BY o.old_part_id, o.issue_number, o.part_number, o.tag_code, o.state, o.quantity_milli, "
          "o.unused_milli, o.store_time",
          Uuid{AccountId(store_id, v1::Location::KIND_WORKSHOP)},
          Uuid{AccountId(store_id, v1::Location::KIND_WORKSHOP)}, Uuid{store_id}));
  for (size_t i = 0; i < parts.size(); ++i) {
    const Row row = parts[i];
    const int64_t in = LiesInStore(row) || IsGone(row) ? row.Int("due_milli") : 0;
    const int64_t out = IsGone(row) ? row.Int("due_milli") : 0;
    if (row.Int("in_milli") == in && row.Int("out_milli") == out) continue;
    AddDifference(check,
                  absl::StrCat("old part ", row.Text("tag_code"), " of issue ", row.Text("issue_number"), ", part ",
                               row.Text("part_number"), " is ", row.Text("state"), "; the ledger says ",
                               row.Int("in_milli"), " in, ", row.Int("out_milli"), " out"));
  }
  check.set_checked_count(static_cast<int64_t>(owed.size() + parts.size()));
  return check;
}

}  // namespace parts
