// The consignment room; see consignment_service.h.
#include "parts-svc/consignment/consignment_service.h"

#include "absl/strings/ascii.h"
#include "aftersales/parts/v1/stock_control_errors.pb.h"
#include "parts-svc/location/location_rules.h"
#include "parts-svc/receivable/receivable_rules.h"
#include "parts-svc/transfer/transfer_rules.h"

namespace parts {

using chassis::UnitOfWork;

ConsignmentService::ConsignmentService(chassis::Rooms& rooms)
    : host_(rooms.host),
      catalogue_(rooms.host.cipher()),
      locations_(rooms.host.cipher()),
      buyers_(rooms.host.cipher()),
      store_(rooms.host.cipher()),
      carrying_(rooms.host.cipher()),
      till_(rooms.host.cipher()) {
  rooms.rpcs.On(this, &ConsignmentService::Ship);
  rooms.rpcs.On(this, &ConsignmentService::Return);
  rooms.rpcs.On(this, &ConsignmentService::Report);
  rooms.rpcs.On(this, &ConsignmentService::Statement);
  rooms.rpcs.Standard<v1::ConsignmentNote>(store_.table());
  rooms.Verify("consignment", VerifyConsignment);
  rooms.SignedDocument("consignment_note",
                       [this](chassis::sql::Session& session, const std::string& store_id,
                              const std::string& id) -> absl::StatusOr<std::unique_ptr<google::protobuf::Message>> {
                         ASSIGN_OR_RETURN(v1::ConsignmentNote note, store_.table().Get(session, store_id, id));
                         return std::make_unique<v1::ConsignmentNote>(std::move(note));
                       });
}

absl::StatusOr<v1::ConsignmentNote> ConsignmentService::Counted(absl::StatusOr<v1::ConsignmentNote> note) {
  if (note.ok()) {
    const std::string kind(chassis::StateName(v1::ConsignmentNote::Kind_descriptor(), note->kind()));
    host_.metrics()
        .Counter("parts_consignment_lines_total", "Lines of consignment notes (P-02)",
                 {{"kind", absl::AsciiStrToLower(kind)}})
        .Increment(note->lines_size());
  }
  return note;
}

absl::StatusOr<v1::ConsignmentNote> ConsignmentService::Note(UnitOfWork& work, const std::string& location_id,
                                                             const std::string& number,
                                                             v1::ConsignmentNote::Kind kind) {
  ASSIGN_OR_RETURN(const v1::Location station, locations_.locations().Get(work.sql(), work.store_id(), location_id));
  RETURN_IF_ERROR(CheckStation(station));
  RETURN_IF_ERROR(CheckBin(station, "location_id"));
  v1::ConsignmentNote note;
  note.set_store_id(work.store_id());
  note.set_consignment_note_id(work.NewId());
  note.set_number(number);
  note.set_kind(kind);
  note.set_location_id(location_id);
  note.set_station_name(station.station_name());
  note.set_actor(work.actor().subject);
  return note;
}

template <typename Request>
absl::StatusOr<v1::ConsignmentNote> ConsignmentService::Carry(chassis::Call& call, const Request& request,
                                                              v1::ConsignmentNote::Kind kind) {
  RETURN_IF_ERROR(CheckStaff(request.signature()));
  ASSIGN_OR_RETURN(const auto store, call.Store());
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber("CSG"));
  return call.Transact<v1::ConsignmentNote>([&](UnitOfWork& work) -> absl::StatusOr<v1::ConsignmentNote> {
    ASSIGN_OR_RETURN(v1::ConsignmentNote note, Note(work, request.location_id(), number, kind));
    note.set_reason(request.reason());
    note.set_currency_code(store.currency_code());
    const bool out = kind == v1::ConsignmentNote::KIND_SHIPMENT;
    ASSIGN_OR_RETURN(const Carrying::Goods goods,
                     out ? carrying_.FromShelves(work, request.lines(), request.location_id())
                         : carrying_.FromHands(work, request.lines(), request.location_id()));
    NoteGoods(goods.lines, note);
    ASSIGN_OR_RETURN(*note.mutable_signature(),
                     work.Sign(note, {"consignment_note", note.consignment_note_id(), 1}, request.signature()));
    RETURN_IF_ERROR(store_.table().Insert(work, note));
    const Paper paper{v1::DOCUMENT_KIND_CONSIGNMENT, note.consignment_note_id(), number, request.reason()};
    RETURN_IF_ERROR(out ? carrying_.Out(work, paper, goods) : carrying_.Back(work, paper, goods));
    return note;
  });
}

absl::StatusOr<v1::ConsignmentNote> ConsignmentService::Ship(chassis::Call& call,
                                                             const v1::ShipConsignmentRequest& request) {
  return Counted(Carry(call, request, v1::ConsignmentNote::KIND_SHIPMENT));
}

absl::StatusOr<v1::ConsignmentNote> ConsignmentService::Return(chassis::Call& call,
                                                               const v1::ReturnConsignmentRequest& request) {
  return Counted(Carry(call, request, v1::ConsignmentNote::KIND_RETURN));
}

