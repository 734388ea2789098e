// `verify` of the reservations; see reservation_checks.h.
#include "parts-svc/reservation/reservation_checks.h"

#include "absl/strings/str_cat.h"
#include "chassis/status/status.h"

namespace parts {

using chassis::sql::Row;
using chassis::sql::Rows;
using chassis::sql::Uuid;

absl::StatusOr<LedgerCheck> VerifyReservations(chassis::sql::Session& session, const std::string& store_id) {
  LedgerCheck check;
  check.set_name("reservations");
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query(
          "SELECT s.part_number, s.on_hand_milli, s.reserved_milli, s.short_milli, "
          "CAST(COALESCE(SUM(l.reserved_milli), 0) AS SIGNED) AS held, CAST(COALESCE(SUM(l.short_milli), 0) "
          "AS SIGNED) AS waiting FROM part_stock s LEFT JOIN reservation_line l ON l.store_id = s.store_id "
          "AND l.part_id = s.part_id WHERE s.store_id = ? GROUP BY s.part_id, s.part_number, s.on_hand_milli, "
          "s.reserved_milli, s.short_milli",
          Uuid{store_id}));
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row row = rows[i];
    const bool agrees = row.Int("reserved_milli") == row.Int("held") && row.Int("short_milli") == row.Int("waiting");
    // Something free while somebody waits means that the queue was not served.
    const bool idle = row.Int("waiting") > 0 && row.Int("on_hand_milli") > row.Int("reserved_milli");
    if (agrees && !idle && row.Int("reserved_milli") <= row.Int("on_hand_milli")) continue;
    AddDifference(check, absl::StrCat("part ", row.Text("part_number"), ": on hand ", row.Int("on_hand_milli"),
                                      ", reserved ", row.Int("reserved_milli"), " for lines of ", row.Int("held"),
                                      ", short ", row.Int("short_milli"), " for lines of ", row.Int("waiting")));
  }
  ASSIGN_OR_RETURN(const Rows closed,
                   session.Query("SELECT r.holder_number, r.state FROM reservation r JOIN reservation_line l ON "
                                 "l.store_id = r.store_id AND l.reservation_id = r.reservation_id WHERE r.store_id = ? "
                                 "AND r.state <> 'ACTIVE' AND (l.reserved_milli > 0 OR l.short_milli > 0)",
                                 Uuid{store_id}));
  for (size_t i = 0; i < closed.size(); ++i) {
    AddDifference(check, absl::StrCat("reservation of ", closed[i].Text("holder_number"), " is ",
                                      closed[i].Text("state"), " and still holds"));
  }
  check.set_checked_count(static_cast<int64_t>(rows.size()));
  return check;
}

}  // namespace parts
