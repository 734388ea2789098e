// Every form of the parts store on paper: printed by a real browser in both languages, read back page by page.
#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/str_cat.h"
#include "parts-svc/forms/purchase_forms.h"
#include "parts-svc/forms/stock_forms.h"
#include "tests/harness/printer.h"

namespace parts {
namespace {

using aftersales::common::v1::Signature;
using aftersales::common::v1::Store;
using chassis::print::Form;
using harness::PagesOf;
using harness::Says;

constexpr int64_t kNow = 1795222800;  // 2026-11-21 09:00 in Shanghai

class OnPaper : public testing::Test {
 protected:
  OnPaper() {
    store_.set_code("SH01");
    store_.set_display_name("上海一店");
    store_.set_time_zone("Asia/Shanghai");
    store_.set_currency_code("CNY");
    for (int i = 0; i < 60; ++i) {
      v1::Part& part = facts_.parts[PartId(i)];
      part.set_unit(i % 5 == 1 ? v1::Part::UNIT_LITRE : v1::Part::UNIT_PIECE);
      part.set_name_zh(NameZh(i));
      part.set_name_en(NameEn(i));
    }
    facts_.places["bin"].set_code("A1-03-12");
    supplier_.set_contact_name("王芳");
    supplier_.set_contact_phone("13800001234");
    supplier_.set_address("上海市浦东新区金桥路 1288 号 7 号库");
  }
  static std::string PartId(int i) { return absl::StrCat("part-", i); }
  static std::string Number(int i) { return absl::StrCat("06A-115-561-", 100 + i); }
  static const char* NameZh(int i) {
    static const char* const kNames[] = {"机油滤清器", "全合成机油 5W-30", "前制动片套装（含传感器及安装弹簧）",
                                         "空调滤芯", "火花塞（铱金）"};
    return kNames[i % 5];
  }
  static const char* NameEn(int i) {
    static const char* const kNames[] = {"Oil filter", "Engine oil 5W-30, fully synthetic",
                                         "Front brake pad set with wear sensor and springs", "Cabin filter",
                                         "Spark plug, iridium"};
    return kNames[i % 5];
  }
  static Signature SignedBy(const char* name) {
    Signature signature;
    signature.set_signer_name(name);
    signature.set_method(Signature::AUTHORIZATION_METHOD_IN_PERSON_DIGITAL_SIGNATURE);
    signature.mutable_sign_time()->set_seconds(kNow);
    signature.set_document_digest(std::string(32, '\x5a'));
    return signature;
  }

  // One page a language; says `both` in each and `chinese` or `english` in one.
  static void ExpectOnOnePage(const std::string& name, const std::function<Form(std::string_view)>& form,
                              const std::vector<std::string>& both, const std::vector<std::string>& chinese,
                              const std::vector<std::string>& english) {
    for (const bool zh : {true, false}) {
      const auto pages = PagesOf(form(zh ? "zh-CN" : "en").Html(), absl::StrCat(name, zh ? "_zh" : "_en"));
      ASSERT_EQ(pages.size(), 1u) << name;
      std::vector<std::string> expected = both;
      expected.insert(expected.end(), (zh ? chinese : english).begin(), (zh ? chinese : english).end());
      for (const std::string& words : expected) EXPECT_TRUE(Says(pages[0], words)) << words << " in\n" << pages[0];
    }
  }

