#include "reception-svc/repair_order/repair_order_service.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "aftersales/reception/v1/errors.pb.h"
#include "aftersales/reception/v1/events.pb.h"
#include "aftersales/workshop/v1/schedule.pb.h"
#include "reception-svc/coverage/coverage_rules.h"
#include "reception-svc/coverage/warranty_lookup.h"
#include "reception-svc/repair_order/order_line_rules.h"
#include "reception-svc/repair_order/repair_order_rules.h"
#include "reception-svc/visit/visit_rules.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
namespace common = aftersales::common::v1;
namespace options = aftersales::options::v1;
namespace workshop = aftersales::workshop::v1;
using chassis::Call;
using chassis::UnitOfWork;

v1::RepairOrder OrderFrom(const v1::CreateRepairOrderRequest& request, const v1::Visit& visit) {
  v1::RepairOrder order;
  order.set_store_id(request.store_id());
  order.set_state(v1::RepairOrder::STATE_DRAFT);
  order.set_revision(1);
  order.set_visit_id(visit.visit_id());
  order.set_appointment_id(visit.appointment_id());
  order.set_customer_id(visit.customer_id());
  order.set_vehicle_id(visit.vehicle_id());
  order.set_plate(visit.plate());
  order.set_vin(visit.vin());
  order.set_model_code(visit.model_code());
  order.set_odometer_km(visit.odometer_km());
  order.set_work_kind(request.work_kind());
  order.set_repair_class(request.repair_class());
  order.set_customer_requests(request.customer_requests());
  order.set_workshop_notes(request.workshop_notes());
  order.set_planned_payment(request.planned_payment());
  order.set_delivery_procedure(request.delivery_procedure());
  order.set_old_parts_wish(request.old_parts_wish());
  order.set_wash_wanted(request.wash_wanted());
  order.set_customer_waits(request.customer_waits());
  order.set_authorization_limit_amount(request.authorization_limit_amount());
  order.set_authorization_contact(request.authorization_contact());
  order.set_authorization_method(request.authorization_method());
  order.set_fault_unknown(request.fault_unknown());
  return order;
}

absl::Status CheckVisitTakesOrder(const v1::Visit& visit) {
  if (visit.state() == v1::Visit::STATE_CLOSED) {
    return chassis::Refuse(v1::ERROR_REASON_VISIT_CLOSED)
        .With("number", visit.number())
        .At("visit_id", "已结束", "has ended");
  }
  if (visit.without_vehicle()) {
    return chassis::Refuse(v1::ERROR_REASON_ORDER_NOT_ON_VISIT).At("visit_id", "没有车辆", "has no vehicle");
  }
  if (!visit.repair_order_id().empty()) {
    return chassis::Refuse(v1::ERROR_REASON_VISIT_HAS_ORDER).At("visit_id", "已有委托书", "has an order");
  }
  return absl::OkStatus();
}

std::map<common::Skill, int32_t> MinutesBySkill(const v1::RepairOrder& order) {
  std::map<common::Skill, int32_t> minutes;
  for (const v1::RepairOrderLine& line : order.lines()) {
    if (line.kind() == v1::LINE_KIND_LABOUR && !IsDeclined(line)) minutes[line.skill()] += line.standard_minutes();
  }
  return minutes;
}

// When the last part that is short now is expected; InfinitePast when everything is here. A part nobody expects
// counts as here: the release will refuse it.
absl::Time PartsReadyTime(const v1::RepairOrder& order,
                          const std::map<std::string, aftersales::parts::v1::PartOffer>& offers) {
  std::map<std::string, int64_t> wanted;
  for (const v1::RepairOrderLine& line : order.lines()) {
    if (IsStorePart(line) && !IsDeclined(line)) wanted[line.part_number()] += line.quantity_milli();
  }
  absl::Time ready = absl::InfinitePast();
  for (const auto& [number, quantity] : wanted) {
    const auto offer = offers.find(number);
    if (offer == offers.end() || offer->second.available_milli() >= quantity) continue;
    if (offer->second.has_expect_time()) ready = std::max(ready, chassis::FromProto(offer->second.expect_time()));
  }
  return ready;
}

}  // namespace

