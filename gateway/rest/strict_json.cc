// The reader is a SAX handler with a stack of frames, one per JSON object or array that is open. Where the next value
// goes (its Target) follows from the innermost frame alone.
#include "gateway/rest/strict_json.h"

#include <charconv>
#include <cstring>
#include <set>
#include <utility>

#include "gateway/rest/values.h"
#include "nlohmann/json.hpp"

namespace gateway::rest {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr Wrong kNotJson = {"不是有效的 JSON", "is not valid JSON"};
constexpr Wrong kNotUtf8 = {"不是有效的 UTF-8", "is not valid UTF-8"};
constexpr Wrong kTooDeep = {"嵌套过深", "is nested too deeply"};
constexpr Wrong kUnknownField = {"没有此字段", "there is no such field"};
constexpr Wrong kTwice = {"重复出现（两种拼写视为同一字段）", "is given twice (both spellings are one field)"};
constexpr Wrong kOneof = {"与同组的另一字段只能二选一", "excludes another field that is given"};
constexpr Wrong kObject = {"应为对象", "must be an object"};
constexpr Wrong kArray = {"应为数组", "must be an array"};
constexpr Wrong kNotObject = {"不应为对象", "must not be an object"};
constexpr Wrong kNotArray = {"不应为数组", "must not be an array"};
constexpr Wrong kNull = {"不能为 null", "must not be null"};
constexpr Wrong kDouble = {"应为双精度范围内的数", "must be a number within the range of a double"};
constexpr Wrong kContradiction = {"与路径中的值不一致", "contradicts the value in the path"};
constexpr Wrong kAnyType = {"@type 缺失或不是已知类型", "lacks @type, or it names no known type"};
constexpr Wrong kAnyValue = {"此类型的内容应放在 value 中", "must have its content under value, and nothing else"};
constexpr Wrong kAnyLarge = {"内容过多", "has too much content"};

// How a value stands in JSON.
enum class Shape { kScalar, kMessage, kAny, kStruct, kValue, kList };

Shape ShapeOf(const Descriptor& message) {
  switch (message.well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_UNSPECIFIED:
      return Shape::kMessage;
    case Descriptor::WELLKNOWNTYPE_ANY:
      return Shape::kAny;
    case Descriptor::WELLKNOWNTYPE_STRUCT:
      return Shape::kStruct;
    case Descriptor::WELLKNOWNTYPE_VALUE:
      return Shape::kValue;
    case Descriptor::WELLKNOWNTYPE_LISTVALUE:
      return Shape::kList;
    default:
      return Shape::kScalar;
  }
}

bool IsNullValue(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM &&
         field.enum_type()->full_name() == "google.protobuf.NullValue";
}

// Where the next value goes.
struct Target {
  Shape shape = Shape::kScalar;
  int number = 0;                          // 0: the request itself, which has neither tag nor length
  const FieldDescriptor* field = nullptr;  // null inside Struct and Any
  const Descriptor* message = nullptr;     // null for scalars
};

struct Frame {
  enum class Kind {
    kMessage,   // an object by its fields
    kArray,     // of a repeated field
    kMap,       // of a map field
    kStruct,    // google.protobuf.Struct
    kList,      // google.protobuf.ListValue
    kAnyValue,  // holds the `value` of an Any whose type has a JSON form of its own
    kSkip,      // inside a field nobody knows
  };
  Kind kind = Kind::kMessage;
  const Descriptor* message = nullptr;     // kMessage, kAnyValue
  const FieldDescriptor* field = nullptr;  // kMessage: the one its value comes next; kArray, kMap: the repeated one
  std::string unknown;                     // kMessage: the name nobody knows
  size_t ordinal = 0;                      // of the next element or entry
  int opened = 0;                          // messages that end with the frame
  bool on_path = false;  // reached from the request through singular plain messages: paths can bind its fields
  bool masked = false;   // its fields go into the update mask
  bool is_empty = true;
  std::vector<bool> seen;  // fields by index
  std::vector<bool> seen_oneof;
  std::set<std::string> keys;  // of kMap and kStruct
};

struct Token {
  enum class Kind { kObject, kObjectEnd, kArray, kArrayEnd, kKey, kScalar };
  Kind kind = Kind::kScalar;
  Scalar::Kind scalar = Scalar::Kind::kNull;
  std::string text;
};

class Reader {
 public:
  using Sax = nlohmann::json;

