#include "reception-svc/visit/visit_service.h"

#include <utility>

#include "aftersales/reception/v1/errors.pb.h"
#include "aftersales/reception/v1/events.pb.h"
#include "chassis/duties/duty_board.h"
#include "reception-svc/appointment/appointment_rules.h"
#include "reception-svc/visit/visit_rules.h"

namespace reception {

namespace v1 = aftersales::reception::v1;
namespace common = aftersales::common::v1;
namespace crm = aftersales::crm::v1;
namespace options = aftersales::options::v1;

namespace {

constexpr std::string_view kGreetingDuty = "greeting";
constexpr std::string_view kBelongingsDocument = "belongings";

chassis::DocumentRef RefTo(const v1::Visit& visit) {
  return {"visit", visit.visit_id(), std::atoll(visit.etag().c_str())};
}

common::Duty GreetingDuty(const v1::Visit& visit, const common::StoreSettings& settings) {
  common::Duty duty;
  duty.set_kind(std::string(kGreetingDuty));
  duty.set_handbook("R-10");
  duty.set_subject_kind("visit");
  duty.set_subject_id(visit.visit_id());
  duty.set_subject_number(visit.number());
  duty.set_assignee_role(options::ROLE_SERVICE_ADVISER);
  duty.set_escalation_role(options::ROLE_SERVICE_MANAGER);
  *duty.mutable_due_time() =
      chassis::ToProto(chassis::FromProto(visit.arrival_time()) + absl::Seconds(settings.greeting_seconds()));
  return duty;
}

// A record that takes the place of an earlier one of the same visit.
template <typename T>
absl::Status Replace(chassis::UnitOfWork& work, const chassis::records::Table<T>& table, T& record) {
  absl::StatusOr<T> before = table.Lock(work, record.store_id(), record.visit_id());
  if (absl::IsNotFound(before.status())) return table.Insert(work, record);
  RETURN_IF_ERROR(before.status());
  record.set_etag(before->etag());
  return table.Update(work, *before, record);
}

// A duplicate of a unique key, worded as the rule it stands for.
absl::Status Worded(const absl::Status& status, chassis::Refusal refusal) {
  if (!absl::IsAlreadyExists(status)) return status;
  return refusal;
}

}  // namespace

VisitService::VisitService(chassis::Rooms& rooms)
    : store_(rooms.host.cipher()),
      appointments_(rooms.host.cipher()),
      board_(rooms.host.cipher()),
      closing_(store_, appointments_, board_),
      greeting_seconds_(rooms.host.metrics().Histogram("reception_greeting_seconds",
                                                       "Seconds from arrival to the first greeting (R-10)", {},
                                                       {2, 5, 10, 20, 30, 60, 120, 300, 600})) {
  rooms.rpcs.On(this, &VisitService::RecordArrival);
  rooms.rpcs.On(this, &VisitService::Greet);
  rooms.host.duties().EndsBy(kGreetingDuty, "GreetVisit");
  rooms.rpcs.On(this, &VisitService::Open);
  rooms.rpcs.On(this, &VisitService::LinkCustomer);
  rooms.rpcs.On(this, &VisitService::RecordWalkAround);
  rooms.rpcs.On(this, &VisitService::RecordBelongings);
  rooms.rpcs.On(this, &VisitService::RecordCustody);
  rooms.rpcs.On(this, &VisitService::RecordCustomerStatement);
  rooms.rpcs.On(this, &VisitService::GetCheckIn);
  rooms.rpcs.On(this, &VisitService::Close);
  rooms.rpcs.On(this, &VisitService::GetStatistics);
  rooms.rpcs.Standard<v1::Visit>(store_.visits);
  rooms.SignedDocument(std::string(kBelongingsDocument),
                       [this](chassis::sql::Session& session, const std::string& store_id,
                              const std::string& id) -> absl::StatusOr<std::unique_ptr<google::protobuf::Message>> {
                         ASSIGN_OR_RETURN(v1::Belongings belongings, store_.belongings.Get(session, store_id, id));
                         return std::make_unique<v1::Belongings>(std::move(belongings));
                       });
}

absl::StatusOr<v1::Visit> VisitService::RecordArrival(chassis::Call& call, const v1::RecordArrivalRequest& request) {
  ASSIGN_OR_RETURN(common::Store store, call.Store());
  ASSIGN_OR_RETURN(std::string number, call.NextNumber("VIS"));
  ASSIGN_OR_RETURN(std::string gate_card_number, call.NextNumber("GC"));
  return call.Transact<v1::Visit>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::Visit> {
    v1::Visit visit;
    visit.set_store_id(call.store_id());
    visit.set_visit_id(work.NewId());
    visit.set_number(number);
    visit.set_state(v1::Visit::STATE_WAITING);
    visit.set_gate_card_number(gate_card_number);
    visit.set_plate(request.plate());
    visit.set_without_vehicle(request.without_vehicle());
    if (!request.without_vehicle()) visit.set_present_plate(request.plate());
    *visit.mutable_arrival_time() = work.now_proto();
    visit.set_recorded_by(work.actor().subject);
    ASSIGN_OR_RETURN(v1::Appointment booked, AppointmentOf(work, request, store.time_zone()));
    if (!booked.appointment_id().empty()) {
      v1::Appointment appointment = booked;
      RETURN_IF_ERROR(Arrive(appointment, visit, work.now()));
      RETURN_IF_ERROR(appointments_.appointments.Update(work, booked, appointment));
      RETURN_IF_ERROR(work.CompleteDuties("appointment_reminder", appointment.appointment_id(), "arrived"));
    }
    RETURN_IF_ERROR(
        Worded(store_.visits.Insert(work, visit), chassis::Refuse(v1::ERROR_REASON_VEHICLE_ALREADY_HERE)
                                                      .With("plate", visit.plate())
                                                      .At("plate", "进店记录未结束", "its visit is still open")));
    RETURN_IF_ERROR(board_.Enter(work, visit));
    work.Owe(GreetingDuty(visit, store.settings()));
    return visit;
  });
}

