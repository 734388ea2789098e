#include "chassis/identity/own_token.h"

namespace chassis::identity {
namespace {

constexpr absl::Duration kLifetime = absl::Hours(1);
constexpr absl::Duration kRenewBefore = absl::Minutes(10);

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

}  // namespace chassis::identity
