// The monthly processing of old parts; see old_part_run_service.h.
#include "parts-svc/old_part/old_part_run_service.h"

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "aftersales/parts/v1/warranty_errors.pb.h"
#include "parts-svc/old_part/old_part_duties.h"
#include "parts-svc/version.h"

namespace parts {
namespace {

using chassis::UnitOfWork;
using OldPart = v1::OldPart;
using Run = v1::OldPartRun;
using Signature = aftersales::common::v1::Signature;

constexpr int64_t kRunLinesMax = 500;

// The first day of the month `now` is in, in the store's time zone.
absl::CivilMonth MonthOf(absl::Time now, const std::string& time_zone) {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(time_zone, &zone)) zone = absl::UTCTimeZone();
  return absl::ToCivilMonth(now, zone);
}

std::string FirstDay(absl::CivilMonth month) { return absl::FormatCivilTime(absl::CivilDay(month)); }

// A month's processing has no record of its own until somebody creates the run: its duty is about this id.
std::string ProcessingOf(const std::string& store_id, absl::CivilMonth month) {
  return chassis::DerivedId(store_id, absl::StrCat("parts/old_part_processing/", FirstDay(month)));
}

absl::Status CheckManagerSigned(const Signature& signature) {
  if (signature.signer_role() == Signature::SIGNER_ROLE_MANAGER) return absl::OkStatus();
  return chassis::Refuse(v1::WARRANTY_ERROR_REASON_SIGNER_NOT_MANAGER)
      .At("manager_signature.signer_role", "须为主管", "must be the manager");
}

absl::Status Gone(const v1::OldPartRunLine& line) {
  return chassis::Refuse(v1::WARRANTY_ERROR_REASON_OLD_PART_GONE)
      .With("tag", line.tag_code())
      .At("old_part_run_id", "有旧件已不在库", "lists an old part that is gone");
}

v1::OldPartRunLine* LineOf(Run& run, const std::string& old_part_id) {
  for (auto& line : *run.mutable_lines()) {
    if (line.old_part_id() == old_part_id) return &line;
  }
  return nullptr;
}

}  // namespace

OldPartRunService::OldPartRunService(chassis::Rooms& rooms)
    : host_(rooms.host), store_(rooms.host.cipher()), policies_(rooms.host.cipher()), shelf_(rooms) {
  rooms.rpcs.On(this, &OldPartRunService::Create);
  rooms.rpcs.On(this, &OldPartRunService::Decide);
  rooms.rpcs.On(this, &OldPartRunService::Post);
  rooms.rpcs.On(this, &OldPartRunService::Cancel);
  rooms.rpcs.Standard<Run>(store_.runs());
  rooms.SignedDocument("old_part_run",
                       [this](chassis::sql::Session& session, const std::string& store_id,
                              const std::string& id) -> absl::StatusOr<std::unique_ptr<google::protobuf::Message>> {
                         ASSIGN_OR_RETURN(Run run, store_.runs().Get(session, store_id, id));
                         return std::make_unique<Run>(std::move(run));
                       });
  rooms.Periodically("old_part_processing", absl::Hours(1), [this] { return OweProcessing(); });
}

absl::StatusOr<Run> OldPartRunService::Create(chassis::Call& call, const v1::CreateOldPartRunRequest&) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber("OPR"));
  return call.Transact<Run>([&](UnitOfWork& work) -> absl::StatusOr<Run> {
    ASSIGN_OR_RETURN(const auto in_store, store_.InStore(work.sql(), work.store_id(), kRunLinesMax));
    if (in_store.empty()) {
      return chassis::Refuse(v1::WARRANTY_ERROR_REASON_RUN_EMPTY).At("store_id", "没有在库旧件", "has no old parts");
    }
    std::vector<std::string> ids;
    for (const OldPart& old_part : in_store) ids.push_back(old_part.old_part_id());
    ASSIGN_OR_RETURN(Bindings bindings, store_.BindingsOf(work.sql(), work.store_id(), ids));
    ASSIGN_OR_RETURN(const v1::PartsPolicy policy, policies_.Get(work.sql(), work.store_id()));
    Run run;
    run.set_store_id(work.store_id());
    run.set_old_part_run_id(work.NewId());
    run.set_number(number);
    run.set_state(Run::STATE_OPEN);
    run.set_month_date(FirstDay(MonthOf(work.now(), store.time_zone())));
    run.set_creator(work.actor().subject);
    run.set_open_store_id(work.store_id());
    for (const OldPart& old_part : in_store) {
      *run.add_lines() =
          Propose(old_part, bindings[old_part.old_part_id()], policy.old_part_retention_days(), work.now());
    }
    const absl::Status inserted = store_.runs().Insert(work, run);
    if (absl::IsAlreadyExists(inserted)) {
      return chassis::Refuse(v1::WARRANTY_ERROR_REASON_RUN_OPEN).At("store_id", "处理单未完成", "has an open run");
    }
    RETURN_IF_ERROR(inserted);
    return run;
  });
}

