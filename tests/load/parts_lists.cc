// Lists and searches of parts-svc with a few and with many rows: what a page, a search by number, a look at a part's
// ledger takes at the 50th and 99th of a hundred calls, and how that grows with the tables.
#include <cstdio>
#include <functional>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "aftersales/parts/v1/catalogue.pb.h"
#include "aftersales/parts/v1/ledger.pb.h"
#include "chassis/config/config.h"
#include "tests/harness/processes.h"
#include "tests/load/load.h"
#include "tests/load/parts_house.h"

namespace {

namespace v1 = aftersales::parts::v1;
using load::Number;

struct Look {
  std::string name;
  // `serial` is any number; the same one means the same part.
  std::function<bool(int64_t serial)> call;
};

class Looks {
 public:
  explicit Looks(load::PartsHouse& house) : house_(house), options_(house.Manager()) {}

  // `parts` are there now.
  std::vector<Look> All(int64_t parts) {
    const auto some = [parts](int64_t serial) { return 1 + serial * 7919 % parts; };
    return {
        {"search by number",
         [=, this](int64_t serial) {
           v1::LookUpPartsRequest request = Of<v1::LookUpPartsRequest>();
           request.add_part_numbers(load::PartNumber(some(serial)));
           const auto found = Ask<v1::LookUpPartsResponse>(request);
           return found.ok() && found->offers_size() == 1;
         }},
        {"part and stock",
         [=, this](int64_t serial) {
           v1::GetPartStockRequest request = Of<v1::GetPartStockRequest>();
           request.set_part_id(load::PartId(some(serial)));
           return Ask<v1::PartStock>(request).ok();
         }},
        {"list, first page", [this](int64_t) { return PartsWhere("", "", "") == 50; }},
        {"list, by number",
         [=, this](int64_t serial) {
           return PartsWhere(absl::StrCat("part_number = \"", load::PartNumber(some(serial)), "\""), "", "") == 1;
         }},
        {"list, by brand",
         [this](int64_t serial) {
           return PartsWhere(absl::StrCat("brand = \"BRAND-", serial % 40, "\""), "", "") > 0;
         }},
        {"list, by category",
         [this](int64_t serial) {
           return PartsWhere(absl::StrCat("category = \"CAT-", serial % 200, "\""), "", "") >= 0;
         }},
        {"list, in order of number, from the middle",
         [=, this](int64_t serial) {
           return PartsWhere(absl::StrCat("part_number > \"", load::PartNumber(some(serial)), "\""), "part_number",
                             "") >= 0;
         }},
        {"list, second page", [this](int64_t) { return PartsWhere("", "", next_) >= 0; }},
        {"stock, first page",
         [this](int64_t) { return Ask<v1::ListPartStocksResponse>(Of<v1::ListPartStocksRequest>()).ok(); }},
        {"ledger of a part",
         [=, this](int64_t serial) {
           v1::ListStockMovementsRequest request = Of<v1::ListStockMovementsRequest>();
           request.set_filter(absl::StrCat("part_id = \"", load::PartId(some(serial)), "\""));
           return Ask<v1::ListStockMovementsResponse>(request).ok();
         }},
        {"ledger, latest first",
         [this](int64_t) {
           v1::ListStockMovementsRequest request = Of<v1::ListStockMovementsRequest>();
           request.set_order_by("create_time desc");
           return Ask<v1::ListStockMovementsResponse>(request).ok();
         }},
    };
  }
  // A token belongs to its query: that of the whole catalogue's second page.
  void NoteSecondPage() {
    const auto first = Ask<v1::ListPartsResponse>(Of<v1::ListPartsRequest>());
    if (!first.ok()) harness::FailHarness(first.status().ToString());
    next_ = first->next_page_token();
  }

