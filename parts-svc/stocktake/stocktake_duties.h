// The duties of counting.
#pragma once

namespace parts {

inline constexpr char kStocktakeOpenDuty[] = "stocktake_open";  // P-10
inline constexpr char kStocktakeDueDuty[] = "stocktake_due";    // P-10

}  // namespace parts