  Reader(const JsonTask& task, WireWriter& wire) : task_(task), wire_(wire) {
    if (task.body_field == nullptr) return;
    Frame whole;
    whole.message = task.request;
    whole.field = task.body_field;
    whole.on_path = true;
    frames_.push_back(std::move(whole));
  }

  std::optional<JsonProblem> Problem() && { return std::move(problem_); }

  // -- what the parser calls: false ends it ---------------------------------------------------------------------------

  bool null() { return OnScalar({Scalar::Kind::kNull, {}}); }
  bool boolean(bool yes) { return OnScalar({yes ? Scalar::Kind::kTrue : Scalar::Kind::kFalse, {}}); }
  bool number_integer(Sax::number_integer_t value) { return OnInteger(value); }
  bool number_unsigned(Sax::number_unsigned_t value) { return OnInteger(value); }
  bool number_float(Sax::number_float_t, const std::string& written) {
    return OnScalar({Scalar::Kind::kNumber, written});
  }
  bool string(std::string& text) { return OnScalar({Scalar::Kind::kString, text}); }
  bool binary(Sax::binary_t&) { return Fail(kNotJson); }
  bool start_object(size_t) { return recording_ ? Record({Token::Kind::kObject}) : OnObject(); }
  bool end_object() { return recording_ ? RecordEnd(Token::Kind::kObjectEnd) : OnEnd(); }
  bool start_array(size_t) { return recording_ ? Record({Token::Kind::kArray}) : OnArray(); }
  bool end_array() { return recording_ ? RecordEnd(Token::Kind::kArrayEnd) : OnEnd(); }
  bool key(std::string& name) { return recording_ ? Record({Token::Kind::kKey, {}, name}) : OnKey(name); }
  bool parse_error(size_t position, const std::string&, const nlohmann::detail::exception&) {
    at_byte_ = position;
    return Fail(kNotJson);
  }

 private:
  bool Fail(Wrong wrong) {
    if (!problem_.has_value()) problem_ = JsonProblem{Path(), wrong, at_byte_};
    return false;
  }

  // Names of the client's own (keys of maps) are content: their position stands instead.
  std::string Path() const {
    std::string path;
    for (size_t i = task_.body_field == nullptr ? 0 : 1; i < frames_.size(); ++i) {
      const Frame& frame = frames_[i];
      if (frame.kind != Frame::Kind::kMessage) {
        if (frame.kind != Frame::Kind::kSkip && frame.kind != Frame::Kind::kAnyValue) {
          path.append("[").append(std::to_string(frame.ordinal)).append("]");
        }
        continue;
      }
      const std::string name = frame.field != nullptr ? frame.field->json_name() : frame.unknown;
      if (!name.empty() && !path.empty()) path.push_back('.');
      path.append(name);
    }
    return path.empty() ? "$" : path;
  }

  template <typename Integer>
  bool OnInteger(Integer value) {
    char digits[24];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
    return OnScalar({Scalar::Kind::kNumber, std::string_view(digits, static_cast<size_t>(end - digits))});
  }

  // -- google.protobuf.Any: kept until it ends, because @type may come last
  // --------------------------------------------

  bool Record(Token token) {
    if (tokens_.size() >= kAnyTokensMax) return Fail(kAnyLarge);
    if (token.kind == Token::Kind::kObject || token.kind == Token::Kind::kArray) {
      ++recorded_depth_;
      if (frames_.size() + recorded_depth_ > static_cast<size_t>(task_.depth_max)) return Fail(kTooDeep);
    }
    tokens_.push_back(std::move(token));
    return true;
  }

  bool RecordEnd(Token::Kind kind) {
    if (!Record({kind})) return false;
    if (--recorded_depth_ > 0) return true;
    recording_ = false;
    const std::vector<Token> tokens = std::exchange(tokens_, {});
    return WriteAny(any_target_, tokens);
  }

  // Position after the value that begins at `at`.
  static size_t After(const std::vector<Token>& tokens, size_t at) {
    int depth = 0;
    do {
      const Token::Kind kind = tokens[at++].kind;
      if (kind == Token::Kind::kObject || kind == Token::Kind::kArray) ++depth;
      if (kind == Token::Kind::kObjectEnd || kind == Token::Kind::kArrayEnd) --depth;
    } while (depth > 0);
    return at;
  }

