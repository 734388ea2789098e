// Saves what a command did to an order and tells the world what it means: the board's stage and the finish (G-14).
// Every room that changes an order ends with this.
#pragma once

#include "absl/status/status.h"
#include "chassis/host/unit_of_work.h"
#include "workshop-svc/job/job_store.h"

namespace workshop {

// `order` as a document in the change feed.
chassis::DocumentRef DocumentOf(const v1::WorkshopOrder& order);

absl::Status InsertOrder(chassis::UnitOfWork& work, const JobStore& store, OrderFile& file);
// Settles the order (job_rules.h), writes what differs from `before`, publishes OrderStageChanged and OrderFinished.
absl::Status SaveOrder(chassis::UnitOfWork& work, const JobStore& store, const OrderFile& before, OrderFile& after);

}  // namespace workshop
