// Tokens, right and wrong, for tests: a key or two, their set on disk, and tokens put together piece by piece.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "aftersales/common/v1/errors.pb.h"
#include "chassis/identity/identity.h"
#include "chassis/identity/keys.h"
#include "chassis/identity/tokens.h"
#include "chassis/status/refusal.h"
#include "gtest/gtest.h"

namespace chassis::identity {

inline constexpr char kTestStore[] = "01234567-89ab-7def-8123-456789abcdef";
inline const absl::Time kTestNow = absl::FromUnixSeconds(1'800'000'000);

inline std::string Base64Url(const std::string& text) {
  std::string encoded = absl::WebSafeBase64Escape(text);
  while (!encoded.empty() && encoded.back() == '=') encoded.pop_back();
  return encoded;
}

// Why a token was refused; "" when it was not.
inline std::string WhyRefused(const absl::StatusOr<Identity>& verified) {
  if (verified.ok()) return "";
  EXPECT_TRUE(IsRefusal(verified.status(), aftersales::common::v1::ERROR_REASON_UNAUTHENTICATED)) << verified.status();
  return RefusalIn(verified.status()).arguments().at("why");
}

class TokenTest : public testing::Test {
 protected:
  TokenTest() {
    directory_ = std::filesystem::path(testing::TempDir()) / absl::StrCat("token_test_", ::getpid());
    std::filesystem::create_directories(directory_);
    key_ = NewPrivateJwk("first");
    Write("jwks.json", *PublicJwks({key_}));
  }
  ~TokenTest() override { std::filesystem::remove_all(directory_); }

  std::string Path(const std::string& name) const { return directory_ / name; }
  // By rename, as files change that somebody reads.
  void Write(const std::string& name, const std::string& content) const {
    std::ofstream(Path(name + ".next")) << content;
    std::filesystem::rename(Path(name + ".next"), Path(name));
  }
  IssuerSettings Accepted() const { return {"https://issuer", {"suite", "other"}, Path("jwks.json")}; }
  static std::unique_ptr<TokenVerifier> Made(const VerifierSettings& settings) {
    auto verifier = MakeTokenVerifier(settings);
    EXPECT_TRUE(verifier.ok()) << verifier.status();
    return *std::move(verifier);
  }
  std::unique_ptr<TokenVerifier> Verifier() const { return Made({.issuers = {Accepted()}}); }

  static nlohmann::json Claims() {
    const int64_t now = absl::ToUnixSeconds(kTestNow);
    return {
        {"iss", "https://issuer"},      {"aud", "suite"},        {"sub", "li.na"}, {"iat", now}, {"exp", now + 3600},
        {"roles", {"service_adviser"}}, {"stores", {kTestStore}}};
  }
  static std::string SignedWith(const std::string& jwk, const std::string& claims) {
    return *SignedToken(*ReadKey(ParseObject(jwk)), claims);
  }
  std::string Signed(const nlohmann::json& claims) const { return SignedWith(key_, claims.dump()); }

  std::filesystem::path directory_;
  std::string key_;
};

}  // namespace chassis::identity
