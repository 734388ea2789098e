// SQL of the staff file and attendance (S-01).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chassis/records/table.h"
#include "chassis/server/service.h"
#include "workshop-svc/staff/staff_rules.h"

namespace workshop {

class StaffStore {
 public:
  explicit StaffStore(chassis::Rooms& rooms);

  // Who the caller is in this store's staff file, if anybody.
  absl::StatusOr<std::optional<v1::StaffMember>> FindBySubject(chassis::sql::Session& session,
                                                               const std::string& store_id,
                                                               const std::string& subject) const;
  // CALLER_NOT_ON_STAFF.
  absl::StatusOr<v1::StaffMember> BySubject(chassis::sql::Session& session, const std::string& store_id,
                                            const std::string& subject) const;
  absl::StatusOr<std::vector<v1::StaffMember>> Active(chassis::sql::Session& session,
                                                      const std::string& store_id) const;
  absl::StatusOr<bool> Exists(chassis::sql::Session& session, const std::string& store_id,
                              const std::string& staff_member_id) const;

  // The day's entry; the id is derived from person and day.
  static std::string AttendanceId(const std::string& staff_member_id, const std::string& date);
  absl::StatusOr<std::optional<v1::Attendance>> AttendanceOn(chassis::sql::Session& session,
                                                             const std::string& store_id,
                                                             const std::string& staff_member_id,
                                                             const std::string& date) const;
  absl::StatusOr<std::map<std::string, v1::Attendance>> AttendancesOn(chassis::sql::Session& session,
                                                                      const std::string& store_id,
                                                                      const std::string& date) const;
  // (staff member id, date) of every absence of the span.
  absl::StatusOr<std::set<std::pair<std::string, std::string>>> Absences(chassis::sql::Session& session,
                                                                         const std::string& store_id,
                                                                         const std::string& first_date,
                                                                         const std::string& last_date) const;
  absl::StatusOr<std::map<std::string, int64_t>> AttendedSeconds(chassis::sql::Session& session,
                                                                 const std::string& store_id,
                                                                 const std::string& first_date,
                                                                 const std::string& last_date) const;

  // The person comes in today unless already here: for clock-on and for ClockIn.
  absl::StatusOr<v1::Attendance> ComeInToday(chassis::UnitOfWork& work, const v1::StaffMember& member,
                                             const std::string& date) const;

  const chassis::records::Table<v1::StaffMember>& members() const { return members_; }
  const chassis::records::Table<v1::Attendance>& attendances() const { return attendances_; }

 private:
  chassis::records::Table<v1::StaffMember> members_;
  chassis::records::Table<v1::Attendance> attendances_;
};

}  // namespace workshop
