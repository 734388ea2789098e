// Kits: what they may hold and what they cost.
#include "aftersales/parts/v1/catalogue_errors.pb.h"
#include "aftersales/parts/v1/part_kit.pb.h"
#include "parts-svc/parts_for_test.h"

namespace parts {
namespace {

class Kits : public PartsStore {
 protected:
  v1::CreatePartKitRequest Kit(const v1::Part& part, const std::vector<Wanted>& components) {
    v1::CreatePartKitRequest request;
    request.mutable_part_kit()->set_part_id(part.part_id());
    for (const Wanted& one : components) {
      auto& component = *request.mutable_part_kit()->add_components();
      component.set_part_id(one.part.part_id());
      component.set_quantity_milli(one.quantity_milli);
    }
    return request;
  }
  absl::StatusOr<v1::ExplodedKit> Explode(const std::string& number, int64_t quantity_milli = 1000) {
    v1::ExplodeKitRequest request;
    request.set_part_number(number);
    request.set_quantity_milli(quantity_milli);
    return Send<v1::ExplodedKit>(request);
  }
  const v1::Part kit_ = APart("KIT");
  const v1::Part filter_ = APart("FILTER");
  const v1::Part plug_ = APart("PLUG");
};

// Handbook: P-01, R-24
TEST_F(Kits, ExplodeIntoTheirPartsAtTheirPrices) {
  Must<v1::PartKit>(Kit(kit_, {{filter_, 1000}, {plug_, 4000}}));
  APrice(filter_, 3000);
  APrice(plug_, 500);
  Receive(plug_, 9000, 9);
  const auto sum = Explode("KIT", 2000);
  ASSERT_TRUE(sum.ok()) << sum.status();
  EXPECT_EQ(sum->amount(), 10000);
  ASSERT_EQ(sum->lines_size(), 2);
  EXPECT_EQ(sum->lines(1).quantity_milli(), 8000);
  EXPECT_EQ(sum->lines(1).line_amount(), 4000);
  EXPECT_EQ(sum->lines(1).offer().available_milli(), 9000);
  // A price of its own is divided so that nothing is lost.
  APrice(kit_, 4001);
  const auto priced = Explode("KIT");
  EXPECT_EQ(priced->amount(), 4001);
  EXPECT_EQ(priced->lines(0).line_amount() + priced->lines(1).line_amount(), 4001);
  EXPECT_FALSE(Explode("KIT", 1500).ok()) << "kits come whole";
  EXPECT_TRUE(IsRefusal(Explode("FILTER").status(), v1::ERROR_REASON_PART_UNKNOWN));
}

TEST_F(Kits, FollowASupersededComponent) {
  Must<v1::PartKit>(Kit(kit_, {{filter_, 1000}}));
  const v1::Part newer = APart("FILTER-2");
  APrice(newer, 3300);
  v1::SupersedePartRequest request;
  request.set_part_id(filter_.part_id());
  request.set_successor_part_id(newer.part_id());
  request.set_reason("bulletin 17");
  Must<v1::Part>(request);
  EXPECT_EQ(Explode("KIT")->lines(0).offer().part_number(), "FILTER-2");
}

// Handbook: P-01
TEST_F(Kits, HoldNeitherThemselvesNorKitsNorAPartTwice) {
  const auto refused = [&](const v1::CreatePartKitRequest& request) { return Send<v1::PartKit>(request).status(); };
  EXPECT_TRUE(IsRefusal(refused(Kit(kit_, {{kit_, 1000}})), v1::CATALOGUE_ERROR_REASON_KIT_HOLDS_ITSELF));
  EXPECT_TRUE(IsRefusal(refused(Kit(kit_, {{filter_, 1500}})), v1::ERROR_REASON_QUANTITY_STEP));
  EXPECT_FALSE(refused(Kit(kit_, {{filter_, 1000}, {filter_, 1000}})).ok());
  EXPECT_FALSE(refused(Kit(kit_, {})).ok());
  Must<v1::PartKit>(Kit(kit_, {{filter_, 1000}}));
  EXPECT_TRUE(IsRefusal(refused(Kit(plug_, {{kit_, 1000}})), v1::CATALOGUE_ERROR_REASON_KIT_HOLDS_KIT));
  EXPECT_TRUE(IsRefusal(refused(Kit(filter_, {{plug_, 1000}})), v1::CATALOGUE_ERROR_REASON_KIT_HOLDS_KIT));
  EXPECT_EQ(refused(Kit(kit_, {{plug_, 1000}})).code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(Kits, ThatAreClosedAreNotSold) {
  v1::UpdatePartKitRequest update;
  *update.mutable_part_kit() = Must<v1::PartKit>(Kit(kit_, {{filter_, 1000}}));
  update.mutable_part_kit()->set_closed(true);
  update.mutable_update_mask()->add_paths("closed");
  Must<v1::PartKit>(update);
  EXPECT_TRUE(IsRefusal(Explode("KIT").status(), v1::CATALOGUE_ERROR_REASON_KIT_CLOSED));
}

}  // namespace
}  // namespace parts
