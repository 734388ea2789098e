// The indicators room; see indicators_service.h.
#include "parts-svc/indicators/indicators_service.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "aftersales/parts/v1/planning_errors.pb.h"
#include "chassis/time/amounts.h"
#include "parts-svc/demand/page_by_page.h"

namespace parts {
namespace {

using chassis::UnitOfWork;
using chassis::sql::Session;

constexpr int64_t kRankedPerPage = 5000;
constexpr int32_t kExportedPerPage = 500;
constexpr int kProposalsShown = 200;

struct GaugeOf {
  std::string_view key;  // of the indicator
  const char* name;
  const char* help;
};
constexpr GaugeOf kGauges[] = {
    {"fill_rate", "parts_fill_rate_ratio", "Lines served from stock at first request / lines requested (P-18)"},
    {"lost_sales", "parts_lost_sale_lines", "Lost sales of the last twelve months (P-11)"},
    {"turnover", "parts_turnover_ratio", "Cost of parts sold in 12 months / average stock value (P-18)"},
    {"true_turnover", "parts_true_turnover_ratio", "The same without special orders (P-18)"},
    {"days_of_cover", "parts_cover_days", "Days the stock lasts at the consumption of 12 months (P-11)"},
    {"slow_stock", "parts_slow_stock_amount", "Value of slow stock (P-11)"},
    {"dead_stock", "parts_dead_stock_amount", "Value of dead stock (P-18)"},
    {"supplier_on_time", "parts_supplier_on_time_ratio",
     "Purchase order lines complete by the promised date / lines promised (P-18)"},
    {"count_accuracy", "parts_count_accuracy_ratio", "Stocktake lines without a difference / lines counted (P-18)"},
};
// Indicators add up months of business: the census reads them less often than it counts what is open, and not all
// stores at once where that takes long.
constexpr absl::Duration kReadEvery = absl::Minutes(5);
constexpr absl::Duration kReadingMax = absl::Seconds(8);

std::string CsvLine(const std::vector<std::string>& fields) {
  std::vector<std::string> quoted;
  for (const std::string& field : fields) quoted.push_back(CsvField(field));
  return absl::StrCat(absl::StrJoin(quoted, ","), "\r\n");
}

bool Write(chassis::Writer<v1::ExportIndicatorsResponse>& writer, std::string text) {
  v1::ExportIndicatorsResponse piece;
  piece.set_text(std::move(text));
  return writer.Write(piece);
}

std::string IndicatorsCsv(const v1::PartsIndicators& all) {
  std::string text = CsvLine({"key", "name_zh", "name_en", "value", "unit", "numerator", "denominator", "formula_zh",
                              "formula_en", "from_month", "to_month"});
  for (const v1::Indicator& one : all.indicators()) {
    text += CsvLine({one.key(), one.name_zh(), one.name_en(), one.has_value() ? absl::StrCat(one.value()) : "",
                     v1::Indicator::Unit_Name(one.unit()).substr(sizeof("UNIT_") - 1), absl::StrCat(one.numerator()),
                     absl::StrCat(one.denominator()), one.formula_zh(), one.formula_en(), all.from_month(),
                     all.to_month()});
  }
  return text;
}

v1::ReplenishmentRun LevelsBy(const v1::PartsPolicy& policy) {
  v1::ReplenishmentRun run;
  TakeFigures(policy, run);
  return run;
}

}  // namespace

IndicatorsService::IndicatorsService(chassis::Rooms& rooms)
    : host_(rooms.host),
      store_(rooms.host.cipher()),
      demand_(rooms.host.cipher()),
      policy_(rooms.host.cipher()),
      stores_(rooms.host.cipher()) {
  rooms.rpcs.On(this, &IndicatorsService::Evaluate);
  rooms.rpcs.On(this, &IndicatorsService::Indicators);
  rooms.rpcs.Watch(this, &IndicatorsService::Export);
  rooms.rpcs.On(this, &IndicatorsService::Propose);
  rooms.rpcs.On(this, &IndicatorsService::GetTransfer);
  rooms.rpcs.On(this, &IndicatorsService::ListTransfers);
  rooms.rpcs.On(this, &IndicatorsService::Settle);
  rooms.rpcs.Standard<v1::PartEvaluation>(store_.evaluations());
  rooms.rpcs.Standard<v1::PartFigure>(store_.figures());
  rooms.Periodically("part_evaluations", absl::Seconds(30), [this] { return EvaluateAll(); });
  for (const GaugeOf& gauge : kGauges) {
    rooms.Count({.name = gauge.name, .help = gauge.help, .points = [this, key = gauge.key](Session& session) {
                   return PointsOf(session, key);
                 }});
  }
}

absl::StatusOr<v1::PartEvaluation> IndicatorsService::Begin(UnitOfWork& work, const std::string& time_zone) {
  v1::PartEvaluation evaluation;
  evaluation.set_store_id(work.store_id());
  evaluation.set_state(v1::PartEvaluation::STATE_MEASURING);
  evaluation.set_run_date(chassis::CivilDate(work.now(), time_zone));
  evaluation.set_actor(work.actor().subject);
  evaluation.set_running_store_id(work.store_id());
  ASSIGN_OR_RETURN(const int64_t part_count, facts_.PartCount(work.sql(), work.store_id()));
  evaluation.set_part_count(part_count);
  const absl::Status inserted = store_.evaluations().Insert(work, evaluation);
  if (absl::IsAlreadyExists(inserted)) {
    return chassis::Refuse(v1::PLANNING_ERROR_REASON_EVALUATION_RUNNING)
        .At("store_id", "已有配件分析在进行", "has an evaluation under way");
  }
  RETURN_IF_ERROR(inserted);
  return evaluation;
}

absl::StatusOr<v1::PartEvaluation> IndicatorsService::Evaluate(chassis::Call& call,
                                                               const v1::EvaluatePartsRequest& request) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  ASSIGN_OR_RETURN(v1::PartEvaluation evaluation,
                   call.Transact<v1::PartEvaluation>([&](UnitOfWork& work) { return Begin(work, store.time_zone()); }));
  WhileTheCallerWaits(call, host_, [&] { return Advance(evaluation.store_id(), evaluation.part_evaluation_id()); });
  ASSIGN_OR_RETURN(evaluation, call.Read([&](Session& session) {
    return store_.evaluations().Get(session, request.store_id(), evaluation.part_evaluation_id());
  }));
  RETURN_IF_ERROR(call.Conclude(evaluation));
  return evaluation;
}

