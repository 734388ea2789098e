// The special order room; see special_order_service.h.
#include "parts-svc/special_order/special_order_service.h"

#include "chassis/time/clock.h"
#include "parts-svc/purchase_order/procurement_duties.h"

namespace parts {

using chassis::UnitOfWork;

SpecialOrderService::SpecialOrderService(chassis::Rooms& rooms)
    : desk_(rooms.host.cipher()),
      ordered_(rooms.host.metrics().Counter("parts_special_orders_total", "Special orders (P-08)",
                                            {{"outcome", "ordered"}})),
      waiting_(rooms.host.metrics().Counter("parts_special_orders_total", "Special orders (P-08)",
                                            {{"outcome", "no_supplier"}})) {
  rooms.rpcs.Standard<v1::SpecialOrder>(desk_.special_orders().table());
  rooms.rpcs.On(this, &SpecialOrderService::Create);
  rooms.rpcs.On(this, &SpecialOrderService::Order);
  rooms.rpcs.On(this, &SpecialOrderService::Cancel);
}

absl::StatusOr<SpecialOrderService::BySupplier> SpecialOrderService::Assign(
    chassis::sql::Session& session, const v1::CreateSpecialOrdersRequest& request,
    const std::vector<v1::SpecialOrder>& specials, std::string_view today) {
  const std::string& supplier_id = request.supplier_id();
  std::vector<std::string> part_ids;
  for (const v1::SpecialOrder& special : specials) part_ids.push_back(special.part_id());
  OffersByPart offers;
  if (supplier_id.empty()) {
    ASSIGN_OR_RETURN(offers, desk_.BestOffers(session, request.store_id(), part_ids, today));
  }
  BySupplier by_supplier;
  for (size_t i = 0; i < specials.size(); ++i) {
    const auto offer = offers.find(specials[i].part_id());
    if (!supplier_id.empty()) {
      by_supplier[supplier_id].push_back(i);
    } else if (offer != offers.end()) {
      by_supplier[offer->second.supplier_id()].push_back(i);
    }
  }
  return by_supplier;
}

absl::StatusOr<v1::PurchaseOrder> SpecialOrderService::DraftFor(UnitOfWork& work, const Buyer& buyer,
                                                                const std::string& number,
                                                                const std::string& supplier_id,
                                                                const std::vector<v1::SpecialOrder*>& specials) {
  ASSIGN_OR_RETURN(const v1::PartsPolicy policy, desk_.Policy(work));
  ASSIGN_OR_RETURN(const v1::Supplier supplier, desk_.GoodSupplier(work, supplier_id, policy));
  std::vector<std::string> part_ids;
  for (const v1::SpecialOrder* special : specials) part_ids.push_back(special->part_id());
  ASSIGN_OR_RETURN(const Terms terms, desk_.TermsFor(work, supplier, part_ids, policy));
  PurchaseOrderDraft draft;
  draft.number = number;
  draft.supplier_id = supplier_id;
  draft.origin = v1::PurchaseOrder::ORIGIN_SPECIAL_ORDER;
  for (const v1::SpecialOrder* special : specials) {
    v1::PurchaseOrderDraftLine& line = draft.lines.emplace_back();
    line.set_part_id(special->part_id());
    line.set_quantity_milli(SellableQuantity(terms.by_part.at(special->part_id()), special->quantity_milli()));
    draft.special_order_ids.push_back(special->special_order_id());
  }
  ASSIGN_OR_RETURN(const v1::PurchaseOrder order, desk_.Draft(work, draft, buyer));
  for (size_t i = 0; i < specials.size(); ++i) {
    RETURN_IF_ERROR(PutOnOrder(order, order.lines(static_cast<int>(i)), *specials[i]));
  }
  return order;
}

absl::StatusOr<v1::CreateSpecialOrdersResponse> SpecialOrderService::Create(
    chassis::Call& call, const v1::CreateSpecialOrdersRequest& request) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  const std::string today = chassis::CivilDate(call.Now(), store.time_zone());
  // How many orders there will be, to have their numbers at hand.
  size_t order_count = 0;
  RETURN_IF_ERROR(call.Read([&](chassis::sql::Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(const auto reservations,
                     desk_.special_orders().ReservationsOf(session, request.store_id(), request.holder_id()));
    ASSIGN_OR_RETURN(const auto specials, DraftSpecialOrders(reservations, {}, {}, "", [&] { return call.NewId(); }));
    ASSIGN_OR_RETURN(const BySupplier by_supplier, Assign(session, request, specials, today));
    order_count = by_supplier.size();
    return absl::OkStatus();
  }));
  std::vector<std::string> numbers(order_count);
  for (std::string& number : numbers) {
    ASSIGN_OR_RETURN(number, call.NextNumber("PO"));
  }
  auto response = call.Transact<v1::CreateSpecialOrdersResponse>(
      [&](UnitOfWork& work) -> absl::StatusOr<v1::CreateSpecialOrdersResponse> {
        ASSIGN_OR_RETURN(const auto reservations, desk_.special_orders().LockReservationsOf(work, request.holder_id()));
        std::vector<std::string> reservation_ids;
        for (const auto& reservation : reservations) reservation_ids.push_back(reservation.reservation_id());
        ASSIGN_OR_RETURN(const auto on_order,
                         desk_.special_orders().LinesOnOrder(work.sql(), work.store_id(), reservation_ids));
        ASSIGN_OR_RETURN(
            std::vector<v1::SpecialOrder> specials,
            DraftSpecialOrders(reservations,
                               {request.reservation_line_ids().begin(), request.reservation_line_ids().end()}, on_order,
                               work.actor().subject, [&] { return work.NewId(); }));
        ASSIGN_OR_RETURN(const BySupplier by_supplier, Assign(work.sql(), request, specials, today));
        if (by_supplier.size() > numbers.size()) return chassis::ChangedMeanwhile("reservation");
        ASSIGN_OR_RETURN(const v1::PartsPolicy policy, desk_.Policy(work));
        const Buyer buyer = BuyerOf(call.actor().subject, call.identity().roles, policy);
        v1::CreateSpecialOrdersResponse made;
        size_t next = 0;
        for (const auto& [supplier_id, positions] : by_supplier) {
          std::vector<v1::SpecialOrder*> served;
          for (const size_t position : positions) served.push_back(&specials[position]);
          ASSIGN_OR_RETURN(*made.add_purchase_orders(), DraftFor(work, buyer, numbers[next++], supplier_id, served));
        }
        RETURN_IF_ERROR(desk_.special_orders().table().InsertAll(work, specials));
        for (const v1::SpecialOrder& special : specials) {
          work.Owe(PurchaseDesk::WaitingDuty(special));
          const bool ordered = special.state() == v1::SpecialOrder::STATE_ORDERED;
          if (ordered) SpecialOrderStore::Tell(work, v1::SpecialOrder(), special);
          *made.add_special_orders() = special;
        }
        return made;
      });
  if (!response.ok()) return response;
  for (const auto& special : response->special_orders()) {
    (special.state() == v1::SpecialOrder::STATE_ORDERED ? ordered_ : waiting_).Increment();
  }
  return response;
}

