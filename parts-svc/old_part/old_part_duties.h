// What is owed by a time in the old part room.
#pragma once

namespace parts {

inline constexpr char kOldPartNotReturnedDuty[] = "old_part_not_returned";  // P-15
inline constexpr char kOldPartProcessingDuty[] = "old_part_processing";     // P-15

}  // namespace parts
