// Money, quantities and rates. Money is an integer in the currency's smallest unit, quantities are integers in
// thousandths (quantity_milli), rates are basis points. All rounding of the suite happens here: half away from
// zero, once per line, and totals are sums of rounded lines.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace chassis {

inline constexpr int64_t kMilli = 1000;
inline constexpr int64_t kBasisPoints = 10000;

// value * numerator / denominator, half away from zero, computed in 128 bits. denominator > 0.
int64_t MulDiv(int64_t value, int64_t numerator, int64_t denominator);

// unit_amount x quantity_milli / 1000.
int64_t Extend(int64_t unit_amount, int64_t quantity_milli);
// amount x basis_points / 10000.
int64_t Portion(int64_t amount, int64_t basis_points);
// Tax inside a gross amount: gross - gross / (1 + rate).
int64_t TaxInside(int64_t gross_amount, int64_t basis_points);
// Splits `amount` in proportion to `weights` so that the parts sum exactly to it (largest remainders).
std::vector<int64_t> Split(int64_t amount, const std::vector<int64_t>& weights);

// As people read it: "9,366.13 CNY". ISO 4217 says how many digits of `amount` stand behind the point. Without a
// currency: the bare number of smallest units.
std::string AmountText(int64_t amount, std::string_view currency_code);

}  // namespace chassis
