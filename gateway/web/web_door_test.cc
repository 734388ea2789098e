// The whole gateway before a service that echoes, called over HTTP: REST, streams, files, gRPC-Web, and the same
// refusals as over gRPC. Clients that are slow or leave, services that hang or die.
#include "gateway/web/web_door.h"

#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "chassis/telemetry/log.h"
#include "gateway/door_for_test.h"
#include "gateway/rest/transcoding_cases.h"
#include "gateway/web/grpc_web.h"
#include "gateway/web/http_for_test.h"
#include "nlohmann/json.hpp"

namespace gateway::web {
namespace {

using nlohmann::json;
using rest::EchoMessages;

constexpr char kGetThing[] = "/aftersales.echo.v1.EchoService/GetThing";
constexpr char kWatch[] = "/aftersales.echo.v1.EchoService/WatchThings";
constexpr char kCollectThings[] = "/aftersales.echo.v1.EchoService/CollectThings";
constexpr char kDownload[] = "/aftersales.echo.v1.EchoService/Download";
constexpr char kUpdate[] = "/aftersales.echo.v1.EchoService/UpdateRecord";

std::string PathOf(const std::string& rpc) { return absl::StrCat("/", rest::kEchoService, "/", rpc); }

// What arrived at the service last.
struct Arrived {
  absl::Mutex mutex;
  std::string path ABSL_GUARDED_BY(mutex);
  std::string message ABSL_GUARDED_BY(mutex);
  std::map<std::string, std::string> metadata ABSL_GUARDED_BY(mutex);

  std::string Path() {
    absl::MutexLock lock(&mutex);
    return path;
  }
  std::string Message() {
    absl::MutexLock lock(&mutex);
    return message;
  }
  std::map<std::string, std::string> Metadata() {
    absl::MutexLock lock(&mutex);
    return metadata;
  }
};

// Says when a call has come and holds it until its client goes away; counts those that went.
struct Gate {
  absl::Mutex mutex;
  int waiting ABSL_GUARDED_BY(mutex) = 0;
  int gone ABSL_GUARDED_BY(mutex) = 0;

  Backend::Script Hold() {
    return [this](BackendCall& call) -> Task {
      Count(&Gate::waiting);
      co_await call.done;
      call.done.Arrive(true);
      Count(&Gate::gone);
    };
  }
  void Count(int Gate::*counter) {
    absl::MutexLock lock(&mutex);
    ++(this->*counter);
  }
  bool Await(int Gate::*counter, int count) {
    absl::MutexLock lock(&mutex);
    const auto enough = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) { return this->*counter >= count; };
    return mutex.AwaitWithTimeout(absl::Condition(&enough), kPatience);
  }
};

class WebDoorTest : public DoorTest {
 protected:
  WebDoorTest() {
    std::ofstream file(directory_ + "/test.binpb", std::ios::binary);
    rest::EchoFiles().SerializeToOstream(&file);
  }

  using Scripts = std::map<std::string, Backend::Script>;
  // Every method answers what it was asked, unless `scripts` says otherwise.
  std::unique_ptr<Backend> Echoing(Scripts scripts = {}) {
    const google::protobuf::FileDescriptorSet files = rest::EchoFiles();
    for (const auto& file : files.file()) {
      for (const auto& service : file.service()) {
        for (const auto& method : service.method()) {
          scripts.try_emplace(PathOf(method.name()), [this](BackendCall& call) -> Task {
            call.stream.Read(&call.message, &call.read);
            const bool got = co_await call.read;
            if (!got) co_return;
            {
              absl::MutexLock lock(&arrived_.mutex);
              arrived_.path = call.context.method();
              arrived_.message = Text(call.message);
              arrived_.metadata.clear();
              for (const auto& [name, value] : call.context.client_metadata()) {
                arrived_.metadata[std::string(name.data(), name.size())] = std::string(value.data(), value.size());
              }
            }
            call.context.AddTrailingMetadata("x-last", "late");
            call.stream.Write(call.message, &call.written);
            co_await call.written;
          });
        }
      }
    }
    return std::make_unique<Backend>(std::move(scripts));
  }
  void OpenWebBefore(const Backend& backend, const Headers& more = {}) {
    chassis::config::Config config = Settings(absl::StrCat(rest::kEchoPackage, "=", backend.address()));
    config.Set("web-listen", "127.0.0.1:0");
    config.Set("openapi-file", "");
    for (const auto& [name, value] : more) config.Set(name, value);
    Open(config);
  }
  int port() const { return gateway_->web_port(); }
  HttpReply Call(std::string_view method, std::string_view target, Headers more = {}, std::string_view body = "") {
    if (!body.empty()) more.emplace_back("Content-Type", "application/json");
    return Fetch(port(), method, target, WithToken(std::move(more)), body);
  }
  // A gRPC-Web call of one message; the answer's messages, then its trailers.
  struct WebReply {
    std::vector<std::string> messages;
    std::map<std::string, std::string> trailers;
    HttpReply http;
    std::string Trailer(const std::string& name) const {
      const auto found = trailers.find(name);
      return found == trailers.end() ? "" : found->second;
    }
  };
  WebReply CallWeb(const std::string& method, const std::string& message, Headers more = {},
                   GrpcWebForm form = GrpcWebForm::kBinary) {
    const std::string type = form == GrpcWebForm::kText ? "application/grpc-web-text" : "application/grpc-web+proto";
    more.emplace_back("Content-Type", type);
    more.emplace_back("X-Grpc-Web", "1");
    WebReply reply;
    reply.http = Fetch(port(), "POST", method, more, InForm(form, MessageFrame(message)));
    std::string body = reply.http.body;
    if (form == GrpcWebForm::kText) {
      std::string decoded;
      // Every piece is padded by itself.
      for (size_t at = 0; at + 4 <= body.size(); at += 4) {
        std::string group;
        EXPECT_TRUE(FromBinaryField(body.substr(at, 4), group));
        decoded += group;
      }
      body = decoded;
    }
    for (size_t at = 0; at + 5 <= body.size();) {
      size_t length = 0;
      for (size_t i = 1; i < 5; ++i) length = length << 8 | static_cast<uint8_t>(body[at + i]);
      const std::string content = body.substr(at + 5, length);
      if (body[at] == 0) {
        reply.messages.push_back(content);
      } else {
        for (const absl::string_view line : absl::StrSplit(content, "\r\n", absl::SkipEmpty())) {
          const std::pair<std::string, std::string> field = absl::StrSplit(line, absl::MaxSplits(": ", 1));
          reply.trailers.insert(field);
        }
      }
      at += 5 + length;
    }
    return reply;
  }
  std::string Thing(const std::string& text) { return messages_.Bytes("GetThing", text); }

