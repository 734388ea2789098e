#include "chassis/privacy/masking.h"

#include "aftersales/common/v1/duty.pb.h"
#include "aftersales/common/v1/signature.pb.h"
#include "gtest/gtest.h"

namespace chassis::privacy {
namespace {

namespace options = aftersales::options::v1;
using aftersales::common::v1::Duty;
using aftersales::common::v1::Signature;

TEST(Masked, ShowsOnlyWhatTheKindAllows) {
  EXPECT_EQ(Masked("张伟", options::PRIVACY_NAME), "张**");
  EXPECT_EQ(Masked("13812340000", options::PRIVACY_PHONE), "138****0000");
  EXPECT_EQ(Masked("上海市浦东新区世纪大道1号", options::PRIVACY_ADDRESS), "上海市浦东新****");
  EXPECT_EQ(Masked("310101199001011234", options::PRIVACY_ID_NUMBER), "****1234");
  EXPECT_EQ(Masked("刹车时有异响", options::PRIVACY_TEXT), "***");
  EXPECT_EQ(Masked("", options::PRIVACY_PHONE), "");
}

TEST(Masked, HidesShortValuesWhole) {
  EXPECT_EQ(Masked("1381234", options::PRIVACY_PHONE), "****");
  EXPECT_EQ(Masked("1234", options::PRIVACY_ID_NUMBER), "****");
  EXPECT_EQ(Masked("上海市", options::PRIVACY_ADDRESS), "****");
}

TEST(Mask, FollowsTheOptionsAndLeavesTheRest) {
  Signature signature;
  signature.set_signer_name("张伟");
  signature.set_evidence("scan/4711");
  Mask(signature);
  EXPECT_EQ(signature.signer_name(), "张**");
  EXPECT_EQ(signature.evidence(), "scan/4711");
}

TEST(Strip, RemovesPersonalValues) {
  Signature signature;
  signature.set_signer_name("张伟");
  signature.set_evidence("scan/4711");
  Strip(signature);
  EXPECT_EQ(signature.signer_name(), "");
  EXPECT_EQ(signature.evidence(), "scan/4711");
}

TEST(HoldsPersonalData, IsKnownPerType) {
  EXPECT_TRUE(HoldsPersonalData(Signature::descriptor()));
  EXPECT_FALSE(HoldsPersonalData(Duty::descriptor()));
}

}  // namespace
}  // namespace chassis::privacy
