// The SQL of replenishment runs; see replenishment_store.h.
#include "parts-svc/replenishment/replenishment_store.h"

#include "absl/strings/str_cat.h"
#include "parts-svc/ledger/ledger_store.h"

namespace parts {

using chassis::UnitOfWork;
using chassis::sql::Rows;
using chassis::sql::Session;
using chassis::sql::Uuid;

absl::StatusOr<std::vector<ReplenishmentStore::Going>> ReplenishmentStore::Running(Session& session) {
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query("SELECT store_id, replenishment_run_id FROM replenishment_run WHERE state = 'RUNNING'"));
  std::vector<Going> going;
  for (size_t i = 0; i < rows.size(); ++i) {
    going.push_back({rows[i].Id("store_id"), rows[i].Id("replenishment_run_id")});
  }
  return going;
}

absl::StatusOr<std::vector<v1::ReplenishmentRun>> ReplenishmentStore::LockReady(UnitOfWork& work) {
  return runs_.Select(work.sql(), "WHERE store_id = ? AND state = 'READY' ORDER BY replenishment_run_id FOR UPDATE",
                      Uuid{work.store_id()});
}

absl::StatusOr<std::optional<v1::ReplenishmentRun>> ReplenishmentStore::RunningIn(Session& session,
                                                                                  const std::string& store_id) {
  ASSIGN_OR_RETURN(const auto runs,
                   runs_.Select(session, "WHERE store_id = ? AND state = 'RUNNING' LIMIT 1", Uuid{store_id}));
  if (runs.empty()) return std::optional<v1::ReplenishmentRun>();
  return std::optional<v1::ReplenishmentRun>(runs[0]);
}

absl::StatusOr<std::vector<v1::ReplenishmentProposal>> ReplenishmentStore::LockProposed(
    UnitOfWork& work, const std::string& replenishment_run_id) {
  return proposals_.Select(work.sql(),
                           "WHERE store_id = ? AND replenishment_run_id = ? AND state = 'PROPOSED' ORDER BY part_id "
                           "FOR UPDATE",
                           Uuid{work.store_id()}, Uuid{replenishment_run_id});
}

absl::StatusOr<std::map<std::string, int64_t>> ReplenishmentStore::LineCounts(Session& session,
                                                                              const std::string& store_id,
                                                                              const std::string& replenishment_run_id) {
  ASSIGN_OR_RETURN(const Rows rows,
                   session.Query("SELECT supplier_id, COUNT(*) AS n FROM replenishment_proposal WHERE store_id = ? AND "
                                 "replenishment_run_id = ? AND state = 'PROPOSED' GROUP BY supplier_id",
                                 Uuid{store_id}, Uuid{replenishment_run_id}));
  std::map<std::string, int64_t> counts;
  for (size_t i = 0; i < rows.size(); ++i) counts[rows[i].Id("supplier_id")] = rows[i].Int("n");
  return counts;
}

absl::Status ReplenishmentStore::MarkOrdered(UnitOfWork& work, const std::string& replenishment_run_id,
                                             const std::vector<std::string>& part_ids,
                                             const std::string& purchase_order_id) {
  std::vector<chassis::sql::Value> values = {chassis::sql::ToValue(Uuid{purchase_order_id}),
                                             chassis::sql::ToValue(Uuid{replenishment_run_id})};
  for (const auto& value : WithIds(work.store_id(), part_ids)) values.push_back(value);
  return work.sql()
      .ExecuteValues(
          absl::StrCat("UPDATE replenishment_proposal SET state = 'ORDERED', purchase_order_id = ?, version = "
                       "version + 1 WHERE replenishment_run_id = ? AND store_id = ? AND part_id IN (",
                       chassis::sql::Placeholders(part_ids.size()), ")"),
          values)
      .status();
}

absl::StatusOr<std::optional<Offer>> ReplenishmentStore::OfferOf(Session& session, const std::string& store_id,
                                                                 const std::string& supplier_id,
                                                                 const std::string& part_id) {
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query("SELECT s.display_name, o.unit_price_amount, o.pack_quantity_milli, "
                    "o.minimum_quantity_milli FROM supplier_part o JOIN supplier s ON s.store_id = "
                    "o.store_id AND s.supplier_id = o.supplier_id WHERE o.store_id = ? AND o.supplier_id = ? "
                    "AND o.part_id = ? AND s.state = 'APPROVED'",
                    Uuid{store_id}, Uuid{supplier_id}, Uuid{part_id}));
  if (rows.empty()) return std::optional<Offer>();
  Offer offer;
  offer.supplier_id = supplier_id;
  offer.supplier_name = rows[0].Text("display_name");
  offer.unit_price_amount = rows[0].Int("unit_price_amount");
  offer.pack_quantity_milli = rows[0].Int("pack_quantity_milli");
  offer.minimum_quantity_milli = rows[0].Int("minimum_quantity_milli");
  return std::optional<Offer>(std::move(offer));
}

}  // namespace parts
