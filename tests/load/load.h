// What every load program does: run a call from many threads for a while and tell throughput and latency.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace load {

struct Outcome {
  double per_second = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  int64_t calls = 0;
  int64_t failures = 0;
};

// `call(thread, number)` returns false on failure. Warm-up calls of each thread are not counted.
Outcome Drive(int threads, int calls_per_thread, int warm_up_per_thread, const std::function<bool(int, int)>& call);

// CPU seconds a process has used so far (user and system), from /proc.
double CpuSeconds(int pid);
// Resident memory in MiB.
double ResidentMib(int pid);

// Aligned columns, the first from the left.
void PrintTable(const std::vector<std::vector<std::string>>& rows);
std::string Number(double value, int decimals);

}  // namespace load
