// The rules of the catalogue; see catalogue_rules.h.
#include "parts-svc/catalogue/catalogue_rules.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "aftersales/parts/v1/catalogue_errors.pb.h"
#include "aftersales/parts/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"
#include "chassis/time/amounts.h"

namespace parts {
namespace {

bool ComesInWholePieces(v1::Part::Unit unit) {
  return unit == v1::Part::UNIT_PIECE || unit == v1::Part::UNIT_SET || unit == v1::Part::UNIT_PAIR;
}

absl::Status CheckSerials(const v1::PartFitment& fitment, const std::string& field) {
  const std::string& from = fitment.serial_from();
  const std::string& to = fitment.serial_to();
  for (const auto& [name, serial] : {std::pair("serial_from", from), std::pair("serial_to", to)}) {
    if (serial.empty() || serial.size() == kVinSerialLength) continue;
    return chassis::InvalidField(absl::StrCat(field, ".", name), "须为车架号的末 6 位",
                                 "must be the last six characters of a VIN");
  }
  if ((!from.empty() || !to.empty()) && fitment.vin_prefix().empty()) {
    return chassis::InvalidField(absl::StrCat(field, ".vin_prefix"), "限定序列号时必填",
                                 "is required where serial numbers are named");
  }
  if (!to.empty() && to < from) {
    return chassis::InvalidField(absl::StrCat(field, ".serial_to"), "小于起始号", "lies before the first");
  }
  return absl::OkStatus();
}

absl::Status CheckFitments(const v1::Part& part, const std::string& at) {
  std::set<std::tuple<std::string, std::string, std::string>> runs;
  for (int i = 0; i < part.fitments_size(); ++i) {
    const std::string field = absl::StrCat(at, ".fitments[", i, "]");
    const v1::PartFitment& fitment = part.fitments(i);
    if (fitment.model_code().empty()) {
      return chassis::InvalidField(absl::StrCat(field, ".model_code"), "必填", "is required");
    }
    RETURN_IF_ERROR(CheckSerials(fitment, field));
    if (!runs.emplace(fitment.model_code(), fitment.vin_prefix(), fitment.serial_from()).second) {
      return chassis::InvalidField(absl::StrCat(field, ".model_code"), "车型重复", "names a model twice");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckCrossReferences(const v1::Part& part, const std::string& at) {
  std::set<std::pair<std::string, std::string>> references;
  for (int i = 0; i < part.cross_references_size(); ++i) {
    const auto& reference = part.cross_references(i);
    const std::string field = absl::StrCat(at, ".cross_references[", i, "]");
    if (reference.brand().empty() || reference.reference_number().empty()) {
      return chassis::InvalidField(field, "品牌和编号均为必填", "needs brand and number");
    }
    if (!references.emplace(reference.brand(), reference.reference_number()).second) {
      return chassis::InvalidField(field, "互换件号重复", "stands there twice");
    }
  }
  return absl::OkStatus();
}

}  // namespace

void Complete(v1::Part& part) {
  if (part.step_milli() == 0) part.set_step_milli(chassis::kMilli);
  if (part.pack_quantity_milli() == 0) part.set_pack_quantity_milli(part.step_milli());
  if (part.tracking() == v1::Part::TRACKING_UNSPECIFIED) part.set_tracking(v1::Part::TRACKING_NONE);
}

absl::Status CheckPart(const v1::Part& part, const std::string& at) {
  if (ComesInWholePieces(part.unit()) && part.step_milli() % chassis::kMilli != 0) {
    return chassis::InvalidField(absl::StrCat(at, ".step_milli"), "按件计量的配件，步长须为 1000 的整数倍",
                                 "must be a multiple of 1000 for what comes in whole pieces");
  }
  if (part.step_milli() > 0 && part.pack_quantity_milli() % part.step_milli() != 0) {
    return chassis::InvalidField(absl::StrCat(at, ".pack_quantity_milli"), "须为最小数量的整数倍",
                                 "must be a multiple of the smallest quantity");
  }
  if (part.tracking() == v1::Part::TRACKING_SERIAL &&
      !(ComesInWholePieces(part.unit()) && part.step_milli() == chassis::kMilli)) {
    return chassis::InvalidField(absl::StrCat(at, ".tracking"), "只有按单件计量的配件才能按序列号管理",
                                 "only what comes in single pieces can be tracked by serial number");
  }
  if (part.shelf_life_days() > 0 && part.tracking() == v1::Part::TRACKING_NONE) {
    return chassis::Refuse(v1::CATALOGUE_ERROR_REASON_SHELF_LIFE_UNTRACKED)
        .With("part", part.part_number())
        .At(absl::StrCat(at, ".shelf_life_days"), "须同时按批次或序列号管理",
            "needs tracking by batch or serial number");
  }
  if (absl::Status fitments = CheckFitments(part, at); !fitments.ok()) return fitments;
  return CheckCrossReferences(part, at);
}

absl::Status CheckSuccessor(const v1::Part& part, const std::vector<v1::Part>& successor_chain, int predecessor_count) {
  for (const v1::Part& link : successor_chain) {
    if (link.part_id() != part.part_id()) continue;
    return chassis::Refuse(v1::ERROR_REASON_SUPERSESSION_CYCLE)
        .With("part", part.part_number())
        .With("successor", successor_chain.front().part_number())
        .At("successor_part_id", "会使替代链成环", "would turn the chain back on itself");
  }
  if (predecessor_count + 1 + static_cast<int>(successor_chain.size()) > kChainLengthMax) {
    return chassis::Refuse(v1::ERROR_REASON_SUPERSESSION_TOO_LONG)
        .With("part", part.part_number())
        .With("limit", kChainLengthMax)
        .At("successor_part_id", "替代链过长", "would make the chain too long");
  }
  return absl::OkStatus();
}

bool Fits(const v1::PartFitment& fitment, const Vehicle& vehicle) {
  if (!vehicle.model_code.empty() && fitment.model_code() != vehicle.model_code) return false;
  if (vehicle.vin.empty()) return !vehicle.model_code.empty();
  if (fitment.vin_prefix().empty()) return !vehicle.model_code.empty();
  if (vehicle.vin.rfind(fitment.vin_prefix(), 0) != 0 || vehicle.vin.size() < kVinSerialLength) return false;
  const std::string serial = vehicle.vin.substr(vehicle.vin.size() - kVinSerialLength);
  return serial >= fitment.serial_from() && (fitment.serial_to().empty() || serial <= fitment.serial_to());
}

int64_t PackOf(const v1::Part& part) {
  return part.pack_quantity_milli() > 0 ? part.pack_quantity_milli() : std::max<int64_t>(part.step_milli(), 1);
}

std::vector<std::string> Successors(const PartsById& parts, const std::string& part_id) {
  std::vector<std::string> chain;
  auto link = parts.find(part_id);
  while (link != parts.end() && !link->second.successor_part_id().empty() &&
         static_cast<int>(chain.size()) < kChainLengthMax) {
    link = parts.find(link->second.successor_part_id());
    if (link != parts.end()) chain.push_back(link->first);
  }
  return chain;
}

const v1::Part& Newest(const PartsById& parts, const std::string& part_id) {
  const std::vector<std::string> chain = Successors(parts, part_id);
  return parts.at(chain.empty() ? part_id : chain.back());
}

absl::Status CheckPriceDate(absl::Time effective_time, absl::Time now) {
  if (effective_time >= now) return absl::OkStatus();
  return chassis::Refuse(v1::ERROR_REASON_PRICE_RETROACTIVE).At("effective_time", "早于当前时间", "lies in the past");
}

std::string UnitWord(v1::Part::Unit unit) {
  return absl::AsciiStrToLower(v1::Part::Unit_Name(unit).substr(sizeof("UNIT_") - 1));
}

absl::Status UnknownParts(const std::vector<std::string>& missing, const std::vector<std::string>& fields) {
  chassis::Refusal refusal = chassis::Refuse(v1::ERROR_REASON_PART_UNKNOWN).With("parts", absl::StrJoin(missing, ", "));
  for (const std::string& field : fields) {
    refusal = std::move(refusal).At(field, "目录中没有此配件", "is not in the catalogue");
  }
  return refusal;
}

absl::Status CheckQuantity(const v1::Part& part, int64_t quantity_milli, std::string_view field) {
  if (quantity_milli % part.step_milli() == 0) return absl::OkStatus();
  return chassis::Refuse(v1::ERROR_REASON_QUANTITY_STEP)
      .With("part", part.part_number())
      .With("step", part.step_milli())
      .At(field, "不是最小数量的整数倍", "is not a multiple of the smallest quantity");
}

}  // namespace parts
