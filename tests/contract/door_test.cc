// What a client may rely on at the door: races have one winner, a repeat has one effect, limits answer clearly and
// pass, refusals speak the caller's language, and personal data shows only to whom it must. Real processes, through the
// gateway.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <latch>
#include <map>
#include <set>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/notification.h"
#include "aftersales/common/v1/audit.pb.h"
#include "aftersales/common/v1/errors.pb.h"
#include "aftersales/crm/v1/customer.pb.h"
#include "aftersales/crm/v1/errors.pb.h"
#include "aftersales/crm/v1/vehicle.pb.h"
#include "aftersales/parts/v1/catalogue.pb.h"
#include "aftersales/parts/v1/errors.pb.h"
#include "aftersales/parts/v1/ledger.pb.h"
#include "aftersales/parts/v1/location.pb.h"
#include "aftersales/parts/v1/reservation.pb.h"
#include "aftersales/reception/v1/appointment.pb.h"
#include "aftersales/reception/v1/board.pb.h"
#include "aftersales/workshop/v1/errors.pb.h"
#include "aftersales/workshop/v1/schedule.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/error_info.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/impl/client_unary_call.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/impl/rpc_method.h"
#include "tests/demo/opening.h"
#include "tests/demo/quick_order.h"
#include "tests/demo/suite_stage.h"
#include "tests/harness/processes.h"
#include "tests/harness/suite.h"

namespace {

namespace common = aftersales::common::v1;
namespace crm = aftersales::crm::v1;
namespace options = aftersales::options::v1;
namespace parts = aftersales::parts::v1;
namespace reception = aftersales::reception::v1;
namespace workshop = aftersales::workshop::v1;
using chassis::IsRefusal;
using google::protobuf::Message;

constexpr absl::Duration kPatience = absl::Seconds(30);

// All callers stand at the door before the first goes in.
void AtOnce(int count, const std::function<void(int)>& call) {
  std::latch together(count);
  std::vector<std::thread> callers;
  for (int caller = 0; caller < count; ++caller) {
    callers.emplace_back([&, caller] {
      together.arrive_and_wait();
      call(caller);
    });
  }
  for (std::thread& caller : callers) caller.join();
}

std::string Hex(const std::string& id) { return "0x" + absl::StrReplaceAll(id, {{"-", ""}}); }

// One suite for all tests of this file. Each test has customers, parts and times of its own.
class Door : public ::testing::Test {
 protected:
  struct Scene {
    Scene()
        : time(suite),
          stage(suite.door(), suite.issuer(), time, narrator),
          store(demo::OpenStores(stage, harness::SourceDirectory() + "/tests/data").at("SH01")) {}
    harness::Suite suite;
    demo::SuiteTime time;
    demo::Quiet narrator;
    demo::Stage stage;
    common::Store store;
    int serial = 700'000;
  };
  static void SetUpTestSuite() {
    try {
      scene_ = std::make_unique<Scene>();
    } catch (const demo::StepFailed& failed) {
      failure_ = failed.what();
    }
  }
  static void TearDownTestSuite() { scene_.reset(); }
  void SetUp() override { ASSERT_TRUE(scene_) << failure_; }

  harness::Suite& suite() { return scene_->suite; }
  demo::Stage& stage() { return scene_->stage; }
  demo::Cast cast() { return demo::Cast(scene_->store); }
  const std::string& store_id() { return scene_->store.store_id(); }
  std::string NewId() { return ids_.NewId(); }

  template <typename Request>
  Request ForStore() {
    Request request;
    request.set_store_id(store_id());
    if constexpr (requires { request.set_request_id(""); }) request.set_request_id(NewId());
    return request;
  }
  chassis::CallOptions As(options::Role role, const std::string& subject, const std::string& language = "en") {
    return {.timeout = kPatience,
            .token = suite().issuer().Issue({.subject = subject,
                                             .roles = {chassis::identity::RoleName(role)},
                                             .stores = {store_id()},
                                             .issue_time = absl::Now()}),
            .language = language};
  }