absl::StatusOr<v1::ConsignmentNote> ConsignmentService::Report(chassis::Call& call,
                                                               const v1::ReportConsumptionRequest& request) {
  RETURN_IF_ERROR(CheckUse(request));
  ASSIGN_OR_RETURN(const auto store, call.Store());
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber("CSG"));
  const bool sold = request.use() == v1::ReportConsumptionRequest::USE_SALE;
  std::string receivable_number;
  if (sold) {
    ASSIGN_OR_RETURN(receivable_number, call.NextNumber("ARS"));
  }
  return Counted(call.Transact<v1::ConsignmentNote>([&](UnitOfWork& work) -> absl::StatusOr<v1::ConsignmentNote> {
    ASSIGN_OR_RETURN(v1::ConsignmentNote note,
                     Note(work, request.location_id(), number,
                          sold ? v1::ConsignmentNote::KIND_SALE : v1::ConsignmentNote::KIND_INTERNAL_ISSUE));
    note.set_reference(request.reference());
    note.set_order_id(request.order_id());
    note.set_currency_code(store.currency_code());
    ASSIGN_OR_RETURN(Carrying::Goods goods, carrying_.FromHands(work, request.lines(), request.location_id()));
    TakeCost(goods.lines, goods.stocks);
    NoteGoods(goods.lines, note);
    if (sold) {
      std::vector<std::string> part_ids;
      for (const auto& [part_id, part] : goods.parts) part_ids.push_back(part_id);
      ASSIGN_OR_RETURN(const auto prices, catalogue_.PricesInForce(work.sql(), work.store_id(),
                                                                   v1::PRICE_LEVEL_WHOLESALE, part_ids, work.now()));
      RETURN_IF_ERROR(Charge(goods.parts, prices, store.settings().tax_basis_points(), note));
      RETURN_IF_ERROR(Owe(work, store.time_zone(), receivable_number, note));
    }
    RETURN_IF_ERROR(store_.table().Insert(work, note));
    const Paper paper{v1::DOCUMENT_KIND_CONSIGNMENT, note.consignment_note_id(), number, request.reference()};
    RETURN_IF_ERROR(carrying_.Away(
        work, paper, AccountId(work.store_id(), sold ? v1::Location::KIND_CUSTOMER : v1::Location::KIND_WORKSHOP),
        goods));
    return note;
  }));
}

absl::Status ConsignmentService::Owe(UnitOfWork& work, const std::string& time_zone,
                                     const std::string& receivable_number, v1::ConsignmentNote& note) {
  ASSIGN_OR_RETURN(const v1::Location station,
                   locations_.locations().Get(work.sql(), work.store_id(), note.location_id()));
  if (station.buyer_id().empty()) {
    return chassis::Refuse(v1::STOCK_CONTROL_ERROR_REASON_STATION_WITHOUT_BUYER)
        .With("location", station.code())
        .At("location_id", "未关联购货客户", "names no buyer");
  }
  ASSIGN_OR_RETURN(const v1::Buyer buyer, buyers_.Find(work.sql(), work.store_id(), station.buyer_id()));
  note.set_receivable_id(work.NewId());
  note.set_receivable_number(receivable_number);
  v1::Receivable receivable;
  receivable.set_receivable_id(note.receivable_id());
  receivable.set_number(receivable_number);
  receivable.set_buyer_id(buyer.buyer_id());
  receivable.set_consignment_note_id(note.consignment_note_id());
  receivable.set_delivery_number(note.number());
  receivable.set_currency_code(note.currency_code());
  receivable.set_gross_amount(note.charge_amount() + note.tax_amount());
  receivable.set_due_date(DayAfter(chassis::CivilDate(work.now(), time_zone), buyer.terms_days()));
  return till_.Open(work, time_zone, receivable);
}

absl::StatusOr<v1::ConsignmentStatement> ConsignmentService::Statement(
    chassis::Call& call, const v1::GetConsignmentStatementRequest& request) {
  const absl::Time from = chassis::FromProto(request.from_time()), to = chassis::FromProto(request.to_time());
  if (from >= to) {
    return chassis::Refuse(v1::STOCK_CONTROL_ERROR_REASON_STATEMENT_PERIOD)
        .At("to_time", "须晚于起始时间", "must lie after the beginning");
  }
  ASSIGN_OR_RETURN(const auto store, call.Store());
  return call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<v1::ConsignmentStatement> {
    ASSIGN_OR_RETURN(const v1::Location station,
                     locations_.locations().Get(session, request.store_id(), request.location_id()));
    RETURN_IF_ERROR(CheckStation(station));
    ASSIGN_OR_RETURN(v1::ConsignmentStatement statement,
                     store_.Statement(session, request.store_id(), request.location_id(), from, to));
    statement.set_store_id(request.store_id());
    statement.set_location_id(request.location_id());
    statement.set_station_name(station.station_name());
    *statement.mutable_from_time() = request.from_time();
    *statement.mutable_to_time() = request.to_time();
    statement.set_currency_code(store.currency_code());
    CloseStatement(statement);
    return statement;
  });
}

}  // namespace parts
