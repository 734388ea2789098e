// The receiving room; see receiving_service.h.
#include "parts-svc/receiving/receiving_service.h"

#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/receiving_errors.pb.h"
#include "chassis/status/check.h"
#include "parts-svc/location/location_rules.h"
#include "parts-svc/receiving/cost_rules.h"
#include "parts-svc/receiving/receiving_checks.h"
#include "parts-svc/receiving/receiving_duties.h"

namespace parts {
namespace {

using chassis::UnitOfWork;
using Difference = v1::GoodsReceiptDifference;
namespace options = aftersales::options::v1;

int64_t VersionOf(const std::string& etag) {
  int64_t version = 0;
  CHASSIS_CHECK(absl::SimpleAtoi(etag, &version), "a stored record without a version");
  return version;
}

std::vector<std::string> PartIdsOf(const v1::GoodsReceipt& receipt) {
  std::set<std::string> part_ids;
  for (const auto& line : receipt.lines()) part_ids.insert(line.part_id());
  return {part_ids.begin(), part_ids.end()};
}

// What the order learns of a receipt: what is in the bin, and what came but is not taken.
std::vector<ReceiptLine> CameIn(const v1::GoodsReceipt& receipt) {
  std::vector<ReceiptLine> lines;
  for (const auto& line : receipt.lines()) {
    if (line.purchase_order_line_id().empty() || line.accepted_milli() + line.rejected_milli() == 0) continue;
    lines.push_back({line.purchase_order_line_id(), line.accepted_milli(), line.rejected_milli()});
  }
  return lines;
}

// The kind of number a settlement needs; empty: it makes no paper.
std::string NumberKindOf(const Difference& difference, Difference::Settlement settlement) {
  if (settlement == Difference::SETTLEMENT_CREDIT) return "SCR";
  if (difference.kind() == Difference::KIND_SHORT) return "";
  return settlement == Difference::SETTLEMENT_ACCEPT ? "QIN" : "PRT";
}

absl::Status NoDifference(const v1::GoodsReceipt& receipt) {
  return chassis::Refuse(v1::RECEIVING_ERROR_REASON_DIFFERENCE_UNKNOWN)
      .With("number", receipt.number())
      .At("goods_receipt_difference_id", "没有此差异", "is no difference of the receipt");
}

}  // namespace

ReceivingService::ReceivingService(chassis::Rooms& rooms)
    : catalogue_(rooms.host.cipher()),
      locations_(rooms.host.cipher()),
      ledger_(rooms.host.cipher()),
      book_(rooms.host.cipher()),
      policy_(rooms.host.cipher()),
      desk_(rooms.host.cipher()),
      store_(rooms.host.cipher()),
      returns_(rooms.host.cipher()),
      payables_(rooms.host.cipher()),
      lines_accepted_(rooms.host.metrics().Counter("parts_receipt_lines_total", "Lines of posted goods receipts (P-09)",
                                                   {{"outcome", "accepted"}})),
      lines_differing_(rooms.host.metrics().Counter(
          "parts_receipt_lines_total", "Lines of posted goods receipts (P-09)", {{"outcome", "differing"}})) {
  rooms.rpcs.On(this, &ReceivingService::StartReceipt);
  rooms.rpcs.On(this, &ReceivingService::CountReceipt);
  rooms.rpcs.On(this, &ReceivingService::InspectReceipt);
  rooms.rpcs.On(this, &ReceivingService::PostReceipt);
  rooms.rpcs.On(this, &ReceivingService::CancelReceipt);
  rooms.rpcs.On(this, &ReceivingService::SettleDifference);
  rooms.rpcs.Standard<v1::GoodsReceipt>(store_.table());
  rooms.Verify("goods_receipts", VerifyGoodsReceipts);
  rooms.SignedDocument("goods_receipt",
                       [this](chassis::sql::Session& session, const std::string& store_id,
                              const std::string& id) -> absl::StatusOr<std::unique_ptr<google::protobuf::Message>> {
                         ASSIGN_OR_RETURN(Receipt receipt, store_.table().Get(session, store_id, id));
                         return std::make_unique<Receipt>(std::move(receipt));
                       });
}

absl::StatusOr<v1::GoodsReceipt> ReceivingService::StartReceipt(chassis::Call& call,
                                                                const v1::StartGoodsReceiptRequest& request) {
  const bool against_order = !request.purchase_order_id().empty();
  if (!against_order && !call.CallerIs(options::ROLE_PARTS_MANAGER)) {
    return chassis::Refuse(v1::RECEIVING_ERROR_REASON_ORDERLESS_BY_MANAGER)
        .At("purchase_order_id", "必填", "is required of you");
  }
  if (against_order != request.supplier_id().empty() || against_order != request.reason().empty()) {
    return chassis::Refuse(v1::RECEIVING_ERROR_REASON_SUPPLIER_OR_ORDER)
        .At("supplier_id", "与原因一同填写，且仅用于无订单收货", "goes with the reason, and only without an order");
  }
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber("GRN"));
  return call.Transact<Receipt>([&](UnitOfWork& work) -> absl::StatusOr<Receipt> {
    Receipt receipt;
    receipt.set_store_id(work.store_id());
    receipt.set_goods_receipt_id(work.NewId());
    receipt.set_number(number);
    receipt.set_state(Receipt::STATE_COUNTING);
    receipt.set_purchase_order_id(request.purchase_order_id());
    receipt.set_delivery_note(request.delivery_note());
    receipt.set_reason(request.reason());
    ASSIGN_OR_RETURN(const std::optional<v1::PurchaseOrder> order, OrderOf(work, receipt));
    if (order.has_value()) {
      RETURN_IF_ERROR(CheckOrderTakesGoods(*order));
      receipt.set_purchase_order_number(order->number());
      receipt.set_supplier_id(order->supplier_id());
      receipt.set_supplier_name(order->supplier_name());
    } else {
      work.Because(request.reason());
      ASSIGN_OR_RETURN(const v1::Supplier supplier,
                       desk_.suppliers().suppliers().Get(work.sql(), work.store_id(), request.supplier_id()));
      receipt.set_supplier_id(supplier.supplier_id());
      receipt.set_supplier_name(supplier.display_name());
    }
    ASSIGN_OR_RETURN(const auto lines, Counted(work, request.lines(), order.has_value() ? &*order : nullptr));
    *receipt.mutable_lines() = {lines.begin(), lines.end()};
    RETURN_IF_ERROR(store_.table().Insert(work, receipt));
    return receipt;
  });
}

