// The status page: what it reads of Prometheus, what it shows of it, what it shows without, and that nobody waits for
// a Prometheus that thinks but whoever looks at the page.
#include <gmock/gmock.h>
#include <grpcpp/alarm.h>

#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gateway/door_for_test.h"
#include "gateway/status/fetch.h"
#include "gateway/status/prometheus_answers.h"
#include "gateway/status/status_page.h"
#include "gateway/status/suite_figures.h"
#include "gateway/web/http_for_test.h"
#include "gateway/web/server.h"
#include "tests/harness/printer.h"

namespace gateway::status {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using web::HttpReply;

// ---------------------------------------------------------------- a Prometheus

std::string Vector(const std::string& samples) {
  return R"({"status":"success","data":{"resultType":"vector","result":[)" + samples + "]}}";
}
std::string Sample(const std::string& labels, const std::string& value) {
  return absl::StrCat(R"({"metric":{)", labels, R"(},"value":[1795000000.1,")", value, "\"]}");
}
std::string AlertsOf(const std::string& alerts) { return R"({"status":"success","data":{"alerts":[)" + alerts + "]}}"; }

// Answers each query by the metric it names, and keeps calls to /api/v1/... waiting while it is held.
class FakePrometheus final : public web::Site {
 public:
  FakePrometheus() {
    web::Server::Settings settings;
    settings.listen = "127.0.0.1:0";
    settings.limits = {.connections_max = 64,
                       .connections_per_address_max = 64,
                       .header_bytes_max = 16384,
                       .header_timeout = kPatience,
                       .body_timeout = kPatience,
                       .write_timeout = kPatience,
                       .least_bytes_per_second = 1,
                       .idle_timeout = kPatience};
    auto server = web::Server::Open(settings, *this);
    EXPECT_TRUE(server.ok()) << server.status();
    if (server.ok()) server_ = *std::move(server);
  }
  ~FakePrometheus() override { server_->Stop(absl::Now()); }

  std::string url() const { return absl::StrCat("http://127.0.0.1:", server_->port()); }
  int port() const { return server_->port(); }

  // Where a request's target has `part`, the first that fits; otherwise an empty vector.
  std::vector<std::pair<std::string, std::string>> answers;
  std::atomic<int> asked{0};

  Task Serve(web::Exchange& exchange) override {
    ++asked;
    std::string body = exchange.request().Path() == "/api/v1/alerts" ? AlertsOf("") : Vector("");
    for (const auto& [part, answer] : answers) {
      if (!absl::StrContains(exchange.request().target, part)) continue;
      body = answer;
      break;
    }
    bool sent = false;
    Task answered = exchange.Answer({}, body, sent);
    co_await answered;
  }
  Text Malformed(int, std::string_view, const web::HttpRequest&) override { return {"text/plain", ""}; }

 private:
  std::unique_ptr<web::Server> server_;
};

// A port that takes connections and never says anything.
class Silent {
 public:
  Silent() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(socket_, 64), 0);
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    url_ = absl::StrCat("http://127.0.0.1:", ntohs(address.sin_port));
  }
  ~Silent() { close(socket_); }
  const std::string& url() const { return url_; }

 private:
  int socket_;
  std::string url_;
};

// ---------------------------------------------------------------- what Prometheus answers

TEST(PrometheusAnswers, AreFiguresWithTheirLabels) {
  const auto figures = ReadFigures(Vector(absl::StrCat(Sample(R"("job":"parts-svc","kind":"R\"1")", "3"), ",",
                                                       Sample(R"("job":"x")", "NaN"), ",", Sample("", "1e-3"))));
  ASSERT_TRUE(figures.ok()) << figures.status();
  ASSERT_EQ(figures->size(), 2u) << "what is no number says nothing";
  EXPECT_EQ((*figures)[0].Label("kind"), "R\"1");
  EXPECT_EQ((*figures)[0].value, 3);
  EXPECT_EQ((*figures)[1].Label("job"), "");
  EXPECT_EQ((*figures)[1].value, 0.001);
}

