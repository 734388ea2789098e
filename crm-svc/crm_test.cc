// The service as a whole: tables, handlers, and what becomes of a customer from the first archive to the second
// follow-up and the next reminder.
#include "chassis/office/office.h"
#include "chassis/records/table_check.h"
#include "crm-svc/crm_for_test.h"
#include "gmock/gmock.h"

namespace crm {
namespace {

using chassis::IsRefusal;
using testing::ElementsAre;
using testing::IsEmpty;

class Crm : public CustomerCare {};

TEST_F(Crm, AnswersEveryRpcOfItsPackage) {
  chassis::OpenOffice(rpcs_, [](const std::string&) {
    return absl::StatusOr<std::vector<common::LedgerCheck>>(absl::UnimplementedError(""));
  });
  const absl::Status complete = rpcs_.Complete();
  EXPECT_TRUE(complete.ok()) << complete;
}

TEST_F(Crm, KeepsItsTablesAsItsMessagesSay) {
  const absl::Status read = pool_->Read(absl::InfiniteFuture(), [](chassis::sql::Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(const auto differences, chassis::records::TableDifferences(session, "aftersales.crm.v1"));
    EXPECT_THAT(differences, IsEmpty());
    return absl::OkStatus();
  });
  EXPECT_TRUE(read.ok()) << read;
}

// -- customers -------------------------------------------------------------------------------------------------------

class CustomerArchives : public CustomerCare {};

// Handbook: C-01, G-05
TEST_F(CustomerArchives, OweTheirCompletionUntilNothingIsMissing) {
  v1::CreateCustomerRequest create = CustomerNamed("王建华", "13800001000");
  create.mutable_customer()->clear_address();
  create.mutable_customer()->clear_consents();
  const auto customer = Must<v1::Customer>(create);
  EXPECT_THAT(customer.missing_fields(), ElementsAre("address", "consents.consent_time"));
  EXPECT_EQ(DueOf("customer_archive", customer.customer_id()), clock_.Now() + absl::Hours(48));
  EXPECT_EQ(Events("CustomerArchived"), 1);

  v1::UpdateCustomerRequest update;
  *update.mutable_customer() = customer;
  update.mutable_customer()->set_address("上海市浦东新区世纪大道100号");
  update.mutable_update_mask()->add_paths("address");
  const auto half = Must<v1::Customer>(update);
  EXPECT_THAT(half.missing_fields(), ElementsAre("consents.consent_time"));
  EXPECT_EQ(Duties("customer_archive", "OPEN"), 1) << "half an archive is still owed";

  v1::UpdateCustomerRequest rest;
  *rest.mutable_customer() = half;
  *rest.mutable_customer()->mutable_consents()->mutable_consent_time() = chassis::ToProto(clock_.Now());
  rest.mutable_update_mask()->add_paths("consents");
  EXPECT_THAT(Must<v1::Customer>(rest).missing_fields(), IsEmpty());
  EXPECT_EQ(Duties("customer_archive", "OPEN"), 0);
  EXPECT_EQ(Duties("customer_archive", "DONE", customer.customer_id()), 1);
}

// Handbook: C-01
TEST_F(CustomerArchives, OweNothingWhenCompleteFromTheStart) {
  EXPECT_THAT(ACustomer().missing_fields(), IsEmpty());
  EXPECT_EQ(Count("duty"), 0);
}

TEST_F(CustomerArchives, AreKeptOncePerNameAndTelephone) {
  const v1::Customer first = ACustomer();
  const auto twin = Send<v1::Customer>(CustomerNamed("王建华", "13800001000"));
  EXPECT_TRUE(IsRefusal(twin.status(), v1::ERROR_REASON_CUSTOMER_EXISTS)) << twin.status();
  EXPECT_EQ(chassis::RefusalIn(twin.status()).violations(0).field(), "customer.phone");
  EXPECT_EQ(Count("customer"), 1);
  EXPECT_EQ(Events("CustomerArchived"), 1) << "nothing of the refused archive is told";
  // The family shares a telephone, another store has its own archive.
  EXPECT_TRUE(Send<v1::Customer>(CustomerNamed("王小明", "13800001000")).ok());
  EXPECT_TRUE(
      Send<v1::Customer>(CustomerNamed("王建华", "13800001000"), options::ROLE_CUSTOMER_SERVICE_AGENT, kSuzhou).ok());
}

// Handbook: C-01, G-13
TEST_F(CustomerArchives, AreFoundByWholeTelephoneAndNameThoughBothLieEncrypted) {
  const v1::Customer wang = ACustomer();
  Must<v1::Customer>(CustomerNamed("王小明", "13800001000"));
  const auto found = [&](const std::string& phone, const std::string& name) {
    v1::FindCustomersRequest request;
    request.set_phone(phone);
    request.set_name(name);
    return Must<v1::FindCustomersResponse>(request).customers_size();
  };
  EXPECT_EQ(found("13800001000", ""), 2);
  EXPECT_EQ(found("", "王建华"), 1);
  EXPECT_EQ(found("13800001000", "王小明"), 1);
  EXPECT_EQ(found("13800001001", ""), 0);
  EXPECT_EQ(found("", "王"), 0) << "part of a name finds nobody";
  EXPECT_EQ(Count("customer WHERE INSTR(phone, '13800001000') > 0 OR INSTR(name, '王') > 0"), 0);
  EXPECT_EQ(Count("command_log WHERE INSTR(changes, '13800001000') > 0 OR INSTR(changes, '王建华') > 0"), 0);
  const auto nothing = Send<v1::FindCustomersResponse>(v1::FindCustomersRequest());
  EXPECT_TRUE(IsRefusal(nothing.status(), v1::ERROR_REASON_SEARCH_EMPTY)) << nothing.status();
}

// Handbook: G-03
TEST_F(CustomerArchives, RefuseAChangeMadeOnAnOldCopy) {
  const v1::Customer old = ACustomer();
  v1::UpdateCustomerRequest update;
  *update.mutable_customer() = old;
  update.mutable_customer()->set_agent("zhao.min");
  update.mutable_update_mask()->add_paths("agent");
  EXPECT_EQ(Must<v1::Customer>(update).agent(), "zhao.min");
  update.mutable_customer()->set_agent("qian.hui");
  const auto late = Send<v1::Customer>(update);
  EXPECT_TRUE(IsRefusal(late.status(), common::ERROR_REASON_CHANGED_MEANWHILE)) << late.status();
  EXPECT_EQ(Count("customer WHERE agent = 'zhao.min'"), 1);
}

// Handbook: G-01
TEST_F(CustomerArchives, AreNotThereForAnotherStore) {
  const v1::Customer customer = ACustomer();
  const v1::Vehicle vehicle = AVehicle(customer);
  const VehicleDelivered delivered = Deliver(vehicle, "SH01-RO-20261121-0001");
  const auto agent = options::ROLE_CUSTOMER_SERVICE_AGENT;

  v1::GetCustomerRequest get;
  get.set_customer_id(customer.customer_id());
  EXPECT_TRUE(absl::IsNotFound(Send<v1::Customer>(get, agent, kSuzhou).status()));
  v1::FindCustomersRequest find;
  find.set_phone("13800001000");
  EXPECT_EQ(Must<v1::FindCustomersResponse>(find, kSuzhou).customers_size(), 0);
  v1::GetCheckInSummaryRequest summary;
  summary.set_plate(vehicle.plate());
  EXPECT_TRUE(absl::IsNotFound(Send<v1::CheckInSummary>(summary, agent, kSuzhou).status()));
  EXPECT_EQ(Must<v1::ListVehiclesResponse>(v1::ListVehiclesRequest(), kSuzhou).vehicles_size(), 0);
  EXPECT_EQ(Must<v1::ListServiceRecordsResponse>(v1::ListServiceRecordsRequest(), kSuzhou).service_records_size(), 0);
  EXPECT_EQ(Must<v1::ListRecommendationsResponse>(v1::ListRecommendationsRequest(), kSuzhou).recommendations_size(), 0);
  EXPECT_EQ(Must<v1::ListInteractionsResponse>(v1::ListInteractionsRequest(), kSuzhou).interactions_size(), 0);
  EXPECT_EQ(Must<v1::ListFollowUpsResponse>(v1::ListFollowUpsRequest(), kSuzhou).follow_ups_size(), 0);
  EXPECT_EQ(Must<v1::ListRemindersResponse>(v1::ListRemindersRequest(), kSuzhou).reminders_size(), 0);
  v1::RecordOdometerRequest reading;
  reading.set_vehicle_id(vehicle.vehicle_id());
  reading.set_odometer_km(99'000);
  EXPECT_TRUE(absl::IsNotFound(Send<v1::Vehicle>(reading, agent, kSuzhou).status()));
  // A vehicle cannot be given to a customer of another store.
  const v1::Customer theirs = ACustomer(false, kSuzhou);
  v1::TransferVehicleRequest transfer;
  transfer.set_vehicle_id(vehicle.vehicle_id());
  transfer.set_customer_id(theirs.customer_id());
  transfer.set_reason("二手车过户");
  EXPECT_TRUE(IsRefusal(Send<v1::Vehicle>(transfer).status(), v1::ERROR_REASON_CUSTOMER_UNKNOWN));
  EXPECT_EQ(VehicleNow(vehicle).customer_id(), customer.customer_id());
}

// -- vehicles --------------------------------------------------------------------------------------------------------

class VehicleArchives : public CustomerCare {};

TEST_F(VehicleArchives, AreRefusedWithAWrongCheckDigitATwinOrNobodyAsOwner) {
  const v1::Customer customer = ACustomer();
  v1::CreateVehicleRequest wrong = VehicleOf(customer);
  std::string vin = wrong.vehicle().vin();
  vin[16] = vin[16] == '9' ? '8' : '9';
  wrong.mutable_vehicle()->set_vin(vin);
  const auto refused = Send<v1::Vehicle>(wrong);
  EXPECT_TRUE(IsRefusal(refused.status(), v1::ERROR_REASON_VIN_CHECK_DIGIT)) << refused.status();
  EXPECT_EQ(chassis::RefusalIn(refused.status()).violations(0).field(), "vehicle.vin");

  v1::CreateVehicleRequest nobody = VehicleOf(customer);
  nobody.mutable_vehicle()->set_customer_id(NewId());
  EXPECT_TRUE(IsRefusal(Send<v1::Vehicle>(nobody).status(), v1::ERROR_REASON_CUSTOMER_UNKNOWN));
  EXPECT_EQ(Count("vehicle"), 0);

  AVehicle(customer);
  v1::CreateVehicleRequest twin = VehicleOf(customer);
  twin.mutable_vehicle()->set_plate("沪A99999");
  EXPECT_TRUE(IsRefusal(Send<v1::Vehicle>(twin).status(), v1::ERROR_REASON_VEHICLE_EXISTS));
  EXPECT_EQ(Count("vehicle"), 1);
}

// Handbook: C-02, G-12
TEST_F(VehicleArchives, AreRefusedWithAPlateThatIsNone) {
  v1::CreateVehicleRequest request = VehicleOf(ACustomer());
  request.mutable_vehicle()->set_plate("沪I12345");
  const auto refused = Send<v1::Vehicle>(request);
  EXPECT_TRUE(IsRefusal(refused.status(), common::ERROR_REASON_INVALID_FIELD)) << refused.status();
  EXPECT_EQ(chassis::RefusalIn(refused.status()).violations(0).field(), "vehicle.plate");
}

// Handbook: C-02
TEST_F(VehicleArchives, KeepFormerPlatesAndOwners) {
  const v1::Customer wang = ACustomer();
  const v1::Customer li = Must<v1::Customer>(CustomerNamed("李佳怡", "13800001001"));
  const v1::Vehicle vehicle = AVehicle(wang);

  v1::ChangePlateRequest plate;
  plate.set_vehicle_id(vehicle.vehicle_id());
  plate.set_plate("沪AD12345");
  plate.set_plate_colour(v1::Vehicle::PLATE_COLOUR_GREEN);
  plate.set_reason("换新能源号牌");
  Must<v1::Vehicle>(plate);
  clock_.Advance(absl::Hours(1));
  v1::TransferVehicleRequest transfer;
  transfer.set_vehicle_id(vehicle.vehicle_id());
  transfer.set_customer_id(li.customer_id());
  transfer.set_reason("二手车过户");
  Must<v1::Vehicle>(transfer);

  const v1::Vehicle now = VehicleNow(vehicle);
  EXPECT_EQ(now.plate(), "沪AD12345");
  EXPECT_EQ(now.plate_colour(), v1::Vehicle::PLATE_COLOUR_GREEN);
  EXPECT_EQ(now.customer_id(), li.customer_id());
  ASSERT_EQ(now.history_size(), 3);
  EXPECT_EQ(now.history(0).kind(), v1::VehicleEvent::KIND_ODOMETER_READ);
  EXPECT_EQ(now.history(1).kind(), v1::VehicleEvent::KIND_PLATE_CHANGED);
  EXPECT_EQ(now.history(1).plate(), vehicle.plate()) << "the plate it had until then";
  EXPECT_EQ(now.history(2).kind(), v1::VehicleEvent::KIND_OWNER_CHANGED);
  EXPECT_EQ(now.history(2).customer_id(), wang.customer_id());
  EXPECT_EQ(now.history(2).reason(), "二手车过户");
  // The vehicle answers to its new plate only.
  v1::GetCheckInSummaryRequest summary;
  summary.set_plate(vehicle.plate());
  EXPECT_TRUE(absl::IsNotFound(Send<v1::CheckInSummary>(summary).status()));
  summary.set_plate("沪AD12345");
  EXPECT_EQ(Must<v1::CheckInSummary>(summary).customer_id(), li.customer_id());
}

// Handbook: C-02
TEST_F(VehicleArchives, LearnTheDrivingRateAndTakeNoReadingBackWithoutReason) {
  const v1::Vehicle vehicle = AVehicle(ACustomer());
  clock_.Advance(absl::Hours(24 * 100));
  v1::RecordOdometerRequest reading;
  reading.set_vehicle_id(vehicle.vehicle_id());
  reading.set_odometer_km(15'000);
  EXPECT_EQ(Must<v1::Vehicle>(reading).average_metres_per_day(), 50'000);

  reading.set_odometer_km(14'999);
  const auto back = Send<v1::Vehicle>(reading);
  EXPECT_TRUE(IsRefusal(back.status(), v1::ERROR_REASON_ODOMETER_WENT_BACK)) << back.status();
  EXPECT_EQ(VehicleNow(vehicle).odometer_km(), 15'000);
  reading.set_correction(v1::VehicleEvent::KIND_ODOMETER_REPLACED);
  EXPECT_TRUE(IsRefusal(Send<v1::Vehicle>(reading).status(), common::ERROR_REASON_REASON_REQUIRED));
  reading.set_odometer_km(12);
  reading.set_reason("更换仪表总成");
  const auto replaced = Must<v1::Vehicle>(reading);
  EXPECT_EQ(replaced.odometer_km(), 12);
  EXPECT_EQ(replaced.history().rbegin()->kind(), v1::VehicleEvent::KIND_ODOMETER_REPLACED);
  EXPECT_EQ(replaced.average_metres_per_day(), 0) << "a new count begins";
}

// -- check-in --------------------------------------------------------------------------------------------------------

class CheckIn : public CustomerCare {};

// Handbook: R-15, C-03
TEST_F(CheckIn, ShowsOwnerVehicleHistoryAndWhatIsOpen) {
  const v1::Customer customer = ACustomer();
  const v1::Vehicle vehicle = AVehicle(customer);
  Deliver(vehicle, "SH01-RO-20261121-0001");
  v1::GetCheckInSummaryRequest request;
  request.set_plate(vehicle.plate());
  const auto shown = Must<v1::CheckInSummary>(request);
  EXPECT_EQ(shown.vehicle_id(), vehicle.vehicle_id());
  EXPECT_EQ(shown.customer_name(), "王建华");
  EXPECT_EQ(shown.customer_phone(), "13800001000");
  EXPECT_EQ(shown.preferred_contact_time(), "18:00-20:00");
  EXPECT_EQ(shown.last_odometer_km(), 20'000);
  EXPECT_EQ(shown.next_maintenance_date(), "2027-05-21");
  EXPECT_EQ(shown.next_maintenance_km(), 30'000);
  ASSERT_EQ(shown.recent_services_size(), 1);
  EXPECT_EQ(shown.recent_services(0).repair_order_number(), "SH01-RO-20261121-0001");
  EXPECT_EQ(shown.recent_services(0).summary(), "更换机油机滤");
  EXPECT_EQ(shown.recent_services(0).total_amount(), 68817);
  EXPECT_THAT(shown.recent_services(0).systems(), ElementsAre("ENGINE"));
  ASSERT_EQ(shown.recommendations_size(), 1);
  EXPECT_EQ(shown.recommendations(0).description(), "更换前制动片");
  EXPECT_TRUE(shown.recommendations(0).safety_critical());

  v1::CloseRecommendationRequest close;
  close.set_recommendation_id(shown.recommendations(0).recommendation_id());
  close.set_reason("已在别处更换");
  Must<v1::Recommendation>(close);
  EXPECT_EQ(SummaryOf(vehicle).recommendations_size(), 0);
  EXPECT_TRUE(IsRefusal(Send<v1::Recommendation>(close).status(), common::ERROR_REASON_WRONG_STATE));
}

TEST_F(CheckIn, IsAskedForOneVehicleInOneWay) {
  const v1::Vehicle vehicle = AVehicle(ACustomer());
  v1::GetCheckInSummaryRequest request;
  EXPECT_TRUE(IsRefusal(Send<v1::CheckInSummary>(request).status(), v1::ERROR_REASON_SEARCH_EMPTY));
  request.set_plate(vehicle.plate());
  request.set_vin(vehicle.vin());
  EXPECT_TRUE(IsRefusal(Send<v1::CheckInSummary>(request).status(), v1::ERROR_REASON_SEARCH_EMPTY));
}

// Handbook: C-03
TEST_F(CheckIn, ShowsTheGroupsHistoryOnlyWhereTheCustomerAgreed) {
  const v1::Customer shares = ACustomer(/*shares=*/true);
  const v1::Customer keeps = Must<v1::Customer>(CustomerNamed("李佳怡", "13800001001"));
  const v1::Vehicle shared = AVehicle(shares, 1);
  const v1::Vehicle kept = AVehicle(keeps, 2);
  Deliver(shared, "SH01-RO-20261121-0001");
  Deliver(kept, "SH01-RO-20261121-0002");
  // Both come to Suzhou, where they have archives of their own.
  const v1::Customer visitor = ACustomer(false, kSuzhou);
  AVehicle(visitor, 1, kSuzhou);
  AVehicle(visitor, 2, kSuzhou);
  const auto seen = SummaryOf(shared, kSuzhou);
  ASSERT_EQ(seen.recent_services_size(), 1);
  EXPECT_EQ(seen.recent_services(0).repair_order_number(), "SH01-RO-20261121-0001");
  EXPECT_EQ(seen.recent_services(0).store_id(), kShanghai);
  EXPECT_EQ(SummaryOf(kept, kSuzhou).recent_services_size(), 0);
  EXPECT_EQ(SummaryOf(kept).recent_services_size(), 1) << "the store itself sees its own";
}

// -- what reception tells --------------------------------------------------------------------------------------------

class Delivery : public CustomerCare {};

// Handbook: C-02, C-03, C-05, C-09, R-46
TEST_F(Delivery, MakesHistoryRecommendationFollowUpsAndReminderOnce) {
  const v1::Vehicle vehicle = AVehicle(ACustomer());
  clock_.Advance(absl::Hours(24 * 50));
  const VehicleDelivered delivered = Deliver(vehicle, "SH01-RO-20261121-0001");
  // Nothing new in the feed, and a restarted service goes on where it stood.
  EXPECT_EQ(TakeIn(), 0);
  EXPECT_EQ(*chassis::IntakeRunner(host_, intake_).TurnOnce(kReception, absl::ZeroDuration()), 0);

  const auto records = Must<v1::ListServiceRecordsResponse>(v1::ListServiceRecordsRequest());
  ASSERT_EQ(records.service_records_size(), 1);
  EXPECT_EQ(records.service_records(0).service_record_id(), delivered.repair_order_id());
  EXPECT_EQ(records.service_records(0).vin(), vehicle.vin());
  EXPECT_EQ(records.service_records(0).total_amount(), 68817);
  EXPECT_EQ(records.service_records(0).works(0).operation_code(), "MNT-A");
  EXPECT_EQ(records.service_records(0).parts(0).quantity_milli(), 4500);
  EXPECT_FALSE(records.service_records(0).shared_with_group());

  const auto open = Must<v1::ListRecommendationsResponse>(v1::ListRecommendationsRequest());
  ASSERT_EQ(open.recommendations_size(), 1);
  EXPECT_EQ(open.recommendations(0).state(), v1::Recommendation::STATE_OPEN);
  EXPECT_EQ(open.recommendations(0).offered_amount(), 68000);

  const v1::Vehicle now = VehicleNow(vehicle);
  EXPECT_EQ(now.odometer_km(), 20'000);
  EXPECT_EQ(now.average_metres_per_day(), 200'000);
  EXPECT_EQ(now.next_maintenance_date(), "2027-05-21");

  const auto both = FollowUpsOf("SH01-RO-20261121-0001");
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[0].state(), v1::FollowUp::STATE_OPEN);
  EXPECT_EQ(both[1].state(), v1::FollowUp::STATE_WAITING);
  EXPECT_EQ(both[0].script_code(), "FU1-MAINTENANCE");
  EXPECT_EQ(both[1].script_code(), "FU2-MAINTENANCE");
  EXPECT_EQ(both[0].preferred_contact_time(), "18:00-20:00");
  EXPECT_EQ(Duties("first_follow_up", "OPEN", both[0].follow_up_id()), 1);
  EXPECT_EQ(Duties("second_follow_up", "OPEN", both[1].follow_up_id()), 1);

  const auto reminders = RemindersOf(vehicle);
  ASSERT_EQ(reminders.size(), 1u);
  EXPECT_EQ(reminders[0].state(), v1::Reminder::STATE_PLANNED);
  EXPECT_EQ(Duties("maintenance_reminder", "OPEN", reminders[0].reminder_id()), 1);
  EXPECT_EQ(Events("MaintenanceReminderPlanned"), 1);

  v1::ListInteractionsRequest timeline;
  timeline.set_filter("customer_id = \"" + vehicle.customer_id() + "\"");
  const auto contacts = Must<v1::ListInteractionsResponse>(timeline);
  ASSERT_EQ(contacts.interactions_size(), 1);
  EXPECT_EQ(contacts.interactions(0).kind(), v1::Interaction::KIND_DELIVERY);
  EXPECT_EQ(contacts.interactions(0).document_number(), "SH01-RO-20261121-0001");
}

// Handbook: C-09
TEST_F(Delivery, PutsTheNextReminderInPlaceOfTheLast) {
  const v1::Vehicle vehicle = AVehicle(ACustomer());
  Deliver(vehicle, "SH01-RO-20261121-0001");
  clock_.Advance(absl::Hours(24 * 30));
  VehicleDelivered again = DeliveryOf(vehicle, "SH01-RO-20261221-0001");
  again.set_odometer_km(21'000);
  again.set_next_maintenance_date("2027-06-21");
  again.set_next_maintenance_km(0);
  Publish(again);
  EXPECT_EQ(TakeIn(), 1);
  const auto reminders = RemindersOf(vehicle);
  ASSERT_EQ(reminders.size(), 2u);
  EXPECT_EQ(Count("reminder WHERE state = 'SUPERSEDED' AND target_date = '2027-05-21'"), 1);
  EXPECT_EQ(Count("reminder WHERE state = 'PLANNED' AND target_date = '2027-06-21'"), 1);
  EXPECT_EQ(Duties("maintenance_reminder", "OPEN"), 1);
  EXPECT_EQ(Duties("maintenance_reminder", "WAIVED"), 1);
}

// Handbook: C-02, C-03
TEST_F(Delivery, IsKeptThoughTheOdometerWasMisread) {
  const v1::Vehicle vehicle = AVehicle(ACustomer());
  VehicleDelivered delivered = DeliveryOf(vehicle, "SH01-RO-20261121-0001");
  delivered.set_odometer_km(9'999);
  Publish(delivered);
  EXPECT_EQ(TakeIn(), 1);
  EXPECT_EQ(VehicleNow(vehicle).odometer_km(), 10'000);
  EXPECT_EQ(Count("service_record"), 1);
  EXPECT_EQ(Count("follow_up"), 2);
}

// Handbook: C-01, R-46
TEST_F(Delivery, OfAVehicleNobodyKnowsStopsNothing) {
  VehicleDelivered delivered = DeliveryOf(v1::Vehicle(), "SH01-RO-20261121-0001");
  delivered.set_vehicle_id(NewId());
  delivered.set_customer_id(NewId());
  Publish(delivered);
  EXPECT_EQ(TakeIn(), 1);
  EXPECT_EQ(Count("service_record"), 0);
  Deliver(AVehicle(ACustomer()), "SH01-RO-20261121-0002");
  EXPECT_EQ(Count("service_record"), 1);
}

// Handbook: C-01, C-02
TEST_F(Delivery, BeginsWithAVisitThatReadsTheOdometerAndOwesTheArchiveTheSameDay) {
  v1::CreateCustomerRequest create = CustomerNamed("王建华", "13800001000");
  create.mutable_customer()->clear_address();
  const v1::Vehicle vehicle = AVehicle(Must<v1::Customer>(create));
  VisitOpened opened;
  opened.set_visit_id(NewId());
  opened.set_number("SH01-VIS-20261121-0001");
  opened.set_customer_id(vehicle.customer_id());
  opened.set_vehicle_id(vehicle.vehicle_id());
  opened.set_odometer_km(12'000);
  Publish(opened);
  VisitOpened stranger;
  stranger.set_visit_id(NewId());
  stranger.set_number("SH01-VIS-20261121-0002");
  Publish(stranger);
  EXPECT_EQ(TakeIn(), 2);
  EXPECT_EQ(VehicleNow(vehicle).odometer_km(), 12'000);
  EXPECT_EQ(Count("interaction WHERE kind = 'VISIT'"), 1);
  // 2026-11-21 ends in Shanghai at 16:00 UTC.
  EXPECT_EQ(DueOf("customer_archive", stranger.visit_id()), absl::FromUnixSeconds(1795222800 + 15 * 3600));
}

// -- follow-ups ------------------------------------------------------------------------------------------------------

class FollowUps : public CustomerCare {
 protected:
  FollowUps() { Deliver(AVehicle(ACustomer()), kNumber); }
  v1::FollowUp First() { return FollowUpsOf(kNumber)[0]; }
  v1::FollowUp Second() { return FollowUpsOf(kNumber)[1]; }
  void OpenWindow(const v1::FollowUp& follow_up) {
    clock_.Set(chassis::FromProto(follow_up.earliest_time()) + absl::Hours(1));
  }
  static constexpr char kNumber[] = "SH01-RO-20261121-0001";
};

// Handbook: C-05
TEST_F(FollowUps, StandInTheWindowOfTheStore) {
  const absl::Time delivery = clock_.Now();
  EXPECT_EQ(chassis::FromProto(First().earliest_time()), delivery + absl::Hours(2 * 24));
  EXPECT_EQ(chassis::FromProto(First().latest_time()), delivery + absl::Hours(7 * 24));
  const absl::Time due = chassis::FromProto(First().due_time());
  EXPECT_GE(due, delivery + absl::Hours(2 * 24));
  EXPECT_LE(due, delivery + absl::Hours(3 * 24));
  // The customer's time: until 20:00 in Shanghai.
  EXPECT_EQ(absl::FormatTime("%H:%M", due, absl::UTCTimeZone()), "12:00");
}

// Handbook: C-05, G-05
TEST_F(FollowUps, AreDoneOneAfterTheOther) {
  const auto early = Send<v1::FollowUp>(Attempt(First(), v1::FollowUpAttempt::RESULT_REACHED, 5));
  EXPECT_TRUE(IsRefusal(early.status(), v1::ERROR_REASON_TOO_EARLY)) << early.status();
  OpenWindow(First());
  const auto second_first = Send<v1::FollowUp>(Attempt(Second(), v1::FollowUpAttempt::RESULT_REACHED, 5));
  EXPECT_TRUE(IsRefusal(second_first.status(), v1::ERROR_REASON_FIRST_FOLLOW_UP_OPEN)) << second_first.status();
  const auto no_score = Send<v1::FollowUp>(Attempt(First(), v1::FollowUpAttempt::RESULT_REACHED));
  EXPECT_TRUE(IsRefusal(no_score.status(), v1::ERROR_REASON_SCORE_MISSING)) << no_score.status();
  EXPECT_TRUE(IsRefusal(Send<v1::FollowUp>(Attempt(First(), v1::FollowUpAttempt::RESULT_NO_ANSWER, 3)).status(),
                        v1::ERROR_REASON_SCORE_WITHOUT_ANSWER));
  EXPECT_TRUE(IsRefusal(Send<v1::FollowUp>(Attempt(First(), v1::FollowUpAttempt::RESULT_REACHED, 3)).status(),
                        v1::ERROR_REASON_TOPIC_MISSING));
  EXPECT_EQ(Count("follow_up_attempt"), 0) << "a refused attempt leaves nothing";

  const auto done = Must<v1::FollowUp>(Attempt(First(), v1::FollowUpAttempt::RESULT_REACHED, 5));
  EXPECT_EQ(done.state(), v1::FollowUp::STATE_DONE);
  EXPECT_EQ(done.satisfaction_score(), 5);
  EXPECT_EQ(done.attempts(0).actor(), "li.na");
  EXPECT_EQ(Duties("first_follow_up", "DONE", done.follow_up_id()), 1);
  EXPECT_EQ(Events("FollowUpRecorded"), 1);

  // The second one's seven days run from now.
  const v1::FollowUp second = Second();
  EXPECT_EQ(second.state(), v1::FollowUp::STATE_OPEN);
  EXPECT_LE(chassis::FromProto(second.due_time()), clock_.Now() + absl::Hours(7 * 24));
  EXPECT_EQ(DueOf("second_follow_up", second.follow_up_id()), chassis::FromProto(second.due_time()));
  OpenWindow(second);
  EXPECT_EQ(Must<v1::FollowUp>(Attempt(second, v1::FollowUpAttempt::RESULT_REACHED, 4)).state(),
            v1::FollowUp::STATE_DONE);
  EXPECT_EQ(Duties("second_follow_up", "OPEN"), 0);
  EXPECT_EQ(Events("FollowUpRecorded"), 2);
  const auto again = Send<v1::FollowUp>(Attempt(second, v1::FollowUpAttempt::RESULT_REACHED, 5));
  EXPECT_TRUE(IsRefusal(again.status(), common::ERROR_REASON_WRONG_STATE)) << again.status();
}

// Handbook: C-05
TEST_F(FollowUps, EndUnreachableAtTheThirdTryInVain) {
  OpenWindow(First());
  for (int attempt = 1; attempt <= 2; ++attempt) {
    EXPECT_EQ(Must<v1::FollowUp>(Attempt(First(), v1::FollowUpAttempt::RESULT_NO_ANSWER)).state(),
              v1::FollowUp::STATE_OPEN);
  }
  const auto third = Must<v1::FollowUp>(Attempt(First(), v1::FollowUpAttempt::RESULT_NO_ANSWER));
  EXPECT_EQ(third.state(), v1::FollowUp::STATE_UNREACHABLE);
  EXPECT_EQ(third.attempts_size(), 3);
  EXPECT_EQ(Duties("first_follow_up", "DONE"), 1);
  EXPECT_EQ(Second().state(), v1::FollowUp::STATE_OPEN);
}

// Handbook: C-05
TEST_F(FollowUps, OweWhatComesOutOfThem) {
  OpenWindow(First());
  Must<v1::FollowUp>(Attempt(First(), v1::FollowUpAttempt::RESULT_WRONG_NUMBER));
  EXPECT_EQ(DueOf("contact_data_correction", First().follow_up_id()), clock_.Now() + absl::Hours(24));
  v1::RecordFollowUpAttemptRequest unhappy = Attempt(First(), v1::FollowUpAttempt::RESULT_REACHED, 2);
  unhappy.add_dissatisfied_topics(v1::FollowUp::TOPIC_WAITING);
  unhappy.set_customer_request("请经理回电");
  unhappy.set_open_question("异响何时能查清");
  const auto done = Must<v1::FollowUp>(unhappy);
  EXPECT_EQ(done.customer_request(), "请经理回电");
  EXPECT_EQ(DueOf("open_question", done.follow_up_id()), clock_.Now() + absl::Hours(48));
  EXPECT_EQ(Count("duty WHERE kind = 'dissatisfied_customer' AND assignee_role = 'CUSTOMER_SERVICE_MANAGER'"), 1);
  EXPECT_EQ(Count("follow_up WHERE INSTR(customer_request, '经理') > 0"), 0) << "the customer's words lie encrypted";
}

// Handbook: C-05, G-05
TEST_F(FollowUps, GoToAStandInWithTheirDuty) {
  v1::ReassignFollowUpRequest request;
  request.set_follow_up_id(First().follow_up_id());
  request.set_assignee("zhao.min");
  request.set_reason("休假");
  EXPECT_EQ(Must<v1::FollowUp>(request).assignee(), "zhao.min");
  EXPECT_EQ(Count("duty WHERE kind = 'first_follow_up' AND state = 'OPEN' AND assignee = 'zhao.min'"), 1);
  EXPECT_EQ(Duties("first_follow_up", "OPEN"), 1);
}

// -- reminders -------------------------------------------------------------------------------------------------------

class Reminders : public CustomerCare {
 protected:
  Reminders() {
    vehicle_ = AVehicle(ACustomer());
    Deliver(vehicle_, "SH01-RO-20261121-0001");
  }
  v1::Reminder Only() { return RemindersOf(vehicle_).at(0); }
  v1::RescheduleReminderRequest To(absl::Time time) {
    v1::RescheduleReminderRequest request;
    request.set_reminder_id(Only().reminder_id());
    *request.mutable_remind_time() = chassis::ToProto(time);
    request.set_reason("客户出差，节后联系");
    return request;
  }
  v1::Vehicle vehicle_;
};

// Handbook: C-09
TEST_F(Reminders, ComeAMonthAheadOfTheDateToldAtDelivery) {
  EXPECT_EQ(Only().target_date(), "2027-05-21");
  // 2027-04-21 10:00 in Shanghai.
  EXPECT_EQ(absl::FormatTime("%Y-%m-%d %H:%M", chassis::FromProto(Only().remind_time()), absl::UTCTimeZone()),
            "2027-04-21 02:00");
}

// Handbook: C-09, G-03
TEST_F(Reminders, ArePausedAndResumedWithTheirDuty) {
  v1::PauseReminderRequest pause;
  pause.set_reminder_id(Only().reminder_id());
  pause.set_reason("车辆停驶");
  EXPECT_EQ(Must<v1::Reminder>(pause).state(), v1::Reminder::STATE_PAUSED);
  EXPECT_EQ(Duties("maintenance_reminder", "OPEN"), 0);
  EXPECT_TRUE(IsRefusal(Send<v1::Reminder>(pause).status(), common::ERROR_REASON_WRONG_STATE));
  EXPECT_EQ(Count("command_log WHERE reason = '车辆停驶'"), 1);

  const absl::Time later = clock_.Now() + absl::Hours(24 * 60);
  const auto resumed = Must<v1::Reminder>(To(later));
  EXPECT_EQ(resumed.state(), v1::Reminder::STATE_PLANNED);
  EXPECT_EQ(resumed.change_reason(), "客户出差，节后联系");
  EXPECT_EQ(DueOf("maintenance_reminder", resumed.reminder_id()), later);
}

TEST_F(Reminders, AreNotMovedIntoThePast) {
  const auto refused = Send<v1::Reminder>(To(clock_.Now()));
  EXPECT_TRUE(IsRefusal(refused.status(), v1::ERROR_REASON_REMINDER_IN_PAST)) << refused.status();
  EXPECT_EQ(chassis::RefusalIn(refused.status()).violations(0).field(), "remind_time");
}

// Handbook: C-09, G-05
TEST_F(Reminders, EndWithTheirDutyWhenTheCustomerWasTold) {
  v1::RecordReminderRequest record;
  record.set_reminder_id(Only().reminder_id());
  record.set_outcome("客户预约 4 月 25 日");
  const auto told = Must<v1::Reminder>(record);
  EXPECT_EQ(told.state(), v1::Reminder::STATE_DONE);
  EXPECT_EQ(chassis::FromProto(told.done_time()), clock_.Now());
  EXPECT_EQ(Duties("maintenance_reminder", "DONE", told.reminder_id()), 1);
  EXPECT_TRUE(IsRefusal(Send<v1::Reminder>(record).status(), common::ERROR_REASON_WRONG_STATE));
  EXPECT_TRUE(
      IsRefusal(Send<v1::Reminder>(To(clock_.Now() + absl::Hours(1))).status(), common::ERROR_REASON_WRONG_STATE));
}

}  // namespace
}  // namespace crm
