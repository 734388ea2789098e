// `verify` of the stocktakes; see stocktake_checks.h.
#include "parts-svc/stocktake/stocktake_checks.h"

#include "absl/strings/str_cat.h"
#include "chassis/status/status.h"

namespace parts {

using chassis::sql::Row;
using chassis::sql::Rows;
using chassis::sql::Uuid;

absl::StatusOr<LedgerCheck> VerifyStocktakes(chassis::sql::Session& session, const std::string& store_id) {
  LedgerCheck check;
  check.set_name("stocktakes");
  ASSIGN_OR_RETURN(
      const Rows sheets,
      session.Query(
          "SELECT s.number, s.state, s.gain_amount, s.loss_amount, (SELECT COUNT(*) FROM location f WHERE "
          "f.store_id = s.store_id AND f.frozen_by_stocktake_id = s.stocktake_id) AS frozen, "
          "CAST(COALESCE(SUM(GREATEST(l.difference_amount, 0)), 0) AS SIGNED) AS gain, "
          "CAST(COALESCE(SUM(GREATEST(-l.difference_amount, 0)), 0) AS SIGNED) AS loss FROM stocktake s LEFT "
          "JOIN stocktake_line l ON l.store_id = s.store_id AND l.stocktake_id = s.stocktake_id WHERE "
          "s.store_id = ? GROUP BY s.store_id, s.stocktake_id, s.number, s.state, s.gain_amount, s.loss_amount",
          Uuid{store_id}));
  for (size_t i = 0; i < sheets.size(); ++i) {
    const Row row = sheets[i];
    const std::string state = row.Text("state");
    const bool over = state == "POSTED" || state == "CANCELLED";
    if (over && row.Int("frozen") > 0) {
      AddDifference(check, absl::StrCat("stocktake ", row.Text("number"), " is over and still freezes ",
                                        row.Int("frozen"), " bins"));
    }
    if (state != "POSTED" || (row.Int("gain") == row.Int("gain_amount") && row.Int("loss") == row.Int("loss_amount"))) {
      continue;
    }
    AddDifference(check,
                  absl::StrCat("stocktake ", row.Text("number"), ": gain ", row.Int("gain_amount"), ", loss ",
                               row.Int("loss_amount"), ", lines say ", row.Int("gain"), " and ", row.Int("loss")));
  }
  ASSIGN_OR_RETURN(
      const Rows lines,
      session.Query(
          "SELECT s.number, l.part_number, l.location_code, l.difference_milli, l.difference_amount, "
          "CAST(COALESCE(SUM(CASE WHEN m.to_location_id = l.location_id THEN m.quantity_milli ELSE "
          "-m.quantity_milli END), 0) AS SIGNED) AS moved_milli, CAST(COALESCE(SUM(CASE WHEN m.to_location_id = "
          "l.location_id THEN m.cost_amount ELSE -m.cost_amount END), 0) AS SIGNED) AS moved_amount FROM "
          "stocktake s JOIN stocktake_line l ON l.store_id = s.store_id AND l.stocktake_id = s.stocktake_id "
          "LEFT JOIN stock_movement m ON m.store_id = l.store_id AND m.document_id = l.stocktake_id AND "
          "m.document_line_id = l.stocktake_line_id WHERE s.store_id = ? AND s.state = 'POSTED' GROUP BY "
          "s.number, l.stocktake_line_id, l.part_number, l.location_code, l.difference_milli, "
          "l.difference_amount",
          Uuid{store_id}));
  for (size_t i = 0; i < lines.size(); ++i) {
    const Row row = lines[i];
    if (row.Int("difference_milli") == row.Int("moved_milli") &&
        row.Int("difference_amount") == row.Int("moved_amount")) {
      continue;
    }
    AddDifference(check, absl::StrCat("stocktake ", row.Text("number"), ", part ", row.Text("part_number"), " in ",
                                      row.Text("location_code"), ": difference ", row.Int("difference_milli"), " for ",
                                      row.Int("difference_amount"), ", moved ", row.Int("moved_milli"), " for ",
                                      row.Int("moved_amount")));
  }
  check.set_checked_count(static_cast<int64_t>(sheets.size() + lines.size()));
  return check;
}

}  // namespace parts