RepairOrderService::RepairOrderService(chassis::Rooms& rooms)
    : store_(rooms.host.cipher()),
      pricing_(rooms.host.cipher()),
      visits_(rooms.host.cipher()),
      board_(rooms.host.cipher()) {
  rooms.rpcs.On(this, &RepairOrderService::Create);
  rooms.rpcs.On(this, &RepairOrderService::AddLines);
  rooms.rpcs.On(this, &RepairOrderService::RemoveOrderLines);
  rooms.rpcs.On(this, &RepairOrderService::DeclineOrderLines);
  rooms.rpcs.On(this, &RepairOrderService::DecideCoverage);
  rooms.rpcs.On(this, &RepairOrderService::ComputePromise);
  rooms.rpcs.On(this, &RepairOrderService::SetPromisedTime);
  rooms.rpcs.On(this, &RepairOrderService::AcknowledgeDisclaimer);
  rooms.rpcs.On(this, &RepairOrderService::Sign);
  rooms.rpcs.On(this, &RepairOrderService::ReviseOrder);
  rooms.rpcs.Standard<v1::RepairOrder>(store_.orders);
  rooms.SignedDocument("repair_order",
                       [this](chassis::sql::Session& session, const std::string& store_id,
                              const std::string& id) -> absl::StatusOr<std::unique_ptr<google::protobuf::Message>> {
                         ASSIGN_OR_RETURN(v1::RepairOrder order, store_.orders.Get(session, store_id, id));
                         if (!order.has_signature()) return nullptr;
                         return std::make_unique<v1::RepairOrder>(std::move(order));
                       });
  rooms.Verify("repair_order_sums", [this](chassis::sql::Session& session, const std::string& store_id) {
    return VerifySums(session, store_id);
  });
}

absl::StatusOr<OrderLines> RepairOrderService::PricedLines(Call& call, const LineWishes& wishes,
                                                           const v1::RepairOrder& order) {
  if (wishes.empty()) return OrderLines();
  ASSIGN_OR_RETURN(const WarrantyFacts warranty, AskWarranty(call, order.vehicle_id(), order.odometer_km()));
  ASSIGN_OR_RETURN(OrderLines lines, pricing_.Price(call, wishes, order.model_code()));
  ASSIGN_OR_RETURN(const std::vector<v1::CoverageRule> rules, call.Read([&](chassis::sql::Session& session) {
    return store_.CoverageRules(session, call.store_id());
  }));
  for (v1::RepairOrderLine& line : lines) DecidePlainCoverage(line, rules, warranty);
  return lines;
}

absl::StatusOr<v1::RepairOrder> RepairOrderService::Create(Call& call, const v1::CreateRepairOrderRequest& request) {
  ASSIGN_OR_RETURN(const common::Store store, call.Store());
  VisitStore::CheckedIn check_in;
  ASSIGN_OR_RETURN(const v1::Visit visit, call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<v1::Visit> {
    ASSIGN_OR_RETURN(check_in, visits_.IsCheckedIn(session, call.store_id(), request.visit_id()));
    return visits_.visits.Get(session, call.store_id(), request.visit_id());
  }));
  RETURN_IF_ERROR(CheckVisitTakesOrder(visit));
  RETURN_IF_ERROR(CheckCheckedIn(visit, check_in.walk_around, check_in.belongings, check_in.custody));
  v1::RepairOrder draft = OrderFrom(request, visit);
  draft.set_adviser(call.actor().subject);
  draft.set_currency_code(store.currency_code());
  ASSIGN_OR_RETURN(*draft.mutable_lines(), PricedLines(call, request.lines(), draft));
  SetTotals(draft);
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber("RO"));
  draft.set_number(number);
  const auto insert = [&](UnitOfWork& work, const v1::Visit& before) -> absl::StatusOr<v1::RepairOrder> {
    v1::RepairOrder order = draft;
    order.set_repair_order_id(work.NewId());
    v1::Visit after = before;
    after.set_repair_order_id(order.repair_order_id());
    RETURN_IF_ERROR(visits_.visits.Update(work, before, after));
    RETURN_IF_ERROR(store_.orders.Insert(work, order));
    RETURN_IF_ERROR(board_.Change(work, order.visit_id(),
                                  {.stage = v1::BoardEntry::STAGE_PROPOSAL_BUILD,
                                   .repair_order_id = order.repair_order_id(),
                                   .repair_order_number = order.number()}));
    return order;
  };
  // The visit was read a moment ago: only when it has changed since is it worth reading again.
  absl::StatusOr<v1::RepairOrder> created =
      call.Transact<v1::RepairOrder>([&](UnitOfWork& work) { return insert(work, visit); });
  if (!chassis::IsRefusal(created.status(), common::ERROR_REASON_CHANGED_MEANWHILE)) return created;
  return call.Transact<v1::RepairOrder>([&](UnitOfWork& work) -> absl::StatusOr<v1::RepairOrder> {
    ASSIGN_OR_RETURN(const v1::Visit before, visits_.visits.Lock(work, call.store_id(), request.visit_id()));
    RETURN_IF_ERROR(CheckVisitTakesOrder(before));
    return insert(work, before);
  });
}