absl::Status IndicatorsService::EvaluateAll() {
  std::vector<std::string> store_ids;
  RETURN_IF_ERROR(host_.pool().Read(host_.clock().Now() + absl::Seconds(10), [&](Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(store_ids, demand_.StoreIds(session));
    return absl::OkStatus();
  }));
  for (const std::string& store_id : store_ids) {
    ASSIGN_OR_RETURN(const auto store, host_.stores().Get(store_id, host_.clock().Now() + absl::Seconds(10)));
    std::optional<v1::PartEvaluation> latest;
    RETURN_IF_ERROR(host_.pool().Read(host_.clock().Now() + absl::Seconds(10), [&](Session& session) -> absl::Status {
      ASSIGN_OR_RETURN(latest, store_.Latest(session, store_id));
      return absl::OkStatus();
    }));
    const std::string today = chassis::CivilDate(host_.clock().Now(), store.time_zone());
    if (latest.has_value() && (latest->state() != v1::PartEvaluation::STATE_DONE || latest->run_date() >= today)) {
      continue;
    }
    const absl::Status begun = host_.CommitInBackground(
        store_id, "BeginEvaluation", [&](UnitOfWork& work) { return Begin(work, store.time_zone()).status(); });
    if (!begun.ok() && !chassis::IsRefusal(begun, v1::PLANNING_ERROR_REASON_EVALUATION_RUNNING)) return begun;
  }
  std::vector<IndicatorsStore::Going> going;
  RETURN_IF_ERROR(host_.pool().Read(host_.clock().Now() + absl::Seconds(10), [&](Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(going, store_.Running(session));
    return absl::OkStatus();
  }));
  for (const IndicatorsStore::Going& one : going) {
    RETURN_IF_ERROR(OneTurn([&] { return Advance(one.store_id, one.part_evaluation_id); }));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> IndicatorsService::Advance(const std::string& store_id, const std::string& part_evaluation_id) {
  ASSIGN_OR_RETURN(const auto store, host_.stores().Get(store_id, host_.clock().Now() + absl::Seconds(10)));
  const absl::TimeZone zone = ZoneNamed(store.time_zone());
  bool more = false;
  RETURN_IF_ERROR(host_.CommitInBackground(store_id, "AdvanceEvaluation", [&](UnitOfWork& work) -> absl::Status {
    more = false;
    // Its lock lets one worker at a time at the page.
    ASSIGN_OR_RETURN(const v1::PartEvaluation before,
                     store_.evaluations().Lock(work, work.store_id(), part_evaluation_id));
    if (before.state() == v1::PartEvaluation::STATE_DONE) return absl::OkStatus();
    v1::PartEvaluation after = before;
    RETURN_IF_ERROR(before.state() == v1::PartEvaluation::STATE_MEASURING ? MeasurePage(work, zone, after)
                                                                          : RankPage(work, after));
    more = after.state() != v1::PartEvaluation::STATE_DONE;
    return store_.evaluations().Update(work, before, after);
  }));
  return more;
}

absl::Status IndicatorsService::MeasurePage(UnitOfWork& work, const absl::TimeZone& zone,
                                            v1::PartEvaluation& evaluation) {
  ASSIGN_OR_RETURN(const v1::PartsPolicy policy, policy_.Get(work.sql(), work.store_id()));
  ASSIGN_OR_RETURN(auto page, facts_.Page(work.sql(), work.store_id(), evaluation.last_part_id(), work.now(), zone));
  RETURN_IF_ERROR(facts_.AddOffers(work.sql(), work.store_id(), page));
  RETURN_IF_ERROR(facts_.AddIdleTimes(work.sql(), work.store_id(), page));
  const v1::ReplenishmentRun levels_of = LevelsBy(policy);
  std::vector<v1::PartFigure> figures;
  for (const PartFacts& part : page) {
    v1::PartFigure& figure = figures.emplace_back(FigureOf(part, levels_of, policy, work.now(), zone));
    figure.set_part_evaluation_id(evaluation.part_evaluation_id());
    Count(figure, evaluation);
  }
  RETURN_IF_ERROR(store_.SaveFigures(work, figures));
  if (!page.empty()) evaluation.set_last_part_id(page.back().part_id);
  if (static_cast<int64_t>(page.size()) == kPartsPerPage) return absl::OkStatus();
  evaluation.clear_last_part_id();
  return chassis::MoveTo(evaluation, v1::PartEvaluation::STATE_RANKING);
}

absl::Status IndicatorsService::RankPage(UnitOfWork& work, v1::PartEvaluation& evaluation) {
  ASSIGN_OR_RETURN(const v1::PartsPolicy policy, policy_.Get(work.sql(), work.store_id()));
  std::optional<int64_t> last_amount;
  if (!evaluation.last_part_id().empty()) last_amount = evaluation.last_amount();
  ASSIGN_OR_RETURN(const auto ranked, store_.RankedAfter(work.sql(), work.store_id(), last_amount,
                                                         evaluation.last_part_id(), kRankedPerPage));
  std::map<v1::PartFigure::AbcClass, std::vector<std::string>> changed;
  for (const IndicatorsStore::Ranked& part : ranked) {
    const auto abc_class = Rank(part.consumption_amount, policy, evaluation);
    if (v1::PartFigure::AbcClass_Name(abc_class) != "ABC_CLASS_" + part.abc_class) {
      changed[abc_class].push_back(part.part_id);
    }
  }
  for (const auto& [abc_class, part_ids] : changed) RETURN_IF_ERROR(store_.SetAbcClass(work, abc_class, part_ids));
  if (!ranked.empty()) {
    evaluation.set_last_part_id(ranked.back().part_id);
    evaluation.set_last_amount(ranked.back().consumption_amount);
  }
  if (static_cast<int64_t>(ranked.size()) == kRankedPerPage) return absl::OkStatus();
  evaluation.clear_running_store_id();
  *evaluation.mutable_done_time() = work.now_proto();
  return chassis::MoveTo(evaluation, v1::PartEvaluation::STATE_DONE);
}

absl::StatusOr<v1::PartsIndicators> IndicatorsService::IndicatorsIn(Session& session, const std::string& store_id,
                                                                    const MonthSpan& period,
                                                                    const absl::TimeZone& zone) {
  const absl::CivilDay today = absl::ToCivilDay(host_.clock().Now(), zone);
  v1::PartsIndicators all;
  all.set_store_id(store_id);
  all.set_from_month(FirstDay(period.from));
  all.set_to_month(FirstDay(period.to));
  ASSIGN_OR_RETURN(const IndicatorFacts facts, store_.Facts(session, store_id, period, zone, today));
  const std::vector<v1::Indicator> indicators = IndicatorsOf(facts, period, today);
  *all.mutable_indicators() = {indicators.begin(), indicators.end()};
  ASSIGN_OR_RETURN(const auto position, demand_.Position(session, store_id));
  if (position.has_value()) *all.mutable_counted_until_time() = chassis::ToProto(*position);
  ASSIGN_OR_RETURN(const auto latest, store_.Latest(session, store_id));
  if (latest.has_value()) *all.mutable_evaluate_time() = latest->create_time();
  return all;
}

absl::StatusOr<v1::PartsIndicators> IndicatorsService::Indicators(chassis::Call& call,
                                                                  const v1::GetPartsIndicatorsRequest& request) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  const absl::TimeZone zone = ZoneNamed(store.time_zone());
  ASSIGN_OR_RETURN(const MonthSpan period,
                   PeriodOf(request.from_month(), request.to_month(), MonthOf(call.Now(), zone)));
  return call.Read([&](Session& session) { return IndicatorsIn(session, request.store_id(), period, zone); });
}

absl::Status IndicatorsService::Export(chassis::Call& call, const v1::ExportIndicatorsRequest& request,
                                       chassis::Writer<v1::ExportIndicatorsResponse>& writer) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  const absl::TimeZone zone = ZoneNamed(store.time_zone());
  ASSIGN_OR_RETURN(const MonthSpan period,
                   PeriodOf(request.from_month(), request.to_month(), MonthOf(call.Now(), zone)));
  switch (request.content()) {
    case v1::ExportIndicatorsRequest::CONTENT_PART_FIGURES:
      return ExportFigures(call, writer);
    case v1::ExportIndicatorsRequest::CONTENT_PART_DEMANDS:
      return ExportDemands(call, period, writer);
    default:
      break;
  }
  ASSIGN_OR_RETURN(const v1::PartsIndicators all, call.Read([&](Session& session) {
    return IndicatorsIn(session, request.store_id(), period, zone);
  }));
  Write(writer, IndicatorsCsv(all));
  return absl::OkStatus();
}

