#include "chassis/server/formats.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "chassis/status/text.h"

namespace chassis::formats {
namespace {

namespace options = aftersales::options::v1;

bool AllDigits(std::string_view text) { return std::all_of(text.begin(), text.end(), absl::ascii_isdigit); }

// I and O are left out of plates because they read as 1 and 0.
bool IsPlateLetter(char c) { return absl::ascii_isupper(c) && c != 'I' && c != 'O'; }
bool IsPlateCharacter(char c) { return absl::ascii_isdigit(c) || IsPlateLetter(c); }
bool AllPlateCharacters(std::string_view text) { return std::all_of(text.begin(), text.end(), IsPlateCharacter); }

// D and F since 2016, the others since 2022: A B C E pure electric, G H J K other.
bool IsNewEnergyLetter(char c) { return std::string_view("ABCDEFGHJK").find(c) != std::string_view::npos; }

constexpr std::string_view kProvinces = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";
constexpr size_t kHan = 3;  // bytes of one Chinese character in UTF-8

bool IsProvince(std::string_view text) {
  if (text.size() != kHan) return false;
  for (size_t at = 0; at < kProvinces.size(); at += kHan) {
    if (kProvinces.substr(at, kHan) == text) return true;
  }
  return false;
}

std::optional<PlateKind> EmbassyKind(std::string_view text) {
  std::string_view digits = text;
  if (digits.starts_with("使")) {
    digits.remove_prefix(kHan);
  } else if (digits.ends_with("使")) {
    digits.remove_suffix(kHan);
  } else {
    return std::nullopt;
  }
  if (digits.size() != 6 || !AllDigits(digits)) return std::nullopt;
  return PlateKind::kEmbassy;
}

// Four characters between the letter and a Chinese ending.
std::optional<PlateKind> KindByEnding(std::string_view province, char letter, std::string_view rest) {
  struct Ending {
    std::string_view text;
    PlateKind kind;
  };
  constexpr Ending kEndings[] = {{"挂", PlateKind::kTrailer}, {"学", PlateKind::kCoach},
                                 {"警", PlateKind::kPolice},  {"港", PlateKind::kHongKong},
                                 {"澳", PlateKind::kMacau},   {"领", PlateKind::kConsulate}};
  for (const Ending& ending : kEndings) {
    if (!rest.ends_with(ending.text)) continue;
    const std::string_view middle = rest.substr(0, rest.size() - kHan);
    if (middle.size() != 4 || !AllPlateCharacters(middle)) return std::nullopt;
    const bool cross_border = ending.kind == PlateKind::kHongKong || ending.kind == PlateKind::kMacau;
    // Cross-border plates are issued by Guangdong alone, under the letter Z.
    if (cross_border && (province != "粤" || letter != 'Z')) return std::nullopt;
    return ending.kind;
  }
  return std::nullopt;
}

// ISO 4217, currencies in circulation.
constexpr std::string_view kCurrencies =
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF "
    "CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG "
    "HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA "
    "MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD "
    "RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX "
    "USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL";

}  // namespace

bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (text[i] != '-') return false;
    } else if (!absl::ascii_isdigit(text[i]) && !(text[i] >= 'a' && text[i] <= 'f')) {
      return false;
    }
  }
  return true;
}

bool IsVin(std::string_view text) {
  return text.size() == 17 && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isdigit(c) || (absl::ascii_isupper(c) && c != 'I' && c != 'O' && c != 'Q');
         });
}

