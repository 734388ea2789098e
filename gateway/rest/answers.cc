#include "gateway/rest/answers.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "aftersales/options/v1/traffic.pb.h"
#include "gateway/rest/strict_json.h"
#include "gateway/rest/text.h"
#include "gateway/rest/values.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/type_resolver_util.h"
#include "google/protobuf/wire_format_lite.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/error_info.pb.h"
#include "nlohmann/json.hpp"

namespace gateway::rest {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::util::TypeResolver;

// Of the reasons the gateway gives.
constexpr char kDoorDomain[] = "common.aftersales";

enum class Unset { kPrinted, kLeftOut };

// The printer takes what is cut off for the end.
bool IsWhole(std::string_view message) {
  google::protobuf::io::CodedInputStream input(reinterpret_cast<const uint8_t*>(message.data()),
                                               static_cast<int>(message.size()));
  while (const uint32_t tag = input.ReadTag()) {
    if (!google::protobuf::internal::WireFormatLite::SkipField(&input, tag)) return false;
  }
  return input.ConsumedEntireMessage();
}

// False when the bytes are no such message.
bool Print(TypeResolver& types, const std::string& type_url, std::string_view message, Unset unset, std::string& json) {
  if (!IsWhole(message)) return false;
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = unset == Unset::kPrinted;
  google::protobuf::io::ArrayInputStream input(message.data(), static_cast<int>(message.size()));
  google::protobuf::io::StringOutputStream output(&json);
  return google::protobuf::util::BinaryToJsonStream(&types, type_url, &input, &output, options).ok();
}

// An answer may hold an Any of a type that is younger than the gateway's descriptors; it then shows as its @type alone.
class TolerantTypes : public TypeResolver {
 public:
  explicit TolerantTypes(const DescriptorPool& pool)
      : known_(google::protobuf::util::NewTypeResolverForDescriptorPool(kTypeUrlPrefix, &pool)) {}

  google::protobuf::util::Status ResolveMessageType(const std::string& type_url,
                                                    google::protobuf::Type* type) override {
    if (!known_->ResolveMessageType(type_url, type).ok()) type->set_name(type_url.substr(type_url.rfind('/') + 1));
    return {};
  }
  google::protobuf::util::Status ResolveEnumType(const std::string& type_url, google::protobuf::Enum* type) override {
    return known_->ResolveEnumType(type_url, type);
  }

 private:
  const std::unique_ptr<TypeResolver> known_;
};

std::string Quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string_view CodeName(int code) {
  constexpr std::string_view kNames[] = {
      "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
      "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
      "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
      "DATA_LOSS", "UNAUTHENTICATED"};
  constexpr int kCodes = static_cast<int>(std::size(kNames));
  return code >= 0 && code < kCodes ? kNames[code] : "UNKNOWN";
}

// {"name":VALUE} to VALUE; what is not set has no member.
std::string OnlyMember(const FieldDescriptor& field, std::string json) {
  const size_t colon = json.find(':');
  if (colon == std::string::npos) {
    return field.message_type() != nullptr && !HasOwnJson(*field.message_type()) ? "{}" : "null";
  }
  json.pop_back();
  return json.substr(Quoted(field.json_name()).size() + 2);
}

}  // namespace

Answers::Answers(const DescriptorPool& pool)
    : answers_(std::make_unique<TolerantTypes>(pool)),
      api_(google::protobuf::util::NewTypeResolverForDescriptorPool(kTypeUrlPrefix, &pool)),
      linked_(
          google::protobuf::util::NewTypeResolverForDescriptorPool(kTypeUrlPrefix, DescriptorPool::generated_pool())) {
  // Their files register themselves only when something of them is used.
  google::rpc::BadRequest::descriptor();
  google::rpc::ErrorInfo::descriptor();
}

absl::StatusOr<std::string> Answers::Json(const Binding& binding, std::string_view message) const {
  std::string json;
  if (!Print(*answers_, binding.answer_type, message, Unset::kPrinted, json)) {
    return absl::InternalError(absl::StrCat("the answer of ", binding.method->path, " cannot be printed as JSON"));
  }
  return binding.response_field == nullptr ? json : OnlyMember(*binding.response_field, std::move(json));
}

std::string Answers::DetailJson(const google::protobuf::Any& detail) const {
  const std::string type = absl::StrCat("\"@type\":", Quoted(detail.type_url()));
  std::string json;
  bool printed = Print(*linked_, detail.type_url(), detail.value(), Unset::kLeftOut, json);
  if (!printed) {
    json.clear();
    printed = Print(*api_, detail.type_url(), detail.value(), Unset::kLeftOut, json);
  }
  if (!printed) return absl::StrCat("{", type, ",\"value\":\"", Base64Encoded(detail.value()), "\"}");
  const bool has_fields = json.front() == '{' && detail.type_url().find("/google.protobuf.") == std::string::npos;
  if (!has_fields) return absl::StrCat("{", type, ",\"value\":", json, "}");
  if (json == "{}") return absl::StrCat("{", type, "}");
  return absl::StrCat("{", type, ",", json.substr(1));
}

std::string Answers::ErrorJson(const google::rpc::Status& status) const {
  const std::string_view name = CodeName(status.code());
  std::string json =
      absl::StrCat("{\"error\":{\"code\":", HttpStatusOf(status), ",\"message\":", Quoted(status.message()),
                   ",\"status\":\"", std::string(name), "\",\"details\":[");
  for (int i = 0; i < status.details_size(); ++i) {
    if (i > 0) json.push_back(',');
    json.append(DetailJson(status.details(i)));
  }
  json.append("]}}");
  return json;
}

absl::StatusOr<FilePart> FileOf(const RestMethod& method, std::string_view message) {
  const Descriptor& answer = *method.descriptor->output_type();
  const auto& file = answer.options().GetExtension(aftersales::options::v1::file);
  const auto text = [&](const std::string& field, const std::string& otherwise) {
    return field.empty() ? otherwise : TextOfField(*answer.FindFieldByName(field), message);
  };
  if (!method.is_file) return absl::InternalError(absl::StrCat("the answer of ", method.path, " is no file"));
  return FilePart{text(file.media_type_field(), file.media_type()), text(file.file_name_field(), file.file_name()),
                  text(file.content_field(), "")};
}

int HttpStatusOf(int code) {
  constexpr int kStatus[] = {200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401};
  constexpr int kCodes = static_cast<int>(std::size(kStatus));
  return code >= 0 && code < kCodes ? kStatus[code] : 500;
}

int HttpStatusOf(const google::rpc::Status& status) {
  google::rpc::ErrorInfo info;
  for (const auto& detail : status.details()) {
    if (detail.Is<google::rpc::ErrorInfo>() && detail.UnpackTo(&info)) break;
  }
  if (info.domain() != kDoorDomain) return HttpStatusOf(status.code());
  const std::string& reason = info.reason();
  if (reason == "METHOD_UNKNOWN") return 404;
  if (reason == "HTTP_METHOD") return 405;
  if (reason == "NOT_ACCEPTABLE") return 406;
  if (reason == "MEDIA_TYPE") return 415;
  if (reason == "TOO_LARGE") {
    const auto what = info.metadata().find("what");
    if (what != info.metadata().end() && what->second == "request") return 413;
    if (what != info.metadata().end() && what->second == "metadata") return 431;
  }
  return HttpStatusOf(status.code());
}

}  // namespace gateway::rest
