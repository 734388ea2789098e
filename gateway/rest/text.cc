#include "gateway/rest/text.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>

namespace gateway::rest {
namespace {

constexpr size_t kShownNameMax = 64;
constexpr int64_t kDurationSecondsMax = 315'576'000'000;
constexpr int kNanoDigits = 9;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

int HexValue(char c) {
  if (IsDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsReserved(char c) { return std::string_view(":/?#[]@!$&'()*+,;=").find(c) != std::string_view::npos; }

// Length of the well-formed sequence `text` begins with, 0 when there is none (Unicode 15, table 3-7).
size_t SequenceLength(std::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto continues = [&](size_t i) { return (byte(i) & 0xC0u) == 0x80u; };
  const unsigned first = byte(0);
  const unsigned second = byte(1);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (first == 0xE0 && second < 0xA0) return 0;
    if (first == 0xED && second > 0x9F) return 0;
    return continues(1) && continues(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (first == 0xF0 && second < 0x90) return 0;
    if (first == 0xF4 && second > 0x8F) return 0;
    return continues(1) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

int Base64Value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (IsDigit(c)) return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

// Takes between `least` and `most` digits off the front.
std::optional<int64_t> TakeDigits(std::string_view& text, size_t least, size_t most) {
  size_t count = 0;
  int64_t value = 0;
  while (count < most && count < text.size() && IsDigit(text[count])) value = value * 10 + (text[count++] - '0');
  if (count < least) return std::nullopt;
  text.remove_prefix(count);
  return value;
}

bool Take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

// ".5" to 500,000,000; nothing to 0.
std::optional<int32_t> TakeNanos(std::string_view& text) {
  if (!Take(text, '.')) return 0;
  const size_t before = text.size();
  std::optional<int64_t> value = TakeDigits(text, 1, kNanoDigits);
  if (!value.has_value()) return std::nullopt;
  for (size_t digits = before - text.size(); digits < kNanoDigits; ++digits) *value *= 10;
  return static_cast<int32_t>(*value);
}

// A JSON number in its parts.
struct Parts {
  bool negative = false;
  std::string_view whole;
  std::string_view fraction;
  bool has_exponent = false;
  bool exponent_negative = false;
  std::string_view exponent;
};

std::string_view TakeRun(std::string_view& text) {
  size_t count = 0;
  while (count < text.size() && IsDigit(text[count])) ++count;
  const std::string_view run = text.substr(0, count);
  text.remove_prefix(count);
  return run;
}

std::optional<Parts> NumberParts(std::string_view text) {
  Parts parts;
  parts.negative = Take(text, '-');
  parts.whole = TakeRun(text);
  if (parts.whole.empty() || (parts.whole.size() > 1 && parts.whole.front() == '0')) return std::nullopt;
  if (Take(text, '.')) {
    parts.fraction = TakeRun(text);
    if (parts.fraction.empty()) return std::nullopt;
  }
  if (Take(text, 'e') || Take(text, 'E')) {
    parts.has_exponent = true;
    parts.exponent_negative = Take(text, '-');
    if (!parts.exponent_negative) Take(text, '+');
    parts.exponent = TakeRun(text);
    if (parts.exponent.empty()) return std::nullopt;
  }
  if (!text.empty()) return std::nullopt;
  return parts;
}

// Beyond any number a request can hold; keeps the sum below in range.
constexpr int64_t kExponentMax = 100'000'000;

int64_t ExponentOf(const Parts& parts) {
  int64_t value = 0;
  for (const char c : parts.exponent) value = std::min(value * 10 + (c - '0'), kExponentMax);
  return parts.exponent_negative ? -value : value;
}

// Whether the first digit that is not zero stands before the decimal point.
bool IsAboveOne(const Parts& parts) {
  int64_t place = static_cast<int64_t>(parts.whole.size()) + ExponentOf(parts);
  for (const std::string_view digits : {parts.whole, parts.fraction}) {
    for (const char c : digits) {
      if (c != '0') return place > 0;
      --place;
    }
  }
  return false;
}

}  // namespace

size_t FirstInvalidUtf8(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const size_t length = SequenceLength(text.substr(at));
    if (length == 0) return at;
    at += length;
  }
  return std::string_view::npos;
}

std::optional<std::string> PercentDecoded(std::string_view text, Escapes escapes) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && escapes == Escapes::kQuery) {
      decoded.push_back(' ');
      continue;
    }
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    const int high = i + 1 < text.size() ? HexValue(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? HexValue(text[i + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    const char c = static_cast<char>(high * 16 + low);
    if (escapes == Escapes::kKeepReserved && IsReserved(c)) {
      decoded.append(text.substr(i, 3));
    } else {
      decoded.push_back(c);
    }
    i += 2;
  }
  return decoded;
}

std::optional<std::string> Base64Decoded(std::string_view text) {
  size_t padding = 0;
  while (padding < 2 && !text.empty() && text.back() == '=') {
    text.remove_suffix(1);
    ++padding;
  }
  const size_t rest = text.size() % 4;
  if (rest == 1 || (padding > 0 && rest + padding != 4)) return std::nullopt;
  std::string decoded;
  decoded.reserve(text.size() / 4 * 3 + 2);
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int value = Base64Value(c);
    if (value < 0) return std::nullopt;
    bits = bits << 6 | static_cast<uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      decoded.push_back(static_cast<char>(bits >> count & 0xFF));
    }
  }
  if ((bits & ((1u << count) - 1)) != 0) return std::nullopt;
  return decoded;
}

std::string Base64Encoded(std::string_view bytes) {
  constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string encoded;
  encoded.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t bits = 0;
    for (size_t k = 0; k < 3; ++k) {
      bits = bits << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    }
    const size_t digits = std::min<size_t>(bytes.size() - i, 3) + 1;
    for (size_t k = 0; k < 4; ++k) {
      encoded.push_back(k < digits ? kAlphabet[bits >> (18 - 6 * k) & 63] : '=');
    }
  }
  return encoded;
}

std::optional<WholeNumber> ParseWhole(std::string_view text, Notation notation) {
  const std::optional<Parts> parts = NumberParts(text);
  if (!parts.has_value()) return std::nullopt;
  if (notation == Notation::kDigits && (!parts->fraction.empty() || parts->has_exponent)) return std::nullopt;
  // The digits without the point, and where the point stands among them.
  const int64_t digits = static_cast<int64_t>(parts->whole.size() + parts->fraction.size());
  const int64_t point = static_cast<int64_t>(parts->whole.size()) + ExponentOf(*parts);
  const auto digit = [&](int64_t i) {
    const size_t at = static_cast<size_t>(i);
    return at < parts->whole.size() ? parts->whole[at] : parts->fraction[at - parts->whole.size()];
  };
  WholeNumber number;
  number.negative = parts->negative;
  for (int64_t i = 0; i < digits; ++i) {
    const uint64_t value = static_cast<uint64_t>(digit(i) - '0');
    if (i >= point) {
      if (value != 0) return std::nullopt;
      continue;
    }
    if (number.magnitude > (std::numeric_limits<uint64_t>::max() - value) / 10) return std::nullopt;
    number.magnitude = number.magnitude * 10 + value;
  }
  if (number.magnitude == 0) return number;
  for (int64_t i = digits; i < point; ++i) {
    if (number.magnitude > std::numeric_limits<uint64_t>::max() / 10) return std::nullopt;
    number.magnitude *= 10;
  }
  return number;
}

std::optional<double> ParseDouble(std::string_view text) {
  const std::optional<Parts> parts = NumberParts(text);
  if (!parts.has_value()) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    // Too small is zero, too large is refused; the library says the same of both.
    if (IsAboveOne(*parts)) return std::nullopt;
    return parts->negative ? -0.0 : 0.0;
  }
  if (error != std::errc() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<Instant> ParseTimestamp(std::string_view text) {
  using namespace std::chrono;
  const auto year_number = TakeDigits(text, 4, 4);
  if (!year_number || *year_number == 0 || !Take(text, '-')) return std::nullopt;
  const auto month_number = TakeDigits(text, 2, 2);
  if (!month_number || !Take(text, '-')) return std::nullopt;
  const auto day_number = TakeDigits(text, 2, 2);
  if (!day_number || !(Take(text, 'T') || Take(text, 't'))) return std::nullopt;
  const year_month_day date(year(static_cast<int>(*year_number)), month(static_cast<unsigned>(*month_number)),
                            day(static_cast<unsigned>(*day_number)));
  if (!date.ok()) return std::nullopt;
  const auto hour = TakeDigits(text, 2, 2);
  if (!hour || *hour > 23 || !Take(text, ':')) return std::nullopt;
  const auto minute = TakeDigits(text, 2, 2);
  if (!minute || *minute > 59 || !Take(text, ':')) return std::nullopt;
  const auto second = TakeDigits(text, 2, 2);
  if (!second || *second > 59) return std::nullopt;
  const auto nanos = TakeNanos(text);
  if (!nanos) return std::nullopt;

  int64_t offset_minutes = 0;
  if (!Take(text, 'Z') && !Take(text, 'z')) {
    const bool west = Take(text, '-');
    if (!west && !Take(text, '+')) return std::nullopt;
    const auto hours = TakeDigits(text, 2, 2);
    if (!hours || *hours > 23 || !Take(text, ':')) return std::nullopt;
    const auto minutes = TakeDigits(text, 2, 2);
    if (!minutes || *minutes > 59) return std::nullopt;
    offset_minutes = (*hours * 60 + *minutes) * (west ? -1 : 1);
  }
  if (!text.empty()) return std::nullopt;

  Instant instant;
  instant.seconds = static_cast<int64_t>(sys_days(date).time_since_epoch().count()) * 86400 + *hour * 3600 +
                    (*minute - offset_minutes) * 60 + *second;
  instant.nanos = *nanos;
  constexpr int64_t kFirst = -62'135'596'800;  // 0001-01-01T00:00:00Z
  constexpr int64_t kLast = 253'402'300'799;   // 9999-12-31T23:59:59Z
  if (instant.seconds < kFirst || instant.seconds > kLast) return std::nullopt;
  return instant;
}

std::optional<Instant> ParseDuration(std::string_view text) {
  const bool negative = Take(text, '-');
  const auto seconds = TakeDigits(text, 1, 12);
  if (!seconds || *seconds > kDurationSecondsMax) return std::nullopt;
  const auto nanos = TakeNanos(text);
  if (!nanos || text != "s") return std::nullopt;
  if (*seconds == kDurationSecondsMax && *nanos > 0) return std::nullopt;
  return Instant{negative ? -*seconds : *seconds, negative ? -*nanos : *nanos};
}

std::optional<std::string> SnakePath(std::string_view camel_path) {
  if (camel_path == "*") return "*";
  std::string snake;
  bool begins = true;
  for (const char c : camel_path) {
    if (c == '.') {
      if (begins) return std::nullopt;
      begins = true;
      snake.push_back(c);
      continue;
    }
    if (begins ? !IsLetter(c) && c != '_' : !IsLetter(c) && !IsDigit(c) && c != '_') return std::nullopt;
    if (c >= 'A' && c <= 'Z') {
      snake.push_back('_');
      snake.push_back(static_cast<char>(c - 'A' + 'a'));
    } else {
      snake.push_back(c);
    }
    begins = false;
  }
  if (begins) return std::nullopt;
  return snake;
}

std::string ShownName(std::string_view name) {
  if (name.empty() || name.size() > kShownNameMax) return "?";
  for (const char c : name) {
    if (!IsLetter(c) && !IsDigit(c) && std::string_view("_.@-").find(c) == std::string_view::npos) return "?";
  }
  return std::string(name);
}

}  // namespace gateway::rest
