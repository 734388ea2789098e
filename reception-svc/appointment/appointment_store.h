// The tables of appointments and their deposits. Settlement credits deposits through it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aftersales/reception/v1/appointment.pb.h"
#include "chassis/host/unit_of_work.h"
#include "chassis/records/table.h"

namespace reception {

class AppointmentStore {
 public:
  explicit AppointmentStore(const chassis::privacy::Cipher& cipher) : appointments(cipher), deposits(cipher) {}

  // The open appointment of this plate nearest to `now` that starts within [from, to); empty message when none.
  absl::StatusOr<aftersales::reception::v1::Appointment> OpenForPlate(chassis::sql::Session& session,
                                                                      const std::string& store_id,
                                                                      const std::string& plate, absl::Time from,
                                                                      absl::Time to, absl::Time now) const;

  // The appointment that is still to come and for which this is held; nothing when there is none.
  absl::StatusOr<std::optional<aftersales::reception::v1::Appointment>> ToCome(chassis::sql::Session& session,
                                                                               const std::string& store_id,
                                                                               const std::string& holding_id) const;

  // Deposits of the appointment that are held and not due for a refund.
  absl::StatusOr<std::vector<aftersales::reception::v1::AppointmentDeposit>> Held(
      chassis::sql::Session& session, const std::string& store_id, const std::string& appointment_id) const;
  // Their sum: what a settlement may credit. 0 for an empty appointment id.
  absl::StatusOr<int64_t> HeldAmount(chassis::sql::Session& session, const std::string& store_id,
                                     const std::string& appointment_id) const;
  // Credits every held deposit to the settlement and returns their sum. The ledger entry is the settlement's.
  absl::StatusOr<int64_t> CreditDeposits(chassis::UnitOfWork& work, const std::string& appointment_id,
                                         const std::string& settlement_id) const;

  // One row of the statistics of appointments that start in [from, to).
  struct Count {
    aftersales::reception::v1::Appointment::State state;
    aftersales::reception::v1::Appointment::Source source;
    int64_t appointments = 0;
    int64_t confirmed = 0;
    int64_t arrived = 0;
  };
  absl::StatusOr<std::vector<Count>> CountByState(chassis::sql::Session& session, const std::string& store_id,
                                                  absl::Time from, absl::Time to) const;

  chassis::records::Table<aftersales::reception::v1::Appointment> appointments;
  chassis::records::Table<aftersales::reception::v1::AppointmentDeposit> deposits;
};

}  // namespace reception
