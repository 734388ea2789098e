// The room of the figures: it has no RPC, the census counts them and the metrics door shows them.
#pragma once

#include <vector>

#include "chassis/server/service.h"
#include "workshop-svc/bay/bay_store.h"
#include "workshop-svc/figures/figures_store.h"
#include "workshop-svc/staff/staff_store.h"

namespace workshop {

class FiguresService {
 public:
  FiguresService(chassis::Rooms& rooms, const BayStore& bays, const StaffStore& staff);

 private:
  using Points = std::vector<chassis::Census::Point>;

  absl::StatusOr<Points> Booked(chassis::sql::Session& session) const;
  absl::StatusOr<Points> Occupied(chassis::sql::Session& session) const;
  // Bays, technicians and absences of the store; what is taken is left out.
  absl::StatusOr<Roster> RosterOf(chassis::sql::Session& session, const common::Store& store, absl::Time from,
                                  absl::Time to) const;

  chassis::Host& host_;
  const BayStore& bays_;
  const StaffStore& staff_;
  FiguresStore store_;
};

}  // namespace workshop
