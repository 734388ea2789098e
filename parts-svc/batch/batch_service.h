// The batch room (P-01): what is known of batches beside where they lie.
#pragma once

#include "chassis/server/service.h"
#include "parts-svc/batch/batch_store.h"
#include "parts-svc/ledger/ledger_store.h"

namespace parts {

class BatchService {
 public:
  explicit BatchService(chassis::Rooms& rooms);

 private:
  absl::StatusOr<v1::PartBatch> Get(chassis::Call& call, const v1::GetPartBatchRequest& request);
  absl::StatusOr<v1::PartBatch> SetExpiry(chassis::Call& call, const v1::SetBatchExpiryRequest& request);

  BatchStore store_;
  LedgerStore ledger_;
};

}  // namespace parts
