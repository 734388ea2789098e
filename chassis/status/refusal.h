// A refusal: an error the caller can act on, in the caller's language. Rules make them like this:
//
//   return Refuse(v1::ERROR_REASON_ESTIMATE_MISSING).At("repair_order_id", "估价单未做", "no estimate was made");
//   return Refuse(v1::ERROR_REASON_OVER_STOCK).With("part", number).With("available", 3);
//
// Text, code and handbook id stand as options beside the enum value; a refusal carries only the reason, the
// arguments and the fields. The pipeline words it (server/error_mapping) as a google.rpc.Status.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "aftersales/common/v1/errors.pb.h"
#include "google/protobuf/generated_enum_reflection.h"

namespace chassis {

class Refusal {
 public:
  Refusal(const google::protobuf::EnumDescriptor* reason_enum, int reason);

  // Fills `{name}` in the reason's text; a time goes in as RFC 3339 (`{name:time}`).
  Refusal&& With(std::string_view name, absl::Time time) && {
    (*refusal_.mutable_arguments())[std::string(name)] = absl::FormatTime(absl::RFC3339_sec, time, absl::UTCTimeZone());
    return std::move(*this);
  }
  template <typename T>
  Refusal&& With(std::string_view name, const T& value) && {
    std::string& argument = (*refusal_.mutable_arguments())[std::string(name)];
    if constexpr (std::is_convertible_v<T, std::string_view>) {
      argument = std::string_view(value);
    } else {
      argument = absl::StrCat(value);
    }
    return std::move(*this);
  }
  // Names a request field with what is wrong with it in both languages.
  Refusal&& At(std::string_view field, std::string_view zh, std::string_view en) &&;
  // The caller may try again after this long.
  Refusal&& RetryAfterMs(int64_t milliseconds) &&;

  operator absl::Status() const;  // NOLINT: a refusal is a status
  template <typename T>
  operator absl::StatusOr<T>() const {  // NOLINT
    return static_cast<absl::Status>(*this);
  }

 private:
  aftersales::common::v1::Refusal refusal_;
};

template <typename Reason, typename = std::enable_if_t<std::is_enum_v<Reason>>>
Refusal Refuse(Reason reason) {
  return Refusal(google::protobuf::GetEnumDescriptor<Reason>(), static_cast<int>(reason));
}

// The refusal inside a status, or nullptr-like empty reason_enum when there is none.
aftersales::common::v1::Refusal RefusalIn(const absl::Status& status);

// True when `status` is a refusal with exactly this reason. For tests and for handlers that react to a peer.
template <typename Reason>
bool IsRefusal(const absl::Status& status, Reason reason) {
  const auto refusal = RefusalIn(status);
  return refusal.reason_enum() == google::protobuf::GetEnumDescriptor<Reason>()->full_name() &&
         refusal.reason() == static_cast<int>(reason);
}

// Shorthands the chassis and every room need.
Refusal NotFound(std::string_view what, std::string_view id);
Refusal ChangedMeanwhile(std::string_view what);
Refusal AlreadyExists(std::string_view what, std::string_view key);
Refusal InvalidField(std::string_view field, std::string_view zh, std::string_view en);
Refusal ReasonRequired(std::string_view field);

// How the people of a store read amounts and times. Empty: smallest units, UTC.
struct Presentation {
  std::string currency_code;
  std::string time_zone;
};

// Text of a refusal; `language` is "zh-CN" or "en". `{total:money}` in a reason's text shows the argument `total`, an
// amount in smallest units, in the store's currency; `{agreed:time}` shows an RFC 3339 time in the store's time zone.
std::string Worded(const aftersales::common::v1::Refusal& refusal, std::string_view language,
                   const Presentation& presentation = {});
// Whether its text holds such places: only then is it worth asking for the store.
bool NeedsPresentation(const aftersales::common::v1::Refusal& refusal);

}  // namespace chassis
