// The supplier return room; see supplier_return_service.h.
#include "parts-svc/supplier_return/supplier_return_service.h"

#include <algorithm>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "parts-svc/payable/approval_rules.h"
#include "parts-svc/receiving/receiving_duties.h"
#include "parts-svc/receiving/receiving_rules.h"
#include "parts-svc/supplier_return/supplier_return_checks.h"

namespace parts {
namespace {

using chassis::UnitOfWork;
using Return = v1::SupplierReturn;

template <typename Lines>
std::vector<std::string> ReceiptIdsOf(const Lines& lines) {
  std::vector<std::string> ids;
  for (const auto& line : lines) ids.push_back(line.goods_receipt_id());
  return ids;
}

std::vector<std::string> PartIdsOf(const Return& supplier_return) {
  std::set<std::string> part_ids;
  for (const auto& line : supplier_return.lines()) part_ids.insert(line.part_id());
  return {part_ids.begin(), part_ids.end()};
}

FieldsByPart FieldsOf(const Return& supplier_return) {
  FieldsByPart fields;
  for (int i = 0; i < supplier_return.lines_size(); ++i) {
    fields.emplace(supplier_return.lines(i).part_id(), absl::StrCat("lines[", i, "]"));
  }
  return fields;
}

}  // namespace

SupplierReturnService::SupplierReturnService(chassis::Rooms& rooms)
    : catalogue_(rooms.host.cipher()),
      locations_(rooms.host.cipher()),
      ledger_(rooms.host.cipher()),
      book_(rooms.host.cipher()),
      policy_(rooms.host.cipher()),
      suppliers_(rooms.host.cipher()),
      receipts_(rooms.host.cipher()),
      store_(rooms.host.cipher()),
      payables_(rooms.host.cipher()),
      returned_(rooms.host.metrics().Counter("parts_supplier_returns_total", "Returns shipped to suppliers (P-09)")) {
  rooms.rpcs.On(this, &SupplierReturnService::DraftReturn);
  rooms.rpcs.On(this, &SupplierReturnService::ApproveReturn);
  rooms.rpcs.On(this, &SupplierReturnService::ShipReturn);
  rooms.rpcs.On(this, &SupplierReturnService::CreditReturn);
  rooms.rpcs.On(this, &SupplierReturnService::CancelReturn);
  rooms.rpcs.Standard<Return>(store_.table());
  rooms.Verify("supplier_returns", VerifySupplierReturns);
  rooms.SignedDocument("supplier_return",
                       [this](chassis::sql::Session& session, const std::string& store_id,
                              const std::string& id) -> absl::StatusOr<std::unique_ptr<google::protobuf::Message>> {
                         ASSIGN_OR_RETURN(Return found, store_.table().Get(session, store_id, id));
                         return std::make_unique<Return>(std::move(found));
                       });
}

absl::StatusOr<v1::SupplierReturn> SupplierReturnService::DraftReturn(chassis::Call& call,
                                                                      const v1::DraftSupplierReturnRequest& request) {
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber("PRT"));
  return call.Transact<Return>([&](UnitOfWork& work) -> absl::StatusOr<Return> {
    work.Because(request.reason());
    ASSIGN_OR_RETURN(const v1::Supplier supplier,
                     suppliers_.suppliers().Get(work.sql(), work.store_id(), request.supplier_id()));
    ASSIGN_OR_RETURN(const auto before, receipts_.LockByIds(work, ReceiptIdsOf(request.lines())));
    ReceiptsById after = before;
    std::vector<std::string> part_ids;
    for (const auto& line : request.lines()) part_ids.push_back(line.part_id());
    for (const auto& [id, receipt] : before) {
      for (const auto& line : receipt.lines()) part_ids.push_back(line.part_id());
    }
    part_ids.erase(std::remove(part_ids.begin(), part_ids.end(), ""), part_ids.end());
    ASSIGN_OR_RETURN(const PartsById parts, catalogue_.ByIds(work.sql(), work.store_id(), part_ids));
    ASSIGN_OR_RETURN(const auto lines, DraftLines(request, parts, after, [&] { return work.NewId(); }));
    RETURN_IF_ERROR(receipts_.Update(work, before, after));
    Return draft;
    draft.set_store_id(work.store_id());
    draft.set_supplier_return_id(work.NewId());
    draft.set_number(number);
    draft.set_supplier_id(supplier.supplier_id());
    draft.set_supplier_name(supplier.display_name());
    draft.set_state(Return::STATE_DRAFT);
    draft.set_settlement(request.settlement());
    draft.set_reason(request.reason());
    draft.set_drafter(work.actor().subject);
    *draft.mutable_lines() = {lines.begin(), lines.end()};
    for (const auto& line : lines) draft.set_expected_amount(draft.expected_amount() + line.expected_amount());
    ASSIGN_OR_RETURN(const Places places, PlacesOf(work, draft));
    for (int i = 0; i < draft.lines_size(); ++i) {
      const std::string at = absl::StrCat("lines[", i, "].location_id");
      const auto place = places.find(draft.lines(i).location_id());
      if (place == places.end()) {
        return chassis::NotFound("location", draft.lines(i).location_id()).At(at, "没有此库位", "does not exist");
      }
      RETURN_IF_ERROR(CheckBin(place->second, at));
    }
    RETURN_IF_ERROR(store_.table().Insert(work, draft));
    return draft;
  });
}

