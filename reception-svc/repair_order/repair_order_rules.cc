// Decisions about repair orders; see the header.
#include "reception-svc/repair_order/repair_order_rules.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "aftersales/reception/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"
#include "chassis/time/amounts.h"
#include "chassis/time/clock.h"
#include "reception-svc/repair_order/order_line_rules.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
namespace common = aftersales::common::v1;
using aftersales::workshop::v1::OrderProgress;
using chassis::FromProto;
using chassis::Refuse;
using chassis::ToProto;

constexpr absl::Duration kPromiseStep = absl::Minutes(15);
constexpr absl::Duration kLongJob = absl::Hours(48);
constexpr size_t kIntervalChecksMax = 48;

std::string MissingClauses(const v1::RepairOrder& order) {
  std::set<v1::Clause> acknowledged;
  for (const v1::Acknowledgement& acknowledgement : order.acknowledgements()) {
    acknowledged.insert(acknowledgement.clause());
  }
  std::vector<std::string> missing;
  for (const int clause : order.clauses()) {
    if (acknowledged.count(static_cast<v1::Clause>(clause)) == 0) {
      missing.push_back(v1::Clause_Name(static_cast<v1::Clause>(clause)));
    }
  }
  return absl::StrJoin(missing, ", ");
}

std::set<std::string> LinesDone(const OrderProgress& progress) {
  std::set<std::string> done;
  for (const auto& line : progress.lines()) {
    if (line.done()) done.insert(line.line_id());
  }
  return done;
}

bool IsApprovedLabour(const v1::RepairOrderLine& line) {
  return line.kind() == v1::LINE_KIND_LABOUR && line.authorization() == v1::AUTHORIZATION_APPROVED;
}

std::vector<std::string> LinesNotDone(const v1::RepairOrder& order, const std::vector<v1::AddOn>& add_ons,
                                      const OrderProgress& progress) {
  const std::set<std::string> done = LinesDone(progress);
  std::vector<std::string> missing;
  for (const v1::RepairOrderLine& line : order.lines()) {
    if (IsApprovedLabour(line) && done.count(line.line_id()) == 0) missing.push_back(LineName(line));
  }
  for (const v1::AddOn& add_on : add_ons) {
    if (add_on.state() != v1::AddOn::STATE_APPROVED) continue;
    for (const v1::AddOnLine& line : add_on.lines()) {
      if (line.kind() == v1::LINE_KIND_LABOUR && done.count(line.line_id()) == 0) {
        missing.push_back(absl::StrCat(add_on.number(), " ", line.operation_code()));
      }
    }
  }
  return missing;
}

std::string InspectionsMissing(const OrderProgress& progress) {
  std::vector<std::string> missing;
  if (!progress.self_check_passed()) missing.push_back("self check 自检");
  if (!progress.leader_check_passed()) missing.push_back("leader check 组检");
  if (!progress.final_inspection_passed()) missing.push_back("final inspection 终检");
  return absl::StrJoin(missing, ", ");
}

std::string PreparationMissing(const v1::RecordPickUpNoticeRequest::Preparation& preparation) {
  std::vector<std::string> missing;
  if (!preparation.cleaned()) missing.push_back("cleaned");
  if (!preparation.belongings_checked()) missing.push_back("belongings_checked");
  if (!preparation.papers_gathered()) missing.push_back("papers_gathered");
  if (!preparation.costs_gathered()) missing.push_back("costs_gathered");
  return absl::StrJoin(missing, ", ");
}

}  // namespace

absl::Status Reopen(v1::RepairOrder& order) {
  RETURN_IF_ERROR(chassis::RequireState(order, {v1::RepairOrder::STATE_DRAFT, v1::RepairOrder::STATE_ESTIMATED}));
  if (order.state() == v1::RepairOrder::STATE_ESTIMATED) {
    RETURN_IF_ERROR(chassis::MoveTo(order, v1::RepairOrder::STATE_DRAFT));
  }
  order.clear_estimate_id();
  order.clear_estimate_valid_until_date();
  order.clear_clauses();
  order.clear_acknowledgements();
  order.clear_feasible_time();
  order.clear_promised_time();
  order.clear_agreed_time();
  order.clear_promise_reason();
  SetTotals(order);
  return absl::OkStatus();
}

