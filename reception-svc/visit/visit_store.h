// The tables of visits and check-in records. The later rooms read visits here and tell it of the visit's
// repair order.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aftersales/reception/v1/visit.pb.h"
#include "chassis/host/unit_of_work.h"
#include "chassis/records/table.h"

namespace reception {

class VisitStore {
 public:
  explicit VisitStore(const chassis::privacy::Cipher& cipher)
      : visits(cipher), walk_arounds(cipher), belongings(cipher), custodies(cipher), statements(cipher) {}

  // What was recorded at check-in; what was not is unset.
  // Which parts of the check-in are there.
  struct CheckedIn {
    bool walk_around = false;
    bool belongings = false;
    bool custody = false;
  };
  absl::StatusOr<CheckedIn> IsCheckedIn(chassis::sql::Session& session, const std::string& store_id,
                                        const std::string& visit_id) const;

  struct CheckInRecords {
    std::optional<aftersales::reception::v1::WalkAround> walk_around;
    std::optional<aftersales::reception::v1::Belongings> belongings;
    std::optional<aftersales::reception::v1::Custody> custody;
    std::vector<aftersales::reception::v1::CustomerStatement> statements;
  };
  absl::StatusOr<CheckInRecords> LoadCheckIn(chassis::sql::Session& session, const std::string& store_id,
                                             const std::string& visit_id) const;

  // The plate that waits longest among those that came before `visit`; empty when it is the first.
  absl::StatusOr<std::string> EarlierWaitingPlate(chassis::sql::Session& session,
                                                  const aftersales::reception::v1::Visit& visit) const;
  // The odometer at this plate's last visit; 0 when there was none.
  absl::StatusOr<int32_t> LastOdometer(chassis::sql::Session& session,
                                       const aftersales::reception::v1::Visit& visit) const;
  // Makes `repair_order_id` the visit's order; empty once it was cancelled.
  absl::Status SetRepairOrder(chassis::UnitOfWork& work, const std::string& visit_id,
                              const std::string& repair_order_id) const;
  // The keys are back with the customer: the tag is free again.
  absl::Status ReturnKeys(chassis::UnitOfWork& work, const std::string& visit_id) const;

  // One row of the statistics of visits that arrived in [from, to).
  struct Count {
    aftersales::reception::v1::Visit::Purpose purpose;
    aftersales::reception::v1::Visit::Outcome outcome;
    int64_t visits = 0;
    int64_t greeted = 0;
    int64_t greeted_in_time = 0;
    int64_t greeting_seconds = 0;
  };
  absl::StatusOr<std::vector<Count>> CountByPurpose(chassis::sql::Session& session, const std::string& store_id,
                                                    absl::Time from, absl::Time to) const;

  chassis::records::Table<aftersales::reception::v1::Visit> visits;
  chassis::records::Table<aftersales::reception::v1::WalkAround> walk_arounds;
  chassis::records::Table<aftersales::reception::v1::Belongings> belongings;
  chassis::records::Table<aftersales::reception::v1::Custody> custodies;
  chassis::records::Table<aftersales::reception::v1::CustomerStatement> statements;
};

}  // namespace reception
