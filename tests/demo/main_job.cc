#include "tests/demo/main_job.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "aftersales/common/v1/audit.pb.h"
#include "aftersales/common/v1/duty.pb.h"
#include "aftersales/common/v1/event.pb.h"
#include "aftersales/crm/v1/check_in.pb.h"
#include "aftersales/crm/v1/errors.pb.h"
#include "aftersales/crm/v1/follow_up.pb.h"
#include "aftersales/crm/v1/history.pb.h"
#include "aftersales/crm/v1/reminder.pb.h"
#include "aftersales/crm/v1/vehicle.pb.h"
#include "aftersales/parts/v1/catalogue.pb.h"
#include "aftersales/parts/v1/issue.pb.h"
#include "aftersales/parts/v1/ledger.pb.h"
#include "aftersales/parts/v1/location.pb.h"
#include "aftersales/parts/v1/order_parts.pb.h"
#include "aftersales/parts/v1/reservation.pb.h"
#include "aftersales/reception/v1/add_on.pb.h"
#include "aftersales/reception/v1/appointment.pb.h"
#include "aftersales/reception/v1/delivery.pb.h"
#include "aftersales/reception/v1/diagnosis.pb.h"
#include "aftersales/reception/v1/errors.pb.h"
#include "aftersales/reception/v1/estimate.pb.h"
#include "aftersales/reception/v1/gate_pass.pb.h"
#include "aftersales/reception/v1/payment.pb.h"
#include "aftersales/reception/v1/repair_order.pb.h"
#include "aftersales/reception/v1/settlement.pb.h"
#include "aftersales/reception/v1/visit.pb.h"
#include "aftersales/workshop/v1/clock.pb.h"
#include "aftersales/workshop/v1/dispatch.pb.h"
#include "aftersales/workshop/v1/errors.pb.h"
#include "aftersales/workshop/v1/finding.pb.h"
#include "aftersales/workshop/v1/inspection.pb.h"
#include "aftersales/workshop/v1/job.pb.h"
#include "aftersales/workshop/v1/order_intake.pb.h"
#include "aftersales/workshop/v1/repair_plan.pb.h"
#include "aftersales/workshop/v1/schedule.pb.h"
#include "aftersales/workshop/v1/staff.pb.h"
#include "aftersales/workshop/v1/team.pb.h"
#include "aftersales/workshop/v1/verification.pb.h"
#include "aftersales/workshop/v1/wash.pb.h"
#include "tests/demo/missing_part.h"

namespace demo {

namespace common = aftersales::common::v1;
namespace crm = aftersales::crm::v1;
namespace parts = aftersales::parts::v1;
namespace reception = aftersales::reception::v1;
namespace workshop = aftersales::workshop::v1;
using common::Signature;

namespace {

constexpr char kModel[] = "A3L";
constexpr char kTurbo[] = "A3L-TRB";
constexpr char kCertificateExpired[] = "tech-sh01-06";  // tests/data/staff.csv: LV ended

class MainJob {
 public:
  MainJob(Stage& stage, const common::Store& store) : stage_(stage), store_(store), cast_(store) {}

  void Play() {
    ChooseVehicle();
    stock_before_ = StockOf(stock_watch_);
    Appointment();
    Arrival();
    Diagnosis();
    OrderAndEstimate();
    SignAndRelease();
    Dispatch();
    Work();
    AddOns();
    FinishWork();
    Inspections();
    Wash();
    TakeBackAndSettle();
    PayAndLeave();
    AfterDelivery();
    Books();
  }

 private:
  // A request of this store, ready to be filled.
  template <typename Request>
  Request ForStore() const {
    Request request;
    request.set_store_id(store_.store_id());
    return request;
  }
  Signature ByCustomer(const std::string& evidence, Signature::AuthorizationMethod method =
                                                        Signature::AUTHORIZATION_METHOD_IN_PERSON_DIGITAL_SIGNATURE) {
    return SignedBy(customer_name_, Signature::SIGNER_ROLE_CUSTOMER, method, evidence);
  }
  Signature ByStaff(const std::string& subject, Signature::SignerRole role) {
    return SignedBy(subject, role, Signature::AUTHORIZATION_METHOD_IN_PERSON_DIGITAL_SIGNATURE, "screen/" + subject);
  }
  template <typename Document>
  void Say(std::string_view what, const Document& document) {
    stage_.narrator().Step(what, document.number(), StateOf(document));
  }
  void Say(std::string_view what, std::string_view number = "", std::string_view state = "") {
    stage_.narrator().Step(what, number, state);
  }

  // -- the vehicle -----------------------------------------------------------------------------------------------

  void ChooseVehicle() {
    stage_.narrator().Chapter("预约 Appointment");
    std::set<std::string> here;
    auto visits = ForStore<reception::ListVisitsRequest>();
    visits.set_page_size(500);
    visits.set_filter("state != \"CLOSED\"");
    const auto visits_here = stage_.Do<reception::ListVisitsResponse>(cast_.adviser, visits);
    for (const auto& visit : visits_here.visits()) {
      here.insert(visit.plate());
    }
    auto vehicles = ForStore<crm::ListVehiclesRequest>();
    vehicles.set_page_size(500);
    vehicles.set_filter(absl::StrCat("model_code = \"", kModel, "\""));
    const auto candidates = stage_.Do<crm::ListVehiclesResponse>(cast_.adviser, vehicles);
    for (const auto& vehicle : candidates.vehicles()) {
      if (here.count(vehicle.plate())) continue;
      vehicle_ = vehicle;
      break;
    }
    if (vehicle_.vehicle_id().empty()) throw StepFailed("every vehicle of the data is in the house");
    auto summary = ForStore<crm::GetCheckInSummaryRequest>();
    summary.set_vehicle_id(vehicle_.vehicle_id());
    const auto archive = stage_.Do<crm::CheckInSummary>(cast_.adviser, summary);
    customer_name_ = archive.customer_name();
    customer_phone_ = archive.customer_phone();
    // The working day after tomorrow's dawn: whatever time it is now, the story begins in the morning.
    absl::TimeZone zone;
    absl::LoadTimeZone(store_.time_zone(), &zone);
    const absl::CivilDay tomorrow = absl::ToCivilDay(stage_.Now(), zone) + 1;
    stage_.MoveTo(absl::FromCivil(absl::CivilHour(tomorrow.year(), tomorrow.month(), tomorrow.day(), 9), zone));
    day_of_visit_ = absl::FromCivil(tomorrow + 2, zone);
    zone_ = zone;
  }

  // -- appointment: R-01 to R-05 ---------------------------------------------------------------------------------

