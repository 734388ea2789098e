// The delivery desk; see sale_delivery_service.h.
#include "parts-svc/sale/sale_delivery_service.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/sales_errors.pb.h"
#include "aftersales/parts/v1/sales_events.pb.h"
#include "parts-svc/location/location_rules.h"

namespace parts {
namespace {

using chassis::UnitOfWork;

template <typename Lines>
std::vector<std::string> PartIdsOf(const Lines& lines) {
  std::set<std::string> part_ids;
  for (const auto& line : lines) part_ids.insert(line.part_id());
  return {part_ids.begin(), part_ids.end()};
}

v1::SaleDelivery NoteFor(UnitOfWork& work, v1::SaleDelivery::Kind kind, const std::string& number, const v1::Sale& sale,
                         const std::string& business_date) {
  v1::SaleDelivery note;
  note.set_store_id(work.store_id());
  note.set_sale_delivery_id(work.NewId());
  note.set_number(number);
  note.set_kind(kind);
  note.set_sale_id(sale.sale_id());
  note.set_sale_number(sale.number());
  note.set_sale_kind(sale.kind());
  note.set_buyer_id(sale.buyer_id());
  note.set_business_date(business_date);
  return note;
}

template <typename Fact>
Fact FactOf(const v1::SaleDelivery& note) {
  Fact fact;
  fact.set_sale_delivery_id(note.sale_delivery_id());
  fact.set_delivery_number(note.number());
  fact.set_sale_id(note.sale_id());
  for (const v1::SaleDeliveryLine& line : note.lines()) {
    auto& told = *fact.add_lines();
    told.set_part_id(line.part_id());
    told.set_quantity_milli(line.quantity_milli());
    told.set_net_amount(line.net_amount());
    told.set_cost_amount(line.cost_amount());
  }
  return fact;
}

std::vector<v1::StockMovement> MovementsOf(const v1::SaleDelivery& note) {
  const std::string customer = AccountId(note.store_id(), v1::Location::KIND_CUSTOMER);
  const bool out = note.kind() == v1::SaleDelivery::KIND_DELIVERY;
  std::vector<v1::StockMovement> movements;
  for (const v1::SaleDeliveryLine& line : note.lines()) {
    v1::StockMovement& movement = movements.emplace_back();
    movement.set_part_id(line.part_id());
    movement.set_from_location_id(out ? line.location_id() : customer);
    movement.set_to_location_id(out ? customer : line.location_id());
    movement.set_quantity_milli(line.quantity_milli());
    movement.set_cost_amount(line.cost_amount());
    movement.set_batch_code(line.batch_code());
    movement.set_document_line_id(line.sale_delivery_line_id());
  }
  return movements;
}

// What is held goes out and is held no more.
StockDeltas HeldGone(const v1::SaleDelivery& note) {
  StockDeltas deltas;
  if (note.kind() != v1::SaleDelivery::KIND_DELIVERY) return deltas;
  for (const v1::SaleDeliveryLine& line : note.lines()) {
    deltas[line.part_id()].reserved_milli -= line.quantity_milli();
  }
  return deltas;
}

absl::Status CheckPayments(const v1::DeliverSaleRequest& request, const v1::Sale& sale, const v1::SaleDelivery& note) {
  for (int i = 0; i < request.payments_size(); ++i) {
    RETURN_IF_ERROR(CheckPayment(request.payments(i), absl::StrCat("payments[", i, "]")));
  }
  const int64_t due = note.net_amount() + note.tax_amount();
  const int64_t paid = SumOf(request.payments());
  if (sale.terms() == v1::SALE_TERMS_ON_ACCOUNT ? paid <= due : paid == due) return absl::OkStatus();
  return chassis::Refuse(v1::SALES_ERROR_REASON_PAYMENT_NOT_EQUAL)
      .With("due", due)
      .With("paid", paid)
      .At("payments", "与应付金额不符", "do not make what is due");
}

}  // namespace

SaleDeliveryService::SaleDeliveryService(chassis::Rooms& rooms)
    : catalogue_(rooms.host.cipher()),
      buyers_(rooms.host.cipher()),
      locations_(rooms.host.cipher()),
      reservations_(rooms.host.cipher()),
      receivables_(rooms.host.cipher()),
      ledger_(rooms.host.cipher()),
      store_(rooms.host.cipher()),
      picking_(rooms.host.cipher()),
      till_(rooms.host.cipher()),
      book_(rooms.host.cipher()),
      lines_delivered_(rooms.host.metrics().Counter("parts_sale_lines_total", "Lines of sales notes (P-12)",
                                                    {{"kind", "delivery"}})),
      lines_returned_(
          rooms.host.metrics().Counter("parts_sale_lines_total", "Lines of sales notes (P-12)", {{"kind", "return"}})) {
  rooms.rpcs.On(this, &SaleDeliveryService::Deliver);
  rooms.rpcs.On(this, &SaleDeliveryService::Track);
  rooms.rpcs.On(this, &SaleDeliveryService::Return);
  rooms.rpcs.Standard<v1::SaleDelivery>(store_.deliveries());
  rooms.SignedDocument("sale_delivery",
                       [this](chassis::sql::Session& session, const std::string& store_id,
                              const std::string& id) -> absl::StatusOr<std::unique_ptr<google::protobuf::Message>> {
                         ASSIGN_OR_RETURN(v1::SaleDelivery note, store_.deliveries().Get(session, store_id, id));
                         return std::make_unique<v1::SaleDelivery>(std::move(note));
                       });
}

absl::StatusOr<v1::SaleDelivery> SaleDeliveryService::Deliver(chassis::Call& call,
                                                              const v1::DeliverSaleRequest& request) {
  RETURN_IF_ERROR(CheckBuyerSigned(request.buyer_signature()));
  ASSIGN_OR_RETURN(const auto store, call.Store());
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber("SDN"));
  ASSIGN_OR_RETURN(const std::string receivable_number, call.NextNumber("ARS"));
  ASSIGN_OR_RETURN(const std::string collection_number, call.NextNumber("COL"));
  absl::StatusOr<v1::SaleDelivery> delivered =
      call.Transact<v1::SaleDelivery>([&](UnitOfWork& work) -> absl::StatusOr<v1::SaleDelivery> {
        ASSIGN_OR_RETURN(const v1::Sale before, store_.table().Lock(work, work.store_id(), request.sale_id()));
        RETURN_IF_ERROR(chassis::RequireState(before, {v1::Sale::STATE_CONFIRMED, v1::Sale::STATE_PARTLY_DELIVERED}));
        ASSIGN_OR_RETURN(const Picked picked, Pick(work, request, before));
        v1::Sale after = before;
        v1::SaleDelivery note = NoteFor(work, v1::SaleDelivery::KIND_DELIVERY, number, before,
                                        chassis::CivilDate(work.now(), store.time_zone()));
        Fill(note, parts::Deliver(picked.lines, after));
        RETURN_IF_ERROR(CheckPayments(request, before, note));
        const v1::Sale::State next =
            IsFullyDelivered(after) ? v1::Sale::STATE_DELIVERED : v1::Sale::STATE_PARTLY_DELIVERED;
        if (after.state() != next) RETURN_IF_ERROR(chassis::MoveTo(after, next));
        RETURN_IF_ERROR(store_.table().Update(work, before, after));
        if (request.has_shipping()) *note.mutable_shipping() = request.shipping();
        note.set_carrier(request.carrier());
        note.set_tracking_number(request.tracking_number());
        note.set_receivable_id(work.NewId());
        RETURN_IF_ERROR(Charge(work, request, before, store.time_zone(), receivable_number, collection_number, note));
        RETURN_IF_ERROR(Conclude(work, request.buyer_signature(), picked.parts, picked.places, note));
        return note;
      });
  if (delivered.ok()) lines_delivered_.Increment(delivered->lines_size());
  return delivered;
}