  Arrived arrived_;
  EchoMessages messages_;
};

// The ErrorInfo of an error body; null when it is none.
json InfoOf(const json& body) {
  const json error = body.value("error", json());
  if (!error.is_object()) return json();
  for (const json& detail : error.value("details", json::array())) {
    if (detail.value("@type", "") == "type.googleapis.com/google.rpc.ErrorInfo") return detail;
  }
  return json();
}
std::string ReasonIn(const std::string& body) {
  const json info = InfoOf(json::parse(body, nullptr, false));
  return info.is_object() ? info.value("reason", "") : "no error: " + body;
}

// ---------------------------------------------------------------- REST

TEST_F(WebDoorTest, CarriesEveryCaseOfTheTranscodingTableLive) {
  const auto backend = Echoing();
  OpenWebBefore(*backend);
  const Headers one = WithToken({{"Content-Type", "application/json"}});
  const Headers lines = WithToken({{"Content-Type", "application/x-ndjson"}});
  int live = 0;
  for (const rest::TranscodingCase& c : rest::kTranscodingCases) {
    const std::string rpc = c.rpc == nullptr ? "" : c.rpc;
    // Methods the server lets nobody use.
    if (!absl::StrContains("GET POST PUT PATCH DELETE", c.http_method)) continue;
    SCOPED_TRACE(absl::StrCat(c.http_method, " ", c.target, " ", std::string(c.body.substr(0, 200))));
    const bool collects = absl::EndsWith(c.target, ":collect");
    const HttpReply reply = Fetch(port(), c.http_method, c.target, collects ? lines : one, c.body);
    ++live;
    if (c.rpc == nullptr) {
      EXPECT_GE(reply.status, 400) << reply.body;
      EXPECT_LT(reply.status, 500);
      const std::string reason = ReasonIn(reply.body);
      EXPECT_TRUE(reason == c.reason || reason == "HTTP") << reply.body;
      continue;
    }
    EXPECT_EQ(reply.status, 200) << reply.body;
    if (reply.status != 200) continue;
    EXPECT_EQ(arrived_.Path(), PathOf(rpc));
    EXPECT_EQ(messages_.Text(rpc, arrived_.Message()), messages_.Text(rpc, messages_.Bytes(rpc, c.request)));
  }
  EXPECT_GT(live, 500);
}

TEST_F(WebDoorTest, AnswersWithWhatEveryAnswerHas) {
  const auto backend = Echoing();
  OpenWebBefore(*backend);
  const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const HttpReply reply =
      Call("GET", "/v1/things/7?name=wiper", {{"X-Request-Id", "desk-7.42"}, {"Traceparent", trace}});
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.Field("content-type"), "application/json");
  EXPECT_EQ(reply.Field("x-request-id"), "desk-7.42");
  EXPECT_EQ(reply.Field("traceparent"), trace);
  EXPECT_EQ(reply.Field("cache-control"), "no-store");
  EXPECT_EQ(reply.Field("x-content-type-options"), "nosniff");
  EXPECT_EQ(reply.Field("x-last"), "late") << "what the service says beside";
  EXPECT_FALSE(reply.Has("access-control-allow-origin"));
  const json answer = json::parse(reply.body, nullptr, false);
  EXPECT_EQ(answer["id"], "7");
  EXPECT_EQ(answer["name"], "wiper");
  EXPECT_EQ(arrived_.Metadata()["x-request-id"], "desk-7.42");
  EXPECT_EQ(arrived_.Metadata()["traceparent"], trace);
  EXPECT_TRUE(
      Reaches("grpc_server_handled_total{grpc_code=\"OK\",grpc_method=\"GetThing\",grpc_service=\"aftersales."
              "echo.v1.EchoService\",grpc_type=\"unary\"}",
              1));
}

TEST_F(WebDoorTest, TakesNoForgedIdentityOverAndNothingOfTheBrowsers) {
  const auto backend = Echoing();
  OpenWebBefore(*backend);
  const HttpReply reply = Call("GET", "/v1/things/7",
                               {{"X-On-Behalf-Of", "boss"},
                                {"X-Forwarded-For", "6.6.6.6"},
                                {"X-Forwarded-Host", "evil"},
                                {"Forwarded", "for=6.6.6.6"},
                                {"X-Real-Ip", "6.6.6.6"},
                                {"X-Client-Cert", "boss"},
                                {"X-Aftersales-Subject", "boss"},
                                {"X-Subject", "boss"},
                                {"X-Roles", "group_manager"},
                                {"Cookie", "session=1"},
                                {"Origin", "https://evil.example"},
                                {"Grpc-Encoding", "gzip"},
                                {"X-Custom", "kept"},
                                {"X-Latin", "caf\xe9"},
                                {"X-Bytes-Bin", "AQI"},
                                {"X-Broken-Bin", "!"},
                                {"Accept-Language", "en"}});
  ASSERT_EQ(reply.status, 200) << reply.body;
  const auto seen = arrived_.Metadata();
  for (const char* name :
       {"x-on-behalf-of", "x-forwarded-host", "forwarded", "x-real-ip", "x-client-cert", "x-aftersales-subject",
        "x-subject", "x-roles", "cookie", "origin", "host", "x-latin", "x-broken-bin", "connection"}) {
    EXPECT_EQ(seen.count(name), 0u) << name;
  }
  EXPECT_EQ(seen.at("x-forwarded-for"), "127.0.0.1");
  EXPECT_EQ(seen.at("x-custom"), "kept");
  EXPECT_EQ(seen.at("x-bytes-bin"), "\x01\x02");
  EXPECT_EQ(seen.at("accept-language"), "en");
}

