// The table of payer shares, and how it is held against the ledger.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "aftersales/reception/v1/payer_share.pb.h"
#include "chassis/records/table.h"

namespace reception {

class PayerShareStore {
 public:
  explicit PayerShareStore(const chassis::privacy::Cipher& cipher) : shares(cipher) {}

  // Shares whose total is not what issuing the settlement booked, or whose collected amount is not what came in.
  absl::StatusOr<chassis::sql::Rows> BookedOtherwise(chassis::sql::Session& session, const std::string& store_id) const;
  absl::StatusOr<chassis::sql::Rows> CollectedOtherwise(chassis::sql::Session& session,
                                                        const std::string& store_id) const;
  absl::StatusOr<int64_t> Count(chassis::sql::Session& session, const std::string& store_id) const;

  chassis::records::Table<aftersales::reception::v1::PayerShare> shares;
};

}  // namespace reception
