// What a part costs and how much of it there is, as an estimate shows it: for look-ups and for what stands for
// several parts.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "parts-svc/catalogue/catalogue_store.h"
#include "parts-svc/ledger/ledger_store.h"
#include "parts-svc/purchase_order/purchase_order_store.h"

namespace parts {

struct OfferTerms {
  int32_t store_tax_basis_points = 0;
  bool english = false;
  v1::PriceLevel level = v1::PRICE_LEVEL_UNSPECIFIED;  // a level without a price of its own pays retail
  absl::Time moment;
  std::string time_zone;  // of the store: when a delivery's day ends
};

class Offers {
 public:
  explicit Offers(const chassis::privacy::Cipher& cipher) : catalogue_(cipher), ledger_(cipher), orders_(cipher) {}

  // One offer per id, in their order, of the newest part of each chain. PART_UNKNOWN, PART_HAS_NO_PRICE.
  absl::StatusOr<std::vector<v1::PartOffer>> Of(chassis::sql::Session& session, const std::string& store_id,
                                                const std::vector<std::string>& part_ids, const OfferTerms& terms);
  // The same for parts whose successors are in `parts` already.
  absl::StatusOr<std::vector<v1::PartOffer>> Of(chassis::sql::Session& session, const std::string& store_id,
                                                const std::vector<std::string>& part_ids, const PartsById& parts,
                                                const OfferTerms& terms);
  absl::StatusOr<std::map<std::string, int64_t>> Prices(chassis::sql::Session& session, const std::string& store_id,
                                                        const std::vector<std::string>& part_ids,
                                                        const OfferTerms& terms);

 private:
  CatalogueStore catalogue_;
  LedgerStore ledger_;
  PurchaseOrderStore orders_;
};

}  // namespace parts
