// The stores of the group as this service knows them: the local `store` table, filled from reception-svc's change
// feed, asked for directly when a store is not known yet, cached for a minute. Applies the handbook's defaults.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aftersales/common/v1/store.pb.h"
#include "chassis/client/peers.h"
#include "chassis/privacy/cipher.h"
#include "chassis/sql/pool.h"
#include "chassis/telemetry/metrics.h"
#include "chassis/time/clock.h"

namespace chassis {

class EventIntake;

class Stores {
 public:
  virtual ~Stores() = default;
  // With every setting filled: defaults where the store says nothing. ERROR_REASON_STORE_UNKNOWN.
  virtual absl::StatusOr<aftersales::common::v1::Store> Get(const std::string& store_id, absl::Time deadline) = 0;
  virtual void Forget(const std::string& store_id) = 0;
};

// Asks the owner of the stores for one this service does not know yet.
using StoreFetcher =
    std::function<absl::StatusOr<aftersales::common::v1::Store>(const std::string& store_id, absl::Time deadline)>;

// `fetch` may be empty (the owner itself), `metrics` null.
std::unique_ptr<Stores> MakeStores(sql::Pool& pool, const privacy::Cipher& cipher, Clock& clock, StoreFetcher fetch,
                                   telemetry::Metrics* metrics = nullptr);

// Package of the service that owns the stores and publishes StoreChanged.
inline constexpr std::string_view kStoreOwner = "aftersales.reception.v1";
// A fetcher that asks the owner. Its request type is looked up by name, so the chassis links no service's protos; a
// program that does not link it knows the stores its change feed told of.
StoreFetcher FetchFromOwner(Peers& peers);

// Keeps the local copy of every store up to date: call it while furnishing every service but the owner.
void TakeInStores(EventIntake& intake, const privacy::Cipher& cipher, Stores& stores);

// Fills the handbook's defaults (handbook bold numbers) into unset settings.
aftersales::common::v1::StoreSettings WithDefaults(aftersales::common::v1::StoreSettings settings);

}  // namespace chassis
