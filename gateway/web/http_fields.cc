#include "gateway/web/http_fields.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "chassis/status/text.h"

namespace gateway::web {
namespace {

using chassis::Absl;

constexpr size_t kAcceptBytesMax = 1024;  // of which is read; the rest says nothing
constexpr size_t kFileNameBytesMax = 200;

constexpr std::array<std::string_view, 27> kOfHttp = {"accept",       "accept-charset", "accept-encoding",
                                                      "age",          "alt-used",       "cache-control",
                                                      "cookie",       "cookie2",        "date",
                                                      "dnt",          "expect",         "from",
                                                      "host",         "keep-alive",     "last-event-id",
                                                      "max-forwards", "origin",         "pragma",
                                                      "priority",     "range",          "referer",
                                                      "set-cookie",   "upgrade",        "upgrade-insecure-requests",
                                                      "via",          "warning",        "x-grpc-web"};
constexpr std::array<std::string_view, 5> kOfHttpPrefixes = {"sec-", "proxy-", "access-control-", "content-", "if-"};

absl::string_view Trimmed(absl::string_view text) { return absl::StripAsciiWhitespace(text); }

// "q=0.5" of the parameters; 1 when there is none.
double QualityOf(const std::vector<absl::string_view>& parts) {
  for (size_t i = 1; i < parts.size(); ++i) {
    const absl::string_view parameter = Trimmed(parts[i]);
    double quality = 1;
    if (absl::StartsWithIgnoreCase(parameter, "q=")) {
      return absl::SimpleAtod(parameter.substr(2), &quality) ? quality : 0;
    }
  }
  return 1;
}

}  // namespace

MediaType ReadMediaType(std::string_view content_type) {
  MediaType media;
  if (content_type.empty()) return media;  // split into no parts at all when it points nowhere
  const std::vector<absl::string_view> parts = absl::StrSplit(Absl(content_type), ';');
  media.type = absl::AsciiStrToLower(Trimmed(parts[0]));
  if (std::count(media.type.begin(), media.type.end(), '/') != 1 || media.type.find(' ') != std::string::npos) {
    return {};
  }
  for (size_t i = 1; i < parts.size(); ++i) {
    absl::string_view parameter = Trimmed(parts[i]);
    if (!absl::StartsWithIgnoreCase(parameter, "charset=")) continue;
    parameter.remove_prefix(8);
    if (parameter.size() >= 2 && parameter.front() == '"' && parameter.back() == '"') {
      parameter = parameter.substr(1, parameter.size() - 2);
    }
    media.charset = absl::AsciiStrToLower(parameter);
  }
  return media;
}

Taken Takes(std::string_view accept, std::string_view media_type) {
  if (accept.empty()) return Taken::kByWildcard;
  const std::string group = absl::StrCat(Absl(media_type.substr(0, media_type.find('/'))), "/*");
  // The most particular word counts: a type refused by name is not let in by "*/*".
  int particular = -1;
  Taken taken = Taken::kNo;
  for (const absl::string_view range : absl::StrSplit(Absl(accept.substr(0, kAcceptBytesMax)), ',')) {
    const std::vector<absl::string_view> parts = absl::StrSplit(range, ';');
    const absl::string_view name = Trimmed(parts[0]);
    int how = -1;
    if (absl::EqualsIgnoreCase(name, Absl(media_type))) {
      how = 2;
    } else if (absl::EqualsIgnoreCase(name, group)) {
      how = 1;
    } else if (name == "*/*") {
      how = 0;
    }
    if (how <= particular) continue;
    particular = how;
    taken = QualityOf(parts) <= 0 ? Taken::kNo : how == 2 ? Taken::kByName : Taken::kByWildcard;
  }
  return taken;
}

std::optional<absl::Duration> ReadTimeout(std::string_view grpc_timeout) {
  constexpr size_t kDigitsMax = 8;
  if (grpc_timeout.size() < 2 || grpc_timeout.size() > kDigitsMax + 1) return std::nullopt;
  const std::string_view digits = grpc_timeout.substr(0, grpc_timeout.size() - 1);
  if (!std::all_of(digits.begin(), digits.end(), [](char c) { return absl::ascii_isdigit(c); })) return std::nullopt;
  int64_t count = 0;
  if (!absl::SimpleAtoi(Absl(digits), &count)) return std::nullopt;
  switch (grpc_timeout.back()) {
    case 'H':
      return absl::Hours(count);
    case 'M':
      return absl::Minutes(count);
    case 'S':
      return absl::Seconds(count);
    case 'm':
      return absl::Milliseconds(count);
    case 'u':
      return absl::Microseconds(count);
    case 'n':
      return absl::Nanoseconds(count);
    default:
      return std::nullopt;
  }
}

std::string AttachmentNamed(std::string_view file_name) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  file_name = file_name.substr(file_name.find_last_of("/\\") + 1).substr(0, kFileNameBytesMax);
  if (file_name.empty()) return "attachment";
  std::string plain;
  std::string encoded;
  for (const char c : file_name) {
    const uint8_t byte = static_cast<uint8_t>(c);
    const bool simple = absl::ascii_isalnum(c) || c == '.' || c == '-' || c == '_';
    plain.push_back(simple || c == ' ' ? c : '_');
    if (simple) {
      encoded.push_back(c);
    } else {
      encoded.append({'%', kHex[byte >> 4], kHex[byte & 15]});
    }
  }
  return absl::StrCat("attachment; filename=\"", plain, "\"; filename*=UTF-8''", encoded);
}

bool IsOfHttp(std::string_view name) {
  if (std::find(kOfHttp.begin(), kOfHttp.end(), name) != kOfHttp.end()) return true;
  return std::any_of(kOfHttpPrefixes.begin(), kOfHttpPrefixes.end(),
                     [&](std::string_view prefix) { return name.starts_with(prefix); });
}

bool IsMetadataName(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-' || c == '_' || c == '.';
  });
}

bool IsMetadataValue(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
}

bool IsToldOverRest(std::string_view name) {
  return (name.starts_with("x-") || name.starts_with("ratelimit")) && !name.ends_with("-bin") &&
         name != "x-content-type-options";
}

}  // namespace gateway::web
