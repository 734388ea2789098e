// The pool hands a free connection to the caller who waited longest. It prefers one that is already in the mode the
// caller needs (reads want autocommit, transactions do not), so in the steady state a transaction costs its
// statements and one COMMIT, and a read costs its statements alone.
#include "chassis/sql/pool.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <list>
#include <optional>
#include <random>
#include <set>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "chassis/sql/connection.h"
#include "chassis/sql/tape.h"
#include "chassis/status/refusal.h"

namespace chassis::sql {
namespace {

namespace common = aftersales::common::v1;

// An idle connection is asked for a sign of life after this long: a ping costs as much as half a statement.
constexpr absl::Duration kPingAfterIdle = absl::Seconds(5);
constexpr absl::Duration kFirstPause = absl::Milliseconds(2);
constexpr absl::Duration kLongestPause = absl::Milliseconds(100);
constexpr int64_t kRetryAfterMs = 500;

// Statement texts seen, for the test that EXPLAINs them all.
class StatementRecord {
 public:
  void Turn(bool on) {
    absl::MutexLock lock(&mutex_);
    on_ = on;
    if (on) texts_.clear();
  }
  void Add(std::string_view sql) {
    if (!on_.load(std::memory_order_relaxed)) return;
    absl::MutexLock lock(&mutex_);
    texts_.emplace(sql);
  }
  std::vector<std::string> Texts() {
    absl::MutexLock lock(&mutex_);
    return {texts_.begin(), texts_.end()};
  }

 private:
  std::atomic<bool> on_{false};
  absl::Mutex mutex_;
  std::set<std::string> texts_ ABSL_GUARDED_BY(mutex_);
};

StatementRecord& TheRecord() {
  static auto* record = new StatementRecord();
  return *record;
}

absl::Status DeadlinePassed() { return Refuse(common::ERROR_REASON_DEADLINE); }

absl::Duration PauseBefore(int attempt) {
  thread_local std::minstd_rand random(std::random_device{}());
  const absl::Duration longest = std::min(kLongestPause, kFirstPause * (1 << std::min(attempt, 10)));
  return longest * std::uniform_real_distribution<double>(0.5, 1.0)(random);
}

// What a body sees for the time it holds a connection: every statement is counted, and none is sent after the
// caller's deadline.
class Lease : public Session {
 public:
  Lease(Connection& connection, absl::Time deadline, const Clock& clock, std::atomic<int64_t>& statements,
        StatementCounts& counts)
      : connection_(connection), deadline_(deadline), clock_(clock), statements_(statements), counts_(counts) {}

  absl::StatusOr<Rows> QueryValues(std::string_view sql, const std::vector<Value>& values) override {
    if (absl::Status allowed = Allow(sql); !allowed.ok()) return allowed;
    absl::StatusOr<Rows> rows = Noted(sql, [&] { return connection_.QueryValues(sql, values); });
    if (taped_) Tape(TapedStatement::Kind::kQuery, sql, values, rows.ok() ? static_cast<int64_t>(rows->size()) : -1);
    return rows;
  }
  absl::StatusOr<int64_t> ExecuteValues(std::string_view sql, const std::vector<Value>& values) override {
    if (absl::Status allowed = Allow(sql); !allowed.ok()) return allowed;
    const absl::StatusOr<int64_t> changed = Noted(sql, [&] { return connection_.ExecuteValues(sql, values); });
    if (taped_) Tape(TapedStatement::Kind::kExecute, sql, values, changed.ok() ? *changed : -1);
    return changed;
  }
  // The deadlock, lock wait timeout or lost connection this transaction met, whatever the body made of it: what the
  // server undid cannot be committed.
  const absl::Status& doom() const { return doom_; }
  bool Expired() const { return clock_.Now() >= deadline_; }
  void EndTape(const std::string& schema, bool transaction, bool committed) {
    if (!taped_ || taped_->statements.empty()) return;
    taped_->schema = schema;
    taped_->transaction = transaction;
    taped_->committed = committed;
    WriteOnTape(*std::move(taped_));
    taped_.reset();
  }

 private:
  void Tape(TapedStatement::Kind kind, std::string_view sql, const std::vector<Value>& values, int64_t outcome) {
    taped_->statements.push_back({kind, std::string(sql), values, outcome});
  }
  absl::Status Allow(std::string_view sql) {
    if (!doom_.ok()) return doom_;
    if (Expired()) return DeadlinePassed();
    TheRecord().Add(sql);
    statements_.fetch_add(1, std::memory_order_relaxed);
    return absl::OkStatus();
  }
  template <typename Run>
  std::invoke_result_t<Run> Noted(std::string_view sql, Run&& run) {
    const auto start = std::chrono::steady_clock::now();
    auto result = run();
    counts_.Ran(KindOf(sql), std::chrono::steady_clock::now() - start);
    counts_.Failed(result.status());
    if (absl::IsAborted(result.status()) || absl::IsUnavailable(result.status())) doom_ = result.status();
    return result;
  }

