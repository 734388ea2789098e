// What a form looks like on paper: printed by a real browser, read back page by page.
#include "chassis/documents/print/form.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/harness/printer.h"

namespace chassis::print {
namespace {

namespace v1 = aftersales::common::v1;
using harness::PagesOf;
using harness::Says;
using testing::HasSubstr;
using testing::Not;

class Printing : public testing::Test {
 protected:
  Printing() {
    store_.set_code("SH01");
    store_.set_display_name("上海一店");
    store_.set_time_zone("Asia/Shanghai");
    store_.set_currency_code("CNY");
    signature_.set_signer_name("李明");
    signature_.set_method(v1::Signature::AUTHORIZATION_METHOD_IN_PERSON_DIGITAL_SIGNATURE);
    signature_.mutable_sign_time()->set_seconds(1795222800);
  }
  Form A(const std::string& language) {
    return Form(store_, language, {"出库单", "Issue note"}, "SH01-ISS-20261121-0042");
  }
  Form Long(const std::string& language, int rows) {
    Form form = A(language);
    form.Field({"领料技师", "Technician"}, "li.ming").PrintedBy("zhang.lei", absl::FromUnixSeconds(1795222800));
    form.Version(signature_, "1");
    Table table{.columns = {{{"配件", "Part"}, Shape::kText, 40}, {{"数量", "Quantity"}, Shape::kNumber, 10}}};
    for (int i = 1; i <= rows; ++i)
      table.rows.push_back({{absl::StrCat("ROW-", i, "."), "机油滤清器"}, {form.Quantity(500)}});
    table.totals.push_back({{"合计", "Total"}, {form.Quantity(500 * rows)}});
    form.Add(table).Sign({{"领料人", "Received by"}, &signature_}).Sign({{"仓管员", "Parts clerk"}});
    return form;
  }

  v1::Store store_;
  v1::Signature signature_;
};

TEST_F(Printing, WritesAmountsInTheStoresCurrencyAndQuantitiesWithoutEmptyDigits) {
  const Form form = A("zh-CN");
  EXPECT_EQ(form.Amount(123456789), "1,234,567.89");
  EXPECT_EQ(form.Amount(-5), "-0.05");
  EXPECT_EQ(form.Amount(INT64_MIN), "-92,233,720,368,547,758.08");
  EXPECT_EQ(form.Quantity(1000), "1");
  EXPECT_EQ(form.Quantity(1250), "1.25");
  EXPECT_EQ(form.Quantity(-500), "-0.5");
  EXPECT_EQ(form.Quantity(1234567005), "1,234,567.005");
  EXPECT_EQ(form.Percent(1300), "13%");
  EXPECT_EQ(form.Percent(625), "6.25%");
  store_.set_currency_code("JPY");
  EXPECT_EQ(A("en").Amount(1234), "1,234");
  store_.set_currency_code("KWD");
  EXPECT_EQ(A("en").Amount(1234), "1.234");
}

TEST_F(Printing, NeverReadsDataAsMarkup) {
  store_.set_display_name("</style><script>alert(1)</script>");
  Form form = A("zh-CN");
  form.Field({"备注", "Remark"}, "<b>\"x\" & 'y'</b>");
  const std::string html = form.Html();
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, HasSubstr("&lt;b&gt;&quot;x&quot; &amp; &#39;y&#39;&lt;/b&gt;"));
  EXPECT_EQ(html.find("</style>"), html.rfind("</style>")) << "the style sheet ends where it should";
  const auto pages = PagesOf(html, "markup");
  ASSERT_EQ(pages.size(), 1u);
  EXPECT_TRUE(Says(pages[0], "<b>\"x\" & 'y'</b>")) << pages[0];
}

// Handbook: G-11, F-18
TEST_F(Printing, FitsOnePageAndSpeaksBothLanguages) {
  const auto chinese = PagesOf(Long("zh-CN", 3).Html(), "form_zh");
  ASSERT_EQ(chinese.size(), 1u);
  for (const char* words : {"上海一店", "出库单", "SH01-ISS-20261121-0042", "领料技师", "合计", "李明", "电子签字",
                            "第 1 页 / 共 1 页", "2026-11-21 09:00"}) {
    EXPECT_TRUE(Says(chinese[0], words)) << words << " in\n" << chinese[0];
  }
  const auto english = PagesOf(Long("en", 3).Html(), "form_en");
  ASSERT_EQ(english.size(), 1u);
  for (const char* words : {"上海一店", "Issue note", "Technician", "Total", "signed on screen", "page 1 of 1"}) {
    EXPECT_TRUE(Says(english[0], words)) << words << " in\n" << english[0];
  }
  EXPECT_FALSE(Says(english[0], "出库单"));
}

// Handbook: F-18
TEST_F(Printing, RepeatsHeadNumberAndColumnsOnEveryPageAndTotalsOnce) {
  const auto pages = PagesOf(Long("zh-CN", 80).Html(), "form_long");
  ASSERT_GT(pages.size(), 2u);
  std::string all;
  for (size_t i = 0; i < pages.size(); ++i) {
    all += pages[i];
    const std::string page_x_of_y = absl::StrCat("第", i + 1, "页/共", pages.size(), "页");
    for (const std::string& words :
         {std::string("上海一店"), std::string("SH01-ISS-20261121-0042"), std::string("数量"), page_x_of_y}) {
      EXPECT_TRUE(Says(pages[i], words)) << words << " in\n" << pages[i];
    }
    EXPECT_EQ(Says(pages[i], "合计"), i + 1 == pages.size()) << "page " << i + 1;
  }
  for (int i = 1; i <= 80; ++i) EXPECT_TRUE(Says(all, absl::StrCat("ROW-", i, "."))) << i;
}

}  // namespace
}  // namespace chassis::print
