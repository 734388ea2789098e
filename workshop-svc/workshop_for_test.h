// workshop-svc in a test: its rooms on a fresh schema with two stores, called through the handlers they registered,
// with a clock the test holds in its hand; and people, bays and orders in the words of the trade. For tests only.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/ascii.h"
#include "aftersales/parts/v1/events.pb.h"
#include "aftersales/parts/v1/order_parts.pb.h"
#include "aftersales/workshop/v1/bay.pb.h"
#include "aftersales/workshop/v1/clock.pb.h"
#include "aftersales/workshop/v1/dispatch.pb.h"
#include "aftersales/workshop/v1/errors.pb.h"
#include "aftersales/workshop/v1/finding.pb.h"
#include "aftersales/workshop/v1/inspection.pb.h"
#include "aftersales/workshop/v1/order_intake.pb.h"
#include "aftersales/workshop/v1/repair_plan.pb.h"
#include "aftersales/workshop/v1/schedule.pb.h"
#include "aftersales/workshop/v1/staff.pb.h"
#include "aftersales/workshop/v1/team.pb.h"
#include "aftersales/workshop/v1/verification.pb.h"
#include "aftersales/workshop/v1/wash.pb.h"
#include "chassis/host/host_for_test.h"
#include "chassis/numbers/numbers.h"
#include "chassis/server/service.h"
#include "chassis/server/validation.h"
#include "gtest/gtest.h"
#include "workshop-svc/examples_for_test.h"
#include "workshop-svc/workshop.h"

namespace workshop {

namespace parts = aftersales::parts::v1;

inline const std::string kHome = "11111111-1111-7111-8111-111111111111";
inline const std::string kOther = "22222222-2222-7222-8222-222222222222";

class WorkshopFloor : public testing::Test {
 protected:
  WorkshopFloor() {
    processes_.AttachTo(host_);
    peers_.answer = [this](std::string_view, const google::protobuf::Message&, google::protobuf::Message& response) {
      response.CopyFrom(order_parts_);
      return absl::OkStatus();
    };
    Definition().furnish(rooms_);
    OpenStore(kHome, "SH01");
    OpenStore(kOther, "SH02");
  }

  // Calls an RPC as `subject` with one post; store and request id are filled in where the test leaves them empty.
  template <typename Response, typename Request>
  absl::StatusOr<Response> Send(options::Role role, const std::string& subject, Request request) {
    Fill(request, "store_id", kHome);
    Fill(request, "request_id", ids_.NewId());
    RETURN_IF_ERROR(chassis::Validate(request));
    chassis::identity::Identity identity;
    identity.subject = subject;
    identity.roles = {role};
    identity.store_ids = {Text(request, "store_id")};
    const chassis::Rpcs::Entry& entry = EntryOf(Request::descriptor());
    const chassis::Command command{.store_id = Text(request, "store_id"),
                                   .actor = {.subject = subject, .on_behalf_of = "", .client = "test"},
                                   .method = entry.method->full_name(),
                                   .request_id = Text(request, "request_id"),
                                   .request_digest = std::string(32, 'd')};
    chassis::Call call(host_, identity, command, host_.clock().Now() + absl::Seconds(60), "en", "");
    Response response;
    RETURN_IF_ERROR(call.Told(entry.unary(call, request, response), response));
    return response;
  }
  template <typename Response, typename Request>
  Response Must(options::Role role, const std::string& subject, const Request& request) {
    absl::StatusOr<Response> response = Send<Response>(role, subject, request);
    EXPECT_TRUE(response.ok()) << Request::descriptor()->name() << ": " << response.status();
    return response.ok() ? *response : Response();
  }
  template <typename Response, typename Request>
  Response AsController(const Request& request) {
    return Must<Response>(options::ROLE_WORKSHOP_CONTROLLER, "controller", request);
  }
  template <typename Response, typename Request>
  Response AsSuite(const Request& request) {
    return Must<Response>(options::ROLE_SUITE_SERVICE, "service:reception-svc", request);
  }

