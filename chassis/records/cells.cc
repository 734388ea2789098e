// Empty personal text and empty JSON are stored as empty values: there is nothing to hide and nothing to read.
#include "chassis/records/cells.h"

#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "chassis/records/json.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"
#include "chassis/status/text.h"
#include "chassis/time/clock.h"
#include "google/protobuf/timestamp.pb.h"

namespace chassis::records {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using sql::Bytes;
using sql::Null;
using sql::Value;

constexpr size_t kIndexBytes = 32;

bool IsSet(const Message& message, const FieldDescriptor* field) {
  const Reflection* reflection = message.GetReflection();
  return field->is_repeated() ? reflection->FieldSize(message, field) > 0 : reflection->HasField(message, field);
}

std::string JsonOf(const Message& message, const FieldDescriptor* field) {
  std::string json;
  if (IsSet(message, field)) AppendFieldJson(message, field, Personal::kKept, json);
  return json;
}

int64_t NumberIn(const Message& message, const FieldDescriptor* field) {
  const Reflection* reflection = message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection->GetInt32(message, field);
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection->GetUInt32(message, field);
    default:
      return reflection->GetInt64(message, field);
  }
}

absl::Status SetNumber(int64_t number, const FieldDescriptor* field, Message& message) {
  const Reflection* reflection = message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      if (number != static_cast<int32_t>(number)) break;
      reflection->SetInt32(&message, field, static_cast<int32_t>(number));
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_UINT32:
      if (number != static_cast<uint32_t>(number)) break;
      reflection->SetUInt32(&message, field, static_cast<uint32_t>(number));
      return absl::OkStatus();
    default:
      reflection->SetInt64(&message, field, number);
      return absl::OkStatus();
  }
  return absl::DataLossError(absl::StrCat(field->full_name(), ": ", number, " does not fit"));
}

// By the name with or without the enum's prefix.
const EnumValueDescriptor* ValueNamed(const EnumDescriptor* type, const std::string& name) {
  if (const EnumValueDescriptor* value = type->FindValueByName(name)) return value;
  for (int i = 0; i < type->value_count(); ++i) {
    if (StateName(type, type->value(i)->number()) == name) return type->value(i);
  }
  return nullptr;
}

absl::StatusOr<Value> IdCell(std::string_view text, const Column& column) {
  if (text.empty()) return Value(Null{});
  std::string bytes = sql::UuidBytes(text);
  if (bytes.empty()) return absl::InvalidArgumentError(absl::StrCat(column.place, ": \"", Absl(text), "\" is no UUID"));
  return Value(Bytes{std::move(bytes)});
}

absl::Status WrongType(const Column& column) {
  return absl::InternalError(absl::StrCat("column ", column.place, " holds another type than its field"));
}

}  // namespace

absl::StatusOr<Value> CellOf(const Message& message, const Column& column, const privacy::Cipher& cipher) {
  const FieldDescriptor* field = column.field;
  const Reflection* reflection = message.GetReflection();
  if (column.optional && !reflection->HasField(message, field)) return Value(Null{});
  std::string scratch;
  switch (column.kind) {
    case Kind::kVersion: {
      int64_t version = 0;
      const std::string& etag = reflection->GetStringReference(message, field, &scratch);
      if (!absl::SimpleAtoi(etag, &version)) {
        return absl::InvalidArgumentError(absl::StrCat(column.place, ": \"", etag, "\" is no etag of ours"));
      }
      return Value(version);
    }
    case Kind::kId:
      return IdCell(reflection->GetStringReference(message, field, &scratch), column);
    case Kind::kText:
      return Value(reflection->GetString(message, field));
    case Kind::kDate: {
      std::string date = reflection->GetString(message, field);
      if (date.empty()) return Value(Null{});
      return Value(std::move(date));
    }
    case Kind::kInt:
      return Value(NumberIn(message, field));
    case Kind::kBool:
      return Value(static_cast<int64_t>(reflection->GetBool(message, field)));
    case Kind::kEnum:
      return Value(std::string(StateName(field->enum_type(), reflection->GetEnumValue(message, field))));
    case Kind::kBytes:
      return Value(Bytes{reflection->GetString(message, field)});
    case Kind::kTime:
      if (!reflection->HasField(message, field)) return Value(Null{});
      return Value(FromProto(static_cast<const google::protobuf::Timestamp&>(reflection->GetMessage(message, field))));
    case Kind::kJson:
      return Value(JsonOf(message, field));
    case Kind::kSealedText: {
      const std::string& text = reflection->GetStringReference(message, field, &scratch);
      return Value(Bytes{text.empty() ? "" : cipher.Seal(text, column.place)});
    }
    case Kind::kSealedJson: {
      const std::string json = JsonOf(message, field);
      return Value(Bytes{json.empty() ? "" : cipher.Seal(json, column.place)});
    }
  }
  return WrongType(column);
}

Value IndexCellOf(const Message& message, const Column& column, const privacy::Cipher& cipher) {
  const Reflection* reflection = message.GetReflection();
  if (column.optional && !reflection->HasField(message, column.field)) return Null{};
  const std::string text = reflection->GetString(message, column.field);
  return Bytes{text.empty() ? std::string(kIndexBytes, '\0') : cipher.BlindIndex(text, column.place)};
}

