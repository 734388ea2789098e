// The tables of add-ons.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "aftersales/reception/v1/add_on.pb.h"
#include "chassis/records/table.h"
#include "chassis/status/status.h"

namespace reception {

class AddOnStore {
 public:
  explicit AddOnStore(const chassis::privacy::Cipher& cipher) : add_ons(cipher) {}

  // All of one order, oldest first.
  absl::StatusOr<std::vector<aftersales::reception::v1::AddOn>> OfOrder(chassis::sql::Session& session,
                                                                        const std::string& store_id,
                                                                        const std::string& order_id) const {
    return add_ons.Select(session, "WHERE store_id = ? AND repair_order_id = ? ORDER BY add_on_id",
                          chassis::sql::Uuid{store_id}, chassis::sql::Uuid{order_id});
  }

  // The add-on a finding of the workshop became.
  absl::StatusOr<std::optional<aftersales::reception::v1::AddOn>> OfFinding(chassis::sql::Session& session,
                                                                            const std::string& store_id,
                                                                            const std::string& finding_id) const {
    ASSIGN_OR_RETURN(auto found, add_ons.Select(session, "WHERE store_id = ? AND finding_id = ?",
                                                chassis::sql::Uuid{store_id}, chassis::sql::Uuid{finding_id}));
    if (found.empty()) return std::optional<aftersales::reception::v1::AddOn>();
    return std::optional<aftersales::reception::v1::AddOn>(std::move(found.front()));
  }

  chassis::records::Table<aftersales::reception::v1::AddOn> add_ons;
};

}  // namespace reception
