#include "chassis/server/admission.h"

#include <optional>
#include <thread>

#include "chassis/status/refusal.h"
#include "gtest/gtest.h"

namespace chassis {
namespace {

namespace common = aftersales::common::v1;

class AdmissionTest : public testing::Test {
 protected:
  double Gauge(const std::string& name) { return metrics_.Gauge(name, "", {{"kind", "person"}}).Value(); }
  double Refused() { return metrics_.Counter("admission_refused_total", "", {{"kind", "person"}}).Value(); }
  telemetry::Metrics metrics_;
};

TEST_F(AdmissionTest, LetsInAsManyAsMayRun) {
  Admission admission("person", {.running = 2, .waiting = 0}, metrics_);
  auto first = admission.Enter(absl::ZeroDuration());
  auto second = admission.Enter(absl::ZeroDuration());
  EXPECT_TRUE(first.ok());
  EXPECT_TRUE(second.ok());
  EXPECT_EQ(Gauge("admission_running"), 2);
  EXPECT_EQ(Gauge("admission_limit"), 2);
}

TEST_F(AdmissionTest, RefusesWithATimeToRetryWhenNobodyMayWait) {
  Admission admission("person", {.running = 1, .waiting = 0}, metrics_);
  const auto first = admission.Enter(absl::ZeroDuration());
  const auto second = admission.Enter(absl::InfiniteDuration());
  EXPECT_TRUE(IsRefusal(second.status(), common::ERROR_REASON_OVERLOADED));
  EXPECT_GT(RefusalIn(second.status()).retry_after_ms(), 0);
  EXPECT_EQ(Refused(), 1);
}

TEST_F(AdmissionTest, LetsTheNextOneInWhenAPlaceIsGivenBack) {
  Admission admission("person", {.running = 1, .waiting = 1}, metrics_);
  auto first = std::make_optional(admission.Enter(absl::ZeroDuration()));
  std::thread waiter([&] { EXPECT_TRUE(admission.Enter(absl::InfiniteDuration()).ok()); });
  while (Gauge("admission_waiting") != 1) std::this_thread::yield();
  first.reset();
  waiter.join();
  EXPECT_EQ(Gauge("admission_running"), 0);
  EXPECT_EQ(Gauge("admission_waiting"), 0);
}

TEST_F(AdmissionTest, EndsTheWaitWithTheCallersPatience) {
  Admission admission("person", {.running = 1, .waiting = 1}, metrics_);
  const auto first = admission.Enter(absl::ZeroDuration());
  EXPECT_TRUE(IsRefusal(admission.Enter(absl::Milliseconds(1)).status(), common::ERROR_REASON_OVERLOADED));
  EXPECT_EQ(Gauge("admission_waiting"), 0);
}

TEST_F(AdmissionTest, IsAsGoodAsNewAfterAnOverload) {
  Admission admission("person", {.running = 1, .waiting = 0}, metrics_);
  {
    const auto first = admission.Enter(absl::ZeroDuration());
    EXPECT_FALSE(admission.Enter(absl::ZeroDuration()).ok());
  }
  EXPECT_TRUE(admission.Enter(absl::ZeroDuration()).ok());
}

}  // namespace
}  // namespace chassis
