// The forms room on a real database: what is printed is what was signed, and who may read whose name.
#include "absl/strings/str_replace.h"
#include "aftersales/parts/v1/form.pb.h"
#include "aftersales/parts/v1/form_errors.pb.h"
#include "aftersales/parts/v1/stocktake.pb.h"
#include "parts-svc/parts_for_test.h"

namespace parts {
namespace {

class PrintedForms : public PartsStore {
 protected:
  v1::Issue ANote() {
    const v1::Part filter = APart("F-1");
    Receive(filter, 3000, 1000);
    return Must<v1::Issue>(Drawing(Reserve(NewId(), {{filter, 3000}}), 2000));
  }
  std::string PrintOf(const v1::Issue& note, v1::FormLanguage language = v1::FORM_LANGUAGE_ZH_CN) {
    v1::PrintIssueRequest request;
    request.set_issue_id(note.issue_id());
    request.set_language(language);
    const auto printed = Must<v1::PrintedForm>(request);
    EXPECT_EQ(printed.media_type(), "text/html; charset=utf-8");
    EXPECT_EQ(printed.file_name(), note.number() + ".html");
    return printed.content();
  }
  static bool Has(const std::string& html, const std::string& words) { return html.find(words) != std::string::npos; }
  int64_t UnmaskedReads() { return Count("command_log WHERE reason = 'unmasked read'"); }
};

// Handbook: P-05, F-18, G-04, G-11
TEST_F(PrintedForms, SayWhatWasIssuedAndCarryTheDigestOfWhatWasSigned) {
  const v1::Issue note = ANote();
  const std::string chinese = PrintOf(note);
  for (const std::string& words :
       {std::string("出库单"), note.number(), std::string("SH01-RO-20261121-0001"), std::string("F-1"),
        std::string("机油滤清器"), std::string("A1"), std::string("6.67"), std::string("上海一店"),
        chassis::audit::Hex(note.technician_signature().document_digest()).substr(0, 16)}) {
    EXPECT_TRUE(Has(chinese, words)) << words;
  }
  EXPECT_TRUE(Has(PrintOf(note, v1::FORM_LANGUAGE_EN), "Oil filter"));
  EXPECT_TRUE(Has(PrintOf(note, v1::FORM_LANGUAGE_UNSPECIFIED), "Issue note")) << "the caller's language";
  const auto returned = Must<v1::Issue>(Bringing(note, 1000));
  const std::string back = PrintOf(returned);
  EXPECT_TRUE(Has(back, "退料单"));
  EXPECT_TRUE(Has(back, note.number())) << "what it returns";
}

// Handbook: G-02
TEST_F(PrintedForms, ShowWhoSignedOnlyToWhomTheAnswerMayAndAuditIt) {
  const v1::Issue note = ANote();
  EXPECT_TRUE(Has(PrintOf(note), "李明"));
  EXPECT_EQ(UnmaskedReads(), 1);
  identity_.roles = {aftersales::options::v1::ROLE_PARTS_CLERK};
  const std::string masked = PrintOf(note);
  EXPECT_FALSE(Has(masked, "李明"));
  EXPECT_TRUE(Has(masked, "李*"));
  EXPECT_EQ(UnmaskedReads(), 1);
}

// Handbook: P-10, F-18
TEST_F(PrintedForms, OfACountAreBlindBinByBinAndOnlyWhileThereIsSomethingToCount) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 77777000, 1000);
  const std::string first_bin = bin_;
  bin_ = ABin("B9");
  Receive(filter, 1000, 10);
  v1::PlanStocktakeRequest plan;
  plan.set_kind(v1::Stocktake::KIND_FULL);
  const auto stocktake = Must<v1::Stocktake>(plan);
  v1::PrintStocktakeRequest print;
  print.set_stocktake_id(stocktake.stocktake_id());
  EXPECT_TRUE(IsRefusal(Send<v1::PrintedForm>(print).status(), v1::FORM_ERROR_REASON_NOTHING_TO_COUNT));
  v1::StartStocktakeRequest start;
  start.set_stocktake_id(stocktake.stocktake_id());
  Must<v1::Stocktake>(start);
  print.add_location_ids(first_bin);
  const std::string sheet = Must<v1::PrintedForm>(print).content();
  EXPECT_TRUE(Has(sheet, "Count sheet"));
  EXPECT_TRUE(Has(sheet, "F-1"));
  EXPECT_TRUE(Has(sheet, ">A1<"));
  EXPECT_FALSE(Has(sheet, ">B9<")) << "another team's bin";
  EXPECT_FALSE(Has(sheet, "77,777")) << "what the account says";

  // A sheet nobody would carry through the store.
  const std::string columns =
      "line_number, part_id, part_number, name_zh, name_en, location_id, location_code, batch_code, state, "
      "counted_milli, count_time, counter, first_counted_milli, first_count_time, first_counter, snapshot_milli, "
      "expected_milli, difference_milli, difference_amount, reason, found";
  for (int more = 0; more < 11; ++more) {
    Execute(
        absl::StrCat("INSERT INTO stocktake_line (store_id, stocktake_id, stocktake_line_id, version, ", columns,
                     ") SELECT store_id, stocktake_id, UNHEX(LEFT(SHA2(CONCAT(", more,
                     ", HEX(stocktake_line_id)), 256), 32)), version, ",
                     absl::StrReplaceAll(columns, {{"batch_code", absl::StrCat("CONCAT(batch_code, '", more, "-')")}}),
                     " FROM stocktake_line"));
  }
  print.clear_location_ids();
  EXPECT_TRUE(IsRefusal(Send<v1::PrintedForm>(print).status(), v1::FORM_ERROR_REASON_FORM_TOO_LONG));
}

TEST_F(PrintedForms, OfAnUnknownDocumentAreRefused) {
  v1::PrintIssueRequest request;
  request.set_issue_id(NewId());
  EXPECT_TRUE(IsRefusal(Send<v1::PrintedForm>(request).status(), aftersales::common::v1::ERROR_REASON_NOT_FOUND));
}

}  // namespace
}  // namespace parts
