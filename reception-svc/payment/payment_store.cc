#include "reception-svc/payment/payment_store.h"

#include "absl/strings/str_cat.h"
#include "chassis/status/status.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
namespace sql = chassis::sql;

v1::LedgerAccount AccountNamed(const std::string& name) {
  v1::LedgerAccount account = v1::LEDGER_ACCOUNT_UNSPECIFIED;
  v1::LedgerAccount_Parse(absl::StrCat("LEDGER_ACCOUNT_", name), &account);
  return account;
}

// Every entry as two movements: into its debit account, out of its credit account.
constexpr const char* kMovements =
    "SELECT settlement_id, debit_account AS account, amount AS moved FROM ledger_entry WHERE ";
constexpr const char* kCounterMovements =
    " UNION ALL SELECT settlement_id, credit_account AS account, -amount AS moved FROM ledger_entry WHERE ";

}  // namespace

absl::Status PaymentStore::Post(chassis::UnitOfWork& work, LedgerEntries& posted, const Posting& posting) const {
  if (posted.empty()) return absl::OkStatus();
  for (v1::LedgerEntry& entry : posted) {
    entry.set_store_id(work.store_id());
    entry.set_ledger_entry_id(work.NewId());
    entry.set_payment_id(posting.payment_id);
    entry.set_cashier(posting.cashier);
    entry.set_business_date(posting.business_date);
  }
  return entries.InsertAll(work, posted);
}

absl::StatusOr<std::optional<v1::CreditAccount>> PaymentStore::LockCreditAccount(chassis::UnitOfWork& work,
                                                                                 const std::string& customer_id) const {
  ASSIGN_OR_RETURN(auto found, credit_accounts.Select(work.sql(), "WHERE store_id = ? AND customer_id = ? FOR UPDATE",
                                                      sql::Uuid{work.store_id()}, sql::Uuid{customer_id}));
  if (found.empty()) return std::optional<v1::CreditAccount>();
  return std::optional<v1::CreditAccount>(std::move(found.front()));
}

absl::StatusOr<bool> PaymentStore::IsDayClosed(sql::Session& session, const std::string& store_id,
                                               const std::string& cashier, const std::string& business_date) const {
  ASSIGN_OR_RETURN(const sql::Rows rows,
                   session.Query("SELECT 1 AS closed FROM cash_close WHERE store_id = ? AND cashier = ? AND "
                                 "business_date = ?",
                                 sql::Uuid{store_id}, cashier, business_date));
  return !rows.empty();
}

absl::StatusOr<PaymentStore::Balances> PaymentStore::BookedBy(sql::Session& session, const std::string& store_id,
                                                              const std::string& cashier,
                                                              const std::string& business_date) const {
  const std::string day = "store_id = ? AND cashier = ? AND business_date = ?";
  ASSIGN_OR_RETURN(
      const sql::Rows rows,
      session.Query(absl::StrCat("SELECT account, CAST(SUM(moved) AS SIGNED) AS balance FROM (", kMovements, day,
                                 kCounterMovements, day, ") AS movement GROUP BY account"),
                    sql::Uuid{store_id}, cashier, business_date, sql::Uuid{store_id}, cashier, business_date));
  Balances balances;
  for (size_t i = 0; i < rows.size(); ++i) balances[AccountNamed(rows[i].Text("account"))] = rows[i].Int("balance");
  return balances;
}

absl::StatusOr<std::map<std::string, PaymentStore::Balances>> PaymentStore::BalancesOf(
    sql::Session& session, const std::string& store_id, const std::vector<std::string>& settlement_ids) const {
  std::map<std::string, Balances> by_settlement;
  if (settlement_ids.empty()) return by_settlement;
  const std::string chosen =
      absl::StrCat("store_id = ? AND settlement_id IN (", sql::Placeholders(settlement_ids.size()), ")");
  std::vector<sql::Value> values;
  for (int half = 0; half < 2; ++half) {
    values.push_back(sql::ToValue(sql::Uuid{store_id}));
    for (const std::string& id : settlement_ids) values.push_back(sql::ToValue(sql::Uuid{id}));
  }
  ASSIGN_OR_RETURN(
      const sql::Rows rows,
      session.QueryValues(
          absl::StrCat("SELECT settlement_id, account, CAST(SUM(moved) AS SIGNED) AS balance FROM (", kMovements,
                       chosen, kCounterMovements, chosen, ") AS movement GROUP BY settlement_id, account"),
          values));
  for (size_t i = 0; i < rows.size(); ++i) {
    by_settlement[rows[i].Id("settlement_id")][AccountNamed(rows[i].Text("account"))] = rows[i].Int("balance");
  }
  return by_settlement;
}

absl::StatusOr<std::vector<v1::Receivable>> PaymentStore::ReceivablesAfter(sql::Session& session,
                                                                           const std::string& store_id,
                                                                           const std::string& after_id,
                                                                           int64_t limit) const {
  return receivables.Select(session, "WHERE store_id = ? AND settlement_id > ? ORDER BY settlement_id LIMIT ?",
                            sql::Uuid{store_id}, sql::Uuid{after_id}, limit);
}

absl::StatusOr<sql::Rows> PaymentStore::CreditAccountsThatDiffer(sql::Session& session,
                                                                 const std::string& store_id) const {
  return session.Query(
      "SELECT a.credit_account_id, a.used_amount, CAST(COALESCE(SUM(r.on_account_amount), 0) AS SIGNED) AS owed "
      "FROM credit_account a LEFT JOIN receivable r ON r.store_id = a.store_id AND r.customer_id = a.customer_id "
      "WHERE a.store_id = ? GROUP BY a.store_id, a.credit_account_id, a.used_amount "
      "HAVING a.used_amount <> COALESCE(SUM(r.on_account_amount), 0) LIMIT 100",
      sql::Uuid{store_id});
}

absl::StatusOr<sql::Rows> PaymentStore::PaymentsThatDiffer(sql::Session& session, const std::string& store_id) const {
  return session.Query(
      "SELECT p.number, p.amount, CAST(COALESCE(SUM(e.amount), 0) AS SIGNED) AS booked FROM payment p "
      "LEFT JOIN ledger_entry e ON e.store_id = p.store_id AND e.payment_id = p.payment_id "
      "WHERE p.store_id = ? GROUP BY p.store_id, p.payment_id, p.number, p.amount "
      "HAVING p.amount <> COALESCE(SUM(e.amount), 0) LIMIT 100",
      sql::Uuid{store_id});
}

}  // namespace reception
