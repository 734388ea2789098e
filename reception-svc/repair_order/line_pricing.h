// Asks for everything that lines are priced from: the price list of this service and the parts of parts-svc. Used for
// orders, estimates and add-ons alike.
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "aftersales/parts/v1/catalogue.pb.h"
#include "chassis/server/call.h"
#include "reception-svc/price_list/price_list_store.h"
#include "reception-svc/repair_order/order_line_rules.h"

namespace reception {

class LinePricing {
 public:
  explicit LinePricing(const chassis::privacy::Cipher& cipher) : prices_(cipher) {}

  absl::StatusOr<OrderLines> Price(chassis::Call& call, const LineWishes& wishes, const std::string& model_code) const;
  // What the lines that are there already cost now.
  absl::StatusOr<PriceSources> SourcesFor(chassis::Call& call, const OrderLines& lines,
                                          const std::string& model_code) const;
  // Live offers of these numbers; asks nobody when there are none.
  static absl::StatusOr<std::map<std::string, aftersales::parts::v1::PartOffer>> Offers(
      chassis::Call& call, const std::vector<std::string>& part_numbers, const std::string& model_code);

 private:
  absl::StatusOr<PriceBook> Book(chassis::Call& call, const ListedCodes& codes, const std::string& model_code) const;

  PriceListStore prices_;
};

}  // namespace reception
