// What buyers owe; see receivable_rules.h.
#include "parts-svc/receivable/receivable_rules.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "aftersales/parts/v1/sales_errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"

namespace parts {
namespace {

absl::Status AboveOpen(int64_t amount, int64_t open_amount) {
  return chassis::Refuse(v1::SALES_ERROR_REASON_COLLECTION_ABOVE_OPEN)
      .With("amount", amount)
      .With("open", open_amount)
      .At("payment.amount", "超过未收金额", "is more than is open");
}

}  // namespace

absl::Status CheckPayment(const v1::SalePayment& payment, const std::string& field) {
  if (payment.method() == v1::COLLECTION_METHOD_CASH || !payment.reference().empty()) return absl::OkStatus();
  return chassis::Refuse(v1::SALES_ERROR_REASON_COLLECTION_REFERENCE_MISSING)
      .At(absl::StrCat(field, ".reference"), "必填", "is required");
}

absl::Status Enter(v1::Receivable& receivable, const v1::Collection& entry) {
  const int64_t amount = entry.amount();
  const bool pays = entry.kind() != v1::Collection::KIND_REFUND;
  if (pays && amount > receivable.open_amount()) return AboveOpen(amount, receivable.open_amount());
  switch (entry.kind()) {
    case v1::Collection::KIND_COLLECTION:
      receivable.set_collected_amount(receivable.collected_amount() + amount);
      break;
    case v1::Collection::KIND_REFUND:
      receivable.set_collected_amount(receivable.collected_amount() - amount);
      break;
    case v1::Collection::KIND_CREDIT:
      receivable.set_credited_amount(receivable.credited_amount() + amount);
      break;
    case v1::Collection::KIND_WRITE_OFF:
      receivable.set_written_off_amount(receivable.written_off_amount() + amount);
      break;
    default:
      return absl::InternalError("an entry of no kind");
  }
  receivable.set_open_amount(receivable.gross_amount() - receivable.collected_amount() - receivable.credited_amount() -
                             receivable.written_off_amount());
  if (entry.kind() == v1::Collection::KIND_WRITE_OFF) {
    return chassis::MoveTo(receivable, v1::Receivable::STATE_WRITTEN_OFF);
  }
  if (receivable.open_amount() > 0 || receivable.state() != v1::Receivable::STATE_OPEN) return absl::OkStatus();
  return chassis::MoveTo(receivable, v1::Receivable::STATE_SETTLED);
}

MadeGood MakeGood(const v1::Receivable& receivable, int64_t gross_amount) {
  MadeGood made;
  made.credit_amount = std::min(gross_amount, receivable.open_amount() + receivable.collected_amount());
  made.refund_amount = std::max<int64_t>(0, made.credit_amount - receivable.open_amount());
  return made;
}

absl::StatusOr<std::vector<int64_t>> OldestFirst(int64_t amount, const std::vector<v1::Receivable>& receivables) {
  std::vector<size_t> order(receivables.size());
  int64_t open = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    order[i] = i;
    open += receivables[i].open_amount();
  }
  if (amount > open) return AboveOpen(amount, open);
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return std::forward_as_tuple(receivables[a].due_date(), receivables[a].number()) <
           std::forward_as_tuple(receivables[b].due_date(), receivables[b].number());
  });
  std::vector<int64_t> shares(receivables.size(), 0);
  for (const size_t i : order) {
    shares[i] = std::min(amount, receivables[i].open_amount());
    amount -= shares[i];
  }
  return shares;
}

std::string DayAfter(const std::string& date, int days) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(date, &day)) return date;
  return absl::FormatCivilTime(day + days);
}

}  // namespace parts
