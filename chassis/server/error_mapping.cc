#include "chassis/server/error_mapping.h"

#include <algorithm>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "aftersales/options/v1/options.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/text.h"
#include "chassis/telemetry/log.h"
#include "google/protobuf/descriptor.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/error_info.pb.h"

namespace chassis {
namespace {

namespace common = aftersales::common::v1;
namespace options = aftersales::options::v1;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;

constexpr char kPeerStatusUrl[] = "type.aftersales/google.rpc.Status";
constexpr std::string_view kReasonPrefix = "ERROR_REASON_";
// Trailers are limited to 8 KB and base64 adds a third.
constexpr size_t kDetailsBytesMax = 5000;
constexpr size_t kMessageBytesMax = 500;
constexpr size_t kAcceptLanguageBytesMax = 200;

// "ERROR_REASON_NO_PRICE" and "RECEIVING_ERROR_REASON_NO_PRICE" are both called "NO_PRICE": a service may keep the
// reasons of each joint of its trade in an enum of their own, and callers know one list per service.
std::string ShortName(const EnumValueDescriptor* reason) {
  const std::string& name = reason->name();
  return name.substr(name.find(kReasonPrefix) + kReasonPrefix.size());
}

// "aftersales.parts.v1.ErrorReason" -> "parts.aftersales", and back.
std::string DomainOf(const std::string& reason_enum) {
  const std::vector<std::string> names = absl::StrSplit(reason_enum, '.');
  return names.size() == 4 ? absl::StrCat(names[1], ".", names[0]) : reason_enum;
}
std::string EnumOf(const std::string& domain, const std::string& name) {
  const std::vector<std::string> names = absl::StrSplit(domain, '.');
  return names.size() == 2 ? absl::StrCat(names[1], ".", names[0], ".v1.", name) : "";
}
constexpr char kReasonEnum[] = "ErrorReason";
// Tells a peer which joint's list a reason stands in, where it is not the service's own.
constexpr char kListKey[] = "reason_list";

const EnumValueDescriptor* ReasonOf(const common::Refusal& refusal) {
  const EnumDescriptor* reasons = DescriptorPool::generated_pool()->FindEnumTypeByName(refusal.reason_enum());
  return reasons == nullptr ? nullptr : reasons->FindValueByNumber(refusal.reason());
}

// Messages of the database quote values, and values may be personal.
std::string WithoutQuotedText(std::string_view text) {
  std::string scrubbed;
  char quote = 0;
  for (const char c : text) {
    if (quote != 0) {
      if (c == quote) {
        quote = 0;
        scrubbed.append("?").push_back(c);
      }
      continue;
    }
    if (c == '\'' || c == '"' || c == '`') quote = c;
    scrubbed.push_back(c);
  }
  if (quote != 0) scrubbed.push_back('?');
  return scrubbed;
}

absl::Status AsRefusal(const absl::Status& status, Ids& ids) {
  switch (status.code()) {
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:
      return Refuse(common::ERROR_REASON_DEADLINE);
    case absl::StatusCode::kUnavailable:
    // Deadlocks that outlasted every repeat.
    case absl::StatusCode::kAborted:
      log::Warning("unavailable", {{"why", WithoutQuotedText(Std(status.message()))}});
      return Refuse(common::ERROR_REASON_UNAVAILABLE).With("what", "the database").With("what_zh", "数据库");
    case absl::StatusCode::kResourceExhausted:
      return Refuse(common::ERROR_REASON_OVERLOADED)
          .With("what", "the system")
          .With("what_zh", "系统")
          .RetryAfterMs(500);
    default: {
      const std::string incident = ids.NewId();
      log::Error("internal error", {{"incident", incident},
                                    {"code", absl::StatusCodeToString(status.code())},
                                    {"why", WithoutQuotedText(Std(status.message()))}});
      return Refuse(common::ERROR_REASON_INTERNAL).With("incident", incident);
    }
  }
}

void AddViolations(const common::Refusal& refusal, const EnumValueDescriptor* reason, bool chinese,
                   const std::string& worded, google::rpc::Status& wire) {
  const bool precondition = wire.code() == static_cast<int>(absl::StatusCode::kFailedPrecondition);
  if (precondition) {
    google::rpc::PreconditionFailure failure;
    const std::string type = ShortName(reason);
    for (const auto& violation : refusal.violations()) {
      auto* added = failure.add_violations();
      added->set_type(type);
      added->set_subject(violation.field());
      added->set_description(chinese ? violation.zh() : violation.en());
    }
    if (refusal.violations().empty()) {
      auto* added = failure.add_violations();
      added->set_type(type);
      added->set_description(worded);
    }
    wire.add_details()->PackFrom(failure);
    return;
  }
  if (refusal.violations().empty()) return;
  google::rpc::BadRequest bad;
  for (const auto& violation : refusal.violations()) {
    auto* added = bad.add_field_violations();
    added->set_field(violation.field());
    added->set_description(chinese ? violation.zh() : violation.en());
  }
  wire.add_details()->PackFrom(bad);
}

google::rpc::Status Worded(const absl::Status& status, const common::Refusal& refusal,
                           const EnumValueDescriptor* reason, std::string_view language,
                           const Presentation& presentation) {
  const bool chinese = language.starts_with("zh");
  const options::Text& text = reason->options().GetExtension(options::text);
  google::rpc::Status wire;
  wire.set_code(static_cast<int>(status.code()));
  wire.set_message(std::string(status.message().substr(0, kMessageBytesMax)));

  google::rpc::ErrorInfo info;
  info.set_reason(ShortName(reason));
  info.set_domain(DomainOf(refusal.reason_enum()));
  for (const auto& [name, value] : refusal.arguments()) (*info.mutable_metadata())[name] = value;
  if (reason->type()->name() != kReasonEnum) (*info.mutable_metadata())[kListKey] = reason->type()->name();
  if (!text.handbook().empty()) (*info.mutable_metadata())["handbook"] = text.handbook();
  wire.add_details()->PackFrom(info);

  const std::string worded = chassis::Worded(refusal, language, presentation);
  google::rpc::LocalizedMessage localized;
  localized.set_locale(chinese ? "zh-CN" : "en");
  localized.set_message(worded);
  wire.add_details()->PackFrom(localized);

  if (refusal.retry_after_ms() > 0) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(refusal.retry_after_ms() / 1000);
    retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(refusal.retry_after_ms() % 1000 * 1'000'000));
    wire.add_details()->PackFrom(retry);
  }

