// Reads the options once; everything here happens when a Table is made and never during a call.
#include "chassis/records/shape.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "aftersales/options/v1/options.pb.h"
#include "chassis/privacy/masking.h"
#include "chassis/status/check.h"

namespace chassis::records {
namespace {

namespace options = aftersales::options::v1;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

bool IsTimestamp(const FieldDescriptor* field) {
  return field->message_type() != nullptr && field->message_type()->full_name() == "google.protobuf.Timestamp";
}

bool IsUuid(const FieldDescriptor* field) {
  const options::Format format = field->options().GetExtension(options::rules).format();
  if (format != options::FORMAT_UNSPECIFIED) return format == options::FORMAT_UUID;
  return field->name() == "id" || absl::EndsWith(field->name(), "_id");
}

// JSON columns are written and read by records/json, which knows what our messages are made of and no more.
void CheckFitsJson(const Descriptor* type, int depth) {
  CHASSIS_CHECK(depth < 16, (type->full_name() + " nests without end").c_str());
  if (type->full_name() == "google.protobuf.Timestamp") return;
  CHASSIS_CHECK(!absl::StartsWith(type->full_name(), "google."), (type->full_name() + " in a JSON column").c_str());
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    CHASSIS_CHECK(!field->is_map(), (field->full_name() + ": a map cannot be stored").c_str());
    CHASSIS_CHECK(
        field->cpp_type() != FieldDescriptor::CPPTYPE_DOUBLE && field->cpp_type() != FieldDescriptor::CPPTYPE_FLOAT,
        (field->full_name() + ": no floating point in records").c_str());
    if (field->message_type() != nullptr) CheckFitsJson(field->message_type(), depth + 1);
  }
}

Kind KindOf(const FieldDescriptor* field) {
  const bool personal = field->options().GetExtension(options::privacy) != options::PRIVACY_UNSPECIFIED ||
                        (field->message_type() != nullptr && privacy::HoldsPersonalData(field->message_type()));
  CHASSIS_CHECK(!field->is_map(), (field->full_name() + ": a map cannot be stored").c_str());
  if (field->is_repeated() || (field->message_type() != nullptr && !IsTimestamp(field))) {
    if (field->message_type() != nullptr) CheckFitsJson(field->message_type(), 0);
    return personal ? Kind::kSealedJson : Kind::kJson;
  }
  if (personal) {
    // A personal time or number has no text to seal: as JSON it has.
    return field->type() == FieldDescriptor::TYPE_STRING ? Kind::kSealedText : Kind::kSealedJson;
  }
  if (IsTimestamp(field)) return Kind::kTime;
  switch (field->type()) {
    case FieldDescriptor::TYPE_STRING:
      if (field->name() == "etag") return Kind::kVersion;
      if (IsUuid(field)) return Kind::kId;
      return field->options().GetExtension(options::rules).format() == options::FORMAT_DATE ? Kind::kDate : Kind::kText;
    case FieldDescriptor::TYPE_BYTES:
      return Kind::kBytes;
    case FieldDescriptor::TYPE_BOOL:
      return Kind::kBool;
    case FieldDescriptor::TYPE_ENUM:
      return Kind::kEnum;
    case FieldDescriptor::TYPE_DOUBLE:
    case FieldDescriptor::TYPE_FLOAT:
    case FieldDescriptor::TYPE_UINT64:
    case FieldDescriptor::TYPE_FIXED64:
      CHASSIS_CHECK(false, (field->full_name() + ": records hold signed integers only").c_str());
    default:
      return Kind::kInt;
  }
}

Column MakeColumn(const FieldDescriptor* field, const std::string& table) {
  const options::Column& option = field->options().GetExtension(options::column);
  Column column;
  column.field = field;
  column.kind = KindOf(field);
  column.name = column.kind == Kind::kVersion ? "version" : field->name();
  column.place = absl::StrCat(table, ".", field->name());
  column.optional = field->has_presence() && field->message_type() == nullptr;
  column.blind_index = option.blind_index();
  column.filterable = option.filterable();
  CHASSIS_CHECK(!column.blind_index || column.kind == Kind::kSealedText,
                (field->full_name() + ": a blind index belongs to personal text").c_str());
  return column;
}

}  // namespace

std::string Quoted(std::string_view name) {
  std::string quoted = "`";
  quoted.append(name);
  quoted.push_back('`');
  return quoted;
}

Shape::Shape(const Descriptor* type, std::vector<Column> parent_key) : type(type), parent_key(std::move(parent_key)) {
  const options::Table& option = type->options().GetExtension(options::table);
  CHASSIS_CHECK(!option.name().empty() && option.key_size() > 0, (type->full_name() + " has no table option").c_str());
  table = option.name();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    const options::Column& column_option = field->options().GetExtension(options::column);
    if (column_option.transient() || column_option.child()) continue;
    const auto repeats = std::find_if(this->parent_key.begin(), this->parent_key.end(),
                                      [&](const Column& column) { return column.name == field->name(); });
    if (repeats != this->parent_key.end()) {
      inherited.emplace_back(field, repeats - this->parent_key.begin());
      continue;
    }
    if (IsTimestamp(field) && field->name() == "create_time") create_time = field;
    if (IsTimestamp(field) && field->name() == "update_time") update_time = field;
    columns.push_back(MakeColumn(field, table));
    if (columns.back().kind == Kind::kVersion) version = columns.size() - 1;
  }
  for (const std::string& name : option.key()) {
    if (std::any_of(this->parent_key.begin(), this->parent_key.end(),
                    [&](const Column& column) { return column.name == name; })) {
      continue;
    }
    const auto found =
        std::find_if(columns.begin(), columns.end(), [&](const Column& column) { return column.name == name; });
    CHASSIS_CHECK(found != columns.end(), (table + ": no field for key column " + name).c_str());
    found->key = true;
    key.push_back(static_cast<size_t>(found - columns.begin()));
  }

  std::vector<std::string> selected;
  std::vector<std::string> inserted;
  std::vector<std::string> predicates;
  const std::string prefix = Quoted(table) + ".";
  auto add = [&](const std::string& name) {
    selected.push_back(prefix + Quoted(name));
    inserted.push_back(Quoted(name));
  };
  for (const Column& column : this->parent_key) add(column.name);
  if (is_child()) add("position");
  select_offset = selected.size();
  for (const Column& column : columns) add(column.name);
  for (const Column& column : columns) {
    if (column.blind_index) inserted.push_back(Quoted(column.IndexName()));
  }
  for (const Column& column : FullKey()) predicates.push_back(Quoted(column.name) + " = ?");
  select_head = absl::StrCat("SELECT ", absl::StrJoin(selected, ","), " FROM ", Quoted(table), " ");
  insert_head = absl::StrCat("INSERT INTO ", Quoted(table), " (", absl::StrJoin(inserted, ","), ") VALUES ");
  insert_width = inserted.size();
  key_predicate = absl::StrJoin(predicates, " AND ");

  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (!field->options().GetExtension(options::column).child()) continue;
    CHASSIS_CHECK(field->is_repeated() && field->message_type() != nullptr,
                  (field->full_name() + ": a child is a repeated message").c_str());
    children.push_back({field, std::make_unique<Shape>(field->message_type(), FullKey())});
  }
}

const Column* Shape::Find(std::string_view field) const {
  for (const Column& column : columns) {
    if (column.field->name() == field) return &column;
  }
  return nullptr;
}

std::vector<Column> Shape::FullKey() const {
  std::vector<Column> full = parent_key;
  for (size_t index : key) full.push_back(columns[index]);
  return full;
}

}  // namespace chassis::records
