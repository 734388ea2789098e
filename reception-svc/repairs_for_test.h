// A desk where vehicles are repaired: the workshop and parts-svc answer from memory, and one call brings an order as
// far as a test wants it. For tests only.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/errors.pb.h"
#include "aftersales/parts/v1/order_parts.pb.h"
#include "aftersales/reception/v1/add_on.pb.h"
#include "aftersales/reception/v1/delivery.pb.h"
#include "aftersales/reception/v1/errors.pb.h"
#include "aftersales/reception/v1/estimate.pb.h"
#include "aftersales/reception/v1/gate_pass.pb.h"
#include "aftersales/reception/v1/payer_share.pb.h"
#include "aftersales/reception/v1/payer_share_errors.pb.h"
#include "aftersales/reception/v1/payment.pb.h"
#include "aftersales/reception/v1/repair_order.pb.h"
#include "aftersales/reception/v1/settlement.pb.h"
#include "aftersales/reception/v1/visit.pb.h"
#include "aftersales/workshop/v1/events.pb.h"
#include "aftersales/workshop/v1/order_intake.pb.h"
#include "chassis/documents/signatures.h"
#include "reception-svc/orders_for_test.h"
#include "reception-svc/reception_for_test.h"

namespace reception {

namespace v1 = aftersales::reception::v1;
namespace common = aftersales::common::v1;
namespace options = aftersales::options::v1;
namespace parts = aftersales::parts::v1;
namespace workshop = aftersales::workshop::v1;

class RepairDesk : public DeskForTest {
 public:
  static constexpr char kVehicle[] = "a0000000-0000-7000-8000-000000000001";
  static constexpr char kCustomer[] = "c0000000-0000-7000-8000-000000000001";
  static constexpr char kPlate[] = "沪A12345";

  RepairDesk() {
    AdoptPrices();
    auto& vehicle = neighbours.vehicles_by_plate[kPlate];
    vehicle.set_vehicle_id(kVehicle);
    vehicle.set_customer_id(kCustomer);
    vehicle.set_plate(kPlate);
    vehicle.set_vin("LSVAL41Z882104202");
    vehicle.set_model_code("A3L");
    vehicle.set_preferred_contact_time("18:00-20:00");
    Offer("OIL-5W30", 8000, true, "d0000000-0000-7000-8000-000000000001").set_step_milli(100);
    Offer("PAD-1", 30000, true, "d0000000-0000-7000-8000-000000000002");
    Offer("PAD-X", 15000, false, "d0000000-0000-7000-8000-000000000003").set_safety_critical(true);
    peers.answer = [this](std::string_view, const google::protobuf::Message& request,
                          google::protobuf::Message& response) { return Answer(request, response); };
  }

  parts::PartOffer& Offer(const std::string& number, int64_t price, bool original, const std::string& id) {
    parts::PartOffer& offer = neighbours.offers[number];
    offer.set_part_id(id);
    offer.set_part_number(number);
    offer.set_display_name("part " + number);
    offer.set_unit("piece");
    offer.set_unit_price_amount(price);
    offer.set_tax_basis_points(1300);
    offer.set_original(original);
    offer.set_fits(true);
    offer.set_step_milli(1000);
    offer.set_available_milli(100000);
    return offer;
  }

  // -- the way of an order --

