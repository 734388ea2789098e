// A refusal travels as a payload of absl::Status: the reason's number and arguments, not text, so that it can be
// worded in the caller's language at the very end, even when it came from a peer.
#include "chassis/status/refusal.h"

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "aftersales/options/v1/options.pb.h"
#include "chassis/time/amounts.h"
#include "google/protobuf/descriptor.h"

namespace chassis {
namespace {

namespace options = aftersales::options::v1;
namespace common = aftersales::common::v1;

constexpr char kPayloadUrl[] = "type.aftersales/aftersales.common.v1.Refusal";

// Null when the enum is not linked into this program (a peer's reason) or the value is newer than this build.
const google::protobuf::EnumValueDescriptor* ReasonOf(const common::Refusal& refusal) {
  const auto* reasons = google::protobuf::DescriptorPool::generated_pool()->FindEnumTypeByName(refusal.reason_enum());
  return reasons == nullptr ? nullptr : reasons->FindValueByNumber(refusal.reason());
}

absl::StatusCode CodeOf(const common::Refusal& refusal) {
  const auto* reason = ReasonOf(refusal);
  if (reason == nullptr || !reason->options().HasExtension(options::text)) return absl::StatusCode::kInternal;
  // options.v1.Code has the numbers of google.rpc.Code, which are absl's.
  return static_cast<absl::StatusCode>(reason->options().GetExtension(options::text).code());
}

// An argument as people read it, by what its place in the text calls it.
std::string Presented(const std::string& argument, std::string_view as, const Presentation& presentation) {
  if (as == "money") {
    int64_t amount = 0;
    return absl::SimpleAtoi(argument, &amount) ? AmountText(amount, presentation.currency_code) : argument;
  }
  if (as == "time") {
    absl::Time time;
    std::string unread;
    if (!absl::ParseTime(absl::RFC3339_full, argument, &time, &unread)) return argument;
    absl::TimeZone zone = absl::UTCTimeZone();
    const bool local = !presentation.time_zone.empty() && absl::LoadTimeZone(presentation.time_zone, &zone);
    return absl::FormatTime(local ? "%Y-%m-%d %H:%M" : "%Y-%m-%d %H:%M UTC", time, zone);
  }
  return argument;
}

// `{name}` becomes the argument, `{name:money}` and `{name:time}` what a store's people read; for Chinese the argument
// `name_zh` goes before `name` where a refusal gives both.
std::string Filled(const std::string& text, const common::Refusal& refusal, bool chinese,
                   const Presentation& presentation) {
  std::string filled;
  size_t from = 0;
  while (from < text.size()) {
    const size_t open = text.find('{', from);
    const size_t close = open == std::string::npos ? std::string::npos : text.find('}', open);
    if (close == std::string::npos) break;
    filled.append(text, from, open - from);
    std::string name = text.substr(open + 1, close - open - 1);
    std::string as;
    if (const size_t colon = name.find(':'); colon != std::string::npos) {
      as = name.substr(colon + 1);
      name.resize(colon);
    }
    auto found = chinese ? refusal.arguments().find(name + "_zh") : refusal.arguments().end();
    if (found == refusal.arguments().end()) found = refusal.arguments().find(name);
    if (found != refusal.arguments().end()) filled.append(Presented(found->second, as, presentation));
    from = close + 1;
  }
  filled.append(text, from, std::string::npos);
  return filled;
}

}  // namespace

Refusal::Refusal(const google::protobuf::EnumDescriptor* reason_enum, int reason) {
  refusal_.set_reason_enum(reason_enum->full_name());
  refusal_.set_reason(reason);
}

Refusal&& Refusal::At(std::string_view field, std::string_view zh, std::string_view en) && {
  auto* violation = refusal_.add_violations();
  violation->set_field(std::string(field));
  violation->set_zh(std::string(zh));
  violation->set_en(std::string(en));
  return std::move(*this);
}

Refusal&& Refusal::RetryAfterMs(int64_t milliseconds) && {
  refusal_.set_retry_after_ms(milliseconds);
  return std::move(*this);
}

Refusal::operator absl::Status() const {
  absl::Status status(CodeOf(refusal_), Worded(refusal_, "en"));
  status.SetPayload(kPayloadUrl, absl::Cord(refusal_.SerializeAsString()));
  return status;
}

common::Refusal RefusalIn(const absl::Status& status) {
  common::Refusal refusal;
  if (status.ok()) return refusal;
  const auto payload = status.GetPayload(kPayloadUrl);
  if (!payload || !refusal.ParseFromString(std::string(*payload))) refusal.Clear();
  return refusal;
}

Refusal NotFound(std::string_view what, std::string_view id) {
  return Refuse(common::ERROR_REASON_NOT_FOUND).With("what", what).With("id", id);
}

Refusal ChangedMeanwhile(std::string_view what) {
  return Refuse(common::ERROR_REASON_CHANGED_MEANWHILE).With("what", what);
}

Refusal AlreadyExists(std::string_view what, std::string_view key) {
  return Refuse(common::ERROR_REASON_ALREADY_EXISTS).With("what", what).With("key", key);
}

Refusal InvalidField(std::string_view field, std::string_view zh, std::string_view en) {
  return Refuse(common::ERROR_REASON_INVALID_FIELD).At(field, zh, en);
}

Refusal ReasonRequired(std::string_view field) {
  return Refuse(common::ERROR_REASON_REASON_REQUIRED).At(field, "必须说明原因", "a reason is required");
}

std::string Worded(const common::Refusal& refusal, std::string_view language, const Presentation& presentation) {
  const auto* reason = ReasonOf(refusal);
  if (reason == nullptr || !reason->options().HasExtension(options::text)) {
    return absl::StrCat(refusal.reason_enum(), " ", refusal.reason());
  }
  const options::Text& text = reason->options().GetExtension(options::text);
  const bool chinese = language.substr(0, 2) == "zh";
  return Filled(chinese ? text.zh() : text.en(), refusal, chinese, presentation);
}

bool NeedsPresentation(const common::Refusal& refusal) {
  const auto* reason = ReasonOf(refusal);
  if (reason == nullptr || !reason->options().HasExtension(options::text)) return false;
  const std::string& text = reason->options().GetExtension(options::text).en();
  return text.find(":money}") != std::string::npos || text.find(":time}") != std::string::npos;
}

}  // namespace chassis
