// The recall room (P-17): the manufacturer's campaigns, their vehicles, what they still take.
#pragma once

#include "chassis/server/service.h"
#include "parts-svc/catalogue/catalogue_store.h"
#include "parts-svc/ledger/ledger_store.h"
#include "parts-svc/purchase_order/purchase_order_store.h"
#include "parts-svc/recall/recall_store.h"

namespace parts {

class RecallService {
 public:
  explicit RecallService(chassis::Rooms& rooms);

 private:
  absl::Status CheckStandard(chassis::UnitOfWork& work, const v1::RecallCampaign* before, v1::RecallCampaign& after);
  absl::StatusOr<v1::RecallCampaign> Close(chassis::Call& call, const v1::CloseRecallCampaignRequest& request);
  absl::StatusOr<v1::AddRecallVehiclesResponse> AddVehicles(chassis::Call& call,
                                                            const v1::AddRecallVehiclesRequest& request);
  absl::StatusOr<v1::FindVehicleRecallsResponse> FindRecalls(chassis::Call& call,
                                                             const v1::FindVehicleRecallsRequest& request);
  absl::StatusOr<v1::RecallVehicle> Complete(chassis::Call& call, const v1::CompleteRecallVehicleRequest& request);
  absl::StatusOr<v1::RecallProgress> Progress(chassis::Call& call, const v1::GetRecallProgressRequest& request);

  absl::StatusOr<std::vector<v1::RecallNeed>> Needs(chassis::sql::Session& session, const v1::RecallCampaign& campaign,
                                                    int64_t vehicle_count);
  // Owes the missing parts, or ends the duty when nothing is missing any more.
  absl::Status OweMissing(chassis::UnitOfWork& work, const v1::RecallCampaign& campaign);
  absl::Status Turn();

  chassis::Host& host_;
  CatalogueStore catalogue_;
  LedgerStore ledger_;
  PurchaseOrderStore orders_;
  RecallStore store_;
};

}  // namespace parts
