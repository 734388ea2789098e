#include "aftersales/reception/v1/appointment.pb.h"
#include "aftersales/reception/v1/board.pb.h"
#include "aftersales/reception/v1/errors.pb.h"
#include "aftersales/reception/v1/visit.pb.h"
#include "chassis/office/office.h"
#include "reception-svc/reception_for_test.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
namespace common = aftersales::common::v1;
namespace options = aftersales::options::v1;

class VisitRoom : public testing::Test {
 protected:
  VisitRoom() {
    auto& vehicle = desk.neighbours.vehicles_by_plate["沪A12345"];
    vehicle.set_vehicle_id("a0000000-0000-7000-8000-000000000001");
    vehicle.set_customer_id("c0000000-0000-7000-8000-000000000001");
    vehicle.set_plate("沪A12345");
    vehicle.set_vin("LSVAL41Z882104202");
    vehicle.set_model_code("E6");
    vehicle.set_model_name("E6 纯电");
    vehicle.set_last_odometer_km(48000);
  }

  absl::StatusOr<v1::Visit> Arrive(const std::string& plate = "沪A12345") {
    v1::RecordArrivalRequest request;
    request.set_plate(plate);
    return desk.Do<v1::Visit>(options::ROLE_GATE_GUARD, request);
  }
  absl::StatusOr<v1::Visit> Greet(const v1::Visit& visit, const std::string& reason = "") {
    v1::GreetVisitRequest request;
    request.set_visit_id(visit.visit_id());
    request.set_out_of_order_reason(reason);
    return desk.Do<v1::Visit>(options::ROLE_SERVICE_ADVISER, request, "adviser-1");
  }
  absl::StatusOr<v1::Visit> Open(const v1::Visit& visit) {
    v1::OpenVisitRequest request;
    request.set_visit_id(visit.visit_id());
    request.set_purpose(v1::Visit::PURPOSE_REPAIR);
    return desk.Do<v1::Visit>(options::ROLE_SERVICE_ADVISER, request, "adviser-1");
  }
  v1::Visit AnOpenVisit() { return *Open(*Greet(*Arrive())); }

  absl::StatusOr<v1::WalkAround> WalkAround(const v1::Visit& visit, int odometer_km, const std::string& reason = "") {
    v1::RecordWalkAroundRequest request;
    request.set_visit_id(visit.visit_id());
    for (const auto cover :
         {v1::WalkAround::COVER_SEAT, v1::WalkAround::COVER_STEERING_WHEEL, v1::WalkAround::COVER_FLOOR_MAT}) {
      request.add_covers(cover);
    }
    v1::BodyMark& mark = *request.add_marks();
    mark.set_panel(v1::BodyMark::PANEL_FRONT_LEFT_DOOR);
    mark.set_kind(v1::BodyMark::KIND_SCRATCH);
    mark.add_photo_refs("photo-1");
    request.set_odometer_km(odometer_km);
    request.set_odometer_reason(reason);
    request.set_energy_kind(v1::WalkAround::ENERGY_KIND_CHARGE);
    request.set_energy_percent(62);
    return desk.Do<v1::WalkAround>(options::ROLE_SERVICE_ADVISER, request);
  }
  absl::StatusOr<v1::Belongings> Belongings(const v1::Visit& visit) {
    v1::RecordBelongingsRequest request;
    request.set_visit_id(visit.visit_id());
    v1::Belongings::Item& item = *request.add_items();
    item.set_description("雨伞");
    item.set_count(1);
    request.set_valuables_advice_given(true);
    common::Signature& signature = *request.mutable_signature();
    signature.set_signer_name("王建华");
    signature.set_signer_role(common::Signature::SIGNER_ROLE_CUSTOMER);
    signature.set_method(common::Signature::AUTHORIZATION_METHOD_IN_PERSON_DIGITAL_SIGNATURE);
    signature.set_evidence("pad:1");
    return desk.Do<v1::Belongings>(options::ROLE_SERVICE_ADVISER, request);
  }
  absl::StatusOr<v1::Custody> Custody(const v1::Visit& visit, const std::string& tag) {
    v1::RecordCustodyRequest request;
    request.set_visit_id(visit.visit_id());
    v1::VehiclePaper& paper = *request.add_papers();
    paper.set_kind(v1::VehiclePaper::KIND_DRIVING_LICENCE);
    paper.set_copy(true);
    paper.set_complete(true);
    paper.set_valid_until_date("2027-01-31");
    request.set_key_tag_number(tag);
    request.set_key_hook("H-07");
    request.set_key_count(1);
    return desk.Do<v1::Custody>(options::ROLE_SERVICE_ADVISER, request);
  }
  absl::StatusOr<v1::Visit> Close(const v1::Visit& visit) {
    v1::CloseVisitRequest request;
    request.set_visit_id(visit.visit_id());
    request.set_outcome(v1::Visit::OUTCOME_ANSWERED);
    request.set_answer("下次保养在 5000 公里后");
    return desk.Do<v1::Visit>(options::ROLE_SERVICE_ADVISER, request);
  }
  v1::ListBoardResponse Board() {
    const auto board = desk.Do<v1::ListBoardResponse>(options::ROLE_WORKSHOP_CONTROLLER, v1::ListBoardRequest());
    EXPECT_TRUE(board.ok()) << board.status();
    return *board;
  }

