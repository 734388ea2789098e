// Every figure against documents made by the rooms themselves, in two stores, and against an empty house.
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "aftersales/reception/v1/diagnosis.pb.h"
#include "chassis/telemetry/census.h"
#include "gmock/gmock.h"
#include "reception-svc/repairs_for_test.h"
#include "tests/harness/plans.h"

namespace reception {
namespace {

constexpr absl::Duration kMonth = absl::Hours(24 * 30);

class FiguresRoom : public testing::Test {
 protected:
  // What the census shows now, as "name{store}" or "name{store,label}".
  std::map<std::string, double> Shown() {
    chassis::Census census(desk.host, desk.rooms.counted);
    const auto counted = census.Turn();
    EXPECT_TRUE(counted.ok()) << counted.status();
    std::map<std::string, double> shown;
    for (const prometheus::MetricFamily& family : census.Collect()) {
      for (const prometheus::ClientMetric& metric : family.metric) {
        std::vector<std::string> labels;
        for (const auto& label : metric.label) labels.push_back(label.value);
        shown[absl::StrCat(family.name, "{", absl::StrJoin(labels, ","), "}")] = metric.gauge.value;
      }
    }
    return shown;
  }
  // Exactly these figures of `store` are other than 0 among those whose names begin so.
  void Expect(std::initializer_list<std::string_view> names, const std::map<std::string, double>& expected,
              const std::string& store = "SH01") {
    std::map<std::string, double> found;
    for (const auto& [key, value] : Shown()) {
      const auto named = [&key = key](std::string_view name) { return key.rfind(name, 0) == 0; };
      const bool ours =
          key.find("{" + store + "}") != std::string::npos || key.find("{" + store + ",") != std::string::npos;
      const bool ratio = key.find("_ratio{") != std::string::npos;
      if (ours && (value != 0 || ratio) && std::any_of(names.begin(), names.end(), named)) found[key] = value;
    }
    ASSERT_THAT(found, testing::SizeIs(expected.size())) << testing::PrintToString(found);
    for (const auto& [key, value] : expected) EXPECT_NEAR(found[key], value, 1e-9) << key;
  }

