// Paging of lists that are computed and not read from one table: the token is the position to go on from. Lists of
// records page through chassis/records.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "chassis/status/status.h"
#include "google/protobuf/repeated_field.h"

namespace workshop {

inline constexpr int kComputedPageMax = 500;

// ERROR_REASON_PAGE_TOKEN for anything this service did not write; 0 for none.
absl::StatusOr<int64_t> ReadPageToken(const std::string& token);
std::string WritePageToken(int64_t position);
// 0: `otherwise`; more than `most` is cut; negative is refused.
absl::StatusOr<int> PageSize(int32_t asked, int otherwise, int most);

template <typename T>
absl::Status CutPage(std::vector<T>& all, int32_t asked_size, const std::string& page_token,
                     google::protobuf::RepeatedPtrField<T>& page, std::string& next_page_token) {
  ASSIGN_OR_RETURN(const int64_t from, ReadPageToken(page_token));
  ASSIGN_OR_RETURN(const int size, PageSize(asked_size, kComputedPageMax, kComputedPageMax));
  const int64_t end = std::min<int64_t>(static_cast<int64_t>(all.size()), from + size);
  for (int64_t i = from; i < end; ++i) *page.Add() = std::move(all[i]);
  if (end < static_cast<int64_t>(all.size())) next_page_token = WritePageToken(end);
  return absl::OkStatus();
}

}  // namespace workshop
