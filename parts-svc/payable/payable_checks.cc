// `verify` of what suppliers are owed; see payable_checks.h.
#include "parts-svc/payable/payable_checks.h"

#include "absl/strings/str_cat.h"
#include "chassis/status/status.h"

namespace parts {
namespace {

using chassis::sql::Row;
using chassis::sql::Rows;
using chassis::sql::Session;
using chassis::sql::Uuid;

bool StateFits(const Row& row) {
  const int64_t settled = row.Int("paid_amount") + row.Int("credited_amount");
  const std::string state = row.Text("state");
  if (settled == 0) return state == "OPEN";
  return state == (settled == row.Int("amount") ? "SETTLED" : "PARTLY_SETTLED");
}

}  // namespace

absl::StatusOr<LedgerCheck> VerifyPayables(Session& session, const std::string& store_id) {
  LedgerCheck check;
  check.set_name("payables");
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query(
          "SELECT p.number, p.state, p.amount, p.paid_amount, p.credited_amount, p.proposed_amount, "
          "COALESCE(i.gross_amount, -1) AS invoiced, CAST(COALESCE(e.owed, 0) AS SIGNED) AS entered_owed, "
          "CAST(COALESCE(e.paid, 0) AS SIGNED) AS entered_paid, CAST(COALESCE(e.credited, 0) AS SIGNED) AS "
          "entered_credited, CAST(COALESCE(y.paid, 0) AS SIGNED) AS papers_paid, CAST(COALESCE(y.proposed, 0) AS "
          "SIGNED) AS papers_proposed FROM payable p LEFT JOIN supplier_invoice i ON i.store_id = p.store_id AND "
          "i.supplier_invoice_id = p.supplier_invoice_id AND i.state IN ('MATCHED', 'APPROVED') LEFT JOIN (SELECT "
          "payable_id, SUM(CASE WHEN credit_account = 'PAYABLES' THEN amount ELSE 0 END) AS owed, SUM(CASE WHEN "
          "credit_account = 'BANK' THEN amount ELSE 0 END) AS paid, SUM(CASE WHEN credit_account = "
          "'SUPPLIER_CREDITS' THEN amount ELSE 0 END) AS credited FROM payable_entry WHERE store_id = ? GROUP BY "
          "payable_id) e ON e.payable_id = p.payable_id LEFT JOIN (SELECT l.payable_id, SUM(CASE WHEN s.state = "
          "'PAID' THEN l.amount ELSE 0 END) AS paid, SUM(CASE WHEN s.state IN ('PROPOSED', 'APPROVED') THEN l.amount "
          "ELSE 0 END) AS proposed FROM supplier_payment_line l JOIN supplier_payment s ON s.store_id = l.store_id "
          "AND s.supplier_payment_id = l.supplier_payment_id WHERE l.store_id = ? GROUP BY l.payable_id) y ON "
          "y.payable_id = p.payable_id WHERE p.store_id = ?",
          Uuid{store_id}, Uuid{store_id}, Uuid{store_id}));
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row row = rows[i];
    const bool entries = row.Int("amount") == row.Int("entered_owed") &&
                         row.Int("paid_amount") == row.Int("entered_paid") &&
                         row.Int("credited_amount") == row.Int("entered_credited");
    const bool papers = row.Int("amount") == row.Int("invoiced") && row.Int("paid_amount") == row.Int("papers_paid") &&
                        row.Int("proposed_amount") == row.Int("papers_proposed");
    if (entries && papers && StateFits(row)) continue;
    AddDifference(check, absl::StrCat("payable ", row.Text("number"), " (", row.Text("state"), "): ", row.Int("amount"),
                                      " less ", row.Int("paid_amount"), " paid and ", row.Int("credited_amount"),
                                      " credited; entries ", row.Int("entered_owed"), " less ", row.Int("entered_paid"),
                                      " and ", row.Int("entered_credited"), "; bill ", row.Int("invoiced"),
                                      ", payments ", row.Int("papers_paid")));
  }
  ASSIGN_OR_RETURN(const Rows bills,
                   session.Query("SELECT i.number FROM supplier_invoice i LEFT JOIN payable p ON p.store_id = "
                                 "i.store_id AND p.supplier_invoice_id = i.supplier_invoice_id WHERE i.store_id = ? "
                                 "AND i.state IN ('MATCHED', 'APPROVED') AND p.payable_id IS NULL",
                                 Uuid{store_id}));
  for (size_t i = 0; i < bills.size(); ++i) {
    AddDifference(check, absl::StrCat("bill ", bills[i].Text("number"), " stands and nothing is owed for it"));
  }
  check.set_checked_count(static_cast<int64_t>(rows.size() + bills.size()));
  return check;
}

absl::StatusOr<LedgerCheck> VerifyCredits(Session& session, const std::string& store_id) {
  LedgerCheck check;
  check.set_name("supplier_credits");
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query(
          "SELECT c.number, c.amount, c.applied_amount, CAST(COALESCE(SUM(CASE WHEN e.debit_account = "
          "'SUPPLIER_CREDITS' THEN e.amount ELSE 0 END), 0) AS SIGNED) AS granted, CAST(COALESCE(SUM(CASE WHEN "
          "e.credit_account = 'SUPPLIER_CREDITS' THEN e.amount ELSE 0 END), 0) AS SIGNED) AS set_off FROM "
          "supplier_credit c LEFT JOIN payable_entry e ON e.store_id = c.store_id AND e.document_id = "
          "c.supplier_credit_id WHERE c.store_id = ? GROUP BY c.supplier_credit_id, c.number, c.amount, "
          "c.applied_amount",
          Uuid{store_id}));
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row row = rows[i];
    if (row.Int("amount") == row.Int("granted") && row.Int("applied_amount") == row.Int("set_off")) continue;
    AddDifference(
        check, absl::StrCat("credit ", row.Text("number"), ": ", row.Int("applied_amount"), " of ", row.Int("amount"),
                            " set off, entries ", row.Int("set_off"), " of ", row.Int("granted")));
  }
  check.set_checked_count(static_cast<int64_t>(rows.size()));
  return check;
}

}  // namespace parts
