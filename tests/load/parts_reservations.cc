// Reservations per second of one hot part and of many spread ones, through parts-svc, against the least that must
// happen for each: the one conditional UPDATE that makes overselling impossible, sent raw through the connector with a
// durable commit of its own. Both share one private server with its data on disk, and every block of reservations is
// measured beside a block of updates, so that other load on the machine meets both.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <memory>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "aftersales/common/v1/store.pb.h"
#include "aftersales/parts/v1/catalogue.pb.h"
#include "aftersales/parts/v1/ledger.pb.h"
#include "aftersales/parts/v1/location.pb.h"
#include "aftersales/parts/v1/reservation.pb.h"
#include "aftersales/reception/v1/store.pb.h"
#include "chassis/config/config.h"
#include "chassis/sql/pool.h"
#include "chassis/time/clock.h"
#include "tests/harness/processes.h"
#include "tests/harness/server.h"
#include "tests/harness/suite.h"
#include "tests/load/load.h"

namespace {

namespace v1 = aftersales::parts::v1;
using load::Number;

constexpr int kLevels[] = {1, 8, 32};
constexpr int kConnections = 8;  // the pool of the service, so the raw updates' as well
constexpr int64_t kPlenty = 1000000000;

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

class Bench {
 public:
  Bench(int parts, int block, int rounds)
      : block_(block),
        rounds_(rounds),
        suite_(database_.address()),
        parts_svc_(suite_.Direct("parts")),
        ids_(clock_),
        raw_(chassis::sql::MakePool(suite_.EndpointOf("parts"), {.connections = kConnections}, clock_, sleeper_)) {
    aftersales::reception::v1::CreateStoreRequest open;
    open.mutable_store()->set_code("SH01");
    open.mutable_store()->set_display_name("上海一店");
    open.mutable_store()->set_time_zone("Asia/Shanghai");
    open.mutable_store()->set_currency_code("CNY");
    open.set_request_id(ids_.NewId());
    store_id_ = Known(suite_.door().Call<aftersales::common::v1::Store>({.token = Token("group_manager", "*")}, open))
                    .store_id();
    token_ = Token("parts_manager", store_id_);
    v1::CreateWarehouseRequest warehouse;
    warehouse.mutable_warehouse()->set_code("W1");
    warehouse.mutable_warehouse()->set_display_name("一号库");
    v1::CreateLocationRequest bin;
    bin.mutable_location()->set_warehouse_id(Do<v1::Warehouse>(warehouse).warehouse_id());
    bin.mutable_location()->set_code("A1");
    bin.mutable_location()->set_kind(v1::Location::KIND_STOCK);
    const std::string bin_id = Do<v1::Location>(bin).location_id();
    part_ids_.resize(parts);
    load::Drive(kConnections, (parts + kConnections - 1) / kConnections, 0, [&](int thread, int number) {
      const int at = number * kConnections + thread;
      if (at < parts) part_ids_[at] = Part(at);
      return true;
    });
    for (size_t from = 0; from < part_ids_.size(); from += 500) Fill(bin_id, from);
  }

  void Run() {
    std::vector<std::vector<std::string>> rows = {
        {"", "callers", "UPDATE/s", "reservations/s", "ratio", "p50 ms", "p99 ms"}};
    for (const bool hot : {true, false}) {
      for (const int callers : kLevels) rows.push_back(Measure(hot, callers));
    }
    load::PrintTable(rows);
  }

 private:
  std::vector<std::string> Measure(bool hot, int callers) {
    std::vector<double> bare, reserved, ratio, p50, p99;
    int64_t failures = 0;
    for (int round = 0; round < rounds_; ++round) {
      const auto part = [&, round](int thread, int number) -> const std::string& {
        if (hot) return part_ids_[0];
        // Each call another part, and none that a neighbour is at.
        const uint64_t at =
            (static_cast<uint64_t>(number) * 2654435761u + static_cast<uint64_t>(thread) * 40503u + round * 7919u);
        return part_ids_[at % part_ids_.size()];
      };
      const int calls = std::max(1, block_ / callers);
      // More threads than connections would only wait in front of the pool.
      const int senders = std::min(callers, kConnections);
      const load::Outcome updates = load::Drive(senders, std::max(1, block_ / senders), 8,
                                                [&](int thread, int number) { return Update(part(thread, number)); });
      const load::Outcome calls_made =
          load::Drive(callers, calls, 4, [&](int thread, int number) { return Reserve(part(thread, number)); });
      failures += updates.failures + calls_made.failures;
      bare.push_back(updates.per_second);
      reserved.push_back(calls_made.per_second);
      ratio.push_back(calls_made.per_second / updates.per_second);
      p50.push_back(calls_made.p50_ms);
      p99.push_back(calls_made.p99_ms);
    }
    if (failures > 0) std::printf("%lld calls failed\n", static_cast<long long>(failures));
    return {hot ? "one hot part" : absl::StrCat(part_ids_.size(), " parts"),
            absl::StrCat(callers),
            Number(Median(bare), 0),
            Number(Median(reserved), 0),
            Number(Median(ratio), 3),
            Number(Median(p50), 1),
            Number(Median(p99), 1)};
  }

