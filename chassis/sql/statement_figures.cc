#include "chassis/sql/statement_figures.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "chassis/sql/server_error.h"
#include "chassis/status/text.h"

namespace chassis::sql {

StatementKind KindOf(std::string_view sql) {
  constexpr std::array<std::string_view, 4> kWords = {"SELECT", "INSERT", "UPDATE", "DELETE"};
  for (size_t i = 0; i < kWords.size(); ++i) {
    if (absl::StartsWithIgnoreCase(Absl(sql), Absl(kWords[i]))) return static_cast<StatementKind>(i);
  }
  return StatementKind::kOther;
}

void StatementCounts::Ran(StatementKind kind, std::chrono::nanoseconds time) {
  const double seconds = std::chrono::duration<double>(time).count();
  const auto bucket = std::lower_bound(kStatementBuckets.begin(), kStatementBuckets.end(), seconds);
  Times& times = times_[static_cast<size_t>(kind)];
  times.counts[static_cast<size_t>(bucket - kStatementBuckets.begin())].fetch_add(1, std::memory_order_relaxed);
  times.nanoseconds.fetch_add(time.count(), std::memory_order_relaxed);
}

void StatementCounts::Failed(const absl::Status& status) {
  if (status.ok()) return;
  errors_[static_cast<size_t>(ErrorIn(status))].fetch_add(1, std::memory_order_relaxed);
}

StatementFigures StatementCounts::Read() const {
  StatementFigures figures;
  for (size_t kind = 0; kind < times_.size(); ++kind) {
    for (size_t i = 0; i < times_[kind].counts.size(); ++i) {
      figures.times[kind].counts[i] = times_[kind].counts[i].load(std::memory_order_relaxed);
    }
    figures.times[kind].seconds = static_cast<double>(times_[kind].nanoseconds.load(std::memory_order_relaxed)) / 1e9;
  }
  for (size_t i = 0; i < errors_.size(); ++i) figures.errors[i] = errors_[i].load(std::memory_order_relaxed);
  figures.prepared_hits = prepared_hits_.load(std::memory_order_relaxed);
  figures.prepared_misses = prepared_misses_.load(std::memory_order_relaxed);
  figures.prepared_entries = prepared_entries_.load(std::memory_order_relaxed);
  return figures;
}

}  // namespace chassis::sql
