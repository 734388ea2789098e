// Gate passes in the database.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "aftersales/reception/v1/gate_pass.pb.h"
#include "chassis/records/table.h"

namespace reception {

using GatePassTable = chassis::records::Table<aftersales::reception::v1::GatePass>;

// The pass of a settlement, if there is one; at most one.
inline absl::StatusOr<std::vector<aftersales::reception::v1::GatePass>> PassesOf(const GatePassTable& passes,
                                                                                 chassis::sql::Session& session,
                                                                                 const std::string& store_id,
                                                                                 const std::string& settlement_id) {
  return passes.Select(session, "WHERE store_id = ? AND settlement_id = ?", chassis::sql::Uuid{store_id},
                       chassis::sql::Uuid{settlement_id});
}

}  // namespace reception
