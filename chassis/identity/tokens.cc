#include "chassis/identity/tokens.h"

#include <cstdlib>
#include <set>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "chassis/identity/keys.h"
#include "chassis/status/text.h"
#include "chassis/telemetry/log.h"

namespace chassis::identity {
namespace {

using nlohmann::json;

constexpr size_t kRsaBitsMin = 2048;
constexpr int kJsonDepthMax = 16;
constexpr size_t kKeysMax = 100;
constexpr size_t kKeyIdBytesMax = 256;

struct HeaderDeleter {
  void operator()(cjose_header_t* header) const { cjose_header_release(header); }
};
struct JwsDeleter {
  void operator()(cjose_jws_t* jws) const { cjose_jws_release(jws); }
};
struct Free {
  void operator()(char* text) const { cjose_get_dealloc()(text); }
};

std::string JsonOf(const cjose_jwk_t* jwk, bool with_private) {
  cjose_err error{};
  const std::unique_ptr<char, Free> text(cjose_jwk_to_json(jwk, with_private, &error));
  return text == nullptr ? "" : text.get();
}

// Of the parser's events it hears which names each object that is open has had.
class NamesOnce {
 public:
  bool operator()(int depth, json::parse_event_t event, const json& parsed) {
    if (depth > kJsonDepthMax) broken_ = true;
    if (event == json::parse_event_t::object_start) open_.emplace_back();
    if (event == json::parse_event_t::object_end) open_.pop_back();
    if (event == json::parse_event_t::key && !open_.back().insert(parsed.get<std::string>()).second) broken_ = true;
    return true;
  }
  bool broken() const { return broken_; }

