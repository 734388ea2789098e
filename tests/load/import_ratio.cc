// Import: a catalogue file uploaded, checked and loaded by a real parts-svc against the server's own LOAD DATA of the
// same lines into one bare table of the same columns and keys, in turns. The import also stores fitment, prices and
// stock rows, checks every line and commits as it goes; the ratio tells what that costs.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "aftersales/parts/v1/part_import.pb.h"
#include "chassis/config/config.h"
#include "chassis/time/clock.h"
#include "tests/harness/processes.h"
#include "tests/load/load.h"
#include "tests/load/parts_house.h"

namespace {

namespace v1 = aftersales::parts::v1;
using load::Number;

constexpr size_t kMessageBytes = 256 << 10;
constexpr char kHeader[] = "part_number,name_zh,name_en,brand,unit,step_milli,category,models,retail_price_amount\n";

std::string Csv(const std::string& prefix, int64_t lines) {
  std::string csv = kHeader;
  for (int64_t i = 0; i < lines; ++i) {
    absl::StrAppend(&csv, prefix, i, ",机油滤清器总成,Oil filter assembly,原厂,piece,1000,FILTER,A4;A6,",
                    1000 + i % 9000, "\n");
  }
  return csv;
}

double LoadData(load::PartsHouse& house, const std::string& csv, int round) {
  const std::string table = absl::StrCat("bare_part_", round);
  house.Execute(absl::StrCat("CREATE TABLE ", table, " LIKE part"));
  const std::string file = (std::filesystem::temp_directory_path() / (table + ".csv")).string();
  std::ofstream(file) << csv;
  const absl::Time start = absl::Now();
  house.Execute(absl::StrCat(
      "LOAD DATA INFILE '", file, "' INTO TABLE ", table,
      " CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"' LINES TERMINATED BY '\\n' IGNORE 1 "
      "LINES (part_number, name_zh, name_en, brand, @unit, step_milli, category, @models, @price) SET store_id = "
      "UNHEX(REPLACE('",
      load::PartsHouse::kStore,
      "', '-', '')), part_id = UNHEX(REPLACE(UUID(), '-', '')), version = 1, original = 0, unit = UPPER(@unit), "
      "safety_critical = 0, high_value = 0, shelf_life_days = 0, tracking = 'NONE', create_time = UTC_TIMESTAMP(6)"));
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  std::filesystem::remove(file);
  return seconds;
}

struct Took {
  double upload_seconds = 0;
  double seconds = 0;
};
Took Import(load::PartsHouse& house, chassis::RandomIds& ids, const std::string& csv, int64_t lines,
            v1::ImportPartsRequest::Mode mode) {
  chassis::CallOptions options = house.Manager();
  options.timeout = absl::Minutes(10);
  const std::string request_id = ids.NewId();
  const absl::Time start = absl::Now();
  size_t at = 0;
  bool begun = false;
  auto import =
      house.suite().Upload<v1::PartImport, v1::UploadPartsRequest>(options, [&](v1::UploadPartsRequest& message) {
        if (!begun) {
          begun = true;
          message.set_store_id(load::PartsHouse::kStore);
          message.set_request_id(request_id);
          message.mutable_header()->set_mode(mode);
          message.mutable_header()->set_file_name("catalogue.csv");
          message.mutable_header()->set_size_bytes(static_cast<int64_t>(csv.size()));
          message.mutable_header()->set_reason("load");
          return true;
        }
        if (at >= csv.size()) return false;
        message.set_offset(static_cast<int64_t>(at));
        message.set_data(csv.substr(at, kMessageBytes));
        at += kMessageBytes;
        return true;
      });
  Took took;
  took.upload_seconds = absl::ToDoubleSeconds(absl::Now() - start);
  v1::GetPartImportRequest get;
  get.set_store_id(load::PartsHouse::kStore);
  while (import.ok() && !import->has_end_time()) {
    harness::WaitFor(absl::Milliseconds(20));
    get.set_part_import_id(import->part_import_id());
    import = house.suite().Call<v1::PartImport>(house.Manager(), get);
  }
  if (!import.ok()) harness::FailHarness(import.status().ToString());
  took.seconds = absl::ToDoubleSeconds(absl::Now() - start);
  if (import->created_count() != lines) harness::FailHarness(import->DebugString());
  return took;
}

int Run(const chassis::config::Config& config) {
  const int64_t lines = config.Int("lines");
  load::PartsHouse house(config.Int("buffer-pool-mib"));
  house.Open();
  const chassis::SystemClock clock;
  chassis::RandomIds ids(clock);
  std::vector<std::vector<std::string>> rows = {{"round", "lines", "LOAD DATA lines/s", "good lines/s", "ratio",
                                                 "all or nothing lines/s", "ratio", "upload s", "MiB resident"}};
  const auto per_second = [&](double seconds) { return static_cast<double>(lines) / seconds; };
  for (int round = 0; round < config.Int("rounds"); ++round) {
    const double bare = LoadData(house, Csv(absl::StrCat("B", round, "-"), lines), round);
    const Took good =
        Import(house, ids, Csv(absl::StrCat("G", round, "-"), lines), lines, v1::ImportPartsRequest::MODE_GOOD_LINES);
    const Took all = Import(house, ids, Csv(absl::StrCat("A", round, "-"), lines), lines,
                            v1::ImportPartsRequest::MODE_ALL_OR_NOTHING);
    rows.push_back({absl::StrCat(round + 1), absl::StrCat(lines), Number(per_second(bare), 0),
                    Number(per_second(good.seconds), 0), Number(bare / good.seconds, 2),
                    Number(per_second(all.seconds), 0), Number(bare / all.seconds, 2), Number(all.upload_seconds, 1),
                    Number(load::ResidentMib(house.pid()), 1)});
  }
  std::printf("\n");
  load::PrintTable(rows);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  chassis::config::Config config({
      {"lines", "100000", "lines of each file"},
      {"rounds", "3", "how often each way is taken"},
      {"buffer-pool-mib", "1024", "memory of the database server's cache"},
  });
  auto words = config.Parse(argc, argv);
  if (!words.ok() || !words->empty()) {
    if (!words.ok()) std::fprintf(stderr, "%s: %s\n", argv[0], words.status().ToString().c_str());
    std::printf("%s", config.Help("import_ratio", "catalogue imports against LOAD DATA").c_str());
    return words.ok() && words->front() == "help" ? 0 : 2;
  }
  return Run(config);
}
