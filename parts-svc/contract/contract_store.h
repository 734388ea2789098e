// The SQL of purchase contracts.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "chassis/records/table.h"
#include "parts-svc/contract/contract_rules.h"

namespace parts {

class ContractStore {
 public:
  explicit ContractStore(const chassis::privacy::Cipher& cipher) : table_(cipher) {}

  // What contracts with this supplier say about these parts on this day. At most one each: overlapping ones never
  // become active.
  absl::StatusOr<TermsByPart> TermsOn(chassis::sql::Session& session, const std::string& store_id,
                                      const std::string& supplier_id, const std::vector<std::string>& part_ids,
                                      const std::string& day);
  // Locks these contracts in key order, so that two orders do not use up the same rest.
  absl::Status LockRows(chassis::UnitOfWork& work, const std::set<std::string>& contract_ids);
  // Ordered under the contract so far, by part: submitted orders and later ones, what was given up left out.
  absl::StatusOr<std::map<std::string, int64_t>> OrderedUnder(chassis::sql::Session& session,
                                                              const std::string& store_id,
                                                              const std::string& contract_id,
                                                              const std::string& but_order_id);
  struct Overlap {
    std::string part_number;
    std::string contract_number;
  };
  // Parts of this contract that another active contract with the same supplier settles for some of its days. Locks the
  // supplier's row: activations of one supplier's contracts come one after the other.
  absl::StatusOr<std::vector<Overlap>> Overlaps(chassis::UnitOfWork& work, const v1::PurchaseContract& contract);

  // Active ones that end up to this day and were not announced or have ended.
  absl::StatusOr<std::vector<std::string>> Ending(chassis::sql::Session& session, const std::string& store_id,
                                                  const std::string& until, const std::string& today);
  absl::StatusOr<std::vector<std::string>> StoresWithContracts(chassis::sql::Session& session);

  const chassis::records::Table<v1::PurchaseContract>& table() const { return table_; }

 private:
  chassis::records::Table<v1::PurchaseContract> table_;
};

}  // namespace parts