 private:
  std::vector<std::set<std::string>> open_;
  bool broken_ = false;
};

// The library ends the process over some texts that are no base64url, so it must not see them.
bool NumbersAreWellFormed(const json& jwk) {
  for (const char* name : {"n", "e", "x", "y", "d", "p", "q", "dp", "dq", "qi"}) {
    if (!jwk.contains(name)) continue;
    const std::string text = TextIn(jwk, name);
    if (text.empty() || !Base64UrlDecode(text).has_value()) return false;
  }
  return true;
}

}  // namespace

std::string TextIn(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

absl::StatusOr<Key> ReadKey(const json& jwk) {
  if (!jwk.is_object()) return absl::InvalidArgumentError("a key is no JSON object");
  Key key;
  key.id = TextIn(jwk, "kid");
  key.algorithm = TextIn(jwk, "alg");
  const std::string kind = TextIn(jwk, "kty");
  const std::string use = TextIn(jwk, "use");
  if (key.id.empty() || key.id.size() > kKeyIdBytesMax) return absl::InvalidArgumentError("a key has no kid");
  if (!use.empty() && use != "sig")
    return absl::InvalidArgumentError(absl::StrCat("key ", key.id, " is not for signatures"));
  key.rsa = kind == "RSA";
  if (!key.rsa && (kind != "EC" || TextIn(jwk, "crv") != "P-256")) {
    return absl::InvalidArgumentError(absl::StrCat("key ", key.id, " is neither RSA nor P-256"));
  }
  // A key that names an algorithm its kind does not have could never verify anything.
  const std::string named = key.algorithm;
  const bool fits = named.empty() || (key.rsa ? named == "RS256" || named == "PS256" : named == "ES256");
  if (!fits) return absl::InvalidArgumentError(absl::StrCat("key ", key.id, " names the algorithm ", named));
  if (!NumbersAreWellFormed(jwk)) return absl::InvalidArgumentError(absl::StrCat("key ", key.id, " is malformed"));
  const std::string text = jwk.dump();
  cjose_err error{};
  key.jwk.reset(cjose_jwk_import(text.data(), text.size(), &error));
  if (key.jwk == nullptr) return absl::InvalidArgumentError(absl::StrCat("key ", key.id, " is malformed"));
  if (key.rsa && cjose_jwk_get_keysize(key.jwk.get(), &error) < kRsaBitsMin) {
    return absl::InvalidArgumentError(absl::StrCat("key ", key.id, " is shorter than ", kRsaBitsMin, " bits"));
  }
  return key;
}

std::optional<std::string> Base64UrlDecode(std::string_view text) {
  std::string decoded;
  if (!absl::WebSafeBase64Unescape(Absl(text), &decoded)) return std::nullopt;
  // The library also takes padding, spaces and left-over bits; what it would write itself has none of them.
  std::string encoded = absl::WebSafeBase64Escape(decoded);
  while (!encoded.empty() && encoded.back() == '=') encoded.pop_back();
  if (encoded != text) return std::nullopt;
  return decoded;
}

json ParseStrictly(std::string_view text) {
  NamesOnce names;
  json parsed = json::parse(text, std::ref(names), /*allow_exceptions=*/false);
  return parsed.is_discarded() || names.broken() ? json(nullptr) : parsed;
}

json ParseObject(std::string_view text) {
  json parsed = ParseStrictly(text);
  return parsed.is_object() ? parsed : json(nullptr);
}

absl::StatusOr<Keys> ReadKeys(std::string_view text, const std::string& from) {
  const json set = ParseObject(text);
  const json listed = set.is_object() ? set.value("keys", json()) : json();
  if (!listed.is_array()) return absl::InvalidArgumentError(absl::StrCat(from, " is no JWK set"));
  if (listed.size() > kKeysMax) return absl::InvalidArgumentError(absl::StrCat(from, " has too many keys"));
  Keys keys;
  for (const json& entry : listed) {
    absl::StatusOr<Key> key = ReadKey(entry);
    if (!key.ok()) {
      // Issuers publish keys for other purposes beside those for signatures.
      log::Warning("key left out", {{"from", from}, {"why", std::string(key.status().message())}});
      continue;
    }
    const std::string id = key->id;
    if (!keys.emplace(id, *std::move(key)).second) {
      return absl::InvalidArgumentError(absl::StrCat(from, " has two keys ", id));
    }
  }
  if (keys.empty()) return absl::InvalidArgumentError(absl::StrCat(from, " holds no usable key"));
  return keys;
}

std::optional<std::string> VerifiedPayload(std::string_view token, const Key& key) {
  cjose_err error{};
  const std::unique_ptr<cjose_jws_t, JwsDeleter> jws(cjose_jws_import(token.data(), token.size(), &error));
  if (jws == nullptr || !cjose_jws_verify(jws.get(), key.jwk.get(), &error)) return std::nullopt;
  uint8_t* data = nullptr;
  size_t size = 0;
  if (!cjose_jws_get_plaintext(jws.get(), &data, &size, &error)) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(data), size);
}

absl::StatusOr<std::string> SignedToken(const Key& key, const std::string& payload) {
  cjose_err error{};
  const std::string algorithm = !key.algorithm.empty() ? key.algorithm : key.rsa ? "RS256" : "ES256";
  const std::unique_ptr<cjose_header_t, HeaderDeleter> header(cjose_header_new(&error));
  if (header == nullptr || !cjose_header_set(header.get(), CJOSE_HDR_ALG, algorithm.c_str(), &error) ||
      !cjose_header_set(header.get(), CJOSE_HDR_KID, key.id.c_str(), &error) ||
      !cjose_header_set(header.get(), "typ", "JWT", &error)) {
    return absl::InternalError("token header");
  }
  const std::unique_ptr<cjose_jws_t, JwsDeleter> jws(cjose_jws_sign(
      key.jwk.get(), header.get(), reinterpret_cast<const uint8_t*>(payload.data()), payload.size(), &error));
  const char* token = nullptr;
  if (jws == nullptr || !cjose_jws_export(jws.get(), &token, &error)) {
    return absl::InvalidArgumentError(absl::StrCat("key ", key.id, " cannot sign: is it the private half?"));
  }
  return std::string(token);
}

std::string NewPrivateJwk(const std::string& key_id) {
  cjose_err error{};
  const Jwk jwk(cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &error));
  if (jwk == nullptr || !cjose_jwk_set_kid(jwk.get(), key_id.data(), key_id.size(), &error)) std::abort();
  json object = ParseObject(JsonOf(jwk.get(), true));
  object["alg"] = "ES256";
  object["use"] = "sig";
  return object.dump();
}

absl::StatusOr<std::string> PublicJwks(const std::vector<std::string>& private_jwks) {
  json set = {{"keys", json::array()}};
  for (const std::string& text : private_jwks) {
    absl::StatusOr<Key> key = ReadKey(ParseObject(text));
    if (!key.ok()) return key.status();
    json object = ParseObject(JsonOf(key->jwk.get(), false));
    object["alg"] = !key->algorithm.empty() ? key->algorithm : key->rsa ? "RS256" : "ES256";
    object["use"] = "sig";
    set["keys"].push_back(std::move(object));
  }
  return set.dump();
}

}  // namespace chassis::identity
