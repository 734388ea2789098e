// Decisions about prices (R-50, G-06): which version of an operation, rate or package is in force, what labour costs,
// and what a price change must be before it may take effect. Pure: versions and time come in from outside.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aftersales/reception/v1/price_list.pb.h"

namespace reception {

// Whether a model group ("*", "A3L") holds for a model code ("A3L", "A3L-15T").
bool GroupHolds(std::string_view model_group, std::string_view model_code);

// Labour before tax: hourly amount x minutes / 60, rounded once.
int64_t LabourAmount(int64_t hourly_amount, int32_t standard_minutes);

// The price list for one model at one moment. Made by PriceListStore::Load from the versions of the codes somebody
// asks for; every answer is the version in force, or the refusal that names what the list does not hold.
class PriceBook {
 public:
  PriceBook(std::string model_code, absl::Time now, std::vector<aftersales::reception::v1::LabourOperation> operations,
            std::vector<aftersales::reception::v1::LabourRate> rates,
            std::vector<aftersales::reception::v1::ServicePackage> packages);

  // OPERATION_UNKNOWN names the code.
  absl::StatusOr<aftersales::reception::v1::LabourOperation> Operation(std::string_view code) const;
  // PACKAGE_UNKNOWN names the code.
  absl::StatusOr<aftersales::reception::v1::ServicePackage> Package(std::string_view code) const;
  // What an hour of the skill costs before tax; RATE_MISSING.
  absl::StatusOr<int64_t> HourlyAmount(aftersales::common::v1::Skill skill) const;
  // What the operation's labour costs before tax; RATE_MISSING.
  absl::StatusOr<int64_t> LabourAmountOf(const aftersales::reception::v1::LabourOperation& operation) const;

  // Everything in force, by code and model group; only what holds for the model when one was named.
  std::vector<aftersales::reception::v1::LabourOperation> Operations() const;
  std::vector<aftersales::reception::v1::LabourRate> Rates() const;
  std::vector<aftersales::reception::v1::ServicePackage> Packages() const;

 private:
  std::string model_code_;
  absl::Time now_;
  std::vector<aftersales::reception::v1::LabourOperation> operations_;
  std::vector<aftersales::reception::v1::LabourRate> rates_;
  std::vector<aftersales::reception::v1::ServicePackage> packages_;
};

// Lines without a model group hold for every model.
void FillModelGroups(aftersales::reception::v1::PriceChange& change);

// A proposal: not empty, no line twice, packages with labour, not from a day that has passed. `today` is the store's
// civil date, "2026-11-21".
absl::Status CheckProposal(const aftersales::reception::v1::PriceChange& change, std::string_view today);

// An approval: by somebody else than the proposer, not from a day that has passed.
absl::Status CheckApproval(const aftersales::reception::v1::PriceChange& change, std::string_view approver,
                           std::string_view today);

// From when the versions hold: the first moment of the effective date in the store's time zone, or now when that is
// later. Never before now, so no price changes retroactively.
absl::Time EffectiveTime(std::string_view effective_date, std::string_view time_zone, absl::Time now);

}  // namespace reception
