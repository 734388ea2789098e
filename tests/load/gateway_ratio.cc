// Unary reads through the gateway against the same reads from the service itself: the ratio of throughput and what the
// door adds to p50 and p99, at 1, 8 and 64 parallel calls. Both ways with mTLS when a TLS directory is given.
#include <atomic>
#include <cstdio>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "aftersales/common/v1/store.pb.h"
#include "aftersales/reception/v1/store.pb.h"
#include "chassis/client/suite_client.h"
#include "chassis/config/config.h"
#include "chassis/identity/identity.h"
#include "tests/load/load.h"

namespace {

namespace reception = aftersales::reception::v1;

int Run(const chassis::config::Config& config) {
  auto issuer = chassis::identity::LoadTokenIssuer(config.Text("issuer-key-file"), config.Text("issuer"),
                                                   config.Text("audience"));
  if (!issuer.ok()) {
    std::fprintf(stderr, "gateway_ratio: %s\n", issuer.status().ToString().c_str());
    return 1;
  }
  chassis::identity::TokenRequest person;
  person.roles = {"group_manager"};
  person.stores = {"*"};
  person.issue_time = absl::Now();
  // A service lets one caller have only so many calls at once, so every thread is somebody else.
  std::vector<chassis::CallOptions> callers;
  for (int i = 0; i < 64; ++i) {
    person.subject = absl::StrCat("load-", i);
    callers.push_back({.token = (*issuer)->Issue(person)});
  }

  // One channel per thread, as separate clients would have.
  const auto clients = [&](const std::string& target, int count) {
    std::vector<std::unique_ptr<chassis::SuiteClient>> made;
    for (int i = 0; i < count; ++i) {
      made.push_back(std::make_unique<chassis::SuiteClient>(target, config.Text("tls-directory")));
    }
    return made;
  };
  reception::ListStoresRequest list;
  auto any = clients(config.Text("direct"), 1);
  const auto stores = any[0]->Call<reception::ListStoresResponse>(callers[0], list);
  if (!stores.ok() || stores->stores().empty()) {
    std::fprintf(stderr, "gateway_ratio: no store; run ./dev demo first (%s)\n", stores.status().ToString().c_str());
    return 1;
  }
  reception::GetStoreRequest get;
  get.set_store_id(stores->stores(0).store_id());

  std::vector<std::vector<std::string>> rows = {
      {"parallel", "direct/s", "gateway/s", "ratio", "direct p50", "+p50 ms", "direct p99", "+p99 ms", "failed"}};
  for (const int parallel : {1, 8, 64}) {
    const int calls = static_cast<int>(config.Int("calls")) / parallel;
    auto direct = clients(config.Text("direct"), parallel);
    auto gateway = clients(config.Text("target"), parallel);
    const auto read = [&](auto& crowd) {
      std::atomic<bool> told{false};
      return load::Drive(parallel, calls, 50, [&](int thread, int) {
        const auto read_store = crowd[thread]->template Call<aftersales::common::v1::Store>(callers[thread], get);
        if (!read_store.ok() && !told.exchange(true)) {
          std::fprintf(stderr, "gateway_ratio: %s\n", read_store.status().ToString().c_str());
        }
        return read_store.ok();
      });
    };
    const load::Outcome near = read(direct);
    const load::Outcome far = read(gateway);
    rows.push_back({absl::StrCat(parallel), load::Number(near.per_second, 0), load::Number(far.per_second, 0),
                    load::Number(far.per_second / near.per_second, 2), load::Number(near.p50_ms, 2),
                    load::Number(far.p50_ms - near.p50_ms, 2), load::Number(near.p99_ms, 2),
                    load::Number(far.p99_ms - near.p99_ms, 2), absl::StrCat(near.failures + far.failures)});
  }
  load::PrintTable(rows);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  chassis::config::Config config({
      {"target", "127.0.0.1:17000", "the gateway"},
      {"direct", "127.0.0.1:17010", "reception-svc itself"},
      {"tls-directory", "", "client certificate; empty: no TLS"},
      {"issuer", "aftersales-development", "who signs the tokens"},
      {"audience", "aftersales", "whom the tokens are for"},
      {"issuer-key-file", "", "private JWK of the development issuer"},
      {"calls", "8000", "calls per measurement, over all threads"},
  });
  auto words = config.Parse(argc, argv);
  if (!words.ok() || !words->empty()) {
    if (!words.ok()) std::fprintf(stderr, "%s: %s\n", argv[0], words.status().ToString().c_str());
    std::printf("%s", config.Help("gateway_ratio", "what the gateway costs").c_str());
    return words.ok() && words->front() == "help" ? 0 : 2;
  }
  return Run(config);
}
