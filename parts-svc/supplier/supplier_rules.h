// Who may be ordered from, and what the facts say about a supplier (P-07). Pure: days are the store's civil dates.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "aftersales/parts/v1/policy.pb.h"
#include "aftersales/parts/v1/supplier.pb.h"

namespace parts {

namespace v1 = aftersales::parts::v1;

// "BUSINESS_LICENCE": how kinds stand in the policy and in messages.
std::string PaperName(v1::SupplierPaper::Kind kind);

// Begins before it ends, and has not ended. PAPER_DATES.
absl::Status CheckPaperDates(std::string_view from, std::string_view until, std::string_view today);

// Counts and is valid on this day.
bool IsValidOn(const v1::SupplierPaper& paper, std::string_view day);

// Of the papers the policy demands, those the supplier does not hold on this day.
std::vector<std::string> MissingPapers(const v1::Supplier& supplier, const v1::PartsPolicy& policy,
                                       std::string_view day);

// The supplier holds every paper the policy demands. SUPPLIER_PAPER_MISSING.
absl::Status CheckPapers(const v1::Supplier& supplier, const v1::PartsPolicy& policy, std::string_view day);

// May be ordered from: approved, and its papers are valid. SUPPLIER_NOT_APPROVED, SUPPLIER_PAPER_MISSING.
absl::Status CheckStanding(const v1::Supplier& supplier, const v1::PartsPolicy& policy, std::string_view day);

// Valid papers of an approved supplier that end within the policy's notice and were not announced yet. One that a
// newer paper of its kind outlives is left alone.
std::vector<int> PapersToAnnounce(const v1::Supplier& supplier, const v1::PartsPolicy& policy, std::string_view day);

// What a period held; all counts.
struct SupplierFacts {
  int64_t accepted_milli = 0;
  int64_t rejected_milli = 0;
  int64_t promised_line_count = 0;
  int64_t on_time_line_count = 0;
  int64_t ordered_amount = 0;
  int64_t contract_amount = 0;
  int64_t difference_count = 0;
  int64_t settled_in_time_count = 0;
};

// The figures, their weighted mean, and the formula in words. Without any facts there is no score.
v1::SupplierScore ScoreOf(const SupplierFacts& facts, const v1::PartsPolicy& policy);

// A period that has begun and ends after it began. EVALUATION_PERIOD.
absl::Status CheckPeriod(std::string_view start, std::string_view end, std::string_view today);

// First and last day of the month before the one `today` is in.
struct Period {
  std::string start;
  std::string end;
};
Period MonthBefore(std::string_view today);

}  // namespace parts
