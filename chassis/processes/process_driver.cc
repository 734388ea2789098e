// How a process goes forward, back and to its end.
#include "chassis/processes/process_driver.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "chassis/audit/command_log.h"
#include "chassis/host/kept_status.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"
#include "chassis/telemetry/log.h"

namespace chassis {
namespace {

namespace v1 = aftersales::common::v1;

constexpr absl::Duration kRetryPauseMin = absl::Seconds(1);
constexpr absl::Duration kRetryPauseMax = absl::Seconds(60);
constexpr absl::Duration kStatementDeadline = absl::Seconds(10);
constexpr int64_t kDrivenPerTurnMax = 20;
constexpr size_t kBegunMax = 1000;

bool TryAgain(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kCancelled:
      return true;
    default:
      return false;
  }
}

absl::Status UnderWay(std::string_view kind) {
  return Refuse(v1::ERROR_REASON_UNAVAILABLE).With("what", std::string(kind)).RetryAfterMs(1000);
}

std::string RandomHolder() {
  SystemClock clock;
  return RandomIds(clock).NewId();
}

}  // namespace

std::string ProcessContext::StepRequestId(std::string_view suffix) const {
  return DerivedId(process_id, absl::StrCat(step, "/", std::string(suffix)));
}

struct ProcessDriver::State {
  std::string store_id;
  std::string process_id;
  std::string kind;
  std::string subject_id;
  std::string data;
  std::string state;
  int64_t step = 0;
  std::optional<absl::Status> refusal;
  int64_t attempts = 0;
  std::string on_behalf_of;
  std::string command_id;  // empty: it answers none
  absl::Time lease_until;
  std::string answer;

  bool Ended() const { return state == "FINISHED" || state == "UNDONE"; }
};

ProcessDriver::ProcessDriver() : holder_(RandomHolder()) {}

void ProcessDriver::Define(ProcessDefinition definition) {
  std::string kind = definition.kind;
  definitions_[std::move(kind)] = std::move(definition);
}

absl::Status ProcessDriver::Drive(const std::string& store_id, const std::string& process_id, absl::Time deadline,
                                  const PeerCallContext& context, std::string* answer) {
  if (answer != nullptr) answer->clear();
  {
    std::lock_guard lock(mutex_);
    if (!driven_.insert(process_id).second) return UnderWay("process");
  }
  absl::Cleanup release = [&] {
    std::lock_guard lock(mutex_);
    driven_.erase(process_id);
  };
  std::optional<State> state = TakeBegun(process_id);
  if (!state.has_value()) {
    absl::StatusOr<std::optional<State>> taken = Take(store_id, process_id, deadline);
    if (absl::IsNotFound(taken.status())) return taken.status();
    // A caller must not take our own trouble for the refusal of a step.
    if (!taken.ok() || !taken->has_value()) return UnderWay("process");
    state = **std::move(taken);
  }
  if (state->Ended()) return AnswerOf(*state, deadline, answer);
  absl::Status end = Advance(*state, deadline, context);
  if (answer != nullptr) *answer = std::move(state->answer);
  return end;
}

void ProcessDriver::Begun(BegunProcess begun) {
  const absl::Time now = host_->clock().Now();
  std::lock_guard lock(mutex_);
  // What nobody came for goes the worker's way.
  if (begun_.size() >= kBegunMax) std::erase_if(begun_, [&](const auto& one) { return one.second.lease_until <= now; });
  if (begun_.size() >= kBegunMax) return;
  std::string process_id = begun.process_id;
  begun_.insert_or_assign(std::move(process_id), std::move(begun));
}

