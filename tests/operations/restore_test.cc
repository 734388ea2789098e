// A backup of a suite at work, restored into a fresh server: tools/backup.sh is run as an operator or the cluster's job
// runs it, by a user who may do no more than the handbook says. What comes back is one moment of all four services,
// agrees with every verification, and goes on with the job.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/demo/main_job.h"
#include "tests/demo/quick_order.h"
#include "tests/demo/suite_stage.h"
#include "tests/harness/processes.h"
#include "tests/harness/server.h"
#include "tests/harness/suite.h"

namespace {

namespace reception = aftersales::reception::v1;
using chassis::sql::Session;

constexpr int kWriters = 2;

std::string Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream content;
  content << file.rdbuf();
  return std::move(content).str();
}

void Write(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

// Orders written one after another, by somebody of his own.
class Writer {
 public:
  Writer(harness::Suite& suite, const aftersales::common::v1::Store& store, int number)
      : time_(suite), stage_(suite.door(), suite.issuer(), time_, narrator_), orders_(stage_, store), store_(store) {
    customer_ = orders_.Customer(absl::StrCat("1391000000", number));
    serial_ = number * 1000;
  }
  reception::RepairOrder ReleaseOne() {
    const auto vehicle = orders_.Vehicle(customer_, ++serial_);
    const auto order = orders_.Signed(orders_.Estimated(orders_.CheckedIn(vehicle)));
    return stage_.Do<reception::RepairOrder>(demo::Cast(store_).adviser, orders_.ReleaseRequest(order));
  }
  void WorkUntil(const std::atomic<bool>& stop) {
    try {
      while (!stop) {
        ReleaseOne();
        ++done;
      }
    } catch (const demo::StepFailed& failed) {
      failure = failed.what();
      done = -1;
    }
  }
  std::atomic<int> done{0};
  std::string failure;

 private:
  demo::SuiteTime time_;
  demo::Quiet narrator_;
  demo::Stage stage_;
  demo::QuickOrder orders_;
  const aftersales::common::v1::Store store_;
  std::string customer_;
  int serial_ = 0;
};

// One suite, one backup made while orders are being written, for all tests of this file.
class Backup : public ::testing::Test {
 protected:
  struct Scene {
    Scene()
        : time(suite),
          stage(suite.door(), suite.issuer(), time, narrator),
          directory(harness::ScratchDirectory("backup")),
          file(directory + "/suite.sql.zst") {
      stores = demo::OpenStores(stage, harness::SourceDirectory() + "/tests/data");
      demo::PlayMainJob(stage, stores.at("SH01"));
      GiveRights();
      BackUpAtWork();
    }
    ~Scene() { (void)Change(suite.Database("crm"), "DROP USER " + user); }

    // What docs/operations.md gives the user of the backup.
    void GiveRights() {
      Write(directory + "/password", "se\"c'r\\et #1\n");
      Require("CREATE USER " + user + " IDENTIFIED BY 'se\"c\\'r\\\\et #1'");
      for (const char* service : harness::kServices) {
        Require(absl::StrCat("GRANT SELECT ON ", suite.SchemaName(service), ".* TO ", user));
        Require(absl::StrCat("GRANT INSERT ON ", suite.SchemaName(service), ".backup TO ", user));
      }
    }
    void BackUpAtWork() {
      std::vector<std::unique_ptr<Writer>> writers;
      for (int i = 0; i < kWriters; ++i) writers.push_back(std::make_unique<Writer>(suite, stores.at("SH01"), i + 1));
      std::atomic<bool> stop{false};
      std::vector<std::thread> threads;
      for (auto& writer : writers) threads.emplace_back([&writer, &stop] { writer->WorkUntil(stop); });
      const auto each_has_done = [&](int orders) {
        for (auto& writer : writers) {
          while (writer->done >= 0 && writer->done < orders) harness::WaitFor(absl::Milliseconds(5));
        }
      };
      each_has_done(1);
      status = Run({"dump", file}, user_settings(), said);
      std::vector<int> by_then;
      for (auto& writer : writers) by_then.push_back(writer->done);
      each_has_done(1 + *std::max_element(by_then.begin(), by_then.end()));
      stop = true;
      for (std::thread& thread : threads) thread.join();
      for (auto& writer : writers) {
        if (writer->done < 0) throw demo::StepFailed(writer->failure);
      }
    }
    // As a user of the source's server.
    std::vector<std::string> user_settings() {
      return {absl::StrCat("--database-port=", suite.EndpointOf("crm").port),
              "--database-user=" + user.substr(1, user.find('\'', 1) - 1),
              "--database-password-file=" + directory + "/password"};
    }
    int Run(std::vector<std::string> words, const std::vector<std::string>& settings, std::string& output) {
      std::vector<std::string> command = {harness::SourceDirectory() + "/tools/backup.sh"};
      command.insert(command.end(), words.begin(), words.end());
      command.insert(command.end(), settings.begin(), settings.end());
      std::string schemas = "--schemas=";
      for (const char* service : harness::kServices)
        absl::StrAppend(&schemas, service, "=", suite.SchemaName(service), ",");
      command.push_back(schemas);
      const std::string log = directory + "/output";
      std::filesystem::remove(log);
      const int outcome = harness::RunToEnd(command, log);
      output = Read(log);
      return outcome;
    }
    int RestoreTo(int port, std::vector<std::string> more, std::string& output) {
      std::vector<std::string> words = {"restore"};
      words.insert(words.end(), more.begin(), more.end());
      return Run(words, {absl::StrCat("--database-port=", port), "--database-user=root"}, output);
    }
    static absl::Status Change(chassis::sql::Pool& pool, const std::string& statement) {
      return pool.Read(absl::Now() + absl::Seconds(10),
                       [&](Session& session) { return session.Execute(statement).status(); });
    }
    void Require(const std::string& statement) {
      const absl::Status done = Change(suite.Database("crm"), statement);
      if (!done.ok()) throw demo::StepFailed(absl::StrCat(statement, ": ", done.ToString()));
    }

    const std::string user = absl::StrCat("'backup_", getpid(), "'@'127.0.0.1'");
    harness::Suite suite;
    demo::SuiteTime time;
    demo::Quiet narrator;
    demo::Stage stage;
    const std::string directory;
    const std::string file;
    std::map<std::string, aftersales::common::v1::Store> stores;
    int status = -1;
    std::string said;
    harness::DatabaseServer fresh{harness::DatabaseServer::Storage::kMemory};
  };

  static void SetUpTestSuite() {
    try {
      scene_ = std::make_unique<Scene>();
    } catch (const demo::StepFailed& failed) {
      failure_ = failed.what();
    }
  }
  static void TearDownTestSuite() { scene_.reset(); }
  void SetUp() override {
    ASSERT_TRUE(scene_) << failure_;
    ASSERT_EQ(scene_->status, 0) << scene_->said;
  }

  static chassis::sql::Rows Ask(chassis::sql::Pool& pool, const std::string& statement) {
    chassis::sql::Rows rows;
    const absl::Status read = pool.Read(absl::Now() + absl::Seconds(30), [&](Session& session) {
      auto found = session.Query(statement);
      if (found.ok()) rows = *std::move(found);
      return found.status();
    });
    EXPECT_TRUE(read.ok()) << read << " in " << statement;
    return rows;
  }
  static int64_t Number(chassis::sql::Pool& pool, const std::string& select) {
    const auto rows = Ask(pool, "SELECT " + select);
    return rows.empty() ? -1 : rows[0].Int("n");
  }
  static std::set<std::string> Ids(chassis::sql::Pool& pool, const std::string& select) {
    std::set<std::string> ids;
    const auto rows = Ask(pool, "SELECT DISTINCT " + select);
    for (size_t i = 0; i < rows.size(); ++i) ids.insert(rows[i].Id("id"));
    return ids;
  }
  static int64_t Head(harness::Suite& suite, const std::string& service) {
    return Number(suite.Database(service), "position AS n FROM feed_head WHERE feed = 'main'");
  }
  // A copy of the three files under another name.
  std::string Copied(const std::string& name) {
    const std::string copy = scene_->directory + "/" + name;
    for (const char* suffix : {"", ".manifest", ".sha256"}) {
      std::filesystem::copy_file(scene_->file + suffix, copy + suffix,
                                 std::filesystem::copy_options::overwrite_existing);
    }
    return copy;
  }
  int64_t TablesOnFreshServer() {
    auto schema = harness::ExistingSchema(scene_->fresh.address(), "mysql");
    return Number(schema->pool(), "COUNT(*) AS n FROM information_schema.tables WHERE table_schema LIKE 'test\\_%'");
  }

  static std::unique_ptr<Scene> scene_;
  static std::string failure_;
};
std::unique_ptr<Backup::Scene> Backup::scene_;
std::string Backup::failure_;

TEST_F(Backup, IsThreeFilesAndARowInEverySchema) {
  EXPECT_TRUE(absl::StrContains(scene_->said, "complete: "));
  std::string said;
  EXPECT_EQ(scene_->Run({"check", scene_->file}, {}, said), 0) << said;
  EXPECT_TRUE(absl::StrContains(said, "whole")) << said;
  for (const char* service : harness::kServices) {
    EXPECT_TRUE(absl::StrContains(said, absl::StrCat("migrations ", service, " chassis "))) << said;
    EXPECT_EQ(Number(scene_->suite.Database(service), "SUM(bytes) AS n FROM backup"),
              static_cast<int64_t>(std::filesystem::file_size(scene_->file)))
        << service;
    EXPECT_EQ(Number(scene_->suite.Database(service), "COUNT(*) AS n FROM backup WHERE begin_time <= end_time"), 1);
  }
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(scene_->directory)) {
    if (absl::StrContains(entry.path().string(), ".partial")) ADD_FAILURE() << entry.path();
  }
}

