#include "chassis/records/filter.h"

#include "absl/strings/str_cat.h"
#include "chassis/records/page_token.h"
#include "chassis/records/sample_for_test.h"
#include "chassis/status/refusal.h"
#include "gtest/gtest.h"

namespace chassis::records {
namespace {

namespace v1 = aftersales::common::v1;
using sql::Null;
using sql::Value;

class FilterTest : public testing::Test {
 protected:
  absl::StatusOr<Condition> Parse(std::string_view filter) { return ParseFilter(filter, shape_, *cipher_); }
  std::string Sql(std::string_view filter) {
    const auto condition = Parse(filter);
    EXPECT_TRUE(condition.ok()) << condition.status();
    return condition.ok() ? condition->sql : "";
  }
  // The text near which it says it is wrong.
  std::string Near(std::string_view filter) {
    const auto condition = Parse(filter);
    EXPECT_TRUE(IsRefusal(condition.status(), v1::ERROR_REASON_FILTER)) << filter;
    const v1::Refusal refusal = RefusalIn(condition.status());
    EXPECT_EQ(refusal.violations_size(), 1);
    const auto near = refusal.arguments().find("near");
    return near == refusal.arguments().end() ? "" : near->second;
  }
  std::string Order(std::string_view order_by) {
    const auto terms = ParseOrder(order_by, shape_, true);
    EXPECT_TRUE(terms.ok()) << terms.status();
    return terms.ok() ? OrderBy(*terms) : "";
  }

