// Shapes of real-world identifiers (G-12). Pure functions over text; no rule of the trade stands here, only what a
// value must look like to be one at all.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aftersales/options/v1/options.pb.h"

namespace chassis::formats {

// Lower case, 8-4-4-4-12.
bool IsUuid(std::string_view text);

// 17 characters A-Z 0-9 without I, O, Q.
bool IsVin(std::string_view text);
// The check digit GB 16735 demands at position 9 of a VIN: '0'..'9' or 'X'. `vin` has the shape.
char VinCheckDigit(std::string_view vin);
// Binding for vehicles made in China (L...) and North America (1..5); elsewhere a wrong digit is a warning only.
bool VinCheckDigitHolds(std::string_view vin);
bool VinCheckDigitBinds(std::string_view vin);

enum class PlateKind {
  kOrdinary,        // blue or yellow: 京A12345
  kNewEnergySmall,  // 京AD12345
  kNewEnergyLarge,  // 京A12345D
  kTrailer,         // 京A1234挂
  kCoach,           // 京A1234学
  kPolice,          // 京A1234警
  kHongKong,        // 粤Z1234港
  kMacau,           // 粤Z1234澳
  kEmbassy,         // 使123456, 123456使
  kConsulate,       // 沪A1234领
};
// Spaces, dots and dashes are not part of a plate: it is kept as 京A12345.
std::optional<PlateKind> PlateKindOf(std::string_view text);

bool IsMobile(std::string_view text);    // 13800138000, +8613800138000
bool IsLandLine(std::string_view text);  // 02112345678, 021-12345678
bool IsPhone(std::string_view text);
bool IsTroubleCode(std::string_view text);              // P0301
bool IsDate(std::string_view text);                     // 2026-02-28; the day exists
bool IsTimeOfDay(std::string_view text);                // 00:00 .. 23:59
bool IsUnifiedSocialCreditCode(std::string_view text);  // with check character (GB 32100)
bool IsCurrency(std::string_view text);                 // ISO 4217, in use
bool IsCode(std::string_view text);                     // A-Z 0-9 . _ / -
bool IsTimeZone(std::string_view text);                 // IANA name known here

// `text` is not empty. FORMAT_UNSPECIFIED matches everything.
bool Matches(aftersales::options::v1::Format format, std::string_view text);

// What a value of this format looks like, for the one who sent a wrong one.
struct Description {
  std::string_view zh;
  std::string_view en;
};
Description Describe(aftersales::options::v1::Format format);

// Characters (code points) of UTF-8 text.
size_t CharacterCount(std::string_view utf8);

}  // namespace chassis::formats