absl::StatusOr<v1::Appointment> VisitService::AppointmentOf(chassis::UnitOfWork& work,
                                                            const v1::RecordArrivalRequest& request,
                                                            const std::string& time_zone) const {
  std::string appointment_id = request.appointment_id();
  if (appointment_id.empty()) {
    ASSIGN_OR_RETURN(absl::Time today, StartOfDay(chassis::CivilDate(work.now(), time_zone), time_zone));
    ASSIGN_OR_RETURN(v1::Appointment found,
                     appointments_.OpenForPlate(work.sql(), work.store_id(), request.plate(), today,
                                                EndOfDay(work.now(), time_zone) + absl::Seconds(1), work.now()));
    if (found.appointment_id().empty()) return found;
    appointment_id = found.appointment_id();
  }
  return appointments_.appointments.Lock(work, work.store_id(), appointment_id);
}

absl::StatusOr<v1::Visit> VisitService::Greet(chassis::Call& call, const v1::GreetVisitRequest& request) {
  ASSIGN_OR_RETURN(common::Store store, call.Store());
  ASSIGN_OR_RETURN(v1::Visit greeted,
                   call.Transact<v1::Visit>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::Visit> {
                     ASSIGN_OR_RETURN(v1::Visit before, store_.visits.Lock(work, call.store_id(), request.visit_id()));
                     ASSIGN_OR_RETURN(std::string earlier, store_.EarlierWaitingPlate(work.sql(), before));
                     v1::Visit visit = before;
                     RETURN_IF_ERROR(reception::Greet(visit, work.actor().subject, earlier,
                                                      request.out_of_order_reason(), store.settings(), work.now()));
                     if (!visit.out_of_order_reason().empty()) work.Because(visit.out_of_order_reason());
                     RETURN_IF_ERROR(store_.visits.Update(work, before, visit));
                     RETURN_IF_ERROR(board_.Describe(work, visit));
                     RETURN_IF_ERROR(work.CompleteDuties(kGreetingDuty, visit.visit_id(), "greeted"));
                     return visit;
                   }));
  greeting_seconds_.Observe(greeted.greeting_seconds());
  return greeted;
}

absl::StatusOr<v1::Visit> VisitService::LoadVisit(chassis::Call& call, const std::string& visit_id) {
  return call.Read(
      [&](chassis::sql::Session& session) { return store_.visits.Get(session, call.store_id(), visit_id); });
}

