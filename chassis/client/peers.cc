#include "chassis/client/peers.h"

#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "chassis/client/connection.h"
#include "chassis/client/methods.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"
#include "chassis/status/text.h"
#include "google/protobuf/descriptor.h"

namespace chassis {
namespace {

namespace common = aftersales::common::v1;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

class ConnectedPeers : public Peers {
 public:
  ConnectedPeers(std::map<std::string, std::unique_ptr<Connection>> connections, std::function<std::string()> token,
                 const Clock& clock)
      : connections_(std::move(connections)), token_(std::move(token)), clock_(clock) {}

  absl::Status CallMessage(const PeerCallContext& context, const Message& request, Message& response) override {
    return Call(context, MethodTaking(request.GetDescriptor()), request.GetTypeName(), request, response);
  }

  absl::Status CallNamed(const PeerCallContext& context, std::string_view method, const Message& request,
                         Message& response) override {
    return Call(context, MethodNamed(method), std::string(method), request, response);
  }

 private:
  absl::Status Call(const PeerCallContext& context, const MethodDescriptor* method, const std::string& what,
                    const Message& request, Message& response) {
    if (method == nullptr) return absl::InternalError(absl::StrCat("no one method for ", what));
    const auto found = connections_.find(method->file()->package());
    if (found == connections_.end()) {
      return absl::InternalError(absl::StrCat("setting peers does not say where ", method->file()->package(), " is"));
    }
    CallOptions options;
    options.timeout = context.deadline - clock_.Now();
    if (options.timeout <= absl::ZeroDuration()) return Refuse(common::ERROR_REASON_DEADLINE);
    options.token = token_();
    options.language = context.language;
    options.trace_parent = context.trace_parent;
    options.on_behalf_of = context.on_behalf_of;
    absl::Status status = found->second->Call(method, options, request, response);
    // Who we are is between us and the peer; our caller could do nothing about it.
    if (absl::IsUnauthenticated(status) || absl::IsPermissionDenied(status)) {
      return absl::InternalError(absl::StrCat(method->full_name(), " refuses this service: ", status.message()));
    }
    return status;
  }

  const std::map<std::string, std::unique_ptr<Connection>> connections_;
  const std::function<std::string()> token_;
  const Clock& clock_;
};

// "parts-svc" for "aftersales.parts.v1".
std::string ServiceName(const std::string& package) {
  const std::vector<std::string> names = absl::StrSplit(package, '.');
  return names.size() == 3 ? names[1] + "-svc" : package;
}

// By package. An entry without "=" goes on with the addresses of the one before it, as in the gateway's upstreams.
absl::StatusOr<std::map<std::string, std::string>> TargetsIn(const std::string& setting) {
  std::map<std::string, std::string> targets;
  std::string* last = nullptr;
  for (const absl::string_view part : absl::StrSplit(setting, ',', absl::SkipWhitespace())) {
    const absl::string_view entry = absl::StripAsciiWhitespace(part);
    const size_t equals = entry.find('=');
    if (equals == absl::string_view::npos && last != nullptr) {
      absl::StrAppend(last, ",", entry);
      continue;
    }
    if (equals == absl::string_view::npos || equals == 0 || equals + 1 == entry.size()) {
      return absl::InvalidArgumentError(absl::StrCat("setting peers: expected package=target, not ", entry));
    }
    const auto [place, fresh] =
        targets.emplace(std::string(entry.substr(0, equals)), std::string(entry.substr(equals + 1)));
    if (!fresh) return absl::InvalidArgumentError(absl::StrCat("setting peers: ", place->first, " twice"));
    last = &place->second;
  }
  return targets;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Peers>> MakePeers(const PeerSettings& settings, std::function<std::string()> token,
                                                 const Clock& clock, Sleeper& sleeper, telemetry::Metrics& metrics) {
  ASSIGN_OR_RETURN(const auto targets, TargetsIn(settings.targets));
  std::map<std::string, std::unique_ptr<Connection>> connections;
  for (const auto& [package, target] : targets) {
    connections[package] = Connection::To(ServiceName(package), target, settings.tls_directory, sleeper, &metrics);
  }
  return std::make_unique<ConnectedPeers>(std::move(connections), std::move(token), clock);
}

}  // namespace chassis