absl::Status IndicatorsService::ExportFigures(chassis::Call& call,
                                              chassis::Writer<v1::ExportIndicatorsResponse>& writer) {
  std::string text =
      CsvLine({"part_number", "abc_class", "xyz_class", "stock_class", "consumption_amount", "monthly_mean_milli",
               "monthly_deviation_milli", "variation_basis_points", "daily_micro", "on_hand_milli", "available_milli",
               "on_order_milli", "value_amount", "cover_days", "idle_days", "shortage_milli", "surplus_milli"});
  chassis::records::ListQuery query;
  query.scope = call.store_id();
  query.page_size = kExportedPerPage;
  do {
    std::vector<std::unique_ptr<v1::PartFigure>> page;
    std::string next;
    // A connection for each page only: a slow reader holds none.
    ASSIGN_OR_RETURN(next, call.Read([&](Session& session) -> absl::StatusOr<std::string> {
      page.clear();
      std::string token;
      RETURN_IF_ERROR(store_.figures().List(
          session, query, [&] { return page.emplace_back(std::make_unique<v1::PartFigure>()).get(); }, token));
      return token;
    }));
    for (const auto& one : page) {
      text += CsvLine(
          {one->part_number(), v1::PartFigure::AbcClass_Name(one->abc_class()).substr(sizeof("ABC_CLASS_") - 1),
           v1::PartFigure::XyzClass_Name(one->xyz_class()).substr(sizeof("XYZ_CLASS_") - 1),
           v1::PartFigure::StockClass_Name(one->stock_class()).substr(sizeof("STOCK_CLASS_") - 1),
           absl::StrCat(one->consumption_amount()), absl::StrCat(one->monthly_mean_milli()),
           absl::StrCat(one->monthly_deviation_milli()), absl::StrCat(one->variation_basis_points()),
           absl::StrCat(one->daily_micro()), absl::StrCat(one->on_hand_milli()), absl::StrCat(one->available_milli()),
           absl::StrCat(one->on_order_milli()), absl::StrCat(one->value_amount()),
           one->has_cover_days() ? absl::StrCat(one->cover_days()) : "", absl::StrCat(one->idle_days()),
           absl::StrCat(one->shortage_milli()), absl::StrCat(one->surplus_milli())});
    }
    if (!Write(writer, std::move(text))) return absl::CancelledError("the client has gone");
    text.clear();
    query.page_token = next;
  } while (!query.page_token.empty());
  return absl::OkStatus();
}