  void Appointment() {
    auto search = ForStore<workshop::SearchSlotsRequest>();
    search.set_skill(common::SKILL_MECHANICAL);
    search.set_duration_minutes(360);
    *search.mutable_earliest_time() = chassis::ToProto(day_of_visit_);
    *search.mutable_latest_time() = chassis::ToProto(day_of_visit_ + absl::Hours(24));
    const auto slots = stage_.Do<workshop::SearchSlotsResponse>(cast_.adviser, search);
    if (slots.slots().empty()) throw StepFailed("no free slot on the day of the visit");
    Say(absl::StrCat("可约时段 ", slots.slots_size(), " 个，最早 ", Local(slots.slots(0).start_time()), " ",
                     slots.slots(0).bay_name()));

    auto book = ForStore<reception::BookAppointmentRequest>();
    book.set_source(reception::Appointment::SOURCE_PHONE);
    book.set_customer_id(vehicle_.customer_id());
    book.set_vehicle_id(vehicle_.vehicle_id());
    book.set_plate(vehicle_.plate());
    book.set_model_code(vehicle_.model_code());
    book.add_operation_codes("ENG-TRB");
    book.add_parts()->set_part_number(kTurbo);
    book.mutable_parts(0)->set_quantity_milli(1000);
    book.set_wishes("加速无力，仪表故障灯亮");
    book.set_adviser(cast_.adviser.subject);
    *book.mutable_start_time() = slots.slots(0).start_time();
    appointment_ = stage_.Do<reception::Appointment>(cast_.adviser, book);
    Say("预约登记，工位与配件已占用", appointment_);

    auto confirm = ForStore<reception::ConfirmAppointmentRequest>();
    confirm.set_appointment_id(appointment_.appointment_id());
    confirm.set_etag(appointment_.etag());
    *confirm.mutable_signature() = ByCustomer("portal/confirm", Signature::AUTHORIZATION_METHOD_DIGITAL_PORTAL);
    if (appointment_.deposit_required_amount() > 0) {
      stage_.Refused<reception::Appointment>(cast_.adviser, confirm, reception::ERROR_REASON_DEPOSIT_MISSING,
                                             "高价件未交定金即确认");
      auto deposit = ForStore<reception::RecordDepositRequest>();
      deposit.set_appointment_id(appointment_.appointment_id());
      deposit.set_method(reception::AppointmentDeposit::METHOD_WECHAT_PAY);
      deposit.set_amount(appointment_.deposit_required_amount());
      deposit.set_external_reference("wechat-" + appointment_.number());
      const auto held = stage_.Do<reception::AppointmentDeposit>(cast_.cashier, deposit);
      Say(absl::StrCat("定金 ", Yuan(held.amount()), "（高价件的 50%）"), held);
      auto get = ForStore<reception::GetAppointmentRequest>();
      get.set_appointment_id(appointment_.appointment_id());
      confirm.set_etag(stage_.Do<reception::Appointment>(cast_.adviser, get).etag());
    }
    appointment_ = stage_.Do<reception::Appointment>(cast_.adviser, confirm);
    Say("客户远程确认预约", appointment_);
    OrderMissingPart(stage_, store_, appointment_.appointment_id());
    ReminderDuty();
  }

  void ReminderDuty() {
    const auto duties = DutiesOf("reception", appointment_.appointment_id(), cast_.adviser);
    for (const common::Duty& duty : duties) {
      if (duty.state() != common::Duty::STATE_OPEN || duty.kind() != "appointment_reminder") continue;
      stage_.MoveTo(std::max(stage_.Now(), chassis::FromProto(duty.due_time()) - absl::Minutes(30)));
      common::CompleteDutyRequest done;
      done.set_store_id(store_.store_id());
      done.set_duty_id(duty.duty_id());
      done.set_outcome("电话提醒，客户准时到店");
      const auto completed = stage_.DoNamed<common::Duty>(cast_.adviser, "reception.DutyService/CompleteDuty", done);
      Say("提前一天提醒客户（待办）", appointment_.number(), StateOf(completed));
      return;
    }
    throw StepFailed("a confirmed appointment owes its reminder");
  }

  // -- arrival: R-10 to R-15 -------------------------------------------------------------------------------------

  void Arrival() {
    stage_.narrator().Chapter("接车 Check-in");
    stage_.MoveTo(chassis::FromProto(appointment_.start_time()) - absl::Minutes(10));
    auto arrival = ForStore<reception::RecordArrivalRequest>();
    arrival.set_plate(vehicle_.plate());
    visit_ = stage_.Do<reception::Visit>(cast_.guard, arrival);
    Say(absl::StrCat("门卫登记 ", visit_.plate(), "，进门卡 ", visit_.gate_card_number()), visit_);

    stage_.Pass(absl::Seconds(6));
    auto greet = ForStore<reception::GreetVisitRequest>();
    greet.set_visit_id(visit_.visit_id());
    greet.set_out_of_order_reason("预约客户优先接待");
    visit_ = stage_.Do<reception::Visit>(cast_.adviser, greet);
    Say(absl::StrCat("接待，", visit_.greeting_seconds(), " 秒", visit_.greeted_in_time() ? "（达标）" : "（超时）"),
        visit_);

    auto open = ForStore<reception::OpenVisitRequest>();
    open.set_visit_id(visit_.visit_id());
    open.set_purpose(reception::Visit::PURPOSE_APPOINTMENT);
    visit_ = stage_.Do<reception::Visit>(cast_.adviser, open);

    auto walk = ForStore<reception::RecordWalkAroundRequest>();
    walk.set_visit_id(visit_.visit_id());
    for (auto cover : {reception::WalkAround::COVER_SEAT, reception::WalkAround::COVER_STEERING_WHEEL,
                       reception::WalkAround::COVER_FLOOR_MAT}) {
      walk.add_covers(cover);
    }
    Mark(walk, reception::BodyMark::PANEL_FRONT_LEFT_DOOR, reception::BodyMark::KIND_SCRATCH, "约 5 cm 划痕");
    Mark(walk, reception::BodyMark::PANEL_REAR_BUMPER, reception::BodyMark::KIND_DENT, "硬币大小凹陷");
    walk.set_energy_kind(reception::WalkAround::ENERGY_KIND_FUEL);
    walk.set_energy_percent(55);
    walk.add_warning_lamps("发动机故障灯");
    for (auto position : {reception::TyreReading::POSITION_FRONT_LEFT, reception::TyreReading::POSITION_FRONT_RIGHT,
                          reception::TyreReading::POSITION_REAR_LEFT, reception::TyreReading::POSITION_REAR_RIGHT}) {
      auto& tyre = *walk.add_tyres();
      tyre.set_position(position);
      tyre.set_tread_tenths_mm(52);
      tyre.set_pressure_kpa(240);
    }
    walk.set_odometer_km(1);
    stage_.Refused<reception::WalkAround>(cast_.adviser, walk, reception::ERROR_REASON_ODOMETER_LOWER,
                                          "里程低于上次且无原因");
    odometer_km_ = vehicle_.odometer_km() + 823;
    walk.set_odometer_km(odometer_km_);
    stage_.Do<reception::WalkAround>(cast_.adviser, walk);
    Say(absl::StrCat("环车检查，里程 ", odometer_km_, " km，外观标记 2 处"), visit_);

    auto belongings = ForStore<reception::RecordBelongingsRequest>();
    belongings.set_visit_id(visit_.visit_id());
    Item(belongings, "雨伞", 1);
    Item(belongings, "儿童座椅", 1);
    belongings.set_box_seal_number("SEAL-" + visit_.number().substr(visit_.number().size() - 4));
    belongings.set_valuables_advice_given(true);
    *belongings.mutable_signature() = ByCustomer("screen/belongings");
    stage_.Do<reception::Belongings>(cast_.adviser, belongings);
    auto custody = ForStore<reception::RecordCustodyRequest>();
    custody.set_visit_id(visit_.visit_id());
    auto& paper = *custody.add_papers();
    paper.set_kind(reception::VehiclePaper::KIND_VEHICLE_LICENCE);
    paper.set_copy(true);
    paper.set_complete(true);
    paper.set_valid_until_date("2031-12-31");
    key_tag_ = "K-" + visit_.number().substr(visit_.number().size() - 13);  // date and running number
    custody.set_key_tag_number(key_tag_);
    custody.set_key_hook("A-07");
    custody.set_key_count(1);
    stage_.Do<reception::Custody>(cast_.adviser, custody);
    auto statement = ForStore<reception::RecordCustomerStatementRequest>();
    statement.set_visit_id(visit_.visit_id());
    statement.set_words("上高速加速没劲，还有口哨一样的声音，故障灯亮了两天。");
    auto& answer = *statement.add_answers();
    answer.set_symptom("加速无力");
    answer.set_question("冷车热车都有吗？");
    answer.set_answer("热车更明显");
    stage_.Do<reception::CustomerStatement>(cast_.adviser, statement);
    Say("物品清单签字、证件与钥匙、客户原话", key_tag_, "RECORDED");

    auto check_in = ForStore<reception::GetCheckInRequest>();
    check_in.set_visit_id(visit_.visit_id());
    const auto shown = stage_.Do<reception::CheckIn>(cast_.adviser, check_in);
    if (!shown.missing().empty()) throw StepFailed("check-in still lacks " + absl::StrJoin(shown.missing(), ", "));
    Say(absl::StrCat("客户档案：历史 ", shown.summary().recent_services_size(), " 次，未做建议 ",
                     shown.summary().recommendations_size(), " 项"));
  }

