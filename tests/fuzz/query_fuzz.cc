// A query string, and each value as everything a parameter can be: what is taken is UTF-8, numbers and times keep their
// ranges, base64 comes back as it went.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "gateway/rest/query.h"
#include "gateway/rest/text.h"

namespace {

using namespace gateway::rest;

void Check(bool holds) {
  if (!holds) std::abort();
}

void CheckValue(const std::string& value) {
  Check(FirstInvalidUtf8(value) == std::string_view::npos);
  if (const auto bytes = Base64Decoded(value)) Check(Base64Decoded(Base64Encoded(*bytes)) == bytes);
  Check(Base64Decoded(Base64Encoded(value)) == value);
  if (const auto whole = ParseWhole(value, Notation::kDigits)) {
    Check((whole->negative ? "-" : "") + std::to_string(whole->magnitude) == value);
    Check(ParseWhole(value, Notation::kWithExponent).has_value());
    Check(ParseDouble(value).has_value());
  }
  if (const auto real = ParseDouble(value)) Check(std::isfinite(*real));
  if (const auto instant = ParseTimestamp(value)) {
    Check(instant->seconds >= -62'135'596'800 && instant->seconds <= 253'402'300'799);
    Check(instant->nanos >= 0 && instant->nanos < 1'000'000'000);
  }
  if (const auto duration = ParseDuration(value)) {
    Check(std::abs(duration->seconds) <= 315'576'000'000 && std::abs(duration->nanos) < 1'000'000'000);
    Check(duration->seconds == 0 || duration->nanos == 0 || (duration->seconds < 0) == (duration->nanos < 0));
  }
  ForEachMaskPath(value, [](const std::string& path) { Check(!path.empty()); });
  Check(!ShownName(value).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view query(reinterpret_cast<const char*>(data), size);
  size_t pairs = 0;
  const auto problem = ForEachParameter(query, [&pairs](const std::string& name, const std::string& value) {
    Check(FirstInvalidUtf8(name) == std::string_view::npos);
    CheckValue(value);
    ++pairs;
    return true;
  });
  Check(pairs <= size);
  if (problem.has_value()) Check(!problem->wrong.en.empty());
  return 0;
}
