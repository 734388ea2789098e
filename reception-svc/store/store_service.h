// The stores of the group (门店). Reception owns them; the other services learn of them by StoreChanged (G-01).
#pragma once

#include "aftersales/common/v1/store.pb.h"
#include "chassis/records/table.h"
#include "chassis/server/service.h"

namespace reception {

class StoreService {
 public:
  explicit StoreService(chassis::Rooms& rooms);

 private:
  chassis::records::Table<aftersales::common::v1::Store> stores_;
};

}  // namespace reception
