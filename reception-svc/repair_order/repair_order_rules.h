// What a repair order must be before each of its steps: editing, promise, signature,
// handover, stop, take-back, pick-up notice. Pure decisions on the document.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aftersales/common/v1/signature.pb.h"
#include "aftersales/common/v1/store.pb.h"
#include "aftersales/reception/v1/add_on.pb.h"
#include "aftersales/reception/v1/repair_order.pb.h"
#include "aftersales/workshop/v1/order_intake.pb.h"

namespace reception {

// Lines, sums, estimate and promise belong together: after a change of lines the order is a DRAFT without estimate,
// promise and acknowledgements. Refused once it is signed.
absl::Status Reopen(aftersales::reception::v1::RepairOrder& order);
void SetTotals(aftersales::reception::v1::RepairOrder& order);
absl::Status RemoveLines(aftersales::reception::v1::RepairOrder& order,
                         const aftersales::reception::v1::RemoveOrderLinesRequest& request);
absl::Status DeclineLines(aftersales::reception::v1::RepairOrder& order,
                          const aftersales::reception::v1::DeclineOrderLinesRequest& request);
// The line or LINE_UNKNOWN naming `field`.
absl::StatusOr<aftersales::reception::v1::RepairOrderLine*> FindLine(aftersales::reception::v1::RepairOrder& order,
                                                                     const std::string& line_id,
                                                                     const std::string& field);
// The clauses its estimate must print.
std::vector<aftersales::reception::v1::Clause> ClausesOf(const aftersales::reception::v1::RepairOrder& order);
// At least one labour operation that was not declined.
absl::Status CheckHasWork(const aftersales::reception::v1::RepairOrder& order);

// The margin is a part of the order's own work; the promise is rounded up to a quarter of an hour.
absl::Time PromiseFrom(absl::Time feasible, int32_t work_minutes, int32_t margin_basis_points);
enum class MayOverridePromise { kNo, kYes };
absl::Status SetPromise(aftersales::reception::v1::RepairOrder& order, absl::Time promised, const std::string& reason,
                        MayOverridePromise may_override, absl::Time now);

// `signature` is complete (by UnitOfWork::Sign).
absl::Status CheckAcknowledgeable(const aftersales::reception::v1::RepairOrder& order,
                                  const aftersales::reception::v1::AcknowledgeDisclaimerRequest& request);
// each missing thing has its own refusal. `today` in the store's time zone.
absl::Status CheckSignable(const aftersales::reception::v1::RepairOrder& order, const std::string& today,
                           absl::Time now);
absl::Status CheckSignedByCustomer(const aftersales::common::v1::Signature& signature, std::string_view field);
// The customer approved what was proposed.
void ApproveLines(aftersales::reception::v1::RepairOrder& order);
// A new version to be signed again (G-03).
absl::Status Revise(aftersales::reception::v1::RepairOrder& order);

//
absl::Status RecordHandover(aftersales::reception::v1::RepairOrder& order,
                            const aftersales::reception::v1::RecordHandoverRequest& request, absl::Time now,
                            int32_t limit_minutes);
// R-27 after work has begun: what is not done is revoked.
absl::Status Stop(aftersales::reception::v1::RepairOrder& order,
                  const aftersales::workshop::v1::OrderProgress& progress, const std::string& reason);
// `add_ons` are all of the order.
absl::Status CheckTakeBack(const aftersales::reception::v1::RepairOrder& order,
                           const std::vector<aftersales::reception::v1::AddOn>& add_ons,
                           const aftersales::workshop::v1::OrderProgress& progress);

// the store's minutes before the agreed time; the long ones for work of more than two days.
absl::Time NoticeDueTime(absl::Time released, absl::Time agreed, const aftersales::common::v1::StoreSettings& settings);
absl::Status RecordNotice(aftersales::reception::v1::RepairOrder& order,
                          const aftersales::reception::v1::RecordPickUpNoticeRequest& request,
                          const std::string& told_by, absl::Time now,
                          const aftersales::common::v1::StoreSettings& settings);
// when `percent` of the planned duration has passed.
absl::Time ProgressCheckTime(absl::Time released, absl::Time agreed, int percent);
// every `progress_check_minutes` of the store until the agreed time, while it is open; none when the store does
// not want them. At most 48.
std::vector<absl::Time> IntervalCheckTimes(absl::Time released, absl::Time agreed,
                                           const aftersales::common::v1::Store& store);

}  // namespace reception
