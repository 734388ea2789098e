#include "chassis/config/watched_file.h"

#include <fstream>

#include "absl/strings/str_cat.h"

namespace chassis::config {
namespace {

bool Same(const struct stat& a, const struct stat& b) {
  const auto same_time = [](const struct timespec& x, const struct timespec& y) {
    return x.tv_sec == y.tv_sec && x.tv_nsec == y.tv_nsec;
  };
  return a.st_ino == b.st_ino && a.st_dev == b.st_dev && a.st_size == b.st_size && same_time(a.st_mtim, b.st_mtim) &&
         same_time(a.st_ctim, b.st_ctim);
}

}  // namespace

bool WatchedFile::Changed() {
  struct stat now {};
  if (::stat(path_.c_str(), &now) != 0 || Same(now, seen_)) return false;
  seen_ = now;
  return true;
}

absl::StatusOr<std::string> WatchedFile::Read(size_t bytes_max) {
  // Before the content: what is written in between shows at the next look.
  struct stat now {};
  if (::stat(path_.c_str(), &now) != 0) return absl::NotFoundError(absl::StrCat("cannot read ", path_));
  seen_ = now;
  std::ifstream file(path_, std::ios::binary);
  if (!file || S_ISDIR(now.st_mode)) return absl::NotFoundError(absl::StrCat("cannot read ", path_));
  std::string content(bytes_max + 1, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<size_t>(file.gcount()));
  if (content.size() > bytes_max) {
    return absl::InvalidArgumentError(absl::StrCat(path_, " is larger than ", bytes_max, " bytes"));
  }
  return content;
}

}  // namespace chassis::config
