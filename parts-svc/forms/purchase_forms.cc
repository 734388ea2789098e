// Purchase order, goods receipt and return to the supplier on paper; see purchase_forms.h.
#include "parts-svc/forms/purchase_forms.h"

#include "absl/strings/str_cat.h"

namespace parts {
namespace {

using aftersales::common::v1::Store;
using chassis::print::Cell;
using chassis::print::Form;
using chassis::print::Shape;
using chassis::print::Table;
using chassis::print::Words;

void AddSupplier(Form& form, const v1::Supplier& supplier, const std::string& name) {
  form.Field({"供应商", "Supplier"}, name)
      .Field({"联系人", "Contact"}, supplier.contact_name())
      .Field({"电话", "Telephone"}, supplier.contact_phone())
      .Field({"地址", "Address"}, supplier.address());
}

// Goods are wanted from this paper once it was sent; before, and after a cancellation, it says what it is.
void MarkState(Form& form, const v1::PurchaseOrder& order) {
  switch (order.state()) {
    case v1::PurchaseOrder::STATE_SENT:
    case v1::PurchaseOrder::STATE_PARTLY_RECEIVED:
    case v1::PurchaseOrder::STATE_RECEIVED:
    case v1::PurchaseOrder::STATE_CLOSED:
      return;
    default: {
      const std::string state = form.State(order);
      form.Mark({absl::StrCat(state, " · 非有效订单"), absl::StrCat(state, " · not an order yet")});
    }
  }
}

Words DifferenceWords(v1::GoodsReceiptDifference::Kind kind) {
  switch (kind) {
    case v1::GoodsReceiptDifference::KIND_SHORT:
      return {"短少", "short"};
    case v1::GoodsReceiptDifference::KIND_OVER:
      return {"多送", "over-delivered"};
    case v1::GoodsReceiptDifference::KIND_DAMAGED:
      return {"不合格", "damaged"};
    case v1::GoodsReceiptDifference::KIND_WRONG_PART:
      return {"错件", "wrong part"};
    default:
      return {};
  }
}

Words SettlementWords(v1::GoodsReceiptDifference::Settlement settlement) {
  switch (settlement) {
    case v1::GoodsReceiptDifference::SETTLEMENT_ACCEPT:
      return {"让步接收", "accepted"};
    case v1::GoodsReceiptDifference::SETTLEMENT_RETURN:
      return {"退货", "returned"};
    case v1::GoodsReceiptDifference::SETTLEMENT_REPLACEMENT:
      return {"换货 / 补货", "replacement"};
    case v1::GoodsReceiptDifference::SETTLEMENT_CREDIT:
      return {"贷项", "credit"};
    default:
      return {"待处理", "open"};
  }
}

Words SettlementWords(v1::SupplierReturn::Settlement settlement) {
  switch (settlement) {
    case v1::SupplierReturn::SETTLEMENT_CREDIT_NOTE:
      return {"开具贷项", "credit note"};
    case v1::SupplierReturn::SETTLEMENT_NOT_BILLED:
      return {"未开票冲减", "left off the bill"};
    case v1::SupplierReturn::SETTLEMENT_REPLACEMENT:
      return {"换货", "replacement"};
    default:
      return {};
  }
}

Table Differences(const Form& form, const v1::GoodsReceipt& receipt) {
  Table table{.columns = {{{"差异", "Difference"}, Shape::kText, 16},
                          {{"配件", "Part"}, Shape::kText, 24},
                          {{"数量", "Quantity"}, Shape::kNumber, 12},
                          {{"金额", "Amount"}, Shape::kNumber, 15},
                          {{"处理", "Settlement"}, Shape::kText, 33}}};
  for (const v1::GoodsReceiptDifference& difference : receipt.differences()) {
    std::string how = difference.settlement_number();
    if (!difference.settle_note().empty()) absl::StrAppend(&how, how.empty() ? "" : " · ", difference.settle_note());
    table.rows.push_back({{form.In(DifferenceWords(difference.kind())), difference.batch_code()},
                          {difference.part_number(), difference.note()},
                          {form.Quantity(difference.quantity_milli())},
                          {form.Amount(difference.cost_amount())},
                          {form.In(SettlementWords(difference.settlement())), how}});
  }
  return table;
}

}  // namespace

Form PurchaseOrderForm(const Store& store, std::string_view language, const v1::PurchaseOrder& order,
                       const v1::Supplier& supplier, const FormFacts& facts) {
  Form form(store, language, {"采购订单", "Purchase order"}, order.number());
  MarkState(form, order);
  AddSupplier(form, supplier, order.supplier_name());
  form.Field({"订货时间", "Ordered"}, form.Time(order.send_time().seconds() ? order.send_time() : order.create_time()))
      .Field({"要求到货", "Expected"}, order.expected_date())
      .Field({"币种", "Currency"}, order.currency_code())
      .Field({"供应商单号", "Supplier's number"}, order.supplier_reference())
      .Field({"制单", "Drafted by"}, order.creator())
      .Field({"批准", "Approved by"}, order.approver());
  Table table{.columns = {{{"序号", "No."}, Shape::kWord, 6},
                          {{"配件", "Part"}, Shape::kText, 28},
                          {{"供应商件号", "Supplier's part"}, Shape::kText, 16},
                          {{"数量", "Quantity"}, Shape::kNumber, 11},
                          {{"单位", "Unit"}, Shape::kWord, 7},
                          {{"单价", "Unit price"}, Shape::kNumber, 13},
                          {{"税率", "Tax"}, Shape::kNumber, 8},
                          {{"金额（不含税）", "Amount before tax"}, Shape::kNumber, 15},
                          {{"到货日期", "Expected"}, Shape::kNumber, 13}}};
  for (int i = 0; i < order.lines_size(); ++i) {
    const v1::PurchaseOrderLine& line = order.lines(i);
    v1::Part name;
    name.set_name_zh(line.part_name());
    if (const auto part = facts.parts.find(line.part_id()); part != facts.parts.end()) name = part->second;
    const std::string cancelled =
        line.cancelled_milli() == 0 ? ""
                                    : absl::StrCat(form.In({"取消 ", "less "}), form.Quantity(line.cancelled_milli()));
    table.rows.push_back({{Position(i)},
                          PartCell(form, line.part_number(), name.name_zh(), name.name_en()),
                          {line.supplier_part_number()},
                          {form.Quantity(line.quantity_milli() - line.cancelled_milli()), cancelled},
                          {UnitOf(form, facts, line.part_id())},
                          {form.Amount(line.unit_price_amount())},
                          {form.Percent(line.tax_basis_points())},
                          {form.Amount(line.line_amount())},
                          {line.expected_date()}});
  }
  table.totals.push_back({{"合计（不含税）", "Total before tax"}, {form.Amount(order.total_amount()), ""}});
  table.totals.push_back({{"税额", "Tax"}, {form.Amount(order.tax_amount()), ""}});
  table.totals.push_back(
      {{"价税合计", "Total with tax"}, {form.Amount(order.total_amount() + order.tax_amount()), ""}});
  form.Add(table).Note({"备注", "Remark"}, order.note());
  form.Sign({{"采购方（盖章）", "For the buyer"}, nullptr}).Sign({{"供应商确认（盖章）", "For the supplier"}, nullptr});
  form.Version(order, absl::StrCat(order.revision()));
  return form;
}

Form GoodsReceiptForm(const Store& store, std::string_view language, const v1::GoodsReceipt& receipt,
                      const FormFacts& facts) {
  Form form(store, language, {"接收单", "Goods receipt"}, receipt.number());
  const std::string state = form.State(receipt);
  form.Mark({state, state});
  form.Field({"供应商", "Supplier"}, receipt.supplier_name())
      .Field({"采购订单", "Purchase order"}, receipt.purchase_order_number())
      .Field({"送货单号", "Delivery note"}, receipt.delivery_note())
      .Field({"接收时间", "Received"}, form.Time(receipt.create_time()))
      .Field({"入库时间", "Posted"}, form.Time(receipt.post_time()))
      .Field({"说明", "Remark"}, receipt.reason());
  Table table{.columns = {{{"序号", "No."}, Shape::kWord, 6},
                          {{"配件", "Part"}, Shape::kText, 27},
                          {{"库位 / 批次", "Bin / batch"}, Shape::kText, 15},
                          {{"应收", "Announced"}, Shape::kNumber, 10},
                          {{"实收", "Counted"}, Shape::kNumber, 10},
                          {{"合格", "Accepted"}, Shape::kNumber, 10},
                          {{"不合格", "Rejected"}, Shape::kNumber, 10},
                          {{"单位", "Unit"}, Shape::kWord, 7},
                          {{"单价", "Unit cost"}, Shape::kNumber, 12},
                          {{"金额", "Amount"}, Shape::kNumber, 14}}};
  for (int i = 0; i < receipt.lines_size(); ++i) {
    const v1::GoodsReceiptLine& line = receipt.lines(i);
    table.rows.push_back({{Position(i)},
                          PartCell(form, line.part_number(), line.name_zh(), line.name_en()),
                          BinCell(facts, line.location_id(), line.batch_code()),
                          {form.Quantity(line.announced_milli())},
                          {form.Quantity(line.counted_milli())},
                          {form.Quantity(line.accepted_milli())},
                          {form.Quantity(line.rejected_milli())},
                          {UnitOf(form, facts, line.part_id())},
                          {form.Amount(line.unit_cost_amount())},
                          {form.Amount(line.cost_amount() + line.quarantine_cost_amount())}});
  }
  table.totals.push_back(
      {{"合计（不含税，含隔离品）", "Total before tax, with quarantine"}, {form.Amount(receipt.cost_amount())}});
  form.Add(table);
  if (!receipt.differences().empty()) form.Add(Differences(form, receipt));
  form.Sign({{"收货人", "Received by"}, &receipt.receiver_signature()});
  form.Sign({{"验收人", "Inspected by"}, nullptr}).Sign({{"送货人", "Delivered by"}, nullptr});
  form.Version(receipt, receipt.etag(), receipt.receiver_signature().document_digest());
  return form;
}

Form SupplierReturnForm(const Store& store, std::string_view language, const v1::SupplierReturn& goods,
                        const v1::Supplier& supplier, const FormFacts& facts) {
  Form form(store, language, {"采购退货单", "Return to supplier"}, goods.number());
  const std::string state = form.State(goods);
  form.Mark({state, state});
  AddSupplier(form, supplier, goods.supplier_name());
  form.Field({"结算方式", "Settlement"}, form.In(SettlementWords(goods.settlement())))
      .Field({"开单时间", "Drafted"}, form.Time(goods.create_time()))
      .Field({"发出时间", "Shipped"}, form.Time(goods.ship_time()))
      .Field({"承运", "Carrier"}, goods.carrier())
      .Field({"运单号", "Tracking number"}, goods.tracking_number())
      .Field({"贷项单号", "Credit note"}, goods.credit_note_number())
      .Field({"批准", "Approved by"}, goods.approver());
  Table table = GoodsTable(form, facts, goods.lines(), {"应退金额", "Claimed"},
                           [](const v1::SupplierReturnLine& line) { return line.expected_amount(); });
  table.totals.push_back({{"合计（不含税）", "Total before tax"}, {form.Amount(goods.expected_amount())}});
  form.Add(table);
  form.Note({"退货原因", "Reason"}, goods.reason()).Note({"作废原因", "Cancelled because"}, goods.cancel_reason());
  form.Sign({{"发货人", "Shipped by"}, &goods.shipper_signature()});
  form.Sign({{"承运人", "Carrier"}, nullptr}).Sign({{"供应商签收", "For the supplier"}, nullptr});
  form.Version(goods, goods.etag(), goods.shipper_signature().document_digest());
  return form;
}

}  // namespace parts
