// The suite over HTTP as an integrator meets it: JSON commands and lists, refusals in the caller's language, a partial
// update, a board that is watched, files. Real processes, through the gateway's web door.
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gateway/web/http_for_test.h"
#include "nlohmann/json.hpp"
#include "tests/demo/opening.h"
#include "tests/demo/suite_stage.h"
#include "tests/harness/processes.h"
#include "tests/harness/suite.h"

namespace {

namespace common = aftersales::common::v1;
using gateway::web::HttpClient;
using gateway::web::HttpReply;
using nlohmann::json;
using Headers = std::vector<std::pair<std::string, std::string>>;

class Web : public ::testing::Test {
 protected:
  struct Scene {
    Scene()
        : time(suite),
          stage(suite.door(), suite.issuer(), time, narrator),
          store(demo::OpenStores(stage, harness::SourceDirectory() + "/tests/data").at("SH01")) {}
    harness::Suite suite;
    demo::SuiteTime time;
    demo::Quiet narrator;
    demo::Stage stage;
    common::Store store;
  };
  static void SetUpTestSuite() {
    try {
      scene_ = std::make_unique<Scene>();
    } catch (const demo::StepFailed& failed) {
      failure_ = failed.what();
    }
  }
  static void TearDownTestSuite() { scene_.reset(); }
  void SetUp() override { ASSERT_TRUE(scene_) << failure_; }

  demo::Cast cast() { return demo::Cast(scene_->store); }
  int port() { return scene_->suite.WebPortOf("gateway"); }
  std::string InStore(const std::string& rest) { return absl::StrCat("/v1/stores/", scene_->store.store_id(), rest); }
  Headers As(const demo::Person& person, const std::string& language = "en") {
    return {{"Authorization", "Bearer " + scene_->stage.TokenOf(person)}, {"Accept-Language", language}};
  }
  HttpReply Ask(const demo::Person& person, std::string_view method, const std::string& target,
                const json& body = json(), const std::string& language = "en") {
    Headers headers = As(person, language);
    if (body.is_null()) return gateway::web::Fetch(port(), method, target, headers);
    headers.emplace_back("Content-Type", "application/json");
    return gateway::web::Fetch(port(), method, target, headers, body.dump());
  }
  json Customer(const std::string& name, const std::string& phone) {
    return {{"requestId", ids_.NewId()},
            {"customer",
             {{"kind", "KIND_PERSON"}, {"name", name}, {"phone", phone}, {"address", "上海市浦东新区世纪大道888号"}}}};
  }
  std::string NewId() { return ids_.NewId(); }

  static std::unique_ptr<Scene> scene_;

