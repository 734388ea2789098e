// The main job through real processes and the gateway: what `./dev demo` shows, as a test, played twice because the
// second run must work on the database the first one left. Then the suite is examined: isolation of the stores,
// personal data, statements without an index, whether `verify` finds what somebody changed behind the services' back,
// and whether docs/metrics.md says what is shown.
#include "tests/demo/main_job.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <regex>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
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
// R-24, R-25, R-26, R-30, R-32, R-40, R-42, R-43, R-44, R-45, R-46, R-50, W-01, W-02, W-03, W-04, W-05, W-07, W-08,
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
  // Reading these whole is what they are for: one row per store, one per migration. And a figure of all there is reads
  // all there is, every few minutes.
  const std::set<std::string> whole = {"store", "schema_migration"};
  const std::set<std::string> whole_in_figures = {"bay", "customer", "part_stock", "vehicle"};
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
        const std::string table = plan[step].IsNull("table") ? "" : plan[step].Text("table");
        if (absl::StartsWith(table, "<") || whole.count(table) > 0) continue;  // "<derived2>": the statement's own
        const bool figure =
            absl::StartsWith(statement, "SELECT store_id,") && absl::StrContains(statement, " AS value");
        if (figure && whole_in_figures.count(table) > 0) continue;
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

// ---------------------------------------------------------------- metrics

struct Scraped {
  std::map<std::string, std::string> types;  // by family
  struct Sample {
    std::string family;
    std::map<std::string, std::string> labels;
    double value = 0;
  };
  std::vector<Sample> samples;
};

// Of `name{label="value",...} number`; label values of the suite hold no quotes.
std::optional<Scraped::Sample> ParseSample(std::string_view line) {
  const size_t name_end = line.find_first_of("{ ");
  if (name_end == std::string_view::npos) return std::nullopt;
  Scraped::Sample sample{.family = std::string(line.substr(0, name_end))};
  size_t at = name_end;
  while (line[at] != ' ') {
    const size_t equals = line.find("=\"", at);
    const size_t quote = equals == std::string_view::npos ? equals : line.find('"', equals + 2);
    if (quote == std::string_view::npos || quote + 2 >= line.size()) return std::nullopt;
    sample.labels.emplace(line.substr(at + 1, equals - at - 1), line.substr(equals + 2, quote - equals - 2));
    at = line[quote + 1] == '}' ? quote + 2 : quote + 1;
  }
  sample.value = std::strtod(std::string(line.substr(at)).c_str(), nullptr);
  return sample;
}

Scraped ParseMetrics(const std::string& text) {
  Scraped scraped;
  for (const auto line : absl::StrSplit(text, '\n')) {
    if (absl::StartsWith(line, "# TYPE ")) {
      const std::vector<std::string> words = absl::StrSplit(line, ' ');
      EXPECT_TRUE(scraped.types.emplace(words[2], words[3]).second) << words[2] << " is shown twice";
      continue;
    }
    if (line.empty() || line[0] == '#') continue;
    std::optional<Scraped::Sample> sample = ParseSample(std::string_view(line.data(), line.size()));
    if (!sample.has_value()) {
      ADD_FAILURE() << "no sample: " << line;
      continue;
    }
    for (const char* suffix : {"_bucket", "_sum", "_count"}) {
      const std::string base(absl::StripSuffix(sample->family, suffix));
      if (base != sample->family && scraped.types.count(base) > 0) sample->family = base;
    }
    scraped.samples.push_back(*std::move(sample));
  }
  return scraped;
}

// docs/metrics.md: the labels by metric, and the budgets by job.
struct Catalogue {
  std::map<std::string, std::set<std::string>> labels;
  std::map<std::string, int64_t> budgets;
};