TEST_F(Backup, LeavesNoFileWhenItCannotReadEverything) {
  const std::string file = scene_->directory + "/half.sql.gz";
  const std::string crm = scene_->suite.SchemaName("crm");
  scene_->Require(absl::StrCat("REVOKE SELECT ON ", crm, ".* FROM ", scene_->user));
  scene_->Require(absl::StrCat("GRANT SELECT ON ", crm, ".customer TO ", scene_->user));
  std::string said;
  EXPECT_NE(scene_->Run({"dump", file}, scene_->user_settings(), said), 0) << said;
  for (const auto& entry : std::filesystem::directory_iterator(scene_->directory)) {
    EXPECT_FALSE(absl::StrContains(entry.path().string(), "half")) << entry.path();
  }
  scene_->Require(absl::StrCat("GRANT SELECT ON ", crm, ".* TO ", scene_->user));
}

TEST_F(Backup, IsRefusedWhenItWasCutOffOrChanged) {
  std::string said;
  const std::string cut = Copied("cut.sql.zst");
  std::filesystem::resize_file(cut, std::filesystem::file_size(cut) - 100);
  EXPECT_NE(scene_->RestoreTo(scene_->fresh.port(), {cut}, said), 0);
  EXPECT_TRUE(absl::StrContains(said, "does not agree with its checksum")) << said;

  const std::string changed = Copied("changed.sql.zst");
  std::string bytes = Read(changed);
  bytes[bytes.size() / 2] ^= 1;
  Write(changed, bytes);
  EXPECT_NE(scene_->RestoreTo(scene_->fresh.port(), {changed}, said), 0);
  EXPECT_TRUE(absl::StrContains(said, "does not agree with its checksum")) << said;

  const std::string alone = Copied("alone.sql.zst");
  std::filesystem::remove(alone + ".sha256");
  EXPECT_NE(scene_->RestoreTo(scene_->fresh.port(), {alone}, said), 0);
  EXPECT_EQ(TablesOnFreshServer(), 0);
}

