// Recalls: lists of vehicles, what they take, what is done.
#include "aftersales/common/v1/duty.pb.h"
#include "aftersales/parts/v1/recall.pb.h"
#include "aftersales/parts/v1/recall_errors.pb.h"
#include "parts-svc/parts_for_test.h"
#include "parts-svc/recall/recall_rules.h"

namespace parts {
namespace {

using Campaign = v1::RecallCampaign;
// European: the check digit does not bind.
constexpr char kVinA[] = "WVWZZZ1KZAW000001";
constexpr char kVinB[] = "WVWZZZ1KZAW000002";
constexpr char kVinC[] = "WVWZZZ1KZAW000003";

class Recalls : public PartsStore {
 protected:
  v1::CreateRecallCampaignRequest ACampaign(const std::string& number) {
    v1::CreateRecallCampaignRequest request;
    Campaign& campaign = *request.mutable_recall_campaign();
    campaign.set_campaign_number(number);
    campaign.set_title("安全气囊更换");
    campaign.set_safety(true);
    campaign.set_start_date("2026-11-01");
    auto& part = *campaign.add_parts();
    part.set_part_id(airbag_.part_id());
    part.set_quantity_milli(1000);
    return request;
  }
  absl::StatusOr<v1::AddRecallVehiclesResponse> Add(const Campaign& campaign, const std::string& csv) {
    v1::AddRecallVehiclesRequest request;
    request.set_recall_campaign_id(campaign.recall_campaign_id());
    request.set_csv(csv);
    return Send<v1::AddRecallVehiclesResponse>(request);
  }
  v1::FindVehicleRecallsResponse RecallsOf(const std::string& vin) {
    v1::FindVehicleRecallsRequest request;
    request.set_vin(vin);
    return Must<v1::FindVehicleRecallsResponse>(request);
  }
  absl::StatusOr<v1::RecallVehicle> Carried(const Campaign& campaign, const std::string& vin) {
    v1::CompleteRecallVehicleRequest request;
    request.set_recall_campaign_id(campaign.recall_campaign_id());
    request.set_vin(vin);
    request.set_order_id(NewId());
    return Send<v1::RecallVehicle>(request);
  }
  v1::RecallProgress ProgressOf(const Campaign& campaign) {
    v1::GetRecallProgressRequest request;
    request.set_recall_campaign_id(campaign.recall_campaign_id());
    return Must<v1::RecallProgress>(request);
  }
  int64_t OpenDuties() { return Count("duty WHERE kind = 'recall_parts_missing' AND state = 'OPEN'"); }

