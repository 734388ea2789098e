// Every figure against work done through the rooms themselves, in two stores, against an empty house, and against the
// server's own plan of each statement.
#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "chassis/telemetry/census.h"
#include "gmock/gmock.h"
#include "tests/harness/plans.h"
#include "workshop-svc/figures/figures_rules.h"
#include "workshop-svc/workshop_for_test.h"

namespace workshop {
namespace {

using Figures = std::map<std::string, double>;  // by "name{store}" or "name{store,label}"

class FiguresRoom : public WorkshopFloor {
 protected:
  // What the census shows now.
  Figures Shown() {
    chassis::Census census(host_, rooms_.counted);
    const auto counted = census.Turn();
    EXPECT_TRUE(counted.ok()) << counted.status();
    Figures shown;
    for (const prometheus::MetricFamily& family : census.Collect()) {
      for (const prometheus::ClientMetric& metric : family.metric) {
        std::vector<std::string> labels;
        for (const auto& label : metric.label) labels.push_back(label.value);
        shown[absl::StrCat(family.name, "{", absl::StrJoin(labels, ","), "}")] = metric.gauge.value;
      }
    }
    return shown;
  }
  // Of the figures named, in both stores: exactly these ratios, and exactly these others that are not 0.
  void Expect(std::initializer_list<std::string_view> names, const Figures& expected) {
    Figures found;
    for (const auto& [key, value] : Shown()) {
      const std::string name = key.substr(0, key.find('{'));
      const bool ratio = absl::EndsWith(name, "_ratio");
      if ((ratio || value != 0) && std::find(names.begin(), names.end(), name) != names.end()) found[key] = value;
    }
    ASSERT_EQ(found.size(), expected.size()) << testing::PrintToString(found);
    for (const auto& [key, value] : expected) {
      ASSERT_EQ(found.count(key), 1u) << key << " in " << testing::PrintToString(found);
      EXPECT_NEAR(found[key], value, 1e-9) << key;
    }
  }
  // All that happened so far happened in SH02.
  void MoveToTheOtherStore() {
    for (const char* table : {"bay", "team", "staff_member", "staff_certificate", "attendance", "slot_hold",
                              "slot_unit", "workshop_order", "job", "job_line", "clocking", "verification",
                              "part_request", "part_request_line", "finding", "delay_report", "inspection", "wash"}) {
      Execute(absl::StrCat("UPDATE `", table, "` SET store_id = UNHEX(REPLACE('", kOther, "', '-', ''))"));
    }
  }

