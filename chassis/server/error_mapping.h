// Between absl::Status inside and google.rpc.Status outside, in both directions: an answer carries exactly one
// ErrorInfo, every bad field, and its text in the caller's language; a peer's answer becomes a refusal again.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "chassis/status/refusal.h"
#include "chassis/time/clock.h"
#include "google/rpc/status.pb.h"

namespace chassis {

// `status` is not OK. What is no refusal becomes one: an unreachable database UNAVAILABLE, a timeout DEADLINE,
// everything unforeseen INTERNAL with an incident id under which the log has the cause; no SQL leaves the house.
// Amounts and times in the text stand as `presentation` says.
google::rpc::Status ToWire(const absl::Status& status, std::string_view language, Ids& ids,
                           const Presentation& presentation = {});

// The status of a peer's answer. RefusalIn works on it when the peer's reasons are linked into this program; when
// not, the answer travels inside and ToWire passes it on as it came. `service` names the peer.
absl::Status FromWire(int code, const std::string& message, const std::string& details, std::string_view service);

// The best supported of an accept-language header: "zh-CN" (also when none fits) or "en".
std::string_view LanguageOf(std::string_view accept_language);

// "OVERLOADED", or "" for OK and statuses without reason: for logs.
std::string ReasonName(const absl::Status& status);

}  // namespace chassis
