#include "gateway/rest/values.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"

namespace gateway::rest {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;

constexpr Wrong kBool = {"应为 true 或 false", "must be true or false"};
constexpr Wrong kString = {"应为字符串", "must be a string"};
constexpr Wrong kInt32 = {"应为 -2147483648 到 2147483647 的整数", "must be a whole number of 32 bits"};
constexpr Wrong kUint32 = {"应为 0 到 4294967295 的整数", "must be a whole number from 0 to 4294967295"};
constexpr Wrong kInt64 = {"应为 64 位整数", "must be a whole number of 64 bits"};
constexpr Wrong kUint64 = {"应为非负的 64 位整数", "must be a whole number of 64 bits and not negative"};
constexpr Wrong kFloat = {"应为单精度范围内的数", "must be a number within the range of a float"};
constexpr Wrong kDouble = {"应为双精度范围内的数", "must be a number within the range of a double"};
constexpr Wrong kBytes = {"应为 base64 字符串", "must be a string in base64"};
constexpr Wrong kEnum = {"应为该枚举的名称或编号", "must be a name or number of this enumeration"};
constexpr Wrong kTimestamp = {"应为 RFC 3339 时间，如 2026-11-22T08:30:00Z",
                              "must be a time after RFC 3339, such as 2026-11-22T08:30:00Z"};
constexpr Wrong kDuration = {"应为以 s 结尾的秒数，如 90s", "must be seconds with an s at the end, such as 90s"};
constexpr Wrong kFieldMask = {"应为以逗号分隔的字段名", "must be names of fields with commas between them"};
constexpr Wrong kObject = {"应为对象", "must be an object"};

bool IsText(const Scalar& scalar) { return scalar.kind == Scalar::Kind::kString || scalar.kind == Scalar::Kind::kText; }
bool IsBool(const Scalar& scalar, std::string_view word) {
  if (scalar.kind == Scalar::Kind::kText) return scalar.text == word;
  return scalar.kind == (word == "true" ? Scalar::Kind::kTrue : Scalar::Kind::kFalse);
}

// Whole numbers may come as a number, also 5e3 and 5.0 where that is exact, or as text of digits.
std::optional<WholeNumber> Whole(const Scalar& scalar) {
  if (scalar.kind == Scalar::Kind::kNumber) return ParseWhole(scalar.text, Notation::kWithExponent);
  if (IsText(scalar)) return ParseWhole(scalar.text, Notation::kDigits);
  return std::nullopt;
}

std::optional<int64_t> Signed(const Scalar& scalar, int64_t least, int64_t most) {
  const std::optional<WholeNumber> whole = Whole(scalar);
  if (!whole.has_value()) return std::nullopt;
  if (whole->negative) {
    if (whole->magnitude > static_cast<uint64_t>(-(least + 1)) + 1) return std::nullopt;
    return static_cast<int64_t>(0 - whole->magnitude);
  }
  if (whole->magnitude > static_cast<uint64_t>(most)) return std::nullopt;
  return static_cast<int64_t>(whole->magnitude);
}

std::optional<uint64_t> Unsigned(const Scalar& scalar, uint64_t most) {
  const std::optional<WholeNumber> whole = Whole(scalar);
  if (!whole.has_value() || (whole->negative && whole->magnitude != 0) || whole->magnitude > most) return std::nullopt;
  return whole->magnitude;
}

std::optional<double> Real(const Scalar& scalar) {
  if (scalar.kind == Scalar::Kind::kNumber) return ParseDouble(scalar.text);
  if (!IsText(scalar)) return std::nullopt;
  if (scalar.text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (scalar.text == "Infinity") return std::numeric_limits<double>::infinity();
  if (scalar.text == "-Infinity") return -std::numeric_limits<double>::infinity();
  return ParseDouble(scalar.text);
}

std::optional<int32_t> EnumNumber(const FieldDescriptor& field, const Scalar& scalar) {
  const auto* type = field.enum_type();
  if (IsText(scalar)) {
    const EnumValueDescriptor* value = type->FindValueByName(std::string(scalar.text));
    if (value != nullptr) return value->number();
    // A number is only text where there are no quotes.
    if (scalar.kind == Scalar::Kind::kString) return std::nullopt;
  }
  const std::optional<int64_t> number =
      Signed(scalar, std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max());
  if (!number.has_value() || type->FindValueByNumber(static_cast<int>(*number)) == nullptr) return std::nullopt;
  return static_cast<int32_t>(*number);
}

template <typename To, typename From>
To BitsOf(From value) {
  static_assert(sizeof(To) == sizeof(From));
  To bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

std::optional<Wrong> WriteSigned32(int number, const FieldDescriptor& field, const Scalar& scalar, WireWriter& wire) {
  const auto value = Signed(scalar, std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max());
  if (!value.has_value()) return kInt32;
  const int32_t small = static_cast<int32_t>(*value);
  if (field.type() == FieldDescriptor::TYPE_SFIXED32) {
    wire.Tag(number, WireType::kFixed32);
    wire.Fixed32(static_cast<uint32_t>(small));
    return std::nullopt;
  }
  wire.Tag(number, WireType::kVarint);
  wire.Varint(field.type() == FieldDescriptor::TYPE_SINT32 ? WireFormatLite::ZigZagEncode32(small)
                                                           : static_cast<uint64_t>(*value));
  return std::nullopt;
}

std::optional<Wrong> WriteSigned64(int number, const FieldDescriptor& field, const Scalar& scalar, WireWriter& wire) {
  const auto value = Signed(scalar, std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max());
  if (!value.has_value()) return kInt64;
  if (field.type() == FieldDescriptor::TYPE_SFIXED64) {
    wire.Tag(number, WireType::kFixed64);
    wire.Fixed64(static_cast<uint64_t>(*value));
    return std::nullopt;
  }
  wire.Tag(number, WireType::kVarint);
  wire.Varint(field.type() == FieldDescriptor::TYPE_SINT64 ? WireFormatLite::ZigZagEncode64(*value)
                                                           : static_cast<uint64_t>(*value));
  return std::nullopt;
}

std::optional<Wrong> WriteUnsigned(int number, const FieldDescriptor& field, const Scalar& scalar, WireWriter& wire) {
  const bool is_32 = field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32;
  const auto value =
      Unsigned(scalar, is_32 ? std::numeric_limits<uint32_t>::max() : std::numeric_limits<uint64_t>::max());
  if (!value.has_value()) return is_32 ? kUint32 : kUint64;
  if (field.type() == FieldDescriptor::TYPE_FIXED32) {
    wire.Tag(number, WireType::kFixed32);
    wire.Fixed32(static_cast<uint32_t>(*value));
  } else if (field.type() == FieldDescriptor::TYPE_FIXED64) {
    wire.Tag(number, WireType::kFixed64);
    wire.Fixed64(*value);
  } else {
    wire.Tag(number, WireType::kVarint);
    wire.Varint(*value);
  }
  return std::nullopt;
}

std::optional<Wrong> WriteReal(int number, const FieldDescriptor& field, const Scalar& scalar, WireWriter& wire) {
  const bool is_float = field.cpp_type() == FieldDescriptor::CPPTYPE_FLOAT;
  const std::optional<double> value = Real(scalar);
  if (!value.has_value()) return is_float ? kFloat : kDouble;
  if (!is_float) {
    wire.Tag(number, WireType::kFixed64);
    wire.Fixed64(BitsOf<uint64_t>(*value));
    return std::nullopt;
  }
  const float narrow = static_cast<float>(*value);
  if (std::isfinite(*value) && !std::isfinite(narrow)) return kFloat;
  wire.Tag(number, WireType::kFixed32);
  wire.Fixed32(BitsOf<uint32_t>(narrow));
  return std::nullopt;
}

std::optional<Wrong> WriteText(int number, const FieldDescriptor& field, const Scalar& scalar, WireWriter& wire) {
  if (field.type() != FieldDescriptor::TYPE_BYTES) {
    if (!IsText(scalar)) return kString;
    wire.Tag(number, WireType::kLength);
    wire.Length(scalar.text);
    return std::nullopt;
  }
  if (!IsText(scalar)) return kBytes;
  const std::optional<std::string> bytes = Base64Decoded(scalar.text);
  if (!bytes.has_value()) return kBytes;
  wire.Tag(number, WireType::kLength);
  wire.Length(*bytes);
  return std::nullopt;
}

std::optional<Wrong> WriteInstant(const std::optional<Instant>& instant, Wrong otherwise, WireWriter& wire) {
  if (!instant.has_value()) return otherwise;
  if (instant->seconds != 0) {
    wire.Tag(1, WireType::kVarint);
    wire.Varint(static_cast<uint64_t>(instant->seconds));
  }
  if (instant->nanos != 0) {
    wire.Tag(2, WireType::kVarint);
    wire.Varint(static_cast<uint64_t>(static_cast<int64_t>(instant->nanos)));
  }
  return std::nullopt;
}

std::optional<Wrong> WriteFieldMask(const Scalar& scalar, WireWriter& wire) {
  if (!IsText(scalar)) return kFieldMask;
  const bool good = ForEachMaskPath(scalar.text, [&wire](const std::string& path) {
    wire.Tag(1, WireType::kLength);
    wire.Length(path);
  });
  return good ? std::nullopt : std::optional(kFieldMask);
}

}  // namespace

bool IsScalarMessage(const Descriptor& message) {
  switch (message.well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_UNSPECIFIED:
    case Descriptor::WELLKNOWNTYPE_ANY:
    case Descriptor::WELLKNOWNTYPE_STRUCT:
    case Descriptor::WELLKNOWNTYPE_VALUE:
    case Descriptor::WELLKNOWNTYPE_LISTVALUE:
      return false;
    default:
      return true;
  }
}

bool HasOwnJson(const Descriptor& message) {
  return message.well_known_type() != Descriptor::WELLKNOWNTYPE_UNSPECIFIED;
}

std::optional<Wrong> WriteScalar(int number, const FieldDescriptor& field, const Scalar& scalar, WireWriter& wire) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL: {
      const bool yes = IsBool(scalar, "true");
      if (!yes && !IsBool(scalar, "false")) return kBool;
      wire.Tag(number, WireType::kVarint);
      wire.Varint(yes ? 1 : 0);
      return std::nullopt;
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      const std::optional<int32_t> value = EnumNumber(field, scalar);
      if (!value.has_value()) return kEnum;
      wire.Tag(number, WireType::kVarint);
      wire.Varint(static_cast<uint64_t>(static_cast<int64_t>(*value)));
      return std::nullopt;
    }
    case FieldDescriptor::CPPTYPE_INT32:
      return WriteSigned32(number, field, scalar, wire);
    case FieldDescriptor::CPPTYPE_INT64:
      return WriteSigned64(number, field, scalar, wire);
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      return WriteUnsigned(number, field, scalar, wire);
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return WriteReal(number, field, scalar, wire);
    case FieldDescriptor::CPPTYPE_STRING:
      return WriteText(number, field, scalar, wire);
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      if (!IsScalarMessage(*field.message_type())) return kObject;
      wire.Open(number);
      std::optional<Wrong> wrong = WriteScalarContent(*field.message_type(), scalar, wire);
      wire.Close();
      return wrong;
    }
  }
  return kObject;
}

