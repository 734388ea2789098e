// The buyer room on a real database.
#include "aftersales/options/v1/options.pb.h"
#include "chassis/privacy/masking.h"
#include "parts-svc/sale/sales_for_test.h"

namespace parts {
namespace {

class Buyers : public SalesCounter {};

// Handbook: P-12
TEST_F(Buyers, HaveNoCreditUntilSomebodyGivesItWithAReason) {
  v1::CreateBuyerRequest create;
  *create.mutable_buyer() = Workshop("KX");
  create.mutable_buyer()->set_credit_limit_amount(100);
  EXPECT_FALSE(Send<v1::Buyer>(create).ok()) << "credit has a command of its own";
  create.mutable_buyer()->clear_credit_limit_amount();
  const auto buyer = Must<v1::Buyer>(create);
  EXPECT_EQ(buyer.credit_limit_amount(), 0);
  EXPECT_FALSE(Send<v1::Buyer>(create).ok()) << "the code is taken";
  v1::SetBuyerCreditRequest credit;
  credit.set_buyer_id(buyer.buyer_id());
  credit.set_credit_limit_amount(500000);
  credit.set_terms_days(30);
  EXPECT_FALSE(Send<v1::Buyer>(credit).ok());
  credit.set_reason("yearly contract");
  EXPECT_EQ(Must<v1::Buyer>(credit).credit_limit_amount(), 500000);
}

TEST_F(Buyers, OfTheTradeNameTheirCreditCodeAndWalkInsPayRetail) {
  v1::CreateBuyerRequest create;
  *create.mutable_buyer() = Workshop("KX");
  create.mutable_buyer()->clear_unified_social_credit_code();
  EXPECT_TRUE(IsRefusal(Send<v1::Buyer>(create).status(), v1::SALES_ERROR_REASON_WHOLESALE_NEEDS_CREDIT_CODE));
  create.mutable_buyer()->set_unified_social_credit_code("91350100M000100Y44");
  EXPECT_FALSE(Send<v1::Buyer>(create).ok()) << "the check character is wrong";
  create.mutable_buyer()->set_kind(v1::Buyer::KIND_WALK_IN);
  create.mutable_buyer()->clear_unified_social_credit_code();
  EXPECT_TRUE(IsRefusal(Send<v1::Buyer>(create).status(), v1::SALES_ERROR_REASON_WALK_IN_PAYS_RETAIL));
}

TEST_F(Buyers, AreFoundByTheirPhoneWhichNobodyReadsInTheTable) {
  const v1::Buyer buyer = ABuyer("KX");
  v1::FindBuyersRequest find;
  find.set_phone("13800138000");
  ASSERT_EQ(Must<v1::FindBuyersResponse>(find).buyers_size(), 1);
  EXPECT_EQ(Must<v1::FindBuyersResponse>(find).buyers(0).name(), "浦东快修汽车服务有限公司");
  find.set_phone("13800138001");
  EXPECT_EQ(Must<v1::FindBuyersResponse>(find).buyers_size(), 0);
  EXPECT_EQ(Count("buyer WHERE phone LIKE '%13800138000%' OR name LIKE '%快修%'"), 0);
}

TEST_F(Buyers, AreMaskedForEverybodyButTheManager) {
  v1::Buyer buyer = Workshop("KX");
  chassis::privacy::Mask(buyer);
  EXPECT_EQ(buyer.phone(), "138****8000");
  EXPECT_EQ(buyer.name().substr(0, 3), "浦");
  EXPECT_EQ(buyer.name().find("快修"), std::string::npos);
  EXPECT_EQ(buyer.code(), "KX");
  const auto* method = chassis::MethodTaking(v1::ListBuyersRequest::descriptor());
  EXPECT_EQ(method->options().GetExtension(aftersales::options::v1::access).unmasked_roles_size(), 0);
}

TEST_F(Buyers, OfAnUnknownIdAreNotSoldTo) {
  const v1::Part filter = OnTheShelf("F-1", 1);
  EXPECT_TRUE(IsRefusal(Send<v1::Sale>(Asking(NewId(), {{filter, 1}})).status(), v1::SALES_ERROR_REASON_BUYER_UNKNOWN));
}

}  // namespace
}  // namespace parts
