// The whole of crm-svc on a fresh schema, without a network: the test calls RPCs as whoever it likes, moves the clock,
// and writes the feed of reception-svc, which the service takes in as it would in the house. For tests only.
#pragma once

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "aftersales/crm/v1/check_in.pb.h"
#include "aftersales/crm/v1/customer.pb.h"
#include "aftersales/crm/v1/errors.pb.h"
#include "aftersales/crm/v1/follow_up.pb.h"
#include "aftersales/crm/v1/history.pb.h"
#include "aftersales/crm/v1/reminder.pb.h"
#include "aftersales/crm/v1/vehicle.pb.h"
#include "aftersales/reception/v1/events.pb.h"
#include "chassis/client/methods.h"
#include "chassis/events/intake_runner.h"
#include "chassis/host/host_for_test.h"
#include "chassis/server/formats.h"
#include "chassis/server/service.h"
#include "chassis/server/validation.h"
#include "crm-svc/crm.h"
#include "gtest/gtest.h"

namespace crm {

namespace v1 = aftersales::crm::v1;
namespace common = aftersales::common::v1;
namespace options = aftersales::options::v1;
using aftersales::reception::v1::VehicleDelivered;
using aftersales::reception::v1::VisitOpened;

inline constexpr char kShanghai[] = "01234567-89ab-7def-8123-456789abcdef";
inline constexpr char kSuzhou[] = "11234567-89ab-7def-8123-456789abcdef";
inline constexpr char kReception[] = "aftersales.reception.v1";

class CustomerCare : public testing::Test {
 protected:
  CustomerCare() {
    processes_.AttachTo(host_);
    Definition().furnish(rooms_);
    intake_runner_ = std::make_unique<chassis::IntakeRunner>(host_, intake_);
    peers_.answer = [this](std::string_view, const google::protobuf::Message& request,
                           google::protobuf::Message& response) { return ReadFeed(request, response); };
    for (const auto& [id, code] : {std::pair{kShanghai, "SH01"}, std::pair{kSuzhou, "SZ02"}}) {
      Execute(
          "INSERT INTO store (store_id, version, code, display_name, time_zone, currency_code, settings) VALUES "
          "(UNHEX(REPLACE('" +
          std::string(id) + "', '-', '')), 1, '" + code + "', '门店', 'Asia/Shanghai', 'CNY', '{}')");
    }
  }

  // Calls an RPC as a person of the store; the request id is filled in where the test leaves it empty.
  template <typename Response, typename Request>
  absl::StatusOr<Response> Send(Request request, options::Role role = options::ROLE_CUSTOMER_SERVICE_AGENT,
                                const std::string& store_id = kShanghai) {
    request.set_store_id(store_id);
    if constexpr (requires { request.set_request_id(""); }) {
      if (request.request_id().empty()) request.set_request_id(NewId());
    }
    RETURN_IF_ERROR(chassis::Validate(request));
    const auto* method = chassis::MethodTaking(Request::descriptor());
    chassis::identity::Identity identity;
    identity.subject = "li.na";
    identity.roles = {role};
    identity.store_ids = {store_id};
    chassis::Command command;
    command.store_id = store_id;
    command.actor.subject = identity.subject;
    command.method = method->name();
    if constexpr (requires { request.request_id(); }) command.request_id = request.request_id();
    command.request_digest = std::string(32, 'd');
    chassis::Call call(host_, identity, command, clock_.Now() + absl::Seconds(30), "zh-CN", "");
    Response response;
    RETURN_IF_ERROR(call.Told(rpcs_.entries().at(chassis::PathOf(method)).unary(call, request, response), response));
    return response;
  }
  template <typename Response, typename Request>
  Response Must(const Request& request, const std::string& store_id = kShanghai) {
    absl::StatusOr<Response> response = Send<Response>(request, options::ROLE_CUSTOMER_SERVICE_AGENT, store_id);
    EXPECT_TRUE(response.ok()) << response.status() << "\n" << request.ShortDebugString();
    return response.ok() ? *response : Response();
  }
  std::string NewId() { return ids_.NewId(); }

