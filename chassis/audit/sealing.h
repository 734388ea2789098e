// Sealing makes the command log tamper-evident without making any command wait: entries are written freely, and a
// background job seals them in batches whose digests form a chain per store. Whoever edits or removes an entry
// afterwards breaks its batch or the chain, and `verify` names where.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "aftersales/common/v1/audit.pb.h"
#include "chassis/host/host.h"
#include "chassis/sql/session.h"

namespace chassis::audit {

// Entries younger than this stay open: their transaction may still be under way.
inline constexpr absl::Duration kSettleTime = absl::Seconds(2);
inline constexpr int64_t kSealedPerBatchMax = 1000;

// The smallest command id of that millisecond, as bytes: ids are version 7 UUIDs.
std::string FirstIdAt(absl::Time time);

// Seals one batch in every store that has open entries. Returns how many entries were sealed.
absl::StatusOr<int64_t> SealOnce(Host& host);

// The check "audit_chain": digests of rows and batches, counts and the chain.
absl::StatusOr<aftersales::common::v1::LedgerCheck> VerifyChain(sql::Session& session, const std::string& store_id);

// Adds a difference to a check; only the first 100 are spelled out.
void AddDifference(aftersales::common::v1::LedgerCheck& check, std::string difference);

}  // namespace chassis::audit
