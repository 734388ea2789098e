// The catalogue room on a real database.
#include "aftersales/parts/v1/catalogue_errors.pb.h"
#include "parts-svc/catalogue/catalogue_store.h"
#include "parts-svc/parts_for_test.h"

namespace parts {
namespace {

class Catalogue : public PartsStore {
 protected:
  absl::StatusOr<v1::LookUpPartsResponse> LookUp(const std::vector<std::string>& numbers,
                                                 const std::string& model_code = "") {
    v1::LookUpPartsRequest request;
    *request.mutable_part_numbers() = {numbers.begin(), numbers.end()};
    request.set_model_code(model_code);
    return Send<v1::LookUpPartsResponse>(request);
  }
  absl::StatusOr<v1::Part> Supersede(const v1::Part& part, const v1::Part& successor) {
    v1::SupersedePartRequest request;
    request.set_part_id(part.part_id());
    request.set_successor_part_id(successor.part_id());
    request.set_reason("bulletin 17");
    return Send<v1::Part>(request);
  }
};

TEST_F(Catalogue, OffersPriceTaxAndLiveAvailability) {
  const v1::Part filter = APart("F-1");
  APrice(filter, 9800);
  Receive(filter, 5000, 500);
  Reserve(NewId(), {{filter, 2000}});
  const auto found = LookUp({"F-1"});
  ASSERT_TRUE(found.ok()) << found.status();
  const v1::PartOffer& offer = found->offers(0);
  EXPECT_EQ(offer.unit_price_amount(), 9800);
  EXPECT_EQ(offer.tax_basis_points(), 1300) << "the store's rate";
  EXPECT_EQ(offer.available_milli(), 3000);
  EXPECT_EQ(offer.display_name(), "Oil filter");
  EXPECT_EQ(offer.unit(), "piece");
  EXPECT_EQ(offer.step_milli(), 1000);
  EXPECT_EQ(offer.asked_number(), "");
  EXPECT_TRUE(offer.fits());
}

TEST_F(Catalogue, AnswersASupersededNumberWithItsNewestSuccessor) {
  const v1::Part a = APart("A"), b = APart("B"), c = APart("C");
  APrice(c, 500);
  ASSERT_TRUE(Supersede(a, b).ok());
  ASSERT_TRUE(Supersede(b, c).ok());
  const auto found = LookUp({"A", "C"});
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->offers(0).part_number(), "C");
  EXPECT_EQ(found->offers(0).asked_number(), "A");
  EXPECT_EQ(found->offers(1).asked_number(), "");
  EXPECT_TRUE(IsRefusal(Supersede(c, a).status(), v1::ERROR_REASON_SUPERSESSION_CYCLE));
  EXPECT_TRUE(IsRefusal(Supersede(a, a).status(), v1::ERROR_REASON_SUPERSESSION_CYCLE));
}

TEST_F(Catalogue, FindsAPartByAnotherMakersNumber) {
  v1::Part filter = PartNamed("F-1");
  auto& reference = *filter.add_cross_references();
  reference.set_brand("MANN");
  reference.set_reference_number("W712");
  APrice(Create(filter), 300);
  const auto found = LookUp({"W712"});
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->offers(0).part_number(), "F-1");
  EXPECT_EQ(found->offers(0).asked_number(), "W712");
}

TEST_F(Catalogue, MarksWhatDoesNotFitTheModel) {
  v1::Part filter = PartNamed("F-1");
  filter.add_fitments()->set_model_code("A4");
  APrice(Create(filter), 300);
  EXPECT_TRUE(LookUp({"F-1"}, "A4")->offers(0).fits());
  EXPECT_FALSE(LookUp({"F-1"}, "Q7")->offers(0).fits());
}

