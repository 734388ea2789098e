// What may be drawn and what may come back.
#include "parts-svc/issue/issue_rules.h"

#include <gtest/gtest.h>

#include "aftersales/parts/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/time/clock.h"

namespace parts {
namespace {

PartsById Filters() {
  v1::Part part;
  part.set_part_id("filter");
  part.set_part_number("F-1");
  part.set_step_milli(1000);
  part.set_tracking(v1::Part::TRACKING_NONE);
  return {{"filter", part}};
}

std::vector<v1::Reservation> Holding(int64_t reserved_milli) {
  v1::Reservation reservation;
  reservation.set_reservation_id("r");
  reservation.set_state(v1::Reservation::STATE_ACTIVE);
  auto& line = *reservation.add_lines();
  line.set_reservation_line_id("rl");
  line.set_holder_line_id("line");
  line.set_part_id("filter");
  line.set_part_number("F-1");
  line.set_quantity_milli(reserved_milli);
  line.set_reserved_milli(reserved_milli);
  return {reservation};
}

v1::IssuePartsRequest Wanting(int64_t quantity_milli, const std::string& holder_line_id = "line") {
  v1::IssuePartsRequest request;
  auto& line = *request.add_lines();
  line.set_holder_line_id(holder_line_id);
  line.set_quantity_milli(quantity_milli);
  return request;
}

v1::StockBalance InBin(const std::string& bin, int64_t on_hand_milli, const std::string& kind = "STOCK") {
  v1::StockBalance balance;
  balance.set_part_id("filter");
  balance.set_location_id(bin);
  balance.set_location_code(bin);
  balance.set_location_kind(kind);
  balance.set_on_hand_milli(on_hand_milli);
  return balance;
}

class IssueRules : public ::testing::Test {
 protected:
  chassis::CountingIds ids_;
  NewId new_id_ = [this] { return ids_.NewId(); };
};

TEST_F(IssueRules, DrawsInPartAndThenTheRest) {
  auto reservations = Holding(3000);
  ASSERT_TRUE(Draw(Wanting(1000), reservations, Filters(), new_id_).ok());
  EXPECT_EQ(reservations[0].lines(0).issued_milli(), 1000);
  EXPECT_EQ(reservations[0].state(), v1::Reservation::STATE_ACTIVE);
  ASSERT_TRUE(Draw(Wanting(2000), reservations, Filters(), new_id_).ok());
  EXPECT_EQ(reservations[0].state(), v1::Reservation::STATE_CONSUMED);
}

TEST_F(IssueRules, RefusesMoreThanIsReserved) {
  auto reservations = Holding(2000);
  const auto status = Draw(Wanting(3000), reservations, Filters(), new_id_).status();
  EXPECT_TRUE(chassis::IsRefusal(status, v1::ERROR_REASON_ISSUE_EXCEEDS_RESERVATION));
  EXPECT_EQ(chassis::RefusalIn(status).violations(0).field(), "lines[0].quantity_milli");
}

TEST_F(IssueRules, RefusesALineThatNobodyReservedFor) {
  auto reservations = Holding(2000);
  EXPECT_TRUE(chassis::IsRefusal(Draw(Wanting(1000, "other"), reservations, Filters(), new_id_).status(),
                                 v1::ERROR_REASON_NOTHING_RESERVED));
}

TEST_F(IssueRules, TakesFromTheBinsInOrderUntilTheLineIsFull) {
  auto reservations = Holding(5000);
  const auto drawn = *Draw(Wanting(5000), reservations, Filters(), new_id_);
  const auto lines =
      ChooseBins(drawn, {InBin("A1", 2000), InBin("A2", 9000), InBin("Q1", 9000, "QUARANTINE")}, {}, new_id_);
  ASSERT_TRUE(lines.ok());
  ASSERT_EQ(lines->size(), 2u);
  EXPECT_EQ((*lines)[0].quantity_milli(), 2000);
  EXPECT_EQ((*lines)[1].location_id(), "A2");
  EXPECT_EQ((*lines)[1].quantity_milli(), 3000);
  EXPECT_NE((*lines)[0].issue_line_id(), (*lines)[1].issue_line_id());
}

TEST_F(IssueRules, RefusesABinThatHoldsLess) {
  auto reservations = Holding(5000);
  auto request = Wanting(5000);
  request.mutable_lines(0)->set_location_id("A1");
  const auto drawn = *Draw(request, reservations, Filters(), new_id_);
  EXPECT_TRUE(chassis::IsRefusal(ChooseBins(drawn, {InBin("A1", 2000), InBin("A2", 9000)}, {}, new_id_).status(),
                                 v1::ERROR_REASON_BIN_SHORT));
}

TEST_F(IssueRules, PricesEveryLineAtTheAverageLeft) {
  std::vector<v1::IssueLine> lines(2);
  for (auto& line : lines) {
    line.set_part_id("filter");
    line.set_quantity_milli(1000);
  }
  v1::PartStock stock;
  stock.set_owned_milli(2000);
  stock.set_value_amount(101);
  EXPECT_EQ(Price(lines, {{"filter", stock}}), 101);
  EXPECT_EQ(lines[0].cost_amount() + lines[1].cost_amount(), 101);
}

TEST_F(IssueRules, BringsBackAtTheCostItWentOutWithAndNeverMore) {
  v1::Issue issue;
  issue.set_kind(v1::Issue::KIND_ISSUE);
  auto& line = *issue.add_lines();
  line.set_issue_line_id("il");
  line.set_part_id("filter");
  line.set_part_number("F-1");
  line.set_quantity_milli(3000);
  line.set_cost_amount(1000);
  line.set_location_id("A1");
  v1::ReturnPartsRequest request;
  auto& wanted = *request.add_lines();
  wanted.set_issue_line_id("il");
  wanted.set_quantity_milli(1000);
  const auto first = *TakeBack(request, issue, {}, Filters(), new_id_);
  EXPECT_EQ(first[0].cost_amount(), 333);
  EXPECT_EQ(first[0].location_id(), "A1");
  wanted.set_quantity_milli(2000);
  const auto rest = *TakeBack(request, issue, {{"il", {1000, 333}}}, Filters(), new_id_);
  EXPECT_EQ(rest[0].cost_amount(), 667);
  EXPECT_TRUE(chassis::IsRefusal(TakeBack(request, issue, {{"il", {2000, 666}}}, Filters(), new_id_).status(),
                                 v1::ERROR_REASON_RETURN_EXCEEDS_ISSUE));
  wanted.set_issue_line_id("other");
  EXPECT_TRUE(chassis::IsRefusal(TakeBack(request, issue, {}, Filters(), new_id_).status(),
                                 v1::ERROR_REASON_ISSUE_LINE_UNKNOWN));
}

TEST_F(IssueRules, SignedByTheTechnicianOnly) {
  aftersales::common::v1::Signature signature;
  signature.set_signer_role(aftersales::common::v1::Signature::SIGNER_ROLE_CUSTOMER);
  EXPECT_TRUE(chassis::IsRefusal(CheckSigner(signature), v1::ERROR_REASON_SIGNER_NOT_TECHNICIAN));
}

TEST_F(IssueRules, FactsAreNetOfReturns) {
  const auto reservations = Holding(3000);
  const auto facts = Facts(reservations, {{"line", "filter", "F-1", v1::Issue::KIND_ISSUE, 2000, 500},
                                          {"line", "filter", "F-1", v1::Issue::KIND_RETURN, 1000, 250}});
  ASSERT_EQ(facts.lines_size(), 1);
  EXPECT_EQ(facts.lines(0).issued_milli(), 1000);
  EXPECT_EQ(facts.lines(0).returned_milli(), 1000);
  EXPECT_EQ(facts.cost_amount(), 250);
}

}  // namespace
}  // namespace parts