  Connection& connection_;
  const absl::Time deadline_;
  const Clock& clock_;
  std::atomic<int64_t>& statements_;
  StatementCounts& counts_;
  absl::Status doom_;
  std::optional<TapedLease> taped_ = TapeRuns() ? std::make_optional<TapedLease>() : std::nullopt;
};

class BoundedPool : public Pool {
 public:
  // `schema` is what the tape calls the database.
  BoundedPool(std::string schema, Connector connector, const PoolLimits& limits, Clock& clock, Sleeper& sleeper,
              std::shared_ptr<StatementCounts> counts)
      : schema_(std::move(schema)),
        connector_(std::move(connector)),
        limits_(limits),
        clock_(clock),
        sleeper_(sleeper),
        counts_(std::move(counts)) {}

  absl::Status Read(absl::Time deadline, const std::function<absl::Status(Session&)>& body) override {
    absl::StatusOr<Held> held = Acquire(deadline, Connection::Mode::kAutocommit);
    if (!held.ok()) return held.status();
    Lease lease(*held->connection, deadline, clock_, statements_, *counts_);
    absl::Status status = body(lease);
    lease.EndTape(schema_, false, false);
    Return(*std::move(held));
    return status;
  }

  absl::Status Transact(absl::Time deadline, const std::function<absl::Status(Session&)>& body) override {
    for (int attempt = 1;; ++attempt) {
      bool repeatable = false;
      absl::Status status = TransactOnce(deadline, body, repeatable);
      if (status.ok() || !repeatable || attempt >= limits_.transaction_attempts) return status;
      const absl::Duration pause = PauseBefore(attempt);
      if (clock_.Now() + pause >= deadline) return status;
      retried_.fetch_add(1, std::memory_order_relaxed);
      sleeper_.Sleep(pause);
    }
  }

  PoolStatistics Statistics() const override {
    PoolStatistics statistics;
    statistics.limit = limits_.connections;
    statistics.statements = counts_->Read();
    {
      absl::MutexLock lock(&mutex_);
      statistics.open = open_;
      statistics.in_use = open_ - static_cast<int>(idle_.size());
      statistics.waiting = static_cast<int>(waiting_.size());
      statistics.acquired_total = acquired_;
      statistics.refused_total = refused_;
    }
    statistics.retried_total = retried_.load(std::memory_order_relaxed);
    statistics.statements_total = statements_.load(std::memory_order_relaxed);
    return statistics;
  }

 private:
  struct Held {
    std::unique_ptr<Connection> connection;  // null: a place to open one in
    absl::Time idle_since = absl::InfinitePast();
    int64_t era = 0;
  };
  struct Waiter {
    bool granted = false;
    Held held;
  };

  absl::Status TransactOnce(absl::Time deadline, const std::function<absl::Status(Session&)>& body, bool& repeatable) {
    absl::StatusOr<Held> held = Acquire(deadline, Connection::Mode::kTransaction);
    if (!held.ok()) return held.status();
    Connection& connection = *held->connection;
    Lease lease(connection, deadline, clock_, statements_, *counts_);
    absl::Status status = body(lease);
    if (!lease.doom().ok()) {
      // Nothing was committed, so repeating is safe, after a lost connection as well.
      status = lease.doom();
      repeatable = true;
    } else if (status.ok() && lease.Expired()) {
      status = DeadlinePassed();
    }
    if (status.ok()) {
      status = Commit(connection);
      repeatable = absl::IsAborted(status);
      if (absl::IsUnavailable(status)) {
        status = absl::UnavailableError(absl::StrCat("the outcome of COMMIT is unknown: ", status.message()));
      }
    }
    lease.EndTape(schema_, true, status.ok());
    // After COMMIT nothing is open; everything else is undone before anybody else gets the connection.
    if (!status.ok() && !connection.broken()) connection.Rollback().IgnoreError();
    Return(*std::move(held));
    return status;
  }

  absl::Status Commit(Connection& connection) {
    const auto start = std::chrono::steady_clock::now();
    absl::Status status = connection.Commit();
    counts_->Ran(StatementKind::kCommit, std::chrono::steady_clock::now() - start);
    counts_->Failed(status);
    return status;
  }

  absl::StatusOr<Held> Acquire(absl::Time deadline, Connection::Mode mode) {
    if (clock_.Now() >= deadline) return DeadlinePassed();
    for (;;) {
      absl::StatusOr<Held> place = Place(deadline, mode);
      if (!place.ok()) return place.status();
      if (absl::Status usable = MakeUsable(*place, mode); !usable.ok()) {
        counts_->Failed(usable);
        const bool was_stale = place->connection != nullptr;
        GiveUp(*std::move(place));
        if (was_stale && clock_.Now() < deadline) continue;  // the next one is fresh or the server is gone
        return usable;
      }
      absl::MutexLock lock(&mutex_);
      ++acquired_;
      return place;
    }
  }

