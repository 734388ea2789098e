// Callers of several issuers at one door, and tokens that are taken back.
#include "gateway/door_for_test.h"

namespace gateway {
namespace {

class IssuersDoor : public DoorTest {
 protected:
  IssuersDoor() {
    for (const char* name : {"people", "partner"}) {
      const std::string key = chassis::identity::NewPrivateJwk(std::string(name) + "-1");
      std::ofstream(directory_ + "/" + name + ".jwk") << key;
      std::ofstream(directory_ + "/" + name + ".json") << chassis::identity::PublicJwks({key}).value();
    }
    Replace(
        directory_ + "/issuers.json",
        absl::StrCat(R"([{"issuer":"https://people","audiences":["aftersales"],"jwks":")", directory_,
                     R"(/people.json"},{"issuer":"https://partner","audiences":["desk"],"jwks":")", directory_,
                     R"(/partner.json","claims":{"subject":"partner:{sub}"},"role_map":{"desk":"service_adviser"}}])"));
    Replace(directory_ + "/revoked", "# none\n");
  }
  void OpenFor(const Backend& backend) {
    chassis::config::Config config = Settings(absl::StrCat(kPackage, "=", backend.address()));
    config.Set("issuer", "");
    config.Set("jwks-file", "");
    config.Set("issuers-file", directory_ + "/issuers.json");
    config.Set("revoked-tokens-file", directory_ + "/revoked");
    Open(config);
  }
  std::string File(const std::string& name) {
    std::ifstream file(directory_ + "/" + name);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  std::string TokenOf(const std::string& name, const std::string& audience, const std::string& id = "") {
    const auto issuer =
        chassis::identity::LoadTokenIssuer(directory_ + "/" + name + ".jwk", "https://" + name, audience).value();
    chassis::identity::TokenRequest request;
    request.subject = "wang";
    request.roles = {"desk"};
    request.stores = {"*"};
    request.issue_time = clock_.Now();
    request.token_id = id;
    return issuer->Issue(request);
  }
  grpc::StatusCode CodeFor(const std::string& token) {
    return gateway::Ask(channel_, kCall, "x", {{"authorization", "Bearer " + token}}).status.error_code();
  }
};

TEST_F(IssuersDoor, AdmitsEachWithItsOwnKeysAndAudience) {
  Backend backend({{kCall, Echo}});
  OpenFor(backend);
  EXPECT_EQ(CodeFor(TokenOf("people", "aftersales")), grpc::StatusCode::OK);
  EXPECT_EQ(CodeFor(TokenOf("partner", "desk")), grpc::StatusCode::OK);
  EXPECT_EQ(CodeFor(TokenOf("partner", "aftersales")), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(CodeFor(Bearer().substr(7)), grpc::StatusCode::UNAUTHENTICATED) << "an issuer nobody named";
  EXPECT_EQ(Metric("token_keys_loaded_total{issuer=\"https://partner\",outcome=\"ok\"}"), 1);
}

TEST_F(IssuersDoor, TakesTokensAsTheFileSaysFromTheMomentItChanges) {
  Backend backend({{kCall, Echo}});
  const std::string both = File("issuers.json");
  Replace(directory_ + "/issuers.json",
          absl::StrCat(R"([{"issuer":"https://people","audiences":["aftersales"],"jwks":")", directory_,
                       R"(/people.json"}])"));
  OpenFor(backend);
  EXPECT_EQ(CodeFor(TokenOf("partner", "desk")), grpc::StatusCode::UNAUTHENTICATED);
  Replace(directory_ + "/issuers.json", both);
  EXPECT_TRUE(Soon([&] { return CodeFor(TokenOf("partner", "desk")) == grpc::StatusCode::OK; }));
  Replace(directory_ + "/issuers.json", "[]");
  EXPECT_TRUE(Soon([&] { return Metric("gateway_config_reload_total{file=\"issuers\",outcome=\"refused\"}") == 1; }));
  EXPECT_EQ(CodeFor(TokenOf("partner", "desk")), grpc::StatusCode::OK) << "a file that is wrong changes nothing";
}

TEST_F(IssuersDoor, TurnsARevokedTokenAwayThatItKnewWell) {
  Backend backend({{kCall, Echo}});
  OpenFor(backend);
  const std::string stolen = TokenOf("people", "aftersales", "laptop-12");
  EXPECT_EQ(CodeFor(stolen), grpc::StatusCode::OK);
  Replace(directory_ + "/revoked", "laptop-12\n");
  clock_.Advance(absl::Seconds(2));  // it looks once a second
  EXPECT_EQ(CodeFor(stolen), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(CodeFor(TokenOf("people", "aftersales", "laptop-13")), grpc::StatusCode::OK);
}

}  // namespace
}  // namespace gateway