char VinCheckDigit(std::string_view vin) {
  constexpr int kWeights[17] = {8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
  // A..Z; I, O, Q never occur.
  constexpr int kValues[26] = {1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4, 5, 0, 7, 0, 9, 2, 3, 4, 5, 6, 7, 8, 9};
  int sum = 0;
  for (size_t i = 0; i < 17; ++i) {
    sum += kWeights[i] * (absl::ascii_isdigit(vin[i]) ? vin[i] - '0' : kValues[vin[i] - 'A']);
  }
  const int rest = sum % 11;
  return rest == 10 ? 'X' : static_cast<char>('0' + rest);
}

bool VinCheckDigitHolds(std::string_view vin) { return VinCheckDigit(vin) == vin[8]; }

bool VinCheckDigitBinds(std::string_view vin) { return vin[0] == 'L' || (vin[0] >= '1' && vin[0] <= '5'); }

std::optional<PlateKind> PlateKindOf(std::string_view text) {
  if (const auto embassy = EmbassyKind(text)) return embassy;
  if (text.size() < kHan + 2) return std::nullopt;
  const std::string_view province = text.substr(0, kHan);
  const char letter = text[kHan];
  const std::string_view rest = text.substr(kHan + 1);
  if (!IsProvince(province) || !IsPlateLetter(letter)) return std::nullopt;
  if (rest.size() == 5 && AllPlateCharacters(rest)) return PlateKind::kOrdinary;
  if (rest.size() == 6 && AllPlateCharacters(rest)) {
    // Small: letter, one letter or digit, four digits. Large: five digits, letter.
    if (IsNewEnergyLetter(rest.front()) && AllDigits(rest.substr(2))) return PlateKind::kNewEnergySmall;
    if (IsNewEnergyLetter(rest.back()) && AllDigits(rest.substr(0, 5))) return PlateKind::kNewEnergyLarge;
    return std::nullopt;
  }
  return KindByEnding(province, letter, rest);
}

bool IsMobile(std::string_view text) {
  if (text.starts_with("+86")) text.remove_prefix(3);
  return text.size() == 11 && AllDigits(text) && text[0] == '1' && text[1] >= '3';
}

bool IsLandLine(std::string_view text) {
  if (text.empty() || text[0] != '0') return false;
  const size_t dash = text.find('-');
  const auto fits = [&](size_t area) {
    const std::string_view code = text.substr(0, area);
    const std::string_view number = text.substr(dash == std::string_view::npos ? area : area + 1);
    return (number.size() == 7 || number.size() == 8) && AllDigits(code) && AllDigits(number) && number[0] != '0' &&
           number[0] != '1';
  };
  if (dash != std::string_view::npos) return (dash == 3 || dash == 4) && fits(dash);
  return text.size() >= 10 && text.size() <= 12 && (fits(3) || fits(4));
}

bool IsPhone(std::string_view text) { return IsMobile(text) || IsLandLine(text); }

bool IsTroubleCode(std::string_view text) {
  return text.size() == 5 && std::string_view("PBCU").find(text[0]) != std::string_view::npos && text[1] >= '0' &&
         text[1] <= '3' && std::all_of(text.begin() + 2, text.end(), [](char c) {
           return absl::ascii_isdigit(c) || (c >= 'A' && c <= 'F');
         });
}

bool IsDate(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  int year, month, day;
  if (!AllDigits(text.substr(0, 4)) || !AllDigits(text.substr(5, 2)) || !AllDigits(text.substr(8, 2))) return false;
  if (!absl::SimpleAtoi(Absl(text.substr(0, 4)), &year) || !absl::SimpleAtoi(Absl(text.substr(5, 2)), &month) ||
      !absl::SimpleAtoi(Absl(text.substr(8, 2)), &day) || year < 1000) {
    return false;
  }
  // CivilDay normalises 02-30 to 03-02: a date that changes does not exist.
  const absl::CivilDay civil(year, month, day);
  return civil.month() == month && civil.day() == day;
}

bool IsTimeOfDay(std::string_view text) {
  if (text.size() != 5 || text[2] != ':' || !AllDigits(text.substr(0, 2)) || !AllDigits(text.substr(3, 2)))
    return false;
  return text.substr(0, 2) < "24" && text.substr(3, 2) < "60";
}

bool IsUnifiedSocialCreditCode(std::string_view text) {
  constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  if (text.size() != 18) return false;
  int sum = 0;
  int weight = 1;
  for (size_t i = 0; i < 17; ++i) {
    const size_t value = kAlphabet.find(text[i]);
    if (value == std::string_view::npos) return false;
    sum += static_cast<int>(value) * weight;
    weight = weight * 3 % 31;
  }
  return text[17] == kAlphabet[(31 - sum % 31) % 31];
}

bool IsCurrency(std::string_view text) {
  if (text.size() != 3 || !std::all_of(text.begin(), text.end(), absl::ascii_isupper)) return false;
  for (size_t at = 0; at < kCurrencies.size(); at += 4) {
    if (kCurrencies.substr(at, 3) == text) return true;
  }
  return false;
}

bool IsCode(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isdigit(c) || absl::ascii_isupper(c) || c == '.' || c == '_' || c == '/' || c == '-';
  });
}

