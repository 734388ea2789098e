#include "crm-svc/figures/figures_store.h"

#include <iterator>
#include <utility>

namespace crm {
namespace {

using Family = chassis::Census::Family;

// What a window of 30 days holds changes slowly; what a house has gathered in years, more slowly still.
constexpr absl::Duration kWindowEvery = absl::Minutes(5);
constexpr absl::Duration kStockEvery = absl::Minutes(15);

std::vector<Family> OfArchives() {
  return {
      // Left to itself the database counts in the primary key, which is the rows themselves.
      {.name = "crm_customers",
       .help = "Customer archives (C-01).",
       .sql = "SELECT store_id, COUNT(*) AS value FROM customer FORCE INDEX (customer_kind) GROUP BY store_id",
       .every = kStockEvery},
      {.name = "crm_vehicles",
       .help = "Vehicle archives (C-02).",
       .sql = "SELECT store_id, COUNT(*) AS value FROM vehicle FORCE INDEX (vehicle_customer) GROUP BY store_id",
       .every = kStockEvery},
      {.name = "crm_customer_archives_incomplete",
       .help = "Customers whose archive is still to be made or completed (C-01).",
       .sql = R"(SELECT store_id, COUNT(DISTINCT subject_id) AS value
                 FROM duty
                 WHERE state = 'OPEN' AND kind = 'customer_archive'
                 GROUP BY store_id)"},
      {.name = "crm_service_records",
       .help = "Orders of the last 30 days in the service histories (C-03).",
       .sql = R"(SELECT store_id, COUNT(*) AS value
                 FROM service_record
                 WHERE delivery_time >= :month_ago
                 GROUP BY store_id)",
       .every = kWindowEvery},
      {.name = "crm_recommendations_open",
       .help = "Work recommended to customers and not done (C-03, R-28).",
       .sql = R"(SELECT store_id, COUNT(*) AS value
                 FROM recommendation
                 WHERE state = 'OPEN'
                 GROUP BY store_id)",
       .every = kStockEvery},
  };
}

std::vector<Family> OfContacts() {
  return {
      {.name = "crm_follow_ups_open",
       .help = "Follow-ups to be made, by step; a second one once the first has ended (C-05).",
       .labels = {{"step", {"first", "second"}}},
       .sql = R"(SELECT store_id, CASE sequence WHEN 1 THEN 'first' ELSE 'second' END AS step, COUNT(*) AS value
                 FROM follow_up
                 WHERE state = 'OPEN'
                 GROUP BY store_id, step)"},
      {.name = "crm_follow_up_coverage_ratio",
       .help =
           "Share of the follow-ups due in the last 30 days that were made, whether or not the customer was reached "
           "(C-05).",
       .sql = R"(SELECT store_id, CAST(SUM(state <> 'OPEN') AS SIGNED) AS numerator, COUNT(*) AS denominator
                 FROM follow_up
                 WHERE (state IN ('DONE', 'UNREACHABLE') AND due_time >= :month_ago)
                    OR (state = 'OPEN' AND due_time >= :month_ago AND due_time < :now)
                 GROUP BY store_id)"},
      {.name = "crm_follow_up_reached_ratio",
       .help = "Share of the follow-ups due in the last 30 days and made in which the customer was reached (C-05).",
       .sql = R"(SELECT store_id, CAST(SUM(state = 'DONE') AS SIGNED) AS numerator, COUNT(*) AS denominator
                 FROM follow_up
                 WHERE state IN ('DONE', 'UNREACHABLE') AND due_time >= :month_ago
                 GROUP BY store_id)"},
      {.name = "crm_satisfaction_ratio",
       .help = "Share of the customers asked in the follow-ups of the last 30 days who were satisfied: 4 or 5 of 5 "
               "(C-05).",
       .sql = R"(SELECT store_id, CAST(SUM(satisfaction_score >= 4) AS SIGNED) AS numerator, COUNT(*) AS denominator
                 FROM follow_up
                 WHERE state = 'DONE' AND due_time >= :month_ago AND satisfaction_score > 0
                 GROUP BY store_id)"},
      {.name = "crm_reminders_open",
       .help = "Reminders not given, by state (C-09).",
       .labels = {{"state", {"planned", "paused"}}},
       .sql = R"(SELECT store_id, state, COUNT(*) AS value
                 FROM reminder
                 WHERE state IN ('PLANNED', 'PAUSED')
                 GROUP BY store_id, state)",
       .every = kWindowEvery},
      {.name = "crm_reminders_due",
       .help = "Reminders whose time to be given has come (C-09).",
       .sql = R"(SELECT store_id, COUNT(*) AS value
                 FROM reminder
                 WHERE state = 'PLANNED' AND remind_time <= :now
                 GROUP BY store_id)"},
  };
}

}  // namespace

std::vector<Family> Figures() {
  std::vector<Family> all = OfArchives();
  std::vector<Family> contacts = OfContacts();
  std::move(contacts.begin(), contacts.end(), std::back_inserter(all));
  return all;
}

}  // namespace crm
