#include "gateway/rest/text.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace gateway::rest {
namespace {

TEST(Utf8, IsValidExactlyWhereUnicodeSaysSo) {
  for (const char* good : {"", "a", "京A12345", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
                           "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(FirstInvalidUtf8(good), std::string_view::npos) << good;
  }
  for (const char* bad : {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x41", "\xE0\x80\x80", "\xE0\x9F\xBF",
                          "\xED\xA0\x80", "\xED\xBF\xBF", "\xE4\xBA", "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF",
                          "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xF0\x9F\x9A", "\xFE", "\xFF"}) {
    EXPECT_EQ(FirstInvalidUtf8(bad), 0u) << bad;
    EXPECT_EQ(FirstInvalidUtf8("京" + std::string(bad) + "a"), 3u) << bad;
  }
}

TEST(Base64, ComesBackAsItWent) {
  std::mt19937 random(7);
  for (size_t size = 0; size < 70; ++size) {
    std::string bytes;
    for (size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(random()));
    const std::string encoded = Base64Encoded(bytes);
    EXPECT_EQ(encoded.size() % 4, 0u);
    EXPECT_EQ(Base64Decoded(encoded), bytes);
  }
  EXPECT_EQ(Base64Encoded("any carnal pleas"), "YW55IGNhcm5hbCBwbGVhcw==");
}

TEST(Base64, IsStrict) {
  for (const char* bad : {"a", "aGk==", "aGk=a", "=", "====", "aG=k", "aGl", "a\n", "aG k", "aGk\n", "YQ=", "YR=="}) {
    EXPECT_EQ(Base64Decoded(bad), std::nullopt) << bad;
  }
}

TEST(Numbers, AreExact) {
  const auto text = [](std::string_view number) -> std::string {
    const auto whole = ParseWhole(number, Notation::kWithExponent);
    return !whole.has_value() ? "none" : (whole->negative ? "-" : "") + std::to_string(whole->magnitude);
  };
  EXPECT_EQ(text("0"), "0");
  EXPECT_EQ(text("-0"), "-0");
  EXPECT_EQ(text("18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(text("18446744073709551616"), "none");
  EXPECT_EQ(text("1844674407370955161.5e1"), "18446744073709551615");
  EXPECT_EQ(text("1844674407370955161.6e1"), "none");
  EXPECT_EQ(text("1e19"), "10000000000000000000");
  EXPECT_EQ(text("1e20"), "none");
  EXPECT_EQ(text("1e999999999999999999999"), "none");
  EXPECT_EQ(text("0e999999999999999999999"), "0");
  EXPECT_EQ(text("0.000e-99999999999999999"), "0");
  EXPECT_EQ(text("1e-999999999999999999999"), "none");
  EXPECT_EQ(text("123.4500e2"), "12345");
  EXPECT_EQ(text("12345e-2"), "none");
  EXPECT_EQ(text("12300e-2"), "123");
  for (const char* bad :
       {"", "-", "+1", "01", "-01", "1.", ".1", "1e", "1e+", "1 ", " 1", "0x1", "1_0", "--1", "1e1.0"}) {
    EXPECT_EQ(text(bad), "none") << bad;
  }
  EXPECT_EQ(ParseWhole("5.0", Notation::kDigits), std::nullopt);
  EXPECT_EQ(ParseWhole("5e0", Notation::kDigits), std::nullopt);
}

TEST(Numbers, BeyondADoubleAreRefusedAndTooSmallOnesAreZero) {
  EXPECT_EQ(ParseDouble("1e308"), 1e308);
  EXPECT_EQ(ParseDouble("1e309"), std::nullopt);
  EXPECT_EQ(ParseDouble("-1e309"), std::nullopt);
  EXPECT_EQ(ParseDouble("1e-400"), 0.0);
  EXPECT_EQ(ParseDouble("0." + std::string(400, '0') + "1"), 0.0);
  EXPECT_EQ(ParseDouble("1" + std::string(400, '0')), std::nullopt);
  EXPECT_EQ(ParseDouble("1" + std::string(400, '0') + "e-1"), std::nullopt);
  EXPECT_EQ(ParseDouble("1" + std::string(400, '0') + "e-400"), 1.0);
  EXPECT_EQ(ParseDouble("inf"), std::nullopt);
}

TEST(Times, KeepToTheCalendar) {
  for (const char* bad :
       {"", "2026", "2026-11-22", "2026-11-22T", "2026-1-22T00:00:00Z", "2026-11-22T00:00:00", "2026-11-22T00:00:00z1",
        "2026-11-31T00:00:00Z", "1900-02-29T00:00:00Z", "2026-11-22T00:60:00Z", "2026-11-22T00:00:00+24:00",
        "2026-11-22T00:00:00+8:00", "2026-11-22T00:00:00+0800", "02026-11-22T00:00:00Z", "-026-11-22T00:00:00Z",
        "2026-11-22T00:00:00,5Z"}) {
    EXPECT_FALSE(ParseTimestamp(bad).has_value()) << bad;
  }
  EXPECT_EQ(ParseTimestamp("2000-02-29T23:59:59-12:30")->seconds, 951'913'799);
  EXPECT_EQ(ParseTimestamp("1970-01-01T00:00:00.000000001Z")->nanos, 1);
}

TEST(Escapes, OfReservedCharactersStayWhereAskedFor) {
  EXPECT_EQ(PercentDecoded("a%2Fb%20c+d", Escapes::kPath), "a/b c+d");
  EXPECT_EQ(PercentDecoded("a%2Fb%20c+d", Escapes::kKeepReserved), "a%2Fb c+d");
  EXPECT_EQ(PercentDecoded("a%2Fb%20c+d", Escapes::kQuery), "a/b c d");
  for (const char* bad : {"%", "%2", "a%2", "%g0", "%0g", "%%30"}) {
    EXPECT_EQ(PercentDecoded(bad, Escapes::kPath), std::nullopt) << bad;
  }
}

TEST(Names, ThatMayHoldAnythingAreNotShown) {
  EXPECT_EQ(ShownName("lines.quantityMilli"), "lines.quantityMilli");
  EXPECT_EQ(ShownName(std::string(65, 'a')), "?");
  for (const char* name : {"", "a b", "京", "a\"", "<a>", "a\n"}) EXPECT_EQ(ShownName(name), "?") << name;
}

}  // namespace
}  // namespace gateway::rest