void SetTotals(v1::RepairOrder& order) {
  const Totals totals = TotalOf(order.lines());
  order.set_labour_amount(totals.labour_amount);
  order.set_parts_amount(totals.parts_amount);
  order.set_tax_amount(totals.tax_amount);
  order.set_total_amount(totals.total_amount);
  order.set_customer_amount(totals.customer_amount);
}

absl::StatusOr<v1::RepairOrderLine*> FindLine(v1::RepairOrder& order, const std::string& line_id,
                                              const std::string& field) {
  for (v1::RepairOrderLine& line : *order.mutable_lines()) {
    if (line.line_id() == line_id) return &line;
  }
  return Refuse(v1::ERROR_REASON_LINE_UNKNOWN).With("line", line_id).At(field, "没有此行", "no such line");
}

absl::Status RemoveLines(v1::RepairOrder& order, const v1::RemoveOrderLinesRequest& request) {
  for (int i = 0; i < request.line_ids_size(); ++i) {
    RETURN_IF_ERROR(FindLine(order, request.line_ids(i), absl::StrCat("line_ids[", i, "]")).status());
  }
  const std::set<std::string> gone(request.line_ids().begin(), request.line_ids().end());
  auto& lines = *order.mutable_lines();
  lines.erase(std::remove_if(lines.begin(), lines.end(),
                             [&](const v1::RepairOrderLine& line) { return gone.count(line.line_id()) > 0; }),
              lines.end());
  return Reopen(order);
}

absl::Status DeclineLines(v1::RepairOrder& order, const v1::DeclineOrderLinesRequest& request) {
  for (int i = 0; i < request.line_ids_size(); ++i) {
    ASSIGN_OR_RETURN(v1::RepairOrderLine * line,
                     FindLine(order, request.line_ids(i), absl::StrCat("line_ids[", i, "]")));
    line->set_authorization(v1::AUTHORIZATION_DECLINED);
    line->set_decline_reason(request.reason());
  }
  return Reopen(order);
}

std::vector<v1::Clause> ClausesOf(const v1::RepairOrder& order) {
  std::vector<v1::Clause> clauses;
  for (const v1::RepairOrderLine& line : order.lines()) {
    if (!CarriesNoGuarantee(line)) continue;
    clauses.push_back(v1::CLAUSE_NO_GUARANTEE);
    break;
  }
  if (order.fault_unknown()) clauses.push_back(v1::CLAUSE_UNKNOWN_FAULT);
  return clauses;
}

absl::Status CheckHasWork(const v1::RepairOrder& order) {
  for (const v1::RepairOrderLine& line : order.lines()) {
    if (line.kind() == v1::LINE_KIND_LABOUR && !IsDeclined(line)) return absl::OkStatus();
  }
  return Refuse(v1::ERROR_REASON_ORDER_HAS_NO_WORK).At("repair_order_id", "没有工时项目", "has no labour operation");
}

absl::Time PromiseFrom(absl::Time feasible, int32_t work_minutes, int32_t margin_basis_points) {
  const absl::Time with_margin = feasible + absl::Minutes(chassis::Portion(work_minutes, margin_basis_points));
  const absl::Duration since_epoch = absl::Ceil(with_margin - absl::UnixEpoch(), kPromiseStep);
  return absl::UnixEpoch() + since_epoch;
}

absl::Status SetPromise(v1::RepairOrder& order, absl::Time promised, const std::string& reason,
                        MayOverridePromise may_override, absl::Time now) {
  RETURN_IF_ERROR(chassis::RequireState(order, {v1::RepairOrder::STATE_DRAFT, v1::RepairOrder::STATE_ESTIMATED}));
  if (!order.has_feasible_time()) {
    return Refuse(v1::ERROR_REASON_PROMISE_NOT_COMPUTED).At("repair_order_id", "尚未计算", "not computed yet");
  }
  if (promised <= now) {
    return Refuse(v1::ERROR_REASON_PROMISE_PASSED).At("promised_time", "时间已过", "has passed");
  }
  const absl::Time feasible = FromProto(order.feasible_time());
  const bool early = promised < feasible;
  if (early && (may_override == MayOverridePromise::kNo || reason.empty())) {
    return Refuse(v1::ERROR_REASON_PROMISE_BEFORE_FEASIBLE)
        .With("feasible", feasible)
        .At("promised_time", "早于可行时间", "earlier than feasible");
  }
  *order.mutable_promised_time() = ToProto(promised);
  *order.mutable_agreed_time() = order.promised_time();
  order.set_promise_reason(early ? reason : "");
  return absl::OkStatus();
}

