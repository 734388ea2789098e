// Conversions between what the suite holds and what the wire carries, and the checked reading of rows.
#include "chassis/sql/value.h"

#include <algorithm>

#include "absl/status/status.h"
#include "chassis/status/check.h"

namespace chassis::sql {
namespace {

constexpr size_t kUuidTextBytes = 36;
constexpr size_t kUuidBytes = 16;

bool IsHyphenPlace(size_t at) { return at == 8 || at == 13 || at == 18 || at == 23; }

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Value ToValue(const Uuid& id) {
  if (id.text.empty()) return Null{};
  return Bytes{UuidBytes(id.text)};
}

std::string UuidBytes(std::string_view text) {
  if (text.size() != kUuidTextBytes) return "";
  std::string bytes;
  bytes.reserve(kUuidBytes);
  for (size_t at = 0; at < text.size();) {
    if (IsHyphenPlace(at)) {
      if (text[at++] != '-') return "";
      continue;
    }
    const int high = HexDigit(text[at]);
    const int low = HexDigit(text[at + 1]);
    if (high < 0 || low < 0) return "";
    bytes.push_back(static_cast<char>(high * 16 + low));
    at += 2;
  }
  return bytes;
}

std::string UuidText(std::string_view bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  if (bytes.size() != kUuidBytes) return "";
  std::string text(kUuidTextBytes, '-');
  size_t at = 0;
  for (char c : bytes) {
    if (IsHyphenPlace(at)) ++at;
    const auto byte = static_cast<unsigned char>(c);
    text[at++] = kHex[byte >> 4];
    text[at++] = kHex[byte & 15];
  }
  return text;
}

const std::vector<std::string>& Rows::columns() const {
  static const auto* none = new std::vector<std::string>();
  return columns_ ? *columns_ : *none;
}

Row Rows::operator[](size_t index) const {
  CHASSIS_CHECK(index < cells_.size(), "row index beyond the result");
  return Row(this, index);
}

absl::StatusOr<Row> Rows::One() const {
  if (cells_.empty()) return absl::NotFoundError("no such row");
  return Row(this, 0);
}

bool Row::Has(std::string_view column) const {
  const auto& columns = rows_->columns();
  return std::find(columns.begin(), columns.end(), column) != columns.end();
}

size_t Row::Index(std::string_view column) const {
  const auto& columns = rows_->columns();
  const auto found = std::find(columns.begin(), columns.end(), column);
  CHASSIS_CHECK(found != columns.end(), std::string(column).c_str());
  return static_cast<size_t>(found - columns.begin());
}

const Value& Row::Cell(std::string_view column) const { return rows_->cells_[index_][Index(column)]; }

bool Row::IsNull(std::string_view column) const { return std::holds_alternative<Null>(Cell(column)); }

int64_t Row::Int(std::string_view column) const {
  const auto* number = std::get_if<int64_t>(&Cell(column));
  CHASSIS_CHECK(number != nullptr, std::string(column).c_str());
  return *number;
}

int64_t Row::IntOr(std::string_view column, int64_t otherwise) const {
  return IsNull(column) ? otherwise : Int(column);
}

// Bytes read as text, too: what is sealed or hashed is looked at through here.
std::string Row::Text(std::string_view column) const {
  const Value& cell = Cell(column);
  if (std::holds_alternative<Null>(cell)) return "";
  if (const auto* bytes = std::get_if<Bytes>(&cell)) return bytes->data;
  const auto* text = std::get_if<std::string>(&cell);
  CHASSIS_CHECK(text != nullptr, std::string(column).c_str());
  return *text;
}

std::string Row::Id(std::string_view column) const {
  const Value& cell = Cell(column);
  if (std::holds_alternative<Null>(cell)) return "";
  const auto* bytes = std::get_if<Bytes>(&cell);
  CHASSIS_CHECK(bytes != nullptr && bytes->data.size() == kUuidBytes, std::string(column).c_str());
  return UuidText(bytes->data);
}

absl::Time Row::Time(std::string_view column) const {
  const Value& cell = Cell(column);
  if (std::holds_alternative<Null>(cell)) return absl::InfinitePast();
  const auto* time = std::get_if<absl::Time>(&cell);
  CHASSIS_CHECK(time != nullptr, std::string(column).c_str());
  return *time;
}

}  // namespace chassis::sql
