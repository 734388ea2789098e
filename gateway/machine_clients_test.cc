// Clients known by their certificate: the list, and the whole way to a service that verifies the token.
#include "gateway/machine_clients.h"

#include <grpcpp/security/credentials.h>

#include "chassis/client/tls.h"
#include "gateway/door_for_test.h"

namespace gateway {
namespace {

namespace options = aftersales::options::v1;
using chassis::identity::Identity;

constexpr char kStore[] = "00000000-0000-7000-8000-000000000001";

std::string Listed(const std::string& certificate, const std::string& subject, const std::string& role = "gate_guard",
                   const std::string& store = kStore) {
  return absl::StrCat(R"({"certificate":")", certificate, R"(","subject":")", subject, R"(","roles":[")", role,
                      R"("],"stores":[")", store, "\"]}");
}

// ---------------------------------------------------------------- the list

class MachineList : public DoorTest {
 protected:
  MachineList() {
    std::ofstream(directory_ + "/own.jwk") << chassis::identity::NewPrivateJwk("gateway-1");
    machines_ = std::make_unique<MachineClients>(
        directory_ + "/machines.json",
        chassis::identity::LoadTokenIssuer(directory_ + "/own.jwk", "gateway", "aftersales").value(), ids_);
  }
  absl::Status Load(const std::string& list) {
    Replace(directory_ + "/machines.json", list);
    return machines_->Load();
  }
  std::string SubjectOf(const std::vector<std::string>& names) {
    const auto caller = machines_->Find(names, clock_.Now());
    return caller.has_value() ? caller->identity.subject : "";
  }

