// What is owed by a time in the receivable room.
#pragma once

namespace parts {

inline constexpr char kReceivableDueDuty[] = "receivable_due";  // P-12

}  // namespace parts
