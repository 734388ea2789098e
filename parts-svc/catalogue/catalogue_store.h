// The SQL of the catalogue: parts, prices, fitment, cross references.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "chassis/records/table.h"
#include "parts-svc/catalogue/catalogue_rules.h"

namespace parts {

class CatalogueStore {
 public:
  explicit CatalogueStore(const chassis::privacy::Cipher& cipher) : parts_(cipher), prices_(cipher) {}

  // The parts found, without fitment and cross references: one statement.
  absl::StatusOr<PartsById> ByIds(chassis::sql::Session& session, const std::string& store_id,
                                  const std::vector<std::string>& part_ids);
  // Adds to `parts` every successor of theirs: one statement per step of the longest chain, none without successors.
  absl::Status AddSuccessors(chassis::sql::Session& session, const std::string& store_id, PartsById& parts);
  // By number; what no part has is tried as another maker's number, if that means one part only. Keys are the numbers
  // asked.
  absl::StatusOr<std::map<std::string, v1::Part>> ByNumbers(chassis::sql::Session& session, const std::string& store_id,
                                                            const std::vector<std::string>& part_numbers);
  // With fitment and cross references, for the import; locked.
  absl::StatusOr<std::map<std::string, v1::Part>> LockByNumbers(chassis::UnitOfWork& work,
                                                                const std::vector<std::string>& part_numbers);
  // The part and everything up its chain from `part_id`, locked, nearest first.
  absl::StatusOr<std::vector<v1::Part>> LockChain(chassis::UnitOfWork& work, const std::string& part_id);

  // Length of the longest chain that ends in this part, itself not counted.
  absl::StatusOr<int> PredecessorCount(chassis::UnitOfWork& work, const std::string& part_id);

  // Price per whole unit in force at `moment`, by part.
  absl::StatusOr<std::map<std::string, int64_t>> PricesInForce(chassis::sql::Session& session,
                                                               const std::string& store_id, v1::PriceLevel level,
                                                               const std::vector<std::string>& part_ids,
                                                               absl::Time moment);
  // Of these parts, those that name models but not this one.
  absl::StatusOr<std::set<std::string>> NotFitting(chassis::sql::Session& session, const std::string& store_id,
                                                   const std::vector<std::string>& part_ids,
                                                   const std::string& model_code);

  const chassis::records::Table<v1::Part>& parts() const { return parts_; }
  const chassis::records::Table<v1::PartPrice>& prices() const { return prices_; }

 private:
  chassis::records::Table<v1::Part> parts_;
  chassis::records::Table<v1::PartPrice> prices_;
};

}  // namespace parts
