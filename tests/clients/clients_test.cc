// The client examples as they stand, each against the whole suite: what docs/api.md promises is what they print. They
// run one after the other on one suite, each with a customer and a vehicle of its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "aftersales/crm/v1/customer.pb.h"
#include "tests/demo/opening.h"
#include "tests/demo/suite_stage.h"
#include "tests/harness/certificates.h"
#include "tests/harness/processes.h"
#include "tests/harness/suite.h"

namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

std::string Read(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// A customer with a vehicle. Two that wait already make the queue longer than a page.
struct Guest {
  const char* phone;
  const char* plate;
  const char* vin;
};

class Clients : public ::testing::Test {
 protected:
  struct Scene {
    Scene()
        : directory(harness::ScratchDirectory("clients")),
          suite("", harness::MakeCertificates(directory)),
          time(suite),
          stage(suite.door(), suite.issuer(), time, narrator),
          store(demo::OpenStores(stage, harness::SourceDirectory() + "/tests/data").at("SH01")) {}
    ~Scene() { std::filesystem::remove_all(directory); }
    const std::string directory;
    harness::Suite suite;
    demo::SuiteTime time;
    demo::Quiet narrator;
    demo::Stage stage;
    aftersales::common::v1::Store store;
  };
  static void SetUpTestSuite() {
    try {
      scene_ = std::make_unique<Scene>();
    } catch (const demo::StepFailed& failed) {
      failure_ = failed.what();
    }
  }
  static void TearDownTestSuite() { scene_.reset(); }
  void SetUp() override { ASSERT_TRUE(scene_) << failure_; }

  std::string Token(const std::string& subject) {
    return scene_->suite.issuer().Issue({.subject = subject,
                                         .roles = {"service_adviser", "gate_guard", "integration_client"},
                                         .stores = {scene_->store.store_id()},
                                         .issue_time = absl::Now()});
  }

  // What the program printed; it must end well.
  std::string Played(const std::string& name, std::vector<std::string> command, const Guest& guest) {
    const harness::Suite& suite = scene_->suite;
    std::vector<std::string> whole = {"/usr/bin/env",
                                      absl::StrCat("AFTERSALES_TARGET=127.0.0.1:", suite.PortOf("gateway")),
                                      absl::StrCat("AFTERSALES_WEB=https://127.0.0.1:", suite.WebPortOf("gateway")),
                                      "AFTERSALES_TLS=" + suite.ClientTls(),
                                      "AFTERSALES_TOKEN=" + Token(name + "-adviser"),
                                      "AFTERSALES_STORE=" + scene_->store.store_id(),
                                      "AFTERSALES_DESCRIPTORS=" + harness::BinaryDirectory() + "/aftersales.binpb",
                                      "PYTHONPATH=" MODULES};
    whole.insert(whole.end(), command.begin(), command.end());
    whole.insert(whole.end(), {guest.phone, guest.plate, guest.vin});
    const std::string output = scene_->directory + "/" + name + ".out";
    EXPECT_EQ(harness::RunToEnd(whole, output), 0) << Read(output);
    return Read(output);
  }

  // What a block of shell said; it must end well. A stream is looked at for two seconds.
  std::string Pasted(const std::string& block, const std::string& name) {
    const std::string web = absl::StrCat("https://127.0.0.1:", scene_->suite.WebPortOf("gateway"));
    const std::string script = absl::StrCat(
        "set -e\ndoor() { curl --silent --show-error --fail-with-body --max-time 2 --cacert \"$CA\" \"$@\" || [ $? = "
        "28 ]; }\n",
        absl::StrReplaceAll(block, {{"https://127.0.0.1:17002", web}}));
    const std::string output = scene_->directory + "/" + name + ".out";
    const int status = harness::RunToEnd(
        {"/usr/bin/env", "TOKEN=" + Token(name), "STORE=" + scene_->store.store_id(), "CUSTOMER=" + Customer(),
         "CA=" + scene_->suite.ClientTls() + "/ca.crt", "/bin/bash", "-c", script},
        output);
    EXPECT_EQ(status, 0) << block << "\n" << Read(output);
    return Read(output);
  }
  // The id of a new customer.
  std::string Customer() {
    aftersales::crm::v1::CreateCustomerRequest create;
    create.set_store_id(scene_->store.store_id());
    create.mutable_customer()->set_kind(aftersales::crm::v1::Customer::KIND_PERSON);
    create.mutable_customer()->set_name("陈静");
    create.mutable_customer()->set_phone(absl::StrCat("1390000", 2000 + ++serial_));
    return scene_->stage.Do<aftersales::crm::v1::Customer>(demo::Cast(scene_->store).adviser, create).customer_id();
  }

  // What every one of them does, in its own words.
  static void ExpectAMorning(const std::string& said, const Guest& guest) {
    EXPECT_THAT(said, HasSubstr(std::string("vehicle ") + guest.plate));
    EXPECT_THAT(said, ContainsRegex("arrived: SH01-VIS-[0-9]{8}-[0-9]{4}, gate card [^\n]+\n"));
    EXPECT_THAT(said, HasSubstr("repeated: the same visit\n"));
    EXPECT_THAT(said, ContainsRegex("waiting: [1-9]"));
    EXPECT_THAT(said, ContainsRegex("refused: [^\n]*VEHICLE_ALREADY_HERE \\(R-10\\)"));
    EXPECT_THAT(said, ContainsRegex("on the board at revision [1-9]"));
  }
  static std::string Source(const std::string& path) { return harness::SourceDirectory() + "/tests/clients/" + path; }

 private:
  static inline std::unique_ptr<Scene> scene_;
  static inline std::string failure_;
  static inline int serial_ = 0;
};

// The blocks of the guide that call the door, as somebody would paste them.
std::vector<std::string> ExamplesOfTheGuide() {
  std::vector<std::string> examples;
  const std::string guide = Read(harness::SourceDirectory() + "/docs/api.md");
  constexpr std::string_view kFence = "```\n";
  for (size_t open = guide.find("```"); open != std::string::npos;) {
    const size_t begin = guide.find('\n', open) + 1;
    const size_t close = guide.find(kFence, begin);
    if (close == std::string::npos) break;
    const std::string block = guide.substr(begin, close - begin);
    if (block.rfind("door ", 0) == 0) examples.push_back(block);
    open = guide.find("```", close + kFence.size());
  }
  return examples;
}

constexpr Guest kFirst = {"13900001001", "沪A10001", "LSVAA4186C2184847"};
constexpr Guest kSecond = {"13900001002", "沪A10002", "LSVAA4188C2184848"};
constexpr Guest kThird = {"13900001003", "沪A10003", "LSVAA418XC2184849"};
constexpr Guest kFourth = {"13900001004", "沪A10004", "LSVAA4186C2184850"};

TEST_F(Clients, CppSpendsAMorningAtTheReceptionDesk) {
  ExpectAMorning(Played("cpp", {RECEPTION_DESK}, kFirst), kFirst);
}

TEST_F(Clients, PythonSpendsAMorningAtTheReceptionDesk) {
  ExpectAMorning(Played("python", {"/usr/bin/python3", Source("python/reception_desk.py")}, kSecond), kSecond);
}

TEST_F(Clients, NodeSpendsAMorningAtTheReceptionDesk) {
  // Modules of npm, as pinned, beside the other things the build makes.
  const std::string place = harness::BinaryDirectory() + "/clients/node";
  std::filesystem::create_directories(place);
  const std::string pinned = Read(Source("node/package.json"));
  if (Read(place + "/package.json") != pinned || !std::filesystem::exists(place + "/node_modules/@grpc/grpc-js")) {
    std::ofstream(place + "/package.json") << pinned;
    const std::string log = place + "/npm.log";
    ASSERT_EQ(
        harness::RunToEnd(
            {"/usr/bin/env", "npm", "--prefix", place, "install", "--no-audit", "--no-fund", "--ignore-scripts"}, log),
        0)
        << Read(log);
  }
  std::filesystem::copy_file(Source("node/reception_desk.js"), place + "/reception_desk.js",
                             std::filesystem::copy_options::overwrite_existing);
  ExpectAMorning(Played("node", {"/usr/bin/env", "node", place + "/reception_desk.js"}, kThird), kThird);
}

TEST_F(Clients, CurlSpendsAMorningAtTheReceptionDesk) {
  const std::string said = Played("curl", {Source("curl/reception_desk.sh")}, kFourth);
  ExpectAMorning(said, kFourth);
  // What people read comes in their language.
  EXPECT_THAT(said, HasSubstr("refused: HTTP 409 VEHICLE_ALREADY_HERE (R-10) 车辆 沪A10004 已在店内"));
}

// Every example is pasted as it stands; only the address is this suite's.
TEST_F(Clients, TheGuideShowsCallsThatWork) {
  const std::vector<std::string> examples = ExamplesOfTheGuide();
  EXPECT_GE(examples.size(), 5u);
  for (size_t i = 0; i < examples.size(); ++i) {
    const std::string said = Pasted(examples[i], absl::StrCat("guide-", i));
    EXPECT_THAT(said, ContainsRegex("(\"visitId\"|\"visits\"|\"customerId\"|data: \\{|\"position\")")) << examples[i];
  }
}

}  // namespace
