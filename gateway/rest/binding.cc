#include "gateway/rest/binding.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "aftersales/options/v1/traffic.pb.h"
#include "chassis/status/status.h"
#include "chassis/status/text.h"
#include "gateway/rest/strict_json.h"
#include "gateway/rest/values.h"
#include "google/api/annotations.pb.h"

namespace gateway::rest {
namespace {

using google::api::HttpRule;
using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorProto;
using google::protobuf::MethodDescriptor;

constexpr char kAnswersPackage[] = "gateway.rest.answers";

struct Pattern {
  std::string http_method;
  std::string path;
};

Pattern PatternOf(const HttpRule& rule) {
  switch (rule.pattern_case()) {
    case HttpRule::kGet:
      return {"GET", rule.get()};
    case HttpRule::kPut:
      return {"PUT", rule.put()};
    case HttpRule::kPost:
      return {"POST", rule.post()};
    case HttpRule::kDelete:
      return {"DELETE", rule.delete_()};
    case HttpRule::kPatch:
      return {"PATCH", rule.patch()};
    case HttpRule::kCustom:
      return {rule.custom().kind(), rule.custom().path()};
    case HttpRule::PATTERN_NOT_SET:
      break;
  }
  return {};
}

// The fields a variable names, or why it cannot name them.
absl::StatusOr<Binding::FieldPath> Resolve(const std::vector<std::string>& names, const Descriptor* message) {
  Binding::FieldPath path;
  for (size_t i = 0; i < names.size(); ++i) {
    const FieldDescriptor* field = message->FindFieldByName(names[i]);
    if (field == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat(message->full_name(), " has no field ", names[i]));
    }
    if (field->is_repeated()) return absl::InvalidArgumentError(absl::StrCat(field->full_name(), " is repeated"));
    path.push_back(field);
    const bool is_last = i + 1 == names.size();
    if (is_last == (field->message_type() != nullptr)) {
      return absl::InvalidArgumentError(
          absl::StrCat(field->full_name(), is_last ? " is a message, not a value" : " is no message"));
    }
    if (!is_last && HasOwnJson(*field->message_type())) {
      return absl::InvalidArgumentError(absl::StrCat(field->full_name(), " has no fields of its own in JSON"));
    }
    message = field->message_type();
  }
  return path;
}

// A type with nothing but `field`, under its own number and name, so that the printer prints this field alone. Nested
// types come along, because a map's entry must stand in the message that has the map.
absl::StatusOr<std::string> AnswerType(const FieldDescriptor& field, size_t index, DescriptorPool& pool) {
  FileDescriptorProto file;
  file.set_name(absl::StrCat("gateway/rest/answers/", index, ".proto"));
  file.set_package(absl::StrCat(kAnswersPackage, ".a", index));
  file.set_syntax("proto3");
  file.add_dependency(field.file()->name());
  const FileDescriptor* type_file = field.message_type() != nullptr ? field.message_type()->file()
                                    : field.enum_type() != nullptr  ? field.enum_type()->file()
                                                                    : nullptr;
  if (type_file != nullptr && type_file != field.file()) file.add_dependency(type_file->name());

  auto* message = file.add_message_type();
  message->set_name("Answer");
  field.CopyTo(message->add_field());
  message->mutable_field(0)->set_json_name(field.json_name());
  message->mutable_field(0)->clear_oneof_index();
  message->mutable_field(0)->clear_proto3_optional();
  if (field.is_map()) {
    field.message_type()->CopyTo(message->add_nested_type());
    message->mutable_field(0)->set_type_name(field.message_type()->name());
    const FieldDescriptor* value = field.message_type()->map_value();
    const FileDescriptor* value_file = value->message_type() != nullptr ? value->message_type()->file()
                                       : value->enum_type() != nullptr  ? value->enum_type()->file()
                                                                        : nullptr;
    if (value_file != nullptr && value_file != field.file()) file.add_dependency(value_file->name());
  }
  if (pool.BuildFile(file) == nullptr) {
    return absl::InternalError(absl::StrCat("response_body ", field.full_name(), ": no type for it could be made"));
  }
  return absl::StrCat(kTypeUrlPrefix, "/", file.package(), ".Answer");
}

absl::Status ReadBody(const HttpRule& rule, const MethodDescriptor& method, Binding& binding) {
  if (rule.body().empty()) return absl::OkStatus();
  const Descriptor* request = method.input_type();
  if (rule.body() == "*") {
    if (HasOwnJson(*request)) return absl::InvalidArgumentError("body: the request is no plain message");
    binding.body = Binding::Body::kAll;
    return absl::OkStatus();
  }
  binding.body_field = request->FindFieldByName(rule.body());
  if (binding.body_field == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("body: ", request->full_name(), " has no field ", rule.body()));
  }
  if (binding.body_field->is_repeated()) {
    return absl::InvalidArgumentError(absl::StrCat("body: ", binding.body_field->full_name(), " is repeated"));
  }
  binding.body = Binding::Body::kField;
  return absl::OkStatus();
}

