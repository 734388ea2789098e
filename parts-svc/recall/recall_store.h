// The SQL of recall campaigns and their vehicles.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "chassis/records/table.h"
#include "parts-svc/recall/recall_rules.h"

namespace parts {

struct VehicleCounts {
  int64_t all = 0;
  int64_t done = 0;
  int64_t open() const { return all - done; }
};

class RecallStore {
 public:
  explicit RecallStore(const chassis::privacy::Cipher& cipher) : campaigns_(cipher), vehicles_(cipher) {}

  // Adds those that are not there yet, a few hundred rows a statement; returns how many. The campaign is locked.
  absl::StatusOr<int64_t> AddVehicles(chassis::UnitOfWork& work, const std::string& recall_campaign_id,
                                      const std::vector<std::string>& vins);
  absl::StatusOr<VehicleCounts> Counts(chassis::sql::Session& session, const std::string& store_id,
                                       const std::string& recall_campaign_id);
  // OPEN campaigns in force on `day` under which the vehicle still stands open; safety recalls first.
  absl::StatusOr<std::vector<v1::RecallCampaign>> OpenFor(chassis::sql::Session& session, const std::string& store_id,
                                                          const std::string& vin, const std::string& day);
  struct OpenCampaign {
    std::string store_id;
    std::string recall_campaign_id;
  };
  absl::StatusOr<std::vector<OpenCampaign>> OpenCampaigns(chassis::sql::Session& session);
  absl::StatusOr<bool> OwesParts(chassis::sql::Session& session, const std::string& store_id,
                                 const std::string& recall_campaign_id);

  const chassis::records::Table<v1::RecallCampaign>& campaigns() const { return campaigns_; }
  const chassis::records::Table<v1::RecallVehicle>& vehicles() const { return vehicles_; }

 private:
  chassis::records::Table<v1::RecallCampaign> campaigns_;
  chassis::records::Table<v1::RecallVehicle> vehicles_;
};

}  // namespace parts
