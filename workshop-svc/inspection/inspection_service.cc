// See inspection_service.h.
#include "workshop-svc/inspection/inspection_service.h"

#include "absl/strings/ascii.h"
#include "aftersales/workshop/v1/events.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"
#include "workshop-svc/job/order_changes.h"

namespace workshop {
namespace {

constexpr char kNumberKind[] = "QC";

// The fields every level's request has.
template <typename Request>
v1::Inspection InspectionFrom(const Request& request, v1::InspectionLevel level, const std::string& number,
                              const std::string& subject) {
  v1::Inspection inspection;
  inspection.set_store_id(request.store_id());
  inspection.set_number(number);
  inspection.set_level(level);
  *inspection.mutable_items() = request.items();
  *inspection.mutable_faults() = request.faults();
  inspection.set_inspected_by(subject);
  return inspection;
}

}  // namespace

InspectionService::InspectionService(chassis::Rooms& rooms, InspectionStores stores)
    : host_(rooms.host), stores_(stores) {
  rooms.rpcs.Standard<v1::Inspection>(stores_.inspections.inspections());
  rooms.rpcs.Standard<v1::Checklist>(stores_.inspections.checklists());
  rooms.rpcs.On(this, &InspectionService::SelfCheck);
  rooms.rpcs.On(this, &InspectionService::LeaderCheck);
  rooms.rpcs.On(this, &InspectionService::FinalInspection);
  rooms.rpcs.On(this, &InspectionService::Report);
  rooms.rpcs.On(this, &InspectionService::Find);
}

absl::StatusOr<Inspector> InspectionService::InspectorOf(chassis::Call& call, chassis::UnitOfWork& work) const {
  ASSIGN_OR_RETURN(const std::optional<v1::StaffMember> member,
                   stores_.staff.FindBySubject(work.sql(), work.store_id(), call.identity().subject));
  return Inspector{call.identity().subject, member.has_value() ? member->staff_member_id() : ""};
}

absl::StatusOr<v1::Inspection> InspectionService::Judge(chassis::UnitOfWork& work, const OrderFile& file,
                                                        v1::Inspection inspection) const {
  inspection.set_inspection_id(work.NewId());
  inspection.set_repair_order_id(file.order.repair_order_id());
  ASSIGN_OR_RETURN(
      const v1::Checklist checklist,
      stores_.inspections.ChecklistFor(work.sql(), work.store_id(), file.order.work_kind(), inspection.level()));
  RETURN_IF_ERROR(CheckItems(checklist, inspection));
  RETURN_IF_ERROR(CompleteFaults(file, inspection));
  inspection.set_passed(IsPassed(inspection));
  return inspection;
}

absl::Status InspectionService::Keep(chassis::UnitOfWork& work, const common::Signature* signature,
                                     v1::Inspection& inspection) const {
  if (signature != nullptr) {
    ASSIGN_OR_RETURN(*inspection.mutable_signature(),
                     work.Sign(inspection, {"inspection", inspection.inspection_id(), 1}, *signature));
  }
  return stores_.inspections.inspections().Insert(work, inspection);
}

void InspectionService::Count(chassis::Call& call, const v1::Inspection& inspection) {
  const absl::StatusOr<common::Store> store = call.Store();
  if (!store.ok()) return;
  const std::string level(chassis::StateName(v1::InspectionLevel_descriptor(), inspection.level()));
  host_.metrics()
      .Counter("workshop_inspections_total", "Inspections by level and result (W-09).",
               {{"store", store->code()},
                {"level", absl::AsciiStrToLower(level)},
                {"result", inspection.passed() ? "passed" : "failed"}})
      .Increment();
}

absl::StatusOr<v1::Inspection> InspectionService::SelfCheck(chassis::Call& call,
                                                            const v1::RecordSelfCheckRequest& request) {
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber(kNumberKind));
  ASSIGN_OR_RETURN(const v1::Inspection recorded,
                   call.Transact<v1::Inspection>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::Inspection> {
                     ASSIGN_OR_RETURN(const OrderFile before, stores_.jobs.LockOrderOfJob(work, request.job_id()));
                     OrderFile file = before;
                     v1::Job& job = JobIn(file, request.job_id());
                     RETURN_IF_ERROR(RequireAssignedTo(job, call.identity().subject));
                     RETURN_IF_ERROR(chassis::RequireState(job, {v1::Job::STATE_WORK_DONE}));
                     v1::Inspection given =
                         InspectionFrom(request, v1::INSPECTION_LEVEL_SELF, number, call.identity().subject);
                     given.set_job_id(job.job_id());
                     ASSIGN_OR_RETURN(v1::Inspection inspection, Judge(work, file, std::move(given)));
                     RETURN_IF_ERROR(ApplySelfCheck(file, job, inspection));
                     RETURN_IF_ERROR(Keep(work, nullptr, inspection));
                     RETURN_IF_ERROR(SaveOrder(work, stores_.jobs, before, file));
                     work.Publish(EventOf(inspection), DocumentOf(file.order));
                     return inspection;
                   }));
  Count(call, recorded);
  return recorded;
}