  bool WriteAny(const Target& target, const std::vector<Token>& tokens) {
    // tokens[0] opens the object and the last closes it; between them keys and their values alternate.
    size_t type_at = 0;
    size_t value_at = 0;
    size_t members = 0;
    for (size_t at = 1; at + 1 < tokens.size(); at = After(tokens, at + 1)) {
      ++members;
      if (tokens[at].text == "@type") {
        if (type_at != 0) return Fail(kTwice);
        type_at = at + 1;
      } else if (tokens[at].text == "value") {
        value_at = at + 1;
      }
    }
    if (members == 0) {  // an empty Any
      return CloseAny(OpenTarget(target));
    }
    if (type_at == 0 || tokens[type_at].scalar != Scalar::Kind::kString) return Fail(kAnyType);
    const std::string& url = tokens[type_at].text;
    const size_t slash = url.rfind('/');
    // What has another prefix could not be printed again.
    const bool is_ours = slash != std::string::npos && url.compare(0, slash, kTypeUrlPrefix) == 0;
    const Descriptor* type = is_ours ? task_.pool->FindMessageTypeByName(url.substr(slash + 1)) : nullptr;
    if (type == nullptr) return Fail(kAnyType);

    const int opened = OpenTarget(target);
    wire_.Tag(1, WireType::kLength);
    wire_.Length(url);
    if (HasOwnJson(*type)) {
      // protobuf prints an empty one without `value`.
      const bool is_empty = value_at == 0 && members == 1;
      if (is_empty) return CloseAny(opened);
      if (value_at == 0 || members != 2) return Fail(kAnyValue);
      Frame holder;
      holder.kind = Frame::Kind::kAnyValue;
      holder.message = type;
      if (!Push(std::move(holder))) return false;
      if (!Replay(tokens, value_at, After(tokens, value_at), 0)) return false;
      frames_.pop_back();
      return CloseAny(opened);
    }
    wire_.Open(2);
    Frame content;
    content.message = type;
    content.opened = opened + 1;
    if (!Push(std::move(content))) return false;
    return Replay(tokens, 1, tokens.size(), type_at);
  }

  bool CloseAny(int opened) {
    for (int i = 0; i < opened; ++i) wire_.Close();
    return AfterValue();
  }

  // Feeds kept tokens to the frames, but not the one at `leave_out` and the key before it.
  bool Replay(const std::vector<Token>& tokens, size_t from, size_t to, size_t leave_out) {
    for (size_t i = from; i < to; ++i) {
      if (leave_out != 0 && (i == leave_out || i + 1 == leave_out)) continue;
      if (!Feed(tokens[i])) return false;
    }
    return true;
  }

  bool Feed(const Token& token) {
    switch (token.kind) {
      case Token::Kind::kObject:
        return start_object(0);
      case Token::Kind::kObjectEnd:
        return end_object();
      case Token::Kind::kArray:
        return start_array(0);
      case Token::Kind::kArrayEnd:
        return end_array();
      case Token::Kind::kKey: {
        std::string name = token.text;
        return key(name);
      }
      case Token::Kind::kScalar:
        return OnScalar({token.scalar, token.text});
    }
    return false;
  }

  // -- frames
  // -----------------------------------------------------------------------------------------------------------

  bool Push(Frame frame) {
    if (frames_.size() >= static_cast<size_t>(task_.depth_max) || wire_.depth() > kMessageDepthMax) {
      return Fail(kTooDeep);
    }
    frames_.push_back(std::move(frame));
    return true;
  }

  static Target TargetOf(const FieldDescriptor& field, int number) {
    Target target;
    target.number = number;
    target.field = &field;
    target.message = field.message_type();
    if (target.message != nullptr) target.shape = ShapeOf(*target.message);
    return target;
  }

  Target NextTarget() const {
    Target target;
    if (frames_.empty()) {
      target.message = task_.request;
      target.shape = ShapeOf(*task_.request);
      return target;
    }
    const Frame& top = frames_.back();
    switch (top.kind) {
      case Frame::Kind::kMessage:
      case Frame::Kind::kArray:
        return TargetOf(*top.field, top.field->number());
      case Frame::Kind::kMap:
        return TargetOf(*top.field->message_type()->map_value(), 2);
      case Frame::Kind::kAnyValue:
        target.number = 2;
        target.message = top.message;
        target.shape = ShapeOf(*top.message);
        return target;
      case Frame::Kind::kStruct:
        target.number = 2;
        break;
      default:
        target.number = 1;
    }
    target.shape = Shape::kValue;
    return target;
  }

