// A store is found in the cache, the table or at its owner, always with every setting filled.
#include "chassis/stores/stores.h"

#include "aftersales/common/v1/event.pb.h"
#include "chassis/events/intake.h"
#include "chassis/host/host_for_test.h"

namespace chassis {
namespace {

namespace v1 = aftersales::common::v1;

v1::Store AStore(const std::string& name) {
  v1::Store store;
  store.set_store_id(WorldForTest::kStore);
  store.set_code("SH01");
  store.set_display_name(name);
  store.set_time_zone("Asia/Shanghai");
  store.set_currency_code("CNY");
  store.mutable_settings()->set_greeting_seconds(20);
  return store;
}

class StoresTable : public testing::Test {
 protected:
  absl::StatusOr<v1::Store> Get(Stores& stores) { return stores.Get(WorldForTest::kStore, absl::InfiniteFuture()); }
  void Take(EventIntake& intake, const v1::Store& store) {
    v1::Event event;
    v1::StoreChanged fact;
    *fact.mutable_store() = store;
    event.mutable_payload()->PackFrom(fact);
    const auto& entry = intake.entries().at("aftersales.common.v1.StoreChanged").at(0);
    EXPECT_EQ(entry.publisher, "aftersales.reception.v1");
    absl::Status status = world.Work([&](UnitOfWork& work) { return entry.handler(work, event); });
    EXPECT_TRUE(status.ok()) << status;
  }
  GroundForTest ground;
  WorldForTest world{ground};
};

TEST_F(StoresTable, RefusesAStoreNobodyKnows) {
  EXPECT_TRUE(IsRefusal(Get(*world.stores).status(), v1::ERROR_REASON_STORE_UNKNOWN));
}

TEST_F(StoresTable, KeepsTheCopyTheFeedBrings) {
  EventIntake intake;
  TakeInStores(intake, *ground.cipher, *world.stores);
  Take(intake, AStore("first"));
  auto store = Get(*world.stores);
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ(store->display_name(), "first");
  EXPECT_EQ(store->settings().greeting_seconds(), 20);
  EXPECT_EQ(store->settings().deposit_basis_points(), 5000);
  EXPECT_EQ(store->settings().opening_time(), "08:00");
  Take(intake, AStore("second"));
  EXPECT_EQ(Get(*world.stores)->display_name(), "second");
}

TEST_F(StoresTable, AsksTheOwnerOnceAMinute) {
  int asked = 0;
  auto stores = MakeStores(*world.pool, *ground.cipher, ground.clock,
                           [&](const std::string&, absl::Time) -> absl::StatusOr<v1::Store> {
                             ++asked;
                             return AStore("from the owner");
                           });
  EXPECT_EQ(Get(*stores)->display_name(), "from the owner");
  EXPECT_EQ(Get(*stores)->settings().tax_basis_points(), 1300);
  EXPECT_EQ(asked, 1);
  ground.clock.Advance(absl::Seconds(61));
  EXPECT_TRUE(Get(*stores).ok());
  EXPECT_EQ(asked, 2);
}

}  // namespace
}  // namespace chassis