  v1::Issue AnIssue(int lines) {
    v1::Issue note;
    note.set_number("SH01-ISS-20261121-0042");
    note.set_kind(v1::Issue::KIND_ISSUE);
    note.set_etag("1");
    note.set_technician("li.ming");
    note.mutable_create_time()->set_seconds(kNow);
    for (int i = 0; i < lines; ++i) {
      auto& line = *note.add_lines();
      line.set_part_id(PartId(i));
      line.set_part_number(Number(i));
      line.set_name_zh(NameZh(i));
      line.set_name_en(NameEn(i));
      line.set_quantity_milli(i % 5 == 1 ? 4500 : 1000);
      line.set_cost_amount(12345 + 1111 * i);
      line.set_location_id("bin");
      if (i % 4 == 3) line.set_batch_code("LOT-2026-1107");
      note.set_cost_amount(note.cost_amount() + line.cost_amount());
    }
    *note.mutable_technician_signature() = SignedBy("李明");
    return note;
  }
  v1::StocktakeLine CountLine(int i) {
    v1::StocktakeLine line;
    line.set_line_number(i + 1);
    line.set_part_id(PartId(i));
    line.set_part_number(Number(i));
    line.set_name_zh(NameZh(i));
    line.set_name_en(NameEn(i));
    line.set_location_code(absl::StrCat("A", 1 + i / 20, "-03-", 10 + i % 20));
    line.set_snapshot_milli(77777);
    line.set_expected_milli(77777);
    line.set_first_counted_milli(66666);
    return line;
  }

