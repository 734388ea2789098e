// The SQL of suppliers: their files, what they offer, and the facts they are measured by.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "chassis/records/table.h"
#include "parts-svc/supplier/supplier_rules.h"

namespace parts {

using OffersByPart = std::map<std::string, v1::SupplierPart>;  // by part id

class SupplierStore {
 public:
  explicit SupplierStore(const chassis::privacy::Cipher& cipher)
      : suppliers_(cipher), offers_(cipher), scores_(cipher) {}

  // What the supplier offers of these parts.
  absl::StatusOr<OffersByPart> OffersOf(chassis::sql::Session& session, const std::string& store_id,
                                        const std::string& supplier_id, const std::vector<std::string>& part_ids);
  // Where each part is ordered when nobody says otherwise: the preferred offer, else the cheapest, of suppliers that
  // may be ordered from on this day; where the papers of one have ended, the next one's.
  absl::StatusOr<OffersByPart> BestOffers(chassis::sql::Session& session, const std::string& store_id,
                                          const std::vector<std::string>& part_ids, const v1::PartsPolicy& policy,
                                          std::string_view day);
  // The offer of a part that is preferred now, if any; locked.
  absl::StatusOr<std::optional<v1::SupplierPart>> LockPreferred(chassis::UnitOfWork& work, const std::string& part_id);

  absl::StatusOr<int64_t> OpenOrderCount(chassis::sql::Session& session, const std::string& store_id,
                                         const std::string& supplier_id);
  // `time_zone` is the store's: where its days begin.
  absl::StatusOr<SupplierFacts> Facts(chassis::sql::Session& session, const std::string& store_id,
                                      const std::string& supplier_id, const Period& period,
                                      const std::string& time_zone);

  // Stores with approved suppliers, for the daily round.
  absl::StatusOr<std::vector<std::string>> StoresWithSuppliers(chassis::sql::Session& session);
  // Approved suppliers with a paper that ends up to this day.
  absl::StatusOr<std::vector<std::string>> WithPaperEnding(chassis::sql::Session& session, const std::string& store_id,
                                                           const std::string& until);
  // Suppliers with lines promised within the period and no score of it.
  absl::StatusOr<std::vector<std::string>> Unscored(chassis::sql::Session& session, const std::string& store_id,
                                                    const Period& period);

  const chassis::records::Table<v1::Supplier>& suppliers() const { return suppliers_; }
  const chassis::records::Table<v1::SupplierPart>& offers() const { return offers_; }
  const chassis::records::Table<v1::SupplierScore>& scores() const { return scores_; }

 private:
  chassis::records::Table<v1::Supplier> suppliers_;
  chassis::records::Table<v1::SupplierPart> offers_;
  chassis::records::Table<v1::SupplierScore> scores_;
};

}  // namespace parts
