// The catalogue room; see catalogue_service.h. The import has a file of its own.
#include "parts-svc/catalogue/catalogue_service.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/catalogue_errors.pb.h"
#include "aftersales/parts/v1/errors.pb.h"

namespace parts {
namespace {

constexpr int kPageSize = 50;
constexpr int kPageSizeMax = 500;

// What was asked for, in the order asked, and which parts of `parts` answer it.
struct Asked {
  std::vector<std::string> part_ids;
  PartsById parts;
};

absl::StatusOr<Asked> FindAsked(CatalogueStore& store, chassis::sql::Session& session,
                                const v1::LookUpPartsRequest& request) {
  ASSIGN_OR_RETURN(
      const auto by_number,
      store.ByNumbers(session, request.store_id(), {request.part_numbers().begin(), request.part_numbers().end()}));
  Asked asked;
  ASSIGN_OR_RETURN(asked.parts,
                   store.ByIds(session, request.store_id(), {request.part_ids().begin(), request.part_ids().end()}));
  std::vector<std::string> missing, fields;
  for (int i = 0; i < request.part_numbers_size(); ++i) {
    const auto found = by_number.find(request.part_numbers(i));
    if (found == by_number.end()) {
      missing.push_back(request.part_numbers(i));
      fields.push_back(absl::StrCat("part_numbers[", i, "]"));
      continue;
    }
    asked.part_ids.push_back(found->second.part_id());
    asked.parts[found->second.part_id()] = found->second;
  }
  for (int i = 0; i < request.part_ids_size(); ++i) {
    asked.part_ids.push_back(request.part_ids(i));
    if (asked.parts.count(request.part_ids(i)) > 0) continue;
    missing.push_back(request.part_ids(i));
    fields.push_back(absl::StrCat("part_ids[", i, "]"));
  }
  if (!missing.empty()) return UnknownParts(missing, fields);
  RETURN_IF_ERROR(store.AddSuccessors(session, request.store_id(), asked.parts));
  return asked;
}

}  // namespace

CatalogueService::CatalogueService(chassis::Rooms& rooms)
    : store_(rooms.host.cipher()), ledger_(rooms.host.cipher()), offers_(rooms.host.cipher()) {
  rooms.rpcs.Standard<v1::Part>(store_.parts(), [this](chassis::UnitOfWork& work, const v1::Part* before,
                                                       v1::Part& after) { return CheckStandard(work, before, after); });
  rooms.rpcs.Standard<v1::PartPrice>(store_.prices());
  rooms.rpcs.On(this, &CatalogueService::LookUp);
  rooms.rpcs.On(this, &CatalogueService::FindForVehicle);
  rooms.rpcs.On(this, &CatalogueService::Chain);
  rooms.rpcs.On(this, &CatalogueService::Supersede);
  rooms.rpcs.On(this, &CatalogueService::SetPrice);
}

absl::Status CatalogueService::CheckStandard(chassis::UnitOfWork& work, const v1::Part* before, v1::Part& after) {
  if (before != nullptr) return CheckPart(after, "part");
  Complete(after);
  RETURN_IF_ERROR(CheckPart(after, "part"));
  ASSIGN_OR_RETURN(const auto known, store_.LockByNumbers(work, {after.part_number()}));
  if (!known.empty()) return chassis::AlreadyExists("part", after.part_number());
  return ledger_.Open(work.sql(), work.store_id(), {after});
}

absl::StatusOr<v1::LookUpPartsResponse> CatalogueService::LookUp(chassis::Call& call,
                                                                 const v1::LookUpPartsRequest& request) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  return call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<v1::LookUpPartsResponse> {
    ASSIGN_OR_RETURN(const Asked asked, FindAsked(store_, session, request));
    std::vector<std::string> sold;
    for (const std::string& part_id : asked.part_ids) sold.push_back(Newest(asked.parts, part_id).part_id());
    const OfferTerms terms{store.settings().tax_basis_points(), call.language() == "en", request.price_level(),
                           call.Now(), store.time_zone()};
    ASSIGN_OR_RETURN(const std::vector<v1::PartOffer> offers,
                     offers_.Of(session, request.store_id(), asked.part_ids, asked.parts, terms));
    std::set<std::string> not_fitting;
    if (!request.model_code().empty() || !request.vin().empty()) {
      ASSIGN_OR_RETURN(not_fitting, store_.NotFitting(session, request.store_id(), sold,
                                                      Vehicle{request.model_code(), request.vin()}));
    }
    v1::LookUpPartsResponse response;
    for (size_t i = 0; i < sold.size(); ++i) {
      const v1::Part& part = asked.parts.at(sold[i]);
      const v1::Part& original = asked.parts.at(asked.part_ids[i]);
      v1::PartOffer& offer = *response.add_offers();
      offer = offers[i];
      offer.set_fits(not_fitting.count(part.part_id()) == 0);
      const std::string& number = static_cast<int>(i) < request.part_numbers_size()
                                      ? request.part_numbers(static_cast<int>(i))
                                      : original.part_number();
      if (number != part.part_number()) offer.set_asked_number(number);
    }
    return response;
  });
}