std::optional<ProcessDriver::State> ProcessDriver::TakeBegun(const std::string& process_id) {
  BegunProcess begun;
  {
    std::lock_guard lock(mutex_);
    const auto found = begun_.find(process_id);
    if (found == begun_.end()) return std::nullopt;
    begun = std::move(found->second);
    begun_.erase(found);
  }
  // Too late: somebody else may have it by now, so its row decides.
  if (host_->clock().Now() + kProcessStepMax > begun.lease_until) return std::nullopt;
  State state;
  state.store_id = std::move(begun.store_id);
  state.process_id = std::move(begun.process_id);
  state.kind = std::move(begun.kind);
  state.subject_id = std::move(begun.subject_id);
  state.data = std::move(begun.data);
  state.state = "RUNNING";
  state.on_behalf_of = std::move(begun.on_behalf_of);
  state.command_id = std::move(begun.command_id);
  state.lease_until = begun.lease_until;
  return state;
}

absl::Status ProcessDriver::AnswerOf(const State& state, absl::Time deadline, std::string* answer) {
  if (state.command_id.empty()) return state.refusal.value_or(absl::OkStatus());
  std::optional<std::string> sealed;
  absl::Status read = host_->pool().Read(deadline, [&](sql::Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(sealed, CommandLog::SealedReplyOf(session, state.store_id, state.command_id));
    return absl::OkStatus();
  });
  if (!read.ok()) return UnderWay(state.kind);
  if (!sealed.has_value()) return state.refusal.value_or(absl::OkStatus());
  ASSIGN_OR_RETURN(std::string opened, CommandLog::Opened(host_->cipher(), *sealed));
  if (answer != nullptr) *answer = std::move(opened);
  return absl::OkStatus();
}

absl::StatusOr<std::optional<ProcessDriver::State>> ProcessDriver::Take(const std::string& store_id,
                                                                        const std::string& process_id,
                                                                        absl::Time deadline) {
  std::optional<State> taken;
  RETURN_IF_ERROR(host_->pool().Read(deadline, [&](sql::Session& session) -> absl::Status {
    taken.reset();
    const absl::Time now = host_->clock().Now();
    const auto load = [&] {
      return session.Query(
          "SELECT kind, subject_id, data, state, step, refusal, attempts, on_behalf_of, lease_holder, lease_until, "
          "command_id FROM process WHERE store_id = ? AND process_id = ?",
          sql::Uuid{store_id}, sql::Uuid{process_id});
    };
    ASSIGN_OR_RETURN(sql::Rows rows, load());
    if (rows.empty()) return NotFound("process", process_id);
    State state;
    state.store_id = store_id;
    state.process_id = process_id;
    state.state = rows[0].Text("state");
    const bool ours = rows[0].Id("lease_holder") == holder_ && rows[0].Time("lease_until") > now;
    if (!state.Ended() && !ours) {
      if (rows[0].Time("lease_until") > now) return absl::OkStatus();
      ASSIGN_OR_RETURN(int64_t won,
                       session.Execute("UPDATE process SET lease_holder = ?, lease_until = ?, next_time = ? WHERE "
                                       "store_id = ? AND process_id = ? AND state IN ('RUNNING', 'COMPENSATING') AND "
                                       "(lease_until IS NULL OR lease_until <= ?)",
                                       sql::Uuid{holder_}, now + kProcessLease, now + kProcessLease,
                                       sql::Uuid{store_id}, sql::Uuid{process_id}, now));
      if (won == 0) return absl::OkStatus();
      // It may have gone on between the look and the lease.
      ASSIGN_OR_RETURN(rows, load());
      if (rows.empty()) return NotFound("process", process_id);
    }
    const sql::Row row = rows[0];
    state.state = row.Text("state");
    state.kind = row.Text("kind");
    state.subject_id = row.Id("subject_id");
    state.step = row.Int("step");
    state.attempts = row.Int("attempts");
    state.on_behalf_of = row.Text("on_behalf_of");
    if (!row.IsNull("command_id")) state.command_id = row.Id("command_id");
    if (!row.IsNull("lease_until")) state.lease_until = row.Time("lease_until");
    ASSIGN_OR_RETURN(state.data, host_->cipher().Open(row.Text("data"), "process.data"));
    if (!row.IsNull("refusal")) {
      ASSIGN_OR_RETURN(const std::string bytes, host_->cipher().Open(row.Text("refusal"), "process.refusal"));
      state.refusal = StatusFrom(bytes);
    }
    taken = std::move(state);
    return absl::OkStatus();
  }));
  return taken;
}

