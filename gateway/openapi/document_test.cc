// A small library of an API, each line there for one rule of the document.
#include "gateway/openapi/document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "gateway/openapi/descriptors_for_test.h"

namespace gateway::openapi {
namespace {

using Json = nlohmann::ordered_json;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kHead[] = R"(
// The library and its books.
syntax = "proto3";
package aftersales.library.v1;
import "google/api/annotations.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/field_mask.proto";
import "aftersales/options/v1/options.proto";
import "aftersales/options/v1/traffic.proto";
)";

constexpr char kLibrary[] = R"(
service BookService {
  // Lends a book to a reader. Refused: somebody has it (ALREADY_LENT).
  // Handbook: R-10, G-07.
  rpc LendBook(LendBookRequest) returns (Book) {
    option (google.api.http) = {
      post: "/v1/stores/{store_id}/books/{book.book_id}:lend"
      body: "*"
      additional_bindings { post: "/v1/books/{book.book_id}:lend" body: "*" }
    };
    option (aftersales.options.v1.access) = {
      roles: ROLE_SERVICE_ADVISER roles: ROLE_GATE_GUARD unmasked_roles: ROLE_GATE_GUARD
    };
  }
  rpc ListBooks(ListBooksRequest) returns (ListBooksResponse) {
    option (google.api.http) = {get: "/v1/stores/{store_id}/books" response_body: "books"};
    option (aftersales.options.v1.access) = {roles: ROLE_MARKETING scope: SCOPE_GROUP};
    option (aftersales.options.v1.traffic) = {priority: PRIORITY_DEFERRABLE};
    option deprecated = true;
  }
  rpc UpdateBook(UpdateBookRequest) returns (Book) {
    option (google.api.http) = {patch: "/v1/stores/{store_id}/books/{book.book_id}" body: "book"};
  }
  rpc WatchBooks(ListBooksRequest) returns (stream WatchBooksResponse) {
    option (google.api.http) = {get: "/v1/stores/{store_id}/books:watch"};
    option (aftersales.options.v1.traffic) = {position_field: "revision" resume_field: "after_revision"};
  }
  rpc SendBooks(stream LendBookRequest) returns (Scan) {
    option (google.api.http) = {post: "/v1/{store_id=shelves/*}/books:send" body: "*"};
  }
  rpc NoRest(ListBooksRequest) returns (Book);
}
// A book. It holds its sequel.
message Book {
  option (aftersales.options.v1.table) = {name: "book" key: "store_id" key: "book_id"};
  string store_id = 1;
  string book_id = 2;
  string etag = 3;
  string title = 4 [(aftersales.options.v1.rules) = {required: true max_length: 80}]; // e.g. "红楼梦"
  State state = 5 [(aftersales.options.v1.column) = {filterable: true}];
  int64 price_amount = 6 [(aftersales.options.v1.rules) = {minimum: 0 maximum: 9000}];
  Book sequel = 7;
  map<string, int32> copies = 8;
  optional int32 shelf = 9;
  google.protobuf.Timestamp print_time = 10;
  bytes cover = 11 [(aftersales.options.v1.rules) = {max_length: 100}];
  string reader_phone = 12 [
    (aftersales.options.v1.rules) = {format: FORMAT_PHONE},
    (aftersales.options.v1.privacy) = PRIVACY_PHONE
  ];
  string colour = 13 [deprecated = true];

  // Where it stands.
  enum State {
    STATE_UNSPECIFIED = 0;
    // On its shelf.
    STATE_IN = 1 [(aftersales.options.v1.state) = {next: "STATE_LENT" zh: "在架"}];
    STATE_LENT = 2 [(aftersales.options.v1.state) = {zh: "借出"}];
  }
}
message LendBookRequest {
  string store_id = 1 [(aftersales.options.v1.rules) = {required: true}];
  string request_id = 2 [(aftersales.options.v1.rules) = {required: true}];
  Book book = 3;
  string reader_id = 4 [(aftersales.options.v1.rules) = {required: true}];
  int32 days = 5 [(aftersales.options.v1.rules) = {minimum: 1 maximum: 60}];
  repeated string notes = 6 [(aftersales.options.v1.rules) = {max_items: 3 max_length: 10}];
}
message ListBooksRequest {
  string store_id = 1;
  int32 page_size = 2;
  string filter = 3;
  Span span = 4;
  repeated Book.State states = 5;
  repeated Span spans = 6;
  int64 after_revision = 7;
  message Span {
    google.protobuf.Timestamp from_time = 1;
    Span inner = 2;
  }
}
message ListBooksResponse {
  repeated Book books = 1;
}
message UpdateBookRequest {
  string store_id = 1 [(aftersales.options.v1.rules) = {required: true}];
  string request_id = 2 [(aftersales.options.v1.rules) = {required: true}];
  Book book = 3 [(aftersales.options.v1.rules) = {required: true}];
  google.protobuf.FieldMask update_mask = 4 [(aftersales.options.v1.rules) = {required: true}];
}
message WatchBooksResponse {
  repeated Book books = 1;
  int64 revision = 2;
}
message Scan {
  option (aftersales.options.v1.file) = {content_field: "content" media_type: "text/csv" file_name: "x.csv"};
  bytes content = 1;
}
enum ErrorReason {
  ERROR_REASON_UNSPECIFIED = 0;
  ERROR_REASON_ALREADY_LENT = 1 [(aftersales.options.v1.text) = {
    code: CODE_FAILED_PRECONDITION handbook: "R-10" zh: "已借出" en: "somebody has it"
  }];
}
)";

