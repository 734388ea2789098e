// What receiving owes by when (G-05).
#pragma once

#include "absl/time/time.h"
#include "aftersales/common/v1/duty.pb.h"
#include "aftersales/parts/v1/receiving.pb.h"

namespace parts {

inline constexpr char kReceiptDifferenceDuty[] = "receipt_difference_open";  // P-09

// The parts manager settles a receipt's differences with the supplier.
aftersales::common::v1::Duty DifferenceDuty(const aftersales::parts::v1::GoodsReceipt& receipt, absl::Time due_time);

}  // namespace parts
