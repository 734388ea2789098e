// The SQL of replenishment runs and their proposals.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "chassis/records/table.h"
#include "parts-svc/demand/part_facts.h"
#include "parts-svc/replenishment/replenishment_rules.h"

namespace parts {

class ReplenishmentStore {
 public:
  explicit ReplenishmentStore(const chassis::privacy::Cipher& cipher) : runs_(cipher), proposals_(cipher) {}

  struct Going {
    std::string store_id;
    std::string replenishment_run_id;
  };
  // Runs not finished, of every store.
  absl::StatusOr<std::vector<Going>> Running(chassis::sql::Session& session);
  // Of the unit's store: worked out and not decided; locked.
  absl::StatusOr<std::vector<v1::ReplenishmentRun>> LockReady(chassis::UnitOfWork& work);
  absl::StatusOr<std::optional<v1::ReplenishmentRun>> RunningIn(chassis::sql::Session& session,
                                                                const std::string& store_id);
  // Proposals of the run that are to be ordered, by supplier and part; locked.
  absl::StatusOr<std::vector<v1::ReplenishmentProposal>> LockProposed(chassis::UnitOfWork& work,
                                                                      const std::string& replenishment_run_id);
  // Parts to be ordered by supplier.
  absl::StatusOr<std::map<std::string, int64_t>> LineCounts(chassis::sql::Session& session, const std::string& store_id,
                                                            const std::string& replenishment_run_id);
  // These parts of an approved run stand on this order.
  absl::Status MarkOrdered(chassis::UnitOfWork& work, const std::string& replenishment_run_id,
                           const std::vector<std::string>& part_ids, const std::string& purchase_order_id);

  // How an approved supplier sells a part; nothing when he is not approved or does not sell it.
  absl::StatusOr<std::optional<Offer>> OfferOf(chassis::sql::Session& session, const std::string& store_id,
                                               const std::string& supplier_id, const std::string& part_id);

  const chassis::records::Table<v1::ReplenishmentRun>& runs() const { return runs_; }
  const chassis::records::Table<v1::ReplenishmentProposal>& proposals() const { return proposals_; }

 private:
  chassis::records::Table<v1::ReplenishmentRun> runs_;
  chassis::records::Table<v1::ReplenishmentProposal> proposals_;
};

}  // namespace parts
