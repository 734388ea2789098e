// What is owed by a time in the supplier claim room.
#pragma once

namespace parts {

inline constexpr char kSupplierClaimAnswerDuty[] = "supplier_claim_answer";  // P-16

}  // namespace parts
