// Who holds which stock; see reservation_rules.h.
#include "parts-svc/reservation/reservation_rules.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"
#include "chassis/time/clock.h"

namespace parts {
namespace {

absl::Status CheckLines(const v1::CreateReservationRequest& request, const PartsById& parts) {
  std::vector<std::string> missing, fields;
  std::set<std::pair<std::string, std::string>> seen;
  for (int i = 0; i < request.lines_size(); ++i) {
    const auto& line = request.lines(i);
    const std::string at = absl::StrCat("lines[", i, "]");
    const auto part = parts.find(line.part_id());
    if (part == parts.end()) {
      missing.push_back(line.part_id());
      fields.push_back(at + ".part_id");
      continue;
    }
    RETURN_IF_ERROR(CheckQuantity(part->second, line.quantity_milli(), at + ".quantity_milli"));
    if (!seen.emplace(line.holder_line_id(), line.part_id()).second) {
      return chassis::Refuse(v1::ERROR_REASON_RESERVATION_LINE_TWICE)
          .At(at, "与前面的行重复", "repeats an earlier line");
    }
  }
  return missing.empty() ? absl::OkStatus() : UnknownParts(missing, fields);
}

// A repair order's own reservation belongs to the order even when the caller does not say so.
std::string OrderOf(const v1::CreateReservationRequest& request) {
  const bool is_order = request.holder_kind() == v1::Reservation::HOLDER_KIND_REPAIR_ORDER;
  return request.order_id().empty() && is_order ? request.holder_id() : request.order_id();
}

}  // namespace

absl::StatusOr<v1::Reservation> Draft(const v1::CreateReservationRequest& request, const PartsById& parts,
                                      absl::Time now, int reservation_days,
                                      const std::function<std::string()>& new_id) {
  RETURN_IF_ERROR(CheckLines(request, parts));
  v1::Reservation reservation;
  reservation.set_store_id(request.store_id());
  reservation.set_reservation_id(new_id());
  reservation.set_holder_kind(request.holder_kind());
  reservation.set_holder_id(request.holder_id());
  reservation.set_open_holder_id(request.holder_id());
  reservation.set_holder_number(request.holder_number());
  reservation.set_order_id(OrderOf(request));
  reservation.set_state(v1::Reservation::STATE_ACTIVE);
  *reservation.mutable_expire_time() =
      request.has_expire_time() ? request.expire_time() : chassis::ToProto(now + absl::Hours(24) * reservation_days);
  if (chassis::FromProto(reservation.expire_time()) <= now) {
    return chassis::Refuse(v1::ERROR_REASON_EXPIRE_TIME_PAST).At("expire_time", "早于当前时间", "lies in the past");
  }
  for (const auto& wanted : request.lines()) {
    v1::ReservationLine& line = *reservation.add_lines();
    line.set_reservation_line_id(new_id());
    line.set_holder_line_id(wanted.holder_line_id());
    line.set_part_id(wanted.part_id());
    line.set_part_number(parts.at(wanted.part_id()).part_number());
    line.set_quantity_milli(wanted.quantity_milli());
    *line.mutable_needed_time() = wanted.has_needed_time() ? wanted.needed_time() : chassis::ToProto(now);
  }
  return reservation;
}

std::map<std::string, int64_t> Demand(const v1::Reservation& reservation) {
  std::map<std::string, int64_t> demand;
  for (const auto& line : reservation.lines()) demand[line.part_id()] += line.quantity_milli();
  return demand;
}

void Substitute(v1::Reservation& reservation, const PartsById& parts, std::map<std::string, int64_t> available) {
  for (auto& line : *reservation.mutable_lines()) {
    const std::vector<std::string> successors = Successors(parts, line.part_id());
    std::string chosen = line.part_id();
    if (available[chosen] < line.quantity_milli() && !successors.empty()) {
      const auto enough = std::find_if(successors.begin(), successors.end(), [&](const std::string& part_id) {
        return available[part_id] >= line.quantity_milli();
      });
      chosen = enough == successors.end() ? successors.back() : *enough;
      line.set_asked_part_id(line.part_id());
      line.set_part_id(chosen);
      line.set_part_number(parts.at(chosen).part_number());
    }
    available[chosen] -= std::min(available[chosen], line.quantity_milli());
  }
}

void HoldAll(v1::Reservation& reservation) {
  for (auto& line : *reservation.mutable_lines()) line.set_reserved_milli(line.quantity_milli());
}

void HoldAvailable(v1::Reservation& reservation, std::map<std::string, int64_t> available) {
  for (auto& line : *reservation.mutable_lines()) {
    int64_t& left = available[line.part_id()];
    const int64_t held = std::min(left, line.quantity_milli());
    left -= held;
    line.set_reserved_milli(held);
    line.set_short_milli(line.quantity_milli() - held);
  }
}

StockDeltas EffectOfHolding(const v1::Reservation& reservation) {
  StockDeltas deltas;
  for (const auto& line : reservation.lines()) {
    deltas[line.part_id()].reserved_milli += line.reserved_milli();
    deltas[line.part_id()].short_milli += line.short_milli();
  }
  return deltas;
}

StockDeltas GiveBack(v1::Reservation& reservation) {
  StockDeltas deltas;
  for (auto& line : *reservation.mutable_lines()) {
    deltas[line.part_id()].reserved_milli -= line.reserved_milli();
    deltas[line.part_id()].short_milli -= line.short_milli();
    line.set_reserved_milli(0);
    line.set_short_milli(0);
  }
  return deltas;
}

Served ServeQueue(std::vector<v1::Reservation>& waiting, std::map<std::string, int64_t> available) {
  struct Place {
    absl::Time needed;
    absl::Time since;
    std::string line_id;  // ids grow with time, so they settle what the times leave open
    v1::Reservation* reservation;
    v1::ReservationLine* line;
    bool operator<(const Place& other) const {
      return std::tie(needed, since, line_id) < std::tie(other.needed, other.since, other.line_id);
    }
  };
  std::vector<Place> queue;
  for (auto& reservation : waiting) {
    for (auto& line : *reservation.mutable_lines()) {
      if (line.short_milli() == 0) continue;
      queue.push_back({chassis::FromProto(line.needed_time()), chassis::FromProto(reservation.create_time()),
                       line.reservation_line_id(), &reservation, &line});
    }
  }
  std::sort(queue.begin(), queue.end());
  Served served;
  std::set<std::string> changed, filled;
  for (Place& place : queue) {
    int64_t& left = available[place.line->part_id()];
    const int64_t given = std::min(left, place.line->short_milli());
    if (given <= 0) continue;
    left -= given;
    place.line->set_reserved_milli(place.line->reserved_milli() + given);
    place.line->set_short_milli(place.line->short_milli() - given);
    served.stocks[place.line->part_id()].reserved_milli += given;
    served.stocks[place.line->part_id()].short_milli -= given;
    changed.insert(place.reservation->reservation_id());
    if (place.line->short_milli() == 0) filled.insert(place.reservation->reservation_id());
  }
  served.changed_ids.assign(changed.begin(), changed.end());
  served.filled_ids.assign(filled.begin(), filled.end());
  return served;
}

bool IsDrawn(const v1::Reservation& reservation) {
  return std::all_of(reservation.lines().begin(), reservation.lines().end(),
                     [](const auto& line) { return line.reserved_milli() == 0 && line.short_milli() == 0; });
}

}  // namespace parts
