// The SQL of imports: the file's pieces, the checked lines on their way, and the statements that bring them into the
// catalogue, a range of lines at a time.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "chassis/records/table.h"
#include "parts-svc/import/part_import_rules.h"

namespace parts {

struct LineRange {
  int after = 0;  // exclusive
  int last = 0;   // inclusive
};
struct Loaded {
  int32_t created = 0;
  int32_t updated = 0;
  int32_t unchanged = 0;
  int32_t prices = 0;
};

class PartImportStore {
 public:
  explicit PartImportStore(const chassis::privacy::Cipher& cipher) : table_(cipher), errors_(cipher) {}

  // The import uploaded under this request id; locked.
  absl::StatusOr<std::optional<v1::PartImport>> LockByUpload(chassis::UnitOfWork& work, const std::string& request_id);
  // CHECKING and LOADING, oldest first, and uploads nobody has gone on with since `abandoned_before`: store and id.
  absl::StatusOr<std::vector<std::pair<std::string, std::string>>> Open(chassis::sql::Session& session,
                                                                        absl::Time abandoned_before);

  absl::Status AddChunk(chassis::sql::Session& session, const v1::PartImport& import, int64_t offset,
                        const std::string& data);
  // The file from `offset` on: at least `bytes`, if there is as much.
  absl::StatusOr<std::string> Text(chassis::sql::Session& session, const v1::PartImport& import, int64_t offset,
                                   size_t bytes);
  absl::Status DropChunks(chassis::sql::Session& session, const v1::PartImport& import);

  absl::StatusOr<std::map<std::string, int>> LinesOf(chassis::sql::Session& session, const v1::PartImport& import,
                                                     const std::vector<std::string>& part_numbers);
  // With ids: a new part has got one.
  absl::Status AddLines(chassis::UnitOfWork& work, const v1::PartImport& import, const std::vector<StagedLine>& lines);
  absl::Status AddErrors(chassis::UnitOfWork& work, const v1::PartImport& import, const LineErrors& errors);
  absl::Status MarkBad(chassis::sql::Session& session, const v1::PartImport& import, const std::set<int>& lines);
  absl::StatusOr<LineErrors> FirstErrors(chassis::sql::Session& session, const v1::PartImport& import);

  absl::StatusOr<std::vector<WantedSuccessor>> WantedSuccessors(chassis::sql::Session& session,
                                                                const v1::PartImport& import);
  // Of these numbers, those of good lines, with their part ids; and those the import makes.
  absl::Status AddGoodLines(chassis::sql::Session& session, const v1::PartImport& import,
                            const std::vector<std::string>& part_numbers,
                            std::map<std::string, std::string>& ids_by_number, std::set<std::string>& made_here);

  // Brings the range into the catalogue: new parts with stock rows, changed ones in the columns given, fitment, cross
  // references, prices. A number that came into the catalogue meanwhile is changed, not made.
  absl::StatusOr<Loaded> Load(chassis::UnitOfWork& work, const v1::PartImport& import, const LineRange& range);
  absl::Status LoadSuccessors(chassis::UnitOfWork& work, const v1::PartImport& import);

  // A page of the catalogue after `after_number`, whole.
  absl::StatusOr<std::vector<v1::Part>> PartsAfter(chassis::sql::Session& session,
                                                   const chassis::records::Table<v1::Part>& parts,
                                                   const std::string& store_id, const std::string& category,
                                                   const std::string& after_number, int limit);

  const chassis::records::Table<v1::PartImport>& table() const { return table_; }
  const chassis::records::Table<v1::PartImportError>& errors() const { return errors_; }

 private:
  chassis::records::Table<v1::PartImport> table_;
  chassis::records::Table<v1::PartImportError> errors_;
};

}  // namespace parts
