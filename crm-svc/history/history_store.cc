#include "crm-svc/history/history_store.h"

#include <algorithm>
#include <iterator>

namespace crm {

using aftersales::crm::v1::Recommendation;
using aftersales::crm::v1::ServiceRecord;
using chassis::sql::Session;
using chassis::sql::Uuid;

absl::StatusOr<std::vector<ServiceRecord>> HistoryStore::Recent(Session& session, const std::string& store_id,
                                                                const std::string& vin, int count) const {
  ASSIGN_OR_RETURN(auto records, service_records_.Select(
                                     session, "WHERE store_id = ? AND vin = ? ORDER BY delivery_time DESC LIMIT ?",
                                     Uuid{store_id}, vin, count));
  ASSIGN_OR_RETURN(auto elsewhere, service_records_.Select(session,
                                                           "WHERE vin = ? AND shared_with_group = 1 AND store_id <> ? "
                                                           "ORDER BY delivery_time DESC LIMIT ?",
                                                           vin, Uuid{store_id}, count));
  std::move(elsewhere.begin(), elsewhere.end(), std::back_inserter(records));
  std::stable_sort(records.begin(), records.end(), [](const ServiceRecord& a, const ServiceRecord& b) {
    return a.delivery_time().seconds() > b.delivery_time().seconds();
  });
  if (records.size() > static_cast<size_t>(count)) records.resize(count);
  return records;
}

absl::StatusOr<std::vector<Recommendation>> HistoryStore::OpenRecommendations(Session& session,
                                                                              const std::string& store_id,
                                                                              const std::string& vehicle_id) const {
  return recommendations_.Select(session, "WHERE store_id = ? AND vehicle_id = ? AND state = 'OPEN' LIMIT 50",
                                 Uuid{store_id}, Uuid{vehicle_id});
}

}  // namespace crm
