// The SQL of working stock; see working_stock_store.h.
#include "parts-svc/working_stock/working_stock_store.h"

#include "absl/strings/str_cat.h"

namespace parts {

using chassis::sql::Row;
using chassis::sql::Rows;
using chassis::sql::Session;
using chassis::sql::Uuid;

absl::StatusOr<v1::WorkingStock> WorkingStockStore::HeldBy(Session& session, const std::string& store_id,
                                                           const std::string& technician) {
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query("SELECT b.part_id, s.part_number, b.location_id, l.code, b.on_hand_milli FROM location l JOIN "
                    "stock_balance b ON b.store_id = l.store_id AND b.location_id = l.location_id JOIN part_stock s ON "
                    "s.store_id = b.store_id AND s.part_id = b.part_id WHERE l.store_id = ? AND l.holder = ? AND "
                    "b.on_hand_milli > 0 ORDER BY l.code, s.part_number",
                    Uuid{store_id}, technician));
  v1::WorkingStock held;
  held.set_technician(technician);
  for (size_t i = 0; i < rows.size(); ++i) {
    v1::WorkingStock::Item& item = *held.add_items();
    item.set_part_id(rows[i].Id("part_id"));
    item.set_part_number(rows[i].Text("part_number"));
    item.set_location_id(rows[i].Id("location_id"));
    item.set_location_code(rows[i].Text("code"));
    item.set_on_hand_milli(rows[i].Int("on_hand_milli"));
  }
  return held;
}

absl::StatusOr<LedgerCheck> VerifyWorkingStock(Session& session, const std::string& store_id) {
  LedgerCheck check;
  check.set_name("working_stock");
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query(
          "SELECT n.number, l.part_number, l.quantity_milli, COALESCE(m.quantity_milli, 0) AS moved_milli FROM "
          "working_stock_note n JOIN working_stock_line l ON l.store_id = n.store_id AND l.working_stock_note_id = "
          "n.working_stock_note_id LEFT JOIN stock_movement m ON m.store_id = l.store_id AND m.document_id = "
          "l.working_stock_note_id AND m.document_line_id = l.working_stock_line_id AND m.part_id = l.part_id AND "
          "m.from_location_id = CASE WHEN n.kind = 'DRAW' THEN l.location_id ELSE n.location_id END AND "
          "m.to_location_id "
          "= CASE WHEN n.kind = 'DRAW' THEN n.location_id ELSE l.location_id END WHERE n.store_id = ?",
          Uuid{store_id}));
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row row = rows[i];
    if (row.Int("quantity_milli") == row.Int("moved_milli")) continue;
    AddDifference(check, absl::StrCat("note ", row.Text("number"), ", part ", row.Text("part_number"), ": ",
                                      row.Int("quantity_milli"), ", moved ", row.Int("moved_milli")));
  }
  check.set_checked_count(static_cast<int64_t>(rows.size()));
  return check;
}

}  // namespace parts
