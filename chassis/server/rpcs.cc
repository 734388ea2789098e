#include "chassis/server/rpcs.h"

#include <cstdio>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "aftersales/options/v1/options.pb.h"
#include "chassis/client/methods.h"
#include "chassis/server/standard.h"
#include "chassis/status/text.h"

namespace chassis {
namespace {

namespace options = aftersales::options::v1;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

// Registration happens once, at start-up, from code: a mistake in it is ours and nothing could be served rightly.
[[noreturn]] void Stop(std::string_view why) {
  std::fprintf(stderr, "rpcs: %.*s\n", static_cast<int>(why.size()), why.data());
  std::abort();
}

bool HasTextField(const Descriptor* type, const std::string& name) {
  const FieldDescriptor* field = type->FindFieldByName(name);
  return field != nullptr && field->type() == FieldDescriptor::TYPE_STRING && !field->is_repeated();
}

}  // namespace

void Rpcs::AddUnary(const MethodDescriptor* method, UnaryHandler handler) {
  if (method == nullptr) Stop("a unary handler was given for a method that does not exist");
  if (method->server_streaming() || method->client_streaming())
    Stop(absl::StrCat(method->full_name(), " is no unary method"));
  Entry& entry = entries_[PathOf(method)];
  if (entry.method != nullptr && !entry.standard) Stop(absl::StrCat(method->full_name(), " has two handlers"));
  entry = Entry{.method = method, .unary = std::move(handler)};
}

void Rpcs::AddStream(const MethodDescriptor* method, StreamHandler handler) {
  if (method == nullptr) Stop("a stream handler was given for a method that does not exist");
  if (!method->server_streaming() || method->client_streaming()) {
    Stop(absl::StrCat(method->full_name(), " is no server stream"));
  }
  Entry& entry = entries_[PathOf(method)];
  if (entry.method != nullptr) Stop(absl::StrCat(method->full_name(), " has two handlers"));
  entry = Entry{.method = method, .stream = std::move(handler)};
}

void Rpcs::AddUpload(const MethodDescriptor* method, UploadHandler handler) {
  if (method == nullptr) Stop("an upload handler was given for a method that does not exist");
  if (!method->client_streaming() || method->server_streaming()) {
    Stop(absl::StrCat(method->full_name(), " is no client stream"));
  }
  Entry& entry = entries_[PathOf(method)];
  if (entry.method != nullptr) Stop(absl::StrCat(method->full_name(), " has two handlers"));
  entry.method = method;
  entry.upload = std::move(handler);
}

const MethodDescriptor* Rpcs::Find(std::string_view service_and_method) const {
  return MethodNamed(absl::StrCat(package_, ".", Absl(service_and_method)));
}

const MethodDescriptor* Rpcs::MethodOf(const Descriptor* request) const {
  const MethodDescriptor* found = nullptr;
  for (const auto* service : ServicesOf(package_)) {
    for (int i = 0; i < service->method_count(); ++i) {
      if (service->method(i)->input_type() != request) continue;
      if (found != nullptr) Stop(absl::StrCat(request->full_name(), " belongs to two methods; register them by name"));
      found = service->method(i);
    }
  }
  if (found == nullptr) Stop(absl::StrCat("no method of ", package_, " takes ", request->full_name()));
  return found;
}

absl::Status Rpcs::Complete() const {
  std::vector<std::string> missing;
  for (const auto* service : ServicesOf(package_)) {
    for (int i = 0; i < service->method_count(); ++i) {
      const MethodDescriptor* method = service->method(i);
      const auto entry = entries_.find(PathOf(method));
      if (entry == entries_.end()) missing.push_back(absl::StrCat(method->full_name(), " has no handler"));
      const options::Access& access = method->options().GetExtension(options::access);
      if (access.roles().empty()) missing.push_back(absl::StrCat(method->full_name(), " has no access option"));
      if (access.scope() != options::SCOPE_GROUP && !HasTextField(method->input_type(), "store_id")) {
        missing.push_back(absl::StrCat(method->full_name(), " has store scope but its request has no store_id"));
      }
    }
  }
  if (missing.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrJoin(missing, "; "));
}

void Rpcs::AddStandard(const Descriptor* resource, const records::TableMapper& table,
                       std::function<absl::Status(UnitOfWork&, const Message*, Message&)> check) {
  const StandardMethods standard(resource, table, std::move(check));
  bool any = false;
  for (const auto* service : ServicesOf(package_)) {
    for (int i = 0; i < service->method_count(); ++i) {
      const MethodDescriptor* method = service->method(i);
      UnaryHandler handler = standard.HandlerOf(method);
      if (handler == nullptr) continue;
      any = true;
      Entry& entry = entries_[PathOf(method)];
      if (entry.method != nullptr && entry.standard) Stop(absl::StrCat(method->full_name(), " has two handlers"));
      if (entry.method == nullptr) entry = Entry{.method = method, .unary = std::move(handler), .standard = true};
    }
  }
  if (!any) Stop(absl::StrCat("no standard method of ", package_, " serves ", resource->full_name()));
}

}  // namespace chassis
