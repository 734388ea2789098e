// A stage on a suite of the test harness: its clock, and a narrator that only counts.
#pragma once

#include <string_view>
#include <vector>

#include "tests/demo/stage.h"
#include "tests/harness/processes.h"
#include "tests/harness/suite.h"

namespace demo {

class SuiteTime : public TimeMachine {
 public:
  explicit SuiteTime(harness::Suite& suite) : suite_(suite) {}
  absl::Time Now() override { return suite_.Now(); }
  void MoveTo(absl::Time time) override { suite_.MoveTo(time); }
  void LetEventsTravel() override { harness::WaitFor(absl::Milliseconds(50)); }

 private:
  harness::Suite& suite_;
};

class Quiet : public Narrator {
 public:
  void Chapter(std::string_view) override {}
  void Step(std::string_view, std::string_view, std::string_view) override { ++steps; }
  void Refused(std::string_view, std::string_view) override { ++steps; }
  void Table(std::string_view, const std::vector<std::vector<std::string>>&) override {}
  int steps = 0;
};

}  // namespace demo
