// SQL of findings, decisions and delay reports (W-08).
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "chassis/records/table.h"
#include "chassis/server/service.h"
#include "workshop-svc/finding/finding_rules.h"

namespace workshop {

class FindingStore {
 public:
  explicit FindingStore(chassis::Rooms& rooms)
      : findings_(rooms.host.cipher()), decisions_(rooms.host.cipher()), delays_(rooms.host.cipher()) {}

  absl::StatusOr<std::optional<v1::AddOnDecision>> DecisionOn(chassis::sql::Session& session,
                                                              const std::string& store_id,
                                                              const std::string& add_on_id) const;
  // Null when the add-on came from no finding, or from one this workshop does not know.
  absl::StatusOr<std::optional<v1::Finding>> Find(chassis::sql::Session& session, const std::string& store_id,
                                                  const std::string& finding_id) const;

  const chassis::records::Table<v1::Finding>& findings() const { return findings_; }
  const chassis::records::Table<v1::AddOnDecision>& decisions() const { return decisions_; }
  const chassis::records::Table<v1::DelayReport>& delays() const { return delays_; }

 private:
  chassis::records::Table<v1::Finding> findings_;
  chassis::records::Table<v1::AddOnDecision> decisions_;
  chassis::records::Table<v1::DelayReport> delays_;
};

}  // namespace workshop
