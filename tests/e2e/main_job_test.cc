// The main job through real processes and the gateway: what `./dev demo` shows, as a test, played twice because the
// second run must work on the database the first one left. Then the suite is examined: isolation of the stores,
// personal data, statements without an index, and whether `verify` finds what somebody changed behind the services'
// back.
#include "tests/demo/main_job.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "aftersales/common/v1/audit.pb.h"
#include "aftersales/common/v1/errors.pb.h"
#include "google/protobuf/dynamic_message.h"
#include "tests/demo/suite_stage.h"
#include "tests/harness/processes.h"
#include "tests/harness/suite.h"

namespace {

using aftersales::options::v1::Role;
using chassis::sql::Session;
using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

// One suite for all tests of this file: starting it and playing the job costs seconds.
class PlayedSuite : public ::testing::Test {
 protected:
  // The server itself collects the statements as it prepares them, from before the services connect.
  struct StatementLog {
    StatementLog() {
      Run("SET GLOBAL log_output = 'TABLE'");
      Run("SET GLOBAL general_log = 'ON'");
    }
    void Stop() { Run("SET GLOBAL general_log = 'OFF'"); }
    void Run(const std::string& statement) {
      const absl::Status done = schema->pool().Read(
          absl::Now() + absl::Seconds(10), [&](Session& session) { return session.Execute(statement).status(); });
      if (!done.ok()) throw demo::StepFailed(done.ToString());
    }
    std::unique_ptr<harness::Schema> schema = harness::FreshSchema("");
  };
  struct Scene {
    Scene() : time(suite), stage(suite.door(), suite.issuer(), time, narrator) {
      stores = demo::OpenStores(stage, harness::SourceDirectory() + "/tests/data");
      for (int run = 0; run < 2; ++run) demo::PlayMainJob(stage, stores.at("SH01"));
      log.Stop();
    }
    StatementLog log;
    harness::Suite suite;
    demo::SuiteTime time;
    demo::Quiet narrator;
    demo::Stage stage;
    std::map<std::string, aftersales::common::v1::Store> stores;
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

  harness::Suite& suite() { return scene_->suite; }
  demo::Stage& stage() { return scene_->stage; }
  const aftersales::common::v1::Store& shanghai() { return scene_->stores.at("SH01"); }
  const aftersales::common::v1::Store& suzhou() { return scene_->stores.at("SZ02"); }

  // Rows of a statement in a service's schema.
  chassis::sql::Rows Ask(const std::string& service, const std::string& statement) {
    chassis::sql::Rows rows;
    const absl::Status read = suite().Database(service).Read(absl::Now() + absl::Seconds(60), [&](Session& session) {
      auto found = session.Query(statement);
      if (found.ok()) rows = *std::move(found);
      return found.status();
    });
    EXPECT_TRUE(read.ok()) << read << " in " << statement;
    return rows;
  }
  int64_t Change(const std::string& service, const std::string& statement) {
    int64_t changed = 0;
    const absl::Status done = suite().Database(service).Read(absl::Now() + absl::Seconds(60), [&](Session& session) {
      auto count = session.Execute(statement);
      if (count.ok()) changed = *count;
      return count.status();
    });
    EXPECT_TRUE(done.ok()) << done << " in " << statement;
    return changed;
  }
  // Differences `verify` of a service finds in Shanghai's check of this name.
  int64_t Differences(const std::string& service, const std::string& check) {
    aftersales::common::v1::VerifyLedgersRequest request;
    request.set_store_id(shanghai().store_id());
    const auto verified = stage().DoNamed<aftersales::common::v1::VerifyLedgersResponse>(
        demo::Cast(shanghai()).service_manager, service + ".AuditService/VerifyLedgers", request);
    for (const auto& found : verified.checks()) {
      if (found.name() == check) return found.difference_count();
    }
    ADD_FAILURE() << service << " has no check " << check;
    return -1;
  }

  static std::unique_ptr<Scene> scene_;
  static std::string failure_;
};
std::unique_ptr<PlayedSuite::Scene> PlayedSuite::scene_;
std::string PlayedSuite::failure_;

std::vector<const MethodDescriptor*> AllMethods() {
  std::vector<const MethodDescriptor*> methods;
  std::set<const google::protobuf::FileDescriptor*> files;
  // The pool is asked for files by the packages' known files; every proto library is linked whole.
  std::vector<std::string> names;
  for (const char* service : harness::kServices) {
    for (const auto& entry :
         std::filesystem::directory_iterator(harness::SourceDirectory() + "/protos/aftersales/" + service + "/v1")) {
      names.push_back(absl::StrCat("aftersales/", service, "/v1/", entry.path().filename().string()));
    }
  }
  for (const std::string& name : names) {
    const auto* file = DescriptorPool::generated_pool()->FindFileByName(name);
    EXPECT_NE(file, nullptr) << name;
    if (file == nullptr) continue;
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) methods.push_back(file->service(s)->method(m));
    }
  }
  return methods;
}

