// The purchasing desk; see purchase_desk.h.
#include "parts-svc/purchase_order/purchase_desk.h"

#include <algorithm>

#include "aftersales/parts/v1/procurement_events.pb.h"
#include "chassis/host/host.h"
#include "chassis/time/dates.h"
#include "parts-svc/purchase_order/procurement_duties.h"
#include "parts-svc/version.h"

namespace parts {
namespace {

using chassis::UnitOfWork;

absl::StatusOr<aftersales::common::v1::Store> StoreOf(UnitOfWork& work) {
  return work.host().stores().Get(work.store_id(), work.now() + absl::Seconds(5));
}

aftersales::common::v1::Duty LateDuty(const v1::PurchaseOrder& order, const std::string& time_zone) {
  aftersales::common::v1::Duty duty;
  duty.set_kind(kLateOrderDuty);
  duty.set_handbook("P-08");
  duty.set_subject_kind("purchase_order");
  duty.set_subject_id(order.purchase_order_id());
  duty.set_subject_number(order.number());
  duty.set_assignee_role(aftersales::options::v1::ROLE_PARTS_CLERK);
  duty.set_escalation_role(aftersales::options::v1::ROLE_PARTS_MANAGER);
  *duty.mutable_due_time() = chassis::ToProto(chassis::DayEnd(order.expected_date(), time_zone));
  return duty;
}

int64_t ReceivedMilli(const v1::PurchaseOrder& order) {
  int64_t received_milli = 0;
  for (const v1::PurchaseOrderLine& line : order.lines()) received_milli += line.received_milli();
  return received_milli;
}

bool ServesAny(const v1::PurchaseOrder& order) {
  return std::any_of(order.lines().begin(), order.lines().end(),
                     [](const auto& line) { return !line.special_order_id().empty(); });
}

}  // namespace

PurchaseDesk::PurchaseDesk(const chassis::privacy::Cipher& cipher)
    : orders_(cipher),
      special_orders_(cipher),
      suppliers_(cipher),
      contracts_(cipher),
      catalogue_(cipher),
      policies_(cipher) {}

aftersales::common::v1::Duty PurchaseDesk::WaitingDuty(const v1::SpecialOrder& special) {
  aftersales::common::v1::Duty duty;
  duty.set_kind(kSpecialOrderDuty);
  duty.set_handbook("P-08");
  duty.set_subject_kind("special_order");
  duty.set_subject_id(special.special_order_id());
  duty.set_subject_number(special.holder_number());
  duty.set_assignee_role(aftersales::options::v1::ROLE_PARTS_CLERK);
  duty.set_escalation_role(aftersales::options::v1::ROLE_PARTS_MANAGER);
  *duty.mutable_due_time() = special.needed_time();
  return duty;
}

absl::StatusOr<v1::PartsPolicy> PurchaseDesk::Policy(UnitOfWork& work) {
  return policies_.Get(work.sql(), work.store_id());
}

absl::StatusOr<OffersByPart> PurchaseDesk::BestOffers(chassis::sql::Session& session, const std::string& store_id,
                                                      const std::vector<std::string>& part_ids, std::string_view day) {
  ASSIGN_OR_RETURN(const v1::PartsPolicy policy, policies_.Get(session, store_id));
  return suppliers_.BestOffers(session, store_id, part_ids, policy, day);
}

absl::StatusOr<v1::Supplier> PurchaseDesk::GoodSupplier(UnitOfWork& work, const std::string& supplier_id,
                                                        const v1::PartsPolicy& policy) {
  ASSIGN_OR_RETURN(const auto store, StoreOf(work));
  ASSIGN_OR_RETURN(v1::Supplier supplier, suppliers_.suppliers().Get(work.sql(), work.store_id(), supplier_id));
  RETURN_IF_ERROR(CheckStanding(supplier, policy, chassis::CivilDate(work.now(), store.time_zone())));
  return supplier;
}

absl::StatusOr<Terms> PurchaseDesk::TermsFor(UnitOfWork& work, const v1::Supplier& supplier,
                                             const std::vector<std::string>& part_ids, const v1::PartsPolicy& policy) {
  ASSIGN_OR_RETURN(const auto store, StoreOf(work));
  Terms terms;
  terms.today = chassis::CivilDate(work.now(), store.time_zone());
  terms.price_tolerance_basis_points = policy.price_tolerance_basis_points();
  ASSIGN_OR_RETURN(const PartsById parts, catalogue_.ByIds(work.sql(), work.store_id(), part_ids));
  ASSIGN_OR_RETURN(const OffersByPart offers,
                   suppliers_.OffersOf(work.sql(), work.store_id(), supplier.supplier_id(), part_ids));
  ASSIGN_OR_RETURN(const TermsByPart contracts,
                   contracts_.TermsOn(work.sql(), work.store_id(), supplier.supplier_id(), part_ids, terms.today));
  for (const auto& [part_id, part] : parts) {
    PartTerms& of_part = terms.by_part[part_id];
    of_part.part = part;
    of_part.lead_time_days = supplier.has_lead_time_days() ? supplier.lead_time_days() : policy.lead_time_days();
    of_part.tax_basis_points =
        part.has_tax_basis_points() ? part.tax_basis_points() : store.settings().tax_basis_points();
    if (const auto offer = offers.find(part_id); offer != offers.end()) {
      of_part.offer = offer->second;
      if (offer->second.has_lead_time_days()) of_part.lead_time_days = offer->second.lead_time_days();
    }
    if (const auto contract = contracts.find(part_id); contract != contracts.end()) of_part.contract = contract->second;
  }
  return terms;
}

absl::Status PurchaseDesk::CheckContracts(UnitOfWork& work, const v1::PurchaseOrder& order, const Terms& terms) {
  std::set<std::string> contract_ids;
  for (const v1::PurchaseOrderLine& line : order.lines()) {
    const auto of_part = terms.by_part.find(line.part_id());
    if (line.contract_id().empty() || of_part == terms.by_part.end() || !of_part->second.contract.has_value()) continue;
    if (of_part->second.contract->maximum_quantity_milli > 0) contract_ids.insert(line.contract_id());
  }
  RETURN_IF_ERROR(contracts_.LockRows(work, contract_ids));
  for (const std::string& contract_id : contract_ids) {
    ASSIGN_OR_RETURN(auto ordered,
                     contracts_.OrderedUnder(work.sql(), work.store_id(), contract_id, order.purchase_order_id()));
    std::map<std::string, int64_t> wanted;
    for (const v1::PurchaseOrderLine& line : order.lines()) {
      if (line.contract_id() == contract_id) wanted[line.part_id()] += line.quantity_milli() - line.cancelled_milli();
    }
    for (const auto& [part_id, quantity_milli] : wanted) {
      const PartTerms& of_part = terms.by_part.at(part_id);
      if (!of_part.contract.has_value()) continue;
      RETURN_IF_ERROR(
          CheckContractQuantity(*of_part.contract, of_part.part.part_number(), ordered[part_id], quantity_milli));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::PurchaseOrder> PurchaseDesk::Draft(UnitOfWork& work, const PurchaseOrderDraft& draft,
                                                      const Buyer& buyer) {
  ASSIGN_OR_RETURN(const v1::PartsPolicy policy, Policy(work));
  ASSIGN_OR_RETURN(const v1::Supplier supplier, GoodSupplier(work, draft.supplier_id, policy));
  std::vector<std::string> part_ids;
  for (const auto& line : draft.lines) part_ids.push_back(line.part_id());
  ASSIGN_OR_RETURN(const Terms terms, TermsFor(work, supplier, part_ids, policy));
  v1::PurchaseOrder order;
  order.set_store_id(work.store_id());
  order.set_purchase_order_id(work.NewId());
  order.set_number(draft.number);
  order.set_supplier_id(supplier.supplier_id());
  order.set_supplier_code(supplier.code());
  order.set_supplier_name(supplier.display_name());
  order.set_state(v1::PurchaseOrder::STATE_DRAFT);
  order.set_origin(draft.origin);
  order.set_origin_id(draft.origin_id);
  order.set_currency_code(supplier.currency_code());
  order.set_revision(1);
  order.set_note(draft.note);
  order.set_creator(work.actor().subject);
  RETURN_IF_ERROR(WriteLines(
      draft.lines, terms, buyer, {}, [&] { return work.NewId(); }, order));
  for (size_t i = 0; i < draft.special_order_ids.size(); ++i) {
    order.mutable_lines(static_cast<int>(i))->set_special_order_id(draft.special_order_ids[i]);
  }
  RETURN_IF_ERROR(orders_.orders().Insert(work, order));
  return order;
}

absl::StatusOr<v1::PurchaseOrder> PurchaseDesk::RecordReceipt(UnitOfWork& work, const std::string& purchase_order_id,
                                                              const std::vector<ReceiptLine>& lines) {
  ASSIGN_OR_RETURN(const auto store, StoreOf(work));
  ASSIGN_OR_RETURN(const v1::PurchaseOrder before, orders_.LockOrder(work, purchase_order_id));
  v1::PurchaseOrder after = before;
  RETURN_IF_ERROR(Receive(lines, chassis::CivilDate(work.now(), store.time_zone()), work.now(), after));
  RETURN_IF_ERROR(Save(work, before, "the goods came", after));
  v1::PurchaseOrderReceived fact;
  fact.set_purchase_order_id(purchase_order_id);
  fact.set_purchase_order_number(after.number());
  fact.set_supplier_id(after.supplier_id());
  fact.set_complete(after.state() == v1::PurchaseOrder::STATE_RECEIVED);
  work.Publish(fact, {"purchase_order", purchase_order_id, VersionOf(after)});
  return after;
}

absl::StatusOr<v1::PurchaseOrder> PurchaseDesk::GiveUpLine(UnitOfWork& work, const std::string& purchase_order_id,
                                                           const std::string& line_id, int64_t quantity_milli,
                                                           std::string_view reason) {
  ASSIGN_OR_RETURN(const v1::PurchaseOrder before, orders_.LockOrder(work, purchase_order_id));
  v1::PurchaseOrder after = before;
  ASSIGN_OR_RETURN(const int64_t given_up, GiveUp(line_id, quantity_milli, after));
  if (given_up == 0) return before;
  if (IsOut(after)) RETURN_IF_ERROR(Settle(after));
  RETURN_IF_ERROR(Save(work, before, reason, after));
  return after;
}

absl::Status PurchaseDesk::Save(UnitOfWork& work, const v1::PurchaseOrder& before, std::string_view reason,
                                v1::PurchaseOrder& after) {
  RETURN_IF_ERROR(orders_.orders().Update(work, before, after));
  RETURN_IF_ERROR(SaveDuty(work, before, reason, after));
  return SaveSpecialOrders(work, reason, before, after);
}

absl::Status PurchaseDesk::SaveDuty(UnitOfWork& work, const v1::PurchaseOrder& before, std::string_view reason,
                                    const v1::PurchaseOrder& after) {
  const bool was_due = IsOut(before), is_due = IsOut(after);
  if (was_due == is_due && before.expected_date() == after.expected_date()) return absl::OkStatus();
  if (was_due) {
    const std::string& id = after.purchase_order_id();
    // A new date is no delivery: the duty of the old one counts neither for nor against anybody.
    RETURN_IF_ERROR(ReceivedMilli(after) > ReceivedMilli(before) ? work.CompleteDuties(kLateOrderDuty, id, reason)
                                                                 : work.WaiveDuties(kLateOrderDuty, id, reason));
  }
  if (!is_due) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto store, StoreOf(work));
  work.Owe(LateDuty(after, store.time_zone()));
  return absl::OkStatus();
}

absl::Status PurchaseDesk::SaveSpecialOrders(UnitOfWork& work, std::string_view reason, const v1::PurchaseOrder& before,
                                             const v1::PurchaseOrder& after) {
  if (!ServesAny(before)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto specials, special_orders_.LockServedBy(work, after.purchase_order_id()));
  for (const v1::SpecialOrder& special : specials) {
    v1::SpecialOrder followed = special;
    RETURN_IF_ERROR(Follow(after, reason, work.now(), followed));
    const bool told = followed.state() != special.state() || followed.expected_date() != special.expected_date();
    if (!told && followed.received_milli() == special.received_milli()) continue;
    RETURN_IF_ERROR(special_orders_.table().Update(work, special, followed));
    const bool waited_for = special.state() == v1::SpecialOrder::STATE_ORDERED;
    if (followed.state() == v1::SpecialOrder::STATE_ARRIVED && waited_for) {
      RETURN_IF_ERROR(work.CompleteDuties(kSpecialOrderDuty, special.special_order_id(), "ARRIVED"));
    }
    if (told && waited_for) SpecialOrderStore::Tell(work, special, followed);
  }
  return absl::OkStatus();
}

}  // namespace parts