std::optional<Wrong> WriteScalarContent(const Descriptor& message, const Scalar& scalar, WireWriter& wire) {
  switch (message.well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
      return WriteInstant(IsText(scalar) ? ParseTimestamp(scalar.text) : std::nullopt, kTimestamp, wire);
    case Descriptor::WELLKNOWNTYPE_DURATION:
      return WriteInstant(IsText(scalar) ? ParseDuration(scalar.text) : std::nullopt, kDuration, wire);
    case Descriptor::WELLKNOWNTYPE_FIELDMASK:
      return WriteFieldMask(scalar, wire);
    default:
      break;
  }
  // Wrappers: their only field is called `value` and has number 1.
  const FieldDescriptor* value = IsScalarMessage(message) ? message.FindFieldByNumber(1) : nullptr;
  return value == nullptr ? std::optional(kObject) : WriteScalar(1, *value, scalar, wire);
}

const FieldDescriptor* FieldNamed(const Descriptor& message, const std::string& name) {
  const FieldDescriptor* field = message.FindFieldByName(name);
  if (field != nullptr) return field;
  field = message.FindFieldByCamelcaseName(name);
  if (field != nullptr && field->json_name() == name) return field;
  for (int i = 0; i < message.field_count(); ++i) {
    if (message.field(i)->json_name() == name) return message.field(i);
  }
  return nullptr;
}

