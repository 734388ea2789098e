// parts-svc in a test: its rooms on a fresh schema, called through the handlers they registered, with a clock and ids
// the test holds in its hand; and builders that speak the language of the trade.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "aftersales/parts/v1/catalogue.pb.h"
#include "aftersales/parts/v1/errors.pb.h"
#include "aftersales/parts/v1/issue.pb.h"
#include "aftersales/parts/v1/ledger.pb.h"
#include "aftersales/parts/v1/location.pb.h"
#include "aftersales/parts/v1/order_parts.pb.h"
#include "aftersales/parts/v1/reservation.pb.h"
#include "chassis/audit/digest.h"
#include "chassis/client/methods.h"
#include "chassis/host/host_for_test.h"
#include "chassis/server/validation.h"
#include "chassis/telemetry/census.h"
#include "gtest/gtest.h"
#include "parts-svc/parts.h"

namespace parts {

namespace v1 = aftersales::parts::v1;
using chassis::IsRefusal;

inline constexpr char kStore[] = "01234567-89ab-7def-8123-456789abcdef";

class PartsStore : public testing::Test {
 protected:
  PartsStore() {
    processes_.AttachTo(host_);
    identity_.subject = "zhang.lei";
    identity_.roles = {aftersales::options::v1::ROLE_PARTS_MANAGER, aftersales::options::v1::ROLE_PARTS_CLERK};
    identity_.store_ids = {kStore};
    Definition().furnish(rooms_);
    Execute(
        "INSERT INTO store (store_id, version, code, display_name, time_zone, currency_code, settings) VALUES "
        "(UNHEX('0123456789ab7def8123456789abcdef'), 1, 'SH01', '上海一店', 'Asia/Shanghai', 'CNY', '{}')");
    v1::CreateWarehouseRequest warehouse;
    warehouse.mutable_warehouse()->set_code("W1");
    warehouse.mutable_warehouse()->set_display_name("一号库");
    warehouse_id_ = Must<v1::Warehouse>(warehouse).warehouse_id();
    bin_ = ABin("A1");
  }

  // Sends a request as the parts manager of the store, with a fresh request id unless it has one.
  template <typename Response, typename Request>
  absl::StatusOr<Response> Send(Request request) {
    request.set_store_id(kStore);
    if constexpr (requires { request.set_request_id(""); }) {
      if (request.request_id().empty()) request.set_request_id(NewId());
    }
    absl::Status valid = chassis::Validate(request);
    if (!valid.ok()) return valid;
    const auto* method = chassis::MethodTaking(Request::descriptor());
    const auto& entry = rpcs_.entries().at(chassis::PathOf(method));
    chassis::Command command;
    command.store_id = kStore;
    command.actor.subject = identity_.subject;
    command.method = method->name();
    if constexpr (requires { request.request_id(); }) command.request_id = request.request_id();
    command.request_digest = chassis::audit::Sha256(request.SerializeAsString());
    chassis::Call call(host_, identity_, command, clock_.Now() + absl::Seconds(30), "en", "");
    Response response;
    const absl::Status status = call.Told(entry.unary(call, request, response), response);
    if (!status.ok()) return status;
    return response;
  }
  template <typename Response, typename Request>
  Response Must(const Request& request) {
    absl::StatusOr<Response> response = Send<Response>(request);
    EXPECT_TRUE(response.ok()) << response.status() << "\n" << request.ShortDebugString();
    return response.ok() ? *response : Response();
  }

  std::string NewId() { return random_.NewId(); }

  std::string ABin(const std::string& code, v1::Location::Kind kind = v1::Location::KIND_STOCK) {
    v1::CreateLocationRequest request;
    request.mutable_location()->set_warehouse_id(warehouse_id_);
    request.mutable_location()->set_code(code);
    request.mutable_location()->set_kind(kind);
    if (kind == v1::Location::KIND_CONSIGNMENT) request.mutable_location()->set_station_name("浦东服务站");
    return Must<v1::Location>(request).location_id();
  }

  v1::Part PartNamed(const std::string& number) {
    v1::Part part;
    part.set_part_number(number);
    part.set_name_zh("机油滤清器");
    part.set_name_en("Oil filter");
    part.set_brand("原厂");
    part.set_unit(v1::Part::UNIT_PIECE);
    return part;
  }
  v1::Part Create(const v1::Part& part) {
    v1::CreatePartRequest request;
    *request.mutable_part() = part;
    return Must<v1::Part>(request);
  }
  v1::Part APart(const std::string& number) { return Create(PartNamed(number)); }
  void APrice(const v1::Part& part, int64_t amount) {
    v1::SetPartPriceRequest request;
    request.set_part_id(part.part_id());
    request.set_unit_price_amount(amount);
    request.set_reason("price list");
    Must<v1::PartPrice>(request);
  }

