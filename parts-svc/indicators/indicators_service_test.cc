// The indicators room on a real database: from the day's business to classes, figures, CSV and proposals.
#include "absl/strings/str_replace.h"
#include "aftersales/parts/v1/demand.pb.h"
#include "aftersales/parts/v1/indicators.pb.h"
#include "aftersales/parts/v1/planning_errors.pb.h"
#include "aftersales/parts/v1/replenishment.pb.h"
#include "gmock/gmock.h"
#include "parts-svc/parts_for_test.h"
#include "tests/harness/plans.h"

namespace parts {
namespace {

using testing::HasSubstr;

class Evaluating : public PartsStore {
 protected:
  void Sold(const v1::Part& part, int64_t quantity_milli, int64_t cost_amount, int64_t left_milli = 0) {
    Receive(part, quantity_milli + left_milli, cost_amount);
    Must<v1::Issue>(Drawing(Reserve(NewId(), {{part, quantity_milli}}), quantity_milli));
  }
  void CountDemand() {
    clock_.Advance(absl::Minutes(11));
    RunPeriodic("count_demand");
  }
  v1::PartEvaluation Evaluate() { return Must<v1::PartEvaluation>(v1::EvaluatePartsRequest()); }
  v1::PartFigure FigureOf(const v1::Part& part) {
    v1::GetPartFigureRequest request;
    request.set_part_id(part.part_id());
    return Must<v1::PartFigure>(request);
  }
  v1::Indicator IndicatorNamed(const std::string& key) {
    const auto all = Must<v1::PartsIndicators>(v1::GetPartsIndicatorsRequest());
    for (const auto& one : all.indicators()) {
      if (one.key() == key) return one;
    }
    ADD_FAILURE() << "no indicator " << key;
    return {};
  }
  std::string Exported(v1::ExportIndicatorsRequest::Content content) {
    v1::ExportIndicatorsRequest request;
    request.set_store_id(kStore);
    request.set_content(content);
    const auto* method = chassis::MethodTaking(v1::ExportIndicatorsRequest::descriptor());
    chassis::Command command;
    command.store_id = kStore;
    command.actor.subject = identity_.subject;
    chassis::Call call(host_, identity_, command, clock_.Now() + absl::Seconds(30), "en", "");
    std::string text;
    const absl::Status status = rpcs_.entries()
                                    .at(chassis::PathOf(method))
                                    .stream(
                                        call, request,
                                        [&](const google::protobuf::Message& piece) {
                                          text += static_cast<const v1::ExportIndicatorsResponse&>(piece).text();
                                          return true;
                                        },
                                        [] { return false; });
    EXPECT_TRUE(status.ok()) << status;
    return text;
  }
  // Another store of the group that has a figure for the same part number.
  void OtherStoreHas(const std::string& part_number, int64_t surplus_milli, int64_t idle_days) {
    Execute(
        "INSERT INTO store (store_id, version, code, display_name, time_zone, currency_code, settings) VALUES "
        "(UNHEX('22222222222271118111222222222222'), 1, 'BJ01', '北京一店', 'Asia/Shanghai', 'CNY', '{}')");
    Execute(absl::StrCat(
        "INSERT INTO part_figure SELECT UNHEX('22222222222271118111222222222222'), part_id, 1, part_number, "
        "part_evaluation_id, evaluate_time, 'C', 'Z', 'DEAD', 0, 0, 0, 0, 0, ",
        surplus_milli, ", ", surplus_milli, ", 0, 100, NULL, ", idle_days, ", 0, ", surplus_milli,
        " FROM part_figure WHERE part_number = '", part_number, "'"));
  }
};

// Handbook: P-11
TEST_F(Evaluating, ClassesEveryPartByItsConsumption) {
  std::vector<v1::Part> parts;
  for (const int64_t cost : {60000, 19000, 10000, 6000, 5000}) {
    parts.push_back(APart(absl::StrCat("F-", parts.size())));
    Sold(parts.back(), 1000, cost);
  }
  parts.push_back(APart("IDLE"));
  CountDemand();
  const auto evaluation = Evaluate();
  EXPECT_EQ(evaluation.state(), v1::PartEvaluation::STATE_DONE);
  EXPECT_EQ(evaluation.measured_count(), 6);
  EXPECT_EQ(evaluation.ranked_count(), 6);
  EXPECT_EQ(evaluation.consumption_amount(), 100000);
  EXPECT_EQ(evaluation.class_a_count(), 3);
  EXPECT_EQ(FigureOf(parts[2]).abc_class(), v1::PartFigure::ABC_CLASS_A);
  EXPECT_EQ(FigureOf(parts[3]).abc_class(), v1::PartFigure::ABC_CLASS_B);
  EXPECT_EQ(FigureOf(parts[4]).abc_class(), v1::PartFigure::ABC_CLASS_C);
  EXPECT_EQ(FigureOf(parts[5]).abc_class(), v1::PartFigure::ABC_CLASS_C);
  v1::ListPartFiguresRequest list;
  list.set_filter("abc_class = \"A\"");
  list.set_order_by("value_amount desc");
  EXPECT_EQ(Must<v1::ListPartFiguresResponse>(list).part_figures_size(), 3);
}

// Handbook: P-11
TEST_F(Evaluating, FindsSlowAndDeadStockAndTheNextEvaluationSeesItLive) {
  const v1::Part filter = APart("F-1"), plug = APart("P-1");
  Sold(filter, 1000, 1000, 9000);
  Sold(plug, 1000, 1000, 9000);
  clock_.Advance(absl::Hours(24 * 200));
  Must<v1::Issue>(Drawing(Reserve(NewId(), {{plug, 1000}}), 1000));
  for (int turn = 0; turn < 3; ++turn) CountDemand();
  Evaluate();
  EXPECT_EQ(FigureOf(filter).stock_class(), v1::PartFigure::STOCK_CLASS_SLOW);
  EXPECT_EQ(FigureOf(plug).stock_class(), v1::PartFigure::STOCK_CLASS_ACTIVE);
  EXPECT_EQ(IndicatorNamed("slow_stock").value(), 900);
  clock_.Advance(absl::Hours(24 * 200));
  CountDemand();
  const auto evaluation = Evaluate();
  EXPECT_EQ(FigureOf(filter).stock_class(), v1::PartFigure::STOCK_CLASS_DEAD);
  EXPECT_EQ(evaluation.dead_count(), 1);
  EXPECT_EQ(IndicatorNamed("dead_stock").value(), 900);
  EXPECT_EQ(IndicatorNamed("dead_stock").drill_down_filter(), "stock_class = \"DEAD\"");
}

TEST_F(Evaluating, RunsByItselfOnceADay) {
  APart("F-1");
  RunPeriodic("part_evaluations");
  RunPeriodic("part_evaluations");
  EXPECT_EQ(Count("part_evaluation WHERE state = 'DONE'"), 1);
  clock_.Advance(absl::Hours(24));
  RunPeriodic("part_evaluations");
  EXPECT_EQ(Count("part_evaluation WHERE state = 'DONE'"), 2);
  EXPECT_EQ(Count("part_figure"), 1);
}

TEST_F(Evaluating, GoesOnWhereACrashLeftItAndLetsNoSecondBegin) {
  APart("F-1");
  Evaluate();
  Execute(
      "UPDATE part_evaluation SET state = 'MEASURING', running_store_id = store_id, last_part_id = NULL, "
      "measured_count = 0, ranked_count = 0");
  EXPECT_TRUE(IsRefusal(Send<v1::PartEvaluation>(v1::EvaluatePartsRequest()).status(),
                        v1::PLANNING_ERROR_REASON_EVALUATION_RUNNING));
  RunPeriodic("part_evaluations");
  EXPECT_EQ(Count("part_evaluation WHERE state = 'DONE' AND measured_count = 1 AND ranked_count = 1"), 1);
}

// Handbook: P-18, G-09
TEST_F(Evaluating, AnswersTheIndicatorsFromTheDaysBusiness) {
  const v1::Part filter = APart("F-1");
  Sold(filter, 1000, 2000, 1000);  // 1000 gone, 1000 left
  v1::CreateReservationRequest queue = Holding(NewId(), {{filter, 3000}});
  queue.set_shortage_policy(v1::SHORTAGE_POLICY_QUEUE);
  Must<v1::Reservation>(queue);
  CountDemand();
  Evaluate();
  EXPECT_EQ(IndicatorNamed("fill_rate").value(), 5000);
  EXPECT_EQ(IndicatorNamed("fill_rate").denominator(), 2);
  EXPECT_EQ(IndicatorNamed("stock_value").value(), 1000);
  EXPECT_EQ(IndicatorNamed("turnover").numerator(), 1000);
  EXPECT_THAT(IndicatorNamed("turnover").formula_en(), HasSubstr("average stock value"));
  EXPECT_EQ(Figure("parts_fill_rate_ratio"), 0.5);
  EXPECT_EQ(Figure("parts_turnover_ratio"), IndicatorNamed("turnover").value() / 10000.0);
  EXPECT_EQ(Figure("parts_true_turnover_ratio"), IndicatorNamed("true_turnover").value() / 10000.0);
  EXPECT_EQ(Figure("parts_cover_days"), IndicatorNamed("days_of_cover").value());
  EXPECT_EQ(Figure("parts_lost_sale_lines"), 0);
  EXPECT_EQ(Figure("parts_slow_stock_amount"), 0);
  EXPECT_EQ(Figure("parts_dead_stock_amount"), 0);
  EXPECT_EQ(Figure("parts_supplier_on_time_ratio"), std::nullopt) << "nothing was promised";
  EXPECT_EQ(Figure("parts_count_accuracy_ratio"), std::nullopt) << "nothing was counted";
  EXPECT_EQ(Figure("parts_stock_value_amount"), 1000);
  EXPECT_EQ(Figure("parts_short_parts"), 1);
  v1::GetPartsIndicatorsRequest reversed;
  reversed.set_from_month("2026-11-01");
  reversed.set_to_month("2026-10-01");
  EXPECT_TRUE(IsRefusal(Send<v1::PartsIndicators>(reversed).status(), v1::PLANNING_ERROR_REASON_MONTHS_REVERSED));
}

// Handbook: P-18
TEST_F(Evaluating, ExportsIndicatorsFiguresAndDemandsAsCsv) {
  Sold(APart("F-1"), 1000, 2000, 1000);
  CountDemand();
  Evaluate();
  EXPECT_THAT(Exported(v1::ExportIndicatorsRequest::CONTENT_INDICATORS), HasSubstr("turnover,库存周转率,Turnover,"));
  const std::string figures = Exported(v1::ExportIndicatorsRequest::CONTENT_PART_FIGURES);
  EXPECT_THAT(figures, HasSubstr("part_number,abc_class"));
  EXPECT_THAT(figures, HasSubstr("\r\nF-1,A,"));
  EXPECT_THAT(Exported(v1::ExportIndicatorsRequest::CONTENT_PART_DEMANDS), HasSubstr(",2026-11-01,1000,0,0,0,1000,"));
}

// Handbook: P-11, P-13
TEST_F(Evaluating, ProposesWhatAnotherStoreHasTooMuchOf) {
  const v1::Part filter = APart("F-1");
  v1::CreateReservationRequest queue = Holding(NewId(), {{filter, 5000}});
  queue.set_shortage_policy(v1::SHORTAGE_POLICY_QUEUE);
  Must<v1::Reservation>(queue);
  Evaluate();
  OtherStoreHas("F-1", 3000, 400);
  const auto response = Must<v1::ProposeTransfersResponse>(v1::ProposeTransfersRequest());
  ASSERT_EQ(response.proposal_count(), 1);
  const auto& proposal = response.transfer_proposals(0);
  EXPECT_EQ(proposal.quantity_milli(), 3000);
  EXPECT_EQ(proposal.shortage_milli(), 5000);
  EXPECT_THAT(proposal.explanation_zh(), HasSubstr("建议调拨 3"));
  // A new round takes the open ones' place.
  Must<v1::ProposeTransfersResponse>(v1::ProposeTransfersRequest());
  EXPECT_EQ(Count("transfer_proposal WHERE state = 'OPEN'"), 1);
  v1::ListTransferProposalsRequest list;
  list.set_filter("state = \"OPEN\"");
  const auto open = Must<v1::ListTransferProposalsResponse>(list);
  v1::SettleTransferProposalRequest settle;
  settle.set_transfer_proposal_id(open.transfer_proposals(0).transfer_proposal_id());
  EXPECT_FALSE(Send<v1::TransferProposal>(settle).ok());  // neither requested nor a reason
  settle.set_transfer_id("33333333-3333-7333-8333-333333333333");
  EXPECT_FALSE(Send<v1::TransferProposal>(settle).ok());  // there is no such transfer
  Execute(
      "INSERT INTO transfer (store_id, transfer_id, version, number, side, other_store_id, state, reason, "
      "close_reason, "
      "requester, approver, carrier, tracking_number, cost_amount, process_refusal) VALUES "
      "(UNHEX('0123456789ab7def8123456789abcdef'), UNHEX('33333333333373338333333333333333'), 1, 'SH01-TRF-1', "
      "'RECEIVING', UNHEX('22222222222271118111222222222222'), 'REQUESTED', '', '', '', '', '', '', 0, '')");
  EXPECT_EQ(Must<v1::TransferProposal>(settle).state(), v1::TransferProposal::STATE_REQUESTED);
  settle.set_request_id(NewId());
  EXPECT_FALSE(Send<v1::TransferProposal>(settle).ok());
}

TEST_F(Evaluating, FindsEveryRowByAnIndex) {
  chassis::sql::RecordStatementsForTest(true);
  const v1::Part old = APart("F-1"), newest = APart("F-2");
  Sold(old, 1000, 2000, 1000);
  v1::SupersedePartRequest supersede;
  supersede.set_part_id(old.part_id());
  supersede.set_successor_part_id(newest.part_id());
  supersede.set_reason("bulletin");
  Must<v1::Part>(supersede);
  v1::CreateReservationRequest queue = Holding(NewId(), {{newest, 5000}});
  queue.set_shortage_policy(v1::SHORTAGE_POLICY_QUEUE);
  Cancel(Must<v1::Reservation>(queue).holder_id());
  CountDemand();
  Evaluate();
  OtherStoreHas("F-2", 3000, 400);
  const auto run = Must<v1::ReplenishmentRun>(v1::RunReplenishmentRequest());
  v1::ListReplenishmentProposalsRequest proposals;
  proposals.set_filter("replenishment_run_id = \"" + run.replenishment_run_id() + "\"");
  Must<v1::ListReplenishmentProposalsResponse>(proposals);
  v1::ApproveReplenishmentRequest approve;
  approve.set_replenishment_run_id(run.replenishment_run_id());
  EXPECT_FALSE(Send<v1::ReplenishmentRun>(approve).ok());
  RunPeriodic("replenishment_runs");
  RunPeriodic("part_evaluations");
  Must<v1::PartsIndicators>(v1::GetPartsIndicatorsRequest());
  Exported(v1::ExportIndicatorsRequest::CONTENT_PART_DEMANDS);
  Must<v1::ProposeTransfersResponse>(v1::ProposeTransfersRequest());
  v1::GetPartDemandRequest demand;
  demand.set_part_id(newest.part_id());
  Must<v1::PartDemandHistory>(demand);
  EXPECT_EQ(Differences(), std::vector<std::string>());
  chassis::sql::RecordStatementsForTest(false);
  int explained = 0;
  const absl::Status done =
      schema_->pool().Read(absl::InfiniteFuture(), [&](chassis::sql::Session& session) -> absl::Status {
        for (const std::string& statement : chassis::sql::RecordedStatementsForTest()) {
          const bool counts = statement.rfind("INSERT INTO part_demand", 0) == 0;
          if (!counts && statement.rfind("SELECT", 0) != 0 && statement.rfind("UPDATE", 0) != 0) continue;
          EXPECT_EQ(harness::TablesReadWhole(session, statement, harness::SampleValues(statement, kStore)),
                    std::vector<std::string>())
              << statement;
          ++explained;
        }
        for (const auto& family : rooms_.counted) {
          // The stock is added up whole.
          if (family.name == "parts_stock_value_amount" || family.name == "parts_short_parts") continue;
          const std::string sql = absl::StrReplaceAll(family.sql, {{":now", "'2026-11-21 01:00:00'"}});
          if (sql.empty()) continue;
          EXPECT_EQ(harness::TablesReadWhole(session, sql), std::vector<std::string>()) << family.name;
        }
        return absl::OkStatus();
      });
  EXPECT_TRUE(done.ok()) << done;
  EXPECT_GT(explained, 40);
}

}  // namespace
}  // namespace parts
