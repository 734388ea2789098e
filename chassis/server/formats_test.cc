// Table-driven: every identifier of the handbook with values that are right and values that nearly are.
#include "chassis/server/formats.h"

#include <vector>

#include "gtest/gtest.h"

namespace chassis::formats {
namespace {

namespace options = aftersales::options::v1;

struct Case {
  options::Format format;
  std::vector<std::string> right;
  std::vector<std::string> wrong;
};

const std::vector<Case>& Cases() {
  static const auto* cases = new std::vector<Case>{
      {options::FORMAT_UUID,
       {"01234567-89ab-7def-8123-456789abcdef"},
       {"01234567-89AB-7def-8123-456789abcdef", "0123456789ab7def8123456789abcdef",
        "01234567-89ab-7def-8123-456789abcde", "01234567-89ab-7def-8123-456789abcdeg",
        "01234567_89ab-7def-8123-456789abcdef"}},
      {options::FORMAT_VIN,
       {"1M8GDM9AXKP042788", "1HGCM82633A004352", "LSVAL41Z882104202", "11111111111111111"},
       {"1HGCM82633A00435", "1HGCM82633A0043522", "IHGCM82633A004352", "1HGCM82633O004352", "1HGCM82633Q004352",
        "1hgcm82633a004352", "1HGCM82633A00435 "}},
      {options::FORMAT_PLATE,
       {"京A12345", "沪B8K888", "粤BD12345", "粤BDF1234", "京A12345D", "沪A12345F", "京AA12345", "京A1234挂",
        "京A1234学", "京A1234警", "粤Z1234港", "粤ZAB12澳", "使123456", "123456使", "沪A0123领", "琼E00001"},
       {"京A1234",   "京AI2345",  "京AO2345",  "京I12345",   "京O12345",   "京a12345",  "英A12345",  "A12345",
        "京A123456", "京AL12345", "京ADF123A", "京A12345L",  "京A123456D", "粤A1234港", "京Z1234澳", "使12345",
        "使1234567", "京A12-45",  "京A 12345", "京A12345挂", "京",         ""}},
      {options::FORMAT_PHONE,
       {"13800138000", "+8613800138000", "19912345678", "02162345678", "021-62345678", "0571-8765432", "0571-87654321",
        "057187654321"},
       {"12800138000", "1380013800", "138001380000", "+8513800138000", "62345678", "021-1234567", "21-62345678",
        "021--62345678", "0571-87654321-1", "13800a38000", "021-"}},
      {options::FORMAT_TROUBLE_CODE,
       {"P0301", "C1A2F", "B2ABC", "U3FFF", "P0000"},
       {"p0301", "X0301", "P4301", "P030", "P03011", "P03g1", "P030g"}},
      {options::FORMAT_DATE,
       {"2026-11-21", "2024-02-29", "1999-12-31"},
       {"2026-02-29", "2026-13-01", "2026-00-10", "2026-11-31", "26-11-21", "2026/11/21", "2026-1-2", "0026-11-21",
        "2026-11-21 ", "+026-11-21"}},
      {options::FORMAT_UNIFIED_SOCIAL_CREDIT_CODE,
       {"91350100M000100Y43", "91110000600037341L", "914403001922038216"},
       {"91350100M000100Y44", "91350100M000100Y4", "91350100I000100Y43", "91350100m000100y43", "000000000000000001"}},
      {options::FORMAT_CURRENCY, {"CNY", "EUR", "HKD", "MOP"}, {"cny", "RMB", "CN", "CNYY", "NY ", "XXX"}},
      {options::FORMAT_CODE, {"SH01", "06A-115/561.B_2"}, {"sh01", "SH 01", "上海", "SH01,"}},
      {options::FORMAT_TIME_ZONE,
       {"Asia/Shanghai", "Europe/Berlin", "UTC"},
       {"Shanghai", "Asia/Nowhere", "/etc/passwd", "../etc/passwd", "Asia/../Asia/Shanghai", "Fixed/UTC+08:00:00"}},
      {options::FORMAT_TIME_OF_DAY, {"00:00", "08:30", "23:59"}, {"24:00", "08:60", "8:30", "08-30", "08:3", "-8:30"}},
  };
  return *cases;
}

TEST(Formats, AcceptWhatIsRight) {
  for (const Case& one : Cases()) {
    for (const std::string& text : one.right) {
      EXPECT_TRUE(Matches(one.format, text)) << options::Format_Name(one.format) << " " << text;
    }
  }
}

TEST(Formats, RefuseWhatIsNearlyRight) {
  for (const Case& one : Cases()) {
    for (const std::string& text : one.wrong) {
      EXPECT_FALSE(Matches(one.format, text)) << options::Format_Name(one.format) << " " << text;
    }
  }
}

TEST(Formats, EveryOneIsTestedAndDescribedInBothLanguages) {
  const auto* formats = options::Format_descriptor();
  for (int i = 1; i < formats->value_count(); ++i) {
    const auto format = static_cast<options::Format>(formats->value(i)->number());
    EXPECT_NE(Describe(format).en, Describe(options::FORMAT_UNSPECIFIED).en) << formats->value(i)->name();
    EXPECT_FALSE(Describe(format).zh.empty());
    const bool tested =
        std::any_of(Cases().begin(), Cases().end(), [&](const Case& one) { return one.format == format; });
    EXPECT_TRUE(tested) << formats->value(i)->name();
  }
}

TEST(VinCheckDigit, HoldsForVehiclesThatCarryIt) {
  for (const char* vin : {"1M8GDM9AXKP042788", "1HGCM82633A004352", "LSVAL41Z882104202", "11111111111111111"}) {
    EXPECT_TRUE(VinCheckDigitHolds(vin)) << vin;
  }
  EXPECT_FALSE(VinCheckDigitHolds("1HGCM82633A004353"));
  EXPECT_EQ(VinCheckDigit("1M8GDM9AXKP042788"), 'X');
}

TEST(VinCheckDigit, BindsInChinaAndNorthAmericaOnly) {
  EXPECT_TRUE(VinCheckDigitBinds("LSVAL41Z882104202"));
  EXPECT_TRUE(VinCheckDigitBinds("1HGCM82633A004352"));
  EXPECT_FALSE(VinCheckDigitBinds("WVWZZZ1JZXW000001"));
}

TEST(PlateKindOf, TellsTheKindsApart) {
  const std::vector<std::pair<std::string, PlateKind>> plates = {
      {"京A12345", PlateKind::kOrdinary},        {"粤BD12345", PlateKind::kNewEnergySmall},
      {"京A12345D", PlateKind::kNewEnergyLarge}, {"京A1234挂", PlateKind::kTrailer},
      {"京A1234学", PlateKind::kCoach},          {"京A1234警", PlateKind::kPolice},
      {"粤Z1234港", PlateKind::kHongKong},       {"粤Z1234澳", PlateKind::kMacau},
      {"使123456", PlateKind::kEmbassy},         {"沪A0123领", PlateKind::kConsulate},
  };
  for (const auto& [text, kind] : plates) EXPECT_EQ(PlateKindOf(text), kind) << text;
}

TEST(CharacterCount, CountsCharactersNotBytes) {
  EXPECT_EQ(CharacterCount("上海SH"), 4u);
  EXPECT_EQ(CharacterCount(""), 0u);
}

}  // namespace
}  // namespace chassis::formats
