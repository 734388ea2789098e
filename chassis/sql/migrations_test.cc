#include "chassis/sql/migrations.h"

#include <filesystem>
#include <fstream>

#include "chassis/status/status.h"
#include "gtest/gtest.h"
#include "tests/harness/database.h"

namespace chassis::sql {
namespace {

class MigrationsTest : public testing::Test {
 protected:
  MigrationsTest() : schema_(harness::FreshSchema("")) {}

  absl::StatusOr<std::vector<std::string>> Run(const std::vector<Migration>& migrations) {
    return Migrate(schema_->pool(), migrations, [this](std::string_view line) { progress_.emplace_back(line); });
  }
  static Migration A(const std::string& text) { return {"test", 1, "0001_a.sql", text}; }
  absl::Status Execute(const std::string& sql) {
    return schema_->pool().Read(absl::InfiniteFuture(),
                                [&](Session& session) { return session.Execute(sql).status(); });
  }

  std::unique_ptr<harness::Schema> schema_;
  std::vector<std::string> progress_;
};

TEST_F(MigrationsTest, AppliesEachFileOnceInOrder) {
  const std::vector<Migration> migrations = {
      A("-- a comment\nCREATE TABLE a (\n  id INT NOT NULL PRIMARY KEY\n);\nINSERT INTO a VALUES (1);\n"),
      {"test", 2, "0002_b.sql", "ALTER TABLE a ADD COLUMN b INT NULL;\nUPDATE a SET b = id;\n"}};
  const auto pending = Pending(schema_->pool(), migrations);
  ASSERT_TRUE(pending.ok()) << pending.status();
  EXPECT_EQ(pending->size(), 2u);
  const auto first = Run(migrations);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(*first, (std::vector<std::string>{"test/0001_a.sql", "test/0002_b.sql"}));
  EXPECT_EQ(progress_.size(), 2u);
  const auto second = Run(migrations);
  ASSERT_TRUE(second.ok());
  EXPECT_TRUE(second->empty());
  EXPECT_TRUE(Pending(schema_->pool(), migrations)->empty());
}

TEST_F(MigrationsTest, StopsAtAFileThatWasChangedAfterwards) {
  ASSERT_TRUE(Run({A("CREATE TABLE a (id INT NOT NULL PRIMARY KEY);")}).ok());
  const auto changed = Run({A("CREATE TABLE a (id BIGINT NOT NULL PRIMARY KEY);")});
  EXPECT_TRUE(absl::IsFailedPrecondition(changed.status()));
  EXPECT_FALSE(Run({A("CREATE TABLE a (id INT NOT NULL PRIMARY KEY);\nDROP TABLE a;")}).ok());
  EXPECT_TRUE(Run({A("-- explained later\nCREATE TABLE a (id INT NOT NULL PRIMARY KEY);")}).ok());
}

TEST_F(MigrationsTest, GoesOnWhereItStoppedOnceTheFileIsMended) {
  const auto broken = Run({A("CREATE TABLE a (id INT NOT NULL PRIMARY KEY);\nINSERT INTO nowhere VALUES (1);")});
  EXPECT_FALSE(broken.ok());
  EXPECT_NE(broken.status().message().find("statement 2"), std::string::npos) << broken.status();
  const auto mended = Run({A("CREATE TABLE a (id INT NOT NULL PRIMARY KEY);\nINSERT INTO a VALUES (1);")});
  EXPECT_TRUE(mended.ok()) << mended.status();
}

TEST_F(MigrationsTest, DoesNotChangeAStatementAlreadyDone) {
  EXPECT_FALSE(Run({A("CREATE TABLE a (id INT NOT NULL PRIMARY KEY);\nINSERT INTO nowhere VALUES (1);")}).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(
      Run({A("CREATE TABLE b (id INT NOT NULL PRIMARY KEY);\nINSERT INTO b VALUES (1);")}).status()));
}

TEST_F(MigrationsTest, OneWriterAtATime) {
  ASSERT_TRUE(
      Execute("REPLACE INTO schema_lease VALUES ('migrate', 'another', UTC_TIMESTAMP(6) + INTERVAL 60 SECOND)").ok());
  EXPECT_TRUE(absl::IsUnavailable(Run({A("CREATE TABLE a (id INT NOT NULL PRIMARY KEY);")}).status()));
  ASSERT_TRUE(Execute("UPDATE schema_lease SET expire_time = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND").ok());
  EXPECT_TRUE(Run({A("CREATE TABLE a (id INT NOT NULL PRIMARY KEY);")}).ok());
}

TEST_F(MigrationsTest, TheChassisOwnFilesAreComplete) {
  const auto migrations = LoadMigrations("chassis", harness::SourceDirectory() + "/chassis/migrations");
  ASSERT_TRUE(migrations.ok()) << migrations.status();
  for (size_t i = 0; i < migrations->size(); ++i) EXPECT_EQ((*migrations)[i].number, static_cast<int>(i) + 1);
  EXPECT_TRUE(Pending(schema_->pool(), *migrations)->empty());
}

TEST(LoadMigrations, RefusesTwoFilesWithOneNumberAndOtherNames) {
  const std::string directory = testing::TempDir() + "/migrations_twice";
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  std::ofstream(directory + "/0001_a.sql") << "SELECT 1;";
  std::ofstream(directory + "/README") << "not a migration";
  ASSERT_TRUE(LoadMigrations("x", directory).ok());
  std::ofstream(directory + "/0001_b.sql") << "SELECT 1;";
  EXPECT_FALSE(LoadMigrations("x", directory).ok());
  std::filesystem::remove(directory + "/0001_b.sql");
  std::ofstream(directory + "/one.sql") << "SELECT 1;";
  EXPECT_FALSE(LoadMigrations("x", directory).ok());
  EXPECT_FALSE(LoadMigrations("x", "/nonexistent").ok());
}

}  // namespace
}  // namespace chassis::sql
