// See finding_rules.h.
#include "workshop-svc/finding/finding_rules.h"

#include "chassis/status/check.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/time/clock.h"

namespace workshop {

using chassis::Refuse;

absl::Status CheckProposal(const v1::RaiseFindingRequest& request) {
  if (request.operations_size() + request.parts_size() > 0) return absl::OkStatus();
  return Refuse(v1::ERROR_REASON_PROPOSAL_MISSING)
      .At("operations", "至少提出一个项目或配件", "propose at least one operation or part");
}

v1::Finding FindingFrom(const v1::RaiseFindingRequest& request, const v1::Job& job, const std::string& finding_id,
                        const std::string& subject) {
  v1::Finding finding;
  finding.set_store_id(job.store_id());
  finding.set_finding_id(finding_id);
  finding.set_repair_order_id(job.repair_order_id());
  finding.set_job_id(job.job_id());
  finding.set_description(request.description());
  finding.set_reason(request.reason());
  finding.set_severity(request.severity());
  finding.set_safety_critical(request.safety_critical());
  finding.set_system(request.system());
  finding.set_extra_minutes(request.extra_minutes());
  *finding.mutable_operations() = request.operations();
  *finding.mutable_parts() = request.parts();
  *finding.mutable_photo_refs() = request.photo_refs();
  finding.set_state(v1::Finding::STATE_RAISED);
  finding.set_raised_by(subject);
  return finding;
}

v1::FindingRaised EventOf(const v1::Finding& finding) {
  v1::FindingRaised event;
  event.set_finding_id(finding.finding_id());
  event.set_repair_order_id(finding.repair_order_id());
  event.set_job_id(finding.job_id());
  event.set_description(finding.description());
  event.set_reason(finding.reason());
  event.set_safety_critical(finding.safety_critical());
  event.set_system(finding.system());
  event.set_extra_minutes(finding.extra_minutes());
  *event.mutable_operations() = finding.operations();
  *event.mutable_parts() = finding.parts();
  event.set_raised_by(finding.raised_by());
  return event;
}

bool Decide(v1::Finding& finding, bool approved, const std::string& add_on_id, absl::Time when) {
  if (finding.state() != v1::Finding::STATE_RAISED) return false;
  const auto target = approved ? v1::Finding::STATE_APPROVED : v1::Finding::STATE_DECLINED;
  CHASSIS_CHECK(chassis::MoveTo(finding, target).ok(), "RAISED leads to both answers");
  finding.set_add_on_id(add_on_id);
  *finding.mutable_decision_time() = chassis::ToProto(when);
  return true;
}

absl::Status CheckExpectedTime(absl::Time expected, absl::Time now) {
  if (expected > now) return absl::OkStatus();
  return Refuse(v1::ERROR_REASON_EXPECTED_TIME_PAST).At("expected_time", "必须晚于现在", "must lie in the future");
}

absl::Status Acknowledge(v1::AddOnDecision& decision, const std::string& receiver, absl::Time now) {
  if (!decision.receiver().empty()) {
    return Refuse(v1::ERROR_REASON_ALREADY_ACKNOWLEDGED)
        .With("receiver", decision.receiver())
        .With("time", chassis::FromProto(decision.receive_time()))
        .At("add_on_id", "已签收", "was acknowledged already");
  }
  decision.set_receiver(receiver);
  *decision.mutable_receive_time() = chassis::ToProto(now);
  return absl::OkStatus();
}

common::Duty AcknowledgementDuty(const v1::AddOnDecision& decision, const v1::WorkshopOrder& order,
                                 const std::string& leader, absl::Time now) {
  common::Duty duty;
  duty.set_store_id(order.store_id());
  duty.set_kind("acknowledge_decision");
  duty.set_handbook("R-32");
  duty.set_subject_kind("add_on_decision");
  duty.set_subject_id(decision.add_on_id());
  duty.set_subject_number(order.repair_order_number());
  duty.set_assignee(leader);
  duty.set_assignee_role(aftersales::options::v1::ROLE_TEAM_LEADER);
  duty.set_escalation_role(aftersales::options::v1::ROLE_WORKSHOP_CONTROLLER);
  *duty.mutable_due_time() = chassis::ToProto(now + kAcknowledgeWithin);
  return duty;
}

}  // namespace workshop
