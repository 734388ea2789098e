#include "chassis/identity/own_token.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "chassis/status/status.h"
#include "chassis/status/text.h"
#include "chassis/telemetry/log.h"

namespace chassis::identity {
namespace {

constexpr absl::Duration kLifetime = absl::Hours(1);
constexpr absl::Duration kRenewBefore = absl::Minutes(10);
constexpr size_t kTokenBytesMax = 8192;

// What may stand in a header and could be a token: anything else would break the call that carries it.
bool LooksLikeToken(std::string_view text) {
  return !text.empty() && text.size() <= kTokenBytesMax &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

OwnToken::OwnToken(std::unique_ptr<TokenIssuer> issuer, const std::string& service_name, const Clock& clock)
    : issuer_(std::move(issuer)), clock_(clock) {
  request_.subject = "service:" + service_name;
  request_.roles = {RoleName(aftersales::options::v1::ROLE_SUITE_SERVICE)};
  request_.stores = {"*"};
  request_.lifetime = kLifetime;
}

std::string OwnToken::Get() {
  std::lock_guard<std::mutex> lock(mutex_);
  const absl::Time now = clock_.Now();
  if (now < renew_time_) return token_;
  request_.issue_time = now;
  token_ = issuer_->Issue(request_);
  renew_time_ = now + kLifetime - kRenewBefore;
  return token_;
}

absl::Status TokenFile::Load() {
  std::lock_guard<std::mutex> lock(mutex_);
  return Read();
}

std::string TokenFile::Get() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (file_.Changed()) {
    if (const absl::Status read = Read(); !read.ok()) {
      log::Error("the service's own token cannot be read again, the one before stays",
                 {{"why", std::string(read.message())}});
    }
  }
  return token_;
}

absl::Status TokenFile::Read() {
  ASSIGN_OR_RETURN(const std::string content, file_.Read(kTokenBytesMax));
  const std::string_view token = Std(absl::StripAsciiWhitespace(Absl(content)));
  if (!LooksLikeToken(token)) return absl::InvalidArgumentError(absl::StrCat(file_.path(), " holds no token"));
  token_ = std::string(token);
  return absl::OkStatus();
}

}  // namespace chassis::identity