absl::StatusOr<v1::OrderSpecialOrdersResponse> SpecialOrderService::Order(
    chassis::Call& call, const v1::OrderSpecialOrdersRequest& request) {
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber("PO"));
  auto response = call.Transact<v1::OrderSpecialOrdersResponse>(
      [&](UnitOfWork& work) -> absl::StatusOr<v1::OrderSpecialOrdersResponse> {
        const std::set<std::string> wanted(request.special_order_ids().begin(), request.special_order_ids().end());
        ASSIGN_OR_RETURN(const auto before, desk_.special_orders().LockByIds(work, {wanted.begin(), wanted.end()}));
        std::set<std::string> missing = wanted;
        for (const v1::SpecialOrder& special : before) missing.erase(special.special_order_id());
        if (!missing.empty()) return chassis::NotFound("special order", *missing.begin());
        ASSIGN_OR_RETURN(const v1::PartsPolicy policy, desk_.Policy(work));
        std::vector<v1::SpecialOrder> after = before;
        std::vector<v1::SpecialOrder*> served;
        for (v1::SpecialOrder& special : after) {
          RETURN_IF_ERROR(chassis::RequireState(special, {v1::SpecialOrder::STATE_WAITING}));
          served.push_back(&special);
        }
        v1::OrderSpecialOrdersResponse made;
        ASSIGN_OR_RETURN(*made.mutable_purchase_order(),
                         DraftFor(work, BuyerOf(call.actor().subject, call.identity().roles, policy), number,
                                  request.supplier_id(), served));
        for (size_t i = 0; i < after.size(); ++i) {
          RETURN_IF_ERROR(desk_.special_orders().table().Update(work, before[i], after[i]));
          SpecialOrderStore::Tell(work, before[i], after[i]);
          *made.add_special_orders() = after[i];
        }
        return made;
      });
  if (response.ok()) ordered_.Increment(response->special_orders_size());
  return response;
}

