// See dispatch_rules.h. The points are the house's own weights: what matters more outweighs what matters less, and
// each reason is shown beside its points.
#include "workshop-svc/dispatch/dispatch_rules.h"

#include <algorithm>
#include <functional>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"
#include "chassis/time/clock.h"
#include "google/protobuf/util/message_differencer.h"

namespace workshop {
namespace {

using chassis::Refuse;
using Priority = v1::PriorityReason;
using Reason = v1::CandidateReason;

constexpr int kLatePoints = 1000;
constexpr int kNextHourPoints = 500;
constexpr int kNextTwoHoursPoints = 300;
constexpr int kNextFourHoursPoints = 150;
constexpr int kWaitingCustomerPoints = 300;
constexpr int kComebackPoints = 250;
constexpr int kSafetyPoints = 200;
constexpr int kUrgentPoints = 180;
constexpr int kVipPoints = 100;

constexpr int kPointsPerGrade = 20;
constexpr int kLoadPointsPerHour = -10;
constexpr int kLoadPointsMin = -100;
constexpr int kSameOrderPoints = 40;
constexpr int kPlannedPoints = 30;
constexpr int kKnowsVehiclePoints = 15;
constexpr int kPresentPoints = 10;
constexpr int kLeftPoints = -40;
constexpr int kOffShiftPoints = -60;

std::string In(Language language, std::string zh, std::string en) {
  return language == Language::kChinese ? std::move(zh) : std::move(en);
}

void AddReason(v1::QueueEntry& entry, Priority::Kind kind, int points, std::string text) {
  Priority& reason = *entry.add_reasons();
  reason.set_kind(kind);
  reason.set_points(points);
  reason.set_text(std::move(text));
  entry.set_priority(entry.priority() + points);
}

void AddReason(v1::Candidate& candidate, Reason::Kind kind, int points, std::string text) {
  Reason& reason = *candidate.add_reasons();
  reason.set_kind(kind);
  reason.set_points(points);
  reason.set_text(std::move(text));
  candidate.set_score(candidate.score() + points);
}

void AddObstacle(v1::Candidate& candidate, const absl::Status& refusal, Reason::Kind kind, Language language) {
  Reason& reason = *candidate.add_reasons();
  reason.set_kind(kind);
  reason.set_obstacle(true);
  reason.set_text(chassis::Worded(chassis::RefusalIn(refusal), language == Language::kChinese ? "zh-CN" : "en"));
  candidate.set_assignable(false);
}

Reason::Kind KindOf(const absl::Status& refusal) {
  if (chassis::IsRefusal(refusal, v1::ERROR_REASON_SKILL_MISSING)) return Reason::KIND_SKILL;
  if (chassis::IsRefusal(refusal, v1::ERROR_REASON_CERTIFICATE_MISSING) ||
      chassis::IsRefusal(refusal, v1::ERROR_REASON_CERTIFICATE_EXPIRED)) {
    return Reason::KIND_CERTIFICATE;
  }
  return Reason::KIND_POST;
}

// What is left between finishing and the promise, were the work begun now.
void AddPromiseReason(v1::QueueEntry& entry, absl::Time now, Language language) {
  const absl::Duration slack =
      chassis::FromProto(entry.promised_time()) - now - absl::Minutes(entry.standard_minutes());
  const int64_t minutes = absl::ToInt64Minutes(slack);
  if (slack < absl::ZeroDuration()) {
    AddReason(entry, Priority::KIND_PROMISED_TIME, kLatePoints,
              In(language, absl::StrCat("现在开工也将晚于承诺时间 ", -minutes, " 分钟"),
                 absl::StrCat("even begun now it is ", -minutes, " minutes late")));
    return;
  }
  const int points = slack < absl::Hours(1)   ? kNextHourPoints
                     : slack < absl::Hours(2) ? kNextTwoHoursPoints
                     : slack < absl::Hours(4) ? kNextFourHoursPoints
                                              : 0;
  if (points == 0) return;
  AddReason(entry, Priority::KIND_PROMISED_TIME, points,
            In(language, absl::StrCat("最晚须在 ", minutes, " 分钟内开工"),
               absl::StrCat("has to begin within ", minutes, " minutes")));
}

void AddCertificateReason(v1::Candidate& candidate, const v1::Job& job, Language language) {
  for (const v1::JobLine& line : job.lines()) {
    if (line.certificate_code().empty()) continue;
    AddReason(candidate, Reason::KIND_CERTIFICATE, 0,
              In(language, absl::StrCat("证书 ", line.certificate_code(), " 有效"),
                 absl::StrCat("holds the certificate ", line.certificate_code())));
    return;
  }
}

void AddAttendanceReason(v1::Candidate& candidate, const CandidateFacts& facts, Language language) {
  if (facts.today.has_value() && IsPresent(*facts.today)) {
    AddReason(candidate, Reason::KIND_ATTENDANCE, kPresentPoints, In(language, "已签到", "is here"));
  } else if (facts.today.has_value() && facts.today->has_last_out_time()) {
    AddReason(candidate, Reason::KIND_ATTENDANCE, kLeftPoints, In(language, "今天已签退", "has left for today"));
  }
  if (!facts.on_shift) {
    AddReason(candidate, Reason::KIND_ATTENDANCE, kOffShiftPoints, In(language, "现在不当班", "is not on shift now"));
  }
}

void AddContinuityReason(v1::Candidate& candidate, const CandidateFacts& facts, Language language) {
  if (facts.works_on_order) {
    AddReason(candidate, Reason::KIND_CONTINUITY, kSameOrderPoints,
              In(language, "正在做此车的其他项目", "has another job of this vehicle"));
  }
  if (facts.planned) {
    AddReason(candidate, Reason::KIND_CONTINUITY, kPlannedPoints,
              In(language, "预约时已排给他", "was planned for it at booking"));
  }
  if (facts.knows_vehicle) {
    AddReason(candidate, Reason::KIND_CONTINUITY, kKnowsVehiclePoints,
              In(language, "以前修过此车", "worked on this vehicle before"));
  }
}

v1::Candidate CandidateOf(const v1::Job& job, const CandidateFacts& facts, const std::string& date, Language language) {
  const v1::StaffMember& member = facts.member;
  v1::Candidate candidate;
  candidate.set_staff_member_id(member.staff_member_id());
  candidate.set_staff_number(member.staff_number());
  candidate.set_name(member.name());
  candidate.set_subject(member.subject());
  candidate.set_team_id(member.team_id());
  candidate.set_assignable(true);
  candidate.set_queued_minutes(static_cast<int32_t>(facts.queued_minutes));
  const absl::Status qualified = CheckQualified(member, job, date);
  if (!qualified.ok()) AddObstacle(candidate, qualified, KindOf(qualified), language);
  const absl::Status there = CheckNotAbsent(member, facts.today.has_value() ? &*facts.today : nullptr);
  if (!there.ok()) AddObstacle(candidate, there, Reason::KIND_ATTENDANCE, language);
  if (!candidate.assignable()) return candidate;
  const int grade = GradeOf(member, job.skill());
  AddReason(candidate, Reason::KIND_SKILL, grade * kPointsPerGrade,
            In(language, absl::StrCat(SkillNameZh(job.skill()), " ", grade, " 级"),
               absl::StrCat(SkillName(job.skill()), " grade ", grade)));
  AddCertificateReason(candidate, job, language);
  const int load = std::max(kLoadPointsMin, static_cast<int>(facts.queued_minutes) * kLoadPointsPerHour / 60);
  if (facts.queued_minutes > 0) {
    AddReason(candidate, Reason::KIND_LOAD, load,
              In(language, absl::StrCat("手上还有 ", facts.queued_minutes, " 分钟工作"),
                 absl::StrCat("has ", facts.queued_minutes, " minutes of work in hand")));
  }
  AddContinuityReason(candidate, facts, language);
  AddAttendanceReason(candidate, facts, language);
  return candidate;
}

}  // namespace

Language LanguageOf(const std::string& tag) {
  return tag.rfind("zh", 0) == 0 ? Language::kChinese : Language::kEnglish;
}

v1::QueueEntry EntryOf(const v1::Job& job, const v1::WorkshopOrder& order, absl::Time now, Language language) {
  v1::QueueEntry entry;
  entry.set_job_id(job.job_id());
  entry.set_number(job.number());
  entry.set_repair_order_id(job.repair_order_id());
  entry.set_repair_order_number(order.repair_order_number());
  entry.set_plate(order.plate());
  entry.set_skill(job.skill());
  entry.set_work_kind(order.work_kind());
  entry.set_state(job.state());
  entry.set_standard_minutes(job.standard_minutes());
  *entry.mutable_promised_time() = order.promised_time();
  entry.set_special_notes(order.special_notes());
  AddPromiseReason(entry, now, language);
  if (order.customer_waits()) {
    AddReason(entry, Priority::KIND_CUSTOMER_WAITS, kWaitingCustomerPoints,
              In(language, "客户在店等候", "the customer is waiting"));
  }
  if (order.work_kind() == common::WORK_KIND_COMEBACK) {
    AddReason(entry, Priority::KIND_COMEBACK, kComebackPoints, In(language, "返修", "comeback"));
  }
  if (std::any_of(job.lines().begin(), job.lines().end(),
                  [](const v1::JobLine& line) { return line.safety_critical(); })) {
    AddReason(entry, Priority::KIND_SAFETY, kSafetyPoints, In(language, "涉及安全", "safety-critical work"));
  }
  if (order.work_kind() == common::WORK_KIND_URGENT) {
    AddReason(entry, Priority::KIND_URGENT, kUrgentPoints, In(language, "急件", "urgent"));
  }
  if (order.vip()) AddReason(entry, Priority::KIND_VIP, kVipPoints, In(language, "VIP 客户", "VIP customer"));
  return entry;
}

void SortQueue(std::vector<v1::QueueEntry>& entries) {
  std::sort(entries.begin(), entries.end(), [](const v1::QueueEntry& a, const v1::QueueEntry& b) {
    if (a.priority() != b.priority()) return a.priority() > b.priority();
    const absl::Time promised_a = chassis::FromProto(a.promised_time());
    const absl::Time promised_b = chassis::FromProto(b.promised_time());
    return promised_a != promised_b ? promised_a < promised_b : a.number() < b.number();
  });
}

std::string RevisionOf(const std::vector<v1::QueueEntry>& entries) {
  std::string all;
  for (const v1::QueueEntry& entry : entries) absl::StrAppend(&all, entry.SerializeAsString(), ";");
  return absl::StrFormat("%016x", std::hash<std::string>()(all));
}

v1::WatchDispatchQueueResponse QueueChanges(const std::vector<v1::QueueEntry>& before,
                                            const std::vector<v1::QueueEntry>& after) {
  std::map<std::string, const v1::QueueEntry*> known;
  for (const v1::QueueEntry& entry : before) known[entry.job_id()] = &entry;
  v1::WatchDispatchQueueResponse changes;
  for (const v1::QueueEntry& entry : after) {
    const auto found = known.find(entry.job_id());
    const bool same = found != known.end() && google::protobuf::util::MessageDifferencer::Equals(*found->second, entry);
    if (!same) *changes.add_entries() = entry;
    if (found != known.end()) known.erase(found);
  }
  for (const auto& [job_id, entry] : known) changes.add_removed_job_ids(job_id);
  return changes;
}

std::vector<v1::Candidate> RankCandidates(const v1::Job& job, const std::vector<CandidateFacts>& facts,
                                          const std::string& date, Language language) {
  std::vector<v1::Candidate> candidates;
  for (const CandidateFacts& one : facts) {
    if (DoesRepairs(one.member.post())) candidates.push_back(CandidateOf(job, one, date, language));
  }
  std::sort(candidates.begin(), candidates.end(), [](const v1::Candidate& a, const v1::Candidate& b) {
    if (a.assignable() != b.assignable()) return a.assignable();
    if (a.score() != b.score()) return a.score() > b.score();
    return a.staff_number() < b.staff_number();
  });
  return candidates;
}

absl::Status CheckOverride(const std::vector<v1::Candidate>& candidates, const std::string& staff_member_id,
                           const std::string& reason) {
  if (!reason.empty() || candidates.empty()) return absl::OkStatus();
  const v1::Candidate& best = candidates.front();
  for (const v1::Candidate& candidate : candidates) {
    // As good as the best is no override.
    if (candidate.staff_member_id() == staff_member_id && candidate.score() >= best.score()) return absl::OkStatus();
  }
  return Refuse(v1::ERROR_REASON_OVERRIDE_REASON_REQUIRED)
      .With("proposed", best.staff_number())
      .At("override_reason", "未采用推荐人选，须说明原因", "somebody else was proposed: say why");
}

absl::Status Assign(OrderFile& file, v1::Job& job, const v1::StaffMember& member, const std::string& verification_id,
                    const std::string& assigned_by, absl::Time now) {
  RETURN_IF_ERROR(RequireOpen(file.order));
  RETURN_IF_ERROR(chassis::RequireState(job, {v1::Job::STATE_ACCEPTED, v1::Job::STATE_DISPATCHED,
                                              v1::Job::STATE_VERIFIED, v1::Job::STATE_PAUSED, v1::Job::STATE_REWORK}));
  if (job.state() == v1::Job::STATE_ACCEPTED) RETURN_IF_ERROR(chassis::MoveTo(job, v1::Job::STATE_DISPATCHED));
  // The new technician's team looks the vehicle over itself before it begins; work already begun goes on.
  if (job.state() == v1::Job::STATE_VERIFIED && verification_id.empty()) {
    RETURN_IF_ERROR(chassis::MoveTo(job, v1::Job::STATE_DISPATCHED));
  }
  if (job.state() == v1::Job::STATE_DISPATCHED && !verification_id.empty()) {
    RETURN_IF_ERROR(chassis::MoveTo(job, v1::Job::STATE_VERIFIED));
  }
  if (job.state() == v1::Job::STATE_DISPATCHED || job.state() == v1::Job::STATE_VERIFIED) {
    job.set_verification_id(verification_id);
  }
  job.set_technician_id(member.staff_member_id());
  job.set_technician(member.subject());
  job.set_team_id(member.team_id());
  job.set_assigned_by(assigned_by);
  *job.mutable_assign_time() = chassis::ToProto(now);
  return absl::OkStatus();
}

}  // namespace workshop
