#include "chassis/identity/revoked_tokens.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "chassis/status/status.h"
#include "chassis/status/text.h"
#include "chassis/telemetry/log.h"

namespace chassis::identity {
namespace {

constexpr size_t kFileBytesMax = 8 << 20;
constexpr size_t kTokenIdBytesMax = 200;

}  // namespace

absl::StatusOr<RevokedTokens::List> RevokedTokens::Parse(std::string_view text) {
  List list;
  int64_t number = 0;
  for (absl::string_view line : absl::StrSplit(Absl(text), '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line.substr(0, line.find('#')));
    if (line.empty()) continue;
    const std::vector<std::string> words = absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    absl::Time until = absl::InfiniteFuture();
    std::string why;
    if (words.size() > 2 || words[0].size() > kTokenIdBytesMax ||
        (words.size() == 2 && !absl::ParseTime(absl::RFC3339_full, words[1], &until, &why))) {
      return absl::InvalidArgumentError(absl::StrCat("line ", number, " is not `jti [RFC 3339 time]`"));
    }
    absl::Time& kept = list.try_emplace(words[0], until).first->second;
    kept = std::max(kept, until);
  }
  return list;
}

absl::Status RevokedTokens::Load() {
  if (!configured_) return absl::OkStatus();
  absl::MutexLock loading(&loading_);
  ASSIGN_OR_RETURN(const std::string text, file_.Read(kFileBytesMax));
  absl::StatusOr<List> list = Parse(text);
  if (!list.ok()) return absl::InvalidArgumentError(absl::StrCat(file_.path(), ": ", list.status().message()));
  auto fresh = std::make_shared<const List>(*std::move(list));
  absl::MutexLock lock(&mutex_);
  list_ = std::move(fresh);
  return absl::OkStatus();
}

void RevokedTokens::LoadIfChanged() {
  if (!configured_) return;
  {
    absl::MutexLock loading(&loading_);
    if (!file_.Changed()) return;
  }
  if (const absl::Status status = Load(); !status.ok()) {
    log::Error("list of revoked tokens refused, the old one stays", {{"why", std::string(status.message())}});
  }
}

bool RevokedTokens::Has(const std::string& token_id, absl::Time now) const {
  if (!configured_ || token_id.empty()) return false;
  std::shared_ptr<const List> list;
  {
    absl::ReaderMutexLock lock(&mutex_);
    list = list_;
  }
  const auto found = list->find(token_id);
  return found != list->end() && now < found->second;
}

}  // namespace chassis::identity