absl::StatusOr<OldPartRunService::Listed> OldPartRunService::LockListed(UnitOfWork& work, const Run& run) {
  std::vector<std::string> ids;
  for (const auto& line : run.lines()) ids.push_back(line.old_part_id());
  Listed listed;
  ASSIGN_OR_RETURN(const auto found, store_.LockByIds(work, ids));
  for (const OldPart& old_part : found) listed.parts[old_part.old_part_id()] = old_part;
  ASSIGN_OR_RETURN(listed.bindings, store_.BindingsOf(work.sql(), work.store_id(), ids));
  ASSIGN_OR_RETURN(listed.policy, policies_.Get(work.sql(), work.store_id()));
  return listed;
}

absl::StatusOr<Run> OldPartRunService::Decide(chassis::Call& call, const v1::DecideOldPartRunRequest& request) {
  return call.Transact<Run>([&](UnitOfWork& work) -> absl::StatusOr<Run> {
    ASSIGN_OR_RETURN(const Run before, store_.runs().Lock(work, work.store_id(), request.old_part_run_id()));
    RETURN_IF_ERROR(chassis::RequireState(before, {Run::STATE_OPEN}));
    ASSIGN_OR_RETURN(Listed listed, LockListed(work, before));
    Run after = before;
    for (int i = 0; i < request.lines_size(); ++i) {
      const auto& wanted = request.lines(i);
      v1::OldPartRunLine* line = LineOf(after, wanted.old_part_id());
      if (line == nullptr) {
        return chassis::Refuse(v1::WARRANTY_ERROR_REASON_NOT_IN_RUN)
            .With("old_part", wanted.old_part_id())
            .At(absl::StrCat("lines[", i, "].old_part_id"), "不在处理单上", "is not listed");
      }
      RETURN_IF_ERROR(CheckDecision(listed.parts[wanted.old_part_id()], listed.bindings[wanted.old_part_id()],
                                    wanted.decision(), listed.policy.old_part_retention_days(), work.now()));
      line->set_decision(wanted.decision());
      line->set_reason(wanted.reason());
    }
    RETURN_IF_ERROR(store_.runs().Update(work, before, after));
    return after;
  });
}

absl::StatusOr<std::vector<OldPart>> OldPartRunService::Settle(UnitOfWork& work, const Run& run) {
  ASSIGN_OR_RETURN(Listed listed, LockListed(work, run));
  std::vector<OldPart> going;
  for (const v1::OldPartRunLine& line : run.lines()) {
    if (line.decision() == v1::OLD_PART_DECISION_KEEP) continue;
    const OldPart& before = listed.parts[line.old_part_id()];
    if (!IsInStore(before)) return Gone(line);
    // What holds it may have changed since it was decided.
    RETURN_IF_ERROR(CheckDecision(before, listed.bindings[line.old_part_id()], line.decision(),
                                  listed.policy.old_part_retention_days(), work.now()));
    OldPart after = before;
    RETURN_IF_ERROR(chassis::MoveTo(
        after, line.decision() == v1::OLD_PART_DECISION_SCRAP ? OldPart::STATE_SCRAPPED : OldPart::STATE_SENT));
    after.set_old_part_run_id(run.old_part_run_id());
    *after.mutable_disposal_time() = work.now_proto();
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    going.push_back(std::move(after));
  }
  return going;
}

