#include "chassis/duties/duty_figures.h"

namespace chassis {

// The kinds are those the rooms of the service owe: a closed set, of which a store shows what it has met.
std::vector<Census::Family> DutyFigures() {
  const std::vector<Census::Label> kind = {{"kind", {}}};
  return {
      {.name = "duty_open",
       .help = "Open duties, by kind (G-05).",
       .labels = kind,
       .sql = "SELECT store_id, kind, COUNT(*) AS value FROM duty WHERE state = 'OPEN' GROUP BY store_id, kind"},
      {.name = "duty_overdue",
       .help = "Open duties past their due time, by kind (G-05).",
       .labels = kind,
       .sql = "SELECT store_id, kind, COUNT(CASE WHEN due_time < :now THEN 1 END) AS value FROM duty "
              "WHERE state = 'OPEN' GROUP BY store_id, kind"},
      {.name = "duty_due",
       .help = "Duties that fell due in the last 30 days and were not waived, by kind (G-05).",
       .labels = kind,
       .sql = "SELECT store_id, kind, COUNT(*) AS value FROM duty WHERE state IN ('OPEN', 'DONE') "
              "AND due_time > :month_ago AND due_time <= :now GROUP BY store_id, kind"},
      {.name = "duty_in_time",
       .help = "Of the duties that fell due in the last 30 days those done in time, by kind (G-05).",
       .labels = kind,
       .sql = "SELECT store_id, kind, COUNT(CASE WHEN state = 'DONE' AND done_time <= due_time THEN 1 END) AS value "
              "FROM duty WHERE state IN ('OPEN', 'DONE') AND due_time > :month_ago AND due_time <= :now "
              "GROUP BY store_id, kind"},
  };
}

}  // namespace chassis
