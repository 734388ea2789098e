// The whole of reception-svc on a fresh schema, without a network: the test calls RPCs as whoever it likes, and three
// neighbours (customer relations, workshop, parts) answer from memory. For tests only.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "aftersales/crm/v1/check_in.pb.h"
#include "aftersales/crm/v1/vehicle.pb.h"
#include "aftersales/parts/v1/catalogue.pb.h"
#include "aftersales/parts/v1/reservation.pb.h"
#include "aftersales/reception/v1/price_list.pb.h"
#include "aftersales/reception/v1/store.pb.h"
#include "aftersales/workshop/v1/errors.pb.h"
#include "aftersales/workshop/v1/schedule.pb.h"
#include "chassis/host/host_for_test.h"
#include "chassis/numbers/numbers.h"
#include "chassis/server/service.h"
#include "chassis/server/validation.h"
#include "gtest/gtest.h"
#include "reception-svc/reception.h"

namespace reception {

// What the other services would know and keep.
struct NeighboursForTest {
  std::map<std::string, aftersales::crm::v1::CheckInSummary> vehicles_by_plate;
  std::map<std::string, aftersales::parts::v1::PartOffer> offers;
  std::set<std::string> slot_holders;
  std::map<std::string, int> reserved_lines;  // by holder
  size_t bays = 1;
  absl::Status workshop_down;
  absl::Status parts_refusal;
  absl::Status crm_down;

  absl::Status Answer(const google::protobuf::Message& request, google::protobuf::Message& response) {
    namespace crm = aftersales::crm::v1;
    namespace parts = aftersales::parts::v1;
    namespace workshop = aftersales::workshop::v1;
    if (const auto* ask = dynamic_cast<const crm::GetCheckInSummaryRequest*>(&request)) {
      if (!crm_down.ok()) return crm_down;
      for (const auto& [plate, summary] : vehicles_by_plate) {
        if (plate != ask->plate() && summary.vehicle_id() != ask->vehicle_id()) continue;
        response.CopyFrom(summary);
        return absl::OkStatus();
      }
      return chassis::NotFound("vehicle", ask->plate());
    }
    if (const auto* get = dynamic_cast<const crm::GetVehicleRequest*>(&request)) {
      if (!crm_down.ok()) return crm_down;
      for (const auto& [plate, summary] : vehicles_by_plate) {
        if (summary.vehicle_id() != get->vehicle_id()) continue;
        auto& vehicle = static_cast<crm::Vehicle&>(response);
        vehicle.set_vehicle_id(summary.vehicle_id());
        vehicle.set_warranty_start_date(summary.warranty_start_date());
        vehicle.set_warranty_end_date(summary.warranty_end_date());
        vehicle.set_warranty_end_km(summary.warranty_end_km());
        return absl::OkStatus();
      }
      return chassis::NotFound("vehicle", get->vehicle_id());
    }
    if (const auto* hold = dynamic_cast<const workshop::HoldSlotRequest*>(&request)) {
      if (!workshop_down.ok()) return workshop_down;
      if (slot_holders.size() >= bays && !slot_holders.contains(hold->holder_id())) {
        return chassis::Refuse(workshop::ERROR_REASON_SLOT_TAKEN);
      }
      slot_holders.insert(hold->holder_id());
      auto& slot = static_cast<workshop::SlotHold&>(response);
      slot.set_bay_id("b0000000-0000-7000-8000-000000000001");
      slot.set_bay_name("机修一工位");
      *slot.mutable_start_time() = hold->start_time();
      *slot.mutable_end_time() =
          chassis::ToProto(chassis::FromProto(hold->start_time()) + absl::Minutes(hold->duration_minutes()));
      return absl::OkStatus();
    }
    if (const auto* release = dynamic_cast<const workshop::ReleaseSlotRequest*>(&request)) {
      if (!workshop_down.ok()) return workshop_down;
      slot_holders.erase(release->holder_id());
      return absl::OkStatus();
    }
    if (const auto* look_up = dynamic_cast<const parts::LookUpPartsRequest*>(&request)) {
      for (const std::string& number : look_up->part_numbers()) {
        *static_cast<parts::LookUpPartsResponse&>(response).add_offers() = offers.at(number);
      }
      return absl::OkStatus();
    }
    if (const auto* reserve = dynamic_cast<const parts::CreateReservationRequest*>(&request)) {
      if (!parts_refusal.ok()) return parts_refusal;
      reserved_lines.erase(reserve->replaces_holder_id());
      reserved_lines[reserve->holder_id()] = reserve->lines_size();
      return absl::OkStatus();
    }
    if (const auto* cancel = dynamic_cast<const parts::CancelReservationRequest*>(&request)) {
      reserved_lines.erase(cancel->holder_id());
      return absl::OkStatus();
    }
    return absl::UnimplementedError(request.GetDescriptor()->full_name());
  }
};

struct DeskForTest {
  DeskForTest() {
    processes.AttachTo(host);
    peers.answer = [this](std::string_view, const google::protobuf::Message& request,
                          google::protobuf::Message& response) { return neighbours.Answer(request, response); };
    Definition().furnish(rooms);
    OpenStore();
  }

