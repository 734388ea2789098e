// The SQL of purchase contracts; see contract_store.h.
#include "parts-svc/contract/contract_store.h"

#include "absl/strings/str_cat.h"
#include "chassis/status/status.h"
#include "parts-svc/ledger/ledger_store.h"

namespace parts {

using chassis::sql::Placeholders;
using chassis::sql::Row;
using chassis::sql::Rows;
using chassis::sql::ToValue;
using chassis::sql::Uuid;
using chassis::sql::Value;

absl::StatusOr<TermsByPart> ContractStore::TermsOn(chassis::sql::Session& session, const std::string& store_id,
                                                   const std::string& supplier_id,
                                                   const std::vector<std::string>& part_ids, const std::string& day) {
  TermsByPart terms;
  if (part_ids.empty()) return terms;
  std::vector<Value> values = {ToValue(Uuid{store_id}), ToValue(Uuid{supplier_id}), ToValue(day), ToValue(day)};
  for (const std::string& part_id : part_ids) values.push_back(ToValue(Uuid{part_id}));
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.QueryValues(
          absl::StrCat("SELECT l.part_id, c.purchase_contract_id, c.number, l.unit_price_amount, "
                       "l.minimum_quantity_milli, l.maximum_quantity_milli FROM purchase_contract c JOIN "
                       "purchase_contract_line l ON l.store_id = c.store_id AND l.purchase_contract_id = "
                       "c.purchase_contract_id WHERE c.store_id = ? AND c.supplier_id = ? AND c.state = 'ACTIVE' AND "
                       "c.valid_from_date <= ? AND c.valid_until_date >= ? AND l.part_id IN (",
                       Placeholders(part_ids.size()), ")"),
          values));
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row row = rows[i];
    terms[row.Id("part_id")] = {row.Id("purchase_contract_id"), row.Text("number"), row.Int("unit_price_amount"),
                                row.Int("minimum_quantity_milli"), row.Int("maximum_quantity_milli")};
  }
  return terms;
}

absl::Status ContractStore::LockRows(chassis::UnitOfWork& work, const std::set<std::string>& contract_ids) {
  if (contract_ids.empty()) return absl::OkStatus();
  return work.sql()
      .QueryValues(
          absl::StrCat("SELECT version FROM purchase_contract WHERE store_id = ? AND purchase_contract_id IN (",
                       Placeholders(contract_ids.size()), ") ORDER BY purchase_contract_id FOR UPDATE"),
          WithIds(work.store_id(), {contract_ids.begin(), contract_ids.end()}))
      .status();
}

absl::StatusOr<std::map<std::string, int64_t>> ContractStore::OrderedUnder(chassis::sql::Session& session,
                                                                           const std::string& store_id,
                                                                           const std::string& contract_id,
                                                                           const std::string& but_order_id) {
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query("SELECT l.part_id, CAST(SUM(l.quantity_milli - l.cancelled_milli) AS SIGNED) AS ordered_milli FROM "
                    "purchase_order_line l JOIN purchase_order o ON o.store_id = l.store_id AND o.purchase_order_id = "
                    "l.purchase_order_id WHERE l.store_id = ? AND l.contract_id = ? AND l.purchase_order_id <> ? AND "
                    "o.state NOT IN ('DRAFT', 'CANCELLED', 'REJECTED') GROUP BY l.part_id",
                    Uuid{store_id}, Uuid{contract_id}, Uuid{but_order_id}));
  std::map<std::string, int64_t> ordered;
  for (size_t i = 0; i < rows.size(); ++i) ordered[rows[i].Id("part_id")] = rows[i].Int("ordered_milli");
  return ordered;
}

absl::StatusOr<std::vector<ContractStore::Overlap>> ContractStore::Overlaps(chassis::UnitOfWork& work,
                                                                            const v1::PurchaseContract& contract) {
  RETURN_IF_ERROR(work.sql()
                      .Query("SELECT version FROM supplier WHERE store_id = ? AND supplier_id = ? FOR UPDATE",
                             Uuid{work.store_id()}, Uuid{contract.supplier_id()})
                      .status());
  ASSIGN_OR_RETURN(
      const Rows rows,
      work.sql().Query(
          "SELECT l.part_number, c.number FROM purchase_contract c JOIN purchase_contract_line l ON l.store_id = "
          "c.store_id AND l.purchase_contract_id = c.purchase_contract_id JOIN purchase_contract_line mine ON "
          "mine.store_id = l.store_id AND mine.part_id = l.part_id AND mine.purchase_contract_id = ? WHERE "
          "c.store_id = ? AND c.supplier_id = ? AND c.state = 'ACTIVE' AND c.purchase_contract_id <> ? AND "
          "c.valid_from_date <= ? AND c.valid_until_date >= ? ORDER BY l.part_number LIMIT 10",
          Uuid{contract.purchase_contract_id()}, Uuid{work.store_id()}, Uuid{contract.supplier_id()},
          Uuid{contract.purchase_contract_id()}, contract.valid_until_date(), contract.valid_from_date()));
  std::vector<Overlap> overlaps;
  for (size_t i = 0; i < rows.size(); ++i) overlaps.push_back({rows[i].Text("part_number"), rows[i].Text("number")});
  return overlaps;
}

absl::StatusOr<std::vector<std::string>> ContractStore::Ending(chassis::sql::Session& session,
                                                               const std::string& store_id, const std::string& until,
                                                               const std::string& today) {
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query("SELECT purchase_contract_id FROM purchase_contract WHERE store_id = ? AND state = "
                    "'ACTIVE' AND ((valid_until_date <= ? AND notice_time IS NULL) OR valid_until_date < ?)",
                    Uuid{store_id}, until, today));
  std::vector<std::string> ids;
  for (size_t i = 0; i < rows.size(); ++i) ids.push_back(rows[i].Id("purchase_contract_id"));
  return ids;
}

absl::StatusOr<std::vector<std::string>> ContractStore::StoresWithContracts(chassis::sql::Session& session) {
  ASSIGN_OR_RETURN(const Rows rows,
                   session.Query("SELECT s.store_id FROM store s WHERE EXISTS (SELECT 1 FROM purchase_contract t WHERE "
                                 "t.store_id = s.store_id)"));
  std::vector<std::string> ids;
  for (size_t i = 0; i < rows.size(); ++i) ids.push_back(rows[i].Id("store_id"));
  return ids;
}

}  // namespace parts