absl::Status CheckSignedByCustomer(const common::Signature& signature, std::string_view field) {
  if (signature.signer_role() == common::Signature::SIGNER_ROLE_CUSTOMER ||
      signature.signer_role() == common::Signature::SIGNER_ROLE_CUSTOMER_REPRESENTATIVE) {
    return absl::OkStatus();
  }
  return Refuse(v1::ERROR_REASON_CUSTOMER_MUST_SIGN)
      .At(field, "须由客户或其代理人签字", "the customer or a representative signs");
}

absl::Status CheckAcknowledgeable(const v1::RepairOrder& order, const v1::AcknowledgeDisclaimerRequest& request) {
  RETURN_IF_ERROR(chassis::RequireState(order, {v1::RepairOrder::STATE_ESTIMATED}));
  RETURN_IF_ERROR(CheckSignedByCustomer(request.signature(), "signature.signer_role"));
  for (const int clause : order.clauses()) {
    if (clause == request.clause()) return absl::OkStatus();
  }
  return Refuse(v1::ERROR_REASON_CLAUSE_NOT_PRINTED).At("clause", "估价单上没有", "not on the estimate");
}

absl::Status CheckSignable(const v1::RepairOrder& order, const std::string& today, absl::Time now) {
  if (order.state() == v1::RepairOrder::STATE_DRAFT || order.estimate_id().empty()) {
    return Refuse(v1::ERROR_REASON_ESTIMATE_MISSING).At("repair_order_id", "估价单未做", "has no current estimate");
  }
  RETURN_IF_ERROR(chassis::RequireState(order, {v1::RepairOrder::STATE_ESTIMATED}));
  if (today > order.estimate_valid_until_date()) {
    return Refuse(v1::ERROR_REASON_ESTIMATE_EXPIRED)
        .With("date", order.estimate_valid_until_date())
        .At("repair_order_id", "估价已过期", "its estimate has expired");
  }
  std::vector<std::string> undecided;
  for (const v1::RepairOrderLine& line : order.lines()) {
    if (!IsDeclined(line) && line.coverage() == v1::COVERAGE_UNSPECIFIED) undecided.push_back(LineName(line));
  }
  if (!undecided.empty()) {
    return Refuse(v1::ERROR_REASON_COVERAGE_MISSING)
        .With("lines", absl::StrJoin(undecided, ", "))
        .At("repair_order_id", "质保未判定", "coverage is not decided");
  }
  if (!order.has_promised_time()) {
    return Refuse(v1::ERROR_REASON_PROMISE_MISSING).At("repair_order_id", "未承诺时间", "no time is promised");
  }
  if (FromProto(order.promised_time()) <= now) {
    return Refuse(v1::ERROR_REASON_PROMISE_PASSED).At("repair_order_id", "承诺时间已过", "the promise has passed");
  }
  if (const std::string missing = MissingClauses(order); !missing.empty()) {
    return Refuse(v1::ERROR_REASON_DISCLAIMER_MISSING)
        .With("clauses", missing)
        .At("repair_order_id", "条款未签认", "clauses are not acknowledged");
  }
  return absl::OkStatus();
}

void ApproveLines(v1::RepairOrder& order) {
  for (v1::RepairOrderLine& line : *order.mutable_lines()) {
    if (line.authorization() == v1::AUTHORIZATION_PROPOSED) line.set_authorization(v1::AUTHORIZATION_APPROVED);
  }
}

