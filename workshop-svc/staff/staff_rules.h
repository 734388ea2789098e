// What the staff file decides (S-01): who may do which work on which day, who is on shift, what a file entry must
// look like, and how a day of attendance grows. Pure: records, dates and times come in.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "aftersales/workshop/v1/errors.pb.h"
#include "aftersales/workshop/v1/job.pb.h"
#include "aftersales/workshop/v1/staff.pb.h"

namespace workshop {

namespace v1 = aftersales::workshop::v1;
namespace common = aftersales::common::v1;
namespace options = aftersales::options::v1;

// "MAINTENANCE", and "保养" for Chinese texts.
std::string SkillName(common::Skill skill);
std::string SkillNameZh(common::Skill skill);

// Refuses certificates that expire before they are issued (CERTIFICATE_DATES), shifts that end before they start
// (SHIFT_TIMES), and people who are their own manager or stand-in (STAFF_REFERENCE_SELF).
absl::Status CheckStaffMember(const v1::StaffMember& member);
absl::Status CheckCertificateDates(const v1::Certificate& certificate, std::string_view field);

// Replaces the certificate of the same code, or adds it.
void PutCertificate(v1::StaffMember& member, const v1::Certificate& certificate);

// 0: not at all; 1..5 else.
int GradeOf(const v1::StaffMember& member, common::Skill skill);
// Posts that repair vehicles, and posts that may lead a team.
bool DoesRepairs(options::Role post);
bool MayLeadTeam(options::Role post);

// Whether `member` may do this work on `date` ("2026-11-21", the store's): STAFF_MEMBER_INACTIVE, NO_TECHNICIAN_POST,
// STAFF_WITHOUT_TEAM, SKILL_MISSING, CERTIFICATE_MISSING, CERTIFICATE_EXPIRED, named with code and date (W-03).
absl::Status CheckQualified(const v1::StaffMember& member, const v1::Job& job, const std::string& date);
absl::Status CheckCertificate(const v1::StaffMember& member, const std::string& code, const std::string& date);
// TECHNICIAN_ABSENT when the day is an absence. `today` null: no entry yet.
absl::Status CheckNotAbsent(const v1::StaffMember& member, const v1::Attendance* today);

// Minutes of the day, [start, end).
struct MinuteSpan {
  int start = 0;
  int end = 0;
};
int MinuteOfDay(const std::string& time_of_day);  // "08:30" -> 510
// The spans of `weekday` on which the person works; without a shift plan the whole day.
std::vector<MinuteSpan> ShiftsOn(const v1::StaffMember& member, v1::Weekday weekday);
bool IsOnShift(const v1::StaffMember& member, v1::Weekday weekday, MinuteSpan span);
// Minutes of the shifts that fall into `within`.
int ShiftMinutes(const v1::StaffMember& member, v1::Weekday weekday, MinuteSpan within);

bool IsPresent(const v1::Attendance& attendance);
// ALREADY_PRESENT / TECHNICIAN_ABSENT; NOT_PRESENT.
absl::Status ComeIn(v1::Attendance& attendance, absl::Time now);
absl::Status GoOut(v1::Attendance& attendance, absl::Time now);

// "2026-11-21" ... both included; empty when the span is not 1 to `days_max` days long.
std::vector<std::string> DatesBetween(const std::string& first_date, const std::string& last_date, int days_max);

}  // namespace workshop
