// The issue room (P-05): parts drawn for repair orders, the unused brought back, and what an order really took.
#pragma once

#include <set>

#include "chassis/server/service.h"
#include "parts-svc/catalogue/catalogue_store.h"
#include "parts-svc/issue/issue_store.h"
#include "parts-svc/issue/picking.h"
#include "parts-svc/location/location_store.h"
#include "parts-svc/old_part/issue_follow_up.h"
#include "parts-svc/reservation/queue.h"

namespace parts {

class IssueService {
 public:
  explicit IssueService(chassis::Rooms& rooms);

 private:
  absl::StatusOr<v1::Issue> IssueParts(chassis::Call& call, const v1::IssuePartsRequest& request);
  absl::StatusOr<v1::Issue> ReturnParts(chassis::Call& call, const v1::ReturnPartsRequest& request);
  absl::StatusOr<v1::OrderParts> OrderParts(chassis::Call& call, const v1::GetOrderPartsRequest& request);

  // Signs and stores the note, posts its movements with what was `drawn` from reservations, and tells the world.
  absl::Status Conclude(chassis::UnitOfWork& work, const aftersales::common::v1::Signature& signature,
                        const Places& places, const StockDeltas& drawn, v1::Issue& note);
  // The technician's own bins among those the request names. NOT_HIS_WORKING_STOCK.
  absl::StatusOr<std::set<std::string>> WorkingStockAsked(chassis::UnitOfWork& work,
                                                          const v1::IssuePartsRequest& request);

  CatalogueStore catalogue_;
  LocationStore locations_;
  LedgerStore ledger_;
  ReservationStore reservations_;
  IssueStore store_;
  Picking picking_;
  IssueFollowUp follow_up_;
  Queue queue_;
  prometheus::Counter& lines_issued_;
  prometheus::Counter& lines_returned_;
};

}  // namespace parts
