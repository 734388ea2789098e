#include "reception-svc/payer_share/payer_share_store.h"

#include "chassis/status/status.h"

namespace reception {

namespace sql = chassis::sql;

absl::StatusOr<sql::Rows> PayerShareStore::BookedOtherwise(sql::Session& session, const std::string& store_id) const {
  return session.Query(
      "SELECT s.settlement_number, s.payer, s.total_amount AS says, CAST(COALESCE(SUM(e.amount), 0) AS SIGNED) AS "
      "ledger "
      "FROM payer_share s LEFT JOIN ledger_entry e ON e.store_id = s.store_id AND e.settlement_id = s.settlement_id "
      "AND "
      "e.debit_account = s.payer WHERE s.store_id = ? GROUP BY s.store_id, s.payer_share_id, s.settlement_number, "
      "s.payer, s.total_amount HAVING s.total_amount <> COALESCE(SUM(e.amount), 0) LIMIT 100",
      sql::Uuid{store_id});
}

absl::StatusOr<sql::Rows> PayerShareStore::CollectedOtherwise(sql::Session& session,
                                                              const std::string& store_id) const {
  return session.Query(
      "SELECT s.settlement_number, s.payer, s.collected_amount AS says, CAST(COALESCE(SUM(e.amount), 0) AS SIGNED) AS "
      "ledger FROM payer_share s LEFT JOIN payment p ON p.store_id = s.store_id AND p.settlement_id = s.settlement_id "
      "AND "
      "p.kind = 'SHARE' LEFT JOIN ledger_entry e ON e.store_id = p.store_id AND e.payment_id = p.payment_id AND "
      "e.credit_account = s.payer WHERE s.store_id = ? GROUP BY s.store_id, s.payer_share_id, s.settlement_number, "
      "s.payer, s.collected_amount HAVING s.collected_amount <> COALESCE(SUM(e.amount), 0) LIMIT 100",
      sql::Uuid{store_id});
}

absl::StatusOr<int64_t> PayerShareStore::Count(sql::Session& session, const std::string& store_id) const {
  ASSIGN_OR_RETURN(const sql::Rows rows,
                   session.Query("SELECT COUNT(*) AS shares FROM payer_share WHERE store_id = ?", sql::Uuid{store_id}));
  return rows[0].Int("shares");
}

}  // namespace reception
