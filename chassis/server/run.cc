// The process around a service: subcommands, signals, exit codes.
#include <signal.h>

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "chassis/server/service.h"
#include "chassis/telemetry/log.h"
#include "chassis/time/clock.h"

namespace chassis {
namespace {

constexpr int kUsageError = 2;

// Blocked in every thread, so that only Wait gets them.
sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

int Fail(std::string_view what, const absl::Status& status) {
  std::fprintf(stderr, "%s: %s\n", std::string(what).c_str(), std::string(status.message()).c_str());
  return 1;
}

int Serve(const ServiceDefinition& definition, const config::Config& config) {
  // Debian builds abseil with its search for lock cycles on: every lock of gRPC would pay for it, under one global
  // lock.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  const std::unique_ptr<Service> service = MakeService(definition, config);
  if (const absl::Status status = service->Start(); !status.ok()) return Fail(definition.name, status);

  int signal = 0;
  sigwait(&signals, &signal);
  // Whoever asks twice is in a hurry: the second signal ends the process at once.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  log::Info("stopping", {{"service", definition.name}, {"signal", absl::StrCat(signal)}});
  service->Drain();
  SystemSleeper().Sleep(config.Duration("drain-wait"));
  service->Stop(config.Duration("grace"));
  log::Info("stopped", {{"service", definition.name}});
  return 0;
}

int Migrate(const ServiceDefinition& definition, const config::Config& config) {
  const absl::Status status = MigrateService(definition, config, [](std::string_view line) {
    std::printf("%s\n", std::string(line).c_str());
    std::fflush(stdout);
  });
  return status.ok() ? 0 : Fail("migrate", status);
}

int Verify(const ServiceDefinition& definition, const config::Config& config) {
  const auto results = VerifyService(definition, config);
  if (!results.ok()) return Fail("verify", results.status());
  int64_t differences = 0;
  for (const auto& [store_id, checks] : *results) {
    for (const auto& check : checks) {
      std::printf("%s  %-24s %10ld checked %6ld different\n", store_id.c_str(), check.name().c_str(),
                  static_cast<long>(check.checked_count()), static_cast<long>(check.difference_count()));
      for (const std::string& difference : check.differences()) std::printf("    %s\n", difference.c_str());
      differences += check.difference_count();
    }
  }
  return differences == 0 ? 0 : 1;
}

}  // namespace

int Run(int argc, char** argv, const ServiceDefinition& definition) {
  config::Config config(config::ServiceSettings());
  const absl::StatusOr<std::vector<std::string>> words = config.Parse(argc, argv);
  if (!words.ok()) {
    Fail(definition.name, words.status());
    return kUsageError;
  }
  const std::string command = words->empty() ? "serve" : words->front();
  if (command == "help") {
    std::printf("%s\n", config.Help(definition.name, "serve (default) | migrate | verify").c_str());
    return 0;
  }
  if (words->size() <= 1) {
    if (command == "serve") return Serve(definition, config);
    if (command == "migrate") return Migrate(definition, config);
    if (command == "verify") return Verify(definition, config);
  }
  std::fprintf(stderr, "%s: unknown command %s; try --help\n", definition.name.c_str(), command.c_str());
  return kUsageError;
}

}  // namespace chassis
