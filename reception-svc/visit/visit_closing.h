// The end of a visit, the same whether it was repaired or not: keys and plate are free again, the appointment is
// fulfilled, the board is left, the world is told. CloseVisit and the delivery both come here.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "aftersales/reception/v1/visit.pb.h"
#include "chassis/host/unit_of_work.h"
#include "reception-svc/appointment/appointment_store.h"
#include "reception-svc/board/board_store.h"
#include "reception-svc/visit/visit_store.h"

namespace reception {

class VisitClosing {
 public:
  VisitClosing(const VisitStore& visits, const AppointmentStore& appointments, const BoardStore& board)
      : visits_(visits), appointments_(appointments), board_(board) {}

  // Writes `before` as closed with this outcome and returns it; refuses a visit that is closed already. `purpose` is
  // recorded when none was before.
  absl::StatusOr<aftersales::reception::v1::Visit> Close(chassis::UnitOfWork& work,
                                                         const aftersales::reception::v1::Visit& before,
                                                         aftersales::reception::v1::Visit::Purpose purpose,
                                                         aftersales::reception::v1::Visit::Outcome outcome,
                                                         const std::string& answer) const;

 private:
  const VisitStore& visits_;
  const AppointmentStore& appointments_;
  const BoardStore& board_;
};

}  // namespace reception