  // What LedgerStore::Apply comes to for one line, on a row of the same table.
  bool Update(const std::string& part_id) {
    int64_t changed = 0;
    const absl::Status status =
        raw_->Read(absl::Now() + absl::Seconds(30), [&](chassis::sql::Session& session) -> absl::Status {
          auto result = session.Execute(
              "UPDATE part_stock SET reserved_milli = reserved_milli + ?, version = version + 1 WHERE store_id = ? AND "
              "part_id = ? AND on_hand_milli - reserved_milli >= ?",
              int64_t{1}, chassis::sql::Uuid{store_id_}, chassis::sql::Uuid{part_id}, int64_t{1});
          if (result.ok()) changed = *result;
          return result.status();
        });
    return status.ok() && changed == 1;
  }
  bool Reserve(const std::string& part_id) {
    v1::CreateReservationRequest request;
    request.set_store_id(store_id_);
    request.set_request_id(ids_.NewId());
    request.set_holder_kind(v1::Reservation::HOLDER_KIND_REPAIR_ORDER);
    request.set_holder_id(ids_.NewId());
    auto& line = *request.add_lines();
    line.set_holder_line_id(ids_.NewId());
    line.set_part_id(part_id);
    line.set_quantity_milli(1);
    return parts_svc_.Call<v1::Reservation>({.token = token_}, request).ok();
  }

  std::string Part(int number) {
    v1::CreatePartRequest request;
    v1::Part& part = *request.mutable_part();
    part.set_part_number(absl::StrCat("P-", number));
    part.set_name_zh("机油");
    part.set_name_en("Oil");
    part.set_brand("原厂");
    part.set_unit(v1::Part::UNIT_LITRE);
    part.set_step_milli(1);
    return Do<v1::Part>(request).part_id();
  }
  void Fill(const std::string& bin_id, size_t from) {
    v1::ReceiveStockRequest receipt;
    for (size_t at = from; at < std::min(from + 500, part_ids_.size()); ++at) {
      auto& line = *receipt.add_lines();
      line.set_part_id(part_ids_[at]);
      line.set_location_id(bin_id);
      line.set_quantity_milli(kPlenty);
      line.set_cost_amount(1000000);
    }
    Do<v1::StockDocument>(receipt);
  }
  template <typename Response, typename Request>
  Response Do(Request request) {
    request.set_store_id(store_id_);
    request.set_request_id(ids_.NewId());
    return Known(parts_svc_.Call<Response>({.timeout = absl::Minutes(1), .token = token_}, request));
  }
  template <typename Response>
  static Response Known(absl::StatusOr<Response> response) {
    if (!response.ok()) harness::FailHarness(response.status().ToString());
    return *std::move(response);
  }
  std::string Token(const std::string& role, const std::string& store) {
    return suite_.issuer().Issue({.subject = "load-" + role,
                                  .roles = {role},
                                  .stores = {store},
                                  .issue_time = absl::Now(),
                                  .lifetime = absl::Hours(2)});
  }

  const int block_, rounds_;
  harness::DatabaseServer database_{harness::DatabaseServer::Storage::kDisk};
  harness::Suite suite_;
  chassis::SuiteClient parts_svc_;
  chassis::SystemClock clock_;
  chassis::SystemSleeper sleeper_;
  chassis::RandomIds ids_;
  std::unique_ptr<chassis::sql::Pool> raw_;
  std::string store_id_, token_;
  std::vector<std::string> part_ids_;
};

}  // namespace

int main(int argc, char** argv) {
  chassis::config::Config config({{"parts", "10000", "how many parts the spread reservations go to"},
                                  {"block", "2000", "reservations per round and number of callers"},
                                  {"rounds", "3", "rounds; the medians are printed"}});
  const auto words = config.Parse(argc, argv);
  if (!words.ok() || !words->empty() || !config.Check().ok()) {
    if (!words.ok()) std::fprintf(stderr, "%s: %s\n", argv[0], words.status().ToString().c_str());
    std::printf("%s", config.Help("parts_reservations", "reservations per second against the bare UPDATE").c_str());
    return words.ok() && !words->empty() && words->front() == "help" ? 0 : 2;
  }
  Bench bench(static_cast<int>(config.Int("parts")), static_cast<int>(config.Int("block")),
              static_cast<int>(config.Int("rounds")));
  bench.Run();
  return 0;
}