  int OpenTarget(const Target& target) {
    if (target.number == 0) return 0;
    wire_.Open(target.number);
    return 1;
  }

  bool IsSkipping() const {
    if (frames_.empty()) return false;
    const Frame& top = frames_.back();
    return top.kind == Frame::Kind::kSkip || (top.kind == Frame::Kind::kMessage && top.field == nullptr);
  }
  // In a message, an array or a map is still to come before single values.
  const FieldDescriptor* Repeated() const {
    if (frames_.empty() || frames_.back().kind != Frame::Kind::kMessage) return nullptr;
    return frames_.back().field->is_repeated() ? frames_.back().field : nullptr;
  }

  // A value, whatever it is, is complete.
  bool AfterValue() {
    if (frames_.empty()) return true;
    Frame& top = frames_.back();
    if (top.kind == Frame::Kind::kMap || top.kind == Frame::Kind::kStruct) wire_.Close();
    ++top.ordinal;
    return true;
  }

  // -- events
  // -----------------------------------------------------------------------------------------------------------

  bool OnKey(const std::string& name) {
    Frame& top = frames_.back();
    top.is_empty = false;
    switch (top.kind) {
      case Frame::Kind::kSkip:
        return true;
      case Frame::Kind::kMessage:
        return OnFieldName(top, name);
      case Frame::Kind::kMap: {
        if (!top.keys.insert(name).second) return Fail(kTwice);
        wire_.Open(top.field->number());
        const std::optional<Wrong> wrong =
            WriteScalar(1, *top.field->message_type()->map_key(), {Scalar::Kind::kText, name}, wire_);
        return wrong.has_value() ? Fail(*wrong) : true;
      }
      default:
        if (!top.keys.insert(name).second) return Fail(kTwice);
        wire_.Open(1);
        wire_.Tag(1, WireType::kLength);
        wire_.Length(name);
        return true;
    }
  }

  bool OnFieldName(Frame& top, const std::string& name) {
    top.field = FieldNamed(*top.message, name);
    if (top.field == nullptr) {
      top.unknown = ShownName(name);
      return task_.unknown == JsonTask::Unknown::kIgnore || Fail(kUnknownField);
    }
    if (top.seen.empty()) top.seen.resize(static_cast<size_t>(top.message->field_count()));
    const size_t index = static_cast<size_t>(top.field->index());
    if (top.seen[index]) return Fail(kTwice);
    top.seen[index] = true;
    return true;
  }

  bool OnScalar(const Scalar& scalar) {
    if (recording_) return Record({Token::Kind::kScalar, scalar.kind, std::string(scalar.text)});
    if (IsSkipping()) return true;
    const Target target = NextTarget();
    const FieldDescriptor* repeated = Repeated();
    const size_t from = wire_.bytes().size();
    if (scalar.kind == Scalar::Kind::kNull) {
      const bool is_value = repeated == nullptr &&
                            (target.shape == Shape::kValue || (target.field != nullptr && IsNullValue(*target.field)));
      if (!is_value) return OnNull();
    }
    if (repeated != nullptr) return Fail(repeated->is_map() ? kObject : kArray);
    if (!OnGiven(Leaf::kYes)) return false;
    const std::optional<Wrong> wrong = Write(target, scalar);
    if (wrong.has_value()) return Fail(*wrong);
    return CheckBound(from) && AfterValue();
  }

  // Null is "not given", where something may be left out. In an update mask it clears the field.
  bool OnNull() {
    if (frames_.empty() || frames_.back().kind != Frame::Kind::kMessage) return Fail(kNull);
    if (task_.body_field != nullptr && frames_.size() == 1) return Fail(kNull);
    AddToMask();
    return AfterValue();
  }

  std::optional<Wrong> Write(const Target& target, const Scalar& scalar) {
    switch (target.shape) {
      case Shape::kValue:
        return WriteValue(target, scalar);
      case Shape::kList:
        return kArray;
      case Shape::kMessage:
      case Shape::kStruct:
      case Shape::kAny:
        return kObject;
      case Shape::kScalar:
        break;
    }
    if (target.field != nullptr) {
      if (scalar.kind != Scalar::Kind::kNull) return WriteScalar(target.number, *target.field, scalar, wire_);
      wire_.Tag(target.number, WireType::kVarint);  // google.protobuf.NullValue
      wire_.Varint(0);
      return std::nullopt;
    }
    const int opened = OpenTarget(target);
    const std::optional<Wrong> wrong = WriteScalarContent(*target.message, scalar, wire_);
    if (opened > 0) wire_.Close();
    return wrong;
  }

