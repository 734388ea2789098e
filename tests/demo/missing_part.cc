// The part that is not in stock; see missing_part.h.
#include "tests/demo/missing_part.h"

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/location.pb.h"
#include "aftersales/parts/v1/procurement_errors.pb.h"
#include "aftersales/parts/v1/purchase_order.pb.h"
#include "aftersales/parts/v1/receiving.pb.h"
#include "aftersales/parts/v1/special_order.pb.h"
#include "aftersales/parts/v1/supplier_invoice.pb.h"
#include "chassis/time/amounts.h"
#include "chassis/time/clock.h"

namespace demo {
namespace {

namespace parts = aftersales::parts::v1;
using aftersales::common::v1::Signature;

class MissingPart {
 public:
  MissingPart(Stage& stage, const aftersales::common::v1::Store& store, std::string holder_id)
      : stage_(stage), store_(store), cast_(store), holder_id_(std::move(holder_id)) {}

  void Run() {
    Order();
    Approve();
    Receive();
    Bill();
  }

 private:
  template <typename Request>
  Request ForStore() const {
    Request request;
    request.set_store_id(cast_.store_id);
    return request;
  }
  template <typename Request>
  Request ForOrder() const {
    auto request = ForStore<Request>();
    request.set_purchase_order_id(order_.purchase_order_id());
    return request;
  }
  template <typename Document>
  void Say(std::string_view what, const Document& document) {
    stage_.narrator().Step(what, document.number(), StateOf(document));
  }

  void Order() {
    auto create = ForStore<parts::CreateSpecialOrdersRequest>();
    create.set_holder_id(holder_id_);
    const auto created = stage_.Do<parts::CreateSpecialOrdersResponse>(cast_.adviser, create);
    if (created.special_orders_size() != 1 || created.purchase_orders_size() != 1) {
      throw StepFailed("one short line makes one special order on one purchase order");
    }
    special_ = created.special_orders(0);
    order_ = created.purchase_orders(0);
    Say(absl::StrCat("缺件 ", special_.part_number(), " 专订，供应商 ", order_.supplier_name()), order_);
    order_ = stage_.Do<parts::PurchaseOrder>(cast_.clerk, ForOrder<parts::SubmitPurchaseOrderRequest>());
  }

  void Approve() {
    auto approve = ForOrder<parts::ApprovePurchaseOrderRequest>();
    approve.set_etag(order_.etag());
    stage_.Refused<parts::PurchaseOrder>(cast_.clerk, approve, parts::PROCUREMENT_ERROR_REASON_ORDER_APPROVAL_LIMIT,
                                         "配件员越权审批采购订单");
    order_ = stage_.Do<parts::PurchaseOrder>(cast_.parts_manager, approve);
    order_ = stage_.Do<parts::PurchaseOrder>(cast_.clerk, ForOrder<parts::SendPurchaseOrderRequest>());
    Say(absl::StrCat("配件经理审批并下单，金额 ", Yuan(order_.total_amount()), "，预计 ", order_.expected_date(),
                     " 到货"),
        order_);
  }

  std::string ABin() {
    auto locations = ForStore<parts::ListLocationsRequest>();
    locations.set_page_size(1);
    locations.set_filter("kind = \"STOCK\"");
    return stage_.Do<parts::ListLocationsResponse>(cast_.clerk, locations).locations(0).location_id();
  }

  void Receive() {
    auto start = ForOrder<parts::StartGoodsReceiptRequest>();
    start.set_delivery_note("送货单 " + order_.number());
    for (const auto& line : order_.lines()) {
      auto& counted = *start.add_lines();
      counted.set_purchase_order_line_id(line.purchase_order_line_id());
      counted.set_counted_milli(line.open_milli());
    }
    receipt_ = stage_.Do<parts::GoodsReceipt>(cast_.clerk, start);
    auto inspect = ForStore<parts::InspectGoodsReceiptRequest>();
    inspect.set_goods_receipt_id(receipt_.goods_receipt_id());
    inspect.set_location_id(ABin());
    receipt_ = stage_.Do<parts::GoodsReceipt>(cast_.clerk, inspect);
    auto post = ForStore<parts::PostGoodsReceiptRequest>();
    post.set_goods_receipt_id(receipt_.goods_receipt_id());
    *post.mutable_receiver_signature() =
        SignedBy(cast_.clerk.subject, Signature::SIGNER_ROLE_MANAGER,
                 Signature::AUTHORIZATION_METHOD_IN_PERSON_DIGITAL_SIGNATURE, "screen/" + cast_.clerk.subject);
    receipt_ = stage_.Do<parts::GoodsReceipt>(cast_.clerk, post);
    Say("到货点数、验收、入库，自动配给等待的单据", receipt_);
    auto get = ForStore<parts::GetSpecialOrderRequest>();
    get.set_special_order_id(special_.special_order_id());
    special_ = stage_.Do<parts::SpecialOrder>(cast_.adviser, get);
    if (special_.state() != parts::SpecialOrder::STATE_ARRIVED) throw StepFailed("the ordered part has not arrived");
  }

  void Bill() {
    auto bill = ForStore<parts::RegisterSupplierInvoiceRequest>();
    bill.set_supplier_id(order_.supplier_id());
    bill.set_supplier_invoice_number("FP-" + order_.number());
    bill.set_invoice_date(chassis::CivilDate(stage_.Now(), store_.time_zone()));
    for (const auto& line : receipt_.lines()) {
      auto& billed = *bill.add_lines();
      billed.set_goods_receipt_id(receipt_.goods_receipt_id());
      billed.set_goods_receipt_line_id(line.goods_receipt_line_id());
      billed.set_quantity_milli(line.accepted_milli());
      billed.set_net_amount(line.cost_amount());
      billed.set_tax_amount(chassis::Portion(line.cost_amount(), order_.lines(0).tax_basis_points()));
    }
    Say("供应商发票，订单、收货、发票三单相符", stage_.Do<parts::SupplierInvoice>(cast_.cashier, bill));
  }

  Stage& stage_;
  const aftersales::common::v1::Store& store_;
  const Cast cast_;
  const std::string holder_id_;
  parts::SpecialOrder special_;
  parts::PurchaseOrder order_;
  parts::GoodsReceipt receipt_;
};

}  // namespace

void OrderMissingPart(Stage& stage, const aftersales::common::v1::Store& store, const std::string& holder_id) {
  MissingPart(stage, store, holder_id).Run();
}

}  // namespace demo
