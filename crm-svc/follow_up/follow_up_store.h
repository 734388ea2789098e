// SQL of the follow-ups.
#pragma once

#include <optional>
#include <string>

#include "aftersales/crm/v1/follow_up.pb.h"
#include "chassis/records/table.h"

namespace crm {

class FollowUpStore {
 public:
  explicit FollowUpStore(const chassis::privacy::Cipher& cipher) : follow_ups_(cipher) {}

  const chassis::records::Table<aftersales::crm::v1::FollowUp>& table() const { return follow_ups_; }
  absl::StatusOr<aftersales::crm::v1::FollowUp> Lock(chassis::UnitOfWork& work, const std::string& follow_up_id) const;
  // The second follow-up of the same service, if there is one.
  absl::StatusOr<std::optional<aftersales::crm::v1::FollowUp>> Second(chassis::sql::Session& session,
                                                                      const std::string& store_id,
                                                                      const std::string& service_record_id) const;

 private:
  chassis::records::Table<aftersales::crm::v1::FollowUp> follow_ups_;
};

}  // namespace crm