absl::StatusOr<v1::SupplierReturn> SupplierReturnService::ApproveReturn(
    chassis::Call& call, const v1::ApproveSupplierReturnRequest& request) {
  return call.Transact<Return>([&](UnitOfWork& work) -> absl::StatusOr<Return> {
    ASSIGN_OR_RETURN(const Return before, store_.table().Lock(work, work.store_id(), request.supplier_return_id()));
    Return after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, Return::STATE_APPROVED));
    RETURN_IF_ERROR(CheckFourEyes(work.actor().subject, before.drafter()));
    ASSIGN_OR_RETURN(const v1::PartsPolicy policy, policy_.Get(work.sql(), work.store_id()));
    RETURN_IF_ERROR(CheckApprovalLimit(policy, call.identity().roles, before.expected_amount()));
    after.set_approver(work.actor().subject);
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    return after;
  });
}

absl::StatusOr<v1::SupplierReturn> SupplierReturnService::ShipReturn(chassis::Call& call,
                                                                     const v1::ShipSupplierReturnRequest& request) {
  RETURN_IF_ERROR(CheckStoreSigns(request.shipper_signature(), "shipper_signature"));
  absl::StatusOr<Return> shipped = call.Transact<Return>([&](UnitOfWork& work) -> absl::StatusOr<Return> {
    ASSIGN_OR_RETURN(const Return before, store_.table().Lock(work, work.store_id(), request.supplier_return_id()));
    Return after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, Return::STATE_SHIPPED));
    after.set_carrier(request.carrier());
    after.set_tracking_number(request.tracking_number());
    *after.mutable_ship_time() = work.now_proto();
    const std::vector<std::string> part_ids = PartIdsOf(before);
    ASSIGN_OR_RETURN(const PartsById parts, catalogue_.ByIds(work.sql(), work.store_id(), part_ids));
    ASSIGN_OR_RETURN(const Places places, PlacesOf(work, before));
    RETURN_IF_ERROR(ledger_.LockBalances(work, part_ids).status());
    // From here to the commit the average of these parts stands still.
    ASSIGN_OR_RETURN(const StocksByPart stocks, ledger_.LockStocks(work, part_ids));
    PriceReturn(stocks, after);
    int64_t version = 0;
    if (!absl::SimpleAtoi(before.etag(), &version)) return absl::InternalError("a return without a version");
    const chassis::DocumentRef ref{"supplier_return", after.supplier_return_id(), version + 1};
    ASSIGN_OR_RETURN(*after.mutable_shipper_signature(), work.Sign(after, ref, request.shipper_signature()));
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    std::vector<v1::StockMovement> movements = ReturnMovements(after);
    RETURN_IF_ERROR(book_.Post(
        work, {v1::DOCUMENT_KIND_SUPPLIER_RETURN, after.supplier_return_id(), after.number(), after.reason()}, parts,
        places, movements, FieldsOf(after)));
    return after;
  });
  if (shipped.ok()) returned_.Increment();
  return shipped;
}