absl::Status SetFrom(const Value& cell, const Column& column, const privacy::Cipher& cipher, Message& message) {
  if (std::holds_alternative<Null>(cell)) return absl::OkStatus();
  const FieldDescriptor* field = column.field;
  const Reflection* reflection = message.GetReflection();
  const auto* number = std::get_if<int64_t>(&cell);
  const auto* text = std::get_if<std::string>(&cell);
  const auto* bytes = std::get_if<Bytes>(&cell);
  switch (column.kind) {
    case Kind::kVersion:
      if (number == nullptr) break;
      reflection->SetString(&message, field, absl::StrCat(*number));
      return absl::OkStatus();
    case Kind::kId:
      if (bytes == nullptr) break;
      reflection->SetString(&message, field, sql::UuidText(bytes->data));
      return absl::OkStatus();
    case Kind::kText:
    case Kind::kDate:
      if (text == nullptr) break;
      reflection->SetString(&message, field, *text);
      return absl::OkStatus();
    case Kind::kInt:
      if (number == nullptr) break;
      return SetNumber(*number, field, message);
    case Kind::kBool:
      if (number == nullptr) break;
      reflection->SetBool(&message, field, *number != 0);
      return absl::OkStatus();
    case Kind::kEnum: {
      if (text == nullptr) break;
      const EnumValueDescriptor* value = ValueNamed(field->enum_type(), *text);
      if (value == nullptr) return absl::DataLossError(absl::StrCat(column.place, ": unknown value ", *text));
      reflection->SetEnumValue(&message, field, value->number());
      return absl::OkStatus();
    }
    case Kind::kBytes:
      if (bytes == nullptr) break;
      reflection->SetString(&message, field, bytes->data);
      return absl::OkStatus();
    case Kind::kTime: {
      const auto* time = std::get_if<absl::Time>(&cell);
      if (time == nullptr) break;
      static_cast<google::protobuf::Timestamp&>(*reflection->MutableMessage(&message, field)) = ToProto(*time);
      return absl::OkStatus();
    }
    case Kind::kJson:
      if (text == nullptr) break;
      return text->empty() ? absl::OkStatus() : ReadFieldJson(*text, field, message);
    case Kind::kSealedText: {
      if (bytes == nullptr) break;
      if (bytes->data.empty()) {
        if (column.optional) reflection->SetString(&message, field, "");
        return absl::OkStatus();
      }
      ASSIGN_OR_RETURN(std::string plain, cipher.Open(bytes->data, column.place));
      reflection->SetString(&message, field, std::move(plain));
      return absl::OkStatus();
    }
    case Kind::kSealedJson: {
      if (bytes == nullptr) break;
      if (bytes->data.empty()) return absl::OkStatus();
      ASSIGN_OR_RETURN(const std::string json, cipher.Open(bytes->data, column.place));
      return ReadFieldJson(json, field, message);
    }
  }
  return WrongType(column);
}

absl::StatusOr<Value> CellFromText(std::string_view text, const Column& column) {
  const absl::Status wrong = absl::InvalidArgumentError(absl::StrCat(column.field->name(), ": ", Absl(text)));
  switch (column.kind) {
    case Kind::kId:
      return IdCell(text, column);
    case Kind::kText:
      return Value(std::string(text));
    case Kind::kDate: {
      if (text.empty()) return Value(Null{});
      absl::Time time;
      if (text.size() != 10 || !absl::ParseTime("%Y-%m-%d", Absl(text), &time, nullptr)) return wrong;
      return Value(std::string(text));
    }
    case Kind::kVersion:
    case Kind::kInt: {
      int64_t number = 0;
      if (!absl::SimpleAtoi(Absl(text), &number)) return wrong;
      return Value(number);
    }
    case Kind::kBool:
      if (text != "true" && text != "false") return wrong;
      return Value(static_cast<int64_t>(text == "true"));
    case Kind::kEnum: {
      const EnumValueDescriptor* value = ValueNamed(column.field->enum_type(), std::string(text));
      if (value == nullptr) return wrong;
      return Value(std::string(StateName(column.field->enum_type(), value->number())));
    }
    case Kind::kTime: {
      if (text.empty()) return Value(Null{});
      absl::Time time;
      if (!absl::ParseTime(absl::RFC3339_full, Absl(text), &time, nullptr)) return wrong;
      if (time < absl::FromUnixSeconds(-30'000'000'000) || time > absl::FromUnixSeconds(250'000'000'000)) return wrong;
      return Value(time);
    }
    default:
      return wrong;
  }
}

bool SameField(const Message& a, const Message& b, const FieldDescriptor* field) {
  const Reflection* reflection = a.GetReflection();
  if (field->has_presence() && reflection->HasField(a, field) != reflection->HasField(b, field)) return false;
  std::string scratch_a;
  std::string scratch_b;
  if (!field->is_repeated()) {
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        return reflection->GetStringReference(a, field, &scratch_a) ==
               reflection->GetStringReference(b, field, &scratch_b);
      case FieldDescriptor::CPPTYPE_BOOL:
        return reflection->GetBool(a, field) == reflection->GetBool(b, field);
      case FieldDescriptor::CPPTYPE_ENUM:
        return reflection->GetEnumValue(a, field) == reflection->GetEnumValue(b, field);
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return reflection->GetMessage(a, field).SerializeAsString() ==
               reflection->GetMessage(b, field).SerializeAsString();
      default:
        return NumberIn(a, field) == NumberIn(b, field);
    }
  }
  AppendFieldJson(a, field, Personal::kKept, scratch_a);
  AppendFieldJson(b, field, Personal::kKept, scratch_b);
  return scratch_a == scratch_b;
}

}  // namespace chassis::records
