#include "reception-svc/gate_pass/gate_pass_rules.h"

#include <set>

#include "aftersales/reception/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/time/clock.h"
#include "gtest/gtest.h"
#include "reception-svc/orders_for_test.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
using chassis::IsRefusal;

v1::GatePass APass() {
  v1::GatePass pass;
  pass.set_state(v1::GatePass::STATE_ISSUED);
  pass.set_code("123456");
  pass.set_plate("沪A12345");
  return pass;
}
v1::CheckExitRequest Shown(const std::string& code, const std::string& plate) {
  v1::CheckExitRequest request;
  request.set_code(code);
  request.set_plate(plate);
  return request;
}

TEST(CheckExit, LetsTheVehicleOutOnce) {
  v1::GatePass pass = APass();
  ASSERT_TRUE(LetOut(pass, Shown("123456", "沪A12345"), "guard-1", kNow).ok());
  EXPECT_EQ(pass.state(), v1::GatePass::STATE_USED);
  EXPECT_EQ(pass.checked_by(), "guard-1");
  EXPECT_TRUE(IsRefusal(LetOut(pass, Shown("123456", "沪A12345"), "guard-1", kNow), v1::ERROR_REASON_GATE_PASS_USED));
}

TEST(CheckExit, RefusesAWrongCodeAndAnotherVehicle) {
  v1::GatePass pass = APass();
  EXPECT_TRUE(IsRefusal(LetOut(pass, Shown("654321", "沪A12345"), "g", kNow), v1::ERROR_REASON_GATE_PASS_WRONG));
  EXPECT_TRUE(
      IsRefusal(LetOut(pass, Shown("123456", "沪B99999"), "g", kNow), v1::ERROR_REASON_GATE_PASS_OTHER_VEHICLE));
  EXPECT_EQ(pass.state(), v1::GatePass::STATE_ISSUED);
}

TEST(ExitCode, IsSixDigitsAndDiffersFromPassToPass) {
  chassis::CountingIds ids;
  std::set<std::string> codes;
  for (int i = 0; i < 100; ++i) {
    const std::string code = ExitCode(ids.NewId());
    EXPECT_EQ(code.size(), 6u);
    codes.insert(code);
  }
  EXPECT_GT(codes.size(), 95u);
}

}  // namespace
}  // namespace reception
