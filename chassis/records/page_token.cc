// Layout before base64: digest (16 bytes) of query and body, then per value a tag and its bytes. The digest is no
// secret: values of a forged token are only ever bound as arguments of a query the caller may run anyway.
#include "chassis/records/page_token.h"

#include <openssl/sha.h>

#include "absl/strings/escaping.h"
#include "absl/time/time.h"
#include "chassis/status/refusal.h"
#include "chassis/status/text.h"

namespace chassis::records {
namespace {

using sql::Bytes;
using sql::Null;
using sql::Value;

constexpr size_t kDigestBytes = 16;
constexpr size_t kTokenBytesMax = 4096;

void AppendNumber(uint64_t number, std::string& out) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift));
}

uint64_t ReadNumber(std::string_view bytes) {
  uint64_t number = 0;
  for (size_t i = 0; i < 8; ++i) number = number << 8 | static_cast<uint8_t>(bytes[i]);
  return number;
}

void AppendValue(const Value& value, std::string& out) {
  if (std::holds_alternative<Null>(value)) {
    out.push_back('0');
  } else if (const auto* number = std::get_if<int64_t>(&value)) {
    out.push_back('i');
    AppendNumber(static_cast<uint64_t>(*number), out);
  } else if (const auto* time = std::get_if<absl::Time>(&value)) {
    out.push_back('t');
    AppendNumber(static_cast<uint64_t>(absl::ToUnixMicros(*time)), out);
  } else {
    const auto* text = std::get_if<std::string>(&value);
    const std::string& data = text != nullptr ? *text : std::get<Bytes>(value).data;
    out.push_back(text != nullptr ? 's' : 'b');
    AppendNumber(data.size(), out);
    out.append(data);
  }
}

// Takes one value off the front; false when the bytes are not one.
bool TakeValue(std::string_view& bytes, Value& value) {
  if (bytes.empty()) return false;
  const char tag = bytes[0];
  bytes.remove_prefix(1);
  if (tag == '0') {
    value = Null{};
    return true;
  }
  if (bytes.size() < 8) return false;
  const uint64_t number = ReadNumber(bytes);
  bytes.remove_prefix(8);
  if (tag == 'i') {
    value = static_cast<int64_t>(number);
    return true;
  }
  if (tag == 't') {
    value = absl::FromUnixMicros(static_cast<int64_t>(number));
    return true;
  }
  if ((tag != 's' && tag != 'b') || bytes.size() < number) return false;
  std::string data(bytes.substr(0, number));
  bytes.remove_prefix(number);
  if (tag == 's') {
    value = std::move(data);
  } else {
    value = Bytes{std::move(data)};
  }
  return true;
}

std::string Digest(std::string_view query, std::string_view body) {
  std::string text(query);
  text.push_back('\0');
  text.append(body);
  uint8_t digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const uint8_t*>(text.data()), text.size(), digest);
  return std::string(reinterpret_cast<const char*>(digest), kDigestBytes);
}

}  // namespace

std::string Encoded(const std::vector<Value>& values) {
  std::string body;
  for (const Value& value : values) AppendValue(value, body);
  return body;
}

std::string MakePageToken(std::string_view query, const std::vector<Value>& values) {
  const std::string body = Encoded(values);
  return absl::WebSafeBase64Escape(Digest(query, body) + body);
}

absl::StatusOr<std::vector<Value>> ReadPageToken(std::string_view token, std::string_view query, size_t count) {
  const absl::Status wrong = Refuse(aftersales::common::v1::ERROR_REASON_PAGE_TOKEN)
                                 .At("page_token", "不属于此查询", "does not belong to this query");
  std::string bytes;
  if (token.size() > kTokenBytesMax || !absl::WebSafeBase64Unescape(Absl(token), &bytes)) return wrong;
  if (bytes.size() < kDigestBytes) return wrong;
  std::string_view body = std::string_view(bytes).substr(kDigestBytes);
  if (bytes.substr(0, kDigestBytes) != Digest(query, body)) return wrong;
  std::vector<Value> values(count);
  for (Value& value : values) {
    if (!TakeValue(body, value)) return wrong;
  }
  if (!body.empty()) return wrong;
  return values;
}

}  // namespace chassis::records