absl::StatusOr<v1::SupplierReturn> SupplierReturnService::CreditReturn(chassis::Call& call,
                                                                       const v1::CreditSupplierReturnRequest& request) {
  std::string credit_number;
  if (!request.credit_note_number().empty()) {
    ASSIGN_OR_RETURN(credit_number, call.NextNumber("SCR"));
  }
  return call.Transact<Return>([&](UnitOfWork& work) -> absl::StatusOr<Return> {
    ASSIGN_OR_RETURN(const Return before, store_.table().Lock(work, work.store_id(), request.supplier_return_id()));
    Return after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, Return::STATE_CREDITED));
    ASSIGN_OR_RETURN(const std::vector<CostChange> changes, Credit(request, after));
    if (after.settlement() == Return::SETTLEMENT_CREDIT_NOTE) {
      v1::SupplierCredit credit;
      credit.set_number(credit_number);
      credit.set_supplier_id(after.supplier_id());
      credit.set_supplier_name(after.supplier_name());
      credit.set_credit_note_number(request.credit_note_number());
      credit.set_source_id(after.supplier_return_id());
      credit.set_source_number(after.number());
      credit.set_net_amount(request.credit_amount());
      credit.set_tax_amount(request.credit_tax_amount());
      ASSIGN_OR_RETURN(credit, payables_.Grant(work, credit));
      after.set_supplier_credit_id(credit.supplier_credit_id());
    }
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    ASSIGN_OR_RETURN(const PartsById parts, catalogue_.ByIds(work.sql(), work.store_id(), PartIdsOf(after)));
    ASSIGN_OR_RETURN(const Places places, PlacesOf(work, after));
    std::vector<v1::StockMovement> movements = CostMovements(work.store_id(), changes);
    if (movements.empty()) return after;
    RETURN_IF_ERROR(book_.Post(work,
                               {v1::DOCUMENT_KIND_LANDED_COST, after.supplier_return_id(), after.number(),
                                absl::StrCat("credit ", after.credit_note_number())},
                               parts, places, movements));
    return after;
  });
}

absl::StatusOr<v1::SupplierReturn> SupplierReturnService::CancelReturn(chassis::Call& call,
                                                                       const v1::CancelSupplierReturnRequest& request) {
  return call.Transact<Return>([&](UnitOfWork& work) -> absl::StatusOr<Return> {
    work.Because(request.reason());
    ASSIGN_OR_RETURN(const Return before, store_.table().Lock(work, work.store_id(), request.supplier_return_id()));
    Return after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, Return::STATE_CANCELLED));
    after.set_cancel_reason(request.reason());
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    RETURN_IF_ERROR(GiveBack(work, before));
    return after;
  });
}

absl::Status SupplierReturnService::GiveBack(UnitOfWork& work, const Return& supplier_return) {
  ASSIGN_OR_RETURN(const auto before, receipts_.LockByIds(work, ReceiptIdsOf(supplier_return.lines())));
  ReceiptsById after = before;
  for (const auto& line : supplier_return.lines()) {
    const auto receipt = after.find(line.goods_receipt_id());
    if (receipt == after.end()) continue;
    RETURN_IF_ERROR(Unclaim(supplier_return, line, receipt->second));
  }
  ASSIGN_OR_RETURN(const v1::PartsPolicy policy, policy_.Get(work.sql(), work.store_id()));
  for (auto& [id, receipt] : after) {
    if (AllSettled(receipt) || receipt.state() == v1::GoodsReceipt::STATE_DIFFERENCES_OPEN) continue;
    RETURN_IF_ERROR(chassis::MoveTo(receipt, v1::GoodsReceipt::STATE_DIFFERENCES_OPEN));
    work.Owe(DifferenceDuty(receipt, work.now() + absl::Hours(24 * policy.difference_days())));
  }
  return receipts_.Update(work, before, after);
}

absl::StatusOr<Places> SupplierReturnService::PlacesOf(UnitOfWork& work, const Return& supplier_return) {
  std::vector<std::string> location_ids;
  for (const auto& line : supplier_return.lines()) location_ids.push_back(line.location_id());
  return locations_.ByIds(work.sql(), work.store_id(), location_ids);
}

}  // namespace parts
