// See staff_service.h.
#include "workshop-svc/staff/staff_service.h"

#include "absl/strings/str_cat.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"
#include "chassis/time/clock.h"

namespace workshop {
namespace {

using chassis::Refuse;

constexpr int kAbsenceDaysMax = 31;

}  // namespace

StaffService::StaffService(chassis::Rooms& rooms, const StaffStore& store, const TeamStore& teams, const JobStore& jobs,
                           const ClockStore& clocks)
    : store_(store), teams_(teams), jobs_(jobs), clocks_(clocks) {
  rooms.rpcs.Standard<v1::StaffMember>(
      store_.members(), [this](chassis::UnitOfWork& work, const v1::StaffMember* before, v1::StaffMember& after) {
        return CheckEntry(work, before, after);
      });
  rooms.rpcs.Standard<v1::Attendance>(store_.attendances());
  rooms.rpcs.On(this, &StaffService::RecordCertificate);
  rooms.rpcs.On(this, &StaffService::Deactivate);
  rooms.rpcs.On(this, &StaffService::Reactivate);
  rooms.rpcs.On(this, &StaffService::ClockIn);
  rooms.rpcs.On(this, &StaffService::ClockOut);
  rooms.rpcs.On(this, &StaffService::RecordAbsence);
}

absl::Status StaffService::CheckEntry(chassis::UnitOfWork& work, const v1::StaffMember* before,
                                      v1::StaffMember& after) {
  if (before == nullptr) after.set_state(v1::StaffMember::STATE_ACTIVE);
  RETURN_IF_ERROR(CheckStaffMember(after));
  const auto unknown = [](std::string_view field, const std::string& id) -> absl::Status {
    return Refuse(v1::ERROR_REASON_STAFF_REFERENCE_UNKNOWN)
        .With("id", id)
        .At(absl::StrCat("staff_member.", std::string(field)), "不存在", "does not exist");
  };
  for (const auto& [field, id] : {std::pair<const char*, const std::string&>{"manager_id", after.manager_id()},
                                  {"stand_in_id", after.stand_in_id()}}) {
    if (id.empty()) continue;
    ASSIGN_OR_RETURN(const bool exists, store_.Exists(work.sql(), work.store_id(), id));
    if (!exists) return unknown(field, id);
  }
  if (after.team_id().empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const bool exists, teams_.Exists(work.sql(), work.store_id(), after.team_id()));
  return exists ? absl::OkStatus() : unknown("team_id", after.team_id());
}

absl::StatusOr<v1::StaffMember> StaffService::RecordCertificate(chassis::Call& call,
                                                                const v1::RecordCertificateRequest& request) {
  RETURN_IF_ERROR(CheckCertificateDates(request.certificate(), "certificate.expiry_date"));
  return call.Transact<v1::StaffMember>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::StaffMember> {
    ASSIGN_OR_RETURN(const v1::StaffMember before,
                     store_.members().Lock(work, work.store_id(), request.staff_member_id()));
    v1::StaffMember after = before;
    v1::Certificate certificate = request.certificate();
    certificate.set_certificate_id(work.NewId());
    PutCertificate(after, certificate);
    RETURN_IF_ERROR(store_.members().Update(work, before, after));
    return after;
  });
}

absl::StatusOr<v1::StaffMember> StaffService::Deactivate(chassis::Call& call,
                                                         const v1::DeactivateStaffMemberRequest& request) {
  return call.Transact<v1::StaffMember>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::StaffMember> {
    ASSIGN_OR_RETURN(const v1::StaffMember before,
                     store_.members().Lock(work, work.store_id(), request.staff_member_id()));
    ASSIGN_OR_RETURN(const int64_t unfinished,
                     jobs_.UnfinishedJobsOf(work.sql(), work.store_id(), before.staff_member_id()));
    if (unfinished > 0) {
      return Refuse(v1::ERROR_REASON_STAFF_HAS_JOBS)
          .With("staff", before.staff_number())
          .With("count", unfinished)
          .At("staff_member_id", "还有未完派工单", "still has unfinished jobs");
    }
    v1::StaffMember after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, v1::StaffMember::STATE_INACTIVE));
    work.Because(request.reason());
    RETURN_IF_ERROR(store_.members().Update(work, before, after));
    return after;
  });
}