bool IsTimeZone(std::string_view text) {
  if (text == "UTC") return true;
  // The library also loads files by path and "Fixed/..." names; only names of the IANA kind are meant.
  if (text.find('/') == std::string_view::npos || text[0] == '/' || text.find("..") != std::string_view::npos ||
      text.starts_with("Fixed/")) {
    return false;
  }
  absl::TimeZone zone;
  return absl::LoadTimeZone(Absl(text), &zone);
}

bool Matches(options::Format format, std::string_view text) {
  switch (format) {
    case options::FORMAT_UUID:
      return IsUuid(text);
    case options::FORMAT_VIN:
      return IsVin(text);
    case options::FORMAT_PLATE:
      return PlateKindOf(text).has_value();
    case options::FORMAT_PHONE:
      return IsPhone(text);
    case options::FORMAT_TROUBLE_CODE:
      return IsTroubleCode(text);
    case options::FORMAT_DATE:
      return IsDate(text);
    case options::FORMAT_UNIFIED_SOCIAL_CREDIT_CODE:
      return IsUnifiedSocialCreditCode(text);
    case options::FORMAT_CURRENCY:
      return IsCurrency(text);
    case options::FORMAT_CODE:
      return IsCode(text);
    case options::FORMAT_TIME_ZONE:
      return IsTimeZone(text);
    case options::FORMAT_TIME_OF_DAY:
      return IsTimeOfDay(text);
    default:
      return true;
  }
}

Description Describe(options::Format format) {
  switch (format) {
    case options::FORMAT_UUID:
      return {"须为小写 UUID", "must be a UUID in lower case"};
    case options::FORMAT_VIN:
      return {"须为 17 位车辆识别代号，不含 I、O、Q", "must be a VIN: 17 characters without I, O, Q"};
    case options::FORMAT_PLATE:
      return {"不是有效的车牌号", "is not a valid number plate"};
    case options::FORMAT_PHONE:
      return {"须为手机号或带区号的固定电话", "must be a mobile number or a land line with area code"};
    case options::FORMAT_TROUBLE_CODE:
      return {"须为故障码，如 P0301", "must be a trouble code such as P0301"};
    case options::FORMAT_DATE:
      return {"须为有效日期，如 2026-11-21", "must be a date that exists, such as 2026-11-21"};
    case options::FORMAT_UNIFIED_SOCIAL_CREDIT_CODE:
      return {"须为 18 位统一社会信用代码，校验位须正确",
              "must be a unified social credit code with its check character"};
    case options::FORMAT_CURRENCY:
      return {"须为 ISO 4217 货币代码，如 CNY", "must be an ISO 4217 currency such as CNY"};
    case options::FORMAT_CODE:
      return {"只可用 A-Z 0-9 . _ / -", "may hold A-Z 0-9 . _ / - only"};
    case options::FORMAT_TIME_ZONE:
      return {"须为 IANA 时区，如 Asia/Shanghai", "must be an IANA time zone such as Asia/Shanghai"};
    case options::FORMAT_TIME_OF_DAY:
      return {"须为 HH:MM", "must be HH:MM"};
    default:
      return {"格式不符", "has the wrong format"};
  }
}

size_t CharacterCount(std::string_view utf8) {
  return std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
}

}  // namespace chassis::formats