  // An idle connection, a place for a new one, or a turn in the queue.
  absl::StatusOr<Held> Place(absl::Time deadline, Connection::Mode mode) {
    absl::MutexLock lock(&mutex_);
    if (!idle_.empty()) return TakeIdle(mode);
    if (open_ < limits_.connections) {
      ++open_;
      return Held{};
    }
    if (static_cast<int>(waiting_.size()) >= limits_.waiting_max) {
      ++refused_;
      return Refuse(common::ERROR_REASON_OVERLOADED)
          .With("what", "database")
          .With("what_zh", "数据库")
          .RetryAfterMs(kRetryAfterMs);
    }
    Waiter waiter;
    const auto place = waiting_.insert(waiting_.end(), &waiter);
    auto granted = [&waiter] { return waiter.granted; };
    if (!mutex_.AwaitWithTimeout(absl::Condition(&granted), deadline - clock_.Now())) {
      waiting_.erase(place);
      ++refused_;
      return DeadlinePassed();
    }
    return std::move(waiter.held);
  }

  Held TakeIdle(Connection::Mode mode) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    // From the back: the most recently used is warm.
    auto chosen = std::find_if(idle_.rbegin(), idle_.rend(),
                               [mode](const Held& held) { return held.connection->mode() == mode; });
    if (chosen == idle_.rend()) chosen = idle_.rbegin();
    Held held = std::move(*chosen);
    idle_.erase(std::next(chosen).base());
    return held;
  }

  absl::Status MakeUsable(Held& held, Connection::Mode mode) {
    if (held.connection == nullptr) {
      const int64_t era = era_.load();
      absl::StatusOr<std::unique_ptr<Connection>> fresh = connector_();
      if (!fresh.ok()) return fresh.status();
      held.connection = *std::move(fresh);
      held.era = era;
    } else if (held.era != era_.load() || clock_.Now() - held.idle_since > kPingAfterIdle) {
      const int64_t era = era_.load();
      if (!held.connection->Ping()) return absl::UnavailableError("a pooled database connection was lost");
      held.era = era;
    }
    if (held.connection->mode() == mode) return absl::OkStatus();
    return held.connection->SetMode(mode);
  }

  void Return(Held held) {
    if (held.connection->broken()) {
      // Where one was lost the others may be, too: each is asked before its next use.
      era_.fetch_add(1);
      GiveUp(std::move(held));
      return;
    }
    held.idle_since = clock_.Now();
    absl::MutexLock lock(&mutex_);
    PassOn(std::move(held));
  }

  // Its place stays in use when somebody waits for it.
  void GiveUp(Held held) {
    held.connection.reset();
    absl::MutexLock lock(&mutex_);
    if (waiting_.empty()) {
      --open_;
      return;
    }
    PassOn(Held{});
  }

  void PassOn(Held held) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (waiting_.empty()) {
      idle_.push_back(std::move(held));
      return;
    }
    Waiter* first = waiting_.front();
    waiting_.pop_front();
    first->held = std::move(held);
    first->granted = true;
  }

  const std::string schema_;
  const Connector connector_;
  const PoolLimits limits_;
  Clock& clock_;
  Sleeper& sleeper_;
  const std::shared_ptr<StatementCounts> counts_;
  mutable absl::Mutex mutex_;
  std::vector<Held> idle_ ABSL_GUARDED_BY(mutex_);
  std::list<Waiter*> waiting_ ABSL_GUARDED_BY(mutex_);
  int open_ ABSL_GUARDED_BY(mutex_) = 0;  // connections and places being filled
  int64_t acquired_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t refused_ ABSL_GUARDED_BY(mutex_) = 0;
  std::atomic<int64_t> era_{0};
  std::atomic<int64_t> retried_{0};
  std::atomic<int64_t> statements_{0};
};

}  // namespace

std::unique_ptr<Pool> MakePool(Connector connector, const PoolLimits& limits, Clock& clock, Sleeper& sleeper,
                               std::shared_ptr<StatementCounts> counts) {
  return std::make_unique<BoundedPool>("", std::move(connector), limits, clock, sleeper, std::move(counts));
}

std::unique_ptr<Pool> MakePool(const Endpoint& endpoint, const PoolLimits& limits, Clock& clock, Sleeper& sleeper) {
  auto counts = std::make_shared<StatementCounts>();
  return std::make_unique<BoundedPool>(
      endpoint.schema, [endpoint, limits, counts] { return Connect(endpoint, limits, counts); }, limits, clock, sleeper,
      counts);
}

void RecordStatementsForTest(bool on) { TheRecord().Turn(on); }
std::vector<std::string> RecordedStatementsForTest() { return TheRecord().Texts(); }

}  // namespace chassis::sql
