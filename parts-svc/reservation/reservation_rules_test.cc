// Who holds which stock.
#include "parts-svc/reservation/reservation_rules.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/time/clock.h"

namespace parts {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1795219200);

v1::Part APart(const std::string& id, const std::string& successor = "") {
  v1::Part part;
  part.set_part_id(id);
  part.set_part_number(id);
  part.set_step_milli(1000);
  part.set_successor_part_id(successor);
  return part;
}

v1::CreateReservationRequest ARequest(std::initializer_list<std::pair<std::string, int64_t>> lines) {
  v1::CreateReservationRequest request;
  request.set_holder_kind(v1::Reservation::HOLDER_KIND_REPAIR_ORDER);
  request.set_holder_id("order");
  int number = 0;
  for (const auto& [part_id, quantity] : lines) {
    auto& line = *request.add_lines();
    line.set_holder_line_id(absl::StrCat("line", number++));
    line.set_part_id(part_id);
    line.set_quantity_milli(quantity);
  }
  return request;
}

absl::StatusOr<v1::Reservation> Drafted(const v1::CreateReservationRequest& request, const PartsById& parts) {
  chassis::CountingIds ids;
  return Draft(request, parts, kNow, 14, [&] { return ids.NewId(); });
}

v1::Reservation Waiting(const std::string& id, int64_t short_milli, absl::Duration needed_in) {
  v1::Reservation reservation;
  reservation.set_reservation_id(id);
  auto& line = *reservation.add_lines();
  line.set_reservation_line_id(id);
  line.set_part_id("filter");
  line.set_quantity_milli(short_milli);
  line.set_short_milli(short_milli);
  *line.mutable_needed_time() = chassis::ToProto(kNow + needed_in);
  return reservation;
}

TEST(DraftReservation, LivesAsLongAsTheStoreSaysAndBelongsToItsOrder) {
  const auto reservation = Drafted(ARequest({{"filter", 2000}}), {{"filter", APart("filter")}});
  ASSERT_TRUE(reservation.ok());
  EXPECT_EQ(chassis::FromProto(reservation->expire_time()), kNow + absl::Hours(24 * 14));
  EXPECT_EQ(reservation->order_id(), "order");
  EXPECT_EQ(reservation->open_holder_id(), "order");
}

TEST(DraftReservation, NamesEveryUnknownPart) {
  const auto status =
      Drafted(ARequest({{"filter", 1000}, {"ghost", 1000}, {"phantom", 1000}}), {{"filter", APart("filter")}}).status();
  EXPECT_TRUE(chassis::IsRefusal(status, v1::ERROR_REASON_PART_UNKNOWN));
  const auto refusal = chassis::RefusalIn(status);
  ASSERT_EQ(refusal.violations_size(), 2);
  EXPECT_EQ(refusal.violations(1).field(), "lines[2].part_id");
}

TEST(DraftReservation, RefusesHalfAPieceOfWhatComesWhole) {
  const auto status = Drafted(ARequest({{"filter", 1500}}), {{"filter", APart("filter")}}).status();
  EXPECT_TRUE(chassis::IsRefusal(status, v1::ERROR_REASON_QUANTITY_STEP));
  EXPECT_EQ(chassis::RefusalIn(status).violations(0).field(), "lines[0].quantity_milli");
}

TEST(DraftReservation, RefusesTheSamePartTwiceForOneLine) {
  auto request = ARequest({{"filter", 1000}, {"filter", 1000}});
  request.mutable_lines(1)->set_holder_line_id("line0");
  EXPECT_TRUE(chassis::IsRefusal(Drafted(request, {{"filter", APart("filter")}}).status(),
                                 v1::ERROR_REASON_RESERVATION_LINE_TWICE));
}

TEST(DraftReservation, RefusesAnEndInThePast) {
  auto request = ARequest({{"filter", 1000}});
  *request.mutable_expire_time() = chassis::ToProto(kNow - absl::Seconds(1));
  EXPECT_TRUE(
      chassis::IsRefusal(Drafted(request, {{"filter", APart("filter")}}).status(), v1::ERROR_REASON_EXPIRE_TIME_PAST));
}

TEST(HoldAvailable, SharesOnePartOverTwoLinesAndLeavesTheRestShort) {
  auto reservation = *Drafted(ARequest({{"filter", 2000}, {"filter", 2000}}), {{"filter", APart("filter")}});
  HoldAvailable(reservation, {{"filter", 3000}});
  EXPECT_EQ(reservation.lines(0).reserved_milli(), 2000);
  EXPECT_EQ(reservation.lines(1).reserved_milli(), 1000);
  EXPECT_EQ(reservation.lines(1).short_milli(), 1000);
  const StockDeltas effect = EffectOfHolding(reservation);
  EXPECT_EQ(effect.at("filter").reserved_milli, 3000);
  EXPECT_EQ(effect.at("filter").short_milli, 1000);
}

TEST(Substitute, TakesTheNearestSuccessorThatHasEnough) {
  const PartsById parts{{"old", APart("old", "mid")}, {"mid", APart("mid", "new")}, {"new", APart("new")}};
  auto reservation = *Drafted(ARequest({{"old", 2000}}), parts);
  Substitute(reservation, parts, {{"old", 1000}, {"mid", 0}, {"new", 5000}});
  EXPECT_EQ(reservation.lines(0).part_id(), "new");
  EXPECT_EQ(reservation.lines(0).asked_part_id(), "old");
}

TEST(Substitute, LeavesALineAloneThatItsOwnPartCanServe) {
  const PartsById parts{{"old", APart("old", "new")}, {"new", APart("new")}};
  auto reservation = *Drafted(ARequest({{"old", 2000}}), parts);
  Substitute(reservation, parts, {{"old", 2000}, {"new", 5000}});
  EXPECT_EQ(reservation.lines(0).part_id(), "old");
  EXPECT_EQ(reservation.lines(0).asked_part_id(), "");
}

TEST(ServeQueue, GivesToTheEarliestNeedFirstAndSharesTheRest) {
  std::vector<v1::Reservation> waiting{Waiting("late", 2000, absl::Hours(48)), Waiting("soon", 2000, absl::Hours(1))};
  const Served served = ServeQueue(waiting, {{"filter", 3000}});
  EXPECT_EQ(waiting[1].lines(0).reserved_milli(), 2000);
  EXPECT_EQ(waiting[0].lines(0).reserved_milli(), 1000);
  EXPECT_EQ(waiting[0].lines(0).short_milli(), 1000);
  EXPECT_EQ(served.filled_ids, std::vector<std::string>{"soon"});
  EXPECT_EQ(served.changed_ids, (std::vector<std::string>{"late", "soon"}));
  EXPECT_EQ(served.stocks.at("filter").reserved_milli, 3000);
  EXPECT_EQ(served.stocks.at("filter").short_milli, -3000);
}

TEST(GiveBack, FreesWhatIsHeldAndKeepsWhatWasIssued) {
  auto reservation = *Drafted(ARequest({{"filter", 3000}}), {{"filter", APart("filter")}});
  auto& line = *reservation.mutable_lines(0);
  line.set_reserved_milli(1000);
  line.set_issued_milli(1000);
  line.set_short_milli(1000);
  const StockDeltas freed = GiveBack(reservation);
  EXPECT_EQ(freed.at("filter").reserved_milli, -1000);
  EXPECT_EQ(freed.at("filter").short_milli, -1000);
  EXPECT_EQ(reservation.lines(0).issued_milli(), 1000);
  EXPECT_TRUE(IsDrawn(reservation));
}

}  // namespace
}  // namespace parts