TEST_F(WebDoorTest, SaysInHttpsWordsWhyItRefuses) {
  const auto backend = Echoing();
  OpenWebBefore(*backend, {{"body-bytes-max", "1000"}, {"calls-max", "100"}});
  const Headers json_type = {{"Content-Type", "application/json"}};

  HttpReply reply = Fetch(port(), "GET", "/v1/things/7");
  EXPECT_EQ(reply.status, 401);
  EXPECT_TRUE(absl::StartsWith(reply.Field("www-authenticate"), "Bearer"));
  EXPECT_EQ(ReasonIn(reply.body), "UNAUTHENTICATED");
  EXPECT_TRUE(reply.Has("x-request-id"));
  EXPECT_EQ(reply.Field("content-language"), "zh-CN");
  EXPECT_EQ(Fetch(port(), "GET", "/v1/things/7", {{"Accept-Language", "en"}}).Field("content-language"), "en");

  reply = Call("GET", "/v1/nothing/like/it");
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(ReasonIn(reply.body), "METHOD_UNKNOWN");
  EXPECT_EQ(json::parse(reply.body)["error"]["code"], 404);

  reply = Call("PATCH", "/v1/things/7:check");
  EXPECT_EQ(reply.status, 405);
  EXPECT_EQ(reply.Field("allow"), "POST");
  EXPECT_EQ(ReasonIn(reply.body), "HTTP_METHOD");

  for (const char* type : {"text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1", ""}) {
    reply = Fetch(port(), "POST", "/v1/things", WithToken(*type ? Headers{{"Content-Type", type}} : Headers{}), "{}");
    EXPECT_EQ(reply.status, 415) << type;
    EXPECT_EQ(ReasonIn(reply.body), "MEDIA_TYPE");
  }
  EXPECT_EQ(
      Fetch(port(), "POST", "/v1/things", WithToken({{"Content-Type", "application/json; charset=\"UTF-8\""}}), "{}")
          .status,
      200);
  EXPECT_EQ(Fetch(port(), "POST", "/v1/things",
                  WithToken({{"Content-Type", "application/json"}, {"Content-Encoding", "gzip"}}), "{}")
                .status,
            415);

  reply = Call("GET", "/v1/things/7", {{"Accept", "text/html"}});
  EXPECT_EQ(reply.status, 406);
  EXPECT_EQ(ReasonIn(reply.body), "NOT_ACCEPTABLE");

  // By its length at once, in chunks when it has become too long.
  const std::string large = absl::StrCat("{\"name\": \"", std::string(2000, 'x'), "\"}");
  reply = Call("POST", "/v1/things", {}, large);
  EXPECT_EQ(reply.status, 413);
  EXPECT_EQ(ReasonIn(reply.body), "TOO_LARGE");
  HttpClient chunked(port());
  chunked.Send(RequestText("POST", "/v1/things",
                           WithToken({{"Content-Type", "application/json"}, {"Transfer-Encoding", "chunked"}})));
  chunked.Send(absl::StrCat("7d0\r\n", std::string(2000, ' '), "\r\n"));
  EXPECT_EQ(chunked.Read().status, 413);

  reply = Call("GET", "/v1/things/7", {{"Grpc-Timeout", "soon"}});
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(ReasonIn(reply.body), "INVALID_FIELD");

  reply = Call("POST", "/v1/things", {}, "{\"name\": 1,}");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(ReasonIn(reply.body), "JSON");
  EXPECT_GE(Refused("malformed"), 1);
  EXPECT_GE(Refused("message_size"), 2);
  EXPECT_EQ(Refused("method_unknown"), 2);
  EXPECT_GE(Refused("identity"), 2);

  // Malformed HTTP is told in the same words.
  HttpClient broken(port());
  broken.Send("GET /v1/things/7 HTTP/1.1\r\n\r\n");
  reply = broken.Read();
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(ReasonIn(reply.body), "HTTP");
}

TEST_F(WebDoorTest, KeepsAConnectionWhoseRequestWasRefused) {
  const auto backend = Echoing();
  OpenWebBefore(*backend);
  HttpClient client(port());
  client.Send(RequestText("POST", "/v1/things", {{"Content-Type", "application/json"}}, "{}"));
  EXPECT_EQ(client.Read().status, 401);
  client.Send(RequestText("GET", "/v1/things/7", WithToken()));
  EXPECT_EQ(client.Read().status, 200);
}

TEST_F(WebDoorTest, AnswersHeadAsGetWithoutBody) {
  const auto backend = Echoing();
  OpenWebBefore(*backend);
  HttpClient client(port());
  client.Send(RequestText("HEAD", "/v1/things/7", WithToken()) + RequestText("GET", "/v1/things/7", WithToken()));
  const HttpReply head = client.Read("HEAD");
  EXPECT_EQ(head.status, 200);
  const HttpReply get = client.Read();
  EXPECT_EQ(head.Field("content-length"), get.Field("content-length"));
  EXPECT_EQ(Call("HEAD", "/v1/things:watch").status, 405);
}

TEST_F(WebDoorTest, TellsWhichMethodsAPathHas) {
  const auto backend = Echoing();
  OpenWebBefore(*backend);
  const HttpReply reply = Fetch(port(), "OPTIONS", "/v1/things/7:check");
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(reply.Field("allow"), "POST");
  EXPECT_EQ(Fetch(port(), "OPTIONS", "/v1/nothing").status, 404);
}

TEST_F(WebDoorTest, DerivesTheMaskOfAPatch) {
  const auto backend = Echoing();
  OpenWebBefore(*backend);
  const HttpReply reply =
      Call("PATCH", "/v1/stores/s1/records/r1?requestId=q1", {}, R"({"displayName": "A", "address": {"city": "B"}})");
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(arrived_.Path(), kUpdate);
  const json answer = json::parse(reply.body);
  EXPECT_EQ(answer["updateMask"], "displayName,address.city");
  EXPECT_EQ(answer["requestId"], "q1");
}

// ---------------------------------------------------------------- files

TEST_F(WebDoorTest, SendsAFileAsItIs) {
  const std::string content("<html>\x00\xff", 8);
  const auto backend = Echoing({{kDownload, [&](BackendCall& call) -> Task {
                                   call.stream.Read(&call.message, &call.read);
                                   co_await call.read;
                                   const std::string file = messages_.Bytes(
                                       "Download", "media_type: \"text/html; charset=utf-8\" content: \"<b>x</b>\"");
                                   call.stream.Write(Bytes(file), &call.written);
                                   co_await call.written;
                                 }}});
  OpenWebBefore(*backend);
  const HttpReply file = Call("GET", "/v1/downloads/form");
  EXPECT_EQ(file.status, 200);
  EXPECT_EQ(file.body, "<b>x</b>");
  EXPECT_EQ(file.Field("content-type"), "text/html; charset=utf-8");
  EXPECT_TRUE(absl::StrContains(file.Field("content-disposition"), "attachment; filename=\"download.bin\""));
  EXPECT_TRUE(absl::StrContains(file.Field("content-security-policy"), "sandbox"));
  const HttpReply as_json = Call("GET", "/v1/downloads/form", {{"Accept", "application/json"}});
  EXPECT_EQ(as_json.Field("content-type"), "application/json");
  EXPECT_EQ(json::parse(as_json.body)["content"], "PGI+eDwvYj4=");
}

