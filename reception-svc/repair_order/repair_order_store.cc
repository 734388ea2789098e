#include "reception-svc/repair_order/repair_order_store.h"

#include "chassis/telemetry/log.h"

namespace reception {

namespace v1 = aftersales::reception::v1;
namespace sql = chassis::sql;

absl::StatusOr<v1::RepairOrder> RepairOrderStore::Get(chassis::Call& call, const std::string& order_id) const {
  return call.Read([&](sql::Session& session) { return orders.Get(session, call.store_id(), order_id); });
}

absl::StatusOr<std::optional<v1::RepairOrder>> RepairOrderStore::InWork(chassis::UnitOfWork& work,
                                                                        const std::string& order_id) const {
  auto order = orders.Get(work.sql(), work.store_id(), order_id);
  if (absl::IsNotFound(order.status())) {
    chassis::log::Warning("an event speaks of an order nobody knows", {{"repair_order", order_id}});
    return std::optional<v1::RepairOrder>();
  }
  RETURN_IF_ERROR(order.status());
  // The workshop may be faster than the end of the release.
  const bool in_work =
      order->state() == v1::RepairOrder::STATE_RELEASED || order->state() == v1::RepairOrder::STATE_RELEASING;
  if (!in_work) return std::optional<v1::RepairOrder>();
  return std::optional<v1::RepairOrder>(*std::move(order));
}

absl::StatusOr<std::vector<v1::CoverageRule>> RepairOrderStore::CoverageRules(sql::Session& session,
                                                                              const std::string& store_id) const {
  return coverage_rules.Select(session, "WHERE store_id = ?", sql::Uuid{store_id});
}

absl::StatusOr<sql::Rows> RepairOrderStore::OrdersWithWrongSums(sql::Session& session,
                                                                const std::string& store_id) const {
  return session.Query(
      "SELECT o.number, o.total_amount, COALESCE(SUM(l.gross_amount), 0) AS lines_amount "
      "FROM repair_order o LEFT JOIN repair_order_line l ON l.store_id = o.store_id AND "
      "l.repair_order_id = o.repair_order_id AND l.authorization <> 'DECLINED' "
      "WHERE o.store_id = ? GROUP BY o.store_id, o.repair_order_id, o.number, o.total_amount "
      "HAVING o.total_amount <> COALESCE(SUM(l.gross_amount), 0) LIMIT 100",
      sql::Uuid{store_id});
}

absl::StatusOr<int64_t> RepairOrderStore::CountOrders(sql::Session& session, const std::string& store_id) const {
  ASSIGN_OR_RETURN(const sql::Rows rows, session.Query("SELECT COUNT(*) AS orders FROM repair_order WHERE store_id = ?",
                                                       sql::Uuid{store_id}));
  return rows[0].Int("orders");
}

}  // namespace reception
