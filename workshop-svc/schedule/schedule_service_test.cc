// Slots on a real database.
#include <atomic>
#include <thread>

#include "workshop-svc/workshop_for_test.h"

namespace workshop {
namespace {

using chassis::FromProto;
using chassis::IsRefusal;

class Slots : public WorkshopFloor {
 protected:
  Slots() { ManTheFloor(); }

  v1::HoldSlotRequest Holding(absl::Time start, int minutes = 60) {
    v1::HoldSlotRequest request;
    request.set_holder_id(ids_.NewId());
    request.set_skill(common::SKILL_MECHANICAL);
    *request.mutable_start_time() = chassis::ToProto(start);
    request.set_duration_minutes(minutes);
    return request;
  }
  absl::StatusOr<v1::SlotHold> Hold(const v1::HoldSlotRequest& request) {
    return Send<v1::SlotHold>(options::ROLE_SUITE_SERVICE, "service:reception-svc", request);
  }
  v1::SearchSlotsResponse Search(absl::Time from, absl::Time to, const std::string& token = "", int size = 0) {
    v1::SearchSlotsRequest request;
    request.set_skill(common::SKILL_MECHANICAL);
    request.set_duration_minutes(60);
    *request.mutable_earliest_time() = chassis::ToProto(from);
    *request.mutable_latest_time() = chassis::ToProto(to);
    request.set_page_token(token);
    request.set_page_size(size);
    return AsSuite<v1::SearchSlotsResponse>(request);
  }
};

// Handbook: R-02, W-01.
TEST_F(Slots, GiveTheLastOneToOneOfSixtyFour) {
  std::vector<v1::HoldSlotRequest> requests;
  for (int i = 0; i < 64; ++i) requests.push_back(Holding(MondayAt(10)));
  std::atomic<int> held = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> callers;
  for (const auto& request : requests) {
    callers.emplace_back([&] {
      const auto result = Hold(request);
      if (result.ok()) {
        ++held;
      } else if (IsRefusal(result.status(), v1::ERROR_REASON_SLOT_TAKEN)) {
        ++refused;
      } else {
        ADD_FAILURE() << result.status();
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(held, 1);
  EXPECT_EQ(refused, 63);
  EXPECT_EQ(Count("slot_hold"), 1);
  EXPECT_EQ(Count("slot_unit"), 4);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

// Handbook: R-02, W-01.
TEST_F(Slots, NeverPlanOneTechnicianTwiceEvenWithBaysToSpare) {
  OpenABay("举升 2", {common::SKILL_MECHANICAL});
  OpenABay("举升 3", {common::SKILL_MECHANICAL});
  OpenABay("举升 4", {common::SKILL_MECHANICAL});
  std::vector<v1::HoldSlotRequest> requests;
  for (int i = 0; i < 16; ++i) requests.push_back(Holding(MondayAt(10)));
  std::atomic<int> held = 0;
  std::vector<std::thread> callers;
  for (const auto& request : requests) callers.emplace_back([&] { held += Hold(request).ok() ? 1 : 0; });
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(held, 3) << "leader, alice and bob";
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

// Handbook: R-02.
TEST_F(Slots, AreRefusedWithTheReason) {
  EXPECT_TRUE(IsRefusal(Hold(Holding(MondayAt(17, 30))).status(), v1::ERROR_REASON_OUTSIDE_OPENING_HOURS));
  EXPECT_TRUE(IsRefusal(Hold(Holding(MondayAt(8))).status(), v1::ERROR_REASON_SLOT_IN_PAST));
  EXPECT_TRUE(IsRefusal(Hold(Holding(MondayAt(10, 5))).status(), v1::ERROR_REASON_SLOT_NOT_ON_QUARTER));
  v1::HoldSlotRequest paint = Holding(MondayAt(10));
  paint.set_skill(common::SKILL_PAINT);
  EXPECT_TRUE(IsRefusal(Hold(paint).status(), v1::ERROR_REASON_NO_SKILL_ON_SHIFT));
  paint.set_bay_id(bay_.bay_id());
  EXPECT_TRUE(IsRefusal(Hold(paint).status(), v1::ERROR_REASON_BAY_UNSUITABLE));
  EXPECT_EQ(Count("slot_hold"), 0);
}

// Handbook: R-02.
TEST_F(Slots, KeepAHolderOnHisBayForTheDay) {
  OpenABay("举升 2", {common::SKILL_MECHANICAL});
  v1::HoldSlotRequest first = Holding(MondayAt(10));
  const auto held = Hold(first);
  ASSERT_TRUE(held.ok());
  v1::HoldSlotRequest second = Holding(MondayAt(14));
  second.set_holder_id(first.holder_id());
  EXPECT_EQ(Hold(second)->bay_id(), held->bay_id());
  v1::HoldSlotRequest other = Holding(MondayAt(15));
  other.set_bay_id(held->bay_id());
  ASSERT_TRUE(Hold(other).ok());
  v1::HoldSlotRequest third = Holding(MondayAt(15));
  third.set_holder_id(first.holder_id());
  EXPECT_TRUE(IsRefusal(Hold(third).status(), v1::ERROR_REASON_SLOT_TAKEN)) << "the other bay is free, but not his";
}

TEST_F(Slots, ComeBackWhenReleasedAndReleasingNothingIsNoError) {
  v1::HoldSlotRequest request = Holding(MondayAt(10));
  ASSERT_TRUE(Hold(request).ok());
  v1::ReleaseSlotRequest release;
  release.set_holder_id(request.holder_id());
  AsSuite<v1::ReleaseSlotResponse>(release);
  AsSuite<v1::ReleaseSlotResponse>(release);
  EXPECT_EQ(Count("slot_unit"), 0);
  EXPECT_TRUE(Hold(Holding(MondayAt(10))).ok());
}

TEST_F(Slots, AreFoundPageByPageAroundWhatIsTaken) {
  ASSERT_TRUE(Hold(Holding(MondayAt(9, 30))).ok());
  std::vector<absl::Time> starts;
  std::string token;
  do {
    const auto page = Search(MondayAt(9), MondayAt(12), token, 2);
    for (const v1::Slot& slot : page.slots()) starts.push_back(FromProto(slot.start_time()));
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_EQ(starts, (std::vector<absl::Time>{MondayAt(10, 30), MondayAt(10, 45), MondayAt(11), MondayAt(11, 15),
                                             MondayAt(11, 30), MondayAt(11, 45)}));
}

// Handbook: W-01.
TEST_F(Slots, LeaveOutWhoIsAbsent) {
  for (const std::string& subject : {std::string("alice"), std::string("bob"), std::string("leader")}) {
    v1::ListStaffMembersRequest list;
    list.set_filter("subject = \"" + subject + "\"");
    const auto found = AsController<v1::ListStaffMembersResponse>(list);
    ASSERT_EQ(found.staff_members_size(), 1);
    v1::RecordAbsenceRequest request;
    request.set_staff_member_id(found.staff_members(0).staff_member_id());
    request.set_presence(v1::Attendance::PRESENCE_LEAVE);
    request.set_first_date("2026-11-24");
    request.set_last_date("2026-11-25");
    request.set_reason("年假");
    AsController<v1::RecordAbsenceResponse>(request);
  }
  EXPECT_TRUE(IsRefusal(Hold(Holding(MondayAt(10) + absl::Hours(24))).status(), v1::ERROR_REASON_NO_SKILL_ON_SHIFT));
  EXPECT_TRUE(Hold(Holding(MondayAt(10) + absl::Hours(72))).ok());
}

TEST_F(Slots, KeepABayOpenWhileAnythingIsHeldOnIt) {
  v1::HoldSlotRequest request = Holding(MondayAt(10));
  ASSERT_TRUE(Hold(request).ok());
  v1::CloseBayRequest close;
  close.set_bay_id(bay_.bay_id());
  close.set_reason("举升机年检");
  EXPECT_TRUE(IsRefusal(Send<v1::Bay>(options::ROLE_WORKSHOP_CONTROLLER, "controller", close).status(),
                        v1::ERROR_REASON_BAY_HAS_HOLDS));
  v1::ReleaseSlotRequest release;
  release.set_holder_id(request.holder_id());
  AsSuite<v1::ReleaseSlotResponse>(release);
  EXPECT_EQ(AsController<v1::Bay>(close).state(), v1::Bay::STATE_CLOSED);
  EXPECT_TRUE(Search(MondayAt(9), MondayAt(12)).slots().empty());
}

// Handbook: W-01.
TEST_F(Slots, ShowInTheCapacityOfTheirDayAndSkill) {
  ASSERT_TRUE(Hold(Holding(MondayAt(10), 120)).ok());
  AnAcceptedJob();
  v1::ListCapacityRequest request;
  request.set_first_date("2026-11-23");
  request.set_last_date("2026-11-24");
  request.set_skill(common::SKILL_MECHANICAL);
  const auto capacity = AsController<v1::ListCapacityResponse>(request);
  ASSERT_EQ(capacity.capacities_size(), 2);
  EXPECT_EQ(capacity.capacities(0).technician_minutes(), 3 * 600);
  EXPECT_EQ(capacity.capacities(0).bay_minutes(), 600);
  EXPECT_EQ(capacity.capacities(0).held_minutes(), 120);
  EXPECT_EQ(capacity.capacities(0).free_minutes(), 480);
  EXPECT_EQ(capacity.capacities(0).queued_minutes(), 60);
  EXPECT_EQ(capacity.capacities(1).held_minutes(), 0);
}

// Handbook: R-25.
TEST_F(Slots, AndTheQueueDecideWhenWorkCanBeReady) {
  AnAcceptedJob(ARelease({ALine("1", common::SKILL_MECHANICAL, 180)}));
  v1::ForecastCompletionRequest request;
  auto& work = *request.add_works();
  work.set_skill(common::SKILL_MECHANICAL);
  work.set_standard_minutes(60);
  const auto forecast = AsSuite<v1::ForecastCompletionResponse>(request);
  EXPECT_EQ(forecast.queued_minutes(), 60) << "180 minutes among three";
  EXPECT_EQ(FromProto(forecast.feasible_time()), MondayAt(11));
}

// Handbook: G-01.
TEST_F(Slots, OfAnotherStoreAreNotSeen) {
  ASSERT_TRUE(Hold(Holding(MondayAt(10))).ok());
  v1::ListSlotHoldsRequest list;
  list.set_store_id(kOther);
  EXPECT_TRUE(AsController<v1::ListSlotHoldsResponse>(list).slot_holds().empty());
  v1::HoldSlotRequest foreign = Holding(MondayAt(11));
  foreign.set_store_id(kOther);
  foreign.set_bay_id(bay_.bay_id());
  EXPECT_TRUE(IsRefusal(Hold(foreign).status(), v1::ERROR_REASON_BAY_UNSUITABLE));
}

TEST_F(Slots, AreFoundWrongByVerifyWhenAUnitWasLost) {
  ASSERT_TRUE(Hold(Holding(MondayAt(10))).ok());
  Execute("DELETE FROM slot_unit LIMIT 1");
  EXPECT_EQ(Differences().size(), 1u);
}

}  // namespace
}  // namespace workshop
