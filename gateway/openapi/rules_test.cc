// The document's patterns say the same as the services' checks.
#include "gateway/openapi/rules.h"

#include <gtest/gtest.h>

#include <regex>

#include "chassis/server/formats.h"

namespace gateway::openapi {
namespace {

namespace options = aftersales::options::v1;

struct Sample {
  options::Format format;
  const char* text;
};

// Right ones and near misses of each format.
constexpr Sample kSamples[] = {{options::FORMAT_UUID, "01930c5e-7a00-7644-8899-9914306bf36e"},
                               {options::FORMAT_UUID, "01930C5E-7A00-7644-8899-9914306BF36E"},
                               {options::FORMAT_UUID, "01930c5e-7a00-7644-8899-9914306bf36"},
                               {options::FORMAT_VIN, "LSVAA4186C2184847"},
                               {options::FORMAT_VIN, "LSVAA4186C218484O"},
                               {options::FORMAT_VIN, "LSVAA4186C218484"},
                               {options::FORMAT_PLATE, "沪A12345"},
                               {options::FORMAT_PLATE, "沪AD12345"},
                               {options::FORMAT_PLATE, "沪A12345D"},
                               {options::FORMAT_PLATE, "沪A1234挂"},
                               {options::FORMAT_PLATE, "京A1234学"},
                               {options::FORMAT_PLATE, "京A1234警"},
                               {options::FORMAT_PLATE, "沪A1234领"},
                               {options::FORMAT_PLATE, "粤Z1234港"},
                               {options::FORMAT_PLATE, "粤Z1234澳"},
                               {options::FORMAT_PLATE, "粤B1234港"},
                               {options::FORMAT_PLATE, "沪Z1234澳"},
                               {options::FORMAT_PLATE, "使123456"},
                               {options::FORMAT_PLATE, "123456使"},
                               {options::FORMAT_PLATE, "使12345"},
                               {options::FORMAT_PLATE, "沪I12345"},
                               {options::FORMAT_PLATE, "沪AL12345"},
                               {options::FORMAT_PLATE, "沪A123456"},
                               {options::FORMAT_PLATE, "沪A1234"},
                               {options::FORMAT_PLATE, "A12345"},
                               {options::FORMAT_PHONE, "13800138000"},
                               {options::FORMAT_PHONE, "+8613800138000"},
                               {options::FORMAT_PHONE, "12800138000"},
                               {options::FORMAT_PHONE, "021-62345678"},
                               {options::FORMAT_PHONE, "02162345678"},
                               {options::FORMAT_PHONE, "0512-6234567"},
                               {options::FORMAT_PHONE, "0512-1234567"},
                               {options::FORMAT_PHONE, "62345678"},
                               {options::FORMAT_TROUBLE_CODE, "P0301"},
                               {options::FORMAT_TROUBLE_CODE, "P4301"},
                               {options::FORMAT_TROUBLE_CODE, "X0301"},
                               {options::FORMAT_UNIFIED_SOCIAL_CREDIT_CODE, "91310000607378597E"},
                               {options::FORMAT_UNIFIED_SOCIAL_CREDIT_CODE, "9131000060737859"},
                               {options::FORMAT_CURRENCY, "CNY"},
                               {options::FORMAT_CURRENCY, "cny"},
                               {options::FORMAT_CODE, "06A-115.561/B_1"},
                               {options::FORMAT_CODE, "06a"},
                               {options::FORMAT_CODE, "06A 115"},
                               {options::FORMAT_TIME_OF_DAY, "23:59"},
                               {options::FORMAT_TIME_OF_DAY, "24:00"},
                               {options::FORMAT_TIME_OF_DAY, "9:00"}};

TEST(PatternFor, AgreesWithTheServicesOnEverySample) {
  for (const Sample& sample : kSamples) {
    const std::regex pattern{std::string(PatternFor(sample.format))};
    EXPECT_EQ(std::regex_match(sample.text, pattern), chassis::formats::Matches(sample.format, sample.text))
        << sample.text;
  }
}

TEST(PatternFor, LeavesWhatAPatternCannotSayToTheServices) {
  // Check characters, currencies in use, days that exist.
  EXPECT_TRUE(std::regex_match("XXX", std::regex{std::string(PatternFor(options::FORMAT_CURRENCY))}));
  EXPECT_EQ(PatternFor(options::FORMAT_DATE), "");
  EXPECT_EQ(SchemaFormatFor(options::FORMAT_DATE), "date");
  EXPECT_EQ(PatternFor(options::FORMAT_TIME_ZONE), "");
}

}  // namespace
}  // namespace gateway::openapi