  chassis::sql::Rows Ask(const std::string& service, const std::string& statement) {
    chassis::sql::Rows rows;
    const absl::Status read =
        suite().Database(service).Read(absl::Now() + kPatience, [&](chassis::sql::Session& session) {
          auto found = session.Query(statement);
          if (found.ok()) rows = *std::move(found);
          return found.status();
        });
    EXPECT_TRUE(read.ok()) << read << " in " << statement;
    return rows;
  }
  int64_t Count(const std::string& service, const std::string& from) {
    const auto rows = Ask(service, "SELECT COUNT(*) AS n FROM " + from);
    return rows.empty() ? -1 : rows[0].Int("n");
  }
  // Sum of a metric over all label sets that hold every one of `labels`, such as grpc_method="Get".
  double Metric(const std::string& process, const std::string& name, const std::vector<std::string>& labels) {
    double sum = 0;
    for (const absl::string_view line : absl::StrSplit(suite().MetricsOf(process), '\n')) {
      if (!absl::StartsWith(line, name + "{") && !absl::StartsWith(line, name + " ")) continue;
      bool fits = true;
      for (const std::string& label : labels) fits = fits && absl::StrContains(line, label);
      double value = 0;
      if (fits && absl::SimpleAtod(line.substr(line.rfind(' ') + 1), &value)) sum += value;
    }
    return sum;
  }
  // Counters move when a call has ended on the server, which its client may know a moment earlier.
  void ExpectMetric(const std::string& process, const std::string& name, const std::vector<std::string>& labels,
                    double at_least) {
    double value = 0;
    for (int look = 0; look < 200; ++look) {
      value = Metric(process, name, labels);
      if (value >= at_least) return;
      harness::WaitFor(absl::Milliseconds(50));
    }
    ADD_FAILURE() << process << " counts " << value << " " << name << " " << labels.front() << ", not " << at_least;
  }
  void ExpectFailed(const std::string& process, const std::string& method, double at_least) {
    const std::string label = "grpc_method=\"" + method + "\"";
    double failed = 0;
    for (int look = 0; look < 200 && failed < at_least; ++look) {
      failed = Metric(process, "grpc_server_handled_total", {label}) -
               Metric(process, "grpc_server_handled_total", {label, "grpc_code=\"OK\""});
      if (failed < at_least) harness::WaitFor(absl::Milliseconds(50));
    }
    EXPECT_GE(failed, at_least) << process << " counts too few failures of " << method;
  }
  void ExpectBooksAgree(const std::string& service) {
    common::VerifyLedgersRequest request;
    request.set_store_id(store_id());
    const auto verified = stage().DoNamed<common::VerifyLedgersResponse>(
        cast().service_manager, service + ".AuditService/VerifyLedgers", request);
    EXPECT_GT(verified.checks_size(), 2);
    for (const auto& check : verified.checks()) {
      EXPECT_EQ(check.difference_count(), 0) << service << " " << check.name() << ": " << check.DebugString();
    }
  }

  // An answer as it stands on the wire.
  struct Wire {
    grpc::StatusCode code;
    google::rpc::ErrorInfo info;
    google::rpc::LocalizedMessage text;
    google::rpc::BadRequest bad;
    google::rpc::PreconditionFailure failure;
    int details = 0;
  };
  Wire RefusedOnTheWire(const chassis::CallOptions& caller, const Message& request) {
    const auto* method = chassis::MethodTaking(request.GetDescriptor());
    const std::string path = chassis::PathOf(method);
    const auto channel =
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", suite().PortOf("gateway")), grpc::InsecureChannelCredentials());
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
    context.AddMetadata("authorization", "Bearer " + caller.token);
    context.AddMetadata("accept-language", caller.language);
    const std::unique_ptr<Message> response(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(method->output_type())->New());
    const grpc::internal::RpcMethod rpc(path.c_str(), grpc::internal::RpcMethod::NORMAL_RPC);
    const grpc::Status status = grpc::internal::BlockingUnaryCall<Message, Message, google::protobuf::MessageLite,
                                                                  google::protobuf::MessageLite>(
        channel.get(), rpc, &context, request, response.get());
    Wire wire;
    wire.code = status.error_code();
    google::rpc::Status details;
    EXPECT_TRUE(details.ParseFromString(status.error_details())) << status.error_message();
    EXPECT_EQ(details.code(), static_cast<int>(status.error_code()));
    for (const auto& any : details.details()) {
      any.UnpackTo(&wire.info) || any.UnpackTo(&wire.text) || any.UnpackTo(&wire.bad) || any.UnpackTo(&wire.failure);
      ++wire.details;
    }
    return wire;
  }

