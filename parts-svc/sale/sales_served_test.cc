// The sales and warranty rooms behind the pipeline: whose store it is, who may do what, who sees personal data.
#include "aftersales/parts/v1/old_part.pb.h"
#include "parts-svc/sale/sales_for_test.h"
#include "parts-svc/served_for_test.h"

namespace parts {
namespace {

class SalesServed : public ServedOn<SalesCounter> {
 protected:
  v1::Buyer BuyerThroughTheDoor() {
    v1::CreateBuyerRequest create;
    create.set_store_id(kStore);
    create.set_request_id(NewId());
    *create.mutable_buyer() = Workshop("KX");
    const auto buyer = client_->Call<v1::Buyer>(ServedOn::As("parts_clerk", kStore), create);
    EXPECT_TRUE(buyer.ok()) << buyer.status();
    return buyer.ok() ? *buyer : v1::Buyer();
  }
};

// Handbook: P-12
TEST_F(SalesServed, ShowBuyersInClearToTheManagerAlone) {
  const v1::Buyer created = BuyerThroughTheDoor();
  EXPECT_EQ(created.phone(), "138****8000") << "the clerk typed it and sees it masked from then on";
  v1::GetBuyerRequest get;
  get.set_store_id(kStore);
  get.set_buyer_id(created.buyer_id());
  const auto for_clerk = client_->Call<v1::Buyer>(ServedOn::As("parts_clerk", kStore), get);
  ASSERT_TRUE(for_clerk.ok()) << for_clerk.status();
  EXPECT_EQ(for_clerk->phone(), "138****8000");
  const auto for_manager = client_->Call<v1::Buyer>(ServedOn::As("parts_manager", kStore), get);
  ASSERT_TRUE(for_manager.ok()) << for_manager.status();
  EXPECT_EQ(for_manager->phone(), "13800138000");
  v1::ListBuyersRequest list;
  list.set_store_id(kStore);
  const auto listed = client_->Call<v1::ListBuyersResponse>(ServedOn::As("parts_manager", kStore), list);
  ASSERT_TRUE(listed.ok()) << listed.status();
  EXPECT_EQ(listed->buyers(0).phone(), "138****8000") << "a list shows nobody in clear";
}

TEST_F(SalesServed, AnswerOtherStoresAsIfNothingWereThere) {
  const std::string other = "01234567-89ab-7def-8123-456789abcde0";
  const v1::Buyer buyer = BuyerThroughTheDoor();
  v1::GetBuyerRequest get;
  get.set_store_id(kStore);
  get.set_buyer_id(buyer.buyer_id());
  EXPECT_TRUE(absl::IsNotFound(client_->Call<v1::Buyer>(ServedOn::As("parts_manager", other), get).status()));
  get.set_store_id(other);
  EXPECT_TRUE(absl::IsNotFound(client_->Call<v1::Buyer>(ServedOn::As("parts_manager", other), get).status()));
  v1::QuoteSaleRequest quote;
  quote.set_store_id(kStore);
  quote.set_request_id(NewId());
  quote.add_lines()->set_part_id(NewId());
  quote.mutable_lines(0)->set_quantity_milli(1000);
  EXPECT_TRUE(absl::IsNotFound(client_->Call<v1::Sale>(ServedOn::As("parts_manager", other), quote).status()));
}

TEST_F(SalesServed, AllowOnlyThePostsTheDescriptionNames) {
  v1::SetBuyerCreditRequest credit;
  credit.set_store_id(kStore);
  credit.set_request_id(NewId());
  credit.set_buyer_id(BuyerThroughTheDoor().buyer_id());
  credit.set_credit_limit_amount(1000);
  credit.set_reason("contract");
  EXPECT_TRUE(
      absl::IsPermissionDenied(client_->Call<v1::Buyer>(ServedOn::As("parts_manager", kStore), credit).status()));
  EXPECT_TRUE(client_->Call<v1::Buyer>(ServedOn::As("service_manager", kStore), credit).ok());
  v1::ApproveOldPartExceptionRequest except;
  except.set_store_id(kStore);
  except.set_request_id(NewId());
  except.set_old_part_id(NewId());
  except.set_reason("lost");
  EXPECT_TRUE(
      absl::IsPermissionDenied(client_->Call<v1::OldPart>(ServedOn::As("technician", kStore), except).status()));
  v1::WriteOffReceivableRequest write_off;
  write_off.set_store_id(kStore);
  write_off.set_request_id(NewId());
  write_off.set_receivable_id(NewId());
  write_off.set_reason("bankrupt");
  EXPECT_TRUE(
      absl::IsPermissionDenied(client_->Call<v1::Receivable>(ServedOn::As("cashier", kStore), write_off).status()));
}

}  // namespace
}  // namespace parts