  Store store_;
  FormFacts facts_;
  v1::Supplier supplier_;
};

// Handbook: P-05, F-18, G-11
TEST_F(OnPaper, IssueNoteShowsLinesBinsCostAndWhoSigned) {
  const v1::Issue note = AnIssue(7);
  ExpectOnOnePage(
      "issue",
      [&](std::string_view language) { return IssueForm(store_, language, note, facts_, "SH01-RO-20261121-0007", ""); },
      {"上海一店", "SH01-ISS-20261121-0042", "SH01-RO-20261121-0007", "06A-115-561-100", "A1-03-12", "LOT-2026-1107",
       "4.5", "1,097.46", "李明", "5a5a5a5a5a5a5a5a"},
      {"出库单", "机油滤清器", "升", "合计", "领料人", "电子签字"},
      {"Issue note", "Oil filter", "litre", "Total", "Received by", "signed on screen"});
}

// Handbook: P-05, F-18
TEST_F(OnPaper, LongIssueNoteKeepsItsHeadOnEveryPage) {
  const auto pages = PagesOf(IssueForm(store_, "zh-CN", AnIssue(60), facts_, "", "").Html(), "issue_long");
  ASSERT_GE(pages.size(), 3u);
  for (size_t i = 0; i < pages.size(); ++i) {
    EXPECT_TRUE(Says(pages[i], "SH01-ISS-20261121-0042"));
    EXPECT_TRUE(Says(pages[i], "库位 / 批次")) << "no page without lines\n" << pages[i];
    EXPECT_TRUE(Says(pages[i], absl::StrCat("第", i + 1, "页/共", pages.size(), "页")));
    EXPECT_EQ(Says(pages[i], "领料人"), i + 1 == pages.size());
  }
}

// Handbook: P-05, F-18
TEST_F(OnPaper, ReturnNoteNamesWhatItReturnsAndWhy) {
  v1::Issue note = AnIssue(2);
  note.set_kind(v1::Issue::KIND_RETURN);
  note.set_reason("未使用");
  const auto pages =
      PagesOf(IssueForm(store_, "zh-CN", note, facts_, "", "SH01-ISS-20261120-0001").Html(), "return_zh");
  ASSERT_EQ(pages.size(), 1u);
  for (const char* words : {"退料单", "SH01-ISS-20261120-0001", "未使用", "退料人"}) {
    EXPECT_TRUE(Says(pages[0], words)) << words;
  }
}

// Handbook: P-08, F-18, G-11
TEST_F(OnPaper, PurchaseOrderTellsTheSupplierEverythingAndADraftThatItIsNone) {
  v1::PurchaseOrder order;
  order.set_number("SH01-PO-20261121-0003");
  order.set_state(v1::PurchaseOrder::STATE_SENT);
  order.set_revision(2);
  order.set_supplier_name("上海金桥汽车零部件有限公司");
  order.set_currency_code("CNY");
  order.set_expected_date("2026-11-28");
  order.set_creator("zhang.lei");
  order.set_approver("chen.jing");
  order.set_note("请按库位分箱包装，随货附合格证。");
  order.mutable_send_time()->set_seconds(kNow);
  for (int i = 0; i < 8; ++i) {
    auto& line = *order.add_lines();
    line.set_part_id(PartId(i));
    line.set_part_number(Number(i));
    line.set_part_name(NameZh(i));
    line.set_supplier_part_number(absl::StrCat("JQ-", 40012 + i));
    line.set_quantity_milli(20000);
    line.set_unit_price_amount(123456);
    line.set_line_amount(2469120);
    line.set_tax_basis_points(1300);
    line.set_expected_date("2026-11-28");
  }
  order.mutable_lines(2)->set_cancelled_milli(5000);
  order.set_total_amount(19752960);
  order.set_tax_amount(2567885);
  ExpectOnOnePage(
      "purchase_order",
      [&](std::string_view language) { return PurchaseOrderForm(store_, language, order, supplier_, facts_); },
      {"SH01-PO-20261121-0003", "上海金桥汽车零部件有限公司", "王芳", "JQ-40012", "1,234.56", "13%", "197,529.60",
       "25,678.85", "223,208.45", "2026-11-28"},
      {"采购订单", "价税合计", "取消 5", "版本 2"},
      {"Purchase order", "Cabin filter", "Total with tax", "less 5", "version 2"});
  order.set_state(v1::PurchaseOrder::STATE_DRAFT);
  const auto draft =
      PagesOf(PurchaseOrderForm(store_, "zh-CN", order, supplier_, facts_).Html(), "purchase_order_draft");
  EXPECT_TRUE(Says(draft.at(0), "草稿 · 非有效订单"));
}

// Handbook: P-09, F-18, G-11
TEST_F(OnPaper, GoodsReceiptShowsCountAcceptanceAndDifferences) {
  v1::GoodsReceipt receipt;
  receipt.set_number("SH01-GRN-20261121-0005");
  receipt.set_etag("4");
  receipt.set_state(v1::GoodsReceipt::STATE_DIFFERENCES_OPEN);
  receipt.set_supplier_name("上海金桥汽车零部件有限公司");
  receipt.set_purchase_order_number("SH01-PO-20261121-0003");
  receipt.set_delivery_note("DN-88213");
  receipt.mutable_create_time()->set_seconds(kNow);
  receipt.mutable_post_time()->set_seconds(kNow + 1800);
  for (int i = 0; i < 6; ++i) {
    auto& line = *receipt.add_lines();
    line.set_part_id(PartId(i));
    line.set_part_number(Number(i));
    line.set_name_zh(NameZh(i));
    line.set_name_en(NameEn(i));
    line.set_announced_milli(20000);
    line.set_counted_milli(i == 2 ? 18000 : 20000);
    line.set_rejected_milli(i == 4 ? 1000 : 0);
    line.set_accepted_milli(line.counted_milli() - line.rejected_milli());
    line.set_unit_cost_amount(123456);
    line.set_cost_amount(2345664);
    line.set_location_id("bin");
    receipt.set_cost_amount(receipt.cost_amount() + line.cost_amount());
  }
  auto& missing = *receipt.add_differences();
  missing.set_kind(v1::GoodsReceiptDifference::KIND_SHORT);
  missing.set_part_number(Number(2));
  missing.set_quantity_milli(2000);
  missing.set_cost_amount(246912);
  auto& broken = *receipt.add_differences();
  broken.set_kind(v1::GoodsReceiptDifference::KIND_DAMAGED);
  broken.set_part_number(Number(4));
  broken.set_quantity_milli(1000);
  broken.set_cost_amount(123456);
  broken.set_note("绝缘体破裂");
  broken.set_settlement(v1::GoodsReceiptDifference::SETTLEMENT_RETURN);
  broken.set_settlement_number("SH01-PRT-20261121-0001");
  *receipt.mutable_receiver_signature() = SignedBy("张磊");
  ExpectOnOnePage("goods_receipt",
                  [&](std::string_view language) { return GoodsReceiptForm(store_, language, receipt, facts_); },
                  {"SH01-GRN-20261121-0005", "SH01-PO-20261121-0003", "DN-88213", "绝缘体破裂",
                   "SH01-PRT-20261121-0001", "140,739.84", "张磊"},
                  {"接收单", "应收", "合格", "短少", "待处理", "差异待处理"},
                  {"Goods receipt", "Announced", "Accepted", "short", "open", "differences open"});
}

// Handbook: P-09, F-18, G-11
TEST_F(OnPaper, SupplierReturnClaimsWithoutTellingOurCost) {
  v1::SupplierReturn goods;
  goods.set_number("SH01-PRT-20261121-0001");
  goods.set_etag("3");
  goods.set_state(v1::SupplierReturn::STATE_SHIPPED);
  goods.set_supplier_name("上海金桥汽车零部件有限公司");
  goods.set_settlement(v1::SupplierReturn::SETTLEMENT_CREDIT_NOTE);
  goods.set_reason("质量不合格");
  goods.set_carrier("顺丰");
  goods.set_cost_amount(98765);
  auto& line = *goods.add_lines();
  line.set_part_id(PartId(4));
  line.set_part_number(Number(4));
  line.set_name_zh(NameZh(4));
  line.set_name_en(NameEn(4));
  line.set_quantity_milli(1000);
  line.set_expected_amount(123456);
  line.set_cost_amount(98765);
  goods.set_expected_amount(123456);
  *goods.mutable_shipper_signature() = SignedBy("张磊");
  ExpectOnOnePage(
      "supplier_return",
      [&](std::string_view language) { return SupplierReturnForm(store_, language, goods, supplier_, facts_); },
      {"SH01-PRT-20261121-0001", "1,234.56", "质量不合格", "顺丰", "张磊"}, {"采购退货单", "应退金额", "已发出"},
      {"Return to supplier", "Claimed", "shipped"});
  EXPECT_EQ(SupplierReturnForm(store_, "en", goods, supplier_, facts_).Html().find("987.65"), std::string::npos);
}

// Handbook: P-13, F-18, G-11
TEST_F(OnPaper, TransferLeavesRoomForTheCountUntilItWasCounted) {
  v1::Transfer transfer;
  transfer.set_number("SH01-TRF-20261121-0002");
  transfer.set_etag("5");
  transfer.set_side(v1::Transfer::SIDE_SUPPLYING);
  transfer.set_state(v1::Transfer::STATE_SHIPPED);
  transfer.set_requester("wu.hao");
  transfer.set_approver("zhang.lei");
  transfer.set_reason("客户加急维修");
  transfer.mutable_ship_time()->set_seconds(kNow);
  for (int i = 0; i < 3; ++i) {
    auto& line = *transfer.add_lines();
    line.set_transfer_line_id(absl::StrCat("line-", i));
    line.set_part_id(PartId(i));
    line.set_part_number(Number(i));
    line.set_name_zh(NameZh(i));
    line.set_name_en(NameEn(i));
    line.set_quantity_milli(3000);
    line.set_approved_milli(2000);
    auto& item = *transfer.add_items();
    item.set_transfer_line_id(absl::StrCat("line-", i));
    item.set_part_id(PartId(i));
    item.set_part_number(Number(i));
    item.set_location_id("bin");
    item.set_shipped_milli(2000);
  }
  *transfer.mutable_ship_signature() = SignedBy("张磊");
  ExpectOnOnePage(
      "transfer",
      [&](std::string_view language) { return TransferForm(store_, language, transfer, facts_, "上海二店"); },
      {"SH01-TRF-20261121-0002", "上海一店", "上海二店", "06A-115-561-102", "客户加急维修", "张磊"},
      {"调拨单（调出）", "在途", "收货人"}, {"Transfer out", "shipped", "Received by"});
  transfer.mutable_items(1)->set_counted_milli(1000);
  transfer.mutable_items(1)->set_settlement(v1::TransferItem::SETTLEMENT_WRITTEN_OFF);
  EXPECT_TRUE(Says(
      PagesOf(TransferForm(store_, "zh-CN", transfer, facts_, "上海二店").Html(), "transfer_counted").at(0), "报损"));
  transfer.clear_items();
  transfer.set_state(v1::Transfer::STATE_APPROVED);
  EXPECT_TRUE(Says(PagesOf(TransferForm(store_, "zh-CN", transfer, facts_, "上海二店").Html(), "transfer_wanted").at(0),
                   "批准数量"));
}

// Handbook: P-10, F-18, G-11
TEST_F(OnPaper, CountSheetIsBlindAndLeavesRoomForThePen) {
  v1::Stocktake stocktake;
  stocktake.set_number("SH01-CNT-20261121-0001");
  stocktake.set_state(v1::Stocktake::STATE_COUNTING);
  stocktake.set_kind(v1::Stocktake::KIND_CYCLIC);
  stocktake.set_etag("2");
  stocktake.set_book_amount(55555);
  std::vector<v1::StocktakeLine> lines;
  for (int i = 0; i < 50; ++i) lines.push_back(CountLine(i));
  for (const char* language : {"zh-CN", "en"}) {
    const std::string html = StocktakeForm(store_, language, stocktake, lines, facts_).Html();
    for (const char* hidden : {"77.777", "66.666", "555.55"}) EXPECT_EQ(html.find(hidden), std::string::npos) << hidden;
    const auto pages = PagesOf(html, absl::StrCat("stocktake_", language));
    ASSERT_GE(pages.size(), 2u);
    const bool zh = std::string_view(language) == "zh-CN";
    for (const std::string& page : pages) EXPECT_TRUE(Says(page, zh ? "实盘数量" : "Counted"));
  }
  stocktake.set_state(v1::Stocktake::STATE_RECOUNTING);
  EXPECT_NE(StocktakeForm(store_, "zh-CN", stocktake, lines, facts_).Html().find("复盘表"), std::string::npos);
}

// Handbook: P-10, F-18, G-11
TEST_F(OnPaper, CountResultShowsDifferencesAndWhatTheyAreWorth) {
  v1::Stocktake stocktake;
  stocktake.set_number("SH01-CNT-20261121-0001");
  stocktake.set_state(v1::Stocktake::STATE_REVIEW);
  stocktake.set_kind(v1::Stocktake::KIND_FULL);
  stocktake.set_accuracy_basis_points(9675);
  stocktake.set_gain_amount(12300);
  stocktake.set_loss_amount(45600);
  std::vector<v1::StocktakeLine> lines;
  for (int i = 0; i < 6; ++i) {
    lines.push_back(CountLine(i));
    lines[i].set_counted_milli(i == 3 ? 75777 : 77777);
  }
  lines[3].set_difference_milli(-2000);
  lines[3].set_difference_amount(-33300);
  lines[3].set_reason("漏登出库");
  ExpectOnOnePage("stocktake_result",
                  [&](std::string_view language) { return StocktakeForm(store_, language, stocktake, lines, facts_); },
                  {"77.777", "75.777", "-2", "-333.00", "96.75%", "漏登出库"}, {"盘点报告", "全面盘点", "待审批"},
                  {"Stocktake result", "full", "awaiting approval"});
}

TEST(SheetOf, IsNoneBeforeTheStartAndAfterACancellation) {
  v1::Stocktake stocktake;
  for (const auto state : {v1::Stocktake::STATE_PLANNED, v1::Stocktake::STATE_CANCELLED}) {
    stocktake.set_state(state);
    EXPECT_EQ(SheetOf(stocktake), CountSheet::kNone);
  }
}

}  // namespace
}  // namespace parts
