// Tokens as an attacker would make them, beside those that are right.
#include "chassis/identity/identity.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "chassis/identity/keys.h"
#include "chassis/identity/own_token.h"
#include "chassis/identity/tokens.h"
#include "chassis/status/refusal.h"
#include "gtest/gtest.h"

namespace chassis::identity {
namespace {

namespace options = aftersales::options::v1;
using nlohmann::json;

constexpr char kStore[] = "01234567-89ab-7def-8123-456789abcdef";
const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

class Tokens : public testing::Test {
 protected:
  Tokens() {
    directory_ = std::filesystem::path(testing::TempDir()) / absl::StrCat("identity_test_", ::getpid());
    std::filesystem::create_directories(directory_);
    private_jwk_ = NewPrivateJwk("first");
    PublishKeys({private_jwk_});
    Write("private.jwk", private_jwk_);
  }
  ~Tokens() override { std::filesystem::remove_all(directory_); }

  std::string Path(const std::string& name) const { return directory_ / name; }
  void Write(const std::string& name, const std::string& content) const { std::ofstream(Path(name)) << content; }
  void PublishKeys(const std::vector<std::string>& jwks) const { Write("jwks.json", *PublicJwks(jwks)); }

  std::unique_ptr<TokenVerifier> Verifier(const std::string& audience = "suite") const {
    auto verifier = MakeTokenVerifier({.issuers = {{"https://issuer", {audience}, Path("jwks.json")}}});
    EXPECT_TRUE(verifier.ok()) << verifier.status();
    return *std::move(verifier);
  }
  std::unique_ptr<TokenIssuer> Issuer(const std::string& name = "https://issuer") const {
    auto issuer = LoadTokenIssuer(Path("private.jwk"), name, "suite");
    EXPECT_TRUE(issuer.ok()) << issuer.status();
    return *std::move(issuer);
  }
  static TokenRequest Adviser() {
    return {
        .subject = "li.na", .roles = {"service_adviser", "from_the_future"}, .stores = {kStore}, .issue_time = kNow};
  }
  static json Claims() {
    const int64_t now = absl::ToUnixSeconds(kNow);
    return {{"iss", "https://issuer"},      {"aud", "suite"},    {"sub", "li.na"}, {"iat", now}, {"exp", now + 3600},
            {"roles", {"service_adviser"}}, {"stores", {kStore}}};
  }
  std::string Signed(const json& claims) const {
    return *SignedToken(*ReadKey(ParseObject(private_jwk_)), claims.dump());
  }
  static std::string Encoded(const std::string& text) {
    std::string encoded = absl::WebSafeBase64Escape(text);
    while (!encoded.empty() && encoded.back() == '=') encoded.pop_back();
    return encoded;
  }
  static std::string Why(const absl::Status& status) {
    EXPECT_TRUE(IsRefusal(status, aftersales::common::v1::ERROR_REASON_UNAUTHENTICATED)) << status;
    return RefusalIn(status).arguments().at("why");
  }

