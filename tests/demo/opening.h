// Opens the stores of tests/data through the same RPCs a real opening takes. What exists already is left alone, so a
// second run adds nothing.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "aftersales/common/v1/store.pb.h"
#include "tests/demo/stage.h"

namespace demo {

using CsvRow = std::map<std::string, std::string>;
// A CSV file with a header line and no quoting.
std::vector<CsvRow> ReadCsv(const std::string& path);

// The people of a store, by the posts the main job needs.
struct Cast {
  explicit Cast(const aftersales::common::v1::Store& store);
  Person adviser, controller, inspector, director, clerk, parts_manager, cashier, agent, customer_manager,
      service_manager, guard;
  // The technician with this subject, as a technician or as the leader of a team.
  Person Technician(const std::string& subject) const;
  Person Leader(const std::string& subject) const;
  std::string store_id;
};

Person GroupManager();

// Opens every store of stores.csv; returns them by code.
std::map<std::string, aftersales::common::v1::Store> OpenStores(Stage& stage, const std::string& data_directory);

}  // namespace demo