// ---------------------------------------------------------------- streams

Backend::Script ThreeThingsThen(EchoMessages& messages, grpc::Status status) {
  return [&messages, status](BackendCall& call) -> Task {
    call.stream.Read(&call.message, &call.read);
    co_await call.read;
    for (int i = 1; i <= 3; ++i) {
      const std::string thing = messages.Bytes("WatchThings", absl::StrCat("id: \"", i, "\" i64: ", i));
      call.stream.Write(Bytes(thing), &call.written);
      co_await call.written;
    }
    call.status = status;
  };
}

TEST_F(WebDoorTest, StreamsLines) {
  const auto backend = Echoing({{kWatch, ThreeThingsThen(messages_, grpc::Status::OK)}});
  OpenWebBefore(*backend);
  const HttpReply reply = Call("GET", "/v1/things:watch");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.Field("content-type"), "application/x-ndjson");
  EXPECT_TRUE(reply.whole);
  const std::vector<std::string> lines = absl::StrSplit(reply.body, '\n', absl::SkipEmpty());
  ASSERT_EQ(lines.size(), 3u) << reply.body;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(json::parse(lines[i])["result"]["id"], std::to_string(i + 1));
}

TEST_F(WebDoorTest, StreamsEventsWithPositionsAndTakesUpAfterOne) {
  std::string resumed;
  const auto script = ThreeThingsThen(messages_, grpc::Status::OK);
  const auto backend = Echoing({{kWatch, [&](BackendCall& call) -> Task {
                                   Task three = script(call);
                                   co_await three;
                                   resumed = messages_.Text("WatchThings", Text(call.message));
                                 }}});
  OpenWebBefore(*backend);
  const HttpReply reply = Call("GET", "/v1/things:watch", {{"Accept", "text/event-stream"}, {"Last-Event-ID", "41"}});
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.Field("content-type"), "text/event-stream");
  const std::vector<std::string> events = absl::StrSplit(reply.body, "\n\n", absl::SkipEmpty());
  ASSERT_EQ(events.size(), 3u) << reply.body;
  EXPECT_TRUE(absl::StartsWith(events[1], "id: 2\ndata: {")) << events[1];
  EXPECT_EQ(resumed, "u64: 41 ");
  EXPECT_EQ(Call("GET", "/v1/things:watch", {{"Accept", "text/html"}}).status, 406);
}

TEST_F(WebDoorTest, EndsAStreamThatFailsWithTheRefusal) {
  google::rpc::Status wire;
  wire.set_code(9);
  wire.set_message("not yet");
  google::rpc::ErrorInfo info;
  info.set_reason("ESTIMATE_MISSING");
  wire.add_details()->PackFrom(info);
  const grpc::Status refusal(grpc::StatusCode::FAILED_PRECONDITION, "not yet", wire.SerializeAsString());
  const auto backend = Echoing({{kWatch, ThreeThingsThen(messages_, refusal)}});
  OpenWebBefore(*backend);
  const HttpReply lines = Call("GET", "/v1/things:watch");
  EXPECT_EQ(lines.status, 200);
  EXPECT_TRUE(lines.whole);
  const std::vector<std::string> all = absl::StrSplit(lines.body, '\n', absl::SkipEmpty());
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(ReasonIn(all[3]), "ESTIMATE_MISSING");
  const HttpReply events = Call("GET", "/v1/things:watch", {{"Accept", "text/event-stream"}});
  const size_t at = events.body.find("event: error\ndata: ");
  ASSERT_NE(at, std::string::npos) << events.body;
  EXPECT_EQ(ReasonIn(events.body.substr(at + 19)), "ESTIMATE_MISSING");
}

TEST_F(WebDoorTest, AnswersAStreamThatFailsBeforeItBeginsAsAnyRefusal) {
  const auto backend = Echoing({{kWatch, [](BackendCall& call) -> Task {
                                   call.status = grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "no");
                                   co_return;
                                 }}});
  OpenWebBefore(*backend);
  for (const char* accept : {"application/x-ndjson", "text/event-stream"}) {
    const HttpReply reply = Call("GET", "/v1/things:watch", {{"Accept", accept}});
    EXPECT_EQ(reply.status, 403) << accept;
    EXPECT_EQ(reply.Field("content-type"), "application/json");
  }
}

TEST_F(WebDoorTest, SaysThatASilentStreamLives) {
  Gate gate;
  const auto backend = Echoing({{kWatch, gate.Hold()}});
  OpenWebBefore(*backend, {{"event-interval", "100ms"}});
  HttpClient client(port());
  client.Send(RequestText("GET", "/v1/things:watch", WithToken({{"Accept", "text/event-stream"}})));
  const HttpReply head = client.ReadHead();
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.Field("content-type"), "text/event-stream");
  for (int i = 0; i < 3; ++i) {
    std::string piece;
    ASSERT_TRUE(client.ReadChunk(piece));
    EXPECT_EQ(piece, ":\n\n");
  }
}

TEST_F(WebDoorTest, SendsAMessageWhenItComesAndNotLater) {
  absl::Notification go_on;
  const auto backend = Echoing({{kWatch, [&](BackendCall& call) -> Task {
                                   call.stream.Read(&call.message, &call.read);
                                   co_await call.read;
                                   call.stream.Write(Bytes(Thing("id: \"1\"")), &call.written);
                                   co_await call.written;
                                   go_on.WaitForNotificationWithTimeout(kPatience);
                                   call.stream.Write(Bytes(Thing("id: \"2\"")), &call.written);
                                   co_await call.written;
                                 }}});
  OpenWebBefore(*backend);
  HttpClient client(port());
  client.Send(RequestText("GET", "/v1/things:watch", WithToken()));
  EXPECT_EQ(client.ReadHead().status, 200);
  std::string piece;
  ASSERT_TRUE(client.ReadChunk(piece));
  EXPECT_EQ(json::parse(piece)["result"]["id"], "1");
  go_on.Notify();
  ASSERT_TRUE(client.ReadChunk(piece));
  EXPECT_EQ(json::parse(piece)["result"]["id"], "2");
  ASSERT_TRUE(client.ReadChunk(piece));
  EXPECT_EQ(piece, "");
}