absl::StatusOr<crm::CheckInSummary> VisitService::AskSummary(chassis::Call& call, const v1::Visit& visit) {
  crm::GetCheckInSummaryRequest query;
  query.set_store_id(visit.store_id());
  if (!visit.vehicle_id().empty()) {
    query.set_vehicle_id(visit.vehicle_id());
  } else {
    query.set_plate(visit.plate());
  }
  return call.Ask<crm::CheckInSummary>(query);
}

absl::StatusOr<v1::Visit> VisitService::Open(chassis::Call& call, const v1::OpenVisitRequest& request) {
  ASSIGN_OR_RETURN(v1::Visit seen, LoadVisit(call, request.visit_id()));
  // An unknown vehicle, or CRM being away, holds nobody up at the door: LinkCustomer follows.
  const absl::StatusOr<crm::CheckInSummary> summary = AskSummary(call, seen);
  return call.Transact<v1::Visit>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::Visit> {
    ASSIGN_OR_RETURN(v1::Visit before, store_.visits.Lock(work, call.store_id(), request.visit_id()));
    v1::Visit visit = before;
    RETURN_IF_ERROR(chassis::MoveTo(visit, v1::Visit::STATE_OPEN));
    visit.set_purpose(request.purpose());
    *visit.mutable_open_time() = work.now_proto();
    // A plate that differs is a question for a person, not for this moment.
    if (summary.ok()) (void)Link(visit, *summary, summary->customer_id(), "");
    RETURN_IF_ERROR(store_.visits.Update(work, before, visit));
    RETURN_IF_ERROR(board_.Describe(work, visit));
    v1::VisitOpened opened;
    opened.set_visit_id(visit.visit_id());
    opened.set_number(visit.number());
    opened.set_customer_id(visit.customer_id());
    opened.set_vehicle_id(visit.vehicle_id());
    work.Publish(opened, RefTo(visit));
    return visit;
  });
}

absl::StatusOr<v1::Visit> VisitService::LinkCustomer(chassis::Call& call, const v1::LinkCustomerRequest& request) {
  crm::GetCheckInSummaryRequest query;
  query.set_store_id(call.store_id());
  query.set_vehicle_id(request.vehicle_id());
  absl::StatusOr<crm::CheckInSummary> summary = call.Ask<crm::CheckInSummary>(query);
  if (absl::IsNotFound(summary.status())) {
    return chassis::Refuse(v1::ERROR_REASON_VEHICLE_UNKNOWN).At("vehicle_id", "档案中没有", "not in the archive");
  }
  RETURN_IF_ERROR(summary.status());
  return call.Transact<v1::Visit>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::Visit> {
    ASSIGN_OR_RETURN(v1::Visit before, store_.visits.Lock(work, call.store_id(), request.visit_id()));
    RETURN_IF_ERROR(CheckStillOpen(before));
    v1::Visit visit = before;
    RETURN_IF_ERROR(Link(visit, *summary, request.customer_id(), request.plate_reason()));
    if (!visit.plate_reason().empty()) work.Because(visit.plate_reason());
    RETURN_IF_ERROR(Worded(store_.visits.Update(work, before, visit),
                           chassis::Refuse(v1::ERROR_REASON_VEHICLE_ALREADY_HERE)
                               .With("plate", visit.plate())
                               .At("vehicle_id", "进店记录未结束", "its visit is still open")));
    RETURN_IF_ERROR(board_.Describe(work, visit));
    return visit;
  });
}