absl::StatusOr<v1::GoodsReceipt> ReceivingService::CountReceipt(chassis::Call& call,
                                                                const v1::CountGoodsReceiptRequest& request) {
  return call.Transact<Receipt>([&](UnitOfWork& work) -> absl::StatusOr<Receipt> {
    ASSIGN_OR_RETURN(const Receipt before, store_.table().Lock(work, work.store_id(), request.goods_receipt_id()));
    RETURN_IF_ERROR(chassis::RequireState(before, {Receipt::STATE_COUNTING, Receipt::STATE_INSPECTED}));
    Receipt after = before;
    if (before.state() == Receipt::STATE_INSPECTED) {
      RETURN_IF_ERROR(chassis::MoveTo(after, Receipt::STATE_COUNTING));
    }
    ASSIGN_OR_RETURN(const std::optional<v1::PurchaseOrder> order, OrderOf(work, before));
    ASSIGN_OR_RETURN(const auto lines, Counted(work, request.lines(), order.has_value() ? &*order : nullptr));
    *after.mutable_lines() = {lines.begin(), lines.end()};
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    return after;
  });
}

absl::StatusOr<v1::GoodsReceipt> ReceivingService::InspectReceipt(chassis::Call& call,
                                                                  const v1::InspectGoodsReceiptRequest& request) {
  return call.Transact<Receipt>([&](UnitOfWork& work) -> absl::StatusOr<Receipt> {
    ASSIGN_OR_RETURN(const Receipt before, store_.table().Lock(work, work.store_id(), request.goods_receipt_id()));
    RETURN_IF_ERROR(chassis::RequireState(before, {Receipt::STATE_COUNTING, Receipt::STATE_INSPECTED}));
    Receipt after = before;
    if (before.state() == Receipt::STATE_INSPECTED) {
      // Inspected once more: what was counted counts again.
      RETURN_IF_ERROR(chassis::MoveTo(after, Receipt::STATE_COUNTING));
    }
    RETURN_IF_ERROR(chassis::MoveTo(after, Receipt::STATE_INSPECTED));
    std::vector<std::string> location_ids = {request.location_id(), request.quarantine_location_id()};
    for (const auto& line : before.lines()) location_ids.push_back(line.location_id());
    for (const auto& line : request.lines()) location_ids.push_back(line.location_id());
    ASSIGN_OR_RETURN(const Places places, locations_.ByIds(work.sql(), work.store_id(), location_ids));
    RETURN_IF_ERROR(Inspect(request, places, after));
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    return after;
  });
}

