// See workshop.h.
#include "workshop-svc/workshop.h"

#include "workshop-svc/bay/bay_service.h"
#include "workshop-svc/clock/clock_service.h"
#include "workshop-svc/dispatch/dispatch_service.h"
#include "workshop-svc/figures/figures_service.h"
#include "workshop-svc/finding/finding_service.h"
#include "workshop-svc/inspection/inspection_service.h"
#include "workshop-svc/job/job_service.h"
#include "workshop-svc/order_intake/order_intake_service.h"
#include "workshop-svc/repair_plan/repair_plan_service.h"
#include "workshop-svc/schedule/schedule_service.h"
#include "workshop-svc/staff/staff_service.h"
#include "workshop-svc/team/team_service.h"
#include "workshop-svc/verification/verification_service.h"
#include "workshop-svc/wash/wash_service.h"

namespace workshop {
namespace {

void Furnish(chassis::Rooms& rooms) {
  // Stores first: rooms look into each other's records, never into each other's decisions.
  const auto& bays = rooms.Add<BayStore>();
  const auto& staff = rooms.Add<StaffStore>();
  const auto& teams = rooms.Add<TeamStore>(staff);
  const auto& jobs = rooms.Add<JobStore>();
  const auto& schedule = rooms.Add<ScheduleStore>(bays, staff);
  const auto& clocks = rooms.Add<ClockStore>(jobs);
  const auto& verifications = rooms.Add<VerificationStore>();
  const auto& findings = rooms.Add<FindingStore>();
  const auto& inspections = rooms.Add<InspectionStore>();
  const auto& washes = rooms.Add<WashStore>();
  const auto& part_requests = rooms.Add<RepairPlanStore>();

  rooms.Add<BayService>(bays, schedule);
  rooms.Add<TeamService>(teams, staff);
  rooms.Add<StaffService>(staff, teams, jobs, clocks);
  rooms.Add<ScheduleService>(schedule, staff, jobs);
  rooms.Add<JobService>(jobs);
  rooms.Add<OrderIntakeService>(OrderIntakeStores{jobs, schedule, staff, teams, findings, inspections, washes});
  rooms.Add<DispatchService>(DispatchStores{jobs, staff, bays, schedule, verifications});
  rooms.Add<VerificationService>(verifications, jobs, teams);
  rooms.Add<ClockService>(clocks, jobs, staff);
  rooms.Add<RepairPlanService>(part_requests, jobs);
  rooms.Add<FindingService>(findings, jobs, teams);
  rooms.Add<InspectionService>(InspectionStores{inspections, jobs, clocks, staff, teams, schedule});
  rooms.Add<WashService>(washes, jobs);
  rooms.Add<FiguresService>(bays, staff);
}

}  // namespace

chassis::ServiceDefinition Definition() { return {"workshop-svc", "aftersales.workshop.v1", Furnish}; }

}  // namespace workshop
