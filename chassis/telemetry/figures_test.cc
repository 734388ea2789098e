// What a service tells Prometheus beside the counters of its calls: the census of its stores, duties, verification,
// backups, statements, certificates.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "chassis/duties/duty_board.h"
#include "chassis/duties/duty_figures.h"
#include "chassis/host/background.h"
#include "chassis/host/host_for_test.h"
#include "chassis/office/verification.h"
#include "chassis/telemetry/backup_figures.h"
#include "chassis/telemetry/certificate_figures.h"
#include "chassis/telemetry/log.h"
#include "chassis/telemetry/metrics_door.h"
#include "chassis/telemetry/process_metrics.h"
#include "gmock/gmock.h"
#include "prometheus/text_serializer.h"

namespace chassis {
namespace {

namespace v1 = aftersales::common::v1;
namespace options = aftersales::options::v1;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

// The lines of samples in the text format.
std::vector<std::string> Lines(const prometheus::Collectable& figures) {
  std::vector<std::string> lines;
  for (const auto line : absl::StrSplit(prometheus::TextSerializer().Serialize(figures.Collect()), '\n')) {
    if (!line.empty() && line[0] != '#') lines.emplace_back(line);
  }
  return lines;
}
std::vector<std::string> LinesOf(const prometheus::Collectable& figures, const std::string& name) {
  std::vector<std::string> lines;
  for (std::string& line : Lines(figures)) {
    if (absl::StartsWith(line, name)) lines.push_back(std::move(line));
  }
  return lines;
}

class Figures : public testing::Test {
 protected:
  Figures() {
    AddStore(WorldForTest::kStore, "SH01");
    AddStore(WorldForTest::kOtherStore, "SZ02");
    world.Execute(
        "CREATE TABLE ticket (store_id BINARY(16) NOT NULL, state VARCHAR(20) NOT NULL, kept INT NOT NULL, "
        "promised INT NOT NULL, create_time DATETIME(6) NOT NULL)");
  }
  void AddStore(const std::string& store_id, const std::string& code) {
    world.Execute(
        "INSERT INTO store (store_id, version, code, display_name, time_zone, currency_code, settings) VALUES "
        "(?, 1, ?, '店', 'Asia/Shanghai', 'CNY', '{}')",
        {sql::ToValue(sql::Uuid{store_id}), code});
  }
  void AddTicket(const std::string& store_id, const std::string& state, int64_t kept = 0, int64_t promised = 0,
                 absl::Duration ago = absl::ZeroDuration()) {
    world.Execute("INSERT INTO ticket VALUES (?, ?, ?, ?, ?)",
                  {sql::ToValue(sql::Uuid{store_id}), state, kept, promised, ground.clock.Now() - ago});
  }
  // The next count is due.
  void PassAMinute() { ground.clock.Advance(absl::Minutes(1)); }

  static Census::Family ByState() {
    return {.name = "tickets",
            .help = "Tickets.",
            .labels = {{"state", {"open", "done"}}},
            .sql = "SELECT store_id, state, COUNT(*) AS value FROM ticket GROUP BY store_id, state"};
  }

