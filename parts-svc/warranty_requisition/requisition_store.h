// The SQL of warranty requisitions.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "chassis/records/table.h"
#include "parts-svc/warranty_requisition/requisition_rules.h"

namespace parts {

class RequisitionStore {
 public:
  explicit RequisitionStore(const chassis::privacy::Cipher& cipher) : table_(cipher) {}

  // Those of a repair order that still count, in key order; locked.
  absl::StatusOr<std::vector<v1::WarrantyRequisition>> LockOfOrder(chassis::UnitOfWork& work,
                                                                   const std::string& order_id);

  const chassis::records::Table<v1::WarrantyRequisition>& table() const { return table_; }

 private:
  chassis::records::Table<v1::WarrantyRequisition> table_;
};

}  // namespace parts
