// See schedule_store.h.
#include "workshop-svc/schedule/schedule_store.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "chassis/status/status.h"
#include "chassis/time/clock.h"

namespace workshop {
namespace {

using chassis::FromProto;
using chassis::sql::Session;
using chassis::sql::Uuid;

constexpr int kDifferencesMax = 100;

}  // namespace

ScheduleStore::ScheduleStore(chassis::Rooms& rooms, const BayStore& bays, const StaffStore& staff)
    : holds_(rooms.host.cipher()), bays_(bays), staff_(staff) {
  rooms.Verify("slots", [this](Session& session, const std::string& store_id) { return Verify(session, store_id); });
}

absl::StatusOr<Roster> ScheduleStore::Load(Session& session, const std::string& store_id, const OpeningHours& hours,
                                           absl::Time from, absl::Time to) const {
  Roster roster;
  roster.hours = hours;
  ASSIGN_OR_RETURN(roster.bays, bays_.Open(session, store_id));
  ASSIGN_OR_RETURN(roster.technicians, staff_.Active(session, store_id));
  ASSIGN_OR_RETURN(roster.absences, staff_.Absences(session, store_id, absl::FormatCivilTime(DayOf(hours, from)),
                                                    absl::FormatCivilTime(DayOf(hours, to))));
  ASSIGN_OR_RETURN(const chassis::sql::Rows units,
                   session.Query("SELECT bay_id, technician_id, unit_time FROM slot_unit WHERE store_id = ? AND "
                                 "unit_time >= ? AND unit_time < ?",
                                 Uuid{store_id}, from, to));
  for (size_t i = 0; i < units.size(); ++i) {
    const int64_t unit = absl::ToUnixSeconds(units[i].Time("unit_time"));
    roster.taken.emplace(units[i].Id("bay_id"), unit);
    roster.taken.emplace(units[i].Id("technician_id"), unit);
  }
  return roster;
}

absl::StatusOr<std::vector<v1::SlotHold>> ScheduleStore::HoldsOf(Session& session, const std::string& store_id,
                                                                 const std::string& holder_id) const {
  return holds_.Select(session, "WHERE store_id = ? AND holder_id = ? ORDER BY slot_hold_id", Uuid{store_id},
                       Uuid{holder_id});
}

absl::StatusOr<int64_t> ScheduleStore::HoldsOnBay(Session& session, const std::string& store_id,
                                                  const std::string& bay_id, absl::Time after) const {
  ASSIGN_OR_RETURN(const chassis::sql::Rows rows,
                   session.Query("SELECT COUNT(DISTINCT slot_hold_id) AS total FROM slot_unit WHERE store_id = ? AND "
                                 "bay_id = ? AND unit_time >= ?",
                                 Uuid{store_id}, Uuid{bay_id}, after));
  return rows[0].Int("total");
}

absl::StatusOr<std::map<std::pair<std::string, common::Skill>, int64_t>> ScheduleStore::HeldUnits(
    Session& session, const std::string& store_id, const OpeningHours& hours, absl::Time from, absl::Time to) const {
  ASSIGN_OR_RETURN(
      const std::vector<v1::SlotHold> holds,
      holds_.Select(session, "WHERE store_id = ? AND start_time >= ? AND start_time < ?", Uuid{store_id}, from, to));
  std::map<std::pair<std::string, common::Skill>, int64_t> units;
  for (const v1::SlotHold& hold : holds) {
    const absl::Time start = FromProto(hold.start_time());
    units[{absl::FormatCivilTime(DayOf(hours, start)), hold.skill()}] +=
        static_cast<int64_t>(UnitsOf(start, FromProto(hold.end_time())).size());
  }
  return units;
}

absl::StatusOr<ScheduleStore::Outcome> ScheduleStore::Take(chassis::UnitOfWork& work, v1::SlotHold& hold) const {
  const std::vector<absl::Time> units = UnitsOf(FromProto(hold.start_time()), FromProto(hold.end_time()));
  std::vector<chassis::sql::Value> values;
  for (const absl::Time unit : units) {
    values.push_back(chassis::sql::ToValue(Uuid{work.store_id()}));
    values.push_back(chassis::sql::ToValue(Uuid{hold.bay_id()}));
    values.push_back(chassis::sql::ToValue(unit));
    values.push_back(chassis::sql::ToValue(Uuid{hold.technician_id()}));
    values.push_back(chassis::sql::ToValue(Uuid{hold.slot_hold_id()}));
  }
  const absl::Status taken =
      work.sql()
          .ExecuteValues(absl::StrCat("INSERT INTO slot_unit (store_id, bay_id, unit_time, technician_id, "
                                      "slot_hold_id) VALUES ",
                                      chassis::sql::RowPlaceholders(units.size(), 5)),
                         values)
          .status();
  if (absl::IsAlreadyExists(taken)) {
    return absl::StrContains(taken.message(), "slot_unit_technician") ? Outcome::kTechnicianLost : Outcome::kBayLost;
  }
  RETURN_IF_ERROR(taken);
  RETURN_IF_ERROR(holds_.Insert(work, hold));
  return Outcome::kTaken;
}

absl::Status ScheduleStore::DeleteUnits(chassis::UnitOfWork& work, const v1::SlotHold& hold, absl::Time from) const {
  return work.sql()
      .Execute("DELETE FROM slot_unit WHERE store_id = ? AND slot_hold_id = ? AND unit_time >= ?",
               Uuid{work.store_id()}, Uuid{hold.slot_hold_id()}, from)
      .status();
}

absl::Status ScheduleStore::Release(chassis::UnitOfWork& work, const std::string& holder_id) const {
  ASSIGN_OR_RETURN(const std::vector<v1::SlotHold> holds, HoldsOf(work.sql(), work.store_id(), holder_id));
  for (const v1::SlotHold& hold : holds) {
    RETURN_IF_ERROR(DeleteUnits(work, hold, FromProto(hold.start_time())));
    RETURN_IF_ERROR(holds_.Delete(work, hold));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<v1::SlotHold>> ScheduleStore::HandOver(chassis::UnitOfWork& work,
                                                                  const std::string& holder_id,
                                                                  const std::string& heir_id) const {
  ASSIGN_OR_RETURN(std::vector<v1::SlotHold> holds, HoldsOf(work.sql(), work.store_id(), holder_id));
  for (v1::SlotHold& hold : holds) {
    const v1::SlotHold before = hold;
    hold.set_holder_id(heir_id);
    RETURN_IF_ERROR(holds_.Update(work, before, hold));
  }
  return holds;
}

absl::Status ScheduleStore::ReleaseRest(chassis::UnitOfWork& work, const std::string& holder_id) const {
  ASSIGN_OR_RETURN(std::vector<v1::SlotHold> holds, HoldsOf(work.sql(), work.store_id(), holder_id));
  const absl::Time end = CeilToUnit(work.now());
  for (v1::SlotHold& hold : holds) {
    if (FromProto(hold.end_time()) <= end) continue;
    RETURN_IF_ERROR(DeleteUnits(work, hold, end));
    if (FromProto(hold.start_time()) >= end) {
      RETURN_IF_ERROR(holds_.Delete(work, hold));
      continue;
    }
    const v1::SlotHold before = hold;
    *hold.mutable_end_time() = chassis::ToProto(end);
    RETURN_IF_ERROR(holds_.Update(work, before, hold));
  }
  return absl::OkStatus();
}

absl::StatusOr<common::LedgerCheck> ScheduleStore::Verify(Session& session, const std::string& store_id) const {
  common::LedgerCheck check;
  check.set_name("slots");
  ASSIGN_OR_RETURN(const chassis::sql::Rows count,
                   session.Query("SELECT COUNT(*) AS total FROM slot_hold WHERE store_id = ?", Uuid{store_id}));
  check.set_checked_count(count[0].Int("total"));
  ASSIGN_OR_RETURN(
      const chassis::sql::Rows wrong,
      session.Query("SELECT slot_hold.slot_hold_id AS id FROM slot_hold LEFT JOIN slot_unit ON slot_unit.store_id = "
                    "slot_hold.store_id AND slot_unit.slot_hold_id = slot_hold.slot_hold_id AND slot_unit.bay_id = "
                    "slot_hold.bay_id AND slot_unit.unit_time >= slot_hold.start_time AND slot_unit.unit_time < "
                    "slot_hold.end_time WHERE slot_hold.store_id = ? GROUP BY slot_hold.slot_hold_id, "
                    "slot_hold.start_time, slot_hold.end_time HAVING COUNT(slot_unit.unit_time) * 15 <> "
                    "TIMESTAMPDIFF(MINUTE, slot_hold.start_time, slot_hold.end_time)",
                    Uuid{store_id}));
  ASSIGN_OR_RETURN(
      const chassis::sql::Rows orphans,
      session.Query("SELECT DISTINCT slot_unit.slot_hold_id AS id FROM slot_unit LEFT JOIN slot_hold ON "
                    "slot_hold.store_id = slot_unit.store_id AND slot_hold.slot_hold_id = slot_unit.slot_hold_id AND "
                    "slot_unit.unit_time >= slot_hold.start_time AND slot_unit.unit_time < slot_hold.end_time WHERE "
                    "slot_unit.store_id = ? AND slot_hold.slot_hold_id IS NULL",
                    Uuid{store_id}));
  for (const auto& [rows, what] :
       {std::pair<const chassis::sql::Rows&, const char*>{wrong, "the units do not fill the span"},
        {orphans, "units without their hold"}}) {
    for (size_t i = 0; i < rows.size(); ++i) {
      check.set_difference_count(check.difference_count() + 1);
      if (check.differences_size() < kDifferencesMax) check.add_differences(absl::StrCat(rows[i].Id("id"), ": ", what));
    }
  }
  return check;
}

}  // namespace workshop