  static void Mark(reception::RecordWalkAroundRequest& walk, reception::BodyMark::Panel panel,
                   reception::BodyMark::Kind kind, const std::string& note) {
    auto& mark = *walk.add_marks();
    mark.set_panel(panel);
    mark.set_kind(kind);
    mark.set_note(note);
    mark.add_photo_refs(absl::StrCat("photo/", panel));
  }
  static void Item(reception::RecordBelongingsRequest& belongings, const std::string& description, int count) {
    auto& item = *belongings.add_items();
    item.set_description(description);
    item.set_count(count);
    item.set_in_box(true);
  }

  // -- diagnosis: R-20 -------------------------------------------------------------------------------------------

  void Diagnosis() {
    stage_.narrator().Chapter("诊断与估价 Diagnosis and estimate");
    auto start = ForStore<reception::StartDiagnosisRequest>();
    start.set_visit_id(visit_.visit_id());
    start.set_complaint("加速无力，进气异响");
    *start.mutable_consent() = ByCustomer("screen/diagnosis");
    auto diagnosis = stage_.Do<reception::Diagnosis>(cast_.adviser, start);
    auto results = ForStore<reception::RecordDiagnosisResultsRequest>();
    results.set_diagnosis_id(diagnosis.diagnosis_id());
    auto& finding = *results.add_findings();
    finding.set_description("涡轮增压器废气旁通阀卡滞，增压不足");
    finding.set_system(common::VEHICLE_SYSTEM_ENGINE);
    auto& code = *results.add_trouble_codes();
    code.set_code("P0299");
    code.set_meaning("涡轮增压压力不足");
    code.set_active(true);
    auto& test = *results.add_test_results();
    test.set_test("增压压力");
    test.set_result("0.4 bar，标准 1.1 bar");
    results.set_advice("更换涡轮增压器");
    stage_.Do<reception::Diagnosis>(cast_.adviser, results);
    auto complete = ForStore<reception::CompleteDiagnosisRequest>();
    complete.set_diagnosis_id(diagnosis.diagnosis_id());
    Say("检测诊断报告，故障码 P0299", stage_.Do<reception::Diagnosis>(cast_.adviser, complete));
  }

  // -- order and estimate: R-21 to R-26 --------------------------------------------------------------------------

  static reception::LineWish Operation(const std::string& code) {
    reception::LineWish wish;
    wish.set_operation_code(code);
    wish.set_pay_type(common::PAY_TYPE_CUSTOMER_PAY);
    return wish;
  }
  static reception::LineWish PartFor(const std::string& operation, common::SupplySource source,
                                     const std::string& number, const std::string& description = "") {
    reception::LineWish wish;
    wish.set_pay_type(common::PAY_TYPE_CUSTOMER_PAY);
    wish.mutable_part()->set_supply_source(source);
    wish.mutable_part()->set_part_number(number);
    wish.mutable_part()->set_quantity_milli(1000);
    wish.mutable_part()->set_description(description);
    wish.mutable_part()->set_operation_code(operation);
    return wish;
  }

  void OrderAndEstimate() {
    auto create = ForStore<reception::CreateRepairOrderRequest>();
    create.set_visit_id(visit_.visit_id());
    create.set_work_kind(common::WORK_KIND_GENERAL_REPAIR);
    create.set_repair_class(reception::REPAIR_CLASS_MINOR);
    create.set_customer_requests("排除加速无力；小保养；换前制动片；换自带雨刮");
    create.set_workshop_notes("客户在休息区等待电话");
    create.set_planned_payment(reception::PLANNED_PAYMENT_AT_PICK_UP);
    create.set_delivery_procedure(reception::DELIVERY_PROCEDURE_PICK_UP_AT_STORE);
    create.set_old_parts_wish(reception::OLD_PARTS_WISH_INSPECT_AND_LEAVE);
    create.set_wash_wanted(true);
    create.set_authorization_limit_amount(200000);
    create.set_authorization_contact(customer_phone_);
    create.set_authorization_method(Signature::AUTHORIZATION_METHOD_VERBAL_PHONE);
    reception::LineWish package;
    package.set_package_code("PKG-A3L-MINOR");
    package.set_pay_type(common::PAY_TYPE_CUSTOMER_PAY);
    *create.add_lines() = package;
    *create.add_lines() = Operation("ENG-TRB");
    *create.add_lines() = PartFor("ENG-TRB", common::SUPPLY_SOURCE_STORE_ORIGINAL, kTurbo);
    *create.add_lines() = Operation("BRK-PAD-F");
    *create.add_lines() = PartFor("BRK-PAD-F", common::SUPPLY_SOURCE_STORE_AFTERMARKET, "JB-A3L-PAD-F");
    *create.add_lines() = Operation("MNT-WB");
    *create.add_lines() = PartFor("MNT-WB", common::SUPPLY_SOURCE_CUSTOMER_SUPPLIED, "", "客户自带雨刮片");
    order_ = stage_.Do<reception::RepairOrder>(cast_.adviser, create);
    Say(absl::StrCat("委托书草稿，", order_.lines_size(), " 行：套餐、工时、三种来源的配件"), order_);

    stage_.Refused<reception::RepairOrder>(cast_.adviser, SignRequest(), reception::ERROR_REASON_ESTIMATE_MISSING,
                                           "没有估价就签字");
    DecideCoverage();
    auto prepare = ForStore<reception::PrepareEstimateRequest>();
    prepare.set_repair_order_id(order_.repair_order_id());
    prepare.set_method(reception::ESTIMATE_METHOD_BY_ITEM);
    const auto estimate = stage_.Do<reception::Estimate>(cast_.adviser, prepare);
    stage_.narrator().Step(absl::StrCat("估价单：工时 ", Yuan(estimate.labour_amount()), " 配件 ",
                                        Yuan(estimate.parts_amount()), " 税 ", Yuan(estimate.tax_amount()), " 合计 ",
                                        Yuan(estimate.total_amount()), "，有效期至 ", estimate.valid_until_date()),
                           estimate.number(), "ESTIMATED");
    auto promise = ForStore<reception::ComputePromiseRequest>();
    promise.set_repair_order_id(order_.repair_order_id());
    order_ = stage_.Do<reception::RepairOrder>(cast_.adviser, promise);
    Say(absl::StrCat("承诺交车 ", Local(order_.promised_time())), order_);
  }

