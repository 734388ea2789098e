// The supplier room on a real database.
#include "parts-svc/purchase_order/procurement_for_test.h"

namespace parts {
namespace {

using aftersales::common::v1::ERROR_REASON_ALREADY_EXISTS;
using aftersales::common::v1::ERROR_REASON_CHANGED_MEANWHILE;
using aftersales::common::v1::ERROR_REASON_NOT_FOUND;
using aftersales::common::v1::ERROR_REASON_REASON_REQUIRED;
using aftersales::common::v1::ERROR_REASON_WRONG_STATE;

class Supplying : public Procuring {
 protected:
  v1::SuspendSupplierRequest Suspension(const v1::Supplier& supplier) {
    v1::SuspendSupplierRequest request;
    request.set_supplier_id(supplier.supplier_id());
    request.set_reason("three deliveries short in a row");
    return request;
  }
  v1::CloseSupplierRequest Closing(const v1::Supplier& supplier) {
    v1::CloseSupplierRequest request;
    request.set_supplier_id(supplier.supplier_id());
    request.set_reason("out of business");
    return request;
  }
};

// Handbook: P-07, G-12, G-13.
TEST_F(Supplying, KeepsTheFileWithItsContactEncrypted) {
  const v1::Supplier supplier = ADraftSupplier("S1");
  EXPECT_EQ(supplier.state(), v1::Supplier::STATE_DRAFT);
  EXPECT_EQ(supplier.currency_code(), "CNY");
  EXPECT_EQ(SupplierNow(supplier).contact_name(), "王芳");
  EXPECT_EQ(Count("supplier WHERE contact_name = '王芳' OR contact_phone = '13800138000'"), 0);
  v1::CreateSupplierRequest request;
  request.mutable_supplier()->set_code("S2");
  request.mutable_supplier()->set_display_name("另一家");
  request.mutable_supplier()->set_unified_social_credit_code("913100000000000000");
  EXPECT_EQ(Send<v1::Supplier>(request).status().code(), absl::StatusCode::kInvalidArgument);
  request.mutable_supplier()->set_unified_social_credit_code(supplier.unified_social_credit_code());
  EXPECT_TRUE(IsRefusal(Send<v1::Supplier>(request).status(), ERROR_REASON_ALREADY_EXISTS))
      << "one company has one file";
}

// Handbook: P-07.
TEST_F(Supplying, ApprovesOnlyWithThePapersThePolicyDemands) {
  const v1::Supplier supplier = ADraftSupplier("S1");
  v1::ApproveSupplierRequest request;
  request.set_supplier_id(supplier.supplier_id());
  EXPECT_TRUE(IsRefusal(Send<v1::Supplier>(request).status(), v1::PROCUREMENT_ERROR_REASON_SUPPLIER_PAPER_MISSING));
  EXPECT_TRUE(IsRefusal(Send<v1::Supplier>(Licence(supplier, "2026-11-20")).status(),
                        v1::PROCUREMENT_ERROR_REASON_PAPER_DATES));
  const v1::Supplier filed = Must<v1::Supplier>(Licence(supplier, "2027-06-30"));
  EXPECT_EQ(Approve(supplier).state(), v1::Supplier::STATE_APPROVED);
  EXPECT_TRUE(IsRefusal(Send<v1::Supplier>(request).status(), ERROR_REASON_WRONG_STATE)) << "approved already";
  v1::WithdrawSupplierPaperRequest withdraw;
  withdraw.set_supplier_id(supplier.supplier_id());
  withdraw.set_supplier_paper_id(filed.papers(0).supplier_paper_id());
  withdraw.set_reason("revoked");
  Must<v1::Supplier>(withdraw);
  withdraw.set_reason("revoked again");
  EXPECT_TRUE(IsRefusal(Send<v1::Supplier>(withdraw).status(), ERROR_REASON_NOT_FOUND));
  const v1::Part filter = APart("F-1");
  AnOffer(supplier, filter, 1000);
  EXPECT_TRUE(IsRefusal(Send<v1::PurchaseOrder>(Ordering(supplier, filter, 1000)).status(),
                        v1::PROCUREMENT_ERROR_REASON_SUPPLIER_PAPER_MISSING));
}

TEST_F(Supplying, OrdersNothingFromASuspendedOneUntilItIsTakenBackWithAReason) {
  const v1::Supplier supplier = ASupplier("S1");
  const v1::Part filter = APart("F-1");
  AnOffer(supplier, filter, 1000);
  const v1::PurchaseOrder drafted = AnOrder(supplier, filter, 1000);
  Must<v1::Supplier>(Suspension(supplier));
  EXPECT_EQ(Events("SupplierSuspended"), 1);
  EXPECT_TRUE(IsRefusal(Send<v1::PurchaseOrder>(Ordering(supplier, filter, 1000)).status(),
                        v1::PROCUREMENT_ERROR_REASON_SUPPLIER_NOT_APPROVED));
  EXPECT_TRUE(IsRefusal(Send<v1::PurchaseOrder>(On<v1::SubmitPurchaseOrderRequest>(drafted)).status(),
                        v1::PROCUREMENT_ERROR_REASON_SUPPLIER_NOT_APPROVED));
  EXPECT_TRUE(IsRefusal(Send<v1::Supplier>(Suspension(supplier)).status(), ERROR_REASON_WRONG_STATE));
  v1::ApproveSupplierRequest back;
  back.set_supplier_id(supplier.supplier_id());
  EXPECT_TRUE(IsRefusal(Send<v1::Supplier>(back).status(), ERROR_REASON_REASON_REQUIRED));
  back.set_reason("audited on site");
  Must<v1::Supplier>(back);
  Submit(drafted);
}

TEST_F(Supplying, ClosesAFileOnceNothingIsOnOrder) {
  const v1::Supplier supplier = ASupplier("S1");
  const v1::Part filter = APart("F-1");
  AnOffer(supplier, filter, 1000);
  const v1::PurchaseOrder order = AnOrder(supplier, filter, 1000);
  EXPECT_TRUE(
      IsRefusal(Send<v1::Supplier>(Closing(supplier)).status(), v1::PROCUREMENT_ERROR_REASON_SUPPLIER_HAS_OPEN_ORDERS));
  Must<v1::PurchaseOrder>(On<v1::CancelPurchaseOrderRequest>(order, "not needed"));
  const v1::Supplier closed = Must<v1::Supplier>(Closing(supplier));
  EXPECT_EQ(closed.state(), v1::Supplier::STATE_CLOSED);
  for (const absl::Status& refused :
       {Send<v1::Supplier>(Suspension(supplier)).status(), Send<v1::Supplier>(Closing(supplier)).status(),
        Send<v1::Supplier>(Licence(supplier, "2030-01-01")).status(),
        Send<v1::SupplierPart>(Offer(supplier, APart("F-2"), 1)).status()}) {
    EXPECT_TRUE(IsRefusal(refused, ERROR_REASON_WRONG_STATE)) << refused;
  }
  v1::UpdateSupplierRequest update;
  *update.mutable_supplier() = closed;
  update.mutable_supplier()->set_bank_name("工商银行");
  update.mutable_update_mask()->add_paths("bank_name");
  EXPECT_TRUE(IsRefusal(Send<v1::Supplier>(update).status(), ERROR_REASON_WRONG_STATE));
}

TEST_F(Supplying, AnnouncesAPaperThatEndsAndStopsTheSupplierWhenItHasEnded) {
  const v1::Supplier supplier = ASupplier("S1", "2026-12-10");
  const v1::Part filter = APart("F-1");
  AnOffer(supplier, filter, 1000);
  RunPeriodic("watch_suppliers");
  EXPECT_EQ(OpenDuties(kSupplierPaperDuty), 1);
  RunPeriodic("watch_suppliers");
  EXPECT_EQ(OpenDuties(kSupplierPaperDuty), 1) << "told once";
  clock_.Advance(absl::Hours(24 * 20));
  EXPECT_TRUE(IsRefusal(Send<v1::PurchaseOrder>(Ordering(supplier, filter, 1000)).status(),
                        v1::PROCUREMENT_ERROR_REASON_SUPPLIER_PAPER_MISSING))
      << "stopped at once, not only when the round finds it";
  RunPeriodic("watch_suppliers");
  EXPECT_EQ(SupplierNow(supplier).state(), v1::Supplier::STATE_SUSPENDED);
  Must<v1::Supplier>(Licence(supplier, "2030-12-31"));
  EXPECT_EQ(OpenDuties(kSupplierPaperDuty), 0) << "the new paper is what the duty asked for";
}

TEST_F(Supplying, PrefersOneSupplierPerPart) {
  const v1::Supplier first = ASupplier("S1"), second = ASupplier("S2");
  const v1::Part filter = APart("F-1");
  v1::CreateSupplierPartRequest offer = Offer(first, filter, 1000);
  offer.mutable_supplier_part()->set_preferred(true);
  const v1::SupplierPart old = Must<v1::SupplierPart>(offer);
  EXPECT_EQ(old.part_number(), "F-1");
  EXPECT_TRUE(IsRefusal(Send<v1::SupplierPart>(Offer(first, filter, 900)).status(), ERROR_REASON_ALREADY_EXISTS));
  offer = Offer(second, filter, 1100);
  offer.mutable_supplier_part()->set_preferred(true);
  Must<v1::SupplierPart>(offer);
  EXPECT_EQ(Count("supplier_part WHERE preferred = 1"), 1);
  v1::UpdateSupplierPartRequest update;
  *update.mutable_supplier_part() = old;
  update.mutable_supplier_part()->set_unit_price_amount(950);
  EXPECT_TRUE(IsRefusal(Send<v1::SupplierPart>(update).status(), ERROR_REASON_CHANGED_MEANWHILE))
      << "it lost its place meanwhile";
  v1::CreateSupplierPartRequest halves = Offer(second, APart("F-2"), 100);
  halves.mutable_supplier_part()->set_pack_quantity_milli(1500);
  EXPECT_TRUE(IsRefusal(Send<v1::SupplierPart>(halves).status(), v1::ERROR_REASON_QUANTITY_STEP));
}

// Handbook: P-07, P-18.
TEST_F(Supplying, ScoresAMonthFromWhatCameWhenAndAtWhichPrice) {
  const v1::Supplier supplier = ASupplier("S1");
  const v1::Part filter = APart("F-1"), pad = APart("P-1");
  AnOffer(supplier, pad, 2000);
  AContract(Contract(supplier, filter, 1000));
  const v1::PurchaseOrder in_time = Sent(AnOrder(supplier, filter, 10000));
  const v1::PurchaseOrder late = Sent(AnOrder(supplier, pad, 10000));
  ASSERT_TRUE(Came(in_time, 8000, 2000).ok());
  ASSERT_TRUE(Came(in_time, 2000).ok());
  clock_.Advance(absl::Hours(24 * 7));
  ASSERT_TRUE(Came(late, 10000).ok());
  v1::EvaluateSupplierRequest request;
  request.set_supplier_id(supplier.supplier_id());
  request.set_start_date("2026-11-01");
  request.set_end_date("2026-11-30");
  const auto score = Must<v1::SupplierScore>(request);
  EXPECT_EQ(score.accepted_milli(), 20000);
  EXPECT_EQ(score.rejected_milli(), 2000);
  EXPECT_EQ(score.promised_line_count(), 2);
  EXPECT_EQ(score.on_time_line_count(), 1);
  EXPECT_EQ(score.ordered_amount(), 10000);
  EXPECT_EQ(score.contract_amount(), 10000);
  request.set_start_date("2026-12-01");
  EXPECT_TRUE(IsRefusal(Send<v1::SupplierScore>(request).status(), v1::PROCUREMENT_ERROR_REASON_EVALUATION_PERIOD));
  clock_.Advance(absl::Hours(24 * 5));
  RunPeriodic("watch_suppliers");
  RunPeriodic("watch_suppliers");
  v1::ListSupplierScoresRequest list;
  const auto scores = Must<v1::ListSupplierScoresResponse>(list);
  ASSERT_EQ(scores.supplier_scores_size(), 1) << "kept once, when the month is over";
  EXPECT_EQ(scores.supplier_scores(0).score_basis_points(), score.score_basis_points());
}

}  // namespace
}  // namespace parts