// Counts what it is sent and answers with the count in i64.
Backend::Script Counting(EchoMessages& messages, std::vector<std::string>* seen) {
  return [&messages, seen](BackendCall& call) -> Task {
    for (;;) {
      call.stream.Read(&call.message, &call.read);
      const bool got = co_await call.read;
      if (!got) break;
      seen->push_back(messages.Text("CollectThings", Text(call.message)));
    }
    const std::string answer = messages.Bytes("CollectThings", absl::StrCat("i64: ", seen->size()));
    call.stream.Write(Bytes(answer), &call.written);
    co_await call.written;
  };
}

TEST_F(WebDoorTest, TakesAClientStreamLineByLine) {
  std::vector<std::string> seen;
  const auto backend = Echoing({{kCollectThings, Counting(messages_, &seen)}});
  OpenWebBefore(*backend, {{"body-bytes-max", "1000"}});
  HttpClient client(port());
  client.Send(RequestText("POST", "/v1/stores/s1/things:collect",
                          WithToken({{"Content-Type", "application/x-ndjson"}, {"Transfer-Encoding", "chunked"}})));
  const auto chunk = [&](const std::string& text) {
    return client.Send(absl::StrCat(absl::Hex(text.size()), "\r\n", text, "\r\n"));
  };
  // Lines need not keep to chunks; all of them together may be longer than one line may.
  chunk("{\"id\": \"1\"}\n{\"id\"");
  chunk(": \"2\"}\n\n  \r\n");
  for (int i = 3; i <= 200; ++i) chunk(absl::StrCat("{\"id\": \"", i, "\"}\n"));
  chunk("{\"id\": \"201\"}");
  client.Send("0\r\n\r\n");
  const HttpReply reply = client.Read();
  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(json::parse(reply.body)["i64"], "201");
  ASSERT_EQ(seen.size(), 201u);
  EXPECT_EQ(seen[1], "id: \"2\" store_id: \"s1\" ");
  EXPECT_EQ(seen[200], "id: \"201\" store_id: \"s1\" ");
}

TEST_F(WebDoorTest, RefusesAClientStreamAtItsFirstBadLine) {
  Gate gate;
  const auto backend = Echoing({{kCollectThings, gate.Hold()}});
  OpenWebBefore(*backend, {{"body-bytes-max", "1000"}});
  const Headers lines = WithToken({{"Content-Type", "application/x-ndjson"}});
  HttpReply reply = Fetch(port(), "POST", "/v1/stores/s1/things:collect", lines, "{\"id\": \"1\"}\n{\"id\": 2}\n");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(ReasonIn(reply.body), "JSON");
  EXPECT_TRUE(gate.Await(&Gate::gone, 1)) << "the service does not take a part for the whole";
  reply = Fetch(port(), "POST", "/v1/stores/s1/things:collect", lines,
                absl::StrCat("{\"id\": \"", std::string(1200, 'x'), "\"}\n"));
  EXPECT_EQ(reply.status, 413);
  // A client that leaves in the middle did not say that it is done.
  {
    HttpClient leaving(port());
    leaving.Send(RequestText("POST", "/v1/stores/s1/things:collect",
                             WithToken({{"Content-Type", "application/x-ndjson"}, {"Content-Length", "1000"}})));
    leaving.Send("{\"id\": \"1\"}\n");
    EXPECT_TRUE(gate.Await(&Gate::waiting, 3));
  }
  EXPECT_TRUE(gate.Await(&Gate::gone, 3));
}

TEST_F(WebDoorTest, PassesOnAnAnswerTheServiceGivesBeforeTheStreamEnds) {
  const auto backend = Echoing({{kCollectThings, [](BackendCall& call) -> Task {
                                   call.status = grpc::Status(grpc::StatusCode::NOT_FOUND, "no such store");
                                   co_return;
                                 }}});
  OpenWebBefore(*backend);
  HttpClient client(port());
  client.Send(RequestText("POST", "/v1/stores/s1/things:collect",
                          WithToken({{"Content-Type", "application/x-ndjson"}, {"Content-Length", "1000000"}})));
  client.Send("{\"id\": \"1\"}\n");
  const HttpReply reply = client.Read();
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.Field("connection"), "close");
}

// ---------------------------------------------------------------- gRPC-Web

TEST_F(WebDoorTest, CarriesGrpcWebInBothForms) {
  const auto backend = Echoing({{kWatch, ThreeThingsThen(messages_, grpc::Status::OK)}});
  OpenWebBefore(*backend);
  const std::string message = Thing("id: \"7\"");
  for (const GrpcWebForm form : {GrpcWebForm::kBinary, GrpcWebForm::kText}) {
    const WebReply unary = CallWeb(kGetThing, message, WithToken({{"X-User-Agent", "grpc-web-javascript/0.1"}}), form);
    EXPECT_EQ(unary.http.status, 200);
    EXPECT_EQ(unary.http.Field("content-type"),
              form == GrpcWebForm::kText ? "application/grpc-web-text+proto" : "application/grpc-web+proto");
    EXPECT_EQ(unary.messages, std::vector<std::string>{message});
    EXPECT_EQ(unary.Trailer("grpc-status"), "0");
    EXPECT_EQ(unary.Trailer("x-last"), "late");
    EXPECT_TRUE(unary.http.Has("x-request-id"));
    const WebReply stream = CallWeb(kWatch, message, WithToken(), form);
    EXPECT_EQ(stream.messages.size(), 3u);
    EXPECT_EQ(stream.Trailer("grpc-status"), "0");
    EXPECT_TRUE(stream.http.whole);
  }
  EXPECT_EQ(arrived_.Message(), message);
}

