#include "gateway/status/suite_figures.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "gateway/status/fetch.h"

namespace gateway::status {
namespace {

// A Prometheus in the same cluster answers all of it in a fraction of this.
constexpr absl::Duration kWhole = absl::Seconds(2);
constexpr size_t kAnswerBytesMax = 256 * 1024;

// The suite's own processes; a Prometheus may watch much more.
constexpr char kJobs[] = R"(job=~"gateway|(reception|workshop|parts|crm)-svc")";

// In the order of Question; "$" stands for the suite's jobs. Replicas show the same saga, event or duty: the largest of
// their figures counts. What each replica does itself is summed.
constexpr std::string_view kQueries[kQuestionCount] = {
    "count by (job) (up{$})",
    "sum by (job) (up{$})",
    "count by (service, version) (aftersales_build_info)",
    R"(sum by (job) (rate(grpc_server_handled_total{$,grpc_service!="unknown"}[5m])))",
    R"(sum by (job) (rate(grpc_server_handled_total{$,grpc_service!="unknown",)"
    R"(grpc_code=~"Unknown|Internal|Unavailable|DeadlineExceeded|DataLoss|Unimplemented"}[5m])))",
    R"(histogram_quantile(0.99, sum by (job, le) ()"
    R"(rate(grpc_server_handling_seconds_bucket{$,grpc_service!="unknown",grpc_type="unary",)"
    R"(grpc_method!="ReadEvents"}[5m]))))",  // which waits for news
    "max by (job) (event_outbox_pending{$})",
    "max by (job) (event_outbox_oldest_age_seconds{$})",
    // Replicas share an intake; the one that is farthest tells how far it is.
    "min by (job, publisher) (event_intake_behind{$})",
    "max by (job, publisher) (event_intake_blocked{$}) > 0",
    "max by (job, kind, state) (saga_running{$}) > 0",
    "max by (job, kind) (saga_oldest_age_seconds{$})",
    "topk(12, sum by (store, kind) (max by (job, store, kind) (duty_overdue{$})) > 0)",
    "sum(max by (job, store, kind) (duty_overdue{$}))",
    "time() - max by (job) (backup_last_success_timestamp_seconds{$} > 0)",
    "time() - min by (job) (max by (job, store) (verification_timestamp_seconds{$}))",
    "sum by (job) (max by (job, store, check) (verification_differences{$}))",
    "min by (job) (tls_certificate_expiry_timestamp_seconds{$}) - time()",
};
static_assert(kDutiesShown == 12, "the query asks for as many");

}  // namespace

const Figures& SuiteFigures::Of(Question question) const {
  static const auto* const kNone = new Figures();
  const absl::StatusOr<Figures>& answer = answers[static_cast<size_t>(question)];
  return answer.ok() ? *answer : *kNone;
}

int SuiteFigures::unanswered() const {
  const auto failed = [](const absl::StatusOr<Figures>& answer) { return !answer.ok(); };
  return static_cast<int>(std::count_if(answers.begin(), answers.end(), failed)) + (alerts.ok() ? 0 : 1);
}

SuiteFigures AskPrometheus(const std::string& url, const std::atomic<bool>& stopped) {
  const std::string base(absl::StripSuffix(url, "/"));
  std::vector<std::string> urls;
  for (const std::string_view query : kQueries) {
    const std::string text = absl::StrReplaceAll({query.data(), query.size()}, {{"$", kJobs}});
    urls.push_back(absl::StrCat(base, "/api/v1/query?query=", PercentEncoded(text)));
  }
  urls.push_back(absl::StrCat(base, "/api/v1/alerts"));
  SuiteFigures figures;
  figures.asked_time = absl::Now();
  const std::vector<absl::StatusOr<std::string>> bodies = FetchAll(urls, {kWhole, kAnswerBytesMax}, stopped);
  for (size_t i = 0; i < kQuestionCount; ++i) {
    figures.answers[i] = bodies[i].ok() ? ReadFigures(*bodies[i]) : bodies[i].status();
  }
  figures.alerts = bodies.back().ok() ? ReadAlerts(*bodies.back()) : bodies.back().status();
  if (figures.unanswered() > static_cast<int>(kQuestionCount)) figures.status = figures.answers[0].status();
  return figures;
}

}  // namespace gateway::status
