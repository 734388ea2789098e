#include "chassis/config/watched_file.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace chassis::config {
namespace {

class WatchedFileTest : public testing::Test {
 protected:
  WatchedFileTest() : directory_(std::filesystem::path(testing::TempDir()) / absl::StrCat("watched_", ::getpid())) {
    std::filesystem::create_directories(directory_);
  }
  ~WatchedFileTest() override { std::filesystem::remove_all(directory_); }

  std::string Path(const std::string& name) const { return directory_ / name; }
  void Write(const std::string& name, const std::string& content) const {
    std::ofstream(Path(name + ".next")) << content;
    std::filesystem::rename(Path(name + ".next"), Path(name));
  }
  const std::filesystem::path directory_;
};

TEST_F(WatchedFileTest, TellsEachChangeOnce) {
  Write("list", "one");
  WatchedFile file(Path("list"));
  EXPECT_EQ(*file.Read(100), "one");
  EXPECT_FALSE(file.Changed());
  Write("list", "two");
  EXPECT_TRUE(file.Changed());
  EXPECT_FALSE(file.Changed());
  EXPECT_EQ(*file.Read(100), "two");
}

TEST_F(WatchedFileTest, SeesASymlinkThatIsSwapped) {
  // As Kubernetes changes what it mounts.
  Write("first", "one");
  Write("second", "two");
  std::filesystem::create_symlink(Path("first"), Path("list"));
  WatchedFile file(Path("list"));
  EXPECT_EQ(*file.Read(100), "one");
  std::filesystem::create_symlink(Path("second"), Path("next"));
  std::filesystem::rename(Path("next"), Path("list"));
  EXPECT_TRUE(file.Changed());
  EXPECT_EQ(*file.Read(100), "two");
}

TEST_F(WatchedFileTest, SaysNothingWhileTheFileIsAway) {
  Write("list", "one");
  WatchedFile file(Path("list"));
  EXPECT_TRUE(file.Read(100).ok());
  std::filesystem::remove(Path("list"));
  EXPECT_FALSE(file.Changed());
  EXPECT_TRUE(absl::IsNotFound(file.Read(100).status()));
  Write("list", "two");
  EXPECT_TRUE(file.Changed());
}

TEST_F(WatchedFileTest, ReadsNoMoreThanItMay) {
  Write("list", "12345");
  WatchedFile file(Path("list"));
  EXPECT_EQ(*file.Read(5), "12345");
  EXPECT_FALSE(file.Read(4).ok());
  EXPECT_FALSE(WatchedFile(directory_).Read(100).ok());
}

}  // namespace
}  // namespace chassis::config
