// The SQL of receivables; see receivable_store.h.
#include "parts-svc/receivable/receivable_store.h"

namespace parts {

using chassis::sql::Row;
using chassis::sql::Rows;
using chassis::sql::Session;
using chassis::sql::Uuid;

absl::StatusOr<Debt> ReceivableStore::DebtOf(Session& session, const std::string& store_id, const std::string& buyer_id,
                                             const std::string& today) {
  ASSIGN_OR_RETURN(const Rows rows,
                   session.Query("SELECT CAST(COALESCE(SUM(open_amount), 0) AS SIGNED) AS open_amount, "
                                 "CAST(COALESCE(SUM(CASE WHEN due_date < ? THEN open_amount ELSE 0 END), 0) AS "
                                 "SIGNED) AS overdue_amount FROM sales_receivable WHERE store_id = ? AND buyer_id = ? "
                                 "AND state = 'OPEN'",
                                 today, Uuid{store_id}, Uuid{buyer_id}));
  return Debt{rows[0].Int("open_amount"), rows[0].Int("overdue_amount")};
}

absl::StatusOr<int64_t> ReceivableStore::OpenOfSale(Session& session, const std::string& store_id,
                                                    const std::string& sale_id) {
  ASSIGN_OR_RETURN(const Rows rows,
                   session.Query("SELECT CAST(COALESCE(SUM(open_amount), 0) AS SIGNED) AS open_amount FROM "
                                 "sales_receivable WHERE store_id = ? AND sale_id = ?",
                                 Uuid{store_id}, Uuid{sale_id}));
  return rows[0].Int("open_amount");
}

absl::StatusOr<std::vector<v1::Receivable>> ReceivableStore::LockOpenOf(chassis::UnitOfWork& work,
                                                                        const std::string& buyer_id) {
  return table_.Select(
      work.sql(),
      "WHERE store_id = ? AND buyer_id = ? AND state = 'OPEN' ORDER BY due_date, receivable_id LIMIT 1000 FOR UPDATE",
      Uuid{work.store_id()}, Uuid{buyer_id});
}

absl::StatusOr<v1::ReceivablesAgeing> ReceivableStore::Ageing(Session& session, const std::string& store_id,
                                                              const std::string& today) {
  const std::string days30 = DayAfter(today, -30), days60 = DayAfter(today, -60), days90 = DayAfter(today, -90);
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query(
          "SELECT r.buyer_id, MAX(COALESCE(b.code, '')) AS code, CAST(MAX(COALESCE(b.credit_limit_amount, 0)) AS "
          "SIGNED) "
          "AS credit_limit_amount, CAST(SUM(r.open_amount) AS SIGNED) AS open_amount, "
          "CAST(SUM(CASE WHEN r.due_date >= ? THEN r.open_amount ELSE 0 END) AS SIGNED) AS not_due, "
          "CAST(SUM(CASE WHEN r.due_date < ? AND r.due_date >= ? THEN r.open_amount ELSE 0 END) AS SIGNED) AS to_30, "
          "CAST(SUM(CASE WHEN r.due_date < ? AND r.due_date >= ? THEN r.open_amount ELSE 0 END) AS SIGNED) AS to_60, "
          "CAST(SUM(CASE WHEN r.due_date < ? AND r.due_date >= ? THEN r.open_amount ELSE 0 END) AS SIGNED) AS to_90, "
          "CAST(SUM(CASE WHEN r.due_date < ? THEN r.open_amount ELSE 0 END) AS SIGNED) AS above_90 "
          "FROM sales_receivable r LEFT JOIN buyer b ON b.store_id = r.store_id AND b.buyer_id = r.buyer_id "
          "WHERE r.store_id = ? AND r.state = 'OPEN' GROUP BY r.buyer_id ORDER BY open_amount DESC LIMIT 1000",
          today, today, days30, days30, days60, days60, days90, days90, Uuid{store_id}));
  v1::ReceivablesAgeing ageing;
  ageing.set_business_date(today);
  v1::ReceivablesAgeing::Line& total = *ageing.mutable_total();
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row row = rows[i];
    v1::ReceivablesAgeing::Line& line = *ageing.add_lines();
    line.set_buyer_id(row.Id("buyer_id"));
    line.set_buyer_code(row.Text("code"));
    line.set_credit_limit_amount(row.Int("credit_limit_amount"));
    line.set_open_amount(row.Int("open_amount"));
    line.set_not_due_amount(row.Int("not_due"));
    line.set_overdue_1_to_30_amount(row.Int("to_30"));
    line.set_overdue_31_to_60_amount(row.Int("to_60"));
    line.set_overdue_61_to_90_amount(row.Int("to_90"));
    line.set_overdue_above_90_amount(row.Int("above_90"));
    total.set_open_amount(total.open_amount() + line.open_amount());
    total.set_not_due_amount(total.not_due_amount() + line.not_due_amount());
    total.set_overdue_1_to_30_amount(total.overdue_1_to_30_amount() + line.overdue_1_to_30_amount());
    total.set_overdue_31_to_60_amount(total.overdue_31_to_60_amount() + line.overdue_31_to_60_amount());
    total.set_overdue_61_to_90_amount(total.overdue_61_to_90_amount() + line.overdue_61_to_90_amount());
    total.set_overdue_above_90_amount(total.overdue_above_90_amount() + line.overdue_above_90_amount());
  }
  return ageing;
}

}  // namespace parts
