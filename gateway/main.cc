// The gateway's process: settings, signals, an orderly end.
#include <csignal>
#include <cstdio>

#include "absl/synchronization/mutex.h"
#include "chassis/config/config.h"
#include "chassis/telemetry/log.h"
#include "gateway/gateway.h"

int main(int argc, char** argv) {
  chassis::config::Config config(gateway::GatewaySettings());
  const auto words = config.Parse(argc, argv);
  if (!words.ok()) {
    std::fprintf(stderr, "gateway: %s\n", std::string(words.status().message()).c_str());
    return 2;
  }
  if (!words->empty()) {
    const bool asked = words->front() == "help";
    std::fputs(config.Help("gateway", "the one door for clients: carries gRPC calls to the services").c_str(),
               asked ? stdout : stderr);
    return asked ? 0 : 2;
  }

  // Debian builds abseil with its search for lock cycles on: every lock of gRPC would pay for it, under one global
  // lock.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  // Blocked before any thread starts, so that only sigwait below sees them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  gateway::Gateway door(config);
  if (const absl::Status status = door.Start(); !status.ok()) {
    chassis::log::Error("gateway did not start", {{"why", std::string(status.message())}});
    return 1;
  }
  int signal = 0;
  sigwait(&signals, &signal);
  // Whoever asks twice is in a hurry: the second signal ends the process at once.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  chassis::log::Info("stopping", {{"signal", signal == SIGTERM ? "TERM" : "INT"}});
  door.Stop(config.Duration("grace"));
  return 0;
}