TEST_F(Backup, DoesNotOverwriteASuiteThatIsThereOrAtWork) {
  const int port = scene_->suite.EndpointOf("crm").port;
  const int64_t head = Head(scene_->suite, "reception");
  std::string said;
  EXPECT_NE(scene_->RestoreTo(port, {scene_->file, "--replace"}, said), 0);
  EXPECT_TRUE(absl::StrContains(said, "stop the services first")) << said;
  EXPECT_GE(Head(scene_->suite, "reception"), head);
}

TEST_F(Backup, BringsBackOneMomentOfAllServicesThatGoesOnWithTheJob) {
  std::string said;
  ASSERT_EQ(scene_->RestoreTo(scene_->fresh.port(), {scene_->file}, said), 0) << said;
  EXPECT_TRUE(absl::StrContains(said, "have the rows the manifest says")) << said;
  EXPECT_NE(scene_->RestoreTo(scene_->fresh.port(), {scene_->file}, said), 0);
  EXPECT_TRUE(absl::StrContains(said, "is not empty")) << said;

  harness::Suite heir(scene_->suite, scene_->fresh.address());
  for (const char* service : harness::kServices) {
    EXPECT_EQ(heir.RunSubcommand(harness::CurrentPrograms(), service, "verify", said), 0) << service << "\n" << said;
  }
  // The backup was made at work: the source has gone on since.
  EXPECT_LT(Number(heir.Database("reception"), "COUNT(*) AS n FROM repair_order"),
            Number(scene_->suite.Database("reception"), "COUNT(*) AS n FROM repair_order"));

  demo::SuiteTime time(heir);
  demo::Stage stage(heir.door(), heir.issuer(), time, scene_->narrator);
  // What was under way at that moment comes to its end, and every event reaches whom it is for.
  stage.Await("the end of every process", [&] {
    return Number(heir.Database("reception"),
                  "COUNT(*) AS n FROM process WHERE state IN ('RUNNING', 'COMPENSATING')") == 0;
  });
  const auto released =
      Ids(heir.Database("reception"), "document_id AS id FROM outbox WHERE type = 'RepairOrderReleased'");
  EXPECT_GT(released.size(), static_cast<size_t>(kWriters));
  stage.Await("a job for every released order",
              [&] { return Ids(heir.Database("workshop"), "repair_order_id AS id FROM job") == released; });
  EXPECT_EQ(Ids(heir.Database("parts"), "holder_id AS id FROM reservation WHERE holder_kind = 'REPAIR_ORDER'"),
            released);

  // And the business goes on: in the middle of what was there, and with new cars.
  Writer writer(heir, scene_->stores.at("SH01"), 9);
  EXPECT_EQ(writer.ReleaseOne().state(), reception::RepairOrder::STATE_RELEASED);
  try {
    demo::PlayMainJob(stage, scene_->stores.at("SH01"));
    for (const auto& [code, store] : scene_->stores) demo::VerifyAll(stage, store);
  } catch (const demo::StepFailed& failed) {
    ADD_FAILURE() << failed.what();
  }

  // With other keys verification says so: the data is there, and nobody can read it.
  const std::string keys = heir.Directory() + "/data.json";
  std::filesystem::rename(keys, keys + ".kept");
  const std::string others = harness::ScratchDirectory("keys");
  ASSERT_EQ(harness::RunToEnd({harness::BinaryDirectory() + "/bin/aftersales-keys", others}, others + "/log"), 0);
  std::filesystem::copy_file(others + "/data.json", keys);
  for (const char* service : {"reception", "crm"}) {
    EXPECT_NE(heir.RunSubcommand(harness::CurrentPrograms(), service, "verify", said), 0) << service;
    EXPECT_TRUE(absl::StrContains(said, "with the keys at hand")) << service << "\n" << said;
  }
}

