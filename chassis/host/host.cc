// Commits commands: the body, then everything it collected, in one transaction; repeats of a request id get the
// first answer.
#include "chassis/host/host.h"

#include "chassis/audit/command_log.h"
#include "chassis/duties/duty_board.h"
#include "chassis/events/change_feed.h"
#include "chassis/host/unmasked_reads.h"

namespace chassis {
namespace {

namespace v1 = aftersales::common::v1;

constexpr absl::Duration kBackgroundDeadline = absl::Seconds(30);
// How long a repeat waits for a process that is under way elsewhere, looking at its row now and again.
constexpr absl::Duration kTwinPatienceMax = absl::Seconds(3);
constexpr absl::Duration kTwinPauseMin = absl::Milliseconds(20);
constexpr absl::Duration kTwinPauseMax = absl::Milliseconds(400);

// After these the request id may tell that the command did happen; after an overload asking again only adds to it.
bool MayHaveHappened(const absl::Status& status) { return !absl::IsResourceExhausted(status); }

// What the log holds for this request id: nothing, the answer given, or that the id was used for something else.
using Known = std::optional<absl::StatusOr<std::string>>;

absl::StatusOr<Known> Find(Host& host, const Command& command, absl::Time deadline, bool& under_way) {
  std::optional<CommandLog::Known> known;
  RETURN_IF_ERROR(host.pool().Read(deadline, [&](sql::Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(known, CommandLog::Find(session, command));
    return absl::OkStatus();
  }));
  if (!known.has_value()) return Known();
  if (known->request_digest != command.request_digest) {
    return Known(absl::Status(Refuse(v1::ERROR_REASON_REQUEST_ID_REUSED)
                                  .At("request_id", "已用于内容不同的请求", "was used before with other content")));
  }
  if (!known->sealed_reply.has_value()) {
    return Known(absl::Status(Refuse(v1::ERROR_REASON_REQUEST_ID_REUSED)
                                  .At("request_id", "早已执行，其答复已过保存期",
                                      "was carried out too long ago: its answer is no longer kept")));
  }
  under_way = known->under_way;
  return Known(CommandLog::Opened(host.cipher(), *known->sealed_reply));
}

// The same, and waits for the end of a process that will answer the command: what was kept so far is no answer.
absl::StatusOr<Known> FindEnded(Host& host, const Command& command, absl::Time deadline) {
  const absl::Duration patience = std::min(kTwinPatienceMax, (deadline - host.clock().Now()) / 2);
  absl::Duration waited, pause = kTwinPauseMin;
  while (true) {
    bool under_way = false;
    ASSIGN_OR_RETURN(Known known, Find(host, command, deadline, under_way));
    if (!under_way) return known;
    if (waited >= patience) {
      return Known(absl::Status(Refuse(v1::ERROR_REASON_UNAVAILABLE)
                                    .With("what", "the end of this command")
                                    .With("what_zh", "该操作的结果")
                                    .RetryAfterMs(1000)));
    }
    host.sleeper().Sleep(pause);
    waited += pause;
    pause = std::min(pause * 2, kTwinPauseMax);
  }
}

}  // namespace

Host::Host(Parts parts)
    : parts_(std::move(parts)),
      duties_(std::make_unique<DutyBoard>(*parts_.cipher, *parts_.metrics)),
      unmasked_reads_(std::make_unique<UnmaskedReads>()) {}
Host::~Host() = default;

Actor Host::Self(std::string on_behalf_of) const {
  return {.subject = "service:" + parts_.service_name, .on_behalf_of = std::move(on_behalf_of), .client = ""};
}

absl::StatusOr<std::string> Host::Commit(const Command& command, absl::Time deadline,
                                         const std::function<absl::StatusOr<std::string>(UnitOfWork&)>& body,
                                         bool* repeated) {
  std::string reply;
  bool request_known = false;
  std::vector<std::unique_ptr<UnitOfWork>> works;
  absl::Status status = pool().Transact(deadline, [&](sql::Session& session) -> absl::Status {
    works.clear();
    works.push_back(std::make_unique<UnitOfWork>(*this, session, command.actor, command.store_id));
    ASSIGN_OR_RETURN(reply, body(*works.back()));
    return CommandLog::Write(
        *this, session, {{&command, works.back().get(), command.request_id.empty() ? nullptr : &reply}}, request_known);
  });
  if (status.ok()) {
    Announce(works);
    return reply;
  }
  if (command.request_id.empty() || !MayHaveHappened(status)) return status;
  // A repeat often fails because the first one succeeded: the order is signed already, the key is taken.
  absl::StatusOr<Known> known = FindEnded(*this, command, deadline);
  if (!known.ok()) return request_known ? known.status() : status;
  if (!known->has_value()) return status;
  if (repeated != nullptr) *repeated = true;
  return **known;
}

absl::Status Host::CommitInBackground(const std::string& store_id, std::string_view method,
                                      const std::function<absl::Status(UnitOfWork&)>& body) {
  const Command command{
      .store_id = store_id, .actor = Self(), .method = std::string(method), .request_id = "", .request_digest = ""};
  return CommitTogether(clock().Now() + kBackgroundDeadline, nullptr, {{command, body}});
}

absl::Status Host::CommitTogether(absl::Time deadline, const std::function<absl::Status(sql::Session&)>& first,
                                  const std::vector<Share>& shares) {
  std::vector<std::unique_ptr<UnitOfWork>> works;
  bool request_known = false;
  RETURN_IF_ERROR(pool().Transact(deadline, [&](sql::Session& session) -> absl::Status {
    works.clear();
    std::vector<CommandLog::Entry> entries;
    if (first) RETURN_IF_ERROR(first(session));
    for (const Share& share : shares) {
      works.push_back(std::make_unique<UnitOfWork>(*this, session, share.command.actor, share.command.store_id));
      RETURN_IF_ERROR(share.body(*works.back()));
      entries.push_back({&share.command, works.back().get(), nullptr});
    }
    return CommandLog::Write(*this, session, entries, request_known);
  }));
  Announce(works);
  return absl::OkStatus();
}

void Host::Announce(const std::vector<std::unique_ptr<UnitOfWork>>& works) {
  bool events = false;
  for (const auto& work : works) {
    events = events || !work->events_.empty();
    for (const UnitOfWork::DoneDuty& done : work->done_duties_) duties().CountDone(done.kind, done.in_time);
    const Actor& actor = work->actor_;
    for (UnitOfWork::CollectedProcess& begun : work->processes_) {
      processes().Begun({.store_id = work->store_id_,
                         .process_id = std::move(begun.process_id),
                         .kind = std::move(begun.kind),
                         .subject_id = std::move(begun.subject_id),
                         .data = std::move(begun.data),
                         .on_behalf_of = actor.on_behalf_of.empty() ? actor.subject : actor.on_behalf_of,
                         .command_id = std::move(begun.command_id),
                         .lease_until = begun.lease_until});
    }
  }
  if (events) feed().NoticeCommit();
}

absl::StatusOr<std::optional<std::string>> Host::StoredReply(const Command& command, absl::Time deadline) {
  ASSIGN_OR_RETURN(const Known known, FindEnded(*this, command, deadline));
  if (!known.has_value()) return std::nullopt;
  ASSIGN_OR_RETURN(std::string reply, *known);
  return reply;
}

absl::Status Host::ReplaceReply(const Command& command, const std::string& reply, absl::Time deadline) {
  if (command.request_id.empty()) return absl::OkStatus();
  const std::string sealed = CommandLog::Sealed(cipher(), reply);
  return pool().Transact(
      deadline, [&](sql::Session& session) { return CommandLog::ReplaceReply(session, command, sealed).status(); });
}

absl::Status Host::RecordUnmaskedRead(const std::string& subject, const std::string& store_id, std::string_view method,
                                      const std::string& client) {
  const Command command{.store_id = store_id,
                        .actor = {.subject = subject, .on_behalf_of = "", .client = client},
                        .method = std::string(method),
                        .request_id = "",
                        .request_digest = ""};
  return unmasked_reads_->Record(*this, command);
}

}  // namespace chassis