absl::StatusOr<v1::GoodsReceipt> ReceivingService::PostReceipt(chassis::Call& call,
                                                               const v1::PostGoodsReceiptRequest& request) {
  RETURN_IF_ERROR(CheckStoreSigns(request.receiver_signature(), "receiver_signature"));
  absl::StatusOr<Receipt> posted = call.Transact<Receipt>([&](UnitOfWork& work) -> absl::StatusOr<Receipt> {
    ASSIGN_OR_RETURN(const Receipt before, store_.table().Lock(work, work.store_id(), request.goods_receipt_id()));
    Receipt after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, Receipt::STATE_POSTED));
    if (!before.purchase_order_id().empty()) {
      ASSIGN_OR_RETURN(const v1::PurchaseOrder order, desk_.orders().LockOrder(work, before.purchase_order_id()));
      RETURN_IF_ERROR(CheckOrderTakesGoods(order));
      ShareWithOrder(order, after);
      const std::vector<ReceiptLine> came = CameIn(after);
      if (!came.empty()) RETURN_IF_ERROR(desk_.RecordReceipt(work, before.purchase_order_id(), came).status());
    }
    ASSIGN_OR_RETURN(const Places places, PlacesOf(work, after));
    RETURN_IF_ERROR(CheckPlaces(places, after));
    const std::vector<std::string> part_ids = PartIdsOf(after);
    ASSIGN_OR_RETURN(const PartsById parts, catalogue_.ByIds(work.sql(), work.store_id(), part_ids));
    // From here to the commit the average of these parts stands still.
    ASSIGN_OR_RETURN(const StocksByPart stocks, ledger_.LockStocks(work, part_ids));
    PriceReceipt(
        stocks, [&] { return work.NewId(); }, after);
    *after.mutable_post_time() = work.now_proto();
    RETURN_IF_ERROR(OweSettlement(work, after));
    const chassis::DocumentRef ref{"goods_receipt", after.goods_receipt_id(), VersionOf(before.etag()) + 1};
    ASSIGN_OR_RETURN(*after.mutable_receiver_signature(), work.Sign(after, ref, request.receiver_signature()));
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    std::vector<v1::StockMovement> movements = ReceiptMovements(after);
    RETURN_IF_ERROR(book_.Post(work, {v1::DOCUMENT_KIND_RECEIPT, after.goods_receipt_id(), after.number(), ""}, parts,
                               places, movements));
    return after;
  });
  if (!posted.ok()) return posted;
  std::set<std::string> differing;
  for (const auto& difference : posted->differences()) differing.insert(difference.goods_receipt_line_id());
  lines_differing_.Increment(static_cast<double>(differing.size()));
  lines_accepted_.Increment(static_cast<double>(posted->lines_size() - static_cast<int64_t>(differing.size())));
  return posted;
}