  std::string ATeamOf(const std::string& name, const std::string& store_id = kHome) {
    v1::CreateTeamRequest request;
    request.set_store_id(store_id);
    request.mutable_team()->set_display_name(name);
    request.mutable_team()->set_kind(v1::Team::KIND_MECHANICAL);
    return AsController<v1::Team>(request).team_id();
  }
  // `subject` doubles as staff number, in capitals.
  v1::StaffMember Employ(const std::string& subject, options::Role post, const std::string& team_id,
                         std::vector<common::Skill> skills, int grade = 3) {
    v1::CreateStaffMemberRequest request;
    v1::StaffMember& member = *request.mutable_staff_member();
    member.set_staff_number(absl::AsciiStrToUpper(subject));
    member.set_name("李四");
    member.set_subject(subject);
    member.set_post(post);
    member.set_team_id(team_id);
    for (const common::Skill skill : skills) {
      v1::StaffSkill& held = *member.add_skills();
      held.set_skill(skill);
      held.set_grade(grade);
    }
    return AsController<v1::StaffMember>(request);
  }
  void LetLead(const std::string& team_id, const v1::StaffMember& leader) {
    v1::GetTeamRequest get;
    get.set_team_id(team_id);
    v1::UpdateTeamRequest request;
    *request.mutable_team() = AsController<v1::Team>(get);
    request.mutable_team()->set_leader_id(leader.staff_member_id());
    request.mutable_update_mask()->add_paths("leader_id");
    AsController<v1::Team>(request);
  }
  v1::Bay OpenABay(const std::string& name, std::vector<common::Skill> skills) {
    v1::CreateBayRequest request;
    request.mutable_bay()->set_display_name(name);
    request.mutable_bay()->set_kind(v1::Bay::KIND_LIFT);
    for (const common::Skill skill : skills) request.mutable_bay()->add_skills(skill);
    return AsController<v1::Bay>(request);
  }
  // A team of one leader ("leader") and two technicians ("alice", "bob"), mechanical, and a lift.
  void ManTheFloor() {
    team_id_ = ATeamOf("机修一组");
    LetLead(team_id_, Employ("leader", options::ROLE_TEAM_LEADER, team_id_, {common::SKILL_MECHANICAL}, 5));
    alice_ = Employ("alice", options::ROLE_TECHNICIAN, team_id_, {common::SKILL_MECHANICAL}, 4);
    bob_ = Employ("bob", options::ROLE_TECHNICIAN, team_id_, {common::SKILL_MECHANICAL}, 4);
    bay_ = OpenABay("举升 1", {common::SKILL_MECHANICAL});
  }

  v1::CreateJobsRequest ARelease(std::vector<v1::OrderLine> lines) {
    v1::CreateJobsRequest request;
    request.set_repair_order_id(ids_.NewId());
    request.set_repair_order_number("SH01-RO-20261123-0001");
    request.set_visit_id(ids_.NewId());
    request.set_plate("沪A12345");
    request.set_vin("LSVAL41Z882104202");
    request.set_work_kind(common::WORK_KIND_GENERAL_REPAIR);
    request.set_adviser("adviser");
    *request.mutable_promised_time() = chassis::ToProto(MondayAt(17));
    request.add_check_in_facts("odometer 48210 km");
    for (v1::OrderLine& line : lines) {
      line.set_line_id(ids_.NewId());
      *request.add_lines() = line;
    }
    return request;
  }
  v1::Job JobOf(const std::string& job_id) {
    v1::GetJobRequest request;
    request.set_job_id(job_id);
    return AsController<v1::Job>(request);
  }
  v1::OrderProgress ProgressOfOrder(const std::string& repair_order_id) {
    v1::GetOrderProgressRequest request;
    request.set_repair_order_id(repair_order_id);
    return AsSuite<v1::OrderProgress>(request);
  }
  // Released and accepted; one mechanical job.
  v1::Job AnAcceptedJob(v1::CreateJobsRequest release) {
    const auto created = AsSuite<v1::CreateJobsResponse>(release);
    v1::AcceptJobsRequest accept;
    accept.set_repair_order_id(release.repair_order_id());
    AsController<v1::AcceptJobsResponse>(accept);
    return JobOf(created.jobs(0).job_id());
  }
  v1::Job AnAcceptedJob() { return AnAcceptedJob(ARelease({ALine("1", common::SKILL_MECHANICAL)})); }
  v1::AssignJobRequest Assigning(const v1::Job& job, const v1::StaffMember& to) {
    v1::AssignJobRequest request;
    request.set_job_id(job.job_id());
    request.set_staff_member_id(to.staff_member_id());
    request.set_override_reason("熟悉该车型");
    return request;
  }
  void Verify(const v1::Job& job, const std::string& subject) {
    v1::VerifyVehicleRequest request;
    request.set_job_id(job.job_id());
    v1::CheckedFact& fact = *request.add_facts();
    fact.set_fact("odometer 48210 km");
    fact.set_agrees(true);
    Must<v1::Verification>(options::ROLE_TECHNICIAN, subject, request);
  }
  v1::Job ClockOn(const v1::Job& job, const std::string& subject) {
    v1::ClockOnRequest request;
    request.set_job_id(job.job_id());
    return Must<v1::Job>(options::ROLE_TECHNICIAN, subject, request);
  }
  // Works the job to its end: every line done, clock stopped.
  v1::Job WorkOff(const v1::Job& job, const std::string& subject, absl::Duration time = absl::Minutes(50)) {
    ClockOn(job, subject);
    clock_.Advance(time);
    v1::ClockOffRequest request;
    request.set_job_id(job.job_id());
    const v1::Job now = JobOf(job.job_id());
    for (const v1::JobLine& line : now.lines()) request.add_done_line_ids(line.line_id());
    return Must<v1::Job>(options::ROLE_TECHNICIAN, subject, request);
  }
  // A job in alice's hands, verified and ready to begin.
  v1::Job AJobForAlice(v1::CreateJobsRequest release) {
    const v1::Job job = AnAcceptedJob(std::move(release));
    AsController<v1::Job>(Assigning(job, alice_));
    Verify(job, "alice");
    return JobOf(job.job_id());
  }
  v1::Job AJobForAlice() { return AJobForAlice(ARelease({ALine("1", common::SKILL_MECHANICAL)})); }

