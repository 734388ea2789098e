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

// After these the request id may tell that the command did happen; after an overload asking again only adds to it.
bool MayHaveHappened(const absl::Status& status) { return !absl::IsResourceExhausted(status); }

// What the log holds for this request id: nothing, the answer given, or that the id was used for something else.
using Known = std::optional<absl::StatusOr<std::string>>;

absl::StatusOr<Known> Find(Host& host, const Command& command, absl::Time deadline) {
  std::optional<CommandLog::Known> known;
  RETURN_IF_ERROR(host.pool().Read(deadline, [&](sql::Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(known, CommandLog::Find(session, command));
    return absl::OkStatus();
  }));
  if (!known.has_value()) return Known();
  if (known->request_digest != command.request_digest || !known->sealed_reply.has_value()) {
    return Known(absl::Status(Refuse(v1::ERROR_REASON_REQUEST_ID_REUSED)
                                  .At("request_id", "已用于内容不同的请求", "was used before with other content")));
  }
  return Known(CommandLog::Opened(host.cipher(), *known->sealed_reply));
}

}  // namespace

Host::Host(Parts parts)
    : parts_(std::move(parts)),
      duties_(std::make_unique<DutyBoard>(*parts_.cipher, *parts_.metrics, parts_.service_name)),
      unmasked_reads_(std::make_unique<UnmaskedReads>()) {}
Host::~Host() = default;

Actor Host::Self(std::string on_behalf_of) const {
  return {.subject = "service:" + parts_.service_name, .on_behalf_of = std::move(on_behalf_of), .client = ""};
}

absl::StatusOr<std::string> Host::Commit(const Command& command, absl::Time deadline,
                                         const std::function<absl::StatusOr<std::string>(UnitOfWork&)>& body) {
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
  absl::StatusOr<Known> known = Find(*this, command, deadline);
  if (!known.ok()) return request_known ? known.status() : status;
  return known->has_value() ? **known : status;
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
  }
  if (events) feed().NoticeCommit();
}

absl::StatusOr<std::optional<std::string>> Host::StoredReply(const Command& command, absl::Time deadline) {
  ASSIGN_OR_RETURN(const Known known, Find(*this, command, deadline));
  if (!known.has_value()) return std::nullopt;
  ASSIGN_OR_RETURN(std::string reply, *known);
  return reply;
}

absl::Status Host::ReplaceReply(const Command& command, const std::string& reply, absl::Time deadline) {
  return KeepAnswer(command, reply, deadline);
}

absl::Status Host::KeepRefusal(const Command& command, const absl::Status& refusal, absl::Time deadline) {
  return KeepAnswer(command, refusal, deadline);
}

absl::Status Host::KeepAnswer(const Command& command, const absl::StatusOr<std::string>& answer, absl::Time deadline) {
  if (command.request_id.empty()) return absl::OkStatus();
  const std::string sealed = CommandLog::Sealed(cipher(), answer);
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
