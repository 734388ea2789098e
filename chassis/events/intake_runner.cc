// Pulling and applying. A page goes into one transaction while all is well; when one event of it fails, they go one
// by one, so that those before it are not held up.
#include "chassis/events/intake_runner.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "chassis/events/change_feed.h"
#include "chassis/telemetry/log.h"
#include "google/protobuf/descriptor.h"

namespace chassis {
namespace {

namespace v1 = aftersales::common::v1;

constexpr int32_t kPageSize = 200;
constexpr absl::Duration kTransactionDeadline = absl::Seconds(20);
constexpr absl::Duration kCallDeadline = absl::Seconds(5);
// The stored position follows over foreign events only now and then: each move is a commit.
constexpr int64_t kPositionLagMax = 1000;

std::string_view ShortName(std::string_view full_name) {
  const size_t dot = full_name.rfind('.');
  return dot == std::string_view::npos ? full_name : full_name.substr(dot + 1);
}

std::string PayloadType(const v1::Event& event) {
  const std::string& url = event.payload().type_url();
  const size_t slash = url.rfind('/');
  return slash == std::string::npos ? url : url.substr(slash + 1);
}

constexpr char kMovedMeanwhile[] = "another replica took these events in";

absl::Status MovedMeanwhile() { return absl::UnavailableError(kMovedMeanwhile); }
bool IsMoved(const absl::Status& status) { return absl::IsUnavailable(status) && status.message() == kMovedMeanwhile; }

// For the log: a refusal by its reason's name, never by its text, which may hold what a person said.
std::string ReasonOf(const absl::Status& status) {
  const v1::Refusal refusal = RefusalIn(status);
  if (refusal.reason_enum().empty()) return "";
  const auto* reasons = google::protobuf::DescriptorPool::generated_pool()->FindEnumTypeByName(refusal.reason_enum());
  const auto* reason = reasons == nullptr ? nullptr : reasons->FindValueByNumber(refusal.reason());
  return reason == nullptr ? "" : reason->name();
}

}  // namespace

IntakeRunner::IntakeRunner(Host& host, const EventIntake& intake) : host_(host) {
  for (const auto& [type, entries] : intake.entries()) {
    for (const EventIntake::Entry& entry : entries) {
      Source& source = sources_[entry.publisher];
      const std::string name(ShortName(type));
      if (std::find(source.types.begin(), source.types.end(), name) == source.types.end()) source.types.push_back(name);
      source.handlers[type].push_back(&entry.handler);
    }
  }
  for (auto& [publisher, source] : sources_) {
    const std::map<std::string, std::string> labels = {{"publisher", publisher}};
    source.blocked = &host.metrics().Gauge("event_intake_blocked", "1 while an event cannot be taken in.", labels);
    source.position =
        &host.metrics().Gauge("event_intake_position", "Position reached in the publisher's feed.", labels);
    source.behind = &host.metrics().Gauge("event_intake_behind",
                                          "Positions the publisher told of that are not taken in; 0: level.", labels);
    source.taken_in = &host.metrics().Counter("event_intake_total", "Events taken in.", labels);
    source.duplicates = &host.metrics().Counter("event_intake_duplicates_total",
                                                "Events read that another replica had taken in already.", labels);
  }
}

std::vector<std::string> IntakeRunner::publishers() const {
  std::vector<std::string> names;
  for (const auto& [publisher, source] : sources_) names.push_back(publisher);
  return names;
}

absl::StatusOr<int64_t> IntakeRunner::TurnOnce(const std::string& publisher, absl::Duration wait) {
  const auto found = sources_.find(publisher);
  if (found == sources_.end()) return absl::NotFoundError(publisher);
  return Pull(publisher, found->second, wait);
}

absl::StatusOr<int64_t> IntakeRunner::Pull(const std::string& publisher, Source& source, absl::Duration wait) {
  ASSIGN_OR_RETURN(int64_t stored, StoredPosition(publisher));
  source.seen = std::max(source.seen, stored);
  ASSIGN_OR_RETURN(const v1::ReadEventsResponse page, ReadPage(publisher, source, source.seen, wait));
  if (page.events().empty()) {
    Reached(source, std::max(source.seen, page.position()), page.position());
    if (source.seen - stored < kPositionLagMax) return 0;
    RETURN_IF_ERROR(Apply(publisher, source, {}, stored, source.seen));
    return 0;
  }

  Reached(source, source.seen, page.position());
  std::vector<const Event*> events;
  for (const Event& event : page.events()) events.push_back(&event);
  absl::Status together = Apply(publisher, source, events, stored, page.position());
  if (together.ok()) {
    source.blocked->Set(0);
    Reached(source, page.position(), page.position());
    source.taken_in->Increment(static_cast<double>(events.size()));
    return static_cast<int64_t>(events.size());
  }
  int64_t taken_in = 0;
  for (const Event* event : events) {
    absl::Status alone = Apply(publisher, source, {event}, stored, event->position());
    if (!alone.ok()) {
      // Another replica was faster: nothing is wrong.
      if (IsMoved(alone)) {
        source.blocked->Set(0);
        source.duplicates->Increment(static_cast<double>(static_cast<int64_t>(events.size()) - taken_in));
        return taken_in;
      }
      source.blocked->Set(1);
      log::Error("event cannot be taken in", {{"publisher", publisher},
                                              {"type", event->type()},
                                              {"event", event->event_id()},
                                              {"position", absl::StrCat(event->position())},
                                              {"store", event->store_id()},
                                              {"code", absl::StatusCodeToString(alone.code())},
                                              {"why", ReasonOf(alone)}});
      return alone;
    }
    source.blocked->Set(0);
    source.taken_in->Increment();
    stored = event->position();
    Reached(source, stored, page.position());
    ++taken_in;
  }
  return taken_in;
}

void IntakeRunner::Reached(Source& source, int64_t position, int64_t heard) {
  source.seen = position;
  source.position->Set(static_cast<double>(position));
  source.behind->Set(static_cast<double>(std::max<int64_t>(0, heard - position)));
}

absl::StatusOr<int64_t> IntakeRunner::StoredPosition(const std::string& publisher) {
  int64_t position = 0;
  RETURN_IF_ERROR(host_.pool().Read(host_.clock().Now() + kCallDeadline, [&](sql::Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(sql::Rows rows, session.Query("SELECT position FROM intake WHERE publisher = ?", publisher));
    if (!rows.empty()) {
      position = rows[0].Int("position");
      return absl::OkStatus();
    }
    position = 0;
    absl::Status made = session.Execute("INSERT INTO intake (publisher, position) VALUES (?, 0)", publisher).status();
    return absl::IsAlreadyExists(made) ? absl::OkStatus() : made;
  }));
  return position;
}

absl::StatusOr<v1::ReadEventsResponse> IntakeRunner::ReadPage(const std::string& publisher, const Source& source,
                                                              int64_t after, absl::Duration wait) {
  v1::ReadEventsResponse page;
  if (publisher == host_.package()) {  // its own facts, taken in like anybody's
    const ChangeFeed::Filter filter{.store_id = "", .types = source.types};
    ASSIGN_OR_RETURN(ChangeFeed::Page read,
                     host_.feed().ReadOrWait(filter, after, kPageSize, wait, [] { return false; }));
    for (Event& event : read.events) *page.add_events() = std::move(event);
    page.set_position(read.position);
    return page;
  }
  v1::ReadEventsRequest request;
  request.set_after_position(after);
  for (const std::string& type : source.types) request.add_types(type);
  request.set_page_size(kPageSize);
  request.set_wait_ms(static_cast<int32_t>(absl::ToInt64Milliseconds(wait)));
  const PeerCallContext context{.deadline = host_.clock().Now() + wait + kCallDeadline,
                                .on_behalf_of = "",
                                .language = "zh-CN",
                                .trace_parent = ""};
  RETURN_IF_ERROR(host_.peers().CallNamed(context, absl::StrCat(publisher, ".EventService/ReadEvents"), request, page));
  return page;
}

absl::Status IntakeRunner::Apply(const std::string& publisher, const Source& source,
                                 const std::vector<const Event*>& events, int64_t from, int64_t to) {
  std::vector<Host::Share> shares;
  for (const Event* event : events) {
    const auto handlers = source.handlers.find(PayloadType(*event));
    if (handlers == source.handlers.end()) continue;  // a type of the same short name from another package
    const Command command{.store_id = event->store_id(),
                          .actor = host_.Self(event->actor()),
                          .method = absl::StrCat("intake/", event->type()),
                          .request_id = "",
                          .request_digest = ""};
    shares.push_back({command, [event, &handlers = handlers->second](UnitOfWork& work) -> absl::Status {
                        for (const EventIntake::Handler* handler : handlers) RETURN_IF_ERROR((*handler)(work, *event));
                        return absl::OkStatus();
                      }});
  }
  // First of all, so that a second replica waits here and then finds the position moved.
  const auto move = [&](sql::Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(
        int64_t moved,
        session.Execute("UPDATE intake SET position = ? WHERE publisher = ? AND position = ?", to, publisher, from));
    return moved == 1 ? absl::OkStatus() : MovedMeanwhile();
  };
  return host_.CommitTogether(host_.clock().Now() + kTransactionDeadline, move, shares);
}

}  // namespace chassis
