#include "crm-svc/customer/customer_store.h"

#include "absl/strings/str_cat.h"
#include "chassis/audit/sealing.h"

namespace crm {

constexpr int64_t kVerifiedPerReadMax = 500;

using aftersales::common::v1::LedgerCheck;
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

absl::StatusOr<LedgerCheck> CustomerStore::Verify(chassis::sql::Session& session, const std::string& store_id) const {
  LedgerCheck check;
  std::string after(16, '\0');
  while (true) {
    ASSIGN_OR_RETURN(chassis::sql::Rows rows,
                     session.Query("SELECT customer_id, name_index, phone_index FROM customer WHERE store_id = ? AND "
                                   "customer_id > ? ORDER BY customer_id LIMIT ?",
                                   Uuid{store_id}, Bytes{after}, kVerifiedPerReadMax));
    const auto customers =
        customers_.Select(session, "WHERE store_id = ? AND customer_id > ? ORDER BY customer_id LIMIT ?",
                          Uuid{store_id}, Bytes{after}, kVerifiedPerReadMax);
    if (absl::IsDataLoss(customers.status())) {
      chassis::audit::AddDifference(
          check, absl::StrCat("personal data cannot be opened with the keys at hand: ", customers.status().message()));
      return check;
    }
    if (!customers.ok()) return customers.status();
    // Both reads see the same rows, or a customer was added in between: the next verification looks at it.
    for (size_t i = 0; i < rows.size() && i < customers->size(); ++i) {
      const Customer& customer = (*customers)[i];
      if (rows[i].Id("customer_id") != customer.customer_id()) break;
      check.set_checked_count(check.checked_count() + 1);
      const bool found = rows[i].Text("name_index") == IndexOf("name", customer.name()) &&
                         rows[i].Text("phone_index") == IndexOf("phone", customer.phone());
      if (!found) {
        chassis::audit::AddDifference(check, absl::StrCat("customer ", customer.customer_id(),
                                                          " is not found with the keys at hand: the index is another"));
      }
    }
    if (static_cast<int64_t>(rows.size()) < kVerifiedPerReadMax) return check;
    after = rows[rows.size() - 1].Text("customer_id");
  }
}

// As the table writes it: zeros for an empty text.
std::string CustomerStore::IndexOf(std::string_view field, const std::string& plain) const {
  return plain.empty() ? std::string(32, '\0') : customers_.BlindIndex(field, plain);
}

}  // namespace crm
