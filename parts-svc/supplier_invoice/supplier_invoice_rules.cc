// The three-way match; see supplier_invoice_rules.h.
#include "parts-svc/supplier_invoice/supplier_invoice_rules.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/receiving_errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"
#include "chassis/time/amounts.h"
#include "parts-svc/receiving/receiving_rules.h"

namespace parts {
namespace {

using Receipts = std::map<std::string, v1::GoodsReceipt>;

int64_t BookedAmount(const v1::GoodsReceiptLine& line) { return line.cost_amount() + line.quarantine_cost_amount(); }

// What the next `quantity_milli` of a receipt's line was booked with.
int64_t BookedShare(const v1::GoodsReceiptLine& line, int64_t quantity_milli) {
  return NextShare(BookedAmount(line), line.counted_milli(), line.billed_milli(), quantity_milli);
}

int64_t ExpectedAmount(const v1::GoodsReceiptLine& line, int64_t quantity_milli) {
  int64_t unit_amount = 0;
  if (!PriceOf(line, unit_amount)) return BookedShare(line, quantity_milli);
  return chassis::Extend(unit_amount, line.billed_milli() + quantity_milli) -
         chassis::Extend(unit_amount, line.billed_milli());
}

absl::Status CheckPosted(const v1::GoodsReceipt& receipt, const std::string& at) {
  if (receipt.has_post_time()) return absl::OkStatus();
  return chassis::Refuse(v1::RECEIVING_ERROR_REASON_RECEIPT_NOT_POSTED)
      .With("number", receipt.number())
      .At(at + ".goods_receipt_id", "尚未入库", "is not posted");
}

absl::StatusOr<v1::SupplierInvoiceLine> BillLine(const v1::RegisterSupplierInvoiceRequest& request, int i,
                                                 const Receipts& receipts) {
  const auto& asked = request.lines(i);
  const std::string at = absl::StrCat("lines[", i, "]");
  v1::GoodsReceipt receipt = receipts.at(asked.goods_receipt_id());
  RETURN_IF_ERROR(CheckPosted(receipt, at));
  if (receipt.supplier_id() != request.supplier_id()) {
    return chassis::Refuse(v1::RECEIVING_ERROR_REASON_OTHER_SUPPLIER)
        .With("number", receipt.number())
        .At(at + ".goods_receipt_id", "属于另一供应商", "belongs to another supplier");
  }
  const v1::GoodsReceiptLine* source = FindLine(receipt, asked.goods_receipt_line_id());
  if (source == nullptr) {
    return chassis::Refuse(v1::RECEIVING_ERROR_REASON_RECEIPT_LINE_UNKNOWN)
        .With("number", receipt.number())
        .At(at + ".goods_receipt_line_id", "收货单没有此行", "is no line of the receipt");
  }
  v1::SupplierInvoiceLine line;
  line.set_goods_receipt_id(asked.goods_receipt_id());
  line.set_goods_receipt_line_id(asked.goods_receipt_line_id());
  line.set_part_id(source->part_id());
  line.set_part_number(source->part_number());
  line.set_quantity_milli(asked.quantity_milli());
  line.set_net_amount(asked.net_amount());
  line.set_tax_amount(asked.tax_amount());
  return line;
}

void AddFinding(const v1::SupplierInvoiceLine& line, v1::MatchFinding::Kind kind, int64_t expected, int64_t billed,
                v1::SupplierInvoice& invoice) {
  v1::MatchFinding& finding = *invoice.add_findings();
  finding.set_kind(kind);
  finding.set_supplier_invoice_line_id(line.supplier_invoice_line_id());
  finding.set_part_number(line.part_number());
  finding.set_expected(expected);
  finding.set_billed(billed);
}

// Where goods of the line lie or lay.
const std::string& PlaceOf(const v1::GoodsReceiptLine& line) {
  return line.location_id().empty() ? line.quarantine_location_id() : line.location_id();
}

// Shares of a charge over a receipt's lines: by the value of what was accepted; without any by what came at all.
std::vector<int64_t> SpreadCharge(const v1::GoodsReceipt& receipt, int64_t amount) {
  std::vector<int64_t> accepted, came, counted;
  int64_t accepted_amount = 0, came_amount = 0;
  for (const auto& line : receipt.lines()) {
    accepted.push_back(line.cost_amount());
    came.push_back(BookedAmount(line));
    counted.push_back(line.counted_milli());
    accepted_amount += accepted.back();
    came_amount += came.back();
  }
  return chassis::Split(amount, accepted_amount > 0 ? accepted : came_amount > 0 ? came : counted);
}

// One change of cost; the next one of the same part starts from the stock's new value.
CostChange Change(const v1::GoodsReceiptLine& line, const std::string& document_line_id, int64_t quantity_milli,
                  int64_t amount, StocksByPart& stocks) {
  v1::PartStock& stock = stocks.at(line.part_id());
  const CostShares shares = ShareCost(stock, quantity_milli, amount);
  stock.set_value_amount(stock.value_amount() + shares.stock_amount);
  return {line.part_id(), PlaceOf(line), document_line_id, shares};
}

}  // namespace

absl::StatusOr<v1::SupplierInvoice> Bill(const v1::RegisterSupplierInvoiceRequest& request, const Receipts& receipts,
                                         const std::string& today, const std::function<std::string()>& new_id) {
  // ISO dates compare like days.
  if (request.invoice_date() > today) {
    return chassis::Refuse(v1::RECEIVING_ERROR_REASON_INVOICE_DATE_AHEAD)
        .With("date", request.invoice_date())
        .At("invoice_date", "在今天之后", "is after today");
  }
  v1::SupplierInvoice invoice;
  invoice.set_supplier_id(request.supplier_id());
  invoice.set_supplier_invoice_number(request.supplier_invoice_number());
  invoice.set_invoice_date(request.invoice_date());
  invoice.set_state(v1::SupplierInvoice::STATE_REGISTERED);
  int64_t net = 0, tax = 0;
  for (int i = 0; i < request.lines_size(); ++i) {
    ASSIGN_OR_RETURN(v1::SupplierInvoiceLine line, BillLine(request, i, receipts));
    line.set_supplier_invoice_line_id(new_id());
    net += line.net_amount();
    tax += line.tax_amount();
    *invoice.add_lines() = std::move(line);
  }
  for (int i = 0; i < request.charges_size(); ++i) {
    const auto& asked = request.charges(i);
    RETURN_IF_ERROR(CheckPosted(receipts.at(asked.goods_receipt_id()), absl::StrCat("charges[", i, "]")));
    v1::SupplierInvoiceCharge& charge = *invoice.add_charges();
    charge.set_supplier_invoice_charge_id(new_id());
    charge.set_kind(asked.kind());
    charge.set_goods_receipt_id(asked.goods_receipt_id());
    charge.set_net_amount(asked.net_amount());
    charge.set_tax_amount(asked.tax_amount());
    net += charge.net_amount();
    tax += charge.tax_amount();
  }
  if (net + tax == 0) {
    return chassis::Refuse(v1::RECEIVING_ERROR_REASON_INVOICE_EMPTY).At("lines", "没有金额", "come to nothing");
  }
  invoice.set_net_amount(net);
  invoice.set_tax_amount(tax);
  invoice.set_gross_amount(net + tax);
  return invoice;
}

void Match(const Receipts& receipts, int tolerance_basis_points, v1::SupplierInvoice& invoice) {
  invoice.clear_findings();
  Receipts billing = receipts;
  for (v1::SupplierInvoiceLine& line : *invoice.mutable_lines()) {
    v1::GoodsReceiptLine& source = *FindLine(billing.at(line.goods_receipt_id()), line.goods_receipt_line_id());
    const int64_t open_milli = source.billable_milli() - source.billed_milli();
    line.set_expected_amount(ExpectedAmount(source, line.quantity_milli()));
    if (line.quantity_milli() > open_milli) {
      AddFinding(line, v1::MatchFinding::KIND_QUANTITY, std::max<int64_t>(0, open_milli), line.quantity_milli(),
                 invoice);
    }
    if (line.net_amount() > line.expected_amount() + chassis::Portion(line.expected_amount(), tolerance_basis_points)) {
      AddFinding(line, v1::MatchFinding::KIND_PRICE, line.expected_amount(), line.net_amount(), invoice);
    }
    source.set_billed_milli(source.billed_milli() + line.quantity_milli());
  }
}

std::vector<CostChange> Stand(StocksByPart stocks, Receipts& receipts, v1::SupplierInvoice& invoice) {
  std::vector<CostChange> changes;
  for (v1::SupplierInvoiceLine& line : *invoice.mutable_lines()) {
    v1::GoodsReceiptLine& source = *FindLine(receipts.at(line.goods_receipt_id()), line.goods_receipt_line_id());
    const int64_t amount = line.net_amount() - BookedShare(source, line.quantity_milli());
    source.set_billed_milli(source.billed_milli() + line.quantity_milli());
    changes.push_back(Change(source, line.supplier_invoice_line_id(), line.quantity_milli(), amount, stocks));
    line.set_stock_amount(changes.back().shares.stock_amount);
    line.set_variance_amount(changes.back().shares.variance_amount);
  }
  for (v1::SupplierInvoiceCharge& charge : *invoice.mutable_charges()) {
    const v1::GoodsReceipt& receipt = receipts.at(charge.goods_receipt_id());
    const std::vector<int64_t> shares = SpreadCharge(receipt, charge.net_amount());
    for (int i = 0; i < receipt.lines_size(); ++i) {
      if (shares[i] == 0) continue;
      const v1::GoodsReceiptLine& line = receipt.lines(i);
      const int64_t quantity_milli = line.accepted_milli() > 0 ? line.accepted_milli() : line.counted_milli();
      changes.push_back(Change(line, charge.supplier_invoice_charge_id(), quantity_milli, shares[i], stocks));
      charge.set_stock_amount(charge.stock_amount() + changes.back().shares.stock_amount);
      charge.set_variance_amount(charge.variance_amount() + changes.back().shares.variance_amount);
    }
  }
  return changes;
}

}  // namespace parts
