// Leaving the store: who gets a pass, and who gets through with it.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "aftersales/reception/v1/gate_pass.pb.h"
#include "aftersales/reception/v1/payment.pb.h"

namespace reception {

// Paid, or on account within its limit: nothing is open any more. Else NOT_PAID names the amount.
absl::Status CheckGatePassDue(const aftersales::reception::v1::Receivable& receivable);
// Six digits from a fresh id; not to be guessed within a guard's patience.
std::string ExitCode(std::string_view fresh_id);
// The vehicle leaves: GATE_PASS_WRONG, GATE_PASS_OTHER_VEHICLE, GATE_PASS_USED.
absl::Status LetOut(aftersales::reception::v1::GatePass& pass,
                    const aftersales::reception::v1::CheckExitRequest& request, const std::string& guard,
                    absl::Time now);

}  // namespace reception
