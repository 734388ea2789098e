// The pool's rules, on connections that are not there: who gets one, who waits, what is repeated and what is dropped.
#include "chassis/sql/pool.h"

#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "chassis/sql/connection.h"
#include "chassis/sql/dialect.h"
#include "chassis/sql/server_error.h"
#include "chassis/status/refusal.h"
#include "gtest/gtest.h"

namespace chassis::sql {
namespace {

namespace v1 = aftersales::common::v1;

// What happened on all connections, in order.
struct Log {
  absl::Mutex mutex;
  std::vector<std::string> entries;
  void Add(std::string entry) {
    absl::MutexLock lock(&mutex);
    entries.push_back(std::move(entry));
  }
  int Count(const std::string& entry) {
    absl::MutexLock lock(&mutex);
    return static_cast<int>(std::count(entries.begin(), entries.end(), entry));
  }
};

class ScriptedConnection : public Connection {
 public:
  ScriptedConnection(Log& log, std::deque<absl::Status>& answers, absl::Status& commit, bool& alive)
      : log_(log), answers_(answers), commit_(commit), alive_(alive) {}
  absl::StatusOr<Rows> QueryValues(std::string_view sql, const std::vector<Value>&) override {
    absl::Status status = Answer(sql);
    if (!status.ok()) return status;
    return Rows();
  }
  absl::StatusOr<int64_t> ExecuteValues(std::string_view sql, const std::vector<Value>&) override {
    absl::Status status = Answer(sql);
    if (!status.ok()) return status;
    return 1;
  }
  Mode mode() const override { return mode_; }
  absl::Status SetMode(Mode mode) override {
    log_.Add("toggle");
    mode_ = mode;
    return absl::OkStatus();
  }
  absl::Status Commit() override {
    log_.Add("commit");
    if (absl::IsUnavailable(commit_)) broken_ = true;
    return std::exchange(commit_, absl::OkStatus());
  }
  absl::Status Rollback() override {
    log_.Add("rollback");
    return absl::OkStatus();
  }
  bool Ping() override {
    log_.Add("ping");
    if (!alive_) broken_ = true;
    return alive_;
  }
  bool broken() const override { return broken_; }

 private:
  absl::Status Answer(std::string_view sql) {
    log_.Add(std::string(sql));
    if (answers_.empty()) return absl::OkStatus();
    absl::Status status = answers_.front();
    answers_.pop_front();
    if (absl::IsUnavailable(status)) broken_ = true;
    return status;
  }

  Log& log_;
  std::deque<absl::Status>& answers_;
  absl::Status& commit_;
  bool& alive_;
  Mode mode_ = Mode::kAutocommit;
  bool broken_ = false;
};

class CountingSleeper : public Sleeper {
 public:
  void Sleep(absl::Duration duration) override {
    ++count;
    longest = std::max(longest, duration);
  }
  int count = 0;
  absl::Duration longest;
};

class PoolTest : public testing::Test {
 protected:
  std::unique_ptr<Pool> APool(int connections = 2) {
    PoolLimits limits;
    limits.connections = connections;
    limits.waiting_max = 2;
    return MakePool(
        [this]() -> absl::StatusOr<std::unique_ptr<Connection>> {
          log_.Add("connect");
          if (!server_up_) return absl::UnavailableError("no server");
          return std::make_unique<ScriptedConnection>(log_, answers_, commit_, alive_);
        },
        limits, clock_, sleeper_);
  }
  absl::Time Later() const { return clock_.Now() + absl::Seconds(30); }
  static absl::Status Nothing(Session&) { return absl::OkStatus(); }
  static absl::Status One(Session& session) { return session.Execute("UPDATE").status(); }

