#include "gateway/rest/parameters.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "chassis/status/refusal.h"
#include "gateway/rest/query.h"
#include "gateway/rest/values.h"

namespace gateway::rest {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr Wrong kUnknown = {"没有此参数", "there is no such parameter"};
constexpr Wrong kRepeatedMessage = {"重复的消息和映射不能作为查询参数",
                                    "is a list of messages or a map, which cannot be given in a query"};
constexpr Wrong kMessage = {"消息不能整体作为查询参数，请逐字段给出",
                            "is a message: give its fields one by one, with dots"};
constexpr Wrong kOwnForm = {"此类型不能作为查询参数", "is of a type that cannot be given in a query"};
constexpr Wrong kInPath = {"已由路径给出", "is given by the path"};
constexpr Wrong kInBody = {"应在请求体中给出", "belongs in the body"};
constexpr Wrong kTwice = {"只能出现一次（两种拼写视为同一参数）", "may be given only once (both spellings are one)"};
constexpr Wrong kOneof = {"与同组的另一字段只能二选一", "excludes another field that is given"};

using FieldPath = Binding::FieldPath;

// Whether two fields are different members of one choice at the place where their paths part.
bool Excludes(const FieldPath& one, const FieldPath& other) {
  for (size_t i = 0; i < one.size() && i < other.size(); ++i) {
    if (one[i] == other[i]) continue;
    const auto* choice = one[i]->real_containing_oneof();
    return choice != nullptr && choice == other[i]->real_containing_oneof();
  }
  return false;
}

class ParameterReader {
 public:
  ParameterReader(const ParameterTask& task, WireWriter& wire) : task_(task), wire_(wire) {}

  // What is wrong with this parameter, if anything.
  std::optional<Wrong> Take(const std::string& name, const std::string& value) {
    FieldPath path;
    if (const auto wrong = Resolve(name, path)) return wrong;
    if (path.empty()) return Unknown();
    if (const auto wrong = CheckPlace(path)) return wrong;
    const std::string canonical = Joined(path);
    if (!path.back()->is_repeated() && !given_.insert(canonical).second) return kTwice;
    if (const auto wrong = CheckChoices(path)) return wrong;
    if (path.size() == 1 && path.front() == task_.binding->mask_field) result_.update_mask = true;

    for (size_t i = 0; i + 1 < path.size(); ++i) wire_.Open(path[i]->number());
    const auto wrong = WriteScalar(path.back()->number(), *path.back(), {Scalar::Kind::kText, value}, wire_);
    for (size_t i = 0; i + 1 < path.size(); ++i) wire_.Close();
    return wrong;
  }

  ParametersGiven result() const { return result_; }

 private:
  std::optional<Wrong> Unknown() const {
    if (task_.policy->unknown_fields == Policy::UnknownFields::kIgnore) return std::nullopt;
    return kUnknown;
  }

  // Leaves `path` empty when nothing has this name.
  std::optional<Wrong> Resolve(const std::string& name, FieldPath& path) const {
    const Descriptor* message = task_.binding->method->descriptor->input_type();
    size_t from = 0;
    while (true) {
      const size_t dot = std::min(name.find('.', from), name.size());
      const FieldDescriptor* field = FieldNamed(*message, name.substr(from, dot - from));
      if (field == nullptr || path.size() == static_cast<size_t>(task_.policy->depth_max)) return NoSuch(path);
      path.push_back(field);
      message = field->message_type();
      if (field->is_map()) return kRepeatedMessage;
      if (dot == name.size()) break;
      if (message == nullptr || HasOwnJson(*message)) return NoSuch(path);
      if (field->is_repeated()) return kRepeatedMessage;
      from = dot + 1;
    }
    if (message == nullptr || IsScalarMessage(*message)) return std::nullopt;
    if (path.back()->is_repeated()) return kRepeatedMessage;
    return HasOwnJson(*message) ? kOwnForm : kMessage;
  }

  static std::optional<Wrong> NoSuch(FieldPath& path) {
    path.clear();
    return std::nullopt;
  }

  std::optional<Wrong> CheckPlace(const FieldPath& path) const {
    for (const BoundField& bound : *task_.bound) {
      if (bound.path == path) return kInPath;
      if (Excludes(path, bound.path)) return kOneof;
    }
    const Binding& binding = *task_.binding;
    if (binding.body == Binding::Body::kAll) return kInBody;
    if (binding.body != Binding::Body::kField) return std::nullopt;
    if (path.front() == binding.body_field) return kInBody;
    const bool given = task_.body_given == ParameterTask::BodyGiven::kYes;
    return given && Excludes(path, {binding.body_field}) ? std::optional(kOneof) : std::nullopt;
  }

  // Of a choice only one member, in any message on the way.
  std::optional<Wrong> CheckChoices(const FieldPath& path) {
    std::string place;
    for (const FieldDescriptor* field : path) {
      if (const auto* choice = field->real_containing_oneof()) {
        const auto [at, is_new] = choices_.emplace(place + choice->full_name(), field);
        if (!is_new && at->second != field) return kOneof;
      }
      place.append(field->name()).push_back('.');
    }
    return std::nullopt;
  }

  const ParameterTask& task_;
  WireWriter& wire_;
  std::set<std::string> given_;
  std::map<std::string, const FieldDescriptor*> choices_;
  ParametersGiven result_;
};

absl::Status Refused(std::string_view name, const Wrong& wrong) {
  return chassis::InvalidField(name.empty() ? "query" : name, wrong.zh, wrong.en);
}

}  // namespace

absl::StatusOr<ParametersGiven> ReadParameters(std::string_view query, const ParameterTask& task, WireWriter& wire) {
  ParameterReader reader(task, wire);
  absl::Status refused;
  const auto problem = ForEachParameter(query, [&](const std::string& name, const std::string& value) {
    const std::optional<Wrong> wrong = reader.Take(name, value);
    if (wrong.has_value()) refused = Refused(ShownName(name), *wrong);
    return !wrong.has_value();
  });
  if (problem.has_value()) return Refused(problem->name, problem->wrong);
  if (!refused.ok()) return refused;
  return reader.result();
}

}  // namespace gateway::rest