std::string TextOfField(const FieldDescriptor& field, std::string_view message) {
  google::protobuf::io::CodedInputStream input(reinterpret_cast<const uint8_t*>(message.data()),
                                               static_cast<int>(message.size()));
  std::string text;
  while (const uint32_t tag = input.ReadTag()) {
    if (WireFormatLite::GetTagFieldNumber(tag) != field.number()) {
      if (!WireFormatLite::SkipField(&input, tag)) break;
      continue;
    }
    switch (WireFormatLite::GetTagWireType(tag)) {
      case WireFormatLite::WIRETYPE_LENGTH_DELIMITED: {
        uint32_t length = 0;
        if (!input.ReadVarint32(&length) || !input.ReadString(&text, static_cast<int>(length))) return "";
        break;
      }
      case WireFormatLite::WIRETYPE_VARINT: {
        uint64_t value = 0;
        if (!input.ReadVarint64(&value)) return "";
        const bool is_signed =
            field.cpp_type() != FieldDescriptor::CPPTYPE_UINT32 && field.cpp_type() != FieldDescriptor::CPPTYPE_UINT64;
        text = value == 0 ? "" : is_signed ? std::to_string(static_cast<int64_t>(value)) : std::to_string(value);
        break;
      }
      default:
        if (!WireFormatLite::SkipField(&input, tag)) return "";
    }
  }
  return text;
}

}  // namespace gateway::rest
