// The SQL of goods receipts; see receiving_store.h.
#include "parts-svc/receiving/receiving_store.h"

#include <set>

#include "google/protobuf/util/message_differencer.h"

namespace parts {

using chassis::sql::Uuid;

absl::StatusOr<std::map<std::string, v1::GoodsReceipt>> ReceivingStore::LockByIds(
    chassis::UnitOfWork& work, const std::vector<std::string>& receipt_ids) {
  std::map<std::string, v1::GoodsReceipt> receipts;
  for (const std::string& id : std::set<std::string>(receipt_ids.begin(), receipt_ids.end())) {
    if (id.empty()) continue;
    ASSIGN_OR_RETURN(receipts[id], table_.Lock(work, work.store_id(), id));
  }
  return receipts;
}

absl::Status ReceivingStore::Update(chassis::UnitOfWork& work, const std::map<std::string, v1::GoodsReceipt>& before,
                                    std::map<std::string, v1::GoodsReceipt>& after) {
  for (auto& [id, receipt] : after) {
    if (google::protobuf::util::MessageDifferencer::Equals(before.at(id), receipt)) continue;
    RETURN_IF_ERROR(table_.Update(work, before.at(id), receipt));
  }
  return absl::OkStatus();
}

}  // namespace parts