  void DecideCoverage() {
    auto decide = ForStore<reception::DecideCoverageRequest>();
    decide.set_repair_order_id(order_.repair_order_id());
    for (const auto& line : order_.lines()) {
      auto& decision = *decide.add_decisions();
      decision.set_line_id(line.line_id());
      decision.set_coverage(reception::COVERAGE_OUT_OF_WARRANTY);
      decision.set_reason("质保期外，客户付费");
      decision.set_pay_type(common::PAY_TYPE_CUSTOMER_PAY);
    }
    order_ = stage_.Do<reception::RepairOrder>(cast_.adviser, decide);
    Say("质保判定：全部客户付费", order_);
  }

  reception::SignRepairOrderRequest SignRequest() {
    auto sign = ForStore<reception::SignRepairOrderRequest>();
    sign.set_repair_order_id(order_.repair_order_id());
    *sign.mutable_signature() = ByCustomer("screen/order");
    return sign;
  }

  void SignAndRelease() {
    stage_.Refused<reception::RepairOrder>(cast_.adviser, SignRequest(), reception::ERROR_REASON_DISCLAIMER_MISSING,
                                           "未单独签认不担保条款");
    auto acknowledge = ForStore<reception::AcknowledgeDisclaimerRequest>();
    acknowledge.set_repair_order_id(order_.repair_order_id());
    acknowledge.set_clause(reception::CLAUSE_NO_GUARANTEE);
    *acknowledge.mutable_signature() = ByCustomer("screen/no-guarantee");
    stage_.Do<reception::RepairOrder>(cast_.adviser, acknowledge);
    order_ = stage_.Do<reception::RepairOrder>(cast_.adviser, SignRequest());
    Say("客户签字", order_);

    auto release = ForStore<reception::ReleaseRepairOrderRequest>();
    release.set_repair_order_id(order_.repair_order_id());
    order_ = stage_.Do<reception::RepairOrder>(cast_.adviser, release);
    Say("下达车间：配件已预留、派工单已建（全有或全无）", order_);

    auto handover = ForStore<reception::RecordHandoverRequest>();
    handover.set_repair_order_id(order_.repair_order_id());
    handover.set_given_by(cast_.adviser.subject);
    handover.set_received_by(cast_.controller.subject);
    *handover.mutable_handover_time() = chassis::ToProto(stage_.Now());
    handover.set_key_tag(key_tag_);
    handover.add_papers("行驶证复印件");
    order_ = stage_.Do<reception::RepairOrder>(cast_.adviser, handover);
    Say("车辆、钥匙、证件交接车间", order_);
  }

  // -- workshop: W-02 to W-08 ------------------------------------------------------------------------------------

  std::vector<workshop::Job> Jobs() {
    auto list = ForStore<workshop::ListJobsRequest>();
    list.set_page_size(100);
    list.set_filter(absl::StrCat("repair_order_id = \"", order_.repair_order_id(), "\""));
    const auto jobs = stage_.Do<workshop::ListJobsResponse>(cast_.controller, list);
    return {jobs.jobs().begin(), jobs.jobs().end()};
  }
  workshop::Job JobNow(const std::string& job_id) {
    auto get = ForStore<workshop::GetJobRequest>();
    get.set_job_id(job_id);
    return stage_.Do<workshop::Job>(cast_.controller, get);
  }
  Person LeaderOf(const workshop::Job& job) {
    auto get = ForStore<workshop::GetTeamRequest>();
    get.set_team_id(job.team_id());
    const auto team = stage_.Do<workshop::Team>(cast_.controller, get);
    auto member = ForStore<workshop::GetStaffMemberRequest>();
    member.set_staff_member_id(team.leader_id());
    return cast_.Leader(stage_.Do<workshop::StaffMember>(cast_.controller, member).subject());
  }

  void Dispatch() {
    stage_.narrator().Chapter("派工与维修 Dispatch and repair");
    auto accept = ForStore<workshop::AcceptJobsRequest>();
    accept.set_repair_order_id(order_.repair_order_id());
    const auto accepted = stage_.Do<workshop::AcceptJobsResponse>(cast_.controller, accept);
    for (const auto& job : accepted.jobs()) {
      Say(absl::StrCat("车间接单，", job.lines_size(), " 项，标准 ", job.standard_minutes(), " 分钟"), job);
    }
    auto staff = ForStore<workshop::ListStaffMembersRequest>();
    staff.set_filter(absl::StrCat("subject = \"", kCertificateExpired, "\""));
    const auto expired = stage_.Do<workshop::ListStaffMembersResponse>(cast_.controller, staff).staff_members(0);
    for (const workshop::Job& job : Jobs()) {
      auto assign = ForStore<workshop::AssignJobRequest>();
      assign.set_job_id(job.job_id());
      if (job.skill() == common::SKILL_MECHANICAL) {
        assign.set_staff_member_id(expired.staff_member_id());
        assign.set_override_reason("就近安排");
        stage_.Refused<workshop::Job>(cast_.controller, assign, workshop::ERROR_REASON_CERTIFICATE_EXPIRED,
                                      "派给上岗证已过期的技师");
        assign.clear_override_reason();
      }
      auto propose = ForStore<workshop::ProposeAssignmentRequest>();
      propose.set_job_id(job.job_id());
      const auto proposal = stage_.Do<workshop::ProposeAssignmentResponse>(cast_.controller, propose);
      if (proposal.candidates().empty() || !proposal.candidates(0).assignable()) {
        throw StepFailed("nobody can be assigned to " + job.number());
      }
      assign.set_staff_member_id(proposal.candidates(0).staff_member_id());
      const auto assigned = stage_.Do<workshop::Job>(cast_.controller, assign);
      Say(absl::StrCat("按技能派给 ", proposal.candidates(0).subject()), assigned);
    }
  }

  void Work() {
    for (const workshop::Job& job : Jobs()) {
      const Person technician = cast_.Technician(job.technician());
      // One verification covers every job of the order that the same team has.
      if (JobNow(job.job_id()).state() == workshop::Job::STATE_DISPATCHED) Verify(job, technician);
      auto plan = ForStore<workshop::PlanRepairRequest>();
      plan.set_job_id(job.job_id());
      plan.mutable_plan()->set_method("按维修手册");
      plan.mutable_plan()->set_planned_minutes(job.standard_minutes());
      stage_.Do<workshop::Job>(technician, plan);
    }
    for (const workshop::Job& job : Jobs()) WorkOn(job);
  }

  void Verify(const workshop::Job& job, const Person& technician) {
    auto get = ForStore<workshop::GetWorkshopOrderRequest>();
    get.set_repair_order_id(order_.repair_order_id());
    const auto workshop_order = stage_.Do<workshop::WorkshopOrder>(cast_.controller, get);
    auto verify = ForStore<workshop::VerifyVehicleRequest>();
    verify.set_job_id(job.job_id());
    for (const std::string& fact : workshop_order.check_in_facts()) {
      auto& checked = *verify.add_facts();
      checked.set_fact(fact);
      checked.set_agrees(true);
    }
    stage_.Do<workshop::Verification>(technician, verify);
    Say(absl::StrCat("班组核对接车记录 ", verify.facts_size(), " 项，一致"), job.number(), "VERIFIED");
  }

  void WorkOn(const workshop::Job& job) {
    const Person technician = cast_.Technician(job.technician());
    auto on = ForStore<workshop::ClockOnRequest>();
    on.set_job_id(job.job_id());
    Say("上工打卡", stage_.Do<workshop::Job>(technician, on));
    stage_.Pass(absl::Minutes(10));
    DrawParts(job, technician);
    if (job.skill() == common::SKILL_MECHANICAL) {
      auto pause = ForStore<workshop::PauseJobRequest>();
      pause.set_job_id(job.job_id());
      pause.set_reason(workshop::PAUSE_REASON_BREAK);
      pause.set_remark("午休");
      Say("暂停：午休", stage_.Do<workshop::Job>(technician, pause));
      stage_.Pass(absl::Minutes(15));
      auto resume = ForStore<workshop::ResumeJobRequest>();
      resume.set_job_id(job.job_id());
      Say("恢复", stage_.Do<workshop::Job>(technician, resume));
      RaiseFindings(job, technician);
      return;  // goes on after the customer's answer
    }
    ClockOff(job.job_id(), technician);
  }

