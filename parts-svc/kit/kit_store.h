// The SQL of kits.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "chassis/records/table.h"
#include "parts-svc/kit/kit_rules.h"

namespace parts {

class KitStore {
 public:
  explicit KitStore(const chassis::privacy::Cipher& cipher) : table_(cipher) {}

  // Of these parts, those that are kits.
  absl::StatusOr<std::set<std::string>> KitsAmong(chassis::sql::Session& session, const std::string& store_id,
                                                  const std::vector<std::string>& part_ids);
  // A part that is in an open kit must not become one itself.
  absl::StatusOr<bool> IsComponent(chassis::sql::Session& session, const std::string& store_id,
                                   const std::string& part_id);
  absl::StatusOr<std::optional<v1::PartKit>> ByNumber(chassis::sql::Session& session, const std::string& store_id,
                                                      const std::string& part_number);

  const chassis::records::Table<v1::PartKit>& table() const { return table_; }

 private:
  chassis::records::Table<v1::PartKit> table_;
};

}  // namespace parts
