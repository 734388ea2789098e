// What is owed by a time in the warranty requisition room.
#pragma once

namespace parts {

inline constexpr char kRequisitionOpenDuty[] = "warranty_requisition_open";  // P-14

}  // namespace parts
