// See inspection_store.h.
#include "workshop-svc/inspection/inspection_store.h"

#include "absl/strings/str_cat.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"

namespace workshop {

using chassis::sql::Session;
using chassis::sql::Uuid;

InspectionStore::InspectionStore(chassis::Rooms& rooms)
    : inspections_(rooms.host.cipher()), checklists_(rooms.host.cipher()) {
  rooms.SignedDocument("inspection",
                       [this](Session& session, const std::string& store_id,
                              const std::string& id) -> absl::StatusOr<std::unique_ptr<google::protobuf::Message>> {
                         ASSIGN_OR_RETURN(v1::Inspection found, inspections_.Get(session, store_id, id));
                         return std::make_unique<v1::Inspection>(std::move(found));
                       });
}

absl::StatusOr<v1::Checklist> InspectionStore::ChecklistFor(Session& session, const std::string& store_id,
                                                            common::WorkKind kind, v1::InspectionLevel level) const {
  ASSIGN_OR_RETURN(std::vector<v1::Checklist> found,
                   checklists_.Select(session, "WHERE store_id = ? AND work_kind = ? AND level = ?", Uuid{store_id},
                                      std::string(chassis::StateName(common::WorkKind_descriptor(), kind)),
                                      std::string(chassis::StateName(v1::InspectionLevel_descriptor(), level))));
  return found.empty() ? DefaultChecklist(kind, level) : std::move(found.front());
}

absl::StatusOr<std::vector<v1::Inspection>> InspectionStore::OfOrder(Session& session, const std::string& store_id,
                                                                     const std::string& repair_order_id) const {
  return inspections_.Select(session, "WHERE store_id = ? AND repair_order_id = ? ORDER BY inspection_id",
                             Uuid{store_id}, Uuid{repair_order_id});
}

absl::StatusOr<std::vector<v1::Inspection>> InspectionStore::LeaderChecks(Session& session,
                                                                          const OrderFile& file) const {
  std::vector<v1::Inspection> checks;
  ASSIGN_OR_RETURN(std::vector<v1::Inspection> all,
                   OfOrder(session, file.order.store_id(), file.order.repair_order_id()));
  for (v1::Inspection& inspection : all) {
    for (const v1::Job* job : LiveJobs(file)) {
      if (job->leader_check_id() != inspection.inspection_id()) continue;
      checks.push_back(std::move(inspection));
      break;
    }
  }
  return checks;
}

}  // namespace workshop
