// SQL of inspections and checklists (W-09).
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "chassis/records/table.h"
#include "chassis/server/service.h"
#include "workshop-svc/inspection/inspection_rules.h"

namespace workshop {

class InspectionStore {
 public:
  explicit InspectionStore(chassis::Rooms& rooms);

  // The store's checklist, or the suite's own.
  absl::StatusOr<v1::Checklist> ChecklistFor(chassis::sql::Session& session, const std::string& store_id,
                                             common::WorkKind kind, v1::InspectionLevel level) const;
  // In order of time.
  absl::StatusOr<std::vector<v1::Inspection>> OfOrder(chassis::sql::Session& session, const std::string& store_id,
                                                      const std::string& repair_order_id) const;
  // The leader checks that stand: those the live jobs name.
  absl::StatusOr<std::vector<v1::Inspection>> LeaderChecks(chassis::sql::Session& session, const OrderFile& file) const;

  const chassis::records::Table<v1::Inspection>& inspections() const { return inspections_; }
  const chassis::records::Table<v1::Checklist>& checklists() const { return checklists_; }

 private:
  chassis::records::Table<v1::Inspection> inspections_;
  chassis::records::Table<v1::Checklist> checklists_;
};

}  // namespace workshop