  std::string OpenStore(const std::string& code) {
    v1::CreateStoreRequest request;
    request.mutable_store()->set_code(code);
    request.mutable_store()->set_display_name("苏州店");
    request.mutable_store()->set_time_zone("Asia/Shanghai");
    request.mutable_store()->set_currency_code("CNY");
    return desk.Must<common::Store>(options::ROLE_GROUP_MANAGER, request).store_id();
  }
  v1::BookAppointmentRequest Wish() {
    v1::BookAppointmentRequest request;
    request.set_source(v1::Appointment::SOURCE_PHONE);
    request.set_plate(RepairDesk::kPlate);
    request.add_package_codes("PKG-MINOR");
    *request.mutable_start_time() = chassis::ToProto(desk.clock.Now() + absl::Hours(2));
    return request;
  }
  v1::Appointment Book(const v1::BookAppointmentRequest& request) {
    return desk.Must<v1::Appointment>(options::ROLE_SERVICE_ADVISER, request);
  }
  void Confirm(const v1::Appointment& appointment) {
    v1::ConfirmAppointmentRequest request;
    request.set_appointment_id(appointment.appointment_id());
    *request.mutable_signature() = ByCustomer();
    desk.Must<v1::Appointment>(options::ROLE_SERVICE_ADVISER, request);
  }
  v1::Visit Arrive(const std::string& plate = RepairDesk::kPlate) {
    v1::RecordArrivalRequest request;
    request.set_plate(plate);
    return desk.Must<v1::Visit>(options::ROLE_GATE_GUARD, request);
  }
  v1::Visit Greet(const v1::Visit& visit) {
    v1::GreetVisitRequest request;
    request.set_visit_id(visit.visit_id());
    return desk.Must<v1::Visit>(options::ROLE_SERVICE_ADVISER, request);
  }
  v1::Visit Open(const v1::Visit& visit) {
    v1::OpenVisitRequest request;
    request.set_visit_id(visit.visit_id());
    request.set_purpose(v1::Visit::PURPOSE_REPAIR);
    return desk.Must<v1::Visit>(options::ROLE_SERVICE_ADVISER, request);
  }
  void Stage(const v1::RepairOrder& order, workshop::OrderStageChanged::Stage stage) {
    workshop::OrderStageChanged fact;
    fact.set_repair_order_id(order.repair_order_id());
    fact.set_stage(stage);
    ASSERT_TRUE(desk.Hear(fact).ok());
  }
  v1::AddOn AFinding(const v1::RepairOrder& order) {
    workshop::FindingRaised finding;
    finding.set_finding_id(desk.ids.NewId());
    finding.set_repair_order_id(order.repair_order_id());
    finding.set_description("front brake pads worn to 2 mm");
    finding.set_reason("measured");
    finding.add_operations()->set_operation_code("OIL");
    finding.add_parts()->set_part_number("PAD-1");
    finding.mutable_parts(0)->set_quantity_milli(1000);
    EXPECT_TRUE(desk.Hear(finding).ok());
    v1::ListAddOnsRequest list;
    list.set_filter("state = \"RAISED\"");
    const auto raised = desk.Must<v1::ListAddOnsResponse>(options::ROLE_SERVICE_ADVISER, list);
    return raised.add_ons_size() == 1 ? raised.add_ons(0) : v1::AddOn();
  }
  void Answer(const v1::AddOn& add_on, v1::RecordAddOnDecisionRequest::Answer answer) {
    v1::RecordAddOnDecisionRequest request;
    request.set_add_on_id(add_on.add_on_id());
    request.set_answer(answer);
    *request.mutable_consent() = ByCustomer();
    *request.mutable_answer_time() = chassis::ToProto(desk.clock.Now());
    if (answer == v1::RecordAddOnDecisionRequest::ANSWER_DECLINED) request.set_decline_reason("too expensive");
    desk.Must<v1::AddOn>(options::ROLE_SERVICE_ADVISER, request);
  }
  v1::RepairOrder Decided(const v1::RepairOrder& order, v1::Coverage labour) {
    v1::DecideCoverageRequest decide;
    decide.set_repair_order_id(order.repair_order_id());
    for (const auto& line : order.lines()) {
      auto& decision = *decide.add_decisions();
      decision.set_line_id(line.line_id());
      decision.set_coverage(line.kind() == v1::LINE_KIND_LABOUR ? labour : v1::COVERAGE_OUT_OF_WARRANTY);
      decision.set_reason("defect of the part");
    }
    return desk.Must<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, decide);
  }
  // From an issued bill to the customer's signature.
  void PayAndLeave(const v1::Settlement& bill) {
    ASSERT_TRUE(desk.Pay(bill, v1::PAYMENT_METHOD_CASH, bill.due_amount()).ok());
    ASSERT_TRUE(desk.Pass(bill).ok());
    ASSERT_TRUE(desk.Deliver(bill.repair_order_id()).ok());
    // What the neighbours kept for it is over.
    desk.reserved.clear();
    desk.drawn.clear();
    desk.workshop_lines.clear();
  }

