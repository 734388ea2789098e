// Issue and return notes, transfers, count sheets on paper; see stock_forms.h.
#include "parts-svc/forms/stock_forms.h"

#include "absl/strings/str_cat.h"

namespace parts {
namespace {

using aftersales::common::v1::Store;
using chassis::print::Cell;
using chassis::print::Form;
using chassis::print::Shape;
using chassis::print::Table;
using chassis::print::Words;

Words SettlementWords(v1::TransferItem::Settlement settlement) {
  switch (settlement) {
    case v1::TransferItem::SETTLEMENT_FOUND:
      return {"调出店找回", "found at the supplying store"};
    case v1::TransferItem::SETTLEMENT_RECEIVED_AFTER_ALL:
      return {"调入店找到", "turned up at the receiving store"};
    case v1::TransferItem::SETTLEMENT_WRITTEN_OFF:
      return {"报损", "written off"};
    case v1::TransferItem::SETTLEMENT_SHIPPED_IN_ADDITION:
      return {"补记调出", "shipped in addition"};
    case v1::TransferItem::SETTLEMENT_SENT_BACK:
      return {"已退回", "sent back"};
    default:
      return {};
  }
}

// Before anything is in the box: what is wanted and agreed to.
Table WantedTable(const Form& form, const v1::Transfer& transfer, const FormFacts& facts) {
  Table table{.columns = {{{"序号", "No."}, Shape::kWord, 6},
                          {{"配件", "Part"}, Shape::kText, 44},
                          {{"单位", "Unit"}, Shape::kWord, 10},
                          {{"申请数量", "Requested"}, Shape::kNumber, 13},
                          {{"批准数量", "Approved"}, Shape::kNumber, 13}}};
  for (int i = 0; i < transfer.lines_size(); ++i) {
    const v1::TransferLine& line = transfer.lines(i);
    const bool decided = transfer.state() != v1::Transfer::STATE_REQUESTED;
    table.rows.push_back({{Position(i)},
                          PartCell(form, line.part_number(), line.name_zh(), line.name_en()),
                          {UnitOf(form, facts, line.part_id())},
                          {form.Quantity(line.quantity_milli())},
                          {decided ? form.Quantity(line.approved_milli()) : ""}});
  }
  return table;
}

// From the shipping on: what is in the box, and what was counted out of it.
Table BoxTable(const Form& form, const v1::Transfer& transfer, const FormFacts& facts) {
  Table table{.columns = {{{"序号", "No."}, Shape::kWord, 6},
                          {{"配件", "Part"}, Shape::kText, 36},
                          {{"库位 / 批次", "Bin / batch"}, Shape::kText, 16},
                          {{"单位", "Unit"}, Shape::kWord, 8},
                          {{"发出数量", "Shipped"}, Shape::kNumber, 12},
                          {{"实收数量", "Received"}, Shape::kBlank, 12},
                          {{"差异处理", "Difference"}, Shape::kText, 16}}};
  std::map<std::string, const v1::TransferLine*> lines;
  for (const v1::TransferLine& line : transfer.lines()) lines[line.transfer_line_id()] = &line;
  bool counted = false;
  for (int i = 0; i < transfer.items_size(); ++i) {
    const v1::TransferItem& item = transfer.items(i);
    counted = counted || item.has_counted_milli();
    const auto line = lines.find(item.transfer_line_id());
    const v1::TransferLine& named = line == lines.end() ? v1::TransferLine::default_instance() : *line->second;
    table.rows.push_back({{Position(i)},
                          PartCell(form, item.part_number(), named.name_zh(), named.name_en()),
                          BinCell(facts, item.location_id(), item.batch_code()),
                          {UnitOf(form, facts, item.part_id())},
                          {form.Quantity(item.shipped_milli())},
                          {item.has_counted_milli() ? form.Quantity(item.counted_milli()) : ""},
                          {form.In(SettlementWords(item.settlement())), item.settlement_reason()}});
  }
  if (counted) table.columns[5].shape = Shape::kNumber;
  return table;
}

Table BlindTable(const Form& form, const std::vector<v1::StocktakeLine>& lines, const FormFacts& facts) {
  Table table{.columns = {{{"序号", "No."}, Shape::kWord, 7},
                          {{"库位", "Bin"}, Shape::kText, 15},
                          {{"配件", "Part"}, Shape::kText, 34},
                          {{"批次", "Batch"}, Shape::kText, 15},
                          {{"单位", "Unit"}, Shape::kWord, 8},
                          {{"实盘数量", "Counted"}, Shape::kBlank, 15},
                          {{"备注", "Remark"}, Shape::kBlank, 16}}};
  for (const v1::StocktakeLine& line : lines) {
    table.rows.push_back({{absl::StrCat(line.line_number())},
                          {line.location_code()},
                          PartCell(form, line.part_number(), line.name_zh(), line.name_en()),
                          {line.batch_code()},
                          {UnitOf(form, facts, line.part_id())}});
  }
  return table;
}

Table ResultTable(const Form& form, const std::vector<v1::StocktakeLine>& lines) {
  Table table{.columns = {{{"序号", "No."}, Shape::kWord, 7},
                          {{"库位 / 批次", "Bin / batch"}, Shape::kText, 17},
                          {{"配件 / 差异原因", "Part / reason"}, Shape::kText, 36},
                          {{"账面", "Account"}, Shape::kNumber, 12},
                          {{"实盘", "Counted"}, Shape::kNumber, 12},
                          {{"差异", "Difference"}, Shape::kNumber, 12},
                          {{"差异金额", "Amount"}, Shape::kNumber, 15}}};
  int64_t difference_amount = 0;
  for (const v1::StocktakeLine& line : lines) {
    difference_amount += line.difference_amount();
    Cell part = PartCell(form, line.part_number(), line.name_zh(), line.name_en());
    if (!line.reason().empty()) absl::StrAppend(&part.below, " · ", line.reason());
    table.rows.push_back({{absl::StrCat(line.line_number())},
                          {line.location_code(), line.batch_code()},
                          std::move(part),
                          {line.has_expected_milli() ? form.Quantity(line.expected_milli()) : ""},
                          {line.has_counted_milli() ? form.Quantity(line.counted_milli()) : ""},
                          {line.difference_milli() == 0 ? "" : form.Quantity(line.difference_milli())},
                          {line.difference_amount() == 0 ? "" : form.Amount(line.difference_amount())}});
  }
  table.totals.push_back({{"盈亏净额", "Net difference"}, {form.Amount(difference_amount)}});
  return table;
}

}  // namespace

Form IssueForm(const Store& store, std::string_view language, const v1::Issue& note, const FormFacts& facts,
               const std::string& order_number, const std::string& source_number) {
  const bool out = note.kind() != v1::Issue::KIND_RETURN;
  Form form(store, language, out ? Words{"出库单", "Issue note"} : Words{"退料单", "Return note"}, note.number());
  form.Field({"工单号", "Repair order"}, order_number)
      .Field({"技师", "Technician"}, note.technician())
      .Field({"开单时间", "Time"}, form.Time(note.create_time()))
      .Field({"原出库单", "Issue note"}, source_number)
      .Field({"原因", "Reason"}, note.reason());
  Table table = GoodsTable(form, facts, note.lines(), {"成本", "Cost"},
                           [](const v1::IssueLine& line) { return line.cost_amount(); });
  table.totals.push_back({{"合计", "Total"}, {form.Amount(note.cost_amount())}});
  form.Add(table);
  form.Sign({out ? Words{"领料人", "Received by"} : Words{"退料人", "Returned by"}, &note.technician_signature()});
  form.Sign({{"仓管员", "Parts clerk"}, nullptr});
  form.Version(note, note.etag(), note.technician_signature().document_digest());
  return form;
}

Form TransferForm(const Store& store, std::string_view language, const v1::Transfer& transfer, const FormFacts& facts,
                  const std::string& other_store_name) {
  const bool out = transfer.side() == v1::Transfer::SIDE_SUPPLYING;
  Form form(store, language, out ? Words{"调拨单（调出）", "Transfer out"} : Words{"调拨单（调入）", "Transfer in"},
            transfer.number());
  form.Mark({form.State(transfer), form.State(transfer)});
  form.Field({"调出店", "From"}, out ? store.display_name() : other_store_name)
      .Field({"调入店", "To"}, out ? other_store_name : store.display_name())
      .Field({"需用时间", "Needed by"}, form.Time(transfer.needed_time()))
      .Field({"申请人", "Requested by"}, transfer.requester())
      .Field({"批准人", "Approved by"}, transfer.approver())
      .Field({"批准时间", "Approved"}, form.Time(transfer.approve_time()))
      .Field({"承运", "Carrier"}, transfer.carrier())
      .Field({"运单号", "Tracking number"}, transfer.tracking_number())
      .Field({"发出时间", "Shipped"}, form.Time(transfer.ship_time()))
      .Field({"收货时间", "Received"}, form.Time(transfer.receive_time()))
      .Field({"成本", "Cost"}, transfer.cost_amount() == 0 ? "" : form.Amount(transfer.cost_amount()));
  form.Add(transfer.items().empty() ? WantedTable(form, transfer, facts) : BoxTable(form, transfer, facts));
  form.Note({"用途", "Reason"}, transfer.reason()).Note({"结束说明", "Closing remark"}, transfer.close_reason());
  form.Sign({{"发货人", "Shipped by"}, &transfer.ship_signature()});
  form.Sign({{"承运人", "Carrier"}, nullptr});
  form.Sign({{"收货人", "Received by"}, &transfer.receive_signature()});
  form.Version(transfer, transfer.etag(),
               (out ? transfer.ship_signature() : transfer.receive_signature()).document_digest());
  return form;
}

CountSheet SheetOf(const v1::Stocktake& stocktake) {
  switch (stocktake.state()) {
    case v1::Stocktake::STATE_COUNTING:
      return CountSheet::kBlind;
    case v1::Stocktake::STATE_RECOUNTING:
      return CountSheet::kRecount;
    case v1::Stocktake::STATE_REVIEW:
    case v1::Stocktake::STATE_POSTED:
      return CountSheet::kResult;
    default:
      return CountSheet::kNone;
  }
}

Form StocktakeForm(const Store& store, std::string_view language, const v1::Stocktake& stocktake,
                   const std::vector<v1::StocktakeLine>& lines, const FormFacts& facts) {
  const CountSheet sheet = SheetOf(stocktake);
  const bool result = sheet == CountSheet::kResult;
  const Words title = result                          ? Words{"盘点报告", "Stocktake result"}
                      : sheet == CountSheet::kRecount ? Words{"复盘表", "Recount sheet"}
                                                      : Words{"盘点表", "Count sheet"};
  Form form(store, language, title, stocktake.number());
  const bool full = stocktake.kind() == v1::Stocktake::KIND_FULL;
  form.Field({"盘点方式", "Kind"}, form.In(full ? Words{"全面盘点", "full"} : Words{"循环盘点", "cyclic"}))
      .Field({"开始时间", "Started"}, form.Time(stocktake.start_time()))
      .Field({"截止时间", "Due"}, form.Time(stocktake.due_time()))
      .Field({"计划人", "Planned by"}, stocktake.planner())
      .Field({"库位冻结", "Bins frozen"}, stocktake.freezes() ? form.In({"是", "yes"}) : form.In({"否", "no"}))
      .Field({"行数", "Lines"}, absl::StrCat(lines.size()));
  if (!result) {
    form.Add(BlindTable(form, lines, facts)).Note({"备注", "Remark"}, stocktake.remark());
    form.Sign({{"盘点人", "Counted by"}, nullptr}).Sign({{"复核人", "Checked by"}, nullptr});
    form.Version(stocktake.etag());
    return form;
  }
  form.Field({"差异行数", "Lines that differ"}, absl::StrCat(stocktake.deviating_line_count()))
      .Field({"复盘行数", "Lines recounted"}, absl::StrCat(stocktake.recounted_line_count()))
      .Field({"盘点准确率", "Accuracy"}, form.Percent(stocktake.accuracy_basis_points()))
      .Field({"账面金额", "Account value"}, form.Amount(stocktake.book_amount()))
      .Field({"盘盈", "Gain"}, form.Amount(stocktake.gain_amount()))
      .Field({"盘亏", "Loss"}, form.Amount(stocktake.loss_amount()))
      .Field({"批准人", "Approved by"}, stocktake.approver())
      .Field({"过账时间", "Posted"}, form.Time(stocktake.post_time()));
  if (stocktake.state() == v1::Stocktake::STATE_REVIEW) form.Mark({"待审批", "awaiting approval"});
  form.Add(ResultTable(form, lines)).Note({"处理意见", "Decision"}, stocktake.reason());
  form.Sign({{"仓库主管", "Parts manager"}, nullptr}).Sign({{"财务", "Accounts"}, nullptr});
  form.Version(stocktake, stocktake.etag());
  return form;
}

}  // namespace parts
