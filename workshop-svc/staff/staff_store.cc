// See staff_store.h.
#include "workshop-svc/staff/staff_store.h"

#include "chassis/status/refusal.h"
#include "chassis/status/status.h"
#include "chassis/time/clock.h"

namespace workshop {

using chassis::sql::Session;
using chassis::sql::Uuid;

StaffStore::StaffStore(chassis::Rooms& rooms) : members_(rooms.host.cipher()), attendances_(rooms.host.cipher()) {}

absl::StatusOr<std::optional<v1::StaffMember>> StaffStore::FindBySubject(Session& session, const std::string& store_id,
                                                                         const std::string& subject) const {
  ASSIGN_OR_RETURN(std::vector<v1::StaffMember> found,
                   members_.Select(session, "WHERE store_id = ? AND subject = ?", Uuid{store_id}, subject));
  if (found.empty()) return std::optional<v1::StaffMember>();
  return std::optional<v1::StaffMember>(std::move(found.front()));
}

absl::StatusOr<v1::StaffMember> StaffStore::BySubject(Session& session, const std::string& store_id,
                                                      const std::string& subject) const {
  ASSIGN_OR_RETURN(std::optional<v1::StaffMember> found, FindBySubject(session, store_id, subject));
  if (found.has_value()) return *std::move(found);
  return chassis::Refuse(v1::ERROR_REASON_CALLER_NOT_ON_STAFF)
      .At("store_id", "员工档案中没有您", "you are not in its staff file");
}

absl::StatusOr<std::vector<v1::StaffMember>> StaffStore::Active(Session& session, const std::string& store_id) const {
  return members_.Select(session, "WHERE store_id = ? AND state = 'ACTIVE'", Uuid{store_id});
}

absl::StatusOr<bool> StaffStore::Exists(Session& session, const std::string& store_id,
                                        const std::string& staff_member_id) const {
  ASSIGN_OR_RETURN(const chassis::sql::Rows rows,
                   session.Query("SELECT 1 FROM staff_member WHERE store_id = ? AND staff_member_id = ?",
                                 Uuid{store_id}, Uuid{staff_member_id}));
  return !rows.empty();
}

std::string StaffStore::AttendanceId(const std::string& staff_member_id, const std::string& date) {
  return chassis::DerivedId(staff_member_id, date);
}

absl::StatusOr<std::optional<v1::Attendance>> StaffStore::AttendanceOn(Session& session, const std::string& store_id,
                                                                       const std::string& staff_member_id,
                                                                       const std::string& date) const {
  absl::StatusOr<v1::Attendance> found = attendances_.Get(session, store_id, AttendanceId(staff_member_id, date));
  if (found.ok()) return std::optional<v1::Attendance>(*std::move(found));
  if (absl::IsNotFound(found.status())) return std::optional<v1::Attendance>();
  return found.status();
}

absl::StatusOr<std::map<std::string, v1::Attendance>> StaffStore::AttendancesOn(Session& session,
                                                                                const std::string& store_id,
                                                                                const std::string& date) const {
  ASSIGN_OR_RETURN(std::vector<v1::Attendance> found,
                   attendances_.Select(session, "WHERE store_id = ? AND work_date = ?", Uuid{store_id}, date));
  std::map<std::string, v1::Attendance> by_member;
  for (v1::Attendance& day : found) by_member[day.staff_member_id()] = std::move(day);
  return by_member;
}

absl::StatusOr<std::set<std::pair<std::string, std::string>>> StaffStore::Absences(Session& session,
                                                                                   const std::string& store_id,
                                                                                   const std::string& first_date,
                                                                                   const std::string& last_date) const {
  ASSIGN_OR_RETURN(
      const std::vector<v1::Attendance> found,
      attendances_.Select(session, "WHERE store_id = ? AND work_date BETWEEN ? AND ? AND presence <> 'PRESENT'",
                          Uuid{store_id}, first_date, last_date));
  std::set<std::pair<std::string, std::string>> absences;
  for (const v1::Attendance& day : found) absences.emplace(day.staff_member_id(), day.work_date());
  return absences;
}

absl::StatusOr<std::map<std::string, int64_t>> StaffStore::AttendedSeconds(Session& session,
                                                                           const std::string& store_id,
                                                                           const std::string& first_date,
                                                                           const std::string& last_date) const {
  ASSIGN_OR_RETURN(const chassis::sql::Rows rows,
                   session.Query("SELECT staff_member_id AS id, CAST(SUM(attended_seconds) AS SIGNED) AS total FROM "
                                 "attendance WHERE store_id = ? AND work_date BETWEEN ? AND ? GROUP BY staff_member_id",
                                 Uuid{store_id}, first_date, last_date));
  std::map<std::string, int64_t> seconds;
  for (size_t i = 0; i < rows.size(); ++i) seconds[rows[i].Id("id")] = rows[i].IntOr("total", 0);
  return seconds;
}

absl::StatusOr<v1::Attendance> StaffStore::ComeInToday(chassis::UnitOfWork& work, const v1::StaffMember& member,
                                                       const std::string& date) const {
  ASSIGN_OR_RETURN(const std::optional<v1::Attendance> known,
                   AttendanceOn(work.sql(), work.store_id(), member.staff_member_id(), date));
  v1::Attendance today = known.value_or(v1::Attendance());
  if (known.has_value()) {
    RETURN_IF_ERROR(CheckNotAbsent(member, &today));
    if (IsPresent(today)) return today;
    RETURN_IF_ERROR(ComeIn(today, work.now()));
    RETURN_IF_ERROR(attendances_.Update(work, *known, today));
    return today;
  }
  today.set_store_id(work.store_id());
  today.set_attendance_id(AttendanceId(member.staff_member_id(), date));
  today.set_staff_member_id(member.staff_member_id());
  today.set_work_date(date);
  RETURN_IF_ERROR(ComeIn(today, work.now()));
  RETURN_IF_ERROR(attendances_.Insert(work, today));
  return today;
}

}  // namespace workshop