Json Made(const std::string& text) {
  const auto document = Document(DescriptorsForTest(kHead + text));
  EXPECT_TRUE(document.ok()) << document.status();
  return document.ok() ? *document : Json::object();
}
std::string Refused(const std::string& text) {
  const auto document = Document(DescriptorsForTest(kHead + text));
  EXPECT_FALSE(document.ok());
  return document.ok() ? "" : std::string(document.status().message());
}
const Json& Library() {
  static const Json* document = new Json(Made(kLibrary));
  return *document;
}
const Json& Operation(const std::string& path, const std::string& verb) {
  return Library().at("paths").at(path).at(verb);
}
const Json& Schema(const std::string& name) { return Library().at("components").at("schemas").at(name); }

std::vector<std::string> ParameterNames(const Json& operation) {
  std::vector<std::string> names;
  for (const Json& parameter : operation.value("parameters", Json::array())) {
    names.push_back(parameter.contains("$ref")
                        ? parameter["$ref"].get<std::string>()
                        : parameter["in"].get<std::string>() + " " + parameter["name"].get<std::string>());
  }
  return names;
}
const Json& Parameter(const Json& operation, const std::string& name) {
  for (const Json& parameter : operation.at("parameters")) {
    if (parameter.value("name", "") == name) return parameter;
  }
  ADD_FAILURE() << "no parameter " << name;
  return operation;
}
std::vector<std::string> Keys(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& entry : object.items()) keys.push_back(entry.key());
  return keys;
}
std::string Ref(const std::string& name) { return "#/components/schemas/" + name; }
const Json& JsonOf(const Json& operation) {
  return operation.at("responses").at("200").at("content").at("application/json").at("schema");
}

TEST(Document, HasOneOperationPerBinding) {
  EXPECT_THAT(Keys(Library()["paths"]),
              ElementsAre("/v1/stores/{storeId}/books/{bookId}:lend", "/v1/books/{bookId}:lend",
                          "/v1/stores/{storeId}/books", "/v1/stores/{storeId}/books/{bookId}",
                          "/v1/stores/{storeId}/books:watch", "/v1/{storeId}/books:send"));
  EXPECT_EQ(Operation("/v1/stores/{storeId}/books/{bookId}:lend", "post")["operationId"],
            "library_BookService_LendBook");
  EXPECT_EQ(Operation("/v1/books/{bookId}:lend", "post")["operationId"], "library_BookService_LendBook_2");
}

TEST(Document, IsTheSameForTheSameFiles) { EXPECT_EQ(Library().dump(), Made(kLibrary).dump()); }