absl::StatusOr<Run> OldPartRunService::Post(chassis::Call& call, const v1::PostOldPartRunRequest& request) {
  RETURN_IF_ERROR(CheckManagerSigned(request.manager_signature()));
  ASSIGN_OR_RETURN(const auto store, call.Store());
  return call.Transact<Run>([&](UnitOfWork& work) -> absl::StatusOr<Run> {
    ASSIGN_OR_RETURN(const Run before, store_.runs().Lock(work, work.store_id(), request.old_part_run_id()));
    Run after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, Run::STATE_POSTED));
    after.clear_open_store_id();
    *after.mutable_post_time() = work.now_proto();
    ASSIGN_OR_RETURN(const std::vector<OldPart> going, Settle(work, after));
    ASSIGN_OR_RETURN(*after.mutable_manager_signature(),
                     work.Sign(after, {"old_part_run", after.old_part_run_id(), VersionOf(before) + 1},
                               request.manager_signature()));
    RETURN_IF_ERROR(store_.runs().Update(work, before, after));
    RETURN_IF_ERROR(work.CompleteDuties(
        kOldPartProcessingDuty, ProcessingOf(work.store_id(), MonthOf(work.now(), store.time_zone())), after.number()));
    RETURN_IF_ERROR(
        shelf_.Dispose(work, {v1::DOCUMENT_KIND_OLD_PART, after.old_part_run_id(), after.number(), ""}, going));
    return after;
  });
}

absl::StatusOr<Run> OldPartRunService::Cancel(chassis::Call& call, const v1::CancelOldPartRunRequest& request) {
  return call.Transact<Run>([&](UnitOfWork& work) -> absl::StatusOr<Run> {
    work.Because(request.reason());
    ASSIGN_OR_RETURN(const Run before, store_.runs().Lock(work, work.store_id(), request.old_part_run_id()));
    Run after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, Run::STATE_CANCELLED));
    after.clear_open_store_id();
    RETURN_IF_ERROR(store_.runs().Update(work, before, after));
    return after;
  });
}

absl::Status OldPartRunService::OweProcessing() {
  const absl::Time deadline = host_.clock().Now() + absl::Seconds(10);
  std::vector<std::string> store_ids;
  RETURN_IF_ERROR(host_.pool().Read(deadline, [&](chassis::sql::Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(store_ids, store_.StoresWithOldParts(session));
    return absl::OkStatus();
  }));
  for (const std::string& store_id : store_ids) {
    ASSIGN_OR_RETURN(const auto store, host_.stores().Get(store_id, deadline));
    RETURN_IF_ERROR(host_.CommitInBackground(store_id, "OweOldPartProcessing",
                                             [&](UnitOfWork& work) { return OweOne(work, store.time_zone()); }));
  }
  return absl::OkStatus();
}

absl::Status OldPartRunService::OweOne(UnitOfWork& work, const std::string& time_zone) {
  const absl::CivilMonth month = MonthOf(work.now(), time_zone);
  const std::string subject_id = ProcessingOf(work.store_id(), month);
  ASSIGN_OR_RETURN(const bool owed, store_.IsOwed(work.sql(), work.store_id(), subject_id));
  if (owed) return absl::OkStatus();
  ASSIGN_OR_RETURN(const v1::PartsPolicy policy, policies_.Get(work.sql(), work.store_id()));
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(time_zone, &zone)) zone = absl::UTCTimeZone();
  aftersales::common::v1::Duty duty;
  duty.set_kind(kOldPartProcessingDuty);
  duty.set_handbook("P-15");
  duty.set_subject_kind("old_part_processing");
  duty.set_subject_id(subject_id);
  duty.set_subject_number(FirstDay(month));
  duty.set_assignee_role(aftersales::options::v1::ROLE_PARTS_MANAGER);
  duty.set_escalation_role(aftersales::options::v1::ROLE_SERVICE_MANAGER);
  // Until the end of that day.
  *duty.mutable_due_time() =
      chassis::ToProto(absl::FromCivil(absl::CivilDay(month) + policy.old_part_processing_day(), zone));
  work.Owe(std::move(duty));
  return absl::OkStatus();
}

}  // namespace parts
