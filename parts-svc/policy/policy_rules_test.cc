// The policy's arithmetic: defaults fill what is open, limits rise, weights make a hundred.
#include "parts-svc/policy/policy_rules.h"

#include "aftersales/parts/v1/policy_errors.pb.h"
#include "chassis/status/refusal.h"
#include "gtest/gtest.h"

namespace parts {
namespace {

using chassis::IsRefusal;

TEST(PartsPolicy, FillsEveryFigureTheStoreLeavesOpen) {
  const v1::PartsPolicy policy = WithDefaults({});
  for (int i = 0; i < v1::PartsPolicy::descriptor()->field_count(); ++i) {
    const auto* field = v1::PartsPolicy::descriptor()->field(i);
    if (field->has_optional_keyword()) {
      EXPECT_TRUE(policy.GetReflection()->HasField(policy, field)) << field->name();
    }
  }
  EXPECT_TRUE(CheckPolicy(policy).ok());
}

TEST(PartsPolicy, KeepsAFigureTheStoreSetToNothing) {
  v1::PartsPolicy own;
  own.set_safety_days(0);
  EXPECT_EQ(WithDefaults(own).safety_days(), 0);
}

TEST(PartsPolicy, RefusesALimitBelowThatOfALowerPost) {
  v1::PartsPolicy own;
  own.set_manager_order_limit_amount(499999);
  EXPECT_TRUE(IsRefusal(CheckPolicy(WithDefaults(own)), v1::POLICY_ERROR_REASON_LIMITS_NOT_RISING));
}

TEST(PartsPolicy, RefusesWeightsThatDoNotMakeAHundred) {
  v1::PartsPolicy own;
  own.set_quality_weight(41);
  EXPECT_TRUE(IsRefusal(CheckPolicy(WithDefaults(own)), v1::POLICY_ERROR_REASON_WEIGHTS_DO_NOT_ADD_UP));
}

}  // namespace
}  // namespace parts
