#include "gateway/web/grpc_web.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "chassis/status/text.h"

namespace gateway::web {
namespace {

constexpr size_t kPrefixBytes = 5;
constexpr uint8_t kCompressed = 0x01;
constexpr uint8_t kTrailer = 0x80;

bool IsBase64(char c) { return absl::ascii_isalnum(c) || c == '+' || c == '/' || c == '='; }

std::string Frame(uint8_t flags, std::string_view content) {
  std::string frame;
  frame.reserve(kPrefixBytes + content.size());
  frame.push_back(static_cast<char>(flags));
  for (int shift = 24; shift >= 0; shift -= 8) frame.push_back(static_cast<char>(content.size() >> shift));
  frame.append(content);
  return frame;
}

}  // namespace

// ---------------------------------------------------------------- requests

FrameReader::Next FrameReader::Broken(std::string_view why) {
  broken_ = true;
  if (why_.empty()) why_ = why;
  return Next::kMalformed;
}

void FrameReader::Feed(std::string_view piece) {
  if (broken_) return;
  if (taken_ > 0) {
    bytes_.erase(0, taken_);
    taken_ = 0;
  }
  if (form_ == GrpcWebForm::kBinary) {
    bytes_.append(piece);
    return;
  }
  Decode(piece);
}

void FrameReader::Decode(std::string_view piece) {
  for (const char c : piece) {
    if (!IsBase64(c)) {
      Broken("the body is no base64");
      return;
    }
    encoded_.push_back(c);
  }
  // A client may join texts that were padded each by itself: a run ends with the group that has padding.
  size_t begin = 0;
  while (encoded_.size() - begin >= 4) {
    const size_t whole = begin + (encoded_.size() - begin) / 4 * 4;
    const size_t padding = encoded_.find('=', begin);
    const size_t end = padding == std::string::npos ? whole : std::min(whole, begin + (padding - begin) / 4 * 4 + 4);
    std::string run;
    if (!absl::Base64Unescape(chassis::Absl(std::string_view(encoded_).substr(begin, end - begin)), &run)) {
      Broken("the body is no base64");
      return;
    }
    bytes_.append(run);
    begin = end;
  }
  encoded_.erase(0, begin);
}

FrameReader::Next FrameReader::Take(std::string& message) {
  if (broken_) return Next::kMalformed;
  const std::string_view rest = std::string_view(bytes_).substr(taken_);
  if (rest.empty()) return Next::kMore;
  const uint8_t flags = static_cast<uint8_t>(rest[0]);
  if (flags == kCompressed) return Broken("messages are not compressed here");
  if (flags == kTrailer) return Broken("a request has no trailers");
  if (flags != 0) return Broken("unknown flags of a frame");
  if (rest.size() < kPrefixBytes) return Next::kMore;
  size_t length = 0;
  for (size_t i = 1; i < kPrefixBytes; ++i) length = length << 8 | static_cast<uint8_t>(rest[i]);
  if (length > message_bytes_max_) {
    broken_ = true;
    why_ = "the message is too large";
    return Next::kTooLarge;
  }
  if (rest.size() - kPrefixBytes < length) return Next::kMore;
  message.assign(rest.substr(kPrefixBytes, length));
  taken_ += kPrefixBytes + length;
  return Next::kMessage;
}

// ---------------------------------------------------------------- answers

std::string MessageFrame(std::string_view message) { return Frame(0, message); }

std::string TrailerFrame(const TrailerFields& trailers) {
  std::string text;
  for (const auto& [name, value] : trailers) {
    absl::StrAppend(&text, name, ": ");
    for (const char c : value) {
      if (c != '\r' && c != '\n' && c != '\0') text.push_back(c);
    }
    text.append("\r\n");
  }
  return Frame(kTrailer, text);
}

std::string InForm(GrpcWebForm form, std::string bytes) {
  return form == GrpcWebForm::kText ? absl::Base64Escape(bytes) : bytes;
}

std::string PercentEncoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const uint8_t byte = static_cast<uint8_t>(c);
    if (byte >= 0x20 && byte <= 0x7e && c != '%') {
      encoded.push_back(c);
    } else {
      encoded.push_back('%');
      encoded.push_back(kHex[byte >> 4]);
      encoded.push_back(kHex[byte & 15]);
    }
  }
  return encoded;
}

std::string BinaryField(std::string_view bytes) {
  std::string text = absl::Base64Escape(chassis::Absl(bytes));
  while (text.ends_with('=')) text.pop_back();
  return text;
}

bool FromBinaryField(std::string_view text, std::string& bytes) {
  for (const char c : text) {
    if (!IsBase64(c)) return false;
  }
  return absl::Base64Unescape(chassis::Absl(text), &bytes);
}

}  // namespace gateway::web
