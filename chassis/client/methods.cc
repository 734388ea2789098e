#include "chassis/client/methods.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor_database.h"

namespace chassis {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

// The suite's files among all that are linked in; the pool itself cannot be listed, its database can.
const std::vector<const FileDescriptor*>& SuiteFiles() {
  static const auto* files = [] {
    std::vector<std::string> names;
    DescriptorPool::internal_generated_database()->FindAllFileNames(&names);
    std::sort(names.begin(), names.end());
    auto* found = new std::vector<const FileDescriptor*>;
    for (const std::string& name : names) {
      if (absl::StartsWith(name, "google/")) continue;
      if (const FileDescriptor* file = DescriptorPool::generated_pool()->FindFileByName(name)) found->push_back(file);
    }
    return found;
  }();
  return *files;
}

}  // namespace

std::vector<const ServiceDescriptor*> ServicesOf(std::string_view package) {
  std::vector<const ServiceDescriptor*> services;
  for (const FileDescriptor* file : SuiteFiles()) {
    if (file->package() != package) continue;
    for (int i = 0; i < file->service_count(); ++i) services.push_back(file->service(i));
  }
  std::sort(services.begin(), services.end(),
            [](const auto* a, const auto* b) { return a->full_name() < b->full_name(); });
  return services;
}

const MethodDescriptor* MethodTaking(const Descriptor* request) {
  static const auto* methods = [] {
    auto* found = new absl::flat_hash_map<const Descriptor*, const MethodDescriptor*>;
    for (const FileDescriptor* file : SuiteFiles()) {
      for (int s = 0; s < file->service_count(); ++s) {
        for (int m = 0; m < file->service(s)->method_count(); ++m) {
          const MethodDescriptor* method = file->service(s)->method(m);
          const auto [entry, fresh] = found->emplace(method->input_type(), method);
          if (!fresh) entry->second = nullptr;
        }
      }
    }
    return found;
  }();
  const auto found = methods->find(request);
  return found == methods->end() ? nullptr : found->second;
}

const MethodDescriptor* MethodNamed(std::string_view full_name) {
  std::string dotted(full_name);
  std::replace(dotted.begin(), dotted.end(), '/', '.');
  SuiteFiles();  // builds every linked file, so that the pool knows it
  return DescriptorPool::generated_pool()->FindMethodByName(dotted);
}

std::string PathOf(const MethodDescriptor* method) {
  return absl::StrCat("/", method->service()->full_name(), "/", method->name());
}

bool IsCommand(const MethodDescriptor* method) {
  return method->input_type()->FindFieldByName("request_id") != nullptr;
}

}  // namespace chassis
