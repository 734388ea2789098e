// Several issuers, as settings and as keys that come over HTTP.
#include "chassis/identity/issuers.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "chassis/identity/key_fetch.h"
#include "chassis/identity/own_token.h"
#include "chassis/identity/token_workshop_for_test.h"
#include "chassis/telemetry/metrics.h"
#include "tests/harness/database.h"

namespace chassis::identity {
namespace {

using nlohmann::json;

constexpr absl::Duration kPatience = absl::Seconds(20);

// ---------------------------------------------------------------- settings

config::Config Settings(const std::map<std::string, std::string>& values) {
  config::Config config(config::IdentitySettings());
  for (const auto& [name, value] : values) config.Set(name, value);
  return config;
}

class Issuers : public TokenTest {};

TEST_F(Issuers, AreReadFromTheirFile) {
  const auto issuers = ParseIssuers(R"([
    {"issuer": "https://login", "audiences": ["aftersales", "desk"], "jwks": "https://login/keys",
     "ca_file": "/etc/ca.crt", "algorithms": ["RS256", "ES256"], "leeway_seconds": 5,
     "claims": {"subject": "email", "roles": "realm_access.roles", "stores": "https://login/stores", "group_value": "all"},
     "role_map": {"Serviceberater": "service_adviser"}},
    {"issuer": "gateway", "audiences": ["aftersales"], "jwks": "/keys/gateway.json"}])");
  ASSERT_TRUE(issuers.ok()) << issuers.status();
  ASSERT_EQ(issuers->size(), 2u);
  const IssuerSettings& login = (*issuers)[0];
  EXPECT_EQ(login.audiences, (std::vector<std::string>{"aftersales", "desk"}));
  EXPECT_EQ(login.leeway, absl::Seconds(5));
  EXPECT_EQ(login.claims.roles, "realm_access.roles");
  EXPECT_EQ(login.claims.group_value, "all");
  EXPECT_EQ(login.role_map.at("Serviceberater"), "service_adviser");
  EXPECT_EQ((*issuers)[1].leeway, absl::Seconds(30));
  EXPECT_EQ((*issuers)[1].claims.subject, "sub");
}

TEST_F(Issuers, AreRefusedWithWhatIsWrong) {
  const auto why = [](const std::string& text) { return std::string(ParseIssuers(text).status().message()); };
  const auto one = [](const std::string& more) {
    return R"([{"issuer":"x","audiences":["a"],"jwks":"/k")" + more + "}]";
  };
  EXPECT_EQ(why(one("")), "");
  EXPECT_NE(why("{}"), "");
  EXPECT_NE(why("[]"), "");
  EXPECT_NE(why(one(R"(,"issuer":"y")")), "") << "a name twice";
  EXPECT_NE(why(one(R"(,"audience":"a")")).find("audience"), std::string::npos) << "unknown name";
  EXPECT_NE(why(one(R"(,"leeway_seconds":301)")).find("leeway_seconds"), std::string::npos);
  EXPECT_NE(why(one(R"(,"leeway_seconds":-1)")).find("leeway_seconds"), std::string::npos);
  EXPECT_NE(why(one(R"(,"algorithms":[])")).find("algorithms"), std::string::npos);
  EXPECT_NE(why(one(R"(,"role_map":{"x":"emperor"})")).find("role_map"), std::string::npos);
  EXPECT_NE(why(one(R"(,"claims":{"role":"r"})")).find("role"), std::string::npos);
}

TEST_F(Issuers, StandInTheShortFormOrInTheFile) {
  Write("issuers.json", R"([{"issuer":"x","audiences":["a"],"jwks":"/k"}])");
  const auto of_file = VerifierSettingsFrom(Settings({{"issuers-file", Path("issuers.json")}}));
  ASSERT_TRUE(of_file.ok()) << of_file.status();
  EXPECT_EQ(of_file->issuers[0].issuer, "x");
  const auto in_short = VerifierSettingsFrom(Settings({{"issuer", "y"}, {"jwks-file", "/k"}}));
  ASSERT_TRUE(in_short.ok());
  EXPECT_EQ(in_short->issuers[0].audiences, std::vector<std::string>{"aftersales"});
  for (const char* name : {"issuer", "jwks-file"}) {
    EXPECT_FALSE(VerifierSettingsFrom(Settings({{"issuers-file", Path("issuers.json")}, {name, "z"}})).ok()) << name;
  }
  EXPECT_FALSE(VerifierSettingsFrom(Settings({{"issuers-file", "/nowhere"}})).ok());
  EXPECT_EQ(OwnIssuerIn(Settings({{"issuer", "y"}})), "y");
  EXPECT_EQ(OwnIssuerIn(Settings({{"issuer", "y"}, {"own-issuer", "me"}})), "me");
}

TEST_F(Issuers, SayRolesAndStoresInTheirOwnClaims) {
  IssuerSettings settings = Accepted();
  settings.claims = {"partner:{email}", "realm_access.roles", "https://login/stores", "all"};
  settings.role_map = {{"Serviceberater", "service_adviser"}, {"Kasse", "cashier"}};
  json claims = Claims();
  claims["email"] = "li@example";
  claims["realm_access"] = {{"roles", {"Serviceberater", "Kasse", "Hausmeister"}}};
  claims["https://login/stores"] = kTestStore;
  const auto identity = Made({.issuers = {settings}})->Verify(Signed(claims), kTestNow);
  ASSERT_TRUE(identity.ok()) << identity.status();
  EXPECT_EQ(identity->subject, "partner:li@example");
  EXPECT_EQ(identity->roles.size(), 2u);
  EXPECT_TRUE(identity->ActsFor(kTestStore));
  EXPECT_FALSE(identity->group);
  claims["https://login/stores"] = {"all"};
  EXPECT_TRUE(Made({.issuers = {settings}})->Verify(Signed(claims), kTestNow)->group);
  claims["https://login/stores"] = {"*"};
  EXPECT_FALSE(Made({.issuers = {settings}})->Verify(Signed(claims), kTestNow)->group);
}

// ---------------------------------------------------------------- services known by tokens of their platform

class ServiceTokens : public TokenTest {
 protected:
  // As it is deployed.
  static absl::StatusOr<std::vector<IssuerSettings>> IssuersIn(const std::string& file) {
    std::ifstream stream(harness::SourceDirectory() + "/" + file);
    return ParseIssuers(std::string(std::istreambuf_iterator<char>(stream), {}));
  }
};

TEST_F(ServiceTokens, AreReadAgainWhenSomebodyRenewsTheirFile) {
  TokenFile own(Path("token"));
  EXPECT_FALSE(own.Load().ok()) << "there is none";
  Write("token", "two words");
  EXPECT_FALSE(own.Load().ok()) << "nor is this one";
  Write("token", "first.token.x\n");
  ASSERT_TRUE(own.Load().ok());
  EXPECT_EQ(own.Get(), "first.token.x");
  Write("token", "second.token.x");
  EXPECT_EQ(own.Get(), "second.token.x") << "without a restart";
  Write("token", "");
  EXPECT_EQ(own.Get(), "second.token.x") << "nothing is no token";
  std::filesystem::remove(Path("token"));
  EXPECT_EQ(own.Get(), "second.token.x");
}

// The platform knows nothing of our roles and stores, so the issuers' file says who is a service of the suite.
TEST_F(ServiceTokens, OfKubernetesMakeListedAccountsServicesOfTheSuite) {
  auto issuers = IssuersIn("k8s/base/issuers/services.json");
  ASSERT_TRUE(issuers.ok()) << issuers.status();
  ASSERT_EQ(issuers->size(), 2u);
  IssuerSettings platform = (*issuers)[1];
  platform.jwks = Path("jwks.json");
  const auto verifier = Made({.issuers = {platform}});
  json claims = Claims();
  claims.erase("stores");
  claims["roles"] = {"suite_service"};  // the platform has no such claim; if it had one, it would mean nothing
  claims["iss"] = platform.issuer;
  claims["aud"] = {"aftersales"};
  claims["sub"] = "system:serviceaccount:aftersales:parts-svc";
  claims["kubernetes.io"] = {{"namespace", "aftersales"}, {"serviceaccount", {{"name", "parts-svc"}, {"uid", "7"}}}};
  const auto service = verifier->Verify(Signed(claims), kTestNow);
  ASSERT_TRUE(service.ok()) << service.status();
  EXPECT_EQ(service->subject, "service:parts-svc");
  EXPECT_TRUE(service->Has(aftersales::options::v1::ROLE_SUITE_SERVICE));
  EXPECT_TRUE(service->group);

  claims["sub"] = "system:serviceaccount:elsewhere:parts-svc";
  const auto namesake = verifier->Verify(Signed(claims), kTestNow);
  ASSERT_TRUE(namesake.ok());
  EXPECT_TRUE(namesake->roles.empty()) << "an account of the same name in another namespace is nobody";
  claims["kubernetes.io"]["serviceaccount"] = "parts-svc";
  EXPECT_EQ(WhyRefused(verifier->Verify(Signed(claims), kTestNow)), "the subject is missing");
}

TEST_F(ServiceTokens, CannotBeMadeByTheLoginOfPeople) {
  for (const char* file : {"k8s/base/issuers/services.json", "k8s/base/issuers/gateway.json",
                           "k8s/overlays/dev/issuers/services.json", "k8s/overlays/dev/issuers/gateway.json"}) {
    const auto issuers = IssuersIn(file);
    ASSERT_TRUE(issuers.ok()) << file << ": " << issuers.status();
    IssuerSettings login = issuers->front();
    login.jwks = Path("jwks.json");
    json claims = Claims();
    claims["iss"] = login.issuer;
    claims["aud"] = "aftersales";
    claims["roles"] = {"service_adviser", "suite_service"};
    const auto person = Made({.issuers = {login}})->Verify(Signed(claims), kTestNow);
    ASSERT_TRUE(person.ok()) << file << ": " << person.status();
    EXPECT_EQ(person->roles, std::set{aftersales::options::v1::ROLE_SERVICE_ADVISER}) << file;
  }
}

// ---------------------------------------------------------------- keys from afar

// An issuer's server, without a network.
class FarKeys {
 public:
  void Publish(absl::StatusOr<std::string> keys) {
    absl::MutexLock lock(&mutex_);
    keys_ = std::move(keys);
  }
  int fetches() const { return fetches_; }
  FetchJwks Fetch() {
    return [this](const IssuerSettings&) {
      ++fetches_;
      absl::MutexLock lock(&mutex_);
      return keys_;
    };
  }

