// Who may be ordered from; see supplier_rules.h.
#include "parts-svc/supplier/supplier_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "aftersales/parts/v1/procurement_errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"
#include "chassis/time/amounts.h"
#include "chassis/time/dates.h"

namespace parts {
namespace {

// A figure of the score: part of whole, at most all of it.
struct Figure {
  int64_t numerator;
  int64_t denominator;
  int32_t weight;
  std::string_view zh;
  std::string_view en;

  bool IsKnown() const { return denominator > 0; }
  int32_t BasisPoints() const {
    return static_cast<int32_t>(
        std::min(chassis::kBasisPoints, chassis::MulDiv(numerator, chassis::kBasisPoints, denominator)));
  }
};

}  // namespace

std::string PaperName(v1::SupplierPaper::Kind kind) {
  return v1::SupplierPaper::Kind_Name(kind).substr(std::string_view("KIND_").size());
}

absl::Status CheckPaperDates(std::string_view from, std::string_view until, std::string_view today) {
  if (until.empty() || (from <= until && today <= until)) return absl::OkStatus();
  return chassis::Refuse(v1::PROCUREMENT_ERROR_REASON_PAPER_DATES)
      .With("from", from)
      .With("until", until)
      .At("valid_until_date", "早于起始日或已过期", "lies before its first day or has passed");
}

bool IsValidOn(const v1::SupplierPaper& paper, std::string_view day) {
  if (paper.has_withdraw_time()) return false;
  return paper.valid_from_date() <= day && (paper.valid_until_date().empty() || day <= paper.valid_until_date());
}

std::vector<std::string> MissingPapers(const v1::Supplier& supplier, const v1::PartsPolicy& policy,
                                       std::string_view day) {
  std::vector<std::string> missing;
  for (const std::string& name : policy.required_papers()) {
    const bool held = std::any_of(supplier.papers().begin(), supplier.papers().end(), [&](const auto& paper) {
      return PaperName(paper.kind()) == name && IsValidOn(paper, day);
    });
    if (!held) missing.push_back(name);
  }
  return missing;
}

absl::Status CheckPapers(const v1::Supplier& supplier, const v1::PartsPolicy& policy, std::string_view day) {
  const std::vector<std::string> missing = MissingPapers(supplier, policy, day);
  if (missing.empty()) return absl::OkStatus();
  return chassis::Refuse(v1::PROCUREMENT_ERROR_REASON_SUPPLIER_PAPER_MISSING)
      .With("supplier", supplier.code())
      .With("papers", absl::StrJoin(missing, ", "))
      .At("supplier_id", "资质不全或已过期", "lacks papers, or they have expired");
}

absl::Status CheckStanding(const v1::Supplier& supplier, const v1::PartsPolicy& policy, std::string_view day) {
  if (supplier.state() != v1::Supplier::STATE_APPROVED) {
    return chassis::Refuse(v1::PROCUREMENT_ERROR_REASON_SUPPLIER_NOT_APPROVED)
        .With("supplier", supplier.code())
        .With("state", chassis::StateName(v1::Supplier::State_descriptor(), supplier.state()))
        .At("supplier_id", "不是合格供应商", "is not an approved supplier");
  }
  return CheckPapers(supplier, policy, day);
}

std::vector<int> PapersToAnnounce(const v1::Supplier& supplier, const v1::PartsPolicy& policy, std::string_view day) {
  std::vector<int> found;
  if (supplier.state() != v1::Supplier::STATE_APPROVED) return found;
  const std::string horizon = chassis::AddDays(day, policy.paper_notice_days());
  for (int i = 0; i < supplier.papers_size(); ++i) {
    const v1::SupplierPaper& paper = supplier.papers(i);
    if (!IsValidOn(paper, day) || paper.has_notice_time() || paper.valid_until_date().empty()) continue;
    if (paper.valid_until_date() > horizon) continue;
    const bool outlived = std::any_of(supplier.papers().begin(), supplier.papers().end(), [&](const auto& other) {
      return other.kind() == paper.kind() && !other.has_withdraw_time() &&
             (other.valid_until_date().empty() || other.valid_until_date() > paper.valid_until_date()) &&
             other.valid_from_date() <= chassis::AddDays(paper.valid_until_date(), 1);
    });
    if (!outlived) found.push_back(i);
  }
  return found;
}

v1::SupplierScore ScoreOf(const SupplierFacts& facts, const v1::PartsPolicy& policy) {
  const Figure quality = {facts.accepted_milli, facts.accepted_milli + facts.rejected_milli, policy.quality_weight(),
                          "质量（合格/到货）", "quality (accepted/come)"};
  const Figure delivery = {facts.on_time_line_count, facts.promised_line_count, policy.delivery_weight(),
                           "交货（按期/应交行数）", "delivery (in time/promised lines)"};
  const Figure price = {facts.contract_amount, facts.ordered_amount, policy.price_weight(), "价格（合同价/订货价）",
                        "price (contract/ordered)"};
  const Figure service = {facts.settled_in_time_count, facts.difference_count, policy.service_weight(),
                          "服务（按期解决/差异数）", "service (settled in time/differences)"};
  v1::SupplierScore score;
  if (quality.IsKnown()) score.set_quality_basis_points(quality.BasisPoints());
  if (delivery.IsKnown()) score.set_delivery_basis_points(delivery.BasisPoints());
  if (price.IsKnown()) score.set_price_basis_points(price.BasisPoints());
  if (service.IsKnown()) score.set_service_basis_points(service.BasisPoints());
  int64_t sum = 0, weights = 0;
  std::vector<std::string> zh, en;
  for (const Figure& figure : {quality, delivery, price, service}) {
    if (!figure.IsKnown() || figure.weight == 0) continue;
    sum += static_cast<int64_t>(figure.weight) * figure.BasisPoints();
    weights += figure.weight;
    zh.push_back(
        absl::StrCat(std::string(figure.zh), " ", figure.numerator, "/", figure.denominator, " × ", figure.weight));
    en.push_back(
        absl::StrCat(std::string(figure.en), " ", figure.numerator, "/", figure.denominator, " x ", figure.weight));
  }
  if (weights > 0) {
    score.set_score_basis_points(static_cast<int32_t>(chassis::MulDiv(sum, 1, weights)));
    score.set_formula_zh(absl::StrCat("（", absl::StrJoin(zh, " + "), "）÷ ", weights));
    score.set_formula_en(absl::StrCat("(", absl::StrJoin(en, " + "), ") / ", weights));
  }
  score.set_accepted_milli(facts.accepted_milli);
  score.set_rejected_milli(facts.rejected_milli);
  score.set_promised_line_count(facts.promised_line_count);
  score.set_on_time_line_count(facts.on_time_line_count);
  score.set_ordered_amount(facts.ordered_amount);
  score.set_contract_amount(facts.contract_amount);
  score.set_difference_count(facts.difference_count);
  score.set_settled_in_time_count(facts.settled_in_time_count);
  return score;
}

absl::Status CheckPeriod(std::string_view start, std::string_view end, std::string_view today) {
  if (start <= end && start <= today) return absl::OkStatus();
  return chassis::Refuse(v1::PROCUREMENT_ERROR_REASON_EVALUATION_PERIOD)
      .With("from", start)
      .With("until", end)
      .At("start_date", "晚于结束日或在未来", "lies after the end or in the future");
}

Period MonthBefore(std::string_view today) {
  const std::string first_of_month = absl::StrCat(std::string(today.substr(0, 8)), "01");
  const std::string last = chassis::AddDays(first_of_month, -1);
  return {absl::StrCat(last.substr(0, 8), "01"), last};
}

}  // namespace parts
