// SQL of washes (W-10).
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "aftersales/workshop/v1/wash.pb.h"
#include "chassis/records/table.h"
#include "chassis/server/service.h"

namespace workshop {

namespace v1 = aftersales::workshop::v1;

class WashStore {
 public:
  explicit WashStore(chassis::Rooms& rooms) : washes_(rooms.host.cipher()) {}

  // The order's wash under way, if any. The order's lock is held.
  absl::StatusOr<std::optional<v1::Wash>> Running(chassis::sql::Session& session, const std::string& store_id,
                                                  const std::string& repair_order_id) const;
  // Work was added to the order: the vehicle goes back into the workshop.
  absl::Status AbandonRunning(chassis::UnitOfWork& work, const std::string& repair_order_id) const;

  const chassis::records::Table<v1::Wash>& washes() const { return washes_; }

 private:
  chassis::records::Table<v1::Wash> washes_;
};

}  // namespace workshop
