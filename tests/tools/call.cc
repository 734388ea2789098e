// aftersales-call METHOD JSON: one call through the gateway, for people who look around. METHOD is
// "parts.LedgerService/ GetPartStock"; the answer comes as JSON. With --health it asks one process for its readiness
// instead. The token is made with the development issuer's key, so it works on a development suite only.
#include <cstdio>
#include <iostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "chassis/client/suite_client.h"
#include "chassis/config/config.h"
#include "chassis/identity/identity.h"
#include "chassis/status/refusal.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/util/json_util.h"
#include "tests/tools/health.h"

namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::MessageFactory;
using google::protobuf::MethodDescriptor;

int Complain(const std::string& what) {
  std::fprintf(stderr, "aftersales-call: %s\n", what.c_str());
  return 1;
}

// "parts.LedgerService/GetPartStock" or the full name.
const MethodDescriptor* MethodNamed(std::string name) {
  for (char& letter : name) {
    if (letter == '/') letter = '.';
  }
  const auto* pool = DescriptorPool::generated_pool();
  if (const auto* method = pool->FindMethodByName(name)) return method;
  const std::vector<std::string> words = absl::StrSplit(name, '.');
  if (words.size() != 3) return nullptr;
  return pool->FindMethodByName(absl::StrCat("aftersales.", words[0], ".v1.", words[1], ".", words[2]));
}

std::string TokenFor(const chassis::config::Config& config) {
  auto issuer = chassis::identity::LoadTokenIssuer(config.Text("issuer-key-file"), config.Text("issuer"),
                                                   config.Text("audience"));
  if (!issuer.ok()) {
    Complain(issuer.status().ToString());
    std::exit(1);
  }
  chassis::identity::TokenRequest request;
  request.subject = config.Text("subject");
  request.roles = absl::StrSplit(config.Text("role"), ',');
  request.stores = absl::StrSplit(config.Text("store"), ',');
  request.issue_time = absl::Now();
  return (*issuer)->Issue(request);
}

void Print(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  std::string json;
  (void)google::protobuf::util::MessageToJsonString(message, &json, options);
  std::cout << json;
}

int PrintRefusal(const absl::Status& status) {
  const auto refusal = chassis::RefusalIn(status);
  if (refusal.reason_enum().empty()) return Complain(status.ToString());
  Complain(absl::StrCat(chassis::Worded(refusal, "zh-CN"), "\n  ", chassis::Worded(refusal, "en")));
  for (const auto& violation : refusal.violations()) {
    std::fprintf(stderr, "  %s: %s / %s\n", violation.field().c_str(), violation.zh().c_str(), violation.en().c_str());
  }
  return 1;
}

int CallOnce(const chassis::config::Config& config, const std::string& name, const std::string& json) {
  const MethodDescriptor* method = MethodNamed(name);
  if (method == nullptr) return Complain("no such method: " + name);
  if (method->client_streaming() || method->server_streaming()) return Complain("streams are not for this tool");
  MessageFactory* factory = MessageFactory::generated_factory();
  std::unique_ptr<google::protobuf::Message> request(factory->GetPrototype(method->input_type())->New());
  std::unique_ptr<google::protobuf::Message> response(factory->GetPrototype(method->output_type())->New());
  const auto parsed = google::protobuf::util::JsonStringToMessage(json, request.get());
  if (!parsed.ok()) return Complain(parsed.ToString());
  const auto* request_id = method->input_type()->FindFieldByName("request_id");
  if (request_id != nullptr && request->GetReflection()->GetString(*request, request_id).empty()) {
    chassis::SystemClock clock;
    request->GetReflection()->SetString(request.get(), request_id, chassis::RandomIds(clock).NewId());
  }
  chassis::SuiteClient suite(config.Text("target"), config.Text("tls-directory"));
  const absl::Status status =
      suite.CallMessage({.token = TokenFor(config), .language = "zh-CN"}, method, *request, *response);
  if (!status.ok()) return PrintRefusal(status);
  Print(*response);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  chassis::config::Config config({
      {"target", "127.0.0.1:17000", "the gateway, or with --health any process"},
      {"tls-directory", "", "ca.crt, tls.crt and tls.key; empty: no TLS"},
      {"issuer", "aftersales-development", "who signs the token"},
      {"audience", "aftersales", "whom the token is for"},
      {"issuer-key-file", "", "private JWK of the development issuer"},
      {"subject", "aftersales-call", "who calls"},
      {"role", "group_manager", "roles, comma separated"},
      {"store", "*", "store ids, comma separated; * is the group"},
      {"print-token", "false", "print the caller's token, for other clients, instead of calling"},
      {"health", "false", "ask for readiness and exit 0 or 1"},
      {"help", "false", "this text"},
  });
  auto words = config.Parse(argc, argv);
  if (!words.ok()) return Complain(std::string(words.status().message()));
  if (config.Flag("help")) {
    std::printf(
        "%s", config.Help("aftersales-call METHOD [JSON]", "one call, e.g. reception.StoreService/ListStores").c_str());
    return 0;
  }
  if (config.Flag("health")) return tools::IsReady(config.Text("target"), config.Text("tls-directory")) ? 0 : 1;
  if (config.Flag("print-token")) {
    std::cout << TokenFor(config) << "\n";
    return 0;
  }
  if (words->empty()) return Complain("which method? --help tells");
  return CallOnce(config, (*words)[0], words->size() > 1 ? (*words)[1] : "{}");
}
