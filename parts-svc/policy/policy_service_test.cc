// The policy room on a database: defaults without a row, changes with a reason, nothing changed behind one's back.
#include "aftersales/parts/v1/policy.pb.h"
#include "aftersales/parts/v1/policy_errors.pb.h"
#include "parts-svc/parts_for_test.h"

namespace parts {
namespace {

class Policy : public PartsStore {
 protected:
  v1::PartsPolicy Now() { return Must<v1::PartsPolicy>(v1::GetPartsPolicyRequest()); }
  v1::UpdatePartsPolicyRequest Changing(const std::vector<std::string>& fields) {
    v1::UpdatePartsPolicyRequest request;
    request.mutable_parts_policy()->set_etag(Now().etag());
    for (const std::string& field : fields) request.mutable_update_mask()->add_paths(field);
    request.set_reason("agreed with the group");
    return request;
  }
};

// Handbook: P-06, P-08, P-10, P-12
TEST_F(Policy, IsTheHandbooksUntilTheStoreSetsItsOwn) {
  EXPECT_EQ(Now().clerk_order_limit_amount(), 500000);
  EXPECT_EQ(Now().etag(), "");
  auto request = Changing({"clerk_order_limit_amount", "safety_days"});
  request.mutable_parts_policy()->set_clerk_order_limit_amount(100000);
  request.mutable_parts_policy()->set_safety_days(0);
  const auto changed = Must<v1::PartsPolicy>(request);
  EXPECT_EQ(changed.clerk_order_limit_amount(), 100000);
  EXPECT_EQ(changed.safety_days(), 0);
  EXPECT_EQ(changed.cycle_days(), 14);
  EXPECT_EQ(Now().SerializeAsString(), changed.SerializeAsString());
}

TEST_F(Policy, GoesBackToTheDefaultWhereTheMaskNamesAnUnsetFigure) {
  auto request = Changing({"safety_days"});
  request.mutable_parts_policy()->set_safety_days(30);
  Must<v1::PartsPolicy>(request);
  EXPECT_EQ(Must<v1::PartsPolicy>(Changing({"safety_days"})).safety_days(), 7);
}

TEST_F(Policy, RefusesAChangeOfWhatSomebodyElseChangedMeanwhile) {
  auto late = Changing({"safety_days"});
  Must<v1::PartsPolicy>(Changing({"cycle_days"}));
  EXPECT_TRUE(IsRefusal(Send<v1::PartsPolicy>(late).status(), aftersales::common::v1::ERROR_REASON_CHANGED_MEANWHILE));
}

TEST_F(Policy, RefusesALimitBelowALowerPostsAndKeepsTheOldOne) {
  auto request = Changing({"manager_order_limit_amount"});
  request.mutable_parts_policy()->set_manager_order_limit_amount(1);
  EXPECT_TRUE(IsRefusal(Send<v1::PartsPolicy>(request).status(), v1::POLICY_ERROR_REASON_LIMITS_NOT_RISING));
  EXPECT_EQ(Now().manager_order_limit_amount(), 5000000);
}

TEST_F(Policy, RefusesAMaskThatNamesNoFigure) {
  EXPECT_TRUE(IsRefusal(Send<v1::PartsPolicy>(Changing({"store_id"})).status(),
                        aftersales::common::v1::ERROR_REASON_INVALID_FIELD));
}

}  // namespace
}  // namespace parts
