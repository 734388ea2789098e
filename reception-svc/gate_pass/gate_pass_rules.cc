// Gate pass decisions; see the header.
#include "reception-svc/gate_pass/gate_pass_rules.h"

#include "absl/strings/str_format.h"
#include "aftersales/reception/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"
#include "chassis/time/clock.h"
#include "reception-svc/payment/payment_rules.h"

namespace reception {

namespace v1 = aftersales::reception::v1;
using chassis::Refuse;

absl::Status CheckGatePassDue(const v1::Receivable& receivable) {
  if (IsSettledForPickUp(receivable)) return absl::OkStatus();
  return Refuse(v1::ERROR_REASON_NOT_PAID)
      .With("open", receivable.open_amount())
      .At("settlement_id", "未付清", "is not paid");
}

std::string ExitCode(std::string_view fresh_id) {
  // The digest of the id, because the id itself begins with the time.
  const std::string digest = chassis::DerivedId(fresh_id, "exit code");
  uint64_t number = 0;
  for (const char c : digest) number = number * 31 + static_cast<unsigned char>(c);
  return absl::StrFormat("%06d", number % 1000000);
}

absl::Status LetOut(v1::GatePass& pass, const v1::CheckExitRequest& request, const std::string& guard, absl::Time now) {
  if (pass.code() != request.code()) {
    return Refuse(v1::ERROR_REASON_GATE_PASS_WRONG).At("code", "验证码不符", "is wrong");
  }
  if (pass.plate() != request.plate()) {
    return Refuse(v1::ERROR_REASON_GATE_PASS_OTHER_VEHICLE).At("plate", "车牌不符", "is not the pass's vehicle");
  }
  if (pass.state() == v1::GatePass::STATE_USED) {
    return Refuse(v1::ERROR_REASON_GATE_PASS_USED)
        .With("time", chassis::FromProto(pass.exit_time()))
        .At("number", "已使用", "was used");
  }
  RETURN_IF_ERROR(chassis::MoveTo(pass, v1::GatePass::STATE_USED));
  pass.set_checked_by(guard);
  *pass.mutable_exit_time() = chassis::ToProto(now);
  return absl::OkStatus();
}

}  // namespace reception