ProcessContext ProcessDriver::ContextOf(const State& state, std::string step, absl::Time deadline,
                                        const PeerCallContext& context) const {
  PeerCallContext peer = context;
  peer.deadline = std::min(deadline, host_->clock().Now() + kProcessStepMax);
  peer.on_behalf_of = state.on_behalf_of;
  return {.host = *host_,
          .process_id = state.process_id,
          .store_id = state.store_id,
          .subject_id = state.subject_id,
          .data = state.data,
          .on_behalf_of = state.on_behalf_of,
          .step = std::move(step),
          .peer = std::move(peer)};
}

absl::Status ProcessDriver::Advance(State& state, absl::Time deadline, const PeerCallContext& context) {
  const auto found = definitions_.find(state.kind);
  if (found == definitions_.end()) return Postpone(state, absl::InternalError("no definition of this kind of process"));
  const ProcessDefinition& definition = found->second;
  const auto steps = static_cast<int64_t>(definition.steps.size());

  while (state.state == "RUNNING" && state.step < steps) {
    if (host_->clock().Now() >= deadline) return Postpone(state, absl::DeadlineExceededError("no time left"));
    RETURN_IF_ERROR(RenewLease(state));
    const ProcessStep& step = definition.steps[state.step];
    ProcessContext at = ContextOf(state, step.name, deadline, context);
    absl::Status answer = step.run(at);
    if (answer.ok()) {
      state.attempts = 0;
      ++state.step;
      continue;
    }
    if (TryAgain(answer)) return Postpone(state, answer);
    state.state = "COMPENSATING";
    state.refusal = std::move(answer);
    state.attempts = 0;
    // From here on there is no way forward: kept before anything is undone.
    if (state.step > 0) RETURN_IF_ERROR(Keep(state));
  }
  if (state.state == "RUNNING") return End(state, definition, Ending::kFinished);

  while (state.step > 0) {
    if (host_->clock().Now() >= deadline) return Postpone(state, absl::DeadlineExceededError("no time left"));
    RETURN_IF_ERROR(RenewLease(state));
    const ProcessStep& step = definition.steps[state.step - 1];
    if (step.compensate) {
      ProcessContext at = ContextOf(state, absl::StrCat("undo ", step.name), deadline, context);
      absl::Status answer = step.compensate(at);
      // What was done must be undone: no answer ends the trying.
      if (!answer.ok()) return Postpone(state, answer);
    }
    state.attempts = 0;
    --state.step;
  }
  return End(state, definition, Ending::kUndone);
}

sql::Value ProcessDriver::SealedRefusal(const State& state) const {
  if (!state.refusal.has_value()) return sql::Null{};
  return sql::Bytes{host_->cipher().Seal(StatusBytes(*state.refusal), "process.refusal")};
}

absl::Status ProcessDriver::RenewLease(State& state) {
  return host_->clock().Now() + kProcessStepMax < state.lease_until ? absl::OkStatus() : Keep(state);
}

absl::Status ProcessDriver::Keep(State& state) {
  const absl::Time now = host_->clock().Now();
  int64_t kept = 0;
  absl::Status status = host_->pool().Transact(now + kStatementDeadline, [&](sql::Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(kept, session.Execute("UPDATE process SET state = ?, step = ?, refusal = ?, attempts = ?, "
                                           "next_time = ?, lease_until = ?, update_time = ? WHERE store_id = ? AND "
                                           "process_id = ? AND lease_holder = ? AND state IN ('RUNNING', "
                                           "'COMPENSATING')",
                                           state.state, state.step, SealedRefusal(state), state.attempts,
                                           now + kProcessLease, now + kProcessLease, now, sql::Uuid{state.store_id},
                                           sql::Uuid{state.process_id}, sql::Uuid{holder_}));
    return absl::OkStatus();
  });
  if (!status.ok() || kept != 1) return UnderWay(state.kind);
  state.lease_until = now + kProcessLease;
  return absl::OkStatus();
}