  GroundForTest ground;
  WorldForTest world{ground};
};

TEST_F(Figures, ShowEveryStoreAndEveryNamedStateAlsoWhenThereIsNone) {
  AddTicket(WorldForTest::kStore, "OPEN");
  AddTicket(WorldForTest::kStore, "OPEN");
  Census census(world.host, {ByState()});
  EXPECT_THAT(Lines(census), IsEmpty()) << "nothing was counted yet";
  EXPECT_EQ(*census.Turn(), 1);
  EXPECT_THAT(
      Lines(census),
      UnorderedElementsAre("tickets{store=\"SH01\",state=\"open\"} 2", "tickets{store=\"SH01\",state=\"done\"} 0",
                           "tickets{store=\"SZ02\",state=\"open\"} 0", "tickets{store=\"SZ02\",state=\"done\"} 0"));
  world.Execute("DELETE FROM ticket");
  EXPECT_EQ(*census.Turn(), 0) << "a minute has not passed";
  PassAMinute();
  EXPECT_EQ(*census.Turn(), 1);
  EXPECT_THAT(Lines(census), Contains("tickets{store=\"SH01\",state=\"open\"} 0"));
}

TEST_F(Figures, ShowARatioOnlyWhereThereIsSomethingToDivideBy) {
  AddTicket(WorldForTest::kStore, "DONE", 1, 1);
  AddTicket(WorldForTest::kStore, "DONE", 0, 1);
  Census census(world.host, {{.name = "kept_ratio",
                              .help = "Promises kept.",
                              .sql = "SELECT store_id, SUM(kept) AS numerator, SUM(promised) AS denominator FROM "
                                     "ticket GROUP BY store_id"}});
  AddTicket(WorldForTest::kOtherStore, "OPEN", 0, 0);
  ASSERT_TRUE(census.Turn().ok());
  EXPECT_THAT(Lines(census), ElementsAre("kept_ratio{store=\"SH01\"} 0.5"));
  world.Execute("DELETE FROM ticket");
  PassAMinute();
  ASSERT_TRUE(census.Turn().ok());
  EXPECT_THAT(Lines(census), IsEmpty()) << "no ratio of nothing, and not what it was";
}

TEST_F(Figures, CountFromTheTimesTheStatementNames) {
  AddTicket(WorldForTest::kStore, "OPEN", 0, 0, absl::Hours(1));
  AddTicket(WorldForTest::kStore, "OPEN", 0, 0, absl::Hours(48));
  AddTicket(WorldForTest::kStore, "OPEN", 0, 0, absl::Hours(24 * 40));
  AddTicket(WorldForTest::kStore, "OPEN", 0, 0, -absl::Hours(1));
  const auto since = [](const char* name, const char* condition) {
    return Census::Family{
        .name = name,
        .help = "Tickets.",
        .sql = absl::StrCat("SELECT store_id, COUNT(*) AS value FROM ticket WHERE ", condition, " GROUP BY store_id")};
  };
  Census census(world.host, {since("day", "create_time > :day_ago AND create_time <= :now"),
                             since("month", "create_time <= :now AND create_time > :month_ago"),
                             since("all", "create_time <= :now")});
  ASSERT_TRUE(census.Turn().ok());
  EXPECT_THAT(Lines(census),
              UnorderedElementsAre("day{store=\"SH01\"} 1", "day{store=\"SZ02\"} 0", "month{store=\"SH01\"} 2",
                                   "month{store=\"SZ02\"} 0", "all{store=\"SH01\"} 3", "all{store=\"SZ02\"} 0"));
}

TEST_F(Figures, TellTheGroupAndStoresNobodyIntroducedYet) {
  const std::string stranger = "99999999-9999-7999-8999-999999999999";
  AddTicket(std::string(kGroupStoreId), "OPEN");
  AddTicket(stranger, "OPEN");
  Census census(world.host, {ByState()});
  ASSERT_TRUE(census.Turn().ok());
  EXPECT_THAT(Lines(census), Contains("tickets{store=\"group\",state=\"open\"} 1"));
  EXPECT_THAT(Lines(census), Contains("tickets{store=\"" + stranger + "\",state=\"open\"} 1"));
}

TEST_F(Figures, LeaveOutAStateNobodyNamedAndSaySo) {
  AddTicket(WorldForTest::kStore, "LOST");
  std::string said;
  log::CaptureForTest(&said);
  Census census(world.host, {ByState()});
  EXPECT_TRUE(census.Turn().ok());
  log::CaptureForTest(nullptr);
  EXPECT_THAT(
      LinesOf(census, "tickets{store=\"SH01\""),
      UnorderedElementsAre("tickets{store=\"SH01\",state=\"open\"} 0", "tickets{store=\"SH01\",state=\"done\"} 0"));
  EXPECT_TRUE(absl::StrContains(said, "lost")) << said;
}

TEST_F(Figures, KeepStatesTheRowsNamedAtZeroWhenTheirRowsAreGone) {
  AddTicket(WorldForTest::kStore, "WAITING");
  Census census(world.host,
                {{.name = "tickets",
                  .help = "Tickets.",
                  .labels = {{"state", {}}},
                  .sql = "SELECT store_id, state, COUNT(*) AS value FROM ticket GROUP BY store_id, state"}});
  ASSERT_TRUE(census.Turn().ok());
  EXPECT_THAT(Lines(census), ElementsAre("tickets{store=\"SH01\",state=\"waiting\"} 1"));
  world.Execute("DELETE FROM ticket");
  PassAMinute();
  ASSERT_TRUE(census.Turn().ok());
  EXPECT_THAT(Lines(census), ElementsAre("tickets{store=\"SH01\",state=\"waiting\"} 0"));
}

TEST_F(Figures, OfWhichOneFailsAreCountedOtherwiseAndItsOldValueIsNotShownForEver) {
  world.Execute("CREATE TABLE passing (store_id BINARY(16) NOT NULL)");
  world.Execute("INSERT INTO passing SELECT store_id FROM store");
  Census census(world.host, {{.name = "passing",
                              .help = "Until its table goes.",
                              .sql = "SELECT store_id, COUNT(*) AS value FROM passing GROUP BY store_id"},
                             ByState()});
  ASSERT_TRUE(census.Turn().ok());
  world.Execute("DROP TABLE passing");
  AddTicket(WorldForTest::kStore, "DONE");
  for (int failure = 1; failure <= 3; ++failure) {
    EXPECT_EQ(LinesOf(census, "passing").size(), 2u) << "after " << failure - 1 << " failures";
    PassAMinute();
    EXPECT_FALSE(census.Turn().ok());
    EXPECT_THAT(Lines(census), Contains("tickets{store=\"SH01\",state=\"done\"} 1"));
  }
  EXPECT_THAT(LinesOf(census, "passing"), IsEmpty());
}

TEST_F(Figures, AreShownByOneReplicaAtATime) {
  WorldForTest other_world{ground};
  EventIntake intake;
  Census here(world.host, {ByState()}), there(other_world.host, {ByState()});
  const auto job = [](Census& census) {
    return Background::Job{.name = "census",
                           .interval = absl::Minutes(1),
                           .where = Background::Where::kOneReplica,
                           .turn = [&census] { return census.Turn(); },
                           .otherwise = [&census] { census.Forget(); }};
  };
  Background one(world.host, intake, world.processes), other(other_world.host, intake, other_world.processes);
  one.Add(job(here));
  other.Add(job(there));
  ASSERT_TRUE(one.TurnOnce().ok());
  ASSERT_TRUE(other.TurnOnce().ok());
  EXPECT_THAT(Lines(here), Not(IsEmpty()));
  EXPECT_THAT(Lines(there), IsEmpty());
  // The first one is gone for longer than its lease lasts, comes back, and finds the other at work.
  ground.clock.Advance(absl::Minutes(3));
  ASSERT_TRUE(other.TurnOnce().ok());
  EXPECT_THAT(Lines(there), Not(IsEmpty()));
  ASSERT_TRUE(one.TurnOnce().ok());
  EXPECT_THAT(Lines(here), IsEmpty());
}

TEST_F(Figures, OfAReplicaThatCannotAskForItsLeaseVanish) {
  EventIntake intake;
  Census census(world.host, {ByState()});
  ASSERT_TRUE(census.Turn().ok());
  Background background(world.host, intake, world.processes);
  background.Add({.name = "census",
                  .interval = absl::Minutes(1),
                  .where = Background::Where::kOneReplica,
                  .turn = [] { return 0; },
                  .otherwise = [&] { census.Forget(); },
                  .thread = Background::Thread::kOwn});
  world.Execute("RENAME TABLE job_lease TO job_lease_away");
  for (int failure = 1; failure <= 3; ++failure) {
    EXPECT_THAT(Lines(census), Not(IsEmpty())) << "after " << failure - 1 << " failures";
    EXPECT_FALSE(background.TurnOnce().ok());
  }
  EXPECT_THAT(Lines(census), IsEmpty());
}

// Handbook: G-05
TEST_F(Figures, OfDutiesSayWhatIsOpenLateAndWasDoneInTime) {
  const auto owe = [&](const std::string& kind, const char* subject, absl::Duration due_in) {
    ASSERT_TRUE(world
                    .Work([&](UnitOfWork& work) {
                      v1::Duty duty;
                      duty.set_kind(kind);
                      duty.set_handbook("R-10");
                      duty.set_subject_kind("visit");
                      duty.set_subject_id(subject);
                      duty.set_assignee_role(options::ROLE_SERVICE_ADVISER);
                      *duty.mutable_due_time() = ToProto(ground.clock.Now() + due_in);
                      work.Owe(duty);
                      return absl::OkStatus();
                    })
                    .ok());
  };
  const auto complete = [&](const std::string& kind, const char* subject) {
    ASSERT_TRUE(world.Work([&](UnitOfWork& work) { return work.CompleteDuties(kind, subject, "done"); }).ok());
  };
  constexpr char kFirst[] = "33333333-3333-7333-8333-333333333331";
  constexpr char kSecond[] = "33333333-3333-7333-8333-333333333332";
  constexpr char kThird[] = "33333333-3333-7333-8333-333333333333";
  Census census(world.host, DutyFigures());
  for (const char* subject : {kFirst, kSecond, kThird}) owe("greeting", subject, absl::Minutes(10));
  owe("follow_up", kFirst, absl::Hours(72));
  complete("greeting", kFirst);
  ASSERT_TRUE(census.Turn().ok());
  EXPECT_THAT(Lines(census), UnorderedElementsAre("duty_open{store=\"SH01\",kind=\"greeting\"} 2",
                                                  "duty_open{store=\"SH01\",kind=\"follow_up\"} 1",
                                                  "duty_overdue{store=\"SH01\",kind=\"greeting\"} 0",
                                                  "duty_overdue{store=\"SH01\",kind=\"follow_up\"} 0"))
      << "nothing has fallen due yet";
  ground.clock.Advance(absl::Minutes(11));
  complete("greeting", kSecond);
  ASSERT_TRUE(census.Turn().ok());
  EXPECT_THAT(LinesOf(census, "duty_overdue"), Contains("duty_overdue{store=\"SH01\",kind=\"greeting\"} 1"));
  EXPECT_THAT(LinesOf(census, "duty_due"), ElementsAre("duty_due{store=\"SH01\",kind=\"greeting\"} 3"));
  EXPECT_THAT(LinesOf(census, "duty_in_time"), ElementsAre("duty_in_time{store=\"SH01\",kind=\"greeting\"} 1"));
  ground.clock.Advance(absl::Hours(24 * 31));
  ASSERT_TRUE(census.Turn().ok());
  EXPECT_THAT(LinesOf(census, "duty_due"), Contains("duty_due{store=\"SH01\",kind=\"greeting\"} 0"));
}

class Verified : public Figures {
 protected:
  absl::StatusOr<std::vector<v1::LedgerCheck>> Verify(const std::string& store_id) {
    asked.push_back(store_id);
    if (store_id == broken) return absl::DeadlineExceededError("too large");
    v1::LedgerCheck check;
    check.set_name("stock");
    if (store_id == different && differences > 0) {
      check.set_difference_count(differences);
      check.add_differences("part 1");
      if (passing) differences = 0;
    }
    return std::vector<v1::LedgerCheck>{check};
  }