Catalogue ReadCatalogue() {
  Catalogue catalogue;
  std::ifstream file(harness::SourceDirectory() + "/docs/metrics.md");
  static const std::regex kName(R"(^`([a-z_]+)`$)");
  static const std::regex kLabel(R"(`([a-z_]+)`)");
  bool budget = false;
  for (std::string line; std::getline(file, line);) {
    if (absl::StartsWith(line, "## ")) budget = line == "## How many";
    std::vector<std::string> cells = absl::StrSplit(line, '|');
    if (cells.size() < 5) continue;
    for (std::string& cell : cells) cell = std::string(absl::StripAsciiWhitespace(cell));
    int64_t number = 0;
    if (budget && absl::SimpleAtoi(absl::StrReplaceAll(cells[2], {{",", ""}}), &number)) {
      catalogue.budgets[absl::StrReplaceAll(cells[1], {{"`", ""}})] = number;
    }
    std::smatch name;
    if (budget || !std::regex_match(cells[1], name, kName)) continue;
    std::set<std::string>& labels = catalogue.labels[name[1]];
    for (std::sregex_iterator at(cells[3].begin(), cells[3].end(), kLabel), end; at != end; ++at) {
      labels.insert((*at)[1]);
    }
  }
  return catalogue;
}

// Without tests.
std::string SourcesOf(const std::string& directory) {
  std::string sources;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(harness::SourceDirectory() + "/" + directory)) {
    const std::string name = entry.path().filename().string();
    if (!absl::EndsWith(name, ".cc") && !absl::EndsWith(name, ".h")) continue;
    if (absl::EndsWith(name, "_test.cc")) continue;
    std::ifstream file(entry.path());
    sources.append(std::istreambuf_iterator<char>(file), {});
  }
  return sources;
}

// The kinds of duties a service's rooms owe, by their names in the code.
int64_t DutyKindsOf(const std::string& service) {
  const std::string sources = SourcesOf(service + "-svc");
  std::set<std::string> kinds;
  for (const std::string_view before : {"set_kind(\"", "Duty = \"", "Duty[] = \""}) {
    for (size_t at = sources.find(before); at != std::string::npos; at = sources.find(before, at)) {
      at += before.size();
      kinds.insert(sources.substr(at, sources.find('"', at) - at));
    }
  }
  return static_cast<int64_t>(kinds.size());
}

class Metrics {
 public:
  explicit Metrics(harness::Suite& suite) : suite_(suite) {}

  static std::vector<std::string> Processes() {
    std::vector<std::string> names(std::begin(harness::kServices), std::end(harness::kServices));
    names.push_back("gateway");
    return names;
  }
  static std::string JobOf(const std::string& process) { return process == "gateway" ? process : process + "-svc"; }
  Scraped Of(const std::string& process) { return ParseMetrics(suite_.MetricsOf(process)); }

  // Every figure is counted with what is in the schema now. Twice, because a turn under way began before; and again,
  // because the jump of the clock takes the time from a statement under way.
  void Count() {
    int counted = 0;
    for (int turn = 0; turn < 8 && counted < 2; ++turn) {
      const absl::Time before = absl::Now();
      suite_.MoveTo(suite_.Now() + absl::Minutes(30));
      counted += CountedSince(before) ? 1 : 0;
    }
    ASSERT_EQ(counted, 2) << "figures were not counted";
    for (const char* service : harness::kServices) {
      const std::string log = suite_.LogOf(service);
      const size_t stranger = log.find("a gauge met a label value nobody named");
      EXPECT_EQ(stranger, std::string::npos) << service << ": " << log.substr(stranger, 200);
    }
  }

 private:
  // Whether every service says within a few seconds that its census succeeded.
  bool CountedSince(absl::Time start) {
    constexpr std::string_view kCounted = "background_last_success_timestamp_seconds{job=\"census\"} ";
    for (int look = 0; look < 50; ++look) {
      bool all = true;
      for (const char* service : harness::kServices) {
        const std::string metrics = suite_.MetricsOf(service);
        const size_t at = metrics.find(kCounted);
        const double last = at == std::string::npos ? 0 : std::strtod(metrics.c_str() + at + kCounted.size(), nullptr);
        all = all && last > absl::ToDoubleSeconds(start - absl::UnixEpoch());
      }
      if (all) return true;
      harness::WaitFor(absl::Milliseconds(100));
    }
    return false;
  }