  // google.protobuf.Value, by its field numbers.
  std::optional<Wrong> WriteValue(const Target& target, const Scalar& scalar) {
    const int opened = OpenTarget(target);
    switch (scalar.kind) {
      case Scalar::Kind::kNull:
        wire_.Tag(1, WireType::kVarint);
        wire_.Varint(0);
        break;
      case Scalar::Kind::kNumber: {
        const std::optional<double> value = ParseDouble(scalar.text);
        if (!value.has_value()) return kDouble;
        uint64_t bits = 0;
        std::memcpy(&bits, &*value, sizeof bits);
        wire_.Tag(2, WireType::kFixed64);
        wire_.Fixed64(bits);
        break;
      }
      case Scalar::Kind::kTrue:
      case Scalar::Kind::kFalse:
        wire_.Tag(4, WireType::kVarint);
        wire_.Varint(scalar.kind == Scalar::Kind::kTrue ? 1 : 0);
        break;
      default:
        wire_.Tag(3, WireType::kLength);
        wire_.Length(scalar.text);
    }
    if (opened > 0) wire_.Close();
    return std::nullopt;
  }

  bool OnObject() {
    if (IsSkipping()) return Skip();
    if (const FieldDescriptor* repeated = Repeated()) {
      if (!repeated->is_map()) return Fail(kArray);
      if (!OnGiven(Leaf::kYes)) return false;
      Frame map;
      map.kind = Frame::Kind::kMap;
      map.field = repeated;
      return Push(std::move(map));
    }
    const Target target = NextTarget();
    switch (target.shape) {
      case Shape::kScalar:
        return Fail(kNotObject);
      case Shape::kList:
        return Fail(kArray);
      case Shape::kMessage:
        return OnMessage(target);
      case Shape::kAny:
        if (!OnGiven(Leaf::kYes)) return false;
        recording_ = true;
        recorded_depth_ = 0;
        any_target_ = target;
        return Record({Token::Kind::kObject});
      case Shape::kStruct:
      case Shape::kValue: {
        if (!OnGiven(Leaf::kYes)) return false;
        Frame fields;
        fields.kind = Frame::Kind::kStruct;
        fields.opened = OpenTarget(target);
        if (target.shape == Shape::kValue) {
          wire_.Open(5);
          ++fields.opened;
        }
        return Push(std::move(fields));
      }
    }
    return false;
  }

  bool OnMessage(const Target& target) {
    Frame content;
    content.message = target.message;
    if (frames_.empty()) {
      content.on_path = true;
    } else {
      const Frame& top = frames_.back();
      content.on_path = top.on_path && top.kind == Frame::Kind::kMessage;
      content.masked = task_.mask != nullptr && (AtMaskedField() || (top.masked && InMask()));
    }
    if (!OnGiven(content.masked ? Leaf::kNo : Leaf::kYes)) return false;
    content.opened = OpenTarget(target);
    return Push(std::move(content));
  }

  bool OnArray() {
    if (IsSkipping()) return Skip();
    Frame elements;
    if (const FieldDescriptor* repeated = Repeated()) {
      if (repeated->is_map()) return Fail(kObject);
      if (!OnGiven(Leaf::kYes)) return false;
      elements.kind = Frame::Kind::kArray;
      elements.field = repeated;
      return Push(std::move(elements));
    }
    const Target target = NextTarget();
    if (target.shape != Shape::kList && target.shape != Shape::kValue) {
      return Fail(target.shape == Shape::kScalar ? kNotArray : kObject);
    }
    if (!OnGiven(Leaf::kYes)) return false;
    elements.kind = Frame::Kind::kList;
    elements.opened = OpenTarget(target);
    if (target.shape == Shape::kValue) {
      wire_.Open(6);
      ++elements.opened;
    }
    return Push(std::move(elements));
  }

  bool Skip() {
    Frame skipped;
    skipped.kind = Frame::Kind::kSkip;
    return Push(std::move(skipped));
  }

  bool OnEnd() {
    const Frame ended = std::move(frames_.back());
    frames_.pop_back();
    for (int i = 0; i < ended.opened; ++i) wire_.Close();
    if (ended.kind == Frame::Kind::kSkip) return true;
    if (ended.masked && ended.is_empty && !AtMaskedField()) AddToMask();
    return AfterValue();
  }

