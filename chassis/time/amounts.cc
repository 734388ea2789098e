// The only arithmetic near money and stock. A product is formed in 128 bits; a result that does not fit into 64
// is a defect of the limits checked before (rules on the fields), so it terminates rather than wraps.
#include "chassis/time/amounts.h"

#include <algorithm>
#include <limits>

#include "chassis/status/check.h"

namespace chassis {
namespace {

using Wide = __int128;

int64_t Narrow(Wide value) {
  CHASSIS_CHECK(value >= std::numeric_limits<int64_t>::min() && value <= std::numeric_limits<int64_t>::max(),
                "an amount left the range of 64 bits");
  return static_cast<int64_t>(value);
}

Wide DivideHalfAwayFromZero(Wide dividend, Wide divisor) {
  const Wide half = divisor / 2 + divisor % 2;  // smallest remainder that rounds up
  const Wide quotient = dividend / divisor;
  const Wide remainder = dividend % divisor;
  if (remainder >= half) return quotient + 1;
  if (-remainder >= half) return quotient - 1;
  return quotient;
}

}  // namespace

int64_t MulDiv(int64_t value, int64_t numerator, int64_t denominator) {
  CHASSIS_CHECK(denominator > 0, "MulDiv needs a positive denominator");
  return Narrow(DivideHalfAwayFromZero(static_cast<Wide>(value) * numerator, denominator));
}

int64_t Extend(int64_t unit_amount, int64_t quantity_milli) { return MulDiv(unit_amount, quantity_milli, kMilli); }

int64_t Portion(int64_t amount, int64_t basis_points) { return MulDiv(amount, basis_points, kBasisPoints); }

int64_t TaxInside(int64_t gross_amount, int64_t basis_points) {
  return gross_amount - MulDiv(gross_amount, kBasisPoints, kBasisPoints + basis_points);
}

std::vector<int64_t> Split(int64_t amount, const std::vector<int64_t>& weights) {
  std::vector<int64_t> parts(weights.size(), 0);
  Wide total = 0;
  for (int64_t weight : weights) {
    CHASSIS_CHECK(weight >= 0, "Split needs weights that are not negative");
    total += weight;
  }
  if (weights.empty()) return parts;
  if (total == 0) {
    // Nobody has a claim: everything goes to the first, so that the sum still holds.
    parts[0] = amount;
    return parts;
  }
  struct Claim {
    size_t index;
    Wide remainder;
  };
  std::vector<Claim> claims;
  Wide given = 0;
  const Wide magnitude = amount < 0 ? -static_cast<Wide>(amount) : static_cast<Wide>(amount);
  for (size_t i = 0; i < weights.size(); ++i) {
    const Wide product = magnitude * weights[i];
    parts[i] = Narrow(product / total);
    given += parts[i];
    claims.push_back({i, product % total});
  }
  // Equal remainders: the earlier line gets the unit, so the result does not depend on the sort.
  std::stable_sort(claims.begin(), claims.end(),
                   [](const Claim& a, const Claim& b) { return a.remainder > b.remainder; });
  for (size_t i = 0; given < magnitude; ++i, ++given) ++parts[claims[i].index];
  if (amount < 0) {
    for (int64_t& part : parts) part = -part;
  }
  return parts;
}

namespace {

// Digits behind the point; two unless ISO 4217 says otherwise.
int MinorDigits(std::string_view currency_code) {
  for (const std::string_view none : {"JPY", "KRW", "VND", "CLP", "ISK", "PYG", "UGX", "RWF", "XAF", "XOF", "XPF"}) {
    if (currency_code == none) return 0;
  }
  for (const std::string_view three : {"KWD", "BHD", "OMR", "JOD", "TND", "IQD", "LYD"}) {
    if (currency_code == three) return 3;
  }
  return 2;
}

}  // namespace

std::string AmountText(int64_t amount, std::string_view currency_code) {
  if (currency_code.empty()) return std::to_string(amount);
  // Digits of the magnitude, which int64_t alone cannot hold for its smallest value.
  std::string digits = std::to_string(amount);
  const bool negative = digits[0] == '-';
  if (negative) digits.erase(0, 1);
  const auto minor = static_cast<size_t>(MinorDigits(currency_code));
  if (digits.size() <= minor) digits.insert(0, minor + 1 - digits.size(), '0');
  const size_t whole = digits.size() - minor;
  std::string text = negative ? "-" : "";
  for (size_t i = 0; i < whole; ++i) {
    if (i > 0 && (whole - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  if (minor > 0) text.append(".").append(digits, whole, minor);
  return text.append(" ").append(currency_code);
}

}  // namespace chassis
