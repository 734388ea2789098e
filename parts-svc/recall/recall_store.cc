// The SQL of recalls; see recall_store.h.
#include "parts-svc/recall/recall_store.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "parts-svc/recall/recall_duties.h"

namespace parts {

using chassis::UnitOfWork;
using chassis::sql::Rows;
using chassis::sql::Session;
using chassis::sql::ToValue;
using chassis::sql::Uuid;
using chassis::sql::Value;

absl::StatusOr<int64_t> RecallStore::AddVehicles(UnitOfWork& work, const std::string& recall_campaign_id,
                                                 const std::vector<std::string>& vins) {
  constexpr size_t kPerStatement = 500;
  int64_t added = 0;
  for (size_t first = 0; first < vins.size(); first += kPerStatement) {
    const size_t count = std::min(kPerStatement, vins.size() - first);
    std::vector<Value> asked{ToValue(Uuid{work.store_id()}), ToValue(Uuid{recall_campaign_id})};
    asked.insert(asked.end(), vins.begin() + static_cast<int64_t>(first),
                 vins.begin() + static_cast<int64_t>(first + count));
    ASSIGN_OR_RETURN(const Rows rows,
                     work.sql().QueryValues(absl::StrCat("SELECT vin FROM recall_vehicle WHERE store_id = ? AND "
                                                         "recall_campaign_id = ? AND vin IN (",
                                                         chassis::sql::Placeholders(count), ")"),
                                            asked));
    std::set<std::string> known;
    for (size_t i = 0; i < rows.size(); ++i) known.insert(rows[i].Text("vin"));
    std::vector<v1::RecallVehicle> vehicles;
    for (size_t i = first; i < first + count; ++i) {
      if (known.count(vins[i]) > 0) continue;
      v1::RecallVehicle& vehicle = vehicles.emplace_back();
      vehicle.set_store_id(work.store_id());
      vehicle.set_recall_campaign_id(recall_campaign_id);
      vehicle.set_vin(vins[i]);
      vehicle.set_state(v1::RecallVehicle::STATE_OPEN);
    }
    if (vehicles.empty()) continue;
    RETURN_IF_ERROR(vehicles_.InsertAll(work, vehicles));
    added += static_cast<int64_t>(vehicles.size());
  }
  return added;
}

absl::StatusOr<VehicleCounts> RecallStore::Counts(Session& session, const std::string& store_id,
                                                  const std::string& recall_campaign_id) {
  ASSIGN_OR_RETURN(const Rows rows,
                   session.Query("SELECT COUNT(*) AS n, CAST(COALESCE(SUM(CASE WHEN state = 'DONE' THEN 1 ELSE 0 END), "
                                 "0) AS SIGNED) AS done FROM recall_vehicle WHERE store_id = ? AND recall_campaign_id "
                                 "= ?",
                                 Uuid{store_id}, Uuid{recall_campaign_id}));
  return VehicleCounts{rows[0].Int("n"), rows[0].Int("done")};
}

absl::StatusOr<std::vector<v1::RecallCampaign>> RecallStore::OpenFor(Session& session, const std::string& store_id,
                                                                     const std::string& vin, const std::string& day) {
  return campaigns_.Select(
      session,
      "WHERE store_id = ? AND state = 'OPEN' AND start_date <= ? AND (end_date IS NULL OR end_date "
      ">= ?) AND recall_campaign_id IN (SELECT v.recall_campaign_id FROM recall_vehicle v WHERE "
      "v.store_id = ? AND v.vin = ? AND v.state = 'OPEN') ORDER BY safety DESC, campaign_number",
      Uuid{store_id}, day, day, Uuid{store_id}, vin);
}

absl::StatusOr<std::vector<RecallStore::OpenCampaign>> RecallStore::OpenCampaigns(Session& session) {
  ASSIGN_OR_RETURN(const Rows rows,
                   session.Query("SELECT store_id, recall_campaign_id FROM recall_campaign WHERE state "
                                 "= 'OPEN' ORDER BY store_id, recall_campaign_id"));
  std::vector<OpenCampaign> open;
  for (size_t i = 0; i < rows.size(); ++i) open.push_back({rows[i].Id("store_id"), rows[i].Id("recall_campaign_id")});
  return open;
}

absl::StatusOr<bool> RecallStore::OwesParts(Session& session, const std::string& store_id,
                                            const std::string& recall_campaign_id) {
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query("SELECT duty_id FROM duty WHERE store_id = ? AND subject_id = ? AND kind = ? AND state "
                    "= 'OPEN' LIMIT 1",
                    Uuid{store_id}, Uuid{recall_campaign_id}, kRecallPartsDuty));
  return !rows.empty();
}

}  // namespace parts
