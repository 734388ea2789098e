// The SQL of receivables and collections.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "chassis/records/table.h"
#include "parts-svc/receivable/receivable_rules.h"

namespace parts {

// What a buyer owes today.
struct Debt {
  int64_t open_amount = 0;
  int64_t overdue_amount = 0;
};

class ReceivableStore {
 public:
  explicit ReceivableStore(const chassis::privacy::Cipher& cipher) : table_(cipher), collections_(cipher) {}

  absl::StatusOr<Debt> DebtOf(chassis::sql::Session& session, const std::string& store_id, const std::string& buyer_id,
                              const std::string& today);
  absl::StatusOr<int64_t> OpenOfSale(chassis::sql::Session& session, const std::string& store_id,
                                     const std::string& sale_id);
  // The first thousand by due date; locked.
  absl::StatusOr<std::vector<v1::Receivable>> LockOpenOf(chassis::UnitOfWork& work, const std::string& buyer_id);
  absl::StatusOr<v1::ReceivablesAgeing> Ageing(chassis::sql::Session& session, const std::string& store_id,
                                               const std::string& today);

  const chassis::records::Table<v1::Receivable>& table() const { return table_; }
  const chassis::records::Table<v1::Collection>& collections() const { return collections_; }

 private:
  chassis::records::Table<v1::Receivable> table_;
  chassis::records::Table<v1::Collection> collections_;
};

}  // namespace parts