  RepairDesk desk;
};

TEST_F(FiguresRoom, AreAllThereAndZeroWhereNothingHappened) {
  std::set<std::string> families;
  for (const auto& family : desk.rooms.counted) EXPECT_TRUE(families.insert(family.name).second) << family.name;
  EXPECT_THAT(
      families,
      testing::ElementsAre(
          "reception_add_on_acceptance_ratio", "reception_add_ons_open", "reception_appointment_show_ratio",
          "reception_appointment_wishes_waiting", "reception_appointments", "reception_board_late_vehicles",
          "reception_board_vehicles", "reception_check_ins_incomplete", "reception_coverage_undecided_lines",
          "reception_declined_amount", "reception_delay_notices", "reception_deliveries",
          "reception_deposits_held_amount", "reception_diagnoses_open", "reception_discount_amount",
          "reception_effective_labour_rate_amount", "reception_estimate_accuracy_ratio", "reception_estimates_unsigned",
          "reception_gate_passes_open", "reception_greeting_in_time_ratio", "reception_handovers_late",
          "reception_keys_held", "reception_lines_by_supply", "reception_lines_waiting_for_parts",
          "reception_next_maintenance_promised", "reception_on_time_delivery_ratio", "reception_payments_amount",
          "reception_price_changes_pending", "reception_progress_checks_open", "reception_promises_missed",
          "reception_receivables_open_amount", "reception_receivables_overdue_amount", "reception_repair_orders",
          "reception_repair_orders_cancelled", "reception_revenue_amount", "reception_settlements",
          "reception_unidentified_visits", "reception_vehicles_waiting_pick_up", "reception_vehicles_waiting_take_back",
          "reception_visits_open", "reception_visits_without_statement"));
  const auto shown = Shown();
  EXPECT_EQ(shown.count("reception_repair_orders{SH01,released}"), 1u);
  EXPECT_EQ(shown.count("reception_payments_amount{SH01,wechat_pay}"), 1u);
  EXPECT_EQ(shown.count("reception_keys_held{SH01}"), 1u);
  for (const auto& [key, value] : shown) {
    EXPECT_EQ(value, 0) << key;
    EXPECT_EQ(key.find("_ratio{"), std::string::npos) << key << ": a share of nothing";
  }
}

// Every table a statement reads has an index that could find its rows: at no time does it read the years before.
TEST_F(FiguresRoom, FindTheirRowsByAnIndex) {
  const absl::Status read =
      desk.pool->Read(absl::InfiniteFuture(), [&](chassis::sql::Session& session) -> absl::Status {
        for (const auto& family : desk.rooms.counted) {
          const std::string sql = absl::StrReplaceAll(family.sql, {{":now", "'2026-11-21 01:00:00'"},
                                                                   {":day_ago", "'2026-11-20 01:00:00'"},
                                                                   {":month_ago", "'2026-10-22 01:00:00'"}});
          EXPECT_THAT(harness::TablesReadWhole(session, sql), testing::IsEmpty()) << family.name;
        }
        return absl::OkStatus();
      });
  EXPECT_TRUE(read.ok()) << read;
}

// Handbook
TEST_F(FiguresRoom, OfAppointmentsFromTheWishToTheNoShow) {
  desk.neighbours.bays = 2;
  const v1::Appointment comes = Book(Wish());
  v1::BookAppointmentRequest valuable = Wish();
  desk.Offer("PACK-60", 5'000'000, true, "d0000000-0000-7000-8000-000000000004").set_high_value(true);
  desk.neighbours.offers["PACK-60"].set_available_milli(0);
  valuable.add_operation_codes("PACK");
  valuable.add_parts()->set_part_number("PACK-60");
  valuable.mutable_parts(0)->set_quantity_milli(1000);
  valuable.set_plate("沪B54321");
  valuable.set_contact_name("李四");
  valuable.set_contact_phone("13800001234");
  const v1::Appointment missed = Book(valuable);
  v1::BookAppointmentRequest patient = valuable;
  patient.set_wait_when_full(true);
  patient.set_plate("沪C11111");
  Book(patient);
  v1::RecordDepositRequest deposit;
  deposit.set_appointment_id(missed.appointment_id());
  deposit.set_method(v1::AppointmentDeposit::METHOD_WECHAT_PAY);
  deposit.set_amount(3'000'000);
  desk.Must<v1::AppointmentDeposit>(options::ROLE_CASHIER, deposit);
  Confirm(comes);
  Confirm(missed);
  Expect({"reception_appointment", "reception_deposits"}, {{"reception_appointments{SH01,confirmed}", 2},
                                                           {"reception_appointments{SH01,wait_listed}", 1},
                                                           {"reception_appointment_wishes_waiting{SH01}", 1},
                                                           {"reception_deposits_held_amount{SH01}", 3'000'000}});

  desk.clock.Advance(absl::Hours(2));
  Arrive();
  desk.clock.Advance(absl::Hours(1));
  v1::RecordNoShowRequest no_show;
  no_show.set_appointment_id(missed.appointment_id());
  no_show.set_reason("电话无人接听");
  desk.Must<v1::Appointment>(options::ROLE_SERVICE_ADVISER, no_show);
  // The wish is past, the deposit forfeited.
  Expect({"reception_appointment", "reception_deposits"}, {{"reception_appointments{SH01,arrived}", 1},
                                                           {"reception_appointments{SH01,no_show}", 1},
                                                           {"reception_appointments{SH01,wait_listed}", 1},
                                                           {"reception_appointment_show_ratio{SH01}", 0.5}});
  desk.clock.Advance(absl::Hours(24));
  Expect({"reception_appointment"}, {{"reception_appointment_show_ratio{SH01}", 0.5}});
  desk.clock.Advance(kMonth);
  Expect({"reception_appointment"}, {});
}

// Handbook
TEST_F(FiguresRoom, OfVisitsFromTheGateToTheCheckIn) {
  const v1::Visit stranger = Arrive("沪B54321");
  Expect({"reception_visits_open", "reception_greeting_in_time_ratio"}, {{"reception_visits_open{SH01,waiting}", 1}});
  desk.clock.Advance(absl::Seconds(30));
  Greet(stranger);
  Expect({"reception_visits_open", "reception_greeting_in_time_ratio"},
         {{"reception_visits_open{SH01,greeted}", 1}, {"reception_greeting_in_time_ratio{SH01}", 0}});
  Open(stranger);
  const std::initializer_list<std::string_view> check_in = {
      "reception_visits", "reception_check_ins", "reception_unidentified", "reception_keys", "reception_greeting"};
  Expect(check_in, {{"reception_visits_open{SH01,open}", 1},
                    {"reception_greeting_in_time_ratio{SH01}", 0},
                    {"reception_unidentified_visits{SH01}", 1},
                    {"reception_check_ins_incomplete{SH01}", 1},
                    {"reception_visits_without_statement{SH01}", 1}});
  const v1::Visit known = desk.ACheckedInVisit();
  Expect(check_in, {{"reception_visits_open{SH01,open}", 2},
                    {"reception_greeting_in_time_ratio{SH01}", 0.5},
                    {"reception_unidentified_visits{SH01}", 1},
                    {"reception_check_ins_incomplete{SH01}", 1},
                    {"reception_keys_held{SH01}", 1},
                    {"reception_visits_without_statement{SH01}", 2}});
  v1::RecordCustomerStatementRequest statement;
  statement.set_visit_id(known.visit_id());
  statement.set_words("刹车有异响");
  desk.Must<v1::CustomerStatement>(options::ROLE_SERVICE_ADVISER, statement);
  Expect({"reception_visits_without"}, {{"reception_visits_without_statement{SH01}", 1}});

  v1::StartDiagnosisRequest start;
  start.set_visit_id(known.visit_id());
  start.set_complaint("刹车有异响");
  *start.mutable_consent() = ByCustomer();
  const auto diagnosis = desk.Must<v1::Diagnosis>(options::ROLE_SERVICE_ADVISER, start);
  Expect({"reception_diagnoses"}, {{"reception_diagnoses_open{SH01,open}", 1}});
  v1::EscalateDiagnosisRequest escalate;
  escalate.set_diagnosis_id(diagnosis.diagnosis_id());
  escalate.set_reason("no code, no noise on the bench");
  desk.Must<v1::Diagnosis>(options::ROLE_TECHNICAL_DIRECTOR, escalate);
  Expect({"reception_diagnoses"}, {{"reception_diagnoses_open{SH01,escalated}", 1}});

  v1::CloseVisitRequest close;
  close.set_visit_id(stranger.visit_id());
  close.set_outcome(v1::Visit::OUTCOME_ANSWERED);
  close.set_answer("下次保养在 5000 公里后");
  desk.Must<v1::Visit>(options::ROLE_SERVICE_ADVISER, close);
  Expect(check_in, {{"reception_visits_open{SH01,open}", 1},
                    {"reception_greeting_in_time_ratio{SH01}", 0.5},
                    {"reception_keys_held{SH01}", 1}});
  desk.clock.Advance(kMonth + absl::Minutes(1));
  Expect({"reception_greeting"}, {});
}

// Handbook
TEST_F(FiguresRoom, OfCheckInsUntilTheLastPieceIsRecorded) {
  const v1::Visit visit = Open(Greet(Arrive()));
  Expect({"reception_check_ins", "reception_unidentified"}, {{"reception_check_ins_incomplete{SH01}", 1}});
  v1::RecordWalkAroundRequest walk;
  walk.set_visit_id(visit.visit_id());
  for (const auto cover :
       {v1::WalkAround::COVER_SEAT, v1::WalkAround::COVER_STEERING_WHEEL, v1::WalkAround::COVER_FLOOR_MAT}) {
    walk.add_covers(cover);
  }
  walk.set_odometer_km(48210);
  walk.set_energy_kind(v1::WalkAround::ENERGY_KIND_FUEL);
  walk.set_energy_percent(60);
  desk.Must<v1::WalkAround>(options::ROLE_SERVICE_ADVISER, walk);
  Expect({"reception_check_ins"}, {{"reception_check_ins_incomplete{SH01}", 1}});
  v1::RecordCustodyRequest custody;
  custody.set_visit_id(visit.visit_id());
  custody.set_key_tag_number("17");
  custody.set_key_hook("H-07");
  custody.set_key_count(1);
  desk.Must<v1::Custody>(options::ROLE_SERVICE_ADVISER, custody);
  Expect({"reception_check_ins"}, {{"reception_check_ins_incomplete{SH01}", 1}});
  v1::RecordBelongingsRequest belongings;
  belongings.set_visit_id(visit.visit_id());
  belongings.set_valuables_advice_given(true);
  *belongings.mutable_signature() = ByCustomer();
  desk.Must<v1::Belongings>(options::ROLE_SERVICE_ADVISER, belongings);
  Expect({"reception_check_ins"}, {});
}

// Handbook
TEST_F(FiguresRoom, OfAnOrderFromItsFirstLineToTheTakeBack) {
  desk.neighbours.vehicles_by_plate[RepairDesk::kPlate].set_warranty_end_date("2028-01-01");
  const std::initializer_list<std::string_view> orders = {
      "reception_repair_orders", "reception_coverage",  "reception_estimates_unsigned",
      "reception_promises",      "reception_lines",     "reception_progress_checks",
      "reception_vehicles",      "reception_handovers", "reception_delay"};
  v1::RepairOrder order = desk.ADraftOrder();
  Expect(orders, {{"reception_repair_orders{SH01,draft}", 1},
                  {"reception_coverage_undecided_lines{SH01}", 2},
                  {"reception_lines_by_supply{SH01,store_original}", 1}});
  order = desk.Prepared(Decided(order, v1::COVERAGE_OUT_OF_WARRANTY));
  Expect(orders, {{"reception_repair_orders{SH01,estimated}", 1},
                  {"reception_estimates_unsigned{SH01}", 1},
                  {"reception_lines_by_supply{SH01,store_original}", 1}});
  order = *desk.Sign(order);
  Expect(orders, {{"reception_repair_orders{SH01,signed}", 1}, {"reception_lines_by_supply{SH01,store_original}", 1}});
  order = *desk.Release(order);
  Stage(order, workshop::OrderStageChanged::STAGE_WAITING_FOR_PARTS);
  Expect(orders, {{"reception_repair_orders{SH01,released}", 1},
                  {"reception_lines_waiting_for_parts{SH01}", 1},
                  {"reception_progress_checks_open{SH01}", 2},
                  {"reception_lines_by_supply{SH01,store_original}", 1}});
  Expect({"reception_board"}, {{"reception_board_vehicles{SH01,parts_ordered}", 1}});

  // The agreed time passes; then the customer is told another one.
  const absl::Time released = desk.clock.Now();
  desk.clock.Set(chassis::FromProto(order.agreed_time()) + absl::Minutes(1));
  Stage(order, workshop::OrderStageChanged::STAGE_WORK_IN_PROGRESS);
  Expect({"reception_promises", "reception_board"}, {{"reception_promises_missed{SH01}", 1},
                                                     {"reception_board_vehicles{SH01,work_in_progress}", 1},
                                                     {"reception_board_late_vehicles{SH01,work_in_progress}", 1}});
  workshop::DelayReported delay;
  delay.set_repair_order_id(order.repair_order_id());
  delay.set_reason("part broken");
  ASSERT_TRUE(desk.Hear(delay).ok());
  v1::RecordPickUpNoticeRequest notice;
  notice.set_repair_order_id(order.repair_order_id());
  notice.set_channel(v1::NOTICE_CHANNEL_PHONE);
  *notice.mutable_new_time() = chassis::ToProto(desk.clock.Now() + absl::Hours(8));
  notice.set_reason("part broken");
  Expect({"reception_delay"}, {});
  desk.Must<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, notice);
  Expect({"reception_delay", "reception_promises"}, {{"reception_delay_notices{SH01}", 1}});