  chassis::CountingIds ids_;
  std::unique_ptr<MachineClients> machines_;
};

TEST_F(MachineList, TellsWhoShowsACertificate) {
  ASSERT_TRUE(Load(absl::StrCat("[", Listed("uri:spiffe://shop/gate-7", "gate-7"), ",", Listed("cn:scanner", "scanner"),
                                ",", Listed("dns:gate-7.shop", "gate-7"), "]"))
                  .ok());
  EXPECT_EQ(SubjectOf({"uri:spiffe://shop/gate-7", "cn:somebody"}), "gate-7");
  EXPECT_EQ(SubjectOf({"uri:spiffe://shop/gate-7", "dns:gate-7.shop"}), "gate-7");
  EXPECT_EQ(SubjectOf({"cn:scanner"}), "scanner");
  EXPECT_EQ(SubjectOf({"dns:scanner", "uri:scanner"}), "") << "the kind of name counts";
  EXPECT_EQ(SubjectOf({"uri:spiffe://shop/gate-7", "cn:scanner"}), "") << "two callers at once are none";
  EXPECT_EQ(SubjectOf({}), "");
  const auto caller = machines_->Find({"cn:scanner"}, clock_.Now());
  EXPECT_TRUE(caller->identity.Has(options::ROLE_GATE_GUARD));
  EXPECT_TRUE(caller->identity.ActsFor(kStore));
}

TEST_F(MachineList, KeepsATokenUntilShortlyBeforeItsEnd) {
  ASSERT_TRUE(Load(absl::StrCat("[", Listed("cn:scanner", "scanner"), "]")).ok());
  const std::string first = machines_->Find({"cn:scanner"}, clock_.Now())->token;
  clock_.Advance(absl::Minutes(9));
  EXPECT_EQ(machines_->Find({"cn:scanner"}, clock_.Now())->token, first);
  clock_.Advance(absl::Minutes(2));
  const auto renewed = machines_->Find({"cn:scanner"}, clock_.Now());
  EXPECT_NE(renewed->token, first);
  EXPECT_EQ(renewed->identity.expire_time, clock_.Now() + absl::Minutes(15));
}

TEST_F(MachineList, IsRefusedWholeWhenAnEntryIsWrong) {
  ASSERT_TRUE(Load(absl::StrCat("[", Listed("cn:scanner", "scanner"), "]")).ok());
  const std::string good = Listed("cn:other", "other");
  for (const std::string& wrong :
       {std::string("["), std::string("{}"), absl::StrCat("[", good, ",1]"), absl::StrCat("[", good, ",", good, "]"),
        absl::StrCat("[", good, ",", Listed("scanner", "x"), "]"),
        absl::StrCat("[", good, ",", Listed("cn:", "x"), "]"), absl::StrCat("[", good, ",", Listed("cn:y", ""), "]"),
        absl::StrCat("[", good, ",", Listed("cn:y", "x", "emperor"), "]"),
        absl::StrCat("[", good, ",", Listed("cn:y", "x", "suite_service"), "]"),
        absl::StrCat("[", good, ",", Listed("cn:y", "x", "gate_guard", "shop"), "]"),
        std::string(R"([{"certificate":"cn:y","subject":"x","roles":[],"stores":["*"]}])"),
        std::string(R"([{"certificate":"cn:y","subject":"x","roles":["gate_guard"]}])"),
        std::string(R"([{"certificate":"cn:y","subject":"x","roles":["gate_guard"],"stores":["*"],"role":"x"}])")}) {
    EXPECT_FALSE(Load(wrong).ok()) << wrong;
    EXPECT_EQ(SubjectOf({"cn:scanner"}), "scanner");
    EXPECT_EQ(SubjectOf({"cn:other"}), "");
  }
}

// ---------------------------------------------------------------- the whole way

class MachineDoor : public DoorTest {
 protected:
  MachineDoor() {
    const std::string key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    Run(absl::StrCat("req -x509 ", key, " -days 2 -subj /CN=ca -keyout ca.key -out ca.crt"));
    Certify(".", "localhost", "DNS:localhost,IP:127.0.0.1");
    Certify("gate", "gate-7", "URI:spiffe://shop/gate-7,DNS:gate-7.shop");
    Certify("stranger", "stranger", "URI:spiffe://shop/stranger");
    const std::string own = chassis::identity::NewPrivateJwk("gateway-1");
    std::ofstream(directory_ + "/own.jwk") << own;
    std::ofstream(directory_ + "/own.json") << chassis::identity::PublicJwks({own}).value();
    Replace(List(), absl::StrCat("[", Listed("uri:spiffe://shop/gate-7", "gate-7"), "]"));
  }
  std::string List() const { return directory_ + "/machines.json"; }
  void Run(const std::string& arguments) {
    const std::string command = absl::StrCat("cd ", directory_, " && openssl ", arguments, " 2>openssl.log");
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }
  void Certify(const std::string& place, const std::string& name, const std::string& names) {
    std::filesystem::create_directories(directory_ + "/" + place);
    std::ofstream(directory_ + "/names") << "subjectAltName=" << names << "\n";
    Run(absl::StrCat("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=", name, " -keyout ", place,
                     "/tls.key -out request.csr"));
    Run(absl::StrCat("x509 -req -in request.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile names -out ",
                     place, "/tls.crt"));
    if (place != ".") std::filesystem::copy_file(directory_ + "/ca.crt", directory_ + "/" + place + "/ca.crt");
  }
  void OpenFor(const Backend& backend, const Headers& more = {}) {
    Headers settings = {{"tls-directory", directory_},
                        {"machine-clients-file", List()},
                        {"own-key-file", directory_ + "/own.jwk"},
                        {"own-issuer", "gateway"}};
    settings.insert(settings.end(), more.begin(), more.end());
    OpenBefore(backend, settings);
  }
  // "" stands for a client without certificate.
  std::shared_ptr<grpc::Channel> ChannelOf(const std::string& place) {
    std::shared_ptr<grpc::ChannelCredentials> credentials;
    if (place.empty()) {
      std::ifstream file(directory_ + "/ca.crt");
      std::string roots((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
      credentials = grpc::SslCredentials({roots, "", ""});
    } else {
      credentials = chassis::ChannelCredentialsFrom(directory_ + "/" + place);
    }
    return grpc::CreateChannel(absl::StrCat("127.0.0.1:", gateway_->port()), std::move(credentials));
  }
  // A service that accepts the people's issuer and the gateway's, and answers with who called.
  Backend::Script Verifies() {
    chassis::identity::VerifierSettings settings;
    settings.issuers = {{"https://issuer.test", {"aftersales"}, directory_ + "/jwks.json"},
                        {"gateway", {"aftersales"}, directory_ + "/own.json"}};
    verifier_ = chassis::identity::MakeTokenVerifier(settings).value();
    return [this](BackendCall& call) -> Task {
      call.stream.Read(&call.message, &call.read);
      co_await call.read;
      const std::string bearer = call.Header("authorization");
      const absl::StatusOr<Identity> caller =
          verifier_->Verify(bearer.substr(std::min<size_t>(7, bearer.size())), clock_.Now());
      const std::string who = caller.ok() ? caller->subject : "nobody";
      call.stream.Write(Bytes(who), &call.written);
      co_await call.written;
    };
  }

  std::unique_ptr<chassis::identity::TokenVerifier> verifier_;
};

TEST_F(MachineDoor, GivesAListedCertificateAnIdentityTheServiceVerifies) {
  Backend backend({{kCall, Verifies()}});
  OpenFor(backend);
  const auto gate = ChannelOf("gate");
  const Reply reply = gateway::Ask(gate, kCall, "x", {});
  EXPECT_TRUE(reply.status.ok()) << reply.status.error_message();
  EXPECT_EQ(reply.text, "gate-7");
  EXPECT_EQ(gateway::Ask(gate, kCall, "x", WithToken()).text, "wang") << "a token wins";
  EXPECT_EQ(gateway::Ask(gate, kCall, "x", {{"authorization", "Bearer x.y.z"}}).status.error_code(),
            grpc::StatusCode::UNAUTHENTICATED)
      << "also a wrong one";
  const Reply stranger = gateway::Ask(ChannelOf("stranger"), kCall, "x", {});
  EXPECT_EQ(stranger.status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(gateway::Ask(ChannelOf("stranger"), kCall, "x", WithToken()).text, "wang");
}

TEST_F(MachineDoor, FollowsItsListWhileRunning) {
  Backend backend({{kCall, Verifies()}});
  OpenFor(backend);
  const auto gate = ChannelOf("gate");
  EXPECT_EQ(gateway::Ask(gate, kCall, "x", {}).text, "gate-7");
  Replace(List(), "[");
  EXPECT_TRUE(
      Soon([&] { return Metric("gateway_config_reload_total{file=\"machine_clients\",outcome=\"refused\"}") == 1; }));
  EXPECT_EQ(gateway::Ask(gate, kCall, "x", {}).text, "gate-7");
  Replace(List(), "[]");
  EXPECT_TRUE(Soon([&] { return !gateway::Ask(gate, kCall, "x", {}).status.ok(); }));
}

TEST_F(MachineDoor, AsksForCertificatesWithoutDemandingThem) {
  Backend backend({{kCall, Verifies()}});
  OpenFor(backend, {{"require-client-certificate", "false"}});
  EXPECT_EQ(gateway::Ask(ChannelOf("gate"), kCall, "x", {}).text, "gate-7");
  const auto bare = ChannelOf("");
  EXPECT_EQ(gateway::Ask(bare, kCall, "x", WithToken()).text, "wang");
  EXPECT_EQ(gateway::Ask(bare, kCall, "x", {}).status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
}

// The web door, asked by curl in gRPC-Web: a frame of one byte, `x`.
TEST_F(MachineDoor, KnowsMachinesAtTheWebDoorToo) {
  Backend backend({{kCall, Verifies()}});
  OpenFor(backend, {{"web-listen", "127.0.0.1:0"}});
  std::ofstream(directory_ + "/frame", std::ios::binary) << std::string("\0\0\0\0\1x", 6);
  const auto ask = [&](const std::string& more) {
    const std::string command =
        absl::StrCat("cd ", directory_, " && curl -s -i --max-time 20 --cacert ca.crt ", more,
                     " -H 'Content-Type: application/grpc-web+proto' --data-binary @frame -o answer https://localhost:",
                     gateway_->web_port(), kCall);
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
    std::ifstream file(directory_ + "/answer", std::ios::binary);
    return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  };
  const std::string gate = "--cert gate/tls.crt --key gate/tls.key ";
  EXPECT_NE(ask(gate).find("gate-7"), std::string::npos);
  EXPECT_NE(ask(absl::StrCat(gate, "-H 'Authorization: ", Bearer(), "'")).find("wang"), std::string::npos)
      << "a token wins";
  EXPECT_NE(ask("--cert stranger/tls.crt --key stranger/tls.key").find("grpc-status: 16"), std::string::npos);
  EXPECT_NE(ask("").find("grpc-status: 16"), std::string::npos) << "none is demanded";
  EXPECT_NE(ask(absl::StrCat("-H 'Authorization: ", Bearer(), "'")).find("wang"), std::string::npos);
}

}  // namespace
}  // namespace gateway
