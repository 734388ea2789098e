// Pulls the feeds of the other services and applies their events (events/intake.h says what is promised).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chassis/events/intake.h"
#include "chassis/host/host.h"

namespace chassis {

class IntakeRunner {
 public:
  // `intake` is complete by now and outlives the runner.
  IntakeRunner(Host& host, const EventIntake& intake);

  // Packages whose feeds are read, e.g. "aftersales.workshop.v1".
  std::vector<std::string> publishers() const;
  // One page of this publisher's feed; waits up to `wait` at the publisher while there is nothing. Returns how many
  // events were taken in. Not for two threads and one publisher at a time.
  absl::StatusOr<int64_t> TurnOnce(const std::string& publisher, absl::Duration wait);

 private:
  using Event = aftersales::common::v1::Event;
  struct Source {
    std::vector<std::string> types;                                            // short names, as the feed filters by
    std::map<std::string, std::vector<const EventIntake::Handler*>> handlers;  // by full name
    // Nothing of interest lies between the stored position and this one.
    int64_t seen = 0;
    prometheus::Gauge* blocked = nullptr;
    prometheus::Gauge* position = nullptr;
    prometheus::Gauge* behind = nullptr;
    prometheus::Counter* taken_in = nullptr;
    prometheus::Counter* duplicates = nullptr;
  };

  absl::StatusOr<int64_t> Pull(const std::string& publisher, Source& source, absl::Duration wait);
  // Reached `position`; `heard` is the last one the publisher told of.
  static void Reached(Source& source, int64_t position, int64_t heard);
  absl::StatusOr<int64_t> StoredPosition(const std::string& publisher);
  absl::StatusOr<aftersales::common::v1::ReadEventsResponse> ReadPage(const std::string& publisher,
                                                                      const Source& source, int64_t after,
                                                                      absl::Duration wait);
  // In one transaction: all of them and the step from position `from` to `to`, or nothing.
  absl::Status Apply(const std::string& publisher, const Source& source, const std::vector<const Event*>& events,
                     int64_t from, int64_t to);

  Host& host_;
  std::map<std::string, Source> sources_;
};

}  // namespace chassis
