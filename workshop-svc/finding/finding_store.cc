// See finding_store.h.
#include "workshop-svc/finding/finding_store.h"

#include "chassis/status/status.h"

namespace workshop {
namespace {

template <typename T>
absl::StatusOr<std::optional<T>> FoundOrNot(absl::StatusOr<T> found) {
  if (found.ok()) return std::optional<T>(*std::move(found));
  if (absl::IsNotFound(found.status())) return std::optional<T>();
  return found.status();
}

}  // namespace

absl::StatusOr<std::optional<v1::AddOnDecision>> FindingStore::DecisionOn(chassis::sql::Session& session,
                                                                          const std::string& store_id,
                                                                          const std::string& add_on_id) const {
  return FoundOrNot(decisions_.Get(session, store_id, add_on_id));
}

absl::StatusOr<std::optional<v1::Finding>> FindingStore::Find(chassis::sql::Session& session,
                                                              const std::string& store_id,
                                                              const std::string& finding_id) const {
  if (finding_id.empty()) return std::optional<v1::Finding>();
  return FoundOrNot(findings_.Get(session, store_id, finding_id));
}

}  // namespace workshop