  // Violations come last and as many as fit.
  common::Refusal shortened = refusal;
  for (;;) {
    google::rpc::Status candidate = wire;
    AddViolations(shortened, reason, chinese, worded, candidate);
    if (shortened.violations().empty() || candidate.ByteSizeLong() <= kDetailsBytesMax) return candidate;
    shortened.mutable_violations()->RemoveLast();
  }
}

template <typename T>
bool Unpack(const google::rpc::Status& wire, T& detail) {
  for (const auto& any : wire.details()) {
    if (any.Is<T>()) return any.UnpackTo(&detail);
  }
  return false;
}

// What the transport itself says, without our details.
absl::Status OfTransport(absl::StatusCode code, const std::string& message, std::string_view service) {
  switch (code) {
    case absl::StatusCode::kUnavailable:
      return Refuse(common::ERROR_REASON_UNAVAILABLE).With("what", service);
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:
      return Refuse(common::ERROR_REASON_DEADLINE);
    case absl::StatusCode::kResourceExhausted:
      return Refuse(common::ERROR_REASON_OVERLOADED).With("what", service).RetryAfterMs(500);
    default:
      return absl::Status(code, absl::StrCat(Absl(service), ": ", message));
  }
}

}  // namespace

google::rpc::Status ToWire(const absl::Status& status, std::string_view language, Ids& ids,
                           const Presentation& presentation) {
  if (const auto passed_on = status.GetPayload(kPeerStatusUrl)) {
    google::rpc::Status wire;
    if (wire.ParseFromString(std::string(*passed_on))) return wire;
  }
  common::Refusal refusal = RefusalIn(status);
  const EnumValueDescriptor* reason = ReasonOf(refusal);
  if (reason != nullptr && reason->name().find(kReasonPrefix) != std::string::npos) {
    return Worded(status, refusal, reason, language, presentation);
  }
  const absl::Status ours = AsRefusal(status, ids);
  refusal = RefusalIn(ours);
  return Worded(ours, refusal, ReasonOf(refusal), language, presentation);
}

