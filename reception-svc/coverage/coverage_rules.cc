// Coverage decisions; see the header. ISO dates compare as text.
#include "reception-svc/coverage/coverage_rules.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "aftersales/reception/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"
#include "reception-svc/repair_order/order_line_rules.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
namespace common = aftersales::common::v1;
using chassis::Refuse;

const v1::CoverageRule* MostSpecific(const v1::RepairOrderLine& line, const std::vector<v1::CoverageRule>& rules) {
  const v1::CoverageRule* by_system = nullptr;
  for (const v1::CoverageRule& rule : rules) {
    if (!rule.part_number().empty()) {
      if (rule.part_number() == line.part_number()) return &rule;
    } else if (rule.system() == line.system() && line.system() != common::VEHICLE_SYSTEM_UNSPECIFIED) {
      by_system = &rule;
    }
  }
  return by_system;
}

bool IsOpen(v1::Coverage coverage) {
  return coverage == v1::COVERAGE_UNDETERMINED || coverage == v1::COVERAGE_ESCALATED;
}

// Inside the warranty somebody else pays; outside it never the warranty.
bool PayerFits(v1::Coverage coverage, common::PayType payer) {
  switch (coverage) {
    case v1::COVERAGE_IN_WARRANTY:
      return payer == common::PAY_TYPE_WARRANTY || payer == common::PAY_TYPE_MANUFACTURER ||
             payer == common::PAY_TYPE_INTERNAL;
    case v1::COVERAGE_OUT_OF_WARRANTY:
      return payer != common::PAY_TYPE_WARRANTY;
    default:
      return true;
  }
}

common::PayType UsualPayer(v1::Coverage coverage) {
  return coverage == v1::COVERAGE_IN_WARRANTY ? common::PAY_TYPE_WARRANTY : common::PAY_TYPE_CUSTOMER_PAY;
}

std::string Describe(const CoverageLimit& limit) {
  if (!limit.known) return "no warranty on record";
  std::string text = limit.rule;
  if (!limit.end_date.empty()) absl::StrAppend(&text, " until ", limit.end_date);
  if (limit.end_km > 0) absl::StrAppend(&text, ", ", limit.end_km, " km");
  return text;
}

}  // namespace

std::string AddMonths(const std::string& date, int months) {
  int year, month, day;
  if (date.size() != 10 || !absl::SimpleAtoi(date.substr(0, 4), &year) ||
      !absl::SimpleAtoi(date.substr(5, 2), &month) || !absl::SimpleAtoi(date.substr(8, 2), &day)) {
    return "";
  }
  const absl::CivilMonth target = absl::CivilMonth(year, month) + months;
  const int last_day = static_cast<int>((absl::CivilDay(target + 1) - 1).day());
  return absl::StrFormat("%04d-%02d-%02d", target.year(), target.month(), std::min(day, last_day));
}

CoverageLimit LimitFor(const v1::RepairOrderLine& line, const std::vector<v1::CoverageRule>& rules,
                       const WarrantyFacts& facts) {
  const v1::CoverageRule* rule = MostSpecific(line, rules);
  if (rule != nullptr && !facts.start_date.empty()) {
    return {.rule = rule->display_name(),
            .end_date = rule->limit_months() > 0 ? AddMonths(facts.start_date, rule->limit_months()) : "",
            .end_km = rule->limit_km(),
            .known = true};
  }
  return {.rule = "vehicle", .end_date = facts.end_date, .end_km = facts.end_km, .known = !facts.end_date.empty()};
}

bool IsInside(const CoverageLimit& limit, const WarrantyFacts& facts) {
  if (!limit.known) return false;
  if (!limit.end_date.empty() && facts.today > limit.end_date) return false;
  return limit.end_km == 0 || facts.odometer_km <= limit.end_km;
}

void DecidePlainCoverage(v1::RepairOrderLine& line, const std::vector<v1::CoverageRule>& rules,
                         const WarrantyFacts& facts) {
  const CoverageLimit limit = LimitFor(line, rules, facts);
  if (IsInside(limit, facts)) {
    // Somebody must judge it; until then the customer pays.
    line.set_coverage(v1::COVERAGE_UNSPECIFIED);
    if (line.pay_type() == common::PAY_TYPE_UNSPECIFIED) line.set_pay_type(common::PAY_TYPE_CUSTOMER_PAY);
    return;
  }
  line.set_coverage(v1::COVERAGE_OUT_OF_WARRANTY);
  line.set_coverage_reason(Describe(limit));
  if (line.pay_type() == common::PAY_TYPE_UNSPECIFIED || line.pay_type() == common::PAY_TYPE_WARRANTY) {
    line.set_pay_type(common::PAY_TYPE_CUSTOMER_PAY);
  }
}

bool NeedsLimits(const v1::DecideCoverageRequest& request) {
  for (const auto& decision : request.decisions()) {
    if (decision.coverage() == v1::COVERAGE_IN_WARRANTY && decision.manufacturer_reference().empty()) return true;
  }
  return false;
}

absl::Status Decide(v1::RepairOrderLine& line, const v1::DecideCoverageRequest::Decision& decision,
                    const std::vector<v1::CoverageRule>& rules, const WarrantyFacts& facts, OrderIs order_is) {
  if (order_is == OrderIs::kSigned && !IsCoverageOpen(line)) {
    return Refuse(v1::ERROR_REASON_COVERAGE_DECIDED)
        .With("line", LineName(line))
        .At("decisions", "该行签字时已确定", "was decided when signed");
  }
  const common::PayType payer =
      decision.pay_type() == common::PAY_TYPE_UNSPECIFIED ? UsualPayer(decision.coverage()) : decision.pay_type();
  if (!PayerFits(decision.coverage(), payer)) {
    return Refuse(v1::ERROR_REASON_COVERAGE_PAYER_MISMATCH)
        .With("payer", common::PayType_Name(payer))
        .With("coverage", v1::Coverage_Name(decision.coverage()))
        .At("decisions.pay_type", "与质保结论不符", "does not go with the decision");
  }
  if (decision.coverage() == v1::COVERAGE_IN_WARRANTY && decision.manufacturer_reference().empty()) {
    const CoverageLimit limit = LimitFor(line, rules, facts);
    if (!IsInside(limit, facts)) {
      return Refuse(v1::ERROR_REASON_COVERAGE_BEYOND_LIMITS)
          .With("limit", Describe(limit))
          .At("decisions.coverage", "超出质保范围", "beyond the limits");
    }
  }
  line.set_coverage_reason(decision.reason());
  line.set_manufacturer_reference(decision.manufacturer_reference());
  if (order_is == OrderIs::kSigned) {
    line.set_final_coverage(decision.coverage());
    line.set_final_pay_type(payer);
    return absl::OkStatus();
  }
  if (line.pay_type() != payer) line.set_authorization(v1::AUTHORIZATION_PROPOSED);
  line.set_coverage(decision.coverage());
  line.set_pay_type(payer);
  return absl::OkStatus();
}

v1::Coverage CoverageOf(const v1::RepairOrderLine& line) {
  return line.final_coverage() == v1::COVERAGE_UNSPECIFIED ? line.coverage() : line.final_coverage();
}

common::PayType PayerOf(const v1::RepairOrderLine& line) {
  return line.final_pay_type() == common::PAY_TYPE_UNSPECIFIED ? line.pay_type() : line.final_pay_type();
}

bool IsCoverageOpen(const v1::RepairOrderLine& line) { return IsOpen(CoverageOf(line)); }

}  // namespace reception
