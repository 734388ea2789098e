// The queue of documents that wait for parts (P-04). Whoever makes stock available (a receipt, a return, a reservation
// given up) serves the queue in the same transaction, so nothing lies free while somebody waits for it.
#pragma once

#include <string>
#include <vector>

#include "parts-svc/ledger/ledger_store.h"
#include "parts-svc/reservation/reservation_store.h"

namespace parts {

class Queue {
 public:
  explicit Queue(const chassis::privacy::Cipher& cipher) : reservations_(cipher), ledger_(cipher) {}

  // Shares what is available of these parts among those who wait, earliest need first; each reservation with a line
  // filled is told to the world.
  absl::Status Serve(chassis::UnitOfWork& work, const std::vector<std::string>& part_ids);

 private:
  ReservationStore reservations_;
  LedgerStore ledger_;
};

}  // namespace parts