absl::StatusOr<v1::RepairOrder> RepairOrderService::AddLines(Call& call, const v1::AddOrderLinesRequest& request) {
  ASSIGN_OR_RETURN(const v1::RepairOrder seen, store_.Get(call, request.repair_order_id()));
  ASSIGN_OR_RETURN(const OrderLines lines, PricedLines(call, request.lines(), seen));
  return store_.ChangeSeen(call, seen, [&](UnitOfWork&, v1::RepairOrder& order) {
    order.mutable_lines()->MergeFrom(lines);
    return Reopen(order);
  });
}

absl::StatusOr<v1::RepairOrder> RepairOrderService::RemoveOrderLines(Call& call,
                                                                     const v1::RemoveOrderLinesRequest& request) {
  return store_.ChangeOrder(call, request.repair_order_id(),
                            [&](UnitOfWork&, v1::RepairOrder& order) { return RemoveLines(order, request); });
}

absl::StatusOr<v1::RepairOrder> RepairOrderService::DeclineOrderLines(Call& call,
                                                                      const v1::DeclineOrderLinesRequest& request) {
  return store_.ChangeOrder(call, request.repair_order_id(), [&](UnitOfWork& work, v1::RepairOrder& order) {
    work.Because(request.reason());
    return DeclineLines(order, request);
  });
}

absl::StatusOr<v1::RepairOrder> RepairOrderService::DecideCoverage(Call& call,
                                                                   const v1::DecideCoverageRequest& request) {
  const bool needs_limits = NeedsLimits(request);
  std::vector<v1::CoverageRule> rules;
  ASSIGN_OR_RETURN(const v1::RepairOrder seen,
                   call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<v1::RepairOrder> {
                     if (needs_limits) {
                       ASSIGN_OR_RETURN(rules, store_.CoverageRules(session, call.store_id()));
                     }
                     return store_.orders.Get(session, call.store_id(), request.repair_order_id());
                   }));
  WarrantyFacts warranty;
  if (needs_limits) {
    ASSIGN_OR_RETURN(warranty, AskWarranty(call, seen.vehicle_id(), seen.odometer_km()));
  }
  return store_.ChangeSeen(call, seen, [&](UnitOfWork& work, v1::RepairOrder& order) -> absl::Status {
    RETURN_IF_ERROR(chassis::RequireState(
        order, {v1::RepairOrder::STATE_DRAFT, v1::RepairOrder::STATE_ESTIMATED, v1::RepairOrder::STATE_SIGNED,
                v1::RepairOrder::STATE_RELEASED, v1::RepairOrder::STATE_COMPLETED}));
    const OrderIs order_is = order.has_signature() ? OrderIs::kSigned : OrderIs::kUnsigned;
    const int64_t customer_amount = order.customer_amount();
    for (int i = 0; i < request.decisions_size(); ++i) {
      const auto& decision = request.decisions(i);
      ASSIGN_OR_RETURN(v1::RepairOrderLine * line,
                       FindLine(order, decision.line_id(), absl::StrCat("decisions[", i, "].line_id")));
      RETURN_IF_ERROR(Decide(*line, decision, rules, warranty, order_is));
      work.Because(decision.reason());
    }
    if (order_is == OrderIs::kSigned) return absl::OkStatus();
    SetTotals(order);
    // The estimate shows who pays: when that moved, it is no longer this order's.
    return order.customer_amount() == customer_amount ? absl::OkStatus() : Reopen(order);
  });
}

absl::StatusOr<v1::RepairOrder> RepairOrderService::ComputePromise(Call& call,
                                                                   const v1::ComputePromiseRequest& request) {
  ASSIGN_OR_RETURN(const common::Store store, call.Store());
  ASSIGN_OR_RETURN(const v1::RepairOrder seen, store_.Get(call, request.repair_order_id()));
  RETURN_IF_ERROR(CheckHasWork(seen));
  ASSIGN_OR_RETURN(const auto offers, LinePricing::Offers(call, PartNumbersOf(seen.lines()), seen.model_code()));
  workshop::ForecastCompletionRequest query;
  query.set_store_id(call.store_id());
  int32_t work_minutes = 0;
  for (const auto& [skill, minutes] : MinutesBySkill(seen)) {
    auto& work = *query.add_works();
    work.set_skill(skill);
    work.set_standard_minutes(minutes);
    work_minutes += minutes;
  }
  if (const absl::Time ready = PartsReadyTime(seen, offers); ready > call.Now()) {
    *query.mutable_parts_ready_time() = chassis::ToProto(ready);
  }
  ASSIGN_OR_RETURN(const auto forecast, call.Ask<workshop::ForecastCompletionResponse>(query));
  const absl::Time promise = PromiseFrom(chassis::FromProto(forecast.feasible_time()), work_minutes,
                                         store.settings().promise_margin_basis_points());
  return store_.ChangeSeen(
      call, seen,
      [&](UnitOfWork& work, v1::RepairOrder& order) -> absl::Status {
        *order.mutable_feasible_time() = forecast.feasible_time();
        return SetPromise(order, promise, "", MayOverridePromise::kNo, work.now());
      },
      [&](UnitOfWork& work, const v1::RepairOrder& order) {
        return board_.SetPromised(work, order.visit_id(), promise);
      });
}