// Somebody who may call the method, in Shanghai.
demo::Person CallerOf(const MethodDescriptor* method, const std::string& store_id) {
  const auto& access = method->options().GetExtension(aftersales::options::v1::access);
  for (int i = 0; i < access.roles_size(); ++i) {
    const Role role = static_cast<Role>(access.roles(i));
    if (role != aftersales::options::v1::ROLE_SUITE_SERVICE && role != aftersales::options::v1::ROLE_GROUP_MANAGER) {
      return {"walker", role, store_id};
    }
  }
  return {"walker", static_cast<Role>(access.roles(0)), store_id};
}

// Handbook: G-01, G-02, G-04, G-05, G-07, G-08, G-09, R-01, R-03, R-05, R-10, R-12, R-13, R-14, R-15, R-20, R-22, R-23,
// W-01, W-02, W-03, W-04, W-05, W-07, W-08,
// W-09, W-10, S-01, P-01, P-02, P-03, P-04, P-05, C-01, C-02, C-03, C-05, C-09
TEST_F(PlayedSuite, PlaysTheMainJobTwiceAndEveryLedgerAgrees) {
  EXPECT_GT(scene_->narrator.steps, 100);
  try {
    demo::VerifyAll(stage(), shanghai());
    demo::VerifyAll(stage(), suzhou());
  } catch (const demo::StepFailed& failed) {
    FAIL() << failed.what();
  }
}

// Handbook: G-01
TEST_F(PlayedSuite, AnswersEveryMethodForAnotherStoreAsIfThereWereNone) {
  int asked = 0;
  for (const MethodDescriptor* method : AllMethods()) {
    const FieldDescriptor* store_id = method->input_type()->FindFieldByName("store_id");
    if (store_id == nullptr || method->server_streaming()) continue;
    std::unique_ptr<Message> request(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(method->input_type())->New());
    request->GetReflection()->SetString(request.get(), store_id, suzhou().store_id());
    std::unique_ptr<Message> response(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(method->output_type())->New());
    const absl::Status status = suite().door().CallMessage(
        {.token = stage().TokenOf(CallerOf(method, shanghai().store_id()))}, method, *request, *response);
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound) << method->full_name() << ": " << status;
    ++asked;
  }
  EXPECT_GT(asked, 150);
}

// Handbook: G-01
TEST_F(PlayedSuite, ShowsNoRecordOfAnotherStoreUnderItsOwnId) {
  int asked = 0;
  for (const MethodDescriptor* get : AllMethods()) {
    if (!absl::StartsWith(get->name(), "Get") || get->input_type()->field_count() != 2) continue;
    const FieldDescriptor* id = get->input_type()->field(1);
    const std::string key = id->name();
    const std::string table = key.substr(0, key.size() - 3);  // "visit_id" names the table's key
    const std::string package = get->file()->package();
    const std::string service = package.substr(11, package.size() - 14);
    const auto tables = Ask(service, absl::StrCat("SELECT COUNT(*) AS n FROM information_schema.columns WHERE "
                                                  "table_schema = '",
                                                  suite().SchemaName(service), "' AND table_name = '", table,
                                                  "' AND column_name = '", key, "'"));
    if (tables.empty() || tables[0].Int("n") == 0) continue;
    const auto rows = Ask(service, absl::StrCat("SELECT ", key, " AS id FROM `", table, "` WHERE store_id = 0x",
                                                absl::StrReplaceAll(shanghai().store_id(), {{"-", ""}}), " LIMIT 1"));
    if (rows.empty()) continue;
    std::unique_ptr<Message> request(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(get->input_type())->New());
    request->GetReflection()->SetString(request.get(), get->input_type()->field(0), suzhou().store_id());
    request->GetReflection()->SetString(request.get(), id, rows[0].Id("id"));
    std::unique_ptr<Message> response(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(get->output_type())->New());
    const absl::Status status = suite().door().CallMessage(
        {.token = stage().TokenOf(CallerOf(get, suzhou().store_id()))}, get, *request, *response);
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound) << get->full_name() << ": " << status;
    ++asked;
  }
  EXPECT_GT(asked, 15);
}

