// What the workshop tells reception (W-08, R-32, R-33, R-34): the board moves along, findings become add-ons, the
// adviser gets duties. Nothing is asked of anybody here: events only.
#pragma once

#include "aftersales/workshop/v1/events.pb.h"
#include "chassis/server/service.h"
#include "reception-svc/add_on/add_on_store.h"
#include "reception-svc/board/board_store.h"
#include "reception-svc/repair_order/repair_order_store.h"

namespace reception {

// Where a vehicle stands on the board when the workshop says this.
aftersales::reception::v1::BoardEntry::Stage BoardStageOf(aftersales::workshop::v1::OrderStageChanged::Stage stage);
// The add-on a finding becomes, without ids and number: raised, not yet priced.
aftersales::reception::v1::AddOn AddOnFrom(const aftersales::workshop::v1::FindingRaised& finding);

class WorkshopNews {
 public:
  explicit WorkshopNews(chassis::Rooms& rooms);

 private:
  using Event = aftersales::common::v1::Event;

  absl::Status OnStage(chassis::UnitOfWork& work, const aftersales::workshop::v1::OrderStageChanged& fact);
  absl::Status OnFinding(chassis::UnitOfWork& work, const aftersales::workshop::v1::FindingRaised& fact);
  absl::Status OnWithdrawn(chassis::UnitOfWork& work, const aftersales::workshop::v1::FindingWithdrawn& fact);
  absl::Status OnDelay(chassis::UnitOfWork& work, const aftersales::workshop::v1::DelayReported& fact);
  absl::Status OnDifference(chassis::UnitOfWork& work, const aftersales::workshop::v1::VehicleDifferenceReported& fact);
  absl::Status OnFinished(chassis::UnitOfWork& work, const aftersales::workshop::v1::OrderFinished& fact);

  RepairOrderStore orders_;
  AddOnStore add_ons_;
  BoardStore board_;
};

}  // namespace reception
