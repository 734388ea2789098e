// One call as a handler sees it: who calls, for which store, until when, and the ways to read, to commit and to ask
// a peer. By the time a handler runs, the caller is known and allowed, and the request is valid.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chassis/host/host.h"
#include "chassis/host/unit_of_work.h"
#include "chassis/identity/identity.h"
#include "chassis/sql/session.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"

namespace chassis {

class Call {
 public:
  Call(Host& host, const identity::Identity& identity, Command command, absl::Time deadline, std::string language,
       std::string trace_parent)
      : host_(host),
        identity_(identity),
        command_(std::move(command)),
        deadline_(deadline),
        language_(std::move(language)),
        trace_parent_(std::move(trace_parent)) {}

  Host& host() { return host_; }
  const identity::Identity& identity() const { return identity_; }
  bool CallerIs(aftersales::options::v1::Role role) const { return identity_.Has(role); }
  const std::string& store_id() const { return command_.store_id; }
  const Actor& actor() const { return command_.actor; }
  absl::Time deadline() const { return deadline_; }
  absl::Time Now() const { return host_.clock().Now(); }
  const std::string& language() const { return language_; }
  std::string NewId() { return host_.ids().NewId(); }

  // The store with every setting filled.
  absl::StatusOr<aftersales::common::v1::Store> Store() { return host_.stores().Get(store_id(), deadline_); }
  // A document number; before Transact.
  absl::StatusOr<std::string> NextNumber(std::string_view kind) {
    return host_.numbers().Next(store_id(), kind, deadline_);
  }

  // A query: `body` gets a connection outside a transaction and returns StatusOr<T>.
  template <typename Body>
  auto Read(Body&& body) -> decltype(body(std::declval<sql::Session&>())) {
    using Result = decltype(body(std::declval<sql::Session&>()));
    Result result = absl::InternalError("the read never ran");
    absl::Status status = host_.pool().Read(deadline_, [&](sql::Session& session) {
      result = body(session);
      return result.ok() ? absl::OkStatus() : AsStatus(result);
    });
    if (!status.ok()) return status;
    return result;
  }

  // The command: `body` gets the unit of work and returns StatusOr<Response>; the response is kept for repeats of
  // the same request_id. May run more than once; no peers inside. At most one Transact per call keeps the reply:
  // later ones (TransactAgain) are for what follows a process.
  template <typename Response, typename Body>
  absl::StatusOr<Response> Transact(Body&& body) {
    absl::StatusOr<std::string> reply = TransactBytes([&](UnitOfWork& work) -> absl::StatusOr<std::string> {
      absl::StatusOr<Response> response = body(work);
      if (!response.ok()) return std::move(response).status();
      return response->SerializeAsString();
    });
    if (!reply.ok()) return std::move(reply).status();
    Response response;
    if (!response.ParseFromString(*reply)) return absl::InternalError("stored reply does not parse");
    return response;
  }

  // The untyped half of Transact, for the standard methods: `body` returns the serialized response.
  absl::StatusOr<std::string> TransactBytes(const std::function<absl::StatusOr<std::string>(UnitOfWork&)>& body) {
    bool repeated = false;
    absl::StatusOr<std::string> reply = host_.Commit(command_, deadline_, body, &repeated);
    if (repeated) return Repeats(std::move(reply));
    committed_ = committed_ || reply.ok();
    return reply;
  }
  // A part of a long command that stands whatever becomes of the rest: what an upload has taken in so far. Keeps no
  // reply, so `body` itself must bear being run again when the command is repeated.
  absl::Status TransactPart(const std::function<absl::Status(UnitOfWork&)>& body) {
    Command part = command_;
    part.request_id.clear();
    part.request_digest.clear();
    return host_
        .Commit(part, deadline_,
                [&](UnitOfWork& work) -> absl::StatusOr<std::string> {
                  absl::Status status = body(work);
                  if (!status.ok()) return status;
                  return std::string();
                })
        .status();
  }
  // Whether this call changed something: then its answer stands, whatever the log holds for repeats.
  bool Committed() const { return committed_; }
  // Set when this call turned out to repeat an earlier command: the pipeline gives the first answer, whatever the
  // handler made of the error that stopped it.
  const std::optional<absl::StatusOr<std::string>>& first_answer() const { return first_answer_; }
  // What the caller is told once the handler has returned `status`: that, or the first answer to a repeat.
  absl::Status Told(absl::Status status, google::protobuf::Message& response) const {
    if (!first_answer_.has_value()) return status;
    if (!first_answer_->ok()) return first_answer_->status();
    return response.ParseFromString(**first_answer_) ? absl::OkStatus()
                                                     : absl::InternalError("stored reply does not parse");
  }