  // The reserved parts of the job's own lines, against the technician's signature; some oil comes back.
  void DrawParts(const workshop::Job& job, const Person& technician) {
    std::set<std::string> operations;
    for (const auto& line : job.lines()) operations.insert(line.operation_code());
    auto request = ForStore<workshop::RequestPartsRequest>();
    request.set_job_id(job.job_id());
    auto issue = ForStore<parts::IssuePartsRequest>();
    issue.set_order_id(order_.repair_order_id());
    issue.set_technician(technician.subject);
    for (const auto& line : order_.lines()) {
      if (line.part_id().empty() || !operations.count(line.operation_code())) continue;
      auto& wanted = *request.add_lines();
      wanted.set_holder_line_id(line.line_id());
      wanted.set_quantity_milli(line.quantity_milli());
      auto& drawn = *issue.add_lines();
      drawn.set_holder_line_id(line.line_id());
      drawn.set_part_id(line.part_id());
      drawn.set_quantity_milli(line.quantity_milli());
    }
    if (issue.lines().empty()) return;
    Say("技师申请领料", stage_.Do<workshop::PartRequest>(technician, request));
    const auto note = IssueTo(issue, technician);
    for (const auto& line : note.lines()) {
      if (line.quantity_milli() % 1000 == 0) continue;  // only what is sold by the litre
      auto back = ForStore<parts::ReturnPartsRequest>();
      back.set_issue_id(note.issue_id());
      back.set_technician(technician.subject);
      back.set_reason("余料退库");
      back.add_lines()->set_issue_line_id(line.issue_line_id());
      back.mutable_lines(0)->set_quantity_milli(500);
      *back.mutable_technician_signature() = ByStaff(technician.subject, Signature::SIGNER_ROLE_TECHNICIAN);
      const auto returned = stage_.Do<parts::Issue>(cast_.clerk, back);
      stage_.narrator().Step("退料 " + line.part_number() + " 0.5 升", returned.number(), "RETURNED");
      return;
    }
  }

  parts::Issue IssueTo(parts::IssuePartsRequest& issue, const Person& technician) {
    *issue.mutable_technician_signature() = ByStaff(technician.subject, Signature::SIGNER_ROLE_TECHNICIAN);
    const auto note = stage_.Do<parts::Issue>(cast_.clerk, issue);
    stage_.narrator().Step(absl::StrCat("发料 ", note.lines_size(), " 项，成本 ", Yuan(note.cost_amount())),
                           note.number(), "ISSUED");
    return note;
  }

  void ClockOff(const std::string& job_id, const Person& technician) {
    const workshop::Job job = JobNow(job_id);
    stage_.Pass(absl::Minutes(20));
    auto off = ForStore<workshop::ClockOffRequest>();
    off.set_job_id(job_id);
    for (const auto& line : job.lines()) {
      if (!line.done()) off.add_done_line_ids(line.line_id());
    }
    Say("下工打卡，各项完成", stage_.Do<workshop::Job>(technician, off));
  }

  // -- add-ons: R-32, W-08 ---------------------------------------------------------------------------------------

  void RaiseFindings(const workshop::Job& job, const Person& technician) {
    auto bearing = ForStore<workshop::RaiseFindingRequest>();
    bearing.set_job_id(job.job_id());
    bearing.set_description("右前轮毂轴承异响");
    bearing.set_reason("举升检查发现间隙超标");
    bearing.set_severity(workshop::Finding::SEVERITY_SOON);
    bearing.set_system(common::VEHICLE_SYSTEM_SUSPENSION);
    bearing.set_extra_minutes(84);
    bearing.add_operations()->set_operation_code("WHL-BRG-FR");
    Proposed(bearing, "A3L-BRG-F", "WHL-BRG-FR");
    stage_.Do<workshop::Finding>(technician, bearing);
    auto disc = ForStore<workshop::RaiseFindingRequest>();
    disc.set_job_id(job.job_id());
    disc.set_description("前制动盘低于磨损极限");
    disc.set_reason("测量厚度 21.8 mm，极限 22 mm");
    disc.set_severity(workshop::Finding::SEVERITY_NOW);
    disc.set_safety_critical(true);
    disc.set_system(common::VEHICLE_SYSTEM_BRAKES);
    disc.set_extra_minutes(78);
    disc.add_operations()->set_operation_code("BRK-DSC-F");
    Proposed(disc, "A3L-DSC-F", "BRK-DSC-F");
    stage_.Do<workshop::Finding>(technician, disc);
    Say("车间提出增项 2 项（其一涉及安全）", job.number(), "FINDINGS");
  }
  static void Proposed(workshop::RaiseFindingRequest& finding, const std::string& part, const std::string& operation) {
    auto& proposed = *finding.add_parts();
    proposed.set_part_number(part);
    proposed.set_quantity_milli(1000);
    proposed.set_operation_code(operation);
  }

  void AddOns() {
    stage_.narrator().Chapter("增项 Add-ons");
    std::vector<reception::AddOn> add_ons;
    stage_.Await("the findings at reception", [&] {
      auto list = ForStore<reception::ListAddOnsRequest>();
      list.set_filter(absl::StrCat("repair_order_id = \"", order_.repair_order_id(), "\""));
      const auto page = stage_.Do<reception::ListAddOnsResponse>(cast_.adviser, list);
      add_ons.assign(page.add_ons().begin(), page.add_ons().end());
      return add_ons.size() == 2;
    });
    for (const auto& raised : add_ons) {
      auto price = ForStore<reception::PriceAddOnRequest>();
      price.set_add_on_id(raised.add_on_id());
      const auto offered = stage_.Do<reception::AddOn>(cast_.adviser, price);
      Say(absl::StrCat("报价 ", offered.description(), " ", Yuan(offered.total_amount())), offered);
      auto decide = ForStore<reception::RecordAddOnDecisionRequest>();
      decide.set_add_on_id(offered.add_on_id());
      *decide.mutable_answer_time() = chassis::ToProto(stage_.Now());
      *decide.mutable_consent() = ByCustomer("call/" + offered.number(), Signature::AUTHORIZATION_METHOD_VERBAL_PHONE);
      if (offered.safety_critical()) {
        decide.set_answer(reception::RecordAddOnDecisionRequest::ANSWER_DECLINED);
        decide.set_decline_reason("客户表示下次再换，已告知风险");
        declined_ = stage_.Do<reception::AddOn>(cast_.adviser, decide);
        Say("客户拒绝涉及安全的增项，已书面告知", declined_);
      } else {
        decide.set_answer(reception::RecordAddOnDecisionRequest::ANSWER_APPROVED);
        approved_ = stage_.Do<reception::AddOn>(cast_.adviser, decide);
        Say("客户电话同意，配件与工时同时落实", approved_);
      }
    }
  }