  DeskForTest desk;
};

TEST_F(VisitRoom, IssuesAGateCardAndMeasuresTheGreeting) {
  const auto arrived = Arrive();
  ASSERT_TRUE(arrived.ok()) << arrived.status();
  EXPECT_EQ(arrived->gate_card_number(), "SH01-GC-20261121-0001");
  desk.clock.Advance(absl::Seconds(8));
  const auto greeted = Greet(*arrived);
  ASSERT_TRUE(greeted.ok()) << greeted.status();
  EXPECT_EQ(greeted->greeting_seconds(), 8);
  EXPECT_TRUE(greeted->greeted_in_time());
  EXPECT_EQ(desk.Count("duty WHERE kind = 'greeting' AND state = 'DONE'"), 1);
}

TEST_F(VisitRoom, LetsNoVehicleArriveTwice) {
  const auto first = Arrive();
  EXPECT_TRUE(chassis::IsRefusal(Arrive().status(), v1::ERROR_REASON_VEHICLE_ALREADY_HERE));
  EXPECT_EQ(desk.Count("visit"), 1);
  ASSERT_TRUE(Close(*first).ok());
  EXPECT_TRUE(Arrive().ok());
}

TEST_F(VisitRoom, GreetsInOrderOfArrival) {
  ASSERT_TRUE(Arrive("沪B11111").ok());
  desk.clock.Advance(absl::Seconds(1));
  const auto second = Arrive("沪B22222");
  EXPECT_TRUE(chassis::IsRefusal(Greet(*second).status(), v1::ERROR_REASON_GREETING_OUT_OF_ORDER));
  EXPECT_TRUE(Greet(*second, "客户身体不适").ok());
}

TEST_F(VisitRoom, KnowsTheVehicleFromTheArchive) {
  const v1::Visit visit = AnOpenVisit();
  EXPECT_EQ(visit.vin(), "LSVAL41Z882104202");
  EXPECT_EQ(visit.customer_id(), "c0000000-0000-7000-8000-000000000001");
  EXPECT_EQ(desk.Count("outbox WHERE type = 'VisitOpened'"), 1);
}

TEST_F(VisitRoom, OpensWithoutTheArchiveAndLinksItLater) {
  desk.neighbours.crm_down = absl::UnavailableError("crm is restarting");
  const auto visit = Open(*Greet(*Arrive()));
  ASSERT_TRUE(visit.ok()) << visit.status();
  EXPECT_EQ(visit->customer_id(), "");
  desk.neighbours.crm_down = absl::OkStatus();
  v1::LinkCustomerRequest link;
  link.set_visit_id(visit->visit_id());
  link.set_customer_id("c0000000-0000-7000-8000-000000000001");
  link.set_vehicle_id("a0000000-0000-7000-8000-000000000001");
  const auto linked = desk.Do<v1::Visit>(options::ROLE_SERVICE_ADVISER, link);
  ASSERT_TRUE(linked.ok()) << linked.status();
  EXPECT_EQ(linked->vin(), "LSVAL41Z882104202");
}

TEST_F(VisitRoom, ReadsTheOdometerAgainstTheLastReading) {
  const v1::Visit visit = AnOpenVisit();
  EXPECT_TRUE(chassis::IsRefusal(WalkAround(visit, 47999).status(), v1::ERROR_REASON_ODOMETER_LOWER));
  EXPECT_EQ(desk.Count("walk_around"), 0);
  EXPECT_TRUE(WalkAround(visit, 47999, "更换仪表").ok());
  const auto again = WalkAround(visit, 48210);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->last_odometer_km(), 48000);
  EXPECT_EQ(desk.Count("walk_around"), 1) << "recorded again, not twice";
}

