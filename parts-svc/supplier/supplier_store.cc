// The SQL of suppliers; see supplier_store.h.
#include "parts-svc/supplier/supplier_store.h"

#include "absl/strings/str_cat.h"
#include "chassis/status/status.h"
#include "chassis/time/dates.h"
#include "parts-svc/ledger/ledger_store.h"

namespace parts {

using chassis::sql::Placeholders;
using chassis::sql::Row;
using chassis::sql::Rows;
using chassis::sql::Uuid;
using chassis::sql::Value;

namespace {

std::vector<std::string> Ids(const Rows& rows, std::string_view column) {
  std::vector<std::string> ids;
  for (size_t i = 0; i < rows.size(); ++i) ids.push_back(rows[i].Id(column));
  return ids;
}

}  // namespace

absl::StatusOr<OffersByPart> SupplierStore::OffersOf(chassis::sql::Session& session, const std::string& store_id,
                                                     const std::string& supplier_id,
                                                     const std::vector<std::string>& part_ids) {
  OffersByPart offers;
  if (part_ids.empty()) return offers;
  std::vector<Value> values = WithIds(store_id, part_ids);
  values.push_back(chassis::sql::ToValue(Uuid{supplier_id}));
  std::vector<v1::SupplierPart> found;
  found.reserve(part_ids.size());
  RETURN_IF_ERROR(offers_.mapper().Select(
      session,
      absl::StrCat("WHERE store_id = ? AND part_id IN (", Placeholders(part_ids.size()), ") AND supplier_id = ?"),
      values, [&]() -> google::protobuf::Message* { return &found.emplace_back(); }));
  for (v1::SupplierPart& offer : found) offers[offer.part_id()] = std::move(offer);
  return offers;
}

absl::StatusOr<OffersByPart> SupplierStore::BestOffers(chassis::sql::Session& session, const std::string& store_id,
                                                       const std::vector<std::string>& part_ids,
                                                       const v1::PartsPolicy& policy, std::string_view day) {
  OffersByPart best;
  if (part_ids.empty()) return best;
  std::vector<std::unique_ptr<v1::SupplierPart>> found;
  RETURN_IF_ERROR(offers_.mapper().Select(
      session,
      absl::StrCat("WHERE store_id = ? AND part_id IN (", Placeholders(part_ids.size()),
                   ") AND EXISTS (SELECT 1 FROM supplier s WHERE s.store_id = supplier_part.store_id AND "
                   "s.supplier_id = supplier_part.supplier_id AND s.state = 'APPROVED') "
                   "ORDER BY preferred DESC, unit_price_amount, supplier_part_id"),
      WithIds(store_id, part_ids), [&]() -> google::protobuf::Message* {
        found.push_back(std::make_unique<v1::SupplierPart>());
        return found.back().get();
      }));
  std::map<std::string, bool> good;  // by supplier
  for (const auto& offer : found) {
    if (best.count(offer->part_id()) > 0) continue;
    const auto [known, first_met] = good.try_emplace(offer->supplier_id());
    if (first_met) {
      ASSIGN_OR_RETURN(const v1::Supplier supplier, suppliers_.Get(session, store_id, offer->supplier_id()));
      known->second = CheckStanding(supplier, policy, day).ok();
    }
    if (known->second) best.emplace(offer->part_id(), *offer);
  }
  return best;
}

absl::StatusOr<std::optional<v1::SupplierPart>> SupplierStore::LockPreferred(chassis::UnitOfWork& work,
                                                                             const std::string& part_id) {
  ASSIGN_OR_RETURN(const auto found,
                   offers_.Select(work.sql(), "WHERE store_id = ? AND part_id = ? AND preferred = 1 FOR UPDATE",
                                  Uuid{work.store_id()}, Uuid{part_id}));
  if (found.empty()) return std::optional<v1::SupplierPart>();
  return std::optional<v1::SupplierPart>(found[0]);
}

absl::StatusOr<int64_t> SupplierStore::OpenOrderCount(chassis::sql::Session& session, const std::string& store_id,
                                                      const std::string& supplier_id) {
  ASSIGN_OR_RETURN(const Rows rows,
                   session.Query("SELECT COUNT(*) AS orders FROM purchase_order WHERE store_id = ? AND "
                                 "supplier_id = ? AND state IN ('DRAFT', 'SUBMITTED', 'APPROVED', "
                                 "'SENT', 'PARTLY_RECEIVED')",
                                 Uuid{store_id}, Uuid{supplier_id}));
  return rows[0].Int("orders");
}

absl::StatusOr<SupplierFacts> SupplierStore::Facts(chassis::sql::Session& session, const std::string& store_id,
                                                   const std::string& supplier_id, const Period& period,
                                                   const std::string& time_zone) {
  // A line given up before anything came is nobody's failure; one that came in part and was given up was not in time.
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query(
          "SELECT CAST(COALESCE(SUM(l.received_milli), 0) AS SIGNED) AS accepted, "
          "CAST(COALESCE(SUM(l.rejected_milli), 0) AS SIGNED) AS rejected, COUNT(*) AS promised, "
          "CAST(COALESCE(SUM(l.complete_date IS NOT NULL AND l.complete_date <= l.promised_date), 0) AS SIGNED) "
          "AS on_time, "
          "CAST(COALESCE(SUM(CASE WHEN l.contract_id IS NULL THEN 0 ELSE CAST(l.unit_price_amount AS DECIMAL(30, 0)) * "
          "l.quantity_milli END), 0) DIV 1000 AS SIGNED) AS ordered_amount, "
          "CAST(COALESCE(SUM(CASE WHEN l.contract_id IS NULL THEN 0 ELSE CAST(l.contract_unit_price_amount AS "
          "DECIMAL(30, 0)) * l.quantity_milli END), 0) DIV 1000 AS SIGNED) AS contract_amount "
          "FROM purchase_order_line l JOIN purchase_order o ON o.store_id = l.store_id AND "
          "o.purchase_order_id = l.purchase_order_id WHERE l.store_id = ? AND l.promised_date BETWEEN ? AND ? AND "
          "o.supplier_id = ? AND l.quantity_milli > l.cancelled_milli",
          Uuid{store_id}, period.start, period.end, Uuid{supplier_id}));
  const Row row = rows[0];
  SupplierFacts facts;
  facts.accepted_milli = row.Int("accepted");
  facts.rejected_milli = row.Int("rejected");
  facts.promised_line_count = row.Int("promised");
  facts.on_time_line_count = row.Int("on_time");
  facts.ordered_amount = row.Int("ordered_amount");
  facts.contract_amount = row.Int("contract_amount");
  // The differences of a receipt are one duty; it is due in the period or it is not.
  ASSIGN_OR_RETURN(
      const Rows settled,
      session.Query("SELECT COUNT(*) AS differences, CAST(COALESCE(SUM(d.done_time IS NOT NULL AND d.done_time <= "
                    "d.due_time), 0) AS SIGNED) AS in_time FROM goods_receipt g JOIN duty d ON d.store_id = g.store_id "
                    "AND d.subject_id = g.goods_receipt_id AND d.kind = 'receipt_difference_open' WHERE g.store_id = ? "
                    "AND g.supplier_id = ? AND d.state <> 'WAIVED' AND d.due_time >= ? AND d.due_time < ?",
                    Uuid{store_id}, Uuid{supplier_id}, chassis::DayStart(period.start, time_zone),
                    chassis::DayEnd(period.end, time_zone)));
  facts.difference_count = settled[0].Int("differences");
  facts.settled_in_time_count = settled[0].Int("in_time");
  return facts;
}