  v1::Job Assigned(const v1::Job& job, const v1::StaffMember& to, const v1::Bay& bay) {
    v1::AssignJobRequest request = Assigning(job, to);
    request.set_bay_id(bay.bay_id());
    AsController<v1::Job>(request);
    Verify(job, to.subject());
    return JobOf(job.job_id());
  }
  void Pause(const v1::Job& job, const std::string& subject, v1::PauseReason reason) {
    v1::PauseJobRequest request;
    request.set_job_id(job.job_id());
    request.set_reason(reason);
    Must<v1::Job>(options::ROLE_TECHNICIAN, subject, request);
  }
  void Inspect(const v1::Job& job) {
    PassTwoLevels(job);
    Must<v1::Inspection>(options::ROLE_QUALITY_INSPECTOR, "inspector", FinalInspectionOf(job));
  }
  // A job of 60 standard minutes that alice worked off in 50 and that passed every inspection.
  v1::Job AFinishedJob() {
    const v1::Job job = AJobForAlice();
    WorkOff(job, "alice");
    Inspect(job);
    return job;
  }
  v1::Job FoundFaultyAndMended() {
    const v1::Job job = AJobForAlice();
    WorkOff(job, "alice");
    v1::RecordSelfCheckRequest check = SelfCheckOf(job);
    check.mutable_items(0)->set_result(v1::CheckedItem::RESULT_FAILED);
    v1::Fault& fault = *check.add_faults();
    fault.set_description("油底壳渗油");
    Must<v1::Inspection>(options::ROLE_TECHNICIAN, "alice", check);
    WorkOff(job, "alice", absl::Minutes(10));
    Inspect(job);
    return job;
  }
  v1::SlotHold Hold(absl::Time start, const std::string& holder_id) {
    v1::HoldSlotRequest request;
    request.set_holder_id(holder_id);
    request.set_skill(common::SKILL_MECHANICAL);
    *request.mutable_start_time() = chassis::ToProto(start);
    request.set_duration_minutes(60);
    return AsSuite<v1::SlotHold>(request);
  }
  void Certify(const v1::StaffMember& member, const std::string& code, const std::string& expiry_date) {
    v1::RecordCertificateRequest request;
    request.set_staff_member_id(member.staff_member_id());
    request.mutable_certificate()->set_code(code);
    request.mutable_certificate()->set_issue_date("2024-01-01");
    request.mutable_certificate()->set_expiry_date(expiry_date);
    AsController<v1::StaffMember>(request);
  }
  void LeaveOn(const v1::StaffMember& member, const std::string& date) {
    v1::RecordAbsenceRequest request;
    request.set_staff_member_id(member.staff_member_id());
    request.set_presence(v1::Attendance::PRESENCE_LEAVE);
    request.set_first_date(date);
    request.set_last_date(date);
    request.set_reason("年假");
    AsController<v1::RecordAbsenceResponse>(request);
  }
};

TEST_F(FiguresRoom, ShowsNothingButZerosInAnEmptyHouse) {
  const Figures shown = Shown();
  EXPECT_EQ(shown.size(), 70u) << "35 in each of two stores";
  for (const auto& [key, value] : shown) {
    EXPECT_EQ(value, 0) << key;
    EXPECT_EQ(key.find("_ratio"), std::string::npos) << key << ": of nothing";
  }
}

// Handbook: W-01, W-02, W-03, W-05, W-10.
TEST_F(FiguresRoom, FollowsJobsFromTheQueueToTheWash) {
  ManTheFloor();
  OpenABay("举升 2", {common::SKILL_MECHANICAL});
  v1::CloseBayRequest close;
  close.set_bay_id(OpenABay("举升 3", {common::SKILL_MECHANICAL}).bay_id());
  close.set_reason("举升机年检");
  AsController<v1::Bay>(close);
  AsSuite<v1::CreateJobsResponse>(ARelease({ALine("1", common::SKILL_MECHANICAL)}));
  v1::CreateJobsRequest release = ARelease({ALine("1", common::SKILL_MECHANICAL)});
  release.set_wash_wanted(true);
  const v1::Job accepted = AnAcceptedJob(release);
  const auto expect = [&](const Figures& expected) {
    Expect({"workshop_bays", "workshop_open_jobs", "workshop_dispatch_queue", "workshop_jobs_paused",
            "workshop_wash_queue", "workshop_technicians_clocked_in", "workshop_technicians_working"},
           expected);
  };
  expect({{"workshop_bays{SH01,free}", 2},
          {"workshop_bays{SH01,closed}", 1},
          {"workshop_open_jobs{SH01,created}", 1},
          {"workshop_open_jobs{SH01,accepted}", 1},
          {"workshop_dispatch_queue{SH01}", 2}});

  const v1::Job job = Assigned(accepted, alice_, bay_);
  ClockOn(job, "alice");
  expect({{"workshop_bays{SH01,free}", 1},
          {"workshop_bays{SH01,occupied}", 1},
          {"workshop_bays{SH01,closed}", 1},
          {"workshop_open_jobs{SH01,created}", 1},
          {"workshop_open_jobs{SH01,in_progress}", 1},
          {"workshop_dispatch_queue{SH01}", 1},
          {"workshop_technicians_clocked_in{SH01}", 1},
          {"workshop_technicians_working{SH01}", 1}});

  Pause(job, "alice", v1::PAUSE_REASON_WAITING_FOR_PARTS);
  expect({{"workshop_bays{SH01,free}", 1},
          {"workshop_bays{SH01,occupied}", 1},
          {"workshop_bays{SH01,closed}", 1},
          {"workshop_open_jobs{SH01,created}", 1},
          {"workshop_open_jobs{SH01,paused}", 1},
          {"workshop_jobs_paused{SH01,waiting_for_parts}", 1},
          {"workshop_dispatch_queue{SH01}", 1},
          {"workshop_technicians_clocked_in{SH01}", 1}});

  WorkOff(job, "alice");
  Inspect(job);
  Must<v1::Attendance>(options::ROLE_TECHNICIAN, "alice", v1::ClockOutRequest());
  expect({{"workshop_bays{SH01,free}", 2},
          {"workshop_bays{SH01,closed}", 1},
          {"workshop_open_jobs{SH01,created}", 1},
          {"workshop_dispatch_queue{SH01}", 1},
          {"workshop_wash_queue{SH01}", 1}});
}

// Handbook: W-02, W-05.
TEST_F(FiguresRoom, CallsAJobLateAfterItsSlotOrWithoutOneAfterThePromise) {
  ManTheFloor();
  v1::CreateJobsRequest planned = ARelease({ALine("1", common::SKILL_MECHANICAL)});
  planned.set_slot_holder_id(ids_.NewId());
  Hold(MondayAt(10), planned.slot_holder_id());
  const v1::Job with_slot = AJobForAlice(planned);
  AnAcceptedJob();  // promised for 17:00
  clock_.Set(MondayAt(10, 59));
  Expect({"workshop_jobs_late"}, {});
  clock_.Set(MondayAt(11, 1));
  Expect({"workshop_jobs_late"}, {{"workshop_jobs_late{SH01}", 1}});
  clock_.Set(MondayAt(16));
  WorkOff(with_slot, "alice");
  Expect({"workshop_jobs_late"}, {});
  clock_.Set(MondayAt(17, 1));
  Expect({"workshop_jobs_late"}, {{"workshop_jobs_late{SH01}", 1}});
}

// Handbook: W-04, W-07, W-08.
TEST_F(FiguresRoom, CountsDifferencesRequestsFindingsAndDelays) {
  ManTheFloor();
  const auto expect = [&](const Figures& expected) {
    Expect({"workshop_verifications_differing", "workshop_part_requests_open", "workshop_findings_open",
            "workshop_delay_reports"},
           expected);
  };
  AJobForAlice();
  const v1::Job job = AnAcceptedJob();
  AsController<v1::Job>(Assigning(job, alice_));
  v1::VerifyVehicleRequest verify;
  verify.set_job_id(job.job_id());
  v1::CheckedFact& fact = *verify.add_facts();
  fact.set_fact("odometer 48210 km");
  fact.set_agrees(false);
  fact.set_difference("仪表显示 48310 km");
  Must<v1::Verification>(options::ROLE_TECHNICIAN, "alice", verify);
  expect({{"workshop_verifications_differing{SH01}", 1}});

  v1::RaiseFindingRequest raise;
  raise.set_job_id(job.job_id());
  raise.set_description("冷却液渗漏");
  raise.set_reason("水泵密封老化");
  raise.set_severity(v1::Finding::SEVERITY_SOON);
  raise.set_system(common::VEHICLE_SYSTEM_ENGINE);
  raise.add_operations()->set_operation_code("EN-020");
  const v1::Finding finding = Must<v1::Finding>(options::ROLE_TECHNICIAN, "alice", raise);
  v1::ReportDelayRequest delay;
  delay.set_job_id(job.job_id());
  delay.set_reason("等待配件");
  *delay.mutable_expected_time() = chassis::ToProto(MondayAt(17, 30));
  Must<v1::DelayReport>(options::ROLE_TECHNICIAN, "alice", delay);
  parts::OrderParts::Line& held = *order_parts_.add_lines();
  held.set_holder_line_id(ids_.NewId());
  held.set_part_id(ids_.NewId());
  held.set_part_number("OF-1001");
  held.set_reserved_milli(1000);
  v1::RequestPartsRequest draw;
  draw.set_job_id(job.job_id());
  draw.add_lines()->set_holder_line_id(held.holder_line_id());
  draw.mutable_lines(0)->set_quantity_milli(1000);
  Must<v1::PartRequest>(options::ROLE_TECHNICIAN, "alice", draw);
  expect({{"workshop_verifications_differing{SH01}", 1},
          {"workshop_part_requests_open{SH01}", 1},
          {"workshop_findings_open{SH01}", 1},
          {"workshop_delay_reports{SH01}", 1}});

  v1::WithdrawFindingRequest withdraw;
  withdraw.set_finding_id(finding.finding_id());
  withdraw.set_reason("复查未见渗漏");
  Must<v1::Finding>(options::ROLE_TECHNICIAN, "alice", withdraw);
  clock_.Advance(absl::Hours(24 * 31));
  expect({{"workshop_part_requests_open{SH01}", 1}});
}

// Handbook: W-09, W-11, W-17.
TEST_F(FiguresRoom, MeasuresTheQualityOfThirtyDays) {
  ManTheFloor();
  const auto expect = [&](const Figures& expected) {
    Expect({"workshop_inspection_pass_ratio", "workshop_rework_jobs", "workshop_fix_right_first_time_ratio",
            "workshop_on_time_completion_ratio", "workshop_orders_finished"},
           expected);
  };
  AFinishedJob();  // 9:50
  FoundFaultyAndMended();
  const v1::Job comeback = AFinishedJob();
  Execute(absl::StrCat("UPDATE workshop_order SET work_kind = 'COMEBACK' WHERE repair_order_id = UNHEX(REPLACE('",
                       comeback.repair_order_id(), "', '-', ''))"));
  clock_.Set(MondayAt(17, 30));
  AFinishedJob();  // promised for 17:00
  expect({{"workshop_inspection_pass_ratio{SH01,self}", 4.0 / 5},
          {"workshop_inspection_pass_ratio{SH01,leader}", 1},
          {"workshop_inspection_pass_ratio{SH01,final}", 1},
          {"workshop_rework_jobs{SH01}", 1},
          {"workshop_fix_right_first_time_ratio{SH01}", 2.0 / 4},
          {"workshop_on_time_completion_ratio{SH01}", 3.0 / 4},
          {"workshop_orders_finished{SH01}", 4}});
  clock_.Advance(absl::Hours(24 * 31));
  expect({});
}

// Handbook: W-05, W-17.
TEST_F(FiguresRoom, MeasuresTechniciansAsTheListOfTheirTimesDoes) {
  ManTheFloor();
  const auto expect = [&](const Figures& expected) {
    Expect({"workshop_technician_efficiency_ratio", "workshop_technician_productivity_ratio",
            "workshop_technician_utilisation_ratio"},
           expected);
  };
  AFinishedJob();
  Must<v1::Attendance>(options::ROLE_TEAM_LEADER, "leader", v1::ClockInRequest());  // no technician: not counted
  clock_.Advance(absl::Minutes(50));
  const Figures times = {{"workshop_technician_efficiency_ratio{SH01}", 60.0 / 50},
                         {"workshop_technician_productivity_ratio{SH01}", 50.0 / 100},
                         {"workshop_technician_utilisation_ratio{SH01}", 60.0 / 100}};
  expect(times);  // who is in counts up to now
  Must<v1::Attendance>(options::ROLE_TECHNICIAN, "alice", v1::ClockOutRequest());
  clock_.Advance(absl::Minutes(50));
  expect(times);
  ClockOn(AJobForAlice(), "alice");
  clock_.Advance(absl::Minutes(100));
  expect({{"workshop_technician_efficiency_ratio{SH01}", 60.0 / 50},
          {"workshop_technician_productivity_ratio{SH01}", 150.0 / 200},
          {"workshop_technician_utilisation_ratio{SH01}", 60.0 / 200}});
}

// Handbook: W-13, W-17.
TEST_F(FiguresRoom, AddsUpTheTimeJobsStoodStillForParts) {
  ManTheFloor();
  const v1::Job job = AJobForAlice();
  ClockOn(job, "alice");
  clock_.Advance(absl::Minutes(10));
  Pause(job, "alice", v1::PAUSE_REASON_WAITING_FOR_PARTS);
  clock_.Advance(absl::Minutes(30));
  ClockOn(job, "alice");
  clock_.Advance(absl::Minutes(10));
  Pause(job, "alice", v1::PAUSE_REASON_TECHNICAL_SUPPORT);
  Expect({"workshop_jobs_paused"}, {{"workshop_jobs_paused{SH01,technical_support}", 1}});
  clock_.Advance(absl::Minutes(20));
  ClockOn(job, "alice");
  clock_.Advance(absl::Minutes(10));
  Pause(job, "alice", v1::PAUSE_REASON_WAITING_FOR_PARTS);
  clock_.Advance(absl::Minutes(5));
  Expect({"workshop_waiting_for_parts_seconds"}, {{"workshop_waiting_for_parts_seconds{SH01}", (30 + 5) * 60}});
}

// Handbook: W-01, R-02.
TEST_F(FiguresRoom, SetsWhatIsBookedAgainstWhatTheStoreOffers) {
  ManTheFloor();
  // Monday 9:00 to Monday 9:00 with one bay, open 8:00 to 18:00: 9 + 6 * 10 + 1 hours. Three people could do more.
  Expect({"workshop_booked_ratio", "workshop_slot_holds"}, {{"workshop_booked_ratio{SH01}", 0}});
  Hold(MondayAt(10), ids_.NewId());
  Hold(MondayAt(14), ids_.NewId());
  Expect({"workshop_booked_ratio", "workshop_slot_holds"},
         {{"workshop_booked_ratio{SH01}", 2.0 / 70}, {"workshop_slot_holds{SH01}", 2}});
  for (const v1::StaffMember& member : {alice_, bob_}) LeaveOn(member, "2026-11-24");
  Expect({"workshop_booked_ratio"}, {{"workshop_booked_ratio{SH01}", 2.0 / 70}});
  v1::ListStaffMembersRequest list;
  list.set_filter("post = \"TEAM_LEADER\"");
  LeaveOn(AsController<v1::ListStaffMembersResponse>(list).staff_members(0), "2026-11-24");
  Expect({"workshop_booked_ratio"}, {{"workshop_booked_ratio{SH01}", 2.0 / 60}});
  clock_.Set(MondayAt(12));
  Expect({"workshop_slot_holds"}, {{"workshop_slot_holds{SH01}", 1}});
}

// Handbook: W-01, W-17.
TEST_F(FiguresRoom, CountsABayOccupiedOnceHoweverManyWorkOnIt) {
  ManTheFloor();
  const v1::Job first = Assigned(AnAcceptedJob(), alice_, bay_);
  const v1::Job second = Assigned(AnAcceptedJob(), bob_, bay_);
  Expect({"workshop_bay_occupancy_ratio"}, {{"workshop_bay_occupancy_ratio{SH01}", 0}});
  ClockOn(first, "alice");
  clock_.Advance(absl::Minutes(30));
  WorkOff(second, "bob", absl::Minutes(60));
  Expect({"workshop_bay_occupancy_ratio"}, {{"workshop_bay_occupancy_ratio{SH01}", 1.5 / 10}});
  Pause(first, "alice", v1::PAUSE_REASON_END_OF_SHIFT);
  clock_.Advance(absl::Hours(23));
  Expect({"workshop_bay_occupancy_ratio"}, {{"workshop_bay_occupancy_ratio{SH01}", 1.0 / 10}});
  clock_.Advance(absl::Hours(2));
  Expect({"workshop_bay_occupancy_ratio"}, {{"workshop_bay_occupancy_ratio{SH01}", 0}});
}

// Handbook: S-01.
TEST_F(FiguresRoom, WarnsOfCertificatesBeforeAndAfterTheyEnd) {
  ManTheFloor();
  const auto expect = [&](const Figures& expected) {
    Expect({"workshop_certificates_expiring", "workshop_certificates_expired"}, expected);
  };
  Certify(alice_, "HV1", "2026-11-22");  // yesterday
  Certify(alice_, "HV2", "2026-11-23");  // valid today for the last time
  Certify(alice_, "HV3", "2026-12-23");
  Certify(alice_, "HV4", "2026-12-24");
  expect({{"workshop_certificates_expiring{SH01}", 2}, {"workshop_certificates_expired{SH01}", 1}});
  v1::DeactivateStaffMemberRequest leave;
  leave.set_staff_member_id(alice_.staff_member_id());
  leave.set_reason("离职");
  AsController<v1::StaffMember>(leave);
  expect({});
}

TEST_F(FiguresRoom, KeepsStoresApart) {
  ManTheFloor();
  Certify(alice_, "HV2", "2026-12-01");
  Hold(MondayAt(16), ids_.NewId());
  FoundFaultyAndMended();
  ClockOn(Assigned(AnAcceptedJob(), bob_, bay_), "bob");
  const Figures here = Shown();
  MoveToTheOtherStore();
  const Figures there = Shown();
  ASSERT_EQ(here.size(), there.size());
  const auto elsewhere = [](std::string key) {
    char& digit = key[key.find("{SH0") + 4];
    digit = digit == '1' ? '2' : '1';
    return key;
  };
  for (const auto& [key, value] : here) {
    ASSERT_EQ(there.count(elsewhere(key)), 1u) << key;
    EXPECT_EQ(there.at(elsewhere(key)), value) << key;
  }
  // Beside it, the first store begins anew.
  ManTheFloor();
  const v1::Job job = AJobForAlice(ARelease({ALine("1", common::SKILL_MECHANICAL, 40)}));
  WorkOff(job, "alice");
  Inspect(job);
  Expect({"workshop_technician_efficiency_ratio", "workshop_fix_right_first_time_ratio", "workshop_rework_jobs"},
         {{"workshop_technician_efficiency_ratio{SH01}", 40.0 / 50},
          {"workshop_technician_efficiency_ratio{SH02}", 60.0 / 60},
          {"workshop_fix_right_first_time_ratio{SH01}", 1},
          {"workshop_fix_right_first_time_ratio{SH02}", 0},
          {"workshop_rework_jobs{SH02}", 1}});
}

// Only what a house has few of is read whole.
TEST_F(FiguresRoom, FindsItsRowsByAnIndex) {
  const std::set<std::string> small = {"bay", "staff_member", "m"};
  int explained = 0;
  const absl::Status status = pool_->Read(absl::InfiniteFuture(), [&](chassis::sql::Session& session) {
    for (const chassis::Census::Family& family : rooms_.counted) {
      if (family.sql.empty()) continue;
      std::string sql = family.sql;
      for (const char* time : {":month_ago", ":day_ago", ":now"}) {
        absl::StrReplaceAll({{time, "'2026-11-23 01:00:00'"}}, &sql);
      }
      for (const std::string& table : harness::TablesReadWhole(session, sql)) {
        EXPECT_EQ(small.count(table), 1u) << family.name << " reads all of " << table;
      }
      ++explained;
    }
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_GT(explained, 20);
}

TEST(OccupiedSeconds, CountsOverlapsOnceAndNothingOutsideTheWindow) {
  const auto at = [](int minute) { return MondayAt(9) + absl::Minutes(minute); };
  const std::vector<BayWork> works = {{"a", at(-60), at(10)},  // ten minutes of it
                                      {"a", at(5), at(20)},    // five of them counted already
                                      {"b", at(5), at(20)},    // another bay
                                      {"a", at(6), at(7)},     // within another
                                      {"b", at(50), at(90)},   // ten before the window ends
                                      {"b", at(95), at(99)}};  // after it
  EXPECT_EQ(OccupiedSeconds(works, at(0), at(60)), (20 + 15 + 10) * 60);
  EXPECT_EQ(OccupiedSeconds({}, at(0), at(60)), 0);
}

TEST(OfferedMinutes, IsWhatPeopleCanWorkWhereBaysAreMany) {
  Roster roster;
  roster.hours = EightToSix();
  roster.bays = {ABay("1", {}), ABay("2", {})};
  roster.technicians = {ATechnician("a", common::SKILL_MECHANICAL)};
  EXPECT_EQ(OfferedMinutes(roster, MondayAt(9), MondayAt(24)), 540);
  roster.technicians.push_back(ATechnician("b", common::SKILL_MECHANICAL));
  roster.technicians.push_back(ATechnician("c", common::SKILL_MECHANICAL));
  EXPECT_EQ(OfferedMinutes(roster, MondayAt(9), MondayAt(24)), 1080) << "two bays";
  roster.technicians[2].set_post(options::ROLE_SERVICE_ADVISER);
  roster.technicians[1].set_post(options::ROLE_SERVICE_ADVISER);
  EXPECT_EQ(OfferedMinutes(roster, MondayAt(9), MondayAt(24)), 540) << "advisers repair nothing";
  roster.absences.emplace("a", "2026-11-23");
  EXPECT_EQ(OfferedMinutes(roster, MondayAt(9), MondayAt(24)), 0);
  EXPECT_EQ(OfferedMinutes(roster, MondayAt(19), MondayAt(23)), 0) << "closed";
}

}  // namespace
}  // namespace workshop
