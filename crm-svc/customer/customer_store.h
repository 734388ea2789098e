// SQL of the customer archive.
#pragma once

#include <string>
#include <vector>

#include "aftersales/crm/v1/customer.pb.h"
#include "chassis/records/table.h"

namespace crm {

class CustomerStore {
 public:
  explicit CustomerStore(const chassis::privacy::Cipher& cipher) : customers_(cipher) {}

  const chassis::records::Table<aftersales::crm::v1::Customer>& table() const { return customers_; }
  absl::StatusOr<aftersales::crm::v1::Customer> Get(chassis::sql::Session& session, const std::string& store_id,
                                                    const std::string& customer_id) const;
  // Exact matches through the blind index; an empty argument does not restrict. At most 50.
  absl::StatusOr<std::vector<aftersales::crm::v1::Customer>> Find(chassis::sql::Session& session,
                                                                  const std::string& store_id, const std::string& phone,
                                                                  const std::string& name) const;

 private:
  chassis::records::Table<aftersales::crm::v1::Customer> customers_;
};

}  // namespace crm
