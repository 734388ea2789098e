#include "reception-svc/repair_order/order_duties.h"

#include <algorithm>
#include <string>

#include "chassis/time/clock.h"

namespace reception {

namespace options = aftersales::options::v1;

namespace {

constexpr absl::Duration kDelayToldWithin = absl::Minutes(30);
constexpr absl::Duration kDelayToldBefore = absl::Minutes(15);

}  // namespace

aftersales::common::v1::Duty AdviserDuty(const aftersales::reception::v1::RepairOrder& order, std::string_view kind,
                                         std::string_view handbook, absl::Time due) {
  aftersales::common::v1::Duty duty;
  duty.set_kind(std::string(kind));
  duty.set_handbook(std::string(handbook));
  duty.set_subject_kind("repair_order");
  duty.set_subject_id(order.repair_order_id());
  duty.set_subject_number(order.number());
  duty.set_assignee(order.adviser());
  duty.set_assignee_role(options::ROLE_SERVICE_ADVISER);
  duty.set_escalation_role(options::ROLE_SERVICE_MANAGER);
  *duty.mutable_due_time() = chassis::ToProto(due);
  return duty;
}

aftersales::common::v1::Duty DelayDuty(const aftersales::reception::v1::RepairOrder& order, absl::Time now) {
  const absl::Time told_by =
      std::min(now + kDelayToldWithin, chassis::FromProto(order.agreed_time()) - kDelayToldBefore);
  return AdviserDuty(order, kDelayNoticeDuty, "R-33", std::max(told_by, now));
}

}  // namespace reception