  v1::RecordHandoverRequest handover;
  handover.set_repair_order_id(order.repair_order_id());
  handover.set_given_by("service_adviser");
  handover.set_received_by("team_leader");
  *handover.mutable_handover_time() = chassis::ToProto(released);
  handover.set_key_tag("17");
  handover.set_late_reason("the leader was on a test drive");
  desk.Must<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, handover);
  Expect({"reception_handovers"}, {{"reception_handovers_late{SH01}", 1}});
  workshop::OrderFinished finished;
  finished.set_repair_order_id(order.repair_order_id());
  *finished.mutable_complete_time() = chassis::ToProto(desk.clock.Now());
  ASSERT_TRUE(desk.Hear(finished).ok());
  Expect({"reception_vehicles"}, {{"reception_vehicles_waiting_take_back{SH01}", 1}});
  desk.progress = AllDone(desk.workshop_lines);
  v1::TakeBackVehicleRequest take_back;
  take_back.set_repair_order_id(order.repair_order_id());
  desk.Must<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, take_back);
  Expect(orders, {{"reception_repair_orders{SH01,completed}", 1},
                  {"reception_vehicles_waiting_pick_up{SH01}", 1},
                  {"reception_handovers_late{SH01}", 1},
                  {"reception_delay_notices{SH01}", 1},
                  {"reception_lines_by_supply{SH01,store_original}", 1}});
}