  // Calls an RPC as a person of one post; store and request id are filled in where the test leaves them empty.
  template <typename Response, typename Request>
  absl::StatusOr<Response> Do(aftersales::options::v1::Role role, Request request, const std::string& subject = "") {
    Fill(request, "store_id", store_id);
    Fill(request, "request_id", ids.NewId());
    RETURN_IF_ERROR(chassis::Validate(request));
    const chassis::Rpcs::Entry& entry = EntryOf(Request::descriptor());
    chassis::identity::Identity identity;
    identity.subject = subject.empty() ? chassis::identity::RoleName(role) : subject;
    identity.roles = {role};
    identity.store_ids = {store_id};
    identity.group = role == aftersales::options::v1::ROLE_GROUP_MANAGER;
    chassis::Command command{.store_id = Text(request, "store_id"),
                             .actor = {.subject = identity.subject, .on_behalf_of = "", .client = "test"},
                             .method = entry.method->full_name(),
                             .request_id = Text(request, "request_id"),
                             .request_digest = std::string(32, 'd')};
    chassis::Call call(host, identity, command, host.clock().Now() + absl::Seconds(30), "zh-CN", "");
    Response response;
    RETURN_IF_ERROR(call.Told(entry.unary(call, request, response), response));
    return response;
  }

  const chassis::Rpcs::Entry& EntryOf(const google::protobuf::Descriptor* request) const {
    for (const auto& [path, entry] : rpcs.entries()) {
      if (entry.method->input_type() == request) return entry;
    }
    ADD_FAILURE() << "nobody answers " << request->full_name();
    std::abort();
  }