  std::unique_ptr<privacy::Cipher> cipher_ = privacy::CipherForTest();
  Shape shape_{Sample::Type("Order"), {}};
};

TEST_F(FilterTest, EmptyMeansEverything) {
  EXPECT_EQ(Sql(""), "");
  EXPECT_EQ(Sql("   "), "");
}

TEST_F(FilterTest, JoinsComparisonsByAnd) {
  const auto condition = Parse(R"(state = "OPEN" AND total_amount>=100 AND due_time < "2026-11-21T08:00:00+08:00")");
  ASSERT_TRUE(condition.ok()) << condition.status();
  EXPECT_EQ(condition->sql, "`state` = ? AND `total_amount` >= ? AND `due_time` < ?");
  EXPECT_EQ(std::get<std::string>(condition->values[0]), "OPEN");
  EXPECT_EQ(std::get<int64_t>(condition->values[1]), 100);
  EXPECT_EQ(std::get<absl::Time>(condition->values[2]), absl::FromUnixSeconds(1795219200));
}

TEST_F(FilterTest, TakesEnumsBareQuotedAndWithPrefix) {
  for (const char* filter : {"state = OPEN", "state = STATE_OPEN", "state = \"OPEN\"", "state = 'STATE_OPEN'"}) {
    const auto condition = Parse(filter);
    ASSERT_TRUE(condition.ok()) << filter;
    EXPECT_EQ(std::get<std::string>(condition->values[0]), "OPEN");
  }
}

TEST_F(FilterTest, UnderstandsBooleansDatesIdsAndNegativeNumbers) {
  EXPECT_EQ(std::get<int64_t>(Parse("urgent = true")->values[0]), 1);
  EXPECT_EQ(std::get<std::string>(Parse("due_date >= 2026-11-21")->values[0]), "2026-11-21");
  EXPECT_EQ(std::get<int64_t>(Parse("total_amount > -5")->values[0]), -5);
  EXPECT_EQ(std::get<sql::Bytes>(Parse("customer_id = 01234567-89ab-7cde-8f01-23456789abcd")->values[0]).data.size(),
            16u);
}

TEST_F(FilterTest, KeepsRowsWithoutAValueWhenAskedForAnother) {
  EXPECT_EQ(Sql("customer_id != \"01234567-89ab-7cde-8f01-23456789abcd\""),
            "(`customer_id` IS NULL OR `customer_id` <> ?)");
  EXPECT_EQ(Sql("state != OPEN"), "`state` <> ?");
  EXPECT_EQ(Sql("customer_id = \"\""), "`customer_id` IS NULL");
  EXPECT_EQ(Sql("due_time != ''"), "`due_time` IS NOT NULL");
}

TEST_F(FilterTest, SearchesPersonalDataThroughItsIndexOnly) {
  const auto condition = Parse("phone = '138-0000-0000'");
  ASSERT_TRUE(condition.ok());
  EXPECT_EQ(condition->sql, "`phone_index` = ?");
  EXPECT_EQ(std::get<sql::Bytes>(condition->values[0]).data, cipher_->BlindIndex("13800000000", "sample_order.phone"));
  EXPECT_EQ(Near("phone > '138'"), "> '138'");
  EXPECT_EQ(Near("name = '张伟'"), "name = '张伟'");
}

TEST_F(FilterTest, QuotedTextMayHoldAnything) {
  const auto condition = Parse(R"(number = "a\"b\\c' AND x = 1; --" AND urgent=false)");
  ASSERT_TRUE(condition.ok()) << condition.status();
  EXPECT_EQ(std::get<std::string>(condition->values[0]), "a\"b\\c' AND x = 1; --");
  EXPECT_EQ(condition->sql, "`number` = ? AND `urgent` = ?");
}

TEST_F(FilterTest, SaysWhereItIsWrong) {
  EXPECT_EQ(Near("nothing = 1"), "nothing = 1");
  EXPECT_EQ(Near("odometer_km = 1"), "odometer_km = 1");  // not filterable
  EXPECT_EQ(Near("state = OPEN OR urgent = true"), "OR urgent = true");
  EXPECT_EQ(Near("state ~ OPEN"), "~ OPEN");
  EXPECT_EQ(Near("state = "), "");
  EXPECT_EQ(Near("state = NOWHERE"), "NOWHERE");
  EXPECT_EQ(Near("state < OPEN"), "< OPEN");
  EXPECT_EQ(Near("number = \"open"), "\"open");
  EXPECT_EQ(Near("total_amount = x"), "x");
  EXPECT_EQ(Near("urgent = 1"), "1");
  EXPECT_EQ(Near("due_date = 2026-13-01"), "2026-13-01");
  EXPECT_EQ(Near("due_time < 'yesterday'"), "'yesterday'");
  EXPECT_EQ(Near("customer_id = 'x'"), "'x'");
  EXPECT_EQ(Near("state = OPEN AND"), "");
  EXPECT_EQ(Near("greeting = 'x'"), "greeting = 'x'");
}

TEST_F(FilterTest, HasLimits) {
  EXPECT_TRUE(IsRefusal(Parse(std::string(2001, ' ')).status(), v1::ERROR_REASON_FILTER));
  std::string many = "urgent = true";
  for (int i = 0; i < 20; ++i) many += " AND urgent = true";
  EXPECT_TRUE(IsRefusal(Parse(many).status(), v1::ERROR_REASON_FILTER));
}

TEST_F(FilterTest, EndsForAnyBytes) {
  std::string text = "state=\"OPEN\" AND total_amount>=1 AND phone='\\\\' ";
  for (size_t cut = 0; cut < text.size(); ++cut) {
    for (const char c : {'\0', '"', '\'', '\\', '=', ' ', '('}) {
      std::string changed = text;
      changed[cut] = c;
      (void)Parse(changed);
      (void)Parse(changed.substr(0, cut));
    }
  }
}

TEST_F(FilterTest, OrderIsCompletedByTheKeyInTheSameDirection) {
  EXPECT_EQ(Order(""), "ORDER BY `order_id`");
  EXPECT_EQ(Order("due_time desc, state"), "ORDER BY `due_time` DESC,`state`,`order_id`");
  EXPECT_EQ(Order("due_time desc"), "ORDER BY `due_time` DESC,`order_id` DESC");
  EXPECT_EQ(Order(" order_id  desc "), "ORDER BY `order_id` DESC");
}

TEST_F(FilterTest, OrderRefusesWhatItCannotSortBy) {
  for (const char* wrong :
       {"phone", "name", "due_time down", "due_time desc desc", "due_time,,state", "due_time,due_time", "odometer_km",
        "state,due_time,urgent,number,total_amount", "nothing"}) {
    EXPECT_TRUE(IsRefusal(ParseOrder(wrong, shape_, true).status(), v1::ERROR_REASON_FILTER)) << wrong;
  }
}

TEST_F(FilterTest, GoesOnAfterARowInBothDirectionsAndPastNulls) {
  const auto terms = *ParseOrder("due_time desc, total_amount", shape_, true);
  const std::vector<Value> at = {Value(absl::UnixEpoch()), Value(int64_t{5}), Value(sql::Bytes{"k"})};
  EXPECT_EQ(After(terms, at).sql,
            "(((`due_time` < ? OR `due_time` IS NULL)) OR (`due_time` <=> ? AND `total_amount` > ?) OR "
            "(`due_time` <=> ? AND `total_amount` <=> ? AND `order_id` > ?))");
  EXPECT_EQ(After(terms, at).values.size(), 6u);
  const std::vector<Value> at_null = {Value(Null{}), Value(int64_t{5}), Value(sql::Bytes{"k"})};
  EXPECT_EQ(After(terms, at_null).sql,
            "((1 = 0) OR (`due_time` <=> ? AND `total_amount` > ?) OR "
            "(`due_time` <=> ? AND `total_amount` <=> ? AND `order_id` > ?))");
}

TEST(PageToken, GivesBackEveryKindOfValue) {
  const std::vector<Value> values = {Value(Null{}), Value(int64_t{-7}), Value(std::string("上海")),
                                     Value(sql::Bytes{std::string("\0\1", 2)}), Value(absl::FromUnixMicros(-5))};
  const auto back = ReadPageToken(MakePageToken("q", values), "q", values.size());
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_TRUE(std::holds_alternative<Null>((*back)[0]));
  EXPECT_EQ(std::get<int64_t>((*back)[1]), -7);
  EXPECT_EQ(std::get<std::string>((*back)[2]), "上海");
  EXPECT_EQ(std::get<sql::Bytes>((*back)[3]).data, std::string("\0\1", 2));
  EXPECT_EQ(std::get<absl::Time>((*back)[4]), absl::FromUnixMicros(-5));
}

TEST(PageToken, BelongsToItsQueryAndIsWhole) {
  const std::string token = MakePageToken("q", {Value(int64_t{1}), Value(std::string("x"))});
  EXPECT_TRUE(IsRefusal(ReadPageToken(token, "other", 2).status(), v1::ERROR_REASON_PAGE_TOKEN));
  EXPECT_TRUE(IsRefusal(ReadPageToken(token, "q", 3).status(), v1::ERROR_REASON_PAGE_TOKEN));
  EXPECT_TRUE(IsRefusal(ReadPageToken(token, "q", 1).status(), v1::ERROR_REASON_PAGE_TOKEN));
  for (size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(ReadPageToken(changed, "q", 2).ok()) << i;
    EXPECT_FALSE(ReadPageToken(token.substr(0, i), "q", 2).ok()) << i;
  }
  EXPECT_FALSE(ReadPageToken("!", "q", 2).ok());
  EXPECT_FALSE(ReadPageToken(std::string(5000, 'A'), "q", 2).ok());
}

}  // namespace
}  // namespace chassis::records
