// Business gauges per store, counted in the schema: how many orders stand in which state, what customers owe, which
// share was delivered in time. One replica counts at a time; the others show nothing, so that a figure whose lease has
// moved does not live on. What a family shows is replaced whole by its next count.
//
//   rooms.Count({.name = "reception_repair_orders", .help = "Repair orders not closed, by state .",
//                .labels = {{"state", {"draft", "signed"}}},
//                .sql = "SELECT store_id, state, COUNT(*) AS value FROM repair_order WHERE ... GROUP BY store_id,
//                state"});
//
// No statement reads a table without an index (the main job's test EXPLAINs them): where no condition has one,
// `FROM store JOIN repair_order USING (store_id)` goes by the primary key.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chassis/sql/session.h"
#include "prometheus/collectable.h"
#include "prometheus/metric_family.h"

namespace chassis {

class Host;

class Census : public prometheus::Collectable {
 public:
  struct Label {
    std::string name;                 // a column of the statement, too; its text is shown in lower case
    std::vector<std::string> values;  // all there are, lower case; empty: whatever the rows say (a closed set by then)
  };
  struct Point {
    std::string store_id;  // kGroupStoreId shows as store="group"
    std::vector<std::string> labels;
    double value = 0;
  };
  struct Family {
    std::string name;
    std::string help;  // what is counted, its unit, the handbook's row
    std::vector<Label> labels;
    // SELECT store_id, <each label>, value; or numerator, denominator for a ratio, which is not shown for a store whose
    // denominator is 0. `:now`, `:day_ago` and `:month_ago` (30 days) stand for times.
    std::string sql;
    // Instead of `sql`, where the figure is not one statement.
    std::function<absl::StatusOr<std::vector<Point>>(sql::Session&)> points;
    absl::Duration every = absl::Minutes(1);
  };

  // `families` names every family once. Counts that have all label values named, or none, show 0 for every store that
  // no row speaks of; the others once they were seen.
  Census(Host& host, std::vector<Family> families);

  // Counts the families that are due. One that fails leaves the others counted, and what it showed until it has failed
  // a few times; the first failure is the answer. Returns the number of families counted.
  absl::StatusOr<int64_t> Turn();
  // Another replica counts now.
  void Forget();

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  using Key = std::pair<std::string, std::vector<std::string>>;  // store code, label values
  struct Counted {
    Family family;
    std::vector<std::string> times;  // the names of the times the statement asks for, in order
    bool ratio = false;
    absl::Time due = absl::InfinitePast();
    bool shown = false;
    int failures = 0;  // one after the other
    std::map<Key, double> values;
  };
  using Codes = std::map<std::string, std::string>;  // by store id

  absl::StatusOr<std::vector<Point>> PointsOf(Counted& counted, sql::Session& session) const;
  absl::Status Count(Counted& counted);
  void Hide(Counted& counted);
  // Of a store this service does not have yet: what its owner says, or else the id.
  std::string CodeOf(const std::string& store_id, Codes& codes, absl::Time deadline) const;

  Host& host_;
  mutable std::mutex mutex_;  // guards `shown` and `values`, which Collect reads
  std::vector<Counted> families_;
};

}  // namespace chassis