absl::Status IndicatorsService::ExportDemands(chassis::Call& call, const MonthSpan& period,
                                              chassis::Writer<v1::ExportIndicatorsResponse>& writer) {
  std::string text = CsvLine({"part_id", "month", "order_milli", "sale_milli", "special_order_milli", "lost_milli",
                              "demand_milli", "cost_amount", "special_order_cost_amount", "received_milli",
                              "requested_line_count", "served_line_count", "lost_line_count"});
  chassis::records::ListQuery query;
  query.scope = call.store_id();
  query.page_size = kExportedPerPage;
  query.order_by = "month";
  query.filter = absl::StrCat("month >= \"", FirstDay(period.from), "\" AND month <= \"", FirstDay(period.to), "\"");
  do {
    std::vector<std::unique_ptr<v1::PartDemand>> page;
    std::string next;
    ASSIGN_OR_RETURN(next, call.Read([&](Session& session) -> absl::StatusOr<std::string> {
      page.clear();
      std::string token;
      RETURN_IF_ERROR(demand_.demands().List(
          session, query, [&] { return page.emplace_back(std::make_unique<v1::PartDemand>()).get(); }, token));
      return token;
    }));
    for (const auto& one : page) {
      Derive(*one);
      text += CsvLine({one->part_id(), one->month(), absl::StrCat(one->order_milli()), absl::StrCat(one->sale_milli()),
                       absl::StrCat(one->special_order_milli()), absl::StrCat(one->lost_milli()),
                       absl::StrCat(one->demand_milli()), absl::StrCat(one->cost_amount()),
                       absl::StrCat(one->special_order_cost_amount()), absl::StrCat(one->received_milli()),
                       absl::StrCat(one->requested_line_count()), absl::StrCat(one->served_line_count()),
                       absl::StrCat(one->lost_line_count())});
    }
    if (!Write(writer, std::move(text))) return absl::CancelledError("the client has gone");
    text.clear();
    query.page_token = next;
  } while (!query.page_token.empty());
  return absl::OkStatus();
}