absl::StatusOr<v1::GoodsReceipt> ReceivingService::CancelReceipt(chassis::Call& call,
                                                                 const v1::CancelGoodsReceiptRequest& request) {
  return call.Transact<Receipt>([&](UnitOfWork& work) -> absl::StatusOr<Receipt> {
    work.Because(request.reason());
    ASSIGN_OR_RETURN(const Receipt before, store_.table().Lock(work, work.store_id(), request.goods_receipt_id()));
    Receipt after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, Receipt::STATE_CANCELLED));
    after.set_reason(request.reason());
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    return after;
  });
}

absl::StatusOr<v1::GoodsReceipt> ReceivingService::SettleDifference(chassis::Call& call,
                                                                    const v1::SettleReceiptDifferenceRequest& request) {
  // Which paper the settlement makes decides which number it takes, and numbers are taken before the transaction.
  ASSIGN_OR_RETURN(Receipt read, call.Read([&](chassis::sql::Session& session) {
    return store_.table().Get(session, request.store_id(), request.goods_receipt_id());
  }));
  const Difference* wanted = FindDifference(read, request.goods_receipt_difference_id());
  if (wanted == nullptr) return NoDifference(read);
  RETURN_IF_ERROR(CheckSettlement(request, *wanted));
  const std::string number_kind = NumberKindOf(*wanted, request.settlement());
  std::string number;
  if (!number_kind.empty()) {
    ASSIGN_OR_RETURN(number, call.NextNumber(number_kind));
  }
  return call.Transact<Receipt>([&](UnitOfWork& work) -> absl::StatusOr<Receipt> {
    work.Because(request.note());
    ASSIGN_OR_RETURN(const Receipt before, store_.table().Lock(work, work.store_id(), request.goods_receipt_id()));
    RETURN_IF_ERROR(chassis::RequireState(before, {Receipt::STATE_DIFFERENCES_OPEN}));
    Receipt after = before;
    Difference* difference = FindDifference(after, request.goods_receipt_difference_id());
    if (difference == nullptr) return NoDifference(before);
    RETURN_IF_ERROR(CheckSettlement(request, *difference));
    v1::GoodsReceiptLine* line = FindLine(after, difference->goods_receipt_line_id());
    if (line == nullptr) return absl::InternalError("a difference whose line is gone");
    difference->set_settlement(request.settlement());
    difference->set_settle_note(request.note());
    difference->set_settle_actor(work.actor().subject);
    difference->set_settlement_number(number);
    *difference->mutable_settle_time() = work.now_proto();
    if (AllSettled(after)) RETURN_IF_ERROR(chassis::MoveTo(after, Receipt::STATE_CLOSED));
    Settling settling{request, number, before, after, *line, *difference};
    if (request.settlement() == Difference::SETTLEMENT_CREDIT) {
      RETURN_IF_ERROR(TakeCredit(work, settling));
    } else if (difference->kind() == Difference::KIND_SHORT) {
      RETURN_IF_ERROR(store_.table().Update(work, before, after));
      RETURN_IF_ERROR(GiveUpOnOrder(work, settling));
    } else if (request.settlement() == Difference::SETTLEMENT_ACCEPT) {
      RETURN_IF_ERROR(Accept(work, settling));
    } else {
      RETURN_IF_ERROR(SendBack(work, settling));
    }
    if (after.state() == Receipt::STATE_CLOSED) {
      RETURN_IF_ERROR(work.CompleteDuties(kReceiptDifferenceDuty, after.goods_receipt_id(), "settled"));
    }
    return after;
  });
}

