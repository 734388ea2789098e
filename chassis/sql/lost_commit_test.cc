// A COMMIT that the server never answered is not a commit: whoever hears OK may rely on it.
#include "chassis/sql/pool.h"
#include "chassis/time/clock.h"
#include "gtest/gtest.h"
#include "tests/harness/database.h"
#include "tests/harness/server.h"

namespace chassis::sql {
namespace {

// Handbook: G-07
TEST(LostCommit, IsUnknownWhenTheServerDiesBeforeItsAnswer) {
  harness::DatabaseServer server(harness::DatabaseServer::Storage::kMemory);
  const std::unique_ptr<harness::Schema> schema = harness::FreshSchema("", server.address());
  SystemClock clock;
  SystemSleeper sleeper;
  const std::unique_ptr<Pool> pool = MakePool(schema->endpoint(), {}, clock, sleeper);
  const auto deadline = [&] { return clock.Now() + absl::Seconds(20); };
  ASSERT_TRUE(pool->Read(deadline(),
                         [](Session& session) {
                           return session.Execute("CREATE TABLE note (id BIGINT PRIMARY KEY) ENGINE=InnoDB").status();
                         })
                  .ok());
  const absl::Status status = pool->Transact(deadline(), [&](Session& session) -> absl::Status {
    const absl::Status inserted = session.Execute("INSERT INTO note (id) VALUES (1)").status();
    server.Kill();
    return inserted;
  });
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  server.Start();
  int64_t count = -1;
  absl::Status read = absl::UnavailableError("not asked");
  for (int attempt = 0; attempt < 20 && absl::IsUnavailable(read); ++attempt) {
    read = pool->Read(deadline(), [&](Session& session) -> absl::Status {
      auto rows = session.Query("SELECT COUNT(*) AS n FROM note");
      if (rows.ok()) count = (*rows)[0].Int("n");
      return rows.status();
    });
  }
  EXPECT_EQ(count, 0) << read;
}

}  // namespace
}  // namespace chassis::sql
