// The stores of the group as this service knows them: the local `store` table, filled from reception-svc's change
// feed, asked for directly when a store is not known yet, cached for a minute. Applies the handbook's defaults.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aftersales/common/v1/store.pb.h"

namespace chassis {

class Stores {
 public:
  virtual ~Stores() = default;
  // With every setting filled: defaults where the store says nothing. ERROR_REASON_STORE_UNKNOWN.
  virtual absl::StatusOr<aftersales::common::v1::Store> Get(const std::string& store_id, absl::Time deadline) = 0;
  virtual void Forget(const std::string& store_id) = 0;
};

// Fills the handbook's defaults (handbook bold numbers) into unset settings.
aftersales::common::v1::StoreSettings WithDefaults(aftersales::common::v1::StoreSettings settings);

}  // namespace chassis
