// See paging.h.
#include "workshop-svc/paging.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "aftersales/common/v1/errors.pb.h"
#include "chassis/status/refusal.h"

namespace workshop {
namespace {

constexpr char kPrefix[] = "after:";

}  // namespace

absl::StatusOr<int64_t> ReadPageToken(const std::string& token) {
  if (token.empty()) return 0;
  std::string text;
  int64_t position = 0;
  if (absl::WebSafeBase64Unescape(token, &text) && absl::StartsWith(text, kPrefix) &&
      absl::SimpleAtoi(text.substr(sizeof(kPrefix) - 1), &position) && position >= 0) {
    return position;
  }
  return chassis::Refuse(aftersales::common::v1::ERROR_REASON_PAGE_TOKEN)
      .At("page_token", "不是此查询给出的", "was not given by this query");
}

std::string WritePageToken(int64_t position) { return absl::WebSafeBase64Escape(absl::StrCat(kPrefix, position)); }

absl::StatusOr<int> PageSize(int32_t asked, int otherwise, int most) {
  if (asked < 0) return chassis::InvalidField("page_size", "不能为负", "must not be negative");
  return asked == 0 ? otherwise : std::min<int>(asked, most);
}

}  // namespace workshop