absl::Status Revise(v1::RepairOrder& order) {
  RETURN_IF_ERROR(chassis::RequireState(order, {v1::RepairOrder::STATE_SIGNED}));
  RETURN_IF_ERROR(chassis::MoveTo(order, v1::RepairOrder::STATE_DRAFT));
  order.set_revision(order.revision() + 1);
  order.clear_signature();
  for (v1::RepairOrderLine& line : *order.mutable_lines()) {
    if (!IsDeclined(line)) line.set_authorization(v1::AUTHORIZATION_PROPOSED);
    line.clear_final_coverage();
    line.clear_final_pay_type();
  }
  return Reopen(order);
}

absl::Status RecordHandover(v1::RepairOrder& order, const v1::RecordHandoverRequest& request, absl::Time now,
                            int32_t limit_minutes) {
  RETURN_IF_ERROR(chassis::RequireState(order, {v1::RepairOrder::STATE_RELEASED}));
  if (order.has_handover()) {
    return Refuse(v1::ERROR_REASON_HANDOVER_RECORDED).At("repair_order_id", "已记录", "was recorded");
  }
  if (request.given_by() == request.received_by()) {
    return Refuse(v1::ERROR_REASON_HANDOVER_SAME_PERSON).At("received_by", "与交出人相同", "the same as given_by");
  }
  const absl::Time handed_over = FromProto(request.handover_time());
  if (handed_over > now) {
    return Refuse(v1::ERROR_REASON_HANDOVER_IN_FUTURE).At("handover_time", "晚于现在", "lies in the future");
  }
  if (now - handed_over > absl::Minutes(limit_minutes) && request.late_reason().empty()) {
    return Refuse(v1::ERROR_REASON_HANDOVER_LATE)
        .With("minutes", limit_minutes)
        .At("late_reason", "超时须说明原因", "a late record needs its reason");
  }
  v1::Handover& handover = *order.mutable_handover();
  handover.set_given_by(request.given_by());
  handover.set_received_by(request.received_by());
  *handover.mutable_handover_time() = request.handover_time();
  handover.set_key_tag(request.key_tag());
  *handover.mutable_papers() = request.papers();
  handover.set_late_reason(request.late_reason());
  *handover.mutable_record_time() = ToProto(now);
  return absl::OkStatus();
}

absl::Status Stop(v1::RepairOrder& order, const OrderProgress& progress, const std::string& reason) {
  RETURN_IF_ERROR(chassis::RequireState(order, {v1::RepairOrder::STATE_RELEASED}));
  const std::set<std::string> done = LinesDone(progress);
  if (done.empty()) {
    return Refuse(v1::ERROR_REASON_NOTHING_DONE_YET).At("repair_order_id", "尚未完成任何项目", "nothing is done");
  }
  for (v1::RepairOrderLine& line : *order.mutable_lines()) {
    if (IsApprovedLabour(line) && done.count(line.line_id()) == 0) line.set_authorization(v1::AUTHORIZATION_REVOKED);
  }
  order.set_close_reason(reason);
  return absl::OkStatus();
}

absl::Status CheckTakeBack(const v1::RepairOrder& order, const std::vector<v1::AddOn>& add_ons,
                           const OrderProgress& progress) {
  RETURN_IF_ERROR(chassis::RequireState(order, {v1::RepairOrder::STATE_RELEASED}));
  std::vector<std::string> open;
  for (const v1::AddOn& add_on : add_ons) {
    const bool answered = add_on.state() == v1::AddOn::STATE_APPROVED || add_on.state() == v1::AddOn::STATE_DECLINED ||
                          add_on.state() == v1::AddOn::STATE_WITHDRAWN;
    if (!answered) open.push_back(add_on.number());
  }
  if (!open.empty()) {
    return Refuse(v1::ERROR_REASON_ADD_ON_OPEN)
        .With("numbers", absl::StrJoin(open, ", "))
        .At("repair_order_id", "有增项未答复", "an add-on is not answered");
  }
  if (const auto missing = LinesNotDone(order, add_ons, progress); !missing.empty()) {
    return Refuse(v1::ERROR_REASON_LINES_MISSING)
        .With("lines", absl::StrJoin(missing, ", "))
        .At("repair_order_id", "有漏项", "has lines not done");
  }
  if (const std::string missing = InspectionsMissing(progress); !missing.empty()) {
    return Refuse(v1::ERROR_REASON_INSPECTION_MISSING)
        .With("inspections", missing)
        .At("repair_order_id", "检验未通过", "has inspections not passed");
  }
  if (!progress.has_leader_signature()) {
    return Refuse(v1::ERROR_REASON_LEADER_SIGNATURE_MISSING)
        .At("repair_order_id", "组长未签字", "has no leader's signature");
  }
  return absl::OkStatus();
}

