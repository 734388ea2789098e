// Decisions about add-ons; see the header.
#include "reception-svc/add_on/add_on_rules.h"

#include "aftersales/reception/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"
#include "chassis/time/clock.h"
#include "reception-svc/repair_order/repair_order_rules.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
using aftersales::common::v1::Signature;
using chassis::FromProto;
using chassis::Refuse;
using Request = v1::RecordAddOnDecisionRequest;

template <typename To, typename From>
To Converted(const From& from) {
  To to;
  to.ParseFromString(from.SerializeAsString());
  to.DiscardUnknownFields();
  return to;
}

// What is agreed beforehand covers all add-ons together.
absl::Status CheckPreauthorised(const v1::AddOn& add_on, const v1::RepairOrder& order,
                                const std::vector<v1::AddOn>& others) {
  int64_t total = add_on.total_amount();
  for (const v1::AddOn& other : others) {
    const bool agreed = other.state() == v1::AddOn::STATE_APPROVED || other.state() == v1::AddOn::STATE_BOOKING;
    if (agreed && other.add_on_id() != add_on.add_on_id()) total += other.total_amount();
  }
  if (total <= order.authorization_limit_amount()) return absl::OkStatus();
  return Refuse(v1::ERROR_REASON_ABOVE_AUTHORISATION_LIMIT)
      .With("total", total)
      .With("limit", order.authorization_limit_amount())
      .At("consent.method", "超过预先授权", "is above what was authorised beforehand");
}

}  // namespace

v1::AddOnLine AddOnLineOf(const v1::RepairOrderLine& line) { return Converted<v1::AddOnLine>(line); }
v1::RepairOrderLine OrderLineOf(const v1::AddOnLine& line) { return Converted<v1::RepairOrderLine>(line); }

absl::Status Offer(v1::AddOn& add_on, const OrderLines& lines) {
  RETURN_IF_ERROR(chassis::MoveTo(add_on, v1::AddOn::STATE_OFFERED));
  add_on.clear_lines();
  OrderLines paid = lines;
  for (v1::RepairOrderLine& line : paid) {
    if (line.pay_type() == aftersales::common::v1::PAY_TYPE_UNSPECIFIED) {
      line.set_pay_type(aftersales::common::v1::PAY_TYPE_CUSTOMER_PAY);
    }
    *add_on.add_lines() = AddOnLineOf(line);
  }
  const Totals totals = TotalOf(paid);
  add_on.set_labour_amount(totals.labour_amount);
  add_on.set_parts_amount(totals.parts_amount);
  add_on.set_tax_amount(totals.tax_amount);
  add_on.set_total_amount(totals.total_amount);
  add_on.set_quote_number(add_on.quote_number() + 1);
  add_on.clear_decision();
  add_on.clear_process_refusal();
  return absl::OkStatus();
}

absl::Status CheckDecision(const v1::AddOn& add_on, const v1::RepairOrder& order, const std::vector<v1::AddOn>& others,
                           const Request& request, absl::Time now) {
  RETURN_IF_ERROR(chassis::RequireState(add_on, {v1::AddOn::STATE_OFFERED}));
  RETURN_IF_ERROR(chassis::RequireState(order, {v1::RepairOrder::STATE_RELEASED}));
  const absl::Time answered = FromProto(request.answer_time());
  if (answered > now || answered < FromProto(add_on.create_time())) {
    return Refuse(v1::ERROR_REASON_ANSWER_TIME_WRONG).At("answer_time", "时间不合理", "is not a possible time");
  }
  if (!CheckSignedByCustomer(request.consent(), "consent.signer_role").ok()) {
    return Refuse(v1::ERROR_REASON_CONSENT_MISSING)
        .At("consent.signer_role", "须为客户或其代理人", "must be the customer or a representative");
  }
  if (request.answer() == Request::ANSWER_DECLINED) {
    if (!request.decline_reason().empty()) return absl::OkStatus();
    return Refuse(v1::ERROR_REASON_DECLINE_REASON_MISSING).At("decline_reason", "缺少", "missing");
  }
  if (request.has_new_agreed_time() && FromProto(request.new_agreed_time()) < FromProto(order.agreed_time())) {
    return Refuse(v1::ERROR_REASON_ADD_ON_CHANGES_PROMISE)
        .With("agreed", FromProto(order.agreed_time()))
        .At("new_agreed_time", "早于原约定", "is earlier than agreed");
  }
  if (request.consent().method() == Signature::AUTHORIZATION_METHOD_AUTOMATED_POLICY_PREAUTHORIZATION) {
    return CheckPreauthorised(add_on, order, others);
  }
  return absl::OkStatus();
}

absl::Status ApplyDecision(v1::AddOn& add_on, const Request& request, const Signature& consent) {
  const bool approved = request.answer() == Request::ANSWER_APPROVED;
  RETURN_IF_ERROR(chassis::MoveTo(add_on, approved ? v1::AddOn::STATE_BOOKING : v1::AddOn::STATE_DECLINED));
  v1::AddOnDecision& decision = *add_on.mutable_decision();
  decision.set_approved(approved);
  *decision.mutable_consent() = consent;
  *decision.mutable_answer_time() = request.answer_time();
  decision.set_decline_reason(request.decline_reason());
  add_on.set_refusal_declared(!approved && add_on.safety_critical());
  if (approved && request.has_new_agreed_time()) *add_on.mutable_new_agreed_time() = request.new_agreed_time();
  add_on.clear_process_refusal();
  return absl::OkStatus();
}

}  // namespace reception
