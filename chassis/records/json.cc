// Writer and reader side by side, so that they stay each other's mirror.
#include "chassis/records/json.h"

#include <cstdint>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "aftersales/options/v1/options.pb.h"
#include "chassis/status/status.h"
#include "chassis/status/text.h"
#include "chassis/time/clock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/timestamp.pb.h"

namespace chassis::records {
namespace {

namespace options = aftersales::options::v1;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr int kDepthMax = 16;

bool IsTimestamp(const google::protobuf::Descriptor* type) { return type->full_name() == "google.protobuf.Timestamp"; }

void AppendEnum(const google::protobuf::EnumDescriptor* type, int number, std::string& out) {
  const EnumValueDescriptor* value = type->FindValueByNumber(number);
  if (value == nullptr) {
    absl::StrAppend(&out, number);
  } else {
    absl::StrAppend(&out, "\"", value->name(), "\"");
  }
}

void AppendMessage(const Message& message, Personal personal, std::string& out) {
  if (!IsTimestamp(message.GetDescriptor())) {
    AppendJson(message, personal, out);
    return;
  }
  const auto& time = static_cast<const google::protobuf::Timestamp&>(message);
  absl::StrAppend(&out, "\"", absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", FromProto(time), absl::UTCTimeZone()), "\"");
}

// One value: of a singular field, or the `index`th of a repeated one.
void AppendValue(const Message& message, const FieldDescriptor* field, int index, Personal personal, std::string& out) {
  const Reflection* reflection = message.GetReflection();
  const bool repeated = field->is_repeated();
  std::string scratch;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      absl::StrAppend(
          &out, repeated ? reflection->GetRepeatedInt32(message, field, index) : reflection->GetInt32(message, field));
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      absl::StrAppend(
          &out, repeated ? reflection->GetRepeatedInt64(message, field, index) : reflection->GetInt64(message, field));
      break;
    case FieldDescriptor::CPPTYPE_UINT32:
      absl::StrAppend(&out, repeated ? reflection->GetRepeatedUInt32(message, field, index)
                                     : reflection->GetUInt32(message, field));
      break;
    case FieldDescriptor::CPPTYPE_UINT64:
      absl::StrAppend(&out, repeated ? reflection->GetRepeatedUInt64(message, field, index)
                                     : reflection->GetUInt64(message, field));
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      out.append((repeated ? reflection->GetRepeatedBool(message, field, index) : reflection->GetBool(message, field))
                     ? "true"
                     : "false");
      break;
    case FieldDescriptor::CPPTYPE_ENUM:
      AppendEnum(
          field->enum_type(),
          repeated ? reflection->GetRepeatedEnumValue(message, field, index) : reflection->GetEnumValue(message, field),
          out);
      break;
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string& text = repeated ? reflection->GetRepeatedStringReference(message, field, index, &scratch)
                                         : reflection->GetStringReference(message, field, &scratch);
      if (field->type() == FieldDescriptor::TYPE_BYTES) {
        absl::StrAppend(&out, "\"", absl::Base64Escape(text), "\"");
      } else {
        AppendJsonString(text, out);
      }
      break;
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      AppendMessage(
          repeated ? reflection->GetRepeatedMessage(message, field, index) : reflection->GetMessage(message, field),
          personal, out);
      break;
    default:
      out.append("null");
  }
}

bool IsPersonal(const FieldDescriptor* field) {
  return field->options().GetExtension(options::privacy) != options::PRIVACY_UNSPECIFIED;
}

// Recursive descent straight into the message. Text that is not JSON is an error; nothing is repaired.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  absl::Status Field(const FieldDescriptor* field, Message& message, int depth) {
    Blank();
    if (Word("null")) return absl::OkStatus();
    if (!field->is_repeated()) return OneValue(field, message, depth);
    if (!Take('[')) return Wrong("expected [");
    Blank();
    if (Take(']')) return absl::OkStatus();
    do {
      Blank();
      RETURN_IF_ERROR(OneValue(field, message, depth));
      Blank();
    } while (Take(','));
    return Take(']') ? absl::OkStatus() : Wrong("expected ]");
  }
  absl::Status End() {
    Blank();
    return at_ == text_.size() ? absl::OkStatus() : Wrong("more text after the value");
  }

 private:
  absl::Status Wrong(std::string_view why) const {
    return absl::DataLossError(absl::StrCat("stored JSON, byte ", at_, ": ", Absl(why)));
  }
  void Blank() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) {
      ++at_;
    }
  }
  bool Take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool Word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  absl::StatusOr<std::string> String() {
    if (!Take('"')) return Wrong("expected a string");
    std::string text;
    for (;;) {
      const size_t end = text_.find_first_of("\"\\", at_);
      if (end == std::string_view::npos) return Wrong("a string without end");
      text.append(text_.substr(at_, end - at_));
      at_ = end + 1;
      if (text_[end] == '"') return text;
      RETURN_IF_ERROR(Escape(text));
    }
  }
  absl::Status Escape(std::string& text) {
    if (at_ >= text_.size()) return Wrong("a string without end");
    const char c = text_[at_++];
    switch (c) {
      case 'n':
        text.push_back('\n');
        return absl::OkStatus();
      case 't':
        text.push_back('\t');
        return absl::OkStatus();
      case 'r':
        text.push_back('\r');
        return absl::OkStatus();
      case 'b':
        text.push_back('\b');
        return absl::OkStatus();
      case 'f':
        text.push_back('\f');
        return absl::OkStatus();
      case '"':
      case '\\':
      case '/':
        text.push_back(c);
        return absl::OkStatus();
      case 'u':
        break;
      default:
        return Wrong("an unknown escape");
    }
    ASSIGN_OR_RETURN(uint32_t code, CodeUnit());
    if (code >= 0xd800 && code < 0xdc00) {
      if (!Word("\\u")) return Wrong("half a surrogate pair");
      ASSIGN_OR_RETURN(const uint32_t low, CodeUnit());
      if (low < 0xdc00 || low > 0xdfff) return Wrong("half a surrogate pair");
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    AppendUtf8(code, text);
    return absl::OkStatus();
  }
  absl::StatusOr<uint32_t> CodeUnit() {
    uint32_t code = 0;
    for (int i = 0; i < 4; ++i) {
      const char c = at_ < text_.size() ? text_[at_] : ' ';
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) return Wrong("four hex digits expected");
      code = code * 16 + static_cast<uint32_t>(digit);
      ++at_;
    }
    return code;
  }
  static void AppendUtf8(uint32_t code, std::string& text) {
    if (code < 0x80) {
      text.push_back(static_cast<char>(code));
    } else if (code < 0x800) {
      text.push_back(static_cast<char>(0xc0 | (code >> 6)));
      text.push_back(static_cast<char>(0x80 | (code & 0x3f)));
    } else if (code < 0x10000) {
      text.push_back(static_cast<char>(0xe0 | (code >> 12)));
      text.push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3f)));
      text.push_back(static_cast<char>(0x80 | (code & 0x3f)));
    } else {
      text.push_back(static_cast<char>(0xf0 | (code >> 18)));
      text.push_back(static_cast<char>(0x80 | ((code >> 12) & 0x3f)));
      text.push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3f)));
      text.push_back(static_cast<char>(0x80 | (code & 0x3f)));
    }
  }

  // A number, bare or in quotes (protobuf quotes 64-bit integers).
  template <typename T>
  absl::StatusOr<T> Number() {
    const bool quoted = Take('"');
    const size_t start = at_;
    while (at_ < text_.size() && (text_[at_] == '-' || (text_[at_] >= '0' && text_[at_] <= '9'))) ++at_;
    T number = 0;
    if (!absl::SimpleAtoi(Absl(text_.substr(start, at_ - start)), &number)) return Wrong("expected an integer");
    if (quoted && !Take('"')) return Wrong("expected a quotation mark");
    return number;
  }

  absl::Status OneValue(const FieldDescriptor* field, Message& message, int depth) {
    const Reflection* reflection = message.GetReflection();
    const bool repeated = field->is_repeated();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32: {
        ASSIGN_OR_RETURN(const int32_t number, Number<int32_t>());
        repeated ? reflection->AddInt32(&message, field, number) : reflection->SetInt32(&message, field, number);
        return absl::OkStatus();
      }
      case FieldDescriptor::CPPTYPE_INT64: {
        ASSIGN_OR_RETURN(const int64_t number, Number<int64_t>());
        repeated ? reflection->AddInt64(&message, field, number) : reflection->SetInt64(&message, field, number);
        return absl::OkStatus();
      }
      case FieldDescriptor::CPPTYPE_UINT32: {
        ASSIGN_OR_RETURN(const uint32_t number, Number<uint32_t>());
        repeated ? reflection->AddUInt32(&message, field, number) : reflection->SetUInt32(&message, field, number);
        return absl::OkStatus();
      }
      case FieldDescriptor::CPPTYPE_UINT64: {
        ASSIGN_OR_RETURN(const uint64_t number, Number<uint64_t>());
        repeated ? reflection->AddUInt64(&message, field, number) : reflection->SetUInt64(&message, field, number);
        return absl::OkStatus();
      }
      case FieldDescriptor::CPPTYPE_BOOL: {
        const bool flag = Word("true");
        if (!flag && !Word("false")) return Wrong("expected true or false");
        repeated ? reflection->AddBool(&message, field, flag) : reflection->SetBool(&message, field, flag);
        return absl::OkStatus();
      }
      case FieldDescriptor::CPPTYPE_ENUM: {
        ASSIGN_OR_RETURN(const int number, Enum(field));
        repeated ? reflection->AddEnumValue(&message, field, number)
                 : reflection->SetEnumValue(&message, field, number);
        return absl::OkStatus();
      }
      case FieldDescriptor::CPPTYPE_STRING: {
        ASSIGN_OR_RETURN(std::string text, String());
        if (field->type() == FieldDescriptor::TYPE_BYTES) {
          std::string bytes;
          if (!absl::Base64Unescape(text, &bytes)) return Wrong("expected base64");
          text = std::move(bytes);
        }
        repeated ? reflection->AddString(&message, field, std::move(text))
                 : reflection->SetString(&message, field, std::move(text));
        return absl::OkStatus();
      }
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return Object(
            repeated ? *reflection->AddMessage(&message, field) : *reflection->MutableMessage(&message, field),
            depth + 1);
      default:
        return Wrong("a field of a kind that is not stored");
    }
  }

  // A name this build does not know reads as the zero value: an older program sees a newer one's row.
  absl::StatusOr<int> Enum(const FieldDescriptor* field) {
    if (at_ < text_.size() && text_[at_] != '"') return Number<int32_t>();
    ASSIGN_OR_RETURN(const std::string name, String());
    const EnumValueDescriptor* value = field->enum_type()->FindValueByName(name);
    return value == nullptr ? 0 : value->number();
  }

  absl::Status Object(Message& message, int depth) {
    if (depth > kDepthMax) return Wrong("nested too deeply");
    if (IsTimestamp(message.GetDescriptor())) {
      ASSIGN_OR_RETURN(const std::string text, String());
      absl::Time time;
      if (!absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) return Wrong("expected a time");
      static_cast<google::protobuf::Timestamp&>(message) = ToProto(time);
      return absl::OkStatus();
    }
    if (!Take('{')) return Wrong("expected {");
    Blank();
    if (Take('}')) return absl::OkStatus();
    do {
      Blank();
      ASSIGN_OR_RETURN(const std::string name, String());
      Blank();
      if (!Take(':')) return Wrong("expected :");
      const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
      if (field == nullptr) field = message.GetDescriptor()->FindFieldByCamelcaseName(name);
      Blank();
      if (field != nullptr) {
        RETURN_IF_ERROR(Field(field, message, depth));
      } else {
        RETURN_IF_ERROR(Skip(depth));
      }
      Blank();
    } while (Take(','));
    return Take('}') ? absl::OkStatus() : Wrong("expected }");
  }

  absl::Status Skip(int depth) {
    if (depth > kDepthMax) return Wrong("nested too deeply");
    Blank();
    if (at_ < text_.size() && text_[at_] == '"') return String().status();
    const bool object = Take('{');
    if (object || Take('[')) {
      const char close = object ? '}' : ']';
      Blank();
      if (Take(close)) return absl::OkStatus();
      do {
        if (object) {
          Blank();
          RETURN_IF_ERROR(String().status());
          Blank();
          if (!Take(':')) return Wrong("expected :");
        }
        RETURN_IF_ERROR(Skip(depth + 1));
        Blank();
      } while (Take(','));
      return Take(close) ? absl::OkStatus() : Wrong("a list or object without end");
    }
    const size_t start = at_;
    while (at_ < text_.size() && std::string_view(",]} \n\r\t").find(text_[at_]) == std::string_view::npos) ++at_;
    return at_ > start ? absl::OkStatus() : Wrong("expected a value");
  }

  const std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