absl::Status ReceivingService::Accept(UnitOfWork& work, Settling& settling) {
  const Difference& difference = settling.difference;
  v1::GoodsReceiptLine& line = settling.line;
  if (settling.request.has_unit_cost_amount()) {
    if (difference.kind() != Difference::KIND_WRONG_PART) {
      return chassis::InvalidField("unit_cost_amount", "仅用于错件", "is only for a part that was not ordered");
    }
    line.set_agreed_unit_amount(settling.request.unit_cost_amount());
  }
  line.set_billable_milli(line.billable_milli() + difference.quantity_milli());
  RETURN_IF_ERROR(store_.table().Update(work, settling.before, settling.after));
  const std::string& order_id = settling.after.purchase_order_id();
  if (!line.purchase_order_line_id().empty()) {
    ASSIGN_OR_RETURN(const v1::PurchaseOrder order, desk_.orders().LockOrder(work, order_id));
    // An order that is complete or closed meanwhile keeps what it says; the goods are taken beyond it.
    if (CheckOrderTakesGoods(order).ok()) {
      const int64_t refused = difference.kind() == Difference::KIND_DAMAGED ? -difference.quantity_milli() : 0;
      RETURN_IF_ERROR(
          desk_.RecordReceipt(work, order_id, {{line.purchase_order_line_id(), difference.quantity_milli(), refused}})
              .status());
    }
  }
  ASSIGN_OR_RETURN(const Places places, locations_.ByIds(work.sql(), work.store_id(),
                                                         {settling.request.location_id(), difference.location_id()}));
  const auto place = places.find(settling.request.location_id());
  if (place == places.end() || place->second.kind() != v1::Location::KIND_STOCK) {
    return chassis::Refuse(v1::RECEIVING_ERROR_REASON_PUT_AWAY_BIN_NEEDED)
        .With("part", difference.part_number())
        .At("location_id", "须为正常库位", "must be a bin of kind STOCK");
  }
  RETURN_IF_ERROR(CheckBin(place->second, "location_id"));
  ASSIGN_OR_RETURN(const PartsById parts, catalogue_.ByIds(work.sql(), work.store_id(), {difference.part_id()}));
  ASSIGN_OR_RETURN(const StocksByPart stocks, ledger_.LockStocks(work, {difference.part_id()}));
  v1::StockMovement movement;
  movement.set_part_id(difference.part_id());
  movement.set_from_location_id(difference.location_id());
  movement.set_to_location_id(place->first);
  movement.set_quantity_milli(difference.quantity_milli());
  // Value stays in the store: both sides carry the same cost.
  movement.set_cost_amount(CostOf(stocks.at(difference.part_id()), difference.quantity_milli()));
  movement.set_batch_code(difference.batch_code());
  movement.set_document_line_id(difference.goods_receipt_difference_id());
  std::vector<v1::StockMovement> movements = {movement};
  return book_.Post(work,
                    {v1::DOCUMENT_KIND_INSPECTION, difference.goods_receipt_difference_id(), settling.number,
                     settling.request.note()},
                    parts, places, movements);
}

absl::Status ReceivingService::SendBack(UnitOfWork& work, Settling& settling) {
  v1::SupplierReturn draft =
      ReturnOf(settling.before, settling.line, settling.difference, settling.request.settlement());
  draft.set_supplier_return_id(work.NewId());
  draft.set_number(settling.number);
  draft.set_reason(settling.request.note());
  draft.set_drafter(work.actor().subject);
  draft.mutable_lines(0)->set_supplier_return_line_id(work.NewId());
  settling.difference.set_supplier_return_id(draft.supplier_return_id());
  settling.line.set_returned_milli(settling.line.returned_milli() + settling.difference.quantity_milli());
  RETURN_IF_ERROR(store_.table().Update(work, settling.before, settling.after));
  RETURN_IF_ERROR(GiveUpOnOrder(work, settling));
  return returns_.table().Insert(work, draft);
}

absl::Status ReceivingService::GiveUpOnOrder(UnitOfWork& work, const Settling& settling) {
  const bool follows = settling.request.settlement() == Difference::SETTLEMENT_REPLACEMENT;
  // What was too much was never owed.
  const bool owed =
      settling.difference.kind() == Difference::KIND_SHORT || settling.difference.kind() == Difference::KIND_DAMAGED;
  if (follows || !owed || settling.line.purchase_order_line_id().empty()) return absl::OkStatus();
  return desk_
      .GiveUpLine(work, settling.before.purchase_order_id(), settling.line.purchase_order_line_id(),
                  settling.difference.quantity_milli(), settling.request.note())
      .status();
}

