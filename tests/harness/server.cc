#include "tests/harness/server.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

#include "absl/strings/str_cat.h"

namespace harness {
namespace {

// MariaDB refuses to run as root unless told; when we are not root the option must not be given.
void AddUser(std::vector<std::string>& command) {
  if (geteuid() == 0) command.push_back("--user=root");
}

}  // namespace

DatabaseServer::DatabaseServer(Storage storage) : port_(FreePort()) {
  const bool memory = storage == Storage::kMemory && std::filesystem::exists("/dev/shm");
  std::string pattern = absl::StrCat(memory ? "/dev/shm" : "/tmp", "/aftersales-test-XXXXXX");
  if (mkdtemp(pattern.data()) == nullptr) FailHarness("cannot make " + pattern);
  directory_ = pattern;
  // Its own: a server that starts, to install or to serve, removes the temporary tables it finds in a directory it
  // shares with others.
  std::filesystem::create_directory(directory_ + "/tmp");
  std::vector<std::string> install = {"mariadb-install-db",
                                      "--no-defaults",
                                      "--datadir=" + directory_ + "/data",
                                      "--tmpdir=" + directory_ + "/tmp",
                                      "--skip-test-db",
                                      "--skip-name-resolve",
                                      "--auth-root-authentication-method=normal"};
  AddUser(install);
  if (RunToEnd(install, directory_ + "/install.log") != 0) {
    FailHarness("mariadb-install-db failed, see " + directory_ + "/install.log (is mariadb-server there? ./dev deps)");
  }
  Start();
}

void DatabaseServer::Start() {
  std::vector<std::string> command = {"mariadbd",
                                      "--no-defaults",
                                      "--datadir=" + directory_ + "/data",
                                      "--tmpdir=" + directory_ + "/tmp",
                                      "--socket=" + directory_ + "/socket",
                                      "--pid-file=" + directory_ + "/pid",
                                      "--bind-address=127.0.0.1",
                                      absl::StrCat("--port=", port_),
                                      "--skip-name-resolve",
                                      "--max-connections=500",
                                      "--innodb-buffer-pool-size=128M",
                                      "--innodb-flush-log-at-trx-commit=1"};
  AddUser(command);
  pid_ = Spawn(command, directory_ + "/server.log");
  // The server tells nobody when it listens, so its port is asked, for at most 30 seconds.
  for (int attempt = 0; attempt < 3000; ++attempt) {
    if (Accepts(port_)) return;
    int outcome = 0;
    if (waitpid(pid_, &outcome, WNOHANG) == pid_) FailHarness("mariadbd ended, see " + directory_ + "/server.log");
    WaitFor(absl::Milliseconds(10));
  }
  FailHarness("mariadbd does not listen, see " + directory_ + "/server.log");
}

std::string DatabaseServer::address() const { return absl::StrCat("127.0.0.1:", port_); }

void DatabaseServer::Kill() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

DatabaseServer::~DatabaseServer() {
  Kill();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

}  // namespace harness