  void FinishWork() {
    for (const workshop::Job& job : Jobs()) {
      if (job.state() == workshop::Job::STATE_WORK_DONE) continue;
      const Person technician = cast_.Technician(job.technician());
      const Person leader = LeaderOf(job);
      Acknowledge(leader);
      auto issue = ForStore<parts::IssuePartsRequest>();
      issue.set_order_id(order_.repair_order_id());
      issue.set_technician(technician.subject);
      for (const auto& line : approved_.lines()) {
        if (line.part_id().empty()) continue;
        auto& drawn = *issue.add_lines();
        drawn.set_holder_line_id(line.line_id());
        drawn.set_part_id(line.part_id());
        drawn.set_quantity_milli(line.quantity_milli());
      }
      if (!issue.lines().empty()) IssueTo(issue, technician);
      ClockOff(job.job_id(), technician);
    }
  }

  // The answers reach the workshop with time and receiver.
  void Acknowledge(const Person& leader) {
    auto list = ForStore<workshop::ListAddOnDecisionsRequest>();
    list.set_filter(absl::StrCat("repair_order_id = \"", order_.repair_order_id(), "\""));
    const auto decisions = stage_.Do<workshop::ListAddOnDecisionsResponse>(leader, list);
    for (const auto& decision : decisions.add_on_decisions()) {
      if (!decision.receiver().empty()) continue;
      auto acknowledge = ForStore<workshop::AcknowledgeDecisionRequest>();
      acknowledge.set_add_on_id(decision.add_on_id());
      stage_.Do<workshop::AddOnDecision>(leader, acknowledge);
    }
    Say("班组长签收客户答复", order_.number(), "ACKNOWLEDGED");
  }

  // -- inspections and wash: W-09, W-10 --------------------------------------------------------------------------

  template <typename Request>
  void FillChecklist(Request& request, workshop::InspectionLevel level, const Person& person) {
    auto find = ForStore<workshop::FindChecklistRequest>();
    find.set_work_kind(order_.work_kind());
    find.set_level(level);
    const auto checklist = stage_.Do<workshop::Checklist>(person, find);
    for (const auto& item : checklist.items()) {
      auto& checked = *request.add_items();
      checked.set_code(item.code());
      checked.set_result(workshop::CheckedItem::RESULT_PASSED);
    }
  }

  void SelfAndLeaderCheck(const workshop::Job& job) {
    auto self = ForStore<workshop::RecordSelfCheckRequest>();
    self.set_job_id(job.job_id());
    FillChecklist(self, workshop::INSPECTION_LEVEL_SELF, cast_.controller);
    stage_.Do<workshop::Inspection>(cast_.Technician(job.technician()), self);
    const Person leader = LeaderOf(job);
    auto check = ForStore<workshop::RecordLeaderCheckRequest>();
    check.set_job_id(job.job_id());
    FillChecklist(check, workshop::INSPECTION_LEVEL_LEADER, cast_.controller);
    check.add_suggestions("前制动盘下次保养前更换");
    check.add_cautions("新制动片前 200 km 避免急刹");
    *check.mutable_signature() = ByStaff(leader.subject, Signature::SIGNER_ROLE_TEAM_LEADER);
    stage_.Do<workshop::Inspection>(LeaderForCheck(job, leader), check);
    Say("自检、班组长检验签字", JobNow(job.job_id()));
  }
  // Nobody inspects his own work at a higher level: the director checks what the leader did himself.
  Person LeaderForCheck(const workshop::Job& job, const Person& leader) {
    return job.technician() == leader.subject ? cast_.director : leader;
  }

  void Inspections() {
    stage_.narrator().Chapter("三级检验 Inspection");
    for (const workshop::Job& job : Jobs()) SelfAndLeaderCheck(job);
    auto final = ForStore<workshop::RecordFinalInspectionRequest>();
    final.set_repair_order_id(order_.repair_order_id());
    FillChecklist(final, workshop::INSPECTION_LEVEL_FINAL, cast_.inspector);
    *final.mutable_signature() = ByStaff(cast_.inspector.subject, Signature::SIGNER_ROLE_INSPECTOR);

    workshop::Job mechanical;
    for (const workshop::Job& job : Jobs()) {
      if (job.skill() == common::SKILL_MECHANICAL) mechanical = job;
    }
    auto failing = final;
    failing.mutable_items(0)->set_result(workshop::CheckedItem::RESULT_FAILED);
    failing.mutable_items(0)->set_remark("中冷器卡箍渗油");
    auto& fault = *failing.add_faults();
    fault.set_job_id(mechanical.job_id());
    fault.set_description("中冷器卡箍未紧固");
    fault.add_line_ids(mechanical.lines(0).line_id());
    fault.set_attributed_technician(mechanical.technician());
    const auto failed = stage_.Do<workshop::Inspection>(cast_.inspector, failing);
    stage_.narrator().Step("终检不合格，返工并记录责任", failed.number(), failed.passed() ? "PASSED" : "FAILED");

    const Person technician = cast_.Technician(mechanical.technician());
    auto on = ForStore<workshop::ClockOnRequest>();
    on.set_job_id(mechanical.job_id());
    stage_.Do<workshop::Job>(technician, on);
    ClockOff(mechanical.job_id(), technician);
    for (const workshop::Job& job : Jobs()) {
      if (job.state() == workshop::Job::STATE_WORK_DONE) SelfAndLeaderCheck(job);
    }
    final.set_parking_place("竣工区 12");
    const auto passed = stage_.Do<workshop::Inspection>(cast_.inspector, final);
    stage_.narrator().Step("返工后终检合格", passed.number(), passed.passed() ? "PASSED" : "FAILED");
    if (!passed.passed()) throw StepFailed("the second final inspection did not pass");
  }

  void Wash() {
    auto start = ForStore<workshop::StartWashRequest>();
    start.set_repair_order_id(order_.repair_order_id());
    stage_.Do<workshop::Wash>(cast_.controller, start);
    stage_.Pass(absl::Minutes(15));
    auto finish = ForStore<workshop::FinishWashRequest>();
    finish.set_repair_order_id(order_.repair_order_id());
    finish.mutable_result()->set_paint_clean(true);
    finish.mutable_result()->set_cabin_clean(true);
    finish.mutable_result()->set_boot_clean(true);
    finish.mutable_result()->set_engine_bay_clean(true);
    finish.set_parking_place("竣工区 12");
    const auto wash = stage_.Do<workshop::Wash>(cast_.controller, finish);
    stage_.narrator().Step("洗车完成，停放竣工区 12", order_.number(), StateOf(wash));
  }

  // -- settlement, payment, exit: R-40 to R-46 -------------------------------------------------------------------

