// What a purchase contract must be, and what it allows an order (P-08). Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "aftersales/parts/v1/contract.pb.h"
#include "parts-svc/catalogue/catalogue_rules.h"

namespace parts {

namespace v1 = aftersales::parts::v1;

// What a contract in force says about one part.
struct ContractTerms {
  std::string contract_id;
  std::string contract_number;
  int64_t unit_price_amount = 0;
  int64_t minimum_quantity_milli = 0;
  int64_t maximum_quantity_milli = 0;
};
using TermsByPart = std::map<std::string, ContractTerms>;  // by part id

// Writes what a request says into `contract`. `parts` holds those found. CONTRACT_DATES, CONTRACT_LINE_TWICE,
// PART_UNKNOWN, QUANTITY_STEP.
template <typename Request>
absl::Status WriteContract(const Request& request, const PartsById& parts, v1::PurchaseContract& contract);

// Has not ended yet. CONTRACT_DATES.
absl::Status CheckNotEnded(const v1::PurchaseContract& contract, std::string_view today);

// The most an order may pay for a part under these terms.
int64_t PriceCeiling(const ContractTerms& terms, int32_t tolerance_basis_points);

// `ordered_milli` of other orders so far. CONTRACT_QUANTITY_EXCEEDED.
absl::Status CheckContractQuantity(const ContractTerms& terms, const std::string& part_number, int64_t ordered_milli,
                                   int64_t wanted_milli);

}  // namespace parts
