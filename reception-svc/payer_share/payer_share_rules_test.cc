#include "reception-svc/payer_share/payer_share_rules.h"

#include "aftersales/reception/v1/payer_share_errors.pb.h"
#include "chassis/status/refusal.h"
#include "gtest/gtest.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
using chassis::IsRefusal;

v1::PayerShare AShare() {
  v1::Settlement settlement;
  settlement.set_customer_amount(10000);
  settlement.set_insurance_amount(250000);
  return SharesOf(settlement).at(0);
}

v1::Payment Money(int64_t amount, const std::string& reference = "slip 77") {
  v1::Payment payment;
  payment.set_method(v1::PAYMENT_METHOD_TRANSFER);
  payment.set_amount(amount);
  payment.set_reference(reference);
  return payment;
}

// Handbook: R-43.
TEST(PayerShare, StandsForEachWhoOwesAnythingButTheCustomer) {
  v1::Settlement settlement;
  settlement.set_customer_amount(10000);
  settlement.set_warranty_amount(300);
  settlement.set_manufacturer_amount(400);
  settlement.set_internal_amount(500);
  const auto shares = SharesOf(settlement);
  ASSERT_EQ(shares.size(), 2u);
  EXPECT_EQ(shares[0].payer(), v1::PayerShare::PAYER_WARRANTY);
  EXPECT_EQ(shares[0].open_amount(), 300);
  EXPECT_EQ(shares[1].payer(), v1::PayerShare::PAYER_MANUFACTURER);
}

TEST(PayerShare, IsCollectedInParts) {
  v1::PayerShare share = AShare();
  const auto first = Collect(share, Money(100000));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->debit_account(), v1::LEDGER_ACCOUNT_TRANSFER);
  EXPECT_EQ(first->credit_account(), v1::LEDGER_ACCOUNT_INSURANCE);
  EXPECT_TRUE(first->settlement_id().empty()) << "the customer's receivable is not touched";
  EXPECT_EQ(share.state(), v1::PayerShare::STATE_PARTLY_COLLECTED);
  EXPECT_EQ(share.open_amount(), 150000);
  ASSERT_TRUE(Collect(share, Money(150000)).ok());
  EXPECT_EQ(share.state(), v1::PayerShare::STATE_COLLECTED);
  EXPECT_EQ(share.collected_amount(), 250000);
}

TEST(PayerShare, TakesNoMoreThanIsOwedAndOnlyMoneyWithAReference) {
  v1::PayerShare share = AShare();
  EXPECT_TRUE(IsRefusal(Collect(share, Money(250001)).status(), v1::PAYER_SHARE_ERROR_REASON_SHARE_ABOVE_OPEN));
  EXPECT_TRUE(IsRefusal(Collect(share, Money(100, "")).status(), v1::PAYER_SHARE_ERROR_REASON_SHARE_REFERENCE_MISSING));
  v1::Payment on_account = Money(100);
  on_account.set_method(v1::PAYMENT_METHOD_ON_ACCOUNT);
  EXPECT_TRUE(IsRefusal(Collect(share, on_account).status(), v1::PAYER_SHARE_ERROR_REASON_SHARE_METHOD_WRONG));
  EXPECT_EQ(share.state(), v1::PayerShare::STATE_OPEN);
}

}  // namespace
}  // namespace reception
