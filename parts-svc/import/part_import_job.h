// Takes an import that is whole through its check and into the catalogue, a bounded piece per transaction, so that a
// crash costs one piece: where the work stands is part of the import's own row.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "chassis/host/host.h"
#include "parts-svc/catalogue/catalogue_store.h"
#include "parts-svc/import/part_import_store.h"

namespace parts {

class PartImportJob {
 public:
  explicit PartImportJob(chassis::Host& host);

  enum class Progress { kMore, kEnded };
  // One piece of work on one import. GOOD_LINES loads piece by piece; ALL_OR_NOTHING loads everything in the one
  // transaction that makes it DONE, so that nothing of it is seen before.
  absl::StatusOr<Progress> Advance(const std::string& store_id, const std::string& part_import_id);
  // All that is under way, until `time_max` has passed; ends uploads nobody goes on with.
  absl::Status Turn(absl::Duration time_max);

 private:
  absl::Status CheckPiece(chassis::UnitOfWork& work, v1::PartImport& import);
  absl::Status CheckRecords(chassis::UnitOfWork& work, v1::PartImport& import, const std::vector<CsvRecord>& records);
  absl::StatusOr<Known> KnownOf(chassis::UnitOfWork& work, const v1::PartImport& import,
                                const std::vector<ImportLine>& lines);
  absl::Status FinishCheck(chassis::UnitOfWork& work, v1::PartImport& import);
  absl::Status CheckSuccessors(chassis::UnitOfWork& work, v1::PartImport& import);
  absl::Status LoadPiece(chassis::UnitOfWork& work, v1::PartImport& import);
  absl::Status LoadAll(chassis::UnitOfWork& work, v1::PartImport& import);
  absl::Status LoadRange(chassis::UnitOfWork& work, v1::PartImport& import, int last);
  absl::Status Fail(chassis::UnitOfWork& work, v1::PartImport& import, std::string_view zh, std::string_view en);
  absl::Status End(chassis::UnitOfWork& work, v1::PartImport& import, v1::PartImport::State state);

  chassis::Host& host_;
  CatalogueStore catalogue_;
  PartImportStore store_;
  prometheus::Counter& good_lines_;
  prometheus::Counter& bad_lines_;
};

}  // namespace parts
