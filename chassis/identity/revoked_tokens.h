// Tokens that must no longer be believed although they have not expired, by their id (claim jti). The list is small
// and read as a whole when its file changes; a list with an error is refused, and the one before stays in force.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "chassis/config/watched_file.h"

namespace chassis::identity {

class RevokedTokens {
 public:
  // `path` "": nothing is ever revoked.
  explicit RevokedTokens(std::string path) : configured_(!path.empty()), file_(std::move(path)) {}

  absl::Status Load();
  // Reads it again when it has changed, logging what is wrong with it.
  void LoadIfChanged();
  // An entry whose time is over is as good as none: the token itself has expired by then.
  bool Has(const std::string& token_id, absl::Time now) const;

 private:
  using List = absl::flat_hash_map<std::string, absl::Time>;
  static absl::StatusOr<List> Parse(std::string_view text);

  const bool configured_;
  absl::Mutex loading_;
  config::WatchedFile file_ ABSL_GUARDED_BY(loading_);
  mutable absl::Mutex mutex_;
  std::shared_ptr<const List> list_ ABSL_GUARDED_BY(mutex_) = std::make_shared<const List>();
};

}  // namespace chassis::identity
