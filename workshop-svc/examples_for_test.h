// Small examples in the trade's words, for the tests of the rooms: a technician with a skill, a job with lines, an
// order with jobs. Each is sound as it comes; a test changes only what it is about.
#pragma once

#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "chassis/time/clock.h"
#include "workshop-svc/job/job_rules.h"
#include "workshop-svc/schedule/schedule_rules.h"
#include "workshop-svc/staff/staff_rules.h"

namespace workshop {

inline const absl::TimeZone& Shanghai() {
  static const absl::TimeZone zone = [] {
    absl::TimeZone loaded;
    absl::LoadTimeZone("Asia/Shanghai", &loaded);
    return loaded;
  }();
  return zone;
}

// Monday, 23 November 2026, in Shanghai.
inline absl::Time MondayAt(int hour, int minute = 0) {
  return absl::FromCivil(absl::CivilMinute(2026, 11, 23, hour, minute), Shanghai());
}

inline OpeningHours EightToSix() { return {Shanghai(), {8 * 60, 18 * 60}}; }

inline v1::StaffMember ATechnician(const std::string& id, common::Skill skill, int grade = 3) {
  v1::StaffMember member;
  member.set_store_id("store");
  member.set_staff_member_id(id);
  member.set_staff_number("T-" + id);
  member.set_name("张三");
  member.set_subject("technician-" + id);
  member.set_post(options::ROLE_TECHNICIAN);
  member.set_team_id("team");
  member.set_state(v1::StaffMember::STATE_ACTIVE);
  v1::StaffSkill& held = *member.add_skills();
  held.set_skill(skill);
  held.set_grade(grade);
  return member;
}

inline v1::StaffMember ALeader(const std::string& id) {
  v1::StaffMember leader = ATechnician(id, common::SKILL_MECHANICAL, 5);
  leader.set_post(options::ROLE_TEAM_LEADER);
  leader.set_subject("leader-" + id);
  return leader;
}

inline v1::Certificate ACertificate(const std::string& code, const std::string& issued, const std::string& expires) {
  v1::Certificate certificate;
  certificate.set_certificate_id("certificate-" + code);
  certificate.set_code(code);
  certificate.set_issue_date(issued);
  certificate.set_expiry_date(expires);
  return certificate;
}

inline v1::Bay ABay(const std::string& id, std::vector<common::Skill> skills) {
  v1::Bay bay;
  bay.set_bay_id(id);
  bay.set_display_name("Bay " + id);
  bay.set_state(v1::Bay::STATE_OPEN);
  for (const common::Skill skill : skills) bay.add_skills(skill);
  return bay;
}

inline v1::OrderLine ALine(const std::string& id, common::Skill skill, int minutes = 60) {
  v1::OrderLine line;
  line.set_line_id(id);
  line.set_operation_code("OP-" + id);
  line.set_description("更换" + id);
  line.set_skill(skill);
  line.set_standard_minutes(minutes);
  return line;
}

inline v1::WorkshopOrder AnOrder() {
  v1::WorkshopOrder order;
  order.set_store_id("store");
  order.set_repair_order_id("order");
  order.set_repair_order_number("SH01-RO-20261123-0001");
  order.set_plate("沪A12345");
  order.set_work_kind(common::WORK_KIND_GENERAL_REPAIR);
  order.set_adviser("adviser");
  *order.mutable_promised_time() = chassis::ToProto(MondayAt(17));
  order.set_state(v1::WorkshopOrder::STATE_OPEN);
  order.set_stage(v1::OrderStageChanged::STAGE_WAITING);
  return order;
}

// A job of two lines in `state`, in the hands of technician "a" where the state has one.
inline v1::Job AJob(const std::string& id, v1::Job::State state, common::Skill skill = common::SKILL_MECHANICAL) {
  v1::Job job = NewJob(AnOrder(), skill, id, "SH01-JOB-" + id, {ALine(id + "-1", skill), ALine(id + "-2", skill, 30)});
  job.set_state(state);
  if (state != v1::Job::STATE_CREATED && state != v1::Job::STATE_ACCEPTED) {
    job.set_technician_id("a");
    job.set_technician("technician-a");
    job.set_team_id("team");
  }
  const bool begun = state >= v1::Job::STATE_IN_PROGRESS && state <= v1::Job::STATE_FINISHED;
  if (begun) *job.mutable_begin_time() = chassis::ToProto(MondayAt(9));
  const bool done =
      state >= v1::Job::STATE_WORK_DONE && state <= v1::Job::STATE_FINISHED && state != v1::Job::STATE_REWORK;
  for (v1::JobLine& line : *job.mutable_lines()) line.set_done(done);
  return job;
}

inline OrderFile AnOrderWith(std::vector<v1::Job> jobs) {
  OrderFile file{AnOrder(), std::move(jobs)};
  file.order.set_stage(StageOf(file));
  return file;
}

}  // namespace workshop
