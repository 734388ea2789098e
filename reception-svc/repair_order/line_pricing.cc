#include "reception-svc/repair_order/line_pricing.h"

#include <utility>

namespace reception {

namespace v1 = aftersales::reception::v1;
namespace parts = aftersales::parts::v1;

absl::StatusOr<PriceBook> LinePricing::Book(chassis::Call& call, const ListedCodes& codes,
                                            const std::string& model_code) const {
  return call.Read([&](chassis::sql::Session& session) {
    return prices_.Load(session, call.store_id(), model_code, call.Now(), codes.operations, codes.packages);
  });
}

absl::StatusOr<std::map<std::string, parts::PartOffer>> LinePricing::Offers(
    chassis::Call& call, const std::vector<std::string>& part_numbers, const std::string& model_code) {
  std::map<std::string, parts::PartOffer> offers;
  if (part_numbers.empty()) return offers;
  parts::LookUpPartsRequest query;
  query.set_store_id(call.store_id());
  query.set_model_code(model_code);
  for (const std::string& number : part_numbers) query.add_part_numbers(number);
  ASSIGN_OR_RETURN(const parts::LookUpPartsResponse found, call.Ask<parts::LookUpPartsResponse>(query));
  for (const parts::PartOffer& offer : found.offers()) {
    // A superseded number is asked for under its old name and sold under its new one.
    if (!offer.asked_number().empty()) offers[offer.asked_number()] = offer;
    offers[offer.part_number()] = offer;
  }
  return offers;
}

absl::StatusOr<OrderLines> LinePricing::Price(chassis::Call& call, const LineWishes& wishes,
                                              const std::string& model_code) const {
  RETURN_IF_ERROR(CheckWishes(wishes));
  ASSIGN_OR_RETURN(const auto store, call.Store());
  ASSIGN_OR_RETURN(PriceBook book, Book(call, CodesOf(wishes), model_code));
  ASSIGN_OR_RETURN(auto offers, Offers(call, PartNumbersOf(wishes, book), model_code));
  const PriceSources sources{.book = std::move(book),
                             .offers = std::move(offers),
                             .labour_tax_basis_points = store.settings().tax_basis_points(),
                             .model_code = model_code};
  return PriceLines(wishes, sources, [&] { return call.NewId(); });
}

absl::StatusOr<PriceSources> LinePricing::SourcesFor(chassis::Call& call, const OrderLines& lines,
                                                     const std::string& model_code) const {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  ASSIGN_OR_RETURN(PriceBook book, Book(call, CodesOf(lines), model_code));
  ASSIGN_OR_RETURN(auto offers, Offers(call, PartNumbersOf(lines), model_code));
  return PriceSources{.book = std::move(book),
                      .offers = std::move(offers),
                      .labour_tax_basis_points = store.settings().tax_basis_points(),
                      .model_code = model_code};
}

}  // namespace reception
