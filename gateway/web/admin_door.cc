#include "gateway/web/admin_door.h"

#include "absl/strings/str_cat.h"
#include "chassis/status/text.h"
#include "prometheus/text_serializer.h"

namespace gateway::web {

Task AdminDoor::Serve(Exchange& exchange) {
  const HttpRequest& request = exchange.request();
  HttpAnswer answer;
  std::string body;
  answer.fields = {{"Content-Type", "text/plain; charset=utf-8"},
                   {"Cache-Control", "no-store"},
                   {"X-Content-Type-Options", "nosniff"}};
  if (request.method != "GET" && request.method != "HEAD") {
    answer.status = 405;
    answer.fields.emplace_back("Allow", "GET, HEAD");
    body = "only GET and HEAD\n";
  } else if (request.Path() == "/metrics") {
    answer.fields[0].second = "text/plain; version=0.0.4; charset=utf-8";
    body = prometheus::TextSerializer().Serialize(registry_->Collect());
  } else if (request.Path() == "/healthz") {
    body = "ok\n";
  } else if (request.Path() == "/readyz") {
    const bool ready = ready_.load(std::memory_order_relaxed);
    answer.status = ready ? 200 : 503;
    body = ready ? "ready\n" : "not ready\n";
  } else {
    answer.status = 404;
    body = "/metrics, /healthz, /readyz\n";
  }
  bool sent = false;
  Task answered = exchange.Answer(std::move(answer), std::move(body), sent);
  co_await answered;
}

Site::Text AdminDoor::Malformed(int http_status, std::string_view why, const HttpRequest& request) {
  static_cast<void>(http_status);
  static_cast<void>(request);
  return {"text/plain; charset=utf-8", absl::StrCat(chassis::Absl(why), "\n")};
}

}  // namespace gateway::web