  // Drives a process this call started (its id came out of Transact) and returns its end: OK, the refusal that
  // undid it, or UNAVAILABLE while it is still under way. Its end is the answer to repeats, too.
  absl::Status Drive(const std::string& process_id) {
    return host_.processes().Drive(store_id(), process_id, deadline_, PeerContext());
  }
  // The same, and what its end gave to UnitOfWork::Answer.
  template <typename Response>
  absl::StatusOr<Response> DriveToAnswer(const std::string& process_id) {
    std::string answer;
    absl::Status end = host_.processes().Drive(store_id(), process_id, deadline_, PeerContext(), &answer);
    if (!end.ok()) return end;
    Response response;
    if (answer.empty() || !response.ParseFromString(answer)) return absl::InternalError("the process gave no answer");
    return response;
  }
  // For processes that go on behind the caller's back: keeps `response` as the answer to repeats, in place of what
  // Transact stored.
  template <typename Response>
  absl::Status Conclude(const Response& response) {
    return host_.ReplaceReply(command_, response.SerializeAsString(), deadline_);
  }

  // Asks another service. Never inside Read or Transact.
  template <typename Response, typename Request>
  absl::StatusOr<Response> Ask(const Request& request) {
    // A peer's command is an effect outside our transaction: a repeat must be known before it.
    static const bool is_command = Request::descriptor()->FindFieldByName("request_id") != nullptr;
    if (is_command) {
      absl::Status first_time = CheckFirstTime();
      if (!first_time.ok()) return first_time;
    }
    return host_.peers().Call<Response>(PeerContext(), request);
  }
  // A request id for a peer's command that is stable when this call is repeated.
  std::string DerivedRequestId(std::string_view purpose) const { return DerivedId(command_.request_id, purpose); }
  PeerCallContext PeerContext() const {
    return {deadline_, actor().on_behalf_of.empty() ? actor().subject : actor().on_behalf_of, language_, trace_parent_};
  }

 private:
  static const absl::Status& AsStatus(const absl::Status& status) { return status; }
  template <typename T>
  static const absl::Status& AsStatus(const absl::StatusOr<T>& result) {
    return result.status();
  }

  // Stops the handler: the error itself reaches nobody.
  absl::Status Repeats(absl::StatusOr<std::string> first_answer) {
    first_answer_ = std::move(first_answer);
    return absl::AbortedError("repeats a command that was answered");
  }
  absl::Status CheckFirstTime() {
    if (first_answer_.has_value()) return absl::AbortedError("repeats a command that was answered");
    if (committed_ || known_to_be_first_ || command_.request_id.empty()) return absl::OkStatus();
    absl::StatusOr<std::optional<std::string>> stored = host_.StoredReply(command_, deadline_);
    if (!stored.ok()) return Repeats(stored.status());
    if (stored->has_value()) return Repeats(**std::move(stored));
    known_to_be_first_ = true;
    return absl::OkStatus();
  }

  Host& host_;
  const identity::Identity& identity_;
  Command command_;
  absl::Time deadline_;
  std::string language_;
  std::string trace_parent_;
  bool committed_ = false;
  bool known_to_be_first_ = false;
  std::optional<absl::StatusOr<std::string>> first_answer_;
};

// The messages of a client stream. The first one stood for the whole call when caller, store and request were checked
// (it carries store_id and request_id); the further ones may leave these two out.
template <typename Request>
class Reader {
 public:
  // Fills the next message; false at the end.
  using Next = std::function<absl::StatusOr<bool>(google::protobuf::Message&)>;
  Reader(const Request& first, const Next& next) : first_(first), next_(next) {}
  const Request& first() const { return first_; }
  // The next message, valid like any request; false when the client has said that it is done. A client that went away,
  // fell silent or sent something wrong, and a service that stops, end the call with the status this returns.
  absl::StatusOr<bool> Read(Request& request) { return next_(request); }

 private:
  const Request& first_;
  const Next& next_;
};

// Server-streaming answers. Write returns false when the client is gone or too slow: stop then.
template <typename Response>
class Writer {
 public:
  explicit Writer(std::function<bool(const google::protobuf::Message&)> write, std::function<bool()> cancelled)
      : write_(std::move(write)), cancelled_(std::move(cancelled)) {}
  bool Write(const Response& response) { return write_(response); }
  bool Cancelled() const { return cancelled_(); }

 private:
  std::function<bool(const google::protobuf::Message&)> write_;
  std::function<bool()> cancelled_;
};

}  // namespace chassis
