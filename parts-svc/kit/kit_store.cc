// The SQL of kits; see kit_store.h.
#include "parts-svc/kit/kit_store.h"

#include "absl/strings/str_cat.h"
#include "parts-svc/ledger/ledger_store.h"

namespace parts {

using chassis::sql::Rows;
using chassis::sql::Session;
using chassis::sql::Uuid;

absl::StatusOr<std::set<std::string>> KitStore::KitsAmong(Session& session, const std::string& store_id,
                                                          const std::vector<std::string>& part_ids) {
  std::set<std::string> kits;
  if (part_ids.empty()) return kits;
  ASSIGN_OR_RETURN(const Rows rows,
                   session.QueryValues(absl::StrCat("SELECT part_id FROM part_kit WHERE store_id = ? AND part_id IN (",
                                                    chassis::sql::Placeholders(part_ids.size()), ")"),
                                       WithIds(store_id, part_ids)));
  for (size_t i = 0; i < rows.size(); ++i) kits.insert(rows[i].Id("part_id"));
  return kits;
}

absl::StatusOr<bool> KitStore::IsComponent(Session& session, const std::string& store_id, const std::string& part_id) {
  ASSIGN_OR_RETURN(const Rows rows, session.Query("SELECT part_kit_id FROM part_kit_component WHERE store_id = ? AND "
                                                  "part_id = ? LIMIT 1",
                                                  Uuid{store_id}, Uuid{part_id}));
  return !rows.empty();
}

absl::StatusOr<std::optional<v1::PartKit>> KitStore::ByNumber(Session& session, const std::string& store_id,
                                                              const std::string& part_number) {
  ASSIGN_OR_RETURN(std::vector<v1::PartKit> found,
                   table_.Select(session, "WHERE store_id = ? AND part_number = ?", Uuid{store_id}, part_number));
  if (found.empty()) return std::optional<v1::PartKit>();
  return std::optional<v1::PartKit>(std::move(found.front()));
}

}  // namespace parts
