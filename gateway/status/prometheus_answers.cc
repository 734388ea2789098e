#include "gateway/status/prometheus_answers.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <tuple>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "chassis/status/status.h"

namespace gateway::status {
namespace {

using nlohmann::json;

absl::Status Strange() { return absl::InternalError("this is no answer of Prometheus"); }

std::string TextIn(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::map<std::string, std::string> LabelsIn(const json& object, const char* name) {
  std::map<std::string, std::string> labels;
  const auto found = object.find(name);
  if (found == object.end() || !found->is_object()) return labels;
  for (const auto& [label, value] : found->items()) {
    if (value.is_string()) labels[label] = value.get<std::string>();
  }
  return labels;
}

// The member `name` of "data", which is a list.
absl::StatusOr<json> ListIn(std::string_view body, const char* name) {
  json answer = json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!answer.is_object()) return Strange();
  if (TextIn(answer, "status") == "error") return absl::UnavailableError(TextIn(answer, "error"));
  const auto data = answer.find("data");
  if (data == answer.end() || !data->is_object()) return Strange();
  const auto list = data->find(name);
  if (list == data->end() || !list->is_array()) return Strange();
  return std::move(*list);
}

int Gravity(const Alert& alert) { return alert.severity == "page" ? 0 : alert.severity == "ticket" ? 1 : 2; }

}  // namespace

absl::StatusOr<Figures> ReadFigures(std::string_view body) {
  ASSIGN_OR_RETURN(const json result, ListIn(body, "result"));
  Figures figures;
  for (const json& sample : result) {
    if (!sample.is_object()) return Strange();
    const auto value = sample.find("value");  // [time, "number"]
    if (value == sample.end() || !value->is_array() || value->size() != 2 || !(*value)[1].is_string()) return Strange();
    Figure figure;
    if (!absl::SimpleAtod((*value)[1].get_ref<const std::string&>(), &figure.value)) return Strange();
    if (!std::isfinite(figure.value)) continue;
    figure.labels = LabelsIn(sample, "metric");
    figures.push_back(std::move(figure));
  }
  return figures;
}

absl::StatusOr<std::vector<Alert>> ReadAlerts(std::string_view body) {
  ASSIGN_OR_RETURN(const json list, ListIn(body, "alerts"));
  std::vector<Alert> alerts;
  for (const json& entry : list) {
    if (!entry.is_object()) return Strange();
    if (TextIn(entry, "state") != "firing") continue;
    Alert alert;
    alert.labels = LabelsIn(entry, "labels");
    const std::map<std::string, std::string> annotations = LabelsIn(entry, "annotations");
    const auto take = [](const std::map<std::string, std::string>& from, const char* name) {
      const auto found = from.find(name);
      return found == from.end() ? std::string() : found->second;
    };
    alert.name = take(alert.labels, "alertname");
    alert.severity = take(alert.labels, "severity");
    alert.summary = take(annotations, "summary");
    alert.runbook = take(annotations, "runbook_url");
    std::string ignored;
    if (!absl::ParseTime(absl::RFC3339_full, TextIn(entry, "activeAt"), &alert.since, &ignored)) {
      alert.since = absl::InfinitePast();
    }
    alerts.push_back(std::move(alert));
  }
  std::stable_sort(alerts.begin(), alerts.end(), [](const Alert& a, const Alert& b) {
    return std::tuple(Gravity(a), a.since, a.name) < std::tuple(Gravity(b), b.since, b.name);
  });
  return alerts;
}

}  // namespace gateway::status
