#include "tests/harness/database.h"

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "chassis/sql/migrations.h"
#include "tests/harness/processes.h"
#include "tests/harness/server.h"

namespace harness {
namespace {

using chassis::sql::Endpoint;

void Require(const absl::Status& status, std::string_view what) {
  if (status.ok()) return;
  std::fprintf(stderr, "test harness: %s: %s\n", std::string(what).c_str(), std::string(status.message()).c_str());
  std::abort();
}

Endpoint RootEndpoint(const std::string& address, const std::string& schema) {
  const std::vector<std::string> parts = absl::StrSplit(address, ':');
  Endpoint endpoint;
  endpoint.host = parts[0];
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[1], &endpoint.port)) {
    Require(absl::InvalidArgumentError(address), "AFTERSALES_TEST_DATABASE must be host:port");
  }
  endpoint.user = "root";
  endpoint.schema = schema;
  return endpoint;
}

chassis::SystemClock& SystemClockOnce() {
  static chassis::SystemClock clock;
  return clock;
}
chassis::SystemSleeper& SystemSleeperOnce() {
  static chassis::SystemSleeper sleeper;
  return sleeper;
}

std::unique_ptr<chassis::sql::Pool> SmallPool(const Endpoint& endpoint, int connections) {
  chassis::sql::PoolLimits limits;
  limits.connections = connections;
  limits.waiting_max = 1000;
  return chassis::sql::MakePool(endpoint, limits, SystemClockOnce(), SystemSleeperOnce());
}

void RunStatement(const std::string& server, const std::string& statement) {
  auto pool = SmallPool(RootEndpoint(server, "mysql"), 1);
  Require(pool->Read(absl::Now() + absl::Seconds(30),
                     [&](chassis::sql::Session& session) { return session.Execute(statement).status(); }),
          statement);
}

class SchemaOnServer : public Schema {
 public:
  enum class Life { kDroppedAtTheEnd, kStays };
  SchemaOnServer(const std::string& server, const std::string& name, Life life)
      : server_(server), life_(life), endpoint_(RootEndpoint(server, name)) {}
  ~SchemaOnServer() override {
    pool_.reset();
    if (life_ == Life::kDroppedAtTheEnd) RunStatement(server_, absl::StrCat("DROP DATABASE ", endpoint_.schema));
  }

  const Endpoint& endpoint() const override { return endpoint_; }
  chassis::sql::Pool& pool() override {
    std::lock_guard lock(mutex_);
    if (!pool_) pool_ = SmallPool(endpoint_, 8);
    return *pool_;
  }

  void Apply(const std::string& set, const std::string& directory) {
    auto migrations = chassis::sql::LoadMigrations(set, directory);
    Require(migrations.status(), directory);
    auto migrator = SmallPool(endpoint_, 2);
    Require(chassis::sql::Migrate(*migrator, *migrations, [](std::string_view) {}).status(), directory);
  }

 private:
  const std::string server_;
  const Life life_;
  const Endpoint endpoint_;
  std::mutex mutex_;
  std::unique_ptr<chassis::sql::Pool> pool_;
};

std::unique_ptr<SchemaOnServer> NewSchema(const std::string& server) {
  static std::atomic<int> count{0};
  const std::string name = absl::StrCat("test_", getpid(), "_", ++count);
  const std::string where = server.empty() ? ServerAddress() : server;
  RunStatement(where, absl::StrCat("CREATE DATABASE ", name, " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"));
  return std::make_unique<SchemaOnServer>(where, name, SchemaOnServer::Life::kDroppedAtTheEnd);
}

}  // namespace

std::unique_ptr<Schema> FreshSchema(const std::string& service, const std::string& server) {
  std::unique_ptr<SchemaOnServer> schema = NewSchema(server);
  schema->Apply("chassis", SourceDirectory() + "/chassis/migrations");
  if (!service.empty()) schema->Apply(service, SourceDirectory() + "/" + service + "-svc/migrations");
  return schema;
}

std::unique_ptr<Schema> EmptySchema(const std::string& server) { return NewSchema(server); }

std::unique_ptr<Schema> ExistingSchema(const std::string& server, const std::string& name) {
  return std::make_unique<SchemaOnServer>(server, name, SchemaOnServer::Life::kStays);
}

std::string ServerAddress() {
  if (const char* given = std::getenv("AFTERSALES_TEST_DATABASE"); given != nullptr && *given != '\0') return given;
  static DatabaseServer own(DatabaseServer::Storage::kMemory);
  return absl::StrCat("127.0.0.1:", own.port());
}

std::string SourceDirectory() { return SOURCE_DIR; }
std::string BinaryDirectory() { return BINARY_DIR; }

std::string ScratchDirectory(const std::string& purpose) {
  std::filesystem::create_directories(BinaryDirectory() + "/scratch");
  std::string pattern = BinaryDirectory() + "/scratch/" + purpose + "-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) FailHarness("cannot make " + pattern);
  return pattern;
}

}  // namespace harness
