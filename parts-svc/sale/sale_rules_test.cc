// Prices, discounts, credit and the arithmetic of partial deliveries.
#include "parts-svc/sale/sale_rules.h"

#include <algorithm>

#include "aftersales/parts/v1/sales_errors.pb.h"
#include "chassis/status/refusal.h"
#include "gtest/gtest.h"
#include "parts-svc/policy/policy_rules.h"

namespace parts {
namespace {

namespace options = aftersales::options::v1;
using chassis::IsRefusal;

const v1::PartsPolicy kPolicy = WithDefaults({});

v1::Sale SoldAt(int64_t quantity_milli, int64_t net_amount, int64_t tax_amount) {
  v1::Sale sale;
  auto& line = *sale.add_lines();
  line.set_sale_line_id("line");
  line.set_quantity_milli(quantity_milli);
  line.set_net_amount(net_amount);
  line.set_tax_amount(tax_amount);
  return sale;
}

v1::IssueLine Picked(int64_t quantity_milli) {
  v1::IssueLine line;
  line.set_holder_line_id("line");
  line.set_quantity_milli(quantity_milli);
  return line;
}

TEST(DiscountLimits, RiseFromPostToPost) {
  EXPECT_EQ(DiscountLimit(kPolicy, {options::ROLE_PARTS_CLERK}), 500);
  EXPECT_EQ(DiscountLimit(kPolicy, {options::ROLE_PARTS_CLERK, options::ROLE_PARTS_MANAGER}), 2000);
  EXPECT_EQ(DiscountLimit(kPolicy, {options::ROLE_SERVICE_MANAGER}), 10000);
}

TEST(PartialDeliveries, AddUpToTheLineWhateverTheSteps) {
  for (const int64_t step : {1, 3, 7, 250, 999, 1000}) {
    v1::Sale sale = SoldAt(1000, 100003, 13001);
    int64_t net = 0, tax = 0, left = 1000;
    while (left > 0) {
      const int64_t now = std::min(left, step);
      const auto lines = Deliver({Picked(now)}, sale);
      net += lines[0].net_amount();
      tax += lines[0].tax_amount();
      left -= now;
    }
    EXPECT_EQ(net, 100003) << step;
    EXPECT_EQ(tax, 13001) << step;
    EXPECT_TRUE(IsFullyDelivered(sale));
  }
}

TEST(Credit, CountsWhatIsOwedAndOrdered) {
  v1::Buyer buyer;
  buyer.set_credit_limit_amount(1000);
  EXPECT_TRUE(CheckCredit(buyer, 600, 0, 400).ok());
  EXPECT_TRUE(IsRefusal(CheckCredit(buyer, 600, 0, 401), v1::SALES_ERROR_REASON_CREDIT_LIMIT));
  EXPECT_TRUE(IsRefusal(CheckCredit(buyer, 600, 1, 1), v1::SALES_ERROR_REASON_BUYER_OVERDUE));
}

TEST(Quotations, AreGoodThroughTheirLastDay) {
  v1::Sale sale;
  sale.set_valid_date("2026-11-28");
  sale.set_discount_state(v1::Sale::DISCOUNT_STATE_WITHIN_LIMIT);
  EXPECT_TRUE(CheckConfirmable(sale, "2026-11-28").ok());
  EXPECT_TRUE(IsRefusal(CheckConfirmable(sale, "2026-11-29"), v1::SALES_ERROR_REASON_QUOTATION_EXPIRED));
}

}  // namespace
}  // namespace parts
