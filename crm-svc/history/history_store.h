// SQL of what happened with a customer: service records, recommendations, interactions.
#pragma once

#include <string>
#include <vector>

#include "aftersales/crm/v1/history.pb.h"
#include "chassis/records/table.h"

namespace crm {

class HistoryStore {
 public:
  explicit HistoryStore(const chassis::privacy::Cipher& cipher)
      : service_records_(cipher), recommendations_(cipher), interactions_(cipher) {}

  const chassis::records::Table<aftersales::crm::v1::ServiceRecord>& service_records() const {
    return service_records_;
  }
  const chassis::records::Table<aftersales::crm::v1::Recommendation>& recommendations() const {
    return recommendations_;
  }
  const chassis::records::Table<aftersales::crm::v1::Interaction>& interactions() const { return interactions_; }

  // The newest services of a vehicle: this store's, and those of the group's other stores that the owner shares.
  absl::StatusOr<std::vector<aftersales::crm::v1::ServiceRecord>> Recent(chassis::sql::Session& session,
                                                                         const std::string& store_id,
                                                                         const std::string& vin, int count) const;
  absl::StatusOr<std::vector<aftersales::crm::v1::Recommendation>> OpenRecommendations(
      chassis::sql::Session& session, const std::string& store_id, const std::string& vehicle_id) const;

 private:
  chassis::records::Table<aftersales::crm::v1::ServiceRecord> service_records_;
  chassis::records::Table<aftersales::crm::v1::Recommendation> recommendations_;
  chassis::records::Table<aftersales::crm::v1::Interaction> interactions_;
};

}  // namespace crm
