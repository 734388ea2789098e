#include "gateway/rest/transcoder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "aftersales/common/v1/door_errors.pb.h"
#include "aftersales/common/v1/errors.pb.h"
#include "aftersales/options/v1/options.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"
#include "chassis/status/text.h"
#include "gateway/refusals.h"
#include "gateway/rest/answers.h"
#include "gateway/rest/binding.h"
#include "gateway/rest/parameters.h"
#include "gateway/rest/strict_json.h"
#include "gateway/rest/values.h"

namespace gateway::rest {
namespace {

namespace common = aftersales::common::v1;
using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;

struct Target {
  std::string_view path;
  std::string_view query;
};
Target SplitTarget(std::string_view target) {
  const size_t mark = target.find('?');
  if (mark == std::string_view::npos) return {target, {}};
  return {target.substr(0, mark), target.substr(mark + 1)};
}

absl::Status MalformedPath(const Wrong& wrong, size_t at) {
  return chassis::InvalidField("path", absl::StrCat("第 ", at + 1, " 字节起：", chassis::Absl(wrong.zh)),
                               absl::StrCat("from byte ", at + 1, ": ", chassis::Absl(wrong.en)));
}

absl::Status MalformedJson(const JsonProblem& problem) {
  std::string zh(problem.wrong.zh);
  std::string en(problem.wrong.en);
  if (problem.at_byte.has_value()) {
    absl::StrAppend(&zh, "（第 ", *problem.at_byte, " 字节）");
    absl::StrAppend(&en, " (byte ", *problem.at_byte, ")");
  }
  return chassis::Refuse(common::DOOR_ERROR_REASON_JSON)
      .With("at", problem.path)
      .With("why", en)
      .With("why_zh", zh)
      .At(problem.path, zh, en);
}

// Of a derived update mask: not what the service would refuse in one, because only it fills it, because it never
// changes or because it says which record is meant, and not the version, which every record carries.
bool BelongsInMask(const FieldDescriptor& field) {
  const auto& column = field.options().GetExtension(aftersales::options::v1::column);
  const auto& key = field.containing_type()->options().GetExtension(aftersales::options::v1::table).key();
  return field.name() != "etag" && !column.output_only() && !column.immutable() &&
         std::find(key.begin(), key.end(), field.name()) == key.end();
}

void WriteMask(const FieldDescriptor& mask, const std::vector<std::string>& paths, WireWriter& wire) {
  if (paths.empty()) return;
  wire.Open(mask.number());
  for (const std::string& path : paths) {
    wire.Tag(1, WireType::kLength);
    wire.Length(path);
  }
  wire.Close();
}

class DescribedTranscoder : public Transcoder {
 public:
  DescribedTranscoder(std::unique_ptr<DescriptorPool> pool, std::unique_ptr<Bindings> bindings, Policy policy)
      : pool_(std::move(pool)), bindings_(std::move(bindings)), answers_(*pool_), policy_(policy) {}

  absl::StatusOr<Call> Find(std::string_view http_method, std::string_view target) const override {
    if (static_cast<int64_t>(target.size()) > policy_.target_bytes_max) {
      return TooLarge({"request target", "请求路径"}, policy_.target_bytes_max);
    }
    const auto [path, query] = SplitTarget(target);
    PathMatcher::Found found = bindings_->matcher().Find(http_method, path);
    switch (found.outcome) {
      case PathMatcher::Outcome::kMalformed:
        return MalformedPath(found.wrong, found.at);
      case PathMatcher::Outcome::kUnknown:
        return MethodUnknown();
      case PathMatcher::Outcome::kOtherMethod:
        return chassis::Refuse(common::DOOR_ERROR_REASON_HTTP_METHOD)
            .With("method", ShownName(http_method))
            .With("allowed", AllowedMethods(target));
      case PathMatcher::Outcome::kFound:
        break;
    }
    Call call;
    call.binding = &bindings_->binding(found.match.rule);
    call.method = call.binding->method;
    call.query = std::string(query);
    for (PathMatcher::Value& value : found.match.values) {
      call.variables.push_back({call.binding->variables[value.variable], std::move(value.text)});
    }
    return call;
  }

  std::string AllowedMethods(std::string_view target) const override {
    return absl::StrJoin(bindings_->matcher().Methods(SplitTarget(target).path), ", ");
  }