  std::filesystem::path directory_;
  std::string private_jwk_;
};

TEST_F(Tokens, TellWhoCallsAndForWhichStores) {
  const auto identity = Verifier()->Verify(Issuer()->Issue(Adviser()), kNow);
  ASSERT_TRUE(identity.ok()) << identity.status();
  EXPECT_EQ(identity->subject, "li.na");
  EXPECT_EQ(identity->roles, std::set<options::Role>{options::ROLE_SERVICE_ADVISER});
  EXPECT_TRUE(identity->ActsFor(kStore));
  EXPECT_FALSE(identity->ActsFor("11111111-89ab-7def-8123-456789abcdef"));
  EXPECT_FALSE(identity->group);
  EXPECT_EQ(identity->expire_time, kNow + absl::Hours(1));
}

TEST_F(Tokens, OfTheGroupActForEveryStore) {
  TokenRequest request = Adviser();
  request.stores = {"*"};
  const auto identity = Verifier()->Verify(Issuer()->Issue(request), kNow);
  EXPECT_TRUE(identity->ActsFor(kStore));
}

TEST_F(Tokens, AreRefusedWhenUnsigned) {
  const std::string header = Encoded(R"({"alg":"none","kid":"first"})");
  const std::string claims = Encoded(Claims().dump());
  EXPECT_EQ(Why(Verifier()->Verify(header + "." + claims + ".", kNow).status()), "the algorithm is not allowed");
  EXPECT_EQ(Why(Verifier()->Verify(header + "." + claims, kNow).status()), "not a token");
}

TEST_F(Tokens, AreRefusedWhenTheirAlgorithmIsNotTheKeys) {
  // HS256 with the public key's text as secret, RS256 and ES384 on an ES256 key.
  const std::string signature = Signed(Claims()).substr(Signed(Claims()).rfind('.'));
  for (const char* algorithm : {"HS256", "RS256", "ES384", "es256", ""}) {
    const std::string header = Encoded(json{{"alg", algorithm}, {"kid", "first"}}.dump());
    const std::string token = header + "." + Encoded(Claims().dump()) + signature;
    EXPECT_EQ(Why(Verifier()->Verify(token, kNow).status()), "the algorithm is not allowed") << algorithm;
  }
}

TEST_F(Tokens, AreRefusedWhenTamperedWith) {
  const std::string token = Signed(Claims());
  const size_t first = token.find('.');
  const size_t second = token.rfind('.');
  json claims = Claims();
  claims["roles"] = {"group_manager"};
  const std::string forged = token.substr(0, first + 1) + Encoded(claims.dump()) + token.substr(second);
  EXPECT_EQ(Why(Verifier()->Verify(forged, kNow).status()), "the signature is wrong");
}

TEST_F(Tokens, AreRefusedWhenSignedByAnotherKeyOfTheSameName) {
  const std::string other = NewPrivateJwk("first");
  const std::string token = *SignedToken(*ReadKey(ParseObject(other)), Claims().dump());
  EXPECT_EQ(Why(Verifier()->Verify(token, kNow).status()), "the signature is wrong");
}

TEST_F(Tokens, AreRefusedWithAnUnknownKey) {
  const std::string other = NewPrivateJwk("second");
  const std::string token = *SignedToken(*ReadKey(ParseObject(other)), Claims().dump());
  EXPECT_EQ(Why(Verifier()->Verify(token, kNow).status()), "the key is not known");
}

TEST_F(Tokens, AreRefusedForOtherIssuersAndAudiences) {
  EXPECT_EQ(Why(Verifier()->Verify(Issuer("https://other")->Issue(Adviser()), kNow).status()),
            "the issuer is not accepted");
  EXPECT_EQ(Why(Verifier("another suite")->Verify(Issuer()->Issue(Adviser()), kNow).status()),
            "the token is for another audience");
  json claims = Claims();
  claims["aud"] = {"x", "suite"};
  EXPECT_TRUE(Verifier()->Verify(Signed(claims), kNow).ok());
  claims["aud"] = {"x", 1};
  EXPECT_FALSE(Verifier()->Verify(Signed(claims), kNow).ok());
}

TEST_F(Tokens, AreRefusedOutsideTheirTime) {
  const std::string token = Issuer()->Issue(Adviser());
  const auto verifier = Verifier();
  EXPECT_TRUE(verifier->Verify(token, kNow + absl::Minutes(59)).ok());
  EXPECT_TRUE(verifier->Verify(token, kNow + absl::Hours(1) + absl::Seconds(10)).ok()) << "a little leeway";
  EXPECT_EQ(RefusalIn(verifier->Verify(token, kNow + absl::Hours(2)).status()).arguments().at("why_zh"), "令牌已过期");
  EXPECT_EQ(Why(verifier->Verify(token, kNow + absl::Hours(2)).status()), "the token has expired")
      << "from the cache, too";
  EXPECT_EQ(Why(Verifier()->Verify(token, kNow + absl::Hours(2)).status()), "the token has expired");
  EXPECT_EQ(Why(Verifier()->Verify(token, kNow - absl::Hours(1)).status()), "the token is not valid yet");
  json claims = Claims();
  claims.erase("exp");
  EXPECT_EQ(Why(Verifier()->Verify(Signed(claims), kNow).status()), "the token does not say when it expires");
  claims["exp"] = "tomorrow";
  EXPECT_FALSE(Verifier()->Verify(Signed(claims), kNow).ok());
  claims = Claims();
  claims["nbf"] = absl::ToUnixSeconds(kNow) + 600;
  EXPECT_EQ(Why(Verifier()->Verify(Signed(claims), kNow).status()), "the token is not valid yet");
}

TEST_F(Tokens, AreRefusedWhenTheyAreNone) {
  const auto verifier = Verifier();
  for (const std::string& text : {std::string(), std::string("x"), std::string("a.b.c"), std::string("..."),
                                  std::string("\0.\0.\0", 5), Encoded("[]") + "." + Encoded("[]") + ".x"}) {
    EXPECT_FALSE(verifier->Verify(text, kNow).ok());
  }
  EXPECT_EQ(Why(verifier->Verify(std::string(9000, 'a'), kNow).status()), "the token is too large");
}

TEST_F(Tokens, AreRefusedWithoutSubjectOrWithDemandedExtensions) {
  json claims = Claims();
  claims["sub"] = "";
  EXPECT_EQ(Why(Verifier()->Verify(Signed(claims), kNow).status()), "the subject is missing");
  const std::string token = Signed(Claims());
  const std::string header = Encoded(R"({"alg":"ES256","kid":"first","crit":["b64"],"b64":false})");
  EXPECT_EQ(Why(Verifier()->Verify(header + token.substr(token.find('.')), kNow).status()),
            "the token demands an extension");
}

TEST_F(Tokens, GiveNoRightsTheyDoNotSpellOut) {
  json claims = Claims();
  claims["roles"] = {"SERVICE_ADVISER", "unspecified", 7, nullptr};
  claims["stores"] = {"not-an-id", 7};
  const auto identity = Verifier()->Verify(Signed(claims), kNow);
  ASSERT_TRUE(identity.ok());
  EXPECT_TRUE(identity->roles.empty());
  EXPECT_TRUE(identity->store_ids.empty());
  EXPECT_FALSE(identity->group);
}

TEST_F(Tokens, FollowNewKeysAndForgetWithdrawnOnes) {
  const auto verifier = Verifier();
  const std::string old_token = Issuer()->Issue(Adviser());
  ASSERT_TRUE(verifier->Verify(old_token, kNow).ok());
  const std::string second = NewPrivateJwk("second-key");
  PublishKeys({second});
  const std::string new_token = *SignedToken(*ReadKey(ParseObject(second)), Claims().dump());
  EXPECT_TRUE(verifier->Verify(new_token, kNow).ok()) << "an unknown key makes it look again at once";
  EXPECT_EQ(Why(verifier->Verify(old_token, kNow).status()), "the key is not known") << "not from the cache either";
}

TEST_F(Tokens, KeepTheOldKeysWhileTheNewFileIsBroken) {
  const auto verifier = Verifier();
  Write("jwks.json", "{\"keys\": [");
  EXPECT_TRUE(verifier->Verify(Issuer()->Issue(Adviser()), kNow + absl::Seconds(5)).ok());
}

TEST_F(Tokens, NeedKeysFitForSignatures) {
  json key = ParseObject(private_jwk_);
  EXPECT_TRUE(ReadKey(key).ok());
  json other = key;
  other["use"] = "enc";
  EXPECT_FALSE(ReadKey(other).ok());
  other = key;
  other["alg"] = "HS256";
  EXPECT_FALSE(ReadKey(other).ok());
  other = key;
  other.erase("kid");
  EXPECT_FALSE(ReadKey(other).ok());
  EXPECT_FALSE(ReadKey(json{{"kty", "oct"}, {"k", "c2VjcmV0"}, {"kid", "x"}}).ok());
  Write("jwks.json", R"({"keys":[]})");
  EXPECT_FALSE(MakeTokenVerifier({.issuers = {{"https://issuer", {"suite"}, Path("jwks.json")}}}).ok());
  EXPECT_FALSE(MakeTokenVerifier({}).ok());
  Write("private.jwk", *PublicJwks({private_jwk_}));
  EXPECT_FALSE(LoadTokenIssuer(Path("private.jwk"), "x", "y").ok());
}

TEST_F(Tokens, OfAServiceAreKeptUntilShortlyBeforeTheyExpire) {
  ManualClock clock(kNow);
  OwnToken own(Issuer(), "parts-svc", clock);
  const std::string first = own.Get();
  clock.Advance(absl::Minutes(45));
  EXPECT_EQ(own.Get(), first);
  clock.Advance(absl::Minutes(6));
  const std::string second = own.Get();
  EXPECT_NE(second, first);
  const auto identity = Verifier()->Verify(second, clock.Now());
  ASSERT_TRUE(identity.ok());
  EXPECT_EQ(identity->subject, "service:parts-svc");
  EXPECT_TRUE(identity->Has(options::ROLE_SUITE_SERVICE));
  EXPECT_TRUE(identity->group);
}

TEST(Roles, HaveTheSameNameBothWays) {
  const auto* roles = options::Role_descriptor();
  for (int i = 1; i < roles->value_count(); ++i) {
    const auto role = static_cast<options::Role>(roles->value(i)->number());
    EXPECT_EQ(RoleNamed(RoleName(role)), role);
  }
  EXPECT_EQ(RoleNamed("service_adviser"), options::ROLE_SERVICE_ADVISER);
  EXPECT_EQ(RoleNamed("nobody"), options::ROLE_UNSPECIFIED);
}

}  // namespace
}  // namespace chassis::identity