TEST_F(WebDoorTest, RefusesGrpcWebThatIsNone) {
  const auto backend = Echoing();
  OpenWebBefore(*backend);
  const Headers headers = WithToken({{"Content-Type", "application/grpc-web+proto"}});
  const auto status_of = [&](const std::string& method, const std::string& body) {
    const HttpReply reply = Fetch(port(), "POST", method, headers, body);
    EXPECT_EQ(reply.status, 200);
    const size_t at = reply.body.find("grpc-status: ");
    return at == std::string::npos ? "none" : reply.body.substr(at + 13, reply.body.find("\r\n", at) - at - 13);
  };
  const std::string frame = MessageFrame("");
  EXPECT_EQ(status_of(kGetThing, absl::StrCat(frame, frame)), "3") << "two messages";
  EXPECT_EQ(status_of(kGetThing, frame.substr(0, 3)), "3") << "half a frame";
  EXPECT_EQ(status_of(kGetThing, ""), "3") << "no frame";
  EXPECT_EQ(status_of(kCollectThings, frame), "3") << "client streams";
  EXPECT_EQ(status_of("/aftersales.echo.v1.EchoService/Nothing", frame), "12");
  EXPECT_EQ(status_of(kGetThing, std::string("\0\x7f\xff\xff\xff", 5)), "8") << "a message of two gigabytes";
}

// One refusal, by whichever way it comes.
struct Seen {
  int code = -1;
  std::string message;
  std::string reason;
  std::vector<std::string> details;  // type names
};

TEST_F(WebDoorTest, RefusesInTheSameWordsOverEveryProtocol) {
  google::rpc::Status wire;
  wire.set_code(9);
  wire.set_message("not yet: 无");
  google::rpc::ErrorInfo info;
  info.set_reason("ESTIMATE_MISSING");
  info.set_domain("reception.aftersales");
  wire.add_details()->PackFrom(info);
  google::rpc::PreconditionFailure failure;
  failure.add_violations()->set_subject("estimate");
  wire.add_details()->PackFrom(failure);
  const auto backend = Echoing({{kGetThing, [&](BackendCall& call) -> Task {
                                   call.stream.Read(&call.message, &call.read);
                                   co_await call.read;
                                   const std::string id = messages_.Text("GetThing", Text(call.message));
                                   if (absl::StrContains(id, "refuse")) {
                                     call.status = grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, wire.message(),
                                                                wire.SerializeAsString());
                                   } else if (absl::StrContains(id, "large")) {
                                     call.stream.Write(Bytes(std::string(5000, 'x')), &call.written);
                                     co_await call.written;
                                   } else {
                                     co_await call.done;
                                     call.done.Arrive(true);
                                   }
                                 }}});
  OpenWebBefore(*backend, {{"answer-bytes-max", "4000"}});
  const auto of_status = [](const grpc::Status& status) {
    google::rpc::Status seen;
    EXPECT_TRUE(seen.ParseFromString(status.error_details()));
    EXPECT_EQ(seen.code(), static_cast<int>(status.error_code()));
    std::vector<std::string> details;
    for (const auto& detail : seen.details()) details.push_back(detail.type_url());
    return Seen{status.error_code(), status.error_message(), ReasonOf(status), details};
  };
  struct Case {
    const char* id;
    Headers headers;
    int http_status;
    const char* reason;
  };
  const Headers english = {{"accept-language", "en"}};
  Headers hurried = WithToken(english);
  hurried.emplace_back("grpc-timeout", "100m");
  for (const Case& c : {Case{"x", english, 401, "UNAUTHENTICATED"},
                        Case{"x", {{"accept-language", "en"}, {"authorization", "Basic eDp5"}}, 401, "UNAUTHENTICATED"},
                        Case{"refuse", WithToken(english), 400, "ESTIMATE_MISSING"},
                        Case{"large", WithToken(english), 429, "TOO_LARGE"}, Case{"x", hurried, 504, "DEADLINE"}}) {
    SCOPED_TRACE(c.reason);
    Headers over_grpc = c.headers;
    absl::Duration deadline = kPatience;
    if (c.http_status == 504) {
      over_grpc.pop_back();
      deadline = absl::Seconds(1);
    }
    const std::string message = Thing(absl::StrCat("id: \"", c.id, "\""));
    const HttpReply rest = Fetch(port(), "GET", absl::StrCat("/v1/things/", c.id), c.headers);
    const WebReply web = CallWeb(kGetThing, message, c.headers);
    EXPECT_EQ(rest.status, c.http_status) << rest.body;
    const json error = json::parse(rest.body)["error"];
    EXPECT_EQ(error["code"], c.http_status);
    EXPECT_EQ(ReasonIn(rest.body), c.reason);

    std::string details;
    EXPECT_TRUE(FromBinaryField(web.Trailer("grpc-status-details-bin"), details));
    google::rpc::Status web_wire;
    EXPECT_TRUE(web_wire.ParseFromString(details));
    EXPECT_EQ(web.Trailer("grpc-status"), std::to_string(web_wire.code()));
    EXPECT_EQ(web.Trailer("grpc-message"), PercentEncoded(web_wire.message()));
    EXPECT_EQ(error["message"], web_wire.message());
    EXPECT_EQ(error["details"].size(), static_cast<size_t>(web_wire.details_size()));
    for (int i = 0; i < web_wire.details_size(); ++i) {
      EXPECT_EQ(error["details"][i]["@type"], web_wire.details(i).type_url());
    }
    if (c.http_status == 504) continue;  // over gRPC the client's own clock ends it
    const Seen grpc = of_status(gateway::Ask(channel_, kGetThing, message, over_grpc, deadline).status);
    const Seen over_web =
        of_status(grpc::Status(static_cast<grpc::StatusCode>(web_wire.code()), web_wire.message(), details));
    EXPECT_EQ(grpc.code, over_web.code);
    EXPECT_EQ(grpc.message, over_web.message);
    EXPECT_EQ(grpc.reason, over_web.reason);
    EXPECT_EQ(grpc.details, over_web.details);
  }
}

// ---------------------------------------------------------------- browsers

