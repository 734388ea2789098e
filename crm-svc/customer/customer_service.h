// RPCs of the customer archive (C-01).
#pragma once

#include "chassis/server/service.h"
#include "crm-svc/customer/customer_store.h"

namespace crm {

class CustomerService {
 public:
  explicit CustomerService(chassis::Rooms& rooms);

  absl::StatusOr<aftersales::crm::v1::FindCustomersResponse> Find(
      chassis::Call& call, const aftersales::crm::v1::FindCustomersRequest& request);

  const CustomerStore& store() const { return store_; }

 private:
  absl::Status Check(chassis::UnitOfWork& work, const aftersales::crm::v1::Customer* before,
                     aftersales::crm::v1::Customer& after) const;
  CustomerStore store_;
};

}  // namespace crm
