// Offers; see offers.h.
#include "parts-svc/catalogue/offers.h"

#include "aftersales/parts/v1/errors.pb.h"
#include "chassis/time/clock.h"
#include "chassis/time/dates.h"

namespace parts {
namespace {

v1::PartOffer OfferOf(const v1::Part& part, const v1::PartStock& stock, int64_t unit_price_amount,
                      const OfferTerms& terms) {
  v1::PartOffer offer;
  offer.set_part_id(part.part_id());
  offer.set_part_number(part.part_number());
  offer.set_display_name(terms.english ? part.name_en() : part.name_zh());
  offer.set_brand(part.brand());
  offer.set_original(part.original());
  offer.set_unit(UnitWord(part.unit()));
  offer.set_unit_price_amount(unit_price_amount);
  offer.set_tax_basis_points(part.has_tax_basis_points() ? part.tax_basis_points() : terms.store_tax_basis_points);
  offer.set_safety_critical(part.safety_critical());
  offer.set_high_value(part.high_value());
  offer.set_on_hand_milli(stock.on_hand_milli());
  offer.set_reserved_milli(stock.reserved_milli());
  offer.set_available_milli(stock.available_milli());
  offer.set_step_milli(part.step_milli());
  return offer;
}

}  // namespace

absl::StatusOr<std::map<std::string, int64_t>> Offers::Prices(chassis::sql::Session& session,
                                                              const std::string& store_id,
                                                              const std::vector<std::string>& part_ids,
                                                              const OfferTerms& terms) {
  ASSIGN_OR_RETURN(auto prices,
                   catalogue_.PricesInForce(session, store_id, v1::PRICE_LEVEL_RETAIL, part_ids, terms.moment));
  if (terms.level > v1::PRICE_LEVEL_RETAIL) {
    ASSIGN_OR_RETURN(const auto of_level,
                     catalogue_.PricesInForce(session, store_id, terms.level, part_ids, terms.moment));
    for (const auto& [part_id, price] : of_level) prices[part_id] = price;
  }
  return prices;
}

absl::StatusOr<std::vector<v1::PartOffer>> Offers::Of(chassis::sql::Session& session, const std::string& store_id,
                                                      const std::vector<std::string>& part_ids,
                                                      const OfferTerms& terms) {
  ASSIGN_OR_RETURN(PartsById parts, catalogue_.ByIds(session, store_id, part_ids));
  std::vector<std::string> missing;
  for (const std::string& part_id : part_ids) {
    if (parts.count(part_id) == 0) missing.push_back(part_id);
  }
  if (!missing.empty()) return UnknownParts(missing, {});
  RETURN_IF_ERROR(catalogue_.AddSuccessors(session, store_id, parts));
  return Of(session, store_id, part_ids, parts, terms);
}

absl::StatusOr<std::vector<v1::PartOffer>> Offers::Of(chassis::sql::Session& session, const std::string& store_id,
                                                      const std::vector<std::string>& part_ids, const PartsById& parts,
                                                      const OfferTerms& terms) {
  std::vector<std::string> sold;
  for (const std::string& part_id : part_ids) sold.push_back(Newest(parts, part_id).part_id());
  ASSIGN_OR_RETURN(const auto prices, Prices(session, store_id, sold, terms));
  ASSIGN_OR_RETURN(StocksByPart stocks, ledger_.Stocks(session, store_id, sold));
  ASSIGN_OR_RETURN(OnOrderByPartId on_order, orders_.OnOrderByPart(session, store_id, sold));
  std::vector<v1::PartOffer> offers;
  for (const std::string& part_id : sold) {
    const v1::Part& part = parts.at(part_id);
    const auto price = prices.find(part_id);
    if (price == prices.end()) {
      return chassis::Refuse(v1::ERROR_REASON_PART_HAS_NO_PRICE).With("part", part.part_number());
    }
    v1::PartOffer& offer = offers.emplace_back(OfferOf(part, stocks[part_id], price->second, terms));
    offer.set_on_order_milli(on_order[part_id].on_order_milli);
    // Expected in the course of its day.
    if (const std::string& day = on_order[part_id].expected_date; !day.empty()) {
      *offer.mutable_expect_time() = chassis::ToProto(chassis::DayEnd(day, terms.time_zone));
    }
  }
  return offers;
}

}  // namespace parts