// Handbook: G-13
TEST_F(PlayedSuite, HoldsPersonalDataNowhereInClear) {
  std::vector<std::string> values;
  for (auto& row : demo::ReadCsv(harness::SourceDirectory() + "/tests/data/customers.csv")) {
    for (const char* column : {"phone", "name", "address"}) values.push_back(row[column]);
  }
  for (const char* service : harness::kServices) {
    const std::string log = suite().LogOf(service) + suite().LogOf("gateway") + suite().MetricsOf(service);
    for (const std::string& value : values) {
      EXPECT_EQ(log.find(value), std::string::npos) << service << " log or metrics hold " << value;
    }
    const auto tables = Ask(service, absl::StrCat("SELECT table_name AS name FROM information_schema.tables WHERE "
                                                  "table_schema = '",
                                                  suite().SchemaName(service), "'"));
    for (size_t i = 0; i < tables.size(); ++i) {
      const std::string table = tables[i].Text("name");
      const auto rows = Ask(service, "SELECT * FROM `" + table + "`");
      for (const auto& row : rows.cells_) {
        for (const chassis::sql::Value& cell : row) {
          const auto* plain = std::get_if<std::string>(&cell);
          const auto* bytes = std::get_if<chassis::sql::Bytes>(&cell);
          const std::string& text = plain ? *plain : bytes ? bytes->data : "";
          for (const std::string& value : values) {
            EXPECT_EQ(text.find(value), std::string::npos) << service << "." << table << " holds " << value;
          }
        }
      }
    }
  }
}

TEST_F(PlayedSuite, RunsNoStatementWithoutAnIndex) {
  for (const char* service : harness::kServices) {
    const std::string schema = suite().SchemaName(service);
    const auto prepared =
        Ask(service, absl::StrCat("SELECT DISTINCT CONVERT(l.argument USING utf8mb4) AS text FROM mysql.general_log l "
                                  "JOIN (SELECT DISTINCT thread_id "
                                  "FROM mysql.general_log WHERE command_type = 'Connect' AND argument LIKE '% on ",
                                  schema,
                                  " %') c ON c.thread_id = "
                                  "l.thread_id WHERE l.command_type = 'Prepare'"));
    EXPECT_GT(prepared.size(), 10u) << service;
    for (size_t i = 0; i < prepared.size(); ++i) {
      const std::string statement = prepared[i].Text("text");
      if (!std::regex_search(statement, std::regex("^(SELECT|UPDATE|DELETE)")) ||
          statement.find("information_schema") != std::string::npos || statement.find(" FROM ") == std::string::npos) {
        continue;
      }
      std::string text = std::regex_replace(statement, std::regex("LIMIT \\?"), "LIMIT 10");
      text = std::regex_replace(text, std::regex("\\?"), "'2026-01-01'");
      const auto plan = Ask(service, "EXPLAIN " + text);
      for (size_t step = 0; step < plan.size(); ++step) {
        const std::string type = plan[step].IsNull("type") ? "" : plan[step].Text("type");
        // One row per store, one per migration: reading these whole is what they are for.
        const std::string table = plan[step].IsNull("table") ? "" : plan[step].Text("table");
        if (table == "store" || table == "schema_migration") continue;
        EXPECT_FALSE((type == "ALL" || type == "index") && plan[step].IsNull("possible_keys"))
            << service << " reads all of " << table << ": " << statement;
      }
    }
  }
}

// Handbook: G-03, G-04
TEST_F(PlayedSuite, VerifyFindsASignedDocumentThatSomebodyChanged) {
  ASSERT_EQ(Differences("reception", "signed_documents"), 0);
  ASSERT_EQ(Change("reception", "UPDATE repair_order SET odometer_km = odometer_km + 1 LIMIT 1"), 1);
  EXPECT_EQ(Differences("reception", "signed_documents"), 1);
  ASSERT_EQ(Change("reception", "UPDATE repair_order SET odometer_km = odometer_km - 1 LIMIT 1"), 1);
  ASSERT_EQ(Differences("reception", "signed_documents"), 0);
  // Personal text that no longer decrypts is a finding too.
  ASSERT_EQ(Change("reception", "UPDATE repair_order SET customer_requests = 'something else' LIMIT 1"), 1);
  EXPECT_EQ(Differences("reception", "signed_documents"), 1);
}

// Handbook: G-03
TEST_F(PlayedSuite, VerifyFindsARemovedAuditRow) {
  const std::string store = absl::StrReplaceAll(shanghai().store_id(), {{"-", ""}});
  stage().Await("sealed audit rows", [&] {
    return Ask("parts",
               "SELECT COUNT(*) AS n FROM command_log WHERE seal_number IS NOT NULL AND store_id = 0x" + store)[0]
               .Int("n") > 0;
  });
  ASSERT_EQ(Differences("parts", "audit_chain"), 0);
  ASSERT_EQ(
      Change("parts", "DELETE FROM command_log WHERE seal_number IS NOT NULL AND store_id = 0x" + store + " LIMIT 1"),
      1);
  EXPECT_GT(Differences("parts", "audit_chain"), 0);
}

}  // namespace
