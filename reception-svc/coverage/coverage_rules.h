// Who pays a line: the rule data by part or system, else the vehicle's own warranty.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "aftersales/reception/v1/coverage.pb.h"
#include "aftersales/reception/v1/repair_order.pb.h"

namespace reception {

// What is known of the vehicle on the day of the decision. Dates are ISO; empty means unknown.
struct WarrantyFacts {
  std::string start_date;
  std::string end_date;
  int32_t end_km = 0;  // 0: no such limit
  int32_t odometer_km = 0;
  std::string today;
};

// Where a line's warranty ends. The most specific rule holds: its part, its system, the vehicle.
struct CoverageLimit {
  std::string rule;      // its name, or "vehicle"
  std::string end_date;  // last day inside; empty: no limit by date
  int32_t end_km = 0;    // 0: none by distance
  bool known = false;    // false: nothing says the vehicle has any warranty
};
CoverageLimit LimitFor(const aftersales::reception::v1::RepairOrderLine& line,
                       const std::vector<aftersales::reception::v1::CoverageRule>& rules, const WarrantyFacts& facts);
bool IsInside(const CoverageLimit& limit, const WarrantyFacts& facts);

// Decides what needs nobody's judgement: lines plainly beyond their limits are out of warranty. The others stay
// undecided, and so do lines whose payer the adviser named.
void DecidePlainCoverage(aftersales::reception::v1::RepairOrderLine& line,
                         const std::vector<aftersales::reception::v1::CoverageRule>& rules, const WarrantyFacts& facts);

// Applies one decision. `signed_already`: only lines left open may still be decided, and the signed content stays.
// Refused: COVERAGE_BEYOND_LIMITS, COVERAGE_DECIDED, COVERAGE_PAYER_MISMATCH.
enum class OrderIs { kUnsigned, kSigned };
// Whether Decide looks at rules and warranty for any of these decisions: only what is said to be inside the warranty
// without the manufacturer's word is held against its limits.
bool NeedsLimits(const aftersales::reception::v1::DecideCoverageRequest& request);
absl::Status Decide(aftersales::reception::v1::RepairOrderLine& line,
                    const aftersales::reception::v1::DecideCoverageRequest::Decision& decision,
                    const std::vector<aftersales::reception::v1::CoverageRule>& rules, const WarrantyFacts& facts,
                    OrderIs order_is);

// The decision and payer that hold now, those after signature included.
aftersales::reception::v1::Coverage CoverageOf(const aftersales::reception::v1::RepairOrderLine& line);
aftersales::common::v1::PayType PayerOf(const aftersales::reception::v1::RepairOrderLine& line);
// Nobody knows yet who pays.
bool IsCoverageOpen(const aftersales::reception::v1::RepairOrderLine& line);

// "2026-11-21" plus months, the day kept inside the month; empty stays empty.
std::string AddMonths(const std::string& date, int months);

}  // namespace reception