TEST_F(VisitRoom, ShowsTheWholeCheckInAndWhatIsMissing) {
  const v1::Visit visit = AnOpenVisit();
  ASSERT_TRUE(WalkAround(visit, 48210).ok());
  const auto belongings = Belongings(visit);
  ASSERT_TRUE(belongings.ok()) << belongings.status();
  v1::GetCheckInRequest ask;
  ask.set_visit_id(visit.visit_id());
  auto check_in = desk.Do<v1::CheckIn>(options::ROLE_SERVICE_ADVISER, ask);
  ASSERT_TRUE(check_in.ok()) << check_in.status();
  ASSERT_EQ(check_in->missing_size(), 1);
  EXPECT_EQ(check_in->missing(0), "custody");

  ASSERT_TRUE(Custody(visit, "K-12").ok());
  v1::RecordCustomerStatementRequest words;
  words.set_visit_id(visit.visit_id());
  words.set_words("过减速带时右前轮有咯噔声");
  auto& answer = *words.add_answers();
  answer.set_symptom("异响");
  answer.set_question("冷车还是热车？");
  answer.set_answer("冷车明显");
  ASSERT_TRUE(desk.Do<v1::CustomerStatement>(options::ROLE_SERVICE_ADVISER, words).ok());
  check_in = desk.Do<v1::CheckIn>(options::ROLE_SERVICE_ADVISER, ask);
  ASSERT_TRUE(check_in.ok()) << check_in.status();
  EXPECT_EQ(check_in->missing_size(), 0);
  EXPECT_EQ(check_in->walk_around().marks(0).photo_refs(0), "photo-1");
  EXPECT_EQ(check_in->statements(0).words(), "过减速带时右前轮有咯噔声");
  EXPECT_EQ(check_in->statements(0).answers(0).answer(), "冷车明显");
  EXPECT_TRUE(check_in->summary_available());
  EXPECT_EQ(check_in->belongings().signature().signer_name(), "王建华");

  const auto checks = chassis::VerifyChassisLedgers(
      desk.host, {desk.rooms.signed_documents.begin(), desk.rooms.signed_documents.end()}, desk.store_id);
  ASSERT_TRUE(checks.ok()) << checks.status();
  for (const common::LedgerCheck& check : *checks) EXPECT_EQ(check.difference_count(), 0) << check.DebugString();
}

TEST_F(VisitRoom, HangsATagOnOneSetOfKeysOnly) {
  const v1::Visit visit = AnOpenVisit();
  ASSERT_TRUE(Custody(visit, "K-12").ok());
  EXPECT_TRUE(Custody(visit, "K-12").ok()) << "recorded again for the same vehicle";
  const auto other = Open(*Greet(*Arrive("沪B22222")));
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_TRUE(chassis::IsRefusal(Custody(*other, "K-12").status(), v1::ERROR_REASON_KEY_TAG_IN_USE));
  ASSERT_TRUE(Close(visit).ok());
  EXPECT_TRUE(Custody(*other, "K-12").ok());
}

TEST_F(VisitRoom, StandsOnTheBoardWithItsNextDutyUntilItIsClosed) {
  const auto arrived = Arrive();
  v1::ListBoardResponse board = Board();
  ASSERT_EQ(board.entries_size(), 1);
  EXPECT_EQ(board.entries(0).stage(), v1::BoardEntry::STAGE_VEHICLE_RECEIVED);
  EXPECT_EQ(board.entries(0).next_duty_kind(), "greeting");
  const auto visit = Open(*Greet(*arrived));
  board = Board();
  EXPECT_EQ(board.entries(0).adviser(), "adviser-1");
  EXPECT_EQ(board.entries(0).model_name(), "E6 纯电");
  EXPECT_EQ(board.entries(0).purpose(), v1::Visit::PURPOSE_REPAIR);
  ASSERT_TRUE(Close(*visit).ok());
  EXPECT_EQ(Board().entries_size(), 0);
  EXPECT_EQ(desk.Count("outbox WHERE type = 'VisitClosed'"), 1);
}

