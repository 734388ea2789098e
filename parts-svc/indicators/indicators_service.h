// The indicators room (P-11, P-18): evaluates the parts of every store once a day, answers the indicators with their
// formulas, sets the gauges, exports, and proposes transfers between stores.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "aftersales/common/v1/store.pb.h"
#include "chassis/records/table.h"
#include "chassis/server/service.h"
#include "parts-svc/demand/demand_store.h"
#include "parts-svc/demand/facts_store.h"
#include "parts-svc/indicators/indicators_store.h"
#include "parts-svc/policy/policy_store.h"

namespace parts {

class IndicatorsService {
 public:
  explicit IndicatorsService(chassis::Rooms& rooms);

  // Begins the day's evaluation of every store that has none, and goes on with those under way.
  absl::Status EvaluateAll();

 private:
  absl::StatusOr<v1::PartEvaluation> Evaluate(chassis::Call& call, const v1::EvaluatePartsRequest& request);
  absl::StatusOr<v1::PartsIndicators> Indicators(chassis::Call& call, const v1::GetPartsIndicatorsRequest& request);
  absl::Status Export(chassis::Call& call, const v1::ExportIndicatorsRequest& request,
                      chassis::Writer<v1::ExportIndicatorsResponse>& writer);
  absl::StatusOr<v1::ProposeTransfersResponse> Propose(chassis::Call& call, const v1::ProposeTransfersRequest& request);
  absl::StatusOr<v1::TransferProposal> GetTransfer(chassis::Call& call, const v1::GetTransferProposalRequest& request);
  absl::StatusOr<v1::ListTransferProposalsResponse> ListTransfers(chassis::Call& call,
                                                                  const v1::ListTransferProposalsRequest& request);
  absl::StatusOr<v1::TransferProposal> Settle(chassis::Call& call, const v1::SettleTransferProposalRequest& request);

  absl::StatusOr<v1::PartEvaluation> Begin(chassis::UnitOfWork& work, const std::string& time_zone);
  // One page, committed with its progress; false when the evaluation is at its end.
  absl::StatusOr<bool> Advance(const std::string& store_id, const std::string& part_evaluation_id);
  absl::Status MeasurePage(chassis::UnitOfWork& work, const absl::TimeZone& zone, v1::PartEvaluation& evaluation);
  absl::Status RankPage(chassis::UnitOfWork& work, v1::PartEvaluation& evaluation);
  absl::StatusOr<v1::PartsIndicators> IndicatorsIn(chassis::sql::Session& session, const std::string& store_id,
                                                   const MonthSpan& period, const absl::TimeZone& zone);
  // What a gauge of the census shows of the indicators; they are read anew when they are old.
  absl::StatusOr<std::vector<chassis::Census::Point>> PointsOf(chassis::sql::Session& session, std::string_view key);
  absl::Status ReadAnew(chassis::sql::Session& session);
  // Writes a list as CSV, page by page.
  absl::Status ExportFigures(chassis::Call& call, chassis::Writer<v1::ExportIndicatorsResponse>& writer);
  absl::Status ExportDemands(chassis::Call& call, const MonthSpan& period,
                             chassis::Writer<v1::ExportIndicatorsResponse>& writer);

  chassis::Host& host_;
  IndicatorsStore store_;
  DemandStore demand_;
  FactsStore facts_;
  PolicyStore policy_;
  chassis::records::Table<aftersales::common::v1::Store> stores_;
  // The stores' indicators of this year up to now, for the census alone, which counts one family after the other.
  struct Kept {
    absl::Time read_time = absl::InfinitePast();
    v1::PartsIndicators indicators;
  };
  std::map<std::string, Kept> kept_;  // by store id
};

}  // namespace parts
