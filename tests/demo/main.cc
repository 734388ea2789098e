// aftersales-demo: opens the stores of tests/data and takes one vehicle through the main job, step by step, through the
// gateway of a running suite. Exits non-zero if any step or any verification fails.
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "chassis/config/config.h"
#include "tests/demo/main_job.h"
#include "tests/demo/opening.h"

namespace {

// Columns a terminal gives a text: Chinese characters take two.
size_t Width(std::string_view text) {
  size_t width = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const unsigned char byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0) == 0x80) continue;
    width += byte >= 0xE2 ? 2 : 1;
  }
  return width;
}
std::string Padded(std::string_view text, size_t width) {
  const size_t has = Width(text);
  return absl::StrCat(std::string(text), std::string(has < width ? width - has : 1, ' '));
}

class Printer : public demo::Narrator {
 public:
  Printer() : colour_(isatty(1) != 0) {}

  void Chapter(std::string_view title) override {
    std::printf("\n%s%s%s\n", Code("\033[1m"), std::string(title).c_str(), Code("\033[0m"));
  }
  void Step(std::string_view what, std::string_view number, std::string_view state) override {
    std::printf("%3d  %s%s%s%s%s\n", ++steps_, Padded(what, 64).c_str(), Padded(number, 26).c_str(), Code("\033[32m"),
                std::string(state).c_str(), Code("\033[0m"));
    std::fflush(stdout);
  }
  void Refused(std::string_view what, std::string_view why) override {
    std::printf("%3d  %s%s拒绝%s %s\n", ++steps_, Padded(what, 40).c_str(), Code("\033[33m"), Code("\033[0m"),
                std::string(why).c_str());
  }
  void Table(std::string_view title, const std::vector<std::vector<std::string>>& rows) override {
    std::printf("\n     %s%s%s\n", Code("\033[1m"), std::string(title).c_str(), Code("\033[0m"));
    std::vector<size_t> widths;
    for (const auto& row : rows) {
      widths.resize(std::max(widths.size(), row.size()));
      for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
    }
    for (const auto& row : rows) {
      std::string line = "     ";
      for (size_t i = 0; i < row.size(); ++i) {
        // The first column reads from the left, figures from the right.
        const std::string gap(widths[i] - Width(row[i]), ' ');
        absl::StrAppend(&line, i == 0 ? row[i] + gap : gap + row[i], "  ");
      }
      std::printf("%s\n", line.c_str());
    }
  }
  int steps() const { return steps_; }

 private:
  const char* Code(const char* code) const { return colour_ ? code : ""; }
  bool colour_;
  int steps_ = 0;
};

// Moves the clock of a development suite: every process reads the same offset file.
class OffsetFile : public demo::TimeMachine {
 public:
  explicit OffsetFile(std::string path) : path_(std::move(path)) {
    std::ifstream file(path_);
    double seconds = 0;
    file >> seconds;
    offset_ = absl::Seconds(seconds);
  }
  absl::Time Now() override { return absl::Now() + offset_; }
  void MoveTo(absl::Time time) override {
    if (time <= Now()) return;
    offset_ = time - absl::Now();
    const std::string next = path_ + ".next";
    {
      std::ofstream file(next);
      file << absl::StrCat(absl::ToInt64Seconds(offset_)) << "\n";
    }
    offset_ = absl::Seconds(absl::ToInt64Seconds(offset_));
    std::rename(next.c_str(), path_.c_str());
    absl::SleepFor(absl::Milliseconds(120));  // the processes look at the file every 100 ms
  }
  void LetEventsTravel() override { absl::SleepFor(absl::Milliseconds(50)); }

 private:
  std::string path_;
  absl::Duration offset_;
};

int Play(const chassis::config::Config& config) {
  auto issuer = chassis::identity::LoadTokenIssuer(config.Text("issuer-key-file"), config.Text("issuer"),
                                                   config.Text("audience"));
  if (!issuer.ok()) {
    std::fprintf(stderr, "aftersales-demo: %s\n", issuer.status().ToString().c_str());
    return 1;
  }
  chassis::SuiteClient suite(config.Text("target"), config.Text("tls-directory"));
  OffsetFile time(config.Text("clock-offset-file"));
  Printer printer;
  demo::Stage stage(suite, **issuer, time, printer);
  const absl::Time start = absl::Now();
  try {
    printer.Chapter("开店 Opening two stores");
    const auto stores = demo::OpenStores(stage, config.Text("data-directory"));
    demo::PlayMainJob(stage, stores.at("SH01"));
    for (const auto& [code, store] : stores) demo::VerifyAll(stage, store);
  } catch (const demo::StepFailed& failed) {
    std::fprintf(stderr, "\naftersales-demo: FAILED after step %d: %s\n", printer.steps(), failed.what());
    return 1;
  }
  std::printf("\nDone: %d steps in %.1f s, every verification agrees.\n", printer.steps(),
              absl::ToDoubleSeconds(absl::Now() - start));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  chassis::config::Config config({
      {"target", "127.0.0.1:17000", "the gateway"},
      {"tls-directory", "", "ca.crt, tls.crt and tls.key towards the gateway; empty: no TLS"},
      {"issuer", "aftersales-development", "who signs the tokens"},
      {"audience", "aftersales", "whom the tokens are for"},
      {"issuer-key-file", "", "private JWK of the development issuer"},
      {"data-directory", "tests/data", "CSV files of the two stores"},
      {"clock-offset-file", ".run/clock-offset", "offset in seconds that every process of a development suite reads"},
      {"admin", "", "admin addresses, name=host:port, for the hint at the end"},
      {"help", "false", "this text"},
  });
  auto words = config.Parse(argc, argv);
  if (!words.ok()) {
    std::fprintf(stderr, "aftersales-demo: %s\n", std::string(words.status().message()).c_str());
    return 2;
  }
  if (config.Flag("help")) {
    std::printf("%s", config.Help("aftersales-demo", "takes one vehicle through the main job").c_str());
    return 0;
  }
  return Play(config);
}