absl::StatusOr<std::vector<std::string>> SupplierStore::StoresWithSuppliers(chassis::sql::Session& session) {
  ASSIGN_OR_RETURN(const Rows rows,
                   session.Query("SELECT s.store_id FROM store s WHERE EXISTS (SELECT 1 FROM supplier t WHERE "
                                 "t.store_id = s.store_id)"));
  return Ids(rows, "store_id");
}

absl::StatusOr<std::vector<std::string>> SupplierStore::WithPaperEnding(chassis::sql::Session& session,
                                                                        const std::string& store_id,
                                                                        const std::string& until) {
  ASSIGN_OR_RETURN(const Rows rows,
                   session.Query("SELECT DISTINCT s.supplier_id FROM supplier_paper p JOIN supplier s ON s.store_id = "
                                 "p.store_id AND s.supplier_id = p.supplier_id WHERE p.store_id = ? AND "
                                 "p.valid_until_date <= ? AND p.withdraw_time IS NULL AND s.state = 'APPROVED'",
                                 Uuid{store_id}, until));
  return Ids(rows, "supplier_id");
}

absl::StatusOr<std::vector<std::string>> SupplierStore::Unscored(chassis::sql::Session& session,
                                                                 const std::string& store_id, const Period& period) {
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query("SELECT DISTINCT o.supplier_id FROM purchase_order_line l JOIN purchase_order o ON o.store_id = "
                    "l.store_id AND o.purchase_order_id = l.purchase_order_id LEFT JOIN supplier_score c ON "
                    "c.store_id = o.store_id AND c.supplier_id = o.supplier_id AND c.start_date = ? WHERE "
                    "l.store_id = ? AND l.promised_date BETWEEN ? AND ? AND c.supplier_id IS NULL",
                    period.start, Uuid{store_id}, period.start, period.end));
  return Ids(rows, "supplier_id");
}

}  // namespace parts
