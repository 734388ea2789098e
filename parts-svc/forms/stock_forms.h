// The papers of goods inside the group: issue and return notes, transfers, count sheets. Pure: a document and its
// facts in, a form out.
#pragma once

#include <string>
#include <vector>

#include "aftersales/parts/v1/issue.pb.h"
#include "aftersales/parts/v1/stocktake.pb.h"
#include "aftersales/parts/v1/transfer.pb.h"
#include "parts-svc/forms/form_words.h"

namespace parts {

// 出库单 (P-05) or, for a return note, 退料单. `order_number` and `source_number` are for people, "" when unknown.
chassis::print::Form IssueForm(const aftersales::common::v1::Store& store, std::string_view language,
                               const v1::Issue& note, const FormFacts& facts, const std::string& order_number,
                               const std::string& source_number);

// 调拨单 (P-13), the half of `store`.
chassis::print::Form TransferForm(const aftersales::common::v1::Store& store, std::string_view language,
                                  const v1::Transfer& transfer, const FormFacts& facts,
                                  const std::string& other_store_name);

// Which lines of a stocktake its form shows now.
enum class CountSheet {
  kNone,     // not started, or cancelled
  kBlind,    // 盘点表: to be counted
  kRecount,  // 复盘表: only what is to be counted again
  kResult,   // 盘点报告
};
CountSheet SheetOf(const v1::Stocktake& stocktake);
// Blind sheets say nothing of what the account holds or what was counted before (P-10).
chassis::print::Form StocktakeForm(const aftersales::common::v1::Store& store, std::string_view language,
                                   const v1::Stocktake& stocktake, const std::vector<v1::StocktakeLine>& lines,
                                   const FormFacts& facts);

}  // namespace parts
