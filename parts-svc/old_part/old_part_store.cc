// The SQL of old parts; see old_part_store.h.
#include "parts-svc/old_part/old_part_store.h"

#include "absl/strings/str_cat.h"
#include "parts-svc/ledger/ledger_store.h"
#include "parts-svc/old_part/old_part_duties.h"

namespace parts {
namespace {

using chassis::sql::Placeholders;
using chassis::sql::Rows;
using chassis::sql::Session;
using chassis::sql::Uuid;

// Rows of `table` whose `column` is one of `ids`, locked in key order.
absl::StatusOr<std::vector<v1::OldPart>> LockIn(chassis::UnitOfWork& work,
                                                const chassis::records::Table<v1::OldPart>& table,
                                                const std::string& column, const std::vector<std::string>& ids) {
  std::vector<v1::OldPart> found;
  if (ids.empty()) return found;
  found.reserve(ids.size());  // the mapper keeps pointers to them until it has read everything
  RETURN_IF_ERROR(table.mapper().Select(work.sql(),
                                        absl::StrCat("WHERE store_id = ? AND ", column, " IN (",
                                                     Placeholders(ids.size()), ") ORDER BY old_part_id FOR UPDATE"),
                                        WithIds(work.store_id(), ids),
                                        [&]() -> google::protobuf::Message* { return &found.emplace_back(); }));
  return found;
}

}  // namespace

absl::StatusOr<std::vector<v1::OldPart>> OldPartStore::OfRequisition(Session& session, const std::string& store_id,
                                                                     const std::string& requisition_id) {
  return table_.Select(session, "WHERE store_id = ? AND warranty_requisition_id = ? ORDER BY old_part_id",
                       Uuid{store_id}, Uuid{requisition_id});
}

absl::StatusOr<std::vector<v1::OldPart>> OldPartStore::LockByIssueLines(
    chassis::UnitOfWork& work, const std::vector<std::string>& issue_line_ids) {
  return LockIn(work, table_, "issue_line_id", issue_line_ids);
}

absl::StatusOr<std::vector<v1::OldPart>> OldPartStore::LockByIds(chassis::UnitOfWork& work,
                                                                 const std::vector<std::string>& old_part_ids) {
  return LockIn(work, table_, "old_part_id", old_part_ids);
}

absl::StatusOr<std::vector<v1::OldPart>> OldPartStore::InStore(Session& session, const std::string& store_id,
                                                               int64_t count_max) {
  return table_.Select(session,
                       "WHERE store_id = ? AND state IN ('STORED', 'SHOWN') ORDER BY store_time, old_part_id LIMIT ?",
                       Uuid{store_id}, count_max);
}

absl::StatusOr<Bindings> OldPartStore::BindingsOf(Session& session, const std::string& store_id,
                                                  const std::vector<std::string>& old_part_ids) {
  Bindings bindings;
  if (old_part_ids.empty()) return bindings;
  ASSIGN_OR_RETURN(const Rows rows,
                   session.QueryValues(
                       absl::StrCat("SELECT o.old_part_id, r.state, r.postage_state FROM old_part o JOIN "
                                    "warranty_requisition r ON r.store_id = o.store_id AND r.warranty_requisition_id = "
                                    "o.warranty_requisition_id WHERE o.store_id = ? AND o.old_part_id IN (",
                                    Placeholders(old_part_ids.size()), ")"),
                       WithIds(store_id, old_part_ids)));
  for (size_t i = 0; i < rows.size(); ++i) {
    bindings[rows[i].Id("old_part_id")] = {.requisition_open = rows[i].Text("state") != "WRITTEN_OFF",
                                           .postage_missing = rows[i].Text("postage_state") != "APPROVED"};
  }
  return bindings;
}

absl::StatusOr<std::vector<std::string>> OldPartStore::StoresWithOldParts(Session& session) {
  ASSIGN_OR_RETURN(const Rows rows,
                   session.Query("SELECT s.store_id FROM store s WHERE EXISTS (SELECT 1 FROM old_part o WHERE "
                                 "o.store_id = s.store_id AND o.state IN ('STORED', 'SHOWN'))"));
  std::vector<std::string> store_ids;
  for (size_t i = 0; i < rows.size(); ++i) store_ids.push_back(rows[i].Id("store_id"));
  return store_ids;
}

absl::StatusOr<bool> OldPartStore::IsOwed(Session& session, const std::string& store_id,
                                          const std::string& subject_id) {
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query("SELECT 1 AS owed FROM duty WHERE store_id = ? AND subject_id = ? AND kind = ? LIMIT 1",
                    Uuid{store_id}, Uuid{subject_id}, kOldPartProcessingDuty));
  return !rows.empty();
}

}  // namespace parts
