// aftersales-keys DIRECTORY: the keys a development installation needs, made once: the token issuer's private JWK
// (issuer.jwk), its public set (jwks.json) and the data keys for personal data (data.json).
#include <cjose/cjose.h>
#include <openssl/rand.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "nlohmann/json.hpp"

namespace {

[[noreturn]] void Fail(const char* what) {
  std::fprintf(stderr, "aftersales-keys: %s\n", what);
  std::exit(1);
}

std::string RandomKey() {
  unsigned char bytes[32];
  if (RAND_bytes(bytes, sizeof bytes) != 1) Fail("no randomness");
  return absl::Base64Escape(std::string(reinterpret_cast<char*>(bytes), sizeof bytes));
}

void Save(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path);
  file << text << "\n";
  file.close();
  if (!file) Fail("cannot write the key file");
  std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

nlohmann::json Exported(cjose_jwk_t* key, bool with_private_part) {
  cjose_err error;
  std::unique_ptr<char, decltype(&std::free)> text(cjose_jwk_to_json(key, with_private_part, &error), &std::free);
  if (!text) Fail("cannot export the key");
  nlohmann::json json = nlohmann::json::parse(text.get());
  json["alg"] = "ES256";
  json["use"] = "sig";
  return json;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) Fail("usage: aftersales-keys DIRECTORY");
  const std::filesystem::path directory = argv[1];
  cjose_err error;
  std::unique_ptr<cjose_jwk_t, void (*)(cjose_jwk_t*)> key(cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &error),
                                                           [](cjose_jwk_t* k) { cjose_jwk_release(k); });
  const std::string key_id = "development-1";
  if (!key || !cjose_jwk_set_kid(key.get(), key_id.c_str(), key_id.size(), &error)) Fail("cannot make a key");
  Save(directory / "issuer.jwk", Exported(key.get(), true).dump());
  Save(directory / "data.json",
       nlohmann::json{{"current", "1"},
                      {"keys", {{"1", RandomKey()}}},
                      {"index", RandomKey()},
                      {"create_time", {{"1", absl::FormatTime(absl::RFC3339_sec, absl::Now(), absl::UTCTimeZone())}}}}
           .dump());
  // Last: its presence says the others are complete.
  Save(directory / "jwks.json", nlohmann::json{{"keys", nlohmann::json::array({Exported(key.get(), false)})}}.dump());
  return 0;
}
