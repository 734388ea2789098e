// What happens to a receivable; see till.h.
#include "parts-svc/receivable/till.h"

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "parts-svc/receivable/receivable_duties.h"

namespace parts {
namespace {

// The end of the day in the store's time zone.
absl::Time EndOf(const std::string& date, const std::string& time_zone) {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(time_zone, &zone)) zone = absl::UTCTimeZone();
  absl::CivilDay day;
  if (!absl::ParseCivilTime(date, &day)) return absl::InfinitePast();
  return absl::FromCivil(day + 1, zone);
}

}  // namespace

absl::Status Till::Open(chassis::UnitOfWork& work, const std::string& time_zone, v1::Receivable& receivable) {
  receivable.set_store_id(work.store_id());
  receivable.set_state(v1::Receivable::STATE_OPEN);
  receivable.set_open_amount(receivable.gross_amount());
  if (receivable.gross_amount() == 0) RETURN_IF_ERROR(chassis::MoveTo(receivable, v1::Receivable::STATE_SETTLED));
  RETURN_IF_ERROR(store_.table().Insert(work, receivable));
  if (receivable.gross_amount() == 0) return absl::OkStatus();
  aftersales::common::v1::Duty duty;
  duty.set_kind(kReceivableDueDuty);
  duty.set_handbook("P-12");
  duty.set_subject_kind("receivable");
  duty.set_subject_id(receivable.receivable_id());
  duty.set_subject_number(receivable.number());
  duty.set_assignee_role(aftersales::options::v1::ROLE_CASHIER);
  duty.set_escalation_role(aftersales::options::v1::ROLE_PARTS_MANAGER);
  *duty.mutable_due_time() = chassis::ToProto(EndOf(receivable.due_date(), time_zone));
  work.Owe(std::move(duty));
  return absl::OkStatus();
}

absl::Status Till::Enter(chassis::UnitOfWork& work, v1::Receivable& receivable, std::vector<v1::Collection> entries) {
  if (entries.empty()) return absl::OkStatus();
  const v1::Receivable before = receivable;
  for (v1::Collection& entry : entries) {
    entry.set_store_id(work.store_id());
    entry.set_receivable_id(receivable.receivable_id());
    entry.set_buyer_id(receivable.buyer_id());
    entry.set_cashier(work.actor().subject);
    RETURN_IF_ERROR(parts::Enter(receivable, entry));
  }
  RETURN_IF_ERROR(store_.collections().InsertAll(work, entries));
  RETURN_IF_ERROR(store_.table().Update(work, before, receivable));
  if (receivable.open_amount() > 0) return absl::OkStatus();
  return work.CompleteDuties(kReceivableDueDuty, receivable.receivable_id(), "nothing is open any more");
}

v1::Collection CollectionOf(const v1::SalePayment& payment, const std::string& number,
                            const std::string& business_date) {
  v1::Collection entry;
  entry.set_kind(v1::Collection::KIND_COLLECTION);
  entry.set_number(number);
  entry.set_method(payment.method());
  entry.set_amount(payment.amount());
  entry.set_reference(payment.reference());
  entry.set_business_date(business_date);
  return entry;
}

}  // namespace parts
