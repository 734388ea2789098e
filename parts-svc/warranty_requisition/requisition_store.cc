// The SQL of warranty requisitions; see requisition_store.h.
#include "parts-svc/warranty_requisition/requisition_store.h"

namespace parts {

using chassis::sql::Uuid;

absl::StatusOr<std::vector<v1::WarrantyRequisition>> RequisitionStore::LockOfOrder(chassis::UnitOfWork& work,
                                                                                   const std::string& order_id) {
  return table_.Select(work.sql(),
                       "WHERE store_id = ? AND order_id = ? AND state NOT IN ('REFUSED', 'CANCELLED') ORDER BY "
                       "warranty_requisition_id FOR UPDATE",
                       Uuid{work.store_id()}, Uuid{order_id});
}

}  // namespace parts