absl::Time NoticeDueTime(absl::Time released, absl::Time agreed, const common::StoreSettings& settings) {
  const bool long_job = agreed - released > kLongJob;
  return agreed -
         absl::Minutes(long_job ? settings.pick_up_notice_minutes_long() : settings.pick_up_notice_minutes_short());
}

absl::Status RecordNotice(v1::RepairOrder& order, const v1::RecordPickUpNoticeRequest& request,
                          const std::string& told_by, absl::Time now, const common::StoreSettings& settings) {
  RETURN_IF_ERROR(chassis::RequireState(
      order, {v1::RepairOrder::STATE_RELEASED, v1::RepairOrder::STATE_COMPLETED, v1::RepairOrder::STATE_SETTLED}));
  const absl::Time due = NoticeDueTime(FromProto(order.release_time()), FromProto(order.agreed_time()), settings);
  const absl::Time told = request.has_told_time() ? FromProto(request.told_time()) : now;
  const bool ready = request.has_preparation();
  if (ready) {
    if (order.state() == v1::RepairOrder::STATE_RELEASED) {
      return Refuse(v1::ERROR_REASON_NOTICE_TOO_EARLY).At("preparation", "车辆尚未接回", "not taken back yet");
    }
    if (const std::string missing = PreparationMissing(request.preparation()); !missing.empty()) {
      return Refuse(v1::ERROR_REASON_PREPARATION_INCOMPLETE)
          .With("missing", missing)
          .At("preparation", "准备未完成", "not complete");
    }
  } else if (!request.has_new_time() || FromProto(request.new_time()) <= FromProto(order.agreed_time())) {
    return Refuse(v1::ERROR_REASON_NOTICE_NEW_TIME_MISSING)
        .At("new_time", "须晚于原约定时间", "must be later than the agreed time");
  }
  if ((!ready || told > due) && request.reason().empty()) {
    return Refuse(v1::ERROR_REASON_NOTICE_REASON_MISSING)
        .With("due", due)
        .At("reason", "须说明原因", "a reason is needed");
  }
  v1::PickUpNotice& notice = *order.mutable_pick_up_notice();
  notice.Clear();
  *notice.mutable_due_time() = ToProto(due);
  *notice.mutable_told_time() = ToProto(told);
  notice.set_told_by(told_by);
  notice.set_channel(request.channel());
  notice.set_ready(ready);
  notice.set_reason(request.reason());
  if (!ready) {
    *notice.mutable_new_time() = request.new_time();
    *order.mutable_agreed_time() = request.new_time();
  }
  return absl::OkStatus();
}

absl::Time ProgressCheckTime(absl::Time released, absl::Time agreed, int percent) {
  return released + (agreed - released) * percent / 100;
}

std::vector<absl::Time> IntervalCheckTimes(absl::Time released, absl::Time agreed, const common::Store& store) {
  std::vector<absl::Time> times;
  const absl::Duration every = absl::Minutes(store.settings().progress_check_minutes());
  if (every <= absl::ZeroDuration()) return times;
  absl::TimeZone zone = absl::UTCTimeZone();
  (void)absl::LoadTimeZone(store.time_zone(), &zone);
  for (absl::Time time = released + every; time < agreed && times.size() < kIntervalChecksMax; time += every) {
    const std::string clock = absl::FormatTime("%H:%M", time, zone);
    if (clock >= store.settings().opening_time() && clock < store.settings().closing_time()) times.push_back(time);
  }
  return times;
}

}  // namespace reception
