// The table of transcoding_cases.h, and what a table cannot show: rules that cannot be served, policies, answers,
// errors.
#include "gateway/rest/transcoder.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "aftersales/common/v1/errors.pb.h"
#include "chassis/server/error_mapping.h"
#include "chassis/status/refusal.h"
#include "chassis/time/clock.h"
#include "gateway/rest/transcoding_cases.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/error_info.pb.h"
#include "nlohmann/json.hpp"
#include "tests/harness/database.h"

namespace gateway::rest {
namespace {

using nlohmann::json;

const Transcoder& Echo() {
  static const auto* transcoder = new std::unique_ptr<Transcoder>(Transcoder::Make(EchoFiles(), Policy()).value());
  return **transcoder;
}
EchoMessages& Messages() {
  static auto* messages = new EchoMessages();
  return *messages;
}

absl::StatusOr<std::string> RequestOf(const Transcoder& transcoder, const char* http_method, const char* target,
                                      std::string_view body, std::string_view resume_after = {}) {
  const absl::StatusOr<Call> call = transcoder.Find(http_method, target);
  if (!call.ok()) return call.status();
  return transcoder.Request(*call, body, resume_after);
}

std::string FirstPlace(const absl::Status& status) {
  const auto refusal = chassis::RefusalIn(status);
  return refusal.violations().empty() ? "" : refusal.violations(0).field();
}

// The answer to `target`, of which the service says `text`.
json AnswerTo(const char* http_method, const char* target, const std::string& text) {
  const absl::StatusOr<Call> call = Echo().Find(http_method, target);
  if (!call.ok()) return call.status().ToString();
  const std::string rpc = call->method->descriptor->name();
  const absl::StatusOr<std::string> answer = Echo().Answer(*call, Messages().Bytes(rpc, text));
  if (!answer.ok()) return answer.status().ToString();
  EXPECT_EQ(answer->find('\n'), std::string::npos) << "an answer is one line";
  return json::parse(*answer, nullptr, false);
}

TEST(Transcoding, UnderstandsOrRefusesEveryCaseOfTheTable) {
  for (const TranscodingCase& c : kTranscodingCases) {
    SCOPED_TRACE(absl::StrCat(c.http_method, " ", c.target, " ", std::string(c.body)));
    const absl::StatusOr<Call> call = Echo().Find(c.http_method, c.target);
    const absl::StatusOr<std::string> request =
        call.ok() ? Echo().Request(*call, c.body) : absl::StatusOr<std::string>(call.status());
    if (c.rpc != nullptr) {
      if (!request.ok()) {
        ADD_FAILURE() << request.status() << " at " << FirstPlace(request.status());
        continue;
      }
      EXPECT_EQ(call->method->descriptor->name(), c.rpc);
      EXPECT_EQ(Messages().Text(c.rpc, *request), Messages().Text(c.rpc, Messages().Bytes(c.rpc, c.request)));
      continue;
    }
    if (request.ok()) {
      ADD_FAILURE() << "taken as " << Messages().Text(call->method->descriptor->name(), *request);
      continue;
    }
    EXPECT_EQ(chassis::ReasonName(request.status()), c.reason) << request.status();
    EXPECT_EQ(FirstPlace(request.status()), c.place) << request.status();
  }
}

TEST(Transcoding, HasSeveralHundredCases) { EXPECT_GT(std::size(kTranscodingCases), 600u); }

TEST(Transcoding, NamesThePlaceInBothLanguagesAndEchoesNoContent) {
  const absl::Status status =
      RequestOf(Echo(), "POST", "/v1/things", R"({"parts": [{"quantityMilli": "secret-7"}]})").status();
  const auto refusal = chassis::RefusalIn(status);
  ASSERT_EQ(refusal.violations_size(), 1);
  EXPECT_EQ(refusal.violations(0).field(), "parts[0].quantityMilli");
  EXPECT_EQ(refusal.arguments().at("at"), "parts[0].quantityMilli");
  EXPECT_EQ(chassis::Worded(refusal, "en"),
            "the JSON is wrong at parts[0].quantityMilli: must be a whole number of 64 bits");
  EXPECT_EQ(chassis::Worded(refusal, "zh-CN"), "JSON 在 parts[0].quantityMilli 处有误：应为 64 位整数");
  for (const char* body : {R"({"secret-7 x": 1})", R"({"name": "secret-7)", R"({"colour": "secret-7"})",
                           R"({"counts": {"secret-7": "x"}})", R"({"at": "secret-7"})",
                           R"({"any": {"@type": "x/secret-7"}})", R"({"value": {"secret-7": secret-7}})"}) {
    const absl::Status refused = RequestOf(Echo(), "POST", "/v1/things", body).status();
    EXPECT_FALSE(refused.ok());
    EXPECT_FALSE(absl::StrContains(refused.ToString(), "secret")) << refused;
    EXPECT_FALSE(absl::StrContains(chassis::RefusalIn(refused).ShortDebugString(), "secret")) << refused;
  }
}

TEST(Transcoding, SaysAtWhichByteATextIsNoJson) {
  const absl::Status status = RequestOf(Echo(), "POST", "/v1/things", R"({"id": "7",})").status();
  EXPECT_EQ(chassis::Worded(chassis::RefusalIn(status), "en"), "the JSON is wrong at id: is not valid JSON (byte 12)");
  const absl::Status utf8 = RequestOf(Echo(), "POST", "/v1/things", "{\"id\": \"a\xFF\"}").status();
  EXPECT_EQ(chassis::Worded(chassis::RefusalIn(utf8), "en"), "the JSON is wrong at id: is not valid UTF-8 (byte 9)");
}

TEST(Transcoding, NamesTheMethodsAPathHas) {
  EXPECT_EQ(Echo().AllowedMethods("/v1/things/7?x=y"), "DELETE, GET, LOCK, PUT");
  EXPECT_EQ(Echo().AllowedMethods("/v1/things/7:check"), "POST");
  EXPECT_EQ(Echo().AllowedMethods("/v1/things"), "POST");
  EXPECT_EQ(Echo().AllowedMethods("/v1/nothing/like/it"), "");
  EXPECT_EQ(Echo().AllowedMethods("/v1/things/%"), "");
  const absl::Status status = Echo().Find("POST", "/v1/things/7").status();
  EXPECT_EQ(chassis::RefusalIn(status).arguments().at("allowed"), "DELETE, GET, LOCK, PUT");
}

TEST(Transcoding, MeasuresTargetAndBody) {
  Policy policy;
  policy.target_bytes_max = 20;
  policy.body_bytes_max = 20;
  const auto transcoder = Transcoder::Make(EchoFiles(), policy).value();
  EXPECT_TRUE(transcoder->Find("GET", "/v1/things/123456789").ok());
  EXPECT_EQ(chassis::ReasonName(transcoder->Find("GET", "/v1/things/1234567890").status()), "TOO_LARGE");
  EXPECT_TRUE(RequestOf(*transcoder, "POST", "/v1/things", R"({"id": "1234567890"})").ok());
  const absl::Status large = RequestOf(*transcoder, "POST", "/v1/things", R"({"id": "12345678901"})").status();
  EXPECT_EQ(chassis::ReasonName(large), "TOO_LARGE");
}

// `depth` objects, the innermost empty.
std::string Nested(const std::string& name, int depth) {
  std::string text;
  for (int i = 1; i < depth; ++i) absl::StrAppend(&text, "{\"", name, "\":");
  return absl::StrCat(text, "{}", std::string(static_cast<size_t>(depth - 1), '}'));
}

TEST(Transcoding, BoundsTheDepthOfJson) {
  EXPECT_TRUE(RequestOf(Echo(), "POST", "/v1/things", Nested("inner", 64)).ok());
  const absl::Status deep = RequestOf(Echo(), "POST", "/v1/things", Nested("inner", 65)).status();
  EXPECT_EQ(chassis::ReasonName(deep), "JSON");
  // A hundred thousand brackets cost no stack.
  const std::string brackets = absl::StrCat("{\"values\":", std::string(100'000, '['));
  EXPECT_EQ(chassis::ReasonName(RequestOf(Echo(), "POST", "/v1/things", brackets).status()), "JSON");
  const std::string in_any = absl::StrCat("{\"any\":{\"x\":", std::string(100'000, '['));
  EXPECT_EQ(chassis::ReasonName(RequestOf(Echo(), "POST", "/v1/things", in_any).status()), "JSON");
}

// A JSON object of google.protobuf.Struct is several messages deep, and parsers give up at a hundred.
TEST(Transcoding, RefusesWhatNoParserOfTheMessageWouldTake) {
  int taken = 0;
  for (int depth = 1; depth < 64; ++depth) {
    const std::string body = absl::StrCat("{\"document\":", Nested("a", depth), "}");
    const absl::StatusOr<std::string> request = RequestOf(Echo(), "POST", "/v1/things", body);
    if (!request.ok()) break;
    ASSERT_NE(Messages().Text("CreateThing", *request), "does not parse") << depth;
    taken = depth;
  }
  EXPECT_GT(taken, 20);
  EXPECT_LT(taken, 63);
}

TEST(Transcoding, BoundsWhatAnAnyHolds) {
  std::string parts;
  for (int i = 0; i < 10'000; ++i) parts.append("{},");
  const std::string body =
      absl::StrCat(R"({"any":{"@type":"type.googleapis.com/aftersales.echo.v1.Part","more":[)", parts, "{}]}}");
  EXPECT_EQ(chassis::ReasonName(RequestOf(Echo(), "POST", "/v1/things", body).status()), "JSON");
}

TEST(Transcoding, IgnoresUnknownFieldsWhereThePolicySaysSo) {
  Policy policy;
  policy.unknown_fields = Policy::UnknownFields::kIgnore;
  const auto transcoder = Transcoder::Make(EchoFiles(), policy).value();
  const auto text = [&](const char* http_method, const char* target, const char* rpc, std::string_view body) {
    const auto request = RequestOf(*transcoder, http_method, target, body);
    return request.ok() ? Messages().Text(rpc, *request) : request.status().ToString();
  };
  EXPECT_EQ(text("POST", "/v1/things", "CreateThing",
                 R"({"new": {"a": [1, {"b": null}], "c": {}}, "id": "7", "newer": 5, "part": {"x": [], "name": "a"}})"),
            R"(id: "7" part { name: "a" } )");
  EXPECT_EQ(text("GET", "/v1/things/special?new=1&new=2&id=7&part.new.x=1", "GetSpecial", ""), R"(id: "7" )");
  EXPECT_EQ(text("PATCH", "/v1/stores/7/records/8", "UpdateRecord", R"({"new": {"floor": 1}, "floor": 2})"),
            R"(store_id: "7" record { record_id: "8" floor: 2 } update_mask { paths: "floor" } )");
  EXPECT_EQ(text("POST", "/v1/things?new=1", "CreateThing", "{}"), "");
  // Strictness in all else stays.
  for (const char* body : {R"({"new": 1,})", R"({"new": {]})", R"({"id": 5})", R"({"id": "1", "id": "1"})"}) {
    EXPECT_FALSE(RequestOf(*transcoder, "POST", "/v1/things", body).ok()) << body;
  }
  EXPECT_FALSE(RequestOf(*transcoder, "POST", "/v1/things?id=1", "{}").ok());
}

TEST(Transcoding, ResumesAStreamAfterTheLastPositionSeen) {
  const auto text = [&](const char* target, std::string_view resume_after) {
    const auto request = RequestOf(Echo(), "GET", target, "", resume_after);
    return request.ok() ? Messages().Text("WatchThings", *request) : request.status().ToString();
  };
  EXPECT_EQ(text("/v1/things:watch", ""), "");
  EXPECT_EQ(text("/v1/things:watch?u64=5", ""), "u64: 5 ");
  EXPECT_EQ(text("/v1/things:watch", "18446744073709551615"), "u64: 18446744073709551615 ");
  EXPECT_EQ(text("/v1/things:watch?u64=5", "9"), "u64: 9 ") << "a client that comes again repeats its first request";
  const absl::Status refused = RequestOf(Echo(), "GET", "/v1/things:watch", "", "x").status();
  EXPECT_EQ(FirstPlace(refused), "u64");
  EXPECT_TRUE(RequestOf(Echo(), "GET", "/v1/things/special", "", "x").ok()) << "has nothing to resume";
}

TEST(Transcoding, TellsThePositionOfAnAnswer) {
  const Call watch = Echo().Find("GET", "/v1/things:watch").value();
  EXPECT_EQ(Echo().Position(watch, Messages().Bytes("WatchThings", R"(name: "x" i64: 57 part { name: "y" })")), "57");
  EXPECT_EQ(Echo().Position(watch, Messages().Bytes("WatchThings", R"(i64: -1)")), "-1");
  EXPECT_EQ(Echo().Position(watch, Messages().Bytes("WatchThings", R"(name: "x")")), "");
  EXPECT_EQ(Echo().Position(watch, "\xFF\xFF"), "");
  const Call get = Echo().Find("GET", "/v1/things/7").value();
  EXPECT_EQ(Echo().Position(get, Messages().Bytes("GetThing", R"(i64: 57)")), "");
}

TEST(Transcoding, KnowsKindsOfMethods) {
  std::map<std::string, const RestMethod*> methods;
  for (const RestMethod& method : Echo().methods()) methods[method.descriptor->name()] = &method;
  EXPECT_EQ(methods.count("Unbound"), 0u) << "it has no rule";
  EXPECT_EQ(methods.at("GetThing")->path, "/aftersales.echo.v1.EchoService/GetThing");
  EXPECT_TRUE(methods.at("WatchThings")->server_streams);
  EXPECT_FALSE(methods.at("WatchThings")->client_streams);
  EXPECT_EQ(methods.at("WatchThings")->position_field->name(), "i64");
  EXPECT_EQ(methods.at("WatchThings")->resume_field->name(), "u64");
  EXPECT_TRUE(methods.at("CollectThings")->client_streams);
  EXPECT_TRUE(methods.at("Download")->is_file);
  EXPECT_FALSE(methods.at("GetThing")->is_file);
}

TEST(Transcoding, ReadsEveryLineOfAStreamByItself) {
  const Call call = Echo().Find("POST", "/v1/stores/7/things:collect").value();
  EXPECT_EQ(Messages().Text("CollectThings", Echo().RequestLine(call, R"({"id": "1"})").value()),
            R"(id: "1" store_id: "7" )");
  EXPECT_EQ(Messages().Text("CollectThings", Echo().RequestLine(call, R"({"id": "2"})").value()),
            R"(id: "2" store_id: "7" )");
  EXPECT_FALSE(Echo().RequestLine(call, R"({"id": "2"}, )").ok());
}

TEST(Transcoding, ServesManyThreadsAtOnce) {
  std::vector<std::thread> threads;
  std::vector<int> good(4, 0);
  for (size_t t = 0; t < good.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        const Call call = Echo().Find("POST", "/v1/shelves/A/things").value();
        const std::string request = Echo().Request(call, R"({"id": "7", "tags": ["a"]})").value();
        good[t] += json::parse(Echo().Answer(call, request).value())["part"]["name"] == "A" ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, std::vector<int>(4, 200));
}

// -- answers ----------------------------------------------------------------------------------------------------------

TEST(Answers, PrintUnsetValuesAndNamesInLowerCamelCase) {
  const json answer = AnswerTo("GET", "/v1/stores/7/records/8", "");
  EXPECT_TRUE(answer.is_string()) << "there is no such GET";
  const json thing = AnswerTo("GET", "/v1/things/7", R"(id: "7" i64: 9007199254740993 part { quantity_milli: 5 })");
  EXPECT_EQ(thing["id"], "7");
  EXPECT_EQ(thing["storeId"], "");
  EXPECT_EQ(thing["i64"], "9007199254740993") << "64 bits are a string";
  EXPECT_EQ(thing["u32"], 0);
  EXPECT_EQ(thing["yes"], false);
  EXPECT_EQ(thing["colour"], "COLOUR_UNSPECIFIED");
  EXPECT_EQ(thing["tags"], json::array());
  EXPECT_EQ(thing["counts"], json::object());
  EXPECT_EQ(thing["strangeName"], "");
  EXPECT_EQ(thing["part"]["quantityMilli"], "5");
  EXPECT_EQ(thing["part"]["name"], "");
  EXPECT_FALSE(thing.contains("at")) << "an unset message is left out";
  EXPECT_FALSE(thing.contains("left")) << "so is what was not chosen";
  EXPECT_FALSE(thing.contains("maybe")) << "and what is optional";
}

TEST(Answers, PrintWellKnownTypesInTheirOwnForm) {
  const json thing = AnswerTo("GET", "/v1/things/7",
                              R"(at { seconds: 1795336200 nanos: 500000000 } lasts { seconds: 90 }
                                 mask { paths: "store_id" paths: "part.quantity_milli" } w_int64 { value: 5 }
                                 document { fields { key: "a" value { null_value: NULL_VALUE } } } data: "\377\357"
                                 real64: inf colour: 77 maybe: 0 name: "京\"<" counts { key: "a" value: 1 }
                                 any { [type.googleapis.com/aftersales.echo.v1.Part] { name: "a" } })");
  EXPECT_EQ(thing["at"], "2026-11-22T08:30:00.500Z");
  EXPECT_EQ(thing["lasts"], "90s");
  EXPECT_EQ(thing["mask"], "storeId,part.quantityMilli");
  EXPECT_EQ(thing["wInt64"], "5");
  EXPECT_EQ(thing["document"], json({{"a", nullptr}}));
  EXPECT_EQ(thing["data"], "/+8=");
  EXPECT_EQ(thing["real64"], "Infinity");
  EXPECT_EQ(thing["colour"], 77) << "an enumeration may grow before the gateway knows";
  EXPECT_EQ(thing["maybe"], 0);
  EXPECT_EQ(thing["name"], "京\"<");
  EXPECT_EQ(thing["counts"], json({{"a", "1"}}));
  EXPECT_EQ(thing["any"]["@type"], "type.googleapis.com/aftersales.echo.v1.Part");
  EXPECT_EQ(thing["any"]["name"], "a");
}

TEST(Answers, AreOneFieldWhereTheRuleNamesOne) {
  const std::string text = R"(id: "7" name: "n" i64: 5 colour: COLOUR_RED part { name: "A" } tags: "a" tags: "b"
                              at { seconds: 1 } odd_name: "o" counts { key: "a" value: 1 }
                              by_number { key: 3 value { name: "p" } } parts { name: "q" }
                              document { fields { key: "x" value { number_value: 1 } } } right { name: "r" })";
  EXPECT_EQ(AnswerTo("GET", "/v1/answers/7/part", text)["name"], "A");
  EXPECT_EQ(AnswerTo("GET", "/v1/answers/7/tags", text), json({"a", "b"}));
  EXPECT_EQ(AnswerTo("GET", "/v1/answers/7/name", text), "n");
  EXPECT_EQ(AnswerTo("GET", "/v1/answers/7/i64", text), "5");
  EXPECT_EQ(AnswerTo("GET", "/v1/answers/7/colour", text), "COLOUR_RED");
  EXPECT_EQ(AnswerTo("GET", "/v1/answers/7/at", text), "1970-01-01T00:00:01Z");
  EXPECT_EQ(AnswerTo("GET", "/v1/answers/7/oddName", text), "o");
  EXPECT_EQ(AnswerTo("POST", "/v1/answers/counts", text), json({{"a", "1"}}));
  EXPECT_EQ(AnswerTo("POST", "/v1/answers/byNumber", text)["3"]["name"], "p");
  EXPECT_EQ(AnswerTo("POST", "/v1/answers/parts", text)[0]["name"], "q");
  EXPECT_EQ(AnswerTo("POST", "/v1/answers/document", text), json({{"x", 1.0}}));
  EXPECT_EQ(AnswerTo("POST", "/v1/answers/right", text)["name"], "r");

  EXPECT_EQ(AnswerTo("GET", "/v1/answers/7/part", ""), json::object());
  EXPECT_EQ(AnswerTo("GET", "/v1/answers/7/tags", ""), json::array());
  EXPECT_EQ(AnswerTo("GET", "/v1/answers/7/name", ""), "");
  EXPECT_EQ(AnswerTo("GET", "/v1/answers/7/i64", ""), "0");
  EXPECT_EQ(AnswerTo("GET", "/v1/answers/7/at", ""), json());
  EXPECT_EQ(AnswerTo("POST", "/v1/answers/counts", ""), json::object());
}

TEST(Answers, ThatAreNoMessageAreADefectOfTheService) {
  const Call call = Echo().Find("GET", "/v1/things/7").value();
  for (const char* broken : {"\x0A\x05x", "\x0A", "\x0F", "\x0C", "\xFF"}) {
    EXPECT_EQ(Echo().Answer(call, broken).status().code(), absl::StatusCode::kInternal);
  }
  EXPECT_TRUE(Echo().Answer(call, "\xFA\x3F\x01x").ok()) << "a newer field is passed over";
}

TEST(Answers, ShowOnlyTheTypeOfAnAnyNobodyKnows) {
  const Call call = Echo().Find("GET", "/v1/things/7").value();
  google::protobuf::Any unheard_of;
  unheard_of.set_type_url("type.googleapis.com/some.where.Else");
  unheard_of.set_value("x");
  const std::string any = unheard_of.SerializeAsString();
  // Field 51, length-delimited.
  const std::string answer = absl::StrCat("\x9A\x03", std::string(1, static_cast<char>(any.size())), any);
  const absl::StatusOr<std::string> text = Echo().Answer(call, answer);
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_EQ(json::parse(*text, nullptr, false)["any"]["@type"], "type.googleapis.com/some.where.Else") << *text;
}

TEST(Answers, AreFilesWhereTheMessageIsOne) {
  const Call call = Echo().Find("GET", "/v1/downloads/list").value();
  const FilePart file =
      Echo()
          .AnswerFile(call, Messages().Bytes("Download", R"(name: "n" media_type: "text/csv" content: "a,b\n\377")"))
          .value();
  EXPECT_EQ(file.media_type, "text/csv");
  EXPECT_EQ(file.file_name, "download.bin");
  EXPECT_EQ(file.content, "a,b\n\xFF");
  const FilePart empty = Echo().AnswerFile(call, "").value();
  EXPECT_EQ(empty.media_type, "");
  EXPECT_EQ(empty.content, "");
  EXPECT_FALSE(Echo().AnswerFile(Echo().Find("GET", "/v1/things/7").value(), "").ok());
}

// -- errors -----------------------------------------------------------------------------------------------------------

TEST(Errors, AreAip193WithTheirDetails) {
  chassis::CountingIds ids;
  const google::rpc::Status status =
      chassis::ToWire(chassis::InvalidField("lines[2].quantity_milli", "应为正数", "must be positive"), "en", ids);
  const json error = json::parse(Echo().Error(status))["error"];
  EXPECT_EQ(error["code"], 400);
  EXPECT_EQ(error["status"], "INVALID_ARGUMENT");
  EXPECT_EQ(error["message"], status.message());
  std::map<std::string, json> details;
  for (const json& detail : error["details"]) details[detail["@type"].get<std::string>()] = detail;
  EXPECT_EQ(details.at("type.googleapis.com/google.rpc.ErrorInfo")["reason"], "INVALID_FIELD");
  EXPECT_EQ(details.at("type.googleapis.com/google.rpc.ErrorInfo")["domain"], "common.aftersales");
  EXPECT_EQ(details.at("type.googleapis.com/google.rpc.LocalizedMessage")["locale"], "en");
  const json bad = details.at("type.googleapis.com/google.rpc.BadRequest")["fieldViolations"][0];
  EXPECT_EQ(bad["field"], "lines[2].quantity_milli");
  EXPECT_EQ(bad["description"], "must be positive");
}

TEST(Errors, KeepDetailsNobodyKnowsAsBase64) {
  google::rpc::Status status;
  status.set_code(8);
  status.set_message("a \"quoted\"\n\xFF message");
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_nanos(500'000'000);
  status.add_details()->PackFrom(retry);
  auto* unknown = status.add_details();
  unknown->set_type_url("type.googleapis.com/some.where.Else");
  unknown->set_value("\x01\xFF");
  auto* nowhere = status.add_details();
  nowhere->set_type_url("\"");
  google::protobuf::Duration duration;
  duration.set_seconds(3);
  status.add_details()->PackFrom(duration);
  status.add_details()->PackFrom(google::rpc::ErrorInfo());
  const std::string text = Echo().Error(status);
  EXPECT_EQ(text.find('\n'), std::string::npos);
  const json error = json::parse(text)["error"];
  EXPECT_EQ(error["code"], 429);
  EXPECT_EQ(error["status"], "RESOURCE_EXHAUSTED");
  EXPECT_EQ(error["message"], "a \"quoted\"\n\xEF\xBF\xBD message");
  ASSERT_EQ(error["details"].size(), 5u);
  EXPECT_EQ(error["details"][0]["retryDelay"], "0.500s");
  EXPECT_EQ(error["details"][1]["value"], "Af8=");
  EXPECT_EQ(error["details"][1]["@type"], "type.googleapis.com/some.where.Else");
  EXPECT_EQ(error["details"][2]["@type"], "\"");
  EXPECT_EQ(error["details"][3]["value"], "3s");
  EXPECT_EQ(error["details"][4], json({{"@type", "type.googleapis.com/google.rpc.ErrorInfo"}}));
}

TEST(Errors, HaveTheHttpStatusOfTheirCode) {
  const std::map<int, int> expected = {{0, 200},  {1, 499},  {2, 500},  {3, 400},  {4, 504},  {5, 404},  {6, 409},
                                       {7, 403},  {8, 429},  {9, 400},  {10, 409}, {11, 400}, {12, 501}, {13, 500},
                                       {14, 503}, {15, 500}, {16, 401}, {17, 500}, {-1, 500}};
  for (const auto& [code, status] : expected) EXPECT_EQ(HttpStatusOf(code), status) << code;
}

// -- rules that cannot be served --------------------------------------------------------------------------------------

// The refusal of the echoing API with this rule in place of GetSpecial's.
std::string RefusalOf(const google::api::HttpRule& rule) {
  google::protobuf::FileDescriptorSet files = EchoFiles();
  auto* service = files.mutable_file(files.file_size() - 1)->mutable_service(0);
  for (auto& method : *service->mutable_method()) {
    if (method.name() == "GetSpecial") *method.mutable_options()->MutableExtension(google::api::http) = rule;
  }
  return std::string(Transcoder::Make(files, Policy()).status().message());
}
google::api::HttpRule Rule(const std::string& text) {
  google::api::HttpRule rule;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &rule)) << text;
  return rule;
}

TEST(Rules, ThatCannotBeServedAreNamedAtStart) {
  const std::map<std::string, std::string> expected = {
      {R"(get: "v1/x")", "a template begins with /"},
      {R"(get: "/v1/{absent}")", "has no field absent"},
      {R"(get: "/v1/{tags}")", "tags is repeated"},
      {R"(get: "/v1/{counts}")", "counts is repeated"},
      {R"(get: "/v1/{part}")", "part is a message, not a value"},
      {R"(get: "/v1/{at}")", "at is a message, not a value"},
      {R"(get: "/v1/{at.seconds}")", "at has no fields of its own in JSON"},
      {R"(get: "/v1/{id.part}")", "id is no message"},
      {R"(get: "/v1/{parts.name}")", "parts is repeated"},
      {R"(get: "/v1/{storeId}")", "has no field storeId"},
      {R"(post: "/v1/x" body: "absent")", "body: aftersales.echo.v1.Thing has no field absent"},
      {R"(post: "/v1/x" body: "part.under")", "has no field part.under"},
      {R"(post: "/v1/x" body: "tags")", "tags is repeated"},
      {R"(get: "/v1/x" response_body: "absent")", "response_body: aftersales.echo.v1.Thing has no field absent"},
      {R"(get: "/v1/things/{name}")",
       "the same path as GET /v1/things/{id} of /aftersales.echo.v1.EchoService/GetThing"},
      {R"(get: "/v1/x" additional_bindings { get: "/v1/x" })", "the same path as GET /v1/x"},
      {R"(get: "/v1/x" additional_bindings { get: "/v1/y" additional_bindings { get: "/v1/z" } })",
       "additional_bindings must not be nested"},
      {R"(body: "*")", "the rule has no HTTP method"},
      {R"(custom { path: "/v1/x" })", "the rule has no HTTP method"},
  };
  for (const auto& [rule, why] : expected) {
    const std::string refusal = RefusalOf(Rule(rule));
    EXPECT_TRUE(absl::StrContains(refusal, why)) << rule << " -> " << refusal;
    EXPECT_TRUE(absl::StrContains(refusal, "/aftersales.echo.v1.EchoService/GetSpecial")) << refusal;
  }
  EXPECT_EQ(RefusalOf(Rule(R"(get: "/v1/fresh/{name=a/*/**}:verb")")), "");
}

TEST(Rules, OfDescriptorsThatDoNotHoldTogetherAreRefused) {
  google::protobuf::FileDescriptorSet files = EchoFiles();
  files.mutable_file()->DeleteSubrange(0, 1);
  EXPECT_FALSE(Transcoder::Make(files, Policy()).ok());
}

TEST(Rules, OfTheWholeSuiteAreServed) {
  google::protobuf::FileDescriptorSet files;
  std::ifstream file(harness::BinaryDirectory() + "/aftersales.binpb", std::ios::binary);
  ASSERT_TRUE(files.ParseFromIstream(&file));
  const auto transcoder = Transcoder::Make(files, Policy());
  ASSERT_TRUE(transcoder.ok()) << transcoder.status();
  int described = 0;
  for (const auto& one : files.file()) {
    for (const auto& service : one.service()) described += service.method_size();
  }
  EXPECT_GT(described, 500);
  EXPECT_EQ(static_cast<int>((*transcoder)->methods().size()), described) << "every method has a REST form";

  const absl::StatusOr<Call> call = (*transcoder)->Find("GET", "/v1/stores/7/parts?pageSize=5&orderBy=number");
  ASSERT_TRUE(call.ok()) << call.status();
  EXPECT_EQ(call->method->path, "/aftersales.parts.v1.CatalogueService/ListParts");
  EXPECT_TRUE((*transcoder)->Request(*call, "").ok()) << (*transcoder)->Request(*call, "").status();
}

}  // namespace
}  // namespace gateway::rest
