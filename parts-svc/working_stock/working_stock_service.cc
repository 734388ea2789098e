// The working stock room; see working_stock_service.h.
#include "parts-svc/working_stock/working_stock_service.h"

#include "parts-svc/issue/issue_rules.h"

namespace parts {

using chassis::UnitOfWork;

WorkingStockService::WorkingStockService(chassis::Rooms& rooms)
    : locations_(rooms.host.cipher()),
      store_(rooms.host.cipher()),
      carrying_(rooms.host.cipher()),
      drawn_(rooms.host.metrics().Counter("parts_working_stock_lines_total", "Lines of working stock notes (P-05)",
                                          {{"kind", "draw"}})),
      returned_(rooms.host.metrics().Counter("parts_working_stock_lines_total", "Lines of working stock notes (P-05)",
                                             {{"kind", "return"}})) {
  rooms.rpcs.On(this, &WorkingStockService::Draw);
  rooms.rpcs.On(this, &WorkingStockService::Return);
  rooms.rpcs.On(this, &WorkingStockService::Get);
  rooms.rpcs.Standard<v1::WorkingStockNote>(store_.table());
  rooms.Verify("working_stock", VerifyWorkingStock);
  rooms.SignedDocument("working_stock_note",
                       [this](chassis::sql::Session& session, const std::string& store_id,
                              const std::string& id) -> absl::StatusOr<std::unique_ptr<google::protobuf::Message>> {
                         ASSIGN_OR_RETURN(v1::WorkingStockNote note, store_.table().Get(session, store_id, id));
                         return std::make_unique<v1::WorkingStockNote>(std::move(note));
                       });
}

template <typename Request>
absl::StatusOr<v1::WorkingStockNote> WorkingStockService::Carry(chassis::Call& call, const Request& request,
                                                                v1::WorkingStockNote::Kind kind) {
  RETURN_IF_ERROR(CheckSigner(request.technician_signature()));
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber("WKS"));
  return call.Transact<v1::WorkingStockNote>([&](UnitOfWork& work) -> absl::StatusOr<v1::WorkingStockNote> {
    ASSIGN_OR_RETURN(const v1::Location hands,
                     locations_.locations().Get(work.sql(), work.store_id(), request.location_id()));
    RETURN_IF_ERROR(CheckHolder(hands, request.technician(), "location_id"));
    RETURN_IF_ERROR(CheckBin(hands, "location_id"));
    v1::WorkingStockNote note;
    note.set_store_id(work.store_id());
    note.set_working_stock_note_id(work.NewId());
    note.set_number(number);
    note.set_kind(kind);
    note.set_technician(request.technician());
    note.set_location_id(request.location_id());
    note.set_reason(request.reason());
    const bool out = kind == v1::WorkingStockNote::KIND_DRAW;
    ASSIGN_OR_RETURN(const Carrying::Goods goods,
                     out ? carrying_.FromShelves(work, request.lines(), request.location_id())
                         : carrying_.FromHands(work, request.lines(), request.location_id()));
    NoteGoods(goods.lines, note);
    ASSIGN_OR_RETURN(
        *note.mutable_technician_signature(),
        work.Sign(note, {"working_stock_note", note.working_stock_note_id(), 1}, request.technician_signature()));
    RETURN_IF_ERROR(store_.table().Insert(work, note));
    const Paper paper{v1::DOCUMENT_KIND_WORKING_STOCK, note.working_stock_note_id(), number, request.reason()};
    RETURN_IF_ERROR(out ? carrying_.Out(work, paper, goods) : carrying_.Back(work, paper, goods));
    return note;
  });
}

absl::StatusOr<v1::WorkingStockNote> WorkingStockService::Draw(chassis::Call& call,
                                                               const v1::DrawWorkingStockRequest& request) {
  auto note = Carry(call, request, v1::WorkingStockNote::KIND_DRAW);
  if (note.ok()) drawn_.Increment(note->lines_size());
  return note;
}

absl::StatusOr<v1::WorkingStockNote> WorkingStockService::Return(chassis::Call& call,
                                                                 const v1::ReturnWorkingStockRequest& request) {
  auto note = Carry(call, request, v1::WorkingStockNote::KIND_RETURN);
  if (note.ok()) returned_.Increment(note->lines_size());
  return note;
}

absl::StatusOr<v1::WorkingStock> WorkingStockService::Get(chassis::Call& call,
                                                          const v1::GetWorkingStockRequest& request) {
  return call.Read(
      [&](chassis::sql::Session& session) { return store_.HeldBy(session, request.store_id(), request.technician()); });
}

}  // namespace parts
