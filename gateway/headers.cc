#include "gateway/headers.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "chassis/status/text.h"

namespace gateway {
namespace {

// Belongs to one connection, or is written anew by the gRPC library on the next.
constexpr std::array<std::string_view, 8> kHop = {"connection", "content-length", "content-type",      "host",
                                                  "te",         "trailer",        "transfer-encoding", "user-agent"};
// Said by the suite about a caller. A client that says it is forging.
constexpr std::array<std::string_view, 4> kIdentityPrefixes = {"x-on-behalf-of", "x-forwarded-", "x-aftersales-",
                                                               "x-client-"};
constexpr std::array<std::string_view, 4> kIdentity = {"forwarded", "x-real-ip", "x-subject", "x-roles"};
// Written by the gateway: the client's own once, if well-formed, otherwise a new one.
constexpr std::array<std::string_view, 2> kOwn = {"x-request-id", "traceparent"};

template <size_t n>
bool Among(const std::array<std::string_view, n>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool IsHop(std::string_view name) {
  return name.empty() || name.front() == ':' || name.starts_with("grpc-") || Among(kHop, name);
}

bool IsLowerHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f'); });
}

bool AllZero(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

}  // namespace

RequestHeaders ReadHeaders(const ReceivedMetadata& metadata) {
  RequestHeaders headers;
  for (const auto& [key, text] : metadata) {
    const std::string_view name = View(key);
    const std::string_view value = View(text);
    headers.bytes += name.size() + value.size() + 32;
    if (name == "authorization") {
      headers.authorization = value;
      ++headers.authorizations;
    } else if (name == "accept-language") {
      headers.language = value;
    } else if (name == "x-request-id") {
      if (IsRequestId(value)) headers.request_id = value;
    } else if (name == "traceparent") {
      if (IsTraceParent(value)) headers.trace_parent = value;
    } else if (name == "x-forwarded-for") {
      headers.forwarded_for = value;
    }
  }
  return headers;
}

bool PassesInward(std::string_view name) {
  if (IsHop(name) || Among(kOwn, name) || Among(kIdentity, name)) return false;
  for (const std::string_view prefix : kIdentityPrefixes) {
    if (name.starts_with(prefix)) return false;
  }
  return true;
}

bool PassesOutward(std::string_view name) { return !IsHop(name) && !Among(kOwn, name); }

bool IsTraceParent(std::string_view text) {
  // 00-<32 hex>-<16 hex>-<2 hex>
  if (text.size() != 55 || text[2] != '-' || text[35] != '-' || text[52] != '-') return false;
  const std::string_view trace = text.substr(3, 32);
  const std::string_view span = text.substr(36, 16);
  return text.substr(0, 2) == "00" && IsLowerHex(trace) && IsLowerHex(span) && IsLowerHex(text.substr(53)) &&
         !AllZero(trace) && !AllZero(span);
}

bool IsRequestId(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
  });
}

std::string AddressOfPeer(std::string_view peer) {
  // The library writes IPv6 as "ipv6:%5B::1%5D:4711".
  const std::string text = absl::StrReplaceAll(chassis::Absl(peer), {{"%5B", "["}, {"%5D", "]"}});
  std::string_view address = text;
  if (!address.starts_with("ipv4:") && !address.starts_with("ipv6:")) return {};
  address.remove_prefix(5);
  address = address.substr(0, address.rfind(':'));
  if (address.starts_with('[')) address.remove_prefix(1);
  if (address.ends_with(']')) address.remove_suffix(1);
  return std::string(address);
}

}  // namespace gateway