// The record a request changes: the body's field; of a whole request the one the path reaches into
// ("{part.part_id}"), or the one of the answer's type. Null when nothing tells.
const FieldDescriptor* RecordIn(const MethodDescriptor& method, const Binding& binding) {
  if (binding.body != Binding::Body::kAll) return binding.body_field;
  for (const Binding::FieldPath& variable : binding.variables) {
    if (variable.size() > 1) return variable.front();
  }
  const Descriptor* request = method.input_type();
  for (int i = 0; i < request->field_count(); ++i) {
    const FieldDescriptor* field = request->field(i);
    if (!field->is_repeated() && field->message_type() == method.output_type()) return field;
  }
  return nullptr;
}

void ReadMask(const MethodDescriptor& method, Binding& binding) {
  if (binding.http_method != "PATCH") return;
  const FieldDescriptor* record = RecordIn(method, binding);
  const FieldDescriptor* mask = method.input_type()->FindFieldByName("update_mask");
  if (record == nullptr || mask == nullptr || mask->is_repeated() || mask->message_type() == nullptr) return;
  if (mask->message_type()->well_known_type() != Descriptor::WELLKNOWNTYPE_FIELDMASK) return;
  binding.mask_field = mask;
  binding.masked_field = record;
}

absl::Status ReadTraffic(const MethodDescriptor& described, RestMethod& method) {
  const auto& traffic = described.options().GetExtension(aftersales::options::v1::traffic);
  const auto find = [](const Descriptor* message, const std::string& name, const FieldDescriptor*& field) {
    if (name.empty()) return absl::OkStatus();
    field = message->FindFieldByName(name);
    const bool good = field != nullptr && !field->is_repeated() && field->message_type() == nullptr;
    return good ? absl::OkStatus()
                : absl::InvalidArgumentError(absl::StrCat("traffic: ", message->full_name(), " has no value ", name));
  };
  RETURN_IF_ERROR(find(described.output_type(), traffic.position_field(), method.position_field));
  return find(described.input_type(), traffic.resume_field(), method.resume_field);
}

