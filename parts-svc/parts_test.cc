// parts-svc as a whole: what holds in all its rooms at once.
#include "parts-svc/parts.h"

#include "parts-svc/served_for_test.h"
#include "parts-svc/statements_for_test.h"

namespace parts {
namespace {

using Statements = StatementsOf<PartsStore>;

TEST_F(Statements, AllFindTheirRowsByAnIndex) {
  chassis::sql::RecordStatementsForTest(true);
  const v1::Part filter = APart("F-1"), successor = APart("F-2");
  APrice(filter, 100);
  APrice(successor, 100);
  Receive(filter, 9000, 900);
  v1::SupersedePartRequest supersede;
  supersede.set_part_id(filter.part_id());
  supersede.set_successor_part_id(successor.part_id());
  supersede.set_reason("bulletin");
  Must<v1::Part>(supersede);
  v1::LookUpPartsRequest look_up;
  look_up.add_part_numbers("F-1");
  look_up.add_part_ids(filter.part_id());
  look_up.set_model_code("A4");
  Must<v1::LookUpPartsResponse>(look_up);
  const auto held = Reserve(NewId(), {{filter, 2000}});
  const auto note = Must<v1::Issue>(Drawing(held, 1000));
  Must<v1::Issue>(Bringing(note, 1000));
  OrderPartsOf(held.order_id());
  v1::CreateReservationRequest queue = Holding(NewId(), {{successor, 2000}});
  queue.set_shortage_policy(v1::SHORTAGE_POLICY_QUEUE);
  Must<v1::Reservation>(queue);
  Receive(successor, 5000, 500);
  Cancel(held.holder_id());
  clock_.Advance(absl::Hours(24 * 30));
  RunPeriodic("expire_reservations");
  v1::ListReservationsRequest list;
  list.set_filter("state = \"ACTIVE\"");
  Must<v1::ListReservationsResponse>(list);
  EXPECT_EQ(Differences(), std::vector<std::string>());
  EXPECT_GT(ExplainedWithIndex(), 30);
}

using Served = ServedOn<PartsStore>;

TEST_F(Served, ShowsAnotherStoreNothingOfThisOne) {
  const std::string other = "11111111-89ab-7def-8123-456789abcdef";
  const v1::Part filter = APart("F-1");
  Receive(filter, 1000, 100);
  v1::GetPartRequest get;
  get.set_part_id(filter.part_id());
  get.set_store_id(kStore);
  EXPECT_TRUE(client_->Call<v1::Part>(As("parts_clerk", kStore), get).ok());
  EXPECT_EQ(client_->Call<v1::Part>(As("parts_clerk", other), get).status().code(), absl::StatusCode::kNotFound);
  get.set_store_id(other);
  EXPECT_EQ(client_->Call<v1::Part>(As("parts_clerk", other), get).status().code(), absl::StatusCode::kNotFound);
  v1::ListPartStocksRequest list;
  list.set_store_id(other);
  const auto stocks = client_->Call<v1::ListPartStocksResponse>(As("parts_clerk", other), list);
  ASSERT_TRUE(stocks.ok()) << stocks.status();
  EXPECT_EQ(stocks->part_stocks_size(), 0);
}

TEST_F(Served, KeepsTheCataloguesPricesForTheManager) {
  v1::SetPartPriceRequest request;
  request.set_store_id(kStore);
  request.set_request_id(NewId());
  request.set_part_id(NewId());
  request.set_unit_price_amount(1);
  request.set_reason("cheap");
  const auto status = client_->Call<v1::PartPrice>(As("parts_clerk", kStore), request).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied) << status;
}

TEST_F(Served, VerifiesItsLedgersAndFindsASignedNoteThatWasChanged) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 3000, 300);
  v1::IssuePartsRequest draw = Drawing(Reserve(NewId(), {{filter, 2000}}), 1000);
  draw.set_store_id(kStore);
  draw.set_request_id(NewId());
  ASSERT_TRUE(client_->Call<v1::Issue>(As("parts_clerk", kStore), draw).ok());
  const auto differing = [&] {
    std::vector<std::string> names;
    const auto checks = service_->Verify(kStore);
    EXPECT_TRUE(checks.ok()) << checks.status();
    for (const auto& check : *checks) {
      if (check.difference_count() > 0) names.push_back(check.name());
    }
    return names;
  };
  EXPECT_EQ(differing(), std::vector<std::string>());
  Execute("UPDATE issue SET technician = 'somebody.else'");
  EXPECT_EQ(differing(), std::vector<std::string>{"signed_documents"});
}

}  // namespace
}  // namespace parts
