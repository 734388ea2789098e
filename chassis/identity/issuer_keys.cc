#include "chassis/identity/issuer_keys.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "chassis/identity/key_fetch.h"
#include "chassis/status/status.h"
#include "chassis/telemetry/log.h"
#include "chassis/telemetry/metrics.h"

namespace chassis::identity {

IssuerKeys::IssuerKeys(const IssuerSettings& settings, FetchJwks fetch, telemetry::Metrics* metrics)
    : settings_(settings), remote_(IsUrl(settings.jwks)), fetch_(std::move(fetch)), file_(settings.jwks) {
  if (metrics == nullptr) return;
  const auto counter = [&](const char* outcome) {
    return &metrics->Counter("token_keys_loaded_total", "Times an issuer's keys were read, by outcome.",
                             {{"issuer", settings.issuer}, {"outcome", outcome}});
  };
  loaded_ = counter("ok");
  failed_ = counter("failed");
  loaded_time_ = &metrics->Gauge("token_keys_loaded_timestamp_seconds",
                                 "When an issuer's keys were last read and found good; 0: not yet.",
                                 {{"issuer", settings.issuer}});
}

std::shared_ptr<const Keys> IssuerKeys::InForce() const {
  absl::ReaderMutexLock lock(&mutex_);
  return keys_;
}

absl::StatusOr<std::string> IssuerKeys::Read() {
  if (!remote_) return file_.Read(kKeySetBytesMax);
  return fetch_(settings_);
}

absl::Status IssuerKeys::Load(bool* changed) {
  absl::MutexLock loading(&loading_);
  *changed = false;
  absl::StatusOr<std::string> text = Read();
  absl::StatusOr<Keys> keys = text.ok() ? ReadKeys(*text, settings_.jwks) : text.status();
  if (prometheus::Counter* counter = keys.ok() ? loaded_ : failed_; counter != nullptr) counter->Increment();
  RETURN_IF_ERROR(keys.status());
  if (loaded_time_ != nullptr) loaded_time_->Set(absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch()));
  if (*text == text_) return absl::OkStatus();
  text_ = *std::move(text);
  auto fresh = std::make_shared<const Keys>(*std::move(keys));
  absl::MutexLock lock(&mutex_);
  keys_ = std::move(fresh);
  *changed = true;
  return absl::OkStatus();
}

bool IssuerKeys::LoadIfFileChanged() {
  // Before the lock: a fetch under way holds it for as long as the issuer likes to take.
  if (remote_) return false;
  {
    absl::MutexLock loading(&loading_);
    if (!file_.Changed()) return false;
  }
  bool changed = false;
  if (const absl::Status status = Load(&changed); !status.ok()) {
    log::Error("new keys refused, the old ones stay",
               {{"issuer", settings_.issuer}, {"why", std::string(status.message())}});
  }
  return changed;
}

}  // namespace chassis::identity
