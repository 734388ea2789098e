#include "gateway/upstreams.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "chassis/client/tls.h"
#include "chassis/status/text.h"

namespace gateway {
namespace {

// Services send error details in two languages.
constexpr int kTrailerBytesMax = 16 * 1024;

std::shared_ptr<grpc::Channel> MakeChannel(const UpstreamAddress& address, const std::string& tls_directory,
                                           const Upstream::Limits& limits) {
  grpc::ChannelArguments arguments;
  arguments.SetLoadBalancingPolicyName("round_robin");
  // In this version of the library the minimum backoff is also the time a connection attempt may take.
  const auto connect_ms = static_cast<int>(absl::ToInt64Milliseconds(limits.connect_timeout));
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, connect_ms);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
  arguments.SetInt(GRPC_ARG_DNS_MIN_TIME_BETWEEN_RESOLUTIONS_MS, 2000);
  arguments.SetMaxReceiveMessageSize(static_cast<int>(limits.message_bytes_max));
  arguments.SetMaxSendMessageSize(-1);  // checked when it was received
  // Retries belong to the client, who knows the request_id: without a service config the library repeats only what
  // no service has seen.
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, kTrailerBytesMax);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10000);
  // Channels to one address share a connection unless each keeps its own.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address.target, chassis::ChannelCredentialsFrom(tls_directory), arguments);
}

}  // namespace

absl::StatusOr<std::vector<UpstreamAddress>> ParseUpstreams(std::string_view setting) {
  std::vector<UpstreamAddress> upstreams;
  for (const absl::string_view part : absl::StrSplit(chassis::Absl(setting), ',', absl::SkipWhitespace())) {
    const absl::string_view entry = absl::StripAsciiWhitespace(part);
    const size_t equals = entry.find('=');
    if (equals == absl::string_view::npos && !upstreams.empty()) {
      absl::StrAppend(&upstreams.back().target, ",", entry);
      continue;
    }
    if (equals == absl::string_view::npos || equals == 0 || equals + 1 == entry.size()) {
      return absl::InvalidArgumentError(absl::StrCat("upstreams: expected package=address, not \"", entry, "\""));
    }
    const absl::string_view package = entry.substr(0, equals);
    for (const UpstreamAddress& other : upstreams) {
      if (other.package == package) return absl::InvalidArgumentError(absl::StrCat("upstreams: ", package, " twice"));
    }
    upstreams.push_back({std::string(package), std::string(entry.substr(equals + 1))});
  }
  if (upstreams.empty()) return absl::InvalidArgumentError("upstreams: none is configured");
  return upstreams;
}

Upstream::Upstream(const UpstreamAddress& address, const std::string& tls_directory, Limits limits)
    : package_(address.package),
      channel_(MakeChannel(address, tls_directory, limits)),
      calls_(channel_),
      streams_(MakeChannel(address, tls_directory, limits)) {
  channel_->GetState(/*try_to_connect=*/true);
}

}  // namespace gateway
