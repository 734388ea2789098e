// What the sales and warranty rooms ask the database.
#include "parts-svc/old_part/warranty_for_test.h"
#include "parts-svc/sale/sales_for_test.h"
#include "parts-svc/statements_for_test.h"

namespace parts {
namespace {

using SalesStatements = StatementsOf<SalesCounter>;

TEST_F(SalesStatements, AllFindTheirRowsByAnIndex) {
  chassis::sql::RecordStatementsForTest(true);
  const v1::Part filter = OnTheShelf("F-1", 10);
  const v1::Buyer buyer = ABuyer("KX", 10000000);
  const auto sale = Order(buyer.buyer_id(), {{filter, 2}}, v1::SALE_TERMS_ON_ACCOUNT);
  const auto note = Must<v1::SaleDelivery>(Delivering(sale, 1));
  Must<v1::SaleDelivery>(Returning(note, 1));
  const auto second = Must<v1::SaleDelivery>(Delivering(sale, 1));
  v1::CollectFromBuyerRequest collect;
  collect.set_buyer_id(buyer.buyer_id());
  collect.mutable_payment()->set_method(v1::COLLECTION_METHOD_CASH);
  collect.mutable_payment()->set_amount(9040);
  Must<v1::CollectFromBuyerResponse>(collect);
  v1::CloseSaleRequest close;
  close.set_sale_id(second.sale_id());
  Must<v1::Sale>(close);
  Must<v1::ReceivablesAgeing>(v1::GetReceivablesAgeingRequest());
  v1::FindBuyersRequest find;
  find.set_phone("13800138000");
  Must<v1::FindBuyersResponse>(find);
  RunPeriodic("expire_quotations");
  EXPECT_EQ(Differences(), std::vector<std::string>());
  EXPECT_GT(ExplainedWithIndex(), 40);
}

using WarrantyStatements = StatementsOf<WarrantyDesk>;

TEST_F(WarrantyStatements, AllFindTheirRowsByAnIndex) {
  chassis::sql::RecordStatementsForTest(true);
  const auto held = Reserve(NewId(), {{OnTheShelf("P-1", 5), 1000}});
  const auto requisition = Approved(held);
  const auto note = Must<v1::Issue>(Drawing(held, 1000));
  Stored(OldPartsOf(held.order_id()).at(0));
  Must<v1::WarrantyRequisition>(WritingOff(requisition));
  Must<v1::Issue>(Bringing(note, 1000));
  v1::PostOldPartRunRequest post;
  post.set_old_part_run_id(Must<v1::OldPartRun>(v1::CreateOldPartRunRequest()).old_part_run_id());
  *post.mutable_manager_signature() = SignedBy(aftersales::common::v1::Signature::SIGNER_ROLE_MANAGER);
  Must<v1::OldPartRun>(post);
  EXPECT_EQ(Differences(), std::vector<std::string>());
  EXPECT_GT(ExplainedWithIndex(), 30);
}

}  // namespace
}  // namespace parts
