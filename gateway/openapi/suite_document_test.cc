// The document of the whole suite: complete, whole, and such that its examples are what the door takes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <memory>
#include <regex>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "chassis/server/validation.h"
#include "chassis/status/refusal.h"
#include "gateway/openapi/descriptors_for_test.h"
#include "gateway/openapi/document.h"
#include "gateway/openapi/reasons.h"
#include "gateway/rest/transcoder.h"
#include "google/api/annotations.pb.h"
#include "google/rpc/error_info.pb.h"
#include "google/rpc/status.pb.h"

namespace gateway::openapi {
namespace {

using Json = nlohmann::ordered_json;

const google::protobuf::FileDescriptorSet& Files() {
  static const auto* files = new google::protobuf::FileDescriptorSet(SuiteDescriptorsForTest());
  return *files;
}
const Json& Suite() {
  static const Json* document = [] {
    const auto made = Document(Files());
    EXPECT_TRUE(made.ok()) << made.status();
    return new Json(made.ok() ? *made : Json::object());
  }();
  return *document;
}

struct Found {
  std::string path;
  std::string verb;
  const Json* operation;
};
std::vector<Found> Operations() {
  std::vector<Found> found;
  for (const auto& [path, item] : Suite()["paths"].items()) {
    for (const auto& [verb, operation] : item.items()) {
      if (verb != "parameters") found.push_back({path, verb, &operation});
    }
  }
  return found;
}
std::string IdOf(const Found& found) { return (*found.operation)["operationId"]; }

void ForEachObject(const Json& json, const std::function<void(const Json&)>& visit) {
  if (json.is_object()) visit(json);
  if (json.is_structured()) {
    for (const Json& inside : json) ForEachObject(inside, visit);
  }
}

TEST(SuiteDocument, HasEveryBindingOfEveryMethodOnce) {
  std::map<std::string, int> shown;
  for (const Found& found : Operations()) ++shown[(*found.operation)["x-grpc-method"]];
  size_t methods = 0;
  for (const auto& file : Files().file()) {
    for (const auto& service : file.service()) {
      for (const auto& method : service.method()) {
        if (!method.options().HasExtension(google::api::http)) continue;
        ++methods;
        const int bindings = 1 + method.options().GetExtension(google::api::http).additional_bindings_size();
        const std::string name = absl::StrCat(file.package(), ".", service.name(), "/", method.name());
        EXPECT_EQ(shown[name], bindings) << name;
      }
    }
  }
  EXPECT_EQ(shown.size(), methods);
  EXPECT_GT(methods, 400u);
}

TEST(SuiteDocument, RefersOnlyToWhatIsThere) {
  size_t references = 0;
  ForEachObject(Suite(), [&](const Json& object) {
    if (!object.contains("$ref")) return;
    ++references;
    const std::string reference = object["$ref"];
    ASSERT_EQ(reference.substr(0, 2), "#/") << reference;
    EXPECT_TRUE(Suite().contains(Json::json_pointer(reference.substr(1)))) << reference;
  });
  EXPECT_GT(references, 1000u);
}

TEST(SuiteDocument, HoldsNothingThatNobodyRefersTo) {
  std::set<std::string> referred;
  ForEachObject(Suite(), [&](const Json& object) {
    if (object.contains("$ref")) referred.insert(object["$ref"]);
  });
  for (const char* kind : {"schemas", "examples", "responses", "parameters", "headers"}) {
    for (const auto& component : Suite()["components"][kind].items()) {
      EXPECT_EQ(referred.count(absl::StrCat("#/components/", kind, "/", component.key())), 1u) << component.key();
    }
  }
}

TEST(SuiteDocument, NamesEachOperationOnce) {
  std::set<std::string> ids;
  for (const Found& found : Operations()) {
    EXPECT_TRUE(ids.insert(IdOf(found)).second) << IdOf(found);
    EXPECT_TRUE(std::regex_match(IdOf(found), std::regex("[A-Za-z0-9_]+"))) << IdOf(found);
  }
}

TEST(SuiteDocument, DeclaresThePathParametersOfEachPath) {
  const std::regex variable("\\{([A-Za-z0-9]+)\\}");
  for (const Found& found : Operations()) {
    std::multiset<std::string> in_path, declared;
    for (std::sregex_iterator at(found.path.begin(), found.path.end(), variable), end; at != end; ++at) {
      in_path.insert((*at)[1]);
    }
    for (const Json& parameter : found.operation->value("parameters", Json::array())) {
      if (parameter.value("in", "") == "path") declared.insert(parameter["name"]);
    }
    EXPECT_EQ(in_path, declared) << found.path;
  }
}

// Handbook: G-02
TEST(SuiteDocument, SaysOfEveryOperationWhoMayCallIt) {
  for (const Found& found : Operations()) {
    EXPECT_FALSE((*found.operation)["x-roles"].empty()) << IdOf(found);
    EXPECT_TRUE(absl::StrContains((*found.operation)["description"].get<std::string>(), "**Roles**")) << IdOf(found);
  }
}

constexpr std::array<int, 16> kCodes = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

TEST(SuiteDocument, MeansTheSameHttpStatusesAsTheDoor) {
  for (const int code : kCodes) EXPECT_EQ(CodeOf(code).http, rest::HttpStatusOf(code)) << code;
}

TEST(SuiteDocument, GivesEveryReasonTheStatusTheDoorGivesIt) {
  EXPECT_GT(Suite()["x-error-reasons"].size(), 300u);
  for (const Json& reason : Suite()["x-error-reasons"]) {
    google::rpc::ErrorInfo info;
    info.set_domain(reason["domain"].get<std::string>());
    info.set_reason(reason["reason"].get<std::string>());
    (*info.mutable_metadata())["what"] = "request";
    google::rpc::Status status;
    const auto code =
        std::find_if(kCodes.begin(), kCodes.end(), [&](int c) { return CodeOf(c).name == reason["status"]; });
    ASSERT_NE(code, kCodes.end()) << reason;
    status.set_code(*code);
    status.add_details()->PackFrom(info);
    EXPECT_EQ(reason["http"], rest::HttpStatusOf(status)) << reason;
  }
}

// The example of an operation as a client would send it.
struct Sent {
  std::string target;
  std::string body;
};
Sent ExampleOf(const Found& found) {
  const auto encoded = [](const std::string& text) {
    std::string out;
    for (const unsigned char c : text) {
      if (std::isalnum(c) || c == '-' || c == '_' || c == '.') {
        out.push_back(static_cast<char>(c));
      } else {
        const char* digits = "0123456789ABCDEF";
        out += {'%', digits[c >> 4], digits[c & 15]};
      }
    }
    return out;
  };
  const auto text_of = [](const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); };
  Sent sent{found.path, ""};
  std::string query;
  for (const Json& parameter : found.operation->value("parameters", Json::array())) {
    if (!parameter.contains("example")) continue;
    const std::string name = parameter["name"];
    if (parameter["in"] == "path") {
      sent.target = absl::StrReplaceAll(sent.target, {{"{" + name + "}", encoded(text_of(parameter["example"]))}});
    } else {
      const Json values = parameter["example"].is_array() ? parameter["example"] : Json::array({parameter["example"]});
      for (const Json& value : values)
        absl::StrAppend(&query, query.empty() ? "?" : "&", name, "=", encoded(text_of(value)));
    }
  }
  sent.target += query;
  if (found.operation->contains("requestBody")) {
    sent.body = (*found.operation)["requestBody"]["content"].begin().value()["example"].dump();
  }
  return sent;
}

std::unique_ptr<google::protobuf::Message> MessageOf(std::string method, const std::string& bytes) {
  std::replace(method.begin(), method.end(), '/', '.');
  const auto* described = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(method);
  if (described == nullptr) return nullptr;
  const auto* type = google::protobuf::MessageFactory::generated_factory()->GetPrototype(described->input_type());
  std::unique_ptr<google::protobuf::Message> message(type->New());
  return message->ParseFromString(bytes) ? std::move(message) : nullptr;
}

TEST(SuiteDocument, ShowsExamplesThatTheDoorUnderstandsAndTheServicesFindValid) {
  const auto transcoder = rest::Transcoder::Make(Files(), {});
  ASSERT_TRUE(transcoder.ok()) << transcoder.status();
  for (const Found& found : Operations()) {
    const Sent sent = ExampleOf(found);
    std::string verb = found.verb;
    for (char& letter : verb) letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
    const auto call = (*transcoder)->Find(verb, sent.target);
    ASSERT_TRUE(call.ok()) << IdOf(found) << ": " << sent.target << ": " << call.status();
    EXPECT_EQ(call->method->path, "/" + (*found.operation)["x-grpc-method"].get<std::string>()) << sent.target;
    const auto request = call->method->client_streams ? (*transcoder)->RequestLine(*call, sent.body)
                                                      : (*transcoder)->Request(*call, sent.body);
    ASSERT_TRUE(request.ok()) << IdOf(found) << ": " << sent.target << " " << sent.body << ": " << request.status();
    const auto message = MessageOf((*found.operation)["x-grpc-method"], *request);
    ASSERT_NE(message, nullptr) << IdOf(found);
    const absl::Status valid = chassis::Validate(*message);
    EXPECT_TRUE(valid.ok()) << IdOf(found) << ": " << chassis::RefusalIn(valid).ShortDebugString();
  }
}

}  // namespace
}  // namespace gateway::openapi