  const v1::Part airbag_ = APart("AIRBAG");
};

// Handbook: P-17
TEST_F(Recalls, TellReceptionWhatAVehicleFallsUnderUntilItIsDone) {
  const auto campaign = Must<Campaign>(ACampaign("RC-17"));
  EXPECT_EQ(campaign.state(), Campaign::STATE_OPEN);
  const auto added = Add(campaign, absl::StrCat("vin\n", kVinA, "\r\n", kVinB, "\n"));
  ASSERT_TRUE(added.ok()) << added.status();
  EXPECT_EQ(added->added_count(), 2);
  ASSERT_EQ(RecallsOf(kVinA).recalls_size(), 1);
  EXPECT_FALSE(RecallsOf(kVinA).recalls(0).parts_available());
  Receive(airbag_, 1000, 90000);
  EXPECT_TRUE(RecallsOf(kVinA).recalls(0).parts_available());
  EXPECT_EQ(RecallsOf(kVinC).recalls_size(), 0);
  EXPECT_TRUE(Carried(campaign, kVinA).ok());
  EXPECT_EQ(RecallsOf(kVinA).recalls_size(), 0);
  EXPECT_TRUE(IsRefusal(Carried(campaign, kVinA).status(), aftersales::common::v1::ERROR_REASON_WRONG_STATE));
  EXPECT_TRUE(IsRefusal(Carried(campaign, kVinC).status(), v1::RECALL_ERROR_REASON_VEHICLE_NOT_RECALLED));
  const auto progress = ProgressOf(campaign);
  EXPECT_EQ(progress.vehicle_count(), 2);
  EXPECT_EQ(progress.done_basis_points(), 5000);
}

// Handbook: P-17, G-12
TEST_F(Recalls, NameEveryLineThatIsNoVehicle) {
  const auto campaign = Must<Campaign>(ACampaign("RC-17"));
  const auto added = Add(campaign, absl::StrCat(kVinA, "\nNOT-A-VIN\nLSVAA2A19N1000000\n", kVinA, "\n\n", kVinB));
  ASSERT_TRUE(added.ok()) << added.status();
  EXPECT_EQ(added->added_count(), 2);
  ASSERT_EQ(added->errors_size(), 3) << added->DebugString();
  EXPECT_EQ(added->errors(0).line_number(), 2);
  EXPECT_EQ(added->errors(1).line_number(), 3) << "the check digit binds in China";
  EXPECT_EQ(added->errors(2).line_number(), 4);
  EXPECT_EQ(Add(campaign, kVinB)->known_count(), 1);
}

// Handbook: P-17, G-05
TEST_F(Recalls, MakeMissingPartsADutyUntilTheyAreThere) {
  const auto campaign = Must<Campaign>(ACampaign("RC-17"));
  ASSERT_TRUE(Add(campaign, absl::StrCat(kVinA, "\n", kVinB, "\n", kVinC)).ok());
  EXPECT_EQ(OpenDuties(), 1);
  EXPECT_EQ(ProgressOf(campaign).needs(0).missing_milli(), 3000);
  RunPeriodic("recalls");
  EXPECT_EQ(OpenDuties(), 1) << "once is enough";
  Receive(airbag_, 2000, 180000);
  EXPECT_EQ(ProgressOf(campaign).needs(0).missing_milli(), 1000);
  EXPECT_EQ(Figure("parts_recall_vehicles_open"), 3);
  ASSERT_TRUE(Carried(campaign, kVinC).ok());
  EXPECT_EQ(Figure("parts_recall_vehicles_open"), 2);
  EXPECT_EQ(OpenDuties(), 0);
}

TEST_F(Recalls, FollowTheSupersessionOfTheirParts) {
  const auto campaign = Must<Campaign>(ACampaign("RC-17"));
  ASSERT_TRUE(Add(campaign, kVinA).ok());
  const v1::Part newer = APart("AIRBAG-2");
  v1::SupersedePartRequest request;
  request.set_part_id(airbag_.part_id());
  request.set_successor_part_id(newer.part_id());
  request.set_reason("bulletin 17");
  Must<v1::Part>(request);
  EXPECT_EQ(ProgressOf(campaign).needs(0).part_number(), "AIRBAG-2");
}

TEST_F(Recalls, ThatAreClosedAskForNothingMore) {
  const auto campaign = Must<Campaign>(ACampaign("RC-17"));
  ASSERT_TRUE(Add(campaign, kVinA).ok());
  v1::CloseRecallCampaignRequest request;
  request.set_recall_campaign_id(campaign.recall_campaign_id());
  request.set_reason("the manufacturer ended it");
  EXPECT_EQ(Figure("parts_recall_vehicles_open"), 1);
  EXPECT_EQ(Must<Campaign>(request).state(), Campaign::STATE_CLOSED);
  EXPECT_EQ(Figure("parts_recall_vehicles_open"), 0);
  EXPECT_EQ(OpenDuties(), 0);
  EXPECT_EQ(RecallsOf(kVinA).recalls_size(), 0);
  EXPECT_TRUE(IsRefusal(Add(campaign, kVinB).status(), aftersales::common::v1::ERROR_REASON_WRONG_STATE));
  v1::UpdateRecallCampaignRequest update;
  *update.mutable_recall_campaign() = campaign;
  update.mutable_recall_campaign()->set_title("other");
  update.mutable_update_mask()->add_paths("title");
  EXPECT_FALSE(Send<Campaign>(update).ok());
}

// Handbook: P-17
TEST_F(Recalls, HaveDatesInOrderKnownPartsAndANumberOfTheirOwn) {
  auto request = ACampaign("RC-17");
  request.mutable_recall_campaign()->set_end_date("2026-10-01");
  EXPECT_TRUE(IsRefusal(Send<Campaign>(request).status(), v1::RECALL_ERROR_REASON_RECALL_DATES));
  request = ACampaign("RC-17");
  request.mutable_recall_campaign()->mutable_parts(0)->set_part_id(NewId());
  EXPECT_TRUE(IsRefusal(Send<Campaign>(request).status(), v1::ERROR_REASON_PART_UNKNOWN));
  Must<Campaign>(ACampaign("RC-17"));
  EXPECT_EQ(Send<Campaign>(ACampaign("RC-17")).status().code(), absl::StatusCode::kAlreadyExists);
}

TEST(RecallList, IsBounded) {
  std::string csv;
  for (int i = 0; i < kRecallLinesMax + 2; ++i) csv += "x\n";
  EXPECT_TRUE(IsRefusal(ReadVehicles(csv).status(), v1::RECALL_ERROR_REASON_RECALL_LIST_TOO_LONG));
}

}  // namespace
}  // namespace parts
