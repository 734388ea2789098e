// What happens to a receivable within the command that causes it: a delivery opens it, money and returned goods change
// it. Shared by the receivable room and the sales room.
#pragma once

#include <string>
#include <vector>

#include "chassis/host/unit_of_work.h"
#include "parts-svc/receivable/receivable_store.h"

namespace parts {

class Till {
 public:
  explicit Till(const chassis::privacy::Cipher& cipher) : store_(cipher) {}

  // Stores a new receivable, and who must see that it is paid by its date.
  absl::Status Open(chassis::UnitOfWork& work, const std::string& time_zone, v1::Receivable& receivable);
  // Books the entries in turn and stores what they make of the receivable; its duty ends when nothing is open.
  absl::Status Enter(chassis::UnitOfWork& work, v1::Receivable& receivable, std::vector<v1::Collection> entries);

 private:
  ReceivableStore store_;
};

// Money that comes in for `receivable`.
v1::Collection CollectionOf(const v1::SalePayment& payment, const std::string& number,
                            const std::string& business_date);

}  // namespace parts
