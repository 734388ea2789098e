// The stocktake room (P-10): planned, counted blind while the store works, counted again where it deviates, approved
// and posted.
#pragma once

#include <functional>

#include "chassis/server/service.h"
#include "parts-svc/catalogue/catalogue_store.h"
#include "parts-svc/ledger/book.h"
#include "parts-svc/location/location_store.h"
#include "parts-svc/policy/policy_store.h"
#include "parts-svc/stocktake/stocktake_store.h"

namespace parts {

class StocktakeService {
 public:
  explicit StocktakeService(chassis::Rooms& rooms);

  // Reminds every store of the classes whose count is due.
  absl::Status RemindOfClasses();

 private:
  absl::StatusOr<v1::Stocktake> Plan(chassis::Call& call, const v1::PlanStocktakeRequest& request);
  absl::StatusOr<v1::Stocktake> Start(chassis::Call& call, const v1::StartStocktakeRequest& request);
  absl::StatusOr<v1::RecordCountsResponse> RecordCounts(chassis::Call& call, const v1::RecordCountsRequest& request);
  absl::StatusOr<v1::StocktakeLine> AddLine(chassis::Call& call, const v1::AddStocktakeLineRequest& request);
  absl::StatusOr<v1::Stocktake> Finish(chassis::Call& call, const v1::FinishCountingRequest& request);
  absl::StatusOr<v1::Stocktake> Recount(chassis::Call& call, const v1::RequestRecountRequest& request);
  absl::StatusOr<v1::Stocktake> Approve(chassis::Call& call, const v1::ApproveStocktakeRequest& request);
  absl::StatusOr<v1::Stocktake> Cancel(chassis::Call& call, const v1::CancelStocktakeRequest& request);
  absl::StatusOr<v1::ListStocktakeLinesResponse> ListLines(chassis::Call& call,
                                                           const v1::ListStocktakeLinesRequest& request);

  // Loads the stocktake locked, lets `change` have it, and saves it.
  absl::StatusOr<v1::Stocktake> Change(chassis::Call& call, const std::string& stocktake_id,
                                       const std::function<absl::Status(chassis::UnitOfWork&, v1::Stocktake&)>& change);
  absl::Status CheckNamed(chassis::UnitOfWork& work, const v1::Stocktake& stocktake);
  // Holds every line against the account; answers those to be counted again.
  absl::StatusOr<std::vector<size_t>> Judge(chassis::UnitOfWork& work, std::vector<v1::StocktakeLine>& lines,
                                            v1::Stocktake& stocktake);
  // Posts the differences; `caller` approves them.
  absl::Status Post(chassis::UnitOfWork& work, const v1::ApproveStocktakeRequest& request,
                    const chassis::identity::Identity& caller, v1::Stocktake& stocktake);
  absl::Status PostInPortions(chassis::UnitOfWork& work, const Paper& paper, const PartsById& parts,
                              const Places& places, std::vector<v1::StockMovement> movements, const StockDeltas& more);
  // What is missing and held for documents goes back to the queue.
  absl::StatusOr<StockDeltas> TakeBackMissing(chassis::UnitOfWork& work,
                                              const std::vector<v1::StocktakeLine>& deviating, const Places& places);
  absl::Status Conclude(chassis::UnitOfWork& work, const v1::Stocktake& stocktake);

  chassis::Host& host_;
  StocktakeStore store_;
  CatalogueStore catalogue_;
  LocationStore locations_;
  LedgerStore ledger_;
  ReservationStore reservations_;
  PolicyStore policies_;
  Book book_;
  prometheus::Counter& lines_right_;
  prometheus::Counter& lines_deviating_;
};

}  // namespace parts
