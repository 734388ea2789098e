// A service's own token towards its peers. Either it signs one itself (OwnToken): issued once, handed out until
// shortly before it expires; or somebody else issues it and keeps a file fresh (TokenFile), as Kubernetes does with
// projected service-account tokens: then no service holds a key.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "chassis/config/watched_file.h"
#include "chassis/identity/identity.h"
#include "chassis/time/clock.h"

namespace chassis::identity {

class OwnToken {
 public:
  // `clock` is the one the peers verify by: real time.
  OwnToken(std::unique_ptr<TokenIssuer> issuer, const std::string& service_name, const Clock& clock);
  std::string Get();

 private:
  const std::unique_ptr<TokenIssuer> issuer_;
  const Clock& clock_;
  TokenRequest request_;
  std::mutex mutex_;
  std::string token_;
  absl::Time renew_time_ = absl::InfinitePast();
};

// From any thread.
class TokenFile {
 public:
  explicit TokenFile(std::string path) : file_(std::move(path)) {}
  // Fails when the file cannot be read or holds no token; then what was read before stays.
  absl::Status Load();
  // The file's token as it is now; the last good one while it is missing or holds none.
  std::string Get();

 private:
  absl::Status Read();  // with mutex_ held

  std::mutex mutex_;
  config::WatchedFile file_;
  std::string token_;
};

}  // namespace chassis::identity