  v1::ReceiveStockRequest Receipt(const v1::Part& part, int64_t quantity_milli, int64_t cost_amount) {
    v1::ReceiveStockRequest request;
    auto& line = *request.add_lines();
    line.set_part_id(part.part_id());
    line.set_location_id(bin_);
    line.set_quantity_milli(quantity_milli);
    line.set_cost_amount(cost_amount);
    return request;
  }
  void Receive(const v1::Part& part, int64_t quantity_milli, int64_t cost_amount) {
    Must<v1::StockDocument>(Receipt(part, quantity_milli, cost_amount));
  }
  v1::PartStock StockOf(const v1::Part& part) {
    v1::GetPartStockRequest request;
    request.set_part_id(part.part_id());
    return Must<v1::PartStock>(request);
  }

  // A reservation of one line per part for a repair order (or what else holds it).
  struct Wanted {
    v1::Part part;
    int64_t quantity_milli;
  };
  v1::CreateReservationRequest Holding(const std::string& order_id, const std::vector<Wanted>& wanted) {
    v1::CreateReservationRequest request;
    request.set_holder_kind(v1::Reservation::HOLDER_KIND_REPAIR_ORDER);
    request.set_holder_id(order_id);
    request.set_holder_number("SH01-RO-20261121-0001");
    for (const Wanted& one : wanted) {
      auto& line = *request.add_lines();
      line.set_holder_line_id(NewId());
      line.set_part_id(one.part.part_id());
      line.set_quantity_milli(one.quantity_milli);
    }
    return request;
  }
  v1::Reservation Reserve(const std::string& order_id, const std::vector<Wanted>& wanted) {
    return Must<v1::Reservation>(Holding(order_id, wanted));
  }
  v1::Reservation ReservationOf(const std::string& reservation_id) {
    v1::GetReservationRequest request;
    request.set_reservation_id(reservation_id);
    return Must<v1::Reservation>(request);
  }
  void Cancel(const std::string& holder_id) {
    v1::CancelReservationRequest request;
    request.set_holder_id(holder_id);
    request.set_reason("the customer changed his mind");
    Must<v1::CancelReservationResponse>(request);
  }

  static aftersales::common::v1::Signature TechnicianSignature() {
    aftersales::common::v1::Signature signature;
    signature.set_signer_name("李明");
    signature.set_signer_role(aftersales::common::v1::Signature::SIGNER_ROLE_TECHNICIAN);
    signature.set_method(aftersales::common::v1::Signature::AUTHORIZATION_METHOD_IN_PERSON_DIGITAL_SIGNATURE);
    signature.set_evidence("pad-3/20261121/17");
    return signature;
  }
  v1::IssuePartsRequest Drawing(const v1::Reservation& reservation, int64_t quantity_milli, int line = 0) {
    v1::IssuePartsRequest request;
    request.set_order_id(reservation.order_id());
    request.set_technician("li.ming");
    auto& wanted = *request.add_lines();
    wanted.set_holder_line_id(reservation.lines(line).holder_line_id());
    wanted.set_quantity_milli(quantity_milli);
    *request.mutable_technician_signature() = TechnicianSignature();
    return request;
  }
  v1::ReturnPartsRequest Bringing(const v1::Issue& issue, int64_t quantity_milli, int line = 0) {
    v1::ReturnPartsRequest request;
    request.set_issue_id(issue.issue_id());
    request.set_technician("li.ming");
    request.set_reason("not needed");
    auto& wanted = *request.add_lines();
    wanted.set_issue_line_id(issue.lines(line).issue_line_id());
    wanted.set_quantity_milli(quantity_milli);
    *request.mutable_technician_signature() = TechnicianSignature();
    return request;
  }
  v1::OrderParts OrderPartsOf(const std::string& order_id) {
    v1::GetOrderPartsRequest request;
    request.set_repair_order_id(order_id);
    return Must<v1::OrderParts>(request);
  }

  int64_t Execute(const std::string& sql) {
    int64_t changed = 0;
    const absl::Status status =
        schema_->pool().Read(absl::InfiniteFuture(), [&](chassis::sql::Session& session) -> absl::Status {
          ASSIGN_OR_RETURN(changed, session.Execute(sql));
          return absl::OkStatus();
        });
    EXPECT_TRUE(status.ok()) << status;
    return changed;
  }
  int64_t Count(const std::string& from) {
    int64_t count = -1;
    const absl::Status status =
        schema_->pool().Read(absl::InfiniteFuture(), [&](chassis::sql::Session& session) -> absl::Status {
          ASSIGN_OR_RETURN(const chassis::sql::Rows rows, session.Query("SELECT COUNT(*) AS n FROM " + from));
          count = rows[0].Int("n");
          return absl::OkStatus();
        });
    EXPECT_TRUE(status.ok()) << status;
    return count;
  }
  // Events in the outbox, by type.
  int64_t Events(const std::string& type) { return Count("outbox WHERE type = '" + type + "'"); }

