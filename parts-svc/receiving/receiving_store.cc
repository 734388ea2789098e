// The SQL of goods receipts; see receiving_store.h.
#include "parts-svc/receiving/receiving_store.h"

#include <set>

#include "google/protobuf/util/message_differencer.h"

namespace parts {

using chassis::sql::Rows;
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

absl::StatusOr<std::vector<std::pair<std::string, int64_t>>> ReceivingStore::OpenDifferences(
    chassis::sql::Session& session) {
  ASSIGN_OR_RETURN(const Rows stores, session.Query("SELECT store_id FROM store"));
  std::vector<std::pair<std::string, int64_t>> counts;
  for (size_t i = 0; i < stores.size(); ++i) {
    const std::string store_id = stores[i].Id("store_id");
    ASSIGN_OR_RETURN(const Rows rows,
                     session.Query("SELECT COUNT(*) AS n FROM goods_receipt WHERE store_id = ? AND state = "
                                   "'DIFFERENCES_OPEN'",
                                   Uuid{store_id}));
    counts.emplace_back(store_id, rows[0].Int("n"));
  }
  return counts;
}

}  // namespace parts