absl::StatusOr<v1::WalkAround> VisitService::RecordWalkAround(chassis::Call& call,
                                                              const v1::RecordWalkAroundRequest& request) {
  ASSIGN_OR_RETURN(v1::Visit seen, LoadVisit(call, request.visit_id()));
  // CRM knows the readings of all stores; this store's own last visit serves when CRM is away or knows none.
  const absl::StatusOr<crm::CheckInSummary> summary = AskSummary(call, seen);
  const int32_t archived_km = summary.ok() ? summary->last_odometer_km() : 0;
  return call.Transact<v1::WalkAround>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::WalkAround> {
    ASSIGN_OR_RETURN(v1::Visit before, store_.visits.Lock(work, call.store_id(), request.visit_id()));
    RETURN_IF_ERROR(CheckStillOpen(before));
    ASSIGN_OR_RETURN(int32_t last_visit_km, store_.LastOdometer(work.sql(), before));
    const int32_t last_km = archived_km > 0 ? archived_km : last_visit_km;
    RETURN_IF_ERROR(CheckWalkAround(request, last_km));
    if (!request.odometer_reason().empty()) work.Because(request.odometer_reason());
    v1::WalkAround walk_around;
    walk_around.set_store_id(call.store_id());
    walk_around.set_visit_id(request.visit_id());
    *walk_around.mutable_covers() = request.covers();
    *walk_around.mutable_marks() = request.marks();
    walk_around.set_odometer_km(request.odometer_km());
    walk_around.set_odometer_reason(request.odometer_reason());
    walk_around.set_last_odometer_km(last_km);
    walk_around.set_energy_kind(request.energy_kind());
    walk_around.set_energy_percent(request.energy_percent());
    *walk_around.mutable_warning_lamps() = request.warning_lamps();
    walk_around.set_interior_notes(request.interior_notes());
    *walk_around.mutable_tyres() = request.tyres();
    walk_around.set_inspector(work.actor().subject);
    *walk_around.mutable_record_time() = work.now_proto();
    RETURN_IF_ERROR(Replace(work, store_.walk_arounds, walk_around));
    v1::Visit visit = before;
    visit.set_odometer_km(request.odometer_km());
    RETURN_IF_ERROR(store_.visits.Update(work, before, visit));
    return walk_around;
  });
}

absl::StatusOr<v1::Belongings> VisitService::RecordBelongings(chassis::Call& call,
                                                              const v1::RecordBelongingsRequest& request) {
  RETURN_IF_ERROR(CheckBelongings(request));
  return call.Transact<v1::Belongings>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::Belongings> {
    ASSIGN_OR_RETURN(v1::Visit visit, store_.visits.Lock(work, call.store_id(), request.visit_id()));
    RETURN_IF_ERROR(CheckStillOpen(visit));
    v1::Belongings belongings;
    belongings.set_store_id(call.store_id());
    belongings.set_visit_id(request.visit_id());
    *belongings.mutable_items() = request.items();
    belongings.set_box_seal_number(request.box_seal_number());
    belongings.set_valuables_advice_given(request.valuables_advice_given());
    *belongings.mutable_record_time() = work.now_proto();
    ASSIGN_OR_RETURN(*belongings.mutable_signature(),
                     work.Sign(belongings, {kBelongingsDocument, request.visit_id(), 0}, request.signature()));
    RETURN_IF_ERROR(Replace(work, store_.belongings, belongings));
    return belongings;
  });
}

absl::StatusOr<v1::Custody> VisitService::RecordCustody(chassis::Call& call, const v1::RecordCustodyRequest& request) {
  return call.Transact<v1::Custody>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::Custody> {
    ASSIGN_OR_RETURN(v1::Visit visit, store_.visits.Lock(work, call.store_id(), request.visit_id()));
    RETURN_IF_ERROR(CheckStillOpen(visit));
    v1::Custody custody;
    custody.set_store_id(call.store_id());
    custody.set_visit_id(request.visit_id());
    *custody.mutable_papers() = request.papers();
    custody.set_key_tag_number(request.key_tag_number());
    custody.set_held_key_tag(request.key_tag_number());
    custody.set_key_hook(request.key_hook());
    custody.set_key_count(request.key_count());
    *custody.mutable_record_time() = work.now_proto();
    RETURN_IF_ERROR(Worded(Replace(work, store_.custodies, custody),
                           chassis::Refuse(v1::ERROR_REASON_KEY_TAG_IN_USE)
                               .With("tag", request.key_tag_number())
                               .At("key_tag_number", "正由另一辆车使用", "hangs on another vehicle's keys")));
    return custody;
  });
}

absl::StatusOr<v1::CustomerStatement> VisitService::RecordCustomerStatement(
    chassis::Call& call, const v1::RecordCustomerStatementRequest& request) {
  return call.Transact<v1::CustomerStatement>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::CustomerStatement> {
    ASSIGN_OR_RETURN(v1::Visit visit, store_.visits.Get(work.sql(), call.store_id(), request.visit_id()));
    RETURN_IF_ERROR(chassis::RequireState(visit, {v1::Visit::STATE_GREETED, v1::Visit::STATE_OPEN}));
    v1::CustomerStatement statement;
    statement.set_store_id(call.store_id());
    statement.set_visit_id(request.visit_id());
    statement.set_customer_statement_id(work.NewId());
    statement.set_words(request.words());
    *statement.mutable_answers() = request.answers();
    statement.set_recorder(work.actor().subject);
    RETURN_IF_ERROR(store_.statements.Insert(work, statement));
    return statement;
  });
}

