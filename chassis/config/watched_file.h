// A file that is read again when it changes: keys, lists, routes. Looking costs one stat; whoever owns it decides how
// often. Kubernetes swaps a directory's symlink, editors rename: either shows as another inode or time.
#pragma once

#include <sys/stat.h>

#include <string>

#include "absl/status/statusor.h"

namespace chassis::config {

class WatchedFile {
 public:
  explicit WatchedFile(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  // True when the file is another than when it was last asked or read; false also while it is not there, so that
  // what was read stays in force.
  bool Changed();
  // Its content. NOT_FOUND when it cannot be read, INVALID_ARGUMENT when it is larger than `bytes_max`.
  absl::StatusOr<std::string> Read(size_t bytes_max);

 private:
  const std::string path_;
  struct stat seen_ {};
};

}  // namespace chassis::config