absl::StatusOr<SaleDeliveryService::Picked> SaleDeliveryService::Pick(UnitOfWork& work,
                                                                      const v1::DeliverSaleRequest& request,
                                                                      const v1::Sale& sale) {
  Picked picked;
  ASSIGN_OR_RETURN(const std::vector<v1::Reservation> before, reservations_.LockOpenOf(work, sale.sale_id()));
  if (before.empty()) {
    return chassis::Refuse(v1::SALES_ERROR_REASON_SALE_HOLD_ENDED).At("sale_id", "没有备货", "has nothing held");
  }
  ASSIGN_OR_RETURN(const v1::IssuePartsRequest draw, DrawFor(request, sale, before));
  ASSIGN_OR_RETURN(picked.parts, catalogue_.ByIds(work.sql(), work.store_id(), PartIdsOf(sale.lines())));
  std::vector<v1::Reservation> after = before;
  ASSIGN_OR_RETURN(const std::vector<v1::IssueLine> drawn,
                   Draw(draw, after, picked.parts, [&] { return work.NewId(); }));
  for (size_t i = 0; i < after.size(); ++i) {
    RETURN_IF_ERROR(reservations_.table().Update(work, before[i], after[i]));
  }
  const std::vector<std::string> part_ids = PartIdsOf(drawn);
  ASSIGN_OR_RETURN(picked.lines, picking_.Place(work, drawn, part_ids, picked.places));
  // From here to the commit the average of these parts stands still.
  ASSIGN_OR_RETURN(const StocksByPart stocks, ledger_.LockStocks(work, part_ids));
  Price(picked.lines, stocks);
  return picked;
}

