// What buyers owe (P-12): what opens a receivable, what an entry does to it, which is paid first. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "aftersales/parts/v1/receivable.pb.h"

namespace parts {

namespace v1 = aftersales::parts::v1;

// Only cash comes without a reference (COLLECTION_REFERENCE_MISSING). `field` is the payment's place in the request.
absl::Status CheckPayment(const v1::SalePayment& payment, const std::string& field);

// The sum of the payments.
template <typename Payments>
int64_t SumOf(const Payments& payments) {
  int64_t sum = 0;
  for (const v1::SalePayment& payment : payments) sum += payment.amount();
  return sum;
}

// What an entry does; settles the receivable when nothing is open any more. COLLECTION_ABOVE_OPEN, WRONG_STATE.
absl::Status Enter(v1::Receivable& receivable, const v1::Collection& entry);

// How goods worth `gross_amount` that came back are made good: credited, and what was collected beyond that paid back.
// What was written off is not paid back.
struct MadeGood {
  int64_t credit_amount = 0;
  int64_t refund_amount = 0;
};
MadeGood MakeGood(const v1::Receivable& receivable, int64_t gross_amount);

// How much of `amount` each receivable gets, those due first before the others. COLLECTION_ABOVE_OPEN.
absl::StatusOr<std::vector<int64_t>> OldestFirst(int64_t amount, const std::vector<v1::Receivable>& receivables);

// "2026-11-21" and 30 days: "2026-12-21".
std::string DayAfter(const std::string& date, int days);

}  // namespace parts
