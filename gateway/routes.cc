#include "gateway/routes.h"

#include <fstream>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "aftersales/options/v1/options.pb.h"
#include "chassis/status/status.h"
#include "chassis/status/text.h"

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

int PositionOf(const std::vector<std::string>& packages, const std::string& package) {
  for (size_t i = 0; i < packages.size(); ++i) {
    if (packages[i] == package) return static_cast<int>(i);
  }
  return Method::kNoUpstream;
}

}  // namespace

absl::StatusOr<Routes> Routes::Make(const FileDescriptorSet& files, const std::vector<std::string>& upstream_packages) {
  Routes routes;
  std::vector<std::string> without_access;
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
        method.upstream = PositionOf(upstream_packages, method.package);
        if (const auto field = store_fields.find(described.input_type()); field != store_fields.end()) {
          method.store_field = field->second;
        }
        if (!described.options().HasExtension(aftersales::options::v1::access)) without_access.push_back(method.path);
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
  for (size_t i = 0; i < upstream_packages.size(); ++i) {
    bool serves = false;
    for (const Method& method : routes.methods_) serves |= method.upstream == static_cast<int>(i);
    if (!serves) {
      return absl::FailedPreconditionError(
          absl::StrCat("upstream ", upstream_packages[i], " serves a package without services"));
    }
  }
  return routes;
}

absl::StatusOr<Routes> Routes::FromFile(const std::string& path, const std::vector<std::string>& upstream_packages) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat("cannot read the descriptors file ", path));
  FileDescriptorSet files;
  if (!files.ParseFromIstream(&file)) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is not a descriptor set"));
  }
  return Make(files, upstream_packages);
}

const Method* Routes::Find(std::string_view path) const {
  const auto found = by_path_.find(chassis::Absl(path));
  return found == by_path_.end() ? nullptr : &methods_[found->second];
}

std::vector<std::string> Routes::Unserved() const {
  std::set<std::string> packages;
  for (const Method& method : methods_) {
    if (method.upstream == Method::kNoUpstream) packages.insert(method.package);
  }
  return {packages.begin(), packages.end()};
}

}  // namespace gateway
