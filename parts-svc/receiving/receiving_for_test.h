// Builders for tests of receiving and of what is owed for it: suppliers, orders that are with them, deliveries, bills.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "aftersales/parts/v1/payable.pb.h"
#include "aftersales/parts/v1/policy.pb.h"
#include "aftersales/parts/v1/purchase_order.pb.h"
#include "aftersales/parts/v1/receiving.pb.h"
#include "aftersales/parts/v1/receiving_errors.pb.h"
#include "aftersales/parts/v1/supplier.pb.h"
#include "aftersales/parts/v1/supplier_invoice.pb.h"
#include "aftersales/parts/v1/supplier_return.pb.h"
#include "parts-svc/parts_for_test.h"

namespace parts {

class ReceivingStoreForTest : public PartsStore {
 protected:
  using Receipt = v1::GoodsReceipt;
  using Difference = v1::GoodsReceiptDifference;
  using Return = v1::SupplierReturn;
  using Bill = v1::SupplierInvoice;

  ReceivingStoreForTest() : quarantine_(ABin("Q1", v1::Location::KIND_QUARANTINE)) {}

  // From now on somebody else calls.
  void As(const std::string& subject, std::set<aftersales::options::v1::Role> roles) {
    identity_.subject = subject;
    identity_.roles = std::move(roles);
  }
  void AsManager() { As("zhang.lei", {aftersales::options::v1::ROLE_PARTS_MANAGER}); }
  void AsOtherManager() { As("wang.fang", {aftersales::options::v1::ROLE_PARTS_MANAGER}); }

  v1::Supplier ASupplier(const std::string& code = "S1") {
    v1::CreateSupplierRequest create;
    create.mutable_supplier()->set_code(code);
    create.mutable_supplier()->set_display_name("上海配件公司 " + code);
    create.mutable_supplier()->set_unified_social_credit_code(code == "S1" ? "91310000MA1FL1000X"
                                                                           : "91310000MA1FL10011");
    const auto supplier = Must<v1::Supplier>(create);
    v1::FileSupplierPaperRequest paper;
    paper.set_supplier_id(supplier.supplier_id());
    paper.set_kind(v1::SupplierPaper::KIND_BUSINESS_LICENCE);
    paper.set_paper_number("L-" + code);
    paper.set_valid_from_date("2020-01-01");
    paper.set_evidence("scans/licence");
    Must<v1::Supplier>(paper);
    v1::ApproveSupplierRequest approve;
    approve.set_supplier_id(supplier.supplier_id());
    return Must<v1::Supplier>(approve);
  }

  struct Ordered {
    v1::Part part;
    int64_t quantity_milli;
    int64_t unit_price_amount;
  };
  // An order that is with the supplier.
  v1::PurchaseOrder AnOrder(const v1::Supplier& supplier, const std::vector<Ordered>& ordered) {
    v1::CreatePurchaseOrderRequest create;
    create.set_supplier_id(supplier.supplier_id());
    for (const Ordered& one : ordered) {
      auto& line = *create.add_lines();
      line.set_part_id(one.part.part_id());
      line.set_quantity_milli(one.quantity_milli);
      line.set_unit_price_amount(one.unit_price_amount);
    }
    auto order = Must<v1::PurchaseOrder>(create);
    v1::SubmitPurchaseOrderRequest submit;
    submit.set_purchase_order_id(order.purchase_order_id());
    order = Must<v1::PurchaseOrder>(submit);
    v1::ApprovePurchaseOrderRequest approve;
    approve.set_purchase_order_id(order.purchase_order_id());
    approve.set_etag(order.etag());
    Must<v1::PurchaseOrder>(approve);
    v1::SendPurchaseOrderRequest send;
    send.set_purchase_order_id(order.purchase_order_id());
    return Must<v1::PurchaseOrder>(send);
  }
  v1::PurchaseOrder OrderOf(const std::string& purchase_order_id) {
    v1::GetPurchaseOrderRequest request;
    request.set_purchase_order_id(purchase_order_id);
    return Must<v1::PurchaseOrder>(request);
  }

