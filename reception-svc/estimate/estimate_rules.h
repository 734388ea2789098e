// Making an estimate from an order's priced lines.
#pragma once

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "aftersales/common/v1/store.pb.h"
#include "aftersales/parts/v1/catalogue.pb.h"
#include "aftersales/reception/v1/estimate.pb.h"
#include "aftersales/reception/v1/repair_order.pb.h"

namespace reception {

// The estimate of the order's lines as they are now, without ids. `offers` by part number show live availability.
aftersales::reception::v1::Estimate MakeEstimate(const aftersales::reception::v1::RepairOrder& order,
                                                 const std::map<std::string, aftersales::parts::v1::PartOffer>& offers,
                                                 const aftersales::common::v1::Store& store, absl::Time now);

// Makes it the order's current one: state ESTIMATED, acknowledgements of an earlier one no longer hold.
absl::Status AdoptEstimate(aftersales::reception::v1::RepairOrder& order,
                           const aftersales::reception::v1::Estimate& estimate);

}  // namespace reception