// Handbook: P-01
TEST_F(Catalogue, FindsThePartsOfAVehicleByModelAndRunOfVins) {
  v1::Part early = PartNamed("PUMP-A"), late = PartNamed("PUMP-B"), other = PartNamed("PUMP-C");
  for (auto* part : {&early, &late}) {
    auto& run = *part->add_fitments();
    run.set_model_code("A4");
    run.set_vin_prefix("LSVAA2A19N1");
  }
  early.mutable_fitments(0)->set_serial_to("099999");
  late.mutable_fitments(0)->set_serial_from("100000");
  other.add_fitments()->set_model_code("Q7");
  for (const v1::Part& part : {early, late, other, PartNamed("BULB")}) APrice(Create(part), 100);
  const auto numbers = [&](const std::string& model, const std::string& vin) {
    v1::FindPartsForVehicleRequest request;
    request.set_model_code(model);
    request.set_vin(vin);
    request.set_page_size(1);
    std::vector<std::string> found;
    do {
      const auto page = Must<v1::FindPartsForVehicleResponse>(request);
      for (const auto& part : page.parts()) found.push_back(part.part_number());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return found;
  };
  using Numbers = std::vector<std::string>;
  EXPECT_EQ(numbers("A4", "LSVAA2A19N1100000"), (Numbers{"BULB", "PUMP-B"}));
  EXPECT_EQ(numbers("", "LSVAA2A19N1000007"), (Numbers{"BULB", "PUMP-A"}));
  EXPECT_EQ(numbers("A4", ""), (Numbers{"BULB", "PUMP-A", "PUMP-B"}));
  EXPECT_EQ(numbers("Q7", "WVWZZZ1KZAW000001"), (Numbers{"BULB", "PUMP-C"}));
  v1::FindPartsForVehicleRequest nobody;
  EXPECT_TRUE(
      IsRefusal(Send<v1::FindPartsForVehicleResponse>(nobody).status(), v1::CATALOGUE_ERROR_REASON_VEHICLE_NOT_NAMED));
  v1::LookUpPartsRequest look;
  look.add_part_numbers("PUMP-A");
  look.add_part_numbers("PUMP-B");
  look.set_vin("LSVAA2A19N1100000");
  const auto offers = Must<v1::LookUpPartsResponse>(look);
  EXPECT_FALSE(offers.offers(0).fits());
  EXPECT_TRUE(offers.offers(1).fits());
}

TEST_F(Catalogue, KnowsTheWholeChainOfAPart) {
  const v1::Part a = APart("A"), b = APart("B"), c = APart("C");
  ASSERT_TRUE(Supersede(a, b).ok());
  ASSERT_TRUE(Supersede(b, c).ok());
  v1::GetSupersessionChainRequest request;
  request.set_part_id(b.part_id());
  const auto chain = Must<v1::SupersessionChain>(request);
  ASSERT_EQ(chain.parts_size(), 3);
  EXPECT_EQ(chain.parts(0).part_number(), "A");
  EXPECT_EQ(chain.parts(2).part_number(), "C");
  CatalogueStore store(*cipher_);
  const absl::Status status =
      schema_->pool().Read(absl::InfiniteFuture(), [&](chassis::sql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(const auto newest, store.NewestBySuperseded(session, kStore));
        EXPECT_EQ(newest.size(), 2u);
        EXPECT_EQ(newest.at(a.part_id()), c.part_id());
        ASSIGN_OR_RETURN(const auto before, store.Predecessors(session, kStore, {c.part_id(), a.part_id()}));
        EXPECT_EQ(before.at(c.part_id()), (std::vector<std::string>{b.part_id(), a.part_id()}));
        EXPECT_EQ(before.count(a.part_id()), 0u);
        return absl::OkStatus();
      });
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(Catalogue, OffersEachLevelItsPriceAndRetailWhereItHasNone) {
  const v1::Part filter = APart("F-1");
  APrice(filter, 1000);
  v1::SetPartPriceRequest price;
  price.set_part_id(filter.part_id());
  price.set_price_level(v1::PRICE_LEVEL_WHOLESALE);
  price.set_unit_price_amount(800);
  price.set_reason("contract");
  Must<v1::PartPrice>(price);
  v1::LookUpPartsRequest look;
  look.add_part_numbers("F-1");
  look.set_price_level(v1::PRICE_LEVEL_WHOLESALE);
  EXPECT_EQ(Must<v1::LookUpPartsResponse>(look).offers(0).unit_price_amount(), 800);
  look.set_price_level(v1::PRICE_LEVEL_WARRANTY);
  EXPECT_EQ(Must<v1::LookUpPartsResponse>(look).offers(0).unit_price_amount(), 1000);
}

TEST_F(Catalogue, PacksInMultiplesOfTheStep) {
  v1::Part oil = PartNamed("OIL");
  oil.set_unit(v1::Part::UNIT_LITRE);
  oil.set_step_milli(100);
  oil.set_pack_quantity_milli(4050);
  v1::CreatePartRequest request;
  *request.mutable_part() = oil;
  EXPECT_FALSE(Send<v1::Part>(request).ok());
  oil.set_pack_quantity_milli(4000);
  EXPECT_EQ(PackOf(Create(oil)), 4000);
  EXPECT_EQ(APart("F-1").pack_quantity_milli(), 1000);
}

TEST_F(Catalogue, NamesEveryUnknownNumberAndRefusesWithoutAPrice) {
  APart("F-1");
  const auto status = LookUp({"F-1", "X", "Y"}).status();
  ASSERT_TRUE(IsRefusal(status, v1::ERROR_REASON_PART_UNKNOWN));
  EXPECT_EQ(chassis::RefusalIn(status).violations_size(), 2);
  EXPECT_EQ(chassis::RefusalIn(status).violations(0).field(), "part_numbers[1]");
  EXPECT_TRUE(IsRefusal(LookUp({"F-1"}).status(), v1::ERROR_REASON_PART_HAS_NO_PRICE));
}

TEST_F(Catalogue, RefusesANumberTwice) {
  APart("F-1");
  v1::CreatePartRequest request;
  *request.mutable_part() = PartNamed("F-1");
  EXPECT_EQ(Send<v1::Part>(request).status().code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(Catalogue, ChangesAPartButNotItsUnit) {
  v1::UpdatePartRequest update;
  *update.mutable_part() = APart("F-1");
  update.mutable_part()->set_name_en("Oil filter element");
  update.mutable_part()->add_fitments()->set_model_code("A4");
  update.mutable_update_mask()->add_paths("name_en");
  update.mutable_update_mask()->add_paths("fitments");
  const auto changed = Must<v1::Part>(update);
  EXPECT_EQ(changed.name_en(), "Oil filter element");
  v1::GetPartRequest get;
  get.set_part_id(changed.part_id());
  EXPECT_EQ(Must<v1::Part>(get).fitments_size(), 1);
  *update.mutable_part() = changed;
  update.mutable_update_mask()->add_paths("unit");
  EXPECT_FALSE(Send<v1::Part>(update).ok());
}

TEST_F(Catalogue, PricesComeIntoForceInTimeAndNeverBackwards) {
  const v1::Part filter = APart("F-1");
  APrice(filter, 100);
  v1::SetPartPriceRequest request;
  request.set_part_id(filter.part_id());
  request.set_unit_price_amount(120);
  request.set_reason("new year's list");
  *request.mutable_effective_time() = chassis::ToProto(clock_.Now() + absl::Hours(24));
  Must<v1::PartPrice>(request);
  EXPECT_EQ(LookUp({"F-1"})->offers(0).unit_price_amount(), 100);
  clock_.Advance(absl::Hours(25));
  EXPECT_EQ(LookUp({"F-1"})->offers(0).unit_price_amount(), 120);
  request.clear_request_id();
  EXPECT_TRUE(IsRefusal(Send<v1::PartPrice>(request).status(), v1::ERROR_REASON_PRICE_RETROACTIVE));
  request.clear_effective_time();
  request.clear_reason();
  EXPECT_FALSE(Send<v1::PartPrice>(request).ok());
}

class Importing : public Catalogue {
 protected:
  absl::StatusOr<v1::ImportPartsResponse> Import(
      const std::string& csv, v1::ImportPartsRequest::Mode mode = v1::ImportPartsRequest::MODE_UNSPECIFIED) {
    v1::ImportPartsRequest request;
    request.set_csv(csv);
    request.set_mode(mode);
    request.set_reason("catalogue 2026-11");
    return Send<v1::ImportPartsResponse>(request);
  }
  const std::string header_ =
      "part_number,name_zh,name_en,brand,unit,step_milli,models,superseded_by,retail_price_amount\n";
};

TEST_F(Importing, CreatesUpdatesAndPrices) {
  const auto first = Import(header_ +
                            "OLD,旧滤清器,Old filter,原厂,piece,1000,A4;A6,NEW,5000\n"
                            "NEW,新滤清器,New filter,原厂,piece,1000,A4,,6000\n"
                            "OIL,机油,Oil,原厂,litre,100,,,9800\n");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_TRUE(first->stored()) << first->DebugString();
  EXPECT_EQ(first->created_count(), 3);
  EXPECT_EQ(first->price_count(), 3);
  const auto offer = LookUp({"OLD"})->offers(0);
  EXPECT_EQ(offer.part_number(), "NEW");
  EXPECT_EQ(offer.unit_price_amount(), 6000);
  clock_.Advance(absl::Seconds(1));
  const auto second = Import("part_number,name_en,retail_price_amount\nNEW,New filter,6500\nOIL,Engine oil,9800\n");
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->updated_count(), 1);
  EXPECT_EQ(second->unchanged_count(), 1);
  EXPECT_EQ(second->price_count(), 1);
  EXPECT_EQ(LookUp({"NEW"})->offers(0).unit_price_amount(), 6500);
}

TEST_F(Importing, StoresNothingWhenOneLineIsWrongAndSaysWhichAndWhy) {
  const auto report = Import(header_ +
                             "A,甲,A,原厂,piece,1000,,,100\n"
                             "b c,乙,B,原厂,piece,1000,,,100\n"
                             "C,丙,C,原厂,piece,100,,,100\n"
                             "D,,D,原厂,piece,1000,,,100\n"
                             "E,戊,E,原厂,piece,1000,,GHOST,100\n");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_FALSE(report->stored());
  ASSERT_EQ(report->errors_size(), 4) << report->DebugString();
  EXPECT_EQ(report->errors(0).line_number(), 3);
  EXPECT_EQ(report->errors(0).field(), "part_number");
  EXPECT_EQ(report->errors(1).field(), "step_milli");
  EXPECT_EQ(report->errors(2).field(), "name_zh");
  EXPECT_EQ(report->errors(2).rule(), "required");
  EXPECT_EQ(report->errors(3).field(), "superseded_by");
  EXPECT_EQ(Count("part"), 0);
}

TEST_F(Importing, StoresTheGoodLinesWhenAskedTo) {
  const auto report = Import(header_ +
                                 "A,甲,A,原厂,piece,1000,,B,100\n"
                                 "B,乙,B,原厂,piece,1000,,A,100\n"
                                 "C,丙,C,原厂,piece,1000,,A,100\n"
                                 "D,丁,D,原厂,piece,1000,,,100\n",
                             v1::ImportPartsRequest::MODE_GOOD_LINES);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->stored());
  EXPECT_EQ(report->created_count(), 1) << report->DebugString();
  EXPECT_EQ(report->errors_size(), 3) << "two that turn on each other, one that leads to them";
}

TEST_F(Importing, BringsInAWholeCatalogue) {
  std::string csv = header_;
  for (int i = 0; i < 2000; ++i) absl::StrAppend(&csv, "P-", i, ",配件,Part,原厂,piece,1000,A4;A6,,", 100 + i, "\n");
  const auto report = Import(csv);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->created_count(), 2000);
  EXPECT_EQ(Count("part_stock"), 2000);
}

}  // namespace
}  // namespace parts
