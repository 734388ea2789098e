// The reservation room (P-04): stock held for appointments, repair orders, add-ons and sales orders.
#pragma once

#include "chassis/server/service.h"
#include "parts-svc/reservation/holding.h"

namespace parts {

class ReservationService {
 public:
  explicit ReservationService(chassis::Rooms& rooms);

  // Ends reservations whose time has passed.
  absl::Status ExpireDue();

 private:
  absl::StatusOr<v1::Reservation> Create(chassis::Call& call, const v1::CreateReservationRequest& request);
  absl::StatusOr<v1::CancelReservationResponse> Cancel(chassis::Call& call,
                                                       const v1::CancelReservationRequest& request);

  absl::Status Expire(chassis::UnitOfWork& work, const std::string& reservation_id);

  chassis::Host& host_;
  ReservationStore store_;
  Holding holding_;
  LedgerStore ledger_;
  Queue queue_;
  LostSales lost_sales_;
  SpecialOrderStore special_orders_;
  prometheus::Counter& lines_held_;
  prometheus::Counter& lines_queued_;
  prometheus::Counter& expired_;
};

}  // namespace parts
