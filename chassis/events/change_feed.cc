// The relay and the reading of the feed.
#include "chassis/events/change_feed.h"

#include <algorithm>
#include <chrono>
#include <map>

#include "absl/strings/str_cat.h"
#include "chassis/sql/session.h"
#include "chassis/status/status.h"

namespace chassis {
namespace {

namespace v1 = aftersales::common::v1;

constexpr int64_t kRelayBatchMax = 1000;
// Positions looked at by one read, so that a filter that matches little costs little.
constexpr int64_t kWindowMax = 5000;
constexpr absl::Duration kPollPause = absl::Milliseconds(200);
constexpr absl::Duration kStatementDeadline = absl::Seconds(10);

struct Pending {
  std::string event_id;     // bytes
  std::string document_id;  // bytes; empty: an event about no document
  int64_t version = 0;
  absl::Time occur_time;
  int64_t sequence = 0;
};

absl::Status LoadPending(sql::Session& session, std::string_view tail, const std::vector<sql::Value>& values,
                         std::map<std::string, Pending>& found) {
  ASSIGN_OR_RETURN(sql::Rows rows,
                   session.QueryValues(absl::StrCat("SELECT event_id, document_id, document_version, occur_time, "
                                                    "sequence FROM outbox WHERE feed_position IS NULL ",
                                                    std::string(tail)),
                                       values));
  for (size_t i = 0; i < rows.size(); ++i) {
    const sql::Row row = rows[i];
    Pending event{.event_id = row.Text("event_id"),
                  .document_id = row.Text("document_id"),
                  .version = row.Int("document_version"),
                  .occur_time = row.Time("occur_time"),
                  .sequence = row.Int("sequence")};
    found.emplace(event.event_id, std::move(event));
  }
  return absl::OkStatus();
}

// By event id, which is by time; but the events of one document keep the order of its versions whatever the clocks
// of the replicas said: they share out among themselves the places they have.
std::vector<Pending> InFeedOrder(std::map<std::string, Pending> found) {
  std::vector<Pending> order;
  std::map<std::string, std::vector<size_t>> places;
  for (auto& [id, event] : found) {
    if (!event.document_id.empty()) places[event.document_id].push_back(order.size());
    order.push_back(std::move(event));
  }
  for (const auto& [document, at] : places) {
    if (at.size() < 2) continue;
    std::vector<Pending> events;
    for (size_t place : at) events.push_back(order[place]);
    std::sort(events.begin(), events.end(), [](const Pending& a, const Pending& b) {
      return std::tie(a.version, a.occur_time, a.sequence, a.event_id) <
             std::tie(b.version, b.occur_time, b.sequence, b.event_id);
    });
    for (size_t i = 0; i < at.size(); ++i) order[at[i]] = std::move(events[i]);
  }
  return order;
}

// Few statement texts, so that they stay prepared: a chunk is filled up by repeating its last id, which FIELD finds
// at its first place.
absl::Status GivePositions(sql::Session& session, const std::vector<Pending>& order, int64_t head) {
  size_t done = 0;
  while (done < order.size()) {
    const size_t left = order.size() - done;
    const size_t chunk = left >= 64 ? 64 : left > 8 ? 64 : left > 1 ? 8 : 1;
    std::vector<sql::Value> ids;
    for (size_t i = 0; i < chunk; ++i) ids.push_back(sql::Bytes{order[std::min(done + i, order.size() - 1)].event_id});
    std::vector<sql::Value> values = {head + static_cast<int64_t>(done)};
    values.insert(values.end(), ids.begin(), ids.end());
    values.insert(values.end(), ids.begin(), ids.end());
    const std::string places = sql::Placeholders(chunk);
    ASSIGN_OR_RETURN(int64_t changed, session.ExecuteValues(
                                          absl::StrCat("UPDATE outbox SET feed_position = ? + FIELD(event_id, ", places,
                                                       ") WHERE feed_position IS NULL AND event_id IN (", places, ")"),
                                          values));
    const size_t expected = std::min(chunk, left);
    if (changed != static_cast<int64_t>(expected)) return absl::InternalError("the relay lost an event");
    done += expected;
  }
  return absl::OkStatus();
}

v1::Event EventOf(const sql::Row& row) {
  v1::Event event;
  event.set_position(row.Int("feed_position"));
  event.set_event_id(row.Id("event_id"));
  event.set_store_id(row.Id("store_id"));
  event.set_type(row.Text("type"));
  event.set_document_kind(row.Text("document_kind"));
  event.set_document_id(row.Id("document_id"));
  event.set_document_version(row.Int("document_version"));
  *event.mutable_occur_time() = ToProto(row.Time("occur_time"));
  event.set_actor(row.Text("actor"));
  event.mutable_payload()->ParseFromString(row.Text("payload"));
  return event;
}

absl::StatusOr<int64_t> Head(sql::Session& session) {
  ASSIGN_OR_RETURN(sql::Rows rows, session.Query("SELECT position FROM feed_head WHERE feed = 'main'"));
  ASSIGN_OR_RETURN(sql::Row row, rows.One());
  return row.Int("position");
}

}  // namespace

ChangeFeed::ChangeFeed(sql::Pool& pool, Clock& clock, telemetry::Metrics& metrics)
    : pool_(pool),
      clock_(clock),
      position_(metrics.Gauge("event_feed_position", "Last position given out in the change feed.")),
      pending_(metrics.Gauge("event_outbox_pending", "Committed events the relay found without a position.")),
      oldest_age_seconds_(
          metrics.Gauge("event_outbox_oldest_age_seconds", "Age of the oldest committed event without a position.")),
      delay_seconds_(metrics.Histogram("event_relay_delay_seconds", "From the command to the position of its event.",
                                       {}, {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30})) {}

void ChangeFeed::NoticeCommit() {
  std::lock_guard lock(mutex_);
  unrelayed_ = true;
  committed_.notify_one();
}

bool ChangeFeed::WaitForCommit(absl::Duration at_most) {
  std::unique_lock lock(mutex_);
  committed_.wait_for(lock, absl::ToChronoNanoseconds(at_most), [this] { return unrelayed_ || closed_; });
  return std::exchange(unrelayed_, false);
}

absl::StatusOr<int64_t> ChangeFeed::Relay() {
  const absl::Time deadline = clock_.Now() + kStatementDeadline;
  // Without a lock first: most looks find nothing.
  bool any = false;
  RETURN_IF_ERROR(pool_.Read(deadline, [&](sql::Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(
        sql::Rows rows,
        session.Query("SELECT event_id, occur_time FROM outbox WHERE feed_position IS NULL ORDER BY event_id LIMIT 1"));
    any = !rows.empty();
    if (any) {
      // Before it is relayed: while that fails the age grows.
      oldest_age_seconds_.Set(std::max(0.0, absl::ToDoubleSeconds(clock_.Now() - rows[0].Time("occur_time"))));
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(int64_t head, Head(session));
    NoticeHead(head);
    return absl::OkStatus();
  }));
  if (!any) {
    pending_.Set(0);
    oldest_age_seconds_.Set(0);
    return 0;
  }

  std::vector<Pending> order;
  int64_t head = 0;
  RETURN_IF_ERROR(pool_.Transact(deadline, [&](sql::Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(sql::Rows rows, session.Query("SELECT position FROM feed_head WHERE feed = 'main' FOR UPDATE"));
    ASSIGN_OR_RETURN(sql::Row row, rows.One());
    head = row.Int("position");
    std::map<std::string, Pending> found;
    RETURN_IF_ERROR(LoadPending(session, "ORDER BY event_id LIMIT ?", {kRelayBatchMax}, found));
    if (found.size() == static_cast<size_t>(kRelayBatchMax)) {
      // More is waiting than one batch takes: an earlier version of a document in it may have a later id.
      std::vector<sql::Value> documents;
      for (const auto& [id, event] : found) {
        if (!event.document_id.empty()) documents.push_back(sql::Bytes{event.document_id});
      }
      if (!documents.empty()) {
        RETURN_IF_ERROR(LoadPending(
            session, absl::StrCat("AND document_id IN (", sql::Placeholders(documents.size()), ")"), documents, found));
      }
    }
    order = InFeedOrder(std::move(found));
    if (order.empty()) return absl::OkStatus();
    RETURN_IF_ERROR(GivePositions(session, order, head));
    head += static_cast<int64_t>(order.size());
    return session.Execute("UPDATE feed_head SET position = ? WHERE feed = 'main'", head).status();
  }));
  pending_.Set(static_cast<double>(order.size()));
  // With a whole batch there may be more: the next look, at once, says how old.
  if (static_cast<int64_t>(order.size()) < kRelayBatchMax) oldest_age_seconds_.Set(0);
  for (const Pending& event : order) delay_seconds_.Observe(absl::ToDoubleSeconds(clock_.Now() - event.occur_time));
  NoticeHead(head);
  return static_cast<int64_t>(order.size());
}

void ChangeFeed::NoticeHead(int64_t head) {
  std::lock_guard lock(mutex_);
  if (head <= head_) return;
  head_ = head;
  position_.Set(static_cast<double>(head));
  advanced_.notify_all();
}

absl::StatusOr<ChangeFeed::Page> ChangeFeed::Read(const Filter& filter, int64_t after, int64_t limit) {
  Page page;
  absl::Status status = pool_.Read(clock_.Now() + kStatementDeadline, [&](sql::Session& session) -> absl::Status {
    page = Page{.events = {}, .position = after};
    ASSIGN_OR_RETURN(const int64_t head, Head(session));
    // A position from another life of the feed (restored backup) must not run ahead of it.
    if (after >= head) return absl::OkStatus();
    const int64_t until = std::min(head, after + kWindowMax);
    std::string where = "feed_position > ? AND feed_position <= ?";
    std::vector<sql::Value> values = {after, until};
    if (!filter.store_id.empty()) {
      where += " AND store_id = ?";
      values.push_back(sql::ToValue(sql::Uuid{filter.store_id}));
    }
    if (!filter.types.empty()) {
      absl::StrAppend(&where, " AND type IN (", sql::Placeholders(filter.types.size()), ")");
      for (const std::string& type : filter.types) values.push_back(type);
    }
    values.push_back(limit);
    ASSIGN_OR_RETURN(sql::Rows rows,
                     session.QueryValues(absl::StrCat("SELECT feed_position, event_id, store_id, type, document_kind, "
                                                      "document_id, document_version, occur_time, actor, payload FROM "
                                                      "outbox FORCE INDEX (feed) WHERE ",
                                                      where, " ORDER BY feed_position LIMIT ?"),
                                         values));
    for (size_t i = 0; i < rows.size(); ++i) page.events.push_back(EventOf(rows[i]));
    page.position = static_cast<int64_t>(rows.size()) == limit ? page.events.back().position() : until;
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return page;
}

absl::StatusOr<ChangeFeed::Page> ChangeFeed::ReadOrWait(const Filter& filter, int64_t after, int64_t limit,
                                                        absl::Duration wait, const std::function<bool()>& stopped) {
  using std::chrono::steady_clock;
  const auto until = steady_clock::now() + absl::ToChronoNanoseconds(wait);
  while (true) {
    ASSIGN_OR_RETURN(Page page, Read(filter, after, limit));
    if (!page.events.empty() || steady_clock::now() >= until || stopped()) return page;
    if (page.position > after) {  // foreign events only, so far
      after = page.position;
      continue;
    }
    std::unique_lock lock(mutex_);
    if (closed_) return page;
    // Another replica's relay does not wake us, hence the short pause.
    const auto pause =
        std::min<steady_clock::duration>(until - steady_clock::now(), absl::ToChronoNanoseconds(kPollPause));
    advanced_.wait_for(lock, pause, [&] { return head_ > after || closed_; });
  }
}

void ChangeFeed::Close() {
  std::lock_guard lock(mutex_);
  closed_ = true;
  committed_.notify_all();
  advanced_.notify_all();
}

absl::StatusOr<std::vector<std::string>> ChangeFeed::Differences(sql::Session& session, int64_t& checked_count) {
  ASSIGN_OR_RETURN(const int64_t head, Head(session));
  ASSIGN_OR_RETURN(
      sql::Rows rows,
      session.Query("SELECT COUNT(*) AS events, COUNT(DISTINCT feed_position) AS positions, "
                    "COALESCE(MIN(feed_position), 1) AS lowest, COALESCE(MAX(feed_position), 0) AS highest "
                    "FROM outbox WHERE feed_position > 0 AND feed_position <= ?",
                    head));
  ASSIGN_OR_RETURN(sql::Row row, rows.One());
  checked_count = row.Int("events");
  std::vector<std::string> differences;
  if (row.Int("events") != row.Int("positions")) differences.push_back("change feed: a position was given twice");
  if (row.Int("positions") != head || row.Int("highest") != head || row.Int("lowest") != 1) {
    differences.push_back(absl::StrCat("change feed: ", row.Int("positions"), " positions, the head says ", head));
  }
  return differences;
}

}  // namespace chassis