  template <typename Request>
  void TickAll(Request& request, v1::InspectionLevel level) {
    for (const v1::ChecklistItem& item : DefaultChecklistItems(level)) {
      v1::CheckedItem& checked = *request.add_items();
      checked.set_code(item.code());
      checked.set_result(v1::CheckedItem::RESULT_PASSED);
    }
  }
  std::vector<v1::ChecklistItem> DefaultChecklistItems(v1::InspectionLevel level) {
    v1::FindChecklistRequest request;
    request.set_work_kind(common::WORK_KIND_GENERAL_REPAIR);
    request.set_level(level);
    const v1::Checklist checklist = AsController<v1::Checklist>(request);
    return {checklist.items().begin(), checklist.items().end()};
  }
  v1::RecordSelfCheckRequest SelfCheckOf(const v1::Job& job) {
    v1::RecordSelfCheckRequest request;
    request.set_job_id(job.job_id());
    TickAll(request, v1::INSPECTION_LEVEL_SELF);
    return request;
  }
  v1::RecordLeaderCheckRequest LeaderCheckOf(const v1::Job& job) {
    v1::RecordLeaderCheckRequest request;
    request.set_job_id(job.job_id());
    TickAll(request, v1::INSPECTION_LEVEL_LEADER);
    request.add_suggestions("下次保养更换制动液");
    request.add_cautions("新制动片磨合期请勿急刹");
    common::Signature& signature = *request.mutable_signature();
    signature.set_signer_name("王组长");
    signature.set_signer_role(common::Signature::SIGNER_ROLE_TEAM_LEADER);
    signature.set_method(common::Signature::AUTHORIZATION_METHOD_IN_PERSON_DIGITAL_SIGNATURE);
    signature.set_evidence("pad:1");
    return request;
  }
  v1::RecordFinalInspectionRequest FinalInspectionOf(const v1::Job& job) {
    v1::RecordFinalInspectionRequest request;
    request.set_repair_order_id(job.repair_order_id());
    TickAll(request, v1::INSPECTION_LEVEL_FINAL);
    return request;
  }
  void PassTwoLevels(const v1::Job& job) {
    Must<v1::Inspection>(options::ROLE_TECHNICIAN, "alice", SelfCheckOf(job));
    Must<v1::Inspection>(options::ROLE_TEAM_LEADER, "leader", LeaderCheckOf(job));
  }

  // An event of another service arrives.
  void TakeIn(const google::protobuf::Message& fact) {
    common::Event event;
    event.set_store_id(kHome);
    event.mutable_payload()->PackFrom(fact);
    const auto entries = intake_.entries().find(fact.GetDescriptor()->full_name());
    ASSERT_NE(entries, intake_.entries().end());
    const absl::Status status =
        host_.CommitInBackground(kHome, "Test/TakeIn", [&](chassis::UnitOfWork& work) -> absl::Status {
          for (const auto& entry : entries->second) RETURN_IF_ERROR(entry.handler(work, event));
          return absl::OkStatus();
        });
    EXPECT_TRUE(status.ok()) << status;
  }

