// The SQL of issue and return notes; see issue_store.h.
#include "parts-svc/issue/issue_store.h"

#include "absl/strings/str_cat.h"

namespace parts {

using chassis::sql::Rows;
using chassis::sql::Session;
using chassis::sql::Uuid;

absl::StatusOr<std::map<std::string, CameBack>> IssueStore::CameBackOf(Session& session, const std::string& store_id,
                                                                       const std::vector<std::string>& issue_line_ids) {
  std::map<std::string, CameBack> back;
  if (issue_line_ids.empty()) return back;
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.QueryValues(
          absl::StrCat("SELECT source_issue_line_id, CAST(SUM(quantity_milli) AS SIGNED) AS "
                       "quantity_milli, CAST(SUM(cost_amount) AS SIGNED) AS cost_amount "
                       "FROM issue_line WHERE store_id = ? AND source_issue_line_id IN (",
                       chassis::sql::Placeholders(issue_line_ids.size()), ") GROUP BY source_issue_line_id"),
          WithIds(store_id, issue_line_ids)));
  for (size_t i = 0; i < rows.size(); ++i) {
    back[rows[i].Id("source_issue_line_id")] = {rows[i].Int("quantity_milli"), rows[i].Int("cost_amount")};
  }
  return back;
}

absl::StatusOr<std::vector<DrawnLine>> IssueStore::DrawnFor(Session& session, const std::string& store_id,
                                                            const std::string& order_id) {
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query("SELECT l.holder_line_id, l.part_id, l.part_number, i.kind, CAST(SUM(l.quantity_milli) AS SIGNED) "
                    "AS quantity_milli, CAST(SUM(l.cost_amount) AS SIGNED) AS cost_amount FROM issue i JOIN issue_line "
                    "l ON l.store_id = i.store_id AND l.issue_id = i.issue_id WHERE i.store_id = ? AND i.order_id = ? "
                    "GROUP BY l.holder_line_id, l.part_id, l.part_number, i.kind",
                    Uuid{store_id}, Uuid{order_id}));
  std::vector<DrawnLine> drawn(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    drawn[i] = {
        rows[i].Id("holder_line_id"),  rows[i].Id("part_id"),
        rows[i].Text("part_number"),   rows[i].Text("kind") == "ISSUE" ? v1::Issue::KIND_ISSUE : v1::Issue::KIND_RETURN,
        rows[i].Int("quantity_milli"), rows[i].Int("cost_amount")};
  }
  return drawn;
}

}  // namespace parts
