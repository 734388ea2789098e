// Sales plans and results on a real database.
#include "aftersales/parts/v1/sales_plan.pb.h"
#include "parts-svc/sale/sales_for_test.h"

namespace parts {
namespace {

class SalesPlans : public SalesCounter {
 protected:
  v1::CreateSalesPlanRequest Planning(const std::string& month_date, v1::SaleKind kind, int64_t target) {
    v1::CreateSalesPlanRequest request;
    request.mutable_sales_plan()->set_month_date(month_date);
    request.mutable_sales_plan()->set_kind(kind);
    request.mutable_sales_plan()->set_target_net_amount(target);
    return request;
  }
  v1::SalesResult ResultIn(const std::string& month_date) {
    v1::GetSalesResultRequest request;
    request.set_month_date(month_date);
    return Must<v1::SalesResult>(request);
  }
};

// Handbook: P-12
TEST_F(SalesPlans, StandBesideWhatTheMonthBrought) {
  Must<v1::SalesPlan>(Planning("2026-11-01", v1::SALE_KIND_COUNTER, 40000));
  const v1::Part filter = OnTheShelf("F-1", 20);
  const auto counter = Must<v1::SaleDelivery>(Delivering(Order("", {{filter, 3}}), 3, 33900));
  v1::ReturnSaleGoodsRequest back = Returning(counter, 1);
  back.set_refund_method(v1::COLLECTION_METHOD_CASH);
  Must<v1::SaleDelivery>(back);
  const v1::Buyer buyer = ABuyer("KX", 10000000);
  Must<v1::SaleDelivery>(Delivering(Order(buyer.buyer_id(), {{filter, 2}}, v1::SALE_TERMS_ON_ACCOUNT), 2));
  const auto result = ResultIn("2026-11-01");
  ASSERT_EQ(result.lines_size(), 2);
  EXPECT_EQ(result.lines(0).net_amount(), 20000);
  EXPECT_EQ(result.lines(0).cost_amount(), 10000);
  EXPECT_EQ(result.lines(0).margin_amount(), 10000);
  EXPECT_EQ(result.lines(0).attained_basis_points(), 5000);
  EXPECT_EQ(result.lines(0).delivery_count(), 1);
  EXPECT_EQ(result.lines(0).return_count(), 1);
  EXPECT_EQ(result.lines(1).net_amount(), 16000);
  EXPECT_EQ(result.lines(1).attained_basis_points(), 0) << "no plan";
  EXPECT_EQ(ResultIn("2026-12-01").lines(0).net_amount(), 0);
}

TEST_F(SalesPlans, AreOnePerMonthAndKindAndNamedByTheFirstDay) {
  Must<v1::SalesPlan>(Planning("2026-11-01", v1::SALE_KIND_COUNTER, 40000));
  EXPECT_TRUE(IsRefusal(Send<v1::SalesPlan>(Planning("2026-11-01", v1::SALE_KIND_COUNTER, 50000)).status(),
                        v1::SALES_ERROR_REASON_PLAN_EXISTS));
  Must<v1::SalesPlan>(Planning("2026-11-01", v1::SALE_KIND_WHOLESALE, 50000));
  EXPECT_TRUE(IsRefusal(Send<v1::SalesPlan>(Planning("2026-12-02", v1::SALE_KIND_COUNTER, 1)).status(),
                        v1::SALES_ERROR_REASON_MONTH_NOT_FIRST_DAY));
  v1::GetSalesResultRequest request;
  request.set_month_date("2026-11-21");
  EXPECT_TRUE(IsRefusal(Send<v1::SalesResult>(request).status(), v1::SALES_ERROR_REASON_MONTH_NOT_FIRST_DAY));
}

}  // namespace
}  // namespace parts