absl::StatusOr<v1::StaffMember> StaffService::Reactivate(chassis::Call& call,
                                                         const v1::ReactivateStaffMemberRequest& request) {
  return call.Transact<v1::StaffMember>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::StaffMember> {
    ASSIGN_OR_RETURN(const v1::StaffMember before,
                     store_.members().Lock(work, work.store_id(), request.staff_member_id()));
    v1::StaffMember after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, v1::StaffMember::STATE_ACTIVE));
    RETURN_IF_ERROR(store_.members().Update(work, before, after));
    return after;
  });
}

absl::StatusOr<v1::Attendance> StaffService::ClockIn(chassis::Call& call, const v1::ClockInRequest&) {
  ASSIGN_OR_RETURN(const common::Store store, call.Store());
  return call.Transact<v1::Attendance>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::Attendance> {
    const std::string date = chassis::CivilDate(work.now(), store.time_zone());
    ASSIGN_OR_RETURN(const v1::StaffMember found,
                     store_.BySubject(work.sql(), work.store_id(), call.identity().subject));
    ASSIGN_OR_RETURN(const v1::StaffMember member,
                     store_.members().Lock(work, work.store_id(), found.staff_member_id()));
    ASSIGN_OR_RETURN(const std::optional<v1::Attendance> today,
                     store_.AttendanceOn(work.sql(), work.store_id(), member.staff_member_id(), date));
    if (today.has_value() && IsPresent(*today)) {
      return Refuse(v1::ERROR_REASON_ALREADY_PRESENT).At("store_id", "今天已签到", "you are here already");
    }
    return store_.ComeInToday(work, member, date);
  });
}

absl::StatusOr<v1::Attendance> StaffService::ClockOut(chassis::Call& call, const v1::ClockOutRequest&) {
  ASSIGN_OR_RETURN(const common::Store store, call.Store());
  return call.Transact<v1::Attendance>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::Attendance> {
    const std::string date = chassis::CivilDate(work.now(), store.time_zone());
    ASSIGN_OR_RETURN(const v1::StaffMember found,
                     store_.BySubject(work.sql(), work.store_id(), call.identity().subject));
    ASSIGN_OR_RETURN(const v1::StaffMember member,
                     store_.members().Lock(work, work.store_id(), found.staff_member_id()));
    RETURN_IF_ERROR(clocks_.RequireOffClock(work.sql(), work.store_id(), member.staff_member_id(), "store_id"));
    ASSIGN_OR_RETURN(const std::optional<v1::Attendance> before,
                     store_.AttendanceOn(work.sql(), work.store_id(), member.staff_member_id(), date));
    v1::Attendance today = before.value_or(v1::Attendance());
    RETURN_IF_ERROR(GoOut(today, work.now()));
    RETURN_IF_ERROR(store_.attendances().Update(work, *before, today));
    return today;
  });
}

absl::StatusOr<v1::RecordAbsenceResponse> StaffService::RecordAbsence(chassis::Call& call,
                                                                      const v1::RecordAbsenceRequest& request) {
  const std::vector<std::string> dates = DatesBetween(request.first_date(), request.last_date(), kAbsenceDaysMax);
  if (dates.empty() || request.presence() == v1::Attendance::PRESENCE_PRESENT) {
    return Refuse(v1::ERROR_REASON_ABSENCE_SPAN)
        .At(dates.empty() ? "last_date" : "presence", "不是有效的缺勤", "makes no absence");
  }
  return call.Transact<v1::RecordAbsenceResponse>(
      [&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::RecordAbsenceResponse> {
        ASSIGN_OR_RETURN(const v1::StaffMember member,
                         store_.members().Lock(work, work.store_id(), request.staff_member_id()));
        std::vector<v1::Attendance> days;
        for (const std::string& date : dates) {
          ASSIGN_OR_RETURN(const std::optional<v1::Attendance> known,
                           store_.AttendanceOn(work.sql(), work.store_id(), member.staff_member_id(), date));
          if (known.has_value()) {
            return Refuse(v1::ERROR_REASON_DAY_ALREADY_WORKED)
                .With("date", date)
                .At("first_date", "已有考勤记录", "has an attendance record");
          }
          v1::Attendance& day = days.emplace_back();
          day.set_store_id(work.store_id());
          day.set_attendance_id(StaffStore::AttendanceId(member.staff_member_id(), date));
          day.set_staff_member_id(member.staff_member_id());
          day.set_work_date(date);
          day.set_presence(request.presence());
          day.set_reason(request.reason());
        }
        work.Because(request.reason());
        RETURN_IF_ERROR(store_.attendances().InsertAll(work, days));
        v1::RecordAbsenceResponse response;
        for (v1::Attendance& day : days) *response.add_attendances() = std::move(day);
        return response;
      });
}

}  // namespace workshop