absl::Status ProcessDriver::End(State& state, const ProcessDefinition& definition, Ending ending) {
  const absl::Status outcome =
      ending == Ending::kFinished ? absl::OkStatus() : state.refusal.value_or(absl::InternalError("undone"));
  const Command command{.store_id = state.store_id,
                        .actor = host_->Self(state.on_behalf_of),
                        .method = absl::StrCat("process/", state.kind),
                        .request_id = "",
                        .request_digest = ""};
  const absl::Time now = host_->clock().Now();
  bool lost = false;
  std::optional<std::string> answer;
  absl::Status committed = host_->CommitTogether(
      now + kStatementDeadline,
      [&](sql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(
            int64_t ended,
            session.Execute("UPDATE process SET state = ?, step = ?, refusal = ?, lease_holder = NULL, "
                            "lease_until = NULL, update_time = ? WHERE store_id = ? AND process_id = ? "
                            "AND lease_holder = ? AND state IN ('RUNNING', 'COMPENSATING')",
                            ending == Ending::kFinished ? "FINISHED" : "UNDONE", state.step, SealedRefusal(state), now,
                            sql::Uuid{state.store_id}, sql::Uuid{state.process_id}, sql::Uuid{holder_}));
        lost = ended == 0;
        return lost ? UnderWay(state.kind) : absl::OkStatus();
      },
      {{command, [&](UnitOfWork& work) -> absl::Status {
          const ProcessContext at = ContextOf(state, "end", now + kStatementDeadline, {});
          if (ending == Ending::kFinished) {
            RETURN_IF_ERROR(definition.finish ? definition.finish(work, at) : absl::OkStatus());
          } else {
            RETURN_IF_ERROR(definition.abandon ? definition.abandon(work, at, outcome) : absl::OkStatus());
          }
          answer = std::move(work.answer_);
          if (state.command_id.empty() || (outcome.ok() && !answer.has_value())) return absl::OkStatus();
          const absl::StatusOr<std::string> reply =
              answer.has_value() ? absl::StatusOr<std::string>(*answer) : absl::StatusOr<std::string>(outcome);
          return CommandLog::AnswerEntry(work.sql(), state.store_id, state.command_id,
                                         CommandLog::Sealed(host_->cipher(), reply));
        }}});
  if (!committed.ok()) return lost ? committed : Postpone(state, committed);
  if (!answer.has_value()) return outcome;
  state.answer = *std::move(answer);
  return absl::OkStatus();
}

absl::Status ProcessDriver::Postpone(const State& state, const absl::Status& why) {
  const absl::Duration pause = std::min(
      kRetryPauseMax, kRetryPauseMin * std::pow(2.0, static_cast<double>(std::min<int64_t>(state.attempts, 10))));
  log::Warning("process waits", {{"process", state.process_id},
                                 {"kind", state.kind},
                                 {"state", state.state},
                                 {"step", absl::StrCat(state.step)},
                                 {"attempts", absl::StrCat(state.attempts + 1)},
                                 {"code", absl::StatusCodeToString(why.code())}});
  const absl::Time now = host_->clock().Now();
  // How far it is goes with it: a step that succeeded need not run again when a later one waits for days.
  absl::Status kept = host_->pool().Transact(now + kStatementDeadline, [&](sql::Session& session) {
    return session
        .Execute(
            "UPDATE process SET state = ?, step = ?, refusal = ?, attempts = attempts + 1, next_time = ?, lease_holder "
            "= NULL, lease_until = NULL, update_time = ? WHERE store_id = ? AND process_id = ? AND lease_holder = ? "
            "AND state IN ('RUNNING', 'COMPENSATING')",
            state.state, state.step, SealedRefusal(state), now + pause, now, sql::Uuid{state.store_id},
            sql::Uuid{state.process_id}, sql::Uuid{holder_})
        .status();
  });
  // When even this fails the lease runs out and the worker comes by itself.
  if (!kept.ok()) log::Warning("process keeps its lease until it runs out", {{"process", state.process_id}});
  return UnderWay(state.kind);
}

