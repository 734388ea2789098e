// Holding goods for a document; see holding.h.
#include "parts-svc/reservation/holding.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/errors.pb.h"

namespace parts {
namespace {

using chassis::UnitOfWork;

std::vector<std::string> PartIdsOf(const StockDeltas& deltas) {
  std::vector<std::string> part_ids;
  for (const auto& [part_id, delta] : deltas) part_ids.push_back(part_id);
  return part_ids;
}

// Where the caller asked for each part, to name the short ones.
FieldsByPart QuantityFields(const v1::Reservation& reservation) {
  FieldsByPart fields;
  for (int i = 0; i < reservation.lines_size(); ++i) {
    fields.emplace(reservation.lines(i).part_id(), absl::StrCat("lines[", i, "].quantity_milli"));
  }
  return fields;
}

// Parts of which more is free now than before: only for them may the queue move on.
std::vector<std::string> Freed(const StockDeltas& deltas) {
  std::vector<std::string> part_ids;
  for (const auto& [part_id, delta] : deltas) {
    if (delta.NeededMilli() < 0) part_ids.push_back(part_id);
  }
  return part_ids;
}

}  // namespace

absl::StatusOr<v1::Reservation> Holding::Reserve(UnitOfWork& work, const v1::CreateReservationRequest& request,
                                                 int reservation_days) {
  std::vector<std::string> part_ids;
  for (const auto& line : request.lines()) part_ids.push_back(line.part_id());
  ASSIGN_OR_RETURN(PartsById parts, catalogue_.ByIds(work.sql(), request.store_id(), part_ids));
  ASSIGN_OR_RETURN(v1::Reservation reservation,
                   Draft(request, parts, work.now(), reservation_days, [&] { return work.NewId(); }));
  StockDeltas deltas;
  std::set<std::string> asked_before;
  std::vector<std::string> replaced_ids;
  if (!request.replaces_holder_id().empty()) {
    ASSIGN_OR_RETURN(const auto replaced, store_.LockOpenOf(work, request.replaces_holder_id()));
    for (const v1::Reservation& other : replaced) {
      for (const auto& line : other.lines()) asked_before.insert(line.part_id());
      replaced_ids.push_back(other.reservation_id());
      ASSIGN_OR_RETURN(const StockDeltas freed, End(work, other, v1::Reservation::STATE_CANCELLED));
      Add(deltas, freed);
    }
  }
  const bool all_or_nothing = request.shortage_policy() != v1::SHORTAGE_POLICY_QUEUE &&
                              request.substitution_policy() != v1::SUBSTITUTION_POLICY_SUCCESSORS;
  if (all_or_nothing) {
    HoldAll(reservation);
  } else {
    RETURN_IF_ERROR(HoldWhatThereIs(work, request, parts, deltas, reservation));
  }
  // What the fill rate is made of; a line the replaced document had counts there, and a promise to another store is no
  // demand of this one.
  const bool is_demand = request.holder_kind() != v1::Reservation::HOLDER_KIND_TRANSFER;
  for (v1::ReservationLine& line : *reservation.mutable_lines()) {
    if (is_demand && asked_before.count(line.part_id()) == 0) line.set_first_short_milli(line.short_milli());
  }
  const absl::Status inserted = store_.table().Insert(work, reservation);
  if (absl::IsAlreadyExists(inserted)) {
    return chassis::Refuse(v1::ERROR_REASON_RESERVATION_EXISTS)
        .With("holder", request.holder_number().empty() ? request.holder_id() : request.holder_number())
        .At("holder_id", "已有有效的预留", "has a reservation already");
  }
  RETURN_IF_ERROR(inserted);
  // What is on order for the replaced document comes for this one.
  RETURN_IF_ERROR(special_orders_.Leave(work, replaced_ids, &reservation, "the document that waited was replaced"));
  Add(deltas, EffectOfHolding(reservation));
  // The hottest rows last: from here to the commit nobody else gets at these parts.
  RETURN_IF_ERROR(ledger_.Apply(work, deltas, QuantityFields(reservation)));
  RETURN_IF_ERROR(queue_.Serve(work, Freed(deltas)));
  return reservation;
}

absl::Status Holding::HoldWhatThereIs(UnitOfWork& work, const v1::CreateReservationRequest& request, PartsById& parts,
                                      const StockDeltas& freed, v1::Reservation& reservation) {
  const bool substitutes = request.substitution_policy() == v1::SUBSTITUTION_POLICY_SUCCESSORS;
  if (substitutes) RETURN_IF_ERROR(catalogue_.AddSuccessors(work.sql(), request.store_id(), parts));
  std::vector<std::string> part_ids;
  for (const auto& [part_id, part] : parts) part_ids.push_back(part_id);
  ASSIGN_OR_RETURN(const StocksByPart stocks, ledger_.LockStocks(work, part_ids));
  std::map<std::string, int64_t> available;
  for (const auto& [part_id, stock] : stocks) available[part_id] = stock.available_milli();
  for (const auto& [part_id, delta] : freed) available[part_id] -= delta.NeededMilli();
  if (substitutes) Substitute(reservation, parts, available);
  if (request.shortage_policy() == v1::SHORTAGE_POLICY_QUEUE) {
    HoldAvailable(reservation, available);
  } else {
    HoldAll(reservation);
  }
  return absl::OkStatus();
}

absl::StatusOr<StockDeltas> Holding::End(UnitOfWork& work, const v1::Reservation& before,
                                         v1::Reservation::State state) {
  // What was drawn completely holds nothing any more and stays as it is.
  if (before.state() == v1::Reservation::STATE_CONSUMED) return StockDeltas();
  v1::Reservation after = before;
  const StockDeltas freed = GiveBack(after);
  RETURN_IF_ERROR(chassis::MoveTo(after, state));
  after.clear_open_holder_id();
  RETURN_IF_ERROR(store_.table().Update(work, before, after));
  return freed;
}

absl::Status Holding::EndAll(UnitOfWork& work, const std::vector<v1::Reservation>& reservations,
                             std::string_view reason) {
  if (reservations.empty()) return absl::OkStatus();
  work.Because(reason);
  StockDeltas deltas;
  std::vector<std::string> ended_ids;
  for (const v1::Reservation& reservation : reservations) ended_ids.push_back(reservation.reservation_id());
  RETURN_IF_ERROR(special_orders_.Leave(work, ended_ids, nullptr, reason));
  for (const v1::Reservation& reservation : reservations) {
    RETURN_IF_ERROR(lost_sales_.GiveUp(work, reservation, reason));
    ASSIGN_OR_RETURN(const StockDeltas freed, End(work, reservation, v1::Reservation::STATE_CANCELLED));
    Add(deltas, freed);
  }
  RETURN_IF_ERROR(ledger_.Apply(work, deltas, {}));
  return queue_.Serve(work, PartIdsOf(deltas));
}

}  // namespace parts