// Handbook
TEST_F(FiguresRoom, OfWhatTheCustomerDoesNotWant) {
  v1::RepairOrder order = desk.ADraftOrder();
  v1::DeclineOrderLinesRequest decline;
  decline.set_repair_order_id(order.repair_order_id());
  for (const auto& line : order.lines()) {
    if (line.kind() == v1::LINE_KIND_PART) decline.add_line_ids(line.line_id());
  }
  decline.set_reason("brings his own oil");
  desk.Must<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, decline);
  Expect({"reception_declined", "reception_repair_orders"},
         {{"reception_declined_amount{SH01}", 40680}, {"reception_repair_orders{SH01,draft}", 1}});
  v1::CancelRepairOrderRequest cancel;
  cancel.set_repair_order_id(order.repair_order_id());
  cancel.set_reason("客户不修");
  desk.Must<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, cancel);
  Expect({"reception_declined", "reception_repair_orders", "reception_lines"},
         {{"reception_declined_amount{SH01}", 40680}, {"reception_repair_orders_cancelled{SH01}", 1}});

  v1::ProposePriceChangeRequest change;
  change.set_reason("涨价");
  change.set_effective_date("2026-12-01");
  v1::LabourRate& rate = *change.add_labour_rates();
  rate.set_skill(common::SKILL_MAINTENANCE);
  rate.set_hourly_amount(30000);
  desk.Must<v1::PriceChange>(options::ROLE_TECHNICAL_DIRECTOR, change);
  Expect({"reception_price"}, {{"reception_price_changes_pending{SH01}", 1}});
  desk.clock.Advance(kMonth + absl::Minutes(1));
  Expect({"reception_declined", "reception_repair_orders"}, {});
}

