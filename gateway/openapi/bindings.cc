#include "gateway/openapi/bindings.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "chassis/status/status.h"
#include "chassis/status/text.h"
#include "gateway/openapi/comments.h"
#include "google/api/annotations.pb.h"

namespace gateway::openapi {
namespace {

using chassis::Absl;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

constexpr std::string_view kVerbs[] = {"get", "put", "post", "delete", "options", "head", "patch", "trace"};

// nullptr when the path names no field of `message`.
const FieldDescriptor* FieldAt(const Descriptor* message, std::string_view path) {
  const FieldDescriptor* field = nullptr;
  for (const absl::string_view name : absl::StrSplit(Absl(path), '.')) {
    if (message == nullptr) return nullptr;
    field = message->FindFieldByName(std::string(name));
    if (field == nullptr) return nullptr;
    message = field->is_repeated() ? nullptr : field->message_type();
  }
  return field;
}

// `stores/*/books/**` as a regular expression.
std::string PatternOf(std::string_view segments) {
  std::vector<std::string> patterns;
  for (const absl::string_view segment : absl::StrSplit(Absl(segments), '/')) {
    if (segment == "*") {
      patterns.push_back("[^/]+");
    } else if (segment == "**") {
      patterns.push_back(".*");
    } else {
      std::string literal;
      for (const char c : segment) {
        if (!absl::ascii_isalnum(c) && c != '_' && c != '-') literal.push_back('\\');
        literal.push_back(c);
      }
      patterns.push_back(literal);
    }
  }
  return absl::StrCat("^", absl::StrJoin(patterns, "/"), "$");
}

class TemplateReader {
 public:
  TemplateReader(const Descriptor* request, std::string_view text) : request_(request), text_(text) {}

  absl::Status ReadInto(Binding& binding) {
    if (text_.empty() || text_[0] != '/') return absl::InvalidArgumentError("a path begins with /");
    while (at_ < text_.size()) {
      if (text_[at_] == '{') {
        RETURN_IF_ERROR(Variable(binding));
      } else if (text_[at_] == '*') {
        Wildcard(binding);
      } else if (text_[at_] == '}') {
        return absl::InvalidArgumentError("a } without {");
      } else {
        binding.path.push_back(text_[at_++]);
      }
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Variable(Binding& binding) {
    const size_t close = text_.find('}', at_);
    if (close == std::string_view::npos) return absl::InvalidArgumentError("a { without }");
    const std::string_view inside = text_.substr(at_ + 1, close - at_ - 1);
    at_ = close + 1;
    const size_t equals = inside.find('=');
    PathVariable variable;
    variable.field_path = inside.substr(0, equals);
    variable.field = FieldAt(request_, variable.field_path);
    if (variable.field == nullptr || variable.field->is_repeated() || variable.field->message_type() != nullptr) {
      return absl::InvalidArgumentError(absl::StrCat(variable.field_path, " is no single value of the request"));
    }
    if (equals != std::string_view::npos && inside.substr(equals + 1) != "*") {
      variable.pattern = PatternOf(inside.substr(equals + 1));
    }
    Add(binding, std::move(variable));
    return absl::OkStatus();
  }

  void Wildcard(Binding& binding) {
    const bool many = text_.substr(at_, 2) == "**";
    at_ += many ? 2 : 1;
    PathVariable variable;
    if (many) variable.pattern = PatternOf("**");
    Add(binding, std::move(variable));
  }

  // The last name of the field path, the whole path when that is taken.
  void Add(Binding& binding, PathVariable variable) {
    const std::string json = JsonPath(variable.field_path);
    variable.parameter = json.empty() ? absl::StrCat("segment", binding.variables.size() + 1)
                                      : json.substr(json.rfind('.') == std::string::npos ? 0 : json.rfind('.') + 1);
    if (!taken_.insert(variable.parameter).second) {
      std::string whole = variable.field_path;
      std::replace(whole.begin(), whole.end(), '.', '_');
      variable.parameter = JsonPath(whole);
      taken_.insert(variable.parameter);
    }
    absl::StrAppend(&binding.path, "{", variable.parameter, "}");
    binding.variables.push_back(std::move(variable));
  }

  const Descriptor* const request_;
  const std::string_view text_;
  size_t at_ = 0;
  std::set<std::string> taken_;
};

absl::StatusOr<Binding> BindingOf(const google::api::HttpRule& rule, const MethodDescriptor* method) {
  Binding binding;
  std::string path;
  switch (rule.pattern_case()) {
    case google::api::HttpRule::kGet:
      binding.verb = "get", path = rule.get();
      break;
    case google::api::HttpRule::kPut:
      binding.verb = "put", path = rule.put();
      break;
    case google::api::HttpRule::kPost:
      binding.verb = "post", path = rule.post();
      break;
    case google::api::HttpRule::kDelete:
      binding.verb = "delete", path = rule.delete_();
      break;
    case google::api::HttpRule::kPatch:
      binding.verb = "patch", path = rule.patch();
      break;
    case google::api::HttpRule::kCustom:
      binding.verb = absl::AsciiStrToLower(rule.custom().kind()), path = rule.custom().path();
      break;
    case google::api::HttpRule::PATTERN_NOT_SET:
      return absl::InvalidArgumentError("a rule without path");
  }
  if (std::find(std::begin(kVerbs), std::end(kVerbs), binding.verb) == std::end(kVerbs)) {
    return absl::InvalidArgumentError(absl::StrCat("OpenAPI has no operation for the verb ", binding.verb));
  }
  RETURN_IF_ERROR(TemplateReader(method->input_type(), path).ReadInto(binding));
  binding.body = rule.body();
  binding.response_body = rule.response_body();
  const bool body_known =
      binding.body.empty() || binding.body == "*" || method->input_type()->FindFieldByName(binding.body) != nullptr;
  if (!body_known) return absl::InvalidArgumentError(absl::StrCat("the body ", binding.body, " is no field"));
  if (!binding.response_body.empty() && method->output_type()->FindFieldByName(binding.response_body) == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("the response_body ", binding.response_body, " is no field"));
  }
  return binding;
}

}  // namespace

absl::StatusOr<std::vector<Binding>> BindingsOf(const MethodDescriptor* method) {
  std::vector<Binding> bindings;
  if (!method->options().HasExtension(google::api::http)) return bindings;
  const google::api::HttpRule& main = method->options().GetExtension(google::api::http);
  std::vector<const google::api::HttpRule*> rules = {&main};
  for (const google::api::HttpRule& more : main.additional_bindings()) rules.push_back(&more);
  for (const google::api::HttpRule* rule : rules) {
    absl::StatusOr<Binding> binding = BindingOf(*rule, method);
    if (!binding.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(method->full_name(), ": ", binding.status().message()));
    }
    bindings.push_back(*std::move(binding));
  }
  return bindings;
}

}  // namespace gateway::openapi
