// The first line is a path template, the second a request's path: whatever they are, a template that is taken matches
// what it is expanded to, and what is found is well-formed.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "gateway/rest/path_template.h"

namespace {

using gateway::rest::PathMatcher;
using gateway::rest::PathTemplate;
using gateway::rest::Wrong;

void Check(bool holds) {
  if (!holds) std::abort();
}

PathTemplate Fixed(std::string_view text) {
  Wrong wrong;
  size_t at = 0;
  return PathTemplate::Parse(text, wrong, at).value();
}

PathMatcher FixedRules() {
  PathMatcher matcher;
  matcher.Add("GET", Fixed("/v1/stores/{store_id}/parts/{part_id}"), 0);
  matcher.Add("POST", Fixed("/v1/stores/{store_id}/parts/{part_id}:check"), 1);
  matcher.Add("GET", Fixed("/v1/{name=files/*/**}"), 2);
  matcher.Add("*", Fixed("/v1/stores/special/**"), 3);
  return matcher;
}

// A path the template stands for.
std::string Expanded(const PathTemplate& pattern) {
  std::string path;
  for (const PathTemplate::Segment& segment : pattern.segments) {
    path.push_back('/');
    if (segment.kind != PathTemplate::Segment::Kind::kLiteral) {
      path.append("x");
      continue;
    }
    constexpr char kDigits[] = "0123456789ABCDEF";
    for (const char c : segment.literal) {
      path.push_back('%');
      path.push_back(kDigits[static_cast<unsigned char>(c) >> 4]);
      path.push_back(kDigits[static_cast<unsigned char>(c) & 15]);
    }
  }
  return pattern.verb.empty() ? path : path + ":" + pattern.verb;
}

void CheckFound(const PathMatcher& matcher, std::string_view path) {
  const PathMatcher::Found found = matcher.Find("GET", path);
  const bool has_methods = !matcher.Methods(path).empty();
  Check(has_methods ==
        (found.outcome == PathMatcher::Outcome::kFound || found.outcome == PathMatcher::Outcome::kOtherMethod));
  if (found.outcome == PathMatcher::Outcome::kMalformed) {
    Check(found.at < path.size());
    Check(!found.wrong.en.empty());
  }
  for (const PathMatcher::Value& value : found.match.values) {
    Check(gateway::rest::FirstInvalidUtf8(value.text) == std::string_view::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t line = input.find('\n');
  const std::string_view text = input.substr(0, line);
  const std::string_view path = line == std::string_view::npos ? text : input.substr(line + 1);

  static const PathMatcher* const fixed = new PathMatcher(FixedRules());
  CheckFound(*fixed, path);
  PathMatcher matcher;
  Wrong wrong;
  size_t at = 0;
  if (auto parsed = PathTemplate::Parse(text, wrong, at)) {
    const std::string expanded = Expanded(*parsed);
    bool is_utf8 = gateway::rest::FirstInvalidUtf8(parsed->verb) == std::string_view::npos;
    for (const auto& segment : parsed->segments) {
      is_utf8 &= gateway::rest::FirstInvalidUtf8(segment.literal) == std::string_view::npos;
    }
    // A verb of other than plain characters would have to be escaped again.
    const bool plain = parsed->verb.find_first_not_of("abcdefghijklmnopqrstuvwxyz") == std::string::npos;
    matcher.Add("GET", *std::move(parsed), 4);
    if (is_utf8 && plain) Check(matcher.Find("GET", expanded).outcome == PathMatcher::Outcome::kFound);
  } else {
    Check(!wrong.en.empty() && at <= text.size());
  }
  CheckFound(matcher, path);
  return 0;
}