absl::StatusOr<v1::ProposeTransfersResponse> IndicatorsService::Propose(chassis::Call& call,
                                                                        const v1::ProposeTransfersRequest& request) {
  return call.Transact<v1::ProposeTransfersResponse>(
      [&](UnitOfWork& work) -> absl::StatusOr<v1::ProposeTransfersResponse> {
        RETURN_IF_ERROR(store_.OutdateOpen(work));
        ASSIGN_OR_RETURN(const auto lacks, store_.Lacks(work.sql(), request.store_id()));
        ASSIGN_OR_RETURN(const auto store_ids, demand_.StoreIds(work.sql()));
        std::vector<Spare> spares;
        for (const std::string& other : store_ids) {
          if (other == request.store_id()) continue;
          ASSIGN_OR_RETURN(const auto some, store_.SparesOf(work.sql(), request.store_id(), other, store_ids));
          spares.insert(spares.end(), some.begin(), some.end());
        }
        std::vector<v1::TransferProposal> proposals = MatchTransfers(lacks, std::move(spares));
        for (v1::TransferProposal& proposal : proposals) proposal.set_store_id(work.store_id());
        if (!proposals.empty()) RETURN_IF_ERROR(store_.transfers().InsertAll(work, proposals));
        v1::ProposeTransfersResponse response;
        response.set_proposal_count(static_cast<int64_t>(proposals.size()));
        for (v1::TransferProposal& proposal : proposals) {
          if (response.transfer_proposals_size() == kProposalsShown) break;
          Explain(proposal);
          *response.add_transfer_proposals() = proposal;
        }
        return response;
      });
}

