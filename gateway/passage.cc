#include "gateway/passage.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "chassis/client/trace.h"
#include "chassis/server/error_mapping.h"
#include "chassis/status/refusal.h"
#include "chassis/status/text.h"
#include "chassis/telemetry/log.h"
#include "gateway/refusals.h"
#include "gateway/store_of.h"

namespace gateway {
namespace {

bool IsAnswerTooLarge(const grpc::Status& made_by_library) {
  return absl::StrContains(made_by_library.error_message(), "larger than max");
}

}  // namespace

// ---------------------------------------------------------------- admission

void Passage::Note(const Arrival& arrival) {
  arrival_ = arrival;
  method_ = door_.routes->Find(arrival.method);
  door_.metrics->of(method_).Started();
  headers_ = ReadHeaders(*arrival.metadata);
  request_id_ = headers_.request_id.empty() ? door_.ids->NewId() : std::string(headers_.request_id);
  trace_parent_ =
      headers_.trace_parent.empty() ? chassis::TraceContext::ChildOf("").Header() : std::string(headers_.trace_parent);
}

bool Passage::Admit(const Arrival& arrival, grpc::ClientContext& context) {
  Note(arrival);
  if (method_ == nullptr) return Refuse(RefusedFor::kMethodUnknown, MethodUnknown());
  upstream_ = door_.upstreams->At(method_->upstream);
  if (upstream_ == nullptr) return Refuse(RefusedFor::kMethodUnserved, Unavailable(Named(method_->package)));
  if (static_cast<int64_t>(headers_.bytes) > door_.limits.metadata_bytes_max) {
    return Refuse(RefusedFor::kMetadataSize, TooLarge({"metadata", "元数据"}, door_.limits.metadata_bytes_max));
  }
  const auto kind = method_->streams() ? Admission::Kind::kStream : Admission::Kind::kCall;
  if (!AdmitPlace(door_.admission->Enter(kind, method_->upstream, method_->priority, place_))) return false;
  if (!AdmitCaller()) return false;
  if (!AdmitPlace(door_.admission->Join(identity_.subject, place_))) return false;
  if (!AdmitRate(RatedBy::kClient, identity_.subject)) return false;
  if (!AdmitDeadline(context)) return false;
  if (!AdmitCircuit()) return false;
  SetHeaders(context);
  return true;
}

bool Passage::AdmitPlace(Admission::Answer answer) {
  switch (answer) {
    case Admission::Answer::kAdmitted:
      return true;
    case Admission::Answer::kFullInAll:
      return Refuse(RefusedFor::kTotal, Overloaded(kTheGateway));
    case Admission::Answer::kFullForSubject:
      return Refuse(RefusedFor::kSubject, Overloaded({"calls of this caller", "该用户的并发调用"}));
    case Admission::Answer::kFullForUpstream:
      return Refuse(RefusedFor::kUpstream, Overloaded(Named(upstream_->package())));
    case Admission::Answer::kShed:
      door_.metrics->Shed(method_->priority);
      return Refuse(RefusedFor::kShed, Shed());
  }
  return false;
}

bool Passage::AdmitCaller() {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string_view authorization = headers_.authorization;
  if (authorization.empty() && headers_.authorizations == 0 && !arrival_.client_names.empty() &&
      door_.machine_clients != nullptr) {
    return AdmitMachine();
  }
  if (authorization.empty()) {
    return Refuse(RefusedFor::kIdentity,
                  Unauthenticated("没有令牌（authorization: Bearer ...）", "no token (authorization: Bearer ...)"));
  }
  if (headers_.authorizations > 1) {
    return Refuse(RefusedFor::kIdentity, Unauthenticated("authorization 不止一个", "more than one authorization"));
  }
  if (!absl::StartsWithIgnoreCase(chassis::Absl(authorization), chassis::Absl(kScheme))) {
    return Refuse(RefusedFor::kIdentity,
                  Unauthenticated("authorization 不是 Bearer 令牌", "the authorization is no bearer token"));
  }
  const std::string_view token =
      chassis::Std(absl::StripAsciiWhitespace(chassis::Absl(authorization.substr(kScheme.size()))));
  absl::StatusOr<chassis::identity::Identity> identity = door_.verifier->Verify(token, door_.clock->Now());
  if (!identity.ok()) return Refuse(RefusedFor::kIdentity, identity.status());
  identity_ = *std::move(identity);
  return true;
}

bool Passage::AdmitMachine() {
  std::optional<MachineClients::Caller> caller = door_.machine_clients->Find(arrival_.client_names, door_.clock->Now());
  if (!caller.has_value()) {
    return Refuse(RefusedFor::kIdentity, Unauthenticated("没有令牌，证书也不属于任何已登记的客户端",
                                                         "no token, and the certificate is nobody's"));
  }
  identity_ = std::move(caller->identity);
  machine_token_ = std::move(caller->token);
  return true;
}

bool Passage::AdmitRate(RatedBy by, std::string_view key) {
  if (door_.rates == nullptr || !door_.rates->Limits(by)) return true;
  const CallClass call_class = method_->call_class;
  const Standing standing = door_.rates->Take(by, call_class, key, arrival_.arrive_time);
  if (standing.limit == 0) return true;
  const bool scarcer = standing_.limit == 0 || standing.remaining < standing_.remaining;
  if (scarcer || !standing.allowed) standing_ = standing;
  if (standing.allowed) return true;
  door_.metrics->RateLimited(by, call_class);
  return Refuse(RefusedFor::kRate, RateLimited(Named(by, call_class), standing.retry_after));
}

bool Passage::AdmitCircuit() {
  const absl::Time now = arrival_.arrive_time;
  Breaker& breaker = upstream_->breaker();
  if (breaker.Admit(now, attempt_)) return true;
  return Refuse(RefusedFor::kCircuit, CircuitOpen(Named(upstream_->package()), breaker.RetryAfter(now)));
}

bool Passage::AdmitDeadline(grpc::ClientContext& context) {
  const DoorLimits& limits = door_.limits;
  const bool streams = method_->streams();
  const absl::Time now = arrival_.arrive_time;
  absl::Time deadline = now + (streams ? limits.stream_deadline_max : limits.default_deadline);
  if (arrival_.deadline != absl::InfiniteFuture()) {
    deadline = std::min(arrival_.deadline, now + (streams ? limits.stream_deadline_max : limits.deadline_max));
  }
  // A stream does not outlive the identity it was opened with. Tokens live in the suite's time, which in development
  // may be shifted; what remains is the same in both.
  if (streams) deadline = std::min(deadline, now + (identity_.expire_time - door_.clock->Now()) + absl::Minutes(1));
  deadline_ = deadline;
  if (deadline <= now) return Refuse(RefusedFor::kDeadline, DeadlinePassed());
  context.set_deadline(absl::ToChronoTime(deadline));
  return true;
}

void Passage::SetHeaders(grpc::ClientContext& context) {
  for (const auto& [name, value] : *arrival_.metadata) {
    if (!PassesInward(View(name))) continue;
    context.AddMetadata(std::string(View(name)), std::string(View(value)));
  }
  if (!machine_token_.empty()) context.AddMetadata("authorization", absl::StrCat("Bearer ", machine_token_));
  context.AddMetadata("x-request-id", request_id_);
  context.AddMetadata("traceparent", trace_parent_);
  std::string address = arrival_.peer_address;
  if (door_.forwarded_for == Door::ForwardedFor::kExtend && !headers_.forwarded_for.empty()) {
    address = absl::StrCat(chassis::Absl(headers_.forwarded_for), ", ", address);
  }
  if (!address.empty()) context.AddMetadata("x-forwarded-for", address);
}

// ---------------------------------------------------------------- on the way

bool Passage::Received(const grpc::ByteBuffer& message) {
  door_.metrics->of(method_).Received();
  if (static_cast<int64_t>(message.Length()) > door_.limits.message_bytes_max) {
    return Refuse(RefusedFor::kMessageSize, TooLarge({"request", "请求"}, door_.limits.message_bytes_max));
  }
  if (heard_) return true;
  heard_ = true;
  const bool rated = door_.rates != nullptr && door_.rates->Limits(RatedBy::kStore);
  if (!rated && door_.access_log == Door::AccessLog::kOff) return true;
  store_id_ = StoreOf(message, method_->store_field);
  // A store the caller does not act for is refused by the service; it must not cost that store's own people anything.
  if (store_id_.empty() || !identity_.ActsFor(store_id_)) return true;
  return AdmitRate(RatedBy::kStore, store_id_);
}

std::vector<std::pair<std::string, std::string>> Passage::RateHeaders() const {
  const auto seconds = [](absl::Duration duration) {
    return absl::StrCat(absl::ToInt64Seconds(absl::Ceil(duration, absl::Seconds(1))));
  };
  std::vector<std::pair<std::string, std::string>> headers;
  if (standing_.limit > 0) {
    headers.emplace_back("ratelimit-limit", absl::StrCat(standing_.limit));
    headers.emplace_back("ratelimit-remaining", absl::StrCat(standing_.remaining));
    headers.emplace_back("ratelimit-reset", seconds(standing_.reset));
  }
  if (retry_after_ms_ > 0) headers.emplace_back("retry-after", seconds(absl::Milliseconds(retry_after_ms_)));
  return headers;
}

bool Passage::Refuse(RefusedFor why, const absl::Status& refusal) {
  if (refused_) return false;
  refused_ = why;
  const google::rpc::Status wire = chassis::ToWire(refusal, chassis::LanguageOf(headers_.language), *door_.ids);
  status_ = grpc::Status(static_cast<grpc::StatusCode>(wire.code()), wire.message(), wire.SerializeAsString());
  retry_after_ms_ = chassis::RefusalIn(refusal).retry_after_ms();
  door_.metrics->Refused(why);
  return false;
}

void Passage::Answered(const grpc::Status& status) {
  answered_ = true;
  TellBreaker(status);
  if (!refused_) status_ = status;
}

// What says something about the way to the service. Every answer of its own carries details or is OK; a status without
// was made by the library: nobody there, or nobody in time. The client's own hurry is no fault of the service.
void Passage::TellBreaker(const grpc::Status& status) {
  if (client_gone_ || refused_) return attempt_.Abandoned();
  const absl::Time now = absl::Now();
  if (status.ok() || !status.error_details().empty()) return attempt_.Succeeded(now);
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::UNKNOWN:
      return attempt_.Failed(now);
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      if (IsAnswerTooLarge(status)) return attempt_.Succeeded(now);
      return attempt_.Failed(now);
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      if (!method_->streams() && deadline_ < arrival_.deadline) return attempt_.Failed(now);
      return attempt_.Abandoned();
    case grpc::StatusCode::CANCELLED:
      return attempt_.Abandoned();
    default:
      return attempt_.Succeeded(now);
  }
}

