#include "chassis/telemetry/census.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "chassis/host/host.h"
#include "chassis/status/check.h"
#include "chassis/status/status.h"
#include "chassis/telemetry/log.h"

namespace chassis {
namespace {

constexpr absl::Duration kCountDeadline = absl::Seconds(20);
// After so many failures in a row a figure is older than anybody expects of a gauge.
constexpr int kFailuresMax = 3;
constexpr std::string_view kTimeNames[] = {":now", ":day_ago", ":month_ago"};

absl::Time TimeOf(std::string_view name, absl::Time now) {
  if (name == ":day_ago") return now - absl::Hours(24);
  if (name == ":month_ago") return now - absl::Hours(24 * 30);
  return now;
}

// Takes the names of times out of the statement, `?` in their places.
std::vector<std::string> TakeTimes(std::string& sql) {
  std::vector<std::string> times;
  for (size_t at = sql.find(':'); at != std::string::npos; at = sql.find(':', at + 1)) {
    for (const std::string_view name : kTimeNames) {
      if (sql.compare(at, name.size(), name) != 0) continue;
      times.emplace_back(name);
      sql.replace(at, name.size(), "?");
      break;
    }
  }
  return times;
}

bool IsClosed(const std::vector<Census::Label>& labels) {
  return std::all_of(labels.begin(), labels.end(), [](const Census::Label& label) { return !label.values.empty(); });
}

// Every combination of the labels' values.
std::vector<std::vector<std::string>> Combinations(const std::vector<Census::Label>& labels) {
  std::vector<std::vector<std::string>> all{{}};
  for (const Census::Label& label : labels) {
    std::vector<std::vector<std::string>> longer;
    for (const std::vector<std::string>& one : all) {
      for (const std::string& value : label.values) {
        longer.push_back(one);
        longer.back().push_back(value);
      }
    }
    all = std::move(longer);
  }
  return all;
}

bool IsNamed(const std::vector<Census::Label>& labels, const std::vector<std::string>& values) {
  for (size_t i = 0; i < labels.size(); ++i) {
    const std::vector<std::string>& known = labels[i].values;
    if (!known.empty() && std::find(known.begin(), known.end(), values[i]) == known.end()) return false;
  }
  return true;
}

}  // namespace

Census::Census(Host& host, std::vector<Family> families) : host_(host) {
  for (Family& family : families) {
    Counted counted{.family = std::move(family)};
    counted.times = TakeTimes(counted.family.sql);
    counted.ratio = counted.family.sql.find("denominator") != std::string::npos;
    families_.push_back(std::move(counted));
  }
}

absl::StatusOr<std::vector<Census::Point>> Census::PointsOf(Counted& counted, sql::Session& session) const {
  const Family& family = counted.family;
  if (family.points) return family.points(session);
  std::vector<sql::Value> times;
  for (const std::string& name : counted.times) times.push_back(sql::ToValue(TimeOf(name, host_.clock().Now())));
  ASSIGN_OR_RETURN(const sql::Rows rows, session.QueryValues(family.sql, times));
  std::vector<Point> points;
  for (size_t i = 0; i < rows.size(); ++i) {
    Point point{.store_id = rows[i].Id("store_id")};
    for (const Label& label : family.labels) point.labels.push_back(absl::AsciiStrToLower(rows[i].Text(label.name)));
    if (counted.ratio) {
      const int64_t denominator = rows[i].IntOr("denominator", 0);
      if (denominator == 0) continue;
      point.value = static_cast<double>(rows[i].IntOr("numerator", 0)) / static_cast<double>(denominator);
    } else {
      point.value = static_cast<double>(rows[i].IntOr("value", 0));
    }
    points.push_back(std::move(point));
  }
  return points;
}

absl::Status Census::Count(Counted& counted) {
  const absl::Time deadline = host_.clock().Now() + kCountDeadline;
  std::vector<Point> points;
  Codes codes;
  RETURN_IF_ERROR(host_.pool().Read(deadline, [&](sql::Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(const sql::Rows stores, session.Query("SELECT store_id, code FROM store ORDER BY store_id"));
    for (size_t i = 0; i < stores.size(); ++i) codes[stores[i].Id("store_id")] = stores[i].Text("code");
    ASSIGN_OR_RETURN(points, PointsOf(counted, session));
    return absl::OkStatus();
  }));

  const std::vector<Label>& labels = counted.family.labels;
  std::map<Key, double> values;
  if (!counted.ratio && !counted.family.points && IsClosed(labels)) {
    const auto combinations = Combinations(labels);
    for (const auto& [store_id, code] : codes) {
      for (const auto& combination : combinations) values[{code, combination}] = 0;
    }
  }
  for (const Point& point : points) {
    if (point.labels.size() != labels.size() || !IsNamed(labels, point.labels)) {
      log::Error("a gauge met a label value nobody named",
                 {{"metric", counted.family.name}, {"labels", absl::StrJoin(point.labels, ",")}});
      continue;
    }
    values[{CodeOf(point.store_id, codes, deadline), point.labels}] = point.value;
  }
  std::lock_guard lock(mutex_);
  // What has no row any more reads 0, not what it was; a ratio of nothing is nothing.
  if (!counted.ratio && !counted.family.points) {
    for (const auto& [key, value] : counted.values) values.try_emplace(key, 0);
  }
  counted.values = std::move(values);
  counted.shown = true;
  return absl::OkStatus();
}

std::string Census::CodeOf(const std::string& store_id, Codes& codes, absl::Time deadline) const {
  if (store_id == kGroupStoreId) return "group";
  const auto known = codes.find(store_id);
  if (known != codes.end()) return known->second;
  const auto store = host_.stores().Get(store_id, deadline);
  return codes[store_id] = store.ok() ? store->code() : store_id;
}

absl::StatusOr<int64_t> Census::Turn() {
  const absl::Time now = host_.clock().Now();
  int64_t done = 0;
  absl::Status first;
  for (Counted& counted : families_) {
    if (now < counted.due) continue;
    counted.due = now + counted.family.every;
    const absl::Status status = Count(counted);
    counted.failures = status.ok() ? 0 : counted.failures + 1;
    if (status.ok()) {
      ++done;
      continue;
    }
    if (counted.failures >= kFailuresMax) Hide(counted);
    log::Warning("a gauge could not be counted",
                 {{"metric", counted.family.name}, {"why", std::string(status.message())}});
    first.Update(status);
  }
  RETURN_IF_ERROR(first);
  return done;
}

void Census::Forget() {
  for (Counted& counted : families_) {
    Hide(counted);
    counted.failures = 0;
    counted.due = absl::InfinitePast();
  }
}

void Census::Hide(Counted& counted) {
  std::lock_guard lock(mutex_);
  counted.shown = false;
  counted.values.clear();
}

std::vector<prometheus::MetricFamily> Census::Collect() const {
  std::vector<prometheus::MetricFamily> all;
  std::lock_guard lock(mutex_);
  for (const Counted& counted : families_) {
    if (!counted.shown) continue;
    prometheus::MetricFamily family;
    family.name = counted.family.name;
    family.help = counted.family.help;
    family.type = prometheus::MetricType::Gauge;
    for (const auto& [key, value] : counted.values) {
      prometheus::ClientMetric metric;
      metric.label.push_back({"store", key.first});
      for (size_t i = 0; i < counted.family.labels.size(); ++i) {
        metric.label.push_back({counted.family.labels[i].name, key.second[i]});
      }
      metric.gauge.value = value;
      family.metric.push_back(std::move(metric));
    }
    all.push_back(std::move(family));
  }
  return all;
}

}  // namespace chassis
