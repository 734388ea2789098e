// The SQL of goods receipts.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "aftersales/parts/v1/receiving.pb.h"
#include "chassis/records/table.h"

namespace parts {

namespace v1 = aftersales::parts::v1;

class ReceivingStore {
 public:
  explicit ReceivingStore(const chassis::privacy::Cipher& cipher) : table_(cipher) {}

  // Receipts by id, locked in key order; NOT_FOUND names the first that does not exist.
  absl::StatusOr<std::map<std::string, v1::GoodsReceipt>> LockByIds(chassis::UnitOfWork& work,
                                                                    const std::vector<std::string>& receipt_ids);
  // Writes those of `after` that differ from `before`.
  absl::Status Update(chassis::UnitOfWork& work, const std::map<std::string, v1::GoodsReceipt>& before,
                      std::map<std::string, v1::GoodsReceipt>& after);

  const chassis::records::Table<v1::GoodsReceipt>& table() const { return table_; }

 private:
  chassis::records::Table<v1::GoodsReceipt> table_;
};

}  // namespace parts
