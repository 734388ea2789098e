// See inspection_rules.h.
#include "workshop-svc/inspection/inspection_rules.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "aftersales/workshop/v1/events.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"
#include "chassis/time/clock.h"

namespace workshop {
namespace {

using chassis::Refuse;

void AddItem(v1::Checklist& checklist, const char* code, const char* zh, const char* en) {
  v1::ChecklistItem& item = *checklist.add_items();
  item.set_code(code);
  item.set_zh(zh);
  item.set_en(en);
}

void AddItemsOfKind(v1::Checklist& checklist, common::WorkKind kind) {
  switch (kind) {
    case common::WORK_KIND_MAINTENANCE:
    case common::WORK_KIND_PDI:
      AddItem(checklist, "FLUIDS", "油液液位及保养归零", "fluid levels and service reset");
      return;
    case common::WORK_KIND_ACCIDENT:
    case common::WORK_KIND_BODY_AND_PAINT:
      AddItem(checklist, "PAINT", "漆面色差、缝隙", "paint match and panel gaps");
      return;
    case common::WORK_KIND_COMEBACK:
      AddItem(checklist, "COMPLAINT", "原故障已消除", "the first complaint is gone");
      return;
    default:
      return;
  }
}

absl::Status OwnWork() {
  return Refuse(v1::ERROR_REASON_OWN_WORK).At("items", "是您自己做过的作业", "is about your own work");
}

// The work is done again and passes every level again.
absl::Status SendBack(OrderFile& file, const v1::Fault& fault) {
  v1::Job& job = JobIn(file, fault.job_id());
  if (job.state() != v1::Job::STATE_REWORK) {
    RETURN_IF_ERROR(chassis::MoveTo(job, v1::Job::STATE_REWORK));
    job.set_rework_count(job.rework_count() + 1);
    file.order.set_rework_count(file.order.rework_count() + 1);
    job.clear_self_check_id();
    job.clear_leader_check_id();
    job.clear_finish_time();
  }
  for (v1::JobLine& line : *job.mutable_lines()) {
    const auto& ids = fault.line_ids();
    if (!ids.empty() && std::find(ids.begin(), ids.end(), line.line_id()) == ids.end()) continue;
    line.set_done(false);
    line.clear_done_time();
  }
  return absl::OkStatus();
}

absl::Status SendAllBack(OrderFile& file, const v1::Inspection& inspection) {
  for (const v1::Fault& fault : inspection.faults()) RETURN_IF_ERROR(SendBack(file, fault));
  return absl::OkStatus();
}

}  // namespace

v1::Checklist DefaultChecklist(common::WorkKind kind, v1::InspectionLevel level) {
  v1::Checklist checklist;
  checklist.set_work_kind(kind);
  checklist.set_level(level);
  switch (level) {
    case v1::INSPECTION_LEVEL_SELF:
      AddItem(checklist, "COMPLETE", "项目全部完成", "every line is done");
      AddItem(checklist, "TORQUE", "紧固件按规定力矩拧紧", "fasteners tightened to torque");
      AddItem(checklist, "LEAKS", "无渗漏、管线就位", "no leaks, hoses and wires in place");
      AddItem(checklist, "TOOLS", "工具及旧件无遗留", "no tools or old parts left behind");
      break;
    case v1::INSPECTION_LEVEL_LEADER:
      AddItem(checklist, "AS-ORDERED", "与委托项目一致", "as the order says");
      AddItem(checklist, "QUALITY", "维修质量合格", "quality of the work");
      AddItem(checklist, "SAFETY", "安全部位复查", "safety-relevant parts checked again");
      break;
    default:
      AddItem(checklist, "FUNCTION", "功能及路试", "function and road test");
      AddItem(checklist, "WARNING-LAMPS", "无故障灯、无故障码", "no warning lamps, no trouble codes");
      AddItem(checklist, "BODY", "外观无新损伤", "no new marks on the body");
      AddItem(checklist, "CABIN", "车内清洁、设置复原", "cabin clean, settings restored");
      break;
  }
  AddItemsOfKind(checklist, kind);
  return checklist;
}

absl::Status CheckItems(const v1::Checklist& checklist, const v1::Inspection& inspection) {
  std::set<std::string> expected;
  for (const v1::ChecklistItem& item : checklist.items()) expected.insert(item.code());
  std::vector<std::string> wrong;
  bool failed = false;
  for (const v1::CheckedItem& item : inspection.items()) {
    // What is still expected after this loop is missing; what is not expected is unknown or came twice.
    if (expected.erase(item.code()) == 0) wrong.push_back(item.code());
    failed = failed || item.result() == v1::CheckedItem::RESULT_FAILED;
  }
  wrong.insert(wrong.end(), expected.begin(), expected.end());
  if (!wrong.empty()) {
    return Refuse(v1::ERROR_REASON_CHECKLIST_INCOMPLETE)
        .With("codes", absl::StrJoin(wrong, ", "))
        .At("items", "与检验单不符", "do not match the checklist");
  }
  if (failed && inspection.faults().empty()) {
    return Refuse(v1::ERROR_REASON_FAULT_MISSING).At("faults", "须写明故障", "has to describe the fault");
  }
  return absl::OkStatus();
}

bool IsPassed(const v1::Inspection& inspection) {
  return inspection.faults().empty() &&
         std::none_of(inspection.items().begin(), inspection.items().end(),
                      [](const v1::CheckedItem& item) { return item.result() == v1::CheckedItem::RESULT_FAILED; });
}

absl::Status CompleteFaults(const OrderFile& file, v1::Inspection& inspection) {
  const auto live = LiveJobs(file);
  for (int i = 0; i < inspection.faults_size(); ++i) {
    v1::Fault& fault = *inspection.mutable_faults(i);
    if (fault.job_id().empty()) {
      // Levels 1 and 2 are about one job; on a final inspection only a vehicle with one job needs no name.
      if (!inspection.job_id().empty()) fault.set_job_id(inspection.job_id());
      if (inspection.job_id().empty() && live.size() == 1) fault.set_job_id(live.front()->job_id());
    }
    const v1::Job* job = FindJob(file, fault.job_id());
    const bool other_job = !inspection.job_id().empty() && fault.job_id() != inspection.job_id();
    if (job == nullptr || job->state() == v1::Job::STATE_CANCELLED || other_job) {
      return Refuse(v1::ERROR_REASON_JOB_NOT_ON_ORDER)
          .With("job", fault.job_id())
          .At(absl::StrCat("faults[", i, "].job_id"), "不属于此次检验", "is not what is inspected here");
    }
    for (int n = 0; n < fault.line_ids_size(); ++n) {
      const bool known = std::any_of(job->lines().begin(), job->lines().end(),
                                     [&](const v1::JobLine& line) { return line.line_id() == fault.line_ids(n); });
      if (known) continue;
      return Refuse(v1::ERROR_REASON_LINE_UNKNOWN)
          .With("line", fault.line_ids(n))
          .At(absl::StrCat("faults[", i, "].line_ids[", n, "]"), "不在此派工单中", "is not a line of this job");
    }
    if (fault.attributed_technician().empty()) fault.set_attributed_technician(job->technician());
  }
  return absl::OkStatus();
}

bool WorkedOn(const Inspector& inspector, const std::vector<const v1::Job*>& jobs, const Workers& workers) {
  return std::any_of(jobs.begin(), jobs.end(), [&](const v1::Job* job) {
    if (job->technician() == inspector.subject) return true;
    return !inspector.staff_member_id.empty() &&
           std::find(workers.begin(), workers.end(), std::make_pair(job->job_id(), inspector.staff_member_id)) !=
               workers.end();
  });
}

absl::Status RequireMayLeaderCheck(const Inspector& inspector, bool is_director, const Leadership& leadership,
                                   const v1::Job& job, const Workers& workers) {
  if (WorkedOn(inspector, {&job}, workers)) return OwnWork();
  if (Leads(leadership, inspector.subject)) return absl::OkStatus();
  const bool leader_can =
      leadership.leader.has_value() && leadership.leader->state() == v1::StaffMember::STATE_ACTIVE &&
      !WorkedOn({leadership.leader->subject(), leadership.leader->staff_member_id()}, {&job}, workers);
  if (is_director && !leader_can && !leadership.stand_in.has_value()) return absl::OkStatus();
  return RequireLeads(leadership, inspector.subject);
}

absl::Status RequireMayFinalInspect(const Inspector& inspector, const OrderFile& file, const Workers& workers,
                                    const std::vector<v1::Inspection>& leader_checks) {
  if (WorkedOn(inspector, LiveJobs(file), workers)) return OwnWork();
  const bool checked_as_leader =
      std::any_of(leader_checks.begin(), leader_checks.end(),
                  [&](const v1::Inspection& check) { return check.inspected_by() == inspector.subject; });
  return checked_as_leader ? OwnWork() : absl::OkStatus();
}

absl::Status RequireReadyForFinal(const OrderFile& file) {
  RETURN_IF_ERROR(RequireOpen(file.order));
  if (!file.order.final_inspection_id().empty()) {
    return Refuse(v1::ERROR_REASON_ALREADY_INSPECTED)
        .At("repair_order_id", "已通过终检", "has passed its final inspection");
  }
  for (const v1::Job* job : LiveJobs(file)) {
    if (job->state() == v1::Job::STATE_LEADER_CHECKED || job->state() == v1::Job::STATE_FINISHED) continue;
    return Refuse(v1::ERROR_REASON_CHECKS_MISSING)
        .With("number", job->number())
        .With("state", chassis::StateName(v1::Job::State_descriptor(), job->state()))
        .At("repair_order_id", "有派工单未通过互检", "has jobs that have not passed the leader's check");
  }
  if (file.order.open_finding_count() == 0) return absl::OkStatus();
  return Refuse(v1::ERROR_REASON_CONSENT_PENDING)
      .With("count", file.order.open_finding_count())
      .At("repair_order_id", "有发现项目等待客户决定", "has findings that await the customer's decision");
}

absl::Status ApplySelfCheck(OrderFile& file, v1::Job& job, const v1::Inspection& inspection) {
  if (!inspection.passed()) return SendAllBack(file, inspection);
  RETURN_IF_ERROR(chassis::MoveTo(job, v1::Job::STATE_SELF_CHECKED));
  job.set_self_check_id(inspection.inspection_id());
  return absl::OkStatus();
}

absl::Status ApplyLeaderCheck(OrderFile& file, v1::Job& job, const v1::Inspection& inspection) {
  if (!inspection.passed()) return SendAllBack(file, inspection);
  RETURN_IF_ERROR(chassis::MoveTo(job, v1::Job::STATE_LEADER_CHECKED));
  job.set_leader_check_id(inspection.inspection_id());
  return absl::OkStatus();
}

absl::Status ApplyFinalInspection(OrderFile& file, const v1::Inspection& inspection, absl::Time now) {
  if (!inspection.passed()) return SendAllBack(file, inspection);
  for (v1::Job* job : LiveJobs(file)) {
    if (job->state() == v1::Job::STATE_FINISHED) continue;
    RETURN_IF_ERROR(chassis::MoveTo(*job, v1::Job::STATE_FINISHED));
    *job->mutable_finish_time() = chassis::ToProto(now);
  }
  file.order.set_final_inspection_id(inspection.inspection_id());
  return absl::OkStatus();
}

v1::InspectionRecorded EventOf(const v1::Inspection& inspection) {
  v1::InspectionRecorded event;
  event.set_repair_order_id(inspection.repair_order_id());
  event.set_inspection_id(inspection.inspection_id());
  event.set_level(inspection.level());
  event.set_passed(inspection.passed());
  std::vector<std::string> faults;
  for (const v1::Fault& fault : inspection.faults()) faults.push_back(fault.description());
  event.set_fault(absl::StrJoin(faults, "; "));
  if (!inspection.faults().empty()) event.set_attributed_technician(inspection.faults(0).attributed_technician());
  return event;
}

v1::InspectionReport ReportOf(const OrderFile& file, std::vector<v1::Inspection> inspections,
                              const std::vector<v1::Inspection>& leader_checks) {
  v1::InspectionReport report;
  report.set_repair_order_id(file.order.repair_order_id());
  report.set_repair_order_number(file.order.repair_order_number());
  report.set_plate(file.order.plate());
  report.set_rework_count(file.order.rework_count());
  report.set_all_passed(!file.order.final_inspection_id().empty());
  for (v1::Inspection& inspection : inspections) *report.add_inspections() = std::move(inspection);
  for (const v1::Inspection& check : leader_checks) {
    for (const std::string& suggestion : check.suggestions()) report.add_suggestions(suggestion);
    for (const std::string& caution : check.cautions()) report.add_cautions(caution);
  }
  return report;
}

}  // namespace workshop
