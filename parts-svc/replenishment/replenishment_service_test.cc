// The replenishment room on a real database: from what was issued to the purchase orders drafted.
#include "aftersales/parts/v1/planning_errors.pb.h"
#include "aftersales/parts/v1/purchase_order.pb.h"
#include "aftersales/parts/v1/replenishment.pb.h"
#include "aftersales/parts/v1/supplier.pb.h"
#include "gmock/gmock.h"
#include "parts-svc/parts_for_test.h"

namespace parts {
namespace {

using testing::HasSubstr;

class Replenishing : public PartsStore {
 protected:
  v1::Supplier ASupplier(const std::string& code, const std::string& credit_code) {
    v1::CreateSupplierRequest create;
    create.mutable_supplier()->set_code(code);
    create.mutable_supplier()->set_display_name("供应商" + code);
    create.mutable_supplier()->set_unified_social_credit_code(credit_code);
    const auto supplier = Must<v1::Supplier>(create);
    v1::FileSupplierPaperRequest paper;
    paper.set_supplier_id(supplier.supplier_id());
    paper.set_kind(v1::SupplierPaper::KIND_BUSINESS_LICENCE);
    paper.set_paper_number("L-1");
    paper.set_valid_from_date("2020-01-01");
    paper.set_evidence("scan/1");
    Must<v1::Supplier>(paper);
    v1::ApproveSupplierRequest approve;
    approve.set_supplier_id(supplier.supplier_id());
    return Must<v1::Supplier>(approve);
  }
  void Supplies(const v1::Supplier& supplier, const v1::Part& part, int64_t price, int64_t pack_milli = 0) {
    v1::CreateSupplierPartRequest request;
    request.mutable_supplier_part()->set_supplier_id(supplier.supplier_id());
    request.mutable_supplier_part()->set_part_id(part.part_id());
    request.mutable_supplier_part()->set_unit_price_amount(price);
    request.mutable_supplier_part()->set_pack_quantity_milli(pack_milli);
    Must<v1::SupplierPart>(request);
  }
  // Sold `quantity_milli` of it today, and has `left_milli`.
  void Sold(const v1::Part& part, int64_t quantity_milli, int64_t left_milli) {
    Receive(part, quantity_milli + left_milli, 1000);
    Must<v1::Issue>(Drawing(Reserve(NewId(), {{part, quantity_milli}}), quantity_milli));
  }
  void CountDemand() {
    clock_.Advance(absl::Minutes(11));
    RunPeriodic("count_demand");
  }
  v1::ReplenishmentRun Run() { return Must<v1::ReplenishmentRun>(v1::RunReplenishmentRequest()); }
  std::vector<v1::ReplenishmentProposal> ProposalsOf(const v1::ReplenishmentRun& run) {
    v1::ListReplenishmentProposalsRequest request;
    request.set_filter("replenishment_run_id = \"" + run.replenishment_run_id() + "\"");
    const auto response = Must<v1::ListReplenishmentProposalsResponse>(request);
    return {response.replenishment_proposals().begin(), response.replenishment_proposals().end()};
  }
  v1::ChangeReplenishmentProposalRequest Changing(const v1::ReplenishmentProposal& proposal, int64_t quantity_milli) {
    v1::ChangeReplenishmentProposalRequest request;
    request.set_replenishment_run_id(proposal.replenishment_run_id());
    request.set_part_id(proposal.part_id());
    request.set_quantity_milli(quantity_milli);
    request.set_reason("season ends");
    return request;
  }
  v1::ApproveReplenishmentRequest Approval(const v1::ReplenishmentRun& run) {
    v1::ApproveReplenishmentRequest request;
    request.set_replenishment_run_id(run.replenishment_run_id());
    return request;
  }
  int64_t OpenDuties() { return Count("duty WHERE kind = 'replenishment_approval' AND state = 'OPEN'"); }