absl::StatusOr<v1::FindPartsForVehicleResponse> CatalogueService::FindForVehicle(
    chassis::Call& call, const v1::FindPartsForVehicleRequest& request) {
  if (request.model_code().empty() && request.vin().empty()) {
    return chassis::Refuse(v1::CATALOGUE_ERROR_REASON_VEHICLE_NOT_NAMED)
        .At("vin", "请填写车型或车架号", "name the model or the VIN");
  }
  if (request.page_size() < 0) return chassis::InvalidField("page_size", "不能为负", "must not be negative");
  const int size = request.page_size() == 0 ? kPageSize : std::min(request.page_size(), kPageSizeMax);
  return call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<v1::FindPartsForVehicleResponse> {
    // The page's token is the last number seen: an order everybody may know.
    ASSIGN_OR_RETURN(std::vector<v1::Part> parts,
                     store_.Fitting(session, request.store_id(), {request.model_code(), request.vin()},
                                    request.category(), request.page_token(), size + 1));
    v1::FindPartsForVehicleResponse response;
    if (static_cast<int>(parts.size()) > size) {
      parts.resize(size);
      response.set_next_page_token(parts.back().part_number());
    }
    *response.mutable_parts() = {parts.begin(), parts.end()};
    return response;
  });
}

absl::StatusOr<v1::SupersessionChain> CatalogueService::Chain(chassis::Call& call,
                                                              const v1::GetSupersessionChainRequest& request) {
  return call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<v1::SupersessionChain> {
    ASSIGN_OR_RETURN(const auto before, store_.Predecessors(session, request.store_id(), {request.part_id()}));
    std::vector<std::string> part_ids;
    if (const auto older = before.find(request.part_id()); older != before.end()) {
      part_ids.assign(older->second.rbegin(), older->second.rend());
    }
    part_ids.push_back(request.part_id());
    ASSIGN_OR_RETURN(PartsById parts, store_.ByIds(session, request.store_id(), part_ids));
    if (parts.count(request.part_id()) == 0) return UnknownParts({request.part_id()}, {"part_id"});
    RETURN_IF_ERROR(store_.AddSuccessors(session, request.store_id(), parts));
    for (const std::string& successor : Successors(parts, request.part_id())) part_ids.push_back(successor);
    v1::SupersessionChain chain;
    for (const std::string& part_id : part_ids) *chain.add_parts() = parts.at(part_id);
    return chain;
  });
}

absl::StatusOr<v1::Part> CatalogueService::Supersede(chassis::Call& call, const v1::SupersedePartRequest& request) {
  return call.Transact<v1::Part>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::Part> {
    work.Because(request.reason());
    ASSIGN_OR_RETURN(const v1::Part before, store_.parts().Lock(work, request.store_id(), request.part_id()));
    ASSIGN_OR_RETURN(const std::vector<v1::Part> chain, store_.LockChain(work, request.successor_part_id()));
    ASSIGN_OR_RETURN(const int predecessor_count, store_.PredecessorCount(work, request.part_id()));
    RETURN_IF_ERROR(CheckSuccessor(before, chain, predecessor_count));
    v1::Part after = before;
    after.set_successor_part_id(request.successor_part_id());
    RETURN_IF_ERROR(store_.parts().Update(work, before, after));
    return after;
  });
}

absl::StatusOr<v1::PartPrice> CatalogueService::SetPrice(chassis::Call& call, const v1::SetPartPriceRequest& request) {
  return call.Transact<v1::PartPrice>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::PartPrice> {
    work.Because(request.reason());
    ASSIGN_OR_RETURN(const PartsById found, store_.ByIds(work.sql(), request.store_id(), {request.part_id()}));
    if (found.empty()) return UnknownParts({request.part_id()}, {"part_id"});
    v1::PartPrice price;
    price.set_store_id(request.store_id());
    price.set_part_price_id(work.NewId());
    price.set_part_id(request.part_id());
    price.set_price_level(request.price_level() == v1::PRICE_LEVEL_UNSPECIFIED ? v1::PRICE_LEVEL_RETAIL
                                                                               : request.price_level());
    price.set_unit_price_amount(request.unit_price_amount());
    price.set_reason(request.reason());
    price.set_actor(work.actor().subject);
    if (request.has_effective_time()) {
      RETURN_IF_ERROR(CheckPriceDate(chassis::FromProto(request.effective_time()), work.now()));
      *price.mutable_effective_time() = request.effective_time();
    } else {
      *price.mutable_effective_time() = work.now_proto();
    }
    const absl::Status inserted = store_.prices().Insert(work, price);
    if (absl::IsAlreadyExists(inserted)) return chassis::AlreadyExists("price", found.begin()->second.part_number());
    RETURN_IF_ERROR(inserted);
    return price;
  });
}

}  // namespace parts
