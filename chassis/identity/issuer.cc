// Signs tokens with a private JWK: a service's own towards its peers, and everybody's in development.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "chassis/identity/identity.h"
#include "chassis/identity/tokens.h"

namespace chassis::identity {
namespace {

class JwkIssuer : public TokenIssuer {
 public:
  JwkIssuer(Key key, std::string issuer, std::string audience)
      : key_(std::move(key)), issuer_(std::move(issuer)), audience_(std::move(audience)) {}

  std::string Issue(const TokenRequest& request) override {
    const int64_t now = absl::ToUnixSeconds(request.issue_time);
    nlohmann::json claims = {{"iss", issuer_},
                             {"aud", audience_},
                             {"sub", request.subject},
                             {"iat", now},
                             {"nbf", now},
                             {"exp", now + absl::ToInt64Seconds(request.lifetime)},
                             {"roles", request.roles},
                             {"stores", request.stores}};
    if (!request.token_id.empty()) claims["jti"] = request.token_id;
    // cjose counts references without a lock.
    std::lock_guard<std::mutex> lock(mutex_);
    absl::StatusOr<std::string> token = SignedToken(key_, claims.dump());
    if (!token.ok()) {
      // The key was tried when it was loaded; memory is gone or corrupt.
      std::fprintf(stderr, "%s\n", token.status().ToString().c_str());
      std::abort();
    }
    return *std::move(token);
  }

 private:
  std::mutex mutex_;
  const Key key_;
  const std::string issuer_;
  const std::string audience_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TokenIssuer>> LoadTokenIssuer(const std::string& private_jwk_file,
                                                             const std::string& issuer, const std::string& audience) {
  std::ifstream file(private_jwk_file, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat("cannot read the signing key ", private_jwk_file));
  std::stringstream content;
  content << file.rdbuf();
  absl::StatusOr<Key> key = ReadKey(ParseObject(content.str()));
  if (!key.ok()) return absl::InvalidArgumentError(absl::StrCat(private_jwk_file, ": ", key.status().message()));
  if (absl::StatusOr<std::string> trial = SignedToken(*key, "{}"); !trial.ok()) return trial.status();
  return std::make_unique<JwkIssuer>(*std::move(key), issuer, audience);
}

}  // namespace chassis::identity
