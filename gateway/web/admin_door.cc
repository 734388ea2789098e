#include "gateway/web/admin_door.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "chassis/server/error_mapping.h"
#include "chassis/status/text.h"
#include "gateway/status/status_page.h"
#include "prometheus/text_serializer.h"

namespace gateway::web {
namespace {

bool IsStatusPage(std::string_view path) { return path == "/" || path == "/status"; }

}  // namespace

Task AdminDoor::Serve(Exchange& exchange) {
  const HttpRequest& request = exchange.request();
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (reads && IsStatusPage(request.Path())) {
    Task shown = ServeStatus(exchange);
    co_await shown;
    co_return;
  }
  HttpAnswer answer;
  std::string body;
  answer.fields = {{"Content-Type", "text/plain; charset=utf-8"},
                   {"Cache-Control", "no-store"},
                   {"X-Content-Type-Options", "nosniff"}};
  if (!reads) {
    answer.status = 405;
    answer.fields.emplace_back("Allow", "GET, HEAD");
    body = "only GET and HEAD\n";
  } else if (request.Path() == "/metrics") {
    answer.fields[0].second = "text/plain; version=0.0.4; charset=utf-8";
    body = prometheus::TextSerializer().Serialize(settings_.figures->Collect());
  } else if (request.Path() == "/healthz") {
    body = "ok\n";
  } else if (request.Path() == "/readyz") {
    const bool ready = ready_.load(std::memory_order_relaxed);
    answer.status = ready ? 200 : 503;
    body = ready ? "ready\n" : "not ready\n";
  } else {
    answer.status = 404;
    body = "/ (status page), /metrics, /healthz, /readyz\n";
  }
  bool sent = false;
  Task answered = exchange.Answer(std::move(answer), std::move(body), sent);
  co_await answered;
}

Task AdminDoor::ServeStatus(Exchange& exchange) {
  std::shared_ptr<const status::SuiteFigures> suite;
  status::StatusPage page;
  if (settings_.inquiry != nullptr) {
    page.prometheus_url = settings_.inquiry->url();
    Task asked = settings_.inquiry->Get(exchange.queue(), suite);
    co_await asked;
  }
  page.language = chassis::LanguageOf(exchange.request().Field("accept-language"));
  page.documents_url = settings_.documents_url;
  page.suite = suite.get();
  page.own = settings_.figures->Collect();
  page.ready = ready_.load(std::memory_order_relaxed);
  page.now = absl::Now();
  HttpAnswer answer;
  answer.fields = {{"Content-Type", "text/html; charset=utf-8"},
                   {"Content-Language", std::string(page.language)},
                   {"Vary", "Accept-Language"},
                   {"Cache-Control", "no-store"},
                   {"X-Content-Type-Options", "nosniff"},
                   {"Referrer-Policy", "no-referrer"},
                   {"Content-Security-Policy", status::kStatusPagePolicy}};
  bool sent = false;
  Task answered = exchange.Answer(std::move(answer), status::Html(page), sent);
  co_await answered;
}

Site::Text AdminDoor::Malformed(int http_status, std::string_view why, const HttpRequest& request) {
  static_cast<void>(http_status);
  static_cast<void>(request);
  return {"text/plain; charset=utf-8", absl::StrCat(chassis::Absl(why), "\n")};
}

}  // namespace gateway::web