  // Counted quantities of the order's lines, in their order.
  v1::StartGoodsReceiptRequest Arrival(const v1::PurchaseOrder& order, const std::vector<int64_t>& counted_milli) {
    v1::StartGoodsReceiptRequest request;
    request.set_purchase_order_id(order.purchase_order_id());
    request.set_delivery_note("DN-1");
    for (size_t i = 0; i < counted_milli.size(); ++i) {
      auto& line = *request.add_lines();
      line.set_purchase_order_line_id(order.lines(static_cast<int>(i)).purchase_order_line_id());
      line.set_counted_milli(counted_milli[i]);
    }
    return request;
  }
  v1::InspectGoodsReceiptRequest Inspection(const Receipt& receipt) {
    v1::InspectGoodsReceiptRequest request;
    request.set_goods_receipt_id(receipt.goods_receipt_id());
    request.set_location_id(bin_);
    request.set_quarantine_location_id(quarantine_);
    return request;
  }
  void Reject(v1::InspectGoodsReceiptRequest& request, const Receipt& receipt, int line, int64_t rejected_milli) {
    auto& told = *request.add_lines();
    told.set_goods_receipt_line_id(receipt.lines(line).goods_receipt_line_id());
    told.set_accepted_milli(receipt.lines(line).counted_milli() - rejected_milli);
    told.set_rejected_milli(rejected_milli);
    told.set_reject_reason("packing broken");
  }
  v1::PostGoodsReceiptRequest Posting(const Receipt& receipt) {
    v1::PostGoodsReceiptRequest request;
    request.set_goods_receipt_id(receipt.goods_receipt_id());
    *request.mutable_receiver_signature() = StoreSignature();
    return request;
  }
  static aftersales::common::v1::Signature StoreSignature() {
    auto signature = TechnicianSignature();
    signature.set_signer_name("王库管");
    signature.set_signer_role(aftersales::common::v1::Signature::SIGNER_ROLE_INSPECTOR);
    return signature;
  }
  // A delivery that came, was accepted but for `rejected_milli` of its first line, and is put away.
  Receipt Received(const v1::PurchaseOrder& order, const std::vector<int64_t>& counted_milli,
                   int64_t rejected_milli = 0) {
    const auto receipt = Must<Receipt>(Arrival(order, counted_milli));
    auto inspection = Inspection(receipt);
    if (rejected_milli > 0) Reject(inspection, receipt, 0, rejected_milli);
    Must<Receipt>(inspection);
    return Must<Receipt>(Posting(receipt));
  }
  Receipt ReceiptOf(const std::string& goods_receipt_id) {
    v1::GetGoodsReceiptRequest request;
    request.set_goods_receipt_id(goods_receipt_id);
    return Must<Receipt>(request);
  }
  v1::SettleReceiptDifferenceRequest Settling(const Receipt& receipt, Difference::Settlement settlement,
                                              int difference = 0) {
    v1::SettleReceiptDifferenceRequest request;
    request.set_goods_receipt_id(receipt.goods_receipt_id());
    request.set_goods_receipt_difference_id(receipt.differences(difference).goods_receipt_difference_id());
    request.set_settlement(settlement);
    request.set_note("agreed by phone");
    if (settlement == Difference::SETTLEMENT_ACCEPT) request.set_location_id(bin_);
    return request;
  }

  v1::DraftSupplierReturnRequest Returning(const Receipt& receipt, int64_t quantity_milli, Return::Settlement how,
                                           int line = 0) {
    v1::DraftSupplierReturnRequest request;
    request.set_supplier_id(receipt.supplier_id());
    request.set_settlement(how);
    request.set_reason("not selling");
    auto& asked = *request.add_lines();
    asked.set_goods_receipt_id(receipt.goods_receipt_id());
    asked.set_goods_receipt_line_id(receipt.lines(line).goods_receipt_line_id());
    asked.set_quantity_milli(quantity_milli);
    asked.set_location_id(bin_);
    return request;
  }
  Return Approved(const std::string& supplier_return_id) {
    v1::ApproveSupplierReturnRequest request;
    request.set_supplier_return_id(supplier_return_id);
    AsOtherManager();
    const auto approved = Must<Return>(request);
    AsManager();
    return approved;
  }
  v1::ShipSupplierReturnRequest Shipping(const std::string& supplier_return_id) {
    v1::ShipSupplierReturnRequest request;
    request.set_supplier_return_id(supplier_return_id);
    request.set_carrier("顺丰");
    request.set_tracking_number("SF1");
    *request.mutable_shipper_signature() = StoreSignature();
    return request;
  }
  Return Shipped(const Return& draft) {
    Approved(draft.supplier_return_id());
    return Must<Return>(Shipping(draft.supplier_return_id()));
  }
  v1::CreditSupplierReturnRequest Crediting(const Return& shipped, int64_t net_amount, int64_t tax_amount = 0) {
    v1::CreditSupplierReturnRequest request;
    request.set_supplier_return_id(shipped.supplier_return_id());
    if (net_amount > 0) request.set_credit_note_number("CN-1");
    request.set_credit_amount(net_amount);
    request.set_credit_tax_amount(tax_amount);
    return request;
  }

