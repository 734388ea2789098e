#include "chassis/server/pipeline.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <optional>
#include <random>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "aftersales/options/v1/options.pb.h"
#include "chassis/client/methods.h"
#include "chassis/client/trace.h"
#include "chassis/privacy/masking.h"
#include "chassis/server/error_mapping.h"
#include "chassis/server/validation.h"
#include "chassis/status/text.h"
#include "chassis/telemetry/log.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace chassis {
namespace {

namespace common = aftersales::common::v1;
namespace options = aftersales::options::v1;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kCodes = 17;
constexpr absl::Duration kUnaryDeadlineMax = absl::Seconds(60);
constexpr absl::Duration kStreamDeadlineMax = absl::Hours(24);
// What is cut off then is resumed.
constexpr absl::Duration kUploadDeadlineMax = absl::Minutes(15);
constexpr size_t kRequestNameBytesMax = 64;
constexpr size_t kSubjectBytesMax = 200;
constexpr size_t kForwardedBytesMax = 200;
constexpr absl::Duration kPresentationPatience = absl::Milliseconds(500);
constexpr std::string_view kBearer = "Bearer ";

const Message* Prototype(const google::protobuf::Descriptor* type) {
  return google::protobuf::MessageFactory::generated_factory()->GetPrototype(type);
}

const FieldDescriptor* TextField(const google::protobuf::Descriptor* type, const char* name) {
  const FieldDescriptor* field = type->FindFieldByName(name);
  return field != nullptr && field->type() == FieldDescriptor::TYPE_STRING && !field->is_repeated() ? field : nullptr;
}

std::string TextOf(const Message& message, const FieldDescriptor* field) {
  return field == nullptr ? "" : message.GetReflection()->GetString(message, field);
}

// Equal for equal content of one method, whatever the order of bytes on the wire.
std::string DigestOf(const std::string& path, const Message& request) {
  std::string bytes = path;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    request.SerializePartialToCodedStream(&coded);
  }
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

// Caller-chosen text goes into logs only in this shape.
std::string RequestName(std::string_view given) {
  const bool fits = !given.empty() && given.size() <= kRequestNameBytesMax &&
                    std::all_of(given.begin(), given.end(),
                                [](char c) { return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.'; });
  return fits ? std::string(given) : "";
}

const char* CodeName(int code) {
  constexpr const char* kNames[kCodes] = {
      "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
      "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
      "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
      "DataLoss", "Unauthenticated"};
  return code >= 0 && code < kCodes ? kNames[code] : "Unknown";
}

}  // namespace

class Pipeline::Method {
 public:
  Method(const Rpcs::Entry& entry, telemetry::Metrics& metrics) : entry_(entry), metrics_(metrics) {
    const auto* method = entry.method;
    path = PathOf(method);
    access = method->options().GetExtension(options::access);
    command = IsCommand(method);
    stream = method->server_streaming();
    upload = method->client_streaming();
    store = TextField(method->input_type(), "store_id");
    request_id = TextField(method->input_type(), "request_id");
    request = Prototype(method->input_type());
    response = Prototype(method->output_type());
    personal = privacy::HoldsPersonalData(method->output_type());
    std::vector<std::string> names;
    for (const int role : access.roles()) names.push_back(identity::RoleName(static_cast<options::Role>(role)));
    roles_text = absl::StrJoin(names, ", ");
    PrepareValidation(method->input_type());

    labels_ = {{"grpc_type", stream   ? "server_stream"
                             : upload ? "client_stream"
                                      : "unary"},
               {"grpc_service", method->service()->full_name()},
               {"grpc_method", method->name()}};
  }

  // Its series appear with its first call: most methods of most replicas are never called, and thousands of zeros cost
  // whoever keeps them.
  struct Series {
    prometheus::Counter& started;
    prometheus::Counter& received;
    prometheus::Counter& sent;
    prometheus::Histogram& seconds;
  };
  const Series& series() const {
    std::call_once(first_call_, [this] {
      series_.emplace(
          Series{metrics_.Counter("grpc_server_started_total", "RPCs started on the server", labels_),
                 metrics_.Counter("grpc_server_msg_received_total", "Messages received on the server", labels_),
                 metrics_.Counter("grpc_server_msg_sent_total", "Messages sent by the server", labels_),
                 metrics_.Histogram("grpc_server_handling_seconds", "Seconds until the server had answered", labels_)});
      Handled(0);
    });
    return *series_;
  }

  const Rpcs::Entry& entry() const { return entry_; }

  // Most codes never occur for most methods, so each is resolved when it first does and kept.
  prometheus::Counter& Handled(int code) const {
    if (code < 0 || code >= kCodes) code = 2;
    prometheus::Counter* counter = handled_[code].load(std::memory_order_acquire);
    if (counter == nullptr) {
      std::map<std::string, std::string> labels = labels_;
      labels["grpc_code"] = CodeName(code);
      counter = &metrics_.Counter("grpc_server_handled_total", "RPCs completed on the server, by code", labels);
      handled_[code].store(counter, std::memory_order_release);
    }
    return *counter;
  }

  std::string path;
  options::Access access;
  bool command = false;
  bool stream = false;
  bool upload = false;
  bool personal = false;
  std::string roles_text;
  const FieldDescriptor* store = nullptr;
  const FieldDescriptor* request_id = nullptr;
  const Message* request = nullptr;
  const Message* response = nullptr;

 private:
  const Rpcs::Entry entry_;
  telemetry::Metrics& metrics_;
  std::map<std::string, std::string> labels_;
  mutable std::once_flag first_call_;
  mutable std::optional<Series> series_;
  mutable std::array<std::atomic<prometheus::Counter*>, kCodes> handled_{};
};

// What is found out about a call on its way.
struct Pipeline::Context {
  identity::Identity identity;
  Actor actor;
  std::string store_id;
  std::string language;
  TraceContext trace;
  std::string request_name;
  absl::Duration remaining;
  bool from_service = false;
};

Pipeline::Pipeline(Host& host, identity::TokenVerifier& verifier, Clock& tokens_clock, Limits limits)
    : host_(host),
      verifier_(verifier),
      tokens_clock_(tokens_clock),
      limits_(limits),
      persons_("person", {limits.running, limits.waiting}, host.metrics()),
      services_("service", {limits.running, limits.waiting}, host.metrics()),
      watches_("watch", {limits.watches, 0}, host.metrics()),
      uploads_("upload", {limits.uploads, 0}, host.metrics()) {}

Pipeline::~Pipeline() = default;

const Pipeline::Method& Pipeline::Prepare(const Rpcs::Entry& entry) {
  std::unique_ptr<Method>& slot = methods_[PathOf(entry.method)];
  if (slot == nullptr) slot = std::make_unique<Method>(entry, host_.metrics());
  return *slot;
}

google::rpc::Status Pipeline::Run(const Method& method, IncomingCall& call,
                                  const std::function<bool(const Message&)>& answer) {
  const absl::Time start = absl::Now();
  method.series().started.Increment();
  Context context;
  context.language = std::string(LanguageOf(call.Header("accept-language")));
  context.trace = TraceContext::ChildOf(call.Header("traceparent"));
  context.request_name = RequestName(call.Header("x-request-id"));

  const absl::Status status = Handle(method, call, context, answer);
  google::rpc::Status wire;
  if (!status.ok()) wire = ToWire(status, context.language, host_.ids(), PresentationFor(status, context));

  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  method.series().seconds.Observe(seconds);
  method.Handled(wire.code()).Increment();
  // Services read each other's feeds all the time; only what people do, what changes and what fails is told.
  const bool routine = context.from_service && !method.command && wire.code() == 0;
  const log::Severity severity = wire.code() == static_cast<int>(absl::StatusCode::kInternal) ? log::Severity::kError
                                 : routine                                                    ? log::Severity::kDebug
                                                                                              : log::Severity::kInfo;
  if (!log::IsOn(severity)) return wire;
  log::Write(severity, "call",
             {{"service", host_.service_name()},
              {"method", method.path},
              {"code", CodeName(wire.code())},
              {"reason", ReasonName(status)},
              // Which of the many ways a token can be wrong; the caller is told the same.
              {"why", absl::IsUnauthenticated(status) ? std::string(status.message()) : ""},
              {"ms", absl::StrCat(seconds * 1000)},
              {"caller", context.actor.subject},
              {"on_behalf_of", context.actor.on_behalf_of},
              {"store", context.store_id},
              {"trace", context.trace.trace_id},
              {"request", context.request_name}});
  return wire;
}

absl::Status Pipeline::Handle(const Method& method, IncomingCall& call, Context& context,
                              const std::function<bool(const Message&)>& answer) {
  // Deadline.
  context.remaining = call.Remaining();
  if (context.remaining <= absl::ZeroDuration()) return Refuse(common::ERROR_REASON_DEADLINE);
  if (!method.stream && !method.upload && context.remaining == absl::InfiniteDuration()) {
    context.remaining = limits_.default_deadline;
  }
  context.remaining = std::min(context.remaining, method.stream   ? kStreamDeadlineMax
                                                  : method.upload ? kUploadDeadlineMax
                                                                  : kUnaryDeadlineMax);
  const absl::Time deadline = host_.clock().Now() + context.remaining;

  // Identity and access.
  RETURN_IF_ERROR(Authenticate(call, context));
  const std::unique_ptr<Message> request(method.request->New());
  // The thread of a client stream waits for its client from here on, so its place comes before its first message.
  Admission& admission = method.stream          ? watches_
                         : method.upload        ? uploads_
                         : context.from_service ? services_
                                                : persons_;
  std::optional<Admission::Place> place;
  if (method.upload) {
    ASSIGN_OR_RETURN(Admission::Place mine, admission.Enter(context.remaining));
    place.emplace(std::move(mine));
  }
  RETURN_IF_ERROR(Receive(method, call, *request));
  RETURN_IF_ERROR(Authorize(method, *request, context));

  // Admission.
  if (!place.has_value()) {
    ASSIGN_OR_RETURN(Admission::Place mine, admission.Enter(context.remaining));
    place.emplace(std::move(mine));
  }
  if (call.Cancelled() || host_.clock().Now() >= deadline) return Refuse(common::ERROR_REASON_DEADLINE);

  // Validation.
  RETURN_IF_ERROR(Validate(*request));
  Command command{context.store_id, context.actor, method.path, "", ""};
  if (method.command) {
    command.request_id = TextOf(*request, method.request_id);
    if (command.request_id.empty()) return InvalidField("request_id", "必填", "is required");
    command.request_digest = DigestOf(method.path, *request);
  }

  Call handler_call(host_, context.identity, command, deadline, context.language, context.trace.Header());
  if (method.stream) return RunStream(method, call, context, handler_call, *request, answer);
  const std::unique_ptr<Message> response(method.response->New());
  RETURN_IF_ERROR(RunUnary(method, call, handler_call, command, *request, *response));
  const View view = ViewOf(method, context);
  if (view == View::kMasked) privacy::Mask(*response);
  // A command's own log entry tells who got its answer; a query has none yet.
  if (view == View::kAudited && !method.command) RETURN_IF_ERROR(AuditClearView(method, context));
  if (answer(*response)) method.series().sent.Increment();
  return absl::OkStatus();
}

Presentation Pipeline::PresentationFor(const absl::Status& status, const Context& context) {
  if (context.store_id.empty() || !NeedsPresentation(RefusalIn(status))) return {};
  // Nearly always at hand; when not, the bare figures will do.
  const auto store = host_.stores().Get(context.store_id, host_.clock().Now() + kPresentationPatience);
  if (!store.ok()) return {};
  return {.currency_code = store->currency_code(), .time_zone = store->time_zone()};
}

std::string Pipeline::ClientOf(IncomingCall& call) const {
  std::string client = call.Client();
  // Only the gateway says for whom it calls; from anybody else the header is a claim.
  if (limits_.gateway_name.empty() || call.PeerName() != limits_.gateway_name) return client;
  const std::string_view forwarded = call.Header("x-forwarded-for").substr(0, kForwardedBytesMax);
  const bool addresses = !forwarded.empty() && std::all_of(forwarded.begin(), forwarded.end(), [](char c) {
    return absl::ascii_isxdigit(c) || c == '.' || c == ':' || c == ',' || c == ' ' || c == '[' || c == ']';
  });
  return addresses ? std::string(forwarded) : client;
}

absl::Status Pipeline::Authenticate(IncomingCall& call, Context& context) {
  std::string_view token = call.Header("authorization");
  if (!absl::StartsWithIgnoreCase(Absl(token), Absl(kBearer))) {
    return Refuse(common::ERROR_REASON_UNAUTHENTICATED).With("why", "no token");
  }
  token.remove_prefix(kBearer.size());
  ASSIGN_OR_RETURN(context.identity, verifier_.Verify(token, tokens_clock_.Now()));
  context.actor.subject = context.identity.subject;
  context.actor.client = ClientOf(call);
  context.from_service = context.identity.Has(options::ROLE_SUITE_SERVICE);
  // Only another service of the suite may speak for somebody: it has verified that person's own token.
  if (context.from_service)
    context.actor.on_behalf_of = std::string(call.Header("x-on-behalf-of").substr(0, kSubjectBytesMax));
  return absl::OkStatus();
}

absl::Status Pipeline::Authorize(const Method& method, const Message& request, Context& context) {
  const identity::Identity& identity = context.identity;
  const auto& roles = method.access.roles();
  const bool allowed =
      std::any_of(roles.begin(), roles.end(), [&](int role) { return identity.Has(static_cast<options::Role>(role)); });
  if (!allowed) return Refuse(common::ERROR_REASON_ROLE_NOT_ALLOWED).With("roles", method.roles_text);
  context.store_id = TextOf(request, method.store);
  if (identity.group) return absl::OkStatus();
  if (method.access.scope() == options::SCOPE_GROUP) {
    return Refuse(common::ERROR_REASON_ROLE_NOT_ALLOWED)
        .With("roles", absl::StrCat(method.roles_text, " (for the whole group)"))
        .With("roles_zh", absl::StrCat(method.roles_text, "（集团范围）"));
  }
  if (!context.store_id.empty()) {
    if (identity.ActsFor(context.store_id)) return absl::OkStatus();
    // What a caller may not see does not exist. The log keeps no foreign store either: nothing happened there.
    return Refuse(common::ERROR_REASON_STORE_UNKNOWN).With("id", std::exchange(context.store_id, ""));
  }
  // Left empty where it is required, validation says so; where it is not, it would mean all stores.
  const bool required = method.store->options().GetExtension(options::rules).required();
  if (required) return absl::OkStatus();
  return Refuse(common::ERROR_REASON_STORE_UNKNOWN)
      .With("id", "")
      .At("store_id", "请指明门店", "is required of callers who do not act for the whole group");
}

absl::Status Pipeline::RunUnary(const Method& method, IncomingCall& incoming, Call& call, const Command& command,
                                const Message& request, Message& response) {
  const auto stored = [&]() -> absl::StatusOr<bool> {
    if (!method.command) return false;
    ASSIGN_OR_RETURN(const std::optional<std::string> reply, host_.StoredReply(command, call.deadline()));
    if (!reply.has_value()) return false;
    if (!response.ParseFromString(*reply)) return absl::InternalError("stored reply does not parse");
    return true;
  };
  // A twin that came first may still be on its way through other services: what it has kept so far is no answer yet.
  std::optional<Twins::Turn> turn;
  if (method.command) {
    ASSIGN_OR_RETURN(Twins::Turn mine,
                     twins_.Enter(absl::StrCat(command.actor.subject, "\n", command.store_id, "\n", command.request_id),
                                  call.deadline() - host_.clock().Now()));
    turn.emplace(std::move(mine));
  }
  // What an upload takes in on its way stays: it must be known to be the first.
  if (method.upload) {
    ASSIGN_OR_RETURN(const bool repeated, stored());
    if (repeated) return absl::OkStatus();
  }
  // For all else the log is not asked beforehand: that this is a repeat shows at the latest when its entry meets the
  // first one's key, and nothing it did until then stays (Call::Ask looks before it lets a peer change anything).
  const absl::Status status = method.upload ? RunUpload(method, incoming, call, request, response)
                                            : method.entry().unary(call, request, response);
  if (!method.command || call.Committed()) return status;
  if (call.first_answer().has_value()) return call.Told(status, response);
  // A repeat is often refused because the first one succeeded, or finds nothing left to do: the first answer counts.
  const absl::StatusOr<bool> twin = stored();
  if (twin.ok()) return *twin ? absl::OkStatus() : status;
  // Not to know is no answer: a refusal would be the last word on what the first one may have done.
  return twin.status();
}

absl::Status Pipeline::RunUpload(const Method& method, IncomingCall& incoming, Call& call, const Message& first,
                                 Message& response) {
  const auto next = [&](Message& message) -> absl::StatusOr<bool> {
    message.Clear();
    const absl::Status received = Receive(method, incoming, message, &first);
    if (absl::IsOutOfRange(received)) return false;
    RETURN_IF_ERROR(received);
    RETURN_IF_ERROR(Validate(message));
    return true;
  };
  return method.entry().upload(call, first, next, response);
}

absl::Status Pipeline::Receive(const Method& method, IncomingCall& call, Message& message, const Message* first) {
  const auto stopping = [&] { return Refuse(common::ERROR_REASON_UNAVAILABLE).With("what", host_.service_name()); };
  if (method.upload) {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return stopping();
    listening_.insert(&call);
  }
  const IncomingCall::Received received = first == nullptr ? call.Parse(message) : call.Next(message);
  if (method.upload) {
    absl::MutexLock lock(&mutex_);
    listening_.erase(&call);
  }
  switch (received) {
    case IncomingCall::Received::kMessage:
      break;
    case IncomingCall::Received::kMalformed:
      return InvalidField("request", "请求无法解析", "is no message of this method's type");
    case IncomingCall::Received::kEnd:
      return absl::OutOfRangeError("the client is done");
    case IncomingCall::Received::kLost:
      if (stopping_) return stopping();
      return Refuse(common::ERROR_REASON_DEADLINE);
  }
  method.series().received.Increment();
  if (first == nullptr) return absl::OkStatus();
  // Who may call and for which store was decided by the first message: the further ones cannot say otherwise.
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  for (const FieldDescriptor* field : {method.store, method.request_id}) {
    if (field == nullptr) continue;
    const std::string wanted = TextOf(*first, field);
    const std::string given = TextOf(message, field);
    if (!given.empty() && given != wanted) {
      return InvalidField(field->name(), "与首条消息不一致", "differs from the first message");
    }
    reflection.SetString(&message, field, wanted);
  }
  return absl::OkStatus();
}

void Pipeline::StopStreams() {
  absl::MutexLock lock(&mutex_);
  stopping_ = true;
  for (IncomingCall* call : listening_) call->Cancel();
}

Pipeline::View Pipeline::ViewOf(const Method& method, const Context& context) const {
  if (!method.personal || context.from_service) return View::kPlain;
  const auto& roles = method.access.unmasked_roles();
  const bool clear = std::any_of(roles.begin(), roles.end(),
                                 [&](int role) { return context.identity.Has(static_cast<options::Role>(role)); });
  return clear ? View::kAudited : View::kMasked;
}

absl::Status Pipeline::AuditClearView(const Method& method, const Context& context) {
  return host_.RecordUnmaskedRead(context.identity.subject, context.store_id, method.path, context.actor.client);
}

absl::Status Pipeline::RunStream(const Method& method, IncomingCall& incoming, const Context& context, Call& call,
                                 const Message& request, const std::function<bool(const Message&)>& answer) {
  const View view = ViewOf(method, context);
  // Once for the whole stream, before its first message.
  if (view == View::kAudited) RETURN_IF_ERROR(AuditClearView(method, context));
  const auto cancelled = [&] { return stopping_.load(std::memory_order_relaxed) || incoming.Cancelled(); };
  const auto write = [&](const Message& response) {
    if (cancelled()) return false;
    bool written;
    if (view == View::kMasked) {
      const std::unique_ptr<Message> masked(response.New());
      masked->CopyFrom(response);
      privacy::Mask(*masked);
      written = answer(*masked);
    } else {
      written = answer(response);
    }
    if (written) method.series().sent.Increment();
    return written;
  };
  RETURN_IF_ERROR(method.entry().stream(call, request, write, cancelled));
  // The client comes back and resumes, from another replica.
  if (stopping_ && !incoming.Cancelled()) {
    return Refuse(common::ERROR_REASON_UNAVAILABLE).With("what", host_.service_name());
  }
  return absl::OkStatus();
}

}  // namespace chassis
