// The SQL of issue and return notes.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "chassis/records/table.h"
#include "parts-svc/issue/issue_rules.h"
#include "parts-svc/ledger/ledger_store.h"

namespace parts {

class IssueStore {
 public:
  explicit IssueStore(const chassis::privacy::Cipher& cipher) : table_(cipher) {}

  // By issue line, what return notes brought back of it.
  absl::StatusOr<std::map<std::string, CameBack>> CameBackOf(chassis::sql::Session& session,
                                                             const std::string& store_id,
                                                             const std::vector<std::string>& issue_line_ids);
  // By order line, part and kind of note.
  absl::StatusOr<std::vector<DrawnLine>> DrawnFor(chassis::sql::Session& session, const std::string& store_id,
                                                  const std::string& order_id);

  const chassis::records::Table<v1::Issue>& table() const { return table_; }

 private:
  chassis::records::Table<v1::Issue> table_;
};

}  // namespace parts
