// The small grammars a request is written in: percent escapes, UTF-8, base64, whole numbers, times. Every function is
// strict, linear in its input and knows nothing of messages, so that the fuzzers build it alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gateway::rest {

// What is wrong with a value, in the two languages of the suite; never the value itself.
struct Wrong {
  std::string_view zh;
  std::string_view en;
};

// Position of the first byte that does not belong to well-formed UTF-8 (no overlong forms, no surrogates, nothing
// beyond U+10FFFF), npos when there is none.
size_t FirstInvalidUtf8(std::string_view text);

enum class Escapes {
  kPath,          // every %XX is decoded
  kKeepReserved,  // %XX of the reserved characters of RFC 6570 stay as sent: a multi-segment variable's %2F is no '/'
  kQuery,         // every %XX is decoded, '+' is a space
};
// nullopt when a '%' is not followed by two hexadecimal digits. Whether the result is UTF-8 is not looked at.
std::optional<std::string> PercentDecoded(std::string_view text, Escapes escapes);

// Either alphabet, with or without padding, as the JSON mapping of proto3 wants; nullopt for anything else, also for
// bits left over.
std::optional<std::string> Base64Decoded(std::string_view text);
std::string Base64Encoded(std::string_view bytes);

// A whole number exactly: 5, -5, 5.0, 5e3, 50e-1. No leading zeros, no plus, no blanks. `magnitude` is at most 2^64
// - 1.
struct WholeNumber {
  bool negative = false;
  uint64_t magnitude = 0;
};
enum class Notation { kDigits, kWithExponent };
std::optional<WholeNumber> ParseWhole(std::string_view text, Notation notation);
// A JSON number; nullopt when it is none or its value is beyond a double's range.
std::optional<double> ParseDouble(std::string_view text);

// Seconds since 1970 and nanoseconds, as Timestamp and Duration carry them.
struct Instant {
  int64_t seconds = 0;
  int32_t nanos = 0;
};
// RFC 3339 with zone, years 0001 to 9999, at most nine digits of a second: "2026-11-22T08:30:00.5+08:00".
std::optional<Instant> ParseTimestamp(std::string_view text);
// "90s", "-1.5s"; at most 315,576,000,000 seconds either way.
std::optional<Instant> ParseDuration(std::string_view text);

// "storeId,settings.taxBasisPoints" to "store_id" and "settings.tax_basis_points"; calls `each` for every path.
// False when a path is neither a chain of names in lowerCamelCase (or snake_case, which is taken too) nor "*".
template <typename Each>
bool ForEachMaskPath(std::string_view text, Each each);
std::optional<std::string> SnakePath(std::string_view camel_path);

// A name of the client's that may stand in a message: letters, digits, '_', '.', '@', '-', at most 64 of them;
// anything else is shown as "?".
std::string ShownName(std::string_view name);

// -- ------------------------------------------------------------------------------------------------------------------

template <typename Each>
bool ForEachMaskPath(std::string_view text, Each each) {
  while (!text.empty()) {
    const size_t comma = text.find(',');
    const std::optional<std::string> path = SnakePath(text.substr(0, comma));
    if (!path.has_value()) return false;
    each(*path);
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
    if (text.empty()) return false;
  }
  return true;
}

}  // namespace gateway::rest
