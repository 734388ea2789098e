// What HTTP requests mean after google/api/http.proto: the API of an echoing service, whose every method answers what
// it was asked, and a table of requests with the message each must become, or the refusal. The transcoder's own test
// and the test of a live gateway read the same table.
#pragma once

#include <google/protobuf/compiler/parser.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/wrappers.pb.h>

#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "aftersales/options/v1/options.pb.h"
#include "aftersales/options/v1/traffic.pb.h"
#include "google/api/annotations.pb.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/empty.pb.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace gateway::rest {

inline constexpr char kEchoPackage[] = "aftersales.echo.v1";
inline constexpr char kEchoService[] = "aftersales.echo.v1.EchoService";

inline constexpr char kEchoProto[] = R"pb(
  syntax = "proto3"
  ;
package aftersales.echo.v1;

import "aftersales/options/v1/options.proto";
import "aftersales/options/v1/traffic.proto";
import "google/api/annotations.proto";
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/empty.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";

service EchoService {
  rpc GetThing(Thing) returns (Thing) {
    option (google.api.http) = {
      get: "/v1/things/{id}"
      additional_bindings { get: "/v1/shelves/{part.name}/things/{id}" }
      additional_bindings { get: "/v1/deep/{inner.inner.part.name}" }
    };
    option (aftersales.options.v1.access) = { roles: ROLE_SERVICE_ADVISER };
  }
  rpc GetSpecial(Thing) returns (Thing) {
    option (google.api.http) = { get: "/v1/things/special" };
    option (aftersales.options.v1.access) = { roles: ROLE_SERVICE_ADVISER };
  }
  rpc GetFile(Thing) returns (Thing) {
    option (google.api.http) = { get: "/v1/files/{name=**}" };
    option (aftersales.options.v1.access) = { roles: ROLE_SERVICE_ADVISER };
  }
  rpc DescribeFile(Thing) returns (Thing) {
    option (google.api.http) = { get: "/v1/files/{name=**}:describe" };
    option (aftersales.options.v1.access) = { roles: ROLE_SERVICE_ADVISER };
  }
  rpc GetIndex(Thing) returns (Thing) {
    option (google.api.http) = { get: "/v1/files/*/index" };
    option (aftersales.options.v1.access) = { roles: ROLE_SERVICE_ADVISER };
  }
  rpc GetBox(Thing) returns (Thing) {
    option (google.api.http) = {
      get: "/v1/{name=shelves/*/boxes/*}"
      additional_bindings { get: "/v1/{name=shelves/*/boxes/*}:open" }
      additional_bindings { get: "/v1/{name=fixed}/{id}" }
    };
    option (aftersales.options.v1.access) = { roles: ROLE_SERVICE_ADVISER };
  }
  rpc GetTree(Thing) returns (Thing) {
    option (google.api.http) = { get: "/v1/trees/**" };
    option (aftersales.options.v1.access) = { roles: ROLE_SERVICE_ADVISER };
  }
  rpc GetTyped(Thing) returns (Thing) {
    option (google.api.http) = {
      get: "/v1/typed/{i32}/{i64}/{yes}/{colour}"
      additional_bindings { get: "/v1/real/{real64}" }
      additional_bindings { get: "/v1/data/{data}" }
      additional_bindings { get: "/v1/unsigned/{u32}/{u64}" }
      additional_bindings { get: "/v1/chosen/{left}" }
    };
    option (aftersales.options.v1.access) = { roles: ROLE_SERVICE_ADVISER };
  }
  rpc CreateThing(Thing) returns (Thing) {
    option (google.api.http) = {
      post: "/v1/things"
      body: "*"
      additional_bindings { post: "/v1/shelves/{part.name}/things" body: "*" }
      additional_bindings { post: "/v1/numbered/{i64}" body: "*" }
      additional_bindings { post: "/v1/chosen/{left}" body: "*" }
    };
    option (aftersales.options.v1.access) = { roles: ROLE_SERVICE_ADVISER };
  }
  rpc CheckThing(Thing) returns (Thing) {
    option (google.api.http) = { post: "/v1/things/{id}:check" body: "*" };
    option (aftersales.options.v1.access) = { roles: ROLE_SERVICE_ADVISER };
  }
  rpc ReplaceThing(Thing) returns (Thing) {
    option (google.api.http) = {
      put: "/v1/things/{id}"
      body: "inner"
      additional_bindings { put: "/v1/things/{id}/name" body: "name" }
      additional_bindings { put: "/v1/things/{id}/left" body: "left" }
      additional_bindings { put: "/v1/things/{id}/at" body: "at" }
      additional_bindings { put: "/v1/things/{id}/document" body: "document" }
      additional_bindings { put: "/v1/things/{id}/value" body: "value" }
      additional_bindings { put: "/v1/things/{id}/list" body: "list" }
      additional_bindings { put: "/v1/things/{id}/any" body: "any" }
      additional_bindings { put: "/v1/things/{id}/colour" body: "colour" }
      additional_bindings { put: "/v1/things/{id}/w_int64" body: "w_int64" }
    };
    option (aftersales.options.v1.access) = { roles: ROLE_SERVICE_ADVISER };
  }
  rpc DeleteThing(Thing) returns (Thing) {
    option (google.api.http) = { delete: "/v1/things/{id}" };
    option (aftersales.options.v1.access) = { roles: ROLE_SERVICE_ADVISER };
  }
  rpc HeadThing(Thing) returns (Thing) {
    option (google.api.http) = {
      custom { kind: "LOCK" path: "/v1/things/{id}" }
      additional_bindings { custom { kind: "*" path: "/v1/whatever/{id}" } }
      additional_bindings { get: "/v1/whatever/{name}" }
    };
    option (aftersales.options.v1.access) = { roles: ROLE_SERVICE_ADVISER };
  }
  rpc UpdateRecord(UpdateRecordRequest) returns (UpdateRecordRequest) {
    option (google.api.http) = {
      patch: "/v1/stores/{store_id}/records/{record.record_id}"
      body: "record"
      additional_bindings { put: "/v1/stores/{store_id}/records/{record.record_id}" body: "record" }
      additional_bindings { patch: "/v1/stores/{store_id}/cities/{record.address.city}" body: "record" }
      additional_bindings { patch: "/v1/stores/{store_id}/records" body: "*" }
      additional_bindings { patch: "/v1/stores/{store_id}/whole/{record.record_id}" body: "*" }
    };
    option (aftersales.options.v1.access) = { roles: ROLE_SERVICE_ADVISER };
  }
  rpc GetPart(Thing) returns (Thing) {
    option (google.api.http) = {
      get: "/v1/answers/{id}/part"
      response_body: "part"
      additional_bindings { get: "/v1/answers/{id}/tags" response_body: "tags" }
      additional_bindings { get: "/v1/answers/{id}/name" response_body: "name" }
      additional_bindings { get: "/v1/answers/{id}/i64" response_body: "i64" }
      additional_bindings { get: "/v1/answers/{id}/colour" response_body: "colour" }
      additional_bindings { get: "/v1/answers/{id}/at" response_body: "at" }
      additional_bindings { get: "/v1/answers/{id}/oddName" response_body: "odd_name" }
      additional_bindings { post: "/v1/answers/counts" body: "*" response_body: "counts" }
      additional_bindings { post: "/v1/answers/byNumber" body: "*" response_body: "by_number" }
      additional_bindings { post: "/v1/answers/parts" body: "*" response_body: "parts" }
      additional_bindings { post: "/v1/answers/document" body: "*" response_body: "document" }
      additional_bindings { post: "/v1/answers/right" body: "*" response_body: "right" }
    };
    option (aftersales.options.v1.access) = { roles: ROLE_SERVICE_ADVISER };
  }
  rpc WatchThings(Thing) returns (stream Thing) {
    option (google.api.http) = { get: "/v1/things:watch" };
    option (aftersales.options.v1.access) = { roles: ROLE_SERVICE_ADVISER };
    option (aftersales.options.v1.traffic) = { position_field: "i64" resume_field: "u64" };
  }
  rpc CollectThings(stream Thing) returns (Thing) {
    option (google.api.http) = { post: "/v1/stores/{store_id}/things:collect" body: "*" };
    option (aftersales.options.v1.access) = { roles: ROLE_SERVICE_ADVISER };
  }
  rpc Download(DownloadPart) returns (DownloadPart) {
    option (google.api.http) = { get: "/v1/downloads/{name}" };
    option (aftersales.options.v1.access) = { roles: ROLE_SERVICE_ADVISER };
  }
  rpc Unbound(Thing) returns (Thing) {
    option (aftersales.options.v1.access) = { roles: ROLE_SERVICE_ADVISER };
  }
}

enum Colour {
  COLOUR_UNSPECIFIED = 0;
  COLOUR_RED = 1;
  COLOUR_BLUE = 2;
  COLOUR_BELOW = -1;
}

message Part {
  string name = 1;
  int64 quantity_milli = 2;
  Part under = 3;
  repeated Part more = 4;
  oneof kind {
    string serial = 5;
    string batch = 6;
  }
}

message Thing {
  string id = 1;
  string name = 2;
  string store_id = 3;
  int32 i32 = 4;
  int64 i64 = 5;
  uint32 u32 = 6;
  uint64 u64 = 7;
  sint32 s32 = 8;
  sint64 s64 = 9;
  fixed32 f32 = 10;
  fixed64 f64 = 11;
  sfixed32 sf32 = 12;
  sfixed64 sf64 = 13;
  float real32 = 14;
  double real64 = 15;
  bool yes = 16;
  bytes data = 17;
  Colour colour = 18;
  google.protobuf.Timestamp at = 19;
  google.protobuf.Duration lasts = 20;
  google.protobuf.FieldMask mask = 21;
  google.protobuf.StringValue w_string = 22;
  google.protobuf.Int32Value w_int32 = 23;
  google.protobuf.Int64Value w_int64 = 24;
  google.protobuf.UInt32Value w_uint32 = 25;
  google.protobuf.UInt64Value w_uint64 = 26;
  google.protobuf.BoolValue w_bool = 27;
  google.protobuf.FloatValue w_float = 28;
  google.protobuf.DoubleValue w_double = 29;
  google.protobuf.BytesValue w_bytes = 30;
  Part part = 31;
  repeated Part parts = 32;
  repeated string tags = 33;
  repeated int64 numbers = 34;
  repeated Colour colours = 35;
  repeated bool flags = 36;
  repeated double reals = 37;
  repeated bytes blobs = 38;
  repeated google.protobuf.Timestamp times = 39;
  map<string, int64> counts = 40;
  map<int32, Part> by_number = 41;
  map<bool, string> by_yes = 42;
  oneof choice {
    string left = 43;
    Part right = 44;
    int32 middle = 45;
    google.protobuf.NullValue none = 46;
  }
  optional int32 maybe = 47;
  google.protobuf.Struct document = 48;
  google.protobuf.Value value = 49;
  google.protobuf.ListValue list = 50;
  google.protobuf.Any any = 51;
  Thing inner = 52;
  string odd_name = 53 [json_name = "strangeName"];
  google.protobuf.Empty empty = 54;
  google.protobuf.NullValue nothing = 55;
  repeated google.protobuf.Value values = 56;
  repeated google.protobuf.Any anys = 57;
}

