#include "tests/harness/processes.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace harness {
namespace {

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

int Connect(int port) {
  const int connection = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = Loopback(port);
  if (connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return connection;
  close(connection);
  return -1;
}

}  // namespace

void FailHarness(const std::string& what) {
  std::fprintf(stderr, "test harness: %s\n", what.c_str());
  std::abort();
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

int RunToEnd(const std::vector<std::string>& command, const std::string& output) {
  const pid_t pid = Spawn(command, output);
  int outcome = 0;
  if (waitpid(pid, &outcome, 0) != pid) return -1;
  return WIFEXITED(outcome) ? WEXITSTATUS(outcome) : -1;
}

void WaitFor(absl::Duration duration) { poll(nullptr, 0, static_cast<int>(absl::ToInt64Milliseconds(duration))); }

std::string HttpGet(int port, const std::string& path) {
  const int connection = Connect(port);
  if (connection < 0) return "";
  const std::string request = "GET " + path + " HTTP/1.0\r\n\r\n";
  std::string answer;
  if (write(connection, request.data(), request.size()) == static_cast<ssize_t>(request.size())) {
    char buffer[4096];
    for (ssize_t count = 0; (count = read(connection, buffer, sizeof buffer)) > 0;) answer.append(buffer, count);
  }
  close(connection);
  const size_t body = answer.find("\r\n\r\n");
  return body == std::string::npos ? "" : answer.substr(body + 4);
}

// Below the ports the system gives to connections that leave: one of those could take the port before its server does.
int FreePort() {
  constexpr int kFirst = 10000, kCount = 22000, kTries = 1000;
  static std::atomic<int> next{static_cast<int>(getpid() * 61L % kCount)};
  for (int i = 0; i < kTries; ++i) {
    const int port = kFirst + next++ % kCount;
    const int probe = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = Loopback(port);
    const bool free = bind(probe, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    close(probe);
    if (free) return port;
  }
  FailHarness("no free port");
}

bool Accepts(int port) {
  const int connection = Connect(port);
  if (connection < 0) return false;
  close(connection);
  return true;
}

}  // namespace harness
