// What a clerk who buys asks of the store, paper by paper: an order that is with the supplier, the count of what came,
// its inspection, what is agreed about differences, and goods on their way back. Quantities are random; what they must
// come to is the model's business.
#pragma once

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "aftersales/parts/v1/purchase_order.pb.h"
#include "aftersales/parts/v1/receiving.pb.h"
#include "aftersales/parts/v1/supplier_return.pb.h"
#include "tests/faults/stock_house.h"

namespace stock {

// A line of a posted receipt, and how much of it may still go back to the supplier.
struct Delivered {
  std::string receipt_id, line_id, part_id;
  int64_t returnable = 0;
};
// Something about it that is not agreed yet. Only what is missing is not in the store.
struct Open {
  v1::GoodsReceiptDifference difference;
  size_t delivered = 0;  // where its line stands among the clerk's
  bool Missing() const { return difference.kind() == v1::GoodsReceiptDifference::KIND_SHORT; }
};
// Goods that are to go back: accepted ones, or those of a difference.
struct GoingBack {
  std::string supplier_return_id, part_id, bin;
  int64_t quantity = 0;
  size_t delivered = 0;
  v1::GoodsReceiptDifference difference;  // empty for accepted goods
};

class Purchase {
 public:
  Purchase(House& house, std::mt19937_64& random, int64_t step) : house_(house), random_(random), step_(step) {}

  // Approved and sent.
  v1::PurchaseOrder Order(const std::vector<std::string>& part_ids) {
    v1::CreatePurchaseOrderRequest create;
    create.set_supplier_id(house_.supplier_id());
    for (const std::string& part_id : part_ids) {
      auto& line = *create.add_lines();
      line.set_part_id(part_id);
      line.set_quantity_milli(Quantity(15000));
      line.set_unit_price_amount(1 + Below(9000));
    }
    auto order = house_.Must<v1::PurchaseOrder>(create);
    v1::SubmitPurchaseOrderRequest submit;
    submit.set_purchase_order_id(order.purchase_order_id());
    order = house_.Must<v1::PurchaseOrder>(submit);
    v1::ApprovePurchaseOrderRequest approve;
    approve.set_purchase_order_id(order.purchase_order_id());
    approve.set_etag(order.etag());
    house_.Must<v1::PurchaseOrder>(approve);
    v1::SendPurchaseOrderRequest send;
    send.set_purchase_order_id(order.purchase_order_id());
    return house_.Must<v1::PurchaseOrder>(send);
  }

  // Most lines as ordered; some more, some less, but something of the first.
  v1::StartGoodsReceiptRequest Arrival(const v1::PurchaseOrder& order) {
    v1::StartGoodsReceiptRequest request;
    request.set_purchase_order_id(order.purchase_order_id());
    request.set_delivery_note("DN-1");
    for (const v1::PurchaseOrderLine& ordered : order.lines()) {
      auto& line = *request.add_lines();
      line.set_purchase_order_line_id(ordered.purchase_order_line_id());
      const int64_t other = Below(ordered.quantity_milli() / step_ + 5) * step_;
      line.set_counted_milli(Chance(50) ? ordered.quantity_milli() : other);
      if (request.lines_size() == 1) line.set_counted_milli(std::max(line.counted_milli(), step_));
    }
    return request;
  }
  // Something nobody ordered lies in the box.
  void AddUnordered(const std::string& part_id, v1::StartGoodsReceiptRequest& request) {
    auto& line = *request.add_lines();
    line.set_part_id(part_id);
    line.set_counted_milli(Quantity(2000));
    if (Chance(50)) line.set_unit_cost_amount(Below(9000));
  }
  // What is good goes into `bin`, the rest into quarantine.
  v1::InspectGoodsReceiptRequest Inspection(const v1::GoodsReceipt& receipt, const std::string& bin) {
    v1::InspectGoodsReceiptRequest request;
    request.set_goods_receipt_id(receipt.goods_receipt_id());
    request.set_location_id(house_.BinNamed(bin));
    request.set_quarantine_location_id(house_.BinNamed("Q1"));
    for (const v1::GoodsReceiptLine& line : receipt.lines()) {
      if (line.counted_milli() == 0 || Chance(70)) continue;
      auto& told = *request.add_lines();
      told.set_goods_receipt_line_id(line.goods_receipt_line_id());
      told.set_rejected_milli(Quantity(line.counted_milli()));
      told.set_accepted_milli(line.counted_milli() - told.rejected_milli());
      told.set_reject_reason("packing broken");
    }
    return request;
  }
  v1::PostGoodsReceiptRequest Posting(const v1::GoodsReceipt& receipt) {
    v1::PostGoodsReceiptRequest request;
    request.set_goods_receipt_id(receipt.goods_receipt_id());
    *request.mutable_receiver_signature() = StoreSignature();
    return request;
  }