TEST(PrometheusAnswers, AreRefusedWithWhatPrometheusSaysOfIt) {
  const auto refused = ReadFigures(R"({"status":"error","errorType":"bad_data","error":"parse error at char 3"})");
  EXPECT_EQ(refused.status().message(), "parse error at char 3");
  for (const char* body :
       {"", "<html>", "[]", "{}", R"({"status":"success","data":{"result":[1]}})",
        R"({"status":"success","data":{"result":[{"value":["1"]}]}})",
        R"({"status":"success","data":{"result":[{"value":[1,2]}]}})",
        R"({"status":"success","data":{"result":[{"value":[1,"one"]}]}})", R"({"status":"success","data":[]})"}) {
    EXPECT_EQ(ReadFigures(body).status().code(), absl::StatusCode::kInternal) << body;
  }
  EXPECT_FALSE(ReadAlerts("{}").ok());
}

TEST(PrometheusAnswers, AreTheAlertsThatFireTheGravestFirst) {
  const auto alert = [](const char* name, const char* severity, const char* state, const char* since) {
    return absl::StrCat(R"({"labels":{"alertname":")", name, R"(","severity":")", severity,
                        R"(","store":"SH01"},"annotations":{"summary":"it is","runbook_url":"docs/operations.md#x"},)",
                        R"("state":")", state, R"(","activeAt":")", since, R"(","value":"1e+00"})");
  };
  const auto alerts = ReadAlerts(AlertsOf(absl::StrCat(alert("C", "ticket", "firing", "2026-11-22T06:00:00Z"), ",",
                                                       alert("B", "page", "firing", "2026-11-22T07:00:00Z"), ",",
                                                       alert("A", "page", "pending", "2026-11-22T05:00:00Z"), ",",
                                                       alert("D", "page", "firing", "2026-11-22T05:00:00.5Z"))));
  ASSERT_TRUE(alerts.ok()) << alerts.status();
  ASSERT_EQ(alerts->size(), 3u) << "one that is pending warns nobody yet";
  EXPECT_EQ((*alerts)[0].name, "D");
  EXPECT_EQ((*alerts)[1].name, "B");
  EXPECT_EQ((*alerts)[2].name, "C");
  EXPECT_EQ((*alerts)[0].runbook, "docs/operations.md#x");
  EXPECT_EQ((*alerts)[0].labels.at("store"), "SH01");
  EXPECT_EQ(absl::FormatTime("%H:%M", (*alerts)[0].since, absl::UTCTimeZone()), "05:00");
}

// ---------------------------------------------------------------- asking

TEST(Fetch, EndsInTimeWhenNobodyAnswers) {
  const Silent silent;
  const std::atomic<bool> stopped{false};
  const auto bodies = FetchAll({silent.url(), silent.url()}, {absl::Milliseconds(100), 1000}, stopped);
  ASSERT_EQ(bodies.size(), 2u);
  for (const auto& body : bodies) EXPECT_TRUE(absl::IsUnavailable(body.status())) << body.status();
  const std::atomic<bool> stopping{true};
  EXPECT_FALSE(FetchAll({silent.url()}, {absl::Hours(1), 1000}, stopping)[0].ok());
}

TEST(Fetch, TakesNoMoreThanItMay) {
  FakePrometheus prometheus;
  prometheus.answers = {{"/large", std::string(1001, 'x')}, {"/just", std::string(1000, 'x')}};
  const std::atomic<bool> stopped{false};
  const auto bodies = FetchAll({prometheus.url() + "/large", prometheus.url() + "/just"}, {kPatience, 1000}, stopped);
  EXPECT_THAT(std::string(bodies[0].status().message()), HasSubstr("too large"));
  ASSERT_TRUE(bodies[1].ok()) << bodies[1].status();
  EXPECT_EQ(bodies[1]->size(), 1000u);
}

TEST(Fetch, FetchesMoreThanItMayAtOnceOneAfterTheOther) {
  FakePrometheus prometheus;
  prometheus.answers = {{"/", "here"}};
  const std::atomic<bool> stopped{false};
  for (const size_t at_once : {size_t{1}, size_t{3}, size_t{64}}) {
    const auto bodies =
        FetchAll(std::vector<std::string>(40, prometheus.url() + "/"), {kPatience, 1000, at_once}, stopped);
    ASSERT_EQ(bodies.size(), 40u);
    for (const auto& body : bodies) EXPECT_TRUE(body.ok()) << body.status();
  }
  EXPECT_EQ(prometheus.asked, 120);
}

