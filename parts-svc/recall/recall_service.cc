// The recall room; see recall_service.h.
#include "parts-svc/recall/recall_service.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/recall_errors.pb.h"
#include "chassis/duties/duty_board.h"
#include "chassis/time/amounts.h"
#include "parts-svc/recall/recall_duties.h"

namespace parts {
namespace {

using chassis::UnitOfWork;
using Campaign = v1::RecallCampaign;

constexpr absl::Duration kOrderWithin = absl::Hours(24);
constexpr absl::Duration kTurnEvery = absl::Minutes(5);

bool AnyMissing(const std::vector<v1::RecallNeed>& needs) {
  return std::any_of(needs.begin(), needs.end(), [](const auto& need) { return need.missing_milli() > 0; });
}

}  // namespace

RecallService::RecallService(chassis::Rooms& rooms)
    : host_(rooms.host),
      catalogue_(rooms.host.cipher()),
      ledger_(rooms.host.cipher()),
      orders_(rooms.host.cipher()),
      store_(rooms.host.cipher()) {
  rooms.rpcs.Standard<Campaign>(store_.campaigns(), [this](UnitOfWork& work, const Campaign* before, Campaign& after) {
    return CheckStandard(work, before, after);
  });
  rooms.rpcs.Standard<v1::RecallVehicle>(store_.vehicles());
  rooms.rpcs.On(this, &RecallService::Close);
  rooms.rpcs.On(this, &RecallService::AddVehicles);
  rooms.rpcs.On(this, &RecallService::FindRecalls);
  rooms.rpcs.On(this, &RecallService::Complete);
  rooms.rpcs.On(this, &RecallService::Progress);
  rooms.host.duties().EndsBy(kRecallPartsDuty, "SendPurchaseOrder");
  rooms.Periodically("recalls", kTurnEvery, [this] { return Turn(); });
}

absl::Status RecallService::CheckStandard(UnitOfWork& work, const Campaign* before, Campaign& after) {
  std::vector<std::string> part_ids;
  for (const auto& part : after.parts()) part_ids.push_back(part.part_id());
  ASSIGN_OR_RETURN(const PartsById parts, catalogue_.ByIds(work.sql(), work.store_id(), part_ids));
  RETURN_IF_ERROR(CheckCampaign(after, parts));
  if (before == nullptr) {
    after.set_state(Campaign::STATE_OPEN);
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(chassis::RequireState(*before, {Campaign::STATE_OPEN}));
  return OweMissing(work, after);
}

absl::StatusOr<Campaign> RecallService::Close(chassis::Call& call, const v1::CloseRecallCampaignRequest& request) {
  return call.Transact<Campaign>([&](UnitOfWork& work) -> absl::StatusOr<Campaign> {
    work.Because(request.reason());
    ASSIGN_OR_RETURN(const Campaign before,
                     store_.campaigns().Lock(work, work.store_id(), request.recall_campaign_id()));
    Campaign after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, Campaign::STATE_CLOSED));
    after.set_close_reason(request.reason());
    RETURN_IF_ERROR(store_.campaigns().Update(work, before, after));
    RETURN_IF_ERROR(work.WaiveDuties(kRecallPartsDuty, after.recall_campaign_id(), request.reason()));
    return after;
  });
}

absl::StatusOr<v1::AddRecallVehiclesResponse> RecallService::AddVehicles(chassis::Call& call,
                                                                         const v1::AddRecallVehiclesRequest& request) {
  ASSIGN_OR_RETURN(const VehicleList list, ReadVehicles(request.csv()));
  return call.Transact<v1::AddRecallVehiclesResponse>(
      [&](UnitOfWork& work) -> absl::StatusOr<v1::AddRecallVehiclesResponse> {
        ASSIGN_OR_RETURN(const Campaign campaign,
                         store_.campaigns().Lock(work, work.store_id(), request.recall_campaign_id()));
        RETURN_IF_ERROR(chassis::RequireState(campaign, {Campaign::STATE_OPEN}));
        ASSIGN_OR_RETURN(const int64_t added, store_.AddVehicles(work, campaign.recall_campaign_id(), list.vins));
        RETURN_IF_ERROR(OweMissing(work, campaign));
        v1::AddRecallVehiclesResponse response;
        response.set_added_count(static_cast<int32_t>(added));
        response.set_known_count(static_cast<int32_t>(list.vins.size()) - response.added_count());
        *response.mutable_errors() = {list.errors.begin(), list.errors.end()};
        return response;
      });
}

absl::StatusOr<v1::FindVehicleRecallsResponse> RecallService::FindRecalls(
    chassis::Call& call, const v1::FindVehicleRecallsRequest& request) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  absl::TimeZone zone = absl::UTCTimeZone();
  absl::LoadTimeZone(store.time_zone(), &zone);
  const std::string today = absl::FormatCivilTime(absl::ToCivilDay(call.Now(), zone));
  return call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<v1::FindVehicleRecallsResponse> {
    ASSIGN_OR_RETURN(const std::vector<Campaign> campaigns,
                     store_.OpenFor(session, request.store_id(), request.vin(), today));
    v1::FindVehicleRecallsResponse response;
    for (const Campaign& campaign : campaigns) {
      ASSIGN_OR_RETURN(const std::vector<v1::RecallNeed> needs, Needs(session, campaign, 1));
      auto& recall = *response.add_recalls();
      *recall.mutable_recall_campaign() = campaign;
      *recall.mutable_needs() = {needs.begin(), needs.end()};
      recall.set_parts_available(std::all_of(
          needs.begin(), needs.end(), [](const auto& need) { return need.available_milli() >= need.needed_milli(); }));
    }
    return response;
  });
}

