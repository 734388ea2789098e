#include "chassis/client/trace.h"

#include <algorithm>
#include <random>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace chassis {
namespace {

// Ids of traces mean nothing to the business, so they are no part of the injected Ids and tests do not see them.
std::string RandomHex(size_t digits) {
  thread_local std::mt19937_64 generator{std::random_device{}()};
  constexpr char kHex[] = "0123456789abcdef";
  std::string text(digits, '0');
  for (size_t i = 0; i < digits; i += 16) {
    uint64_t bits = generator();
    for (size_t n = i; n < std::min(digits, i + 16); ++n, bits >>= 4) text[n] = kHex[bits & 0xf];
  }
  return text;
}

bool IsLowerHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f'); });
}

bool IsZero(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

}  // namespace

TraceContext TraceContext::ChildOf(std::string_view header) {
  TraceContext context;
  context.span_id = RandomHex(16);
  const bool shaped = header.size() == 55 && header[2] == '-' && header[35] == '-' && header[52] == '-' &&
                      header.substr(0, 2) == "00" && IsLowerHex(header.substr(3, 32)) &&
                      IsLowerHex(header.substr(36, 16)) && IsLowerHex(header.substr(53, 2)) &&
                      !IsZero(header.substr(3, 32));
  if (!shaped) {
    context.trace_id = RandomHex(32);
    return context;
  }
  context.trace_id = std::string(header.substr(3, 32));
  context.sampled = (header[54] - '0') % 2 == 1;
  return context;
}

std::string TraceContext::Header() const {
  return absl::StrCat("00-", trace_id, "-", span_id, sampled ? "-01" : "-00");
}

}  // namespace chassis
