// Time, ids and sleep come in from outside, so every test is deterministic.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace chassis {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
};

class SystemClock : public Clock {
 public:
  absl::Time Now() const override;
};

// System time plus an offset read from a file (seconds, decimal; looked at not more than every 100 ms). For
// development only: it lets `./dev demo` live through a week.
class ShiftedClock : public Clock {
 public:
  explicit ShiftedClock(std::string offset_file);
  ~ShiftedClock() override;
  absl::Time Now() const override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class ManualClock : public Clock {
 public:
  explicit ManualClock(absl::Time start) : now_(start) {}
  absl::Time Now() const override { return now_; }
  void Advance(absl::Duration by) { now_ += by; }
  void Set(absl::Time to) { now_ = to; }

 private:
  absl::Time now_;
};

// UUIDs in text. Version 7 (time-ordered) for new records.
class Ids {
 public:
  virtual ~Ids() = default;
  virtual std::string NewId() = 0;
};

class RandomIds : public Ids {
 public:
  explicit RandomIds(const Clock& clock) : clock_(clock) {}
  std::string NewId() override;

 private:
  const Clock& clock_;
};

// 00000000-0000-7000-8000-000000000001, ...2: for tests.
class CountingIds : public Ids {
 public:
  std::string NewId() override;

 private:
  uint64_t count_ = 0;
};

class Sleeper {
 public:
  virtual ~Sleeper() = default;
  virtual void Sleep(absl::Duration duration) = 0;
};

class SystemSleeper : public Sleeper {
 public:
  void Sleep(absl::Duration duration) override;
};

// The same name always gives the same id: for request ids derived from a process step or an event.
std::string DerivedId(std::string_view name_space, std::string_view name);

google::protobuf::Timestamp ToProto(absl::Time time);
absl::Time FromProto(const google::protobuf::Timestamp& time);
// "2026-11-21" in the given IANA zone; UTC when the zone is unknown.
std::string CivilDate(absl::Time time, std::string_view time_zone);

}  // namespace chassis