TEST_F(VisitRoom, IsCountedByPurposeAndOutcomeAndGreeting) {
  const auto visit = Arrive();
  desk.clock.Advance(absl::Seconds(12));
  ASSERT_TRUE(Close(*Open(*Greet(*visit))).ok());
  v1::GetVisitStatisticsRequest ask;
  ask.set_start_date("2026-11-21");
  ask.set_end_date("2026-11-21");
  const auto statistics = desk.Do<v1::VisitStatistics>(options::ROLE_SERVICE_MANAGER, ask);
  ASSERT_TRUE(statistics.ok()) << statistics.status();
  EXPECT_EQ(statistics->visits(), 1);
  EXPECT_EQ(statistics->greeted(), 1);
  EXPECT_EQ(statistics->greeted_in_time(), 0);
  EXPECT_EQ(statistics->average_greeting_seconds(), 12);
  EXPECT_EQ(statistics->purposes(0).outcome(), v1::Visit::OUTCOME_ANSWERED);
}

TEST_F(VisitRoom, MakesAVisitOfTheDaysAppointmentWithoutTyping) {
  desk.AdoptPrices();
  auto& offer = desk.neighbours.offers["OIL-5W30"];
  offer.set_part_id("d0000000-0000-7000-8000-000000000001");
  offer.set_part_number("OIL-5W30");
  offer.set_unit_price_amount(9800);
  offer.set_available_milli(100000);
  v1::BookAppointmentRequest book;
  book.set_source(v1::Appointment::SOURCE_APP);
  book.set_plate("沪A12345");
  book.add_package_codes("PKG-MINOR");
  *book.mutable_start_time() = chassis::ToProto(desk.clock.Now() + absl::Hours(5));
  const auto appointment = desk.Do<v1::Appointment>(options::ROLE_CUSTOMER_SERVICE_AGENT, book, "agent-1");
  ASSERT_TRUE(appointment.ok()) << appointment.status();

  const auto visit = Arrive();
  ASSERT_TRUE(visit.ok()) << visit.status();
  EXPECT_EQ(visit->appointment_id(), appointment->appointment_id());
  EXPECT_EQ(visit->customer_id(), "c0000000-0000-7000-8000-000000000001");
  EXPECT_EQ(visit->adviser(), "agent-1");
  EXPECT_EQ(desk.Count("appointment WHERE state = 'ARRIVED' AND visit_id IS NOT NULL"), 1);
  ASSERT_TRUE(Close(*visit).ok());
  EXPECT_EQ(desk.Count("appointment WHERE state = 'FULFILLED'"), 1);
}

// A watcher that looks `looks` times and keeps what it was told.
std::vector<v1::WatchBoardResponse> Watch(DeskForTest& desk, int64_t after_revision, int messages) {
  v1::WatchBoardRequest request;
  request.set_store_id(desk.store_id);
  request.set_after_revision(after_revision);
  const chassis::Rpcs::Entry& entry = desk.EntryOf(v1::WatchBoardRequest::descriptor());
  chassis::identity::Identity identity;
  chassis::Command command{
      .store_id = desk.store_id, .actor = {.subject = "board"}, .method = "", .request_id = "", .request_digest = ""};
  chassis::Call call(desk.host, identity, command, desk.clock.Now() + absl::Hours(1), "zh-CN", "");
  std::vector<v1::WatchBoardResponse> told;
  const absl::Status watched = entry.stream(
      call, request,
      [&](const google::protobuf::Message& message) {
        told.push_back(static_cast<const v1::WatchBoardResponse&>(message));
        return static_cast<int>(told.size()) < messages;
      },
      [] { return false; });
  EXPECT_TRUE(watched.ok()) << watched;
  return told;
}

TEST_F(VisitRoom, IsToldToWhoWatchesTheBoardAndResumes) {
  const auto first = Arrive("沪B11111");
  const std::vector<v1::WatchBoardResponse> snapshot = Watch(desk, 0, 1);
  ASSERT_EQ(snapshot.size(), 1u);
  EXPECT_TRUE(snapshot[0].snapshot_complete());
  ASSERT_EQ(snapshot[0].entries_size(), 1);
  EXPECT_GT(snapshot[0].revision(), 0);

  desk.clock.Advance(absl::Minutes(5));
  const auto second = Arrive("沪B22222");
  ASSERT_TRUE(Close(*first).ok());
  const std::vector<v1::WatchBoardResponse> resumed = Watch(desk, snapshot[0].revision(), 1);
  ASSERT_EQ(resumed[0].entries_size(), 1);
  EXPECT_EQ(resumed[0].entries(0).visit_id(), second->visit_id());
  ASSERT_EQ(resumed[0].left_visit_ids_size(), 1);
  EXPECT_EQ(resumed[0].left_visit_ids(0), first->visit_id());
  EXPECT_GT(resumed[0].revision(), snapshot[0].revision());
}

}  // namespace
}  // namespace reception