absl::StatusOr<v1::CheckIn> VisitService::GetCheckIn(chassis::Call& call, const v1::GetCheckInRequest& request) {
  v1::CheckIn check_in;
  ASSIGN_OR_RETURN(VisitStore::CheckInRecords records,
                   call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<VisitStore::CheckInRecords> {
                     ASSIGN_OR_RETURN(*check_in.mutable_visit(),
                                      store_.visits.Get(session, call.store_id(), request.visit_id()));
                     const std::string& appointment_id = check_in.visit().appointment_id();
                     if (!appointment_id.empty()) {
                       ASSIGN_OR_RETURN(*check_in.mutable_appointment(),
                                        appointments_.appointments.Get(session, call.store_id(), appointment_id));
                     }
                     return store_.LoadCheckIn(session, call.store_id(), request.visit_id());
                   }));
  for (const std::string& missing : MissingFromCheckIn(check_in.visit(), records.walk_around.has_value(),
                                                       records.belongings.has_value(), records.custody.has_value())) {
    check_in.add_missing(missing);
  }
  if (records.walk_around.has_value()) *check_in.mutable_walk_around() = *std::move(records.walk_around);
  if (records.belongings.has_value()) *check_in.mutable_belongings() = *std::move(records.belongings);
  if (records.custody.has_value()) *check_in.mutable_custody() = *std::move(records.custody);
  for (v1::CustomerStatement& statement : records.statements) *check_in.add_statements() = std::move(statement);
  absl::StatusOr<crm::CheckInSummary> summary = AskSummary(call, check_in.visit());
  check_in.set_summary_available(summary.ok());
  if (summary.ok()) *check_in.mutable_summary() = *std::move(summary);
  return check_in;
}

absl::StatusOr<v1::Visit> VisitService::Close(chassis::Call& call, const v1::CloseVisitRequest& request) {
  return call.Transact<v1::Visit>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::Visit> {
    ASSIGN_OR_RETURN(v1::Visit before, store_.visits.Lock(work, call.store_id(), request.visit_id()));
    RETURN_IF_ERROR(CheckClosing(before, request.outcome()));
    return closing_.Close(work, before, request.purpose(), request.outcome(), request.answer());
  });
}

absl::StatusOr<v1::VisitStatistics> VisitService::GetStatistics(chassis::Call& call,
                                                                const v1::GetVisitStatisticsRequest& request) {
  ASSIGN_OR_RETURN(common::Store store, call.Store());
  ASSIGN_OR_RETURN(absl::Time from, StartOfDay(request.start_date(), store.time_zone()));
  ASSIGN_OR_RETURN(absl::Time last_day, StartOfDay(request.end_date(), store.time_zone()));
  ASSIGN_OR_RETURN(std::vector<VisitStore::Count> counts, call.Read([&](chassis::sql::Session& session) {
    return store_.CountByPurpose(session, call.store_id(), from,
                                 EndOfDay(last_day, store.time_zone()) + absl::Seconds(1));
  }));
  v1::VisitStatistics statistics;
  int64_t seconds = 0;
  for (const VisitStore::Count& count : counts) {
    statistics.set_visits(statistics.visits() + count.visits);
    statistics.set_greeted(statistics.greeted() + count.greeted);
    statistics.set_greeted_in_time(statistics.greeted_in_time() + count.greeted_in_time);
    seconds += count.greeting_seconds;
    v1::VisitStatistics::PurposeCount& entry = *statistics.add_purposes();
    entry.set_purpose(count.purpose);
    entry.set_outcome(count.outcome);
    entry.set_visits(count.visits);
  }
  statistics.set_greeted_in_time_basis_points(ShareBasisPoints(statistics.greeted_in_time(), statistics.greeted()));
  if (statistics.greeted() > 0) statistics.set_average_greeting_seconds(seconds / statistics.greeted());
  return statistics;
}

}  // namespace reception