// Handbook: R-32
TEST_F(FiguresRoom, OfAddOnsFromTheFindingToTheAnswer) {
  const v1::RepairOrder order = desk.Released();
  v1::AddOn wanted = AFinding(order);
  Expect({"reception_add_on"}, {{"reception_add_ons_open{SH01,raised}", 1}});
  v1::PriceAddOnRequest price;
  price.set_add_on_id(wanted.add_on_id());
  wanted = desk.Must<v1::AddOn>(options::ROLE_SERVICE_ADVISER, price);
  Expect({"reception_add_on"}, {{"reception_add_ons_open{SH01,offered}", 1}});
  Answer(wanted, v1::RecordAddOnDecisionRequest::ANSWER_APPROVED);
  Expect({"reception_add_on"}, {{"reception_add_on_acceptance_ratio{SH01}", 1}});
  price.set_add_on_id(AFinding(order).add_on_id());
  Answer(desk.Must<v1::AddOn>(options::ROLE_SERVICE_ADVISER, price), v1::RecordAddOnDecisionRequest::ANSWER_DECLINED);
  Expect({"reception_add_on", "reception_declined"},
         {{"reception_add_on_acceptance_ratio{SH01}", 0.5}, {"reception_declined_amount{SH01}", 52884}});
  desk.clock.Advance(kMonth + absl::Minutes(1));
  Expect({"reception_add_on", "reception_declined"}, {});
}