 private:
  template <typename Request>
  Request Of() {
    Request request;
    request.set_store_id(load::PartsHouse::kStore);
    return request;
  }
  template <typename Response, typename Request>
  absl::StatusOr<Response> Ask(const Request& request) {
    return house_.suite().Call<Response>(options_, request);
  }
  int PartsWhere(const std::string& filter, const std::string& order_by, const std::string& page_token) {
    v1::ListPartsRequest request = Of<v1::ListPartsRequest>();
    request.set_filter(filter);
    request.set_order_by(order_by);
    request.set_page_token(page_token);
    const auto page = Ask<v1::ListPartsResponse>(request);
    if (!page.ok()) {
      std::fprintf(stderr, "%s\n", page.status().ToString().c_str());
      return -1;
    }
    return page->parts_size();
  }

  load::PartsHouse& house_;
  const chassis::CallOptions options_;
  std::string next_;
};

int Run(const chassis::config::Config& config) {
  const int callers = static_cast<int>(config.Int("callers"));
  const int calls = static_cast<int>(config.Int("calls"));
  load::PartsHouse house(config.Int("buffer-pool-mib"));
  struct Level {
    int64_t parts, movements;
  };
  const Level levels[] = {{config.Int("few-parts"), config.Int("few-movements")},
                          {config.Int("parts"), config.Int("movements")}};
  std::vector<std::vector<std::string>> rows = {{"look", "p50 ms, few rows", "p99 ms, few rows", "p50 ms, many rows",
                                                 "p99 ms, many rows", "p99 ratio", "failed"}};
  bool open = false;
  for (const Level& level : levels) {
    std::fprintf(stderr, "  writing %lld parts and %lld ledger rows ...\n", static_cast<long long>(level.parts),
                 static_cast<long long>(level.movements));
    const absl::Time start = absl::Now();
    house.FillParts(level.parts);
    house.FillMovements(level.movements);
    std::fprintf(stderr, "  written in %s s\n", Number(absl::ToDoubleSeconds(absl::Now() - start), 0).c_str());
    if (!open) {
      // So that the history of demand is not being counted while the lists are measured.
      house.FillDemand(1);
      house.Open();
      open = true;
    }
    Looks looks(house);
    looks.NoteSecondPage();
    size_t row = 1;
    for (const Look& look : looks.All(level.parts)) {
      const load::Outcome outcome = load::Drive(callers, calls, std::max(calls / 10, 1), [&](int caller, int number) {
        return look.call(static_cast<int64_t>(caller) * calls + number);
      });
      if (row == rows.size()) rows.push_back({look.name});
      rows[row].push_back(Number(outcome.p50_ms, 2));
      rows[row].push_back(Number(outcome.p99_ms, 2));
      if (rows[row].size() == 5) {
        const double before = std::stod(rows[row][2]);
        rows[row].push_back(Number(before > 0 ? outcome.p99_ms / before : 0, 2));
        rows[row].push_back(absl::StrCat(outcome.failures));
      }
      ++row;
    }
  }
  std::printf(
      "\n%d callers straight to parts-svc, %d calls each; few: %lld parts, %lld ledger rows; many: %lld parts, "
      "%lld ledger rows\n",
      callers, calls, static_cast<long long>(levels[0].parts), static_cast<long long>(levels[0].movements),
      static_cast<long long>(levels[1].parts), static_cast<long long>(levels[1].movements));
  load::PrintTable(rows);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  chassis::config::Config config({
      {"few-parts", "1000", "parts of the first level"},
      {"few-movements", "10000", "ledger rows of the first level"},
      {"parts", "1000000", "parts of the second level"},
      {"movements", "10000000", "ledger rows of the second level"},
      {"callers", "4", "callers at once"},
      {"calls", "250", "calls of each caller per look"},
      {"buffer-pool-mib", "6144", "memory of the database server's cache"},
  });
  auto words = config.Parse(argc, argv);
  if (!words.ok() || !words->empty()) {
    if (!words.ok()) std::fprintf(stderr, "%s: %s\n", argv[0], words.status().ToString().c_str());
    std::printf("%s", config.Help("parts_lists", "lists and searches with many parts and ledger rows").c_str());
    return words.ok() && words->front() == "help" ? 0 : 2;
  }
  return Run(config);
}
