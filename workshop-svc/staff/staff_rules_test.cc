#include "workshop-svc/staff/staff_rules.h"

#include <gtest/gtest.h>

#include "chassis/status/refusal.h"
#include "workshop-svc/examples_for_test.h"

namespace workshop {
namespace {

using chassis::IsRefusal;

constexpr char kToday[] = "2026-11-23";

v1::Job AJobNeeding(const std::string& code) {
  v1::Job job = AJob("j", v1::Job::STATE_ACCEPTED, common::SKILL_HIGH_VOLTAGE);
  job.mutable_lines(1)->set_certificate_code(code);
  return job;
}

TEST(CheckQualified, AllowsWhoHasSkillAndValidCertificate) {
  v1::StaffMember member = ATechnician("a", common::SKILL_HIGH_VOLTAGE);
  *member.add_certificates() = ACertificate("HV2", "2024-01-01", kToday);
  EXPECT_TRUE(CheckQualified(member, AJobNeeding("HV2"), kToday).ok());
}

TEST(CheckQualified, RefusesAnExpiredCertificateNamingCodeAndDate) {
  v1::StaffMember member = ATechnician("a", common::SKILL_HIGH_VOLTAGE);
  *member.add_certificates() = ACertificate("HV2", "2023-01-01", "2026-11-22");
  const absl::Status refused = CheckQualified(member, AJobNeeding("HV2"), kToday);
  ASSERT_TRUE(IsRefusal(refused, v1::ERROR_REASON_CERTIFICATE_EXPIRED));
  const std::string words = chassis::Worded(chassis::RefusalIn(refused), "en");
  EXPECT_NE(words.find("HV2"), std::string::npos);
  EXPECT_NE(words.find("2026-11-22"), std::string::npos);
  EXPECT_NE(chassis::Worded(chassis::RefusalIn(refused), "zh-CN").find("到期"), std::string::npos);
}

TEST(CheckQualified, RefusesAMissingCertificateAndOneThatIsNotValidYet) {
  v1::StaffMember member = ATechnician("a", common::SKILL_HIGH_VOLTAGE);
  EXPECT_TRUE(IsRefusal(CheckQualified(member, AJobNeeding("HV2"), kToday), v1::ERROR_REASON_CERTIFICATE_MISSING));
  *member.add_certificates() = ACertificate("HV2", "2026-12-01", "2029-12-01");
  EXPECT_TRUE(IsRefusal(CheckQualified(member, AJobNeeding("HV2"), kToday), v1::ERROR_REASON_CERTIFICATE_MISSING));
}

TEST(CheckQualified, TakesTheRenewedCertificateOfTheSameCode) {
  v1::StaffMember member = ATechnician("a", common::SKILL_HIGH_VOLTAGE);
  *member.add_certificates() = ACertificate("HV2", "2023-01-01", "2026-01-01");
  *member.add_certificates() = ACertificate("HV2", "2026-01-02", "2029-01-01");
  EXPECT_TRUE(CheckQualified(member, AJobNeeding("HV2"), kToday).ok());
}

TEST(CheckQualified, RefusesWhoLacksTheSkill) {
  EXPECT_TRUE(IsRefusal(CheckQualified(ATechnician("a", common::SKILL_PAINT), AJobNeeding(""), kToday),
                        v1::ERROR_REASON_SKILL_MISSING));
}

TEST(CheckQualified, RefusesInactiveStaffOtherPostsAndThoseWithoutTeam) {
  const v1::Job job = AJobNeeding("");
  v1::StaffMember member = ATechnician("a", common::SKILL_HIGH_VOLTAGE);
  member.clear_team_id();
  EXPECT_TRUE(IsRefusal(CheckQualified(member, job, kToday), v1::ERROR_REASON_STAFF_WITHOUT_TEAM));
  member.set_post(options::ROLE_CASHIER);
  EXPECT_TRUE(IsRefusal(CheckQualified(member, job, kToday), v1::ERROR_REASON_NO_TECHNICIAN_POST));
  member.set_state(v1::StaffMember::STATE_INACTIVE);
  EXPECT_TRUE(IsRefusal(CheckQualified(member, job, kToday), v1::ERROR_REASON_STAFF_MEMBER_INACTIVE));
}

TEST(CheckNotAbsent, RefusesWhoIsOnLeaveAndAllowsWhoHasNoEntryYet) {
  const v1::StaffMember member = ATechnician("a", common::SKILL_PAINT);
  v1::Attendance day;
  day.set_work_date(kToday);
  day.set_presence(v1::Attendance::PRESENCE_SICK);
  EXPECT_TRUE(IsRefusal(CheckNotAbsent(member, &day), v1::ERROR_REASON_TECHNICIAN_ABSENT));
  EXPECT_TRUE(CheckNotAbsent(member, nullptr).ok());
}

TEST(CheckStaffMember, RefusesContradictions) {
  v1::StaffMember member = ATechnician("a", common::SKILL_PAINT);
  EXPECT_TRUE(CheckStaffMember(member).ok());
  member.set_stand_in_id("a");
  EXPECT_TRUE(IsRefusal(CheckStaffMember(member), v1::ERROR_REASON_STAFF_REFERENCE_SELF));
  v1::Shift& shift = *member.add_shifts();
  shift.set_weekday(v1::WEEKDAY_MONDAY);
  shift.set_start_time("17:00");
  shift.set_end_time("08:00");
  EXPECT_TRUE(IsRefusal(CheckStaffMember(member), v1::ERROR_REASON_SHIFT_TIMES));
  *member.add_certificates() = ACertificate("HV2", "2026-01-02", "2026-01-01");
  EXPECT_TRUE(IsRefusal(CheckStaffMember(member), v1::ERROR_REASON_CERTIFICATE_DATES));
}

TEST(PutCertificate, RenewsTheOneOfTheSameCode) {
  v1::StaffMember member = ATechnician("a", common::SKILL_PAINT);
  PutCertificate(member, ACertificate("HV2", "2023-01-01", "2026-01-01"));
  v1::Certificate renewed = ACertificate("HV2", "2026-01-01", "2029-01-01");
  renewed.set_certificate_id("other");
  PutCertificate(member, renewed);
  ASSERT_EQ(member.certificates_size(), 1);
  EXPECT_EQ(member.certificates(0).expiry_date(), "2029-01-01");
  EXPECT_EQ(member.certificates(0).certificate_id(), "certificate-HV2");
}

TEST(Shifts, OfADayDecideWhoIsOnShift) {
  v1::StaffMember member = ATechnician("a", common::SKILL_PAINT);
  EXPECT_TRUE(IsOnShift(member, v1::WEEKDAY_SUNDAY, {480, 1080})) << "without a plan: whenever the store is open";
  v1::Shift& shift = *member.add_shifts();
  shift.set_weekday(v1::WEEKDAY_MONDAY);
  shift.set_start_time("08:00");
  shift.set_end_time("16:30");
  EXPECT_TRUE(IsOnShift(member, v1::WEEKDAY_MONDAY, {480, 990}));
  EXPECT_FALSE(IsOnShift(member, v1::WEEKDAY_MONDAY, {480, 991}));
  EXPECT_FALSE(IsOnShift(member, v1::WEEKDAY_TUESDAY, {480, 540}));
  EXPECT_EQ(ShiftMinutes(member, v1::WEEKDAY_MONDAY, {540, 1080}), 450);
}

TEST(Attendance, SumsTheSpansOfADay) {
  v1::Attendance day;
  EXPECT_TRUE(IsRefusal(GoOut(day, MondayAt(9)), v1::ERROR_REASON_NOT_PRESENT));
  ASSERT_TRUE(ComeIn(day, MondayAt(8)).ok());
  EXPECT_TRUE(IsRefusal(ComeIn(day, MondayAt(9)), v1::ERROR_REASON_ALREADY_PRESENT));
  ASSERT_TRUE(GoOut(day, MondayAt(12)).ok());
  ASSERT_TRUE(ComeIn(day, MondayAt(13)).ok());
  ASSERT_TRUE(GoOut(day, MondayAt(17, 30)).ok());
  EXPECT_EQ(day.attended_seconds(), (4 * 60 + 4 * 60 + 30) * 60);
  EXPECT_EQ(chassis::FromProto(day.first_in_time()), MondayAt(8));
}

TEST(DatesBetween, CountsBothEndsAndRefusesTooMany) {
  EXPECT_EQ(DatesBetween("2026-11-30", "2026-12-01", 31), (std::vector<std::string>{"2026-11-30", "2026-12-01"}));
  EXPECT_TRUE(DatesBetween("2026-12-01", "2026-11-30", 31).empty());
  EXPECT_TRUE(DatesBetween("2026-01-01", "2026-02-01", 31).empty());
}

}  // namespace
}  // namespace workshop