absl::StatusOr<int64_t> ProcessDriver::TurnOnce() {
  const absl::Time now = host_->clock().Now();
  std::vector<std::pair<std::string, std::string>> due;
  RETURN_IF_ERROR(host_->pool().Read(now + kStatementDeadline, [&](sql::Session& session) -> absl::Status {
    due.clear();
    ASSIGN_OR_RETURN(sql::Rows rows,
                     session.Query("SELECT store_id, process_id FROM process WHERE state IN ('RUNNING', "
                                   "'COMPENSATING') AND next_time <= ? ORDER BY next_time LIMIT ?",
                                   now, kDrivenPerTurnMax));
    for (size_t i = 0; i < rows.size(); ++i) due.emplace_back(rows[i].Id("store_id"), rows[i].Id("process_id"));
    return absl::OkStatus();
  }));
  for (const auto& [store_id, process_id] : due) {
    const PeerCallContext context{
        .deadline = absl::InfiniteFuture(), .on_behalf_of = "", .language = "zh-CN", .trace_parent = ""};
    // Its outcome stands in its row; what went wrong was logged there.
    (void)Drive(store_id, process_id, host_->clock().Now() + kProcessStepMax * 3, context);
  }
  return static_cast<int64_t>(due.size());
}

absl::Status ProcessDriver::Measure() {
  struct Count {
    int64_t running = 0;
    int64_t compensating = 0;
    double age_seconds = 0;
  };
  std::map<std::string, Count> counts;
  const absl::Time now = host_->clock().Now();
  RETURN_IF_ERROR(host_->pool().Read(now + kStatementDeadline, [&](sql::Session& session) -> absl::Status {
    counts.clear();
    for (const auto& [kind, definition] : definitions_) counts[kind];
    ASSIGN_OR_RETURN(sql::Rows rows,
                     session.Query("SELECT kind, state, COUNT(*) AS processes, MIN(create_time) AS oldest FROM process "
                                   "WHERE state IN ('RUNNING', 'COMPENSATING') GROUP BY kind, state"));
    for (size_t i = 0; i < rows.size(); ++i) {
      Count& count = counts[rows[i].Text("kind")];
      (rows[i].Text("state") == "RUNNING" ? count.running : count.compensating) = rows[i].Int("processes");
      count.age_seconds = std::max(count.age_seconds, absl::ToDoubleSeconds(now - rows[i].Time("oldest")));
    }
    return absl::OkStatus();
  }));
  std::lock_guard lock(mutex_);
  for (const auto& [kind, count] : counts) {
    Gauges& gauges = gauges_[kind];
    if (gauges.running == nullptr) {
      const auto in_state = [&, &kind = kind](const char* state) {
        return &host_->metrics().Gauge("saga_running", "Commands across services under way, by state.",
                                       {{"kind", kind}, {"state", state}});
      };
      gauges.running = in_state("running");
      gauges.compensating = in_state("compensating");
      gauges.oldest_age = &host_->metrics().Gauge(
          "saga_oldest_age_seconds", "Age of the oldest command across services under way.", {{"kind", kind}});
    }
    gauges.running->Set(static_cast<double>(count.running));
    gauges.compensating->Set(static_cast<double>(count.compensating));
    gauges.oldest_age->Set(count.age_seconds);
  }
  return absl::OkStatus();
}

}  // namespace chassis
