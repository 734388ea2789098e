#include "tests/load/load.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <mutex>
#include <sstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

namespace load {

Outcome Drive(int threads, int calls_per_thread, int warm_up_per_thread, const std::function<bool(int, int)>& call) {
  std::vector<double> milliseconds;
  std::mutex mutex;
  std::atomic<int64_t> failures{0};
  std::atomic<int> warm{0};
  std::atomic<bool> go{false};
  std::vector<std::thread> crowd;
  for (int thread = 0; thread < threads; ++thread) {
    crowd.emplace_back([&, thread] {
      for (int i = 0; i < warm_up_per_thread; ++i) call(thread, i);
      ++warm;
      while (!go) std::this_thread::yield();
      std::vector<double> own;
      own.reserve(calls_per_thread);
      for (int i = 0; i < calls_per_thread; ++i) {
        const absl::Time start = absl::Now();
        if (!call(thread, warm_up_per_thread + i)) ++failures;
        own.push_back(absl::ToDoubleMilliseconds(absl::Now() - start));
      }
      std::lock_guard lock(mutex);
      milliseconds.insert(milliseconds.end(), own.begin(), own.end());
    });
  }
  while (warm < threads) std::this_thread::yield();
  const absl::Time start = absl::Now();
  go = true;
  for (std::thread& one : crowd) one.join();
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  std::sort(milliseconds.begin(), milliseconds.end());
  const auto at = [&](double part) {
    return milliseconds.empty() ? 0 : milliseconds[static_cast<size_t>(part * (milliseconds.size() - 1))];
  };
  return {milliseconds.size() / seconds, at(0.5), at(0.99), static_cast<int64_t>(milliseconds.size()), failures};
}

double CpuSeconds(int pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/stat"));
  std::string text;
  std::getline(file, text);
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double ResidentMib(int pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/statm"));
  double total = 0;
  double resident = 0;
  file >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1024 * 1024);
}

std::string Number(double value, int decimals) { return absl::StrFormat("%.*f", decimals, value); }

void PrintTable(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      const int width = static_cast<int>(widths[i]);
      std::printf(i == 0 ? "%-*s  " : "%*s  ", width, row[i].c_str());
    }
    std::printf("\n");
  }
}

}  // namespace load
