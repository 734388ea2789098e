// Duties of the recall room; see recall_duties.h.
#include "parts-svc/recall/recall_duties.h"

#include "chassis/time/clock.h"

namespace parts {

aftersales::common::v1::Duty MissingPartsDuty(const aftersales::parts::v1::RecallCampaign& campaign,
                                              absl::Time due_time) {
  aftersales::common::v1::Duty duty;
  duty.set_kind(kRecallPartsDuty);
  duty.set_handbook("P-17");
  duty.set_subject_kind("recall_campaign");
  duty.set_subject_id(campaign.recall_campaign_id());
  duty.set_subject_number(campaign.campaign_number());
  duty.set_assignee_role(aftersales::options::v1::ROLE_PARTS_MANAGER);
  duty.set_escalation_role(aftersales::options::v1::ROLE_SERVICE_MANAGER);
  *duty.mutable_due_time() = chassis::ToProto(due_time);
  return duty;
}

}  // namespace parts
