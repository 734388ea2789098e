// The SQL of batches: when they came in and until when they may be issued.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "aftersales/parts/v1/part_batch.pb.h"
#include "chassis/records/table.h"
#include "parts-svc/batch/batch_rules.h"
#include "parts-svc/catalogue/catalogue_rules.h"

namespace parts {

class BatchStore {
 public:
  explicit BatchStore(const chassis::privacy::Cipher& cipher) : table_(cipher) {}

  // Of the parts that come in batches; a part without any is not among them.
  absl::StatusOr<ExpiryByBatch> Expiry(chassis::sql::Session& session, const std::string& store_id,
                                       const std::vector<std::string>& part_ids);
  // Writes down the batches that `movements` bring in from outside for the first time. The parts' rows of stock are
  // locked.
  absl::Status Note(chassis::UnitOfWork& work, const std::vector<v1::StockMovement>& movements, const PartsById& parts,
                    const Places& places);

  const chassis::records::Table<v1::PartBatch>& table() const { return table_; }

 private:
  chassis::records::Table<v1::PartBatch> table_;
};

// The store's day at the time of the work.
absl::StatusOr<absl::CivilDay> DayOf(chassis::UnitOfWork& work);

}  // namespace parts
