// The SQL of old parts and their runs.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "chassis/records/table.h"
#include "parts-svc/old_part/old_part_rules.h"

namespace parts {

class OldPartStore {
 public:
  explicit OldPartStore(const chassis::privacy::Cipher& cipher) : table_(cipher), runs_(cipher) {}

  absl::StatusOr<std::vector<v1::OldPart>> OfRequisition(chassis::sql::Session& session, const std::string& store_id,
                                                         const std::string& requisition_id);
  // Locked, in key order.
  absl::StatusOr<std::vector<v1::OldPart>> LockByIssueLines(chassis::UnitOfWork& work,
                                                            const std::vector<std::string>& issue_line_ids);
  absl::StatusOr<std::vector<v1::OldPart>> LockByIds(chassis::UnitOfWork& work,
                                                     const std::vector<std::string>& old_part_ids);
  // What lies in store, the oldest first.
  absl::StatusOr<std::vector<v1::OldPart>> InStore(chassis::sql::Session& session, const std::string& store_id,
                                                   int64_t count_max);
  // What holds each of them; those nothing holds are left out.
  absl::StatusOr<Bindings> BindingsOf(chassis::sql::Session& session, const std::string& store_id,
                                      const std::vector<std::string>& old_part_ids);
  // Stores where old parts lie, for the monthly duty.
  absl::StatusOr<std::vector<std::string>> StoresWithOldParts(chassis::sql::Session& session);
  // Whether the month's processing was ever owed: its duty has this subject.
  absl::StatusOr<bool> IsOwed(chassis::sql::Session& session, const std::string& store_id,
                              const std::string& subject_id);

  const chassis::records::Table<v1::OldPart>& table() const { return table_; }
  const chassis::records::Table<v1::OldPartRun>& runs() const { return runs_; }

 private:
  chassis::records::Table<v1::OldPart> table_;
  chassis::records::Table<v1::OldPartRun> runs_;
};

}  // namespace parts
