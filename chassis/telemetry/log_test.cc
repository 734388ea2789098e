#include "chassis/telemetry/log.h"

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace chassis::log {
namespace {

class Log : public testing::Test {
 protected:
  Log() { CaptureForTest(&lines_); }
  ~Log() override {
    CaptureForTest(nullptr);
    SetMinimum("info");
  }
  std::string lines_;
};

TEST_F(Log, WritesOneJsonObjectPerLine) {
  Info("two\nlines and a \"quote\" \x01", {{"store", "上海"}, {"empty", ""}, {"tab", "a\tb\\"}});
  ASSERT_EQ(std::count(lines_.begin(), lines_.end(), '\n'), 1);
  const nlohmann::json line = nlohmann::json::parse(lines_);
  EXPECT_EQ(line["message"], "two\nlines and a \"quote\" \x01");
  EXPECT_EQ(line["severity"], "info");
  EXPECT_EQ(line["store"], "上海");
  EXPECT_EQ(line["tab"], "a\tb\\");
  EXPECT_FALSE(line.contains("empty"));
}

TEST_F(Log, LeavesOutWhatIsBelowTheMinimum) {
  ASSERT_TRUE(SetMinimum("warning"));
  Info("quiet");
  EXPECT_EQ(lines_, "");
  Warning("loud");
  EXPECT_NE(lines_, "");
  EXPECT_FALSE(SetMinimum("whisper"));
}

}  // namespace
}  // namespace chassis::log