message Record {
  string record_id = 1;
  string display_name = 2;
  Address address = 3;
  repeated string phones = 4;
  map<string, string> labels = 5;
  string etag = 6;
  string number = 7 [(aftersales.options.v1.column) = { output_only: true }];
  google.protobuf.Timestamp due_time = 8;
  optional int32 floor = 9;
  google.protobuf.Struct remarks = 10;
  string made_in = 11 [(aftersales.options.v1.column) = { immutable: true }];

  message Address {
    string city = 1;
    string street = 2;
    Place place = 3;
  }
  message Place {
    int32 east_milli = 1;
    int32 north_milli = 2;
  }
}

message UpdateRecordRequest {
  string store_id = 1;
  string request_id = 2;
  Record record = 3;
  google.protobuf.FieldMask update_mask = 4;
}

message DownloadPart {
  option (aftersales.options.v1.file) = {
    content_field: "content"
    media_type_field: "media_type"
    file_name: "download.bin"
  };
  string name = 1;
  string media_type = 2;
  bytes content = 3;
}
)pb";

// The descriptors of the echoing service and of everything it imports, in an order a pool can build.
inline google::protobuf::FileDescriptorSet EchoFiles() {
  namespace pb = google::protobuf;
  // What it imports registers itself when something of it is used.
  pb::Any::descriptor(), pb::Duration::descriptor(), pb::Empty::descriptor(), pb::FieldMask::descriptor();
  pb::Struct::descriptor(), pb::Timestamp::descriptor(), pb::Int64Value::descriptor();
  google::api::HttpRule::descriptor(), aftersales::options::v1::Access::descriptor();
  aftersales::options::v1::Traffic::descriptor();

  pb::io::ArrayInputStream input(kEchoProto, static_cast<int>(sizeof kEchoProto - 1));
  pb::io::Tokenizer tokens(&input, nullptr);
  pb::compiler::Parser parser;
  pb::FileDescriptorProto echo;
  if (!parser.Parse(&tokens, &echo)) std::abort();
  echo.set_name("aftersales/echo/v1/echo.proto");
  pb::DescriptorPool pool(pb::DescriptorPool::generated_pool());
  const pb::FileDescriptor* built = pool.BuildFile(echo);
  if (built == nullptr) std::abort();

  pb::FileDescriptorSet files;
  std::set<const pb::FileDescriptor*> done;
  const auto add = [&](const auto& self, const pb::FileDescriptor* file) -> void {
    if (!done.insert(file).second) return;
    for (int i = 0; i < file->dependency_count(); ++i) self(self, file->dependency(i));
    pb::FileDescriptorProto* added = files.add_file();
    file->CopyTo(added);
    file->CopyJsonNameTo(added);
  };
  add(add, built);
  // Options were read without the extensions that are linked here; now with them.
  pb::FileDescriptorSet read;
  if (!read.ParseFromString(files.SerializeAsString())) std::abort();
  return read;
}

// Messages of the echoing service between bytes and text.
class EchoMessages {
 public:
  EchoMessages() {
    const google::protobuf::FileDescriptorSet files = EchoFiles();
    for (const auto& file : files.file()) {
      if (pool_.BuildFile(file) == nullptr) std::abort();
    }
  }
  // `rpc` is "GetThing"; the request's type is also the answer's.
  std::string Bytes(const std::string& rpc, const std::string& text) {
    const auto message = New(rpc);
    if (!google::protobuf::TextFormat::ParseFromString(text, message.get())) return "not a text format";
    return message->SerializePartialAsString();
  }
  // Equal messages have equal texts.
  std::string Text(const std::string& rpc, const std::string& bytes) {
    const auto message = New(rpc);
    std::string text;
    if (!message->ParseFromString(bytes)) return "does not parse";
    google::protobuf::TextFormat::Printer printer;
    printer.SetSingleLineMode(true);
    printer.SetExpandAny(true);
    printer.PrintToString(*message, &text);
    return text;
  }

 private:
  std::unique_ptr<google::protobuf::Message> New(const std::string& rpc) {
    const auto* method = pool_.FindServiceByName(kEchoService)->FindMethodByName(rpc);
    if (method == nullptr) std::abort();
    return std::unique_ptr<google::protobuf::Message>(types_.GetPrototype(method->input_type())->New());
  }

  google::protobuf::DescriptorPool pool_;
  google::protobuf::DynamicMessageFactory types_{&pool_};
};

struct TranscodingCase {
  const char* http_method;
  const char* target;
  std::string_view body;
  const char* rpc;      // that is called; null: refused
  const char* request;  // what arrives there, in text format
  const char* reason;   // of the refusal: "JSON"
  const char* place;    // the field, parameter or JSON path it names; "": none
};
constexpr TranscodingCase Becomes(const char* http_method, const char* target, std::string_view body, const char* rpc,
                                  const char* request) {
  return {http_method, target, body, rpc, request, nullptr, nullptr};
}
constexpr TranscodingCase Refused(const char* http_method, const char* target, std::string_view body,
                                  const char* reason, const char* place) {
  return {http_method, target, body, nullptr, nullptr, reason, place};
}
// Bodies of CreateThing: most of the JSON mapping shows there.
constexpr TranscodingCase BodyBecomes(std::string_view body, const char* request) {
  return Becomes("POST", "/v1/things", body, "CreateThing", request);
}
constexpr TranscodingCase BodyRefused(std::string_view body, const char* place) {
  return Refused("POST", "/v1/things", body, "JSON", place);
}
constexpr TranscodingCase QueryBecomes(const char* target, const char* request) {
  return Becomes("GET", target, "", "GetSpecial", request);
}
constexpr TranscodingCase QueryRefused(const char* target, const char* place) {
  return Refused("GET", target, "", "INVALID_FIELD", place);
}