  // A bill of the whole first line of a receipt at this net amount, with 13 % tax.
  v1::RegisterSupplierInvoiceRequest Billing(const Receipt& receipt, const std::string& number, int64_t quantity_milli,
                                             int64_t net_amount, int line = 0) {
    v1::RegisterSupplierInvoiceRequest request;
    request.set_supplier_id(receipt.supplier_id());
    request.set_supplier_invoice_number(number);
    request.set_invoice_date("2026-11-20");
    auto& asked = *request.add_lines();
    asked.set_goods_receipt_id(receipt.goods_receipt_id());
    asked.set_goods_receipt_line_id(receipt.lines(line).goods_receipt_line_id());
    asked.set_quantity_milli(quantity_milli);
    asked.set_net_amount(net_amount);
    asked.set_tax_amount(net_amount * 13 / 100);
    return request;
  }
  v1::Payable PayableOf(const Bill& bill) {
    v1::GetPayableRequest request;
    request.set_payable_id(bill.payable_id());
    return Must<v1::Payable>(request);
  }
  // What went to the variance account, all in all.
  int64_t Variance() {
    return Sum("SELECT COALESCE(SUM(CASE WHEN l.kind = 'VARIANCE' THEN m.cost_amount ELSE 0 END), 0) AS n FROM "
               "stock_movement m JOIN location l ON l.store_id = m.store_id AND l.location_id = m.to_location_id") -
           Sum("SELECT COALESCE(SUM(CASE WHEN l.kind = 'VARIANCE' THEN m.cost_amount ELSE 0 END), 0) AS n FROM "
               "stock_movement m JOIN location l ON l.store_id = m.store_id AND l.location_id = m.from_location_id");
  }
  // What the supplier's account gave, less what it took back.
  int64_t FromSupplier() {
    return Sum("SELECT COALESCE(SUM(CASE WHEN l.kind = 'SUPPLIER' THEN m.cost_amount ELSE 0 END), 0) AS n FROM "
               "stock_movement m JOIN location l ON l.store_id = m.store_id AND l.location_id = m.from_location_id") -
           Sum("SELECT COALESCE(SUM(CASE WHEN l.kind = 'SUPPLIER' THEN m.cost_amount ELSE 0 END), 0) AS n FROM "
               "stock_movement m JOIN location l ON l.store_id = m.store_id AND l.location_id = m.to_location_id");
  }
  int64_t Sum(const std::string& query) {
    int64_t sum = 0;
    const absl::Status status =
        schema_->pool().Read(absl::InfiniteFuture(), [&](chassis::sql::Session& session) -> absl::Status {
          ASSIGN_OR_RETURN(const chassis::sql::Rows rows,
                           session.Query("SELECT CAST(n AS SIGNED) AS n FROM (" + query + ") t"));
          sum = rows[0].Int("n");
          return absl::OkStatus();
        });
    EXPECT_TRUE(status.ok()) << status;
    return sum;
  }
  int64_t OpenDuties(const std::string& kind) { return Count("duty WHERE kind = '" + kind + "' AND state = 'OPEN'"); }
  template <typename Response, typename Request>
  void ExpectRefused(const Request& request, v1::ReceivingErrorReason reason) {
    const auto status = Send<Response>(request).status();
    EXPECT_TRUE(IsRefusal(status, reason)) << status << "\n" << request.ShortDebugString();
  }
  template <typename Response, typename Request>
  void ExpectWrongState(const Request& request) {
    const auto status = Send<Response>(request).status();
    EXPECT_TRUE(IsRefusal(status, aftersales::common::v1::ERROR_REASON_WRONG_STATE)) << status << "\n"
                                                                                     << request.ShortDebugString();
  }

  std::string quarantine_;
};

}  // namespace parts
