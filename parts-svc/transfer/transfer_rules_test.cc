// What the two halves of a transfer do to each other.
#include "parts-svc/transfer/transfer_rules.h"

#include <gtest/gtest.h>

#include "aftersales/parts/v1/errors.pb.h"
#include "aftersales/parts/v1/stock_control_errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/time/clock.h"

namespace parts {
namespace {

using chassis::IsRefusal;
using v1::Transfer;
using v1::TransferItem;

v1::Part Filter(const std::string& id) {
  v1::Part part;
  part.set_part_id(id);
  part.set_part_number("F-1");
  part.set_step_milli(1000);
  part.set_tracking(v1::Part::TRACKING_NONE);
  return part;
}
Transfer Receiving(Transfer::State state = Transfer::STATE_REQUESTED) {
  Transfer half;
  half.set_store_id("here");
  half.set_other_store_id("there");
  half.set_transfer_id("t");
  half.set_side(Transfer::SIDE_RECEIVING);
  half.set_state(state);
  auto& line = *half.add_lines();
  line.set_transfer_line_id("l");
  line.set_part_id("f-here");
  line.set_part_number("F-1");
  line.set_quantity_milli(4000);
  return half;
}
Transfer Supplying(Transfer::State state) {
  Transfer half = *SupplyingHalf(Receiving(), {{"F-1", Filter("f-there")}});
  half.set_state(state);
  half.set_transit_location_id("transit");
  half.mutable_lines(0)->set_approved_milli(4000);
  half.mutable_lines(0)->set_shipped_milli(4000);
  auto& item = *half.add_items();
  item.set_transfer_item_id("i");
  item.set_transfer_line_id("l");
  item.set_part_id("f-there");
  item.set_part_number("F-1");
  item.set_location_id("A1");
  item.set_shipped_milli(4000);
  return half;
}
StocksByPart Worth(int64_t owned_milli, int64_t value_amount) {
  StocksByPart stocks;
  stocks["f-there"].set_owned_milli(owned_milli);
  stocks["f-there"].set_value_amount(value_amount);
  return stocks;
}

TEST(TransferRules, KnowAPartInTheOtherStoreByItsNumber) {
  const auto half = SupplyingHalf(Receiving(), {{"F-1", Filter("f-there")}});
  ASSERT_TRUE(half.ok());
  EXPECT_EQ(half->store_id(), "there");
  EXPECT_EQ(half->lines(0).part_id(), "f-there");
  EXPECT_EQ(half->lines(0).transfer_line_id(), "l");
  EXPECT_TRUE(IsRefusal(SupplyingHalf(Receiving(), {}).status(), v1::ERROR_REASON_PART_UNKNOWN));
}

TEST(TransferRules, AskOnlyForWhatNobodyPromisedYet) {
  v1::Reservation reservation;
  auto& held = *reservation.add_lines();
  held.set_reservation_line_id("rl");
  held.set_part_id("f-here");
  held.set_short_milli(5000);
  chassis::CountingIds ids;
  const auto new_id = [&] { return ids.NewId(); };
  Transfer earlier = Receiving(Transfer::STATE_APPROVED);
  earlier.mutable_lines(0)->set_reservation_line_id("rl");
  earlier.mutable_lines(0)->set_approved_milli(3000);
  const auto lines = ShortLines(reservation, {earlier}, {{"f-here", Filter("f-here")}}, new_id);
  ASSERT_TRUE(lines.ok());
  EXPECT_EQ((*lines)[0].quantity_milli(), 2000);
  earlier.mutable_lines(0)->set_approved_milli(5000);
  EXPECT_TRUE(IsRefusal(ShortLines(reservation, {earlier}, {{"f-here", Filter("f-here")}}, new_id).status(),
                        v1::STOCK_CONTROL_ERROR_REASON_NOTHING_TO_TRANSFER));
}

// Whichever news arrives first or not at all: the last one says it all.
TEST(TransferRules, FollowEvenWhenTheApprovalWasNeverToldOf) {
  Transfer here = Receiving();
  ASSERT_TRUE(Follow(Supplying(Transfer::STATE_SHIPPED), "account", here).ok());
  EXPECT_EQ(here.state(), Transfer::STATE_SHIPPED);
  EXPECT_EQ(here.lines(0).approved_milli(), 4000);
  EXPECT_EQ(here.items(0).part_id(), "f-here");
  EXPECT_TRUE(here.items(0).location_id().empty());
  const std::string once = here.SerializeAsString();
  ASSERT_TRUE(Follow(Supplying(Transfer::STATE_SHIPPED), "account", here).ok());
  EXPECT_EQ(here.SerializeAsString(), once);
}

TEST(TransferRules, DoNotFollowBackwards) {
  Transfer here = Receiving(Transfer::STATE_CLOSED);
  ASSERT_TRUE(Follow(Supplying(Transfer::STATE_SHIPPED), "account", here).ok());
  EXPECT_EQ(here.state(), Transfer::STATE_CLOSED);
  here.set_state(Transfer::STATE_RECEIVING);
  EXPECT_TRUE(absl::IsUnavailable(Follow(Supplying(Transfer::STATE_SHIPPED), "account", here).status()));
}

// Handbook: P-13, P-03
TEST(TransferRules, BookInExactlyWhatWasBookedOut) {
  Transfer there = Supplying(Transfer::STATE_SHIPPED);
  Transfer here = Receiving();
  ASSERT_TRUE(Follow(there, "account", here).ok());
  here.set_state(Transfer::STATE_RECEIVING);
  here.mutable_items(0)->set_counted_milli(3000);
  here.mutable_items(0)->set_location_id("B1");
  const auto out = BookOut(here, "account-there", Worth(7000, 100), there);
  ASSERT_TRUE(out.ok());
  ASSERT_EQ(out->size(), 1u);
  EXPECT_EQ((*out)[0].from_location_id(), "transit");
  EXPECT_EQ((*out)[0].cost_amount(), 43);
  EXPECT_EQ(there.state(), Transfer::STATE_DIFFERENCES_OPEN);
  EXPECT_EQ(InTransit(there.items(0), there.state()), 1000);
  // A settlement may be quicker than the booking in.
  v1::SettleTransferDifferenceRequest settling;
  settling.set_transfer_item_id("i");
  settling.set_settlement(TransferItem::SETTLEMENT_RECEIVED_AFTER_ALL);
  const auto settled = Settle(settling, {"account-there", "variance"}, Worth(4000, 57), there);
  ASSERT_TRUE(settled.ok());
  EXPECT_EQ((*settled)[0].cost_amount(), 14);
  EXPECT_EQ(there.state(), Transfer::STATE_CLOSED);
  const auto in = BookIn(there, "account-here", here);
  ASSERT_TRUE(in.ok());
  EXPECT_EQ((*in)[0].quantity_milli(), 3000);
  EXPECT_EQ((*in)[0].cost_amount(), 43);
  EXPECT_EQ((*in)[0].to_location_id(), "B1");
  EXPECT_EQ(here.state(), Transfer::STATE_DIFFERENCES_OPEN);
  const auto late = Follow(there, "account-here", here);
  ASSERT_TRUE(late.ok());
  EXPECT_EQ((*late)[0].quantity_milli(), 1000);
  EXPECT_EQ((*late)[0].cost_amount(), 14);
  EXPECT_EQ(here.state(), Transfer::STATE_CLOSED);
  EXPECT_EQ(here.cost_amount(), there.cost_amount());
  EXPECT_TRUE(Follow(there, "account-here", here)->empty());
}

TEST(TransferRules, SettleOnceAndOnlyWhatFits) {
  Transfer there = Supplying(Transfer::STATE_DIFFERENCES_OPEN);
  there.mutable_items(0)->set_counted_milli(5000);
  v1::SettleTransferDifferenceRequest settling;
  settling.set_transfer_item_id("i");
  const auto refused = v1::STOCK_CONTROL_ERROR_REASON_SETTLEMENT_DOES_NOT_FIT;
  for (const auto settlement : {TransferItem::SETTLEMENT_FOUND, TransferItem::SETTLEMENT_WRITTEN_OFF,
                                TransferItem::SETTLEMENT_RECEIVED_AFTER_ALL}) {
    settling.set_settlement(settlement);
    EXPECT_TRUE(IsRefusal(Settle(settling, {"a", "v"}, Worth(9000, 90), there).status(), refused));
  }
  settling.set_settlement(TransferItem::SETTLEMENT_SENT_BACK);
  const auto nothing = Settle(settling, {"a", "v"}, Worth(9000, 90), there);
  ASSERT_TRUE(nothing.ok());
  EXPECT_TRUE(nothing->empty());
  EXPECT_TRUE(IsRefusal(Settle(settling, {"a", "v"}, Worth(9000, 90), there).status(), refused));
}

TEST(TransferRules, LetTheStaffSign) {
  aftersales::common::v1::Signature signature;
  signature.set_signer_role(aftersales::common::v1::Signature::SIGNER_ROLE_CUSTOMER);
  EXPECT_TRUE(IsRefusal(CheckStaff(signature), v1::STOCK_CONTROL_ERROR_REASON_SIGNER_NOT_STAFF));
  signature.set_signer_role(aftersales::common::v1::Signature::SIGNER_ROLE_MANAGER);
  EXPECT_TRUE(CheckStaff(signature).ok());
}

}  // namespace
}  // namespace parts
