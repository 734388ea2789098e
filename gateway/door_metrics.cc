#include "gateway/door_metrics.h"

namespace gateway {
namespace {

std::string TypeName(Method::Kind kind) {
  switch (kind) {
    case Method::Kind::kUnary:
      return "unary";
    case Method::Kind::kClientStream:
      return "client_stream";
    case Method::Kind::kServerStream:
      return "server_stream";
    case Method::Kind::kBidiStream:
      return "bidi_stream";
  }
  return "unknown";
}

}  // namespace

std::string_view Name(RefusedFor why) {
  switch (why) {
    case RefusedFor::kMethodUnknown:
      return "method_unknown";
    case RefusedFor::kMethodUnserved:
      return "method_unserved";
    case RefusedFor::kMetadataSize:
      return "metadata_size";
    case RefusedFor::kMessageSize:
      return "message_size";
    case RefusedFor::kIdentity:
      return "identity";
    case RefusedFor::kTotal:
      return "total_limit";
    case RefusedFor::kSubject:
      return "subject_limit";
    case RefusedFor::kUpstream:
      return "upstream_limit";
    case RefusedFor::kDeadline:
      return "deadline";
    case RefusedFor::kMalformed:
      return "malformed";
    case RefusedFor::kUpstreamUnavailable:
      return "upstream_unavailable";
    case RefusedFor::kStopping:
      return "stopping";
    case RefusedFor::kRate:
      return "rate_limit";
    case RefusedFor::kShed:
      return "shed";
    case RefusedFor::kCircuit:
      return "circuit_open";
  }
  return "unknown";
}

std::string_view CodeName(grpc::StatusCode code) {
  constexpr std::string_view kNames[] = {
      "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
      "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
      "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
      "DataLoss", "Unauthenticated"};
  return code >= 0 && code < 17 ? kNames[code] : "Unknown";
}

MethodMetrics::MethodMetrics(chassis::telemetry::Metrics& metrics, std::string type, std::string service,
                             std::string method)
    : metrics_(metrics),
      labels_{
          {"grpc_type", std::move(type)}, {"grpc_service", std::move(service)}, {"grpc_method", std::move(method)}} {}

const MethodMetrics::Series& MethodMetrics::series() {
  std::call_once(first_call_, [this] {
    series_.emplace(
        Series{metrics_.Counter("grpc_server_started_total", "Calls that began.", labels_),
               metrics_.Counter("grpc_server_msg_received_total", "Messages from clients.", labels_),
               metrics_.Counter("grpc_server_msg_sent_total", "Messages to clients.", labels_),
               metrics_.Histogram("grpc_server_handling_seconds", "Time from a call's arrival to its end.", labels_)});
  });
  return *series_;
}

void MethodMetrics::Handled(grpc::StatusCode code, absl::Duration time) {
  series().seconds.Observe(absl::ToDoubleSeconds(time));
  const size_t position = code >= 0 && code < static_cast<int>(kCodes) ? code : grpc::StatusCode::UNKNOWN;
  prometheus::Counter* counter = handled_[position].load(std::memory_order_acquire);
  if (counter == nullptr) {
    std::map<std::string, std::string> labels = labels_;
    labels["grpc_code"] = std::string(CodeName(static_cast<grpc::StatusCode>(position)));
    // Two lanes may come here at once; both get the same counter.
    counter = &metrics_.Counter("grpc_server_handled_total", "Calls that ended, by status.", labels);
    handled_[position].store(counter, std::memory_order_release);
  }
  counter->Increment();
}

DoorMetrics::DoorMetrics(chassis::telemetry::Metrics& metrics, const Routes& routes)
    : first_(routes.methods().data()), unknown_(metrics, "unknown", "unknown", "unknown") {
  for (const Method& method : routes.methods()) {
    methods_.emplace_back(metrics, TypeName(method.kind), method.service, method.name);
  }
  using Labels = std::map<std::string, std::string>;
  const auto counter = [&](const char* name, const char* help, const Labels& labels) {
    return &metrics.Counter(name, help, labels);
  };
  for (size_t i = 0; i < kRefusedForCount; ++i) {
    refused_[i] = counter("gateway_refused_total", "Calls the gateway itself ended, by reason.",
                          {{"reason", std::string(Name(static_cast<RefusedFor>(i)))}});
  }
  for (size_t by = 0; by < kRatedByCount; ++by) {
    for (size_t of = 0; of < kCallClassCount; ++of) {
      rate_limited_[by][of] = counter("gateway_rate_limited_total", "Calls refused for their rate.",
                                      {{"by", std::string(Name(static_cast<RatedBy>(by)))},
                                       {"class", std::string(Name(static_cast<CallClass>(of)))}});
    }
  }
  for (size_t i = 0; i < kPriorityCount; ++i) {
    shed_[i] = counter("gateway_shed_total", "Calls refused to keep places for more urgent ones.",
                       {{"priority", std::string(Name(static_cast<Priority>(i)))}});
  }
  constexpr const char* kFiles[] = {"upstreams", "machine_clients", "rates", "issuers"};
  constexpr const char* kOutcomes[] = {"applied", "refused"};
  for (size_t file = 0; file < reloads_.size(); ++file) {
    for (size_t outcome = 0; outcome < 2; ++outcome) {
      reloads_[file][outcome] = counter("gateway_config_reload_total", "Times a file of settings was read again.",
                                        {{"file", kFiles[file]}, {"outcome", kOutcomes[outcome]}});
    }
  }
  for (const std::string& upstream : routes.packages()) {
    const auto gauge = [&](const char* name, const char* help, Labels labels) -> prometheus::Gauge& {
      labels["upstream"] = upstream;
      return metrics.Gauge(name, help, labels);
    };
    const auto transition = [&](Breaker::State to) {
      return counter("gateway_circuit_transitions_total", "Changes of an upstream's circuit breaker.",
                     {{"upstream", upstream}, {"to", std::string(Name(to))}});
    };
    upstreams_.push_back({gauge("gateway_inflight", "Calls under way, by upstream.", {{"kind", "call"}}),
                          gauge("gateway_inflight", "Calls under way, by upstream.", {{"kind", "stream"}}),
                          gauge("gateway_upstream_connected", "1 while a connection to the upstream stands.", {}),
                          gauge("gateway_circuit_state", "0 closed, 1 half-open, 2 open.", {}),
                          {transition(Breaker::State::kClosed), transition(Breaker::State::kHalfOpen),
                           transition(Breaker::State::kOpen)}});
  }
}

void DoorMetrics::SetCircuit(int upstream, Breaker::State state) {
  UpstreamGauges& gauges = upstreams_[static_cast<size_t>(upstream)];
  gauges.circuit.Set(static_cast<double>(state));
  gauges.transitions[static_cast<size_t>(state)]->Increment();
}

void DoorMetrics::SetUpstream(int upstream, int64_t calls, int64_t streams, bool connected, Breaker::State circuit) {
  UpstreamGauges& gauges = upstreams_[upstream];
  gauges.calls.Set(static_cast<double>(calls));
  gauges.streams.Set(static_cast<double>(streams));
  gauges.connected.Set(connected ? 1 : 0);
  gauges.circuit.Set(static_cast<double>(circuit));
}

}  // namespace gateway