absl::Status SaleDeliveryService::Charge(UnitOfWork& work, const v1::DeliverSaleRequest& request, const v1::Sale& sale,
                                         const std::string& time_zone, const std::string& receivable_number,
                                         const std::string& collection_number, const v1::SaleDelivery& note) {
  int terms_days = 0;
  if (sale.terms() == v1::SALE_TERMS_ON_ACCOUNT) {
    ASSIGN_OR_RETURN(const v1::Buyer buyer, buyers_.Find(work.sql(), work.store_id(), sale.buyer_id()));
    terms_days = buyer.terms_days();
  }
  v1::Receivable receivable;
  receivable.set_receivable_id(note.receivable_id());
  receivable.set_number(receivable_number);
  receivable.set_buyer_id(sale.buyer_id());
  receivable.set_sale_id(sale.sale_id());
  receivable.set_sale_delivery_id(note.sale_delivery_id());
  receivable.set_delivery_number(note.number());
  receivable.set_currency_code(sale.currency_code());
  receivable.set_gross_amount(note.net_amount() + note.tax_amount());
  receivable.set_due_date(DayAfter(note.business_date(), terms_days));
  RETURN_IF_ERROR(till_.Open(work, time_zone, receivable));
  std::vector<v1::Collection> entries;
  for (const v1::SalePayment& payment : request.payments()) {
    entries.push_back(CollectionOf(payment, collection_number, note.business_date()));
  }
  return till_.Enter(work, receivable, std::move(entries));
}

absl::Status SaleDeliveryService::Conclude(UnitOfWork& work, const aftersales::common::v1::Signature& signature,
                                           const PartsById& parts, const Places& places, v1::SaleDelivery& note) {
  const chassis::DocumentRef ref{"sale_delivery", note.sale_delivery_id(), 1};
  ASSIGN_OR_RETURN(*note.mutable_buyer_signature(), work.Sign(note, ref, signature));
  RETURN_IF_ERROR(store_.deliveries().Insert(work, note));
  const bool out = note.kind() == v1::SaleDelivery::KIND_DELIVERY;
  if (out) {
    auto fact = FactOf<v1::SaleDelivered>(note);
    fact.set_receivable_id(note.receivable_id());
    work.Publish(fact, ref);
  } else {
    work.Publish(FactOf<v1::SaleGoodsReturned>(note), ref);
  }
  std::vector<v1::StockMovement> movements = MovementsOf(note);
  const Paper paper{out ? v1::DOCUMENT_KIND_SALE : v1::DOCUMENT_KIND_SALE_RETURN, note.sale_delivery_id(),
                    note.number(), note.reason()};
  return book_.Post(work, paper, parts, places, movements, {}, HeldGone(note));
}

absl::StatusOr<v1::SaleDelivery> SaleDeliveryService::Track(chassis::Call& call,
                                                            const v1::TrackSaleDeliveryRequest& request) {
  return call.Transact<v1::SaleDelivery>([&](UnitOfWork& work) -> absl::StatusOr<v1::SaleDelivery> {
    ASSIGN_OR_RETURN(const v1::SaleDelivery before,
                     store_.deliveries().Lock(work, work.store_id(), request.sale_delivery_id()));
    v1::SaleDelivery after = before;
    after.set_carrier(request.carrier());
    after.set_tracking_number(request.tracking_number());
    RETURN_IF_ERROR(store_.deliveries().Update(work, before, after));
    return after;
  });
}

absl::StatusOr<Places> SaleDeliveryService::PlacesFor(UnitOfWork& work,
                                                      const std::vector<v1::SaleDeliveryLine>& lines) {
  std::vector<std::string> location_ids;
  for (const v1::SaleDeliveryLine& line : lines) location_ids.push_back(line.location_id());
  ASSIGN_OR_RETURN(const Places places, locations_.ByIds(work.sql(), work.store_id(), location_ids));
  for (size_t i = 0; i < lines.size(); ++i) {
    const auto place = places.find(lines[i].location_id());
    if (place == places.end()) return chassis::NotFound("location", lines[i].location_id());
    RETURN_IF_ERROR(CheckBin(place->second, absl::StrCat("lines[", i, "].location_id")));
  }
  return places;
}

