// The SQL of purchase orders; see purchase_order_store.h.
#include "parts-svc/purchase_order/purchase_order_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "chassis/status/status.h"
#include "parts-svc/ledger/ledger_store.h"

namespace parts {

using chassis::sql::Placeholders;
using chassis::sql::Row;
using chassis::sql::Rows;
using chassis::sql::Uuid;

namespace {

constexpr char kOnOrderHead[] =
    "SELECT l.part_id, "
    "CAST(SUM(CASE WHEN o.state IN ('DRAFT', 'SUBMITTED') THEN 0 ELSE l.open_milli END) AS SIGNED) AS on_order_milli, "
    "CAST(SUM(CASE WHEN o.state IN ('DRAFT', 'SUBMITTED') THEN l.open_milli ELSE 0 END) AS SIGNED) AS drafted_milli, "
    "MIN(CASE WHEN o.state IN ('DRAFT', 'SUBMITTED') THEN NULL ELSE l.expected_date END) AS expected_date "
    "FROM purchase_order_line l JOIN purchase_order o ON o.store_id = l.store_id AND o.purchase_order_id = "
    "l.purchase_order_id WHERE l.store_id = ? AND l.open_milli > 0 AND o.state IN ('DRAFT', 'SUBMITTED', 'APPROVED', "
    "'SENT', 'PARTLY_RECEIVED') ";

OnOrderByPartId OnOrderIn(const Rows& rows) {
  OnOrderByPartId on_order;
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row row = rows[i];
    on_order[row.Id("part_id")] = {row.Int("on_order_milli"), row.Int("drafted_milli"), row.Text("expected_date")};
  }
  return on_order;
}

}  // namespace

absl::StatusOr<v1::PurchaseOrder> PurchaseOrderStore::LockOrder(chassis::UnitOfWork& work,
                                                                const std::string& purchase_order_id) {
  return orders_.Lock(work, work.store_id(), purchase_order_id);
}

absl::StatusOr<OnOrderByPartId> PurchaseOrderStore::OnOrderByPart(chassis::sql::Session& session,
                                                                  const std::string& store_id,
                                                                  const std::vector<std::string>& part_ids) {
  if (part_ids.empty()) return OnOrderByPartId();
  ASSIGN_OR_RETURN(const Rows rows,
                   session.QueryValues(absl::StrCat(kOnOrderHead, "AND l.part_id IN (", Placeholders(part_ids.size()),
                                                    ") GROUP BY l.part_id"),
                                       WithIds(store_id, part_ids)));
  return OnOrderIn(rows);
}

absl::StatusOr<OnOrderByPartId> PurchaseOrderStore::AllOnOrder(chassis::sql::Session& session,
                                                               const std::string& store_id) {
  ASSIGN_OR_RETURN(const Rows rows, session.Query(absl::StrCat(kOnOrderHead, "GROUP BY l.part_id"), Uuid{store_id}));
  return OnOrderIn(rows);
}

}  // namespace parts
