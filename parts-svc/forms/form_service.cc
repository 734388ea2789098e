// The forms room; see form_service.h.
#include "parts-svc/forms/form_service.h"

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/form_errors.pb.h"
#include "chassis/documents/print/view.h"
#include "parts-svc/forms/purchase_forms.h"
#include "parts-svc/forms/stock_forms.h"

namespace parts {
namespace {

using chassis::Call;
using chassis::print::Form;
using chassis::print::ShowAsAllowed;
using chassis::sql::Session;

constexpr int64_t kSheetLinesMax = 3000;  // some hundred pages; a longer count is printed bin by bin

std::string LanguageOf(const Call& call, v1::FormLanguage wanted) {
  switch (wanted) {
    case v1::FORM_LANGUAGE_ZH_CN:
      return "zh-CN";
    case v1::FORM_LANGUAGE_EN:
      return "en";
    default:
      return call.language();
  }
}

v1::PrintedForm Printed(const Call& call, Form form) {
  form.PrintedBy(call.actor().on_behalf_of.empty() ? call.actor().subject : call.actor().on_behalf_of, call.Now());
  v1::PrintedForm printed;
  printed.set_media_type("text/html; charset=utf-8");
  printed.set_file_name(absl::StrCat(form.number(), ".html"));
  printed.set_content(form.Html());
  return printed;
}

// A document as it was read, with what its form needs besides.
template <typename T>
struct Read {
  T document;
  FormFacts facts;
  v1::Supplier supplier;
};

}  // namespace

FormService::FormService(chassis::Rooms& rooms) : store_(rooms.host.cipher()) {
  rooms.rpcs.On(this, &FormService::Issue);
  rooms.rpcs.On(this, &FormService::GoodsReceipt);
  rooms.rpcs.On(this, &FormService::PurchaseOrder);
  rooms.rpcs.On(this, &FormService::SupplierReturn);
  rooms.rpcs.On(this, &FormService::Transfer);
  rooms.rpcs.On(this, &FormService::Stocktake);
}

absl::StatusOr<v1::PrintedForm> FormService::Issue(Call& call, const v1::PrintIssueRequest& request) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  std::string order_number, source_number;
  ASSIGN_OR_RETURN(auto read, call.Read([&](Session& session) -> absl::StatusOr<Read<v1::Issue>> {
    Read<v1::Issue> found;
    ASSIGN_OR_RETURN(found.document, store_.issues.Get(session, call.store_id(), request.issue_id()));
    ASSIGN_OR_RETURN(found.facts, store_.FactsOf(session, call.store_id(), found.document.lines()));
    ASSIGN_OR_RETURN(order_number, store_.OrderNumber(session, call.store_id(), found.document.order_id()));
    if (!found.document.source_issue_id().empty()) {
      ASSIGN_OR_RETURN(const v1::Issue source,
                       store_.issues.Get(session, call.store_id(), found.document.source_issue_id()));
      source_number = source.number();
    }
    return found;
  }));
  RETURN_IF_ERROR(ShowAsAllowed(call, request, {&read.document}));
  return Printed(call, IssueForm(store, LanguageOf(call, request.language()), read.document, read.facts, order_number,
                                 source_number));
}

absl::StatusOr<v1::PrintedForm> FormService::GoodsReceipt(Call& call, const v1::PrintGoodsReceiptRequest& request) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  ASSIGN_OR_RETURN(auto read, call.Read([&](Session& session) -> absl::StatusOr<Read<v1::GoodsReceipt>> {
    Read<v1::GoodsReceipt> found;
    ASSIGN_OR_RETURN(found.document, store_.goods_receipts.Get(session, call.store_id(), request.goods_receipt_id()));
    ASSIGN_OR_RETURN(found.facts, store_.FactsOf(session, call.store_id(), found.document.lines()));
    return found;
  }));
  RETURN_IF_ERROR(ShowAsAllowed(call, request, {&read.document}));
  return Printed(call, GoodsReceiptForm(store, LanguageOf(call, request.language()), read.document, read.facts));
}

