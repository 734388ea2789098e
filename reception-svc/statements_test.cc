// Every statement on a vehicle's way from its order to the gate finds its rows by an index: the cost of an order may
// not grow with the orders that were closed before it.
#include "gmock/gmock.h"
#include "reception-svc/repairs_for_test.h"
#include "tests/harness/plans.h"

namespace reception {
namespace {

std::vector<std::string> ReadWhole(RepairDesk& desk, const std::string& statement) {
  std::vector<std::string> tables;
  EXPECT_TRUE(desk.pool
                  ->Read(absl::InfiniteFuture(),
                         [&](chassis::sql::Session& session) -> absl::Status {
                           tables = harness::TablesReadWhole(session, statement,
                                                             harness::SampleValues(statement, desk.store_id));
                           return absl::OkStatus();
                         })
                  .ok());
  return tables;
}

TEST(Statements, OnTheWayFromOrderToGateFindTheirRowsByAnIndex) {
  RepairDesk desk;
  chassis::sql::RecordStatementsForTest(true);
  const v1::Settlement bill = desk.AnIssuedSettlement();
  ASSERT_TRUE(desk.Pay(bill, v1::PAYMENT_METHOD_CASH, 59664).ok());
  ASSERT_TRUE(desk.Pass(bill).ok());
  ASSERT_TRUE(desk.Deliver(bill.repair_order_id()).ok());
  v1::CloseCashierDayRequest close;
  close.set_business_date("2026-11-21");
  close.add_counted()->set_method(v1::PAYMENT_METHOD_CASH);
  close.mutable_counted(0)->set_amount(59664);
  desk.Must<v1::CashClose>(options::ROLE_CASHIER, close);
  EXPECT_THAT(desk.Differences(), testing::IsEmpty());
  chassis::sql::RecordStatementsForTest(false);

  int explained = 0;
  for (const std::string& statement : chassis::sql::RecordedStatementsForTest()) {
    if (statement.find(" FROM ") == std::string::npos && statement.rfind("UPDATE", 0) != 0) continue;
    EXPECT_THAT(ReadWhole(desk, statement), testing::IsEmpty()) << statement;
    ++explained;
  }
  EXPECT_GT(explained, 40);
}

// What one command sends, and over how many connections: statements and commits are what an order costs (see
// docs/performance.md).
struct Sent {
  int64_t statements;
  int64_t connections;
};

template <typename Play>
Sent Measured(RepairDesk& desk, Play&& play) {
  const auto before = desk.pool->Statistics();
  play();
  const auto after = desk.pool->Statistics();
  return {after.statements_total - before.statements_total, after.acquired_total - before.acquired_total};
}

TEST(Statements, OfAnOrderStayFew) {
  RepairDesk desk;
  const v1::Visit visit = desk.ACheckedInVisit();
  v1::RepairOrder order;
  const auto create = [&] {
    order = desk.Must<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, desk.OrderRequest(visit));
  };
  const auto estimate = [&] {
    v1::PrepareEstimateRequest request;
    request.set_repair_order_id(order.repair_order_id());
    desk.Must<v1::Estimate>(options::ROLE_SERVICE_ADVISER, request);
  };
  const auto promise = [&] {
    v1::ComputePromiseRequest request;
    request.set_repair_order_id(order.repair_order_id());
    desk.Must<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, request);
  };
  const auto decide = [&] {
    v1::DecideCoverageRequest request;
    request.set_repair_order_id(order.repair_order_id());
    for (const auto& line : order.lines()) {
      auto& decision = *request.add_decisions();
      decision.set_line_id(line.line_id());
      decision.set_coverage(v1::COVERAGE_OUT_OF_WARRANTY);
      decision.set_reason("maintenance is the customer's");
    }
    desk.Must<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, request);
  };
  const Sent created = Measured(desk, create);
  const Sent decided = Measured(desk, decide);
  const Sent estimated = Measured(desk, estimate);
  const Sent promised = Measured(desk, promise);
  const Sent signed_ = Measured(desk, [&] { ASSERT_TRUE(desk.Sign(order).ok()); });
  const Sent released = Measured(desk, [&] { ASSERT_TRUE(desk.Release(order).ok()); });
  EXPECT_LE(created.statements, 13);
  EXPECT_LE(created.connections, 5);
  EXPECT_LE(decided.statements, 5);
  EXPECT_LE(decided.connections, 2);
  EXPECT_LE(estimated.statements, 8);
  EXPECT_LE(estimated.connections, 3);
  EXPECT_LE(promised.statements, 5);
  EXPECT_LE(promised.connections, 2);
  EXPECT_LE(signed_.statements, 7);
  EXPECT_LE(signed_.connections, 1);
  EXPECT_LE(released.statements, 15);
  EXPECT_LE(released.connections, 3);
}

}  // namespace
}  // namespace reception