// Handbook
TEST_F(FiguresRoom, OfTheBillTheMoneyAndTheGate) {
  const v1::RepairOrder order = desk.Completed(desk.Released());
  const std::initializer_list<std::string_view> bills = {
      "reception_settlements", "reception_discount",    "reception_revenue", "reception_effective",
      "reception_estimate_",   "reception_receivables", "reception_payments"};
  const v1::Settlement draft = desk.Drafted(order);
  Expect(bills, {{"reception_settlements{SH01,draft}", 1}});
  v1::ApplyDiscountRequest discount;
  discount.set_settlement_id(draft.settlement_id());
  discount.set_target(v1::DISCOUNT_TARGET_ALL);
  discount.set_basis_points(500);
  discount.set_reason("ten years a customer");
  // 168.00 + 360.00 less 5 %: 159.60 + 342.00, with tax 566.81 against the estimate's 596.64.
  const v1::Settlement bill = desk.Issued(desk.Must<v1::Settlement>(options::ROLE_SERVICE_ADVISER, discount));
  Expect(bills, {{"reception_settlements{SH01,issued}", 1},
                 {"reception_discount_amount{SH01}", 2640},
                 {"reception_revenue_amount{SH01,labour}", 15960},
                 {"reception_revenue_amount{SH01,parts}", 34200},
                 {"reception_effective_labour_rate_amount{SH01}", 26600},  // 159.60 for 36 minutes
                 {"reception_estimate_accuracy_ratio{SH01}", 56681.0 / 59664},
                 {"reception_receivables_open_amount{SH01,customer}", 56681}});

  const auto cash = desk.Pay(bill, v1::PAYMENT_METHOD_CASH, 10000);
  ASSERT_TRUE(cash.ok());
  v1::RefundPaymentRequest refund;
  refund.set_payment_id(cash->payment_id());
  refund.set_amount(4000);
  refund.set_reason("counted twice");
  desk.Must<v1::Payment>(options::ROLE_CASHIER, refund);
  v1::CreateCreditAccountRequest create;
  create.mutable_credit_account()->set_customer_id(RepairDesk::kCustomer);
  create.mutable_credit_account()->set_limit_amount(50000);
  create.mutable_credit_account()->set_due_days(10);
  desk.Must<v1::CreditAccount>(options::ROLE_SERVICE_MANAGER, create);
  ASSERT_TRUE(desk.Pay(bill, v1::PAYMENT_METHOD_ON_ACCOUNT, 50000).ok());
  ASSERT_TRUE(desk.Pay(bill, v1::PAYMENT_METHOD_CARD, 681).ok());
  Expect({"reception_payments", "reception_receivables"},
         {{"reception_payments_amount{SH01,cash}", 6000},
          {"reception_payments_amount{SH01,on_account}", 50000},
          {"reception_payments_amount{SH01,card}", 681},
          {"reception_receivables_open_amount{SH01,customer}", 50000}});

  ASSERT_TRUE(desk.Pass(bill).ok());
  const std::initializer_list<std::string_view> leaving = {
      "reception_gate",        "reception_deliver", "reception_next",  "reception_on_time",      "reception_vehicles",
      "reception_visits_open", "reception_keys",    "reception_board", "reception_repair_orders"};
  Expect(leaving, {{"reception_gate_passes_open{SH01}", 1},
                   {"reception_vehicles_waiting_pick_up{SH01}", 1},
                   {"reception_visits_open{SH01,open}", 1},
                   {"reception_keys_held{SH01}", 1},
                   {"reception_board_vehicles{SH01,checkout}", 1},
                   {"reception_repair_orders{SH01,settled}", 1}});
  ASSERT_TRUE(desk.Deliver(bill.repair_order_id()).ok());
  Expect(leaving, {{"reception_gate_passes_open{SH01}", 1},
                   {"reception_deliveries{SH01}", 1},
                   {"reception_next_maintenance_promised{SH01}", 1},
                   {"reception_on_time_delivery_ratio{SH01}", 1}});

  desk.clock.Advance(absl::Hours(24 * 11));
  Expect({"reception_receivables"}, {{"reception_receivables_open_amount{SH01,customer}", 50000},
                                     {"reception_receivables_overdue_amount{SH01,customer}", 50000}});
  desk.clock.Advance(kMonth);
  Expect(leaving, {{"reception_gate_passes_open{SH01}", 1}});
  Expect(bills, {{"reception_receivables_open_amount{SH01,customer}", 50000},
                 {"reception_receivables_overdue_amount{SH01,customer}", 50000}});
}