absl::StatusOr<v1::PrintedForm> FormService::PurchaseOrder(Call& call, const v1::PrintPurchaseOrderRequest& request) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  ASSIGN_OR_RETURN(auto read, call.Read([&](Session& session) -> absl::StatusOr<Read<v1::PurchaseOrder>> {
    Read<v1::PurchaseOrder> found;
    ASSIGN_OR_RETURN(found.document, store_.purchase_orders.Get(session, call.store_id(), request.purchase_order_id()));
    ASSIGN_OR_RETURN(found.facts, store_.FactsOf(session, call.store_id(), found.document.lines()));
    ASSIGN_OR_RETURN(found.supplier, store_.suppliers.Get(session, call.store_id(), found.document.supplier_id()));
    return found;
  }));
  RETURN_IF_ERROR(ShowAsAllowed(call, request, {&read.document, &read.supplier}));
  return Printed(
      call, PurchaseOrderForm(store, LanguageOf(call, request.language()), read.document, read.supplier, read.facts));
}

absl::StatusOr<v1::PrintedForm> FormService::SupplierReturn(Call& call, const v1::PrintSupplierReturnRequest& request) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  ASSIGN_OR_RETURN(auto read, call.Read([&](Session& session) -> absl::StatusOr<Read<v1::SupplierReturn>> {
    Read<v1::SupplierReturn> found;
    ASSIGN_OR_RETURN(found.document,
                     store_.supplier_returns.Get(session, call.store_id(), request.supplier_return_id()));
    ASSIGN_OR_RETURN(found.facts, store_.FactsOf(session, call.store_id(), found.document.lines()));
    ASSIGN_OR_RETURN(found.supplier, store_.suppliers.Get(session, call.store_id(), found.document.supplier_id()));
    return found;
  }));
  RETURN_IF_ERROR(ShowAsAllowed(call, request, {&read.document, &read.supplier}));
  return Printed(
      call, SupplierReturnForm(store, LanguageOf(call, request.language()), read.document, read.supplier, read.facts));
}

absl::StatusOr<v1::PrintedForm> FormService::Transfer(Call& call, const v1::PrintTransferRequest& request) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  ASSIGN_OR_RETURN(auto read, call.Read([&](Session& session) -> absl::StatusOr<Read<v1::Transfer>> {
    Read<v1::Transfer> found;
    ASSIGN_OR_RETURN(found.document, store_.transfers.Get(session, call.store_id(), request.transfer_id()));
    ASSIGN_OR_RETURN(found.facts, store_.FactsOf(session, call.store_id(), found.document.items()));
    ASSIGN_OR_RETURN(FormFacts wanted, store_.FactsOf(session, call.store_id(), found.document.lines()));
    found.facts.parts.merge(wanted.parts);
    return found;
  }));
  ASSIGN_OR_RETURN(const auto other, call.host().stores().Get(read.document.other_store_id(), call.deadline()));
  RETURN_IF_ERROR(ShowAsAllowed(call, request, {&read.document}));
  return Printed(
      call, TransferForm(store, LanguageOf(call, request.language()), read.document, read.facts, other.display_name()));
}

absl::StatusOr<v1::PrintedForm> FormService::Stocktake(Call& call, const v1::PrintStocktakeRequest& request) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  std::vector<v1::StocktakeLine> lines;
  ASSIGN_OR_RETURN(const auto read, call.Read([&](Session& session) -> absl::StatusOr<Read<v1::Stocktake>> {
    Read<v1::Stocktake> found;
    ASSIGN_OR_RETURN(found.document, store_.stocktakes.Get(session, call.store_id(), request.stocktake_id()));
    const CountSheet sheet = SheetOf(found.document);
    if (sheet != CountSheet::kNone) {
      const auto which = sheet == CountSheet::kRecount ? FormStore::Lines::kToBeCountedAgain : FormStore::Lines::kAll;
      ASSIGN_OR_RETURN(
          lines, store_.CountLines(session, call.store_id(), request.stocktake_id(), which,
                                   {request.location_ids().begin(), request.location_ids().end()}, kSheetLinesMax + 1));
    }
    ASSIGN_OR_RETURN(found.facts, store_.FactsOf(session, call.store_id(), lines));
    return found;
  }));
  if (lines.empty()) {
    return chassis::Refuse(v1::FORM_ERROR_REASON_NOTHING_TO_COUNT)
        .With("number", read.document.number())
        .With("state", chassis::StateName(v1::Stocktake::State_descriptor(), read.document.state()));
  }
  if (static_cast<int64_t>(lines.size()) > kSheetLinesMax) {
    return chassis::Refuse(v1::FORM_ERROR_REASON_FORM_TOO_LONG)
        .With("number", read.document.number())
        .With("limit", kSheetLinesMax)
        .At("location_ids", "请选择库位", "choose some bins");
  }
  return Printed(call, StocktakeForm(store, LanguageOf(call, request.language()), read.document, lines, read.facts));
}

}  // namespace parts