absl::StatusOr<v1::RecallVehicle> RecallService::Complete(chassis::Call& call,
                                                          const v1::CompleteRecallVehicleRequest& request) {
  return call.Transact<v1::RecallVehicle>([&](UnitOfWork& work) -> absl::StatusOr<v1::RecallVehicle> {
    ASSIGN_OR_RETURN(const Campaign campaign,
                     store_.campaigns().Lock(work, work.store_id(), request.recall_campaign_id()));
    const auto before = store_.vehicles().Lock(work, work.store_id(), request.recall_campaign_id(), request.vin());
    if (absl::IsNotFound(before.status())) {
      return chassis::Refuse(v1::RECALL_ERROR_REASON_VEHICLE_NOT_RECALLED)
          .With("vin", request.vin())
          .At("vin", "不在名单上", "is not on the list");
    }
    RETURN_IF_ERROR(before.status());
    v1::RecallVehicle after = *before;
    RETURN_IF_ERROR(chassis::MoveTo(after, v1::RecallVehicle::STATE_DONE));
    after.set_order_id(request.order_id());
    *after.mutable_done_time() = work.now_proto();
    RETURN_IF_ERROR(store_.vehicles().Update(work, *before, after));
    if (campaign.state() == Campaign::STATE_OPEN) RETURN_IF_ERROR(OweMissing(work, campaign));
    return after;
  });
}

absl::StatusOr<v1::RecallProgress> RecallService::Progress(chassis::Call& call,
                                                           const v1::GetRecallProgressRequest& request) {
  return call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<v1::RecallProgress> {
    ASSIGN_OR_RETURN(const Campaign campaign,
                     store_.campaigns().Get(session, request.store_id(), request.recall_campaign_id()));
    ASSIGN_OR_RETURN(const VehicleCounts counts,
                     store_.Counts(session, request.store_id(), request.recall_campaign_id()));
    const bool open = campaign.state() == Campaign::STATE_OPEN;
    ASSIGN_OR_RETURN(const std::vector<v1::RecallNeed> needs, Needs(session, campaign, open ? counts.open() : 0));
    v1::RecallProgress progress;
    progress.set_vehicle_count(static_cast<int32_t>(counts.all));
    progress.set_done_count(static_cast<int32_t>(counts.done));
    progress.set_open_count(static_cast<int32_t>(counts.open()));
    if (counts.all > 0) {
      progress.set_done_basis_points(
          static_cast<int32_t>(chassis::MulDiv(counts.done, chassis::kBasisPoints, counts.all)));
    }
    *progress.mutable_needs() = {needs.begin(), needs.end()};
    return progress;
  });
}

absl::StatusOr<std::vector<v1::RecallNeed>> RecallService::Needs(chassis::sql::Session& session,
                                                                 const Campaign& campaign, int64_t vehicle_count) {
  std::vector<std::string> part_ids;
  for (const auto& part : campaign.parts()) part_ids.push_back(part.part_id());
  ASSIGN_OR_RETURN(PartsById parts, catalogue_.ByIds(session, campaign.store_id(), part_ids));
  RETURN_IF_ERROR(catalogue_.AddSuccessors(session, campaign.store_id(), parts));
  std::vector<std::string> newest;
  for (const std::string& part_id : part_ids) {
    if (parts.count(part_id) > 0) newest.push_back(Newest(parts, part_id).part_id());
  }
  ASSIGN_OR_RETURN(const StocksByPart stocks, ledger_.Stocks(session, campaign.store_id(), newest));
  ASSIGN_OR_RETURN(const OnOrderByPartId coming, orders_.OnOrderByPart(session, campaign.store_id(), newest));
  std::map<std::string, int64_t> on_order_milli;
  for (const auto& [part_id, order] : coming) on_order_milli[part_id] = order.on_order_milli;
  return NeedsOf(campaign, vehicle_count, parts, stocks, on_order_milli);
}

absl::Status RecallService::OweMissing(UnitOfWork& work, const Campaign& campaign) {
  ASSIGN_OR_RETURN(const VehicleCounts counts,
                   store_.Counts(work.sql(), work.store_id(), campaign.recall_campaign_id()));
  ASSIGN_OR_RETURN(const std::vector<v1::RecallNeed> needs, Needs(work.sql(), campaign, counts.open()));
  ASSIGN_OR_RETURN(const bool owed, store_.OwesParts(work.sql(), work.store_id(), campaign.recall_campaign_id()));
  const bool missing = AnyMissing(needs);
  if (missing && !owed) work.Owe(MissingPartsDuty(campaign, work.now() + kOrderWithin));
  if (missing || !owed) return absl::OkStatus();
  return work.CompleteDuties(kRecallPartsDuty, campaign.recall_campaign_id(), "配件已到货或已订购");
}

absl::Status RecallService::Turn() {
  std::vector<RecallStore::OpenCampaign> open;
  RETURN_IF_ERROR(
      host_.pool().Read(host_.clock().Now() + absl::Seconds(30), [&](chassis::sql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(open, store_.OpenCampaigns(session));
        return absl::OkStatus();
      }));
  for (const auto& [store_id, recall_campaign_id] : open) {
    RETURN_IF_ERROR(host_.CommitInBackground(
        store_id, "Recall/Turn", [&, id = recall_campaign_id](UnitOfWork& work) -> absl::Status {
          ASSIGN_OR_RETURN(const Campaign campaign, store_.campaigns().Lock(work, work.store_id(), id));
          return campaign.state() == Campaign::STATE_OPEN ? OweMissing(work, campaign) : absl::OkStatus();
        }));
  }
  return absl::OkStatus();
}

}  // namespace parts
