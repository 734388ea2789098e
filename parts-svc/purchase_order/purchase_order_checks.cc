// `verify` of procurement; see purchase_order_checks.h.
#include "parts-svc/purchase_order/purchase_order_checks.h"

#include "absl/strings/str_cat.h"
#include "chassis/status/status.h"

namespace parts {

using chassis::sql::Row;
using chassis::sql::Rows;
using chassis::sql::Uuid;

absl::StatusOr<LedgerCheck> VerifyPurchaseOrders(chassis::sql::Session& session, const std::string& store_id) {
  LedgerCheck check;
  check.set_name("purchase_orders");
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query(
          "SELECT o.number, o.state, o.total_amount, o.tax_amount, "
          "CAST(COALESCE(SUM(l.line_amount), 0) AS SIGNED) AS lines_amount, "
          "CAST(COALESCE(SUM(l.tax_amount), 0) AS SIGNED) AS lines_tax, "
          "CAST(COALESCE(SUM(l.open_milli), 0) AS SIGNED) AS open_milli, "
          "CAST(COALESCE(SUM(l.received_milli), 0) AS SIGNED) AS received_milli, "
          "o.approved_amount FROM purchase_order o LEFT JOIN purchase_order_line l ON l.store_id = o.store_id "
          "AND l.purchase_order_id = o.purchase_order_id WHERE o.store_id = ? GROUP BY o.purchase_order_id, "
          "o.number, o.state, o.total_amount, o.tax_amount, o.approved_amount",
          Uuid{store_id}));
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row row = rows[i];
    const std::string state = row.Text("state");
    const bool out = state == "SENT" || state == "PARTLY_RECEIVED";
    const bool done = state == "RECEIVED" || state == "CLOSED" || state == "CANCELLED" || state == "REJECTED";
    if (row.Int("total_amount") != row.Int("lines_amount") || row.Int("tax_amount") != row.Int("lines_tax")) {
      AddDifference(check, absl::StrCat("order ", row.Text("number"), ": total ", row.Int("total_amount"),
                                        " for lines of ", row.Int("lines_amount")));
    }
    const bool agrees = (!done || row.Int("open_milli") == 0) && (!out || row.Int("open_milli") > 0) &&
                        (state != "RECEIVED" || row.Int("received_milli") > 0);
    if (!agrees) {
      AddDifference(check, absl::StrCat("order ", row.Text("number"), " is ", state, " with ", row.Int("open_milli"),
                                        " to come and ", row.Int("received_milli"), " received"));
    }
    if (out && row.Int("total_amount") > row.Int("approved_amount")) {
      AddDifference(check, absl::StrCat("order ", row.Text("number"), " went out for ", row.Int("total_amount"),
                                        ", approved were ", row.Int("approved_amount")));
    }
  }
  check.set_checked_count(static_cast<int64_t>(rows.size()));
  return check;
}

absl::StatusOr<LedgerCheck> VerifySpecialOrders(chassis::sql::Session& session, const std::string& store_id) {
  LedgerCheck check;
  check.set_name("special_orders");
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query("SELECT s.holder_number, s.part_number, s.quantity_milli, o.state, "
                    "COALESCE(l.open_milli, 0) AS open_milli, COALESCE(l.received_milli, 0) AS received_milli FROM "
                    "special_order s LEFT JOIN purchase_order o ON o.store_id = s.store_id AND o.purchase_order_id = "
                    "s.purchase_order_id LEFT JOIN purchase_order_line l ON l.store_id = s.store_id AND "
                    "l.purchase_order_id = s.purchase_order_id AND l.purchase_order_line_id = "
                    "s.purchase_order_line_id WHERE s.store_id = ? AND s.state = 'ORDERED'",
                    Uuid{store_id}));
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row row = rows[i];
    if (row.Int("open_milli") + row.Int("received_milli") >= row.Int("quantity_milli")) continue;
    AddDifference(check, absl::StrCat("special order of ", row.Text("part_number"), " for ", row.Text("holder_number"),
                                      " wants ", row.Int("quantity_milli"), ", its order line has ",
                                      row.Int("open_milli"), " to come and ", row.Int("received_milli"), " received"));
  }
  check.set_checked_count(static_cast<int64_t>(rows.size()));
  return check;
}

}  // namespace parts