void AppendJsonString(std::string_view text, std::string& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  out.push_back('"');
  size_t from = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text.substr(from, i - from));
    from = i + 1;
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(static_cast<char>(c));
    } else if (c == '\n') {
      out.append("\\n");
    } else {
      out.append("\\u00");
      out.push_back(kHex[c >> 4]);
      out.push_back(kHex[c & 15]);
    }
  }
  out.append(text.substr(from));
  out.push_back('"');
}

void AppendJson(const Message& message, Personal personal, std::string& out) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  out.push_back('{');
  bool first = true;
  for (const FieldDescriptor* field : fields) {
    if (personal == Personal::kLeftOut && IsPersonal(field)) continue;
    if (!first) out.push_back(',');
    first = false;
    absl::StrAppend(&out, "\"", field->name(), "\":");
    AppendFieldJson(message, field, personal, out);
  }
  out.push_back('}');
}

void AppendFieldJson(const Message& message, const FieldDescriptor* field, Personal personal, std::string& out) {
  const Reflection* reflection = message.GetReflection();
  if (personal == Personal::kLeftOut && IsPersonal(field)) {
    out.append("null");
    return;
  }
  if (!field->is_repeated()) {
    if (field->has_presence() && !reflection->HasField(message, field)) {
      out.append("null");
    } else {
      AppendValue(message, field, 0, personal, out);
    }
    return;
  }
  out.push_back('[');
  const int count = reflection->FieldSize(message, field);
  for (int i = 0; i < count; ++i) {
    if (i > 0) out.push_back(',');
    AppendValue(message, field, i, personal, out);
  }
  out.push_back(']');
}

absl::Status ReadFieldJson(std::string_view json, const FieldDescriptor* field, Message& message) {
  Reader reader(json);
  RETURN_IF_ERROR(reader.Field(field, message, 0));
  return reader.End();
}

}  // namespace chassis::records