// Handbook: R-43
TEST_F(FiguresRoom, OfWhatOthersThanTheCustomerOwe) {
  desk.neighbours.vehicles_by_plate[RepairDesk::kPlate].set_warranty_end_date("2028-01-01");
  const v1::RepairOrder order = Decided(desk.ADraftOrder(), v1::COVERAGE_IN_WARRANTY);
  desk.Issued(desk.Drafted(desk.Completed(*desk.Release(*desk.Sign(desk.Prepared(order))))));
  Expect({"reception_receivables"}, {{"reception_receivables_open_amount{SH01,customer}", 40680},
                                     {"reception_receivables_open_amount{SH01,warranty}", 18984}});
  v1::ListPayerSharesRequest list;
  list.set_filter("state = \"OPEN\"");
  v1::CollectPayerShareRequest collect;
  collect.set_payer_share_id(
      desk.Must<v1::ListPayerSharesResponse>(options::ROLE_CASHIER, list).payer_shares(0).payer_share_id());
  collect.set_method(v1::PAYMENT_METHOD_TRANSFER);
  collect.set_amount(10000);
  collect.set_reference("CN-2026-11");
  desk.Must<v1::PayerShare>(options::ROLE_CASHIER, collect);
  Expect({"reception_receivables", "reception_payments"}, {{"reception_receivables_open_amount{SH01,customer}", 40680},
                                                           {"reception_receivables_open_amount{SH01,warranty}", 8984},
                                                           {"reception_payments_amount{SH01,transfer}", 10000}});
}

// Handbook: G-01, R-25
TEST_F(FiguresRoom, OfOneStoreHoldNothingOfAnother) {
  PayAndLeave(desk.AnIssuedSettlement());
  const std::string shanghai = desk.store_id;
  desk.store_id = OpenStore("SZ02");
  desk.AdoptPrices();
  // One vehicle delivered that was taken back in time, one that was not, and one in the workshop.
  PayAndLeave(desk.AnIssuedSettlement());
  v1::RepairOrder late = desk.Released();
  desk.clock.Set(chassis::FromProto(late.agreed_time()) + absl::Seconds(1));
  PayAndLeave(desk.Issued(desk.Drafted(desk.Completed(late))));
  desk.Released();

  const std::initializer_list<std::string_view> some = {
      "reception_repair_orders", "reception_deliveries",  "reception_on_time", "reception_revenue",
      "reception_payments",      "reception_visits_open", "reception_board",   "reception_keys"};
  Expect(some,
         {{"reception_deliveries{SH01}", 1},
          {"reception_on_time_delivery_ratio{SH01}", 1},
          {"reception_revenue_amount{SH01,labour}", 16800},
          {"reception_revenue_amount{SH01,parts}", 36000},
          {"reception_payments_amount{SH01,cash}", 59664}},
         "SH01");
  Expect(some,
         {{"reception_repair_orders{SZ02,released}", 1},
          {"reception_deliveries{SZ02}", 2},
          {"reception_on_time_delivery_ratio{SZ02}", 0.5},
          {"reception_revenue_amount{SZ02,labour}", 33600},
          {"reception_revenue_amount{SZ02,parts}", 72000},
          {"reception_payments_amount{SZ02,cash}", 119328},
          {"reception_visits_open{SZ02,open}", 1},
          {"reception_board_vehicles{SZ02,waiting_for_workshop}", 1},
          {"reception_keys_held{SZ02}", 1}},
         "SZ02");
}

}  // namespace
}  // namespace reception
