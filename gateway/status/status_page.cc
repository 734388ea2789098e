#include "gateway/status/status_page.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "chassis/documents/print/form.h"
#include "chassis/status/text.h"

namespace gateway::status {
namespace {

using chassis::print::Escaped;
using chassis::print::Words;

constexpr std::array<std::string_view, 5> kJobs = {"gateway", "reception-svc", "workshop-svc", "parts-svc", "crm-svc"};

// Of the figures people look at twice.
constexpr double kBackupAgeMax = 26 * 3600;
constexpr double kVerifyAgeMax = 49 * 3600;
constexpr double kCertificateLeftMin = 21 * 86400;
constexpr double kOutboxAgeMax = 120;
constexpr double kSagaAgeMax = 600;
constexpr double kIntakeBehindMax = 1000;
constexpr double kFailureShareMax = 0.001;

constexpr char kStyle[] = R"css(
:root{color-scheme:light dark;
--ink:#1d2733;--faint:#6a7684;--line:#e3e8ee;--paper:#fff;--back:#f4f6f9;--good:#1a7f4b;--goodback:#e3f5ea;
--warn:#9a6200;--warnback:#fff3d6;--bad:#b3261e;--badback:#fde8e6;--accent:#1f5fbf}
@media(prefers-color-scheme:dark){:root{--ink:#e6ebf1;--faint:#96a2b0;--line:#2d3743;--paper:#1a212a;--back:#12171e;
--good:#5fd08f;--goodback:#143524;--warn:#f0b94a;--warnback:#3a2c0c;--bad:#ff8f86;--badback:#43191a;--accent:#7fb0ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);
font:14px/1.5 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","WenQuanYi Micro Hei",sans-serif}
main{max-width:1120px;margin:0 auto;padding:24px 20px 48px}
header{display:flex;flex-wrap:wrap;align-items:center;gap:6px 14px;margin-bottom:16px}
h1{font-size:20px;margin:0}h2{font-size:14px;margin:0;padding:12px 16px 0;color:var(--faint);font-weight:600}
header .time{color:var(--faint);margin-left:auto;font-variant-numeric:tabular-nums}
.badge{display:inline-block;border-radius:99px;padding:1px 10px;font-weight:600;white-space:nowrap}
.good{color:var(--good);background:var(--goodback)}.warn{color:var(--warn);background:var(--warnback)}
.bad{color:var(--bad);background:var(--badback)}.none{color:var(--faint);background:var(--line)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin-bottom:16px}
.tile,section{background:var(--paper);border:1px solid var(--line);border-radius:10px}
.tile{padding:12px 16px}.tile b{display:block;font-size:24px;line-height:1.3;font-variant-numeric:tabular-nums}
.tile span{color:var(--faint)}.tile.goodedge{border-left:4px solid var(--good)}
.tile.warnedge{border-left:4px solid var(--warn)}.tile.badedge{border-left:4px solid var(--bad)}
section{margin-bottom:16px;overflow-x:auto}section>p{margin:0;padding:8px 16px 14px;color:var(--faint)}
.two{columns:2 460px;column-gap:16px;margin-bottom:16px}.two section{break-inside:avoid}
table{border-collapse:collapse;width:100%;margin:6px 0 8px}
th,td{text-align:left;padding:6px 12px;white-space:nowrap}
th:first-child,td:first-child{padding-left:16px}th{color:var(--faint);font-weight:500;font-size:12px}
td{border-top:1px solid var(--line)}.n{text-align:right;font-variant-numeric:tabular-nums}
td.wide{white-space:normal;min-width:260px}td small{color:var(--faint);display:block}
.notice{border-radius:10px;padding:12px 16px;margin-bottom:16px}.notice p{margin:4px 0 0}
code{font:12px/1.4 ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace}
a{color:var(--accent)}footer{color:var(--faint);display:flex;flex-wrap:wrap;gap:4px 16px}
)css";

enum class Mood { kPlain, kGood, kWarn, kBad };
std::string_view ClassOf(Mood mood) {
  switch (mood) {
    case Mood::kGood:
      return "good";
    case Mood::kWarn:
      return "warn";
    case Mood::kBad:
      return "bad";
    case Mood::kPlain:
      break;
  }
  return "none";
}

enum class Shape { kText, kNumber, kSentence };
std::string_view ClassOf(Shape shape) {
  return shape == Shape::kNumber ? "n" : shape == Shape::kSentence ? "wide" : "t";
}
// A cell of a table; `html` is escaped already.
struct Cell {
  std::string html;
  Shape shape = Shape::kText;
  Mood mood = Mood::kPlain;
};
Cell Text(std::string_view text) { return {Escaped(text)}; }
Cell Sentence(std::string_view text) { return {Escaped(text), Shape::kSentence}; }
Cell Number(std::string text, Mood mood = Mood::kPlain) { return {std::move(text), Shape::kNumber, mood}; }

const Figure* Find(const Figures& figures, const std::map<std::string, std::string>& labels) {
  for (const Figure& figure : figures) {
    if (std::all_of(labels.begin(), labels.end(),
                    [&](const auto& label) { return figure.Label(label.first) == label.second; })) {
      return &figure;
    }
  }
  return nullptr;
}
std::optional<double> ValueOf(const Figures& figures, std::string_view job) {
  const Figure* figure = Find(figures, {{"job", std::string(job)}});
  if (figure == nullptr) return std::nullopt;
  return figure->value;
}
std::optional<double> Sum(const Figures& figures) {
  if (figures.empty()) return std::nullopt;
  double sum = 0;
  for (const Figure& figure : figures) sum += figure.value;
  return sum;
}

std::string Count(double value) { return absl::StrFormat("%.0f", value); }
std::string Decimal(double value) { return absl::StrFormat("%.1f", value); }

// A family of this process, as figures.
Figures OwnFigures(const std::vector<prometheus::MetricFamily>& families, std::string_view name) {
  Figures figures;
  for (const prometheus::MetricFamily& family : families) {
    if (family.name != name) continue;
    for (const prometheus::ClientMetric& metric : family.metric) {
      Figure figure;
      for (const prometheus::ClientMetric::Label& label : metric.label) figure.labels[label.name] = label.value;
      figure.value = family.type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value;
      figures.push_back(std::move(figure));
    }
  }
  return figures;
}

// Writes one page.
class Writer {
 public:
  explicit Writer(const StatusPage& page) : page_(page), chinese_(page.language != "en") {}
  std::string Write();

 private:
  std::string In(const Words& words) const { return std::string(chinese_ ? words.zh : words.en); }
  std::string Dash() const { return "–"; }
  std::string Span(double seconds) const;
  std::string When(absl::Time time) const;
  const Figures& Of(Question question) const {
    static const auto* const kNone = new Figures();
    return answered() ? page_.suite->Of(question) : *kNone;
  }
  // Prometheus said something.
  bool answered() const { return page_.suite != nullptr && page_.suite->status.ok(); }

  Cell OrDash(const std::optional<double>& value, std::string (*shown)(double)) const;
  Cell Age(const std::optional<double>& seconds, double worry_from) const;
  Cell Badge(const Words& words, Mood mood) const;
  void Table(const Words& title, const std::vector<std::pair<Words, Shape>>& columns,
             const std::vector<std::vector<Cell>>& rows, const Words& when_empty);
  void Tile(const Words& label, const std::string& value, Mood mood);
  void Notice(Mood mood, const std::string& title, const std::vector<std::string>& lines);

  std::pair<Words, Mood> Verdict() const;
  int Missing() const;
  std::string Runbook(const Alert& alert) const;

  void Head();
  void Silence();
  void Tiles();
  void Alerts();
  void Services();
  std::vector<Cell> ServiceRow(std::string_view job) const;
  std::string VersionsOf(std::string_view job) const;
  void Flow();
  void Sagas();
  void Duties();
  void Safekeeping();
  void Upstreams();
  void Refusals();
  void Foot();

  const StatusPage& page_;
  const bool chinese_;
  std::string html_;
};

// ---------------------------------------------------------------- pieces

std::string Writer::Span(double seconds) const {
  const double size = std::abs(seconds);
  const auto said = [&](double amount, const Words& unit) { return absl::StrFormat("%.0f %s", amount, In(unit)); };
  if (seconds == 0) return "0";
  if (size < 1) return absl::StrFormat("%.0f ms", seconds * 1000);
  if (size < 120) return said(seconds, {"秒", "s"});
  if (size < 2 * 3600) return said(seconds / 60, {"分钟", "min"});
  if (size < 2 * 86400) return said(seconds / 3600, {"小时", "h"});
  return said(seconds / 86400, {"天", "days"});
}

std::string Writer::When(absl::Time time) const {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", time, absl::UTCTimeZone());
}

Cell Writer::OrDash(const std::optional<double>& value, std::string (*shown)(double)) const {
  return Number(value ? shown(*value) : Dash());
}

Cell Writer::Age(const std::optional<double>& seconds, double worry_from) const {
  if (!seconds) return Number(Dash());
  // Done by a clock that runs ahead (development has one), it is as young as can be.
  return Number(Span(std::max(0.0, *seconds)), *seconds > worry_from ? Mood::kWarn : Mood::kPlain);
}

Cell Writer::Badge(const Words& words, Mood mood) const {
  return {absl::StrCat("<span class=\"badge ", chassis::Absl(ClassOf(mood)), "\">", Escaped(In(words)), "</span>")};
}

void Writer::Table(const Words& title, const std::vector<std::pair<Words, Shape>>& columns,
                   const std::vector<std::vector<Cell>>& rows, const Words& when_empty) {
  absl::StrAppend(&html_, "<section><h2>", Escaped(In(title)), "</h2>");
  if (rows.empty()) {
    absl::StrAppend(&html_, "<p>", Escaped(In(when_empty)), "</p></section>\n");
    return;
  }
  html_ += "<table><thead><tr>";
  for (const auto& [label, shape] : columns) {
    absl::StrAppend(&html_, "<th class=\"", chassis::Absl(ClassOf(shape)), "\">", Escaped(In(label)), "</th>");
  }
  html_ += "</tr></thead><tbody>\n";
  for (const std::vector<Cell>& row : rows) {
    html_ += "<tr>";
    for (const Cell& cell : row) {
      const std::string shown =
          cell.mood == Mood::kPlain
              ? cell.html
              : absl::StrCat("<span class=\"badge ", chassis::Absl(ClassOf(cell.mood)), "\">", cell.html, "</span>");
      absl::StrAppend(&html_, "<td class=\"", chassis::Absl(ClassOf(cell.shape)), "\">", shown, "</td>");
    }
    html_ += "</tr>\n";
  }
  html_ += "</tbody></table></section>\n";
}

void Writer::Tile(const Words& label, const std::string& value, Mood mood) {
  const std::string edge = mood == Mood::kPlain ? "" : absl::StrCat(" ", chassis::Absl(ClassOf(mood)), "edge");
  absl::StrAppend(&html_, "<div class=\"tile", edge, "\"><b>", value, "</b><span>", Escaped(In(label)),
                  "</span></div>\n");
}

void Writer::Notice(Mood mood, const std::string& title, const std::vector<std::string>& lines) {
  absl::StrAppend(&html_, "<div class=\"notice ", chassis::Absl(ClassOf(mood)), "\" role=\"status\"><b>", title,
                  "</b>");
  for (const std::string& line : lines) absl::StrAppend(&html_, "<p>", line, "</p>");
  html_ += "</div>\n";
}

// ---------------------------------------------------------------- the whole

// Processes of the suite that Prometheus cannot reach, and services it knows no process of.
int Writer::Missing() const {
  double missing = 0;
  for (const std::string_view job : kJobs) {
    const double known = ValueOf(Of(Question::kTargets), job).value_or(0);
    missing += known == 0 ? 1 : known - ValueOf(Of(Question::kUp), job).value_or(0);
  }
  return static_cast<int>(missing);
}

std::pair<Words, Mood> Writer::Verdict() const {
  if (!page_.prometheus_url.empty() && !answered())
    return {{"Prometheus 没有应答", "Prometheus does not answer"}, Mood::kBad};
  if (answered()) {
    const bool alerts_known = page_.suite->alerts.ok();
    const std::vector<Alert> none;
    const std::vector<Alert>& alerts = alerts_known ? *page_.suite->alerts : none;
    if (std::any_of(alerts.begin(), alerts.end(), [](const Alert& alert) { return alert.severity == "page"; })) {
      return {{"有紧急告警", "somebody is needed now"}, Mood::kBad};
    }
    if (Missing() > 0) return {{"有进程不可达", "processes are missing"}, Mood::kBad};
    if (!alerts.empty()) return {{"有告警", "alerts fire"}, Mood::kWarn};
    if (page_.suite->unanswered() > 0) return {{"部分数据缺失", "some figures are missing"}, Mood::kWarn};
    return {{"一切正常", "all is well"}, Mood::kGood};
  }
  if (!page_.ready) return {{"本网关未就绪", "this gateway is not ready"}, Mood::kWarn};
  for (const Figure& upstream : OwnFigures(page_.own, "gateway_upstream_connected")) {
    if (upstream.value == 0) return {{"有服务连接不上", "a service is not connected"}, Mood::kWarn};
  }
  return {{"本网关正常", "this gateway is well"}, Mood::kGood};
}

std::string Writer::Write() {
  Head();
  Silence();
  if (answered()) {
    Tiles();
    Alerts();
    Services();
    html_ += "<div class=\"two\">\n";
    Flow();
    Sagas();
    Duties();
    Safekeeping();
    html_ += "</div>\n";
  }
  html_ += "<div class=\"two\">\n";
  Upstreams();
  Refusals();
  html_ += "</div>\n";
  Foot();
  return std::move(html_);
}

void Writer::Head() {
  const auto [words, mood] = Verdict();
  const std::string title = In({"售后服务套件 · 运行状态", "After-sales suite · status"});
  absl::StrAppend(&html_, "<!doctype html>\n<html lang=\"", chinese_ ? "zh-CN" : "en",
                  "\"><head><meta charset=\"utf-8\">", "<meta http-equiv=\"refresh\" content=\"15\">",
                  "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>", title,
                  "</title><style>", kStyle, "</style></head><body><main>\n<header><h1>", title, "</h1>",
                  Badge(words, mood).html, "<span class=\"time\">", When(page_.now), "</span></header>\n");
}

// What is not to be seen here, and why.
void Writer::Silence() {
  if (page_.prometheus_url.empty()) {
    Notice(
        Mood::kWarn,
        In({"这里只有本网关自己知道的情况：没有配置 Prometheus",
            "Only what this gateway knows itself: no Prometheus is configured"}),
        {In({"给网关设置 <code>prometheus-url</code>（例如 "
             "<code>http://prometheus:9090</code>）后，本页显示全部服务的状态、积压和告警；"
             "开发环境用 <code>./dev up --with-prometheus</code>。",
             "With the gateway's setting <code>prometheus-url</code> (such as <code>http://prometheus:9090</code>) "
             "this "
             "page shows all services, backlogs and alerts; in development <code>./dev up --with-prometheus</code>."}),
         In({"各进程自己的数据在其管理端口的 <code>/metrics</code>；说明见 <code>docs/operations.md</code>。",
             "Each process shows its own figures at <code>/metrics</code> of its admin port; "
             "<code>docs/operations.md</code> explains them."})});
    return;
  }
  if (!answered()) {
    const std::string why = page_.suite == nullptr ? In({"限定时间内没有应答", "no answer in time"})
                                                   : Escaped(std::string(page_.suite->status.message()));
    Notice(Mood::kBad, absl::StrCat(In({"Prometheus 没有应答：", "Prometheus does not answer: "}), why),
           {absl::StrCat(In({"地址 ", "Asked at "}), "<code>", Escaped(page_.prometheus_url), "</code>",
                         In({"。业务不受影响；下面只有本网关自己知道的情况。",
                             ". The business does not depend on it; below is what this gateway knows itself."})),
            In({"请检查 Prometheus 是否在运行、网络策略是否放行网关；在它恢复之前，也不会有新的告警发出。",
                "See whether it runs and whether the network lets the gateway through; until it is back, nothing warns "
                "anybody."})});
    return;
  }
  const int unanswered = page_.suite->unanswered();
  if (unanswered == 0) return;
  Notice(Mood::kWarn, In({"部分数据缺失", "Some figures are missing"}),
         {absl::StrCat(In({"Prometheus 没有回答的问题数：", "Questions Prometheus did not answer: "}), unanswered)});
}

void Writer::Tiles() {
  html_ += "<div class=\"tiles\">\n";
  const int missing = Missing();
  const double known = Sum(Of(Question::kTargets)).value_or(0);
  const double up = Sum(Of(Question::kUp)).value_or(0);
  Tile({"进程在运行", "processes up"}, absl::StrCat(Count(up), " / ", Count(known)),
       missing == 0 ? Mood::kGood : Mood::kBad);
  if (page_.suite->alerts.ok()) {
    const std::vector<Alert>& alerts = *page_.suite->alerts;
    const bool page = !alerts.empty() && alerts.front().severity == "page";
    Tile({"条告警", "alerts firing"}, absl::StrCat(alerts.size()),
         alerts.empty() ? Mood::kGood
         : page         ? Mood::kBad
                        : Mood::kWarn);
  }
  const std::optional<double> requests = ValueOf(Of(Question::kRequests), "gateway");
  const double failures = ValueOf(Of(Question::kFailures), "gateway").value_or(0);
  Tile({"每秒请求（网关）", "calls a second (gateway)"}, requests ? Decimal(*requests) : Dash(), Mood::kPlain);
  const double share = requests.value_or(0) > 0 ? failures / *requests : 0;
  Tile({"失败占比", "of which failed"}, requests ? absl::StrFormat("%.2f %%", share * 100) : Dash(),
       share > kFailureShareMax ? Mood::kWarn : Mood::kGood);
  const std::optional<double> slow = ValueOf(Of(Question::kSlow), "gateway");
  Tile({"99% 的请求快于", "99 % of calls within"}, slow ? Span(*slow) : Dash(), Mood::kPlain);
  const std::optional<double> duties = Sum(Of(Question::kDutiesInAll));
  Tile({"项任务逾期", "duties overdue"}, duties ? Count(*duties) : Dash(),
       duties.value_or(0) > 0 ? Mood::kWarn : Mood::kGood);
  html_ += "</div>\n";
}

// ---------------------------------------------------------------- alerts

// An address as a link; a path of this repository behind documents_url, or as text without.
std::string Writer::Runbook(const Alert& alert) const {
  if (alert.runbook.empty()) return "";
  const std::string said = In({"处理办法", "what to do"});
  std::string address = alert.runbook;
  if (!absl::StartsWith(address, "https://") && !absl::StartsWith(address, "http://")) {
    if (page_.documents_url.empty()) return absl::StrCat("<code>", Escaped(address), "</code>");
    address = absl::StrCat(absl::StripSuffix(page_.documents_url, "/"), "/", absl::StripPrefix(address, "/"));
  }
  return absl::StrCat("<a rel=\"noreferrer\" href=\"", Escaped(address), "\">", said, "</a>");
}

void Writer::Alerts() {
  if (!page_.suite->alerts.ok()) return;
  std::vector<std::vector<Cell>> rows;
  for (const Alert& alert : *page_.suite->alerts) {
    const bool page = alert.severity == "page";
    std::string where;
    for (const auto& [label, value] : alert.labels) {
      if (label == "alertname" || label == "severity") continue;
      absl::StrAppend(&where, where.empty() ? "" : ", ", label, "=", value);
    }
    Cell what{absl::StrCat("<b>", Escaped(alert.name), "</b><small>", Escaped(where), "</small>")};
    const std::string since =
        alert.since == absl::InfinitePast() ? Dash() : Span(absl::ToDoubleSeconds(page_.now - alert.since));
    rows.push_back({page ? Badge({"紧急", "now"}, Mood::kBad) : Badge({"待办", "ticket"}, Mood::kWarn), std::move(what),
                    Sentence(alert.summary), Number(since), Cell{Runbook(alert)}});
  }
  Table({"触发中的告警", "Alerts firing"},
        {{{"", ""}, Shape::kText},
         {{"告警", "alert"}, Shape::kText},
         {{"情况", "what it says"}, Shape::kText},
         {{"已持续", "for"}, Shape::kNumber},
         {{"", ""}, Shape::kText}},
        rows, {"没有触发的告警。", "None."});
}

// ---------------------------------------------------------------- services

std::string Writer::VersionsOf(std::string_view job) const {
  std::string versions;
  for (const Figure& figure : Of(Question::kVersions)) {
    if (figure.Label("service") != job) continue;
    absl::StrAppend(&versions, versions.empty() ? "" : ", ", figure.Label("version"));
  }
  return versions.empty() ? Dash() : versions;
}

std::vector<Cell> Writer::ServiceRow(std::string_view job) const {
  const double known = ValueOf(Of(Question::kTargets), job).value_or(0);
  const double up = ValueOf(Of(Question::kUp), job).value_or(0);
  const Mood mood = known > 0 && up == known ? Mood::kGood : Mood::kBad;
  const std::optional<double> requests = ValueOf(Of(Question::kRequests), job);
  const std::optional<double> failures = ValueOf(Of(Question::kFailures), job);
  const double share = requests.value_or(0) > 0 ? failures.value_or(0) / *requests : 0;
  const std::optional<double> slow = ValueOf(Of(Question::kSlow), job);
  const std::optional<double> outbox = ValueOf(Of(Question::kOutbox), job);
  const std::optional<double> left = ValueOf(Of(Question::kCertificate), job);
  return {Text(job),
          Text(VersionsOf(job)),
          Number(absl::StrCat(Count(up), " / ", Count(known)), mood),
          OrDash(requests, Decimal),
          Number(requests ? absl::StrFormat("%.2f %%", share * 100) : Dash(),
                 share > kFailureShareMax ? Mood::kWarn : Mood::kPlain),
          Number(slow ? Span(*slow) : Dash()),
          OrDash(outbox, Count),
          Age(ValueOf(Of(Question::kOutboxAge), job), kOutboxAgeMax),
          Number(left ? Span(*left) : Dash(), left && *left < kCertificateLeftMin ? Mood::kWarn : Mood::kPlain)};
}

void Writer::Services() {
  std::vector<std::vector<Cell>> rows;
  for (const std::string_view job : kJobs) rows.push_back(ServiceRow(job));
  Table({"服务（最近 5 分钟）", "Services (last 5 minutes)"},
        {{{"服务", "service"}, Shape::kText},
         {{"版本", "version"}, Shape::kText},
         {{"在运行", "up"}, Shape::kNumber},
         {{"请求/秒", "calls/s"}, Shape::kNumber},
         {{"失败", "failed"}, Shape::kNumber},
         {{"99% 快于", "99 % within"}, Shape::kNumber},
         {{"待发事件", "outbox"}, Shape::kNumber},
         {{"最久等待", "oldest"}, Shape::kNumber},
         {{"证书剩余", "certificate"}, Shape::kNumber}},
        rows, {"", ""});
}

void Writer::Flow() {
  std::vector<std::vector<Cell>> rows;
  for (const Figure& figure : Of(Question::kIntake)) {
    const bool blocked = Find(Of(Question::kBlocked),
                              {{"job", figure.Label("job")}, {"publisher", figure.Label("publisher")}}) != nullptr;
    rows.push_back({Text(figure.Label("job")), Text(figure.Label("publisher")),
                    Number(Count(figure.value), figure.value > kIntakeBehindMax ? Mood::kWarn : Mood::kPlain),
                    blocked ? Badge({"停住了", "stands still"}, Mood::kBad) : Badge({"在走", "moves"}, Mood::kGood)});
  }
  Table({"事件接收", "Events taken in"},
        {{{"服务", "service"}, Shape::kText},
         {{"来自", "from"}, Shape::kText},
         {{"落后", "behind"}, Shape::kNumber},
         {{"", ""}, Shape::kText}},
        rows, {"没有数据。", "No figures."});
}

void Writer::Sagas() {
  std::map<std::pair<std::string, std::string>, std::pair<double, double>> by_kind;  // running, compensating
  for (const Figure& figure : Of(Question::kSagas)) {
    auto& [running, compensating] = by_kind[{figure.Label("job"), figure.Label("kind")}];
    (figure.Label("state") == "compensating" ? compensating : running) += figure.value;
  }
  std::vector<std::vector<Cell>> rows;
  for (const auto& [key, counts] : by_kind) {
    const Figure* age = Find(Of(Question::kSagaAge), {{"job", key.first}, {"kind", key.second}});
    rows.push_back({Text(key.first), Text(key.second), Number(Count(counts.first)),
                    Number(Count(counts.second), counts.second > 0 ? Mood::kWarn : Mood::kPlain),
                    Age(age == nullptr ? std::nullopt : std::optional<double>(age->value), kSagaAgeMax)});
  }
  Table({"跨服务流程", "Sagas under way"},
        {{{"服务", "service"}, Shape::kText},
         {{"流程", "kind"}, Shape::kText},
         {{"进行中", "running"}, Shape::kNumber},
         {{"撤销中", "undone"}, Shape::kNumber},
         {{"最久", "oldest"}, Shape::kNumber}},
        rows, {"没有进行中的流程。", "None."});
}

void Writer::Duties() {
  std::vector<std::vector<Cell>> rows;
  for (const Figure& figure : Of(Question::kDuties)) {
    rows.push_back({Text(figure.Label("store")), Text(figure.Label("kind")), Number(Count(figure.value), Mood::kWarn)});
  }
  Table({"逾期任务（最多的门店与种类）", "Duties overdue (the most, by store and kind)"},
        {{{"门店", "store"}, Shape::kText}, {{"种类", "kind"}, Shape::kText}, {{"逾期", "overdue"}, Shape::kNumber}},
        rows, {"没有逾期任务。", "None."});
}

void Writer::Safekeeping() {
  std::vector<std::vector<Cell>> rows;
  for (const std::string_view job : kJobs) {
    if (job == "gateway") continue;  // it keeps nothing
    const std::optional<double> differences = ValueOf(Of(Question::kDifferences), job);
    rows.push_back(
        {Text(job), Age(ValueOf(Of(Question::kBackupAge), job), kBackupAgeMax),
         Age(ValueOf(Of(Question::kVerifyAge), job), kVerifyAgeMax),
         Number(differences ? Count(*differences) : Dash(), differences.value_or(0) > 0 ? Mood::kBad : Mood::kPlain)});
  }
  Table({"备份与核对", "Backup and verification"},
        {{{"服务", "service"}, Shape::kText},
         {{"距上次备份", "last backup"}, Shape::kNumber},
         {{"最久未核对", "verified"}, Shape::kNumber},
         {{"差异", "differences"}, Shape::kNumber}},
        rows, {"", ""});
}

// ---------------------------------------------------------------- this gateway

void Writer::Upstreams() {
  const Figures circuits = OwnFigures(page_.own, "gateway_circuit_state");
  const Figures in_flight = OwnFigures(page_.own, "gateway_inflight");
  std::vector<std::vector<Cell>> rows;
  for (const Figure& upstream : OwnFigures(page_.own, "gateway_upstream_connected")) {
    const std::string package = upstream.Label("upstream");
    const Figure* circuit = Find(circuits, {{"upstream", package}});
    const double state = circuit == nullptr ? 0 : circuit->value;
    const auto under_way = [&](const char* kind) {
      const Figure* figure = Find(in_flight, {{"upstream", package}, {"kind", kind}});
      return Number(figure == nullptr ? Dash() : Count(figure->value));
    };
    rows.push_back({Text(package),
                    upstream.value > 0 ? Badge({"已连接", "connected"}, Mood::kGood)
                                       : Badge({"未连接", "not connected"}, Mood::kBad),
                    state == 0   ? Badge({"闭合", "closed"}, Mood::kGood)
                    : state == 1 ? Badge({"试探", "half-open"}, Mood::kWarn)
                                 : Badge({"断开", "open"}, Mood::kBad),
                    under_way("call"), under_way("stream")});
  }
  Table({"本网关通往各服务", "This gateway's way to the services"},
        {{{"服务", "service"}, Shape::kText},
         {{"连接", "connection"}, Shape::kText},
         {{"熔断", "circuit"}, Shape::kText},
         {{"调用中", "calls"}, Shape::kNumber},
         {{"流", "streams"}, Shape::kNumber}},
        rows, {"没有服务。", "None."});
}

void Writer::Refusals() {
  Figures refused = OwnFigures(page_.own, "gateway_refused_total");
  std::erase_if(refused, [](const Figure& figure) { return figure.value == 0; });
  std::sort(refused.begin(), refused.end(), [](const Figure& a, const Figure& b) { return a.value > b.value; });
  std::vector<std::vector<Cell>> rows;
  for (const Figure& figure : refused) rows.push_back({Text(figure.Label("reason")), Number(Count(figure.value))});
  Table({"本网关拒绝的请求（启动以来）", "Calls this gateway refused (since its start)"},
        {{{"原因", "reason"}, Shape::kText}, {{"次数", "calls"}, Shape::kNumber}}, rows, {"没有拒绝过请求。", "None."});
}

void Writer::Foot() {
  std::string version = Dash();
  for (const Figure& build : OwnFigures(page_.own, "aftersales_build_info")) version = build.Label("version");
  const Figures start = OwnFigures(page_.own, "process_start_time_seconds");
  absl::StrAppend(&html_, "<footer><span>", In({"本网关 ", "this gateway "}), Escaped(version), "</span>");
  if (!start.empty()) {
    absl::StrAppend(&html_, "<span>", In({"已运行 ", "up for "}),
                    Span(absl::ToDoubleSeconds(page_.now - absl::UnixEpoch()) - start.front().value), "</span>");
  }
  absl::StrAppend(&html_, "<span>", page_.ready ? In({"就绪", "ready"}) : In({"未就绪", "not ready"}), "</span>");
  if (answered()) {
    absl::StrAppend(&html_, "<span>", In({"数据时间 ", "figures of "}), When(page_.suite->asked_time), "</span>");
  }
  absl::StrAppend(&html_,
                  "<a href=\"metrics\">/metrics</a><a href=\"healthz\">/healthz</a><a href=\"readyz\">/readyz</a>",
                  "</footer>\n</main></body></html>\n");
}

}  // namespace

std::string Html(const StatusPage& page) { return Writer(page).Write(); }

}  // namespace gateway::status
