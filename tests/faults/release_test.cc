// Releasing a repair order reserves parts in one service and creates jobs in another. Each service, and the database,
// is killed with -9 while the process stands at a known step (a peer that is down holds it there); after the restart
// the process ends, once.
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "aftersales/common/v1/errors.pb.h"
#include "aftersales/parts/v1/reservation.pb.h"
#include "tests/demo/main_job.h"
#include "tests/demo/quick_order.h"
#include "tests/demo/suite_stage.h"
#include "tests/harness/processes.h"
#include "tests/harness/server.h"
#include "tests/harness/suite.h"

namespace {

namespace reception = aftersales::reception::v1;
using reception::RepairOrder;

class Release : public ::testing::Test {
 protected:
  // A database server of its own, because one test kills it.
  struct Scene {
    Scene()
        : suite(database.address()),
          time(suite),
          stage(suite.door(), suite.issuer(), time, narrator),
          store(demo::OpenStores(stage, harness::SourceDirectory() + "/tests/data").at("SH01")),
          orders(stage, store),
          customer(orders.Customer("13900009999")) {}
    harness::DatabaseServer database{harness::DatabaseServer::Storage::kMemory};
    harness::Suite suite;
    demo::SuiteTime time;
    demo::Quiet narrator;
    demo::Stage stage;
    aftersales::common::v1::Store store;
    demo::QuickOrder orders;
    std::string customer;
    int serial = 0;
  };
  static void SetUpTestSuite() {
    try {
      scene_ = std::make_unique<Scene>();
    } catch (const demo::StepFailed& failed) {
      failure_ = failed.what();
    }
  }
  static void TearDownTestSuite() { scene_.reset(); }
  void SetUp() override { ASSERT_TRUE(scene_) << failure_; }

  harness::Suite& suite() { return scene_->suite; }
  demo::Stage& stage() { return scene_->stage; }
  demo::Person adviser() { return demo::Cast(scene_->store).adviser; }

  RepairOrder ASignedOrder() {
    const auto vehicle = scene_->orders.Vehicle(scene_->customer, ++scene_->serial);
    return scene_->orders.Signed(scene_->orders.Estimated(scene_->orders.CheckedIn(vehicle)));
  }
  absl::StatusOr<RepairOrder> TryRelease(const RepairOrder& order) {
    return stage().Try<RepairOrder>(adviser(), scene_->orders.ReleaseRequest(order));
  }
  RepairOrder Now(const RepairOrder& order) {
    reception::GetRepairOrderRequest request;
    request.set_store_id(scene_->store.store_id());
    request.set_repair_order_id(order.repair_order_id());
    const auto now = stage().Try<RepairOrder>(adviser(), request);
    return now.ok() ? *now : RepairOrder();
  }
  int64_t Count(const std::string& service, const std::string& what, const RepairOrder& order) {
    const std::string id = absl::StrReplaceAll(order.repair_order_id(), {{"-", ""}});
    int64_t count = -1;
    absl::Status read = absl::UnavailableError("not asked");
    // A test's own connections break with the database too; the next one is new.
    for (int attempt = 0; attempt < 20 && absl::IsUnavailable(read); ++attempt) {
      read = suite().Database(service).Read(absl::Now() + absl::Seconds(10), [&](chassis::sql::Session& session) {
        auto rows = session.Query(absl::StrCat("SELECT COUNT(*) AS n FROM ", what, "0x", id));
        if (rows.ok()) count = (*rows)[0].Int("n");
        return rows.status();
      });
    }
    EXPECT_TRUE(read.ok()) << read;
    return count;
  }
  // A peer is down: the release neither fails nor ends, and nobody is told of an order half released, neither at first
  // nor by the client's own repeats.
  static void ExpectUnderWay(const absl::StatusOr<RepairOrder>& answer) {
    ASSERT_FALSE(answer.ok()) << demo::StateOf(*answer);
    EXPECT_TRUE(absl::IsUnavailable(answer.status()) || absl::IsDeadlineExceeded(answer.status())) << answer.status();
  }
  void ExpectUnderWay(const RepairOrder& order) { ExpectUnderWay(TryRelease(order)); }
  // Released, reserved once, one job, one event; every ledger agrees.
  void ExpectReleasedOnce(const RepairOrder& order) {
    for (int look = 0; look < 800 && Now(order).state() != RepairOrder::STATE_RELEASED; ++look) {
      harness::WaitFor(absl::Milliseconds(50));
    }
    EXPECT_EQ(demo::StateOf(Now(order)), "RELEASED");
    EXPECT_EQ(Count("parts", "reservation WHERE state = 'ACTIVE' AND holder_id = ", order), 1);
    EXPECT_EQ(Count("workshop", "job WHERE repair_order_id = ", order), 1);
    EXPECT_EQ(Count("reception", "outbox WHERE type = 'RepairOrderReleased' AND document_id = ", order), 1);
    // The gateway takes a moment to find a service again that was killed.
    std::string failure = "not tried";
    for (int attempt = 0; attempt < 100 && !failure.empty(); ++attempt) {
      if (attempt > 0) harness::WaitFor(absl::Milliseconds(100));
      try {
        demo::VerifyAll(stage(), scene_->store);
        failure.clear();
      } catch (const demo::StepFailed& failed) {
        failure = failed.what();
        if (!absl::StrContains(failure, "UNAVAILABLE")) break;
      }
    }
    EXPECT_EQ(failure, "");
  }