  void TakeBackAndSettle() {
    stage_.narrator().Chapter("结算与交车 Settlement and delivery");
    auto take_back = ForStore<reception::TakeBackVehicleRequest>();
    take_back.set_repair_order_id(order_.repair_order_id());
    order_ = stage_.Do<reception::RepairOrder>(cast_.adviser, take_back);
    Say("接回竣工车辆：项目、三检、班组长签字齐全", order_);
    auto notice = ForStore<reception::RecordPickUpNoticeRequest>();
    notice.set_repair_order_id(order_.repair_order_id());
    notice.set_channel(reception::NOTICE_CHANNEL_PHONE);
    *notice.mutable_told_time() = chassis::ToProto(stage_.Now());
    notice.mutable_preparation()->set_cleaned(true);
    notice.mutable_preparation()->set_belongings_checked(true);
    notice.mutable_preparation()->set_papers_gathered(true);
    notice.mutable_preparation()->set_costs_gathered(true);
    order_ = stage_.Do<reception::RepairOrder>(cast_.adviser, notice);
    Say("通知客户取车", order_);

    auto prepare = ForStore<reception::PrepareSettlementRequest>();
    prepare.set_repair_order_id(order_.repair_order_id());
    settlement_ = stage_.Do<reception::Settlement>(cast_.adviser, prepare);
    Say(absl::StrCat("结算草稿：估价 ", Yuan(settlement_.estimated_amount()), " 增项 ",
                     Yuan(settlement_.add_on_amount()), " 实际 ", Yuan(settlement_.total_amount())),
        settlement_);
    auto discount = ForStore<reception::ApplyDiscountRequest>();
    discount.set_settlement_id(settlement_.settlement_id());
    discount.set_target(reception::DISCOUNT_TARGET_LABOUR);
    discount.set_basis_points(3000);
    discount.set_reason("老客户");
    discount.set_above_limit(reception::ApplyDiscountRequest::ABOVE_LIMIT_REFUSE);
    stage_.Refused<reception::Settlement>(cast_.adviser, discount, reception::ERROR_REASON_DISCOUNT_ABOVE_LIMIT,
                                          "服务顾问给工时七折");
    discount.set_basis_points(500);
    settlement_ = stage_.Do<reception::Settlement>(cast_.adviser, discount);
    Say(absl::StrCat("权限内折扣：工时九五折 -", Yuan(settlement_.discount_amount())), settlement_);
    auto issue = ForStore<reception::IssueSettlementRequest>();
    issue.set_settlement_id(settlement_.settlement_id());
    settlement_ = stage_.Do<reception::Settlement>(cast_.adviser, issue);
    Say(absl::StrCat("结算单：合计 ", Yuan(settlement_.total_amount()), " 抵定金 ", Yuan(settlement_.deposit_amount()),
                     " 应付 ", Yuan(settlement_.due_amount())),
        settlement_);
  }

  void Pay(reception::PaymentMethod method, int64_t amount, const std::string& reference) {
    auto pay = ForStore<reception::RecordPaymentRequest>();
    pay.set_settlement_id(settlement_.settlement_id());
    pay.set_method(method);
    pay.set_amount(amount);
    pay.set_reference(reference);
    const auto payment = stage_.Do<reception::Payment>(cast_.cashier, pay);
    stage_.narrator().Step(
        absl::StrCat("收款 ", reception::PaymentMethod_Name(method).substr(15), " ", Yuan(payment.amount())),
        payment.number(), "BOOKED");
  }

  void PayAndLeave() {
    auto pass = ForStore<reception::IssueGatePassRequest>();
    pass.set_settlement_id(settlement_.settlement_id());
    stage_.Refused<reception::GatePass>(cast_.cashier, pass, reception::ERROR_REASON_NOT_PAID, "未付款开出门卡");
    const int64_t cash = settlement_.due_amount() / 3;
    Pay(reception::PAYMENT_METHOD_CASH, cash, "");
    Pay(reception::PAYMENT_METHOD_ALIPAY, settlement_.due_amount() - cash, "alipay-" + settlement_.number());
    const auto gate_pass = stage_.Do<reception::GatePass>(cast_.cashier, pass);
    Say("出门卡", gate_pass);

    auto exit = ForStore<reception::CheckExitRequest>();
    exit.set_number(gate_pass.number());
    exit.set_code(gate_pass.code());
    exit.set_plate(vehicle_.plate());
    Say("门卫验卡放行", stage_.Do<reception::GatePass>(cast_.guard, exit));
    exit.clear_request_id();
    stage_.Refused<reception::GatePass>(cast_.guard, exit, reception::ERROR_REASON_GATE_PASS_USED,
                                        "同一张出门卡再用一次");

    auto deliver = ForStore<reception::DeliverVehicleRequest>();
    deliver.set_repair_order_id(order_.repair_order_id());
    deliver.set_work_explained(true);
    deliver.set_joint_walk_around(true);
    deliver.set_keys_returned(true);
    deliver.set_papers_returned(true);
    deliver.set_old_parts_outcome(reception::OLD_PARTS_OUTCOME_SHOWN);
    Returned(deliver, "雨伞");
    Returned(deliver, "儿童座椅");
    deliver.set_odometer_km(odometer_km_ + 4);
    deliver.set_satisfaction_score(5);
    deliver.set_preferred_contact_time("18:00-20:00");
    *deliver.mutable_signature() = ByCustomer("screen/delivery");
    const auto delivery = stage_.Do<reception::Delivery>(cast_.adviser, deliver);
    Say(absl::StrCat("交车签字；下次保养 ", delivery.next_maintenance_date(), " / ", delivery.next_maintenance_km(),
                     " km，质量保证至 ", delivery.guarantee_until_date()),
        order_.number(), "DELIVERED");
  }
  static void Returned(reception::DeliverVehicleRequest& deliver, const std::string& name) {
    auto& item = *deliver.add_returned_items();
    item.set_name(name);
    item.set_count(1);
  }

  // -- afterwards: C-03, C-05, C-09 ------------------------------------------------------------------------------

  std::vector<crm::FollowUp> FollowUps() {
    auto list = ForStore<crm::ListFollowUpsRequest>();
    list.set_filter(absl::StrCat("repair_order_number = \"", order_.number(), "\""));
    const auto page = stage_.Do<crm::ListFollowUpsResponse>(cast_.agent, list);
    std::vector<crm::FollowUp> follow_ups(page.follow_ups().begin(), page.follow_ups().end());
    std::sort(follow_ups.begin(), follow_ups.end(),
              [](const auto& a, const auto& b) { return a.sequence() < b.sequence(); });
    return follow_ups;
  }

  void AfterDelivery() {
    stage_.narrator().Chapter("回访 Follow-up");
    stage_.Await("the delivery at customer relations", [&] { return FollowUps().size() == 2; });
    auto history = ForStore<crm::ListServiceRecordsRequest>();
    history.set_filter(absl::StrCat("repair_order_number = \"", order_.number(), "\""));
    const auto records = stage_.Do<crm::ListServiceRecordsResponse>(cast_.agent, history);
    if (records.service_records_size() != 1) throw StepFailed("the delivery is not in the history");
    auto open = ForStore<crm::ListRecommendationsRequest>();
    open.set_filter(absl::StrCat("vehicle_id = \"", vehicle_.vehicle_id(), "\" AND state = \"OPEN\""));
    const auto recommendations = stage_.Do<crm::ListRecommendationsResponse>(cast_.agent, open);
    auto reminders = ForStore<crm::ListRemindersRequest>();
    reminders.set_filter(absl::StrCat("vehicle_id = \"", vehicle_.vehicle_id(), "\" AND state = \"PLANNED\""));
    const auto planned = stage_.Do<crm::ListRemindersResponse>(cast_.agent, reminders);
    if (planned.reminders_size() != 1) throw StepFailed("the next maintenance is not planned");
    Say(absl::StrCat("维修历史入档；未做建议 ", recommendations.recommendations_size(), " 项；保养提醒 ",
                     planned.reminders(0).target_date()),
        order_.number(), "ARCHIVED");

    for (const crm::FollowUp& follow_up : FollowUps()) {
      Say(absl::StrCat("第 ", follow_up.sequence(), " 次回访，应于 ", Local(follow_up.due_time()), " 前"),
          follow_up.repair_order_number(), StateOf(follow_up));
    }
    const crm::FollowUp first = FollowUps().front();
    auto attempt = ForStore<crm::RecordFollowUpAttemptRequest>();
    attempt.set_follow_up_id(first.follow_up_id());
    attempt.set_channel(crm::FollowUpAttempt::CHANNEL_PHONE);
    attempt.set_result(crm::FollowUpAttempt::RESULT_REACHED);
    attempt.set_satisfaction_score(5);
    attempt.set_note("动力恢复，满意");
    stage_.Refused<crm::FollowUp>(cast_.agent, attempt, crm::ERROR_REASON_TOO_EARLY, "窗口未到就回访");
    stage_.MoveTo(chassis::FromProto(first.due_time()) - absl::Minutes(20));
    Say("时钟前移；首次回访完成，满意度 5", order_.number(), StateOf(stage_.Do<crm::FollowUp>(cast_.agent, attempt)));
    const crm::FollowUp second = FollowUps().back();
    stage_.MoveTo(chassis::FromProto(second.due_time()) - absl::Minutes(20));
    attempt.clear_request_id();
    attempt.set_follow_up_id(second.follow_up_id());
    Say("时钟前移；第二次回访完成", order_.number(), StateOf(stage_.Do<crm::FollowUp>(cast_.agent, attempt)));
  }