  std::vector<std::string> asked;
  std::string broken, different;
  int64_t differences = 0;
  bool passing = false;
  Verification verification{world.host, [this](const std::string& store_id) { return Verify(store_id); },
                            absl::Hours(24)};
  Census census{world.host, Verification::Figures()};
};

// Handbook: G-03
TEST_F(Verified, VerifiesOneStorePerTurnAndEachAgainAfterADay) {
  for (int turn = 0; turn < 3; ++turn) EXPECT_EQ(*verification.Turn(), 1);
  EXPECT_THAT(asked, ElementsAre(std::string(kGroupStoreId), WorldForTest::kStore, WorldForTest::kOtherStore));
  EXPECT_EQ(*verification.Turn(), 0);
  ASSERT_TRUE(census.Turn().ok());
  EXPECT_THAT(LinesOf(census, "verification_differences"),
              UnorderedElementsAre("verification_differences{store=\"group\",check=\"stock\"} 0",
                                   "verification_differences{store=\"SH01\",check=\"stock\"} 0",
                                   "verification_differences{store=\"SZ02\",check=\"stock\"} 0"));
  EXPECT_EQ(LinesOf(census, "verification_timestamp_seconds{store=\"SH01\"} 1795222800").size(), 1u);
  // Another replica takes over: what was verified is known to it.
  Verification other(
      world.host, [this](const std::string& store_id) { return Verify(store_id); }, absl::Hours(24));
  EXPECT_EQ(*other.Turn(), 0);
  ground.clock.Advance(absl::Hours(24));
  EXPECT_EQ(*other.Turn(), 1);
}

// Handbook: G-03
TEST_F(Verified, ShowsWhatDiffersAndLooksAgainWithinTheHour) {
  different = WorldForTest::kStore;
  differences = 2;
  for (int turn = 0; turn < 3; ++turn) ASSERT_TRUE(verification.Turn().ok());
  ASSERT_TRUE(census.Turn().ok());
  EXPECT_THAT(Lines(census), Contains("verification_differences{store=\"SH01\",check=\"stock\"} 2"));
  EXPECT_EQ(*verification.Turn(), 0);
  differences = 0;
  ground.clock.Advance(kVerifyAgainAfter);
  EXPECT_EQ(*verification.Turn(), 1);
  EXPECT_EQ(asked.back(), WorldForTest::kStore);
  ASSERT_TRUE(census.Turn().ok());
  EXPECT_THAT(Lines(census), Contains("verification_differences{store=\"SH01\",check=\"stock\"} 0"));
}

TEST_F(Verified, DoesNotReportWhatTheStoreDidBetweenTwoStatements) {
  different = WorldForTest::kStore;
  differences = 1;
  passing = true;
  for (int turn = 0; turn < 3; ++turn) ASSERT_TRUE(verification.Turn().ok());
  ASSERT_TRUE(census.Turn().ok());
  EXPECT_THAT(Lines(census), Contains("verification_differences{store=\"SH01\",check=\"stock\"} 0"));
}

TEST_F(Verified, DoesNotLetAStoreThatFailsHoldUpTheOthers) {
  broken = WorldForTest::kStore;
  EXPECT_EQ(*verification.Turn(), 1);
  EXPECT_FALSE(verification.Turn().ok());
  EXPECT_EQ(*verification.Turn(), 1);
  EXPECT_EQ(asked.back(), WorldForTest::kOtherStore);
  EXPECT_EQ(*verification.Turn(), 0);
  ground.clock.Advance(kVerifyAgainAfter);
  broken = "";
  EXPECT_EQ(*verification.Turn(), 1);
  EXPECT_EQ(asked.back(), WorldForTest::kStore);
}

TEST_F(Figures, OfBackupsAreThoseOfTheLastOne) {
  BackupFigures backup(world.host);
  ASSERT_TRUE(backup.Measure().ok());
  const auto registry = world.metrics.registry();
  EXPECT_THAT(Lines(*registry), Contains("backup_last_success_timestamp_seconds 0"));
  world.Execute(
      "INSERT INTO backup (backup_id, begin_time, end_time, bytes) VALUES ('a', '2026-11-20 00:00:00', '2026-11-20 "
      "00:10:00', 300), ('b', '2026-11-20 12:00:00', '2026-11-20 12:00:01', 200)");
  ASSERT_TRUE(backup.Measure().ok());
  EXPECT_EQ(world.metrics.Gauge("backup_last_success_timestamp_seconds", "").Value(), 1795176001);
  EXPECT_THAT(Lines(*registry), Contains("backup_last_bytes 200"));
}

TEST_F(Figures, OfStatementsAreByKindAndByWhatWentWrong) {
  const auto figures = telemetry::PoolMetrics(*world.pool);
  world.Execute("CREATE TABLE t (n INT NOT NULL PRIMARY KEY CHECK (n < 5)) ENGINE=InnoDB");
  const sql::StatementFigures before = world.pool->Statistics().statements;
  world.Execute("INSERT INTO t VALUES (1)");
  EXPECT_TRUE(absl::IsAlreadyExists(world.With(
      [](sql::Session& session) -> absl::Status { return session.Execute("INSERT INTO t VALUES (1)").status(); })));
  EXPECT_FALSE(world
                   .With([](sql::Session& session) -> absl::Status {
                     return session.Execute("INSERT INTO t VALUES (7)").status();
                   })
                   .ok());
  EXPECT_FALSE(
      world.With([](sql::Session& session) -> absl::Status { return session.Query("SELECT nothing").status(); }).ok());
  const auto count = [](const sql::StatementFigures::Times& times) {
    int64_t sum = 0;
    for (const int64_t one : times.counts) sum += one;
    return sum;
  };
  const sql::StatementFigures after = world.pool->Statistics().statements;
  const auto more = [&](sql::StatementKind kind) {
    return count(after.times[static_cast<size_t>(kind)]) - count(before.times[static_cast<size_t>(kind)]);
  };
  EXPECT_EQ(more(sql::StatementKind::kInsert), 3);
  EXPECT_EQ(more(sql::StatementKind::kSelect), 1);
  EXPECT_EQ(more(sql::StatementKind::kCommit), 1);
  EXPECT_THAT(Lines(*figures), Contains("sql_errors_total{class=\"duplicate\"} 1"));
  EXPECT_THAT(Lines(*figures), Contains("sql_errors_total{class=\"constraint\"} 1"));
  EXPECT_THAT(Lines(*figures), Contains("sql_errors_total{class=\"other\"} 1"));
  EXPECT_THAT(Lines(*figures), Contains("sql_errors_total{class=\"deadlock\"} 0"));
  EXPECT_THAT(Lines(*figures), Contains("sql_pool_limit 8"));
  EXPECT_THAT(Lines(*figures), Contains("sql_statement_seconds_bucket{statement=\"delete\",le=\"+Inf\"} 0"));
  EXPECT_GT(after.prepared_misses, before.prepared_misses);
  EXPECT_GT(after.prepared_entries, 0);
}

TEST_F(Figures, OfSeveralSourcesNameAFamilyOnce) {
  telemetry::Metrics metrics;
  metrics.Gauge("cache_entries", "Entries a cache holds.", {{"cache", "token"}}).Set(3);
  const auto together = telemetry::Together({metrics.registry(), telemetry::PoolMetrics(*world.pool),
                                             telemetry::BuildInfo("test-svc"), telemetry::ProcessMetrics()});
  std::set<std::string> names;
  for (const auto& family : together->Collect()) EXPECT_TRUE(names.insert(family.name).second) << family.name;
  EXPECT_EQ(LinesOf(*together, "cache_entries").size(), 2u);
  EXPECT_EQ(LinesOf(*together, "aftersales_build_info{service=\"test-svc\",version=\"").size(), 1u);
  EXPECT_EQ(LinesOf(*together, "process_start_time_seconds").size(), 1u);
  EXPECT_EQ(LinesOf(*together, "process_max_fds").size(), 1u);
}

TEST(CertificateFigures, AreTheEarliestEndOfAllCertificatesOfAKind) {
  const std::filesystem::path directory = std::filesystem::path(testing::TempDir()) / absl::StrCat("crt_", ::getpid());
  for (const char* name : {"one", "two"}) std::filesystem::create_directories(directory / name);
  const auto make = [&](const std::string& file, int days) {
    ASSERT_EQ(
        std::system(absl::StrCat("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days ", days,
                                 " -subj /CN=a -keyout /dev/null -out ", (directory / file).string(), " 2>/dev/null")
                        .c_str()),
        0);
  };
  make("one/tls.crt", 90);
  make("two/tls.crt", 20);
  make("long", 60);
  make("short", 30);
  ASSERT_EQ(std::system(("cd " + directory.string() + " && cat long short > one/ca.crt").c_str()), 0);
  const auto figures = telemetry::CertificateFigures({(directory / "one").string(), (directory / "two").string(), ""});
  const std::vector<prometheus::MetricFamily> families = figures->Collect();
  ASSERT_EQ(families.size(), 1u);
  ASSERT_EQ(families[0].metric.size(), 2u);
  const double now = absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch());
  EXPECT_EQ(families[0].metric[0].label[0].value, "tls");
  EXPECT_NEAR(families[0].metric[0].gauge.value, now + 20 * 86400, 3600);
  EXPECT_EQ(families[0].metric[1].label[0].value, "ca");
  EXPECT_NEAR(families[0].metric[1].gauge.value, now + 30 * 86400, 3600);
  std::filesystem::remove_all(directory);
  EXPECT_THAT(figures->Collect(), IsEmpty());
}

}  // namespace
}  // namespace chassis
