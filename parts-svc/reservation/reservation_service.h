// The reservation room (P-04): stock held for appointments, repair orders, add-ons and sales orders.
#pragma once

#include <string_view>

#include "chassis/server/service.h"
#include "parts-svc/catalogue/catalogue_store.h"
#include "parts-svc/reservation/queue.h"

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

  absl::StatusOr<v1::Reservation> Reserve(chassis::UnitOfWork& work, const v1::CreateReservationRequest& request,
                                          int reservation_days);
  absl::Status HoldWhatThereIs(chassis::UnitOfWork& work, const v1::CreateReservationRequest& request, PartsById& parts,
                               const StockDeltas& freed, v1::Reservation& reservation);
  // Gives the reservation up as `state`; answers what that frees.
  absl::StatusOr<StockDeltas> End(chassis::UnitOfWork& work, const v1::Reservation& before,
                                  v1::Reservation::State state);
  absl::Status EndAll(chassis::UnitOfWork& work, const std::vector<v1::Reservation>& reservations,
                      std::string_view reason);
  absl::Status Expire(chassis::UnitOfWork& work, const std::string& reservation_id);

  chassis::Host& host_;
  ReservationStore store_;
  CatalogueStore catalogue_;
  LedgerStore ledger_;
  Queue queue_;
  prometheus::Counter& lines_held_;
  prometheus::Counter& lines_queued_;
  prometheus::Counter& expired_;
};

}  // namespace parts
