// The issue room; see issue_service.h.
#include "parts-svc/issue/issue_service.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/events.pb.h"
#include "parts-svc/issue/issue_checks.h"
#include "parts-svc/location/location_rules.h"
#include "parts-svc/working_stock/working_stock_rules.h"

namespace parts {
namespace {

using chassis::UnitOfWork;

std::vector<std::string> PartIdsOf(const std::vector<v1::IssueLine>& lines) {
  std::set<std::string> part_ids;
  for (const auto& line : lines) part_ids.insert(line.part_id());
  return {part_ids.begin(), part_ids.end()};
}

std::vector<v1::StockMovement> MovementsOf(UnitOfWork& work, const v1::Issue& note) {
  const std::string workshop = AccountId(work.store_id(), v1::Location::KIND_WORKSHOP);
  const bool out = note.kind() == v1::Issue::KIND_ISSUE;
  std::vector<v1::StockMovement> movements;
  for (const v1::IssueLine& line : note.lines()) {
    v1::StockMovement& movement = movements.emplace_back();
    movement.set_store_id(work.store_id());
    movement.set_stock_movement_id(work.NewId());
    movement.set_part_id(line.part_id());
    movement.set_part_number(line.part_number());
    movement.set_from_location_id(out ? line.location_id() : workshop);
    movement.set_to_location_id(out ? workshop : line.location_id());
    movement.set_quantity_milli(line.quantity_milli());
    movement.set_cost_amount(line.cost_amount());
    movement.set_batch_code(line.batch_code());
    movement.set_document_kind(out ? v1::DOCUMENT_KIND_ISSUE : v1::DOCUMENT_KIND_RETURN);
    movement.set_document_id(note.issue_id());
    movement.set_document_number(note.number());
    movement.set_document_line_id(line.issue_line_id());
    movement.set_reason(note.reason());
  }
  return movements;
}

template <typename Fact>
Fact FactOf(const v1::Issue& note) {
  Fact fact;
  fact.set_issue_id(note.issue_id());
  fact.set_issue_number(note.number());
  fact.set_order_id(note.order_id());
  for (const v1::IssueLine& line : note.lines()) {
    auto& told = *fact.add_lines();
    told.set_holder_line_id(line.holder_line_id());
    told.set_part_id(line.part_id());
    told.set_quantity_milli(line.quantity_milli());
    told.set_cost_amount(line.cost_amount());
  }
  return fact;
}

v1::Issue Note(UnitOfWork& work, v1::Issue::Kind kind, const std::string& number, const std::string& order_id,
               const std::string& technician) {
  v1::Issue note;
  note.set_store_id(work.store_id());
  note.set_issue_id(work.NewId());
  note.set_number(number);
  note.set_kind(kind);
  note.set_order_id(order_id);
  note.set_technician(technician);
  return note;
}

}  // namespace

IssueService::IssueService(chassis::Rooms& rooms)
    : catalogue_(rooms.host.cipher()),
      locations_(rooms.host.cipher()),
      ledger_(rooms.host.cipher()),
      reservations_(rooms.host.cipher()),
      store_(rooms.host.cipher()),
      picking_(rooms.host.cipher()),
      follow_up_(rooms.host.cipher()),
      queue_(rooms.host.cipher()),
      lines_issued_(rooms.host.metrics().Counter("parts_issue_lines_total", "Lines of issue and return notes (P-05)",
                                                 {{"kind", "issue"}})),
      lines_returned_(rooms.host.metrics().Counter("parts_issue_lines_total", "Lines of issue and return notes (P-05)",
                                                   {{"kind", "return"}})) {
  rooms.rpcs.On(this, &IssueService::IssueParts);
  rooms.rpcs.On(this, &IssueService::ReturnParts);
  rooms.rpcs.On(this, &IssueService::OrderParts);
  rooms.rpcs.Standard<v1::Issue>(store_.table());
  rooms.Verify("issues", VerifyIssues);
  rooms.SignedDocument("issue",
                       [this](chassis::sql::Session& session, const std::string& store_id,
                              const std::string& id) -> absl::StatusOr<std::unique_ptr<google::protobuf::Message>> {
                         ASSIGN_OR_RETURN(v1::Issue note, store_.table().Get(session, store_id, id));
                         return std::make_unique<v1::Issue>(std::move(note));
                       });
}

absl::StatusOr<v1::Issue> IssueService::IssueParts(chassis::Call& call, const v1::IssuePartsRequest& request) {
  RETURN_IF_ERROR(CheckSigner(request.technician_signature()));
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber("ISS"));
  absl::StatusOr<v1::Issue> issued = call.Transact<v1::Issue>([&](UnitOfWork& work) -> absl::StatusOr<v1::Issue> {
    const auto new_id = [&] { return work.NewId(); };
    ASSIGN_OR_RETURN(const std::vector<v1::Reservation> before,
                     reservations_.LockActiveOfOrder(work, request.order_id()));
    std::vector<v1::Reservation> after = before;
    std::vector<std::string> held_parts;
    for (const auto& reservation : before) {
      for (const auto& line : reservation.lines()) held_parts.push_back(line.part_id());
    }
    ASSIGN_OR_RETURN(const PartsById parts, catalogue_.ByIds(work.sql(), work.store_id(), held_parts));
    ASSIGN_OR_RETURN(const std::set<std::string> at_hand, WorkingStockAsked(work, request));
    ASSIGN_OR_RETURN(const std::vector<v1::IssueLine> drawn, Draw(request, after, parts, new_id, at_hand));
    for (size_t i = 0; i < after.size(); ++i) {
      const bool touched = std::any_of(drawn.begin(), drawn.end(), [&](const auto& line) {
        return line.reservation_id() == after[i].reservation_id();
      });
      if (touched) RETURN_IF_ERROR(reservations_.table().Update(work, before[i], after[i]));
    }
    const std::vector<std::string> part_ids = PartIdsOf(drawn);
    v1::Issue note = Note(work, v1::Issue::KIND_ISSUE, number, request.order_id(), request.technician());
    ASSIGN_OR_RETURN(const OldPartsOwed owed, follow_up_.Grant(work, request, parts, note, drawn));
    Places places;
    ASSIGN_OR_RETURN(std::vector<v1::IssueLine> lines, picking_.Place(work, drawn, part_ids, places));
    RETURN_IF_ERROR(follow_up_.Expect(work, owed, note, lines));
    // From here to the commit the average of these parts stands still.
    ASSIGN_OR_RETURN(const StocksByPart stocks, ledger_.LockStocks(work, part_ids));
    note.set_cost_amount(Price(lines, stocks));
    *note.mutable_lines() = {lines.begin(), lines.end()};
    RETURN_IF_ERROR(Conclude(work, request.technician_signature(), places, EffectOfDrawing(before, after), note));
    // Held goods that stay on the shelf because the technician had his own are there for others.
    if (!at_hand.empty()) RETURN_IF_ERROR(queue_.Serve(work, part_ids));
    return note;
  });
  if (issued.ok()) lines_issued_.Increment(issued->lines_size());
  return issued;
}

