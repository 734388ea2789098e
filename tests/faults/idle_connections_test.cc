// Ten thousand clients that keep a connection and say nothing: what each costs the gateway, that others are served
// meanwhile, and that none of them holds up its end. A real gateway process; its services are not needed.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gateway/web/http_for_test.h"
#include "tests/harness/database.h"
#include "tests/harness/processes.h"

namespace {

using gateway::web::Fetch;
using gateway::web::HttpClient;
using gateway::web::HttpReply;
using gateway::web::RequestText;

constexpr int kConnections = 10'000;
// What the kernel keeps of a socket is not in it.
constexpr double kBytesPerConnectionMax = 4096;

// Resident memory in bytes.
double MemoryOf(pid_t pid) {
  std::ifstream status(absl::StrCat("/proc/", pid, "/status"));
  std::string word;
  double kilobytes = 0;
  while (status >> word) {
    if (word == "VmRSS:") status >> kilobytes;
  }
  return kilobytes * 1024;
}

class IdleConnections : public ::testing::Test {
 protected:
  void SetUp() override {
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_max < kConnections + 500) GTEST_SKIP() << "only " << files.rlim_max << " descriptors";
    directory_ = harness::ScratchDirectory("idle");
    ASSERT_EQ(
        harness::RunToEnd({harness::BinaryDirectory() + "/bin/aftersales-keys", directory_}, directory_ + "/keys.log"),
        0);
    web_port_ = harness::FreePort();
    admin_port_ = harness::FreePort();
    gateway_ = harness::Spawn(
        {harness::BinaryDirectory() + "/bin/gateway", absl::StrCat("--web-listen=127.0.0.1:", web_port_),
         absl::StrCat("--admin-listen=127.0.0.1:", admin_port_),
         "--descriptors-file=" + harness::BinaryDirectory() + "/aftersales.binpb",
         "--openapi-file=", "--upstreams=aftersales.reception.v1=127.0.0.1:1", "--issuer=nobody",
         "--jwks-file=" + directory_ + "/jwks.json", "--connections-max=20000", "--connections-per-address-max=20000",
         "--idle-timeout=1h", "--grace=1h", "--drain-wait=0s", "--access-log=false", "--lanes=2"},
        directory_ + "/gateway.log");
    for (int look = 0; look < 400 && !harness::Accepts(web_port_); ++look) harness::WaitFor(absl::Milliseconds(25));
    ASSERT_TRUE(harness::Accepts(web_port_));
  }
  void TearDown() override {
    if (gateway_ <= 0) return;
    kill(gateway_, SIGKILL);
    waitpid(gateway_, nullptr, 0);
  }
  double Gauge(const std::string& name) {
    const HttpReply metrics = Fetch(admin_port_, "GET", "/metrics");
    const size_t at = metrics.body.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::atof(metrics.body.c_str() + at + 2 + name.size());
  }

  std::string directory_;
  int web_port_ = 0;
  int admin_port_ = 0;
  pid_t gateway_ = 0;
};

TEST_F(IdleConnections, CostLittleAndHoldUpNobody) {
  // What the first calls set up is no connection's.
  for (int i = 0; i < 100; ++i) EXPECT_EQ(Fetch(web_port_, "GET", "/v1/stores").status, 401);
  const double before = MemoryOf(gateway_);
  std::vector<std::unique_ptr<HttpClient>> clients;
  clients.reserve(kConnections);
  for (int i = 0; i < kConnections; ++i) {
    clients.push_back(std::make_unique<HttpClient>(web_port_));
    ASSERT_TRUE(clients.back()->connected()) << i;
    // One half has called and may call again, the other has never said a word.
    if (i % 2 == 0) continue;
    clients.back()->Send(RequestText("GET", "/v1/stores"));
    ASSERT_EQ(clients.back()->Read().status, 401);
  }
  double open = 0;
  for (int look = 0; look < 400 && open < kConnections; ++look) {
    open = Gauge("gateway_web_connections");
    if (open < kConnections) harness::WaitFor(absl::Milliseconds(25));
  }
  EXPECT_EQ(open, kConnections);
  const double each = (MemoryOf(gateway_) - before) / kConnections;
  std::printf("%d idle connections: %.0f bytes of the gateway's memory each\n", kConnections, each);
  EXPECT_LT(each, kBytesPerConnectionMax);

  for (int i = 0; i < 100; ++i) EXPECT_EQ(Fetch(web_port_, "GET", "/v1/stores").status, 401) << "others are served";
  clients[1]->Send(RequestText("GET", "/v1/stores"));
  EXPECT_EQ(clients[1]->Read().status, 401) << "they themselves too";

  // Its grace is an hour: it ends before only because nothing is under way.
  kill(gateway_, SIGTERM);
  int status = -1;
  pid_t ended = 0;
  for (int look = 0; look < 2000 && ended == 0; ++look) {
    ended = waitpid(gateway_, &status, WNOHANG);
    if (ended == 0) harness::WaitFor(absl::Milliseconds(25));
  }
  EXPECT_EQ(ended, gateway_);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  if (ended == gateway_) gateway_ = 0;
  EXPECT_TRUE(clients[0]->Ended());
}

}  // namespace
