// The three inspections of every vehicle (W-09). Who may inspect and what a result does stands in inspection_rules.h.
#pragma once

#include "absl/status/statusor.h"
#include "chassis/server/call.h"
#include "chassis/server/service.h"
#include "workshop-svc/clock/clock_store.h"
#include "workshop-svc/inspection/inspection_store.h"
#include "workshop-svc/job/job_store.h"
#include "workshop-svc/schedule/schedule_store.h"
#include "workshop-svc/staff/staff_store.h"
#include "workshop-svc/team/team_store.h"

namespace workshop {

struct InspectionStores {
  const InspectionStore& inspections;
  const JobStore& jobs;
  const ClockStore& clocks;
  const StaffStore& staff;
  const TeamStore& teams;
  const ScheduleStore& schedule;
};

class InspectionService {
 public:
  InspectionService(chassis::Rooms& rooms, InspectionStores stores);

  absl::StatusOr<v1::Inspection> SelfCheck(chassis::Call& call, const v1::RecordSelfCheckRequest& request);
  absl::StatusOr<v1::Inspection> LeaderCheck(chassis::Call& call, const v1::RecordLeaderCheckRequest& request);
  absl::StatusOr<v1::Inspection> FinalInspection(chassis::Call& call, const v1::RecordFinalInspectionRequest& request);
  absl::StatusOr<v1::InspectionReport> Report(chassis::Call& call, const v1::GetInspectionReportRequest& request);
  absl::StatusOr<v1::Checklist> Find(chassis::Call& call, const v1::FindChecklistRequest& request);

 private:
  absl::StatusOr<Inspector> InspectorOf(chassis::Call& call, chassis::UnitOfWork& work) const;
  // The inspection as it will stand: items against the checklist, faults completed, passed or not.
  absl::StatusOr<v1::Inspection> Judge(chassis::UnitOfWork& work, const OrderFile& file,
                                       v1::Inspection inspection) const;
  // Signs it when a signature is given, then keeps it.
  absl::Status Keep(chassis::UnitOfWork& work, const common::Signature* signature, v1::Inspection& inspection) const;
  void Count(chassis::Call& call, const v1::Inspection& inspection);

  chassis::Host& host_;
  InspectionStores stores_;
};

}  // namespace workshop
