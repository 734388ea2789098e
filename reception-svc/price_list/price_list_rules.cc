#include "reception-svc/price_list/price_list_rules.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "aftersales/reception/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"
#include "chassis/time/amounts.h"
#include "chassis/time/clock.h"

namespace reception {

namespace v1 = aftersales::reception::v1;
namespace common = aftersales::common::v1;

namespace {

constexpr std::string_view kEveryModel = "*";

// The longest group that holds is the most particular one.
size_t Particularity(std::string_view model_group) { return model_group == kEveryModel ? 0 : model_group.size(); }

template <typename Version>
bool InForce(const Version& version, absl::Time now) {
  return chassis::FromProto(version.effective_time()) <= now;
}

// The latest version in force of each (code, model group), withdrawn ones left out.
template <typename Version>
std::vector<Version> LatestPerGroup(const std::vector<Version>& versions, absl::Time now) {
  std::map<std::pair<std::string, std::string>, const Version*> latest;
  for (const Version& version : versions) {
    if (!InForce(version, now)) continue;
    const Version*& kept = latest[{version.code(), version.model_group()}];
    if (kept == nullptr || chassis::FromProto(kept->effective_time()) < chassis::FromProto(version.effective_time())) {
      kept = &version;
    }
  }
  std::vector<Version> result;
  for (const auto& [key, version] : latest) {
    if (!version->withdrawn()) result.push_back(*version);
  }
  return result;
}

// Without a model every group counts; with one only those that hold for it, the most particular per code.
template <typename Version>
std::vector<Version> ForModel(std::vector<Version> versions, std::string_view model_code) {
  if (model_code.empty()) return versions;
  std::map<std::string, Version> chosen;
  for (Version& version : versions) {
    if (!GroupHolds(version.model_group(), model_code)) continue;
    auto [place, added] = chosen.try_emplace(version.code(), version);
    if (!added && Particularity(version.model_group()) > Particularity(place->second.model_group())) {
      place->second = std::move(version);
    }
  }
  std::vector<Version> result;
  for (auto& [code, version] : chosen) result.push_back(std::move(version));
  return result;
}

// The version of one code for a model; a vehicle of unknown model gets what holds for every model.
template <typename Version>
const Version* Find(const std::vector<Version>& in_force, std::string_view code, std::string_view model_code) {
  const Version* found = nullptr;
  for (const Version& version : in_force) {
    if (version.code() != code || !GroupHolds(version.model_group(), model_code)) continue;
    if (found == nullptr || Particularity(version.model_group()) > Particularity(found->model_group())) {
      found = &version;
    }
  }
  return found;
}

absl::Status CheckNotRepeated(std::set<std::string>& seen, const std::string& line, const std::string& field) {
  if (seen.insert(line).second) return absl::OkStatus();
  return chassis::Refuse(v1::ERROR_REASON_PRICE_LINE_REPEATED)
      .With("what", line)
      .At(field, "重复的价目行", "stands in this price change already");
}

absl::Status CheckDate(const v1::PriceChange& change, std::string_view today) {
  // ISO dates compare as text.
  if (std::string_view(change.effective_date()) >= today) return absl::OkStatus();
  return chassis::Refuse(v1::ERROR_REASON_PRICE_CHANGE_RETROACTIVE)
      .With("date", change.effective_date())
      .With("today", today)
      .At("effective_date", "不得早于今天", "may not lie before today");
}

}  // namespace

bool GroupHolds(std::string_view model_group, std::string_view model_code) {
  if (model_group == kEveryModel) return true;
  return model_group == model_code || model_code.starts_with(std::string(model_group) + "-");
}

int64_t LabourAmount(int64_t hourly_amount, int32_t standard_minutes) {
  return chassis::MulDiv(hourly_amount, standard_minutes, 60);
}

PriceBook::PriceBook(std::string model_code, absl::Time now, std::vector<v1::LabourOperation> operations,
                     std::vector<v1::LabourRate> rates, std::vector<v1::ServicePackage> packages)
    : model_code_(std::move(model_code)),
      now_(now),
      operations_(LatestPerGroup(operations, now)),
      packages_(LatestPerGroup(packages, now)) {
  std::map<int, const v1::LabourRate*> latest;
  for (const v1::LabourRate& rate : rates) {
    if (!InForce(rate, now)) continue;
    const v1::LabourRate*& kept = latest[rate.skill()];
    if (kept == nullptr || chassis::FromProto(kept->effective_time()) < chassis::FromProto(rate.effective_time())) {
      kept = &rate;
    }
  }
  for (const auto& [skill, rate] : latest) rates_.push_back(*rate);
}

absl::StatusOr<v1::LabourOperation> PriceBook::Operation(std::string_view code) const {
  const v1::LabourOperation* found = Find(operations_, code, model_code_);
  if (found != nullptr) return *found;
  return chassis::Refuse(v1::ERROR_REASON_OPERATION_UNKNOWN).With("code", code);
}

absl::StatusOr<v1::ServicePackage> PriceBook::Package(std::string_view code) const {
  const v1::ServicePackage* found = Find(packages_, code, model_code_);
  if (found != nullptr) return *found;
  return chassis::Refuse(v1::ERROR_REASON_PACKAGE_UNKNOWN).With("code", code);
}

absl::StatusOr<int64_t> PriceBook::HourlyAmount(common::Skill skill) const {
  for (const v1::LabourRate& rate : rates_) {
    if (rate.skill() == skill) return rate.hourly_amount();
  }
  return chassis::Refuse(v1::ERROR_REASON_RATE_MISSING)
      .With("skill", std::string_view(common::Skill_Name(skill)).substr(sizeof("SKILL_") - 1));
}

absl::StatusOr<int64_t> PriceBook::LabourAmountOf(const v1::LabourOperation& operation) const {
  ASSIGN_OR_RETURN(int64_t hourly_amount, HourlyAmount(operation.skill()));
  return LabourAmount(hourly_amount, operation.standard_minutes());
}

std::vector<v1::LabourOperation> PriceBook::Operations() const { return ForModel(operations_, model_code_); }
std::vector<v1::LabourRate> PriceBook::Rates() const { return rates_; }
std::vector<v1::ServicePackage> PriceBook::Packages() const { return ForModel(packages_, model_code_); }

void FillModelGroups(v1::PriceChange& change) {
  for (v1::LabourOperation& operation : *change.mutable_labour_operations()) {
    if (operation.model_group().empty()) operation.set_model_group(std::string(kEveryModel));
  }
  for (v1::ServicePackage& package : *change.mutable_service_packages()) {
    if (package.model_group().empty()) package.set_model_group(std::string(kEveryModel));
  }
}

absl::Status CheckProposal(const v1::PriceChange& change, std::string_view today) {
  if (change.labour_operations().empty() && change.labour_rates().empty() && change.service_packages().empty()) {
    return chassis::Refuse(v1::ERROR_REASON_PRICE_CHANGE_EMPTY)
        .At("labour_operations", "工时项目、单价和套餐均为空", "neither operations nor rates nor packages are given");
  }
  RETURN_IF_ERROR(CheckDate(change, today));
  std::set<std::string> seen;
  for (int i = 0; i < change.labour_operations_size(); ++i) {
    const v1::LabourOperation& operation = change.labour_operations(i);
    RETURN_IF_ERROR(CheckNotRepeated(seen, absl::StrCat(operation.code(), " ", operation.model_group()),
                                     absl::StrCat("labour_operations[", i, "].code")));
  }
  seen.clear();
  for (int i = 0; i < change.labour_rates_size(); ++i) {
    RETURN_IF_ERROR(CheckNotRepeated(seen, common::Skill_Name(change.labour_rates(i).skill()),
                                     absl::StrCat("labour_rates[", i, "].skill")));
  }
  seen.clear();
  for (int i = 0; i < change.service_packages_size(); ++i) {
    const v1::ServicePackage& package = change.service_packages(i);
    const std::string field = absl::StrCat("service_packages[", i, "]");
    RETURN_IF_ERROR(
        CheckNotRepeated(seen, absl::StrCat(package.code(), " ", package.model_group()), absl::StrCat(field, ".code")));
    if (package.operation_codes().empty() && !package.withdrawn()) {
      return chassis::Refuse(v1::ERROR_REASON_PACKAGE_EMPTY)
          .With("code", package.code())
          .At(absl::StrCat(field, ".operation_codes"), "至少一个工时项目", "at least one labour operation");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckApproval(const v1::PriceChange& change, std::string_view approver, std::string_view today) {
  if (change.proposed_by() == approver) {
    return chassis::Refuse(v1::ERROR_REASON_PRICE_CHANGE_SELF_APPROVED)
        .At("price_change_id", "不能批准自己提出的调价", "you proposed this change yourself");
  }
  return CheckDate(change, today);
}

absl::Time EffectiveTime(std::string_view effective_date, std::string_view time_zone, absl::Time now) {
  absl::TimeZone zone = absl::UTCTimeZone();
  absl::LoadTimeZone(std::string(time_zone), &zone);
  absl::Time start = absl::InfinitePast();
  std::string error;
  absl::ParseTime("%Y-%m-%d", std::string(effective_date), zone, &start, &error);
  return std::max(start, now);
}

}  // namespace reception