TEST_F(WebDoorTest, LetsPagesOfItsOriginsReadAnswers) {
  const auto backend = Echoing();
  OpenWebBefore(*backend, {{"cors-origins", "https://desk.example"}});
  const HttpReply preflight = Fetch(port(), "OPTIONS", "/v1/things/7",
                                    {{"Origin", "https://desk.example"}, {"Access-Control-Request-Method", "PUT"}});
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.Field("access-control-allow-origin"), "https://desk.example");
  EXPECT_TRUE(absl::StrContains(preflight.Field("access-control-allow-methods"), "PUT"));
  EXPECT_TRUE(absl::StrContains(preflight.Field("access-control-allow-headers"), "authorization"));
  EXPECT_FALSE(preflight.Has("access-control-allow-credentials"));
  const HttpReply web = Fetch(port(), "OPTIONS", kGetThing,
                              {{"Origin", "https://desk.example"}, {"Access-Control-Request-Method", "POST"}});
  EXPECT_EQ(web.Field("access-control-allow-methods"), "POST");
  // Refusals are to be read as well.
  const HttpReply refused = Fetch(port(), "GET", "/v1/things/7", {{"Origin", "https://desk.example"}});
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.Field("access-control-allow-origin"), "https://desk.example");
  EXPECT_EQ(refused.Field("vary"), "Origin");
  const HttpReply strange = Call("GET", "/v1/things/7", {{"Origin", "https://evil.example"}});
  EXPECT_EQ(strange.status, 200);
  EXPECT_FALSE(strange.Has("access-control-allow-origin"));
}

