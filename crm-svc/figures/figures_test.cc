// Every figure against customers, deliveries and calls made by the rooms themselves, in two stores, and against an
// empty house.
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "chassis/telemetry/census.h"
#include "crm-svc/crm_for_test.h"
#include "gmock/gmock.h"
#include "tests/harness/plans.h"

namespace crm {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);

class FiguresRoom : public CustomerCare {
 protected:
  // What the census shows now, as "name{store}" or "name{store,label}".
  std::map<std::string, double> Shown() {
    chassis::Census census(host_, rooms_.counted);
    const auto counted = census.Turn();
    EXPECT_TRUE(counted.ok()) << counted.status();
    std::map<std::string, double> shown;
    for (const prometheus::MetricFamily& family : census.Collect()) {
      for (const prometheus::ClientMetric& metric : family.metric) {
        std::vector<std::string> labels;
        for (const auto& label : metric.label) labels.push_back(label.value);
        shown[absl::StrCat(family.name, "{", absl::StrJoin(labels, ","), "}")] = metric.gauge.value;
      }
    }
    return shown;
  }
  // Exactly these figures are other than 0 in both stores among those whose names begin so.
  void Expect(std::initializer_list<std::string_view> names, const std::map<std::string, double>& expected) {
    std::map<std::string, double> found;
    for (const auto& [key, value] : Shown()) {
      const auto named = [&key = key](std::string_view name) { return key.rfind(name, 0) == 0; };
      const bool ratio = key.find("_ratio{") != std::string::npos;
      if ((value != 0 || ratio) && std::any_of(names.begin(), names.end(), named)) found[key] = value;
    }
    ASSERT_THAT(found, testing::SizeIs(expected.size())) << testing::PrintToString(found);
    for (const auto& [key, value] : expected) EXPECT_NEAR(found[key], value, 1e-9) << key;
  }
  void Call(const std::string& number, int step, v1::FollowUpAttempt::Result result, int score = 0) {
    auto attempt = Attempt(FollowUpsOf(number)[step - 1], result, score);
    if (score > 0 && score < 4) attempt.add_dissatisfied_topics(v1::FollowUp::TOPIC_PRICE);
    Must<v1::FollowUp>(attempt);
  }
};

TEST_F(FiguresRoom, AreAllThereAndZeroWhereNothingHappened) {
  std::set<std::string> families;
  for (const auto& family : rooms_.counted) EXPECT_TRUE(families.insert(family.name).second) << family.name;
  EXPECT_THAT(families,
              testing::ElementsAre("crm_customer_archives_incomplete", "crm_customers", "crm_follow_up_coverage_ratio",
                                   "crm_follow_up_reached_ratio", "crm_follow_ups_open", "crm_recommendations_open",
                                   "crm_reminders_due", "crm_reminders_open", "crm_satisfaction_ratio",
                                   "crm_service_records", "crm_vehicles"));
  const auto shown = Shown();
  EXPECT_EQ(shown.count("crm_follow_ups_open{SZ02,second}"), 1u);
  EXPECT_EQ(shown.count("crm_customers{SH01}"), 1u);
  for (const auto& [key, value] : shown) {
    EXPECT_EQ(value, 0) << key;
    EXPECT_EQ(key.find("_ratio{"), std::string::npos) << key << ": a share of nothing";
  }
}

// Every table a statement reads has an index that could find its rows: it never reads the years before. All
// customers and all vehicles are counted in the smallest index there is.
TEST_F(FiguresRoom, FindTheirRowsByAnIndex) {
  const absl::Status read = pool_->Read(absl::InfiniteFuture(), [&](chassis::sql::Session& session) -> absl::Status {
    for (const auto& family : rooms_.counted) {
      if (family.name == "crm_customers" || family.name == "crm_vehicles") continue;
      const std::string sql = absl::StrReplaceAll(family.sql, {{":now", "'2026-11-21 01:00:00'"},
                                                               {":day_ago", "'2026-11-20 01:00:00'"},
                                                               {":month_ago", "'2026-10-22 01:00:00'"}});
      EXPECT_THAT(harness::TablesReadWhole(session, sql), testing::IsEmpty()) << family.name;
    }
    return absl::OkStatus();
  });
  EXPECT_TRUE(read.ok()) << read;
}

// Handbook: C-01, C-02
TEST_F(FiguresRoom, OfArchives) {
  AVehicle(ACustomer());
  v1::CreateCustomerRequest half = CustomerNamed("李四", "13800001001");
  half.mutable_customer()->clear_address();
  const auto customer = Must<v1::Customer>(half);
  const v1::Customer theirs = ACustomer(false, kSuzhou);
  AVehicle(theirs, 1, kSuzhou);
  AVehicle(theirs, 2, kSuzhou);
  Expect({"crm_customer", "crm_vehicles"}, {{"crm_customers{SH01}", 2},
                                            {"crm_customers{SZ02}", 1},
                                            {"crm_vehicles{SH01}", 1},
                                            {"crm_vehicles{SZ02}", 2},
                                            {"crm_customer_archives_incomplete{SH01}", 1}});
  v1::UpdateCustomerRequest update;
  *update.mutable_customer() = customer;
  update.mutable_customer()->set_address("上海市浦东新区世纪大道100号");
  update.mutable_update_mask()->add_paths("address");
  Must<v1::Customer>(update);
  Expect({"crm_customer_archives"}, {});
}

