// What a purchase contract must be; see contract_rules.h.
#include "parts-svc/contract/contract_rules.h"

#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/procurement_errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"
#include "chassis/time/amounts.h"

namespace parts {
namespace {

absl::Status WriteLines(const google::protobuf::RepeatedPtrField<v1::CreatePurchaseContractRequest::Line>& lines,
                        const PartsById& parts, v1::PurchaseContract& contract) {
  contract.clear_lines();
  std::set<std::string> seen;
  std::vector<std::string> missing, fields;
  for (int i = 0; i < lines.size(); ++i) {
    const auto& wanted = lines[i];
    const std::string at = absl::StrCat("lines[", i, "]");
    const auto part = parts.find(wanted.part_id());
    if (part == parts.end()) {
      missing.push_back(wanted.part_id());
      fields.push_back(at + ".part_id");
      continue;
    }
    if (!seen.insert(wanted.part_id()).second) {
      return chassis::Refuse(v1::PROCUREMENT_ERROR_REASON_CONTRACT_LINE_TWICE)
          .With("part", part->second.part_number())
          .At(at + ".part_id", "与前面的行重复", "repeats an earlier line");
    }
    if (wanted.minimum_quantity_milli() > 0) {
      RETURN_IF_ERROR(CheckQuantity(part->second, wanted.minimum_quantity_milli(), at + ".minimum_quantity_milli"));
    }
    v1::PurchaseContractLine& line = *contract.add_lines();
    line.set_part_id(wanted.part_id());
    line.set_part_number(part->second.part_number());
    line.set_unit_price_amount(wanted.unit_price_amount());
    line.set_minimum_quantity_milli(wanted.minimum_quantity_milli());
    line.set_maximum_quantity_milli(wanted.maximum_quantity_milli());
  }
  return missing.empty() ? absl::OkStatus() : UnknownParts(missing, fields);
}

absl::Status DatesMakeNoSense(std::string_view from, std::string_view until) {
  return chassis::Refuse(v1::PROCUREMENT_ERROR_REASON_CONTRACT_DATES)
      .With("from", from)
      .With("until", until)
      .At("valid_until_date", "早于起始日或已过期", "lies before its first day or has passed");
}

}  // namespace

template <typename Request>
absl::Status WriteContract(const Request& request, const PartsById& parts, v1::PurchaseContract& contract) {
  if (request.valid_until_date() < request.valid_from_date()) {
    return DatesMakeNoSense(request.valid_from_date(), request.valid_until_date());
  }
  contract.set_title(request.title());
  contract.set_valid_from_date(request.valid_from_date());
  contract.set_valid_until_date(request.valid_until_date());
  return WriteLines(request.lines(), parts, contract);
}
template absl::Status WriteContract(const v1::CreatePurchaseContractRequest&, const PartsById&, v1::PurchaseContract&);
template absl::Status WriteContract(const v1::RewritePurchaseContractRequest&, const PartsById&, v1::PurchaseContract&);

absl::Status CheckNotEnded(const v1::PurchaseContract& contract, std::string_view today) {
  if (today <= contract.valid_until_date()) return absl::OkStatus();
  return DatesMakeNoSense(contract.valid_from_date(), contract.valid_until_date());
}

int64_t PriceCeiling(const ContractTerms& terms, int32_t tolerance_basis_points) {
  return terms.unit_price_amount + chassis::Portion(terms.unit_price_amount, tolerance_basis_points);
}

absl::Status CheckContractQuantity(const ContractTerms& terms, const std::string& part_number, int64_t ordered_milli,
                                   int64_t wanted_milli) {
  if (terms.maximum_quantity_milli == 0 || ordered_milli + wanted_milli <= terms.maximum_quantity_milli) {
    return absl::OkStatus();
  }
  return chassis::Refuse(v1::PROCUREMENT_ERROR_REASON_CONTRACT_QUANTITY_EXCEEDED)
      .With("contract", terms.contract_number)
      .With("part", part_number)
      .With("limit", terms.maximum_quantity_milli)
      .With("ordered", ordered_milli)
      .With("wanted", wanted_milli)
      .At("lines", "超出合同数量上限", "go beyond the contract's quantity");
}

}  // namespace parts
