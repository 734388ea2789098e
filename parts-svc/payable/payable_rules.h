// How payables and credits move (P-09): by proposals, payments and credits set off, never beyond what is open; and how
// old what is open has become. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "aftersales/parts/v1/payable.pb.h"

namespace parts {

namespace v1 = aftersales::parts::v1;

// Owed still: neither paid nor credited.
int64_t OpenAmount(const v1::Payable& payable);

// Each changes the payable. PAYMENT_EXCEEDS_PAYABLE (at `field`) beyond what is open and not proposed.
absl::Status Propose(int64_t amount, const std::string& field, v1::Payable& payable);
void Withdraw(int64_t amount, v1::Payable& payable);
// What was proposed before is paid.
absl::Status Pay(int64_t amount, v1::Payable& payable);
absl::Status SetOff(int64_t amount, v1::Payable& payable, v1::SupplierCredit& credit);

v1::PayableEntry Entry(const v1::Payable& payable, v1::PayableEntry::Account debit, v1::PayableEntry::Account credit,
                       int64_t amount, const std::string& document_id, const std::string& document_number);

// The due date of a bill, and the moment its day is over in the store.
absl::CivilDay DueDay(absl::CivilDay invoice_day, int payment_days);
absl::Time EndOf(absl::CivilDay day, const std::string& time_zone);

// What one supplier is owed by one day, and what of his credits is left (without a day).
struct OpenItem {
  std::string supplier_id;
  std::string supplier_name;
  absl::CivilDay due_day;
  int64_t amount = 0;
  bool credit = false;
};
// Suppliers in the order of the items.
v1::PayablesAgeing Age(const std::vector<OpenItem>& items, absl::CivilDay as_of);

}  // namespace parts