TEST(Document, SpeaksOpenApiThreePointOne) {
  EXPECT_EQ(Library()["openapi"], "3.1.0");
  EXPECT_EQ(Library()["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
  EXPECT_THAT(Library()["components"]["securitySchemes"]["bearer"]["description"].get<std::string>(),
              HasSubstr("`service_adviser` 服务顾问"));
}

TEST(Document, GroupsOperationsByServiceWithTheWordsOfItsFile) {
  EXPECT_EQ(Library()["tags"][0]["name"], "library.BookService");
  EXPECT_EQ(Library()["tags"][0]["description"], "The library and its books.");
}

// Handbook: G-02
TEST(Operation, SaysWhoMayCallItAndWhichRowsItServes) {
  const Json& lend = Operation("/v1/stores/{storeId}/books/{bookId}:lend", "post");
  EXPECT_EQ(lend["summary"], "Lend book");
  EXPECT_EQ(lend["x-roles"], Json::array({"service_adviser", "gate_guard"}));
  EXPECT_EQ(lend["x-unmasked-roles"], Json::array({"gate_guard"}));
  EXPECT_EQ(lend["x-scope"], "store");
  EXPECT_EQ(lend["x-handbook"], Json::array({"R-10", "G-07"}));
  EXPECT_EQ(lend["x-grpc-method"], "aftersales.library.v1.BookService/LendBook");
  const std::string text = lend["description"];
  EXPECT_THAT(text, HasSubstr("Lends a book to a reader."));
  EXPECT_THAT(text, HasSubstr("门卫 `gate_guard`"));
  const Json& list = Operation("/v1/stores/{storeId}/books", "get");
  EXPECT_EQ(list["x-scope"], "group");
  EXPECT_EQ(list["x-priority"], "deferrable");
  EXPECT_EQ(list["deprecated"], true);
  EXPECT_FALSE(lend.contains("deprecated"));
}

TEST(Operation, NamesItsPathParametersAsJsonDoes) {
  EXPECT_THAT(ParameterNames(Operation("/v1/stores/{storeId}/books/{bookId}:lend", "post")),
              ElementsAre("path storeId", "path bookId"));
  const Json& store = Parameter(Operation("/v1/stores/{storeId}/books", "get"), "storeId");
  EXPECT_EQ(store["required"], true);
  EXPECT_EQ(store["schema"]["format"], "uuid");
  const Json& shelf = Parameter(Operation("/v1/{storeId}/books:send", "post"), "storeId");
  EXPECT_EQ(shelf["schema"]["pattern"], "^shelves/[^/]+$");
}

TEST(Operation, TakesEveryFieldThatIsNotBoundAsQueryParameter) {
  const Json& list = Operation("/v1/stores/{storeId}/books", "get");
  EXPECT_THAT(ParameterNames(list), ElementsAre("path storeId", "query pageSize", "query filter", "query span.fromTime",
                                                "query states", "query afterRevision"))
      << "nested fields flattened; a message within itself and lists of messages cannot stand in a query";
  EXPECT_EQ(Parameter(list, "states")["schema"]["items"]["$ref"], Ref("library.v1.Book.State"));
  EXPECT_EQ(Parameter(list, "states")["explode"], true);
  EXPECT_EQ(Parameter(list, "span.fromTime")["schema"]["format"], "date-time");
  EXPECT_EQ(Parameter(list, "pageSize")["schema"]["minimum"], 0);
  EXPECT_THAT(Parameter(list, "filter")["description"].get<std::string>(), HasSubstr("`state`"));
  EXPECT_EQ(Parameter(list, "filter")["example"], "state = \"IN\"");
}

TEST(Operation, TakesTheBodyWithoutWhatThePathSays) {
  const Json& lend = Operation("/v1/stores/{storeId}/books/{bookId}:lend", "post");
  const Json& media = lend["requestBody"]["content"]["application/json"];
  EXPECT_EQ(media["schema"]["$ref"], Ref("library.v1.LendBookRequest"));
  const Json& body = Schema("library.v1.LendBookRequest");
  EXPECT_THAT(Keys(body["properties"]), ElementsAre("requestId", "book", "readerId", "days", "notes"));
  EXPECT_THAT(Keys(body["properties"]["book"]["properties"]), Not(Contains("bookId")));
  EXPECT_EQ(body["required"], Json::array({"requestId", "readerId"}));
  // The other binding leaves out less.
  const Json& other = Operation("/v1/books/{bookId}:lend", "post")["requestBody"]["content"]["application/json"];
  EXPECT_EQ(other["schema"]["$ref"], Ref("library.v1.LendBookRequest-2"));
  EXPECT_THAT(Keys(Schema("library.v1.LendBookRequest-2")["properties"]), Contains("storeId"));
}

TEST(Operation, TakesANamedFieldAsBodyAndTheRestAsQuery) {
  const Json& update = Operation("/v1/stores/{storeId}/books/{bookId}", "patch");
  EXPECT_THAT(ParameterNames(update),
              ElementsAre("path storeId", "path bookId", "query requestId", "query updateMask"));
  EXPECT_EQ(Parameter(update, "requestId")["required"], true);
  EXPECT_EQ(Parameter(update, "updateMask")["required"], false) << "a PATCH says it by its body";
  const Json& body = update["requestBody"]["content"]["application/json"]["schema"];
  EXPECT_THAT(Keys(body["properties"]), Contains("title"));
  EXPECT_FALSE(body.contains("required")) << "only what is changed must be there";
}

TEST(Operation, AnswersWithTheFieldThatIsTheAnswer) {
  const Json& schema = JsonOf(Operation("/v1/stores/{storeId}/books", "get"));
  EXPECT_EQ(schema["type"], "array");
  EXPECT_EQ(schema["items"]["$ref"], Ref("library.v1.Book"));
}

TEST(Operation, StreamsAsLinesAndAsEvents) {
  const Json& watch = Operation("/v1/stores/{storeId}/books:watch", "get");
  const Json& content = watch["responses"]["200"]["content"];
  EXPECT_THAT(Keys(content), ElementsAre("application/x-ndjson", "text/event-stream"));
  EXPECT_EQ(content["application/x-ndjson"]["schema"]["$ref"], Ref("library.v1.WatchBooksResponse-line"));
  EXPECT_EQ(Schema("library.v1.WatchBooksResponse-line")["properties"]["result"]["$ref"],
            Ref("library.v1.WatchBooksResponse"));
  EXPECT_EQ(content["text/event-stream"]["schema"]["contentSchema"]["$ref"], Ref("library.v1.WatchBooksResponse"));
  EXPECT_THAT(ParameterNames(watch), Contains("#/components/parameters/LastEventId"));
  const Json& send = Operation("/v1/{storeId}/books:send", "post");
  EXPECT_THAT(Keys(send["requestBody"]["content"]), ElementsAre("application/x-ndjson"));
}

TEST(Operation, AnswersAFileUnderItsMediaType) {
  const Json& success = Operation("/v1/{storeId}/books:send", "post")["responses"]["200"];
  EXPECT_THAT(Keys(success["content"]), ElementsAre("text/csv", "application/json"));
  EXPECT_TRUE(success["headers"].contains("Content-Disposition"));
}

TEST(Operation, NamesTheReasonsItIsRefusedFor) {
  const Json& lend = Operation("/v1/stores/{storeId}/books/{bookId}:lend", "post");
  const Json& refused = lend["responses"]["400"];
  EXPECT_EQ(refused["description"], "- `ALREADY_LENT` R-10 已借出 / somebody has it");
  const Json& shown = refused["content"]["application/json"]["examples"]["ALREADY_LENT"];
  EXPECT_EQ(shown["$ref"], "#/components/examples/library.aftersales.ALREADY_LENT");
  const Json& error = Library()["components"]["examples"]["library.aftersales.ALREADY_LENT"]["value"]["error"];
  EXPECT_EQ(error["code"], 400);
  EXPECT_EQ(error["status"], "FAILED_PRECONDITION");
  EXPECT_EQ(error["message"], "somebody has it");
  EXPECT_EQ(error["details"][0]["domain"], "library.aftersales");
  EXPECT_EQ(error["details"][0]["metadata"]["handbook"], "R-10");
  EXPECT_THAT(Keys(lend["responses"]),
              ElementsAre("200", "400", "401", "403", "404", "409", "413", "415", "429", "500", "503", "504"));
  EXPECT_THAT(Keys(Operation("/v1/stores/{storeId}/books", "get")["responses"]), Not(Contains("409")))
      << "what changes nothing conflicts with nothing";
  EXPECT_EQ(Library()["x-error-reasons"].size(), 1u);
}

TEST(Schemas, SayWhatMayBeSent) {
  const Json& body = Schema("library.v1.LendBookRequest")["properties"];
  EXPECT_EQ(body["days"]["minimum"], 1);
  EXPECT_EQ(body["days"]["maximum"], 60);
  EXPECT_EQ(body["notes"]["maxItems"], 3);
  EXPECT_EQ(body["notes"]["items"]["maxLength"], 10);
  EXPECT_EQ(body["readerId"]["minLength"], 1);
  const Json& book = Schema("library.v1.Book-input");
  EXPECT_EQ(book["required"], Json::array({"title"})) << "the key is the service's own";
  EXPECT_EQ(book["properties"]["bookId"]["readOnly"], true);
  EXPECT_EQ(book["properties"]["state"]["readOnly"], true);
  EXPECT_EQ(book["properties"]["cover"]["maxLength"], 136) << "100 bytes in base64";
  EXPECT_TRUE(book["properties"]["readerPhone"].contains("pattern"));
  EXPECT_EQ(book["properties"]["priceAmount"]["type"], "string");
  EXPECT_EQ(book["properties"]["priceAmount"]["x-maximum"], 9000);
}

// Handbook: G-13
TEST(Schemas, SayWhatComesBack) {
  const Json& book = Schema("library.v1.Book");
  EXPECT_EQ(book["description"], "A book. It holds its sequel.");
  EXPECT_EQ(book["required"], Json::array({"storeId", "bookId", "etag", "title", "state", "priceAmount", "copies",
                                           "cover", "readerPhone", "colour"}))
      << "all but messages and optional ones";
  const Json& fields = book["properties"];
  EXPECT_FALSE(fields["readerPhone"].contains("pattern")) << "a masked number is none";
  EXPECT_THAT(fields["readerPhone"]["description"].get<std::string>(), HasSubstr("138****0000"));
  EXPECT_EQ(fields["sequel"]["$ref"], Ref("library.v1.Book"));
  EXPECT_EQ(fields["copies"]["additionalProperties"]["type"], "integer");
  EXPECT_EQ(fields["printTime"]["format"], "date-time");
  EXPECT_EQ(fields["cover"]["contentEncoding"], "base64");
  EXPECT_EQ(fields["colour"]["deprecated"], true);
  EXPECT_EQ(fields["title"]["description"], "e.g. \"红楼梦\"");
}

TEST(Schemas, ExplainEnumValuesInBothLanguages) {
  const Json& state = Schema("library.v1.Book.State");
  EXPECT_EQ(state["enum"], Json::array({"STATE_UNSPECIFIED", "STATE_IN", "STATE_LENT"}));
  EXPECT_EQ(state["description"],
            "Where it stands.\n\n- `STATE_UNSPECIFIED`\n- `STATE_IN` 在架. On its shelf. Next: `STATE_LENT`\n- "
            "`STATE_LENT` 借出");
}

TEST(Examples, HoldWhatIsRequiredAndFitTheRules) {
  const Json& lend = Operation("/v1/stores/{storeId}/books/{bookId}:lend", "post");
  const Json& example = lend["requestBody"]["content"]["application/json"]["example"];
  EXPECT_THAT(Keys(example), ElementsAre("requestId", "readerId"));
  const Json& update = Operation("/v1/stores/{storeId}/books/{bookId}", "patch");
  EXPECT_EQ(update["requestBody"]["content"]["application/json"]["example"],
            (Json{{"etag", "3"}, {"title", "常规保养"}}));
}

TEST(Document, FailsOnRulesThatCannotBeServed) {
  const auto with_rule = [](const std::string& rule) {
    return absl::StrCat("service S { rpc M(R) returns (R) { option (google.api.http) = {", rule,
                        "}; } rpc N(R) returns (R) { option (google.api.http) = {get: \"/v1/n/{a}\"}; } }"
                        "message R { string a = 1; R r = 2; repeated string many = 3; }");
  };
  EXPECT_THAT(Refused(with_rule("get: \"/v1/{b}\"")), HasSubstr("aftersales.library.v1.S.M: b is no single value"));
  EXPECT_THAT(Refused(with_rule("get: \"/v1/{r}\"")), HasSubstr("r is no single value"));
  EXPECT_THAT(Refused(with_rule("get: \"/v1/{many}\"")), HasSubstr("many is no single value"));
  EXPECT_THAT(Refused(with_rule("get: \"/v1/{a\"")), HasSubstr("{ without }"));
  EXPECT_THAT(Refused(with_rule("get: \"/v1/a}\"")), HasSubstr("} without {"));
  EXPECT_THAT(Refused(with_rule("get: \"v1\"")), HasSubstr("begins with /"));
  EXPECT_THAT(Refused(with_rule("post: \"/v1/m\" body: \"x\"")), HasSubstr("the body x is no field"));
  EXPECT_THAT(Refused(with_rule("get: \"/v1/m\" response_body: \"x\"")), HasSubstr("response_body x"));
  EXPECT_THAT(Refused(with_rule("custom: {kind: \"LIST\" path: \"/v1/m\"}")),
              HasSubstr("no operation for the verb list"));
  EXPECT_THAT(Refused(with_rule("get: \"/v1/n/{a}\"")), HasSubstr("another method has get /v1/n/{a}"));
}

TEST(Document, NamesVariablesApartThatEndAlike) {
  const Json document = Made(
      "service S { rpc M(R) returns (R) { option (google.api.http) = "
      "{get: \"/v1/{a.id}/{b.id}/*/{c=**}\"}; } }"
      "message R { I a = 1; I b = 2; string c = 3; } message I { string id = 1; }");
  EXPECT_THAT(Keys(document["paths"]), ElementsAre("/v1/{id}/{bId}/{segment3}/{c}"));
  EXPECT_EQ(document["paths"]["/v1/{id}/{bId}/{segment3}/{c}"]["get"]["parameters"][3]["schema"]["pattern"], "^.*$");
}

}  // namespace
}  // namespace gateway::openapi