absl::StatusOr<v1::RepairOrder> RepairOrderService::SetPromisedTime(Call& call,
                                                                    const v1::SetPromisedTimeRequest& request) {
  const auto may_override =
      call.CallerIs(options::ROLE_SERVICE_MANAGER) ? MayOverridePromise::kYes : MayOverridePromise::kNo;
  const absl::Time promise = chassis::FromProto(request.promised_time());
  return store_.ChangeOrder(call, request.repair_order_id(),
                            [&](UnitOfWork& work, v1::RepairOrder& order) -> absl::Status {
                              work.Because(request.reason());
                              RETURN_IF_ERROR(SetPromise(order, promise, request.reason(), may_override, work.now()));
                              return board_.SetPromised(work, order.visit_id(), promise);
                            });
}

absl::StatusOr<v1::RepairOrder> RepairOrderService::AcknowledgeDisclaimer(
    Call& call, const v1::AcknowledgeDisclaimerRequest& request) {
  return store_.ChangeOrder(
      call, request.repair_order_id(), [&](UnitOfWork& work, v1::RepairOrder& order) -> absl::Status {
        RETURN_IF_ERROR(CheckAcknowledgeable(order, request));
        // What is signed is the estimate that prints the clause.
        ASSIGN_OR_RETURN(const v1::Estimate estimate,
                         store_.estimates.Get(work.sql(), call.store_id(), order.estimate_id()));
        v1::Acknowledgement& acknowledgement = *order.add_acknowledgements();
        acknowledgement.set_clause(request.clause());
        ASSIGN_OR_RETURN(*acknowledgement.mutable_signature(),
                         work.Sign(estimate, {"estimate", estimate.estimate_id(), 1}, request.signature()));
        return absl::OkStatus();
      });
}

absl::StatusOr<v1::RepairOrder> RepairOrderService::Sign(Call& call, const v1::SignRepairOrderRequest& request) {
  RETURN_IF_ERROR(CheckSignedByCustomer(request.signature(), "signature.signer_role"));
  ASSIGN_OR_RETURN(const common::Store store, call.Store());
  return store_.ChangeOrder(
      call, request.repair_order_id(), [&](UnitOfWork& work, v1::RepairOrder& order) -> absl::Status {
        RETURN_IF_ERROR(CheckSignable(order, chassis::CivilDate(work.now(), store.time_zone()), work.now()));
        RETURN_IF_ERROR(chassis::MoveTo(order, v1::RepairOrder::STATE_SIGNED));
        ApproveLines(order);
        const chassis::DocumentRef ref{"repair_order", order.repair_order_id(), order.revision()};
        ASSIGN_OR_RETURN(*order.mutable_signature(), work.Sign(order, ref, request.signature()));
        v1::RepairOrderSigned fact;
        fact.set_repair_order_id(order.repair_order_id());
        fact.set_number(order.number());
        fact.set_total_amount(order.total_amount());
        work.Publish(fact, ref);
        return absl::OkStatus();
      });
}

absl::StatusOr<v1::RepairOrder> RepairOrderService::ReviseOrder(Call& call,
                                                                const v1::ReviseRepairOrderRequest& request) {
  return store_.ChangeOrder(call, request.repair_order_id(),
                            [&](UnitOfWork& work, v1::RepairOrder& order) -> absl::Status {
                              work.Because(request.reason());
                              RETURN_IF_ERROR(Revise(order));
                              return board_.SetStage(work, order.visit_id(), v1::BoardEntry::STAGE_PROPOSAL_BUILD);
                            });
}

absl::StatusOr<common::LedgerCheck> RepairOrderService::VerifySums(chassis::sql::Session& session,
                                                                   const std::string& store_id) const {
  common::LedgerCheck check;
  check.set_name("repair_order_sums");
  ASSIGN_OR_RETURN(const int64_t orders, store_.CountOrders(session, store_id));
  check.set_checked_count(orders);
  ASSIGN_OR_RETURN(const chassis::sql::Rows wrong, store_.OrdersWithWrongSums(session, store_id));
  check.set_difference_count(static_cast<int64_t>(wrong.size()));
  for (size_t i = 0; i < wrong.size(); ++i) {
    check.add_differences(absl::StrCat("order ", wrong[i].Text("number"), " says ", wrong[i].Int("total_amount"),
                                       ", its lines come to ", wrong[i].Int("lines_amount")));
  }
  return check;
}

}  // namespace reception