absl::StatusOr<std::set<std::string>> IssueService::WorkingStockAsked(UnitOfWork& work,
                                                                      const v1::IssuePartsRequest& request) {
  std::set<std::string> at_hand;
  std::vector<std::string> asked;
  for (const auto& line : request.lines()) {
    if (!line.location_id().empty()) asked.push_back(line.location_id());
  }
  if (asked.empty()) return at_hand;
  ASSIGN_OR_RETURN(const Places places, locations_.ByIds(work.sql(), work.store_id(), asked));
  for (int i = 0; i < request.lines_size(); ++i) {
    const auto place = places.find(request.lines(i).location_id());
    if (place == places.end() || place->second.kind() != v1::Location::KIND_WORKING_STOCK) continue;
    RETURN_IF_ERROR(CheckHolder(place->second, request.technician(), absl::StrCat("lines[", i, "].location_id")));
    at_hand.insert(place->first);
  }
  return at_hand;
}

absl::Status IssueService::Conclude(UnitOfWork& work, const aftersales::common::v1::Signature& signature,
                                    const Places& places, const StockDeltas& drawn, v1::Issue& note) {
  const chassis::DocumentRef ref{"issue", note.issue_id(), 1};
  ASSIGN_OR_RETURN(*note.mutable_technician_signature(), work.Sign(note, ref, signature));
  RETURN_IF_ERROR(store_.table().Insert(work, note));
  const bool out = note.kind() == v1::Issue::KIND_ISSUE;
  if (out) {
    work.Publish(FactOf<v1::PartsIssued>(note), ref);
  } else {
    work.Publish(FactOf<v1::PartsReturned>(note), ref);
  }
  std::vector<v1::StockMovement> movements = MovementsOf(work, note);
  return ledger_.Post(work, movements, places, {}, drawn);
}

