// Holding goods for a document within the command that needs them (P-04): what ReservationService does for its callers,
// and rooms of this service (sales) do in their own transaction.
#pragma once

#include <string_view>
#include <vector>

#include "parts-svc/catalogue/catalogue_store.h"
#include "parts-svc/demand/lost_sales.h"
#include "parts-svc/reservation/queue.h"
#include "parts-svc/special_order/special_order_store.h"

namespace parts {

class Holding {
 public:
  explicit Holding(const chassis::privacy::Cipher& cipher)
      : store_(cipher),
        catalogue_(cipher),
        ledger_(cipher),
        queue_(cipher),
        lost_sales_(cipher),
        special_orders_(cipher) {}

  // Holds the request's lines, all or none; with SHORTAGE_POLICY_QUEUE what is short waits. Locks the parts' stock
  // last, so it is the last thing a command does.
  absl::StatusOr<v1::Reservation> Reserve(chassis::UnitOfWork& work, const v1::CreateReservationRequest& request,
                                          int reservation_days);
  // Gives one up as `state`; answers what that frees, for the caller to apply. One drawn completely stays as it is.
  absl::StatusOr<StockDeltas> End(chassis::UnitOfWork& work, const v1::Reservation& before,
                                  v1::Reservation::State state);
  // Gives them up as cancelled and serves the queue with what that frees.
  absl::Status EndAll(chassis::UnitOfWork& work, const std::vector<v1::Reservation>& reservations,
                      std::string_view reason);

 private:
  absl::Status HoldWhatThereIs(chassis::UnitOfWork& work, const v1::CreateReservationRequest& request, PartsById& parts,
                               const StockDeltas& freed, v1::Reservation& reservation);

  ReservationStore store_;
  CatalogueStore catalogue_;
  LedgerStore ledger_;
  Queue queue_;
  LostSales lost_sales_;
  SpecialOrderStore special_orders_;
};

}  // namespace parts