absl::StatusOr<v1::TransferProposal> IndicatorsService::GetTransfer(chassis::Call& call,
                                                                    const v1::GetTransferProposalRequest& request) {
  return call.Read([&](Session& session) -> absl::StatusOr<v1::TransferProposal> {
    ASSIGN_OR_RETURN(v1::TransferProposal proposal,
                     store_.transfers().Get(session, request.store_id(), request.transfer_proposal_id()));
    Explain(proposal);
    return proposal;
  });
}

absl::StatusOr<v1::ListTransferProposalsResponse> IndicatorsService::ListTransfers(
    chassis::Call& call, const v1::ListTransferProposalsRequest& request) {
  return call.Read([&](Session& session) -> absl::StatusOr<v1::ListTransferProposalsResponse> {
    chassis::records::ListQuery query = chassis::records::QueryFrom(request);
    query.scope = request.store_id();
    v1::ListTransferProposalsResponse response;
    RETURN_IF_ERROR(store_.transfers().List(
        session, query, [&] { return response.add_transfer_proposals(); }, *response.mutable_next_page_token()));
    for (v1::TransferProposal& proposal : *response.mutable_transfer_proposals()) Explain(proposal);
    return response;
  });
}

absl::StatusOr<v1::TransferProposal> IndicatorsService::Settle(chassis::Call& call,
                                                               const v1::SettleTransferProposalRequest& request) {
  const bool requested = !request.transfer_id().empty();
  if (!requested && request.reason().empty()) return chassis::ReasonRequired("reason");
  return call.Transact<v1::TransferProposal>([&](UnitOfWork& work) -> absl::StatusOr<v1::TransferProposal> {
    work.Because(request.reason());
    ASSIGN_OR_RETURN(const v1::TransferProposal before,
                     store_.transfers().Lock(work, work.store_id(), request.transfer_proposal_id()));
    if (requested) {
      ASSIGN_OR_RETURN(const bool ours, store_.IsTransferFrom(work.sql(), work.store_id(), request.transfer_id(),
                                                              before.from_store_id()));
      if (!ours) {
        return chassis::NotFound("transfer", request.transfer_id())
            .At("transfer_id", "不是从该门店调入的调拨单", "is no transfer from that store");
      }
    }
    v1::TransferProposal after = before;
    RETURN_IF_ERROR(chassis::MoveTo(
        after, requested ? v1::TransferProposal::STATE_REQUESTED : v1::TransferProposal::STATE_DISMISSED));
    after.set_transfer_id(request.transfer_id());
    after.set_reason(request.reason());
    RETURN_IF_ERROR(store_.transfers().Update(work, before, after));
    Explain(after);
    return after;
  });
}

absl::Status IndicatorsService::ReadAnew(Session& session) {
  const absl::Time now = host_.clock().Now();
  ASSIGN_OR_RETURN(const auto stores, stores_.Select(session, "ORDER BY store_id"));
  for (const auto& store : stores) {
    Kept& kept = kept_[store.store_id()];
    if (now - kept.read_time < kReadEvery) continue;
    // The others keep what they had; the next count goes on with them.
    if (host_.clock().Now() - now > kReadingMax) break;
    const absl::TimeZone zone = ZoneNamed(store.time_zone());
    ASSIGN_OR_RETURN(const MonthSpan period, PeriodOf("", "", MonthOf(now, zone)));
    ASSIGN_OR_RETURN(kept.indicators, IndicatorsIn(session, store.store_id(), period, zone));
    kept.read_time = now;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<chassis::Census::Point>> IndicatorsService::PointsOf(Session& session,
                                                                                std::string_view key) {
  RETURN_IF_ERROR(ReadAnew(session));
  std::vector<chassis::Census::Point> points;
  for (const auto& [store_id, kept] : kept_) {
    for (const v1::Indicator& one : kept.indicators.indicators()) {
      if (one.key() != key || !one.has_value()) continue;
      const bool ratio =
          one.unit() == v1::Indicator::UNIT_BASIS_POINTS || one.unit() == v1::Indicator::UNIT_TIMES_BASIS_POINTS;
      const auto value = static_cast<double>(one.value());
      points.push_back({store_id, {}, ratio ? value / chassis::kBasisPoints : value});
    }
  }
  return points;
}

}  // namespace parts
