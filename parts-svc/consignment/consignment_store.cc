// The SQL of consignment; see consignment_store.h.
#include "parts-svc/consignment/consignment_store.h"

#include "absl/strings/str_cat.h"

namespace parts {

using chassis::sql::Row;
using chassis::sql::Rows;
using chassis::sql::Session;
using chassis::sql::Uuid;

absl::StatusOr<v1::ConsignmentStatement> ConsignmentStore::Statement(Session& session, const std::string& store_id,
                                                                     const std::string& location_id, absl::Time from,
                                                                     absl::Time to) {
  // What came in counts up, what went out counts down; where it came from or went to says what it was.
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query(
          "SELECT t.part_id, s.part_number, CAST(SUM(CASE WHEN t.create_time < ? THEN t.quantity ELSE 0 END) AS "
          "SIGNED) AS "
          "opening, CAST(SUM(CASE WHEN t.create_time >= ? AND t.kind = 'STOCK' AND t.quantity > 0 THEN t.quantity ELSE "
          "0 "
          "END) AS SIGNED) AS shipped, CAST(SUM(CASE WHEN t.create_time >= ? AND t.kind = 'CUSTOMER' THEN -t.quantity "
          "ELSE "
          "0 END) AS SIGNED) AS sold, CAST(SUM(CASE WHEN t.create_time >= ? AND t.kind = 'WORKSHOP' THEN -t.quantity "
          "ELSE 0 "
          "END) AS SIGNED) AS used, CAST(SUM(CASE WHEN t.create_time >= ? AND t.kind IN ('STOCK', 'QUARANTINE') AND "
          "t.quantity < 0 THEN -t.quantity ELSE 0 END) AS SIGNED) AS returned, CAST(SUM(CASE WHEN t.create_time >= ? "
          "THEN "
          "t.quantity ELSE 0 END) AS SIGNED) AS moved FROM (SELECT m.part_id, m.create_time, m.quantity_milli AS "
          "quantity, "
          "f.kind FROM stock_movement m JOIN location f ON f.store_id = m.store_id AND f.location_id = "
          "m.from_location_id "
          "WHERE m.store_id = ? AND m.to_location_id = ? AND m.create_time < ? UNION ALL SELECT m.part_id, "
          "m.create_time, "
          "-m.quantity_milli, g.kind FROM stock_movement m JOIN location g ON g.store_id = m.store_id AND "
          "g.location_id = "
          "m.to_location_id WHERE m.store_id = ? AND m.from_location_id = ? AND m.create_time < ?) t JOIN part_stock s "
          "ON "
          "s.store_id = ? AND s.part_id = t.part_id GROUP BY t.part_id, s.part_number ORDER BY s.part_number",
          from, from, from, from, from, from, Uuid{store_id}, Uuid{location_id}, to, Uuid{store_id}, Uuid{location_id},
          to, Uuid{store_id}));
  ASSIGN_OR_RETURN(
      const Rows charges,
      session.Query("SELECT l.part_id, CAST(SUM(l.charge_amount) AS SIGNED) AS charge, CAST(SUM(l.tax_amount) AS "
                    "SIGNED) AS tax FROM "
                    "consignment_note n JOIN consignment_line l ON l.store_id = n.store_id AND l.consignment_note_id = "
                    "n.consignment_note_id WHERE n.store_id = ? AND n.location_id = ? AND n.create_time >= ? AND "
                    "n.create_time < ? "
                    "GROUP BY l.part_id",
                    Uuid{store_id}, Uuid{location_id}, from, to));
  std::map<std::string, std::pair<int64_t, int64_t>> charged;
  for (size_t i = 0; i < charges.size(); ++i) {
    charged[charges[i].Id("part_id")] = {charges[i].Int("charge"), charges[i].Int("tax")};
  }
  v1::ConsignmentStatement statement;
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row row = rows[i];
    v1::ConsignmentStatement::Line& line = *statement.add_lines();
    line.set_part_id(row.Id("part_id"));
    line.set_part_number(row.Text("part_number"));
    line.set_opening_milli(row.Int("opening"));
    line.set_shipped_milli(row.Int("shipped"));
    line.set_sold_milli(row.Int("sold"));
    line.set_used_milli(row.Int("used"));
    line.set_returned_milli(row.Int("returned"));
    // Whatever else moved there: counts, for the most part.
    line.set_adjusted_milli(row.Int("moved") - row.Int("shipped") + row.Int("sold") + row.Int("used") +
                            row.Int("returned"));
    line.set_charge_amount(charged[line.part_id()].first);
    line.set_tax_amount(charged[line.part_id()].second);
  }
  return statement;
}

absl::StatusOr<LedgerCheck> VerifyConsignment(Session& session, const std::string& store_id) {
  LedgerCheck check;
  check.set_name("consignment");
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query(
          "SELECT n.number, n.kind, l.part_number, l.quantity_milli, l.cost_amount, COALESCE(m.quantity_milli, 0) AS "
          "moved_milli, COALESCE(m.cost_amount, 0) AS moved_amount FROM consignment_note n JOIN consignment_line l ON "
          "l.store_id = n.store_id AND l.consignment_note_id = n.consignment_note_id LEFT JOIN stock_movement m ON "
          "m.store_id = l.store_id AND m.document_id = l.consignment_note_id AND m.document_line_id = "
          "l.consignment_line_id AND m.part_id = l.part_id AND n.location_id IN (m.from_location_id, m.to_location_id) "
          "WHERE n.store_id = ?",
          Uuid{store_id}));
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row row = rows[i];
    if (row.Int("quantity_milli") == row.Int("moved_milli") && row.Int("cost_amount") == row.Int("moved_amount")) {
      continue;
    }
    AddDifference(check, absl::StrCat("note ", row.Text("number"), ", part ", row.Text("part_number"), ": ",
                                      row.Int("quantity_milli"), " for ", row.Int("cost_amount"), ", moved ",
                                      row.Int("moved_milli"), " for ", row.Int("moved_amount")));
  }
  // Reports of before stations were buyers have no receivable; every other sale has one of its worth.
  ASSIGN_OR_RETURN(
      const Rows sales,
      session.Query(
          "SELECT n.number, n.charge_amount + n.tax_amount AS worth, COALESCE(r.gross_amount, -1) AS gross_amount FROM "
          "consignment_note n LEFT JOIN sales_receivable r ON r.store_id = n.store_id AND r.receivable_id = "
          "n.receivable_id AND r.consignment_note_id = n.consignment_note_id WHERE n.store_id = ? AND n.kind = 'SALE' "
          "AND n.receivable_id IS NOT NULL",
          Uuid{store_id}));
  for (size_t i = 0; i < sales.size(); ++i) {
    if (sales[i].Int("worth") == sales[i].Int("gross_amount")) continue;
    AddDifference(check, absl::StrCat("note ", sales[i].Text("number"), " is worth ", sales[i].Int("worth"),
                                      ", its receivable says ", sales[i].Int("gross_amount")));
  }
  check.set_checked_count(static_cast<int64_t>(rows.size() + sales.size()));
  return check;
}

}  // namespace parts
