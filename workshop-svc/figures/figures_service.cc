// See figures_service.h.
#include "workshop-svc/figures/figures_service.h"

#include <utility>

#include "chassis/status/status.h"

namespace workshop {
namespace {

using chassis::sql::Session;

constexpr absl::Duration kBookedAhead = absl::Hours(24 * 7);
// Any 24 hours hold one day's opening hours, whenever they begin.
constexpr absl::Duration kOccupancyWindow = absl::Hours(24);
// No clock is looked for that started longer than this before the window.
constexpr absl::Duration kClockRunMax = absl::Hours(24);

}  // namespace

FiguresService::FiguresService(chassis::Rooms& rooms, const BayStore& bays, const StaffStore& staff)
    : host_(rooms.host), bays_(bays), staff_(staff), store_(rooms.host.cipher()) {
  for (chassis::Census::Family& figure : Figures()) rooms.Count(std::move(figure));
  rooms.Count({.name = "workshop_booked_ratio",
               .help = "Minutes held by slots / minutes the workshop offers, of the next 7 days (W-01).",
               .points = [this](Session& session) { return Booked(session); }});
  rooms.Count({.name = "workshop_bay_occupancy_ratio",
               .help = "Time in which somebody worked on a bay / opening hours of the open bays, last 24 hours (W-01, "
                       "W-17).",
               .points = [this](Session& session) { return Occupied(session); }});
}

absl::StatusOr<FiguresService::Points> FiguresService::Booked(Session& session) const {
  const absl::Time now = host_.clock().Now();
  ASSIGN_OR_RETURN(const std::vector<common::Store> stores, store_.Stores(session));
  Points points;
  for (const common::Store& store : stores) {
    ASSIGN_OR_RETURN(const Roster roster, RosterOf(session, store, now, now + kBookedAhead));
    const int64_t offered = OfferedMinutes(roster, now, now + kBookedAhead);
    if (offered == 0) continue;
    ASSIGN_OR_RETURN(const int64_t held, store_.HeldUnits(session, store.store_id(), now, now + kBookedAhead));
    points.push_back({store.store_id(), {}, static_cast<double>(held * kUnitMinutes) / static_cast<double>(offered)});
  }
  return points;
}

absl::StatusOr<FiguresService::Points> FiguresService::Occupied(Session& session) const {
  const absl::Time now = host_.clock().Now();
  const absl::Time from = now - kOccupancyWindow;
  ASSIGN_OR_RETURN(const std::vector<common::Store> stores, store_.Stores(session));
  Points points;
  for (const common::Store& store : stores) {
    ASSIGN_OR_RETURN(const std::vector<v1::Bay> bays, bays_.Open(session, store.store_id()));
    const MinuteSpan open = HoursOf(store).open;
    const int64_t offered = static_cast<int64_t>(bays.size()) * (open.end - open.start) * 60;
    if (offered <= 0) continue;
    ASSIGN_OR_RETURN(std::vector<BayWork> works,
                     store_.WorkOnBays(session, store.store_id(), from - kClockRunMax, now));
    points.push_back(
        {store.store_id(),
         {},
         static_cast<double>(OccupiedSeconds(std::move(works), from, now)) / static_cast<double>(offered)});
  }
  return points;
}

absl::StatusOr<Roster> FiguresService::RosterOf(Session& session, const common::Store& store, absl::Time from,
                                                absl::Time to) const {
  Roster roster;
  roster.hours = HoursOf(store);
  ASSIGN_OR_RETURN(roster.bays, bays_.Open(session, store.store_id()));
  ASSIGN_OR_RETURN(roster.technicians, staff_.Active(session, store.store_id()));
  ASSIGN_OR_RETURN(roster.absences,
                   staff_.Absences(session, store.store_id(), absl::FormatCivilTime(DayOf(roster.hours, from)),
                                   absl::FormatCivilTime(DayOf(roster.hours, to))));
  return roster;
}

}  // namespace workshop