  // -- what the path has said, choices, and the update mask
  // -------------------------------------------------------------

  enum class Leaf { kNo, kYes };

  // A value that is not null begins for the field of the innermost message.
  bool OnGiven(Leaf leaf) {
    if (frames_.empty() || frames_.back().kind != Frame::Kind::kMessage) return true;
    Frame& top = frames_.back();
    if (const auto* choice = top.field->real_containing_oneof()) {
      if (top.seen_oneof.empty()) top.seen_oneof.resize(static_cast<size_t>(top.message->oneof_decl_count()));
      const size_t index = static_cast<size_t>(choice->index());
      if (top.seen_oneof[index]) return Fail(kOneof);
      top.seen_oneof[index] = true;
      if (ExcludedByPath(top)) return Fail(kOneof);
    }
    if (task_.mask != nullptr && frames_.size() == 1 && top.field == task_.mask_field) {
      mask_given_ = true;
      task_.mask->clear();
    }
    if (leaf == Leaf::kYes) AddToMask();
    return true;
  }

  // Whether `bound` runs through the fields that are open, up to but without the innermost.
  bool RunsThrough(const BoundField& bound) const {
    if (bound.path.size() < frames_.size()) return false;
    for (size_t i = 0; i + 1 < frames_.size(); ++i) {
      if (bound.path[i] != frames_[i].field) return false;
    }
    return true;
  }
  bool ExcludedByPath(const Frame& top) const {
    if (!top.on_path || task_.bound == nullptr) return false;
    for (const BoundField& bound : *task_.bound) {
      if (!RunsThrough(bound)) continue;
      const FieldDescriptor* other = bound.path[frames_.size() - 1];
      if (other != top.field && other->real_containing_oneof() == top.field->real_containing_oneof()) return true;
    }
    return false;
  }
  const BoundField* BoundHere() const {
    if (task_.bound == nullptr || frames_.empty()) return nullptr;
    const Frame& top = frames_.back();
    if (!top.on_path || top.kind != Frame::Kind::kMessage) return nullptr;
    for (const BoundField& bound : *task_.bound) {
      if (bound.path.size() == frames_.size() && RunsThrough(bound) && bound.path.back() == top.field) return &bound;
    }
    return nullptr;
  }
  bool CheckBound(size_t from) {
    const BoundField* bound = BoundHere();
    if (bound == nullptr) return true;
    return std::string_view(wire_.bytes()).substr(from) == bound->wire || Fail(kContradiction);
  }

  // The value at hand is the record the mask is about.
  bool AtMaskedField() const { return frames_.size() == 1 && frames_.back().field == task_.masked_field; }
  bool InMask() const {
    const FieldDescriptor* field = frames_.back().field;
    return BoundHere() == nullptr && (task_.in_mask == nullptr || task_.in_mask(*field));
  }
  void AddToMask() {
    if (mask_given_ || frames_.empty() || !frames_.back().masked || !InMask()) return;
    std::string path;
    for (const Frame& frame : frames_) {
      if (!frame.masked) continue;
      if (!path.empty()) path.push_back('.');
      path.append(frame.field->name());
    }
    task_.mask->push_back(std::move(path));
  }

  const JsonTask& task_;
  WireWriter& wire_;
  std::vector<Frame> frames_;
  bool mask_given_ = false;
  bool recording_ = false;
  size_t recorded_depth_ = 0;
  std::vector<Token> tokens_;
  Target any_target_;
  std::optional<size_t> at_byte_;
  std::optional<JsonProblem> problem_;
};

}  // namespace

std::optional<JsonProblem> ReadJson(std::string_view text, const JsonTask& task, WireWriter& wire) {
  Reader reader(task, wire);
  nlohmann::json::sax_parse(text.data(), text.data() + text.size(), &reader);
  std::optional<JsonProblem> problem = std::move(reader).Problem();
  // The parser takes a zero byte for the end of the text.
  const size_t zero = text.find('\0');
  if (!problem.has_value() && zero != std::string_view::npos) return JsonProblem{"$", kNotJson, zero + 1};
  if (problem.has_value() && problem->at_byte.has_value()) {
    const size_t invalid = FirstInvalidUtf8(text);
    if (invalid < *problem->at_byte) {
      problem->wrong = kNotUtf8;
      problem->at_byte = invalid;
    }
  }
  return problem;
}

}  // namespace gateway::rest
