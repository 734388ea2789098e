// The RPCs of appointments: booking with slot and parts, deposits, confirmation, rescheduling,
// cancellation, no-show, register and statistics.
#pragma once

#include "aftersales/crm/v1/check_in.pb.h"
#include "aftersales/reception/v1/appointment.pb.h"
#include "aftersales/reception/v1/payment.pb.h"
#include "chassis/server/service.h"
#include "reception-svc/appointment/appointment_holding.h"
#include "reception-svc/appointment/appointment_rules.h"
#include "reception-svc/appointment/appointment_store.h"
#include "reception-svc/payment/payment_store.h"
#include "reception-svc/price_list/price_list_store.h"

namespace reception {

class AppointmentService {
 public:
  explicit AppointmentService(chassis::Rooms& rooms);
  const AppointmentStore& store() const { return store_; }

 private:
  using Appointment = aftersales::reception::v1::Appointment;
  using Deposit = aftersales::reception::v1::AppointmentDeposit;

  absl::StatusOr<Appointment> Book(chassis::Call& call,
                                   const aftersales::reception::v1::BookAppointmentRequest& request);
  absl::StatusOr<Deposit> RecordDeposit(chassis::Call& call,
                                        const aftersales::reception::v1::RecordDepositRequest& request);
  absl::StatusOr<Deposit> RefundDeposit(chassis::Call& call,
                                        const aftersales::reception::v1::RefundDepositRequest& request);
  absl::StatusOr<Appointment> Confirm(chassis::Call& call,
                                      const aftersales::reception::v1::ConfirmAppointmentRequest& request);
  absl::StatusOr<Appointment> Reschedule(chassis::Call& call,
                                         const aftersales::reception::v1::RescheduleAppointmentRequest& request);
  absl::StatusOr<Appointment> Cancel(chassis::Call& call,
                                     const aftersales::reception::v1::CancelAppointmentRequest& request);
  absl::StatusOr<Appointment> RecordNoShow(chassis::Call& call,
                                           const aftersales::reception::v1::RecordNoShowRequest& request);
  absl::StatusOr<aftersales::reception::v1::AppointmentStatistics> GetStatistics(
      chassis::Call& call, const aftersales::reception::v1::GetAppointmentStatisticsRequest& request);

  // Customer and vehicle of the request, from their archives or as the customer told them.
  absl::Status FillVehicle(chassis::Call& call, const aftersales::reception::v1::BookAppointmentRequest& request,
                           Appointment& appointment);
  // Wishes, prices, amounts, deposit.
  absl::Status FillWishes(chassis::Call& call, const aftersales::reception::v1::BookAppointmentRequest& request,
                          const aftersales::common::v1::Store& store, Appointment& appointment);
  // Locked, in one of `states`, and with no process under way.
  absl::StatusOr<Appointment> LockIdle(chassis::UnitOfWork& work, const std::string& appointment_id,
                                       std::initializer_list<int> states) const;
  // Ends the appointment in `target`, deals with its deposits, and starts giving back what is held.
  absl::StatusOr<Appointment> Close(chassis::UnitOfWork& work, const Appointment& before, Appointment::State target,
                                    DepositFate fate, const std::string& reason,
                                    const std::string& business_date) const;
  absl::Status SettleDeposits(chassis::UnitOfWork& work, Appointment& appointment, DepositFate fate,
                              const std::string& reason, const std::string& business_date) const;
  // Drives what Close started; what a peer's outage holds up is finished by the worker.
  absl::StatusOr<Appointment> AfterClosing(chassis::Call& call, const Appointment& closed);
  // Refused when the caller has closed that day: no deposit comes in or goes out any more.
  absl::Status CheckDayOpen(chassis::UnitOfWork& work, const std::string& business_date, std::string_view field) const;
  absl::Status Post(chassis::UnitOfWork& work, const Deposit& deposit, DepositMove move,
                    const std::string& business_date) const;

  chassis::Host& host_;
  AppointmentStore store_;
  PriceListStore prices_;
  PaymentStore payments_;
  AppointmentHoldings holdings_;
};

}  // namespace reception