  // One of those that suit the difference; what is accepted is put into `bin`.
  v1::SettleReceiptDifferenceRequest Settlement(const Open& open, const std::string& receipt_id,
                                                const std::string& bin) {
    using Difference = v1::GoodsReceiptDifference;
    v1::SettleReceiptDifferenceRequest request;
    request.set_goods_receipt_id(receipt_id);
    request.set_goods_receipt_difference_id(open.difference.goods_receipt_difference_id());
    request.set_note("agreed by phone");
    const Difference::Settlement third = open.Missing() ? Difference::SETTLEMENT_CREDIT : Difference::SETTLEMENT_RETURN;
    request.set_settlement(Chance(40)   ? Difference::SETTLEMENT_ACCEPT
                           : Chance(50) ? Difference::SETTLEMENT_REPLACEMENT
                                        : third);
    if (request.settlement() == Difference::SETTLEMENT_CREDIT) {
      request.set_credit_note_number(house_.NewId());
      request.set_credit_amount(1 + Below(50000));
    }
    if (request.settlement() == Difference::SETTLEMENT_ACCEPT && !open.Missing()) {
      request.set_location_id(house_.BinNamed(bin));
    }
    return request;
  }

  v1::DraftSupplierReturnRequest Return(const Delivered& delivered, int64_t quantity, const std::string& bin) {
    v1::DraftSupplierReturnRequest request;
    request.set_supplier_id(house_.supplier_id());
    request.set_settlement(Chance(40)   ? v1::SupplierReturn::SETTLEMENT_CREDIT_NOTE
                           : Chance(50) ? v1::SupplierReturn::SETTLEMENT_NOT_BILLED
                                        : v1::SupplierReturn::SETTLEMENT_REPLACEMENT);
    request.set_reason("not selling");
    auto& line = *request.add_lines();
    line.set_goods_receipt_id(delivered.receipt_id);
    line.set_goods_receipt_line_id(delivered.line_id);
    line.set_quantity_milli(quantity);
    line.set_location_id(house_.BinNamed(bin));
    return request;
  }
  // Approved by somebody else and handed to the carrier, if the goods are there.
  absl::StatusOr<v1::SupplierReturn> Ship(const std::string& supplier_return_id) {
    v1::ApproveSupplierReturnRequest approve;
    approve.set_supplier_return_id(supplier_return_id);
    house_.Must<v1::SupplierReturn>(approve, "service_manager");
    v1::ShipSupplierReturnRequest ship;
    ship.set_supplier_return_id(supplier_return_id);
    *ship.mutable_shipper_signature() = StoreSignature();
    return house_.Settle<v1::SupplierReturn>(ship);
  }
  // What the supplier gave for it, which is never what it cost.
  v1::SupplierReturn Credit(const v1::SupplierReturn& shipped) {
    v1::CreditSupplierReturnRequest request;
    request.set_supplier_return_id(shipped.supplier_return_id());
    if (shipped.settlement() == v1::SupplierReturn::SETTLEMENT_CREDIT_NOTE) {
      request.set_credit_note_number(house_.NewId());
      request.set_credit_amount(1 + Below(50000));
    }
    return house_.Must<v1::SupplierReturn>(request);
  }
  v1::SupplierReturn Cancel(const std::string& supplier_return_id) {
    v1::CancelSupplierReturnRequest request;
    request.set_supplier_return_id(supplier_return_id);
    request.set_reason("not on the shelf");
    return house_.Must<v1::SupplierReturn>(request);
  }

 private:
  int64_t Below(int64_t limit) { return std::uniform_int_distribution<int64_t>(0, limit - 1)(random_); }
  bool Chance(int percent) { return Below(100) < percent; }
  int64_t Quantity(int64_t max) { return step_ * (1 + Below(std::max<int64_t>(max / step_, 1))); }
  static common::Signature StoreSignature() {
    common::Signature signature;
    signature.set_signer_name("王库管");
    signature.set_signer_role(common::Signature::SIGNER_ROLE_INSPECTOR);
    signature.set_method(common::Signature::AUTHORIZATION_METHOD_IN_PERSON_DIGITAL_SIGNATURE);
    signature.set_evidence("pad-1");
    return signature;
  }

  House& house_;
  std::mt19937_64& random_;
  int64_t step_;
};

}  // namespace stock