  static constexpr char kFirstCode[] = "91350100M000100Y43";
  static constexpr char kSecondCode[] = "91110000600037341L";
};

// Handbook: P-06
TEST_F(Replenishing, ProposesWhatTheDemandTakesAndExplainsIt) {
  const v1::Part filter = APart("F-1"), idle = APart("F-2");
  const auto supplier = ASupplier("S1", kFirstCode);
  Supplies(supplier, filter, 500, 4000);
  Sold(filter, 10000, 1000);
  Receive(idle, 1000, 100);
  CountDemand();
  const auto run = Run();
  EXPECT_EQ(run.state(), v1::ReplenishmentRun::STATE_READY);
  EXPECT_EQ(run.looked_at_count(), 2);
  EXPECT_EQ(run.part_count(), 2);
  ASSERT_EQ(run.proposal_count(), 1);
  EXPECT_EQ(run.number().substr(0, 9), "SH01-RPL-");
  const auto proposals = ProposalsOf(run);
  ASSERT_EQ(proposals.size(), 1u);
  const auto& proposal = proposals[0];
  // Ten pieces in the one day the part is known: reorder point 10 x 21 + 10 x 7.
  EXPECT_EQ(proposal.daily_micro(), 10000000);
  EXPECT_EQ(proposal.safety_stock_milli(), 70000);
  EXPECT_EQ(proposal.reorder_point_milli(), 280000);
  EXPECT_EQ(proposal.need_milli(), 279000);
  EXPECT_EQ(proposal.quantity_milli(), 280000);
  EXPECT_EQ(proposal.amount(), 280 * 500);
  EXPECT_EQ(proposal.supplier_id(), supplier.supplier_id());
  EXPECT_TRUE(proposal.urgent());
  EXPECT_THAT(proposal.explanation_zh(), HasSubstr("再订货点 280"));
  EXPECT_THAT(proposal.explanation_en(), HasSubstr("Reorder point 280"));
  EXPECT_EQ(OpenDuties(), 1);
}

// Handbook: P-06, P-08
TEST_F(Replenishing, DraftsAnOrderForEachSupplierWhenTheManagerApproves) {
  const v1::Part filter = APart("F-1"), plug = APart("P-1"), belt = APart("B-1");
  const auto first = ASupplier("S1", kFirstCode), second = ASupplier("S2", kSecondCode);
  Supplies(first, filter, 500);
  Supplies(first, plug, 300);
  Supplies(second, belt, 900);
  for (const auto& part : {filter, plug, belt}) Sold(part, 1000, 0);
  CountDemand();
  const auto run = Run();
  EXPECT_EQ(run.proposal_count(), 3);
  const auto approved = Must<v1::ReplenishmentRun>(Approval(run));
  EXPECT_EQ(approved.state(), v1::ReplenishmentRun::STATE_APPROVED);
  ASSERT_EQ(approved.orders_size(), 2);
  EXPECT_EQ(approved.orders(0).line_count() + approved.orders(1).line_count(), 3);
  EXPECT_EQ(Count("purchase_order WHERE state = 'DRAFT' AND origin = 'REPLENISHMENT'"), 2);
  EXPECT_EQ(OpenDuties(), 0);
  for (const auto& proposal : ProposalsOf(run)) {
    EXPECT_EQ(proposal.state(), v1::ReplenishmentProposal::STATE_ORDERED);
    EXPECT_FALSE(proposal.purchase_order_id().empty());
  }
  // What was drafted is on order: the next run asks for nothing twice.
  EXPECT_EQ(Run().proposal_count(), 0);
}

TEST_F(Replenishing, CountsDemandStockAndWaitersOfThePartsItTookThePlaceOf) {
  const v1::Part old = APart("F-1"), newest = APart("F-2");
  Sold(old, 10000, 3000);
  v1::SupersedePartRequest supersede;
  supersede.set_part_id(old.part_id());
  supersede.set_successor_part_id(newest.part_id());
  supersede.set_reason("bulletin");
  Must<v1::Part>(supersede);
  CountDemand();
  const auto proposals = ProposalsOf(Run());
  ASSERT_EQ(proposals.size(), 1u);
  EXPECT_EQ(proposals[0].part_id(), newest.part_id());
  EXPECT_EQ(proposals[0].demand_3_months_milli(), 10000);
  EXPECT_EQ(proposals[0].predecessor_available_milli(), 3000);
  EXPECT_THAT(proposals[0].explanation_zh(), HasSubstr("被替代件 3"));
}

TEST_F(Replenishing, LetsTheManagerChangeQuantityAndSupplierWithAReason) {
  const v1::Part filter = APart("F-1");
  const auto first = ASupplier("S1", kFirstCode), second = ASupplier("S2", kSecondCode);
  Supplies(first, filter, 500, 4000);
  Sold(filter, 1000, 0);
  CountDemand();
  const auto run = Run();
  const auto proposal = ProposalsOf(run)[0];
  EXPECT_TRUE(IsRefusal(Send<v1::ReplenishmentProposal>(Changing(proposal, 5000)).status(),
                        v1::PLANNING_ERROR_REASON_PROPOSAL_PACK));
  auto elsewhere = Changing(proposal, 8000);
  elsewhere.set_supplier_id(second.supplier_id());
  EXPECT_TRUE(
      IsRefusal(Send<v1::ReplenishmentProposal>(elsewhere).status(), v1::PLANNING_ERROR_REASON_SUPPLIER_NOT_FIT));
  Supplies(second, filter, 450, 2000);
  const auto changed = Must<v1::ReplenishmentProposal>([&] {
    auto request = Changing(proposal, 6000);
    request.set_supplier_id(second.supplier_id());
    return request;
  }());
  EXPECT_EQ(changed.amount(), 6 * 450);
  EXPECT_THAT(changed.explanation_en(), HasSubstr("season ends"));
  v1::GetReplenishmentRunRequest get;
  get.set_replenishment_run_id(run.replenishment_run_id());
  EXPECT_EQ(Must<v1::ReplenishmentRun>(get).amount(), 6 * 450);
  EXPECT_EQ(Must<v1::ReplenishmentRun>(Approval(run)).orders(0).supplier_id(), second.supplier_id());
  EXPECT_TRUE(IsRefusal(Send<v1::ReplenishmentProposal>(Changing(proposal, 8000)).status(),
                        v1::PLANNING_ERROR_REASON_PROPOSAL_SETTLED));
}

TEST_F(Replenishing, RefusesToOrderFromNobodyAndNothing) {
  const v1::Part filter = APart("F-1");
  Sold(filter, 1000, 0);
  CountDemand();
  const auto run = Run();
  EXPECT_EQ(run.without_supplier_count(), 1);
  EXPECT_TRUE(IsRefusal(Send<v1::ReplenishmentRun>(Approval(run)).status(),
                        v1::PLANNING_ERROR_REASON_PROPOSAL_WITHOUT_SUPPLIER));
  Must<v1::ReplenishmentProposal>(Changing(ProposalsOf(run)[0], 0));
  EXPECT_TRUE(
      IsRefusal(Send<v1::ReplenishmentRun>(Approval(run)).status(), v1::PLANNING_ERROR_REASON_NOTHING_TO_ORDER));
  EXPECT_EQ(Count("purchase_order"), 0);
}

TEST_F(Replenishing, LeavesOneRunToDecideOnAndKeepsARejectedOne) {
  const v1::Part filter = APart("F-1");
  Sold(filter, 1000, 0);
  CountDemand();
  const auto first = Run();
  const auto second = Run();
  EXPECT_EQ(Count("replenishment_run WHERE state = 'SUPERSEDED'"), 1);
  EXPECT_EQ(OpenDuties(), 1);
  EXPECT_FALSE(Send<v1::ReplenishmentRun>(Approval(first)).ok());
  v1::RejectReplenishmentRequest reject;
  reject.set_replenishment_run_id(second.replenishment_run_id());
  reject.set_reason("the budget is spent");
  EXPECT_EQ(Must<v1::ReplenishmentRun>(reject).state(), v1::ReplenishmentRun::STATE_REJECTED);
  EXPECT_EQ(OpenDuties(), 0);
  EXPECT_FALSE(Send<v1::ReplenishmentRun>(Approval(second)).ok());
}

TEST_F(Replenishing, GoesOnWhereACrashLeftIt) {
  const v1::Part filter = APart("F-1");
  Sold(filter, 1000, 0);
  CountDemand();
  const auto run = Run();
  // As if it had been killed before the first page.
  Execute("DELETE FROM replenishment_proposal");
  Execute(
      "UPDATE replenishment_run SET state = 'RUNNING', running_store_id = store_id, last_part_id = NULL, "
      "looked_at_count = 0, proposal_count = 0, urgent_count = 0, without_supplier_count = 0, amount = 0, ready_time "
      "= NULL");
  EXPECT_TRUE(IsRefusal(Send<v1::ReplenishmentRun>(v1::RunReplenishmentRequest()).status(),
                        v1::PLANNING_ERROR_REASON_REPLENISHMENT_RUNNING));
  RunPeriodic("replenishment_runs");
  v1::GetReplenishmentRunRequest get;
  get.set_replenishment_run_id(run.replenishment_run_id());
  const auto done = Must<v1::ReplenishmentRun>(get);
  EXPECT_EQ(done.state(), v1::ReplenishmentRun::STATE_READY);
  EXPECT_EQ(done.proposal_count(), 1);
}

TEST_F(Replenishing, LooksAtEveryPartOnceHoweverManyPagesThereAre) {
  for (int i = 0; i < 3; ++i) Sold(APart(absl::StrCat("F-", i)), 1000, 0);
  CountDemand();
  // Copies of a part that is not wanted, enough for three pages.
  Execute(
      "INSERT INTO part WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 40) "
      "SELECT p.store_id, UNHEX(LPAD(HEX(s.seq), 32, '0')), p.version, CONCAT('C-', s.seq), "
      "p.name_zh, p.name_en, p.brand, p.original, p.unit, p.step_milli, p.tax_basis_points, p.safety_critical, "
      "p.high_value, p.shelf_life_days, p.tracking, p.category, p.successor_part_id, p.create_time, "
      "p.pack_quantity_milli, p.old_part_tracked FROM part p JOIN (SELECT a.i + 40 * (b.i - 1) AS seq "
      "FROM n a JOIN n b ON b.i <= 30) s WHERE p.part_number = 'F-0'");
  Execute(
      "INSERT INTO part_stock (store_id, part_id, version, part_number, on_hand_milli, reserved_milli, short_milli, "
      "owned_milli, value_amount) SELECT store_id, part_id, 1, part_number, 0, 0, 0, 0, 0 FROM part WHERE "
      "part_number LIKE 'C-%'");
  const auto run = Run();
  EXPECT_EQ(run.looked_at_count(), 1203);
  EXPECT_EQ(run.part_count(), 1203);
  EXPECT_EQ(run.proposal_count(), 3);
}

}  // namespace
}  // namespace parts
