// The office over the wire: duties, feed and audit trail of a running service.
#include "chassis/office/office.h"

#include <thread>

#include "chassis/events/change_feed.h"
#include "chassis/server/shelf_for_test.h"
#include "gmock/gmock.h"

namespace chassis {
namespace {

using testing::ElementsAre;

constexpr char kVisit[] = "33333333-3333-7333-8333-333333333333";

class Office : public Shelf {
 protected:
  void SetUp() override { Start(); }

  void Owe(const std::string& kind, const std::string& store = kStore) {
    absl::Status status = service_->host().CommitInBackground(store, "Test/Owe", [&](UnitOfWork& work) {
      common::Duty duty;
      duty.set_kind(kind);
      duty.set_handbook("R-10");
      duty.set_subject_kind("visit");
      duty.set_subject_id(kVisit);
      duty.set_assignee_role(aftersales::options::v1::ROLE_SERVICE_ADVISER);
      *duty.mutable_due_time() = ToProto(work.now() + absl::Hours(1));
      work.Owe(duty);
      return absl::OkStatus();
    });
    ASSERT_TRUE(status.ok()) << status;
  }
  void Publish(const std::string& id, const std::string& store = kStore) {
    absl::Status status = service_->host().CommitInBackground(store, "Test/Publish", [&](UnitOfWork& work) {
      common::DutyEscalated fact;
      fact.set_duty_id(id);
      work.Publish(fact, {"visit", kVisit, 1});
      return absl::OkStatus();
    });
    ASSERT_TRUE(status.ok()) << status;
    ASSERT_TRUE(service_->host().feed().Relay().ok());
  }
  template <typename Response, typename Request>
  absl::StatusOr<Response> Ask(const CallOptions& as, const std::string& method, const Request& request) {
    return client_->CallNamed<Response>(as, "aftersales.shelf.v1." + method, request);
  }
  std::vector<common::Duty> Duties(const std::string& filter) {
    common::ListDutiesRequest request;
    request.set_store_id(kStore);
    request.set_filter(filter);
    auto response = Ask<common::ListDutiesResponse>(Adviser(), "DutyService/ListDuties", request);
    EXPECT_TRUE(response.ok()) << response.status();
    return {response->duties().begin(), response->duties().end()};
  }
  static std::vector<std::string> Facts(const google::protobuf::RepeatedPtrField<common::Event>& events) {
    std::vector<std::string> ids;
    for (const common::Event& event : events) {
      common::DutyEscalated fact;
      EXPECT_TRUE(event.payload().UnpackTo(&fact));
      ids.push_back(fact.duty_id());
    }
    return ids;
  }
};

TEST_F(Office, ListsAndClosesDuties) {
  Owe("greeting");
  Owe("pick_up_notice");
  Owe("greeting", kOtherStore);
  EXPECT_EQ(Duties("").size(), 2u);
  const std::vector<common::Duty> greetings = Duties("kind = \"greeting\" AND state = \"OPEN\"");
  ASSERT_EQ(greetings.size(), 1u);

  common::CompleteDutyRequest request;
  request.set_store_id(kStore);
  request.set_request_id(NewRequestId());
  request.set_duty_id(greetings[0].duty_id());
  request.set_outcome("greeted");
  EXPECT_TRUE(IsRefusal(Ask<common::Duty>(As("cashier"), "DutyService/CompleteDuty", request).status(),
                        common::ERROR_REASON_ROLE_NOT_ALLOWED));
  auto done = Ask<common::Duty>(Adviser(), "DutyService/CompleteDuty", request);
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->state(), common::Duty::STATE_DONE);
  // The same request again: the same answer.
  EXPECT_EQ(Ask<common::Duty>(Adviser(), "DutyService/CompleteDuty", request)->etag(), done->etag());
  request.set_request_id(NewRequestId());
  EXPECT_TRUE(IsRefusal(Ask<common::Duty>(Adviser(), "DutyService/CompleteDuty", request).status(),
                        common::ERROR_REASON_WRONG_STATE));
}

TEST_F(Office, LetsManagersWaiveAndReassign) {
  Owe("greeting");
  const std::string id = Duties("")[0].duty_id();
  common::ReassignDutyRequest reassign;
  reassign.set_store_id(kStore);
  reassign.set_request_id(NewRequestId());
  reassign.set_duty_id(id);
  reassign.set_assignee("stand-in");
  reassign.set_reason("on leave");
  EXPECT_EQ(Ask<common::Duty>(As("service_manager"), "DutyService/ReassignDuty", reassign)->assignee(), "stand-in");
  common::WaiveDutyRequest waive;
  waive.set_store_id(kStore);
  waive.set_request_id(NewRequestId());
  waive.set_duty_id(id);
  EXPECT_TRUE(IsRefusal(Ask<common::Duty>(As("service_manager"), "DutyService/WaiveDuty", waive).status(),
                        common::ERROR_REASON_INVALID_FIELD));
  waive.set_reason("left without a word");
  EXPECT_EQ(Ask<common::Duty>(As("service_manager"), "DutyService/WaiveDuty", waive)->state(),
            common::Duty::STATE_WAIVED);
}

TEST_F(Office, ReadsTheFeedOfTheCallersStoreOnly) {
  Publish("mine");
  Publish("theirs", kOtherStore);
  common::ReadEventsRequest request;
  request.set_store_id(kStore);
  auto page = Ask<common::ReadEventsResponse>(As("integration_client"), "EventService/ReadEvents", request);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_THAT(Facts(page->events()), ElementsAre("mine"));
  EXPECT_EQ(page->position(), 2);
  request.clear_store_id();
  EXPECT_FALSE(Ask<common::ReadEventsResponse>(As("integration_client"), "EventService/ReadEvents", request).ok());
  page = Ask<common::ReadEventsResponse>(As("integration_client", "*"), "EventService/ReadEvents", request);
  EXPECT_THAT(Facts(page->events()), ElementsAre("mine", "theirs"));
}

TEST_F(Office, StreamsTheFeedFromAnyPosition) {
  Publish("one");
  Publish("two");
  common::WatchEventsRequest request;
  request.set_store_id(kStore);
  request.set_after_position(1);
  std::vector<std::string> seen;
  absl::Status status = client_->Watch<common::WatchEventsResponse>(
      As("integration_client"), request, [&](const common::WatchEventsResponse& response) {
        for (const std::string& id : Facts(response.events())) seen.push_back(id);
        if (seen.size() == 1) Publish("three");
        return seen.size() < 2;
      });
  EXPECT_THAT(seen, ElementsAre("two", "three"));
}

TEST_F(Office, ShowsWhoDidWhat) {
  const shelf::Book book = Create("B-1");
  common::ListAuditEntriesRequest request;
  request.set_store_id(kStore);
  auto page = Ask<common::ListAuditEntriesResponse>(As("service_manager"), "AuditService/ListAuditEntries", request);
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->audit_entries_size(), 1);
  const common::AuditEntry& entry = page->audit_entries(0);
  EXPECT_EQ(entry.actor(), "li.na");
  EXPECT_THAT(entry.method(), testing::HasSubstr("CreateBook"));
  EXPECT_EQ(entry.changes(0).table(), "book");
  EXPECT_THAT(entry.changes(0).after_json(), testing::HasSubstr("B-1"));
  EXPECT_THAT(entry.changes(0).after_json(), testing::Not(testing::HasSubstr("张小明")));
  request.set_page_token("bogus");
  EXPECT_TRUE(IsRefusal(
      Ask<common::ListAuditEntriesResponse>(As("service_manager"), "AuditService/ListAuditEntries", request).status(),
      common::ERROR_REASON_PAGE_TOKEN));
}

TEST_F(Office, VerifiesAndNamesATamperedEntry) {
  Create("B-1");
  common::VerifyLedgersRequest request;
  request.set_store_id(kStore);
  const auto differences = [&] {
    auto response = Ask<common::VerifyLedgersResponse>(As("service_manager"), "AuditService/VerifyLedgers", request);
    EXPECT_TRUE(response.ok()) << response.status();
    std::vector<std::string> found;
    for (const common::LedgerCheck& check : response->checks()) {
      if (check.difference_count() > 0) found.push_back(check.name());
    }
    return found;
  };
  EXPECT_THAT(differences(), testing::IsEmpty());
  Execute("UPDATE command_log SET actor = 'nobody'");
  EXPECT_THAT(differences(), ElementsAre("audit_chain"));
}

}  // namespace
}  // namespace chassis