absl::StatusOr<v1::Inspection> InspectionService::LeaderCheck(chassis::Call& call,
                                                              const v1::RecordLeaderCheckRequest& request) {
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber(kNumberKind));
  ASSIGN_OR_RETURN(const v1::Inspection recorded,
                   call.Transact<v1::Inspection>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::Inspection> {
                     ASSIGN_OR_RETURN(const OrderFile before, stores_.jobs.LockOrderOfJob(work, request.job_id()));
                     OrderFile file = before;
                     v1::Job& job = JobIn(file, request.job_id());
                     ASSIGN_OR_RETURN(const Inspector inspector, InspectorOf(call, work));
                     ASSIGN_OR_RETURN(const Leadership leadership,
                                      stores_.teams.LeadershipOf(work.sql(), work.store_id(), job.team_id()));
                     ASSIGN_OR_RETURN(const Workers workers,
                                      stores_.clocks.WorkersOf(work.sql(), work.store_id(), job.repair_order_id()));
                     RETURN_IF_ERROR(RequireMayLeaderCheck(inspector, call.CallerIs(options::ROLE_TECHNICAL_DIRECTOR),
                                                           leadership, job, workers));
                     RETURN_IF_ERROR(chassis::RequireState(job, {v1::Job::STATE_SELF_CHECKED}));
                     v1::Inspection given =
                         InspectionFrom(request, v1::INSPECTION_LEVEL_LEADER, number, call.identity().subject);
                     given.set_job_id(job.job_id());
                     *given.mutable_suggestions() = request.suggestions();
                     *given.mutable_cautions() = request.cautions();
                     ASSIGN_OR_RETURN(v1::Inspection inspection, Judge(work, file, std::move(given)));
                     if (inspection.passed() && !request.has_signature()) {
                       return chassis::Refuse(v1::ERROR_REASON_SIGNATURE_MISSING)
                           .At("signature", "须组长签字", "has to be the leader's");
                     }
                     RETURN_IF_ERROR(ApplyLeaderCheck(file, job, inspection));
                     RETURN_IF_ERROR(Keep(work, request.has_signature() ? &request.signature() : nullptr, inspection));
                     RETURN_IF_ERROR(SaveOrder(work, stores_.jobs, before, file));
                     work.Publish(EventOf(inspection), DocumentOf(file.order));
                     return inspection;
                   }));
  Count(call, recorded);
  return recorded;
}

absl::StatusOr<v1::Inspection> InspectionService::FinalInspection(chassis::Call& call,
                                                                  const v1::RecordFinalInspectionRequest& request) {
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber(kNumberKind));
  ASSIGN_OR_RETURN(
      const v1::Inspection recorded,
      call.Transact<v1::Inspection>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::Inspection> {
        ASSIGN_OR_RETURN(const OrderFile before, stores_.jobs.LockOrder(work, request.repair_order_id()));
        OrderFile file = before;
        ASSIGN_OR_RETURN(const Inspector inspector, InspectorOf(call, work));
        ASSIGN_OR_RETURN(const Workers workers,
                         stores_.clocks.WorkersOf(work.sql(), work.store_id(), request.repair_order_id()));
        ASSIGN_OR_RETURN(const std::vector<v1::Inspection> leader_checks,
                         stores_.inspections.LeaderChecks(work.sql(), file));
        RETURN_IF_ERROR(RequireMayFinalInspect(inspector, file, workers, leader_checks));
        RETURN_IF_ERROR(RequireReadyForFinal(file));
        ASSIGN_OR_RETURN(
            v1::Inspection inspection,
            Judge(work, file, InspectionFrom(request, v1::INSPECTION_LEVEL_FINAL, number, call.identity().subject)));
        RETURN_IF_ERROR(ApplyFinalInspection(file, inspection, work.now()));
        if (inspection.passed() && !request.parking_place().empty()) {
          file.order.set_parking_place(request.parking_place());
        }
        RETURN_IF_ERROR(Keep(work, request.has_signature() ? &request.signature() : nullptr, inspection));
        RETURN_IF_ERROR(SaveOrder(work, stores_.jobs, before, file));
        // The bay is free as soon as the vehicle has passed, wash or not.
        if (inspection.passed()) {
          RETURN_IF_ERROR(stores_.schedule.ReleaseRest(work, request.repair_order_id()));
        }
        work.Publish(EventOf(inspection), DocumentOf(file.order));
        return inspection;
      }));
  Count(call, recorded);
  return recorded;
}

absl::StatusOr<v1::InspectionReport> InspectionService::Report(chassis::Call& call,
                                                               const v1::GetInspectionReportRequest& request) {
  return call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<v1::InspectionReport> {
    ASSIGN_OR_RETURN(const OrderFile file, stores_.jobs.Load(session, request.store_id(), request.repair_order_id()));
    ASSIGN_OR_RETURN(std::vector<v1::Inspection> inspections,
                     stores_.inspections.OfOrder(session, request.store_id(), request.repair_order_id()));
    ASSIGN_OR_RETURN(const std::vector<v1::Inspection> leader_checks, stores_.inspections.LeaderChecks(session, file));
    return ReportOf(file, std::move(inspections), leader_checks);
  });
}

absl::StatusOr<v1::Checklist> InspectionService::Find(chassis::Call& call, const v1::FindChecklistRequest& request) {
  return call.Read([&](chassis::sql::Session& session) {
    return stores_.inspections.ChecklistFor(session, request.store_id(), request.work_kind(), request.level());
  });
}

}  // namespace workshop
