// See staff_rules.h. Dates are compared as ISO text, which sorts as time does.
#include "workshop-svc/staff/staff_rules.h"

#include <algorithm>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"
#include "chassis/time/clock.h"

namespace workshop {
namespace {

using chassis::Refuse;

constexpr int kDayMinutes = 24 * 60;

std::string PresenceName(v1::Attendance::Presence presence) {
  return std::string(chassis::StateName(v1::Attendance::Presence_descriptor(), presence));
}

absl::Status Absent(const std::string& staff, const v1::Attendance& day) {
  return Refuse(v1::ERROR_REASON_TECHNICIAN_ABSENT)
      .With("staff", staff)
      .With("date", day.work_date())
      .With("presence", PresenceName(day.presence()))
      .At("staff_member_id", "当天不在岗", "is absent that day");
}

}  // namespace

std::string SkillName(common::Skill skill) {
  return std::string(chassis::StateName(common::Skill_descriptor(), skill));
}

std::string SkillNameZh(common::Skill skill) {
  switch (skill) {
    case common::SKILL_MAINTENANCE:
      return "保养";
    case common::SKILL_MECHANICAL:
      return "机修";
    case common::SKILL_ELECTRICAL:
      return "电器";
    case common::SKILL_DIAGNOSIS:
      return "检测诊断";
    case common::SKILL_BODY:
      return "钣金";
    case common::SKILL_PAINT:
      return "喷漆";
    case common::SKILL_HIGH_VOLTAGE:
      return "高压电";
    case common::SKILL_TYRE:
      return "轮胎";
    default:
      return "未知";
  }
}

absl::Status CheckCertificateDates(const v1::Certificate& certificate, std::string_view field) {
  if (certificate.expiry_date() >= certificate.issue_date()) return absl::OkStatus();
  return Refuse(v1::ERROR_REASON_CERTIFICATE_DATES)
      .With("code", certificate.code())
      .At(field, "到期日早于发证日", "expires before it was issued");
}

absl::Status CheckStaffMember(const v1::StaffMember& member) {
  for (int i = 0; i < member.certificates_size(); ++i) {
    RETURN_IF_ERROR(
        CheckCertificateDates(member.certificates(i), absl::StrCat("staff_member.certificates[", i, "].expiry_date")));
  }
  for (int i = 0; i < member.shifts_size(); ++i) {
    if (MinuteOfDay(member.shifts(i).end_time()) > MinuteOfDay(member.shifts(i).start_time())) continue;
    return Refuse(v1::ERROR_REASON_SHIFT_TIMES)
        .At(absl::StrCat("staff_member.shifts[", i, "].end_time"), "必须晚于开始", "must be later than the start");
  }
  for (const auto& [field, id] : {std::pair<const char*, const std::string&>{"manager_id", member.manager_id()},
                                  {"stand_in_id", member.stand_in_id()}}) {
    if (id.empty() || id != member.staff_member_id()) continue;
    return Refuse(v1::ERROR_REASON_STAFF_REFERENCE_SELF)
        .At(absl::StrCat("staff_member.", field), "不能是本人", "must be somebody else");
  }
  return absl::OkStatus();
}

void PutCertificate(v1::StaffMember& member, const v1::Certificate& certificate) {
  for (v1::Certificate& held : *member.mutable_certificates()) {
    if (held.code() != certificate.code()) continue;
    const std::string id = held.certificate_id();
    held = certificate;
    held.set_certificate_id(id);
    return;
  }
  *member.add_certificates() = certificate;
}

int GradeOf(const v1::StaffMember& member, common::Skill skill) {
  for (const v1::StaffSkill& held : member.skills()) {
    if (held.skill() == skill) return held.grade();
  }
  return 0;
}

bool DoesRepairs(options::Role post) {
  return post == options::ROLE_TECHNICIAN || post == options::ROLE_TEAM_LEADER ||
         post == options::ROLE_TECHNICAL_DIRECTOR;
}

bool MayLeadTeam(options::Role post) {
  return post == options::ROLE_TEAM_LEADER || post == options::ROLE_TECHNICAL_DIRECTOR ||
         post == options::ROLE_WORKSHOP_CONTROLLER;
}

absl::Status CheckCertificate(const v1::StaffMember& member, const std::string& code, const std::string& date) {
  std::string latest;
  for (const v1::Certificate& held : member.certificates()) {
    if (held.code() != code) continue;
    if (held.issue_date() <= date && date <= held.expiry_date()) return absl::OkStatus();
    latest = std::max(latest, held.expiry_date());
  }
  // Held, but not valid yet, is as good as not held.
  if (latest.empty() || latest >= date) {
    return Refuse(v1::ERROR_REASON_CERTIFICATE_MISSING)
        .With("staff", member.staff_number())
        .With("code", code)
        .At("staff_member_id", absl::StrCat("缺少证书 ", code), absl::StrCat("lacks the certificate ", code));
  }
  return Refuse(v1::ERROR_REASON_CERTIFICATE_EXPIRED)
      .With("staff", member.staff_number())
      .With("code", code)
      .With("date", latest)
      .At("staff_member_id", absl::StrCat("证书 ", code, " 已于 ", latest, " 到期"),
          absl::StrCat("the certificate ", code, " expired on ", latest));
}

absl::Status CheckQualified(const v1::StaffMember& member, const v1::Job& job, const std::string& date) {
  if (member.state() != v1::StaffMember::STATE_ACTIVE) {
    return Refuse(v1::ERROR_REASON_STAFF_MEMBER_INACTIVE)
        .With("staff", member.staff_number())
        .At("staff_member_id", "已停用", "is not active");
  }
  if (!DoesRepairs(member.post())) {
    return Refuse(v1::ERROR_REASON_NO_TECHNICIAN_POST)
        .With("staff", member.staff_number())
        .At("staff_member_id", "岗位不从事维修作业", "has a post that does no repairs");
  }
  if (member.team_id().empty()) {
    return Refuse(v1::ERROR_REASON_STAFF_WITHOUT_TEAM)
        .With("staff", member.staff_number())
        .At("staff_member_id", "没有所属班组", "belongs to no team");
  }
  if (GradeOf(member, job.skill()) == 0) {
    return Refuse(v1::ERROR_REASON_SKILL_MISSING)
        .With("staff", member.staff_number())
        .With("skill", SkillName(job.skill()))
        .With("skill_zh", SkillNameZh(job.skill()))
        .At("staff_member_id", "不具备所需技能", "does not have the skill");
  }
  for (const v1::JobLine& line : job.lines()) {
    if (!line.certificate_code().empty()) RETURN_IF_ERROR(CheckCertificate(member, line.certificate_code(), date));
  }
  return absl::OkStatus();
}

absl::Status CheckNotAbsent(const v1::StaffMember& member, const v1::Attendance* today) {
  if (today == nullptr || today->presence() == v1::Attendance::PRESENCE_PRESENT) return absl::OkStatus();
  return Absent(member.staff_number(), *today);
}

int MinuteOfDay(const std::string& time_of_day) {
  int hours = 0;
  int minutes = 0;
  if (std::sscanf(time_of_day.c_str(), "%d:%d", &hours, &minutes) != 2) return 0;
  return hours * 60 + minutes;
}

std::vector<MinuteSpan> ShiftsOn(const v1::StaffMember& member, v1::Weekday weekday) {
  if (member.shifts().empty()) return {{0, kDayMinutes}};
  std::vector<MinuteSpan> spans;
  for (const v1::Shift& shift : member.shifts()) {
    if (shift.weekday() == weekday) spans.push_back({MinuteOfDay(shift.start_time()), MinuteOfDay(shift.end_time())});
  }
  return spans;
}

bool IsOnShift(const v1::StaffMember& member, v1::Weekday weekday, MinuteSpan span) {
  const std::vector<MinuteSpan> shifts = ShiftsOn(member, weekday);
  return std::any_of(shifts.begin(), shifts.end(),
                     [&](const MinuteSpan& shift) { return shift.start <= span.start && span.end <= shift.end; });
}

int ShiftMinutes(const v1::StaffMember& member, v1::Weekday weekday, MinuteSpan within) {
  int minutes = 0;
  for (const MinuteSpan& shift : ShiftsOn(member, weekday)) {
    minutes += std::max(0, std::min(shift.end, within.end) - std::max(shift.start, within.start));
  }
  return minutes;
}

bool IsPresent(const v1::Attendance& attendance) {
  return attendance.presence() == v1::Attendance::PRESENCE_PRESENT && attendance.has_last_in_time() &&
         !attendance.has_last_out_time();
}

absl::Status ComeIn(v1::Attendance& attendance, absl::Time now) {
  if (attendance.presence() == v1::Attendance::PRESENCE_UNSPECIFIED) {
    attendance.set_presence(v1::Attendance::PRESENCE_PRESENT);
  }
  if (attendance.presence() != v1::Attendance::PRESENCE_PRESENT) return Absent("", attendance);
  if (IsPresent(attendance)) {
    return Refuse(v1::ERROR_REASON_ALREADY_PRESENT).At("store_id", "今天已签到", "you are here already");
  }
  *attendance.mutable_last_in_time() = chassis::ToProto(now);
  attendance.clear_last_out_time();
  if (!attendance.has_first_in_time()) *attendance.mutable_first_in_time() = attendance.last_in_time();
  return absl::OkStatus();
}

absl::Status GoOut(v1::Attendance& attendance, absl::Time now) {
  if (!IsPresent(attendance)) {
    return Refuse(v1::ERROR_REASON_NOT_PRESENT).At("store_id", "今天尚未签到", "you have not clocked in");
  }
  const absl::Time in = chassis::FromProto(attendance.last_in_time());
  const absl::Time out = std::max(now, in);
  *attendance.mutable_last_out_time() = chassis::ToProto(out);
  attendance.set_attended_seconds(attendance.attended_seconds() + absl::ToInt64Seconds(out - in));
  return absl::OkStatus();
}

std::vector<std::string> DatesBetween(const std::string& first_date, const std::string& last_date, int days_max) {
  absl::CivilDay first;
  absl::CivilDay last;
  if (!absl::ParseCivilTime(first_date, &first) || !absl::ParseCivilTime(last_date, &last)) return {};
  if (last < first || last - first >= days_max) return {};
  std::vector<std::string> dates;
  for (absl::CivilDay day = first; day <= last; ++day) dates.push_back(absl::FormatCivilTime(day));
  return dates;
}

}  // namespace workshop
