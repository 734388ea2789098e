#include "gateway/routes.h"

#include <fstream>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "aftersales/options/v1/options.pb.h"
#include "aftersales/options/v1/traffic.pb.h"
#include "chassis/status/status.h"
#include "chassis/status/text.h"
#include "google/api/annotations.pb.h"

namespace gateway {
namespace {

using google::protobuf::DescriptorProto;
using google::protobuf::FieldDescriptorProto;
using google::protobuf::FileDescriptorProto;
using google::protobuf::FileDescriptorSet;
using google::protobuf::MethodDescriptorProto;
using google::protobuf::ServiceDescriptorProto;

// Full name with leading dot, as method descriptors name their types, to the number of `store_id`.
std::map<std::string, int> StoreFields(const FileDescriptorSet& files) {
  std::map<std::string, int> numbers;
  for (const FileDescriptorProto& file : files.file()) {
    for (const DescriptorProto& message : file.message_type()) {
      for (const FieldDescriptorProto& field : message.field()) {
        if (field.name() == "store_id" && field.type() == FieldDescriptorProto::TYPE_STRING) {
          numbers[absl::StrCat(".", file.package(), ".", message.name())] = field.number();
        }
      }
    }
  }
  return numbers;
}

Method::Kind KindOf(const MethodDescriptorProto& method) {
  if (method.client_streaming()) {
    return method.server_streaming() ? Method::Kind::kBidiStream : Method::Kind::kClientStream;
  }
  return method.server_streaming() ? Method::Kind::kServerStream : Method::Kind::kUnary;
}

Priority PriorityOf(const MethodDescriptorProto& method) {
  namespace options = aftersales::options::v1;
  switch (method.options().GetExtension(options::traffic).priority()) {
    case options::PRIORITY_ESSENTIAL:
      return Priority::kEssential;
    case options::PRIORITY_DEFERRABLE:
      return Priority::kDeferrable;
    default:
      return Priority::kNormal;
  }
}

CallClass ClassOf(const MethodDescriptorProto& method, Priority priority) {
  if (priority == Priority::kDeferrable) return CallClass::kReport;
  if (!method.options().GetExtension(google::api::http).get().empty()) return CallClass::kRead;
  for (const char* verb : {"Get", "List", "Read", "Watch", "Find", "Search"}) {
    if (absl::StartsWith(method.name(), verb)) return CallClass::kRead;
  }
  return CallClass::kWrite;
}

}  // namespace

std::string_view Name(Priority priority) {
  switch (priority) {
    case Priority::kDeferrable:
      return "deferrable";
    case Priority::kNormal:
      return "normal";
    case Priority::kEssential:
      return "essential";
  }
  return "unknown";
}

std::string_view Name(CallClass call_class) {
  switch (call_class) {
    case CallClass::kRead:
      return "read";
    case CallClass::kWrite:
      return "write";
    case CallClass::kReport:
      return "report";
  }
  return "unknown";
}

absl::StatusOr<Routes> Routes::Make(const FileDescriptorSet& files) {
  Routes routes;
  std::vector<std::string> without_access;
  std::set<std::string> packages;
  const std::map<std::string, int> store_fields = StoreFields(files);
  for (const FileDescriptorProto& file : files.file()) {
    for (const ServiceDescriptorProto& service : file.service()) {
      for (const MethodDescriptorProto& described : service.method()) {
        Method method;
        method.package = file.package();
        method.service = absl::StrCat(file.package(), ".", service.name());
        method.name = described.name();
        method.path = absl::StrCat("/", method.service, "/", method.name);
        method.kind = KindOf(described);
        method.priority = PriorityOf(described);
        method.call_class = ClassOf(described, method.priority);
        if (const auto field = store_fields.find(described.input_type()); field != store_fields.end()) {
          method.store_field = field->second;
        }
        if (!described.options().HasExtension(aftersales::options::v1::access)) without_access.push_back(method.path);
        packages.insert(method.package);
        routes.by_path_.emplace(method.path, routes.methods_.size());
        routes.methods_.push_back(std::move(method));
      }
    }
  }

  if (!without_access.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("methods without the access option: ", absl::StrJoin(without_access, ", ")));
  }
  if (routes.methods_.empty()) return absl::FailedPreconditionError("the descriptors hold no service");
  routes.packages_.assign(packages.begin(), packages.end());
  for (Method& method : routes.methods_) {
    method.upstream = static_cast<int>(std::distance(packages.begin(), packages.find(method.package)));
  }
  return routes;
}

absl::StatusOr<Routes> Routes::FromFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat("cannot read the descriptors file ", path));
  FileDescriptorSet files;
  if (!files.ParseFromIstream(&file)) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is not a descriptor set"));
  }
  return Make(files);
}

const Method* Routes::Find(std::string_view path) const {
  const auto found = by_path_.find(chassis::Absl(path));
  return found == by_path_.end() ? nullptr : &methods_[found->second];
}

}  // namespace gateway