TEST(Fetch, GoesWhereASettingMaySend) {
  for (const char* good : {"http://prometheus:9090", "https://p.example/prometheus/", "http://127.0.0.1:1"}) {
    EXPECT_TRUE(CheckBaseUrl(good).ok()) << good;
  }
  for (const char* bad : {"", "prometheus:9090", "file:///etc/passwd", "ftp://p", "http://", "http://u:p@p:9090",
                          "http://p:9090?x=1", "http://p:9090#x"}) {
    EXPECT_FALSE(CheckBaseUrl(bad).ok()) << bad;
  }
}

TEST(SuiteFigures, AskEachQuestionOnce) {
  FakePrometheus prometheus;
  prometheus.answers = {{"rate%28grpc", R"({"status":"error","error":"too much"})"},
                        {"sum%20by%20%28job%29%20%28up", Vector(Sample(R"("job":"gateway")", "2"))}};
  const std::atomic<bool> stopped{false};
  const SuiteFigures figures = AskPrometheus(prometheus.url() + "/", stopped);
  EXPECT_EQ(prometheus.asked, static_cast<int>(kQuestionCount) + 1);
  EXPECT_TRUE(figures.status.ok()) << figures.status;
  ASSERT_EQ(figures.Of(Question::kUp).size(), 1u);
  EXPECT_EQ(figures.Of(Question::kUp)[0].value, 2);
  EXPECT_TRUE(figures.Of(Question::kRequests).empty());
  EXPECT_EQ(figures.unanswered(), 3) << "requests, failures, slow ones";
}

TEST(SuiteFigures, SayThatNobodyAnswered) {
  const std::atomic<bool> stopped{false};
  const SuiteFigures figures = AskPrometheus("http://127.0.0.1:1", stopped);
  EXPECT_TRUE(absl::IsUnavailable(figures.status)) << figures.status;
  EXPECT_EQ(figures.unanswered(), static_cast<int>(kQuestionCount) + 1);
}

// ---------------------------------------------------------------- the page