  static std::unique_ptr<Scene> scene_;
  static std::string failure_;
};
std::unique_ptr<Release::Scene> Release::scene_;
std::string Release::failure_;

// Handbook: R-26
TEST_F(Release, ReservesOnceAndCreatesOneJobWhenNothingFails) {
  const RepairOrder order = ASignedOrder();
  const auto released = TryRelease(order);
  ASSERT_TRUE(released.ok()) << released.status();
  ExpectReleasedOnce(order);
}

// Handbook: R-26, G-07
TEST_F(Release, FinishesWhenPartsWasDownAndReceptionIsKilledBeforeTheFirstStep) {
  const RepairOrder order = ASignedOrder();
  suite().Kill("parts");
  ExpectUnderWay(order);
  EXPECT_EQ(demo::StateOf(Now(order)), "RELEASING");
  suite().Kill("reception");
  suite().Start("parts");
  suite().Start("reception");
  ExpectReleasedOnce(order);
}

// Handbook: R-26, G-07
TEST_F(Release, FinishesWhenReceptionIsKilledBetweenReservationAndJobs) {
  const RepairOrder order = ASignedOrder();
  suite().Kill("workshop");
  ExpectUnderWay(order);
  EXPECT_EQ(Count("parts", "reservation WHERE state = 'ACTIVE' AND holder_id = ", order), 1);
  suite().Kill("reception");
  suite().Start("workshop");
  suite().Start("reception");
  ExpectReleasedOnce(order);
}

// Handbook: R-26, G-07
TEST_F(Release, AnswersARepeatAfterACrashWithItsEndOnly) {
  const RepairOrder order = ASignedOrder();
  auto request = scene_->orders.ReleaseRequest(order);
  request.set_request_id("018f0000-0000-7000-8000-0000000000aa");
  const auto repeat = [&] { return stage().Try<RepairOrder>(adviser(), request); };
  suite().Kill("workshop");
  ExpectUnderWay(repeat());
  suite().Kill("reception");
  suite().Start("reception");
  ExpectUnderWay(repeat());
  suite().Start("workshop");
  absl::StatusOr<RepairOrder> answer = repeat();
  for (int look = 0; look < 200 && absl::IsUnavailable(answer.status()); ++look) {
    harness::WaitFor(absl::Milliseconds(100));
    answer = repeat();
  }
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(demo::StateOf(*answer), "RELEASED");
  ExpectReleasedOnce(order);
}

// Handbook: R-26, P-04
TEST_F(Release, FinishesWhenPartsIsKilledAfterItReserved) {
  const RepairOrder order = ASignedOrder();
  suite().Kill("workshop");
  ExpectUnderWay(order);
  suite().Kill("parts");
  suite().Start("parts");
  suite().Start("workshop");
  ExpectReleasedOnce(order);
}

// Handbook: R-26, W-02
TEST_F(Release, KeepsTheJobsWhenTheWorkshopIsKilledAfterItCreatedThem) {
  const RepairOrder order = ASignedOrder();
  ASSERT_TRUE(TryRelease(order).ok());
  suite().Kill("workshop");
  suite().Kill("crm");
  suite().Start("crm");
  suite().Start("workshop");
  ExpectReleasedOnce(order);
}

// Handbook: R-26, G-07
TEST_F(Release, FinishesWhenTheDatabaseIsKilledBetweenReservationAndJobs) {
  const RepairOrder order = ASignedOrder();
  suite().Kill("workshop");
  ExpectUnderWay(order);
  scene_->database.Kill();
  scene_->database.Start();
  suite().Start("workshop");
  ExpectReleasedOnce(order);
}

// Handbook: R-26, P-04
TEST_F(Release, IsUndoneWholeWhenStockIsShort) {
  const RepairOrder order = ASignedOrder();
  // Somebody else takes all the oil.
  const demo::Cast cast(scene_->store);
  aftersales::parts::v1::CreateReservationRequest all;
  all.set_store_id(scene_->store.store_id());
  all.set_holder_kind(aftersales::parts::v1::Reservation::HOLDER_KIND_SALES_ORDER);
  all.set_holder_id("018f0000-0000-7000-8000-000000000001");
  auto& line = *all.add_lines();
  line.set_holder_line_id("018f0000-0000-7000-8000-000000000002");
  for (const auto& ordered : order.lines()) {
    if (!ordered.part_id().empty()) line.set_part_id(ordered.part_id());
  }
  int64_t available = 0;
  (void)suite().Database("parts").Read(absl::Now() + absl::Seconds(10), [&](chassis::sql::Session& session) {
    auto rows = session.Query("SELECT on_hand_milli - reserved_milli AS n FROM part_stock WHERE part_id = ?",
                              chassis::sql::Uuid{line.part_id()});
    if (rows.ok() && !rows->empty()) available = (*rows)[0].Int("n");
    return rows.status();
  });
  ASSERT_GT(available, 0);
  line.set_quantity_milli(available);
  stage().Do<aftersales::parts::v1::Reservation>(cast.clerk, all);

  const auto refused = TryRelease(order);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition) << refused.status();
  EXPECT_EQ(demo::StateOf(Now(order)), "SIGNED");
  EXPECT_EQ(Count("parts", "reservation WHERE state = 'ACTIVE' AND holder_id = ", order), 0);
  EXPECT_EQ(Count("workshop", "job WHERE repair_order_id = ", order), 0);
}

}  // namespace
