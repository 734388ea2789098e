// Money for settlements: what a payment or refund does to a receivable, which double entries it makes, when a
// credit account may be used, and a cashier's daily close.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aftersales/reception/v1/payment.pb.h"
#include "aftersales/reception/v1/settlement.pb.h"
#include "chassis/status/refusal.h"

namespace reception {

using LedgerEntries = std::vector<aftersales::reception::v1::LedgerEntry>;

// The receivable an issued settlement opens, and the entries that book it: sales by who owes them, deposit credited.
aftersales::reception::v1::Receivable OpenReceivable(const aftersales::reception::v1::Settlement& settlement);
LedgerEntries BookSettlement(const aftersales::reception::v1::Settlement& settlement);

// A payment: what is open first, then what is on account. ON_ACCOUNT only takes what is open.
// Refused: PAYMENT_ABOVE_OPEN, PAYMENT_REFERENCE_MISSING.
absl::StatusOr<LedgerEntries> Pay(aftersales::reception::v1::Receivable& receivable,
                                  const aftersales::reception::v1::Payment& payment);
// Gives part of a payment back: what it paid is open again. Refused: REFUND_ABOVE_PAYMENT, PAYMENT_REFERENCE_MISSING.
absl::StatusOr<LedgerEntries> Refund(aftersales::reception::v1::Receivable& receivable,
                                     aftersales::reception::v1::Payment& paid,
                                     const aftersales::reception::v1::Payment& refund);
// Pays out what the deposit exceeds the bill by. Refused: NOTHING_TO_REFUND, METHOD_NOT_FOR_REFUND.
absl::StatusOr<LedgerEntries> RefundExcess(aftersales::reception::v1::Receivable& receivable,
                                           aftersales::reception::v1::Payment& refund);

// How much more (or less) of the credit account these entries use.
int64_t CreditUse(const LedgerEntries& entries);
// Uses the account by `amount` (negative gives back). Refused: NO_CREDIT_ACCOUNT, CREDIT_LIMIT_EXCEEDED.
absl::Status UseCredit(std::optional<aftersales::reception::v1::CreditAccount>& account, int64_t amount);

// The civil day by which a debt of `business_date` is to be paid.
std::string DueDate(const std::string& business_date, int32_t due_days);

// Nothing is to be paid before pick-up any more.
bool IsSettledForPickUp(const aftersales::reception::v1::Receivable& receivable);

// The cashier has closed this day: no money moves for it any more. `field` is the request's.
chassis::Refusal DayClosed(std::string_view business_date, std::string_view field);

// The account money of this method lies in.
aftersales::reception::v1::LedgerAccount AccountOf(aftersales::reception::v1::PaymentMethod method);

// Booked per account of money against what was counted. Refused: CLOSE_DIFFERENCE_UNEXPLAINED, CLOSE_DATE_WRONG.
absl::StatusOr<aftersales::reception::v1::CashClose> CloseDay(
    const aftersales::reception::v1::CloseCashierDayRequest& request,
    const std::map<aftersales::reception::v1::LedgerAccount, int64_t>& booked, const std::string& today);

// What the ledger says of one receivable against what it says itself; empty when they agree. `balances` are the
// ledger's balances (debits - credits) of its settlement by account.
std::string DiffersFromLedger(const aftersales::reception::v1::Receivable& receivable,
                              const std::map<aftersales::reception::v1::LedgerAccount, int64_t>& balances);

}  // namespace reception
