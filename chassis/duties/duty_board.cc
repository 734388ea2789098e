// Keeping, closing, escalating and counting duties.
#include "chassis/duties/duty_board.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "chassis/host/host.h"

namespace chassis {
namespace {

namespace v1 = aftersales::common::v1;
namespace options = aftersales::options::v1;

constexpr int64_t kEscalatedPerTurnMax = 200;

std::string NameOf(options::Role role) { return role == options::ROLE_UNSPECIFIED ? "" : identity::RoleName(role); }

bool MayClose(const identity::Identity& caller, const v1::Duty& duty) {
  return caller.subject == duty.assignee() || caller.Has(options::ROLE_SERVICE_MANAGER) ||
         caller.Has(options::ROLE_GROUP_MANAGER) ||
         (duty.assignee_role() != options::ROLE_UNSPECIFIED && caller.Has(duty.assignee_role())) ||
         (duty.escalation_role() != options::ROLE_UNSPECIFIED && caller.Has(duty.escalation_role()));
}

v1::DutyEscalated EscalationOf(const v1::Duty& duty) {
  v1::DutyEscalated fact;
  fact.set_duty_id(duty.duty_id());
  fact.set_kind(duty.kind());
  fact.set_handbook(duty.handbook());
  fact.set_subject_kind(duty.subject_kind());
  fact.set_subject_id(duty.subject_id());
  fact.set_subject_number(duty.subject_number());
  fact.set_assignee(duty.assignee());
  fact.set_assignee_role(duty.assignee_role());
  fact.set_escalation_role(duty.escalation_role());
  *fact.mutable_due_time() = duty.due_time();
  fact.set_escalation_count(duty.escalation_count());
  return fact;
}

}  // namespace

DutyBoard::DutyBoard(const privacy::Cipher& cipher, telemetry::Metrics& metrics) : table_(cipher), metrics_(metrics) {}

absl::Status DutyBoard::Owable(const Duty& duty) {
  if (!duty.kind().empty() && !duty.handbook().empty() && !duty.subject_kind().empty() && !duty.subject_id().empty() &&
      duty.has_due_time() && (!duty.assignee().empty() || duty.assignee_role() != options::ROLE_UNSPECIFIED)) {
    return absl::OkStatus();
  }
  return absl::InternalError(
      absl::StrCat("duty '", duty.kind(), "' lacks kind, handbook, subject, due time or somebody who owes it"));
}

absl::StatusOr<DutyBoard::Duty> DutyBoard::Complete(UnitOfWork& work, const identity::Identity& caller,
                                                    const std::string& duty_id, const std::string& outcome) {
  ASSIGN_OR_RETURN(Duty duty, table_.Lock(work, work.store_id(), duty_id));
  if (!MayClose(caller, duty)) {
    std::string roles = absl::StrCat(NameOf(duty.assignee_role()), " ", NameOf(duty.escalation_role()), " ",
                                     NameOf(options::ROLE_SERVICE_MANAGER));
    return Refuse(v1::ERROR_REASON_ROLE_NOT_ALLOWED).With("roles", roles);
  }
  if (const auto ended_by = ended_by_.find(duty.kind()); ended_by != ended_by_.end()) {
    return Refuse(v1::ERROR_REASON_DUTY_ENDS_BY_COMMAND)
        .With("command", ended_by->second)
        .At("duty_id", "由业务操作完成", "is done by its command");
  }
  RETURN_IF_ERROR(Close(work, duty, Duty::STATE_DONE, outcome));
  return duty;
}

absl::StatusOr<DutyBoard::Duty> DutyBoard::Waive(UnitOfWork& work, const std::string& duty_id,
                                                 const std::string& reason) {
  if (reason.empty()) return ReasonRequired("reason");
  ASSIGN_OR_RETURN(Duty duty, table_.Lock(work, work.store_id(), duty_id));
  work.Because(reason);
  RETURN_IF_ERROR(Close(work, duty, Duty::STATE_WAIVED, reason));
  return duty;
}

absl::StatusOr<DutyBoard::Duty> DutyBoard::Reassign(UnitOfWork& work, const std::string& duty_id,
                                                    const std::string& assignee, const std::string& reason) {
  if (reason.empty()) return ReasonRequired("reason");
  ASSIGN_OR_RETURN(const Duty before, table_.Lock(work, work.store_id(), duty_id));
  RETURN_IF_ERROR(RequireState(before, {Duty::STATE_OPEN}));
  work.Because(reason);
  Duty after = before;
  after.set_assignee(assignee);
  RETURN_IF_ERROR(table_.Update(work, before, after));
  return after;
}

void DutyBoard::EndsBy(std::string_view kind, std::string_view command) {
  ended_by_[std::string(kind)] = std::string(command);
}

absl::Status DutyBoard::Close(UnitOfWork& work, Duty& duty, Duty::State state, std::string_view outcome) {
  const Duty before = duty;
  RETURN_IF_ERROR(MoveTo(duty, state));
  *duty.mutable_done_time() = work.now_proto();
  duty.set_outcome(std::string(outcome));
  RETURN_IF_ERROR(table_.Update(work, before, duty));
  if (state == Duty::STATE_DONE) {
    work.done_duties_.push_back({duty.kind(), work.now() <= FromProto(duty.due_time())});
  }
  return absl::OkStatus();
}

absl::Status DutyBoard::CloseAll(UnitOfWork& work, std::string_view kind, std::string_view subject_id,
                                 Duty::State state, std::string_view outcome) {
  for (Duty& owed : work.duties_) {
    if (owed.kind() != kind || owed.subject_id() != subject_id || owed.state() != Duty::STATE_OPEN) continue;
    RETURN_IF_ERROR(MoveTo(owed, state));
    *owed.mutable_done_time() = work.now_proto();
    owed.set_outcome(std::string(outcome));
    if (state == Duty::STATE_DONE) work.done_duties_.push_back({owed.kind(), true});
  }
  ASSIGN_OR_RETURN(std::vector<Duty> open,
                   table_.Select(work.sql(),
                                 "WHERE store_id = ? AND subject_id = ? AND kind = ? AND state = 'OPEN' "
                                 "ORDER BY duty_id FOR UPDATE",
                                 sql::Uuid{work.store_id()}, sql::Uuid{std::string(subject_id)}, kind));
  for (Duty& duty : open) RETURN_IF_ERROR(Close(work, duty, state, outcome));
  return absl::OkStatus();
}

absl::Status DutyBoard::InsertOwed(UnitOfWork& work) {
  if (work.duties_.empty()) return absl::OkStatus();
  return table_.InsertAll(work, work.duties_);
}

void DutyBoard::CountDone(const std::string& kind, bool in_time) {
  std::lock_guard lock(mutex_);
  prometheus::Counter*& counter = done_[{kind, in_time}];
  if (counter == nullptr) {
    counter = &metrics_.Counter("duty_done_total", "Duties done, by kind and whether in time.",
                                {{"kind", kind}, {"in_time", in_time ? "true" : "false"}});
  }
  counter->Increment();
}

absl::StatusOr<int64_t> DutyBoard::EscalateOverdue(Host& host) {
  const absl::Time now = host.clock().Now();
  const absl::Time again = now - kEscalateAgainAfter;
  std::map<std::string, std::vector<std::string>> overdue;  // store -> duties
  RETURN_IF_ERROR(host.pool().Read(now + absl::Seconds(10), [&](sql::Session& session) -> absl::Status {
    overdue.clear();
    ASSIGN_OR_RETURN(sql::Rows rows,
                     session.Query("SELECT store_id, duty_id FROM duty WHERE state = 'OPEN' AND due_time < ? AND "
                                   "(escalation_time IS NULL OR escalation_time <= ?) ORDER BY due_time LIMIT ?",
                                   now, again, kEscalatedPerTurnMax));
    for (size_t i = 0; i < rows.size(); ++i) overdue[rows[i].Id("store_id")].push_back(rows[i].Id("duty_id"));
    return absl::OkStatus();
  }));
  int64_t escalated = 0;
  for (const auto& [store_id, duty_ids] : overdue) {
    int64_t in_store = 0;
    RETURN_IF_ERROR(host.CommitInBackground(store_id, "duties/escalate", [&](UnitOfWork& work) -> absl::Status {
      in_store = 0;
      for (const std::string& id : duty_ids) {
        ASSIGN_OR_RETURN(const Duty before, table_.Lock(work, store_id, id));
        // Closed or escalated by another replica since it was found.
        if (before.state() != Duty::STATE_OPEN) continue;
        if (before.has_escalation_time() && FromProto(before.escalation_time()) > again) continue;
        Duty after = before;
        after.set_escalation_count(before.escalation_count() + 1);
        *after.mutable_escalation_time() = work.now_proto();
        RETURN_IF_ERROR(table_.Update(work, before, after));
        int64_t version = 0;
        if (!absl::SimpleAtoi(after.etag(), &version)) return absl::InternalError("duty etag is no number");
        work.Publish(EscalationOf(after), {"duty", id, version});
        ++in_store;
      }
      return absl::OkStatus();
    }));
    escalated += in_store;
  }
  return escalated;
}

}  // namespace chassis
