#include "gateway/web/lane.h"

#include <boost/asio/post.hpp>
#include <utility>

#include "absl/time/clock.h"
#include "gateway/web/connection.h"

namespace gateway::web {

namespace asio = boost::asio;

namespace {

constexpr absl::Duration kLookInterval = absl::Milliseconds(100);

}  // namespace

void WebLane::Start(std::function<void()> regularly) {
  LookAfter(std::move(regularly));
  thread = std::thread([this] { io.run(); });
  calls_thread = std::thread([this] {
    void* tag = nullptr;
    bool ok = false;
    while (calls.Next(&tag, &ok)) {
      asio::post(io, [tag = static_cast<Tag*>(tag), ok] { tag->Arrive(ok); });
    }
  });
}

void WebLane::LookAfter(std::function<void()> regularly) {
  timer.expires_after(absl::ToChronoMilliseconds(kLookInterval));
  timer.async_wait([this, regularly = std::move(regularly)](const boost::system::error_code& failure) {
    if (failure || stopping) return;
    const absl::Time now = absl::Now();
    for (Connection* connection : connections) connection->Look(now);
    regularly();
    LookAfter(regularly);
  });
}

void WebLane::Stop() {
  calls.Shutdown();
  calls_thread.join();
  asio::post(io, [this] {
    stopping = true;
    timer.cancel();
  });
  work.reset();
  thread.join();
}

std::string_view WebLane::Date() {
  const absl::Time now = absl::Now();
  if (const int64_t second = absl::ToUnixSeconds(now); second != date_second) {
    date_second = second;
    date = absl::FormatTime("%a, %d %b %E4Y %H:%M:%S GMT", now, absl::UTCTimeZone());
  }
  return date;
}

}  // namespace gateway::web
