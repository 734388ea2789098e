#include "gateway/rest/query.h"

#include <algorithm>
#include <optional>

namespace gateway::rest {
namespace {

constexpr Wrong kEscape = {"百分号编码有误", "holds a malformed percent escape"};
constexpr Wrong kUtf8 = {"不是有效的 UTF-8", "is not valid UTF-8"};
constexpr Wrong kUnescaped = {"含有未转义的字符", "holds a character that must be percent-encoded"};

// The decoded text, or what is wrong with it.
std::optional<Wrong> Decode(std::string_view sent, std::string& decoded) {
  for (const char c : sent) {
    const unsigned char byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7F || c == '#') return kUnescaped;
  }
  std::optional<std::string> text = PercentDecoded(sent, Escapes::kQuery);
  if (!text.has_value()) return kEscape;
  if (FirstInvalidUtf8(*text) != std::string_view::npos) return kUtf8;
  decoded = *std::move(text);
  return std::nullopt;
}

}  // namespace

std::optional<QueryProblem> ForEachParameter(
    std::string_view query, const std::function<bool(const std::string& name, const std::string& value)>& each) {
  size_t from = 0;
  while (from < query.size()) {
    const size_t end = std::min(query.find('&', from), query.size());
    const std::string_view pair = query.substr(from, end - from);
    from = end + 1;
    if (pair.empty()) continue;
    const size_t equals = std::min(pair.find('='), pair.size());
    std::string name;
    std::string value;
    if (const auto wrong = Decode(pair.substr(0, equals), name)) return QueryProblem{"", *wrong};
    if (equals < pair.size()) {
      if (const auto wrong = Decode(pair.substr(equals + 1), value)) return QueryProblem{ShownName(name), *wrong};
    }
    if (!each(name, value)) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace gateway::rest
