// `verify` of the stock; see ledger_checks.h.
#include "parts-svc/ledger/ledger_checks.h"

#include "absl/strings/str_cat.h"
#include "chassis/status/status.h"

namespace parts {
namespace {

using chassis::sql::Row;
using chassis::sql::Rows;
using chassis::sql::Session;
using chassis::sql::Uuid;

constexpr int kDifferencesMax = 100;

// Every kind of paper that moves goods, one row each: a room that books goods adds its own. `moved` is for papers that
// exist before their goods have moved.
struct PaperTable {
  const char* name;
  const char* key;
  const char* moved = "";
  const char* number = "number";
};
constexpr PaperTable kPaperTables[] = {
    {"stock_document", "stock_document_id"},
    {"issue", "issue_id"},
    {"goods_receipt", "goods_receipt_id", " AND post_time IS NOT NULL"},
    {"goods_receipt_difference", "goods_receipt_difference_id", " AND settlement = 'ACCEPT' AND kind <> 'SHORT'",
     "settlement_number"},
    {"supplier_return", "supplier_return_id", " AND ship_time IS NOT NULL"},
    // A bill at the order's prices and without charges moves no cost.
    {"supplier_invoice", "supplier_invoice_id",
     " AND payable_id IS NOT NULL AND (EXISTS (SELECT 1 FROM supplier_invoice_line l WHERE l.store_id = "
     "supplier_invoice.store_id AND l.supplier_invoice_id = supplier_invoice.supplier_invoice_id AND (l.stock_amount "
     "<> 0 OR l.variance_amount <> 0)) OR EXISTS (SELECT 1 FROM supplier_invoice_charge c WHERE c.store_id = "
     "supplier_invoice.store_id AND c.supplier_invoice_id = supplier_invoice.supplier_invoice_id))"},
    {"sale_delivery", "sale_delivery_id"},
    {"old_part", "old_part_id", " AND store_time IS NOT NULL", "tag_code"},
    // A run that keeps everything moves nothing.
    {"old_part_run", "old_part_run_id",
     " AND state = 'POSTED' AND EXISTS (SELECT 1 FROM old_part_run_line l WHERE l.store_id = old_part_run.store_id AND "
     "l.old_part_run_id = old_part_run.old_part_run_id AND l.decision <> 'KEEP')"},
    {"transfer", "transfer_id",
     " AND EXISTS (SELECT 1 FROM transfer_item i WHERE i.store_id = transfer.store_id AND i.transfer_id = "
     "transfer.transfer_id AND (transfer.side = 'SUPPLYING' OR i.received_milli > 0))"},
    {"working_stock_note", "working_stock_note_id"},
    {"consignment_note", "consignment_note_id"},
    {"stocktake", "stocktake_id", " AND state = 'POSTED' AND deviating_line_count > 0"},
};

}  // namespace

void AddDifference(LedgerCheck& check, std::string difference) {
  check.set_difference_count(check.difference_count() + 1);
  if (check.differences_size() < kDifferencesMax) check.add_differences(std::move(difference));
}

absl::StatusOr<LedgerCheck> VerifyOnHand(Session& session, const std::string& store_id) {
  LedgerCheck check;
  check.set_name("stock_on_hand");
  ASSIGN_OR_RETURN(
      const Rows bins,
      session.Query(
          "SELECT t.part_id, l.code, CAST(SUM(t.ledger) AS SIGNED) AS ledger, CAST(SUM(t.balance) AS SIGNED) "
          "AS balance FROM (SELECT part_id, to_location_id AS location_id, quantity_milli AS ledger, 0 AS "
          "balance FROM stock_movement WHERE store_id = ? UNION ALL SELECT part_id, from_location_id, "
          "-quantity_milli, 0 FROM stock_movement WHERE store_id = ? UNION ALL SELECT part_id, location_id, 0, "
          "on_hand_milli FROM stock_balance WHERE store_id = ?) t JOIN location l ON l.store_id = ? AND "
          "l.location_id = t.location_id WHERE l.kind NOT IN ('SUPPLIER', 'WORKSHOP', 'VARIANCE', 'OPENING', "
          "'CUSTOMER', 'TRANSFER', 'DISPOSAL') "
          "GROUP BY t.part_id, t.location_id, l.code",
          Uuid{store_id}, Uuid{store_id}, Uuid{store_id}, Uuid{store_id}));
  for (size_t i = 0; i < bins.size(); ++i) {
    const Row row = bins[i];
    if (row.Int("ledger") == row.Int("balance") && row.Int("balance") >= 0) continue;
    AddDifference(check, absl::StrCat("part ", row.Id("part_id"), " in bin ", row.Text("code"), ": ledger ",
                                      row.Int("ledger"), ", balance ", row.Int("balance")));
  }
  ASSIGN_OR_RETURN(
      const Rows stocks,
      session.Query(
          "SELECT s.part_number, s.on_hand_milli, s.owned_milli, CAST(COALESCE(SUM(CASE WHEN l.kind = 'STOCK' "
          "THEN b.on_hand_milli ELSE 0 END), 0) AS SIGNED) AS serving, CAST(COALESCE(SUM(CASE WHEN l.kind <> "
          "'OLD_PARTS' THEN b.on_hand_milli ELSE 0 END), 0) AS SIGNED) AS owned FROM part_stock s LEFT JOIN "
          "stock_balance b ON b.store_id = s.store_id AND b.part_id = s.part_id LEFT JOIN location l ON "
          "l.store_id = b.store_id AND l.location_id = b.location_id WHERE s.store_id = ? GROUP BY s.part_id, "
          "s.part_number, s.on_hand_milli, s.owned_milli",
          Uuid{store_id}));
  for (size_t i = 0; i < stocks.size(); ++i) {
    const Row row = stocks[i];
    if (row.Int("on_hand_milli") == row.Int("serving") && row.Int("owned_milli") == row.Int("owned")) continue;
    AddDifference(check, absl::StrCat("part ", row.Text("part_number"), ": on hand ", row.Int("on_hand_milli"), " of ",
                                      row.Int("owned_milli"), " owned, bins hold ", row.Int("serving"), " of ",
                                      row.Int("owned")));
  }
  check.set_checked_count(static_cast<int64_t>(bins.size() + stocks.size()));
  return check;
}

absl::StatusOr<LedgerCheck> VerifyValue(Session& session, const std::string& store_id) {
  LedgerCheck check;
  check.set_name("stock_value");
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query(
          "SELECT s.part_number, s.owned_milli, s.value_amount, CAST(COALESCE(SUM(t.cost), 0) AS SIGNED) AS "
          "ledger FROM part_stock s LEFT JOIN (SELECT m.part_id, m.cost_amount AS cost FROM stock_movement m "
          "JOIN location l ON l.store_id = m.store_id AND l.location_id = m.to_location_id WHERE m.store_id = "
          "? AND l.kind IN ('STOCK', 'IN_TRANSIT', 'QUARANTINE', 'CONSIGNMENT', 'WORKING_STOCK') UNION ALL SELECT "
          "m.part_id, "
          "-m.cost_amount FROM stock_movement m JOIN location l ON l.store_id = m.store_id AND l.location_id "
          "= m.from_location_id WHERE m.store_id = ? AND l.kind IN ('STOCK', 'IN_TRANSIT', 'QUARANTINE', "
          "'CONSIGNMENT', 'WORKING_STOCK')) t ON t.part_id = s.part_id WHERE s.store_id = ? GROUP BY s.part_id, "
          "s.part_number, "
          "s.owned_milli, s.value_amount",
          Uuid{store_id}, Uuid{store_id}, Uuid{store_id}));
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row row = rows[i];
    const bool worthless = row.Int("owned_milli") > 0 || row.Int("value_amount") == 0;
    if (row.Int("value_amount") == row.Int("ledger") && worthless) continue;
    AddDifference(check, absl::StrCat("part ", row.Text("part_number"), ": value ", row.Int("value_amount"), " for ",
                                      row.Int("owned_milli"), ", ledger ", row.Int("ledger")));
  }
  check.set_checked_count(static_cast<int64_t>(rows.size()));
  return check;
}

