// `verify` of the goods receipts; see receiving_checks.h.
#include "parts-svc/receiving/receiving_checks.h"

#include "absl/strings/str_cat.h"
#include "chassis/status/status.h"

namespace parts {
namespace {

using chassis::sql::Row;
using chassis::sql::Rows;
using chassis::sql::Session;
using chassis::sql::Uuid;

// What each posted line says against the ledger, the bills and the returns.
absl::Status CheckLines(Session& session, const std::string& store_id, LedgerCheck& check) {
  ASSIGN_OR_RETURN(
      const Rows lines,
      session.Query(
          "SELECT r.number, l.part_number, l.accepted_milli + l.rejected_milli + l.excess_milli AS said_milli, "
          "l.cost_amount + l.quarantine_cost_amount AS said_amount, l.billed_milli, l.returned_milli, "
          "CAST(COALESCE(m.quantity_milli, 0) AS SIGNED) AS moved_milli, CAST(COALESCE(m.cost_amount, 0) AS SIGNED) AS "
          "moved_amount, CAST(COALESCE(b.quantity_milli, 0) AS SIGNED) AS bills_milli, CAST(COALESCE(s.quantity_milli, "
          "0) AS SIGNED) AS returns_milli FROM goods_receipt r JOIN goods_receipt_line l ON l.store_id = r.store_id "
          "AND "
          "l.goods_receipt_id = r.goods_receipt_id LEFT JOIN (SELECT document_line_id, SUM(quantity_milli) AS "
          "quantity_milli, SUM(cost_amount) AS cost_amount FROM stock_movement WHERE store_id = ? AND document_kind = "
          "'RECEIPT' GROUP BY document_line_id) m ON m.document_line_id = l.goods_receipt_line_id LEFT JOIN (SELECT "
          "t.goods_receipt_line_id, SUM(t.quantity_milli) AS quantity_milli FROM supplier_invoice_line t JOIN "
          "supplier_invoice i ON i.store_id = t.store_id AND i.supplier_invoice_id = t.supplier_invoice_id WHERE "
          "t.store_id = ? AND i.state IN ('MATCHED', 'APPROVED') GROUP BY t.goods_receipt_line_id) b ON "
          "b.goods_receipt_line_id = l.goods_receipt_line_id LEFT JOIN (SELECT t.goods_receipt_line_id, "
          "SUM(t.quantity_milli) AS quantity_milli FROM supplier_return_line t JOIN supplier_return p ON p.store_id = "
          "t.store_id AND p.supplier_return_id = t.supplier_return_id WHERE t.store_id = ? AND p.state <> 'CANCELLED' "
          "GROUP BY t.goods_receipt_line_id) s ON s.goods_receipt_line_id = l.goods_receipt_line_id WHERE r.store_id = "
          "? AND r.post_time IS NOT NULL",
          Uuid{store_id}, Uuid{store_id}, Uuid{store_id}, Uuid{store_id}));
  for (size_t i = 0; i < lines.size(); ++i) {
    const Row row = lines[i];
    const bool moved =
        row.Int("said_milli") == row.Int("moved_milli") && row.Int("said_amount") == row.Int("moved_amount");
    if (moved && row.Int("billed_milli") == row.Int("bills_milli") &&
        row.Int("returned_milli") == row.Int("returns_milli")) {
      continue;
    }
    AddDifference(check, absl::StrCat("receipt ", row.Text("number"), ", part ", row.Text("part_number"), ": ",
                                      row.Int("said_milli"), " for ", row.Int("said_amount"), ", moved ",
                                      row.Int("moved_milli"), " for ", row.Int("moved_amount"), "; billed ",
                                      row.Int("billed_milli"), ", bills say ", row.Int("bills_milli"), "; returned ",
                                      row.Int("returned_milli"), ", returns say ", row.Int("returns_milli")));
  }
  check.set_checked_count(check.checked_count() + static_cast<int64_t>(lines.size()));
  return absl::OkStatus();
}

// Differences accepted into a bin have moved; a receipt is open while one of its differences is.
absl::Status CheckDifferences(Session& session, const std::string& store_id, LedgerCheck& check) {
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query(
          "SELECT r.number, r.state, CAST(COALESCE(SUM(CASE WHEN d.settlement = 'UNSPECIFIED' THEN 1 ELSE 0 END), 0) "
          "AS "
          "SIGNED) AS open_count, CAST(COALESCE(SUM(CASE WHEN d.settlement = 'ACCEPT' AND d.kind <> 'SHORT' THEN "
          "d.quantity_milli ELSE 0 END), 0) AS SIGNED) AS accepted_milli, CAST(COALESCE(SUM(m.quantity_milli), 0) AS "
          "SIGNED) AS moved_milli FROM goods_receipt r LEFT JOIN goods_receipt_difference d ON d.store_id = r.store_id "
          "AND d.goods_receipt_id = r.goods_receipt_id LEFT JOIN stock_movement m ON m.store_id = d.store_id AND "
          "m.document_id = d.goods_receipt_difference_id WHERE r.store_id = ? AND r.post_time IS NOT NULL GROUP BY "
          "r.goods_receipt_id, r.number, r.state",
          Uuid{store_id}));
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row row = rows[i];
    const bool open = row.Int("open_count") > 0;
    if (open == (row.Text("state") == "DIFFERENCES_OPEN") && row.Int("accepted_milli") == row.Int("moved_milli")) {
      continue;
    }
    AddDifference(check, absl::StrCat("receipt ", row.Text("number"), " is ", row.Text("state"), " with ",
                                      row.Int("open_count"), " differences open; accepted ", row.Int("accepted_milli"),
                                      ", moved ", row.Int("moved_milli")));
  }
  check.set_checked_count(check.checked_count() + static_cast<int64_t>(rows.size()));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<LedgerCheck> VerifyGoodsReceipts(Session& session, const std::string& store_id) {
  LedgerCheck check;
  check.set_name("goods_receipts");
  RETURN_IF_ERROR(CheckLines(session, store_id, check));
  RETURN_IF_ERROR(CheckDifferences(session, store_id, check));
  return check;
}

}  // namespace parts
