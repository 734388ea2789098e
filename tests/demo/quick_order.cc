#include "tests/demo/quick_order.h"

#include "absl/strings/str_format.h"
#include "aftersales/crm/v1/customer.pb.h"
#include "aftersales/reception/v1/estimate.pb.h"
#include "chassis/server/formats.h"

namespace demo {

namespace common = aftersales::common::v1;
namespace crm = aftersales::crm::v1;
namespace reception = aftersales::reception::v1;
using common::Signature;

namespace {

Signature CustomerSigns(const std::string& evidence) {
  return SignedBy("客户", Signature::SIGNER_ROLE_CUSTOMER, Signature::AUTHORIZATION_METHOD_IN_PERSON_DIGITAL_SIGNATURE,
                  evidence);
}

}  // namespace

std::string VinOf(int serial) {
  std::string vin = absl::StrFormat("LSVAL41Z0N5%06d", serial);
  vin[8] = chassis::formats::VinCheckDigit(vin);
  return vin;
}

std::string QuickOrder::Customer(const std::string& phone) {
  auto request = ForStore<crm::CreateCustomerRequest>();
  request.mutable_customer()->set_kind(crm::Customer::KIND_COMPANY);
  request.mutable_customer()->set_name("车队");
  request.mutable_customer()->set_phone(phone);
  return stage_.Do<crm::Customer>(cast_.agent, request).customer_id();
}

crm::Vehicle QuickOrder::Vehicle(const std::string& customer_id, int serial) {
  auto request = ForStore<crm::CreateVehicleRequest>();
  crm::Vehicle& vehicle = *request.mutable_vehicle();
  vehicle.set_vin(VinOf(serial));
  // Five characters after 沪 and the letter: 24^2 x 1000 plates without I and O.
  static constexpr char kLetters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ";
  vehicle.set_plate(
      absl::StrFormat("沪C%c%c%03d", kLetters[serial / 24000 % 24], kLetters[serial / 1000 % 24], serial % 1000));
  vehicle.set_plate_colour(crm::Vehicle::PLATE_COLOUR_BLUE);
  vehicle.set_model_code("A3L");
  vehicle.set_odometer_km(10'000);
  vehicle.set_customer_id(customer_id);
  return stage_.Do<crm::Vehicle>(cast_.agent, request);
}

reception::Visit QuickOrder::CheckedIn(const crm::Vehicle& vehicle) {
  auto arrival = ForStore<reception::RecordArrivalRequest>();
  arrival.set_plate(vehicle.plate());
  auto visit = stage_.Do<reception::Visit>(cast_.guard, arrival);
  auto greet = ForStore<reception::GreetVisitRequest>();
  greet.set_visit_id(visit.visit_id());
  greet.set_out_of_order_reason("快速通道");
  stage_.Do<reception::Visit>(cast_.adviser, greet);
  auto open = ForStore<reception::OpenVisitRequest>();
  open.set_visit_id(visit.visit_id());
  open.set_purpose(reception::Visit::PURPOSE_REPAIR);
  visit = stage_.Do<reception::Visit>(cast_.adviser, open);
  auto walk = ForStore<reception::RecordWalkAroundRequest>();
  walk.set_visit_id(visit.visit_id());
  for (auto cover : {reception::WalkAround::COVER_SEAT, reception::WalkAround::COVER_STEERING_WHEEL,
                     reception::WalkAround::COVER_FLOOR_MAT}) {
    walk.add_covers(cover);
  }
  walk.set_odometer_km(10'500);
  walk.set_energy_kind(reception::WalkAround::ENERGY_KIND_FUEL);
  walk.set_energy_percent(50);
  stage_.Do<reception::WalkAround>(cast_.adviser, walk);
  auto belongings = ForStore<reception::RecordBelongingsRequest>();
  belongings.set_visit_id(visit.visit_id());
  belongings.set_valuables_advice_given(true);
  *belongings.mutable_signature() = CustomerSigns("screen/belongings");
  stage_.Do<reception::Belongings>(cast_.adviser, belongings);
  auto custody = ForStore<reception::RecordCustodyRequest>();
  custody.set_visit_id(visit.visit_id());
  custody.set_key_tag_number("K" + vehicle.vin().substr(11));
  custody.set_key_hook("A-01");
  custody.set_key_count(1);
  stage_.Do<reception::Custody>(cast_.adviser, custody);
  auto statement = ForStore<reception::RecordCustomerStatementRequest>();
  statement.set_visit_id(visit.visit_id());
  statement.set_words("换空调滤芯");
  stage_.Do<reception::CustomerStatement>(cast_.adviser, statement);
  return visit;
}

reception::RepairOrder QuickOrder::Estimated(const reception::Visit& visit) {
  auto create = ForStore<reception::CreateRepairOrderRequest>();
  create.set_visit_id(visit.visit_id());
  create.set_work_kind(common::WORK_KIND_MAINTENANCE);
  create.set_repair_class(reception::REPAIR_CLASS_MINOR);
  create.set_customer_requests("换机油");
  create.set_planned_payment(reception::PLANNED_PAYMENT_AT_PICK_UP);
  create.set_delivery_procedure(reception::DELIVERY_PROCEDURE_PICK_UP_AT_STORE);
  create.set_old_parts_wish(reception::OLD_PARTS_WISH_DISCARD);
  create.set_authorization_contact("13900009999");
  create.set_authorization_method(Signature::AUTHORIZATION_METHOD_VERBAL_PHONE);
  auto& labour = *create.add_lines();
  labour.set_operation_code("MNT-A");
  labour.set_pay_type(common::PAY_TYPE_CUSTOMER_PAY);
  auto& part = *create.add_lines();
  part.set_pay_type(common::PAY_TYPE_CUSTOMER_PAY);
  part.mutable_part()->set_supply_source(common::SUPPLY_SOURCE_STORE_ORIGINAL);
  part.mutable_part()->set_part_number("OIL-5W30");
  part.mutable_part()->set_quantity_milli(100);
  part.mutable_part()->set_operation_code("MNT-A");
  auto order = stage_.Do<reception::RepairOrder>(cast_.adviser, create);
  auto decide = ForStore<reception::DecideCoverageRequest>();
  decide.set_repair_order_id(order.repair_order_id());
  for (const auto& line : order.lines()) {
    auto& decision = *decide.add_decisions();
    decision.set_line_id(line.line_id());
    decision.set_coverage(reception::COVERAGE_OUT_OF_WARRANTY);
    decision.set_reason("质保期外");
    decision.set_pay_type(common::PAY_TYPE_CUSTOMER_PAY);
  }
  stage_.Do<reception::RepairOrder>(cast_.adviser, decide);
  auto estimate = ForStore<reception::PrepareEstimateRequest>();
  estimate.set_repair_order_id(order.repair_order_id());
  estimate.set_method(reception::ESTIMATE_METHOD_BY_ITEM);
  stage_.Do<reception::Estimate>(cast_.adviser, estimate);
  auto promise = ForStore<reception::ComputePromiseRequest>();
  promise.set_repair_order_id(order.repair_order_id());
  return stage_.Do<reception::RepairOrder>(cast_.adviser, promise);
}

reception::RepairOrder QuickOrder::Signed(const reception::RepairOrder& order) {
  auto sign = ForStore<reception::SignRepairOrderRequest>();
  sign.set_repair_order_id(order.repair_order_id());
  *sign.mutable_signature() = CustomerSigns("screen/order");
  return stage_.Do<reception::RepairOrder>(cast_.adviser, sign);
}

reception::ReleaseRepairOrderRequest QuickOrder::ReleaseRequest(const reception::RepairOrder& order) const {
  auto release = ForStore<reception::ReleaseRepairOrderRequest>();
  release.set_repair_order_id(order.repair_order_id());
  return release;
}

}  // namespace demo
