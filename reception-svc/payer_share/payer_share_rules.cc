#include "reception-svc/payer_share/payer_share_rules.h"

#include "aftersales/reception/v1/payer_share_errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"
#include "reception-svc/payment/payment_rules.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
using chassis::Refuse;

v1::LedgerAccount AccountOf(v1::PayerShare::Payer payer) {
  switch (payer) {
    case v1::PayerShare::PAYER_INSURANCE:
      return v1::LEDGER_ACCOUNT_INSURANCE;
    case v1::PayerShare::PAYER_MANUFACTURER:
      return v1::LEDGER_ACCOUNT_MANUFACTURER;
    default:
      return v1::LEDGER_ACCOUNT_WARRANTY;
  }
}

}  // namespace

std::vector<v1::PayerShare> SharesOf(const v1::Settlement& settlement) {
  const struct {
    v1::PayerShare::Payer payer;
    int64_t amount;
  } owed[] = {{v1::PayerShare::PAYER_WARRANTY, settlement.warranty_amount()},
              {v1::PayerShare::PAYER_INSURANCE, settlement.insurance_amount()},
              {v1::PayerShare::PAYER_MANUFACTURER, settlement.manufacturer_amount()}};
  std::vector<v1::PayerShare> shares;
  for (const auto& [payer, amount] : owed) {
    if (amount == 0) continue;
    v1::PayerShare& share = shares.emplace_back();
    share.set_store_id(settlement.store_id());
    share.set_settlement_id(settlement.settlement_id());
    share.set_settlement_number(settlement.number());
    share.set_repair_order_id(settlement.repair_order_id());
    share.set_payer(payer);
    share.set_state(v1::PayerShare::STATE_OPEN);
    share.set_total_amount(amount);
    share.set_open_amount(amount);
  }
  return shares;
}

absl::StatusOr<v1::LedgerEntry> Collect(v1::PayerShare& share, const v1::Payment& payment) {
  if (payment.method() == v1::PAYMENT_METHOD_ON_ACCOUNT) {
    return Refuse(v1::PAYER_SHARE_ERROR_REASON_SHARE_METHOD_WRONG).At("method", "不适用", "does not bring money");
  }
  if (payment.reference().empty()) {
    return Refuse(v1::PAYER_SHARE_ERROR_REASON_SHARE_REFERENCE_MISSING).At("reference", "缺少凭证号", "missing");
  }
  if (payment.amount() > share.open_amount()) {
    return Refuse(v1::PAYER_SHARE_ERROR_REASON_SHARE_ABOVE_OPEN)
        .With("open", share.open_amount())
        .At("amount", "超过未付金额", "is above what is open");
  }
  share.set_collected_amount(share.collected_amount() + payment.amount());
  share.set_open_amount(share.total_amount() - share.collected_amount());
  RETURN_IF_ERROR(chassis::MoveTo(
      share, share.open_amount() == 0 ? v1::PayerShare::STATE_COLLECTED : v1::PayerShare::STATE_PARTLY_COLLECTED));
  // Without the settlement: its customer's receivable is no business of this payer's money. The payment names it.
  v1::LedgerEntry entry;
  entry.set_debit_account(AccountOf(payment.method()));
  entry.set_credit_account(AccountOf(share.payer()));
  entry.set_amount(payment.amount());
  return entry;
}

}  // namespace reception
