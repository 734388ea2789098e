// The SQL of payables, their ledger, payments and credits.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "chassis/records/table.h"
#include "parts-svc/payable/payable_rules.h"

namespace parts {

class PayableStore {
 public:
  explicit PayableStore(const chassis::privacy::Cipher& cipher)
      : payables_(cipher), entries_(cipher), payments_(cipher), credits_(cipher) {}

  // Found ones by id, locked in key order.
  absl::StatusOr<std::map<std::string, v1::Payable>> LockByIds(chassis::UnitOfWork& work,
                                                               const std::vector<std::string>& payable_ids);
  // What is open by supplier and due day, then what credits have left; suppliers by name.
  absl::StatusOr<std::vector<OpenItem>> OpenItems(chassis::sql::Session& session, const std::string& store_id);
  const chassis::records::Table<v1::Payable>& payables() const { return payables_; }
  const chassis::records::Table<v1::PayableEntry>& entries() const { return entries_; }
  const chassis::records::Table<v1::SupplierPayment>& payments() const { return payments_; }
  const chassis::records::Table<v1::SupplierCredit>& credits() const { return credits_; }

 private:
  chassis::records::Table<v1::Payable> payables_;
  chassis::records::Table<v1::PayableEntry> entries_;
  chassis::records::Table<v1::SupplierPayment> payments_;
  chassis::records::Table<v1::SupplierCredit> credits_;
};

}  // namespace parts
