// The RPCs of add-ons and the two processes behind the customer's answer:
//
//   book_add_on     reserve_parts -> add_job_lines   all or nothing; undone: offered again
//   decline_add_on  tell_workshop
#pragma once

#include "aftersales/reception/v1/add_on.pb.h"
#include "chassis/server/service.h"
#include "reception-svc/add_on/add_on_store.h"
#include "reception-svc/board/board_store.h"
#include "reception-svc/repair_order/line_pricing.h"
#include "reception-svc/repair_order/repair_order_store.h"

namespace reception {

class AddOnService {
 public:
  explicit AddOnService(chassis::Rooms& rooms);

 private:
  using AddOn = aftersales::reception::v1::AddOn;

  absl::StatusOr<AddOn> Propose(chassis::Call& call, const aftersales::reception::v1::ProposeAddOnRequest& request);
  absl::StatusOr<AddOn> Price(chassis::Call& call, const aftersales::reception::v1::PriceAddOnRequest& request);
  absl::StatusOr<AddOn> Decide(chassis::Call& call,
                               const aftersales::reception::v1::RecordAddOnDecisionRequest& request);

  void DefineProcesses(chassis::Processes& processes);
  absl::Status FinishBooking(chassis::UnitOfWork& work, const chassis::ProcessContext& at);
  template <typename Change>
  absl::Status ChangeAddOn(chassis::UnitOfWork& work, const std::string& add_on_id, Change&& change);
  template <typename Change>
  absl::Status ChangeAddOn(chassis::UnitOfWork& work, const std::string& add_on_id,
                           aftersales::reception::v1::AddOn& after, Change&& change);

  AddOnStore store_;
  RepairOrderStore orders_;
  LinePricing pricing_;
  BoardStore board_;
};

}  // namespace reception
