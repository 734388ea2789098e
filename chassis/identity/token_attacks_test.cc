// Every way of forging a token that RFC 8725 and the usual lists of attacks know, each with the reason it must be
// refused for; beside them what looks odd and is right.
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <atomic>
#include <functional>
#include <thread>

#include "chassis/identity/token_workshop_for_test.h"

namespace chassis::identity {
namespace {

using nlohmann::json;

std::string Hs256(const std::string& signed_part, const std::string& secret) {
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(signed_part.data()), signed_part.size(), mac, &size);
  return Base64Url(std::string(reinterpret_cast<char*>(mac), size));
}

class TokenAttacks : public TokenTest {
 protected:
  // The good token's parts.
  std::string Header() const { return Base64Url(R"({"alg":"ES256","kid":"first","typ":"JWT"})"); }
  std::string Part(int which) const {
    const std::string token = Signed(Claims());
    const size_t first = token.find('.');
    const size_t second = token.rfind('.');
    return which == 0   ? token.substr(0, first)
           : which == 1 ? token.substr(first + 1, second - first - 1)
                        : token.substr(second + 1);
  }
  std::string With(const std::string& header) const {
    return Base64Url(header) + "." + Base64Url(Claims().dump()) + "." + Part(2);
  }
  std::string WithClaims(const std::string& claims) const { return SignedWith(key_, claims); }
  std::string WithClaim(const char* name, const json& value) const {
    json claims = Claims();
    claims[name] = value;
    return Signed(claims);
  }
  std::string Without(const char* name) const {
    json claims = Claims();
    claims.erase(name);
    return Signed(claims);
  }
};

TEST_F(TokenAttacks, AreRefusedEachForItsReason) {
  const std::string unknown = NewPrivateJwk("second");
  const std::string same_name = NewPrivateJwk("first");
  const int64_t now = absl::ToUnixSeconds(kTestNow);
  const std::string claims_text = Base64Url(Claims().dump());
  const std::string public_keys = *PublicJwks({key_});
  const std::string hs_header = Base64Url(R"({"alg":"HS256","kid":"first","typ":"JWT"})");
  json boss = Claims();
  boss["roles"] = {"group_manager"};
  std::string doubled = Claims().dump();
  doubled.pop_back();

  struct Attack {
    const char* name;
    std::string token;
    const char* why;
  };
  const std::vector<Attack> attacks = {
      {"alg none", Base64Url(R"({"alg":"none","kid":"first"})") + "." + claims_text + ".",
       "the algorithm is not allowed"},
      {"alg None in capitals", With(R"({"alg":"NONE","kid":"first"})"), "the algorithm is not allowed"},
      {"no alg", With(R"({"kid":"first"})"), "the algorithm is not allowed"},
      {"alg is a list", With(R"({"alg":["ES256"],"kid":"first"})"), "the algorithm is not allowed"},
      {"HS256 with the public key as secret",
       hs_header + "." + claims_text + "." + Hs256(hs_header + "." + claims_text, public_keys),
       "the algorithm is not allowed"},
      {"RS256 on a key of the curve", With(R"({"alg":"RS256","kid":"first"})"), "the algorithm is not allowed"},
      {"ES384", With(R"({"alg":"ES384","kid":"first"})"), "the algorithm is not allowed"},
      {"alg in small letters", With(R"({"alg":"es256","kid":"first"})"), "the algorithm is not allowed"},
      {"alg twice", With(R"({"alg":"ES256","alg":"none","kid":"first"})"), "not a token"},
      {"wrong audience", WithClaim("aud", "another suite"), "the token is for another audience"},
      {"audiences, none ours", WithClaim("aud", {"x", "y"}), "the token is for another audience"},
      {"audience is a number among texts", WithClaim("aud", {"suite", 1}), "the token is for another audience"},
      {"audience is an object", WithClaim("aud", {{"suite", true}}), "the token is for another audience"},
      {"no audience", Without("aud"), "the token is for another audience"},
      {"another issuer", WithClaim("iss", "https://issuer.evil"), "the issuer is not accepted"},
      {"the issuer with a slash", WithClaim("iss", "https://issuer/"), "the issuer is not accepted"},
      {"no issuer", Without("iss"), "the issuer is not accepted"},
      {"expired", WithClaim("exp", now - 31), "the token has expired"},
      {"expired long ago, before zero", WithClaim("exp", -1), "the token does not say when it expires"},
      {"expires never", WithClaim("exp", 1e300), "the token does not say when it expires"},
      {"expires in words", WithClaim("exp", std::to_string(now + 3600)), "the token does not say when it expires"},
      {"expires in a list", WithClaim("exp", {now + 3600}), "the token does not say when it expires"},
      {"expires in an object", WithClaim("exp", {{"at", now + 3600}}), "the token does not say when it expires"},
      {"no expiry", Without("exp"), "the token does not say when it expires"},
      {"not yet valid", WithClaim("nbf", now + 31), "the token is not valid yet"},
      {"issued tomorrow", WithClaim("iat", now + 86400), "the token is not valid yet"},
      {"not before in words", WithClaim("nbf", "soon"), "the claim nbf is no time"},
      {"unknown key", SignedWith(unknown, Claims().dump()), "the key is not known"},
      {"no kid", With(R"({"alg":"ES256"})"), "the key is not known"},
      {"kid is a path", With(R"({"alg":"ES256","kid":"../../../../dev/null"})"), "the key is not known"},
      {"kid is the path of the set", With(json{{"alg", "ES256"}, {"kid", Path("jwks.json")}}.dump()),
       "the key is not known"},
      {"kid is SQL", With(R"({"alg":"ES256","kid":"x' UNION SELECT 'secret"})"), "the key is not known"},
      {"kid ends in a zero byte", With("{\"alg\":\"ES256\",\"kid\":\"first\\u0000\"}"), "the key is not known"},
      {"kid twice", With(R"({"alg":"ES256","kid":"second","kid":"first"})"), "not a token"},
      {"signed by another key of that name", SignedWith(same_name, Claims().dump()), "the signature is wrong"},
      {"brings its own key along",
       [&] {
         json header = {{"alg", "ES256"}, {"kid", "first"}, {"jwk", ParseObject(*PublicJwks({same_name}))["keys"][0]}};
         const std::string token = SignedWith(same_name, Claims().dump());
         return Base64Url(header.dump()) + token.substr(token.find('.'));
       }(),
       "the signature is wrong"},
      {"names a place for its key", With(R"({"alg":"ES256","kid":"third","jku":"http://127.0.0.1/keys"})"),
       "the key is not known"},
      {"payload swapped", Part(0) + "." + Base64Url(boss.dump()) + "." + Part(2), "the signature is wrong"},
      {"signature cut short", Part(0) + "." + Part(1) + "." + Part(2).substr(0, 40), "the signature is wrong"},
      {"no signature", Part(0) + "." + Part(1) + ".", "the signature is wrong"},
      {"signature of zeros (CVE-2022-21449)", Part(0) + "." + Part(1) + "." + Base64Url(std::string(64, '\0')),
       "the signature is wrong"},
      {"critical extension", With(R"({"alg":"ES256","kid":"first","crit":["b64"],"b64":false})"),
       "the token demands an extension"},
      {"empty crit", With(R"({"alg":"ES256","kid":"first","crit":[]})"), "the token demands an extension"},
      {"another kind of token", With(R"({"alg":"ES256","kid":"first","typ":"logout+jwt"})"),
       "the token is of another type"},
      {"typ is a number", With(R"({"alg":"ES256","kid":"first","typ":1})"), "the token is of another type"},
      {"no subject", Without("sub"), "the subject is missing"},
      {"empty subject", WithClaim("sub", ""), "the subject is missing"},
      {"subject is a number", WithClaim("sub", 7), "the subject is missing"},
      {"subject with a line break", WithClaim("sub", "li\n{\"caller\":\"boss\"}"), "the subject is missing"},
      {"subject without end", WithClaim("sub", std::string(201, 'x')), "the subject is missing"},
      {"jti is no text", WithClaim("jti", {1}), "the claim jti is no text"},
      {"a claim twice", WithClaims(doubled + R"(,"roles":["group_manager"]})"), "not a token"},
      {"a name twice deep inside", WithClaims(doubled + R"(,"x":{"y":[{"a":1,"a":2}]}})"), "not a token"},
      {"too deep", WithClaims(doubled + R"(,"x":)" + std::string(40, '[') + std::string(40, ']') + "}"), "not a token"},
      {"a comma too many", WithClaims(doubled + ",}"), "not a token"},
      {"text after the claims", WithClaims(Claims().dump() + "{}"), "not a token"},
      {"not UTF-8", WithClaims(doubled + ",\"x\":\"\xff\"}"), "not a token"},
      {"too large", WithClaim("x", std::string(9000, 'x')), "the token is too large"},
      {"padding", Header() + "." + Part(1) + "=." + Part(2), "not a token"},
      {"a plus of the other alphabet", Part(0) + "." + Part(1) + "." + "+" + Part(2).substr(1), "not a token"},
      {"a space inside", Part(0) + "." + Part(1) + "." + Part(2).insert(10, " "), "not a token"},
      {"left-over bits", Part(0) + "." + Part(1) + "." + Part(2).substr(0, 85) + (Part(2)[85] == 'B' ? "C" : "B"),
       "not a token"},
      {"two parts", Part(0) + "." + Part(1), "not a token"},
      {"four parts", Signed(Claims()) + ".x", "not a token"},
      {"encrypted", Signed(Claims()) + ".x.y", "not a token"},
      {"nothing at all", "", "no token"},
      {"dots", "..", "not a token"},
      {"too many stores",
       [&] {
         json stores = json::array();
         for (int i = 0; i < 1001; ++i) stores.push_back("x");
         return WithClaim("stores", stores);
       }(),
       "the token names too many stores"},
  };
  const auto verifier = Verifier();
  for (const Attack& attack : attacks) {
    const auto verified = verifier->Verify(attack.token, kTestNow);
    EXPECT_EQ(WhyRefused(verified), attack.why) << attack.name;
    if (!verified.ok() && attack.token.size() > 20) {
      EXPECT_EQ(std::string(verified.status().message()).find(attack.token.substr(0, 20)), std::string::npos)
          << attack.name << " is echoed";
    }
  }
  EXPECT_TRUE(verifier->Verify(Signed(Claims()), kTestNow).ok()) << "the good one, after all of them";
}

TEST_F(TokenAttacks, DoNotStopWhatIsOnlyOdd) {
  const int64_t now = absl::ToUnixSeconds(kTestNow);
  const auto verifier = Verifier();
  EXPECT_EQ(WhyRefused(verifier->Verify(WithClaim("aud", {"x", "other"}), kTestNow)), "");
  EXPECT_EQ(WhyRefused(verifier->Verify(WithClaim("exp", now - 29), kTestNow)), "") << "within the leeway";
  EXPECT_EQ(WhyRefused(verifier->Verify(WithClaim("exp", now + 0.5), kTestNow)), "");
  EXPECT_EQ(WhyRefused(verifier->Verify(WithClaim("nbf", now + 29), kTestNow)), "");
  EXPECT_EQ(WhyRefused(verifier->Verify(Without("iat"), kTestNow)), "");
  EXPECT_EQ(WhyRefused(verifier->Verify(WithClaim("anything", {{"deep", {1, 2}}}), kTestNow)), "");
}

TEST_F(TokenAttacks, GainNoRoleThatTheIssuerMayNotGive) {
  IssuerSettings partner = Accepted();
  partner.role_map = {{"advisor", "service_adviser"}};
  const auto verifier = Made({.issuers = {partner}});
  const auto identity = verifier->Verify(WithClaim("roles", {"advisor", "suite_service", "group_manager"}), kTestNow);
  ASSERT_TRUE(identity.ok());
  EXPECT_EQ(identity->roles, std::set<aftersales::options::v1::Role>{aftersales::options::v1::ROLE_SERVICE_ADVISER});
}

TEST_F(TokenAttacks, DoNotCrossFromOneIssuerToAnother) {
  const std::string other_key = NewPrivateJwk("first");
  Write("other.json", *PublicJwks({other_key}));
  IssuerSettings other{"https://other", {"suite"}, Path("other.json")};
  const auto verifier = Made({.issuers = {Accepted(), other}});
  json claims = Claims();
  EXPECT_TRUE(verifier->Verify(Signed(claims), kTestNow).ok());
  EXPECT_EQ(WhyRefused(verifier->Verify(SignedWith(other_key, claims.dump()), kTestNow)), "the signature is wrong");
  claims["iss"] = "https://other";
  EXPECT_TRUE(verifier->Verify(SignedWith(other_key, claims.dump()), kTestNow).ok());
  EXPECT_EQ(WhyRefused(verifier->Verify(Signed(claims), kTestNow)), "the signature is wrong");
}

TEST_F(TokenAttacks, AreHeldToTheIssuersOwnAlgorithms) {
  IssuerSettings only_rsa = Accepted();
  only_rsa.algorithms = {"RS256"};
  EXPECT_EQ(WhyRefused(Made({.issuers = {only_rsa}})->Verify(Signed(Claims()), kTestNow)),
            "the algorithm is not allowed");
  only_rsa.algorithms = {"HS256"};
  EXPECT_FALSE(MakeTokenVerifier({.issuers = {only_rsa}}).ok());
}

TEST_F(TokenAttacks, FindARevokedTokenGoneAlsoWhenItWasVerifiedBefore) {
  Write("revoked", "# stolen laptops\nold 2026-01-01T00:00:00Z\n");
  const auto verifier = Made({.issuers = {Accepted()}, .revoked_tokens_file = Path("revoked")});
  const std::string stolen = WithClaim("jti", "stolen");
  const std::string other = WithClaim("jti", "other");
  EXPECT_EQ(WhyRefused(verifier->Verify(stolen, kTestNow)), "");
  Write("revoked", "stolen\nother 2026-01-01T00:00:00Z # its time is over, so is the token's\n");
  const absl::Time later = kTestNow + absl::Seconds(2);
  EXPECT_EQ(WhyRefused(verifier->Verify(stolen, later)), "the token was revoked");
  EXPECT_EQ(WhyRefused(verifier->Verify(other, later)), "");
  Write("revoked", "stolen\nthis is no entry at all\n");
  EXPECT_EQ(WhyRefused(verifier->Verify(stolen, later + absl::Seconds(2))), "the token was revoked")
      << "a list with an error changes nothing";
  Write("revoked", "nobody\n");
  EXPECT_EQ(WhyRefused(verifier->Verify(stolen, later + absl::Seconds(4))), "");
  EXPECT_FALSE(MakeTokenVerifier({.issuers = {Accepted()}, .revoked_tokens_file = Path("nowhere")}).ok());
}

TEST_F(TokenAttacks, GetTheSameAnswerOnManyThreads) {
  const auto verifier = Verifier();
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < 50; ++j) {
        json claims = Claims();
        claims["sub"] = absl::StrCat("person ", i, " ", j);
        const std::string token = Signed(claims);
        const auto identity = verifier->Verify(token, kTestNow);
        if (!identity.ok() || identity->subject != claims["sub"]) ++wrong;
        if (verifier->Verify(token.substr(0, token.size() - 4) + "AAAA", kTestNow).ok()) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

// The library would end the process over the first of them.
TEST(PublishedKeys, WithNumbersThatAreNoBase64UrlAreRefused) {
  const json good = {{"kty", "EC"},
                     {"crv", "P-256"},
                     {"kid", "k"},
                     {"x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"},
                     {"y", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}};
  EXPECT_TRUE(ReadKey(good).ok()) << ReadKey(good).status();
  for (const char* wrong :
       {"f83OJ3D2xF1Bg8vub9tL=1gHMzV76e8Tus9uPHvRVEU", "f83OJ3D2xF1B/8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU=", "A", ""}) {
    json bad = good;
    bad["x"] = wrong;
    EXPECT_FALSE(ReadKey(bad).ok()) << wrong;
    EXPECT_FALSE(ReadKey({{"kty", "RSA"}, {"kid", "r"}, {"n", wrong}, {"e", "AQAB"}}).ok()) << wrong;
  }
  json number = good;
  number["x"] = 5;
  EXPECT_FALSE(ReadKey(number).ok());
}

TEST(Base64Url, HasOneTextPerContent) {
  EXPECT_EQ(Base64UrlDecode("YQ"), "a");
  EXPECT_EQ(Base64UrlDecode(""), "");
  for (const char* wrong : {"YQ==", "YR", "Y", "Y Q", "YQ\n", "Y+", "Y/", "YQ="}) {
    EXPECT_FALSE(Base64UrlDecode(wrong).has_value()) << wrong;
  }
}

}  // namespace
}  // namespace chassis::identity
