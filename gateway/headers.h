// Which metadata passes the door. What belongs to one hop, what only the suite itself may say (on whose behalf, from
// where), and what the gateway says itself are never taken over from a client.
#pragma once

#include <grpcpp/grpcpp.h>

#include <map>
#include <string>
#include <string_view>

namespace gateway {

using ReceivedMetadata = std::multimap<grpc::string_ref, grpc::string_ref>;

inline std::string_view View(grpc::string_ref text) { return {text.data(), text.size()}; }

// What the gateway itself needs of a request's metadata; views into it.
struct RequestHeaders {
  std::string_view authorization;
  std::string_view language;      // accept-language as sent
  std::string_view request_id;    // empty unless well-formed
  std::string_view trace_parent;  // empty unless well-formed
  std::string_view forwarded_for;
  size_t bytes = 0;           // of all names and values, with HTTP/2's 32 per entry
  size_t authorizations = 0;  // more than one is ambiguous, hence refused
};
RequestHeaders ReadHeaders(const ReceivedMetadata& metadata);

// May a client's header of this (lower-case) name go on to a service?
bool PassesInward(std::string_view name);
// May a service's header or trailer go on to the client?
bool PassesOutward(std::string_view name);

// W3C trace context, version 00, ids not all zero.
bool IsTraceParent(std::string_view text);
// 1..64 characters of A-Z a-z 0-9 . _ -
bool IsRequestId(std::string_view text);
// Address without port and scheme of what grpc calls the peer: "ipv4:10.0.0.7:4711" -> "10.0.0.7".
std::string AddressOfPeer(std::string_view peer);

}  // namespace gateway
