// Settings from, in falling precedence: `--name=value` flags, environment AFTERSALES_NAME, a `--config` file of
// `name = value` lines. Every setting is declared once with its default and help, so --help and docs cannot drift.
// An unknown or malformed setting stops the start-up with its name.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace chassis::config {

struct Setting {
  std::string name;  // "database-host"
  std::string default_value;
  std::string help;
};

class Config {
 public:
  explicit Config(std::vector<Setting> settings);
  // Returns the words that are no flags (subcommands).
  absl::StatusOr<std::vector<std::string>> Parse(int argc, const char* const* argv);
  // Every value has the shape of its setting's default: a number, a duration, true or false, or any text.
  absl::Status Check() const;
  void Set(std::string_view name, std::string_view value);  // terminates on an undeclared name

  std::string Text(std::string_view name) const;
  int64_t Int(std::string_view name) const;
  bool Flag(std::string_view name) const;
  absl::Duration Duration(std::string_view name) const;  // "10s", "250ms"
  // Reads the file the setting names, without the trailing newline: how secrets come in.
  absl::StatusOr<std::string> FileContent(std::string_view name) const;
  std::string Help(std::string_view program, std::string_view summary) const;

 private:
  std::vector<Setting> settings_;
  std::map<std::string, std::string, std::less<>> values_;
};

// Whose tokens a process accepts: gateway and services have them alike (chassis/identity/issuers.h reads them).
std::vector<Setting> IdentitySettings();
// The settings every service of the suite has, those included.
std::vector<Setting> ServiceSettings();

}  // namespace chassis::config
