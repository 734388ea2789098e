#include "chassis/config/config.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "chassis/status/check.h"
#include "chassis/status/text.h"

namespace chassis::config {
namespace {

std::string EnvironmentName(std::string_view setting) {
  return absl::StrCat("AFTERSALES_", absl::AsciiStrToUpper(absl::StrReplaceAll(Absl(setting), {{"-", "_"}})));
}

// A name that is read but not declared, or read as another type than it was checked for, is our defect.
[[noreturn]] void Stop(std::string_view name, const char* why) {
  CHASSIS_CHECK(false, absl::StrCat("setting ", Absl(name), " ", why).c_str());
  std::abort();
}

absl::StatusOr<std::string> WholeFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  std::stringstream content;
  content << file.rdbuf();
  return std::move(content).str();
}

}  // namespace

Config::Config(std::vector<Setting> settings) : settings_(std::move(settings)) {
  for (const Setting& setting : settings_) values_[setting.name] = setting.default_value;
}

absl::StatusOr<std::vector<std::string>> Config::Parse(int argc, const char* const* argv) {
  std::vector<std::string> words;
  std::vector<std::pair<std::string, std::string>> flags;
  std::string file_name;
  if (const char* from_environment = std::getenv("AFTERSALES_CONFIG")) file_name = from_environment;
  for (int i = 1; i < argc; ++i) {
    std::string_view argument = argv[i];
    if (!argument.starts_with("--")) {
      words.emplace_back(argument);
      continue;
    }
    argument.remove_prefix(2);
    const size_t equals = argument.find('=');
    std::string name(argument.substr(0, equals));
    // A flag alone switches on.
    std::string value = equals == std::string_view::npos ? "true" : std::string(argument.substr(equals + 1));
    if (name == "config") {
      file_name = value;
    } else if (name == "help") {
      words.emplace_back("help");
    } else {
      flags.emplace_back(std::move(name), std::move(value));
    }
  }

  const auto set = [&](const std::string& name, std::string value, const std::string& where) -> absl::Status {
    const auto found = values_.find(name);
    if (found == values_.end())
      return absl::InvalidArgumentError(absl::StrCat("unknown setting ", name, " in ", where));
    found->second = std::move(value);
    return absl::OkStatus();
  };

  if (!file_name.empty()) {
    absl::StatusOr<std::string> content = WholeFile(file_name);
    if (!content.ok()) return content.status();
    std::istringstream lines(*content);
    std::string line;
    for (int number = 1; std::getline(lines, line); ++number) {
      const std::string_view text = Std(absl::StripAsciiWhitespace(line));
      if (text.empty() || text.front() == '#') continue;
      const size_t equals = text.find('=');
      const std::string where = absl::StrCat(file_name, " line ", number);
      if (equals == std::string_view::npos) {
        return absl::InvalidArgumentError(absl::StrCat("expected name = value in ", where));
      }
      absl::Status status = set(std::string(absl::StripAsciiWhitespace(Absl(text.substr(0, equals)))),
                                std::string(absl::StripAsciiWhitespace(Absl(text.substr(equals + 1)))), where);
      if (!status.ok()) return status;
    }
  }
  for (const Setting& setting : settings_) {
    if (const char* value = std::getenv(EnvironmentName(setting.name).c_str())) values_[setting.name] = value;
  }
  for (auto& [name, value] : flags) {
    absl::Status status = set(name, std::move(value), "the flags");
    if (!status.ok()) return status;
  }
  if (absl::Status status = Check(); !status.ok()) return status;
  return words;
}

absl::Status Config::Check() const {
  for (const Setting& setting : settings_) {
    const std::string& value = values_.find(setting.name)->second;
    const std::string& model = setting.default_value;
    int64_t number;
    absl::Duration duration;
    std::string kind;
    // The default's shape is the setting's type, so it is written once.
    if (model == "true" || model == "false") {
      if (value != "true" && value != "false") kind = "true or false";
    } else if (absl::SimpleAtoi(model, &number)) {
      if (!absl::SimpleAtoi(value, &number)) kind = "a whole number";
    } else if (!model.empty() && absl::ParseDuration(model, &duration)) {
      if (!absl::ParseDuration(value, &duration) || duration < absl::ZeroDuration()) kind = "a duration such as 10s";
    }
    if (!kind.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("setting ", setting.name, " must be ", kind, ", not \"", value, "\""));
    }
  }
  return absl::OkStatus();
}

void Config::Set(std::string_view name, std::string_view value) {
  const auto found = values_.find(name);
  if (found == values_.end()) Stop(name, "is not declared");
  found->second = std::string(value);
}

std::string Config::Text(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) Stop(name, "is not declared");
  return found->second;
}

int64_t Config::Int(std::string_view name) const {
  int64_t number;
  if (!absl::SimpleAtoi(Text(name), &number)) Stop(name, "is no whole number");
  return number;
}

bool Config::Flag(std::string_view name) const { return Text(name) == "true"; }

absl::Duration Config::Duration(std::string_view name) const {
  absl::Duration duration;
  if (!absl::ParseDuration(Text(name), &duration)) Stop(name, "is no duration");
  return duration;
}