 private:
  static std::string failure_;
  chassis::SystemClock clock_;
  chassis::RandomIds ids_{clock_};
};
std::unique_ptr<Web::Scene> Web::scene_;
std::string Web::failure_;

json DetailOf(const json& error, const std::string& type) {
  for (const json& detail : error["error"]["details"]) {
    if (detail["@type"] == "type.googleapis.com/google.rpc." + type) return detail;
  }
  return json();
}

// Handbook: G-07, C-01
TEST_F(Web, CreatesAndReadsByJson) {
  const json request = Customer("赵一", "13822220001");
  const HttpReply created = Ask(cast().agent, "POST", InStore("/customers"), request);
  ASSERT_EQ(created.status, 200) << created.body;
  const json customer = json::parse(created.body);
  const HttpReply repeated = Ask(cast().agent, "POST", InStore("/customers"), request);
  EXPECT_EQ(json::parse(repeated.body)["customerId"], customer["customerId"]) << "a repeat has one effect";
  const HttpReply read = Ask(cast().adviser, "GET", InStore("/customers/" + customer["customerId"].get<std::string>()));
  EXPECT_EQ(read.status, 200) << read.body;
  EXPECT_EQ(json::parse(read.body)["name"], "赵一");
  EXPECT_EQ(Ask(cast().adviser, "GET", InStore("/customers/" + NewId())).status, 404);
  EXPECT_EQ(Ask(cast().guard, "POST", InStore("/customers"), Customer("赵二", "13822220002")).status, 403);
}

TEST_F(Web, ListsPageByPage) {
  std::set<std::string> made;
  for (int i = 0; i < 5; ++i) {
    const HttpReply created = Ask(cast().agent, "POST", InStore("/customers"),
                                  Customer(absl::StrCat("页", i), absl::StrCat("1383333000", i)));
    ASSERT_EQ(created.status, 200) << created.body;
    made.insert(json::parse(created.body)["customerId"].get<std::string>());
  }
  std::set<std::string> listed;
  std::string token;
  int pages = 0;
  do {
    const HttpReply page = Ask(cast().agent, "GET", InStore(absl::StrCat("/customers?pageSize=2&page_token=", token)));
    ASSERT_EQ(page.status, 200) << page.body;
    const json answer = json::parse(page.body);
    EXPECT_LE(answer["customers"].size(), 2u);
    for (const json& customer : answer["customers"]) {
      EXPECT_TRUE(listed.insert(customer["customerId"].get<std::string>()).second);
    }
    token = answer["nextPageToken"].get<std::string>();
    ++pages;
  } while (!token.empty() && pages < 100);
  EXPECT_GE(pages, 3);
  for (const std::string& id : made) EXPECT_EQ(listed.count(id), 1u);
}

// Handbook: G-11, G-12
TEST_F(Web, RefusesInTheCallersLanguage) {
  std::set<std::string> texts;
  for (const auto& [language, locale] : {std::pair{"zh-CN", "zh-CN"}, std::pair{"en-GB", "en"}}) {
    const HttpReply reply = Ask(cast().agent, "POST", InStore("/customers"), Customer("吴刚", "1381111000"), language);
    EXPECT_EQ(reply.status, 400);
    EXPECT_EQ(reply.Field("content-language"), locale);
    const json error = json::parse(reply.body);
    EXPECT_EQ(error["error"]["status"], "INVALID_ARGUMENT");
    EXPECT_EQ(DetailOf(error, "ErrorInfo")["reason"], "INVALID_FIELD");
    const json violations = DetailOf(error, "BadRequest")["fieldViolations"];
    ASSERT_EQ(violations.size(), 1u) << reply.body;
    EXPECT_EQ(violations[0]["field"], "customer.phone");
    texts.insert(DetailOf(error, "LocalizedMessage")["message"].get<std::string>());
  }
  EXPECT_EQ(texts.size(), 2u);
}

TEST_F(Web, ChangesOnlyWhatAPatchNames) {
  const HttpReply created = Ask(cast().agent, "POST", InStore("/customers"), Customer("郑二", "13844440001"));
  ASSERT_EQ(created.status, 200) << created.body;
  const json customer = json::parse(created.body);
  const std::string target = InStore("/customers/" + customer["customerId"].get<std::string>());
  const HttpReply changed = Ask(cast().agent, "PATCH", target,
                                {{"requestId", NewId()},
                                 {"customer", {{"etag", customer["etag"]}, {"address", "上海市徐汇区"}}},
                                 {"updateMask", "address"}});
  ASSERT_EQ(changed.status, 200) << changed.body;
  const json after = json::parse(changed.body);
  EXPECT_EQ(after["address"], "上海市徐汇区");
  EXPECT_EQ(after["name"], "郑二");
  EXPECT_EQ(after["phone"], "13844440001");
  // Without a mask it is what the JSON says of the record: what stands there empty is emptied, the rest stays.
  const HttpReply emptied =
      Ask(cast().agent, "PATCH", target,
          {{"requestId", NewId()}, {"customer", {{"etag", after["etag"]}, {"address", ""}, {"kind", "KIND_PERSON"}}}});
  ASSERT_EQ(emptied.status, 200) << emptied.body;
  EXPECT_EQ(json::parse(emptied.body)["address"], "");
  EXPECT_EQ(json::parse(emptied.body)["name"], "郑二");
  const HttpReply stale = Ask(cast().agent, "PATCH", target,
                              {{"requestId", NewId()},
                               {"customer", {{"etag", customer["etag"]}, {"address", "elsewhere"}}},
                               {"updateMask", "address"}});
  EXPECT_EQ(stale.status, 409) << stale.body;
}

TEST_F(Web, LetsTheBoardBeWatched) {
  for (const bool events : {true, false}) {
    Headers headers = As(cast().adviser);
    if (events) headers.emplace_back("Accept", "text/event-stream");
    HttpClient client(port());
    client.Send(gateway::web::RequestText("GET", InStore("/board:watch"), headers));
    const HttpReply head = client.ReadHead();
    ASSERT_EQ(head.status, 200);
    EXPECT_EQ(head.Field("content-type"), events ? "text/event-stream" : "application/x-ndjson");
    std::string piece;
    ASSERT_TRUE(client.ReadChunk(piece));
    const size_t data = events ? piece.find("data: ") + 6 : 0;
    const json message = json::parse(piece.substr(data), nullptr, false);
    ASSERT_TRUE(message.is_object()) << piece;
    EXPECT_EQ((events ? message : message["result"])["snapshotComplete"], true);
  }
}

TEST_F(Web, SendsFormsAndExportsAsFiles) {
  const HttpReply planned =
      Ask(cast().parts_manager, "POST", InStore("/stocktakes"), {{"requestId", NewId()}, {"kind", "KIND_FULL"}});
  ASSERT_EQ(planned.status, 200) << planned.body;
  const json stocktake = json::parse(planned.body);
  const std::string one = InStore(absl::StrCat("/stocktakes/", stocktake["stocktakeId"].get<std::string>()));
  const HttpReply started = Ask(cast().parts_manager, "POST", one + ":start", {{"requestId", NewId()}});
  ASSERT_EQ(started.status, 200) << started.body;
  const HttpReply form = Ask(cast().parts_manager, "GET", one + ":print");
  ASSERT_EQ(form.status, 200) << form.body;
  EXPECT_TRUE(absl::StartsWith(form.Field("content-type"), "text/html"));
  EXPECT_TRUE(absl::StrContains(form.Field("content-disposition"), "attachment"));
  EXPECT_TRUE(absl::StrContains(form.body, "<html")) << form.body.substr(0, 200);
  EXPECT_TRUE(absl::StrContains(form.body, stocktake["number"].get<std::string>()));

  const HttpReply parts = Ask(cast().parts_manager, "GET", InStore("/parts:export"));
  ASSERT_EQ(parts.status, 200) << parts.body;
  EXPECT_TRUE(parts.whole);
  EXPECT_EQ(parts.Field("content-type"), "text/csv; charset=utf-8");
  EXPECT_TRUE(absl::StrContains(parts.Field("content-disposition"), "parts.csv"));
  EXPECT_GT(std::count(parts.body.begin(), parts.body.end(), '\n'), 1);
}

TEST_F(Web, TurnsStrangersAwayInTheirLanguage) {
  const auto text = [&](const char* language) {
    return gateway::web::Fetch(port(), "GET", InStore("/customers"), {{"Accept-Language", language}}).body;
  };
  EXPECT_TRUE(absl::StrContains(text("zh-CN"), "身份无效：没有令牌"));
  EXPECT_TRUE(absl::StrContains(text("en"), "the identity is not valid: no token"));
}

TEST_F(Web, ShowsOperatorsHowItStands) {
  const HttpReply page = gateway::web::Fetch(scene_->suite.AdminPortOf("gateway"), "GET", "/");
  EXPECT_EQ(page.status, 200);
  for (const char* words : {"没有配置 Prometheus", "aftersales.crm.v1", "已连接", "闭合"}) {
    EXPECT_TRUE(absl::StrContains(page.body, words)) << words;
  }
}

TEST_F(Web, ShowsItsDescriptionToEverybody) {
  const HttpReply description = gateway::web::Fetch(port(), "GET", "/openapi.json");
  ASSERT_EQ(description.status, 200);
  EXPECT_TRUE(json::parse(description.body)["paths"].contains("/v1/stores/{storeId}/customers"));
  EXPECT_EQ(gateway::web::Fetch(port(), "GET", "/").status, 200);
}

}  // namespace