 private:
  std::atomic<int> fetches_{0};
  absl::Mutex mutex_;
  absl::StatusOr<std::string> keys_ = absl::UnavailableError("away");
};

class KeysFromAfar : public TokenTest {
 protected:
  VerifierSettings Settings() {
    VerifierSettings settings;
    settings.issuers = {{"https://issuer", {"suite"}, "https://issuer/keys"}};
    settings.refresh_interval = absl::Hours(1);
    settings.refetch_interval = absl::Seconds(30);
    settings.fetch = far_.Fetch();
    settings.metrics = &metrics_;
    return settings;
  }
  // Fetches happen beside the calls.
  static bool Soon(const std::function<bool()>& holds) {
    const absl::Time end = absl::Now() + kPatience;
    while (!holds()) {
      if (absl::Now() > end) return false;
      std::this_thread::yield();
    }
    return true;
  }
  double Loaded(const char* outcome) {
    return metrics_.Counter("token_keys_loaded_total", "", {{"issuer", "https://issuer"}, {"outcome", outcome}})
        .Value();
  }

  telemetry::Metrics metrics_;
  FarKeys far_;
};

TEST_F(KeysFromAfar, AreFetchedAgainWhenATokenNamesANewOneButNotAllTheTime) {
  far_.Publish(*PublicJwks({key_}));
  const auto verifier = Made(Settings());
  EXPECT_EQ(far_.fetches(), 1);
  EXPECT_TRUE(verifier->Verify(Signed(Claims()), kTestNow).ok());
  const std::string second = NewPrivateJwk("second");
  const std::string token = SignedWith(second, Claims().dump());
  far_.Publish(*PublicJwks({key_, second}));
  EXPECT_EQ(WhyRefused(verifier->Verify(token, kTestNow)), "the key is not known") << "no call waits for a fetch";
  EXPECT_TRUE(Soon([&] { return verifier->Verify(token, kTestNow).ok(); }));
  EXPECT_EQ(far_.fetches(), 2);
  const std::string stranger = SignedWith(NewPrivateJwk("third"), Claims().dump());
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(verifier->Verify(stranger, kTestNow + absl::Seconds(29)).ok());
  EXPECT_EQ(far_.fetches(), 2) << "within the interval nobody is asked";
  EXPECT_FALSE(verifier->Verify(stranger, kTestNow + absl::Seconds(30)).ok());
  EXPECT_TRUE(Soon([&] { return far_.fetches() == 3; }));
}

TEST_F(KeysFromAfar, StayInForceWhileTheIssuerIsAway) {
  far_.Publish(*PublicJwks({key_}));
  const auto verifier = Made(Settings());
  const std::string stranger = SignedWith(NewPrivateJwk("third"), Claims().dump());
  int failed = 0;
  for (const absl::StatusOr<std::string>& answer :
       {absl::StatusOr<std::string>(absl::UnavailableError("away")), absl::StatusOr<std::string>("<html>"),
        absl::StatusOr<std::string>(R"({"keys":[]})")}) {
    far_.Publish(answer);
    ++failed;
    EXPECT_FALSE(verifier->Verify(stranger, kTestNow + absl::Minutes(failed)).ok());
    EXPECT_TRUE(Soon([&] { return Loaded("failed") == failed; }));
    json claims = Claims();
    claims["n"] = failed;
    EXPECT_TRUE(verifier->Verify(Signed(claims), kTestNow + absl::Minutes(failed)).ok());
  }
}

TEST_F(KeysFromAfar, WithdrawnOnesVerifyNothingMoreNotEvenWhatTheyDidBefore) {
  far_.Publish(*PublicJwks({key_}));
  const auto verifier = Made(Settings());
  const std::string token = Signed(Claims());
  EXPECT_TRUE(verifier->Verify(token, kTestNow).ok());
  far_.Publish(*PublicJwks({NewPrivateJwk("second")}));
  verifier->Verify(SignedWith(NewPrivateJwk("third"), Claims().dump()), kTestNow).IgnoreError();
  EXPECT_TRUE(Soon([&] { return !verifier->Verify(token, kTestNow).ok(); }));
}

TEST_F(KeysFromAfar, AreWaitedForByNoCall) {
  far_.Publish(*PublicJwks({key_}));
  VerifierSettings settings = Settings();
  absl::Notification began, go_on;
  std::atomic<int> fetches{0};
  settings.fetch = [&, far = far_.Fetch()](const IssuerSettings& issuer) {
    if (++fetches > 1) {
      began.Notify();
      go_on.WaitForNotificationWithTimeout(kPatience);
    }
    return far(issuer);
  };
  const auto verifier = Made(settings);
  EXPECT_FALSE(verifier->Verify(SignedWith(NewPrivateJwk("third"), Claims().dump()), kTestNow).ok());
  ASSERT_TRUE(began.WaitForNotificationWithTimeout(kPatience));
  for (int i = 0; i < 10; ++i) {
    json claims = Claims();
    claims["n"] = i;
    EXPECT_TRUE(verifier->Verify(Signed(claims), kTestNow + absl::Seconds(2) * i).ok());
  }
  EXPECT_EQ(fetches, 2) << "the issuer is still thinking";
  go_on.Notify();
}

TEST_F(KeysFromAfar, MayComeAfterTheStart) {
  const auto verifier = Made(Settings());
  EXPECT_EQ(WhyRefused(verifier->Verify(Signed(Claims()), kTestNow)), "the key is not known");
  far_.Publish(*PublicJwks({key_}));
  EXPECT_TRUE(Soon([&] {
    verifier->Verify(Signed(Claims()), kTestNow).IgnoreError();
    return verifier->Verify(Signed(Claims()), kTestNow + absl::Minutes(1)).ok();
  }));
}

TEST_F(KeysFromAfar, ComeOnlyOverHttpsOrLoopback) {
  for (const char* good : {"https://login.example/keys?v=1", "http://127.0.0.1:8080/keys", "http://localhost/keys",
                           "http://[::1]:80/keys", "http://127.1.2.3/keys"}) {
    EXPECT_TRUE(CheckJwksUrl(good).ok()) << good << " " << CheckJwksUrl(good);
  }
  for (const char* wrong :
       {"http://login.example/keys", "http://127.0.0.1.evil.example/keys", "http://localhost.evil.example/keys",
        "http://10.0.0.1/keys", "https://user:password@login.example/keys", "https://login.example/keys#a", "https://",
        "http://127.evil.example/keys"}) {
    EXPECT_FALSE(CheckJwksUrl(wrong).ok()) << wrong;
  }
  EXPECT_FALSE(MakeTokenVerifier({.issuers = {{"x", {"a"}, "http://login.example/keys"}}}).ok());
}

// ---------------------------------------------------------------- over a socket

// Answers every connection with the same bytes.
class TinyServer {
 public:
  explicit TinyServer(std::string answer) : answer_(std::move(answer)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_, 8), 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~TinyServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  std::string Url() const { return absl::StrCat("http://127.0.0.1:", port_, "/keys"); }

