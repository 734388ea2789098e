// What receiving owes by when; see receiving_duties.h.
#include "parts-svc/receiving/receiving_duties.h"

#include "chassis/time/clock.h"

namespace parts {

aftersales::common::v1::Duty DifferenceDuty(const aftersales::parts::v1::GoodsReceipt& receipt, absl::Time due_time) {
  aftersales::common::v1::Duty duty;
  duty.set_kind(kReceiptDifferenceDuty);
  duty.set_handbook("P-09");
  duty.set_subject_kind("goods_receipt");
  duty.set_subject_id(receipt.goods_receipt_id());
  duty.set_subject_number(receipt.number());
  duty.set_assignee_role(aftersales::options::v1::ROLE_PARTS_MANAGER);
  duty.set_escalation_role(aftersales::options::v1::ROLE_SERVICE_MANAGER);
  *duty.mutable_due_time() = chassis::ToProto(due_time);
  return duty;
}

}  // namespace parts