  ManualClock clock_{absl::FromUnixSeconds(1795219200)};
  CountingSleeper sleeper_;
  Log log_;
  std::deque<absl::Status> answers_;  // for the next statements; OK after that
  absl::Status commit_;               // for the next commit
  bool alive_ = true;
  bool server_up_ = true;
};

TEST_F(PoolTest, TransactionsCostTheirStatementsAndOneCommit) {
  auto pool = APool();
  ASSERT_TRUE(pool->Transact(Later(), One).ok());
  ASSERT_TRUE(pool->Transact(Later(), One).ok());
  EXPECT_EQ(log_.entries, (std::vector<std::string>{"connect", "toggle", "UPDATE", "commit", "UPDATE", "commit"}));
}

TEST_F(PoolTest, KeepsOneConnectionForReadsAndOneForTransactionsWithoutToggling) {
  auto pool = APool();
  // Both at once, so that two connections exist.
  ASSERT_TRUE(pool->Read(Later(), [&](Session&) { return pool->Transact(Later(), One); }).ok());
  const int toggles = log_.Count("toggle");
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(pool->Read(Later(), One).ok());
    ASSERT_TRUE(pool->Transact(Later(), One).ok());
  }
  EXPECT_EQ(log_.Count("toggle"), toggles);
  EXPECT_EQ(log_.Count("connect"), 2);
}

TEST_F(PoolTest, RollsBackWhenTheBodyRefuses) {
  auto pool = APool();
  const absl::Status status = pool->Transact(Later(), [](Session& session) -> absl::Status {
    EXPECT_TRUE(session.Execute("UPDATE").ok());
    return ChangedMeanwhile("visit");
  });
  EXPECT_TRUE(IsRefusal(status, v1::ERROR_REASON_CHANGED_MEANWHILE));
  EXPECT_EQ(log_.Count("rollback"), 1);
  EXPECT_EQ(log_.Count("commit"), 0);
  EXPECT_EQ(sleeper_.count, 0) << "a refusal is no deadlock, though both are ABORTED";
}

TEST_F(PoolTest, RepeatsTheWholeTransactionAfterADeadlock) {
  answers_ = {absl::OkStatus(), absl::AbortedError("deadlock"), absl::OkStatus(), absl::AbortedError("deadlock")};
  auto pool = APool();
  int runs = 0;
  const absl::Status status = pool->Transact(Later(), [&](Session& session) -> absl::Status {
    ++runs;
    absl::Status first = session.Execute("A").status();
    if (!first.ok()) return first;
    return session.Execute("B").status();
  });
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(sleeper_.count, 2);
  EXPECT_LE(sleeper_.longest, absl::Milliseconds(100));
  EXPECT_EQ(pool->Statistics().retried_total, 2);
  EXPECT_EQ(log_.Count("connect"), 1);
}

TEST_F(PoolTest, NeverCommitsWhatTheServerUndidEvenIfTheBodyDidNotNotice) {
  answers_ = {absl::AbortedError("deadlock")};
  auto pool = APool();
  int runs = 0;
  EXPECT_TRUE(pool->Transact(Later(),
                             [&](Session& session) -> absl::Status {
                               ++runs;
                               session.Execute("A").IgnoreError();
                               return absl::OkStatus();
                             })
                  .ok());
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(log_.Count("commit"), 1);
}

TEST_F(PoolTest, GivesUpRepeatingAfterTheAttemptsItWasGiven) {
  answers_.assign(100, absl::AbortedError("deadlock"));
  auto pool = APool();
  EXPECT_TRUE(absl::IsAborted(pool->Transact(Later(), One)));
  EXPECT_EQ(log_.Count("UPDATE"), 5);
}

TEST_F(PoolTest, RepeatsOnAFreshConnectionWhenOneWasLostBeforeCommit) {
  answers_ = {absl::UnavailableError("gone")};
  auto pool = APool();
  EXPECT_TRUE(pool->Transact(Later(), One).ok());
  EXPECT_EQ(log_.Count("connect"), 2);
  EXPECT_EQ(log_.Count("rollback"), 0) << "there is nobody to say it to";
}

TEST_F(PoolTest, DoesNotRepeatWhenTheOutcomeOfCommitIsUnknown) {
  commit_ = absl::UnavailableError("gone");
  auto pool = APool();
  const absl::Status status = pool->Transact(Later(), One);
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_EQ(log_.Count("UPDATE"), 1);
  EXPECT_EQ(pool->Statistics().open, 0);
}

TEST_F(PoolTest, DoesNotCommitAfterTheDeadline) {
  auto pool = APool();
  const absl::Status status = pool->Transact(Later(), [&](Session& session) -> absl::Status {
    absl::Status first = session.Execute("A").status();
    clock_.Advance(absl::Minutes(1));
    return first;
  });
  EXPECT_TRUE(IsRefusal(status, v1::ERROR_REASON_DEADLINE));
  EXPECT_EQ(log_.Count("commit"), 0);
  EXPECT_EQ(log_.Count("rollback"), 1);
}

TEST_F(PoolTest, SendsNoStatementAfterTheDeadline) {
  auto pool = APool();
  const absl::Status status = pool->Read(Later(), [&](Session& session) {
    clock_.Advance(absl::Minutes(1));
    return session.Query("SELECT").status();
  });
  EXPECT_TRUE(IsRefusal(status, v1::ERROR_REASON_DEADLINE));
  EXPECT_EQ(log_.Count("SELECT"), 0);
}

TEST_F(PoolTest, RefusesAnExpiredCallBeforeTakingAConnection) {
  auto pool = APool();
  EXPECT_TRUE(IsRefusal(pool->Read(clock_.Now(), Nothing), v1::ERROR_REASON_DEADLINE));
  EXPECT_EQ(log_.Count("connect"), 0);
}

TEST_F(PoolTest, RefusesWithARetryHintWhenTheQueueIsFullAndRecovers) {
  auto pool = APool(1);
  absl::Notification taken;
  absl::Notification release;
  std::thread holder([&] {
    EXPECT_TRUE(pool->Read(Later(),
                           [&](Session&) {
                             taken.Notify();
                             release.WaitForNotification();
                             return absl::OkStatus();
                           })
                    .ok());
  });
  taken.WaitForNotification();
  std::vector<std::thread> waiting;
  for (int i = 0; i < 2; ++i) {
    waiting.emplace_back([&] { EXPECT_TRUE(pool->Read(Later(), One).ok()); });
  }
  while (pool->Statistics().waiting < 2) std::this_thread::yield();
  const absl::Status status = pool->Read(Later(), Nothing);
  EXPECT_TRUE(IsRefusal(status, v1::ERROR_REASON_OVERLOADED));
  EXPECT_GT(RefusalIn(status).retry_after_ms(), 0);
  release.Notify();
  holder.join();
  for (std::thread& thread : waiting) thread.join();
  EXPECT_TRUE(pool->Read(Later(), One).ok());
  const PoolStatistics statistics = pool->Statistics();
  EXPECT_EQ(statistics.refused_total, 1);
  EXPECT_EQ(statistics.waiting, 0);
  EXPECT_EQ(statistics.in_use, 0);
  EXPECT_EQ(statistics.open, 1);
  EXPECT_EQ(log_.Count("connect"), 1);
}

TEST_F(PoolTest, WaitingEndsAtTheDeadline) {
  auto pool = APool(1);
  const absl::Status status = pool->Read(Later(), [&](Session&) {
    EXPECT_TRUE(IsRefusal(pool->Read(clock_.Now() + absl::Milliseconds(5), Nothing), v1::ERROR_REASON_DEADLINE));
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(pool->Statistics().waiting, 0);
}

TEST_F(PoolTest, AsksForASignOfLifeOnlyAfterIdling) {
  auto pool = APool();
  ASSERT_TRUE(pool->Read(Later(), One).ok());
  ASSERT_TRUE(pool->Read(Later(), One).ok());
  EXPECT_EQ(log_.Count("ping"), 0);
  clock_.Advance(absl::Minutes(1));
  ASSERT_TRUE(pool->Read(Later(), One).ok());
  EXPECT_EQ(log_.Count("ping"), 1);
}

TEST_F(PoolTest, ReplacesAConnectionThatDiedWhileIdling) {
  auto pool = APool();
  ASSERT_TRUE(pool->Read(Later(), One).ok());
  clock_.Advance(absl::Minutes(1));
  alive_ = false;
  ASSERT_TRUE(pool->Read(Later(), One).ok());
  EXPECT_EQ(log_.Count("connect"), 2);
  EXPECT_EQ(pool->Statistics().open, 1);
}

TEST_F(PoolTest, AfterALossAsksTheOthersBeforeTheirNextUse) {
  auto pool = APool();
  ASSERT_TRUE(pool->Read(Later(), [&](Session&) { return pool->Read(Later(), One); }).ok());
  answers_ = {absl::UnavailableError("gone")};
  EXPECT_TRUE(absl::IsUnavailable(pool->Read(Later(), One)));
  EXPECT_TRUE(pool->Read(Later(), One).ok());
  EXPECT_EQ(log_.Count("ping"), 1);
}

TEST_F(PoolTest, RecoversWhenTheServerComesBack) {
  auto pool = APool();
  server_up_ = false;
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(absl::IsUnavailable(pool->Transact(Later(), One)));
  EXPECT_EQ(pool->Statistics().open, 0);
  server_up_ = true;
  EXPECT_TRUE(pool->Transact(Later(), One).ok());
}

TEST_F(PoolTest, RecordsStatementsOnlyWhileAsked) {
  auto pool = APool();
  RecordStatementsForTest(true);
  ASSERT_TRUE(pool->Read(Later(), One).ok());
  ASSERT_TRUE(pool->Read(Later(), One).ok());
  RecordStatementsForTest(false);
  ASSERT_TRUE(pool->Read(Later(), [](Session& session) { return session.Query("SELECT").status(); }).ok());
  EXPECT_EQ(RecordedStatementsForTest(), (std::vector<std::string>{"UPDATE"}));
}

TEST(StatusOfServerError, FollowsTheTableInTheHeader) {
  EXPECT_EQ(StatusOf(1213, "m", "s").code(), absl::StatusCode::kAborted);
  EXPECT_EQ(StatusOf(1205, "m", "s").code(), absl::StatusCode::kAborted);
  EXPECT_EQ(StatusOf(2006, "m", "s").code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(StatusOf(2013, "m", "s").code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(StatusOf(1969, "m", "s").code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(StatusOf(3024, "m", "s").code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(StatusOf(4025, "m", "s").code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(StatusOf(3819, "m", "s").code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(StatusOf(1452, "m", "s").code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(StatusOf(1146, "m", "s").code(), absl::StatusCode::kInternal);
}

TEST(StatusOfServerError, KeepsOnlyTheNameOfADuplicateKey) {
  const absl::Status maria_db = StatusOf(1062, "Duplicate entry '13800000000' for key 'customer_phone'", "s");
  EXPECT_EQ(maria_db.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(maria_db.message(), "customer_phone");
  EXPECT_EQ(StatusOf(1062, "Duplicate entry 'x' for key 'customer.customer_phone'", "s").message(), "customer_phone");
}

TEST(BrokenGuard, KeepsTheConnectionAfterServerErrorsAndDropsItAfterOthers) {
  for (const int error : {1062, 1213, 1205, 1146, 4025, 1969}) {
    BrokenGuard guard;
    guard.Observe(error);
    EXPECT_FALSE(guard.broken()) << error;
  }
  for (const int error : {0, 2006, 2013, 2014, 1053, 1927, 4031}) {
    BrokenGuard guard;
    guard.Observe(error);
    EXPECT_TRUE(guard.broken()) << error;
  }
}

TEST(SessionSettings, SpeakBothDialects) {
  const std::string maria_db = SessionSettings("10.11.6-MariaDB-log", absl::Milliseconds(10500), absl::Seconds(3));
  EXPECT_NE(maria_db.find("max_statement_time = 10.500"), std::string::npos) << maria_db;
  EXPECT_NE(maria_db.find("tx_isolation = 'READ-COMMITTED'"), std::string::npos);
  const std::string my_sql = SessionSettings("8.0.36", absl::Seconds(10), absl::Milliseconds(200));
  EXPECT_NE(my_sql.find("max_execution_time = 10000"), std::string::npos) << my_sql;
  EXPECT_NE(my_sql.find("innodb_lock_wait_timeout = 1,"), std::string::npos) << my_sql;
}

}  // namespace
}  // namespace chassis::sql
