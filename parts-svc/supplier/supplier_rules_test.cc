// Standing and scores of suppliers, proven without a database.
#include "parts-svc/supplier/supplier_rules.h"

#include "aftersales/parts/v1/procurement_errors.pb.h"
#include "chassis/status/refusal.h"
#include "gtest/gtest.h"
#include "parts-svc/policy/policy_rules.h"

namespace parts {
namespace {

using chassis::IsRefusal;

v1::Supplier ASupplier(v1::Supplier::State state) {
  v1::Supplier supplier;
  supplier.set_code("S1");
  supplier.set_state(state);
  return supplier;
}
v1::SupplierPaper& Add(v1::Supplier& supplier, v1::SupplierPaper::Kind kind, const std::string& from,
                       const std::string& until) {
  v1::SupplierPaper& paper = *supplier.add_papers();
  paper.set_kind(kind);
  paper.set_valid_from_date(from);
  paper.set_valid_until_date(until);
  return paper;
}

// Handbook: P-07.
TEST(SupplierStanding, TakesApprovalAndEveryPaperThePolicyDemands) {
  v1::PartsPolicy policy = WithDefaults({});
  policy.add_required_papers("ISO_CERTIFICATE");
  v1::Supplier supplier = ASupplier(v1::Supplier::STATE_APPROVED);
  Add(supplier, v1::SupplierPaper::KIND_BUSINESS_LICENCE, "2020-01-01", "");
  const absl::Status missing = CheckStanding(supplier, policy, "2026-11-21");
  EXPECT_TRUE(IsRefusal(missing, v1::PROCUREMENT_ERROR_REASON_SUPPLIER_PAPER_MISSING));
  EXPECT_EQ(chassis::RefusalIn(missing).arguments().at("papers"), "ISO_CERTIFICATE");
  Add(supplier, v1::SupplierPaper::KIND_ISO_CERTIFICATE, "2026-01-01", "2026-11-21");
  EXPECT_TRUE(CheckStanding(supplier, policy, "2026-11-21").ok()) << "its last day counts";
  EXPECT_FALSE(CheckStanding(supplier, policy, "2026-11-22").ok());
  EXPECT_FALSE(CheckStanding(supplier, policy, "2025-12-31").ok()) << "not yet valid";
  *supplier.mutable_papers(1)->mutable_withdraw_time() = google::protobuf::Timestamp();
  EXPECT_FALSE(CheckStanding(supplier, policy, "2026-11-21").ok()) << "withdrawn";
}

TEST(SupplierStanding, IsForApprovedSuppliersOnly) {
  for (const auto state : {v1::Supplier::STATE_DRAFT, v1::Supplier::STATE_SUSPENDED, v1::Supplier::STATE_CLOSED}) {
    v1::Supplier supplier = ASupplier(state);
    Add(supplier, v1::SupplierPaper::KIND_BUSINESS_LICENCE, "2020-01-01", "");
    EXPECT_TRUE(IsRefusal(CheckStanding(supplier, WithDefaults({}), "2026-11-21"),
                          v1::PROCUREMENT_ERROR_REASON_SUPPLIER_NOT_APPROVED));
  }
}

TEST(SupplierPapers, AreAnnouncedOnceBeforeTheyEndUnlessANewerOneIsThere) {
  const v1::PartsPolicy policy = WithDefaults({});
  v1::Supplier supplier = ASupplier(v1::Supplier::STATE_APPROVED);
  Add(supplier, v1::SupplierPaper::KIND_BUSINESS_LICENCE, "2020-01-01", "2026-12-21");
  EXPECT_TRUE(PapersToAnnounce(supplier, policy, "2026-11-20").empty()) << "31 days before";
  EXPECT_EQ(PapersToAnnounce(supplier, policy, "2026-11-21"), std::vector<int>{0});
  Add(supplier, v1::SupplierPaper::KIND_BUSINESS_LICENCE, "2026-12-22", "2036-12-21");
  EXPECT_TRUE(PapersToAnnounce(supplier, policy, "2026-11-21").empty()) << "the next one follows without a gap";
  supplier.mutable_papers(1)->set_valid_from_date("2027-01-01");
  EXPECT_EQ(PapersToAnnounce(supplier, policy, "2026-11-21"), std::vector<int>{0});
  *supplier.mutable_papers(0)->mutable_notice_time() = google::protobuf::Timestamp();
  EXPECT_TRUE(PapersToAnnounce(supplier, policy, "2026-11-22").empty());
}

TEST(SupplierPapers, EndAfterTheyBeginAndNotBeforeToday) {
  EXPECT_TRUE(CheckPaperDates("2020-01-01", "", "2026-11-21").ok());
  EXPECT_TRUE(CheckPaperDates("2020-01-01", "2026-11-21", "2026-11-21").ok());
  for (const auto& [from, until] : {std::pair{"2026-12-01", "2026-11-30"}, std::pair{"2020-01-01", "2026-11-20"}}) {
    EXPECT_TRUE(IsRefusal(CheckPaperDates(from, until, "2026-11-21"), v1::PROCUREMENT_ERROR_REASON_PAPER_DATES));
  }
}

// Handbook: P-07, P-18.
TEST(SupplierScore, WeighsFourFiguresAndPrintsTheFormula) {
  SupplierFacts facts;
  facts.accepted_milli = 90000;
  facts.rejected_milli = 10000;
  facts.promised_line_count = 4;
  facts.on_time_line_count = 3;
  facts.ordered_amount = 105000;
  facts.contract_amount = 100000;
  facts.difference_count = 2;
  facts.settled_in_time_count = 1;
  const v1::SupplierScore score = ScoreOf(facts, WithDefaults({}));
  EXPECT_EQ(score.quality_basis_points(), 9000);
  EXPECT_EQ(score.delivery_basis_points(), 7500);
  EXPECT_EQ(score.price_basis_points(), 9524);
  EXPECT_EQ(score.service_basis_points(), 5000);
  // (9000 x 40 + 7500 x 30 + 9524 x 20 + 5000 x 10) / 100
  EXPECT_EQ(score.score_basis_points(), 8255);
  EXPECT_NE(score.formula_en().find("quality (accepted/come) 90000/100000 x 40"), std::string::npos);
  EXPECT_NE(score.formula_zh().find("÷ 100"), std::string::npos);
}

TEST(SupplierScore, LeavesOutWhatNoFactSpeaksOf) {
  SupplierFacts facts;
  facts.promised_line_count = 2;
  facts.on_time_line_count = 1;
  facts.ordered_amount = 90;
  facts.contract_amount = 100;
  const v1::SupplierScore score = ScoreOf(facts, WithDefaults({}));
  EXPECT_FALSE(score.has_quality_basis_points());
  EXPECT_EQ(score.price_basis_points(), 10000) << "cheaper than agreed is as good as agreed";
  EXPECT_EQ(score.score_basis_points(), 7000);  // (5000 x 30 + 10000 x 20) / 50
  EXPECT_FALSE(ScoreOf({}, WithDefaults({})).has_score_basis_points());
}

TEST(SupplierScore, IsKeptForTheMonthBefore) {
  EXPECT_EQ(MonthBefore("2027-01-15").start, "2026-12-01");
  EXPECT_EQ(MonthBefore("2027-01-15").end, "2026-12-31");
  EXPECT_TRUE(
      IsRefusal(CheckPeriod("2026-11-30", "2026-11-01", "2026-12-01"), v1::PROCUREMENT_ERROR_REASON_EVALUATION_PERIOD));
  EXPECT_TRUE(
      IsRefusal(CheckPeriod("2026-12-02", "2026-12-31", "2026-12-01"), v1::PROCUREMENT_ERROR_REASON_EVALUATION_PERIOD));
  EXPECT_TRUE(CheckPeriod("2026-11-01", "2026-11-30", "2026-11-15").ok());
}

}  // namespace
}  // namespace parts