  int64_t Count(const std::string& from_where) {
    int64_t count = -1;
    const absl::Status status = pool->Read(absl::InfiniteFuture(), [&](chassis::sql::Session& session) -> absl::Status {
      auto rows = session.QueryValues("SELECT COUNT(*) AS n FROM " + from_where, {});
      if (rows.ok()) count = (*rows)[0].Int("n");
      return rows.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return count;
  }

  // A price list in force: oil change (36 min, maintenance), battery pack (180 min, high voltage), their rates, and a
  // package of oil change and oil.
  void AdoptPrices() {
    namespace v1 = aftersales::reception::v1;
    namespace common = aftersales::common::v1;
    v1::ProposePriceChangeRequest request;
    request.set_reason("首次定价");
    request.set_effective_date("2026-11-21");
    const auto operation = [&](const char* code, const char* name, int minutes, common::Skill skill) {
      v1::LabourOperation& line = *request.add_labour_operations();
      line.set_code(code);
      line.set_display_name(name);
      line.set_standard_minutes(minutes);
      line.set_skill(skill);
      line.set_system(common::VEHICLE_SYSTEM_ENGINE);
    };
    operation("OIL", "更换机油机滤", 36, common::SKILL_MAINTENANCE);
    operation("PACK", "更换动力电池", 180, common::SKILL_HIGH_VOLTAGE);
    const auto rate = [&](common::Skill skill, int64_t hourly_amount) {
      v1::LabourRate& line = *request.add_labour_rates();
      line.set_skill(skill);
      line.set_hourly_amount(hourly_amount);
    };
    rate(common::SKILL_MAINTENANCE, 28000);
    rate(common::SKILL_HIGH_VOLTAGE, 60000);
    v1::ServicePackage& package = *request.add_service_packages();
    package.set_code("PKG-MINOR");
    package.set_model_group("*");
    package.set_display_name("小保养套餐");
    package.add_operation_codes("OIL");
    package.add_parts()->set_part_number("OIL-5W30");
    package.mutable_parts(0)->set_quantity_milli(4500);
    const auto change = Do<v1::PriceChange>(aftersales::options::v1::ROLE_TECHNICAL_DIRECTOR, request);
    ASSERT_TRUE(change.ok()) << change.status();
    v1::ApprovePriceChangeRequest approve;
    approve.set_price_change_id(change->price_change_id());
    const auto approved = Do<v1::PriceChange>(aftersales::options::v1::ROLE_SERVICE_MANAGER, approve);
    ASSERT_TRUE(approved.ok()) << approved.status();
  }

  std::unique_ptr<harness::Schema> schema = harness::FreshSchema("reception");
  chassis::ManualClock clock{absl::FromUnixSeconds(1795222800)};  // 2026-11-21 01:00 UTC, 09:00 in Shanghai
  chassis::SystemSleeper sleeper;
  chassis::CountingIds ids;
  std::unique_ptr<chassis::privacy::Cipher> cipher = chassis::privacy::CipherForTest();
  chassis::telemetry::Metrics metrics;
  std::unique_ptr<chassis::sql::Pool> pool = chassis::sql::MakePool(schema->endpoint(), {}, clock, sleeper);
  NeighboursForTest neighbours;
  chassis::PeersForTest peers;
  std::unique_ptr<chassis::Stores> stores = chassis::MakeStores(*pool, *cipher, clock, nullptr);
  std::unique_ptr<chassis::Numbers> numbers = chassis::MakeNumbers(
      *pool, clock, [this](const std::string& id, absl::Time deadline) { return stores->Get(id, deadline); });
  chassis::ChangeFeed feed{*pool, clock, metrics};
  chassis::ProcessDriver processes;
  chassis::Host host{chassis::Host::Parts{.service_name = "reception-svc",
                                          .package = "aftersales.reception.v1",
                                          .clock = &clock,
                                          .ids = &ids,
                                          .sleeper = &sleeper,
                                          .pool = pool.get(),
                                          .cipher = cipher.get(),
                                          .numbers = numbers.get(),
                                          .stores = stores.get(),
                                          .peers = &peers,
                                          .processes = &processes,
                                          .feed = &feed,
                                          .metrics = &metrics}};
  chassis::EventIntake intake;
  chassis::Rpcs rpcs{"aftersales.reception.v1"};
  chassis::Rooms rooms{host, rpcs, intake};
  std::string store_id;

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
  void OpenStore() {
    aftersales::reception::v1::CreateStoreRequest request;
    request.mutable_store()->set_code("SH01");
    request.mutable_store()->set_display_name("上海浦东店");
    request.mutable_store()->set_time_zone("Asia/Shanghai");
    request.mutable_store()->set_currency_code("CNY");
    const auto store = Do<aftersales::common::v1::Store>(aftersales::options::v1::ROLE_GROUP_MANAGER, request);
    ASSERT_TRUE(store.ok()) << store.status();
    store_id = store->store_id();
  }
};

}  // namespace reception
