// The change feed (G-14). Events are committed with their command and have no place in the feed yet; the relay gives
// them consecutive positions, in order per document, under the lock of one row, so any replica may do it and a
// crash leaves nothing to clean up. Consumers pull: they read on after the position they keep themselves
// (docs/decisions/0003-change-feed-is-pulled.md).
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aftersales/common/v1/event.pb.h"
#include "chassis/sql/pool.h"
#include "chassis/telemetry/metrics.h"
#include "chassis/time/clock.h"

namespace chassis {

class ChangeFeed {
 public:
  ChangeFeed(sql::Pool& pool, Clock& clock, telemetry::Metrics& metrics);

  // Told by the host after a commit that published something; wakes the relay.
  void NoticeCommit();
  // True when something was committed here since the last call; waits at most this long (real time) for it.
  bool WaitForCommit(absl::Duration at_most);
  // One batch of the relay. Returns how many events got their position.
  absl::StatusOr<int64_t> Relay();

  struct Filter {
    std::string store_id;            // empty: all stores
    std::vector<std::string> types;  // empty: all types
  };
  struct Page {
    std::vector<aftersales::common::v1::Event> events;
    int64_t position = 0;  // everything up to here was looked at
  };
  // At most `limit` events after `after`. An empty page with a position short of the head means: read on.
  absl::StatusOr<Page> Read(const Filter& filter, int64_t after, int64_t limit);
  // The same, but waits up to `wait` (real time) while there is nothing.
  absl::StatusOr<Page> ReadOrWait(const Filter& filter, int64_t after, int64_t limit, absl::Duration wait,
                                  const std::function<bool()>& stopped);
  // Wakes everybody who waits here, for the shutdown; nobody waits any more afterwards.
  void Close();

  // Recomputes that positions are complete: 1 to the head, each once.
  static absl::StatusOr<std::vector<std::string>> Differences(sql::Session& session, int64_t& checked_count);

 private:
  void NoticeHead(int64_t head);

  sql::Pool& pool_;
  Clock& clock_;
  prometheus::Gauge& position_;
  prometheus::Gauge& pending_;
  prometheus::Gauge& oldest_age_seconds_;
  prometheus::Histogram& delay_seconds_;

  std::mutex mutex_;
  std::condition_variable committed_;
  std::condition_variable advanced_;
  bool unrelayed_ = true;
  bool closed_ = false;
  int64_t head_ = 0;  // as far as this process knows
};

}  // namespace chassis
