// What a pool's statements cost and how they failed: counted without a lock on their way, read when Prometheus asks.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "absl/status/status.h"

namespace chassis::sql {

enum class StatementKind { kSelect, kInsert, kUpdate, kDelete, kCommit, kOther };
inline constexpr std::array<const char*, 6> kStatementKindNames = {"select", "insert", "update",
                                                                   "delete", "commit", "other"};
// By the statement's first word.
StatementKind KindOf(std::string_view sql);

enum class StatementError { kDeadlock, kLockTimeout, kDuplicate, kConnection, kTimeout, kConstraint, kOther };
inline constexpr std::array<const char*, 7> kStatementErrorNames = {
    "deadlock", "lock_timeout", "duplicate", "connection", "timeout", "constraint", "other"};

// Upper bounds in seconds: a prepared read takes 50 microseconds, the statement timeout is ten seconds.
inline constexpr std::array<double, 8> kStatementBuckets = {0.0005, 0.001, 0.0025, 0.01, 0.05, 0.25, 1, 5};

// A reading.
struct StatementFigures {
  struct Times {
    std::array<int64_t, kStatementBuckets.size() + 1> counts{};  // each bucket alone; the last: longer than all
    double seconds = 0;
  };
  std::array<Times, kStatementKindNames.size()> times;
  std::array<int64_t, kStatementErrorNames.size()> errors{};
  int64_t prepared_hits = 0;  // statements that were prepared already on their connection
  int64_t prepared_misses = 0;
  int64_t prepared_entries = 0;  // on all connections together
};

class StatementCounts {
 public:
  void Ran(StatementKind kind, std::chrono::nanoseconds time);
  // A status of Session (session.h); OK is not counted.
  void Failed(const absl::Status& status);
  void FoundPrepared() { prepared_hits_.fetch_add(1, std::memory_order_relaxed); }
  void Prepared() { prepared_misses_.fetch_add(1, std::memory_order_relaxed); }
  void KeepsPrepared(int64_t more) { prepared_entries_.fetch_add(more, std::memory_order_relaxed); }
  StatementFigures Read() const;

 private:
  struct Times {
    std::array<std::atomic<int64_t>, kStatementBuckets.size() + 1> counts{};
    std::atomic<int64_t> nanoseconds{0};
  };
  std::array<Times, kStatementKindNames.size()> times_;
  std::array<std::atomic<int64_t>, kStatementErrorNames.size()> errors_{};
  std::atomic<int64_t> prepared_hits_{0};
  std::atomic<int64_t> prepared_misses_{0};
  std::atomic<int64_t> prepared_entries_{0};
};

}  // namespace chassis::sql