class Page : public testing::Test {
 protected:
  Page() {
    page_.language = "en";
    page_.now = absl::FromUnixSeconds(1'795'000'000);
    page_.ready = true;
    figures_.asked_time = page_.now;
    for (auto& answer : figures_.answers) answer = Figures();
    figures_.alerts = std::vector<Alert>();
    AddOwn("gateway_upstream_connected", {{{"upstream", "aftersales.parts.v1"}}, 1});
    AddOwn("gateway_refused_total", {{{"reason", "rate_limit"}}, 17}, prometheus::MetricType::Counter);
    AddOwn("gateway_refused_total", {{{"reason", "identity"}}, 0}, prometheus::MetricType::Counter);
    AddOwn("aftersales_build_info", {{{"service", "gateway"}, {"version", "0.5.0"}}, 1});
    AddOwn("process_start_time_seconds", {{}, 1'795'000'000 - 7200});
  }
  void AddOwn(const std::string& name, const Figure& figure,
              prometheus::MetricType type = prometheus::MetricType::Gauge) {
    prometheus::MetricFamily family;
    family.name = name;
    family.type = type;
    prometheus::ClientMetric metric;
    for (const auto& [label, value] : figure.labels) metric.label.push_back({label, value});
    metric.gauge.value = metric.counter.value = figure.value;
    family.metric.push_back(metric);
    page_.own.push_back(family);
  }
  void Say(Question question, Figures figures) { figures_.answers[static_cast<size_t>(question)] = std::move(figures); }
  static Figure Of(const char* job, double value) { return {{{"job", job}}, value}; }
  // All five services with two processes each, busy and well.
  void SayAllIsWell() {
    Figures two, versions, requests, none, ages;
    for (const char* job : {"gateway", "reception-svc", "workshop-svc", "parts-svc", "crm-svc"}) {
      two.push_back(Of(job, 2));
      versions.push_back({{{"service", job}, {"version", "0.5.0"}}, 2});
      requests.push_back(Of(job, 12.5));
      none.push_back(Of(job, 0));
      ages.push_back(Of(job, 3 * 3600));
    }
    Say(Question::kTargets, two);
    Say(Question::kUp, two);
    Say(Question::kVersions, versions);
    Say(Question::kRequests, requests);
    Say(Question::kFailures, none);
    Say(Question::kSlow, {Of("gateway", 0.042), Of("parts-svc", 0.031)});
    Say(Question::kOutbox, none);
    Say(Question::kOutboxAge, none);
    Say(Question::kIntake, {{{{"job", "workshop-svc"}, {"publisher", "reception-svc"}}, 0}});
    Say(Question::kBackupAge, ages);
    Say(Question::kVerifyAge, ages);
    Say(Question::kDifferences, none);
    Say(Question::kCertificate, {Of("gateway", 80 * 86400)});
    Say(Question::kDutiesInAll, {{{}, 0}});
    page_.prometheus_url = "http://prometheus:9090";
    page_.suite = &figures_;
  }
  std::string Shown() const { return Html(page_); }

  SuiteFigures figures_;
  StatusPage page_;
};

TEST_F(Page, TellsThatAllIsWell) {
  SayAllIsWell();
  const std::string html = Shown();
  EXPECT_THAT(html, HasSubstr("all is well"));
  EXPECT_THAT(html, HasSubstr("<b>10 / 10</b>"));
  EXPECT_THAT(html, HasSubstr("42 ms"));
  EXPECT_THAT(html, HasSubstr(">80 days<"));
  EXPECT_THAT(html, HasSubstr(">rate_limit<"));
  EXPECT_THAT(html, Not(HasSubstr(">identity<"))) << "nothing was refused for it";
  EXPECT_THAT(html, HasSubstr("up for 2 h"));
  page_.language = "zh-CN";
  EXPECT_THAT(Shown(), HasSubstr("一切正常"));
  EXPECT_THAT(Shown(), HasSubstr("没有触发的告警"));
}

TEST_F(Page, TellsWhatIsWrong) {
  SayAllIsWell();
  Say(Question::kUp,
      {Of("gateway", 2), Of("reception-svc", 1), Of("workshop-svc", 2), Of("parts-svc", 2), Of("crm-svc", 2)});
  EXPECT_THAT(Shown(), HasSubstr("processes are missing"));
  EXPECT_THAT(Shown(), HasSubstr("1 / 2"));
  Say(Question::kBlocked, {{{{"job", "workshop-svc"}, {"publisher", "reception-svc"}}, 1}});
  Say(Question::kSagas, {{{{"job", "reception-svc"}, {"kind", "release"}, {"state", "running"}}, 3},
                         {{{"job", "reception-svc"}, {"kind", "release"}, {"state", "compensating"}}, 1}});
  Say(Question::kSagaAge, {{{{"job", "reception-svc"}, {"kind", "release"}}, 900}});
  Say(Question::kDuties, {{{{"store", "SH01"}, {"kind", "follow_up"}}, 7}});
  Say(Question::kBackupAge, {Of("parts-svc", 5 * 86400)});
  Say(Question::kDifferences, {Of("parts-svc", 2)});
  const std::string html = Shown();
  EXPECT_THAT(html, HasSubstr("stands still"));
  EXPECT_THAT(html, HasSubstr("15 min"));
  EXPECT_THAT(html, HasSubstr("follow_up"));
  EXPECT_THAT(html, HasSubstr("<span class=\"badge warn\">5 days</span>"));
  EXPECT_THAT(html, HasSubstr("<span class=\"badge bad\">2</span>"));
}

TEST_F(Page, ShowsAlertsWithTheWayToTheirSection) {
  SayAllIsWell();
  figures_.alerts =
      std::vector<Alert>{{"OutboxOld",
                          "page",
                          "Events of parts-svc wait",
                          "docs/operations.md#outboxold",
                          {{"job", "parts-svc"}},
                          page_.now - absl::Minutes(5)},
                         {"Elsewhere", "ticket", "", "https://runbooks.example/x", {}, page_.now - absl::Hours(5)},
                         {"Odd", "ticket", "", "javascript:alert(1)", {}, absl::InfinitePast()}};
  std::string html = Shown();
  EXPECT_THAT(html, HasSubstr("somebody is needed now"));
  EXPECT_THAT(html, HasSubstr("job=parts-svc"));
  EXPECT_THAT(html, HasSubstr("5 min"));
  EXPECT_THAT(html, HasSubstr("<code>docs/operations.md#outboxold</code>"));
  EXPECT_THAT(html, HasSubstr("href=\"https://runbooks.example/x\""));
  EXPECT_THAT(html, Not(HasSubstr("href=\"javascript")));
  page_.documents_url = "https://git.example/aftersales/";
  html = Shown();
  EXPECT_THAT(html, HasSubstr("href=\"https://git.example/aftersales/docs/operations.md#outboxold\""));
  EXPECT_THAT(html, Not(HasSubstr("href=\"javascript")));
}

TEST_F(Page, TakesNoWordFromOutsideForHtml) {
  SayAllIsWell();
  const std::string evil = "<script>alert('x')</script>\"&";
  Say(Question::kVersions, {{{{"service", "gateway"}, {"version", evil}}, 1}});
  Say(Question::kIntake, {{{{"job", evil}, {"publisher", evil}}, 0}});
  Say(Question::kSagas, {{{{"job", evil}, {"kind", evil}, {"state", evil}}, 1}});
  Say(Question::kDuties, {{{{"store", evil}, {"kind", evil}}, 1}});
  figures_.alerts = std::vector<Alert>{{evil, evil, evil, "https://x/" + evil, {{evil, evil}}, page_.now}};
  AddOwn("gateway_upstream_connected", {{{"upstream", evil}}, 1});
  AddOwn("gateway_refused_total", {{{"reason", evil}}, 1}, prometheus::MetricType::Counter);
  AddOwn("aftersales_build_info", {{{"version", evil}}, 1});
  for (const char* language : {"zh-CN", "en"}) {
    page_.language = language;
    EXPECT_THAT(Shown(), Not(HasSubstr("<script")));
    EXPECT_THAT(Shown(), HasSubstr("&lt;script&gt;"));
  }
  page_.suite = nullptr;
  page_.prometheus_url = "http://" + evil;
  EXPECT_THAT(Shown(), Not(HasSubstr("<script")));
}

TEST_F(Page, TellsWhyThereIsLittleToSee) {
  std::string html = Shown();
  EXPECT_THAT(html, HasSubstr("no Prometheus is configured"));
  EXPECT_THAT(html, HasSubstr("prometheus-url"));
  EXPECT_THAT(html, HasSubstr("aftersales.parts.v1"));
  EXPECT_THAT(html, HasSubstr("this gateway is well"));
  AddOwn("gateway_upstream_connected", {{{"upstream", "aftersales.crm.v1"}}, 0});
  EXPECT_THAT(Shown(), HasSubstr("a service is not connected"));

  page_.prometheus_url = "http://prometheus:9090";
  EXPECT_THAT(Shown(), HasSubstr("Prometheus does not answer: no answer in time"));
  page_.suite = &figures_;
  figures_.status = absl::UnavailableError("Connection refused");
  EXPECT_THAT(Shown(), HasSubstr("Prometheus does not answer: Connection refused"));
  EXPECT_THAT(Shown(), HasSubstr("aftersales.parts.v1")) << "what the gateway knows stays";

  figures_.status = absl::OkStatus();
  SayAllIsWell();
  figures_.answers[0] = absl::UnavailableError("slow");
  EXPECT_THAT(Shown(), HasSubstr("Questions Prometheus did not answer: 1"));
}

// What a browser makes of it: the same text, nothing loaded, nothing run.
TEST_F(Page, IsReadByABrowser) {
  SayAllIsWell();
  page_.language = "zh-CN";
  figures_.alerts = std::vector<Alert>{{"BackupOld",
                                        "page",
                                        "No backup of parts-svc",
                                        "docs/operations.md#backupold",
                                        {{"job", "parts-svc"}},
                                        page_.now - absl::Hours(3)}};
  Say(Question::kSagas, {{{{"job", "reception-svc"}, {"kind", "release"}, {"state", "running"}}, 2}});
  Say(Question::kDuties, {{{{"store", "SH01"}, {"kind", "DUTY_KIND_FOLLOW_UP"}}, 7}});
  const std::vector<std::string> printed = harness::PagesOf(Shown(), "status");
  std::string text;
  for (const std::string& page : printed) text += page;
  for (const char* words :
       {"运行状态", "有紧急告警", "BackupOld", "reception-svc", "本网关通往各服务", "DUTY_KIND_FOLLOW_UP"}) {
    EXPECT_TRUE(harness::Says(text, words)) << words;
  }
  EXPECT_THAT(Shown(), Not(HasSubstr("<script")));
  EXPECT_THAT(Shown(), Not(HasSubstr("<link")));
  EXPECT_THAT(Shown(), Not(HasSubstr("src=")));
}

// ---------------------------------------------------------------- at the door

class StatusDoor : public DoorTest {
 protected:
  void OpenWith(const std::string& prometheus_url) {
    chassis::config::Config config = Settings(absl::StrCat(kPackage, "=127.0.0.1:1"));
    config.Set("admin-listen", "127.0.0.1:0");
    config.Set("prometheus-url", prometheus_url);
    Open(config);
  }
  HttpReply Look(const std::string& path, const std::string& language = "en") {
    return web::Fetch(gateway_->admin_port(), "GET", path, {{"Accept-Language", language}});
  }
};

TEST_F(StatusDoor, ShowsWhatPrometheusSays) {
  FakePrometheus prometheus;
  prometheus.answers = {{"aftersales_build_info", Vector(Sample(R"("service":"parts-svc","version":"0.4.2")", "1"))}};
  OpenWith(prometheus.url());
  const HttpReply page = Look("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.Field("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(page.Field("content-security-policy"), kStatusPagePolicy);
  EXPECT_EQ(page.Field("cache-control"), "no-store");
  EXPECT_THAT(page.body, HasSubstr("0.4.2"));
  const int asked = prometheus.asked;
  EXPECT_THAT(Look("/status", "de, zh;q=0.5").body, HasSubstr("运行状态"));
  EXPECT_EQ(prometheus.asked, asked) << "a moment ago is good enough";
}

TEST_F(StatusDoor, LetsProbesThroughWhilePrometheusThinks) {
  const Silent prometheus;
  OpenWith(prometheus.url());
  web::HttpClient looking(gateway_->admin_port());
  ASSERT_TRUE(looking.Send(web::RequestText("GET", "/", {{"Accept-Language", "en"}})));
  // The admin door has one lane; were it held, this would wait for the page.
  EXPECT_EQ(Look("/readyz").status, 200);
  EXPECT_THAT(looking.Read().body, HasSubstr("Prometheus does not answer"));
}

TEST_F(StatusDoor, EndsWhileSomebodyLooks) {
  const Silent prometheus;
  OpenWith(prometheus.url());
  web::HttpClient looking(gateway_->admin_port());
  ASSERT_TRUE(looking.Send(web::RequestText("GET", "/", {{"Accept-Language", "en"}})));
  EXPECT_EQ(Look("/healthz").status, 200);
  gateway_->Stop(absl::Seconds(1));
  const HttpReply page = looking.Read();
  EXPECT_TRUE(page.status == 0 || absl::StrContains(page.body, "does not answer")) << page.body;
}

TEST_F(StatusDoor, DoesNotStartWithAnAddressThatIsNone) {
  for (const char* name : {"prometheus-url", "documents-url"}) {
    chassis::config::Config config = Settings(absl::StrCat(kPackage, "=127.0.0.1:1"));
    config.Set("admin-listen", "127.0.0.1:0");
    config.Set(name, "prometheus:9090");
    Gateway gateway(config);
    EXPECT_THAT(std::string(gateway.Start().message()), HasSubstr(name));
  }
}

}  // namespace
}  // namespace gateway::status
