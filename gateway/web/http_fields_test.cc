// Header fields: what is taken, what is not, and what must not come through.
#include "gateway/web/http_fields.h"

#include <map>

#include "gateway/web/cors.h"
#include "gtest/gtest.h"

namespace gateway::web {
namespace {

TEST(ReadMediaType, TakesTypeAndCharset) {
  EXPECT_EQ(ReadMediaType("Application/JSON").type, "application/json");
  EXPECT_EQ(ReadMediaType("application/json; charset=UTF-8").charset, "utf-8");
  EXPECT_EQ(ReadMediaType("application/json;Charset=\"utf-8\";x=y").charset, "utf-8");
  for (const char* malformed : {"", "json", "application/json/x", "application/ json"}) {
    EXPECT_EQ(ReadMediaType(malformed).type, "") << malformed;
  }
  EXPECT_EQ(ReadMediaType({}).type, "");
}

TEST(Takes, FollowsTheMostParticularWord) {
  struct Case {
    const char* accept;
    Taken taken;
  };
  for (const auto& [accept, taken] :
       {Case{"", Taken::kByWildcard}, Case{"*/*", Taken::kByWildcard}, Case{"application/*", Taken::kByWildcard},
        Case{"application/json", Taken::kByName}, Case{"text/html, application/JSON;q=0.3", Taken::kByName},
        Case{"text/html", Taken::kNo}, Case{"application/json;q=0, */*", Taken::kNo},
        Case{"*/*, application/json;q=0", Taken::kNo}, Case{"application/*;q=0, */*", Taken::kNo},
        Case{"application/json;q=0.0", Taken::kNo}, Case{"application/json;q=x", Taken::kNo},
        Case{"application/jsonp", Taken::kNo}, Case{"*/*;q=0", Taken::kNo}}) {
    EXPECT_EQ(Takes(accept, "application/json"), taken) << accept;
  }
}

TEST(ReadTimeout, TakesWhatGrpcTakes) {
  const std::map<std::string, absl::Duration> good = {{"1H", absl::Hours(1)},
                                                      {"2M", absl::Minutes(2)},
                                                      {"10S", absl::Seconds(10)},
                                                      {"250m", absl::Milliseconds(250)},
                                                      {"7u", absl::Microseconds(7)},
                                                      {"9n", absl::Nanoseconds(9)},
                                                      {"99999999S", absl::Seconds(99999999)}};
  for (const auto& [text, duration] : good) EXPECT_EQ(ReadTimeout(text), duration) << text;
  for (const char* bad : {"", "S", "10", "10s", "-1S", "+1S", " 1S", "1 S", "1.5S", "123456789S", "1SS"}) {
    EXPECT_FALSE(ReadTimeout(bad).has_value()) << bad;
  }
}

TEST(AttachmentNamed, LetsNoNameEndTheField) {
  EXPECT_EQ(AttachmentNamed(""), "attachment");
  EXPECT_EQ(AttachmentNamed("parts.csv"), "attachment; filename=\"parts.csv\"; filename*=UTF-8''parts.csv");
  EXPECT_EQ(AttachmentNamed("../../etc/passwd"), "attachment; filename=\"passwd\"; filename*=UTF-8''passwd");
  EXPECT_EQ(AttachmentNamed("a\"b\r\nX: y"),
            "attachment; filename=\"a_b__X_ y\"; filename*=UTF-8''a%22b%0D%0AX%3A%20y");
  EXPECT_EQ(AttachmentNamed("单.html"), "attachment; filename=\"___.html\"; filename*=UTF-8''%E5%8D%95.html");
}

TEST(IsOfHttp, KeepsTheBrowsersOwnFromServices) {
  for (const char* name : {"accept", "cookie", "origin", "referer", "sec-fetch-mode", "content-type", "if-match",
                           "proxy-authorization", "access-control-request-method", "last-event-id", "expect"}) {
    EXPECT_TRUE(IsOfHttp(name)) << name;
  }
  for (const char* name : {"authorization", "accept-language", "x-custom", "traceparent", "tracestate"}) {
    EXPECT_FALSE(IsOfHttp(name)) << name;
  }
}

TEST(IsMetadataValue, TakesPrintableAsciiOnly) {
  EXPECT_TRUE(IsMetadataValue("a b~"));
  EXPECT_FALSE(IsMetadataValue("\xe5"));
  EXPECT_FALSE(IsMetadataValue("a\tb"));
  EXPECT_FALSE(IsMetadataValue(std::string_view("a\0b", 3)));
  EXPECT_TRUE(IsMetadataName("x-custom_1.b"));
  EXPECT_FALSE(IsMetadataName("X-Custom"));
  EXPECT_FALSE(IsMetadataName("x!"));
  EXPECT_FALSE(IsMetadataName(""));
}

// ---------------------------------------------------------------- origins

HttpRequest From(const std::string& origin, const std::string& method = "GET") {
  HttpRequest request;
  request.method = method;
  request.target = "/v1/stores";
  request.fields = {{"origin", origin}};
  return request;
}

std::string FieldOf(const Fields& fields, const std::string& name) {
  for (const auto& [key, value] : fields) {
    if (key == name) return value;
  }
  return "";
}

TEST(Cors, AllowsExactOriginsOnly) {
  const auto cors = Cors::Make("https://desk.example, https://app.example:8443");
  ASSERT_TRUE(cors.ok()) << cors.status();
  for (const char* origin : {"https://desk.example", "https://app.example:8443"}) {
    const Fields fields = cors->FieldsFor(From(origin));
    EXPECT_EQ(FieldOf(fields, "Access-Control-Allow-Origin"), origin);
    EXPECT_EQ(FieldOf(fields, "Vary"), "Origin");
    EXPECT_EQ(FieldOf(fields, "Access-Control-Allow-Credentials"), "");
    EXPECT_NE(FieldOf(fields, "Access-Control-Expose-Headers").find("x-request-id"), std::string::npos);
  }
  for (const char* origin : {"http://desk.example", "https://desk.example.evil.example", "https://desk.example:443",
                             "https://evildesk.example", "null", "*", ""}) {
    const Fields fields = cors->FieldsFor(From(origin));
    EXPECT_EQ(FieldOf(fields, "Access-Control-Allow-Origin"), "") << origin;
    EXPECT_EQ(FieldOf(fields, "Vary"), "Origin") << "caches must know all the same";
  }
}

TEST(Cors, AnswersAPreflight) {
  const auto cors = Cors::Make("https://desk.example");
  ASSERT_TRUE(cors.ok());
  HttpRequest asked = From("https://desk.example", "OPTIONS");
  EXPECT_FALSE(Cors::IsPreflight(asked)) << "an OPTIONS without a method to ask for";
  asked.fields.emplace_back("access-control-request-method", "PATCH");
  EXPECT_TRUE(Cors::IsPreflight(asked));
  const HttpAnswer allowed = cors->Preflight(asked, "GET, PATCH");
  EXPECT_EQ(allowed.status, 204);
  EXPECT_EQ(FieldOf(allowed.fields, "Access-Control-Allow-Methods"), "GET, PATCH");
  EXPECT_NE(FieldOf(allowed.fields, "Access-Control-Allow-Headers").find("authorization"), std::string::npos);
  asked.fields[0].second = "https://evil.example";
  const HttpAnswer refused = cors->Preflight(asked, "GET, PATCH");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(FieldOf(refused.fields, "Access-Control-Allow-Origin"), "");
}

TEST(Cors, TakesNoListWithAnythingButOrigins) {
  for (const char* list : {"*", "null", "desk.example", "https://desk.example/", "https://desk.example/app",
                           "https://*.example", "ftp://desk.example", "https://", "https://Desk.example"}) {
    EXPECT_FALSE(Cors::Make(list).ok()) << list;
  }
  EXPECT_TRUE(Cors::Make("").ok());
  EXPECT_TRUE(Cors::Make("")->FieldsFor(From("https://desk.example")).empty());
}

}  // namespace
}  // namespace gateway::web
