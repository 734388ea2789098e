#include "crm-svc/follow_up/follow_up_service.h"

#include "absl/strings/str_cat.h"
#include "aftersales/crm/v1/events.pb.h"
#include "chassis/duties/duty_board.h"
#include "crm-svc/follow_up/follow_up_rules.h"

namespace crm {

using namespace aftersales::crm::v1;  // NOLINT: this file speaks the package's words
using aftersales::common::v1::Duty;
using aftersales::common::v1::Store;
using aftersales::common::v1::WorkKind_Name;
using chassis::UnitOfWork;

namespace {

std::string DutyKind(const FollowUp& follow_up) {
  return follow_up.sequence() == 1 ? "first_follow_up" : "second_follow_up";
}

Duty DutyOf(const FollowUp& follow_up, std::string kind, absl::Time due) {
  Duty duty;
  duty.set_kind(std::move(kind));
  duty.set_handbook("C-05");
  duty.set_subject_kind("follow_up");
  duty.set_subject_id(follow_up.follow_up_id());
  duty.set_subject_number(follow_up.repair_order_number());
  duty.set_assignee(follow_up.assignee());
  duty.set_assignee_role(aftersales::options::v1::ROLE_CUSTOMER_SERVICE_AGENT);
  duty.set_escalation_role(aftersales::options::v1::ROLE_CUSTOMER_SERVICE_MANAGER);
  *duty.mutable_due_time() = chassis::ToProto(due);
  return duty;
}

void OweTo(UnitOfWork& work, Duty duty, aftersales::options::v1::Role role) {
  duty.clear_assignee();
  duty.set_assignee_role(role);
  work.Owe(std::move(duty));
}

}  // namespace

FollowUpService::FollowUpService(chassis::Rooms& rooms) : store_(rooms.host.cipher()) {
  rooms.rpcs.Standard<FollowUp>(store_.table());
  rooms.rpcs.On(this, &FollowUpService::RecordAttempt);
  for (const char* kind : {"first_follow_up", "second_follow_up"}) {
    rooms.host.duties().EndsBy(kind, "RecordFollowUpAttempt");
  }
  rooms.rpcs.On(this, &FollowUpService::Reassign);
}

absl::Status FollowUpService::Plan(UnitOfWork& work, const aftersales::reception::v1::VehicleDelivered& delivered,
                                   const std::string& agent) const {
  ASSIGN_OR_RETURN(const Store store, work.host().stores().Get(work.store_id(), work.now() + absl::Seconds(5)));
  std::vector<FollowUp> both(2);
  for (int sequence : {1, 2}) {
    FollowUp& follow_up = both[sequence - 1];
    follow_up.set_store_id(work.store_id());
    follow_up.set_follow_up_id(work.NewId());
    follow_up.set_sequence(sequence);
    follow_up.set_state(sequence == 1 ? FollowUp::STATE_OPEN : FollowUp::STATE_WAITING);
    follow_up.set_customer_id(delivered.customer_id());
    follow_up.set_vehicle_id(delivered.vehicle_id());
    follow_up.set_service_record_id(delivered.repair_order_id());
    follow_up.set_repair_order_number(delivered.repair_order_number());
    follow_up.set_work_kind(delivered.work_kind());
    follow_up.set_script_code(absl::StrCat("FU", sequence, "-", WorkKind_Name(delivered.work_kind()).substr(10)));
    follow_up.set_adviser(delivered.adviser());
    follow_up.set_preferred_contact_time(delivered.preferred_contact_time());
    follow_up.set_assignee(agent);
    *follow_up.mutable_create_time() = work.now_proto();
  }
  PlanFirst(chassis::FromProto(delivered.delivery_time()), store, both[0]);
  PlanSecond(chassis::FromProto(both[0].due_time()), store, both[1]);
  for (const FollowUp& follow_up : both) {
    work.Owe(DutyOf(follow_up, DutyKind(follow_up), chassis::FromProto(follow_up.due_time())));
  }
  return store_.table().InsertAll(work, both);
}

absl::StatusOr<FollowUp> FollowUpService::RecordAttempt(chassis::Call& call,
                                                        const RecordFollowUpAttemptRequest& request) {
  ASSIGN_OR_RETURN(const Store store, call.Store());
  return call.Transact<FollowUp>([&](UnitOfWork& work) -> absl::StatusOr<FollowUp> {
    ASSIGN_OR_RETURN(const FollowUp before, store_.Lock(work, request.follow_up_id()));
    FollowUp after = before;
    FollowUpAttempt attempt;
    attempt.set_follow_up_attempt_id(work.NewId());
    *attempt.mutable_attempt_time() = work.now_proto();
    attempt.set_channel(request.channel());
    attempt.set_result(request.result());
    attempt.set_actor(work.actor().subject);
    attempt.set_note(request.note());
    RETURN_IF_ERROR(ApplyAttempt(request, attempt, after));
    RETURN_IF_ERROR(store_.table().Update(work, before, after));

    if (!request.open_question().empty()) {
      work.Owe(DutyOf(after, "open_question", work.now() + absl::Hours(24) * store.settings().negative_answer_days()));
    }
    if (NeedsCorrection(request.result())) {
      work.Owe(DutyOf(after, "contact_data_correction", work.now() + absl::Hours(24)));
    }
    if (HasEnded(after)) RETURN_IF_ERROR(AfterEnd(work, store, after));
    return after;
  });
}

// The duty is done, the second follow-up's time begins to run, and dissatisfaction is put before the manager.
absl::Status FollowUpService::AfterEnd(UnitOfWork& work, const Store& store, const FollowUp& ended) const {
  const std::string result = FollowUpAttempt::Result_Name(ended.attempts().rbegin()->result()).substr(7);
  RETURN_IF_ERROR(work.CompleteDuties(DutyKind(ended), ended.follow_up_id(), result));
  if (IsDissatisfied(ended)) {
    OweTo(work, DutyOf(ended, "dissatisfied_customer", work.now() + absl::Hours(24)),
          aftersales::options::v1::ROLE_CUSTOMER_SERVICE_MANAGER);
  }
  FollowUpRecorded recorded;
  recorded.set_follow_up_id(ended.follow_up_id());
  recorded.set_repair_order_number(ended.repair_order_number());
  recorded.set_sequence(ended.sequence());
  recorded.set_result(result);
  recorded.set_satisfaction_score(ended.satisfaction_score());
  recorded.set_adviser(ended.adviser());
  work.Publish(recorded, {"follow_up", ended.follow_up_id(), ended.attempts_size()});
  if (ended.sequence() != 1) return absl::OkStatus();

  ASSIGN_OR_RETURN(auto second, store_.Second(work.sql(), work.store_id(), ended.service_record_id()));
  if (!second || second->state() != FollowUp::STATE_WAITING) return absl::OkStatus();
  FollowUp opened = *second;
  RETURN_IF_ERROR(chassis::MoveTo(opened, FollowUp::STATE_OPEN));
  PlanSecond(work.now(), store, opened);
  RETURN_IF_ERROR(work.WaiveDuties(DutyKind(opened), opened.follow_up_id(), "moved: the first follow-up has ended"));
  work.Owe(DutyOf(opened, DutyKind(opened), chassis::FromProto(opened.due_time())));
  return store_.table().Update(work, *second, opened);
}

absl::StatusOr<FollowUp> FollowUpService::Reassign(chassis::Call& call, const ReassignFollowUpRequest& request) {
  return call.Transact<FollowUp>([&](UnitOfWork& work) -> absl::StatusOr<FollowUp> {
    ASSIGN_OR_RETURN(const FollowUp before, store_.Lock(work, request.follow_up_id()));
    FollowUp after = before;
    RETURN_IF_ERROR(chassis::RequireState(before, {FollowUp::STATE_OPEN, FollowUp::STATE_WAITING}));
    after.set_assignee(request.assignee());
    work.Because(request.reason());
    RETURN_IF_ERROR(work.WaiveDuties(DutyKind(after), after.follow_up_id(), "handed to a stand-in"));
    work.Owe(DutyOf(after, DutyKind(after), chassis::FromProto(after.due_time())));
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    return after;
  });
}

}  // namespace crm