inline const TranscodingCase kTranscodingCases[] = {
    // -- paths: literals, one segment, which rule goes first
    // -----------------------------------------------------------
    Becomes("GET", "/v1/things/7", "", "GetThing", R"(id: "7")"),
    Becomes("GET", "/v1/things/special", "", "GetSpecial", ""),
    Becomes("GET", "/v1/things/specials", "", "GetThing", R"(id: "specials")"),
    Becomes("GET", "/v1/things/specia", "", "GetThing", R"(id: "specia")"),
    Becomes("GET", "/v1/things/special?", "", "GetSpecial", ""),
    Becomes("GET", "/v1/%74hings/7", "", "GetThing", R"(id: "7")"),
    Becomes("GET", "/%761/things/special", "", "GetSpecial", ""),
    Becomes("GET", "/v1/things/s%70ecial", "", "GetSpecial", ""),
    Becomes("GET", "/v1/things/.", "", "GetThing", R"(id: ".")"),
    Becomes("GET", "/v1/things/..", "", "GetThing", R"(id: "..")"),
    Becomes("GET", "/v1/things/-._~", "", "GetThing", R"(id: "-._~")"),
    Becomes("GET", "/v1/things/a+b", "", "GetThing", R"(id: "a+b")"),
    Becomes("GET", "/v1/things/a=b;c,d!e$f&g'h(i)j*k@l", "", "GetThing", R"(id: "a=b;c,d!e$f&g'h(i)j*k@l")"),
    Becomes("DELETE", "/v1/things/special", "", "DeleteThing", R"(id: "special")"),
    Becomes("GET", "/v1/shelves/A1/things/7", "", "GetThing", R"(id: "7" part { name: "A1" })"),
    Becomes("GET", "/v1/deep/x", "", "GetThing", R"(inner { inner { part { name: "x" } } })"),
    Refused("GET", "/v1/things/", "", "METHOD_UNKNOWN", ""),
    Refused("GET", "/v1/things/7/", "", "METHOD_UNKNOWN", ""),
    Refused("GET", "/v1//things/7", "", "METHOD_UNKNOWN", ""),
    Refused("GET", "/v1/things/7/8", "", "METHOD_UNKNOWN", ""),
    Refused("GET", "/v1/shelves//things/7", "", "METHOD_UNKNOWN", ""),
    Refused("GET", "/v1", "", "METHOD_UNKNOWN", ""),
    Refused("GET", "/", "", "METHOD_UNKNOWN", ""),
    Refused("GET", "/v2/things/7", "", "METHOD_UNKNOWN", ""),
    Refused("GET", "/V1/things/7", "", "METHOD_UNKNOWN", ""),
    Refused("GET", "/v1/Things/7", "", "METHOD_UNKNOWN", ""),
    Refused("GET", "/v1%2Fthings/7", "", "METHOD_UNKNOWN", ""),
    Refused("GET", "/v1/things/../things/7", "", "METHOD_UNKNOWN", ""),

    // -- paths: HTTP methods, custom ones, several bindings
    // --------------------------------------------------------------
    Becomes("LOCK", "/v1/things/7", "", "HeadThing", R"(id: "7")"),
    Becomes("LOCK", "/v1/whatever/7", "", "HeadThing", R"(id: "7")"),
    Becomes("DELETE", "/v1/whatever/7", "", "HeadThing", R"(id: "7")"),
    Becomes("GET", "/v1/whatever/7", "", "HeadThing", R"(name: "7")"),
    Refused("PATCH", "/v1/things/7", "", "HTTP_METHOD", ""),
    Refused("POST", "/v1/things/7", "{}", "HTTP_METHOD", ""),
    Refused("GET", "/v1/things", "", "HTTP_METHOD", ""),
    Refused("get", "/v1/things/7", "", "HTTP_METHOD", ""),
    Refused("POST", "/v1/files/a/b", "", "HTTP_METHOD", ""),
    Refused("GET", "/v1/things/7:check", "", "HTTP_METHOD", ""),
    Refused("DELETE", "/v1/things:watch", "", "HTTP_METHOD", ""),

    // -- paths: verbs
    // ------------------------------------------------------------------------------------------------------
    Becomes("POST", "/v1/things/7:check", "{}", "CheckThing", R"(id: "7")"),
    Becomes("POST", "/v1/things/a%3Ab:check", "{}", "CheckThing", R"(id: "a:b")"),
    Becomes("POST", "/v1/things/a:b:check", "{}", "CheckThing", R"(id: "a:b")"),
    Becomes("POST", "/v1/things/special:check", "{}", "CheckThing", R"(id: "special")"),
    Becomes("POST", "/v1/things/7:chec%6B", "{}", "CheckThing", R"(id: "7")"),
    Becomes("GET", "/v1/things/7:other", "", "GetThing", R"(id: "7:other")"),
    Becomes("GET", "/v1/things/7%3Acheck", "", "GetThing", R"(id: "7:check")"),
    Becomes("GET", "/v1/things:watch", "", "WatchThings", ""),
    Becomes("GET", "/v1/things:watch?name=x", "", "WatchThings", R"(name: "x")"),
    Becomes("GET", "/v1/shelves/1/boxes/2:open", "", "GetBox", R"(name: "shelves/1/boxes/2")"),
    Becomes("GET", "/v1/files/a/b:describe", "", "DescribeFile", R"(name: "a/b")"),
    Becomes("GET", "/v1/files:describe", "", "DescribeFile", ""),
    Becomes("GET", "/v1/files/a:b/c", "", "GetFile", R"(name: "a:b/c")"),
    Refused("POST", "/v1/things/:check", "{}", "HTTP_METHOD", ""),
    Refused("POST", "/v1/things/7:check/", "{}", "METHOD_UNKNOWN", ""),
    Refused("POST", "/v1/things/7/:check", "{}", "METHOD_UNKNOWN", ""),
    Refused("POST", "/v1/things/7:Check", "{}", "HTTP_METHOD", ""),
    Refused("GET", "/v1/things:look", "", "METHOD_UNKNOWN", ""),

    // -- paths: several segments
    // -------------------------------------------------------------------------------------------
    Becomes("GET", "/v1/files/a/b/c", "", "GetFile", R"(name: "a/b/c")"),
    Becomes("GET", "/v1/files/a", "", "GetFile", R"(name: "a")"),
    Becomes("GET", "/v1/files", "", "GetFile", ""),
    Becomes("GET", "/v1/files/a/index", "", "GetIndex", ""),
    Becomes("GET", "/v1/files/a/b/index", "", "GetFile", R"(name: "a/b/index")"),
    Becomes("GET", "/v1/files/index", "", "GetFile", R"(name: "index")"),
    Becomes("GET", "/v1/trees", "", "GetTree", ""),
    Becomes("GET", "/v1/trees/a/b", "", "GetTree", ""),
    Becomes("GET", "/v1/shelves/1/boxes/2", "", "GetBox", R"(name: "shelves/1/boxes/2")"),
    Becomes("GET", "/v1/fixed/9", "", "GetBox", R"(name: "fixed" id: "9")"),
    Refused("GET", "/v1/shelves/1/boxes", "", "METHOD_UNKNOWN", ""),
    Refused("GET", "/v1/shelves/1/boxes/2/3", "", "METHOD_UNKNOWN", ""),
    Refused("GET", "/v1/loose/9", "", "METHOD_UNKNOWN", ""),

    // -- paths: percent escapes
    // --------------------------------------------------------------------------------------------
    Becomes("GET", "/v1/things/a%20b", "", "GetThing", R"(id: "a b")"),
    Becomes("GET", "/v1/things/a%2Fb", "", "GetThing", R"(id: "a/b")"),
    Becomes("GET", "/v1/things/a%2fb", "", "GetThing", R"(id: "a/b")"),
    Becomes("GET", "/v1/things/%25", "", "GetThing", R"(id: "%")"),
    Becomes("GET", "/v1/things/%2525", "", "GetThing", R"(id: "%25")"),
    Becomes("GET", "/v1/things/%E4%BA%AC", "", "GetThing", R"(id: "京")"),
    Becomes("GET", "/v1/things/%e4%ba%ac", "", "GetThing", R"(id: "京")"),
    Becomes("GET", "/v1/things/%F0%9F%9A%97", "", "GetThing", R"(id: "\360\237\232\227")"),
    Becomes("GET", "/v1/things/%3F%23", "", "GetThing", R"(id: "?#")"),
    Becomes("GET", "/v1/things/%00", "", "GetThing", R"(id: "\000")"),
    Becomes("GET", "/v1/files/a%20b/c%E4%BA%AC", "", "GetFile", R"(name: "a b/c京")"),
    Becomes("GET", "/v1/files/a%2Fb/c", "", "GetFile", R"(name: "a%2Fb/c")"),
    Becomes("GET", "/v1/files/a%2fb/c", "", "GetFile", R"(name: "a%2fb/c")"),
    Becomes("GET", "/v1/files/a%3Ab", "", "GetFile", R"(name: "a%3Ab")"),
    Becomes("GET", "/v1/files/%21%24%26%27%28%29%2A%2B%2C%3B%3D%3F%40%5B%5D%23", "", "GetFile",
            R"(name: "%21%24%26%27%28%29%2A%2B%2C%3B%3D%3F%40%5B%5D%23")"),
    Becomes("GET", "/v1/files/%2D%2E%5F%7E%41", "", "GetFile", R"(name: "-._~A")"),
    Becomes("GET", "/v1/shelves/a%2Fb/boxes/c%20d", "", "GetBox", R"(name: "shelves/a%2Fb/boxes/c d")"),
    Refused("GET", "/v1/things/%", "", "INVALID_FIELD", "path"),
    Refused("GET", "/v1/things/%2", "", "INVALID_FIELD", "path"),
    Refused("GET", "/v1/things/%G0", "", "INVALID_FIELD", "path"),
    Refused("GET", "/v1/things/%0G", "", "INVALID_FIELD", "path"),
    Refused("GET", "/v1/things/%%20", "", "INVALID_FIELD", "path"),
    Refused("GET", "/v1/%/7", "", "INVALID_FIELD", "path"),
    Refused("GET", "/v1/things/%FF", "", "INVALID_FIELD", "path"),
    Refused("GET", "/v1/things/%C0%AF", "", "INVALID_FIELD", "path"),
    Refused("GET", "/v1/things/%ED%A0%80", "", "INVALID_FIELD", "path"),
    Refused("GET", "/v1/things/%F4%90%80%80", "", "INVALID_FIELD", "path"),
    Refused("GET", "/v1/things/%E4%BA", "", "INVALID_FIELD", "path"),
    Refused("GET", "/v1/things/%E4%BA/%AC", "", "INVALID_FIELD", "path"),
    Refused("GET", "/v1/files/%FF/a", "", "INVALID_FIELD", "path"),

    // -- paths: typed variables
    // --------------------------------------------------------------------------------------------
    Becomes("GET", "/v1/typed/1/2/true/COLOUR_RED", "", "GetTyped", R"(i32: 1 i64: 2 yes: true colour: COLOUR_RED)"),
    Becomes("GET", "/v1/typed/-2147483648/-9223372036854775808/false/2", "", "GetTyped",
            R"(i32: -2147483648 i64: -9223372036854775808 colour: COLOUR_BLUE)"),
    Becomes("GET", "/v1/typed/2147483647/9223372036854775807/true/-1", "", "GetTyped",
            R"(i32: 2147483647 i64: 9223372036854775807 yes: true colour: COLOUR_BELOW)"),
    Becomes("GET", "/v1/unsigned/4294967295/18446744073709551615", "", "GetTyped",
            R"(u32: 4294967295 u64: 18446744073709551615)"),
    Becomes("GET", "/v1/real/-1.5e3", "", "GetTyped", R"(real64: -1500)"),
    Becomes("GET", "/v1/real/Infinity", "", "GetTyped", R"(real64: inf)"),
    Becomes("GET", "/v1/data/aGk", "", "GetTyped", R"(data: "hi")"),
    Becomes("GET", "/v1/data/_-8%3D", "", "GetTyped", R"(data: "\377\357")"),
    Becomes("GET", "/v1/data/%2F%2B8%3D", "", "GetTyped", R"(data: "\377\357")"),
    Refused("GET", "/v1/typed/2147483648/2/true/1", "", "INVALID_FIELD", "i32"),
    Refused("GET", "/v1/typed/-2147483649/2/true/1", "", "INVALID_FIELD", "i32"),
    Refused("GET", "/v1/typed/1/9223372036854775808/true/1", "", "INVALID_FIELD", "i64"),
    Refused("GET", "/v1/typed/1/-9223372036854775809/true/1", "", "INVALID_FIELD", "i64"),
    Refused("GET", "/v1/typed/1.0/2/true/1", "", "INVALID_FIELD", "i32"),
    Refused("GET", "/v1/typed/1e1/2/true/1", "", "INVALID_FIELD", "i32"),
    Refused("GET", "/v1/typed/+1/2/true/1", "", "INVALID_FIELD", "i32"),
    Refused("GET", "/v1/typed/01/2/true/1", "", "INVALID_FIELD", "i32"),
    Refused("GET", "/v1/typed/0x1/2/true/1", "", "INVALID_FIELD", "i32"),
    Refused("GET", "/v1/typed/%201/2/true/1", "", "INVALID_FIELD", "i32"),
    Refused("GET", "/v1/typed/one/2/true/1", "", "INVALID_FIELD", "i32"),
    Refused("GET", "/v1/typed/1/2/True/1", "", "INVALID_FIELD", "yes"),
    Refused("GET", "/v1/typed/1/2/1/1", "", "INVALID_FIELD", "yes"),
    Refused("GET", "/v1/typed/1/2/true/RED", "", "INVALID_FIELD", "colour"),
    Refused("GET", "/v1/typed/1/2/true/colour_red", "", "INVALID_FIELD", "colour"),
    Refused("GET", "/v1/typed/1/2/true/3", "", "INVALID_FIELD", "colour"),
    Refused("GET", "/v1/unsigned/-1/0", "", "INVALID_FIELD", "u32"),
    Refused("GET", "/v1/unsigned/4294967296/0", "", "INVALID_FIELD", "u32"),
    Refused("GET", "/v1/unsigned/0/18446744073709551616", "", "INVALID_FIELD", "u64"),
    Refused("GET", "/v1/real/1e400", "", "INVALID_FIELD", "real64"),
    Refused("GET", "/v1/real/.5", "", "INVALID_FIELD", "real64"),
    Refused("GET", "/v1/data/a", "", "INVALID_FIELD", "data"),
    Refused("GET", "/v1/data/aGk%20", "", "INVALID_FIELD", "data"),

    // -- queries: names
    // ----------------------------------------------------------------------------------------------------
    QueryBecomes("/v1/things/special?id=7", R"(id: "7")"),
    QueryBecomes("/v1/things/special?store_id=7", R"(store_id: "7")"),
    QueryBecomes("/v1/things/special?storeId=7", R"(store_id: "7")"),
    QueryBecomes("/v1/things/special?odd_name=7", R"(odd_name: "7")"),
    QueryBecomes("/v1/things/special?strangeName=7", R"(odd_name: "7")"),
    QueryBecomes("/v1/things/special?%69d=7", R"(id: "7")"),
    QueryBecomes("/v1/things/special?id=7&name=8", R"(id: "7" name: "8")"),
    QueryBecomes("/v1/things/special?&id=7&&name=8&", R"(id: "7" name: "8")"),
    QueryBecomes("/v1/things/special?part.name=A", R"(part { name: "A" })"),
    QueryBecomes("/v1/things/special?part.quantityMilli=5&part.name=A", R"(part { name: "A" quantity_milli: 5 })"),
    QueryBecomes("/v1/things/special?part.quantity_milli=5", R"(part { quantity_milli: 5 })"),
    QueryBecomes("/v1/things/special?part.under.under.name=A", R"(part { under { under { name: "A" } } })"),
    QueryBecomes("/v1/things/special?inner.tags=a&inner.tags=b&inner.part.name=c",
                 R"(inner { tags: "a" tags: "b" part { name: "c" } })"),
    QueryRefused("/v1/things/special?nothing_like_it=1", "nothing_like_it"),
    QueryRefused("/v1/things/special?oddName=7", "oddName"),
    QueryRefused("/v1/things/special?StoreId=7", "StoreId"),
    QueryRefused("/v1/things/special?part.nothing=7", "part.nothing"),
    QueryRefused("/v1/things/special?part..name=7", "part..name"),
    QueryRefused("/v1/things/special?.name=7", ".name"),
    QueryRefused("/v1/things/special?part.=7", "part."),
    QueryRefused("/v1/things/special?=7", "?"),
    QueryRefused("/v1/things/special?id.part=7", "id.part"),
    QueryRefused("/v1/things/special?%E4%BA%AC=7", "?"),
    QueryRefused("/v1/things/special?at.seconds=7", "at.seconds"),
    QueryRefused("/v1/things/special?w_string.value=7", "w_string.value"),
    QueryRefused("/v1/things/special?part=7", "part"),
    QueryRefused("/v1/things/special?part.under=7", "part.under"),
    QueryRefused("/v1/things/special?parts=7", "parts"),
    QueryRefused("/v1/things/special?parts.name=7", "parts.name"),
    QueryRefused("/v1/things/special?part.more.name=7", "part.more.name"),
    QueryRefused("/v1/things/special?counts=7", "counts"),
    QueryRefused("/v1/things/special?counts.a=7", "counts.a"),
    QueryRefused("/v1/things/special?document=7", "document"),
    QueryRefused("/v1/things/special?value=7", "value"),
    QueryRefused("/v1/things/special?list=7", "list"),
    QueryRefused("/v1/things/special?any=7", "any"),
    QueryRefused("/v1/things/special?empty=7", "empty"),

    // -- queries: once, and one of a choice
    // ---------------------------------------------------------------------------------
    QueryBecomes("/v1/things/special?left=a", R"(left: "a")"),
    QueryBecomes("/v1/things/special?right.name=a&right.quantityMilli=1", R"(right { name: "a" quantity_milli: 1 })"),
    QueryBecomes("/v1/things/special?maybe=0", R"(maybe: 0)"),
    QueryRefused("/v1/things/special?id=7&id=7", "id"),
    QueryRefused("/v1/things/special?storeId=7&store_id=7", "store_id"),
    QueryRefused("/v1/things/special?part.name=7&part.name=8", "part.name"),
    QueryRefused("/v1/things/special?left=a&middle=1", "middle"),
    QueryRefused("/v1/things/special?right.name=a&left=b", "left"),
    QueryRefused("/v1/things/special?part.serial=a&part.batch=b", "part.batch"),
    Becomes("GET", "/v1/things/7?name=x", "", "GetThing", R"(id: "7" name: "x")"),
    Refused("GET", "/v1/things/7?id=7", "", "INVALID_FIELD", "id"),
    Refused("GET", "/v1/things/7?id=8", "", "INVALID_FIELD", "id"),
    Becomes("GET", "/v1/shelves/A/things/7?part.quantityMilli=1", "", "GetThing",
            R"(id: "7" part { name: "A" quantity_milli: 1 })"),
    Refused("GET", "/v1/shelves/A/things/7?part.name=A", "", "INVALID_FIELD", "part.name"),
    Refused("GET", "/v1/chosen/a?middle=1", "", "INVALID_FIELD", "middle"),
    Becomes("GET", "/v1/chosen/a?maybe=1", "", "GetTyped", R"(left: "a" maybe: 1)"),

    // -- queries: lists
    // ------------------------------------------------------------------------------------------------------
    QueryBecomes("/v1/things/special?tags=a&tags=b&tags=a", R"(tags: "a" tags: "b" tags: "a")"),
    QueryBecomes("/v1/things/special?tags=a,b", R"(tags: "a,b")"),
    QueryBecomes("/v1/things/special?tags=&tags", R"(tags: "" tags: "")"),
    QueryBecomes("/v1/things/special?numbers=1&name=x&numbers=-2", R"(name: "x" numbers: 1 numbers: -2)"),
    QueryBecomes("/v1/things/special?colours=COLOUR_RED&colours=2", R"(colours: COLOUR_RED colours: COLOUR_BLUE)"),
    QueryBecomes("/v1/things/special?flags=true&flags=false", R"(flags: true flags: false)"),
    QueryBecomes("/v1/things/special?reals=1.5&reals=NaN", R"(reals: 1.5 reals: nan)"),
    QueryBecomes("/v1/things/special?blobs=aGk%3D&blobs=", R"(blobs: "hi" blobs: "")"),
    QueryBecomes("/v1/things/special?times=1970-01-01T00:00:01Z&times=1970-01-01T00:00:02Z",
                 R"(times { seconds: 1 } times { seconds: 2 })"),
    QueryRefused("/v1/things/special?numbers=1&numbers=x", "numbers"),
    QueryRefused("/v1/things/special?colours=3", "colours"),
    QueryRefused("/v1/things/special?tags[]=a", "?"),
    QueryRefused("/v1/things/special?tags.0=a", "tags.0"),

    // -- queries: values
    // -----------------------------------------------------------------------------------------------------
    QueryBecomes("/v1/things/special?name=a+b", R"(name: "a b")"),
    QueryBecomes("/v1/things/special?name=a%2Bb", R"(name: "a+b")"),
    QueryBecomes("/v1/things/special?name=a%20b", R"(name: "a b")"),
    QueryBecomes("/v1/things/special?name=a%26b%3Dc", R"(name: "a&b=c")"),
    QueryBecomes("/v1/things/special?name=a=b", R"(name: "a=b")"),
    QueryBecomes("/v1/things/special?name=%E4%BA%AC", R"(name: "京")"),
    QueryBecomes("/v1/things/special?name=a/b?c:d@e", R"(name: "a/b?c:d@e")"),
    QueryBecomes("/v1/things/special?name=a;id=b", R"(name: "a;id=b")"),
    QueryBecomes("/v1/things/special?name=", ""),
    QueryBecomes("/v1/things/special?name", ""),
    QueryBecomes("/v1/things/special?i32=-5&i64=9007199254740993", R"(i32: -5 i64: 9007199254740993)"),
    QueryBecomes("/v1/things/special?u32=5&u64=18446744073709551615", R"(u32: 5 u64: 18446744073709551615)"),
    QueryBecomes("/v1/things/special?s32=-1&s64=-9223372036854775808", R"(s32: -1 s64: -9223372036854775808)"),
    QueryBecomes("/v1/things/special?f32=1&f64=2&sf32=-3&sf64=-4", R"(f32: 1 f64: 2 sf32: -3 sf64: -4)"),
    QueryBecomes("/v1/things/special?real32=1.5&real64=-2.5e-3", R"(real32: 1.5 real64: -0.0025)"),
    QueryBecomes("/v1/things/special?real64=1e-400", R"(real64: 0)"),
    QueryBecomes("/v1/things/special?real32=-Infinity&real64=NaN", R"(real32: -inf real64: nan)"),
    QueryBecomes("/v1/things/special?yes=true", R"(yes: true)"),
    QueryBecomes("/v1/things/special?yes=false", ""),
    QueryBecomes("/v1/things/special?colour=COLOUR_BLUE", R"(colour: COLOUR_BLUE)"),
    QueryBecomes("/v1/things/special?colour=1", R"(colour: COLOUR_RED)"),
    QueryBecomes("/v1/things/special?colour=-1", R"(colour: COLOUR_BELOW)"),
    QueryBecomes("/v1/things/special?data=aGk%3D", R"(data: "hi")"),
    QueryBecomes("/v1/things/special?data=aGk", R"(data: "hi")"),
    QueryBecomes("/v1/things/special?data=-_8", R"(data: "\373\377")"),
    QueryBecomes("/v1/things/special?data=%2B/8", R"(data: "\373\377")"),
    QueryBecomes("/v1/things/special?at=2026-11-22T08:30:00Z", R"(at { seconds: 1795336200 })"),
    QueryBecomes("/v1/things/special?at=2026-11-22T16:30:00%2B08:00", R"(at { seconds: 1795336200 })"),
    QueryBecomes("/v1/things/special?at=2026-11-22T08:30:00.5Z", R"(at { seconds: 1795336200 nanos: 500000000 })"),
    QueryBecomes("/v1/things/special?at=0001-01-01T00:00:00Z", R"(at { seconds: -62135596800 })"),
    QueryBecomes("/v1/things/special?at=9999-12-31T23:59:59.999999999Z",
                 R"(at { seconds: 253402300799 nanos: 999999999 })"),
    QueryBecomes("/v1/things/special?at=2024-02-29T00:00:00Z", R"(at { seconds: 1709164800 })"),
    QueryBecomes("/v1/things/special?lasts=90s", R"(lasts { seconds: 90 })"),
    QueryBecomes("/v1/things/special?lasts=-1.5s", R"(lasts { seconds: -1 nanos: -500000000 })"),
    QueryBecomes("/v1/things/special?lasts=0.000000001s", R"(lasts { nanos: 1 })"),
    QueryBecomes("/v1/things/special?mask=storeId,part.quantityMilli",
                 R"(mask { paths: "store_id" paths: "part.quantity_milli" })"),
    QueryBecomes("/v1/things/special?mask=store_id", R"(mask { paths: "store_id" })"),
    QueryBecomes("/v1/things/special?mask=*", R"(mask { paths: "*" })"),
    QueryBecomes("/v1/things/special?mask=", R"(mask { })"),
    QueryBecomes("/v1/things/special?wString=a&w_int32=1&wInt64=2&wUint32=3&wUint64=4",
                 R"(w_string { value: "a" } w_int32 { value: 1 } w_int64 { value: 2 } w_uint32 { value: 3 }
                    w_uint64 { value: 4 })"),
    QueryBecomes("/v1/things/special?wBool=false&wFloat=1.5&wDouble=2.5&wBytes=aGk",
                 R"(w_bool { value: false } w_float { value: 1.5 } w_double { value: 2.5 } w_bytes { value: "hi" })"),
    QueryBecomes("/v1/things/special?wString=", R"(w_string { })"),
    QueryRefused("/v1/things/special?i32=", "i32"),
    QueryRefused("/v1/things/special?i32=2147483648", "i32"),
    QueryRefused("/v1/things/special?i32=1.0", "i32"),
    QueryRefused("/v1/things/special?i32=+1", "i32"),
    QueryRefused("/v1/things/special?i32=1+", "i32"),
    QueryRefused("/v1/things/special?i64=9223372036854775808", "i64"),
    QueryRefused("/v1/things/special?u32=-1", "u32"),
    QueryRefused("/v1/things/special?u64=18446744073709551616", "u64"),
    QueryRefused("/v1/things/special?sf32=2147483648", "sf32"),
    QueryRefused("/v1/things/special?f32=4294967296", "f32"),
    QueryRefused("/v1/things/special?real32=1e39", "real32"),
    QueryRefused("/v1/things/special?real64=1e309", "real64"),
    QueryRefused("/v1/things/special?real64=1.", "real64"),
    QueryRefused("/v1/things/special?real64=nan", "real64"),
    QueryRefused("/v1/things/special?real64=0x1p3", "real64"),
    QueryRefused("/v1/things/special?yes", "yes"),
    QueryRefused("/v1/things/special?yes=1", "yes"),
    QueryRefused("/v1/things/special?yes=TRUE", "yes"),
    QueryRefused("/v1/things/special?colour=", "colour"),
    QueryRefused("/v1/things/special?colour=COLOUR_GREEN", "colour"),
    QueryRefused("/v1/things/special?colour=99", "colour"),
    QueryRefused("/v1/things/special?data=a", "data"),
    QueryRefused("/v1/things/special?data=aGl", "data"),
    QueryRefused("/v1/things/special?data=aGk%3D%3D", "data"),
    QueryRefused("/v1/things/special?data=aG%20k", "data"),
    QueryRefused("/v1/things/special?at=2026-11-22", "at"),
    QueryRefused("/v1/things/special?at=2026-11-22T08:30:00", "at"),
    QueryRefused("/v1/things/special?at=2026-11-22T08:30Z", "at"),
    QueryRefused("/v1/things/special?at=2026-11-22T16:30:00+08:00", "at"),
    QueryRefused("/v1/things/special?at=2026-02-29T00:00:00Z", "at"),
    QueryRefused("/v1/things/special?at=2026-13-01T00:00:00Z", "at"),
    QueryRefused("/v1/things/special?at=2026-11-22T24:00:00Z", "at"),
    QueryRefused("/v1/things/special?at=2026-11-22T08:30:00.Z", "at"),
    QueryRefused("/v1/things/special?at=2026-11-22T08:30:00.1234567890Z", "at"),
    QueryRefused("/v1/things/special?at=0000-01-01T00:00:00Z", "at"),
    QueryRefused("/v1/things/special?at=0001-01-01T00:00:00%2B01:00", "at"),
    QueryRefused("/v1/things/special?at=1795336200", "at"),
    QueryRefused("/v1/things/special?lasts=90", "lasts"),
    QueryRefused("/v1/things/special?lasts=s", "lasts"),
    QueryRefused("/v1/things/special?lasts=1.s", "lasts"),
    QueryRefused("/v1/things/special?lasts=1m", "lasts"),
    QueryRefused("/v1/things/special?lasts=315576000001s", "lasts"),
    QueryRefused("/v1/things/special?mask=a,,b", "mask"),
    QueryRefused("/v1/things/special?mask=a,", "mask"),
    QueryRefused("/v1/things/special?mask=a..b", "mask"),
    QueryRefused("/v1/things/special?mask=a%20b", "mask"),
    QueryRefused("/v1/things/special?wInt32=x", "wInt32"),
    QueryRefused("/v1/things/special?wBool=yes", "wBool"),
    QueryRefused("/v1/things/special?name=%", "name"),
    QueryRefused("/v1/things/special?name=%2", "name"),
    QueryRefused("/v1/things/special?name=%ZZ", "name"),
    QueryRefused("/v1/things/special?name=%FF", "name"),
    QueryRefused("/v1/things/special?name=%C0%80", "name"),
    QueryRefused("/v1/things/special?%=7", "query"),
    QueryRefused("/v1/things/special?%FF=7", "query"),

    // -- queries: not where the body has everything
    // -----------------------------------------------------------------------------
    Refused("POST", "/v1/things?name=x", "{}", "INVALID_FIELD", "name"),
    Refused("POST", "/v1/things?name=x", "", "INVALID_FIELD", "name"),
    Refused("POST", "/v1/things?unheard_of=x", "{}", "INVALID_FIELD", "unheard_of"),
    Becomes("POST", "/v1/things?", "{}", "CreateThing", ""),
    Becomes("PUT", "/v1/things/7?name=x", R"({"name": "y"})", "ReplaceThing",
            R"(id: "7" name: "x" inner { name: "y" })"),
    Refused("PUT", "/v1/things/7?inner.name=x", "{}", "INVALID_FIELD", "inner.name"),
    Refused("PUT", "/v1/things/7?inner=x", "{}", "INVALID_FIELD", "inner"),
    Refused("PUT", "/v1/things/7/left?middle=1", R"("a")", "INVALID_FIELD", "middle"),
    Becomes("PUT", "/v1/things/7/left?middle=1", "", "ReplaceThing", R"(id: "7" middle: 1)"),

    // -- bodies: where one is taken
    // ------------------------------------------------------------------------------------------------
    BodyBecomes("", ""),
    BodyBecomes("{}", ""),
    BodyBecomes(" \t\r\n{ } \n", ""),
    BodyBecomes(R"({"id": "7", "storeId": "8"})", R"(id: "7" store_id: "8")"),
    BodyBecomes(R"({"store_id": "8"})", R"(store_id: "8")"),
    BodyBecomes(R"({"strangeName": "8"})", R"(odd_name: "8")"),
    BodyBecomes(R"({"odd_name": "8"})", R"(odd_name: "8")"),
    Refused("GET", "/v1/things/7", "{}", "INVALID_FIELD", "body"),
    Refused("GET", "/v1/things/7", " ", "INVALID_FIELD", "body"),
    Refused("DELETE", "/v1/things/7", "{}", "INVALID_FIELD", "body"),
    Becomes("PUT", "/v1/things/7", R"({"id": "8"})", "ReplaceThing", R"(id: "7" inner { id: "8" })"),
    Becomes("PUT", "/v1/things/7", "", "ReplaceThing", R"(id: "7")"),
    Becomes("PUT", "/v1/things/7", "{}", "ReplaceThing", R"(id: "7" inner { })"),
    Refused("PUT", "/v1/things/7", "null", "JSON", "$"),
    Refused("PUT", "/v1/things/7", "[]", "JSON", "$"),
    Refused("PUT", "/v1/things/7", R"({"inner": {"tags": "a"}})", "JSON", "inner.tags"),
    Becomes("PUT", "/v1/things/7/name", R"("x")", "ReplaceThing", R"(id: "7" name: "x")"),
    Refused("PUT", "/v1/things/7/name", "x", "JSON", "$"),
    Refused("PUT", "/v1/things/7/name", "5", "JSON", "$"),
    Refused("PUT", "/v1/things/7/name", R"({"name": "x"})", "JSON", "$"),
    Becomes("PUT", "/v1/things/7/colour", R"("COLOUR_RED")", "ReplaceThing", R"(id: "7" colour: COLOUR_RED)"),
    Becomes("PUT", "/v1/things/7/at", R"("1970-01-01T00:00:01Z")", "ReplaceThing", R"(id: "7" at { seconds: 1 })"),
    Becomes("PUT", "/v1/things/7/w_int64", R"("5")", "ReplaceThing", R"(id: "7" w_int64 { value: 5 })"),
    Becomes("PUT", "/v1/things/7/document", R"({"a": 1})", "ReplaceThing",
            R"(id: "7" document { fields { key: "a" value { number_value: 1 } } })"),
    Becomes("PUT", "/v1/things/7/value", "null", "ReplaceThing", R"(id: "7" value { null_value: NULL_VALUE })"),
    Becomes("PUT", "/v1/things/7/value", "[true]", "ReplaceThing",
            R"(id: "7" value { list_value { values { bool_value: true } } })"),
    Becomes("PUT", "/v1/things/7/list", "[1, [], {}]", "ReplaceThing",
            R"(id: "7" list { values { number_value: 1 } values { list_value { } } values { struct_value { } } })"),
    Becomes("PUT", "/v1/things/7/any", R"({"@type": "type.googleapis.com/aftersales.echo.v1.Part", "name": "A"})",
            "ReplaceThing", R"(id: "7" any { [type.googleapis.com/aftersales.echo.v1.Part] { name: "A" } })"),
    Refused("PUT", "/v1/things/7/document", "[]", "JSON", "$"),
    Refused("PUT", "/v1/things/7/list", "{}", "JSON", "$"),

    // -- bodies: what the path says already
    // --------------------------------------------------------------------------------------
    Becomes("POST", "/v1/things/7:check", R"({"id": "7"})", "CheckThing", R"(id: "7")"),
    Becomes("POST", "/v1/things/7:check", R"({"id": null, "name": "x"})", "CheckThing", R"(id: "7" name: "x")"),
    Becomes("POST", "/v1/shelves/A/things", R"({"part": {"name": "A", "quantityMilli": "5"}})", "CreateThing",
            R"(part { name: "A" quantity_milli: 5 })"),
    Becomes("POST", "/v1/shelves/A/things", R"({"part": {"quantityMilli": "5"}})", "CreateThing",
            R"(part { name: "A" quantity_milli: 5 })"),
    Becomes("POST", "/v1/shelves/A/things", R"({"part": {"under": {"name": "B"}}, "inner": {"part": {"name": "C"}}})",
            "CreateThing", R"(part { name: "A" under { name: "B" } } inner { part { name: "C" } })"),
    Becomes("POST", "/v1/shelves/A/things", R"({"part": null})", "CreateThing", R"(part { name: "A" })"),
    Becomes("POST", "/v1/shelves/A/things", "", "CreateThing", R"(part { name: "A" })"),
    Becomes("POST", "/v1/numbered/5", R"({"i64": "5"})", "CreateThing", R"(i64: 5)"),
    Becomes("POST", "/v1/numbered/5", R"({"i64": 5.0})", "CreateThing", R"(i64: 5)"),
    Becomes("POST", "/v1/chosen/a", R"({"left": "a", "maybe": 1})", "CreateThing", R"(left: "a" maybe: 1)"),
    Refused("POST", "/v1/things/7:check", R"({"id": "8"})", "JSON", "id"),
    Refused("POST", "/v1/things/7:check", R"({"id": ""})", "JSON", "id"),
    Refused("POST", "/v1/shelves/A/things", R"({"part": {"name": "B"}})", "JSON", "part.name"),
    Refused("POST", "/v1/numbered/5", R"({"i64": "6"})", "JSON", "i64"),
    Refused("POST", "/v1/chosen/a", R"({"middle": 1})", "JSON", "middle"),
    Refused("POST", "/v1/chosen/a", R"({"right": {}})", "JSON", "right"),

    // -- bodies: no JSON
    // -----------------------------------------------------------------------------------------------------------
    BodyRefused(" ", "$"),
    BodyRefused("x", "$"),
    BodyRefused("{", "$"),
    BodyRefused("}", "$"),
    BodyRefused("[]", "$"),
    BodyRefused("null", "$"),
    BodyRefused("true", "$"),
    BodyRefused("5", "$"),
    BodyRefused(R"("{}")", "$"),
    BodyRefused("{} {}", "$"),
    BodyRefused("{},", "$"),
    BodyRefused(R"({"id": "7",})", "id"),
    BodyRefused(R"({"id": "7" "name": "8"})", "id"),
    BodyRefused(R"({"id" "7"})", "id"),
    BodyRefused(R"({"id": })", "id"),
    BodyRefused(R"({"id": "7)", "id"),
    BodyRefused(R"({'id': '7'})", "$"),
    BodyRefused(R"({id: "7"})", "$"),
    BodyRefused(R"({"id": '7'})", "id"),
    BodyRefused(R"({"id": "7"} // no)", "$"),
    BodyRefused(R"({/**/"id": "7"})", "$"),
    BodyRefused(R"({"tags": ["a",]})", "tags[1]"),
    BodyRefused(R"({"tags": ["a" "b"]})", "tags[1]"),
    BodyRefused(R"({"tags": [,]})", "tags[0]"),
    BodyRefused(R"({"tags": ["a"})", "tags[1]"),
    BodyRefused(R"({"real64": NaN})", "real64"),
    BodyRefused(R"({"real64": Infinity})", "real64"),
    BodyRefused(R"({"real64": .5})", "real64"),
    BodyRefused(R"({"real64": 5.})", "real64"),
    BodyRefused(R"({"real64": +5})", "real64"),
    BodyRefused(R"({"i32": 05})", "i32"),
    BodyRefused(R"({"i32": 0x5})", "i32"),
    BodyRefused(R"({"yes": True})", "yes"),
    BodyRefused(R"({"yes": tru})", "yes"),
    BodyRefused("{\"name\": \"a\nb\"}", "name"),
    BodyRefused("{\"name\": \"a\tb\"}", "name"),
    BodyRefused(R"({"name": "\x41"})", "name"),
    BodyRefused(R"({"name": "\u12"})", "name"),
    BodyRefused(R"({"name": "\ud800"})", "name"),
    BodyRefused(R"({"name": "\udc00\ud800"})", "name"),
    BodyRefused("{\"name\": \"\xFF\"}", "name"),
    BodyRefused("{\"name\": \"\xC0\xAF\"}", "name"),
    BodyRefused("{\"name\": \"\xED\xA0\x80\"}", "name"),
    BodyRefused("{\"name\": \"\xE4\xBA\"}", "name"),
    BodyRefused("{\"parts\": [{}, {\"under\": {\"name\": \"\xFF\"}}]}", "parts[1].under.name"),
    BodyRefused(std::string_view("{\"name\": \"a\0b\"}", 15), "name"),
    BodyRefused(std::string_view("{}\0", 3), "$"),
    BodyRefused(std::string_view("{}\0{}", 5), "$"),
    BodyRefused(std::string_view("\0{}", 3), "$"),
    BodyRefused(std::string_view("{\"id\": \"7\"\0}", 12), "id"),

    // -- bodies: names and numbers of times
    // ---------------------------------------------------------------------------------------
    BodyRefused(R"({"nothing_like_it": 1})", "nothing_like_it"),
    BodyRefused(R"({"ID": "7"})", "ID"),
    BodyRefused(R"({"oddName": "7"})", "oddName"),
    BodyRefused(R"({"": "7"})", "?"),
    BodyRefused(R"({"a b": "7"})", "?"),
    BodyRefused(R"({"part": {"nothing": 1}})", "part.nothing"),
    BodyRefused(R"({"parts": [{"name": "a"}, {"nme": "b"}]})", "parts[1].nme"),
    BodyRefused(R"({"id": "7", "id": "7"})", "id"),
    BodyRefused(R"({"id": "7", "id": null})", "id"),
    BodyRefused(R"({"id": null, "id": "7"})", "id"),
    BodyRefused(R"({"storeId": "7", "store_id": "7"})", "storeId"),
    BodyRefused(R"({"id": "7", "\u0069d": "8"})", "id"),
    BodyRefused(R"({"strangeName": "7", "odd_name": "7"})", "strangeName"),
    BodyRefused(R"({"part": {"name": "a", "name": "b"}})", "part.name"),
    BodyRefused(R"({"counts": {"a": "1", "a": "2"}})", "counts[1]"),
    BodyRefused(R"({"document": {"a": 1, "a": 2}})", "document[1]"),
    BodyRefused(R"({"value": {"a": {"b": 1, "b": 2}}})", "value[0][1]"),
    BodyBecomes(R"({"left": "a"})", R"(left: "a")"),
    BodyBecomes(R"({"left": null, "middle": 5})", R"(middle: 5)"),
    BodyBecomes(R"({"left": ""})", R"(left: "")"),
    BodyBecomes(R"({"none": null})", R"(none: NULL_VALUE)"),
    BodyRefused(R"({"left": "a", "middle": 5})", "middle"),
    BodyRefused(R"({"right": {}, "left": "a"})", "left"),
    BodyRefused(R"({"part": {"serial": "a", "batch": "b"}})", "part.batch"),

    // -- bodies: null is "not given"
    // ---------------------------------------------------------------------------------------------
    BodyBecomes(R"({"id": null, "i32": null, "part": null, "tags": null, "counts": null, "at": null, "wString": null})",
                ""),
    BodyBecomes(R"({"nothing": null, "any": null, "document": null, "list": null})", ""),
    BodyBecomes(R"({"value": null})", R"(value { null_value: NULL_VALUE })"),
    BodyBecomes(R"({"maybe": null})", ""),
    BodyBecomes(R"({"values": [null]})", R"(values { null_value: NULL_VALUE })"),
    BodyRefused(R"({"tags": [null]})", "tags[0]"),
    BodyRefused(R"({"parts": [{}, null]})", "parts[1]"),
    BodyRefused(R"({"counts": {"a": null}})", "counts[0]"),
    BodyRefused(R"({"times": [null]})", "times[0]"),

    // -- bodies: numbers
    // ------------------------------------------------------------------------------------------------------------
    BodyBecomes(R"({"i32": 5, "i64": 6, "u32": 7, "u64": 8})", R"(i32: 5 i64: 6 u32: 7 u64: 8)"),
    BodyBecomes(R"({"i32": "5", "i64": "6", "u32": "7", "u64": "8"})", R"(i32: 5 i64: 6 u32: 7 u64: 8)"),
    BodyBecomes(R"({"s32": -1, "s64": "-2", "f32": 3, "f64": "4", "sf32": -5, "sf64": "-6"})",
                R"(s32: -1 s64: -2 f32: 3 f64: 4 sf32: -5 sf64: -6)"),
    BodyBecomes(R"({"i32": -2147483648})", R"(i32: -2147483648)"),
    BodyBecomes(R"({"i64": -9223372036854775808})", R"(i64: -9223372036854775808)"),
    BodyBecomes(R"({"i64": 9223372036854775807})", R"(i64: 9223372036854775807)"),
    BodyBecomes(R"({"i64": 9007199254740993})", R"(i64: 9007199254740993)"),
    BodyBecomes(R"({"u64": 18446744073709551615})", R"(u64: 18446744073709551615)"),
    BodyBecomes(R"({"i64": 1e3})", R"(i64: 1000)"),
    BodyBecomes(R"({"i64": 1.5E+1})", R"(i64: 15)"),
    BodyBecomes(R"({"i64": 1200e-2})", R"(i64: 12)"),
    BodyBecomes(R"({"i64": 9007199254740993.0})", R"(i64: 9007199254740993)"),
    BodyBecomes(R"({"u64": 1.8446744073709551615e19})", R"(u64: 18446744073709551615)"),
    BodyBecomes(R"({"i64": 0e99999999999999999999})", ""),
    BodyBecomes(R"({"u32": -0})", ""),
    BodyBecomes(R"({"u32": "-0"})", ""),
    BodyBecomes(R"({"real32": 1.5, "real64": 2})", R"(real32: 1.5 real64: 2)"),
    BodyBecomes(R"({"real32": "1.5", "real64": "-2e3"})", R"(real32: 1.5 real64: -2000)"),
    BodyBecomes(R"({"real32": "Infinity", "real64": "-Infinity"})", R"(real32: inf real64: -inf)"),
    BodyBecomes(R"({"real64": "NaN"})", R"(real64: nan)"),
    BodyBecomes(R"({"real64": 1e-400})", R"(real64: 0)"),
    BodyBecomes(R"({"real64": 123456789012345678901234567890})", R"(real64: 123456789012345678901234567890)"),
    BodyBecomes(R"({"maybe": 0})", R"(maybe: 0)"),
    BodyRefused(R"({"i32": 2147483648})", "i32"),
    BodyRefused(R"({"i32": -2147483649})", "i32"),
    BodyRefused(R"({"i32": 1.5})", "i32"),
    BodyRefused(R"({"i32": 1e10})", "i32"),
    BodyRefused(R"({"i32": "1.0"})", "i32"),
    BodyRefused(R"({"i32": "1e1"})", "i32"),
    BodyRefused(R"({"i32": ""})", "i32"),
    BodyRefused(R"({"i32": " 1"})", "i32"),
    BodyRefused(R"({"i32": "0x1"})", "i32"),
    BodyRefused(R"({"i32": true})", "i32"),
    BodyRefused(R"({"i32": []})", "i32"),
    BodyRefused(R"({"i32": {}})", "i32"),
    BodyRefused(R"({"i64": 9223372036854775808})", "i64"),
    BodyRefused(R"({"i64": -9223372036854775809})", "i64"),
    BodyRefused(R"({"i64": "9223372036854775808"})", "i64"),
    BodyRefused(R"({"i64": 9007199254740992.5})", "i64"),
    BodyRefused(R"({"i64": 1e-1})", "i64"),
    BodyRefused(R"({"i64": 1e19})", "i64"),
    BodyRefused(R"({"i64": 1e300})", "i64"),
    BodyRefused(R"({"u32": -1})", "u32"),
    BodyRefused(R"({"u64": 18446744073709551616})", "u64"),
    BodyRefused(R"({"u64": -1})", "u64"),
    BodyRefused(R"({"f32": 4294967296})", "f32"),
    BodyRefused(R"({"sf32": 2147483648})", "sf32"),
    BodyRefused(R"({"real32": 3.5e38})", "real32"),
    BodyRefused(R"({"real32": "nan"})", "real32"),
    BodyRefused(R"({"real64": 1e400})", "real64"),
    BodyRefused(R"({"real64": "1e400"})", "real64"),
    BodyRefused(R"({"real64": "Inf"})", "real64"),
    BodyRefused(R"({"real64": ""})", "real64"),
    BodyRefused(R"({"real64": true})", "real64"),
    BodyRefused(R"({"numbers": [1, "2", 3.5]})", "numbers[2]"),

    // -- bodies: text, truth, bytes, enumerations
    // --------------------------------------------------------------------------------
    BodyBecomes(R"({"name": "\"\\\/\b\f\n\r\t\u4eac\ud83d\ude97\u0000"})",
                R"(name: "\"\\/\b\f\n\r\t京\360\237\232\227\000")"),
    BodyBecomes(R"({"name": "京A12345"})", R"(name: "京A12345")"),
    BodyBecomes(R"({"name": ""})", ""),
    BodyBecomes(R"({"yes": true})", R"(yes: true)"),
    BodyBecomes(R"({"yes": false})", ""),
    BodyBecomes(R"({"data": "aGk="})", R"(data: "hi")"),
    BodyBecomes(R"({"data": "aGk"})", R"(data: "hi")"),
    BodyBecomes(R"({"data": "-_8="})", R"(data: "\373\377")"),
    BodyBecomes(R"({"data": "+/8"})", R"(data: "\373\377")"),
    BodyBecomes(R"({"data": ""})", ""),
    BodyBecomes(R"({"colour": "COLOUR_RED"})", R"(colour: COLOUR_RED)"),
    BodyBecomes(R"({"colour": 2})", R"(colour: COLOUR_BLUE)"),
    BodyBecomes(R"({"colour": -1})", R"(colour: COLOUR_BELOW)"),
    BodyBecomes(R"({"colour": 1.0})", R"(colour: COLOUR_RED)"),
    BodyBecomes(R"({"colours": ["COLOUR_RED", 0, 2]})",
                R"(colours: COLOUR_RED colours: COLOUR_UNSPECIFIED colours: 2)"),
    BodyRefused(R"({"name": 5})", "name"),
    BodyRefused(R"({"name": true})", "name"),
    BodyRefused(R"({"name": []})", "name"),
    BodyRefused(R"({"name": {}})", "name"),
    BodyRefused(R"({"yes": "true"})", "yes"),
    BodyRefused(R"({"yes": 1})", "yes"),
    BodyRefused(R"({"yes": 0})", "yes"),
    BodyRefused(R"({"data": "a"})", "data"),
    BodyRefused(R"({"data": "aGk=="})", "data"),
    BodyRefused(R"({"data": "aGl"})", "data"),
    BodyRefused(R"({"data": "aG k"})", "data"),
    BodyRefused(R"({"data": "===="})", "data"),
    BodyRefused(R"({"data": 5})", "data"),
    BodyRefused(R"({"colour": "RED"})", "colour"),
    BodyRefused(R"({"colour": "colour_red"})", "colour"),
    BodyRefused(R"({"colour": "1"})", "colour"),
    BodyRefused(R"({"colour": 3})", "colour"),
    BodyRefused(R"({"colour": 4294967297})", "colour"),
    BodyRefused(R"({"colour": 1.5})", "colour"),
    BodyRefused(R"({"colour": true})", "colour"),
    BodyRefused(R"({"colour": ""})", "colour"),
    BodyRefused(R"({"colours": ["COLOUR_RED", "COLOUR_GREEN"]})", "colours[1]"),

    // -- bodies: messages, lists, maps
    // -------------------------------------------------------------------------------------------
    BodyBecomes(R"({"part": {}})", R"(part { })"),
    BodyBecomes(R"({"part": {"name": "a", "under": {"name": "b", "more": [{"name": "c"}, {}]}}})",
                R"(part { name: "a" under { name: "b" more { name: "c" } more { } } })"),
    BodyBecomes(R"({"tags": []})", ""),
    BodyBecomes(R"({"tags": ["a", "", "a"]})", R"(tags: "a" tags: "" tags: "a")"),
    BodyBecomes(R"({"flags": [true, false]})", R"(flags: true flags: false)"),
    BodyBecomes(R"({"reals": [1, 2.5, "NaN"]})", R"(reals: 1 reals: 2.5 reals: nan)"),
    BodyBecomes(R"({"blobs": ["aGk", ""]})", R"(blobs: "hi" blobs: "")"),
    BodyBecomes(R"({"times": ["1970-01-01T00:00:01Z"]})", R"(times { seconds: 1 })"),
    BodyBecomes(R"({"counts": {}})", ""),
    BodyBecomes(R"({"counts": {"a": "1", "": 2}})", R"(counts { key: "a" value: 1 } counts { key: "" value: 2 })"),
    BodyBecomes(R"({"byNumber": {"-1": {"name": "a"}, "0": {}}})",
                R"(by_number { key: -1 value { name: "a" } } by_number { key: 0 value { } })"),
    BodyBecomes(R"({"byYes": {"true": "a", "false": "b"}})",
                R"(by_yes { key: true value: "a" } by_yes { key: false value: "b" })"),
    BodyBecomes(R"({"empty": {}})", R"(empty { })"),
    BodyBecomes(R"({"inner": {"inner": {"inner": {"id": "x"}}}})", R"(inner { inner { inner { id: "x" } } })"),
    BodyRefused(R"({"part": []})", "part"),
    BodyRefused(R"({"part": "a"})", "part"),
    BodyRefused(R"({"part": 5})", "part"),
    BodyRefused(R"({"tags": "a"})", "tags"),
    BodyRefused(R"({"tags": {}})", "tags"),
    BodyRefused(R"({"tags": [["a"]]})", "tags[0]"),
    BodyRefused(R"({"tags": [{}]})", "tags[0]"),
    BodyRefused(R"({"tags": ["a", 5]})", "tags[1]"),
    BodyRefused(R"({"parts": {}})", "parts"),
    BodyRefused(R"({"parts": [[]]})", "parts[0]"),
    BodyRefused(R"({"parts": ["a"]})", "parts[0]"),
    BodyRefused(R"({"parts": [{}, {}, {"quantityMilli": "x"}]})", "parts[2].quantityMilli"),
    BodyRefused(R"({"parts": [{}, {"more": [{"quantity_milli": 1.5}]}]})", "parts[1].more[0].quantityMilli"),
    BodyRefused(R"({"counts": []})", "counts"),
    BodyRefused(R"({"counts": "a"})", "counts"),
    BodyRefused(R"({"counts": {"a": "x"}})", "counts[0]"),
    BodyRefused(R"({"counts": {"a": 1, "b": {}}})", "counts[1]"),
    BodyRefused(R"({"byNumber": {"x": {}}})", "byNumber[0]"),
    BodyRefused(R"({"byNumber": {"1": {}, "01": {}}})", "byNumber[1]"),
    BodyRefused(R"({"byNumber": {"1.0": {}}})", "byNumber[0]"),
    BodyRefused(R"({"byNumber": {"2147483648": {}}})", "byNumber[0]"),
    BodyRefused(R"({"byNumber": {"1": {"name": 5}}})", "byNumber[0].name"),
    BodyRefused(R"({"byYes": {"1": "a"}})", "byYes[0]"),
    BodyRefused(R"({"empty": {"a": 1}})", "empty.a"),
    BodyRefused(R"({"empty": null, "empty": {}})", "empty"),

    // -- bodies: well-known types
    // ---------------------------------------------------------------------------------------------------
    BodyBecomes(R"({"at": "2026-11-22T16:30:00.25+08:00"})", R"(at { seconds: 1795336200 nanos: 250000000 })"),
    BodyBecomes(R"({"at": "1969-12-31T23:59:59.5Z"})", R"(at { seconds: -1 nanos: 500000000 })"),
    BodyBecomes(R"({"at": "1970-01-01T00:00:00Z"})", R"(at { })"),
    BodyBecomes(R"({"at": "1970-01-01t00:00:00z"})", R"(at { })"),
    BodyBecomes(R"({"lasts": "0s"})", R"(lasts { })"),
    BodyBecomes(R"({"lasts": "-0.5s"})", R"(lasts { nanos: -500000000 })"),
    BodyBecomes(R"({"lasts": "315576000000s"})", R"(lasts { seconds: 315576000000 })"),
    BodyBecomes(R"({"mask": "storeId,part.name"})", R"(mask { paths: "store_id" paths: "part.name" })"),
    BodyBecomes(R"({"mask": ""})", R"(mask { })"),
    BodyBecomes(R"({"wString": "", "wInt32": 0, "wBool": false})", R"(w_string { } w_int32 { } w_bool { })"),
    BodyBecomes(R"({"wInt64": "5", "wUint64": 6, "wDouble": "NaN", "wFloat": 1, "wBytes": "aGk", "wUint32": 4})",
                R"(w_int64 { value: 5 } w_uint64 { value: 6 } w_double { value: nan } w_float { value: 1 }
                   w_bytes { value: "hi" } w_uint32 { value: 4 })"),
    BodyBecomes(R"({"document": {}})", R"(document { })"),
    BodyBecomes(R"({"document": {"a": null, "b": [1, "x", {"c": true}], "d": {}}})",
                R"(document {
                     fields { key: "a" value { null_value: NULL_VALUE } }
                     fields { key: "b" value { list_value {
                       values { number_value: 1 } values { string_value: "x" }
                       values { struct_value { fields { key: "c" value { bool_value: true } } } } } } }
                     fields { key: "d" value { struct_value { } } } })"),
    BodyBecomes(R"({"value": 1.5})", R"(value { number_value: 1.5 })"),
    BodyBecomes(R"({"value": "x"})", R"(value { string_value: "x" })"),
    BodyBecomes(R"({"value": false})", R"(value { bool_value: false })"),
    BodyBecomes(R"({"value": {"a": 1}})",
                R"(value { struct_value { fields { key: "a" value { number_value: 1 } } } })"),
    BodyBecomes(R"({"value": [[]]})", R"(value { list_value { values { list_value { } } } })"),
    BodyBecomes(R"({"values": [1, null, "a"]})",
                R"(values { number_value: 1 } values { null_value: NULL_VALUE } values { string_value: "a" })"),
    BodyBecomes(R"({"list": []})", R"(list { })"),
    BodyBecomes(R"({"nothing": "NULL_VALUE"})", ""),
    BodyRefused(R"({"at": 5})", "at"),
    BodyRefused(R"({"at": {}})", "at"),
    BodyRefused(R"({"at": {"seconds": 5}})", "at"),
    BodyRefused(R"({"at": ""})", "at"),
    BodyRefused(R"({"at": "2026-11-22 08:30:00Z"})", "at"),
    BodyRefused(R"({"at": "2026-04-31T00:00:00Z"})", "at"),
    BodyRefused(R"({"at": "10000-01-01T00:00:00Z"})", "at"),
    BodyRefused(R"({"at": "9999-12-31T23:59:59-01:00"})", "at"),
    BodyRefused(R"({"at": "2026-11-22T08:30:60Z"})", "at"),
    BodyRefused(R"({"times": ["1970-01-01T00:00:01Z", "x"]})", "times[1]"),
    BodyRefused(R"({"lasts": 90})", "lasts"),
    BodyRefused(R"({"lasts": "90"})", "lasts"),
    BodyRefused(R"({"lasts": "1.0000000001s"})", "lasts"),
    BodyRefused(R"({"lasts": "+1s"})", "lasts"),
    BodyRefused(R"({"lasts": "315576000000.1s"})", "lasts"),
    BodyRefused(R"({"mask": ["a"]})", "mask"),
    BodyRefused(R"({"mask": {"paths": ["a"]}})", "mask"),
    BodyRefused(R"({"mask": "a b"})", "mask"),
    BodyRefused(R"({"wInt32": {"value": 1}})", "wInt32"),
    BodyRefused(R"({"wInt32": 2147483648})", "wInt32"),
    BodyRefused(R"({"wBool": "true"})", "wBool"),
    BodyRefused(R"({"document": 5})", "document"),
    BodyRefused(R"({"document": [5]})", "document"),
    BodyRefused(R"({"value": 1e400})", "value"),
    BodyRefused(R"({"list": {}})", "list"),
    BodyRefused(R"({"list": "a"})", "list"),
    BodyRefused(R"({"nothing": 5})", "nothing"),

    // -- bodies: google.protobuf.Any
    // ------------------------------------------------------------------------------------------------
    BodyBecomes(R"({"any": {}})", R"(any { })"),
    BodyBecomes(R"({"any": {"@type": "type.googleapis.com/aftersales.echo.v1.Part", "name": "a"}})",
                R"(any { [type.googleapis.com/aftersales.echo.v1.Part] { name: "a" } })"),
    BodyBecomes(
        R"({"any": {"name": "a", "more": [{}, {"name": "b"}], "@type": "type.googleapis.com/aftersales.echo.v1.Part"}})",
        R"(any { [type.googleapis.com/aftersales.echo.v1.Part] { name: "a" more { } more { name: "b" } } })"),
    BodyBecomes(R"({"any": {"@type": "type.googleapis.com/google.protobuf.Duration", "value": "1s"}})",
                R"(any { [type.googleapis.com/google.protobuf.Duration] { seconds: 1 } })"),
    BodyBecomes(R"({"any": {"value": {"a": [1]}, "@type": "type.googleapis.com/google.protobuf.Struct"}})",
                R"(any { [type.googleapis.com/google.protobuf.Struct] {
                     fields { key: "a" value { list_value { values { number_value: 1 } } } } } })"),
    BodyBecomes(R"({"any": {"@type": "type.googleapis.com/google.protobuf.Any",
                            "value": {"@type": "type.googleapis.com/aftersales.echo.v1.Part", "name": "a"}}})",
                R"(any { [type.googleapis.com/google.protobuf.Any] {
                     [type.googleapis.com/aftersales.echo.v1.Part] { name: "a" } } })"),
    BodyBecomes(R"({"any": {"@type": "type.googleapis.com/aftersales.echo.v1.Part"}, "id": "7"})",
                R"(id: "7" any { [type.googleapis.com/aftersales.echo.v1.Part] { } })"),
    BodyBecomes(R"({"anys": [{"@type": "type.googleapis.com/aftersales.echo.v1.Part", "name": "a"}, {}]})",
                R"(anys { [type.googleapis.com/aftersales.echo.v1.Part] { name: "a" } } anys { })"),
    BodyRefused(R"({"any": {"name": "a"}})", "any"),
    BodyRefused(R"({"any": {"@type": 5}})", "any"),
    BodyRefused(R"({"any": {"@type": "aftersales.echo.v1.Part"}})", "any"),
    BodyRefused(R"({"any": {"@type": "example.com/aftersales.echo.v1.Part"}})", "any"),
    BodyRefused(R"({"any": {"@type": "type.googleapis.com/x/aftersales.echo.v1.Part"}})", "any"),
    BodyRefused(R"({"any": {"@type": "type.googleapis.com/aftersales.echo.v1.Nothing"}})", "any"),
    BodyRefused(R"({"any": {"@type": "type.googleapis.com/aftersales.echo.v1.Part", "nme": "a"}})", "any.nme"),
    BodyRefused(R"({"any": {"@type": "type.googleapis.com/aftersales.echo.v1.Part", "name": "a", "name": "b"}})",
                "any.name"),
    BodyRefused(
        R"({"any": {"@type": "type.googleapis.com/aftersales.echo.v1.Part", "@type": "type.googleapis.com/aftersales.echo.v1.Part"}})",
        "any"),
    BodyBecomes(R"({"any": {"@type": "type.googleapis.com/google.protobuf.Duration"}, "id": "7"})",
                R"(id: "7" any { [type.googleapis.com/google.protobuf.Duration] { } })"),
    BodyRefused(R"({"any": {"@type": "type.googleapis.com/google.protobuf.Duration", "seconds": 1}})", "any"),
    BodyRefused(R"({"any": {"@type": "type.googleapis.com/google.protobuf.Duration", "value": "1s", "more": 1}})",
                "any"),
    BodyRefused(R"({"any": {"@type": "type.googleapis.com/google.protobuf.Duration", "value": 1}})", "any"),
    BodyRefused(R"({"any": "x"})", "any"),
    BodyRefused(R"({"any": []})", "any"),
    BodyRefused(R"({"anys": [{}, {"@type": "type.googleapis.com/aftersales.echo.v1.Part", "more": [{"name": 1}]}]})",
                "anys[1].more[0].name"),

    // -- PATCH: the update mask
    // ---------------------------------------------------------------------------------------------------------
    Becomes("PATCH", "/v1/stores/7/records/8", R"({"displayName": "x"})", "UpdateRecord",
            R"(store_id: "7" record { record_id: "8" display_name: "x" } update_mask { paths: "display_name" })"),
    Becomes("PATCH", "/v1/stores/7/records/8", R"({"display_name": ""})", "UpdateRecord",
            R"(store_id: "7" record { record_id: "8" } update_mask { paths: "display_name" })"),
    Becomes("PATCH", "/v1/stores/7/records/8", R"({"displayName": null, "floor": null})", "UpdateRecord",
            R"(store_id: "7" record { record_id: "8" } update_mask { paths: "display_name" paths: "floor" })"),
    Becomes("PATCH", "/v1/stores/7/records/8", R"({"recordId": "8", "displayName": "x", "etag": "v3", "number": "N1"})",
            "UpdateRecord",
            R"(store_id: "7" record { record_id: "8" display_name: "x" etag: "v3" number: "N1" }
               update_mask { paths: "display_name" })"),
    Becomes("PATCH", "/v1/stores/7/records/8",
            R"({"address": {"city": "a", "place": {"eastMilli": 1}}, "phones": ["5"]})", "UpdateRecord",
            R"(store_id: "7"
               record { record_id: "8" address { city: "a" place { east_milli: 1 } } phones: "5" }
               update_mask { paths: "address.city" paths: "address.place.east_milli" paths: "phones" })"),
    Becomes("PATCH", "/v1/stores/7/records/8", R"({"address": {}})", "UpdateRecord",
            R"(store_id: "7" record { record_id: "8" address { } } update_mask { paths: "address" })"),
    Becomes("PATCH", "/v1/stores/7/records/8", R"({"address": null})", "UpdateRecord",
            R"(store_id: "7" record { record_id: "8" } update_mask { paths: "address" })"),
    Becomes("PATCH", "/v1/stores/7/records/8", R"({"address": {"place": {}}})", "UpdateRecord",
            R"(store_id: "7" record { record_id: "8" address { place { } } } update_mask { paths: "address.place" })"),
    Becomes("PATCH", "/v1/stores/7/records/8",
            R"({"labels": {"a": "b"}, "dueTime": "1970-01-01T00:00:01Z", "remarks": {"a": {"b": 1}}, "phones": []})",
            "UpdateRecord",
            R"(store_id: "7"
               record {
                 record_id: "8" labels { key: "a" value: "b" } due_time { seconds: 1 }
                 remarks { fields { key: "a" value { struct_value { fields { key: "b" value { number_value: 1 } } } } } }
               }
               update_mask { paths: "labels" paths: "due_time" paths: "remarks" paths: "phones" })"),
    Becomes("PATCH", "/v1/stores/7/records/8", "{}", "UpdateRecord", R"(store_id: "7" record { record_id: "8" })"),
    Becomes("PATCH", "/v1/stores/7/records/8", "", "UpdateRecord", R"(store_id: "7" record { record_id: "8" })"),
    Becomes("PATCH", "/v1/stores/7/records/8?updateMask=address,floor&requestId=r", R"({"displayName": "x"})",
            "UpdateRecord",
            R"(store_id: "7" request_id: "r" record { record_id: "8" display_name: "x" }
               update_mask { paths: "address" paths: "floor" })"),
    Becomes("PATCH", "/v1/stores/7/records/8?update_mask=*", R"({"displayName": "x"})", "UpdateRecord",
            R"(store_id: "7" record { record_id: "8" display_name: "x" } update_mask { paths: "*" })"),
    Becomes("PATCH", "/v1/stores/7/cities/B", R"({"address": {"city": "B", "street": "s"}, "recordId": "9"})",
            "UpdateRecord",
            R"(store_id: "7" record { record_id: "9" address { city: "B" street: "s" } }
               update_mask { paths: "address.street" paths: "record_id" })"),
    Becomes("PUT", "/v1/stores/7/records/8", R"({"displayName": "x"})", "UpdateRecord",
            R"(store_id: "7" record { record_id: "8" display_name: "x" })"),
    Becomes("PATCH", "/v1/stores/7/records", R"({"record": {"displayName": "x"}, "updateMask": "floor"})",
            "UpdateRecord", R"(store_id: "7" record { display_name: "x" } update_mask { paths: "floor" })"),
    // The whole request as body: the mask is about the record, and given beside it or not at all.
    Becomes("PATCH", "/v1/stores/7/whole/8", R"({"requestId": "r", "record": {"displayName": "", "floor": null}})",
            "UpdateRecord",
            R"(store_id: "7" request_id: "r" record { record_id: "8" }
               update_mask { paths: "display_name" paths: "floor" })"),
    Becomes("PATCH", "/v1/stores/7/whole/8",
            R"({"record": {"recordId": "8", "madeIn": "SH", "etag": "v3", "number": "N1", "address": {"city": "a"}}})",
            "UpdateRecord",
            R"(store_id: "7" record { record_id: "8" made_in: "SH" etag: "v3" number: "N1" address { city: "a" } }
               update_mask { paths: "address.city" })"),
    Becomes("PATCH", "/v1/stores/7/whole/8", R"({"record": {"address": {}}})", "UpdateRecord",
            R"(store_id: "7" record { record_id: "8" address { } } update_mask { paths: "address" })"),
    Becomes("PATCH", "/v1/stores/7/whole/8", R"({"record": {"displayName": "x"}, "updateMask": "floor"})",
            "UpdateRecord",
            R"(store_id: "7" record { record_id: "8" display_name: "x" } update_mask { paths: "floor" })"),
    Becomes("PATCH", "/v1/stores/7/whole/8", R"({"updateMask": "floor", "record": {"displayName": "x"}})",
            "UpdateRecord",
            R"(store_id: "7" record { record_id: "8" display_name: "x" } update_mask { paths: "floor" })"),
    Becomes("PATCH", "/v1/stores/7/whole/8", R"({"record": {"displayName": "x"}, "updateMask": null})", "UpdateRecord",
            R"(store_id: "7" record { record_id: "8" display_name: "x" } update_mask { paths: "display_name" })"),
    Becomes("PATCH", "/v1/stores/7/whole/8", R"({"record": {}})", "UpdateRecord",
            R"(store_id: "7" record { record_id: "8" })"),
    Becomes("PATCH", "/v1/stores/7/whole/8", R"({"record": {"recordId": "8", "madeIn": "SH"}})", "UpdateRecord",
            R"(store_id: "7" record { record_id: "8" made_in: "SH" })"),
    Becomes("PATCH", "/v1/stores/7/whole/8", R"({"requestId": "r"})", "UpdateRecord",
            R"(store_id: "7" request_id: "r" record { record_id: "8" })"),
    Refused("PATCH", "/v1/stores/7/whole/8", R"({"record": {"recordId": "9"}})", "JSON", "record.recordId"),
    Refused("PATCH", "/v1/stores/7/records/8", R"({"recordId": "9"})", "JSON", "recordId"),
    Refused("PATCH", "/v1/stores/7/cities/B", R"({"address": {"city": "C"}})", "JSON", "address.city"),
    Refused("PATCH", "/v1/stores/7/records/8?record.displayName=x", "{}", "INVALID_FIELD", "record.displayName"),
    Refused("PATCH", "/v1/stores/7/records/8?updateMask=a%20b", "{}", "INVALID_FIELD", "updateMask"),
    Refused("PATCH", "/v1/stores/7/records/8", R"({"address": {"town": "x"}})", "JSON", "address.town"),
    Refused("PATCH", "/v1/stores/7/records/8?storeId=7", "{}", "INVALID_FIELD", "storeId"),

    // -- streams of requests: every line is a whole message
    // -------------------------------------------------------------------------
    Becomes("POST", "/v1/stores/7/things:collect", R"({"id": "1"})", "CollectThings", R"(store_id: "7" id: "1")"),
    Becomes("POST", "/v1/stores/7/things:collect", R"({"storeId": "7"})", "CollectThings", R"(store_id: "7")"),
    Refused("POST", "/v1/stores/7/things:collect", R"({"storeId": "8"})", "JSON", "storeId"),
    Refused("POST", "/v1/stores/7/things:collect", R"({"id": "1"}{"id": "2"})", "JSON", "$"),
};

}  // namespace gateway::rest
