// Work that looks at every part of a store, page by page, each page committed with the progress it makes: as long as
// whoever asked for it can wait, and then by turns in the background, where it also goes on after a crash.
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chassis/host/host.h"
#include "chassis/server/call.h"

namespace parts {

// What a call keeps back of its time, to answer.
inline constexpr absl::Duration kToAnswer = absl::Seconds(1);
// A turn leaves the other jobs of the service their time.
inline constexpr int kPagesPerTurn = 200;

// One page of the work; false when it is at its end.
using NextPage = std::function<absl::StatusOr<bool>()>;

// What stops it here stops it in the background, too, and is told there.
inline void WhileTheCallerWaits(const chassis::Call& call, const chassis::Host& host, const NextPage& next_page) {
  while (host.clock().Now() + kToAnswer < call.deadline()) {
    const absl::StatusOr<bool> more = next_page();
    if (!more.ok() || !*more) return;
  }
}

inline absl::Status OneTurn(const NextPage& next_page) {
  for (int page = 0; page < kPagesPerTurn; ++page) {
    const absl::StatusOr<bool> more = next_page();
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
  }
  return absl::OkStatus();
}

}  // namespace parts
