// The tables of settlements.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "aftersales/reception/v1/settlement.pb.h"
#include "chassis/records/table.h"
#include "chassis/status/status.h"

namespace reception {

class SettlementStore {
 public:
  explicit SettlementStore(const chassis::privacy::Cipher& cipher) : settlements(cipher) {}

  // The one of an order, if there is one.
  absl::StatusOr<std::optional<aftersales::reception::v1::Settlement>> OfOrder(chassis::sql::Session& session,
                                                                               const std::string& store_id,
                                                                               const std::string& order_id) const {
    ASSIGN_OR_RETURN(auto found, settlements.Select(session, "WHERE store_id = ? AND repair_order_id = ?",
                                                    chassis::sql::Uuid{store_id}, chassis::sql::Uuid{order_id}));
    if (found.empty()) return std::optional<aftersales::reception::v1::Settlement>();
    return std::optional<aftersales::reception::v1::Settlement>(std::move(found.front()));
  }
  // Issued ones after `after_id` in the order of their ids; for verify.
  absl::StatusOr<std::vector<aftersales::reception::v1::Settlement>> IssuedAfter(chassis::sql::Session& session,
                                                                                 const std::string& store_id,
                                                                                 const std::string& after_id,
                                                                                 int64_t limit) const {
    return settlements.Select(session,
                              "WHERE store_id = ? AND settlement_id > ? AND state = 'ISSUED' ORDER BY settlement_id "
                              "LIMIT ?",
                              chassis::sql::Uuid{store_id}, chassis::sql::Uuid{after_id}, limit);
  }

  chassis::records::Table<aftersales::reception::v1::Settlement> settlements;
};

}  // namespace reception
