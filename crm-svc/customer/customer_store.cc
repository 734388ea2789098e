#include "crm-svc/customer/customer_store.h"

namespace crm {

using aftersales::crm::v1::Customer;
using chassis::sql::Bytes;
using chassis::sql::Uuid;

absl::StatusOr<Customer> CustomerStore::Get(chassis::sql::Session& session, const std::string& store_id,
                                            const std::string& customer_id) const {
  return customers_.Get(session, store_id, customer_id);
}

absl::StatusOr<std::vector<Customer>> CustomerStore::Find(chassis::sql::Session& session, const std::string& store_id,
                                                          const std::string& phone, const std::string& name) const {
  const Bytes phone_index{customers_.BlindIndex("phone", phone)};
  const Bytes name_index{customers_.BlindIndex("name", name)};
  if (name.empty()) {
    return customers_.Select(session, "WHERE store_id = ? AND phone_index = ? LIMIT 50", Uuid{store_id}, phone_index);
  }
  if (phone.empty()) {
    return customers_.Select(session, "WHERE store_id = ? AND name_index = ? LIMIT 50", Uuid{store_id}, name_index);
  }
  return customers_.Select(session, "WHERE store_id = ? AND phone_index = ? AND name_index = ? LIMIT 50",
                           Uuid{store_id}, phone_index, name_index);
}

}  // namespace crm
