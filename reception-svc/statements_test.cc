// Every statement on a vehicle's way from its order to the gate finds its rows by an index: the cost of an order may
// not grow with the orders that were closed before it.
#include "gmock/gmock.h"
#include "reception-svc/repairs_for_test.h"

namespace reception {
namespace {

// Tables the statement reads without any index to find its rows by.
std::vector<std::string> Unindexed(RepairDesk& desk, const std::string& statement) {
  std::vector<chassis::sql::Value> values;
  for (size_t at = statement.find('?'); at != std::string::npos; at = statement.find('?', at + 1)) {
    const bool limit = at >= 6 && statement.compare(at - 6, 6, "LIMIT ") == 0;
    values.push_back(limit ? chassis::sql::Value(int64_t{1})
                           : chassis::sql::Value(chassis::sql::Bytes{chassis::sql::UuidBytes(desk.store_id)}));
  }
  std::vector<std::string> unindexed;
  const absl::Status status =
      desk.pool->Read(absl::InfiniteFuture(), [&](chassis::sql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(const chassis::sql::Rows plan, session.QueryValues("EXPLAIN " + statement, values));
        for (size_t i = 0; i < plan.size(); ++i) {
          if (plan[i].IsNull("table") || plan[i].Text("table").rfind("<derived", 0) == 0) continue;  // made on the way
          const bool scan =
              !plan[i].IsNull("type") && (plan[i].Text("type") == "ALL" || plan[i].Text("type") == "index");
          if (scan && plan[i].IsNull("possible_keys")) unindexed.push_back(plan[i].Text("table"));
        }
        return absl::OkStatus();
      });
  EXPECT_TRUE(status.ok()) << status << "\n" << statement;
  return unindexed;
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
    EXPECT_THAT(Unindexed(desk, statement), testing::IsEmpty()) << statement;
    ++explained;
  }
  EXPECT_GT(explained, 40);
}

}  // namespace
}  // namespace reception