absl::StatusOr<v1::SpecialOrder> SpecialOrderService::Cancel(chassis::Call& call,
                                                             const v1::CancelSpecialOrderRequest& request) {
  return call.Transact<v1::SpecialOrder>([&](UnitOfWork& work) -> absl::StatusOr<v1::SpecialOrder> {
    work.Because(request.reason());
    const auto& table = desk_.special_orders().table();
    // The purchase order is locked before the special orders it serves.
    ASSIGN_OR_RETURN(const v1::SpecialOrder seen, table.Get(work.sql(), work.store_id(), request.special_order_id()));
    v1::PurchaseOrder order;
    if (!seen.purchase_order_id().empty()) {
      ASSIGN_OR_RETURN(order, desk_.orders().LockOrder(work, seen.purchase_order_id()));
    }
    ASSIGN_OR_RETURN(const v1::SpecialOrder before, table.Lock(work, work.store_id(), request.special_order_id()));
    if (before.etag() != seen.etag()) return chassis::ChangedMeanwhile("special order");
    RETURN_IF_ERROR(chassis::RequireState(before, {v1::SpecialOrder::STATE_WAITING, v1::SpecialOrder::STATE_ORDERED}));
    v1::SpecialOrder after = before;
    const bool drafted = order.state() == v1::PurchaseOrder::STATE_DRAFT;
    if (drafted) {
      RETURN_IF_ERROR(chassis::MoveTo(after, v1::SpecialOrder::STATE_CANCELLED));
      after.set_state_reason(request.reason());
      after.clear_open_reservation_line_id();
    } else {
      RETURN_IF_ERROR(Release(request.reason(), after));
    }
    RETURN_IF_ERROR(work.WaiveDuties(kSpecialOrderDuty, after.special_order_id(), request.reason()));
    RETURN_IF_ERROR(table.Update(work, before, after));
    SpecialOrderStore::Tell(work, before, after);
    if (drafted) RETURN_IF_ERROR(TakeOffDraft(work, order, before.purchase_order_line_id(), request.reason()));
    return after;
  });
}

absl::Status SpecialOrderService::TakeOffDraft(UnitOfWork& work, const v1::PurchaseOrder& order,
                                               const std::string& line_id, const std::string& reason) {
  v1::PurchaseOrder after = order;
  if (order.lines_size() == 1) {
    RETURN_IF_ERROR(chassis::MoveTo(after, v1::PurchaseOrder::STATE_CANCELLED));
    after.set_state_reason(reason);
    *after.mutable_close_time() = work.now_proto();
    GiveUpRest(after);
    return desk_.Save(work, order, reason, after);
  }
  after.clear_lines();
  for (const v1::PurchaseOrderLine& line : order.lines()) {
    if (line.purchase_order_line_id() != line_id) *after.add_lines() = line;
  }
  Total(after);
  return desk_.Save(work, order, reason, after);
}

}  // namespace parts
