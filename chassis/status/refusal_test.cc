#include "chassis/status/refusal.h"

#include "aftersales/common/v1/duty.pb.h"
#include "chassis/status/state.h"
#include "gtest/gtest.h"

namespace chassis {
namespace {

namespace v1 = aftersales::common::v1;

TEST(Refuse, TakesItsCodeAndTextFromTheReason) {
  const absl::Status status = Refuse(v1::ERROR_REASON_NOT_FOUND).With("what", "visit").With("id", 42);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "there is no visit 42");
  EXPECT_TRUE(IsRefusal(status, v1::ERROR_REASON_NOT_FOUND));
  EXPECT_FALSE(IsRefusal(status, v1::ERROR_REASON_INTERNAL));
  EXPECT_EQ(Worded(RefusalIn(status), "zh-CN"), "找不到visit 42");
}

TEST(Refuse, PrefersTheChineseArgumentInChinese) {
  const absl::Status status =
      Refuse(v1::ERROR_REASON_OVERLOADED).With("what", "database").With("what_zh", "数据库").RetryAfterMs(500);
  const v1::Refusal refusal = RefusalIn(status);
  EXPECT_EQ(Worded(refusal, "en"), "too busy (database); try again a little later");
  EXPECT_EQ(Worded(refusal, "zh-CN"), "系统繁忙（数据库），请稍后重试");
  EXPECT_EQ(refusal.retry_after_ms(), 500);
}

TEST(Refuse, NamesEveryField) {
  const absl::Status status = Refuse(v1::ERROR_REASON_INVALID_FIELD)
                                  .At("plate", "车牌无效", "not a plate")
                                  .At("lines[2].quantity_milli", "必须大于零", "must be positive");
  const v1::Refusal refusal = RefusalIn(status);
  ASSERT_EQ(refusal.violations_size(), 2);
  EXPECT_EQ(refusal.violations(1).field(), "lines[2].quantity_milli");
  EXPECT_EQ(refusal.violations(1).zh(), "必须大于零");
}

TEST(Refuse, TravelsThroughStatusOr) {
  const absl::StatusOr<int> result = ChangedMeanwhile("visit");
  EXPECT_EQ(result.status().code(), absl::StatusCode::kAborted);
  EXPECT_TRUE(IsRefusal(result.status(), v1::ERROR_REASON_CHANGED_MEANWHILE));
}

TEST(RefusalIn, IsEmptyForAnOrdinaryStatus) {
  EXPECT_EQ(RefusalIn(absl::InternalError("x")).reason_enum(), "");
  EXPECT_EQ(RefusalIn(absl::OkStatus()).reason_enum(), "");
}

TEST(Worded, StillSaysSomethingForAReasonOfAnotherProgram) {
  v1::Refusal refusal;
  refusal.set_reason_enum("aftersales.elsewhere.v1.ErrorReason");
  refusal.set_reason(3);
  EXPECT_EQ(Worded(refusal, "en"), "aftersales.elsewhere.v1.ErrorReason 3");
}

TEST(Worded, EveryReasonOfTheChassisHasBothTextsAndACode) {
  const auto* reasons = v1::ErrorReason_descriptor();
  for (int i = 1; i < reasons->value_count(); ++i) {
    v1::Refusal refusal;
    refusal.set_reason_enum(reasons->full_name());
    refusal.set_reason(reasons->value(i)->number());
    const auto& text = reasons->value(i)->options().GetExtension(aftersales::options::v1::text);
    EXPECT_FALSE(text.zh().empty()) << reasons->value(i)->name();
    EXPECT_FALSE(text.en().empty()) << reasons->value(i)->name();
    EXPECT_NE(text.code(), aftersales::options::v1::CODE_UNSPECIFIED) << reasons->value(i)->name();
  }
}

TEST(MoveTo, FollowsTheTable) {
  v1::Duty duty;
  duty.set_state(v1::Duty::STATE_OPEN);
  EXPECT_TRUE(MoveTo(duty, v1::Duty::STATE_DONE).ok());
  EXPECT_EQ(duty.state(), v1::Duty::STATE_DONE);
}

TEST(MoveTo, RefusesAndNamesWhereItIsAndWhatItNeeds) {
  v1::Duty duty;
  duty.set_state(v1::Duty::STATE_DONE);
  const absl::Status status = MoveTo(duty, v1::Duty::STATE_WAIVED);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(IsRefusal(status, v1::ERROR_REASON_WRONG_STATE));
  EXPECT_EQ(status.message(), "the duty is DONE; this needs OPEN");
  EXPECT_EQ(Worded(RefusalIn(status), "zh-CN"), "duty当前状态为已办，需要处于待办");
  EXPECT_EQ(duty.state(), v1::Duty::STATE_DONE);
}

TEST(RequireState, NamesAllThatWouldDo) {
  v1::Duty duty;
  duty.set_state(v1::Duty::STATE_OPEN);
  EXPECT_TRUE(RequireState(duty, {v1::Duty::STATE_OPEN}).ok());
  const absl::Status status = RequireState(duty, {v1::Duty::STATE_DONE, v1::Duty::STATE_WAIVED});
  EXPECT_EQ(status.message(), "the duty is OPEN; this needs DONE | WAIVED");
}

TEST(StateName, LeavesThePrefixOut) {
  EXPECT_EQ(StateName(v1::Duty::State_descriptor(), v1::Duty::STATE_WAIVED), "WAIVED");
  EXPECT_EQ(StateName(v1::Duty::State_descriptor(), 99), "UNKNOWN");
}

}  // namespace
}  // namespace chassis