absl::StatusOr<v1::Issue> IssueService::ReturnParts(chassis::Call& call, const v1::ReturnPartsRequest& request) {
  RETURN_IF_ERROR(CheckSigner(request.technician_signature()));
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber("RTN"));
  absl::StatusOr<v1::Issue> returned = call.Transact<v1::Issue>([&](UnitOfWork& work) -> absl::StatusOr<v1::Issue> {
    work.Because(request.reason());
    // The lock on the issue note lets one return of it through at a time.
    ASSIGN_OR_RETURN(const v1::Issue issue, store_.table().Lock(work, work.store_id(), request.issue_id()));
    const std::vector<std::string> part_ids = PartIdsOf({issue.lines().begin(), issue.lines().end()});
    std::vector<std::string> line_ids;
    for (const auto& line : issue.lines()) line_ids.push_back(line.issue_line_id());
    ASSIGN_OR_RETURN(const PartsById parts, catalogue_.ByIds(work.sql(), work.store_id(), part_ids));
    ASSIGN_OR_RETURN(const auto came_back, store_.CameBackOf(work.sql(), work.store_id(), line_ids));
    ASSIGN_OR_RETURN(const std::vector<v1::IssueLine> lines,
                     TakeBack(request, issue, came_back, parts, [&] { return work.NewId(); }));
    std::set<std::string> reservation_ids;
    std::vector<std::string> location_ids;
    for (const auto& line : lines) {
      reservation_ids.insert(line.reservation_id());
      location_ids.push_back(line.location_id());
    }
    ASSIGN_OR_RETURN(const auto before,
                     reservations_.LockByIds(work, {reservation_ids.begin(), reservation_ids.end()}));
    std::vector<v1::Reservation> after = before;
    RETURN_IF_ERROR(RecordReturn(lines, after));
    for (size_t i = 0; i < after.size(); ++i) {
      RETURN_IF_ERROR(reservations_.table().Update(work, before[i], after[i]));
    }
    ASSIGN_OR_RETURN(const Places places, locations_.ByIds(work.sql(), work.store_id(), location_ids));
    v1::Issue note = Note(work, v1::Issue::KIND_RETURN, number, issue.order_id(), request.technician());
    note.set_source_issue_id(issue.issue_id());
    note.set_reason(request.reason());
    RETURN_IF_ERROR(follow_up_.Returned(work, note, lines));
    for (size_t i = 0; i < lines.size(); ++i) {
      const auto place = places.find(lines[i].location_id());
      if (place == places.end()) return chassis::NotFound("location", lines[i].location_id());
      RETURN_IF_ERROR(CheckBin(place->second, absl::StrCat("lines[", i, "].location_id")));
      *note.add_lines() = lines[i];
      note.set_cost_amount(note.cost_amount() + lines[i].cost_amount());
    }
    RETURN_IF_ERROR(Conclude(work, request.technician_signature(), places, {}, note));
    RETURN_IF_ERROR(queue_.Serve(work, PartIdsOf(lines)));
    return note;
  });
  if (returned.ok()) lines_returned_.Increment(returned->lines_size());
  return returned;
}

absl::StatusOr<v1::OrderParts> IssueService::OrderParts(chassis::Call& call, const v1::GetOrderPartsRequest& request) {
  return call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<v1::OrderParts> {
    ASSIGN_OR_RETURN(const auto reservations,
                     reservations_.OfOrder(session, request.store_id(), request.repair_order_id()));
    ASSIGN_OR_RETURN(const auto drawn, store_.DrawnFor(session, request.store_id(), request.repair_order_id()));
    return Facts(reservations, drawn);
  });
}

}  // namespace parts
