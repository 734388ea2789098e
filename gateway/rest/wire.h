// Protobuf's wire format, written front to back into one string: what parsers of JSON and of query strings make of
// their input. A nested message is opened and closed; its length goes in when it is closed.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::rest {

enum class WireType : uint32_t { kVarint = 0, kFixed64 = 1, kLength = 2, kFixed32 = 5 };

class WireWriter {
 public:
  void Tag(int field_number, WireType type) {
    Varint(static_cast<uint64_t>(field_number) << 3 | static_cast<uint32_t>(type));
  }
  void Varint(uint64_t value) { AppendVarint(value, bytes_); }
  void Fixed32(uint32_t value) { AppendLittleEndian(value, 4); }
  void Fixed64(uint64_t value) { AppendLittleEndian(value, 8); }
  void Length(std::string_view content) {
    Varint(content.size());
    bytes_.append(content);
  }
  void Raw(std::string_view encoded) { bytes_.append(encoded); }

  void Open(int field_number) {
    Tag(field_number, WireType::kLength);
    open_.push_back(bytes_.size());
  }
  void Close() {
    std::string length;
    AppendVarint(bytes_.size() - open_.back(), length);
    bytes_.insert(open_.back(), length);
    open_.pop_back();
  }
  size_t depth() const { return open_.size(); }

  const std::string& bytes() const { return bytes_; }
  std::string Take() && { return std::move(bytes_); }

 private:
  static void AppendVarint(uint64_t value, std::string& out) {
    while (value >= 0x80) {
      out.push_back(static_cast<char>(value | 0x80));
      value >>= 7;
    }
    out.push_back(static_cast<char>(value));
  }
  void AppendLittleEndian(uint64_t value, int size) {
    for (int i = 0; i < size; ++i) bytes_.push_back(static_cast<char>(value >> (8 * i)));
  }

  std::string bytes_;
  std::vector<size_t> open_;  // where the content of each open message begins
};

}  // namespace gateway::rest