  // -- the books -------------------------------------------------------------------------------------------------

  void Books() {
    stage_.narrator().Chapter("账目 The books");
    auto get = ForStore<reception::GetReceivableRequest>();
    get.set_settlement_id(settlement_.settlement_id());
    const auto receivable = stage_.Do<reception::Receivable>(cast_.cashier, get);
    stage_.narrator().Table("金额 Money (CNY)", {{"估价 estimate", Yuan(settlement_.estimated_amount())},
                                                 {"增项 add-ons", Yuan(settlement_.add_on_amount())},
                                                 {"折扣 discount", Yuan(-settlement_.discount_amount())},
                                                 {"合计 total", Yuan(settlement_.total_amount())},
                                                 {"  其中税 tax", Yuan(settlement_.tax_amount())},
                                                 {"定金 deposit", Yuan(settlement_.deposit_amount())},
                                                 {"实收 paid", Yuan(receivable.paid_amount())},
                                                 {"未收 open", Yuan(receivable.open_amount())},
                                                 {"配件成本 parts cost", Yuan(settlement_.parts_cost_amount())}});
    if (receivable.open_amount() != 0) throw StepFailed("the settlement is not paid in full");

    const auto after = StockOf(stock_watch_);
    std::vector<std::vector<std::string>> rows = {{"配件 part", "前 before", "后 after"}};
    for (const std::string& number : stock_watch_) {
      rows.push_back({number, Quantity(stock_before_[number]), Quantity(after.at(number))});
    }
    stage_.narrator().Table("库存 Stock on hand", rows);
    DutyTable();
    EventTable();
  }

  void DutyTable() {
    std::map<std::string, std::vector<int>> counts;  // kind to open, done, waived
    for (const char* service : {"reception", "workshop", "parts", "crm"}) {
      common::ListDutiesRequest list;
      list.set_store_id(store_.store_id());
      list.set_page_size(500);
      do {
        const auto page = stage_.DoNamed<common::ListDutiesResponse>(
            cast_.service_manager, absl::StrCat(service, ".DutyService/ListDuties"), list);
        for (const common::Duty& duty : page.duties()) {
          auto& count = counts[absl::StrCat(service, " ", duty.kind(), " (", duty.handbook(), ")")];
          count.resize(3);
          ++count[duty.state() - 1];
        }
        list.set_page_token(page.next_page_token());
      } while (!list.page_token().empty());
    }
    std::vector<std::vector<std::string>> rows = {{"待办 duty", "open", "done", "waived"}};
    for (const auto& [kind, count] : counts) {
      rows.push_back({kind, absl::StrCat(count[0]), absl::StrCat(count[1]), absl::StrCat(count[2])});
    }
    stage_.narrator().Table("待办 Duties of the store", rows);
  }

  void EventTable() {
    std::vector<std::vector<std::string>> rows = {{"服务 service", "事件 events", "种类 kinds"}};
    for (const char* service : {"reception", "workshop", "parts", "crm"}) {
      std::set<std::string> kinds;
      int64_t count = 0;
      common::ReadEventsRequest read;
      for (int64_t position = -1; position != read.after_position();) {
        position = read.after_position();
        const auto page = stage_.DoNamed<common::ReadEventsResponse>(
            GroupManager(), absl::StrCat(service, ".EventService/ReadEvents"), read);
        for (const common::Event& event : page.events()) {
          kinds.insert(event.type());
          ++count;
        }
        read.set_after_position(page.position());
      }
      rows.push_back({service, absl::StrCat(count), absl::StrCat(kinds.size())});
    }
    stage_.narrator().Table("事件 Events in the change feeds", rows);
  }

  // -- small things ----------------------------------------------------------------------------------------------

  std::string Local(const google::protobuf::Timestamp& time) {
    return absl::FormatTime("%m-%d %H:%M", chassis::FromProto(time), zone_);
  }
  parts::LookUpPartsResponse LookUp(const std::vector<std::string>& numbers) {
    auto look = ForStore<parts::LookUpPartsRequest>();
    for (const std::string& number : numbers) look.add_part_numbers(number);
    look.set_model_code(kModel);
    return stage_.Do<parts::LookUpPartsResponse>(cast_.clerk, look);
  }
  std::map<std::string, int64_t> StockOf(const std::vector<std::string>& numbers) {
    std::map<std::string, int64_t> stock;
    const auto found = LookUp(numbers);
    for (const auto& offer : found.offers()) stock[offer.part_number()] = offer.on_hand_milli();
    return stock;
  }
  std::vector<common::Duty> DutiesOf(const std::string& service, const std::string& subject_id, const Person& person) {
    common::ListDutiesRequest list;
    list.set_store_id(store_.store_id());
    list.set_filter(absl::StrCat("subject_id = \"", subject_id, "\""));
    const auto page = stage_.DoNamed<common::ListDutiesResponse>(person, service + ".DutyService/ListDuties", list);
    return {page.duties().begin(), page.duties().end()};
  }

  Stage& stage_;
  const common::Store& store_;
  Cast cast_;
  absl::TimeZone zone_;
  absl::Time day_of_visit_;
  crm::Vehicle vehicle_;
  std::string customer_name_;
  std::string customer_phone_;
  std::string key_tag_;
  int32_t odometer_km_ = 0;
  const std::vector<std::string> stock_watch_ = {"OIL-5W30",     "A3L-FLT-OIL", "A3L-GSK-DRN", kTurbo,
                                                 "JB-A3L-PAD-F", "A3L-BRG-F",   "A3L-DSC-F"};
  std::map<std::string, int64_t> stock_before_;
  reception::Appointment appointment_;
  reception::Visit visit_;
  reception::RepairOrder order_;
  reception::AddOn approved_;
  reception::AddOn declined_;
  reception::Settlement settlement_;
};

}  // namespace

void PlayMainJob(Stage& stage, const common::Store& store) { MainJob(stage, store).Play(); }

void VerifyAll(Stage& stage, const common::Store& store) {
  std::vector<std::vector<std::string>> rows = {{"服务 service", "核对 check", "条数 checked", "差异 differences"}};
  int64_t differences = 0;
  std::string first;
  for (const char* service : {"reception", "workshop", "parts", "crm"}) {
    common::VerifyLedgersRequest request;
    request.set_store_id(store.store_id());
    const Cast cast(store);
    const auto verified = stage.DoNamed<common::VerifyLedgersResponse>(
        cast.service_manager, absl::StrCat(service, ".AuditService/VerifyLedgers"), request);
    for (const common::LedgerCheck& check : verified.checks()) {
      rows.push_back(
          {service, check.name(), absl::StrCat(check.checked_count()), absl::StrCat(check.difference_count())});
      differences += check.difference_count();
      if (first.empty() && check.differences_size() > 0) first = check.differences(0);
    }
  }
  stage.narrator().Table("核对 verify " + store.code(), rows);
  if (differences > 0) throw StepFailed("verify found differences: " + first);
}

}  // namespace demo
