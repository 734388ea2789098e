// SQL of slots. A hold is one slot_hold row and one slot_unit row per quarter of an hour; the keys of slot_unit
// decide who gets a slot, whatever runs at the same time.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "aftersales/common/v1/audit.pb.h"
#include "aftersales/workshop/v1/schedule.pb.h"
#include "chassis/records/table.h"
#include "chassis/server/service.h"
#include "workshop-svc/bay/bay_store.h"
#include "workshop-svc/schedule/schedule_rules.h"
#include "workshop-svc/staff/staff_store.h"

namespace workshop {

class ScheduleStore {
 public:
  ScheduleStore(chassis::Rooms& rooms, const BayStore& bays, const StaffStore& staff);

  // Everything that decides about slots in [from, to).
  absl::StatusOr<Roster> Load(chassis::sql::Session& session, const std::string& store_id, const OpeningHours& hours,
                              absl::Time from, absl::Time to) const;
  absl::StatusOr<std::vector<v1::SlotHold>> HoldsOf(chassis::sql::Session& session, const std::string& store_id,
                                                    const std::string& holder_id) const;
  absl::StatusOr<int64_t> HoldsOnBay(chassis::sql::Session& session, const std::string& store_id,
                                     const std::string& bay_id, absl::Time after) const;
  // Units held per (date of the store, skill).
  absl::StatusOr<std::map<std::pair<std::string, common::Skill>, int64_t>> HeldUnits(chassis::sql::Session& session,
                                                                                     const std::string& store_id,
                                                                                     const OpeningHours& hours,
                                                                                     absl::Time from,
                                                                                     absl::Time to) const;

  // What another hold was quicker to take.
  enum class Outcome { kTaken, kBayLost, kTechnicianLost };
  // Takes the units of `hold`; on kTaken the hold is inserted as well.
  absl::StatusOr<Outcome> Take(chassis::UnitOfWork& work, v1::SlotHold& hold) const;
  absl::Status Release(chassis::UnitOfWork& work, const std::string& holder_id) const;
  // The holds of `holder_id` become those of `heir_id` (the appointment's those of its order). Returns them.
  absl::StatusOr<std::vector<v1::SlotHold>> HandOver(chassis::UnitOfWork& work, const std::string& holder_id,
                                                     const std::string& heir_id) const;
  // Gives back what the holder no longer needs from now on: the vehicle is finished earlier than planned.
  absl::Status ReleaseRest(chassis::UnitOfWork& work, const std::string& holder_id) const;

  // Every hold has exactly the units of its span.
  absl::StatusOr<common::LedgerCheck> Verify(chassis::sql::Session& session, const std::string& store_id) const;

  const chassis::records::Table<v1::SlotHold>& holds() const { return holds_; }

 private:
  absl::Status DeleteUnits(chassis::UnitOfWork& work, const v1::SlotHold& hold, absl::Time from) const;

  chassis::records::Table<v1::SlotHold> holds_;
  const BayStore& bays_;
  const StaffStore& staff_;
};

}  // namespace workshop