  // All recomputations of the rooms; the names of those that differ.
  std::vector<std::string> Differences() {
    std::vector<std::string> differences;
    for (const auto& [name, check] : rooms_.checks) {
      const absl::Status status = schema_->pool().Read(
          absl::InfiniteFuture(), [&, &check = check](chassis::sql::Session& session) -> absl::Status {
            ASSIGN_OR_RETURN(const auto result, check(session, kStore));
            for (const std::string& difference : result.differences()) differences.push_back(difference);
            return absl::OkStatus();
          });
      EXPECT_TRUE(status.ok()) << name << ": " << status;
    }
    return differences;
  }
  // Runs a room's background work once.
  void RunPeriodic(const std::string& name) {
    for (const auto& job : rooms_.periodic) {
      if (job.name != name) continue;
      const absl::Status status = job.body();
      EXPECT_TRUE(status.ok()) << status;
      return;
    }
    ADD_FAILURE() << "no periodic work " << name;
  }
  // What the census shows of a gauge for the store; nothing: it is not shown.
  std::optional<double> Figure(const std::string& name) {
    std::vector<chassis::Census::Family> families;
    for (const auto& family : rooms_.counted) {
      if (family.name == name) families.push_back(family);
    }
    EXPECT_EQ(families.size(), 1u) << name;
    chassis::Census census(host_, families);
    const auto counted = census.Turn();
    EXPECT_TRUE(counted.ok()) << counted.status();
    for (const auto& family : census.Collect()) {
      for (const auto& metric : family.metric) {
        if (metric.label.at(0).value == "SH01") return metric.gauge.value;
      }
    }
    return std::nullopt;
  }
  template <typename Fact>
  void TakeIn(const Fact& fact) {
    aftersales::common::v1::Event event;
    event.mutable_payload()->PackFrom(fact);
    const auto& handler = intake_.entries().at(Fact::descriptor()->full_name()).front().handler;
    const absl::Status status = host_.CommitInBackground(
        kStore, "Test/Intake", [&](chassis::UnitOfWork& work) { return handler(work, event); });
    EXPECT_TRUE(status.ok()) << status;
  }

  std::unique_ptr<harness::Schema> schema_ = harness::FreshSchema("parts");
  chassis::ManualClock clock_{absl::FromUnixSeconds(1795222800)};  // 2026-11-21 09:00 in Shanghai
  chassis::SystemClock system_clock_;
  chassis::RandomIds random_{system_clock_};
  chassis::SystemSleeper sleeper_;
  std::unique_ptr<chassis::privacy::Cipher> cipher_ = chassis::privacy::CipherForTest();
  chassis::telemetry::Metrics metrics_;
  std::unique_ptr<chassis::sql::Pool> pool_ = chassis::sql::MakePool(schema_->endpoint(), {}, clock_, sleeper_);
  chassis::PeersForTest peers_;
  std::unique_ptr<chassis::Stores> stores_ = chassis::MakeStores(*pool_, *cipher_, clock_, nullptr);
  std::unique_ptr<chassis::Numbers> numbers_ = chassis::MakeNumbers(
      *pool_, clock_,
      [this](const std::string& store_id, absl::Time deadline) { return stores_->Get(store_id, deadline); });
  chassis::ChangeFeed feed_{*pool_, clock_, metrics_};
  chassis::ProcessDriver processes_;
  chassis::Host host_{chassis::Host::Parts{.service_name = "parts-svc",
                                           .package = "aftersales.parts.v1",
                                           .clock = &clock_,
                                           .ids = &random_,
                                           .sleeper = &sleeper_,
                                           .pool = pool_.get(),
                                           .cipher = cipher_.get(),
                                           .numbers = numbers_.get(),
                                           .stores = stores_.get(),
                                           .peers = &peers_,
                                           .processes = &processes_,
                                           .feed = &feed_,
                                           .metrics = &metrics_}};
  chassis::identity::Identity identity_;
  chassis::Rpcs rpcs_{"aftersales.parts.v1"};
  chassis::EventIntake intake_;
  chassis::Rooms rooms_{host_, rpcs_, intake_};
  std::string warehouse_id_;
  std::string bin_;
};

}  // namespace parts
