// What HTTP's header fields mean to the door: media types and what a client takes, timeouts, names of files, and which
// fields are a matter of HTTP alone. Pure functions over text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace gateway::web {

struct MediaType {
  std::string type;     // "application/json", lower case; empty when malformed
  std::string charset;  // lower case, "" when not said
};
MediaType ReadMediaType(std::string_view content_type);

// How an Accept header speaks of a media type.
enum class Taken {
  kNo,
  kByWildcard,  // also without any Accept header
  kByName,
};
Taken Takes(std::string_view accept, std::string_view media_type);

// "10S", "250m": up to eight digits and one of H M S m u n, as in gRPC. nullopt when malformed.
std::optional<absl::Duration> ReadTimeout(std::string_view grpc_timeout);

// "attachment; filename=\"...\"; filename*=UTF-8''..."; of a path only the last part, nothing that could end the field.
std::string AttachmentNamed(std::string_view file_name);

// Is this field (lower case) about HTTP, the browser or the connection, and hence nothing a service is told?
bool IsOfHttp(std::string_view name);
// Can gRPC carry it as metadata? Anything else would end the process' call with an assertion.
bool IsMetadataName(std::string_view name);
bool IsMetadataValue(std::string_view value);
// A service's header a REST client is told of: extensions (x-...) and limits (ratelimit...), never HTTP's own.
bool IsToldOverRest(std::string_view name);

}  // namespace gateway::web
