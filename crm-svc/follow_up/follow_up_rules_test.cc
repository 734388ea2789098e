#include "crm-svc/follow_up/follow_up_rules.h"

#include <gtest/gtest.h>

#include "aftersales/crm/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/stores/stores.h"
#include "chassis/time/clock.h"

namespace crm {
namespace {

using namespace aftersales::crm::v1;  // NOLINT
using aftersales::common::v1::Store;

absl::Time At(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return time;
}

Store AStore() {
  Store store;
  store.set_time_zone("Asia/Shanghai");
  *store.mutable_settings() = chassis::WithDefaults({});
  return store;
}

const absl::Time kDelivery = At("2026-11-21T15:00:00+08:00");

FollowUp AnOpenFirst() {
  FollowUp follow_up;
  follow_up.set_sequence(1);
  follow_up.set_state(FollowUp::STATE_OPEN);
  PlanFirst(kDelivery, AStore(), follow_up);
  return follow_up;
}

RecordFollowUpAttemptRequest Reached(int score) {
  RecordFollowUpAttemptRequest request;
  request.set_channel(FollowUpAttempt::CHANNEL_PHONE);
  request.set_result(FollowUpAttempt::RESULT_REACHED);
  request.set_satisfaction_score(score);
  return request;
}

absl::Status Attempt(const RecordFollowUpAttemptRequest& request, absl::Time time, FollowUp& follow_up) {
  FollowUpAttempt attempt;
  attempt.set_result(request.result());
  *attempt.mutable_attempt_time() = chassis::ToProto(time);
  return ApplyAttempt(request, attempt, follow_up);
}

TEST(FirstFollowUp, IsDueThreeDaysAfterDeliveryInAWindowOfTwoToSeven) {
  const FollowUp follow_up = AnOpenFirst();
  EXPECT_EQ(chassis::FromProto(follow_up.earliest_time()), At("2026-11-23T15:00:00+08:00"));
  EXPECT_EQ(chassis::FromProto(follow_up.due_time()), At("2026-11-24T15:00:00+08:00"));
  EXPECT_EQ(chassis::FromProto(follow_up.latest_time()), At("2026-11-28T15:00:00+08:00"));
}

TEST(FirstFollowUp, FallsIntoTheCustomersChosenTimeBeforeItIsDue) {
  EXPECT_EQ(AtPreferredTime(At("2026-11-24T15:00:00+08:00"), "09:00-11:30", "Asia/Shanghai"),
            At("2026-11-24T11:30:00+08:00"));
  EXPECT_EQ(AtPreferredTime(At("2026-11-24T15:00:00+08:00"), "18:00-20:00", "Asia/Shanghai"),
            At("2026-11-23T20:00:00+08:00"));
  EXPECT_EQ(AtPreferredTime(At("2026-11-24T15:00:00+08:00"), "evenings", "Asia/Shanghai"),
            At("2026-11-24T15:00:00+08:00"));
}

TEST(FirstFollowUp, BeforeItsWindowOnlyWhenTheCustomerAsked) {
  FollowUp follow_up = AnOpenFirst();
  RecordFollowUpAttemptRequest request = Reached(5);
  EXPECT_TRUE(chassis::IsRefusal(Attempt(request, kDelivery + absl::Hours(1), follow_up), ERROR_REASON_TOO_EARLY));
  EXPECT_EQ(follow_up.attempts_size(), 0);
  request.set_customer_asked(true);
  EXPECT_TRUE(Attempt(request, kDelivery + absl::Hours(1), follow_up).ok());
  EXPECT_EQ(follow_up.state(), FollowUp::STATE_DONE);
}

TEST(FirstFollowUp, NeedsAScoreWhenReachedAndATopicWhenDissatisfied) {
  FollowUp follow_up = AnOpenFirst();
  const absl::Time then = kDelivery + absl::Hours(60);
  EXPECT_TRUE(chassis::IsRefusal(Attempt(Reached(0), then, follow_up), ERROR_REASON_SCORE_MISSING));
  EXPECT_TRUE(chassis::IsRefusal(Attempt(Reached(3), then, follow_up), ERROR_REASON_TOPIC_MISSING));
  RecordFollowUpAttemptRequest request = Reached(3);
  request.add_dissatisfied_topics(FollowUp::TOPIC_WAITING);
  EXPECT_TRUE(Attempt(request, then, follow_up).ok());
  EXPECT_TRUE(IsDissatisfied(follow_up));
}

TEST(FirstFollowUp, EndsAsUnreachableAfterThreeTriesInVain) {
  FollowUp follow_up = AnOpenFirst();
  RecordFollowUpAttemptRequest request;
  request.set_result(FollowUpAttempt::RESULT_NO_ANSWER);
  for (int attempt = 1; attempt < kAttemptsMax; ++attempt) {
    ASSERT_TRUE(Attempt(request, kDelivery + absl::Hours(50 + attempt), follow_up).ok());
    EXPECT_EQ(follow_up.state(), FollowUp::STATE_OPEN);
  }
  ASSERT_TRUE(Attempt(request, kDelivery + absl::Hours(60), follow_up).ok());
  EXPECT_EQ(follow_up.state(), FollowUp::STATE_UNREACHABLE);
  EXPECT_FALSE(Attempt(request, kDelivery + absl::Hours(61), follow_up).ok()) << "it has ended";
}

TEST(FirstFollowUp, AnUnansweredCallCarriesNoScore) {
  FollowUp follow_up = AnOpenFirst();
  RecordFollowUpAttemptRequest request;
  request.set_result(FollowUpAttempt::RESULT_NO_ANSWER);
  request.set_satisfaction_score(5);
  EXPECT_TRUE(
      chassis::IsRefusal(Attempt(request, kDelivery + absl::Hours(60), follow_up), ERROR_REASON_SCORE_WITHOUT_ANSWER));
}

TEST(SecondFollowUp, WaitsForTheFirst) {
  FollowUp follow_up;
  follow_up.set_state(FollowUp::STATE_WAITING);
  EXPECT_TRUE(chassis::IsRefusal(Attempt(Reached(5), kDelivery + absl::Hours(200), follow_up),
                                 ERROR_REASON_FIRST_FOLLOW_UP_OPEN));
}

TEST(SecondFollowUp, IsDueSevenDaysAfterTheFirstEnded) {
  FollowUp follow_up;
  PlanSecond(kDelivery, AStore(), follow_up);
  EXPECT_EQ(chassis::FromProto(follow_up.due_time()), kDelivery + absl::Hours(24 * 7));
}

}  // namespace
}  // namespace crm
