// Repair orders by the shortest lawful path, for tests and load programs that need many: a vehicle of its own each,
// checked in, with one labour line and one part.
#pragma once

#include <string>

#include "aftersales/common/v1/store.pb.h"
#include "aftersales/crm/v1/vehicle.pb.h"
#include "aftersales/reception/v1/repair_order.pb.h"
#include "aftersales/reception/v1/visit.pb.h"
#include "tests/demo/opening.h"
#include "tests/demo/stage.h"

namespace demo {

// A valid VIN of a vehicle made in China; `serial` 0 .. 999,999.
std::string VinOf(int serial);

class QuickOrder {
 public:
  QuickOrder(Stage& stage, const aftersales::common::v1::Store& store) : stage_(stage), cast_(store) {}

  // One customer for all vehicles.
  std::string Customer(const std::string& phone);
  aftersales::crm::v1::Vehicle Vehicle(const std::string& customer_id, int serial);
  // Arrived, greeted, opened, walked around, belongings, keys, words.
  aftersales::reception::v1::Visit CheckedIn(const aftersales::crm::v1::Vehicle& vehicle);
  // Created, covered, estimated, promised.
  aftersales::reception::v1::RepairOrder Estimated(const aftersales::reception::v1::Visit& visit);
  aftersales::reception::v1::RepairOrder Signed(const aftersales::reception::v1::RepairOrder& order);
  aftersales::reception::v1::ReleaseRepairOrderRequest ReleaseRequest(
      const aftersales::reception::v1::RepairOrder& order) const;

 private:
  template <typename Request>
  Request ForStore() const {
    Request request;
    request.set_store_id(cast_.store_id);
    return request;
  }
  Stage& stage_;
  Cast cast_;
};

}  // namespace demo
