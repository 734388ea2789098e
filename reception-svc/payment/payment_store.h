// The tables of money: payments, the append-only ledger, receivables, credit accounts, daily closes.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "aftersales/reception/v1/payment.pb.h"
#include "chassis/host/unit_of_work.h"
#include "chassis/records/table.h"
#include "reception-svc/payment/payment_rules.h"

namespace reception {

class PaymentStore {
 public:
  explicit PaymentStore(const chassis::privacy::Cipher& cipher)
      : payments(cipher), entries(cipher), receivables(cipher), credit_accounts(cipher), cash_closes(cipher) {}

  struct Posting {
    std::string payment_id;
    std::string cashier;
    std::string business_date;
  };
  // Appends the entries in one statement.
  absl::Status Post(chassis::UnitOfWork& work, LedgerEntries& posted, const Posting& posting) const;

  // The customer's credit account, locked; nothing when there is none.
  absl::StatusOr<std::optional<aftersales::reception::v1::CreditAccount>> LockCreditAccount(
      chassis::UnitOfWork& work, const std::string& customer_id) const;
  absl::StatusOr<bool> IsDayClosed(chassis::sql::Session& session, const std::string& store_id,
                                   const std::string& cashier, const std::string& business_date) const;

  using Balances = std::map<aftersales::reception::v1::LedgerAccount, int64_t>;
  // Debits - credits of one cashier's day, deposits included.
  absl::StatusOr<Balances> BookedBy(chassis::sql::Session& session, const std::string& store_id,
                                    const std::string& cashier, const std::string& business_date) const;
  // Debits - credits of every settlement in `settlement_ids`, by account.
  absl::StatusOr<std::map<std::string, Balances>> BalancesOf(chassis::sql::Session& session,
                                                             const std::string& store_id,
                                                             const std::vector<std::string>& settlement_ids) const;
  absl::StatusOr<std::vector<aftersales::reception::v1::Receivable>> ReceivablesAfter(chassis::sql::Session& session,
                                                                                      const std::string& store_id,
                                                                                      const std::string& after_id,
                                                                                      int64_t limit) const;
  // Credit accounts whose used amount differs from their customers' receivables.
  absl::StatusOr<chassis::sql::Rows> CreditAccountsThatDiffer(chassis::sql::Session& session,
                                                              const std::string& store_id) const;
  // Payments whose ledger entries do not come to their amount.
  absl::StatusOr<chassis::sql::Rows> PaymentsThatDiffer(chassis::sql::Session& session,
                                                        const std::string& store_id) const;

  chassis::records::Table<aftersales::reception::v1::Payment> payments;
  chassis::records::Table<aftersales::reception::v1::LedgerEntry> entries;
  chassis::records::Table<aftersales::reception::v1::Receivable> receivables;
  chassis::records::Table<aftersales::reception::v1::CreditAccount> credit_accounts;
  chassis::records::Table<aftersales::reception::v1::CashClose> cash_closes;
};

}  // namespace reception
