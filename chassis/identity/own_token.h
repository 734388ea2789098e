// A service's own token towards its peers: issued once, handed out until shortly before it expires.
#pragma once

#include <memory>
#include <mutex>
#include <string>

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

}  // namespace chassis::identity
