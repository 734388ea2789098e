// Receiving and what is owed for it behind the pipeline: posts, and stores that are not the caller's.
#include "parts-svc/receiving/receiving_for_test.h"
#include "parts-svc/served_for_test.h"

namespace parts {
namespace {

constexpr char kOtherStore[] = "11111111-89ab-7def-8123-456789abcdef";

class ReceivingServed : public ServedOn<ReceivingStoreForTest> {
 protected:
  // What `role` of `store` gets for `request` about a record of this store.
  template <typename Response, typename Request>
  absl::StatusCode Asked(Request request, const std::string& role, const std::string& store,
                         const std::string& asked_store) {
    request.set_store_id(asked_store);
    if constexpr (requires { request.set_request_id(""); }) request.set_request_id(NewId());
    return client_->Call<Response>(As(role, store), request).status().code();
  }
  // Neither the store named nor the record in one's own store exists for a stranger.
  template <typename Response, typename Request>
  void ExpectUnknownElsewhere(const Request& request, const std::string& role) {
    const absl::StatusCode foreign = Asked<Response>(request, role, kOtherStore, kStore);
    EXPECT_EQ(foreign, absl::StatusCode::kNotFound) << Request::descriptor()->name();
    const absl::StatusCode own = Asked<Response>(request, role, kOtherStore, kOtherStore);
    EXPECT_EQ(own, absl::StatusCode::kNotFound) << Request::descriptor()->name();
  }
  using ServedOn<ReceivingStoreForTest>::As;
  using ReceivingStoreForTest::As;
};

// Handbook: P-09, G-01.
TEST_F(ReceivingServed, ShowsAnotherStoreNothingAndLetsItDoNothing) {
  Execute(
      "INSERT INTO store (store_id, version, code, display_name, time_zone, currency_code, settings) VALUES "
      "(UNHEX('1111111189ab7def8123456789abcdef'), 1, 'BJ01', '北京一店', 'Asia/Shanghai', 'CNY', '{}')");
  const v1::Part filter = APart("F-1");
  const auto supplier = ASupplier();
  const auto order = AnOrder(supplier, {{filter, 10000, 100}});
  const auto receipt = Received(order, {10000}, 1000);
  const auto draft = Must<Return>(Returning(receipt, 1000, Return::SETTLEMENT_NOT_BILLED));
  const auto bill = Must<Bill>(Billing(receipt, "INV-1", 8000, 800));
  ExpectUnknownElsewhere<Receipt>(Posting(receipt), "parts_clerk");
  ExpectUnknownElsewhere<Receipt>(Inspection(receipt), "parts_clerk");
  ExpectUnknownElsewhere<Receipt>(Arrival(order, {1000}), "parts_clerk");
  ExpectUnknownElsewhere<Receipt>(Settling(receipt, Difference::SETTLEMENT_ACCEPT), "parts_manager");
  ExpectUnknownElsewhere<Return>(Shipping(draft.supplier_return_id()), "parts_clerk");
  ExpectUnknownElsewhere<Return>(Returning(receipt, 1000, Return::SETTLEMENT_NOT_BILLED), "parts_clerk");
  ExpectUnknownElsewhere<Bill>(Billing(receipt, "INV-2", 1000, 100), "cashier");
  v1::GetPayableRequest get;
  get.set_payable_id(bill.payable_id());
  ExpectUnknownElsewhere<v1::Payable>(get, "cashier");
  EXPECT_EQ(Asked<v1::Payable>(get, "cashier", kStore, kStore), absl::StatusCode::kOk);
  v1::ProposeSupplierPaymentRequest propose;
  propose.set_method(v1::SupplierPayment::METHOD_CASH);
  propose.add_lines()->set_payable_id(bill.payable_id());
  propose.mutable_lines(0)->set_amount(1);
  ExpectUnknownElsewhere<v1::SupplierPayment>(propose, "cashier");
  v1::ListGoodsReceiptsRequest list;
  list.set_store_id(kOtherStore);
  const auto receipts = client_->Call<v1::ListGoodsReceiptsResponse>(As("parts_clerk", kOtherStore), list);
  ASSERT_TRUE(receipts.ok()) << receipts.status();
  EXPECT_EQ(receipts->goods_receipts_size(), 0);
}

// Handbook: P-09, G-02.
TEST_F(ReceivingServed, KeepsSettlementApprovalAndMoneyForTheirPosts) {
  const v1::Part filter = APart("F-1");
  const auto receipt = Received(AnOrder(ASupplier(), {{filter, 10000, 100}}), {10000}, 1000);
  const auto draft = Must<Return>(Returning(receipt, 1000, Return::SETTLEMENT_NOT_BILLED));
  const auto bill = Must<Bill>(Billing(receipt, "INV-1", 10000, 1000));
  const auto denied = absl::StatusCode::kPermissionDenied;
  EXPECT_EQ(Asked<Receipt>(Settling(receipt, Difference::SETTLEMENT_ACCEPT), "parts_clerk", kStore, kStore), denied);
  EXPECT_EQ(Asked<Receipt>(Posting(receipt), "cashier", kStore, kStore), denied);
  v1::ApproveSupplierReturnRequest approve_return;
  approve_return.set_supplier_return_id(draft.supplier_return_id());
  EXPECT_EQ(Asked<Return>(approve_return, "parts_clerk", kStore, kStore), denied);
  v1::ApproveSupplierInvoiceRequest approve_bill;
  approve_bill.set_supplier_invoice_id(bill.supplier_invoice_id());
  approve_bill.set_reason("hurry");
  EXPECT_EQ(Asked<Bill>(approve_bill, "cashier", kStore, kStore), denied);
  v1::RecordSupplierPaymentRequest pay;
  pay.set_supplier_payment_id(NewId());
  pay.set_bank_reference("ICBC-1");
  EXPECT_EQ(Asked<v1::SupplierPayment>(pay, "parts_manager", kStore, kStore), denied);
  v1::StartGoodsReceiptRequest orderless;
  orderless.set_supplier_id(receipt.supplier_id());
  orderless.set_reason("no order");
  EXPECT_EQ(Asked<Receipt>(orderless, "parts_clerk", kStore, kStore), denied);
}

// Handbook: P-09, G-04.
TEST_F(ReceivingServed, FindsASignedReceiptThatWasChanged) {
  const v1::Part filter = APart("F-1");
  const auto receipt = Must<Receipt>(Arrival(AnOrder(ASupplier(), {{filter, 10000, 100}}), {10000}));
  Must<Receipt>(Inspection(receipt));
  // By the service itself: what is signed is sealed with its own keys.
  ASSERT_EQ(Asked<Receipt>(Posting(receipt), "parts_clerk", kStore, kStore), absl::StatusCode::kOk);
  const auto differing = [&] {
    std::vector<std::string> names;
    const auto checks = service_->Verify(kStore);
    EXPECT_TRUE(checks.ok()) << checks.status();
    for (const auto& check : *checks) {
      if (check.difference_count() > 0) names.push_back(check.name());
    }
    return names;
  };
  EXPECT_EQ(differing(), std::vector<std::string>());
  Execute("UPDATE goods_receipt SET delivery_note = 'DN-2'");
  EXPECT_EQ(differing(), std::vector<std::string>{"signed_documents"});
}

}  // namespace
}  // namespace parts
