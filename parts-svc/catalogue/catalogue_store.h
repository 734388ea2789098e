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
  // With fitment and cross references, by the part's own number.
  absl::StatusOr<std::map<std::string, v1::Part>> WholeByNumbers(chassis::sql::Session& session,
                                                                 const std::string& store_id,
                                                                 const std::vector<std::string>& part_numbers);
  // The same for the import; locked.
  absl::StatusOr<std::map<std::string, v1::Part>> LockByNumbers(chassis::UnitOfWork& work,
                                                                const std::vector<std::string>& part_numbers);
  // The part and everything up its chain from `part_id`, locked, nearest first.
  absl::StatusOr<std::vector<v1::Part>> LockChain(chassis::UnitOfWork& work, const std::string& part_id);

  // Length of the longest chain that ends in this part, itself not counted.
  absl::StatusOr<int> PredecessorCount(chassis::UnitOfWork& work, const std::string& part_id);

  // Every number the store has replaced, with the newest of its chain: what history and demand are booked to (P-06).
  absl::StatusOr<std::map<std::string, std::string>> NewestBySuperseded(chassis::sql::Session& session,
                                                                        const std::string& store_id);
  // Of each part, those it took the place of directly or through others, nearest first; parts without any are left
  // out. One statement per step of the longest chain.
  absl::StatusOr<std::map<std::string, std::vector<std::string>>> Predecessors(
      chassis::sql::Session& session, const std::string& store_id, const std::vector<std::string>& part_ids);

  // Price per whole unit in force at `moment`, by part.
  absl::StatusOr<std::map<std::string, int64_t>> PricesInForce(chassis::sql::Session& session,
                                                               const std::string& store_id, v1::PriceLevel level,
                                                               const std::vector<std::string>& part_ids,
                                                               absl::Time moment);
  // Of these parts, those that name models or runs of VINs but none of this vehicle.
  absl::StatusOr<std::set<std::string>> NotFitting(chassis::sql::Session& session, const std::string& store_id,
                                                   const std::vector<std::string>& part_ids, const Vehicle& vehicle);
  // Parts that fit, after `after_number` in order of part number, at most `limit`.
  absl::StatusOr<std::vector<v1::Part>> Fitting(chassis::sql::Session& session, const std::string& store_id,
                                                const Vehicle& vehicle, const std::string& category,
                                                const std::string& after_number, int limit);

  const chassis::records::Table<v1::Part>& parts() const { return parts_; }
  const chassis::records::Table<v1::PartPrice>& prices() const { return prices_; }

 private:
  absl::StatusOr<std::map<std::string, v1::Part>> SelectByNumbers(chassis::sql::Session& session,
                                                                  const std::string& store_id,
                                                                  const std::vector<std::string>& part_numbers,
                                                                  const std::string& suffix);

  chassis::records::Table<v1::Part> parts_;
  chassis::records::Table<v1::PartPrice> prices_;
};

}  // namespace parts