absl::Status ReceivingService::TakeCredit(UnitOfWork& work, Settling& settling) {
  const v1::SettleReceiptDifferenceRequest& request = settling.request;
  v1::SupplierCredit credit;
  credit.set_number(settling.number);
  credit.set_supplier_id(settling.before.supplier_id());
  credit.set_supplier_name(settling.before.supplier_name());
  credit.set_credit_note_number(request.credit_note_number());
  credit.set_source_id(settling.difference.goods_receipt_difference_id());
  credit.set_source_number(settling.before.number());
  credit.set_net_amount(request.credit_amount());
  credit.set_tax_amount(request.credit_tax_amount());
  ASSIGN_OR_RETURN(credit, payables_.Grant(work, credit));
  settling.difference.set_supplier_credit_id(credit.supplier_credit_id());
  RETURN_IF_ERROR(store_.table().Update(work, settling.before, settling.after));
  RETURN_IF_ERROR(GiveUpOnOrder(work, settling));
  // Billed at the order's price and credited at another: the difference is nobody's goods.
  const int64_t lost_amount = settling.difference.cost_amount() - request.credit_amount();
  ASSIGN_OR_RETURN(const Places places, locations_.ByIds(work.sql(), work.store_id(), {}));
  ASSIGN_OR_RETURN(const PartsById parts,
                   catalogue_.ByIds(work.sql(), work.store_id(), {settling.difference.part_id()}));
  std::vector<v1::StockMovement> movements =
      CostMovements(work.store_id(), {{settling.difference.part_id(),
                                       "",
                                       settling.difference.goods_receipt_difference_id(),
                                       {.stock_amount = 0, .variance_amount = lost_amount}}});
  if (movements.empty()) return absl::OkStatus();
  return book_.Post(
      work,
      {v1::DOCUMENT_KIND_LANDED_COST, settling.before.goods_receipt_id(), settling.before.number(), request.note()},
      parts, places, movements);
}

absl::StatusOr<std::optional<v1::PurchaseOrder>> ReceivingService::OrderOf(UnitOfWork& work, const Receipt& receipt) {
  if (receipt.purchase_order_id().empty()) return std::optional<v1::PurchaseOrder>();
  ASSIGN_OR_RETURN(v1::PurchaseOrder order,
                   desk_.orders().orders().Get(work.sql(), work.store_id(), receipt.purchase_order_id()));
  return std::optional<v1::PurchaseOrder>(std::move(order));
}

absl::StatusOr<std::vector<v1::GoodsReceiptLine>> ReceivingService::Counted(UnitOfWork& work,
                                                                            const CountedLines& counted,
                                                                            const v1::PurchaseOrder* order) {
  std::vector<std::string> part_ids;
  for (const auto& line : counted) {
    if (!line.part_id().empty()) part_ids.push_back(line.part_id());
  }
  if (order != nullptr) {
    for (const auto& line : order->lines()) part_ids.push_back(line.part_id());
  }
  ASSIGN_OR_RETURN(const PartsById parts, catalogue_.ByIds(work.sql(), work.store_id(), part_ids));
  return Count(counted, order, parts, [&] { return work.NewId(); });
}

absl::StatusOr<Places> ReceivingService::PlacesOf(UnitOfWork& work, const Receipt& receipt) {
  std::vector<std::string> location_ids;
  for (const auto& line : receipt.lines()) {
    location_ids.push_back(line.location_id());
    location_ids.push_back(line.quarantine_location_id());
  }
  return locations_.ByIds(work.sql(), work.store_id(), location_ids);
}

absl::Status ReceivingService::OweSettlement(UnitOfWork& work, Receipt& receipt) {
  if (receipt.differences().empty()) return chassis::MoveTo(receipt, Receipt::STATE_CLOSED);
  ASSIGN_OR_RETURN(const v1::PartsPolicy policy, policy_.Get(work.sql(), work.store_id()));
  work.Owe(DifferenceDuty(receipt, work.now() + absl::Hours(24 * policy.difference_days())));
  return chassis::MoveTo(receipt, Receipt::STATE_DIFFERENCES_OPEN);
}

}  // namespace parts
