#include "gateway/upstreams.h"

#include <algorithm>

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
  // Each endpoint's health is watched, so one that drains gets no new calls although its connection stands; one that
  // knows no health service counts as ready.
  arguments.SetServiceConfigJSON(
      R"({"loadBalancingConfig":[{"round_robin":{}}],"healthCheckConfig":{"serviceName":"readiness"}})");
  // In this version of the library the minimum backoff is also the time a connection attempt may take.
  const auto connect_ms = static_cast<int>(absl::ToInt64Milliseconds(limits.connect_timeout));
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, connect_ms);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
  arguments.SetInt(GRPC_ARG_DNS_MIN_TIME_BETWEEN_RESOLUTIONS_MS, 2000);
  arguments.SetMaxReceiveMessageSize(static_cast<int>(limits.message_bytes_max));
  arguments.SetMaxSendMessageSize(-1);  // checked when it was received
  // Retries belong to the client, who knows the request_id: without a retry policy the library repeats only what no
  // service has seen.
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, kTrailerBytesMax);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10000);
  // Channels to one address share a connection unless each keeps its own.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address.target, chassis::ChannelCredentialsFrom(tls_directory), arguments);
}

// Host and port, or a scheme of the library's and what belongs to it.
bool CanBeTarget(absl::string_view target) {
  const size_t colon = target.rfind(':');
  if (colon == absl::string_view::npos || colon == 0 || colon + 1 == target.size()) return false;
  return std::none_of(target.begin(), target.end(), [](unsigned char c) { return c <= ' ' || c == 0x7f; });
}

absl::Status Add(absl::string_view package, absl::string_view target, std::vector<UpstreamAddress>& upstreams) {
  if (package.empty() || target.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("expected package=address, not \"", package, "=", target, "\""));
  }
  for (const UpstreamAddress& other : upstreams) {
    if (other.package == package) return absl::InvalidArgumentError(absl::StrCat(package, " twice"));
  }
  upstreams.push_back({std::string(package), std::string(target)});
  return absl::OkStatus();
}

absl::Status Wrong(const std::string& where, const absl::Status& why) {
  return absl::InvalidArgumentError(absl::StrCat("upstreams: ", where, why.message()));
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
    const bool named = equals != absl::string_view::npos;
    const absl::Status added =
        Add(entry.substr(0, named ? equals : 0), named ? entry.substr(equals + 1) : entry, upstreams);
    if (!added.ok()) return Wrong("", added);
  }
  if (upstreams.empty()) return absl::InvalidArgumentError("upstreams: none is configured");
  return upstreams;
}

absl::StatusOr<std::vector<UpstreamAddress>> ParseUpstreamLines(std::string_view text) {
  std::vector<UpstreamAddress> upstreams;
  int64_t number = 0;
  for (absl::string_view line : absl::StrSplit(chassis::Absl(text), '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line.substr(0, line.find('#')));
    if (line.empty()) continue;
    const size_t equals = std::min(line.find('='), line.size());
    const absl::Status added =
        Add(absl::StripAsciiWhitespace(line.substr(0, equals)),
            absl::StripAsciiWhitespace(line.substr(std::min(equals + 1, line.size()))), upstreams);
    if (!added.ok()) return Wrong(absl::StrCat("line ", number, ": "), added);
  }
  if (upstreams.empty()) return absl::InvalidArgumentError("upstreams: none is configured");
  return upstreams;
}

Upstream::Upstream(const UpstreamAddress& address, const std::string& tls_directory, Limits limits,
                   Breaker::Settings breaker, std::function<void(Breaker::State)> changed)
    : address_(address),
      breaker_(breaker, std::move(changed)),
      channel_(MakeChannel(address, tls_directory, limits)),
      calls_(channel_),
      streams_(MakeChannel(address, tls_directory, limits)) {
  channel_->GetState(/*try_to_connect=*/true);
}

Upstreams::Upstreams(std::vector<std::string> packages, Settings settings)
    : packages_(std::move(packages)), settings_(std::move(settings)), now_(packages_.size()) {}

absl::Status Upstreams::Apply(const std::vector<UpstreamAddress>& addresses) {
  std::vector<std::shared_ptr<Upstream>> next(packages_.size());
  for (const UpstreamAddress& address : addresses) {
    const auto found = std::find(packages_.begin(), packages_.end(), address.package);
    if (found == packages_.end()) {
      return absl::FailedPreconditionError(
          absl::StrCat("upstream ", address.package, " serves a package without services"));
    }
    if (!CanBeTarget(address.target)) {
      return absl::InvalidArgumentError(
          absl::StrCat("upstream ", address.package, ": \"", address.target, "\" is no address"));
    }
    const int position = static_cast<int>(std::distance(packages_.begin(), found));
    std::shared_ptr<Upstream>& place = next[static_cast<size_t>(position)];
    place = At(position);
    if (place != nullptr && place->target() == address.target) continue;
    std::function<void(Breaker::State)> changed;
    if (settings_.changed) {
      changed = [position, tell = settings_.changed](Breaker::State state) { tell(position, state); };
    }
    place = std::make_shared<Upstream>(address, settings_.tls_directory, settings_.limits, settings_.breaker,
                                       std::move(changed));
  }
  // What goes is let go of outside the lock: taking channels apart takes time.
  absl::MutexLock lock(&mutex_);
  now_.swap(next);
  return absl::OkStatus();
}

std::shared_ptr<Upstream> Upstreams::At(int position) const {
  absl::ReaderMutexLock lock(&mutex_);
  return now_[static_cast<size_t>(position)];
}

std::vector<std::string> Upstreams::Unserved() const {
  std::vector<std::string> unserved;
  absl::ReaderMutexLock lock(&mutex_);
  for (size_t i = 0; i < packages_.size(); ++i) {
    if (now_[i] == nullptr) unserved.push_back(packages_[i]);
  }
  return unserved;
}

}  // namespace gateway