absl::StatusOr<std::string> Config::FileContent(std::string_view name) const {
  const std::string path = Text(name);
  if (path.empty()) return absl::InvalidArgumentError(absl::StrCat("setting ", Absl(name), " is empty"));
  absl::StatusOr<std::string> content = WholeFile(path);
  if (!content.ok()) return absl::NotFoundError(absl::StrCat("setting ", Absl(name), ": ", content.status().message()));
  while (!content->empty() && (content->back() == '\n' || content->back() == '\r')) content->pop_back();
  return content;
}

std::string Config::Help(std::string_view program, std::string_view summary) const {
  std::string text =
      absl::StrCat(Absl(program), ": ", Absl(summary), "\n\nSettings, as --name=value, as environment variable ",
                   "AFTERSALES_NAME, or as `name = value` in the file --config names:\n\n");
  for (const Setting& setting : settings_) {
    absl::StrAppend(&text, "  --", setting.name, "=", setting.default_value.empty() ? "(empty)" : setting.default_value,
                    "\n      ", setting.help, "\n");
  }
  return text;
}

std::vector<Setting> IdentitySettings() {
  return {
      {"issuer", "", "issuer whose tokens are accepted (claim iss)"},
      {"audience", "aftersales", "audience tokens must be made for (claim aud)"},
      {"jwks-file", "", "public keys of the issuer, as a JWK set; read again when it changes"},
      {"issuers-file", "",
       "several issuers, as JSON, instead of issuer and jwks-file; keys by file or https URL; read again when it "
       "changes"},
      {"jwks-refresh", "5m", "keys behind a URL are fetched again after this; the old ones stay while that fails"},
      {"jwks-refetch-min", "30s", "shortest time between two fetches because a token names an unknown key"},
      {"revoked-tokens-file", "",
       "revoked tokens: one `jti [time it may be forgotten]` per line; read again when it changes"},
      {"own-issuer", "", "issuer named in tokens this process signs itself; empty: the setting issuer"},
  };
}

std::vector<Setting> ServiceSettings() {
  std::vector<Setting> settings = {
      {"listen", "127.0.0.1:0", "host:port of the gRPC server; port 0 chooses one"},
      {"admin-listen", "127.0.0.1:0", "host:port where /metrics is served; port 0 chooses one"},
      {"health-listen", "",
       "host:port where gRPC health is answered without TLS, and nothing else, for probes that have no certificate; "
       "empty: only on listen"},
      {"database-host", "127.0.0.1", "host of the MariaDB or MySQL server"},
      {"database-port", "3306", "its port"},
      {"database-schema", "", "this service's schema"},
      {"database-user", "", "runtime user, DML only"},
      {"database-password-file", "", "file with the runtime user's password; empty: no password"},
      {"database-ca-file", "", "CA of the database's certificate; when set, TLS is demanded and verified"},
      {"database-connections", "8", "size of the connection pool"},
      {"database-waiting", "256", "callers that may wait for a connection; more are refused"},
      {"migration-user", "", "user of the migrate subcommand, allowed to change the schema"},
      {"migration-password-file", "", "file with its password; empty: no password"},
      {"chassis-migrations", "chassis/migrations", "directory of the chassis' migrations"},
      {"migrations", "", "directory of this service's migrations; empty: it has none of its own"},
      {"service-key-file", "", "private JWK this service signs its own tokens with"},
      {"service-token-file", "",
       "this service's own token, instead of service-key-file: somebody else issues and renews it, as Kubernetes does "
       "with a projected service-account token; read again when it changes. Neither: it calls no peer"},
      {"keys-file", "", "keys of encrypted personal data"},
      {"tls-directory", "",
       "directory with ca.crt, tls.crt, tls.key for mTLS, read again when they change; empty: no TLS, "
       "for tests on loopback only"},
      {"peers", "",
       "where the other services are: "
       "aftersales.parts.v1=dns:///parts:8443,aftersales.crm.v1=ipv4:10.0.0.1:1,10.0.0.2:1"},
      {"clock-offset-file", "", "development only: file with seconds added to the clock"},
      {"default-deadline", "15s", "deadline of calls that come without one"},
      {"admission-running", "24", "unary calls that run at once; more wait"},
      {"admission-waiting", "64", "unary calls that may wait; more are refused"},
      {"gateway-name", "gateway-svc",
       "common name in the gateway's certificate: its x-forwarded-for is believed; empty: nobody's is"},
      {"reply-retention", "168h",
       "how long a command may be repeated with its request_id: then its stored reply is cleared, its audit entry "
       "stays"},
      {"watches-max", "64", "server streams open at once; more are refused"},
      {"uploads-max", "8", "client streams open at once; more are refused"},
      {"message-bytes-max", "1048576", "largest request in bytes"},
      {"streams-max", "256", "concurrent calls on one connection"},
      {"connection-age-max", "5m", "connections are renewed after this, so that clients see new replicas"},
      {"reflection", "false", "serve gRPC reflection"},
      {"background", "true", "run the relay, intake, processes, sealing and periodic work in this process"},
      {"drain-wait", "3s", "pause between not-ready and the end of accepting, for load balancers to notice"},
      {"grace", "20s", "time running calls get to finish when stopping"},
      {"verify-interval", "24h",
       "every store's ledgers are verified again after this, in the background on one replica; 0s: never"},
      {"store", "", "verify subcommand: only this store; empty: all"},
      {"log-level", "info", "debug, info, warning or error"},
  };
  const std::vector<Setting> identity = IdentitySettings();
  settings.insert(settings.end(), identity.begin(), identity.end());
  return settings;
}

}  // namespace chassis::config