  // -- what the tests need -----------------------------------------------------------------------------------------

  crm::CreateCustomerRequest CustomerNamed(const std::string& name, const std::string& phone) {
    auto request = ForStore<crm::CreateCustomerRequest>();
    request.mutable_customer()->set_kind(crm::Customer::KIND_PERSON);
    request.mutable_customer()->set_name(name);
    request.mutable_customer()->set_phone(phone);
    request.mutable_customer()->set_address("上海市浦东新区世纪大道888号");
    return request;
  }
  crm::Vehicle AVehicle() {
    demo::QuickOrder orders(stage(), scene_->store);
    const int serial = ++scene_->serial;
    return orders.Vehicle(orders.Customer(absl::StrCat("13900", serial)), serial);
  }
  // The first free hour of the high-voltage bay, `days` days ahead.
  workshop::Slot AFreeSlot(int days) {
    auto search = ForStore<workshop::SearchSlotsRequest>();
    search.set_skill(common::SKILL_HIGH_VOLTAGE);
    search.set_duration_minutes(60);
    *search.mutable_earliest_time() = chassis::ToProto(stage().Now() + absl::Hours(24 * days));
    *search.mutable_latest_time() = chassis::ToProto(stage().Now() + absl::Hours(24 * (days + 1)));
    const auto found = stage().Do<workshop::SearchSlotsResponse>(cast().adviser, search);
    if (found.slots().empty()) throw demo::StepFailed("no free slot");
    return found.slots(0);
  }
  reception::BookAppointmentRequest Booking(const workshop::Slot& slot, int caller) {
    auto request = ForStore<reception::BookAppointmentRequest>();
    request.set_source(reception::Appointment::SOURCE_PHONE);
    request.set_plate(absl::StrCat("沪B", 70'000 + caller));
    request.set_model_code("A3L");
    request.set_contact_name("客户");
    request.set_contact_phone("13900007000");
    request.add_operation_codes("DIA-HV");
    request.set_bay_id(slot.bay_id());
    *request.mutable_start_time() = slot.start_time();
    return request;
  }
  // Ten pieces of a part nobody else wants.
  parts::Part TenPieces(const std::string& number) {
    auto create = ForStore<parts::CreatePartRequest>();
    create.mutable_part()->set_part_number(number);
    create.mutable_part()->set_name_zh("火花塞");
    create.mutable_part()->set_name_en("Spark plug");
    create.mutable_part()->set_brand("原厂");
    create.mutable_part()->set_unit(parts::Part::UNIT_PIECE);
    const auto part = stage().Do<parts::Part>(cast().parts_manager, create);
    auto locations = ForStore<parts::ListLocationsRequest>();
    locations.set_filter("kind = \"STOCK\"");
    const auto bins = stage().Do<parts::ListLocationsResponse>(cast().parts_manager, locations);
    auto receive = ForStore<parts::ReceiveStockRequest>();
    receive.set_source(parts::ReceiveStockRequest::SOURCE_SUPPLIER);
    receive.set_reference("到货 " + number);
    auto& line = *receive.add_lines();
    line.set_part_id(part.part_id());
    line.set_location_id(bins.locations(0).location_id());
    line.set_quantity_milli(10'000);
    line.set_cost_amount(25'000);
    stage().Do<parts::StockDocument>(cast().parts_manager, receive);
    return part;
  }
  parts::CreateReservationRequest OnePiece(const parts::Part& part) {
    auto request = ForStore<parts::CreateReservationRequest>();
    request.set_holder_kind(parts::Reservation::HOLDER_KIND_SALES_ORDER);
    request.set_holder_id(NewId());
    auto& line = *request.add_lines();
    line.set_holder_line_id(NewId());
    line.set_part_id(part.part_id());
    line.set_quantity_milli(1000);
    return request;
  }

  chassis::SystemClock clock_;
  chassis::RandomIds ids_{clock_};
  static std::unique_ptr<Scene> scene_;
  static std::string failure_;
};
std::unique_ptr<Door::Scene> Door::scene_;
std::string Door::failure_;

// -- races -----------------------------------------------------------------------------------------------------------

// Handbook: R-02, W-01
TEST_F(Door, GivesTheLastSlotToOneOfSixtyFour) {
  constexpr int kCallers = 64;
  const workshop::Slot slot = AFreeSlot(2);
  std::vector<reception::BookAppointmentRequest> requests;
  std::vector<chassis::CallOptions> callers;
  for (int i = 0; i < kCallers; ++i) {
    requests.push_back(Booking(slot, i));
    callers.push_back(As(options::ROLE_SERVICE_ADVISER, absl::StrCat("adviser-", i)));
  }
  std::vector<absl::StatusOr<reception::Appointment>> answers(kCallers, absl::UnknownError("never asked"));
  AtOnce(kCallers, [&](int i) { answers[i] = suite().door().Call<reception::Appointment>(callers[i], requests[i]); });

  std::string winner;
  for (const auto& answer : answers) {
    if (answer.ok()) {
      EXPECT_EQ(winner, "") << "a second winner";
      winner = answer->holding_id();
      EXPECT_EQ(answer->bay_id(), slot.bay_id());
      EXPECT_EQ(answer->state(), reception::Appointment::STATE_INITIATED);
    } else {
      EXPECT_TRUE(IsRefusal(answer.status(), workshop::ERROR_REASON_SLOT_TAKEN)) << answer.status();
    }
  }
  EXPECT_NE(winner, "");
  EXPECT_EQ(Count("workshop", "slot_hold WHERE holder_id = " + Hex(winner)), 1);
  EXPECT_EQ(Count("workshop", "slot_hold WHERE bay_id = " + Hex(slot.bay_id())), 1) << "only the winner holds the bay";
  EXPECT_EQ(Count("workshop", "slot_unit WHERE bay_id = " + Hex(slot.bay_id())), 4) << "an hour in quarters";
  EXPECT_EQ(Count("reception", "appointment WHERE state = 'INITIATED' AND bay_id = " + Hex(slot.bay_id())), 1);
  EXPECT_EQ(Count("reception", "appointment WHERE state = 'INITIATED'"), 1);
}

// Handbook: P-04, P-02
TEST_F(Door, ReservesTenPiecesForTenOfSixtyFour) {
  constexpr int kCallers = 64;
  const parts::Part part = TenPieces("RACE-10");
  std::vector<parts::CreateReservationRequest> requests;
  std::vector<chassis::CallOptions> callers;
  for (int i = 0; i < kCallers; ++i) {
    requests.push_back(OnePiece(part));
    callers.push_back(As(options::ROLE_PARTS_CLERK, absl::StrCat("clerk-", i)));
  }
  std::vector<absl::StatusOr<parts::Reservation>> answers(kCallers, absl::UnknownError("never asked"));
  AtOnce(kCallers, [&](int i) { answers[i] = suite().door().Call<parts::Reservation>(callers[i], requests[i]); });

  int won = 0;
  for (const auto& answer : answers) {
    if (answer.ok()) {
      ++won;
      EXPECT_EQ(answer->lines(0).reserved_milli(), 1000);
    } else {
      EXPECT_TRUE(IsRefusal(answer.status(), parts::ERROR_REASON_INSUFFICIENT_STOCK)) << answer.status();
    }
  }
  EXPECT_EQ(won, 10);
  const auto stock =
      Ask("parts", "SELECT on_hand_milli, reserved_milli FROM part_stock WHERE part_id = " + Hex(part.part_id()));
  ASSERT_EQ(stock.size(), 1u);
  EXPECT_EQ(stock[0].Int("on_hand_milli"), 10'000);
  EXPECT_EQ(stock[0].Int("reserved_milli"), 10'000);
  EXPECT_EQ(Count("parts", "reservation_line WHERE part_id = " + Hex(part.part_id())), 10);
  EXPECT_EQ(
      Count("parts", "part_stock WHERE on_hand_milli < 0 OR reserved_milli < 0 OR reserved_milli > on_hand_milli"), 0);
  ExpectBooksAgree("parts");
}

// -- repeats ---------------------------------------------------------------------------------------------------------

// Handbook: G-07
TEST_F(Door, GivesSixteenEqualRequestsAtOnceOneEffectAndOneAnswer) {
  const parts::Part part = TenPieces("REPEAT-10");
  const auto request = OnePiece(part);
  const auto caller = As(options::ROLE_PARTS_CLERK, "clerk-repeat");
  std::vector<absl::StatusOr<parts::Reservation>> answers(16, absl::UnknownError("never asked"));
  AtOnce(16, [&](int i) { answers[i] = suite().door().Call<parts::Reservation>(caller, request); });
  ASSERT_TRUE(answers[0].ok()) << answers[0].status();
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->SerializeAsString(), answers[0]->SerializeAsString());
  }
  const auto later = suite().door().Call<parts::Reservation>(caller, request);
  ASSERT_TRUE(later.ok()) << later.status();
  EXPECT_EQ(later->SerializeAsString(), answers[0]->SerializeAsString());
  EXPECT_EQ(Count("parts", "reservation_line WHERE part_id = " + Hex(part.part_id())), 1);
  EXPECT_EQ(Count("parts", "command_log WHERE request_id = " + Hex(request.request_id())), 1);
}

// A booking goes through three services, so its repeats meet it under way.
// Handbook: G-07, R-02
TEST_F(Door, BooksOnceForSixteenEqualRequestsAtOnce) {
  const workshop::Slot slot = AFreeSlot(3);
  const auto request = Booking(slot, 900);
  const auto caller = As(options::ROLE_SERVICE_ADVISER, "adviser-repeat");
  std::vector<absl::StatusOr<reception::Appointment>> answers(16, absl::UnknownError("never asked"));
  AtOnce(16, [&](int i) { answers[i] = suite().door().Call<reception::Appointment>(caller, request); });
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->bay_id(), slot.bay_id());
    EXPECT_EQ(answer->SerializeAsString(), answers[0]->SerializeAsString());
  }
  const auto later = suite().door().Call<reception::Appointment>(caller, request);
  ASSERT_TRUE(later.ok()) << later.status();
  EXPECT_EQ(later->SerializeAsString(), answers[0]->SerializeAsString());
  EXPECT_EQ(Count("workshop", "slot_hold WHERE holder_id = " + Hex(later->holding_id())), 1);
  EXPECT_EQ(Count("reception", absl::StrCat("appointment WHERE plate = '", request.plate(), "'")), 1);
}

TEST_F(Door, RefusesAKnownRequestIdWithOtherContent) {
  auto request = CustomerNamed("钱学文", "13811110001");
  const auto caller = As(options::ROLE_CUSTOMER_SERVICE_AGENT, "agent-reuse");
  const auto first = suite().door().Call<crm::Customer>(caller, request);
  ASSERT_TRUE(first.ok()) << first.status();
  request.mutable_customer()->set_name("孙学文");
  const auto reused = suite().door().Call<crm::Customer>(caller, request);
  EXPECT_TRUE(IsRefusal(reused.status(), common::ERROR_REASON_REQUEST_ID_REUSED)) << reused.status();
  EXPECT_EQ(reused.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Count("crm", "command_log WHERE request_id = " + Hex(request.request_id())), 1);
  // The first request keeps its answer.
  request.mutable_customer()->set_name("钱学文");
  const auto repeat = suite().door().Call<crm::Customer>(caller, request);
  ASSERT_TRUE(repeat.ok()) << repeat.status();
  EXPECT_EQ(repeat->customer_id(), first->customer_id());
}

// -- limits ----------------------------------------------------------------------------------------------------------

TEST_F(Door, RefusesAMessageThatIsTooLargeAndServesTheNext) {
  const auto caller = As(options::ROLE_CUSTOMER_SERVICE_AGENT, "agent-large");
  auto large = CustomerNamed("周全", "13811110002");
  large.mutable_customer()->set_address(std::string(2 << 20, 'x'));
  const Wire wire = RefusedOnTheWire(caller, large);
  EXPECT_EQ(wire.code, grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(wire.info.reason(), "TOO_LARGE");
  EXPECT_EQ(wire.info.metadata().at("limit"), "1048576");
  EXPECT_FALSE(wire.text.message().empty());
  ExpectMetric("gateway", "gateway_refused_total", {"reason=\"message_size\""}, 1);
  ExpectMetric("gateway", "grpc_server_handled_total",
               {"grpc_method=\"CreateCustomer\"", "grpc_code=\"ResourceExhausted\""}, 1);
  EXPECT_EQ(Count("crm", "command_log WHERE request_id = " + Hex(large.request_id())), 0);
  large.mutable_customer()->set_address("上海市");
  EXPECT_TRUE(suite().door().Call<crm::Customer>(caller, large).ok());
}

TEST_F(Door, RefusesMoreStreamsOfOneCallerThanSixteen) {
  constexpr int kStreams = 16;
  const auto caller = As(options::ROLE_SERVICE_ADVISER, "adviser-watching");
  const auto request = ForStore<reception::WatchBoardRequest>();
  std::atomic<int> open{0};
  absl::Notification enough;
  std::vector<std::thread> watchers;
  for (int i = 0; i < kStreams; ++i) {
    watchers.emplace_back([&] {
      const absl::Status end = suite().door().Watch<reception::WatchBoardResponse>(
          caller, request, [&](const reception::WatchBoardResponse&) {
            ++open;
            enough.WaitForNotification();
            return false;
          });
      EXPECT_TRUE(end.ok()) << end;
    });
  }
  for (int look = 0; look < 400 && open < kStreams; ++look) harness::WaitFor(absl::Milliseconds(25));
  EXPECT_EQ(open, kStreams);

  const Wire wire = RefusedOnTheWire(caller, request);
  EXPECT_EQ(wire.code, grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(wire.info.reason(), "OVERLOADED");
  EXPECT_EQ(wire.text.locale(), "en");
  ExpectMetric("gateway", "gateway_refused_total", {"reason=\"subject_limit\""}, 1);
  ExpectMetric("gateway", "grpc_server_handled_total",
               {"grpc_method=\"WatchBoard\"", "grpc_code=\"ResourceExhausted\""}, 1);
  // Calls and other people are not touched by it.
  EXPECT_TRUE(suite().door().Call<reception::ListBoardResponse>(caller, ForStore<reception::ListBoardRequest>()).ok());
  const auto one_look = [](const reception::WatchBoardResponse&) { return false; };
  EXPECT_TRUE(
      suite()
          .door()
          .Watch<reception::WatchBoardResponse>(As(options::ROLE_GATE_GUARD, "guard-watching"), request, one_look)
          .ok());

  enough.Notify();
  for (std::thread& watcher : watchers) watcher.join();
  absl::Status again = absl::UnknownError("never asked");
  for (int look = 0; look < 200 && !again.ok(); ++look) {
    again = suite().door().Watch<reception::WatchBoardResponse>(caller, request, one_look);
    if (!again.ok()) harness::WaitFor(absl::Milliseconds(25));
  }
  EXPECT_TRUE(again.ok()) << "the places come back: " << again;
}

// The row every call needs is held by somebody else: connections run out, deadlines pass, and then all goes on.
// Handbook: G-07
TEST_F(Door, GivesUpAtTheDeadlineWhenThePoolIsExhaustedAndWorksAfterwards) {
  constexpr int kCallers = 40;
  const crm::Vehicle vehicle = AVehicle();
  absl::Notification locked;
  absl::Notification release;
  std::thread holder([&] {
    const absl::Status held =
        suite().Database("crm").Transact(absl::Now() + kPatience, [&](chassis::sql::Session& session) {
          auto rows = session.Query("SELECT vehicle_id FROM vehicle WHERE store_id = ? AND vehicle_id = ? FOR UPDATE",
                                    chassis::sql::Uuid{store_id()}, chassis::sql::Uuid{vehicle.vehicle_id()});
          locked.Notify();
          release.WaitForNotification();
          return rows.status();
        });
    EXPECT_TRUE(held.ok()) << held;
  });
  locked.WaitForNotification();

  std::vector<crm::RecordOdometerRequest> requests;
  std::vector<chassis::CallOptions> callers;
  for (int i = 0; i < kCallers; ++i) {
    auto request = ForStore<crm::RecordOdometerRequest>();
    request.set_vehicle_id(vehicle.vehicle_id());
    request.set_odometer_km(30'000);
    requests.push_back(request);
    callers.push_back(As(options::ROLE_SERVICE_ADVISER, absl::StrCat("adviser-late-", i)));
    callers.back().timeout = absl::Milliseconds(1200);
  }
  std::vector<absl::Status> answers(kCallers);
  AtOnce(kCallers, [&](int i) { answers[i] = suite().door().Call<crm::Vehicle>(callers[i], requests[i]).status(); });
  for (const absl::Status& answer : answers) {
    EXPECT_TRUE(IsRefusal(answer, common::ERROR_REASON_DEADLINE) ||
                IsRefusal(answer, common::ERROR_REASON_OVERLOADED) ||
                IsRefusal(answer, common::ERROR_REASON_UNAVAILABLE))
        << answer;
  }
  // Whoever notices first, the clock or the client that has gone, it is counted as not done.
  ExpectFailed("gateway", "RecordOdometer", kCallers);
  ExpectFailed("crm", "RecordOdometer", 1);
  release.Notify();
  holder.join();

  EXPECT_EQ(Count("crm", "vehicle_event WHERE odometer_km = 30000 AND vehicle_id = " + Hex(vehicle.vehicle_id())), 0)
      << "what was refused left nothing";
  callers[0].timeout = kPatience;
  const auto repeat = suite().door().Call<crm::Vehicle>(callers[0], requests[0]);
  ASSERT_TRUE(repeat.ok()) << repeat.status();
  EXPECT_EQ(repeat->odometer_km(), 30'000);
  EXPECT_EQ(Count("crm", "vehicle_event WHERE odometer_km = 30000 AND vehicle_id = " + Hex(vehicle.vehicle_id())), 1);
  // Background work takes a connection now and then; one that was lost would be in use for good.
  double in_use = -1;
  for (int look = 0; look < 200 && in_use != 0; ++look) {
    in_use = Metric("crm", "sql_pool_in_use", {});
    if (in_use != 0) harness::WaitFor(absl::Milliseconds(20));
  }
  EXPECT_EQ(in_use, 0) << "every connection came back";
}

// -- words -----------------------------------------------------------------------------------------------------------

bool IsChinese(const std::string& text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0x80) != 0; });
}

// Handbook: G-11, G-12
TEST_F(Door, NamesTheBadFieldInTheCallersLanguage) {
  for (const auto& [language, locale] :
       std::map<std::string, std::string>{{"zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"}, {"en-GB", "en"}, {"fr", "zh-CN"}}) {
    const auto caller = As(options::ROLE_CUSTOMER_SERVICE_AGENT, "agent-words", language);
    auto request = CustomerNamed("吴刚", "1381111000");
    const Wire wire = RefusedOnTheWire(caller, request);
    EXPECT_EQ(wire.code, grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(wire.info.reason(), "INVALID_FIELD");
    EXPECT_FALSE(wire.info.domain().empty());
    EXPECT_EQ(wire.text.locale(), locale);
    EXPECT_EQ(IsChinese(wire.text.message()), locale == "zh-CN") << wire.text.message();
    ASSERT_EQ(wire.bad.field_violations_size(), 1);
    EXPECT_EQ(wire.bad.field_violations(0).field(), "customer.phone");
    EXPECT_EQ(IsChinese(wire.bad.field_violations(0).description()), locale == "zh-CN");
    EXPECT_EQ(Count("crm", "command_log WHERE request_id = " + Hex(request.request_id())), 0) << "nothing stored";
  }
}

// Handbook: G-11, C-02
TEST_F(Door, NamesTheRuleOfTheTradeThatWasBroken) {
  const crm::Vehicle vehicle = AVehicle();
  auto request = ForStore<crm::RecordOdometerRequest>();
  request.set_vehicle_id(vehicle.vehicle_id());
  request.set_odometer_km(9'999);
  std::set<std::string> texts;
  for (const char* language : {"zh-CN", "en"}) {
    const Wire wire = RefusedOnTheWire(As(options::ROLE_SERVICE_ADVISER, "adviser-rule", language), request);
    EXPECT_EQ(wire.code, grpc::StatusCode::FAILED_PRECONDITION);
    EXPECT_EQ(wire.info.reason(), "ODOMETER_WENT_BACK");
    EXPECT_EQ(wire.info.metadata().at("handbook"), "C-02");
    EXPECT_TRUE(absl::StrContains(wire.text.message(), "9999")) << wire.text.message();
    EXPECT_TRUE(absl::StrContains(wire.text.message(), "10000")) << wire.text.message();
    ASSERT_EQ(wire.failure.violations_size(), 1);
    EXPECT_EQ(wire.failure.violations(0).subject(), "odometer_km");
    texts.insert(wire.text.message());
  }
  EXPECT_EQ(texts.size(), 2u);
}

// -- who sees and who acts
// ---------------------------------------------------------------------------------------------

// Handbook: G-02, G-03
TEST_F(Door, ShowsPersonalDataToWhomItMustAndKeepsWhoSawIt) {
  const auto created = suite().door().Call<crm::Customer>(As(options::ROLE_CUSTOMER_SERVICE_AGENT, "agent-archive"),
                                                          CustomerNamed("郑晓燕", "13811110003"));
  ASSERT_TRUE(created.ok()) << created.status();
  auto get = ForStore<crm::GetCustomerRequest>();
  get.set_customer_id(created->customer_id());
  const auto clear = suite().door().Call<crm::Customer>(As(options::ROLE_SERVICE_ADVISER, "adviser-seeing"), get);
  const auto masked = suite().door().Call<crm::Customer>(As(options::ROLE_CASHIER, "cashier-seeing"), get);
  ASSERT_TRUE(clear.ok() && masked.ok()) << clear.status() << masked.status();
  EXPECT_EQ(clear->name(), "郑晓燕");
  EXPECT_EQ(clear->phone(), "13811110003");
  EXPECT_EQ(masked->name(), "郑**");
  EXPECT_EQ(masked->phone(), "138****0003");
  EXPECT_EQ(masked->address(), "上海市浦东新****");
  const auto listed = suite().door().Call<crm::ListCustomersResponse>(
      As(options::ROLE_SERVICE_ADVISER, "adviser-listing"), ForStore<crm::ListCustomersRequest>());
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_GT(listed->customers_size(), 0);
  for (const crm::Customer& customer : listed->customers()) {
    EXPECT_TRUE(absl::StrContains(customer.phone(), "****")) << "a list is for finding";
  }

  common::ListAuditEntriesRequest audit;
  audit.set_store_id(store_id());
  audit.set_page_size(200);
  const auto entries = stage().DoNamed<common::ListAuditEntriesResponse>(cast().service_manager,
                                                                         "crm.AuditService/ListAuditEntries", audit);
  int by_adviser = 0;
  for (const common::AuditEntry& entry : entries.audit_entries()) {
    EXPECT_NE(entry.actor(), "cashier-seeing") << "a masked read is no event";
    EXPECT_NE(entry.actor(), "adviser-listing");
    if (entry.actor() != "adviser-seeing") continue;
    ++by_adviser;
    EXPECT_EQ(entry.reason(), "unmasked read");
    EXPECT_TRUE(absl::StrContains(entry.method(), "GetCustomer")) << entry.method();
    EXPECT_FALSE(entry.client().empty());
  }
  EXPECT_EQ(by_adviser, 1);
}

// Handbook: G-02, G-03
TEST_F(Door, LetsNobodyActInAnotherPersonsName) {
  auto caller = As(options::ROLE_CUSTOMER_SERVICE_AGENT, "agent-forging");
  caller.on_behalf_of = "the-boss";
  ASSERT_TRUE(suite().door().Call<crm::Customer>(caller, CustomerNamed("冯一", "13811110004")).ok());
  chassis::SuiteClient direct = suite().Direct("crm");
  ASSERT_TRUE(direct.Call<crm::Customer>(caller, CustomerNamed("冯二", "13811110005")).ok());
  EXPECT_EQ(Count("crm", "command_log WHERE actor = 'agent-forging' AND on_behalf_of = ''"), 2);
  EXPECT_EQ(Count("crm", "command_log WHERE actor = 'the-boss' OR on_behalf_of = 'the-boss'"), 0);
  EXPECT_EQ(Count("crm", "duty WHERE assignee = 'the-boss'"), 0);
  // A service that has verified the person does speak for her, and both are written down.
  const auto booked = suite().door().Call<reception::Appointment>(
      As(options::ROLE_SERVICE_ADVISER, "adviser-spoken-for"), Booking(AFreeSlot(4), 901));
  ASSERT_TRUE(booked.ok()) << booked.status();
  EXPECT_EQ(Count("workshop", "command_log WHERE on_behalf_of = 'adviser-spoken-for' AND actor <> on_behalf_of"), 1);
}

}  // namespace