// ---------------------------------------------------------------- the end

void Passage::Conclude() {
  concluded_ = true;
  if (refused_) return;
  if (!answered_) {
    // The client went away before its request was whole.
    status_ = grpc::Status(grpc::StatusCode::CANCELLED, "cancelled");
    return;
  }
  // Every refusal of a service carries details. A status without them was made by the library on the way.
  if (!status_.ok() && !client_gone_ && status_.error_details().empty()) WordLibraryStatus();
}

void Passage::WordLibraryStatus() {
  const grpc::Status made = status_;
  switch (made.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
    // Neither the client nor the gateway has cancelled: a service that stopped when the call came in let go of it.
    case grpc::StatusCode::CANCELLED:
      Refuse(RefusedFor::kUpstreamUnavailable, Unavailable(Named(upstream_->package())));
      break;
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      Refuse(RefusedFor::kDeadline, DeadlinePassed());
      break;
    case grpc::StatusCode::UNIMPLEMENTED:
      Refuse(RefusedFor::kMethodUnserved, MethodUnknown());
      break;
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      if (IsAnswerTooLarge(made)) {
        Refuse(RefusedFor::kMessageSize, TooLarge({"answer", "应答"}, door_.limits.answer_bytes_max));
      } else {
        Refuse(RefusedFor::kUpstream, Overloaded(Named(upstream_->package())));
      }
      break;
    default:
      return;
  }
  chassis::log::Warning("upstream failed", {{"upstream", upstream_->package()},
                                            {"method", method_->path},
                                            {"request", request_id_},
                                            {"code", std::string(CodeName(made.error_code()))},
                                            {"why", made.error_message()}});
}

void Passage::Account() {
  const absl::Time now = absl::Now();
  grpc::StatusCode code = status_.error_code();
  // What the client saw of a call it left, or that its deadline ended, is not what was sent after it.
  if (client_gone_) {
    code = arrival_.deadline <= now ? grpc::StatusCode::DEADLINE_EXCEEDED : grpc::StatusCode::CANCELLED;
  }
  MethodMetrics& metrics = door_.metrics->of(method_);
  if (method_ != nullptr && !method_->streams() && answered_ && code == grpc::StatusCode::OK) metrics.Sent();
  metrics.Handled(code, now - arrival_.arrive_time);
  if (door_.access_log == Door::AccessLog::kOff) return;
  chassis::log::Info("call", {{"service", "gateway"},
                              {"method", method_ == nullptr ? "unknown" : method_->path},
                              {"code", std::string(CodeName(code))},
                              {"ms", absl::StrFormat("%.2f", absl::ToDoubleMilliseconds(now - arrival_.arrive_time))},
                              {"caller", identity_.subject},
                              {"store", store_id_},
                              {"refused", refused_ ? std::string(Name(*refused_)) : std::string()},
                              {"trace", trace_parent_.substr(3, 32)},
                              {"request", request_id_}});
}

}  // namespace gateway
