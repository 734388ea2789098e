#include "chassis/telemetry/log.h"

#include <unistd.h>

#include <atomic>
#include <mutex>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace chassis::log {
namespace {

std::atomic<int> minimum{static_cast<int>(Severity::kInfo)};
std::mutex sink_mutex;
std::atomic<std::string*> sink{nullptr};

constexpr std::string_view kNames[] = {"debug", "info", "warning", "error"};

void AppendQuoted(std::string_view text, std::string& line) {
  constexpr char kHex[] = "0123456789abcdef";
  line.push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      line.push_back('\\');
      line.push_back(c);
    } else if (c == '\n') {
      line.append("\\n");
    } else if (c == '\t') {
      line.append("\\t");
    } else if (byte < 0x20 || byte == 0x7f) {
      line.append("\\u00");
      line.push_back(kHex[byte >> 4]);
      line.push_back(kHex[byte & 0xf]);
    } else {
      line.push_back(c);
    }
  }
  line.push_back('"');
}

}  // namespace

void Write(Severity severity, std::string_view message, std::initializer_list<Field> fields) {
  if (!IsOn(severity)) return;
  std::string line;
  line.reserve(256);
  // Logs tell real time, also where a service lives in a shifted one.
  line.append("{\"time\":\"")
      .append(absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::Now(), absl::UTCTimeZone()))
      .append("\",\"severity\":\"")
      .append(kNames[static_cast<int>(severity)])
      .append("\",\"message\":");
  AppendQuoted(message, line);
  for (const auto& [name, value] : fields) {
    if (value.empty()) continue;
    line.push_back(',');
    AppendQuoted(name, line);
    line.push_back(':');
    AppendQuoted(value, line);
  }
  line.append("}\n");

  if (sink.load(std::memory_order_acquire) != nullptr) {
    std::lock_guard<std::mutex> lock(sink_mutex);
    if (std::string* captured = sink.load(std::memory_order_acquire); captured != nullptr) {
      captured->append(line);
      return;
    }
  }
  // One write per line keeps lines of several threads and processes whole. A log that cannot be written is no
  // reason to stop serving.
  const ssize_t ignored = ::write(STDERR_FILENO, line.data(), line.size());
  static_cast<void>(ignored);
}

bool SetMinimum(std::string_view severity) {
  for (int i = 0; i < 4; ++i) {
    if (kNames[i] != severity) continue;
    minimum.store(i, std::memory_order_relaxed);
    return true;
  }
  return false;
}

bool IsOn(Severity severity) { return static_cast<int>(severity) >= minimum.load(std::memory_order_relaxed); }

void CaptureForTest(std::string* captured) {
  std::lock_guard<std::mutex> lock(sink_mutex);
  sink.store(captured, std::memory_order_release);
}

}  // namespace chassis::log