  harness::Suite& suite_;
};

TEST_F(PlayedSuite, ShowsNoMetricThatTheCatalogueDoesNotHave) {
  Metrics metrics(suite());
  metrics.Count();
  const Catalogue catalogue = ReadCatalogue();
  for (const std::string& process : Metrics::Processes()) {
    const Scraped scraped = metrics.Of(process);
    EXPECT_GT(scraped.samples.size(), 100u) << process;
    std::set<std::string> told;
    for (const Scraped::Sample& sample : scraped.samples) {
      const auto known = catalogue.labels.find(sample.family);
      if (known == catalogue.labels.end()) {
        if (told.insert(sample.family).second) ADD_FAILURE() << "docs/metrics.md does not have " << sample.family;
        continue;
      }
      for (const auto& [label, value] : sample.labels) {
        if (label == "le" || label == "quantile" || known->second.count(label) > 0) continue;
        if (told.insert(sample.family + label).second) {
          ADD_FAILURE() << "docs/metrics.md does not have label " << label << " of " << sample.family;
        }
      }
    }
  }
}

// What shows only under conditions of its own (certificates, a ratio of nothing) at least stands in the sources.
TEST_F(PlayedSuite, ShowsEveryMetricOfTheCatalogue) {
  Metrics metrics(suite());
  std::set<std::string> shown;
  for (const std::string& process : Metrics::Processes()) {
    for (const auto& [family, type] : metrics.Of(process).types) shown.insert(family);
  }
  std::string sources;
  for (const char* directory : {"chassis", "gateway", "reception-svc", "workshop-svc", "parts-svc", "crm-svc"}) {
    sources += SourcesOf(directory);
  }
  int live = 0;
  for (const auto& [name, labels] : ReadCatalogue().labels) {
    live += shown.count(name) > 0 ? 1 : 0;
    EXPECT_TRUE(shown.count(name) > 0 || absl::StrContains(sources, absl::StrCat("\"", name, "\"")))
        << "docs/metrics.md has " << name << ", nobody shows it";
  }
  EXPECT_GT(live, 100);
}

// What a store shows, times 200: every state is shown for every store, and the store that played the job shows the
// ratios, too. Duties: every kind the service knows, in every store. Methods: the tests above called them all.
TEST_F(PlayedSuite, ShowsAGroupOf200StoresWithinTheBudgetOfSeries) {
  Metrics metrics(suite());
  constexpr int64_t kStores = 200;
  const Catalogue catalogue = ReadCatalogue();
  std::map<std::string, int64_t> series;
  for (const std::string& process : Metrics::Processes()) {
    std::map<std::string, std::map<std::string, int64_t>> by_store;  // family, store
    const std::string job = Metrics::JobOf(process);
    int64_t& count = series[job];
    for (const Scraped::Sample& sample : metrics.Of(process).samples) {
      const auto store = sample.labels.find("store");
      if (store == sample.labels.end()) {
        ++count;
      } else {
        ++by_store[sample.family][store->second];
      }
    }
    const int64_t duty_kinds = process == "gateway" ? 0 : DutyKindsOf(process);
    for (const auto& [family, stores] : by_store) {
      int64_t most = 0;
      for (const auto& [store, number] : stores) most = std::max(most, number);
      if (absl::StartsWith(family, "duty_")) most = std::max(most, duty_kinds);
      count += most * kStores;
    }
    std::printf("%-14s %7ld series with %ld stores\n", job.c_str(), static_cast<long>(count),
                static_cast<long>(kStores));
    const auto budget = catalogue.budgets.find(job);
    EXPECT_LE(count, budget == catalogue.budgets.end() ? 0 : budget->second) << job;
  }
}

}  // namespace
