// The SQL of buyers; see buyer_store.h.
#include "parts-svc/buyer/buyer_store.h"

#include "aftersales/parts/v1/sales_errors.pb.h"

namespace parts {
namespace {

using chassis::sql::Uuid;

absl::StatusOr<v1::Buyer> TheOne(const std::vector<v1::Buyer>& found, const std::string& buyer_id) {
  if (!found.empty()) return found[0];
  return chassis::Refuse(v1::SALES_ERROR_REASON_BUYER_UNKNOWN)
      .With("buyer", buyer_id)
      .At("buyer_id", "没有此客户", "names no buyer of this store");
}

}  // namespace

absl::StatusOr<std::vector<v1::Buyer>> BuyerStore::WithPhone(chassis::sql::Session& session,
                                                             const std::string& store_id, const std::string& phone) {
  return table_.Select(session, "WHERE store_id = ? AND phone_index = ? ORDER BY code LIMIT 100", Uuid{store_id},
                       chassis::sql::Bytes{table_.BlindIndex("phone", phone)});
}

absl::StatusOr<v1::Buyer> BuyerStore::Find(chassis::sql::Session& session, const std::string& store_id,
                                           const std::string& buyer_id) {
  ASSIGN_OR_RETURN(const auto found,
                   table_.Select(session, "WHERE store_id = ? AND buyer_id = ?", Uuid{store_id}, Uuid{buyer_id}));
  return TheOne(found, buyer_id);
}

absl::StatusOr<v1::Buyer> BuyerStore::Lock(chassis::UnitOfWork& work, const std::string& buyer_id) {
  ASSIGN_OR_RETURN(const auto found, table_.Select(work.sql(), "WHERE store_id = ? AND buyer_id = ? FOR UPDATE",
                                                   Uuid{work.store_id()}, Uuid{buyer_id}));
  return TheOne(found, buyer_id);
}

}  // namespace parts
