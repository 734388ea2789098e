// AES-256-GCM and HMAC-SHA-256 through OpenSSL. A sealed value is
//
//   length of key id (1 byte) | key id | nonce (12) | ciphertext | tag (16)
//
// so any replica that has the key file opens it, whatever key is current.
#include "chassis/privacy/cipher.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <cctype>
#include <fstream>
#include <map>
#include <sstream>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "chassis/status/check.h"
#include "chassis/status/text.h"
#include "nlohmann/json.hpp"

namespace chassis::privacy {
namespace {

constexpr size_t kKeyBytes = 32;
constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;
constexpr size_t kKeyIdBytesMax = 32;

// OpenSSL 3 looks an algorithm up by name on every implicit use, under a lock; fetched once it is free.
const EVP_CIPHER* Gcm() {
  static const EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  return cipher;
}

// One context per thread: making one costs more than encrypting a name.
EVP_CIPHER_CTX* ThreadContext() {
  struct Free {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
  };
  thread_local std::unique_ptr<EVP_CIPHER_CTX, Free> context(EVP_CIPHER_CTX_new());
  return context.get();
}

const uint8_t* In(std::string_view text) { return reinterpret_cast<const uint8_t*>(text.data()); }
uint8_t* Out(std::string& text, size_t at) { return reinterpret_cast<uint8_t*>(text.data() + at); }

// What people type differently and mean alike: blanks, hyphens, case and the country code of a Chinese phone.
std::string Normalised(std::string_view plain) {
  std::string normal;
  normal.reserve(plain.size());
  for (char c : plain) {
    if (c == ' ' || c == '\t' || c == '-') continue;
    normal.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
  }
  if (normal.rfind("+86", 0) == 0) normal.erase(0, 3);
  return normal;
}

class AesCipher : public Cipher {
 public:
  AesCipher(std::string current, std::map<std::string, std::string, std::less<>> keys, std::string index_key,
            std::optional<absl::Time> create_time = std::nullopt)
      : current_(std::move(current)),
        keys_(std::move(keys)),
        index_key_(std::move(index_key)),
        create_time_(create_time) {}

  std::string Seal(std::string_view plain, std::string_view place) const override {
    const std::string& key = keys_.at(current_);
    const size_t head = 1 + current_.size() + kNonceBytes;
    std::string sealed(head + plain.size() + kTagBytes, '\0');
    sealed[0] = static_cast<char>(current_.size());
    sealed.replace(1, current_.size(), current_);
    uint8_t* nonce = Out(sealed, 1 + current_.size());
    EVP_CIPHER_CTX* context = ThreadContext();
    int length = 0;
    const bool done =
        RAND_bytes(nonce, kNonceBytes) == 1 && EVP_EncryptInit_ex(context, Gcm(), nullptr, In(key), nonce) == 1 &&
        EVP_EncryptUpdate(context, nullptr, &length, In(place), static_cast<int>(place.size())) == 1 &&
        EVP_EncryptUpdate(context, Out(sealed, head), &length, In(plain), static_cast<int>(plain.size())) == 1 &&
        EVP_EncryptFinal_ex(context, Out(sealed, head + plain.size()), &length) == 1 &&
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, kTagBytes, Out(sealed, head + plain.size())) == 1;
    CHASSIS_CHECK(done, "AES-256-GCM failed: going on would store personal data in clear");
    return sealed;
  }

  absl::StatusOr<std::string> Open(std::string_view sealed, std::string_view place) const override {
    const std::string_view id = KeyIdOf(sealed);
    const auto key = keys_.find(id);
    if (id.empty() || key == keys_.end() || sealed.size() < 1 + id.size() + kNonceBytes + kTagBytes) {
      return absl::DataLossError(absl::StrCat("sealed value of ", Absl(place), " names no known key"));
    }
    sealed.remove_prefix(1 + id.size());
    const std::string_view nonce = sealed.substr(0, kNonceBytes);
    const std::string_view text = sealed.substr(kNonceBytes, sealed.size() - kNonceBytes - kTagBytes);
    std::string tag(sealed.substr(sealed.size() - kTagBytes));
    std::string plain(text.size(), '\0');
    EVP_CIPHER_CTX* context = ThreadContext();
    int length = 0;
    const bool done =
        EVP_DecryptInit_ex(context, Gcm(), nullptr, In(key->second), In(nonce)) == 1 &&
        EVP_DecryptUpdate(context, nullptr, &length, In(place), static_cast<int>(place.size())) == 1 &&
        EVP_DecryptUpdate(context, Out(plain, 0), &length, In(text), static_cast<int>(text.size())) == 1 &&
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
        EVP_DecryptFinal_ex(context, Out(plain, plain.size()), &length) == 1;
    if (!done) return absl::DataLossError(absl::StrCat("sealed value of ", Absl(place), " does not open"));
    return plain;
  }

