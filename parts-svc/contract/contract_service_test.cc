// The contract room on a real database.
#include "parts-svc/purchase_order/procurement_for_test.h"

namespace parts {
namespace {

using aftersales::common::v1::ERROR_REASON_CHANGED_MEANWHILE;
using aftersales::common::v1::ERROR_REASON_WRONG_STATE;

class Contracting : public Procuring {
 protected:
  v1::PurchaseContract Now(const v1::PurchaseContract& contract) {
    v1::GetPurchaseContractRequest request;
    request.set_purchase_contract_id(contract.purchase_contract_id());
    return Must<v1::PurchaseContract>(request);
  }
  v1::TerminatePurchaseContractRequest Termination(const v1::PurchaseContract& contract) {
    v1::TerminatePurchaseContractRequest request;
    request.set_purchase_contract_id(contract.purchase_contract_id());
    request.set_reason("both sides agreed to end it");
    return request;
  }
};

// Handbook: P-08.
TEST_F(Contracting, RefusesDaysThatMakeNoSenseAndPartsNamedTwice) {
  const v1::Supplier supplier = ASupplier("S1");
  const v1::Part filter = APart("F-1");
  v1::CreatePurchaseContractRequest request = Contract(supplier, filter, 1000);
  request.set_valid_until_date("2025-12-31");
  EXPECT_TRUE(IsRefusal(Send<v1::PurchaseContract>(request).status(), v1::PROCUREMENT_ERROR_REASON_CONTRACT_DATES));
  request = Contract(supplier, filter, 1000);
  *request.add_lines() = request.lines(0);
  EXPECT_TRUE(
      IsRefusal(Send<v1::PurchaseContract>(request).status(), v1::PROCUREMENT_ERROR_REASON_CONTRACT_LINE_TWICE));
  request.mutable_lines(1)->set_part_id(NewId());
  EXPECT_TRUE(IsRefusal(Send<v1::PurchaseContract>(request).status(), v1::ERROR_REASON_PART_UNKNOWN));
}

TEST_F(Contracting, IsRewrittenWhileADraftAndNeverOnceActive) {
  const v1::Supplier supplier = ASupplier("S1");
  const v1::Part filter = APart("F-1");
  const auto draft = Must<v1::PurchaseContract>(Contract(supplier, filter, 1000));
  v1::RewritePurchaseContractRequest rewrite;
  rewrite.set_purchase_contract_id(draft.purchase_contract_id());
  rewrite.set_etag(draft.etag());
  rewrite.set_title("新条款");
  rewrite.set_valid_from_date("2026-01-01");
  rewrite.set_valid_until_date("2027-12-31");
  *rewrite.mutable_lines() = Contract(supplier, filter, 900).lines();
  const auto rewritten = Must<v1::PurchaseContract>(rewrite);
  EXPECT_EQ(rewritten.lines(0).unit_price_amount(), 900);
  rewrite.set_title("旧版本");
  EXPECT_TRUE(IsRefusal(Send<v1::PurchaseContract>(rewrite).status(), ERROR_REASON_CHANGED_MEANWHILE));
  const auto active = Must<v1::PurchaseContract>(Activation(rewritten));
  rewrite.set_etag(active.etag());
  EXPECT_TRUE(IsRefusal(Send<v1::PurchaseContract>(rewrite).status(), ERROR_REASON_WRONG_STATE));
  EXPECT_TRUE(IsRefusal(Send<v1::PurchaseContract>(Activation(active)).status(), ERROR_REASON_WRONG_STATE));
}

TEST_F(Contracting, NoTwoActiveOnesSettleThePriceOfOnePartOnOneDay) {
  const v1::Supplier supplier = ASupplier("S1"), other = ASupplier("S2");
  const v1::Part filter = APart("F-1"), pad = APart("P-1");
  const auto first = AContract(Contract(supplier, filter, 1000));
  const auto second = Must<v1::PurchaseContract>(Contract(supplier, filter, 900));
  const auto refused = Send<v1::PurchaseContract>(Activation(second)).status();
  ASSERT_TRUE(IsRefusal(refused, v1::PROCUREMENT_ERROR_REASON_CONTRACT_OVERLAPS));
  EXPECT_EQ(chassis::RefusalIn(refused).arguments().at("contract"), first.number());
  AContract(Contract(supplier, pad, 900));
  AContract(Contract(other, filter, 900));
  v1::CreatePurchaseContractRequest next_year = Contract(supplier, filter, 900);
  next_year.set_valid_from_date("2027-01-01");
  next_year.set_valid_until_date("2027-12-31");
  AContract(next_year);
  Must<v1::PurchaseContract>(Termination(first));
  EXPECT_TRUE(IsRefusal(Send<v1::PurchaseContract>(Termination(first)).status(), ERROR_REASON_WRONG_STATE));
  Must<v1::PurchaseContract>(Activation(second));
}

TEST_F(Contracting, LimitsWhatAllOrdersTogetherTake) {
  const v1::Supplier supplier = ASupplier("S1");
  const v1::Part filter = APart("F-1");
  v1::CreatePurchaseContractRequest request = Contract(supplier, filter, 1000);
  request.mutable_lines(0)->set_maximum_quantity_milli(10000);
  request.mutable_lines(0)->set_minimum_quantity_milli(2000);
  const auto contract = AContract(request);
  EXPECT_TRUE(IsRefusal(Send<v1::PurchaseOrder>(Ordering(supplier, filter, 1000)).status(),
                        v1::PROCUREMENT_ERROR_REASON_BELOW_MINIMUM_QUANTITY));
  const v1::PurchaseOrder first = AnOrder(supplier, filter, 6000), second = AnOrder(supplier, filter, 5000);
  Submit(first);
  EXPECT_EQ(Now(contract).lines(0).ordered_milli(), 6000) << "a draft uses up nothing";
  const auto refused = Send<v1::PurchaseOrder>(On<v1::SubmitPurchaseOrderRequest>(second)).status();
  ASSERT_TRUE(IsRefusal(refused, v1::PROCUREMENT_ERROR_REASON_CONTRACT_QUANTITY_EXCEEDED)) << refused;
  EXPECT_EQ(chassis::RefusalIn(refused).arguments().at("ordered"), "6000");
  Must<v1::PurchaseOrder>(On<v1::CancelPurchaseOrderRequest>(first, "not needed"));
  Submit(second);
}

TEST_F(Contracting, IsAnnouncedBeforeItEndsAndExpiresAfterItsLastDay) {
  const v1::Supplier supplier = ASupplier("S1");
  const v1::Part filter = APart("F-1");
  AnOffer(supplier, filter, 1500);
  const auto contract = AContract(Contract(supplier, filter, 1000));
  RunPeriodic("watch_contracts");
  EXPECT_EQ(OpenDuties(kContractEndDuty), 0) << "more than thirty days to go";
  clock_.Advance(absl::Hours(24 * 20));
  RunPeriodic("watch_contracts");
  RunPeriodic("watch_contracts");
  EXPECT_EQ(OpenDuties(kContractEndDuty), 1);
  clock_.Advance(absl::Hours(24 * 21));
  EXPECT_EQ(AnOrder(supplier, filter, 1000).lines(0).unit_price_amount(), 1500) << "no longer in force";
  RunPeriodic("watch_contracts");
  EXPECT_EQ(Now(contract).state(), v1::PurchaseContract::STATE_EXPIRED);
  EXPECT_EQ(OpenDuties(kContractEndDuty), 0);
  const auto late = Must<v1::PurchaseContract>(Contract(supplier, filter, 1000));
  EXPECT_TRUE(
      IsRefusal(Send<v1::PurchaseContract>(Activation(late)).status(), v1::PROCUREMENT_ERROR_REASON_CONTRACT_DATES));
}

}  // namespace
}  // namespace parts
