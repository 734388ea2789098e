// JSON lines on standard error: time, severity, message and the given fields; one line, one write. Never personal
// data: values come from ids, names of things and numbers.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace chassis::log {

enum class Severity { kDebug, kInfo, kWarning, kError };
using Field = std::pair<std::string_view, std::string>;

void Write(Severity severity, std::string_view message, std::initializer_list<Field> fields = {});
inline void Info(std::string_view message, std::initializer_list<Field> fields = {}) {
  Write(Severity::kInfo, message, fields);
}
inline void Warning(std::string_view message, std::initializer_list<Field> fields = {}) {
  Write(Severity::kWarning, message, fields);
}
inline void Error(std::string_view message, std::initializer_list<Field> fields = {}) {
  Write(Severity::kError, message, fields);
}
// Lines below it are not written; kInfo at first. "debug", "info", "warning", "error"; anything else is refused
// (false).
bool SetMinimum(std::string_view severity);
// False when lines of this severity are not written: for callers whose fields cost something to make.
bool IsOn(Severity severity);
// Tests capture lines instead of writing them.
void CaptureForTest(std::string* sink);

}  // namespace chassis::log
