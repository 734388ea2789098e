#include "tests/harness/suite.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "tests/harness/processes.h"
#include "tests/harness/server.h"
#include "tests/tools/health.h"

namespace harness {
namespace {

constexpr char kIssuer[] = "aftersales-test";
constexpr char kAudience[] = "aftersales";

}  // namespace

Suite::Suite(std::string server, std::string tls_root) : tls_root_(std::move(tls_root)) {
  directory_ = ScratchDirectory("suite");
  if (RunToEnd({BinaryDirectory() + "/bin/aftersales-keys", directory_}, directory_ + "/keys.log") != 0) {
    FailHarness("aftersales-keys failed, see " + directory_ + "/keys.log");
  }
  std::ofstream(directory_ + "/clock-offset") << "0\n";
  auto issuer = chassis::identity::LoadTokenIssuer(directory_ + "/issuer.jwk", kIssuer, kAudience);
  if (!issuer.ok()) FailHarness(issuer.status().ToString());
  issuer_ = *std::move(issuer);
  for (const char* service : kServices) {
    schemas_[service] = FreshSchema(service, server);
    ports_[service] = FreePort();
    admin_ports_[service] = FreePort();
  }
  ports_["gateway"] = FreePort();
  admin_ports_["gateway"] = FreePort();
  for (const char* service : kServices) Start(service);
  Start("gateway");
  door_ = std::make_unique<chassis::SuiteClient>(absl::StrCat("127.0.0.1:", ports_["gateway"]), ClientTls());
}

Suite::~Suite() {
  for (const auto& [name, pid] : pids_) Kill(name);
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

chassis::SuiteClient Suite::Direct(const std::string& service) {
  return chassis::SuiteClient(absl::StrCat("127.0.0.1:", ports_.at(service)), ClientTls());
}

absl::Time Suite::Now() const { return absl::Now() + offset_; }

void Suite::MoveTo(absl::Time time) {
  if (time <= Now()) return;
  offset_ = absl::Seconds(absl::ToInt64Seconds(time - absl::Now()));
  const std::string next = directory_ + "/clock-offset.next";
  std::ofstream(next) << absl::ToInt64Seconds(offset_) << "\n";
  std::filesystem::rename(next, directory_ + "/clock-offset");
  WaitFor(absl::Milliseconds(120));
}

std::string Suite::Peers() const {
  std::string peers;
  for (const char* service : kServices) {
    absl::StrAppend(&peers, peers.empty() ? "" : ",", "aftersales.", service, ".v1=127.0.0.1:", ports_.at(service));
  }
  return peers;
}

std::vector<std::string> Suite::CommandOf(const std::string& name) const {
  const std::string binaries = BinaryDirectory() + "/bin/";
  std::vector<std::string> command = {binaries + (name == "gateway" ? "gateway" : name + "-svc"),
                                      absl::StrCat("--listen=127.0.0.1:", ports_.at(name)),
                                      absl::StrCat("--admin-listen=127.0.0.1:", admin_ports_.at(name)),
                                      absl::StrCat("--issuer=", kIssuer),
                                      absl::StrCat("--audience=", kAudience),
                                      "--jwks-file=" + directory_ + "/jwks.json"};
  const auto add = [&](std::string flag) { command.push_back(std::move(flag)); };
  if (!tls_root_.empty()) add("--tls-directory=" + tls_root_ + "/" + name);
  if (name == "gateway") {
    if (!tls_root_.empty()) add("--upstream-tls-directory=" + tls_root_ + "/gateway");
    add("--descriptors-file=" + BinaryDirectory() + "/aftersales.binpb");
    add("--upstreams=" + Peers());
    return command;
  }
  const chassis::sql::Endpoint& database = schemas_.at(name)->endpoint();
  add("--clock-offset-file=" + directory_ + "/clock-offset");
  add("--drain-wait=0s");
  add("--database-host=" + database.host);
  add(absl::StrCat("--database-port=", database.port));
  add("--database-schema=" + database.schema);
  add("--database-user=" + database.user);
  add("--chassis-migrations=" + SourceDirectory() + "/chassis/migrations");
  add("--migrations=" + SourceDirectory() + "/" + name + "-svc/migrations");
  add("--service-key-file=" + directory_ + "/issuer.jwk");
  add("--keys-file=" + directory_ + "/data.json");
  add("--peers=" + Peers());
  return command;
}

void Suite::Start(const std::string& name) {
  pids_[name] = Spawn(CommandOf(name), directory_ + "/" + name + ".log");
  for (int attempt = 0; attempt < 300; ++attempt) {
    if (tools::IsReady(absl::StrCat("127.0.0.1:", ports_.at(name)), ClientTls())) return;
    if (!Alive(name)) FailHarness(name + " ended: " + LogOf(name));
    WaitFor(absl::Milliseconds(50));
  }
  FailHarness(name + " is not ready: " + LogOf(name));
}

void Suite::Kill(const std::string& name) {
  pid_t& pid = pids_.at(name);
  if (pid <= 0) return;
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  pid = -1;
}

bool Suite::Alive(const std::string& name) {
  pid_t& pid = pids_.at(name);
  if (pid <= 0) return false;
  if (waitpid(pid, nullptr, WNOHANG) != pid) return true;
  pid = -1;
  return false;
}

std::string Suite::LogOf(const std::string& name) const {
  std::ifstream file(directory_ + "/" + name + ".log");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string Suite::MetricsOf(const std::string& name) const { return HttpGet(admin_ports_.at(name), "/metrics"); }

}  // namespace harness