absl::Status ReadFile(const MethodDescriptor& described, RestMethod& method) {
  const Descriptor* answer = described.output_type();
  method.is_file = answer->options().HasExtension(aftersales::options::v1::file);
  if (!method.is_file) return absl::OkStatus();
  const auto& file = answer->options().GetExtension(aftersales::options::v1::file);
  for (const std::string& name : {file.content_field(), file.media_type_field(), file.file_name_field()}) {
    if (name.empty() && name != file.content_field()) continue;
    const FieldDescriptor* field = answer->FindFieldByName(name);
    if (field == nullptr || field->is_repeated() || field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) {
      return absl::InvalidArgumentError(absl::StrCat("file: ", answer->full_name(), " has no text ", name));
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::string Joined(const Binding::FieldPath& path) {
  std::string joined;
  for (const FieldDescriptor* field : path) {
    if (!joined.empty()) joined.push_back('.');
    joined.append(field->name());
  }
  return joined;
}

absl::Status Bindings::AddRule(const RestMethod& method, const HttpRule& rule, DescriptorPool& pool) {
  auto binding = std::make_unique<Binding>();
  Pattern pattern = PatternOf(rule);
  if (pattern.http_method.empty()) return absl::InvalidArgumentError("the rule has no HTTP method");
  binding->method = &method;
  binding->http_method = std::move(pattern.http_method);
  binding->path_template = std::move(pattern.path);

  Wrong wrong;
  size_t at = 0;
  std::optional<PathTemplate> parsed = PathTemplate::Parse(binding->path_template, wrong, at);
  if (!parsed.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat("character ", at + 1, ": ", chassis::Absl(wrong.en)));
  }
  for (const PathTemplate::Variable& variable : parsed->variables) {
    absl::StatusOr<Binding::FieldPath> path = Resolve(variable.field, method.descriptor->input_type());
    if (!path.ok()) return path.status();
    binding->variables.push_back(*std::move(path));
  }
  RETURN_IF_ERROR(ReadBody(rule, *method.descriptor, *binding));
  ReadMask(*method.descriptor, *binding);

  const Descriptor* answer = method.descriptor->output_type();
  binding->answer_type = absl::StrCat(kTypeUrlPrefix, "/", answer->full_name());
  if (!rule.response_body().empty()) {
    binding->response_field = answer->FindFieldByName(rule.response_body());
    if (binding->response_field == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("response_body: ", answer->full_name(), " has no field ", rule.response_body()));
    }
    ASSIGN_OR_RETURN(binding->answer_type, AnswerType(*binding->response_field, bindings_.size(), pool));
  }

  const int number = static_cast<int>(bindings_.size());
  if (const auto taken = matcher_.Add(binding->http_method, *std::move(parsed), number)) {
    const Binding& other = this->binding(*taken);
    return absl::InvalidArgumentError(
        absl::StrCat("the same path as ", other.http_method, " ", other.path_template, " of ", other.method->path));
  }
  bindings_.push_back(std::move(binding));
  return absl::OkStatus();
}

absl::Status Bindings::AddMethod(const MethodDescriptor& described, DescriptorPool& pool) {
  RestMethod& method = methods_.emplace_back();
  method.descriptor = &described;
  method.path = absl::StrCat("/", described.service()->full_name(), "/", described.name());
  method.client_streams = described.client_streaming();
  method.server_streams = described.server_streaming();
  const auto named = [&method](const absl::Status& status, const std::string& rule) {
    return absl::FailedPreconditionError(absl::StrCat(method.path, rule, ": ", status.message()));
  };
  if (absl::Status read = ReadTraffic(described, method); !read.ok()) return named(read, "");
  if (absl::Status read = ReadFile(described, method); !read.ok()) return named(read, "");

  const HttpRule& rule = described.options().GetExtension(google::api::http);
  if (absl::Status added = AddRule(method, rule, pool); !added.ok()) {
    return named(added, absl::StrCat(" \"", PatternOf(rule).path, "\""));
  }
  for (const HttpRule& more : rule.additional_bindings()) {
    absl::Status added = more.additional_bindings().empty()
                             ? AddRule(method, more, pool)
                             : absl::InvalidArgumentError("additional_bindings must not be nested");
    if (!added.ok()) return named(added, absl::StrCat(" \"", PatternOf(more).path, "\""));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Bindings>> Bindings::Make(const google::protobuf::FileDescriptorSet& files,
                                                         DescriptorPool& pool) {
  auto bindings = std::make_unique<Bindings>();
  std::vector<const MethodDescriptor*> described;
  for (const FileDescriptorProto& file : files.file()) {
    const FileDescriptor* built = pool.BuildFile(file);
    if (built == nullptr) {
      return absl::FailedPreconditionError(absl::StrCat("the descriptors of ", file.name(), " do not hold together"));
    }
    for (int s = 0; s < built->service_count(); ++s) {
      for (int m = 0; m < built->service(s)->method_count(); ++m) {
        const MethodDescriptor* method = built->service(s)->method(m);
        if (method->options().HasExtension(google::api::http)) described.push_back(method);
      }
    }
  }
  bindings->methods_.reserve(described.size());  // bindings point into it
  for (const MethodDescriptor* method : described) RETURN_IF_ERROR(bindings->AddMethod(*method, pool));
  return bindings;
}

}  // namespace gateway::rest
