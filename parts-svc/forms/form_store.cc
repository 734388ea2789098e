#include "parts-svc/forms/form_store.h"

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"

namespace parts {
namespace {

void Unique(std::vector<std::string>& ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

}  // namespace

FormStore::FormStore(const chassis::privacy::Cipher& cipher)
    : issues(cipher),
      goods_receipts(cipher),
      purchase_orders(cipher),
      suppliers(cipher),
      supplier_returns(cipher),
      transfers(cipher),
      stocktakes(cipher),
      catalogue_(cipher),
      locations_(cipher),
      reservations_(cipher),
      stocktake_lines_(cipher) {}

absl::StatusOr<FormFacts> FormStore::Facts(chassis::sql::Session& session, const std::string& store_id,
                                           std::vector<std::string> part_ids, std::vector<std::string> location_ids) {
  Unique(part_ids);
  Unique(location_ids);
  FormFacts facts;
  ASSIGN_OR_RETURN(facts.parts, catalogue_.ByIds(session, store_id, part_ids));
  ASSIGN_OR_RETURN(facts.places, locations_.ByIds(session, store_id, location_ids));
  return facts;
}

absl::StatusOr<std::string> FormStore::OrderNumber(chassis::sql::Session& session, const std::string& store_id,
                                                   const std::string& order_id) {
  if (order_id.empty()) return std::string();
  ASSIGN_OR_RETURN(const auto reservations, reservations_.OfOrder(session, store_id, order_id));
  for (const v1::Reservation& reservation : reservations) {
    if (reservation.holder_id() == order_id) return reservation.holder_number();
  }
  return std::string();
}

absl::StatusOr<std::vector<v1::StocktakeLine>> FormStore::CountLines(chassis::sql::Session& session,
                                                                     const std::string& store_id,
                                                                     const std::string& stocktake_id, Lines which,
                                                                     const std::vector<std::string>& location_ids,
                                                                     int64_t count_max) {
  std::string tail = "WHERE store_id = ? AND stocktake_id = ?";
  std::vector<chassis::sql::Value> values = {chassis::sql::ToValue(chassis::sql::Uuid{store_id}),
                                             chassis::sql::ToValue(chassis::sql::Uuid{stocktake_id})};
  if (which == Lines::kToBeCountedAgain) absl::StrAppend(&tail, " AND state = 'RECOUNT'");
  if (!location_ids.empty()) {
    absl::StrAppend(&tail, " AND location_id IN (", chassis::sql::Placeholders(location_ids.size()), ")");
    for (const std::string& id : location_ids) values.push_back(chassis::sql::ToValue(chassis::sql::Uuid{id}));
  }
  absl::StrAppend(&tail, " ORDER BY stocktake_line_id LIMIT ?");
  values.push_back(chassis::sql::ToValue(count_max));
  std::vector<std::unique_ptr<v1::StocktakeLine>> found;
  RETURN_IF_ERROR(stocktake_lines_.mapper().Select(session, tail, values, [&] {
    found.push_back(std::make_unique<v1::StocktakeLine>());
    return found.back().get();
  }));
  std::vector<v1::StocktakeLine> lines;
  lines.reserve(found.size());
  for (auto& line : found) lines.push_back(std::move(*line));
  return lines;
}

}  // namespace parts