  v1::Visit ACheckedInVisit() {
    v1::RecordArrivalRequest arrival;
    arrival.set_plate(kPlate);
    const auto visit = Must<v1::Visit>(options::ROLE_GATE_GUARD, arrival);
    v1::GreetVisitRequest greet;
    greet.set_visit_id(visit.visit_id());
    Must<v1::Visit>(options::ROLE_SERVICE_ADVISER, greet);
    v1::OpenVisitRequest open;
    open.set_visit_id(visit.visit_id());
    open.set_purpose(v1::Visit::PURPOSE_REPAIR);
    Must<v1::Visit>(options::ROLE_SERVICE_ADVISER, open);
    v1::RecordWalkAroundRequest walk;
    walk.set_visit_id(visit.visit_id());
    for (const auto cover :
         {v1::WalkAround::COVER_SEAT, v1::WalkAround::COVER_STEERING_WHEEL, v1::WalkAround::COVER_FLOOR_MAT}) {
      walk.add_covers(cover);
    }
    walk.set_odometer_km(48210);
    walk.set_energy_kind(v1::WalkAround::ENERGY_KIND_FUEL);
    walk.set_energy_percent(60);
    Must<v1::WalkAround>(options::ROLE_SERVICE_ADVISER, walk);
    v1::RecordBelongingsRequest belongings;
    belongings.set_visit_id(visit.visit_id());
    belongings.add_items()->set_description("雨伞");
    belongings.mutable_items(0)->set_count(1);
    belongings.set_valuables_advice_given(true);
    *belongings.mutable_signature() = ByCustomer();
    Must<v1::Belongings>(options::ROLE_SERVICE_ADVISER, belongings);
    v1::RecordCustodyRequest custody;
    custody.set_visit_id(visit.visit_id());
    v1::VehiclePaper& paper = *custody.add_papers();
    paper.set_kind(v1::VehiclePaper::KIND_DRIVING_LICENCE);
    paper.set_complete(true);
    custody.set_key_tag_number("17");
    custody.set_key_hook("H-07");
    custody.set_key_count(1);
    Must<v1::Custody>(options::ROLE_SERVICE_ADVISER, custody);
    return visit;
  }
  // For the vehicle that comes next: an oil change, with the oil held.
  v1::Appointment AnAppointment() {
    v1::BookAppointmentRequest request;
    request.set_source(v1::Appointment::SOURCE_PHONE);
    request.set_plate(kPlate);
    request.add_package_codes("PKG-MINOR");
    *request.mutable_start_time() = chassis::ToProto(clock.Now() + absl::Hours(1));
    return Must<v1::Appointment>(options::ROLE_SERVICE_ADVISER, request);
  }
  v1::CreateRepairOrderRequest OrderRequest(const v1::Visit& visit) {
    v1::CreateRepairOrderRequest request;
    request.set_visit_id(visit.visit_id());
    request.set_work_kind(common::WORK_KIND_MAINTENANCE);
    request.set_repair_class(v1::REPAIR_CLASS_FIRST_LEVEL_MAINTENANCE);
    request.set_customer_requests("保养，刹车有异响");
    request.set_planned_payment(v1::PLANNED_PAYMENT_AT_PICK_UP);
    request.set_delivery_procedure(v1::DELIVERY_PROCEDURE_PICK_UP_AT_STORE);
    request.set_old_parts_wish(v1::OLD_PARTS_WISH_TAKE);
    request.set_authorization_contact("13800138000");
    request.set_authorization_method(common::Signature::AUTHORIZATION_METHOD_VERBAL_PHONE);
    // 36 minutes at 280.00 and 4.5 litres at 80.00: 168.00 + 360.00 net, 596.64 gross.
    request.add_lines()->set_package_code("PKG-MINOR");
    return request;
  }
  v1::RepairOrder ADraftOrder() {
    return Must<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, OrderRequest(ACheckedInVisit()));
  }
  v1::RepairOrder Prepared(const v1::RepairOrder& order) {
    v1::PrepareEstimateRequest estimate;
    estimate.set_repair_order_id(order.repair_order_id());
    Must<v1::Estimate>(options::ROLE_SERVICE_ADVISER, estimate);
    v1::ComputePromiseRequest promise;
    promise.set_repair_order_id(order.repair_order_id());
    return Must<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, promise);
  }
  absl::StatusOr<v1::RepairOrder> Sign(const v1::RepairOrder& order) {
    v1::SignRepairOrderRequest request;
    request.set_repair_order_id(order.repair_order_id());
    *request.mutable_signature() = ByCustomer();
    return Do<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, request);
  }
  v1::RepairOrder Signed() { return *Sign(Prepared(ADraftOrder())); }
  absl::StatusOr<v1::RepairOrder> Release(const v1::RepairOrder& order) {
    v1::ReleaseRepairOrderRequest request;
    request.set_repair_order_id(order.repair_order_id());
    return Do<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, request);
  }
  v1::RepairOrder Released() { return *Release(Signed()); }
  // Work done, parts drawn as planned, all inspections passed.
  v1::RepairOrder Completed(const v1::RepairOrder& order) {
    v1::RecordHandoverRequest handover;
    handover.set_repair_order_id(order.repair_order_id());
    handover.set_given_by("service_adviser");
    handover.set_received_by("team_leader");
    *handover.mutable_handover_time() = chassis::ToProto(clock.Now());
    handover.set_key_tag("17");
    Must<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, handover);
    progress = AllDone(workshop_lines);
    drawn = reserved;
    v1::TakeBackVehicleRequest take_back;
    take_back.set_repair_order_id(order.repair_order_id());
    return Must<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, take_back);
  }
  v1::Settlement Drafted(const v1::RepairOrder& order) {
    v1::PrepareSettlementRequest request;
    request.set_repair_order_id(order.repair_order_id());
    return Must<v1::Settlement>(options::ROLE_SERVICE_ADVISER, request);
  }
  v1::Settlement Issued(const v1::Settlement& draft) {
    v1::IssueSettlementRequest request;
    request.set_settlement_id(draft.settlement_id());
    return Must<v1::Settlement>(options::ROLE_CASHIER, request);
  }
  v1::Settlement AnIssuedSettlement() { return Issued(Drafted(Completed(Released()))); }
  absl::StatusOr<v1::Payment> Pay(const v1::Settlement& settlement, v1::PaymentMethod method, int64_t amount) {
    v1::RecordPaymentRequest request;
    request.set_settlement_id(settlement.settlement_id());
    request.set_method(method);
    request.set_amount(amount);
    request.set_reference("slip-1");
    return Do<v1::Payment>(options::ROLE_CASHIER, request);
  }
  absl::StatusOr<v1::GatePass> Pass(const v1::Settlement& settlement) {
    v1::IssueGatePassRequest request;
    request.set_settlement_id(settlement.settlement_id());
    return Do<v1::GatePass>(options::ROLE_CASHIER, request);
  }
  absl::StatusOr<v1::Delivery> Deliver(const std::string& order_id) {
    v1::DeliverVehicleRequest request;
    request.set_repair_order_id(order_id);
    request.set_work_explained(true);
    request.set_joint_walk_around(true);
    request.set_keys_returned(true);
    request.set_papers_returned(true);
    request.set_old_parts_outcome(v1::OLD_PARTS_OUTCOME_HANDED_OVER);
    request.add_returned_items()->set_name("雨伞");
    request.mutable_returned_items(0)->set_count(1);
    request.set_odometer_km(48215);
    request.set_satisfaction_score(5);
    *request.mutable_signature() = ByCustomer();
    return Do<v1::Delivery>(options::ROLE_SERVICE_ADVISER, request);
  }

  v1::RepairOrder OrderNow(const std::string& order_id) {
    v1::GetRepairOrderRequest request;
    request.set_repair_order_id(order_id);
    return Must<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, request);
  }
  // An event of the workshop arrives, as the intake would bring it.
  template <typename Fact>
  absl::Status Hear(const Fact& fact) {
    common::Event event;
    event.mutable_payload()->PackFrom(fact);
    return host.CommitInBackground(store_id, "Test/Hear", [&](chassis::UnitOfWork& work) -> absl::Status {
      for (const auto& entry : intake.entries().at(Fact::descriptor()->full_name())) {
        RETURN_IF_ERROR(entry.handler(work, event));
      }
      return absl::OkStatus();
    });
  }
  // Every check of `verify` finds everything in order; else what does not hold.
  std::vector<std::string> Differences() {
    std::vector<std::string> differences;
    const absl::Status status = pool->Read(absl::InfiniteFuture(), [&](chassis::sql::Session& session) -> absl::Status {
      for (const auto& [name, check] : rooms.checks) {
        ASSIGN_OR_RETURN(const common::LedgerCheck result, check(session, store_id));
        differences.insert(differences.end(), result.differences().begin(), result.differences().end());
      }
      const std::map<std::string, chassis::documents::Loader> loaders(rooms.signed_documents.begin(),
                                                                      rooms.signed_documents.end());
      ASSIGN_OR_RETURN(const common::LedgerCheck documents,
                       chassis::documents::VerifySignedDocuments(session, *cipher, loaders, store_id));
      differences.insert(differences.end(), documents.differences().begin(), documents.differences().end());
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return differences;
  }
  int64_t OpenDuties(const std::string& kind) {
    return Count(absl::StrCat("duty WHERE kind = '", kind, "' AND state = 'OPEN'"));
  }
  void Execute(const std::string& sql) {
    const absl::Status status = pool->Transact(absl::InfiniteFuture(), [&](chassis::sql::Session& session) {
      return session.ExecuteValues(sql, {}).status();
    });
    EXPECT_TRUE(status.ok()) << status;
  }

  template <typename Response, typename Request>
  Response Must(options::Role role, const Request& request) {
    auto response = Do<Response>(role, request);
    EXPECT_TRUE(response.ok()) << Request::descriptor()->name() << ": " << response.status();
    return response.ok() ? *std::move(response) : Response();
  }

  // -- what the neighbours keep --
  std::map<std::string, int64_t> reserved;  // thousandths by line
  std::map<std::string, int64_t> drawn;
  std::set<std::string> reservation_holders;
  std::vector<parts::CreateReservationRequest> reservations;  // as they were asked for
  std::vector<std::string> workshop_lines;
  std::vector<std::string> declines;
  workshop::OrderProgress progress;
  absl::Status create_jobs_refusal;
  absl::Status cancel_jobs_refusal;
  absl::Status reservation_refusal;
  absl::Status hold_again_refusal;

 private:
  absl::Status Answer(const google::protobuf::Message& request, google::protobuf::Message& response) {
    if (const auto* forecast = dynamic_cast<const workshop::ForecastCompletionRequest*>(&request)) {
      absl::Time ready = clock.Now() + absl::Hours(2);
      if (forecast->has_parts_ready_time()) ready = chassis::FromProto(forecast->parts_ready_time()) + absl::Hours(2);
      *static_cast<workshop::ForecastCompletionResponse&>(response).mutable_feasible_time() = chassis::ToProto(ready);
      return absl::OkStatus();
    }
    if (const auto* reserve = dynamic_cast<const parts::CreateReservationRequest*>(&request)) {
      if (!reservation_refusal.ok()) return reservation_refusal;
      if (!hold_again_refusal.ok() && reserve->holder_kind() == parts::Reservation::HOLDER_KIND_APPOINTMENT) {
        return hold_again_refusal;
      }
      reservations.push_back(*reserve);
      reservation_holders.erase(reserve->replaces_holder_id());
      reservation_holders.insert(reserve->holder_id());
      for (const auto& line : reserve->lines()) reserved[line.holder_line_id()] = line.quantity_milli();
      return absl::OkStatus();
    }
    if (const auto* cancel = dynamic_cast<const parts::CancelReservationRequest*>(&request)) {
      reservation_holders.erase(cancel->holder_id());
      return absl::OkStatus();
    }
    if (dynamic_cast<const parts::GetOrderPartsRequest*>(&request) != nullptr) {
      for (const auto& [line_id, issued] : drawn) {
        auto& line = *static_cast<parts::OrderParts&>(response).add_lines();
        line.set_holder_line_id(line_id);
        line.set_part_number(line_id);
        line.set_issued_milli(issued);
      }
      return absl::OkStatus();
    }
    if (const auto* create = dynamic_cast<const workshop::CreateJobsRequest*>(&request)) {
      if (!create_jobs_refusal.ok()) return create_jobs_refusal;
      for (const auto& line : create->lines()) workshop_lines.push_back(line.line_id());
      return absl::OkStatus();
    }
    if (const auto* add = dynamic_cast<const workshop::AddJobLinesRequest*>(&request)) {
      if (!create_jobs_refusal.ok()) return create_jobs_refusal;
      for (const auto& line : add->lines()) workshop_lines.push_back(line.line_id());
      return absl::OkStatus();
    }
    if (dynamic_cast<const workshop::CancelJobsRequest*>(&request) != nullptr) {
      if (cancel_jobs_refusal.ok()) workshop_lines.clear();
      return cancel_jobs_refusal;
    }
    if (const auto* decline = dynamic_cast<const workshop::RecordAddOnDeclineRequest*>(&request)) {
      declines.push_back(decline->add_on_id());
      return absl::OkStatus();
    }
    if (dynamic_cast<const workshop::GetOrderProgressRequest*>(&request) != nullptr) {
      response.CopyFrom(progress);
      return absl::OkStatus();
    }
    return neighbours.Answer(request, response);
  }
};

}  // namespace reception