namespace {

// Null when this program does not link the list.
const EnumValueDescriptor* ReasonNamed(const google::rpc::ErrorInfo& info) {
  const auto list = info.metadata().find(kListKey);
  const EnumDescriptor* reasons = DescriptorPool::generated_pool()->FindEnumTypeByName(
      EnumOf(info.domain(), list == info.metadata().end() ? kReasonEnum : list->second));
  if (reasons == nullptr) return nullptr;
  for (int i = 0; i < reasons->value_count(); ++i) {
    if (reasons->value(i)->number() != 0 && ShortName(reasons->value(i)) == info.reason()) return reasons->value(i);
  }
  return nullptr;
}

}  // namespace

absl::Status FromWire(int code, const std::string& message, const std::string& details, std::string_view service) {
  if (code == 0) return absl::OkStatus();
  google::rpc::Status wire;
  google::rpc::ErrorInfo info;
  const auto absl_code = static_cast<absl::StatusCode>(code);
  if (details.empty() || !wire.ParseFromString(details) || !Unpack(wire, info))
    return OfTransport(absl_code, message, service);

  const EnumValueDescriptor* reason = ReasonNamed(info);
  if (reason == nullptr) {
    absl::Status status(absl_code, message);
    status.SetPayload(kPeerStatusUrl, absl::Cord(details));
    return status;
  }
  Refusal refusal(reason->type(), reason->number());
  for (const auto& [name, value] : info.metadata()) {
    if (name != "handbook" && name != kListKey) std::move(refusal).With(name, value);
  }
  // The peer worded for our caller already, in the language we passed on.
  google::rpc::BadRequest bad;
  if (Unpack(wire, bad)) {
    for (const auto& violation : bad.field_violations()) {
      std::move(refusal).At(violation.field(), violation.description(), violation.description());
    }
  }
  google::rpc::PreconditionFailure failure;
  if (Unpack(wire, failure)) {
    for (const auto& violation : failure.violations()) {
      if (violation.subject().empty()) continue;
      std::move(refusal).At(violation.subject(), violation.description(), violation.description());
    }
  }
  google::rpc::RetryInfo retry;
  if (Unpack(wire, retry)) {
    std::move(refusal).RetryAfterMs(retry.retry_delay().seconds() * 1000 + retry.retry_delay().nanos() / 1'000'000);
  }
  return refusal;
}

std::string_view LanguageOf(std::string_view accept_language) {
  constexpr std::string_view kChinese = "zh-CN";
  constexpr std::string_view kEnglish = "en";
  std::string_view best = kChinese;
  double best_weight = 0;
  const absl::string_view header = Absl(accept_language.substr(0, kAcceptLanguageBytesMax));
  for (const absl::string_view range : absl::StrSplit(header, ',')) {
    const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(range, absl::MaxSplits(';', 1));
    const absl::string_view tag = absl::StripAsciiWhitespace(parts.first);
    absl::string_view weight_text = absl::StripAsciiWhitespace(parts.second);
    double weight = 1;
    if (absl::ConsumePrefix(&weight_text, "q=") && !absl::SimpleAtod(weight_text, &weight)) continue;
    const bool chinese = absl::StartsWithIgnoreCase(tag, "zh");
    if (!chinese && !absl::StartsWithIgnoreCase(tag, "en")) continue;
    if (weight <= best_weight) continue;
    best_weight = weight;
    best = chinese ? kChinese : kEnglish;
  }
  return best;
}

std::string ReasonName(const absl::Status& status) {
  if (status.ok()) return "";
  const EnumValueDescriptor* reason = ReasonOf(RefusalIn(status));
  return reason == nullptr ? "" : ShortName(reason);
}

}  // namespace chassis