// The change feed of a service that alone goes back in time would give positions its readers have passed already.
TEST_F(Backup, SetsNoServiceBackAloneWhoseEventsItsPeersHaveTakenIn) {
  // The last test of this suite: its processes end here.
  for (const char* name : {"gateway", "reception", "workshop", "parts", "crm"}) scene_->suite.Kill(name);
  const auto& crm = scene_->suite.SchemaName("crm");
  auto reader = harness::ExistingSchema(harness::ServerAddress(), crm);
  const std::string select = "MAX(position) AS n FROM intake WHERE publisher = 'aftersales.reception.v1'";
  // crm follows the feed in steps; say that it is ahead.
  const int64_t now = Head(scene_->suite, "reception");
  ASSERT_TRUE(Scene::Change(reader->pool(), absl::StrCat("UPDATE intake SET position = ", now,
                                                         " WHERE publisher = 'aftersales.reception.v1'"))
                  .ok());
  ASSERT_EQ(Number(reader->pool(), select), now);
  const int port = scene_->suite.EndpointOf("crm").port;
  std::string said;
  EXPECT_NE(scene_->RestoreTo(port, {scene_->file, "--only=reception", "--replace"}, said), 0);
  EXPECT_TRUE(absl::StrContains(said, "crm has taken in")) << said;
  EXPECT_EQ(Head(scene_->suite, "reception"), now) << "nothing was touched";
}

}  // namespace