absl::StatusOr<LedgerCheck> VerifyDocuments(Session& session, const std::string& store_id) {
  LedgerCheck check;
  check.set_name("stock_documents");
  std::string papers;
  std::vector<chassis::sql::Value> values;
  for (const PaperTable& table : kPaperTables) {
    absl::StrAppend(&papers, "SELECT ", table.key, " AS id, ", table.number,
                    " AS number, 1 AS documents, 0 AS movements FROM ", table.name, " WHERE store_id = ?", table.moved,
                    " UNION ALL ");
    values.push_back(chassis::sql::ToValue(Uuid{store_id}));
  }
  values.push_back(chassis::sql::ToValue(Uuid{store_id}));
  ASSIGN_OR_RETURN(const Rows rows,
                   session.QueryValues(
                       absl::StrCat("SELECT t.number, CAST(SUM(t.documents) AS SIGNED) AS documents, "
                                    "CAST(SUM(t.movements) AS SIGNED) AS movements FROM (",
                                    papers,
                                    "SELECT document_id, document_number, 0, 1 FROM stock_movement WHERE store_id = ?) "
                                    "t GROUP BY t.id, t.number"),
                       values));
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].Int("documents") == 1 && rows[i].Int("movements") > 0) continue;
    AddDifference(check, absl::StrCat("document ", rows[i].Text("number"), ": ", rows[i].Int("documents"),
                                      " documents with ", rows[i].Int("movements"), " movements"));
  }
  check.set_checked_count(static_cast<int64_t>(rows.size()));
  return check;
}

}  // namespace parts
