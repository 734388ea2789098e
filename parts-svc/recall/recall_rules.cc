// The rules of recalls; see recall_rules.h.
#include "parts-svc/recall/recall_rules.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "aftersales/parts/v1/recall_errors.pb.h"
#include "chassis/server/formats.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"

namespace parts {

absl::Status CheckCampaign(const v1::RecallCampaign& campaign, const PartsById& parts) {
  if (!campaign.end_date().empty() && campaign.end_date() < campaign.start_date()) {
    return chassis::Refuse(v1::RECALL_ERROR_REASON_RECALL_DATES)
        .At("recall_campaign.end_date", "早于开始日期", "lies before the first day");
  }
  std::set<std::string> seen;
  for (int i = 0; i < campaign.parts_size(); ++i) {
    const std::string at = absl::StrCat("recall_campaign.parts[", i, "]");
    const auto part = parts.find(campaign.parts(i).part_id());
    if (part == parts.end()) return UnknownParts({campaign.parts(i).part_id()}, {at + ".part_id"});
    if (!seen.insert(part->first).second) {
      return chassis::InvalidField(at + ".part_id", "配件重复", "stands there twice");
    }
    RETURN_IF_ERROR(CheckQuantity(part->second, campaign.parts(i).quantity_milli(), at + ".quantity_milli"));
  }
  return absl::OkStatus();
}

absl::StatusOr<VehicleList> ReadVehicles(std::string_view text) {
  VehicleList list;
  if (text.substr(0, 3) == "\xef\xbb\xbf") text.remove_prefix(3);
  std::set<std::string> seen;
  int line_number = 0;
  const auto wrong = [&](std::string_view zh, std::string_view en) {
    auto& error = list.errors.emplace_back();
    error.set_line_number(line_number);
    error.set_zh(std::string(zh));
    error.set_en(std::string(en));
  };
  for (const absl::string_view line : absl::StrSplit(absl::string_view(text.data(), text.size()), '\n')) {
    ++line_number;
    if (line_number > kRecallLinesMax + 1) {
      return chassis::Refuse(v1::RECALL_ERROR_REASON_RECALL_LIST_TOO_LONG)
          .With("limit", kRecallLinesMax)
          .At("csv", "行数过多", "holds too many lines");
    }
    const std::string vin = absl::AsciiStrToUpper(absl::StripAsciiWhitespace(line));
    if (vin.empty() || (line_number == 1 && vin == "VIN")) continue;
    if (!chassis::formats::IsVin(vin)) {
      wrong("不是 17 位车架号", "is no VIN of 17 characters");
    } else if (chassis::formats::VinCheckDigitBinds(vin) && !chassis::formats::VinCheckDigitHolds(vin)) {
      wrong(absl::StrCat("车架号校验位不符，应为 ", std::string(1, chassis::formats::VinCheckDigit(vin))),
            absl::StrCat("its check digit should be ", std::string(1, chassis::formats::VinCheckDigit(vin))));
    } else if (!seen.insert(vin).second) {
      wrong("车架号重复", "stands there twice");
    } else {
      list.vins.push_back(vin);
    }
  }
  return list;
}

std::vector<v1::RecallNeed> NeedsOf(const v1::RecallCampaign& campaign, int64_t vehicle_count, const PartsById& parts,
                                    const StocksByPart& stocks, const std::map<std::string, int64_t>& on_order_milli) {
  std::vector<v1::RecallNeed> needs;
  for (const v1::RecallPart& wanted : campaign.parts()) {
    if (parts.count(wanted.part_id()) == 0) continue;
    const v1::Part& part = Newest(parts, wanted.part_id());
    v1::RecallNeed& need = needs.emplace_back();
    need.set_part_id(part.part_id());
    need.set_part_number(part.part_number());
    need.set_needed_milli(wanted.quantity_milli() * vehicle_count);
    if (const auto stock = stocks.find(part.part_id()); stock != stocks.end()) {
      need.set_available_milli(std::max<int64_t>(0, stock->second.on_hand_milli() - stock->second.reserved_milli()));
    }
    if (const auto coming = on_order_milli.find(part.part_id()); coming != on_order_milli.end()) {
      need.set_on_order_milli(coming->second);
    }
    need.set_missing_milli(std::max<int64_t>(0, need.needed_milli() - need.available_milli() - need.on_order_milli()));
  }
  return needs;
}

}  // namespace parts