  absl::StatusOr<std::string> Request(const Call& call, std::string_view body,
                                      std::string_view resume_after) const override {
    WireWriter wire;
    ASSIGN_OR_RETURN(const std::vector<BoundField> bound, Bound(call));
    std::vector<std::string> mask;
    RETURN_IF_ERROR(ReadBody(*call.binding, body, bound, mask, wire));
    ParameterTask parameters;
    parameters.binding = call.binding;
    parameters.bound = &bound;
    parameters.policy = &policy_;
    parameters.body_given = body.empty() ? ParameterTask::BodyGiven::kNo : ParameterTask::BodyGiven::kYes;
    ASSIGN_OR_RETURN(const ParametersGiven given, ReadParameters(call.query, parameters, wire));
    if (!given.update_mask && call.binding->mask_field != nullptr) WriteMask(*call.binding->mask_field, mask, wire);
    // Last, because of what stands twice in a message the last counts.
    for (const BoundField& field : bound) {
      for (size_t i = 0; i + 1 < field.path.size(); ++i) wire.Open(field.path[i]->number());
      wire.Raw(field.wire);
      for (size_t i = 0; i + 1 < field.path.size(); ++i) wire.Close();
    }
    RETURN_IF_ERROR(WriteResume(*call.method, resume_after, wire));
    return std::move(wire).Take();
  }

  absl::StatusOr<std::string> RequestLine(const Call& call, std::string_view line) const override {
    return Request(call, line, {});
  }

  absl::StatusOr<std::string> Answer(const Call& call, std::string_view message) const override {
    return answers_.Json(*call.binding, message);
  }
  absl::StatusOr<FilePart> AnswerFile(const Call& call, std::string_view message) const override {
    return FileOf(*call.method, message);
  }
  std::string Position(const Call& call, std::string_view message) const override {
    return call.method->position_field == nullptr ? "" : TextOfField(*call.method->position_field, message);
  }
  std::string Error(const google::rpc::Status& status) const override { return answers_.ErrorJson(status); }
  const std::vector<RestMethod>& methods() const override { return bindings_->methods(); }

 private:
  static absl::StatusOr<std::vector<BoundField>> Bound(const Call& call) {
    std::vector<BoundField> bound;
    for (const Call::Variable& variable : call.variables) {
      WireWriter wire;
      const FieldDescriptor& field = *variable.field.back();
      const auto wrong = WriteScalar(field.number(), field, {Scalar::Kind::kText, variable.value}, wire);
      if (wrong.has_value()) return chassis::InvalidField(Joined(variable.field), wrong->zh, wrong->en);
      bound.push_back({variable.field, std::move(wire).Take()});
    }
    return bound;
  }

  absl::Status ReadBody(const Binding& binding, std::string_view body, const std::vector<BoundField>& bound,
                        std::vector<std::string>& mask, WireWriter& wire) const {
    if (body.empty()) return absl::OkStatus();
    if (binding.body == Binding::Body::kNone) {
      return chassis::InvalidField("body", "此接口不接受请求体", "this method takes no body");
    }
    if (static_cast<int64_t>(body.size()) > policy_.body_bytes_max) {
      return TooLarge({"request body", "请求体"}, policy_.body_bytes_max);
    }
    JsonTask task;
    task.request = binding.method->descriptor->input_type();
    task.body_field = binding.body_field;
    task.pool = pool_.get();
    task.bound = &bound;
    task.unknown = policy_.unknown_fields == Policy::UnknownFields::kIgnore ? JsonTask::Unknown::kIgnore
                                                                            : JsonTask::Unknown::kRefuse;
    task.depth_max = policy_.depth_max;
    if (binding.mask_field != nullptr) {
      task.mask = &mask;
      task.mask_field = binding.mask_field;
      task.masked_field = binding.masked_field;
      task.in_mask = &BelongsInMask;
    }
    const std::optional<JsonProblem> problem = ReadJson(body, task, wire);
    return problem.has_value() ? MalformedJson(*problem) : absl::OkStatus();
  }

  static absl::Status WriteResume(const RestMethod& method, std::string_view resume_after, WireWriter& wire) {
    if (resume_after.empty() || method.resume_field == nullptr) return absl::OkStatus();
    const FieldDescriptor& field = *method.resume_field;
    const auto wrong = WriteScalar(field.number(), field, {Scalar::Kind::kText, resume_after}, wire);
    return wrong.has_value() ? absl::Status(chassis::InvalidField(field.name(), wrong->zh, wrong->en))
                             : absl::OkStatus();
  }

  std::unique_ptr<DescriptorPool> pool_;
  std::unique_ptr<Bindings> bindings_;
  Answers answers_;
  Policy policy_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Transcoder>> Transcoder::Make(const google::protobuf::FileDescriptorSet& files,
                                                             Policy policy) {
  auto pool = std::make_unique<DescriptorPool>();
  ASSIGN_OR_RETURN(std::unique_ptr<Bindings> bindings, Bindings::Make(files, *pool));
  return std::make_unique<DescribedTranscoder>(std::move(pool), std::move(bindings), policy);
}

}  // namespace gateway::rest
