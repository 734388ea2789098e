// The SQL of purchase orders, and what is on order.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "chassis/records/table.h"
#include "parts-svc/purchase_order/purchase_order_rules.h"

namespace parts {

// What is still to come of one part.
struct OnOrder {
  int64_t on_order_milli = 0;  // approved or with the supplier
  int64_t drafted_milli = 0;   // in drafts and orders that wait for approval
  std::string expected_date;   // the earliest of what is on order; empty: nothing is
};
using OnOrderByPartId = std::map<std::string, OnOrder>;  // parts with nothing to come are left out

class PurchaseOrderStore {
 public:
  explicit PurchaseOrderStore(const chassis::privacy::Cipher& cipher) : orders_(cipher), revisions_(cipher) {}

  absl::StatusOr<v1::PurchaseOrder> LockOrder(chassis::UnitOfWork& work, const std::string& purchase_order_id);

  absl::StatusOr<OnOrderByPartId> OnOrderByPart(chassis::sql::Session& session, const std::string& store_id,
                                                const std::vector<std::string>& part_ids);
  // The same for every part of the store with anything to come.
  absl::StatusOr<OnOrderByPartId> AllOnOrder(chassis::sql::Session& session, const std::string& store_id);

  const chassis::records::Table<v1::PurchaseOrder>& orders() const { return orders_; }
  const chassis::records::Table<v1::PurchaseOrderRevision>& revisions() const { return revisions_; }

 private:
  chassis::records::Table<v1::PurchaseOrder> orders_;
  chassis::records::Table<v1::PurchaseOrderRevision> revisions_;
};

}  // namespace parts
