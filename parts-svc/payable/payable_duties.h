// What is owed to suppliers by when (G-05).
#pragma once

namespace parts {

inline constexpr char kPayableDueDuty[] = "payable_due";                   // P-09
inline constexpr char kInvoiceBlockedDuty[] = "supplier_invoice_blocked";  // P-09

}  // namespace parts