  bool IsStale(std::string_view sealed) const override { return KeyIdOf(sealed) != current_; }

  std::string BlindIndex(std::string_view plain, std::string_view place) const override {
    std::string text(place);
    text.push_back('\0');
    text.append(Normalised(plain));
    std::string index(32, '\0');
    unsigned int length = 0;
    CHASSIS_CHECK(HMAC(EVP_sha256(), index_key_.data(), static_cast<int>(index_key_.size()), In(text), text.size(),
                       Out(index, 0), &length) != nullptr,
                  "HMAC-SHA-256 failed");
    return index;
  }

  std::optional<absl::Time> KeyCreateTime() const override { return create_time_; }

 private:
  static std::string_view KeyIdOf(std::string_view sealed) {
    if (sealed.empty()) return "";
    const size_t length = static_cast<uint8_t>(sealed[0]);
    if (length > kKeyIdBytesMax || sealed.size() < 1 + length) return "";
    return sealed.substr(1, length);
  }

  const std::string current_;
  const std::map<std::string, std::string, std::less<>> keys_;
  const std::string index_key_;
  const std::optional<absl::Time> create_time_;
};

absl::StatusOr<std::string> KeyFrom(const nlohmann::json& value, const std::string& name) {
  std::string key;
  if (!value.is_string() || !absl::Base64Unescape(value.get<std::string>(), &key) || key.size() != kKeyBytes) {
    return absl::InvalidArgumentError(absl::StrCat("key \"", name, "\" is not 32 bytes in base64"));
  }
  return key;
}

// Of the current key; nothing when the file does not say.
absl::StatusOr<std::optional<absl::Time>> CreateTimeIn(const nlohmann::json& file, const std::string& current) {
  const auto times = file.find("create_time");
  if (times == file.end() || !times->is_object() || !times->contains(current)) return std::nullopt;
  absl::Time time;
  std::string problem;
  const nlohmann::json& text = (*times)[current];
  if (!text.is_string() || !absl::ParseTime(absl::RFC3339_full, text.get<std::string>(), &time, &problem)) {
    return absl::InvalidArgumentError(absl::StrCat("create_time of key \"", current, "\" is no RFC 3339 time"));
  }
  return time;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Cipher>> LoadCipher(const std::string& key_file) {
  std::ifstream file(key_file);
  if (!file) return absl::NotFoundError(absl::StrCat("no key file ", key_file));
  std::stringstream content;
  content << file.rdbuf();
  const nlohmann::json json = nlohmann::json::parse(content.str(), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("current") || !json["current"].is_string() || !json.contains("keys") ||
      !json["keys"].is_object() || !json.contains("index")) {
    return absl::InvalidArgumentError(
        absl::StrCat(key_file, R"( is not {"current": id, "keys": {id: base64}, "index": base64})"));
  }
  const std::string current = json["current"].get<std::string>();
  std::map<std::string, std::string, std::less<>> keys;
  for (const auto& [id, value] : json["keys"].items()) {
    if (id.empty() || id.size() > kKeyIdBytesMax) {
      return absl::InvalidArgumentError(absl::StrCat("key id \"", id, "\" is not 1 to 32 characters"));
    }
    absl::StatusOr<std::string> key = KeyFrom(value, id);
    if (!key.ok()) return key.status();
    keys.emplace(id, *std::move(key));
  }
  if (keys.count(current) == 0) {
    return absl::InvalidArgumentError(absl::StrCat("current key \"", current, "\" is not among the keys"));
  }
  absl::StatusOr<std::string> index_key = KeyFrom(json["index"], "index");
  if (!index_key.ok()) return index_key.status();
  const absl::StatusOr<std::optional<absl::Time>> create_time = CreateTimeIn(json, current);
  if (!create_time.ok()) return create_time.status();
  return std::make_unique<AesCipher>(current, std::move(keys), *std::move(index_key), *create_time);
}

std::unique_ptr<Cipher> CipherForTest() {
  std::map<std::string, std::string, std::less<>> keys;
  keys.emplace("test", std::string(kKeyBytes, 'k'));
  return std::make_unique<AesCipher>("test", std::move(keys), std::string(kKeyBytes, 'i'));
}

}  // namespace chassis::privacy
