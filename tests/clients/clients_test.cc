// The client examples as they stand, each against the whole suite: what docs/api.md promises is what they print. They
// run one after the other on one suite, each with a customer and a vehicle of its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "tests/demo/opening.h"
#include "tests/demo/suite_stage.h"
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
        : time(suite),
          stage(suite.door(), suite.issuer(), time, narrator),
          store(demo::OpenStores(stage, harness::SourceDirectory() + "/tests/data").at("SH01")),
          directory(harness::ScratchDirectory("clients")) {}
    ~Scene() { std::filesystem::remove_all(directory); }
    harness::Suite suite;
    demo::SuiteTime time;
    demo::Quiet narrator;
    demo::Stage stage;
    aftersales::common::v1::Store store;
    const std::string directory;
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
                                         .roles = {"service_adviser", "gate_guard"},
                                         .stores = {scene_->store.store_id()},
                                         .issue_time = absl::Now()});
  }

  // What the program printed; it must end well.
  std::string Played(const std::string& name, std::vector<std::string> command, const Guest& guest) {
    const harness::Suite& suite = scene_->suite;
    std::vector<std::string> whole = {"/usr/bin/env",
                                      absl::StrCat("AFTERSALES_TARGET=127.0.0.1:", suite.PortOf("gateway")),
                                      absl::StrCat("AFTERSALES_WEB=http://127.0.0.1:", suite.WebPortOf("gateway")),
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
};

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

}  // namespace
