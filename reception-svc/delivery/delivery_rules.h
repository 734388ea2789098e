// Delivery: what must have happened, what must be returned, the next maintenance, the legal guarantee, and
// the fact CRM gets.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "aftersales/common/v1/store.pb.h"
#include "aftersales/crm/v1/check_in.pb.h"
#include "aftersales/reception/v1/delivery.pb.h"
#include "aftersales/reception/v1/events.pb.h"
#include "aftersales/reception/v1/gate_pass.pb.h"
#include "aftersales/reception/v1/payment.pb.h"
#include "aftersales/reception/v1/repair_order.pb.h"
#include "aftersales/reception/v1/settlement.pb.h"
#include "aftersales/reception/v1/visit.pb.h"

namespace reception {

// The visit's business file as far as it exists.
struct BusinessFile {
  aftersales::reception::v1::Visit visit;
  std::optional<aftersales::reception::v1::WalkAround> walk_around;
  std::optional<aftersales::reception::v1::Belongings> belongings;
  std::optional<aftersales::reception::v1::Custody> custody;
  aftersales::reception::v1::RepairOrder order;
  std::optional<aftersales::reception::v1::Settlement> settlement;
  std::optional<aftersales::reception::v1::Receivable> receivable;
  std::optional<aftersales::reception::v1::GatePass> gate_pass;
};

// Everything R-45 wants done and returned, and the file complete; each lack has its own refusal.
absl::Status CheckDelivery(const aftersales::reception::v1::DeliverVehicleRequest& request, const BusinessFile& file);

struct NextMaintenance {
  std::string date;
  int32_t km = 0;
};
// After maintenance: as far on as the store says. Otherwise what CRM knew, or the same when it knows nothing.
NextMaintenance NextMaintenanceAfter(const aftersales::reception::v1::RepairOrder& order, int32_t odometer_km,
                                     const std::string& today, const aftersales::crm::v1::CheckInSummary& known,
                                     const aftersales::common::v1::StoreSettings& settings);

// The legal quality guarantee of the repair class from completion (机动车维修管理规定).
struct Guarantee {
  int32_t days = 0;
  int32_t km = 0;
};
Guarantee GuaranteeOf(aftersales::reception::v1::RepairClass repair_class);

// The delivery record, without ids and signature.
aftersales::reception::v1::Delivery MakeDelivery(const aftersales::reception::v1::DeliverVehicleRequest& request,
                                                 const BusinessFile& file, const NextMaintenance& next,
                                                 const std::string& time_zone, absl::Time now);

// What CRM gets: work done, parts fitted, work declined, amounts, next maintenance.
aftersales::reception::v1::VehicleDelivered DeliveredFact(const BusinessFile& file,
                                                          const aftersales::reception::v1::Delivery& delivery,
                                                          absl::Time now);

}  // namespace reception
