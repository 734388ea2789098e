// The SQL of what planning needs to know of every part: read page by page in the order of part ids, so that one pass
// over any number of parts takes the memory of one page and a handful of statements per page.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chassis/sql/session.h"
#include "parts-svc/demand/part_facts.h"

namespace parts {

inline constexpr int64_t kPartsPerPage = 500;

class FactsStore {
 public:
  // The next page of parts after this one (empty: from the first); fewer than kPartsPerPage are the last.
  absl::StatusOr<std::vector<PartFacts>> Page(chassis::sql::Session& session, const std::string& store_id,
                                              const std::string& after_part_id, absl::Time now,
                                              const absl::TimeZone& zone);
  // Who supplies them.
  absl::Status AddOffers(chassis::sql::Session& session, const std::string& store_id, std::vector<PartFacts>& page);
  // When they were last asked for and first came in, however long ago.
  absl::Status AddIdleTimes(chassis::sql::Session& session, const std::string& store_id, std::vector<PartFacts>& page);
  absl::StatusOr<int64_t> PartCount(chassis::sql::Session& session, const std::string& store_id);
};

}  // namespace parts
