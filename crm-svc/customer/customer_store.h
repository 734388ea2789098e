// SQL of the customer archive.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aftersales/common/v1/audit.pb.h"
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
  // The check "customer_archives": the keys at hand open everybody's personal data, and people are found by it: the
  // blind indices are those of what it says.
  absl::StatusOr<aftersales::common::v1::LedgerCheck> Verify(chassis::sql::Session& session,
                                                             const std::string& store_id) const;

 private:
  std::string IndexOf(std::string_view field, const std::string& plain) const;
  chassis::records::Table<aftersales::crm::v1::Customer> customers_;
};

}  // namespace crm
