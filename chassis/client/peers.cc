#include "chassis/client/peers.h"

#include <map>

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

}  // namespace

absl::StatusOr<std::unique_ptr<Peers>> MakePeers(const PeerSettings& settings, std::function<std::string()> token,
                                                 const Clock& clock, Sleeper& sleeper, telemetry::Metrics& metrics) {
  std::map<std::string, std::unique_ptr<Connection>> connections;
  const std::vector<std::string> entries = absl::StrSplit(settings.targets, ',', absl::SkipWhitespace());
  for (const std::string& entry : entries) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(entry, absl::MaxSplits('=', 1));
    if (parts.first.empty() || parts.second.empty()) {
      return absl::InvalidArgumentError(absl::StrCat("setting peers: expected package=target, not ", entry));
    }
    connections[parts.first] =
        Connection::To(ServiceName(parts.first), parts.second, settings.tls_directory, sleeper, &metrics);
  }
  return std::make_unique<ConnectedPeers>(std::move(connections), std::move(token), clock);
}

}  // namespace chassis