 private:
  void Serve() {
    for (;;) {
      const int client = ::accept(listener_, nullptr, nullptr);
      if (client < 0) return;
      char request[4096];
      if (::read(client, request, sizeof(request)) > 0) {
        size_t sent = 0;
        while (sent < answer_.size()) {
          const ssize_t n = ::send(client, answer_.data() + sent, answer_.size() - sent, MSG_NOSIGNAL);
          if (n <= 0) break;
          sent += static_cast<size_t>(n);
        }
      }
      ::close(client);
    }
  }

  const std::string answer_;
  int listener_ = -1;
  int port_ = 0;
  std::thread thread_;
};

std::string Http(const std::string& status, const std::string& body, const std::string& more = "") {
  return absl::StrCat("HTTP/1.1 ", status, "\r\nContent-Type: application/json\r\nConnection: close\r\n", more,
                      "Content-Length: ", body.size(), "\r\n\r\n", body);
}

TEST_F(KeysFromAfar, AreFetchedOverHttpWithinLimits) {
  const auto fetch = [](const TinyServer& server) {
    return FetchOverHttp({"https://issuer", {"suite"}, server.Url()});
  };
  const std::string keys = *PublicJwks({key_});
  {
    const TinyServer server(Http("200 OK", keys));
    const auto verifier = Made({.issuers = {{"https://issuer", {"suite"}, server.Url()}}});
    EXPECT_TRUE(verifier->Verify(Signed(Claims()), kTestNow).ok());
  }
  {
    const TinyServer moved(Http("302 Found", "", "Location: http://127.0.0.1/other\r\n"));
    EXPECT_NE(std::string(fetch(moved).status().message()).find("302"), std::string::npos) << "nothing is followed";
  }
  {
    const TinyServer broken(Http("500 Internal Server Error", keys));
    EXPECT_FALSE(fetch(broken).ok());
  }
  {
    const TinyServer endless(Http("200 OK", std::string(kKeySetBytesMax + 1, ' ')));
    EXPECT_FALSE(fetch(endless).ok());
  }
  {
    const TinyServer mute("");
    EXPECT_FALSE(fetch(mute).ok());
  }
}

}  // namespace
}  // namespace chassis::identity