absl::Status SaleDeliveryService::MakeGoodOn(UnitOfWork& work, const v1::ReturnSaleGoodsRequest& request,
                                             const std::string& receivable_id, const std::string& collection_number,
                                             const v1::SaleDelivery& note) {
  ASSIGN_OR_RETURN(v1::Receivable receivable, receivables_.table().Lock(work, work.store_id(), receivable_id));
  const MadeGood made = MakeGood(receivable, note.net_amount() + note.tax_amount());
  std::vector<v1::Collection> entries;
  if (made.refund_amount > 0) {
    if (request.refund_method() == v1::COLLECTION_METHOD_UNSPECIFIED) {
      return chassis::Refuse(v1::SALES_ERROR_REASON_REFUND_METHOD_MISSING)
          .With("amount", made.refund_amount)
          .At("refund_method", "必填", "is required");
    }
    v1::SalePayment refund;
    refund.set_method(request.refund_method());
    refund.set_amount(made.refund_amount);
    refund.set_reference(request.refund_reference());
    if (refund.method() != v1::COLLECTION_METHOD_CASH && refund.reference().empty()) {
      return chassis::Refuse(v1::SALES_ERROR_REASON_COLLECTION_REFERENCE_MISSING)
          .At("refund_reference", "必填", "is required");
    }
    v1::Collection& entry = entries.emplace_back(CollectionOf(refund, collection_number, note.business_date()));
    entry.set_kind(v1::Collection::KIND_REFUND);
    entry.set_reason(note.reason());
  }
  if (made.credit_amount > 0) {
    v1::Collection& entry = entries.emplace_back();
    entry.set_kind(v1::Collection::KIND_CREDIT);
    entry.set_number(collection_number);
    entry.set_amount(made.credit_amount);
    entry.set_reference(note.number());
    entry.set_reason(note.reason());
    entry.set_business_date(note.business_date());
  }
  return till_.Enter(work, receivable, std::move(entries));
}

absl::StatusOr<v1::SaleDelivery> SaleDeliveryService::Return(chassis::Call& call,
                                                             const v1::ReturnSaleGoodsRequest& request) {
  RETURN_IF_ERROR(CheckBuyerSigned(request.buyer_signature()));
  ASSIGN_OR_RETURN(const auto store, call.Store());
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber("SRN"));
  ASSIGN_OR_RETURN(const std::string collection_number, call.NextNumber("COL"));
  absl::StatusOr<v1::SaleDelivery> returned =
      call.Transact<v1::SaleDelivery>([&](UnitOfWork& work) -> absl::StatusOr<v1::SaleDelivery> {
        work.Because(request.reason());
        ASSIGN_OR_RETURN(const v1::SaleDelivery delivery,
                         store_.deliveries().Get(work.sql(), work.store_id(), request.sale_delivery_id()));
        // The lock on the sale lets one return of it through at a time.
        ASSIGN_OR_RETURN(const v1::Sale before, store_.table().Lock(work, work.store_id(), delivery.sale_id()));
        std::vector<std::string> line_ids;
        for (const auto& line : request.lines()) line_ids.push_back(line.sale_delivery_line_id());
        ASSIGN_OR_RETURN(const auto back, store_.BroughtBackOf(work.sql(), work.store_id(), line_ids));
        ASSIGN_OR_RETURN(const PartsById parts,
                         catalogue_.ByIds(work.sql(), work.store_id(), PartIdsOf(delivery.lines())));
        v1::Sale after = before;
        ASSIGN_OR_RETURN(const auto lines, BringBack(
                                               request, delivery, back, parts, [&] { return work.NewId(); }, after));
        ASSIGN_OR_RETURN(const Places places, PlacesFor(work, lines));
        RETURN_IF_ERROR(store_.table().Update(work, before, after));
        v1::SaleDelivery note = NoteFor(work, v1::SaleDelivery::KIND_RETURN, number, before,
                                        chassis::CivilDate(work.now(), store.time_zone()));
        note.set_source_sale_delivery_id(delivery.sale_delivery_id());
        note.set_receivable_id(delivery.receivable_id());
        note.set_reason(request.reason());
        Fill(note, lines);
        RETURN_IF_ERROR(MakeGoodOn(work, request, delivery.receivable_id(), collection_number, note));
        RETURN_IF_ERROR(Conclude(work, request.buyer_signature(), parts, places, note));
        return note;
      });
  if (returned.ok()) lines_returned_.Increment(returned->lines_size());
  return returned;
}

}  // namespace parts