  int64_t Count(const std::string& from_where) {
    int64_t count = -1;
    const absl::Status status =
        pool_->Read(absl::InfiniteFuture(), [&](chassis::sql::Session& session) -> absl::Status {
          auto rows = session.QueryValues("SELECT COUNT(*) AS n FROM " + from_where, {});
          if (rows.ok()) count = (*rows)[0].Int("n");
          return rows.status();
        });
    EXPECT_TRUE(status.ok()) << status;
    return count;
  }
  void Execute(const std::string& sql) {
    const absl::Status status = pool_->Transact(absl::InfiniteFuture(), [&](chassis::sql::Session& session) {
      return session.ExecuteValues(sql, {}).status();
    });
    EXPECT_TRUE(status.ok()) << status;
  }
  // What `verify` finds wrong in the rooms' ledgers.
  std::vector<std::string> Differences() {
    std::vector<std::string> differences;
    const absl::Status status =
        pool_->Read(absl::InfiniteFuture(), [&](chassis::sql::Session& session) -> absl::Status {
          for (const auto& [name, check] : rooms_.checks) {
            ASSIGN_OR_RETURN(const common::LedgerCheck found, check(session, kHome));
            for (const std::string& difference : found.differences()) differences.push_back(name + ": " + difference);
          }
          return absl::OkStatus();
        });
    EXPECT_TRUE(status.ok()) << status;
    return differences;
  }
  static const chassis::Rpcs::Entry& EntryOf(const chassis::Rpcs& rpcs, const google::protobuf::Descriptor* request) {
    for (const auto& [path, entry] : rpcs.entries()) {
      if (entry.method->input_type() == request) return entry;
    }
    ADD_FAILURE() << "nobody answers " << request->full_name();
    std::abort();
  }
  const chassis::Rpcs::Entry& EntryOf(const google::protobuf::Descriptor* request) { return EntryOf(rpcs_, request); }

  std::unique_ptr<harness::Schema> schema_ = harness::FreshSchema("workshop");
  chassis::ManualClock clock_{MondayAt(9)};
  chassis::SystemSleeper sleeper_;
  chassis::RandomIds ids_{clock_};
  std::unique_ptr<chassis::privacy::Cipher> cipher_ = chassis::privacy::CipherForTest();
  chassis::telemetry::Metrics metrics_;
  std::unique_ptr<chassis::sql::Pool> pool_ = chassis::sql::MakePool(schema_->endpoint(), {}, clock_, sleeper_);
  parts::OrderParts order_parts_;  // what parts-svc answers
  chassis::PeersForTest peers_;
  std::unique_ptr<chassis::Stores> stores_ = chassis::MakeStores(*pool_, *cipher_, clock_, nullptr);
  std::unique_ptr<chassis::Numbers> numbers_ = chassis::MakeNumbers(
      *pool_, clock_, [this](const std::string& id, absl::Time deadline) { return stores_->Get(id, deadline); });
  chassis::ChangeFeed feed_{*pool_, clock_, metrics_};
  chassis::ProcessDriver processes_;
  chassis::Host host_{chassis::Host::Parts{.service_name = "workshop-svc",
                                           .package = "aftersales.workshop.v1",
                                           .clock = &clock_,
                                           .ids = &ids_,
                                           .sleeper = &sleeper_,
                                           .pool = pool_.get(),
                                           .cipher = cipher_.get(),
                                           .numbers = numbers_.get(),
                                           .stores = stores_.get(),
                                           .peers = &peers_,
                                           .processes = &processes_,
                                           .feed = &feed_,
                                           .metrics = &metrics_}};
  chassis::EventIntake intake_;
  chassis::Rpcs rpcs_{"aftersales.workshop.v1"};
  chassis::Rooms rooms_{host_, rpcs_, intake_};

  std::string team_id_;
  v1::StaffMember alice_;
  v1::StaffMember bob_;
  v1::Bay bay_;

 private:
  static std::string Text(const google::protobuf::Message& message, const char* name) {
    const auto* field = message.GetDescriptor()->FindFieldByName(name);
    return field == nullptr ? "" : message.GetReflection()->GetString(message, field);
  }
  static void Fill(google::protobuf::Message& message, const char* name, const std::string& value) {
    const auto* field = message.GetDescriptor()->FindFieldByName(name);
    if (field == nullptr || !message.GetReflection()->GetString(message, field).empty()) return;
    message.GetReflection()->SetString(&message, field, value);
  }
  void OpenStore(const std::string& store_id, const std::string& code) {
    Execute(
        "INSERT INTO store (store_id, version, code, display_name, time_zone, currency_code, settings) VALUES "
        "(UNHEX(REPLACE('" +
        store_id + "', '-', '')), 1, '" + code + "', '" + code + "', 'Asia/Shanghai', 'CNY', '{}')");
  }
};

}  // namespace workshop