// Handbook: C-03, R-28
TEST_F(FiguresRoom, OfTheServiceHistory) {
  const v1::Vehicle vehicle = AVehicle(ACustomer());
  Deliver(vehicle, "SH01-RO-20261121-0001");
  clock_.Advance(20 * kDay);
  Deliver(vehicle, "SH01-RO-20261211-0001");
  const v1::Vehicle theirs = AVehicle(ACustomer(false, kSuzhou), 1, kSuzhou);
  Deliver(theirs, "SZ02-RO-20261211-0001", kSuzhou);
  Expect({"crm_service", "crm_recommendations"}, {{"crm_service_records{SH01}", 2},
                                                  {"crm_service_records{SZ02}", 1},
                                                  {"crm_recommendations_open{SH01}", 2},
                                                  {"crm_recommendations_open{SZ02}", 1}});
  v1::ListRecommendationsRequest list;
  v1::CloseRecommendationRequest close;
  close.set_recommendation_id(Must<v1::ListRecommendationsResponse>(list).recommendations(0).recommendation_id());
  close.set_reason("done elsewhere");
  Must<v1::Recommendation>(close);
  clock_.Advance(11 * kDay);
  Expect({"crm_service", "crm_recommendations"}, {{"crm_service_records{SH01}", 1},
                                                  {"crm_service_records{SZ02}", 1},
                                                  {"crm_recommendations_open{SH01}", 1},
                                                  {"crm_recommendations_open{SZ02}", 1}});
}

// Handbook: C-05
TEST_F(FiguresRoom, OfFollowUpsFromTheDeliveryToTheAnswer) {
  const v1::Customer customer = ACustomer();
  for (int serial = 1; serial <= 4; ++serial) Deliver(AVehicle(customer, serial), absl::StrCat("RO-", serial));
  Deliver(AVehicle(ACustomer(false, kSuzhou), 1, kSuzhou), "RO-SZ", kSuzhou);
  const std::initializer_list<std::string_view> calls = {"crm_follow_up", "crm_satisfaction"};
  Expect(calls, {{"crm_follow_ups_open{SH01,first}", 4}, {"crm_follow_ups_open{SZ02,first}", 1}});

  // Called before they fell due, they count at once; those open, once they are late.
  clock_.Advance(2 * kDay);
  Call("RO-1", 1, v1::FollowUpAttempt::RESULT_REACHED, 5);
  Expect(calls, {{"crm_follow_ups_open{SH01,first}", 3},
                 {"crm_follow_ups_open{SH01,second}", 1},
                 {"crm_follow_ups_open{SZ02,first}", 1},
                 {"crm_follow_up_coverage_ratio{SH01}", 1},
                 {"crm_follow_up_reached_ratio{SH01}", 1},
                 {"crm_satisfaction_ratio{SH01}", 1}});
  clock_.Advance(kDay + absl::Minutes(1));
  for (int attempt = 0; attempt < 3; ++attempt) Call("RO-2", 1, v1::FollowUpAttempt::RESULT_NO_ANSWER);
  Call("RO-3", 1, v1::FollowUpAttempt::RESULT_REACHED, 2);
  Expect({"crm_follow_up_", "crm_satisfaction"}, {{"crm_follow_up_coverage_ratio{SH01}", 0.75},
                                                  {"crm_follow_up_reached_ratio{SH01}", 2.0 / 3},
                                                  {"crm_satisfaction_ratio{SH01}", 0.5},
                                                  {"crm_follow_up_coverage_ratio{SZ02}", 0}});
  clock_.Advance(40 * kDay);
  Expect({"crm_follow_up_", "crm_satisfaction"}, {});
}

// Handbook: C-09
TEST_F(FiguresRoom, OfReminders) {
  const v1::Vehicle vehicle = AVehicle(ACustomer());
  Deliver(vehicle, "SH01-RO-20261121-0001");
  Deliver(AVehicle(ACustomer(false, kSuzhou), 1, kSuzhou), "SZ02-RO-20261121-0001", kSuzhou);
  Expect({"crm_reminders"}, {{"crm_reminders_open{SH01,planned}", 1}, {"crm_reminders_open{SZ02,planned}", 1}});
  clock_.Set(chassis::FromProto(RemindersOf(vehicle)[0].remind_time()));
  v1::PauseReminderRequest pause;
  pause.set_reminder_id(RemindersOf(vehicle)[0].reminder_id());
  pause.set_reason("客户出国");
  Expect({"crm_reminders"}, {{"crm_reminders_open{SH01,planned}", 1},
                             {"crm_reminders_open{SZ02,planned}", 1},
                             {"crm_reminders_due{SH01}", 1},
                             {"crm_reminders_due{SZ02}", 1}});
  Must<v1::Reminder>(pause);
  Expect({"crm_reminders"}, {{"crm_reminders_open{SH01,paused}", 1},
                             {"crm_reminders_open{SZ02,planned}", 1},
                             {"crm_reminders_due{SZ02}", 1}});
}

}  // namespace
}  // namespace crm
