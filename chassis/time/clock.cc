// System time, UUIDs and sleep. UUIDs are made here so that their layout (which index locality depends on) is
// decided once.
#include "chassis/time/clock.h"

#include <openssl/rand.h>
#include <openssl/sha.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "chassis/status/text.h"

namespace chassis {
namespace {

using UuidBits = std::array<uint8_t, 16>;

// Formatting by hand: an id is made for every row, and StrFormat costs ten times as much.
std::string UuidString(const UuidBits& bits) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text(36, '-');
  size_t at = 0;
  for (size_t i = 0; i < bits.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) ++at;
    text[at++] = kHex[bits[i] >> 4];
    text[at++] = kHex[bits[i] & 15];
  }
  return text;
}

void SetVersion(UuidBits& bits, uint8_t version) {
  bits[6] = static_cast<uint8_t>((bits[6] & 0x0f) | (version << 4));
  bits[8] = static_cast<uint8_t>((bits[8] & 0x3f) | 0x80);
}

// Random bytes are drawn from OpenSSL in larger gulps, because each draw takes its lock.
void DrawRandom(uint8_t* into, size_t count) {
  thread_local std::array<uint8_t, 512> gulp;
  thread_local size_t used = sizeof(gulp);
  if (used + count > gulp.size()) {
    if (RAND_bytes(gulp.data(), static_cast<int>(gulp.size())) != 1) std::abort();
    used = 0;
  }
  std::memcpy(into, gulp.data() + used, count);
  used += count;
}

}  // namespace

absl::Time SystemClock::Now() const { return absl::Now(); }

struct ShiftedClock::State {
  std::string offset_file;
  std::atomic<int64_t> offset_ns{0};
  std::atomic<int64_t> next_look_ns{0};
};

ShiftedClock::ShiftedClock(std::string offset_file) : state_(std::make_unique<State>()) {
  state_->offset_file = std::move(offset_file);
}
ShiftedClock::~ShiftedClock() = default;

absl::Time ShiftedClock::Now() const {
  const absl::Time now = absl::Now();
  const int64_t now_ns = absl::ToUnixNanos(now);
  int64_t next_look_ns = state_->next_look_ns.load();
  // Whoever moves next_look_ns on reads the file; the others use what is known.
  if (now_ns >= next_look_ns && state_->next_look_ns.compare_exchange_strong(
                                    next_look_ns, now_ns + absl::ToInt64Nanoseconds(absl::Milliseconds(100)))) {
    std::ifstream file(state_->offset_file);
    std::string text;
    double seconds = 0;
    if (file >> text && absl::SimpleAtod(text, &seconds)) {
      state_->offset_ns = absl::ToInt64Nanoseconds(absl::Seconds(seconds));
    }
  }
  return now + absl::Nanoseconds(state_->offset_ns.load());
}

// Version 7: 48 bits of milliseconds, 12 bits of the millisecond's fraction (so ids made one after the other sort
// that way), 62 random bits.
std::string RandomIds::NewId() {
  const int64_t now_us = absl::ToUnixMicros(clock_.Now());
  const uint64_t milliseconds = static_cast<uint64_t>(now_us / 1000);
  const uint64_t fraction = static_cast<uint64_t>(now_us % 1000) * 4096 / 1000;
  UuidBits bits;
  for (int i = 0; i < 6; ++i) bits[i] = static_cast<uint8_t>(milliseconds >> (40 - 8 * i));
  bits[6] = static_cast<uint8_t>(fraction >> 8);
  bits[7] = static_cast<uint8_t>(fraction);
  DrawRandom(bits.data() + 8, 8);
  SetVersion(bits, 7);
  return UuidString(bits);
}

std::string CountingIds::NewId() {
  const uint64_t count = ++count_;
  UuidBits bits{};
  for (int i = 0; i < 7; ++i) bits[15 - i] = static_cast<uint8_t>(count >> (8 * i));
  SetVersion(bits, 7);
  return UuidString(bits);
}

void SystemSleeper::Sleep(absl::Duration duration) { absl::SleepFor(duration); }

// Version 8: the first 122 bits of SHA-256(name space, NUL, name).
std::string DerivedId(std::string_view name_space, std::string_view name) {
  std::string text(name_space);
  text.push_back('\0');
  text.append(name);
  uint8_t digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const uint8_t*>(text.data()), text.size(), digest);
  UuidBits bits;
  std::memcpy(bits.data(), digest, bits.size());
  SetVersion(bits, 8);
  return UuidString(bits);
}

google::protobuf::Timestamp ToProto(absl::Time time) {
  google::protobuf::Timestamp proto;
  const int64_t seconds = absl::ToUnixSeconds(time);
  proto.set_seconds(seconds);
  proto.set_nanos(static_cast<int32_t>((time - absl::FromUnixSeconds(seconds)) / absl::Nanoseconds(1)));
  return proto;
}

absl::Time FromProto(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

std::string CivilDate(absl::Time time, std::string_view time_zone) {
  absl::TimeZone zone = absl::UTCTimeZone();
  if (absl::TimeZone named; absl::LoadTimeZone(Absl(time_zone), &named)) zone = named;
  const absl::CivilDay day = absl::ToCivilDay(time, zone);
  return absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day());
}

}  // namespace chassis
