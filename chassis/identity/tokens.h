// The pieces of a JSON Web Token, shared by verifier and issuer: base64url, keys of the allowed kinds, signatures.
// The cjose library does the cryptography; which key may be used with which algorithm is decided here.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "cjose/cjose.h"
#include "nlohmann/json.hpp"

namespace chassis::identity {

struct JwkDeleter {
  void operator()(cjose_jwk_t* jwk) const { cjose_jwk_release(jwk); }
};
using Jwk = std::unique_ptr<cjose_jwk_t, JwkDeleter>;

// A key with the algorithms it may be used with: that follows from its kind and its own "alg", never from the token.
struct Key {
  std::string id;
  Jwk jwk;
  std::string algorithm;  // the only one, when the key names one
  bool rsa = false;

  bool Allows(std::string_view algorithm_of_token) const {
    if (!algorithm.empty()) return algorithm == algorithm_of_token;
    return rsa ? algorithm_of_token == "RS256" || algorithm_of_token == "PS256" : algorithm_of_token == "ES256";
  }
};

// Refuses symmetric keys, other curves than P-256, RSA below 2048 bits, keys for encryption and keys without id.
absl::StatusOr<Key> ReadKey(const nlohmann::json& jwk);

inline constexpr size_t kKeySetBytesMax = 1 << 20;

// Exactly what RFC 7515 calls base64url: no padding, no foreign characters, no bits left over, so that one content has
// one text and nothing can be changed in a token without changing what is signed.
std::optional<std::string> Base64UrlDecode(std::string_view text);
// Null when it is not JSON, names a member of an object twice, at any depth, or goes too deep.
nlohmann::json ParseStrictly(std::string_view text);
// The same; null also when it is no JSON object.
nlohmann::json ParseObject(std::string_view text);
// The text of a member; "" when it is not there or no text.
std::string TextIn(const nlohmann::json& object, const char* name);

using Keys = absl::flat_hash_map<std::string, Key>;
// The usable keys of a JWK set, by id; those for other purposes are left out. `from` names the set in errors.
absl::StatusOr<Keys> ReadKeys(std::string_view text, const std::string& from);

// The payload when the signature is good. From any thread, also with the same key: cjose and OpenSSL only read it.
std::optional<std::string> VerifiedPayload(std::string_view token, const Key& key);
absl::StatusOr<std::string> SignedToken(const Key& key, const std::string& payload);

}  // namespace chassis::identity
