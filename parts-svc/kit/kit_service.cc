// The kit room; see kit_service.h.
#include "parts-svc/kit/kit_service.h"

#include "aftersales/parts/v1/catalogue_errors.pb.h"
#include "chassis/time/amounts.h"

namespace parts {

using chassis::UnitOfWork;

KitService::KitService(chassis::Rooms& rooms)
    : catalogue_(rooms.host.cipher()), store_(rooms.host.cipher()), offers_(rooms.host.cipher()) {
  rooms.rpcs.Standard<v1::PartKit>(store_.table(), [this](UnitOfWork& work, const v1::PartKit* before,
                                                          v1::PartKit& after) { return Check(work, before, after); });
  rooms.rpcs.On(this, &KitService::Explode);
}

absl::Status KitService::Check(UnitOfWork& work, const v1::PartKit* before, v1::PartKit& after) {
  std::vector<std::string> part_ids{after.part_id()};
  for (const auto& component : after.components()) part_ids.push_back(component.part_id());
  ASSIGN_OR_RETURN(const PartsById parts, catalogue_.ByIds(work.sql(), work.store_id(), part_ids));
  ASSIGN_OR_RETURN(std::set<std::string> kits, store_.KitsAmong(work.sql(), work.store_id(), part_ids));
  if (before == nullptr) {
    if (kits.count(after.part_id()) > 0) return chassis::AlreadyExists("kit", parts.at(after.part_id()).part_number());
    ASSIGN_OR_RETURN(const bool component, store_.IsComponent(work.sql(), work.store_id(), after.part_id()));
    if (component) {
      return chassis::Refuse(v1::CATALOGUE_ERROR_REASON_KIT_HOLDS_KIT)
          .With("part", parts.count(after.part_id()) > 0 ? parts.at(after.part_id()).part_number() : "")
          .At("part_kit.part_id", "已是其他套件的组成部分", "is part of another kit");
    }
  }
  kits.erase(after.part_id());
  RETURN_IF_ERROR(CheckKit(after, parts, kits));
  after.set_part_number(parts.at(after.part_id()).part_number());
  return absl::OkStatus();
}

absl::StatusOr<v1::ExplodedKit> KitService::Explode(chassis::Call& call, const v1::ExplodeKitRequest& request) {
  if (request.quantity_milli() % chassis::kMilli != 0) {
    return chassis::InvalidField("quantity_milli", "套件按整套计", "kits come whole");
  }
  ASSIGN_OR_RETURN(const auto store, call.Store());
  return call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<v1::ExplodedKit> {
    ASSIGN_OR_RETURN(const auto kit, store_.ByNumber(session, request.store_id(), request.part_number()));
    if (!kit.has_value()) return UnknownParts({request.part_number()}, {"part_number"});
    if (kit->closed()) {
      return chassis::Refuse(v1::CATALOGUE_ERROR_REASON_KIT_CLOSED)
          .With("part", kit->part_number())
          .At("part_number", "已停用", "is closed");
    }
    OfferTerms terms{store.settings().tax_basis_points(), call.language() == "en", request.price_level(), call.Now(),
                     store.time_zone()};
    std::vector<std::string> part_ids;
    for (const auto& component : kit->components()) part_ids.push_back(component.part_id());
    ASSIGN_OR_RETURN(const std::vector<v1::PartOffer> offers, offers_.Of(session, request.store_id(), part_ids, terms));
    ASSIGN_OR_RETURN(const auto own_price, offers_.Prices(session, request.store_id(), {kit->part_id()}, terms));
    v1::ExplodedKit exploded;
    exploded.set_part_id(kit->part_id());
    exploded.set_part_number(kit->part_number());
    for (int i = 0; i < kit->components_size(); ++i) {
      auto& line = *exploded.add_lines();
      *line.mutable_offer() = offers[i];
      line.set_quantity_milli(kit->components(i).quantity_milli() * (request.quantity_milli() / chassis::kMilli));
    }
    const auto price = own_price.find(kit->part_id());
    PriceKit(price == own_price.end() ? 0 : price->second, request.quantity_milli(), exploded);
    return exploded;
  });
}

}  // namespace parts
