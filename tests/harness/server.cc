#include "tests/harness/server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "absl/strings/str_cat.h"

namespace harness {
namespace {

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "test harness: %s\n", what.c_str());
  std::abort();
}

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

bool Accepts(int port) {
  const int probe = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = Loopback(port);
  const bool up = connect(probe, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  close(probe);
  return up;
}

pid_t Spawn(const std::vector<std::string>& command, const std::string& output) {
  const pid_t pid = fork();
  if (pid != 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int file = open(output.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
  dup2(file, 1);
  dup2(file, 2);
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  _exit(127);
}

// MariaDB refuses to run as root unless told; when we are not root the option must not be given.
void AddUser(std::vector<std::string>& command) {
  if (geteuid() == 0) command.push_back("--user=root");
}

}  // namespace

int FreePort() {
  const int probe = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  if (bind(probe, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    Fail("no free port");
  }
  close(probe);
  return ntohs(address.sin_port);
}

DatabaseServer::DatabaseServer(Storage storage) : port_(FreePort()) {
  std::string pattern =
      absl::StrCat(storage == Storage::kMemory && std::filesystem::exists("/dev/shm") ? "/dev/shm" : "/tmp",
                   "/aftersales-test-XXXXXX");
  if (mkdtemp(pattern.data()) == nullptr) Fail("cannot make " + pattern);
  directory_ = pattern;
  std::vector<std::string> install = {"mariadb-install-db",      "--no-defaults",       "--datadir=" + directory_ + "/data",
                                      "--skip-test-db",          "--skip-name-resolve", "--auth-root-authentication-method=normal"};
  AddUser(install);
  const pid_t installer = Spawn(install, directory_ + "/install.log");
  int outcome = 0;
  if (waitpid(installer, &outcome, 0) != installer || outcome != 0) {
    Fail("mariadb-install-db failed, see " + directory_ + "/install.log (is mariadb-server installed? ./dev deps)");
  }
  Start();
}

void DatabaseServer::Start() {
  std::vector<std::string> command = {"mariadbd",
                                      "--no-defaults",
                                      "--datadir=" + directory_ + "/data",
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
    if (waitpid(pid_, &outcome, WNOHANG) == pid_) Fail("mariadbd ended, see " + directory_ + "/server.log");
    poll(nullptr, 0, 10);
  }
  Fail("mariadbd does not listen, see " + directory_ + "/server.log");
}

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
