// Decisions about appointments: what the wishes cost, how long they take, which deposit they need, and
// what must hold before an appointment is confirmed, cancelled or written off as a no-show. Pure: the price list,
// the parts' offers and the time come in from outside.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aftersales/common/v1/store.pb.h"
#include "aftersales/parts/v1/catalogue.pb.h"
#include "aftersales/reception/v1/appointment.pb.h"
#include "aftersales/reception/v1/payment.pb.h"
#include "reception-svc/price_list/price_list_rules.h"

namespace reception {

// A customer who cancels this long before the time gets the deposit back: the parts can still be sent back.
inline constexpr absl::Duration kRefundNotice = absl::Hours(24);
// A no-show is recorded this long after the appointed time at the earliest: traffic is no reason to lose the slot.
inline constexpr absl::Duration kNoShowGrace = absl::Minutes(30);
// Parts stay reserved this long beyond the appointed time, so that a late customer still finds them.
inline constexpr absl::Duration kPartsHeldAfterStart = absl::Hours(24);
// What the workshop can hold as one slot; longer work is planned by the workshop from the first day on.
inline constexpr int kSlotMinutesMin = 15;
inline constexpr int kSlotMinutesMax = 600;

// One part that is wanted, from a package or by itself.
struct PartWanted {
  std::string part_number;
  int64_t quantity_milli = 0;
  std::string package_code;
  std::string operation_code;
};

// The parts of the packages, then those asked for by number. Refuses unknown packages.
absl::StatusOr<std::vector<PartWanted>> PartsWanted(const PriceBook& book,
                                                    const aftersales::reception::v1::BookAppointmentRequest& request);

// Fills services, parts, minutes, skill, amounts and the deposit required. `offers` answers `parts` one by one.
// Refuses what the price list does not hold, naming the request's field.
absl::Status PriceAppointment(const PriceBook& book, const aftersales::reception::v1::BookAppointmentRequest& request,
                              const std::vector<PartWanted>& parts,
                              const std::vector<aftersales::parts::v1::PartOffer>& offers,
                              const aftersales::common::v1::StoreSettings& settings,
                              aftersales::reception::v1::Appointment& appointment);

// A request as such: a service wanted, a time to come, an address to fetch the vehicle from.
absl::Status CheckBooking(const aftersales::reception::v1::BookAppointmentRequest& request, absl::Time now);

// Minutes of the slot: the work's minutes, rounded up to quarters of an hour, within the workshop's limits.
int SlotMinutes(int estimated_minutes);

// A confirmation: a bay held, the deposit complete, the time to come, the customer's signature.
absl::Status CheckConfirmation(const aftersales::reception::v1::Appointment& appointment,
                               const aftersales::common::v1::Signature& signature, absl::Time now);

// When the customer is reminded: the store's hours before the time, at once when that has passed.
absl::Time ReminderTime(const aftersales::reception::v1::Appointment& appointment,
                        const aftersales::common::v1::StoreSettings& settings, absl::Time now);

// The last moment of the store's civil day.
absl::Time EndOfDay(absl::Time now, std::string_view time_zone);
// Midnight at which a civil date of the store begins. Refuses a text that is no date.
absl::StatusOr<absl::Time> StartOfDay(std::string_view date, std::string_view time_zone);

// A further deposit: no more than the parts' price in all.
absl::Status CheckDeposit(const aftersales::reception::v1::Appointment& appointment, int64_t amount);

enum class DepositFate { kRefund, kForfeit };
DepositFate DepositAfterCancellation(const aftersales::reception::v1::Appointment& appointment,
                                     aftersales::reception::v1::CancelAppointmentRequest::Initiator initiator,
                                     absl::Time now);

absl::Status CheckNoShow(const aftersales::reception::v1::Appointment& appointment, absl::Time now);

// The money of a deposit as it moves: received, paid back, forfeited.
enum class DepositMove { kReceived, kRefunded, kForfeited };
aftersales::reception::v1::LedgerEntry DepositEntry(const aftersales::reception::v1::AppointmentDeposit& deposit,
                                                    DepositMove move, const std::string& cashier,
                                                    const std::string& business_date);

// True for a signature of the customer or the customer's representative.
bool IsCustomers(const aftersales::common::v1::Signature& signature);

// part / whole in basis points; 0 of nothing.
int32_t ShareBasisPoints(int64_t part, int64_t whole);

}  // namespace reception
