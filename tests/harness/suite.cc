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
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "tests/harness/processes.h"
#include "tests/harness/server.h"
#include "tests/tools/health.h"

namespace harness {
namespace {

constexpr char kIssuer[] = "aftersales-test";
constexpr char kAudience[] = "aftersales";
constexpr char kSecond[] = "-2";

// Which program a process runs: "crm" for "crm-2".
std::string ProgramOf(const std::string& name) { return std::string(absl::StripSuffix(name, kSecond)); }

// The command's first words.
std::vector<std::string> StartOf(const Programs& version, const std::string& program) {
  std::vector<std::string> command;
  if (!version.libraries.empty()) command = {"env", "LD_LIBRARY_PATH=" + version.libraries};
  command.push_back(version.binaries + "/" + program);
  return command;
}

}  // namespace

Programs CurrentPrograms() {
  return {.binaries = BinaryDirectory() + "/bin",
          .generated = BinaryDirectory(),
          .sources = SourceDirectory(),
          .libraries = ""};
}

Suite::Suite(std::string server, std::string tls_root, Replicas replicas)
    : tls_root_(std::move(tls_root)),
      replicas_(replicas),
      peers_know_(Addresses::kTheFirst),
      version_(CurrentPrograms()) {
  TakeKeys("");
  for (const char* service : kServices) schemas_[service] = FreshSchema(service, server);
  ChoosePorts();
  StartAll();
}

Suite::Suite(const Programs& version) : replicas_(Replicas::kTwo), peers_know_(Addresses::kBoth), version_(version) {
  TakeKeys("");
  for (const char* service : kServices) schemas_[service] = EmptySchema();
  ChoosePorts();
  for (const char* service : kServices) {
    std::string said;
    if (RunSubcommand(version, service, "migrate", said) != 0) FailHarness(said);
  }
  StartAll();
}

Suite::Suite(Suite& lost, const std::string& server)
    : tls_root_(lost.tls_root_), replicas_(lost.replicas_), peers_know_(lost.peers_know_), version_(lost.version_) {
  TakeKeys(lost.directory_);
  for (const char* service : kServices) schemas_[service] = ExistingSchema(server, lost.SchemaName(service));
  ChoosePorts();
  StartAll();
}

void Suite::TakeKeys(const std::string& from) {
  directory_ = ScratchDirectory("suite");
  if (!from.empty()) {
    for (const char* file : {"issuer.jwk", "jwks.json", "data.json", "clock-offset"}) {
      std::filesystem::copy_file(from + "/" + file, directory_ + "/" + file);
    }
  } else {
    if (RunToEnd({BinaryDirectory() + "/bin/aftersales-keys", directory_}, directory_ + "/keys.log") != 0) {
      FailHarness("aftersales-keys failed, see " + directory_ + "/keys.log");
    }
    std::ofstream(directory_ + "/clock-offset") << "0\n";
  }
  auto issuer = chassis::identity::LoadTokenIssuer(directory_ + "/issuer.jwk", kIssuer, kAudience);
  if (!issuer.ok()) FailHarness(issuer.status().ToString());
  issuer_ = *std::move(issuer);
}

void Suite::ChoosePorts() {
  std::vector<std::string> names(std::begin(kServices), std::end(kServices));
  names.push_back("gateway");
  if (replicas_ == Replicas::kTwo) {
    for (const std::string& name : std::vector<std::string>(names)) names.push_back(name + kSecond);
  }
  for (const std::string& name : names) {
    ports_[name] = FreePort();
    admin_ports_[name] = FreePort();
    if (ProgramOf(name) == "gateway") web_ports_[name] = FreePort();
  }
}

void Suite::StartAll() {
  // The gateways last: they wait for nobody, but then what they find is there.
  for (const bool gateway : {false, true}) {
    for (const auto& [name, port] : ports_) {
      if ((ProgramOf(name) == "gateway") == gateway) Start(name);
    }
  }
  door_ = std::make_unique<chassis::SuiteClient>(DoorTarget(), ClientTls());
}

Suite::~Suite() {
  for (const auto& [name, pid] : pids_) Kill(name);
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

chassis::SuiteClient Suite::Direct(const std::string& service) {
  return chassis::SuiteClient(absl::StrCat("127.0.0.1:", ports_.at(service)), ClientTls());
}

// From the file, because a program under test may have moved the clock as well.
absl::Duration Suite::Offset() const {
  int64_t seconds = 0;
  std::ifstream(directory_ + "/clock-offset") >> seconds;
  return absl::Seconds(seconds);
}

absl::Time Suite::Now() const { return absl::Now() + Offset(); }

void Suite::MoveTo(absl::Time time) {
  if (time <= Now()) return;
  const std::string next = directory_ + "/clock-offset.next";
  std::ofstream(next) << absl::ToInt64Seconds(time - absl::Now()) << "\n";
  std::filesystem::rename(next, directory_ + "/clock-offset");
  WaitFor(absl::Milliseconds(120));
}

std::string Suite::Peers() const { return Targets(peers_know_, "%2C"); }

std::string Suite::Upstreams() const {
  return Targets(replicas_ == Replicas::kTwo ? Addresses::kBoth : Addresses::kTheFirst, ",");
}

// A comma separates the services in setting peers, and the addresses of one in a target: there it may be encoded.
std::string Suite::Targets(Addresses addresses, const std::string& comma) const {
  const bool both = addresses == Addresses::kBoth;
  std::string targets;
  for (const char* service : kServices) {
    absl::StrAppend(&targets, targets.empty() ? "" : ",", "aftersales.", service, ".v1=", both ? "ipv4:" : "",
                    "127.0.0.1:", ports_.at(service));
    if (both) absl::StrAppend(&targets, comma, "127.0.0.1:", ports_.at(std::string(service) + kSecond));
  }
  return targets;
}

std::string Suite::DoorTarget() const {
  const std::string one = absl::StrCat("127.0.0.1:", ports_.at("gateway"));
  if (replicas_ == Replicas::kOne) return one;
  return absl::StrCat("ipv4:", one, ",127.0.0.1:", ports_.at(std::string("gateway") + kSecond));
}

const Programs& Suite::ProgramsFor(const std::string& name) const {
  const auto found = programs_.find(name);
  return found == programs_.end() ? version_ : found->second;
}

std::vector<std::string> Suite::CommandOf(const std::string& name) const {
  const std::string program = ProgramOf(name);
  const Programs& version = ProgramsFor(name);
  std::vector<std::string> command = StartOf(version, program == "gateway" ? program : program + "-svc");
  const auto add = [&](std::string flag) { command.push_back(std::move(flag)); };
  add(absl::StrCat("--listen=127.0.0.1:", ports_.at(name)));
  add(absl::StrCat("--admin-listen=127.0.0.1:", admin_ports_.at(name)));
  add(absl::StrCat("--issuer=", kIssuer));
  add(absl::StrCat("--audience=", kAudience));
  add("--jwks-file=" + directory_ + "/jwks.json");
  if (!tls_root_.empty()) add("--tls-directory=" + tls_root_ + "/" + program);
  // Longer than a busy machine takes to tell the balancers: a call that meets a server in the moment it stops may be
  // forgotten by the library (gRPC 1.51) and hang to the end of the grace.
  if (replicas_ == Replicas::kTwo) add("--drain-wait=2s");
  if (program == "gateway") {
    if (!tls_root_.empty()) add("--upstream-tls-directory=" + tls_root_ + "/gateway");
    add("--descriptors-file=" + version.generated + "/aftersales.binpb");
    add("--upstreams=" + Upstreams());
    add(absl::StrCat("--web-listen=127.0.0.1:", web_ports_.at(name)));
    add("--openapi-file=" + version.generated + "/openapi.json");
    return command;
  }
  if (replicas_ == Replicas::kOne) add("--drain-wait=0s");
  add("--chassis-migrations=" + version.sources + "/chassis/migrations");
  add("--migrations=" + version.sources + "/" + program + "-svc/migrations");
  AddServiceSettings(program, command);
  return command;
}

void Suite::AddServiceSettings(const std::string& program, std::vector<std::string>& command) const {
  const chassis::sql::Endpoint& database = schemas_.at(program)->endpoint();
  const auto add = [&](std::string flag) { command.push_back(std::move(flag)); };
  add("--clock-offset-file=" + directory_ + "/clock-offset");
  add("--database-host=" + database.host);
  add(absl::StrCat("--database-port=", database.port));
  add("--database-schema=" + database.schema);
  add("--database-user=" + database.user);
  add("--migration-user=" + database.user);
  add("--service-key-file=" + directory_ + "/issuer.jwk");
  add("--keys-file=" + directory_ + "/data.json");
  add("--peers=" + Peers());
}

int Suite::RunSubcommand(const Programs& version, const std::string& service, const std::string& subcommand,
                         std::string& said) {
  std::vector<std::string> command = StartOf(version, service + "-svc");
  command.push_back(subcommand);
  command.push_back(absl::StrCat("--issuer=", kIssuer));
  command.push_back("--chassis-migrations=" + version.sources + "/chassis/migrations");
  command.push_back("--migrations=" + version.sources + "/" + service + "-svc/migrations");
  AddServiceSettings(service, command);
  const std::string name = service + "-" + subcommand;
  const std::string log = directory_ + "/" + name + ".log";
  std::filesystem::remove(log);
  const int status = RunToEnd(command, log);
  said = LogOf(name);
  return status;
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

void Suite::Restart(const std::string& name) {
  pid_t& pid = pids_.at(name);
  kill(pid, SIGTERM);
  waitpid(pid, nullptr, 0);
  pid = -1;
  Start(name);
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