TEST_F(WebDoorTest, ServesTheDescriptionOfTheApiAndAPageToReadIt) {
  const auto backend = Echoing();
  std::ofstream(directory_ + "/openapi.json") << R"({"openapi": "3.1.0"})";
  OpenWebBefore(*backend, {{"openapi-file", directory_ + "/openapi.json"}});
  const HttpReply description = Fetch(port(), "GET", "/openapi.json");
  EXPECT_EQ(description.status, 200);
  EXPECT_EQ(description.Field("content-type"), "application/json");
  EXPECT_EQ(json::parse(description.body)["openapi"], "3.1.0");
  const HttpReply page = Fetch(port(), "GET", "/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.Field("content-type"), "text/html; charset=utf-8");
  EXPECT_TRUE(absl::StrContains(page.Field("content-security-policy"), "frame-ancestors 'none'"));
  EXPECT_TRUE(absl::StrContains(page.body, "openapi.json"));
  EXPECT_EQ(Fetch(port(), "HEAD", "/").status, 200);
  EXPECT_EQ(Fetch(port(), "POST", "/").status, 404);
}

TEST_F(WebDoorTest, ServesNoDescriptionItDoesNotHave) {
  const auto backend = Echoing();
  OpenWebBefore(*backend);
  EXPECT_EQ(Fetch(port(), "GET", "/openapi.json").status, 404);
  EXPECT_EQ(Fetch(port(), "GET", "/").status, 404);
}

// ---------------------------------------------------------------- clients and services that fail

TEST_F(WebDoorTest, CancelsTheCallOfAClientThatHasGone) {
  Gate gate;
  const auto backend = Echoing({{kWatch, gate.Hold()}, {kGetThing, gate.Hold()}});
  OpenWebBefore(*backend);
  {
    HttpClient watching(port());
    watching.Send(RequestText("GET", "/v1/things:watch", WithToken()));
    ASSERT_TRUE(gate.Await(&Gate::waiting, 1));
  }
  EXPECT_TRUE(gate.Await(&Gate::gone, 1));
  {
    HttpClient asking(port());
    asking.Send(RequestText("GET", "/v1/things/7", WithToken()));
    ASSERT_TRUE(gate.Await(&Gate::waiting, 2));
    const linger reset = {1, 0};
    setsockopt(asking.socket(), SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
  }
  EXPECT_TRUE(gate.Await(&Gate::gone, 2));
  EXPECT_TRUE(
      Reaches("grpc_server_handled_total{grpc_code=\"Canceled\",grpc_method=\"GetThing\",grpc_service="
              "\"aftersales.echo.v1.EchoService\",grpc_type=\"unary\"}",
              1));
}

TEST_F(WebDoorTest, AnswersACallerThatHasClosedItsHalf) {
  const auto backend = Echoing();
  OpenWebBefore(*backend);
  HttpClient client(port());
  client.Send(RequestText("GET", "/v1/things/7", WithToken()));
  client.CloseHalf();
  EXPECT_EQ(client.Read().status, 200);
  EXPECT_TRUE(client.Ended());
}

TEST_F(WebDoorTest, SlowsTheServiceForAReaderThatDoesNotReadAndLetsGoOfIt) {
  std::atomic<int64_t> written{0};
  absl::Notification ended;
  const auto backend = Echoing({{kWatch, [&](BackendCall& call) -> Task {
                                   call.stream.Read(&call.message, &call.read);
                                   co_await call.read;
                                   const std::string thing =
                                       Thing(absl::StrCat("name: \"", std::string(50'000, 'x'), "\""));
                                   for (;;) {
                                     call.stream.Write(Bytes(thing), &call.written);
                                     const bool sent = co_await call.written;
                                     if (!sent) break;
                                     written += 50'000;
                                   }
                                   ended.Notify();
                                 }}});
  OpenWebBefore(*backend, {{"write-timeout", "500ms"}, {"least-bytes-per-second", "1000000000"}, {"lanes", "1"}});
  HttpClient stuck(port(), 4096);
  stuck.Send(RequestText("GET", "/v1/things:watch", WithToken()));
  EXPECT_EQ(stuck.ReadHead().status, 200);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Call("GET", "/v1/things/7").status, 200) << "others are served";
  EXPECT_TRUE(ended.WaitForNotificationWithTimeout(kPatience));
  // Sockets' and HTTP/2's buffers on the way, not the stream.
  EXPECT_LT(written, 30'000'000);
  EXPECT_TRUE(Reaches("gateway_web_refused_total{reason=\"slow\"}", 1));
}

TEST_F(WebDoorTest, GivesUpOnAServiceThatHangs) {
  Gate gate;
  const auto backend = Echoing({{kGetThing, gate.Hold()}});
  OpenWebBefore(*backend, {{"default-deadline", "300ms"}});
  const HttpReply reply = Call("GET", "/v1/things/7");
  EXPECT_EQ(reply.status, 504);
  EXPECT_EQ(ReasonIn(reply.body), "DEADLINE");
  EXPECT_EQ(Call("POST", "/v1/things", {}, "{}").status, 200) << "others are served";
  EXPECT_EQ(Call("GET", "/v1/things/7", {{"Grpc-Timeout", "50m"}}).status, 504);
}

TEST_F(WebDoorTest, TellsThatAServiceDiedInTheMiddleOfAStream) {
  absl::Notification streaming;
  const auto backend = Echoing({{kWatch, [&](BackendCall& call) -> Task {
                                   call.stream.Read(&call.message, &call.read);
                                   co_await call.read;
                                   call.stream.Write(Bytes(Thing("id: \"1\"")), &call.written);
                                   co_await call.written;
                                   co_await call.done;
                                   call.done.Arrive(true);
                                 }}});
  OpenWebBefore(*backend);
  HttpClient client(port());
  client.Send(RequestText("GET", "/v1/things:watch", WithToken()));
  EXPECT_EQ(client.ReadHead().status, 200);
  std::string piece;
  ASSERT_TRUE(client.ReadChunk(piece));
  backend->Die();
  ASSERT_TRUE(client.ReadChunk(piece));
  EXPECT_EQ(ReasonIn(piece), "UNAVAILABLE") << piece;
  ASSERT_TRUE(client.ReadChunk(piece));
  EXPECT_EQ(piece, "");
  const HttpReply reply = Call("GET", "/v1/things/7");
  EXPECT_EQ(reply.status, 503);
  EXPECT_TRUE(reply.Has("retry-after"));
}

TEST_F(WebDoorTest, SaysWhenToComeBackWhenItIsFull) {
  Gate gate;
  const auto backend = Echoing({{kGetThing, gate.Hold()}});
  OpenWebBefore(*backend, {{"calls-per-subject-max", "1"}});
  HttpClient holding(port());
  holding.Send(RequestText("GET", "/v1/things/7", WithToken()));
  ASSERT_TRUE(gate.Await(&Gate::waiting, 1));
  const HttpReply reply = Call("GET", "/v1/things/7");
  EXPECT_EQ(reply.status, 429);
  EXPECT_EQ(ReasonIn(reply.body), "OVERLOADED");
  EXPECT_EQ(reply.Field("retry-after"), "1");
}

// ---------------------------------------------------------------- the end

TEST_F(WebDoorTest, StopsWithoutFailingACallUnderWayAndEndsStreams) {
  absl::Notification began;
  absl::Notification go_on;
  Gate gate;
  const auto backend = Echoing({{kWatch, gate.Hold()}});
  // A backend of its own lane, so that holding it holds just this call.
  OpenWebBefore(*backend);
  HttpClient idle(port());
  idle.Send(RequestText("GET", "/v1/things/7", WithToken()));
  EXPECT_EQ(idle.Read().status, 200);
  HttpClient watching(port());
  watching.Send(RequestText("GET", "/v1/things:watch", WithToken()));
  ASSERT_TRUE(gate.Await(&Gate::waiting, 1));
  std::thread stop([&] { gateway_->Stop(absl::Seconds(4)); });
  EXPECT_TRUE(idle.Ended());
  const HttpReply ended = watching.Read();
  EXPECT_EQ(ended.status, 503) << ended.body;
  EXPECT_EQ(ReasonIn(ended.body), "UNAVAILABLE");
  EXPECT_EQ(ended.Field("connection"), "close");
  stop.join();
}

TEST_F(WebDoorTest, AnswersItsProbes) {
  const auto backend = Echoing();
  OpenWebBefore(*backend, {{"admin-listen", "127.0.0.1:0"}, {"drain-wait", "500ms"}});
  const int admin = gateway_->admin_port();
  EXPECT_EQ(Call("GET", "/v1/things/7").status, 200);
  EXPECT_TRUE(Reaches("gateway_web_connections", 0));
  const HttpReply metrics = Fetch(admin, "GET", "/metrics");
  EXPECT_EQ(metrics.status, 200);
  EXPECT_TRUE(absl::StartsWith(metrics.Field("content-type"), "text/plain; version=0.0.4"));
  EXPECT_TRUE(absl::StrContains(metrics.body, "gateway_web_refused_total{reason=\"malformed\"} 0"));
  EXPECT_EQ(Fetch(admin, "GET", "/healthz").status, 200);
  EXPECT_EQ(Fetch(admin, "GET", "/readyz").status, 200);
  EXPECT_EQ(Fetch(admin, "HEAD", "/metrics").status, 200);
  EXPECT_EQ(Fetch(admin, "POST", "/metrics", {}, "x").status, 405);
  EXPECT_EQ(Fetch(admin, "GET", "/v1/things/7").status, 404);
  std::thread stop([&] { gateway_->Stop(absl::Seconds(5)); });
  int ready = 200;
  const absl::Time end = absl::Now() + kPatience;
  while (ready == 200 && absl::Now() < end) ready = Fetch(admin, "GET", "/readyz").status;
  EXPECT_EQ(ready, 503);
  EXPECT_EQ(Fetch(admin, "GET", "/healthz").status, 200) << "a process that drains is alive";
  stop.join();
}

TEST_F(WebDoorTest, WritesTheSameLinePerCallAsForGrpc) {
  const auto backend = Echoing();
  std::string lines;
  OpenWebBefore(*backend, {{"log-level", "info"}});
  chassis::log::CaptureForTest(&lines);
  const std::string bearer = Bearer();
  EXPECT_EQ(Fetch(port(), "GET", "/v1/things/secret-7", {{"Authorization", bearer}, {"X-Request-Id", "r-1"}}).status,
            200);
  gateway_->Stop(absl::Seconds(1));
  chassis::log::CaptureForTest(nullptr);
  EXPECT_NE(lines.find("\"method\":\"/aftersales.echo.v1.EchoService/GetThing\""), std::string::npos) << lines;
  EXPECT_NE(lines.find("\"caller\":\"wang\""), std::string::npos);
  EXPECT_NE(lines.find("\"request\":\"r-1\""), std::string::npos);
  EXPECT_EQ(lines.find("secret"), std::string::npos);
  EXPECT_EQ(lines.find(bearer.substr(7)), std::string::npos);
}

TEST_F(WebDoorTest, DoesNotStartOnABadSetting) {
  const auto why = [&](const char* name, const std::string& value) {
    chassis::config::Config config = Settings(absl::StrCat(rest::kEchoPackage, "=127.0.0.1:1"));
    config.Set("web-listen", "127.0.0.1:0");
    config.Set(name, value);
    Gateway gateway(config);
    return std::string(gateway.Start().message());
  };
  EXPECT_NE(why("cors-origins", "*").find("cors-origins"), std::string::npos);
  EXPECT_NE(why("web-listen", "nowhere").find("nowhere"), std::string::npos);
  EXPECT_NE(why("admin-listen", "nowhere").find("nowhere"), std::string::npos);
}

}  // namespace
}  // namespace gateway::web
