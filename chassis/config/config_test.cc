#include "chassis/config/config.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "gtest/gtest.h"

namespace chassis::config {
namespace {

Config SmallConfig() {
  return Config({{"listen", "127.0.0.1:0", "where to listen"},
                 {"streams-max", "256", "how many"},
                 {"grace", "20s", "how long"},
                 {"reflection", "false", "whether"},
                 {"password-file", "", "where"}});
}

absl::StatusOr<std::vector<std::string>> Parse(Config& config, std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "program");
  return config.Parse(static_cast<int>(arguments.size()), arguments.data());
}

std::string FileWith(const std::string& content) {
  const std::string path = testing::TempDir() + "/config_test_" + std::to_string(::getpid());
  std::ofstream(path) << content;
  return path;
}

TEST(Config, HasTheDefaultsWhenNothingIsSaid) {
  Config config = SmallConfig();
  ASSERT_TRUE(Parse(config, {}).ok());
  EXPECT_EQ(config.Text("listen"), "127.0.0.1:0");
  EXPECT_EQ(config.Int("streams-max"), 256);
  EXPECT_EQ(config.Duration("grace"), absl::Seconds(20));
  EXPECT_FALSE(config.Flag("reflection"));
}

TEST(Config, PrefersFlagsToEnvironmentAndEnvironmentToFile) {
  const std::string file = "--config=" + FileWith("# a comment\nstreams-max = 1\ngrace = 1s\nlisten = a:1\n");
  ::setenv("AFTERSALES_STREAMS_MAX", "2", 1);
  ::setenv("AFTERSALES_GRACE", "2s", 1);
  Config config = SmallConfig();
  ASSERT_TRUE(Parse(config, {file.c_str(), "--streams-max=3"}).ok());
  ::unsetenv("AFTERSALES_STREAMS_MAX");
  ::unsetenv("AFTERSALES_GRACE");
  EXPECT_EQ(config.Int("streams-max"), 3);
  EXPECT_EQ(config.Duration("grace"), absl::Seconds(2));
  EXPECT_EQ(config.Text("listen"), "a:1");
}

TEST(Config, ReturnsTheWordsThatAreNoFlags) {
  Config config = SmallConfig();
  const auto words = Parse(config, {"migrate", "--reflection"});
  ASSERT_TRUE(words.ok());
  EXPECT_EQ(*words, std::vector<std::string>{"migrate"});
  EXPECT_TRUE(config.Flag("reflection"));
}

TEST(Config, NamesAnUnknownSetting) {
  Config config = SmallConfig();
  const absl::Status status = Parse(config, {"--lisen=x"}).status();
  EXPECT_NE(std::string(status.message()).find("lisen"), std::string::npos);
}

TEST(Config, NamesAMalformedSetting) {
  for (const char* flag : {"--streams-max=many", "--grace=soon", "--grace=-1s", "--reflection=yes"}) {
    Config config = SmallConfig();
    EXPECT_EQ(Parse(config, {flag}).status().code(), absl::StatusCode::kInvalidArgument) << flag;
  }
}

TEST(Config, ReadsASecretWithoutItsNewline) {
  Config config = SmallConfig();
  config.Set("password-file", FileWith("s3cret\n"));
  EXPECT_EQ(*config.FileContent("password-file"), "s3cret");
  config.Set("password-file", "/nowhere");
  EXPECT_FALSE(config.FileContent("password-file").ok());
}

TEST(ServiceSettings, PassTheirOwnCheckAndAreAllInTheHelp) {
  const Config config(ServiceSettings());
  EXPECT_TRUE(config.Check().ok()) << config.Check();
  const std::string help = config.Help("parts-svc", "a service");
  for (const Setting& setting : ServiceSettings()) EXPECT_NE(help.find("--" + setting.name + "="), std::string::npos);
}

}  // namespace
}  // namespace chassis::config