  // -- archives ----------------------------------------------------------------------------------------------------

  // A complete archive; `shares`: the group's other stores may see the history.
  v1::CreateCustomerRequest CustomerNamed(const std::string& name, const std::string& phone, bool shares = false) {
    v1::CreateCustomerRequest request;
    v1::Customer& customer = *request.mutable_customer();
    customer.set_kind(v1::Customer::KIND_PERSON);
    customer.set_name(name);
    customer.set_phone(phone);
    customer.set_address("上海市浦东新区世纪大道100号");
    customer.mutable_preferences()->set_channel(v1::Customer::CHANNEL_PHONE);
    customer.mutable_preferences()->set_contact_time("18:00-20:00");
    customer.mutable_consents()->set_group_sharing(shares);
    *customer.mutable_consents()->mutable_consent_time() = chassis::ToProto(clock_.Now());
    return request;
  }
  v1::Customer ACustomer(bool shares = false, const std::string& store_id = kShanghai) {
    return Must<v1::Customer>(CustomerNamed("王建华", "13800001000", shares), store_id);
  }
  static std::string VinOf(int serial) {
    std::string digits = std::to_string(serial);
    std::string vin = "LSVAL41Z0N5" + std::string(6 - digits.size(), '0') + digits;
    vin[8] = chassis::formats::VinCheckDigit(vin);
    return vin;
  }
  v1::CreateVehicleRequest VehicleOf(const v1::Customer& customer, int serial = 1) {
    v1::CreateVehicleRequest request;
    v1::Vehicle& vehicle = *request.mutable_vehicle();
    vehicle.set_vin(VinOf(serial));
    vehicle.set_plate("沪A" + std::to_string(10000 + serial));
    vehicle.set_plate_colour(v1::Vehicle::PLATE_COLOUR_BLUE);
    vehicle.set_model_code("A3L");
    vehicle.set_odometer_km(10'000);
    vehicle.set_customer_id(customer.customer_id());
    return request;
  }
  v1::Vehicle AVehicle(const v1::Customer& customer, int serial = 1, const std::string& store_id = kShanghai) {
    return Must<v1::Vehicle>(VehicleOf(customer, serial), store_id);
  }
  v1::Vehicle VehicleNow(const v1::Vehicle& vehicle) {
    v1::GetVehicleRequest request;
    request.set_vehicle_id(vehicle.vehicle_id());
    return Must<v1::Vehicle>(request);
  }
  v1::CheckInSummary SummaryOf(const v1::Vehicle& vehicle, const std::string& store_id = kShanghai) {
    v1::GetCheckInSummaryRequest request;
    request.set_vin(vehicle.vin());
    return Must<v1::CheckInSummary>(request, store_id);
  }

  // -- what reception tells ----------------------------------------------------------------------------------------

  VehicleDelivered DeliveryOf(const v1::Vehicle& vehicle, const std::string& number) {
    VehicleDelivered delivered;
    delivered.set_visit_id(NewId());
    delivered.set_visit_number("SH01-VIS-20261121-0001");
    delivered.set_repair_order_id(NewId());
    delivered.set_repair_order_number(number);
    delivered.set_customer_id(vehicle.customer_id());
    delivered.set_vehicle_id(vehicle.vehicle_id());
    delivered.set_odometer_km(20'000);
    *delivered.mutable_delivery_time() = chassis::ToProto(clock_.Now());
    delivered.set_work_kind(common::WORK_KIND_MAINTENANCE);
    delivered.set_adviser("adviser-sh01");
    auto& work = *delivered.add_works();
    work.set_operation_code("MNT-A");
    work.set_description("更换机油机滤");
    work.set_system(common::VEHICLE_SYSTEM_ENGINE);
    work.set_standard_minutes(36);
    auto& part = *delivered.add_parts();
    part.set_part_number("OIL-5W30");
    part.set_display_name("全合成机油");
    part.set_quantity_milli(4500);
    auto& declined = *delivered.add_declined();
    declined.set_description("更换前制动片");
    declined.set_safety_critical(true);
    declined.set_system(common::VEHICLE_SYSTEM_BRAKES);
    declined.set_offered_amount(68000);
    delivered.set_labour_amount(16800);
    delivered.set_parts_amount(44100);
    delivered.set_total_amount(68817);
    delivered.set_currency_code("CNY");
    delivered.set_next_maintenance_date("2027-05-21");
    delivered.set_next_maintenance_km(30'000);
    delivered.set_satisfaction_score(5);
    return delivered;
  }
  // Puts a fact into reception's feed.
  template <typename Fact>
  void Publish(const Fact& fact, const std::string& store_id = kShanghai) {
    common::Event& event = feed_.emplace_back();
    event.set_position(static_cast<int64_t>(feed_.size()));
    event.set_event_id(NewId());
    event.set_store_id(store_id);
    event.set_type(Fact::descriptor()->name());
    event.set_document_kind("visit");
    event.set_document_id(NewId());
    event.set_document_version(1);
    *event.mutable_occur_time() = chassis::ToProto(clock_.Now());
    event.mutable_payload()->PackFrom(fact);
    event.set_actor("adviser-sh01");
  }
  // One look at the feed; returns how many facts were taken in.
  int64_t TakeIn() {
    const auto taken = intake_runner_->TurnOnce(kReception, absl::ZeroDuration());
    EXPECT_TRUE(taken.ok()) << taken.status();
    return taken.value_or(-1);
  }
  VehicleDelivered Deliver(const v1::Vehicle& vehicle, const std::string& number,
                           const std::string& store_id = kShanghai) {
    const VehicleDelivered delivered = DeliveryOf(vehicle, number);
    Publish(delivered, store_id);
    EXPECT_EQ(TakeIn(), 1);
    return delivered;
  }

  // -- what follows ------------------------------------------------------------------------------------------------

  // The follow-ups of an order, the first one first.
  std::vector<v1::FollowUp> FollowUpsOf(const std::string& number) {
    v1::ListFollowUpsRequest list;
    list.set_filter("repair_order_number = \"" + number + "\"");
    const auto page = Must<v1::ListFollowUpsResponse>(list);
    std::vector<v1::FollowUp> both(page.follow_ups().begin(), page.follow_ups().end());
    std::sort(both.begin(), both.end(), [](const auto& a, const auto& b) { return a.sequence() < b.sequence(); });
    return both;
  }
  v1::RecordFollowUpAttemptRequest Attempt(const v1::FollowUp& follow_up, v1::FollowUpAttempt::Result result,
                                           int score = 0) {
    v1::RecordFollowUpAttemptRequest request;
    request.set_follow_up_id(follow_up.follow_up_id());
    request.set_channel(v1::FollowUpAttempt::CHANNEL_PHONE);
    request.set_result(result);
    request.set_satisfaction_score(score);
    return request;
  }
  std::vector<v1::Reminder> RemindersOf(const v1::Vehicle& vehicle) {
    v1::ListRemindersRequest list;
    list.set_filter("vehicle_id = \"" + vehicle.vehicle_id() + "\"");
    const auto page = Must<v1::ListRemindersResponse>(list);
    return {page.reminders().begin(), page.reminders().end()};
  }
  int64_t Duties(const std::string& kind, const std::string& state, const std::string& subject_id = "") {
    std::string where = "duty WHERE kind = '" + kind + "' AND state = '" + state + "'";
    if (!subject_id.empty()) where += " AND subject_id = UNHEX(REPLACE('" + subject_id + "', '-', ''))";
    return Count(where);
  }
  absl::Time DueOf(const std::string& kind, const std::string& subject_id) {
    absl::Time due = absl::InfinitePast();
    const absl::Status status =
        pool_->Read(absl::InfiniteFuture(), [&](chassis::sql::Session& session) -> absl::Status {
          ASSIGN_OR_RETURN(const auto rows, session.Query("SELECT due_time FROM duty WHERE kind = ? AND subject_id = ? "
                                                          "AND state = 'OPEN'",
                                                          kind, chassis::sql::Uuid{subject_id}));
          if (rows.size() == 1) due = rows[0].Time("due_time");
          return absl::OkStatus();
        });
    EXPECT_TRUE(status.ok()) << status;
    return due;
  }

  int64_t Execute(const std::string& sql) {
    int64_t changed = 0;
    const absl::Status status =
        pool_->Read(absl::InfiniteFuture(), [&](chassis::sql::Session& session) -> absl::Status {
          ASSIGN_OR_RETURN(changed, session.Execute(sql));
          return absl::OkStatus();
        });
    EXPECT_TRUE(status.ok()) << status;
    return changed;
  }
  int64_t Count(const std::string& from) {
    int64_t count = -1;
    const absl::Status status =
        pool_->Read(absl::InfiniteFuture(), [&](chassis::sql::Session& session) -> absl::Status {
          ASSIGN_OR_RETURN(const auto rows, session.Query("SELECT COUNT(*) AS n FROM " + from));
          count = rows[0].Int("n");
          return absl::OkStatus();
        });
    EXPECT_TRUE(status.ok()) << status;
    return count;
  }
  int64_t Events(const std::string& type) { return Count("outbox WHERE type = '" + type + "'"); }

  absl::Status ReadFeed(const google::protobuf::Message& request, google::protobuf::Message& response) {
    const auto* read = dynamic_cast<const common::ReadEventsRequest*>(&request);
    if (read == nullptr) return absl::UnimplementedError(request.GetDescriptor()->full_name());
    auto& page = static_cast<common::ReadEventsResponse&>(response);
    const std::set<std::string> types(read->types().begin(), read->types().end());
    for (const common::Event& event : feed_) {
      if (event.position() > read->after_position() && types.count(event.type()) > 0) *page.add_events() = event;
    }
    page.set_position(static_cast<int64_t>(feed_.size()));
    return absl::OkStatus();
  }

  std::unique_ptr<harness::Schema> schema_ = harness::FreshSchema("crm");
  chassis::ManualClock clock_{absl::FromUnixSeconds(1795222800)};  // 2026-11-21 09:00 in Shanghai
  chassis::CountingIds ids_;
  chassis::SystemSleeper sleeper_;
  std::unique_ptr<chassis::privacy::Cipher> cipher_ = chassis::privacy::CipherForTest();
  chassis::telemetry::Metrics metrics_;
  std::unique_ptr<chassis::sql::Pool> pool_ = chassis::sql::MakePool(schema_->endpoint(), {}, clock_, sleeper_);
  chassis::PeersForTest peers_;
  std::unique_ptr<chassis::Stores> stores_ = chassis::MakeStores(*pool_, *cipher_, clock_, nullptr);
  chassis::NumbersForTest numbers_;
  chassis::ChangeFeed change_feed_{*pool_, clock_, metrics_};
  chassis::ProcessDriver processes_;
  chassis::Host host_{chassis::Host::Parts{.service_name = "crm-svc",
                                           .package = "aftersales.crm.v1",
                                           .clock = &clock_,
                                           .ids = &ids_,
                                           .sleeper = &sleeper_,
                                           .pool = pool_.get(),
                                           .cipher = cipher_.get(),
                                           .numbers = &numbers_,
                                           .stores = stores_.get(),
                                           .peers = &peers_,
                                           .processes = &processes_,
                                           .feed = &change_feed_,
                                           .metrics = &metrics_}};
  chassis::Rpcs rpcs_{"aftersales.crm.v1"};
  chassis::EventIntake intake_;
  chassis::Rooms rooms_{host_, rpcs_, intake_};
  std::unique_ptr<chassis::IntakeRunner> intake_runner_;
  std::vector<common::Event> feed_;  // reception's
};

}  // namespace crm
