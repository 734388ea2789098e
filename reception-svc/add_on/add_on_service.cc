#include "reception-svc/add_on/add_on_service.h"

#include "aftersales/parts/v1/reservation.pb.h"
#include "aftersales/reception/v1/events.pb.h"
#include "aftersales/workshop/v1/order_intake.pb.h"
#include "chassis/duties/duty_board.h"
#include "reception-svc/add_on/add_on_rules.h"
#include "reception-svc/release/release_rules.h"
#include "reception-svc/release/release_service.h"
#include "reception-svc/repair_order/order_duties.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
namespace parts = aftersales::parts::v1;
namespace workshop = aftersales::workshop::v1;
using chassis::Call;
using chassis::ProcessContext;
using chassis::UnitOfWork;

constexpr std::string_view kBookProcess = "book_add_on";
constexpr std::string_view kDeclineProcess = "decline_add_on";
constexpr absl::Duration kHeldAfterPromise = absl::Hours(24 * 30);

v1::AddOnPlan PlanFor(const v1::AddOn& add_on, const v1::RepairOrder& order) {
  parts::CreateReservationRequest reservation;
  reservation.set_store_id(add_on.store_id());
  reservation.set_holder_kind(parts::Reservation::HOLDER_KIND_ADD_ON);
  reservation.set_holder_id(add_on.add_on_id());
  reservation.set_holder_number(add_on.number());
  reservation.set_order_id(add_on.repair_order_id());
  reservation.set_shortage_policy(parts::SHORTAGE_POLICY_REFUSE);
  *reservation.mutable_expire_time() = chassis::ToProto(chassis::FromProto(order.agreed_time()) + kHeldAfterPromise);
  workshop::AddJobLinesRequest jobs;
  jobs.set_store_id(add_on.store_id());
  jobs.set_repair_order_id(add_on.repair_order_id());
  jobs.set_add_on_id(add_on.add_on_id());
  jobs.set_finding_id(add_on.finding_id());
  if (add_on.has_new_agreed_time()) *jobs.mutable_promised_time() = add_on.new_agreed_time();
  for (const v1::AddOnLine& add_on_line : add_on.lines()) {
    const v1::RepairOrderLine line = OrderLineOf(add_on_line);
    if (line.kind() == v1::LINE_KIND_LABOUR) {
      *jobs.add_lines() = WorkshopLineOf(line);
      jobs.mutable_lines(jobs.lines_size() - 1)->set_add_on_id(add_on.add_on_id());
    } else if (IsStorePart(line)) {
      auto& wanted = *reservation.add_lines();
      wanted.set_holder_line_id(line.line_id());
      wanted.set_part_id(line.part_id());
      wanted.set_quantity_milli(line.quantity_milli());
    }
  }
  v1::AddOnPlan plan;
  plan.set_add_on_id(add_on.add_on_id());
  plan.set_repair_order_id(add_on.repair_order_id());
  if (!reservation.lines().empty()) plan.set_reservation(reservation.SerializeAsString());
  if (!jobs.lines().empty()) plan.set_job_lines(jobs.SerializeAsString());
  return plan;
}

v1::AddOnPlan DeclinePlanFor(const v1::AddOn& add_on) {
  workshop::RecordAddOnDeclineRequest decline;
  decline.set_store_id(add_on.store_id());
  decline.set_repair_order_id(add_on.repair_order_id());
  decline.set_add_on_id(add_on.add_on_id());
  decline.set_finding_id(add_on.finding_id());
  decline.set_safety_critical(add_on.safety_critical());
  *decline.mutable_decline_time() = add_on.decision().answer_time();
  v1::AddOnPlan plan;
  plan.set_add_on_id(add_on.add_on_id());
  plan.set_repair_order_id(add_on.repair_order_id());
  plan.set_decline(decline.SerializeAsString());
  return plan;
}

// Asks the peer with a request kept in the plan; nothing kept: nothing to ask.
template <typename Response, typename Request>
absl::Status AskPlanned(ProcessContext& at, const std::string& kept) {
  if (kept.empty()) return absl::OkStatus();
  Request request;
  if (!request.ParseFromString(kept)) return absl::InternalError("add-on plan does not parse");
  request.set_request_id(at.StepRequestId());
  return at.host.peers().Call<Response>(at.peer, request).status();
}

absl::Status UnreserveParts(ProcessContext& at) {
  const auto plan = at.Data<v1::AddOnPlan>();
  if (plan.reservation().empty()) return absl::OkStatus();
  parts::CancelReservationRequest request;
  request.set_store_id(at.store_id);
  request.set_request_id(at.StepRequestId("undo"));
  request.set_holder_id(plan.add_on_id());
  request.set_reason("booking refused");
  return at.host.peers().Call<parts::CancelReservationResponse>(at.peer, request).status();
}

void PublishDecided(UnitOfWork& work, const v1::AddOn& add_on) {
  v1::AddOnDecided fact;
  fact.set_repair_order_id(add_on.repair_order_id());
  fact.set_add_on_id(add_on.add_on_id());
  fact.set_finding_id(add_on.finding_id());
  fact.set_approved(add_on.decision().approved());
  fact.set_total_amount(add_on.total_amount());
  work.Publish(fact, {"repair_order", add_on.repair_order_id(), add_on.quote_number()});
}

}  // namespace

AddOnService::AddOnService(chassis::Rooms& rooms)
    : store_(rooms.host.cipher()),
      orders_(rooms.host.cipher()),
      pricing_(rooms.host.cipher()),
      board_(rooms.host.cipher()) {
  DefineProcesses(rooms.host.processes());
  rooms.rpcs.On(this, &AddOnService::Propose);
  rooms.rpcs.On(this, &AddOnService::Price);
  rooms.rpcs.On(this, &AddOnService::Decide);
  rooms.host.duties().EndsBy(kAddOnAnswerDuty, "RecordAddOnDecision");
  rooms.rpcs.Standard<v1::AddOn>(store_.add_ons);
  rooms.SignedDocument("add_on",
                       [this](chassis::sql::Session& session, const std::string& store_id,
                              const std::string& id) -> absl::StatusOr<std::unique_ptr<google::protobuf::Message>> {
                         ASSIGN_OR_RETURN(v1::AddOn add_on, store_.add_ons.Get(session, store_id, id));
                         // Offered again after its booking was refused: the next quote is signed anew.
                         if (!add_on.has_decision()) return nullptr;
                         return std::make_unique<v1::AddOn>(std::move(add_on));
                       });
}

template <typename Change>
absl::Status AddOnService::ChangeAddOn(UnitOfWork& work, const std::string& add_on_id, Change&& change) {
  v1::AddOn after;
  return ChangeAddOn(work, add_on_id, after, change);
}

template <typename Change>
absl::Status AddOnService::ChangeAddOn(UnitOfWork& work, const std::string& add_on_id, v1::AddOn& after,
                                       Change&& change) {
  ASSIGN_OR_RETURN(const v1::AddOn before, store_.add_ons.Lock(work, work.store_id(), add_on_id));
  after = before;
  RETURN_IF_ERROR(change(after));
  return store_.add_ons.Update(work, before, after);
}

void AddOnService::DefineProcesses(chassis::Processes& processes) {
  const auto reserve = [](ProcessContext& at) {
    return AskPlanned<parts::Reservation, parts::CreateReservationRequest>(at, at.Data<v1::AddOnPlan>().reservation());
  };
  const auto add_lines = [](ProcessContext& at) {
    return AskPlanned<workshop::CreateJobsResponse, workshop::AddJobLinesRequest>(at,
                                                                                  at.Data<v1::AddOnPlan>().job_lines());
  };
  processes.Define({.kind = std::string(kBookProcess),
                    // Nothing follows add_job_lines that could be refused.
                    .steps = {{"reserve_parts", reserve, UnreserveParts}, {"add_job_lines", add_lines, nullptr}},
                    .finish = [this](UnitOfWork& work, const ProcessContext& at) { return FinishBooking(work, at); },
                    .abandon =
                        [this](UnitOfWork& work, const ProcessContext& at, const absl::Status& why) {
                          return ChangeAddOn(work, at.subject_id, [&](v1::AddOn& add_on) -> absl::Status {
                            RETURN_IF_ERROR(chassis::MoveTo(add_on, v1::AddOn::STATE_OFFERED));
                            add_on.set_quote_number(add_on.quote_number() + 1);
                            add_on.clear_decision();
                            add_on.clear_new_agreed_time();
                            add_on.clear_process_id();
                            add_on.set_process_refusal(RefusalText(why, ""));
                            return absl::OkStatus();
                          });
                        }});
  const auto tell = [](ProcessContext& at) {
    return AskPlanned<workshop::RecordAddOnDeclineResponse, workshop::RecordAddOnDeclineRequest>(
        at, at.Data<v1::AddOnPlan>().decline());
  };
  processes.Define({.kind = std::string(kDeclineProcess),
                    .steps = {{"tell_workshop", tell, nullptr}},
                    .finish =
                        [this](UnitOfWork& work, const ProcessContext& at) {
                          return ChangeAddOn(work, at.subject_id, [](v1::AddOn& add_on) {
                            add_on.set_workshop_told(true);
                            add_on.clear_process_id();
                            return absl::OkStatus();
                          });
                        },
                    .abandon =
                        [this](UnitOfWork& work, const ProcessContext& at, const absl::Status& why) {
                          return ChangeAddOn(work, at.subject_id, [&](v1::AddOn& add_on) {
                            add_on.clear_process_id();
                            add_on.set_process_refusal(RefusalText(why, ""));
                            return absl::OkStatus();
                          });
                        }});
}

absl::StatusOr<v1::AddOn> AddOnService::Propose(Call& call, const v1::ProposeAddOnRequest& request) {
  ASSIGN_OR_RETURN(const v1::RepairOrder seen, orders_.Get(call, request.repair_order_id()));
  RETURN_IF_ERROR(chassis::RequireState(seen, {v1::RepairOrder::STATE_RELEASED}));
  ASSIGN_OR_RETURN(const OrderLines lines, pricing_.Price(call, request.lines(), seen.model_code()));
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber("ADD"));
  return call.Transact<v1::AddOn>([&](UnitOfWork& work) -> absl::StatusOr<v1::AddOn> {
    v1::AddOn add_on;
    add_on.set_store_id(call.store_id());
    add_on.set_add_on_id(work.NewId());
    add_on.set_number(number);
    add_on.set_state(v1::AddOn::STATE_RAISED);
    add_on.set_repair_order_id(request.repair_order_id());
    add_on.set_description(request.description());
    add_on.set_reason(request.reason());
    add_on.set_safety_critical(request.safety_critical());
    add_on.set_system(request.system());
    add_on.set_extra_minutes(request.extra_minutes());
    add_on.set_raised_by(call.actor().subject);
    *add_on.mutable_proposed() = request.lines();
    RETURN_IF_ERROR(Offer(add_on, lines));
    RETURN_IF_ERROR(store_.add_ons.Insert(work, add_on));
    return add_on;
  });
}

absl::StatusOr<v1::AddOn> AddOnService::Price(Call& call, const v1::PriceAddOnRequest& request) {
  std::string model_code;
  ASSIGN_OR_RETURN(const v1::AddOn seen, call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<v1::AddOn> {
    ASSIGN_OR_RETURN(v1::AddOn add_on, store_.add_ons.Get(session, call.store_id(), request.add_on_id()));
    ASSIGN_OR_RETURN(const v1::RepairOrder order,
                     orders_.orders.Get(session, call.store_id(), add_on.repair_order_id()));
    model_code = order.model_code();
    return add_on;
  }));
  const LineWishes& wishes = request.lines().empty() ? seen.proposed() : request.lines();
  ASSIGN_OR_RETURN(const OrderLines lines, pricing_.Price(call, wishes, model_code));
  return call.Transact<v1::AddOn>([&](UnitOfWork& work) -> absl::StatusOr<v1::AddOn> {
    ASSIGN_OR_RETURN(const v1::AddOn before, store_.add_ons.Lock(work, call.store_id(), request.add_on_id()));
    v1::AddOn after = before;
    *after.mutable_proposed() = wishes;
    RETURN_IF_ERROR(Offer(after, lines));
    RETURN_IF_ERROR(store_.add_ons.Update(work, before, after));
    return after;
  });
}

absl::StatusOr<v1::AddOn> AddOnService::Decide(Call& call, const v1::RecordAddOnDecisionRequest& request) {
  ASSIGN_OR_RETURN(
      const v1::AddOn decided, call.Transact<v1::AddOn>([&](UnitOfWork& work) -> absl::StatusOr<v1::AddOn> {
        ASSIGN_OR_RETURN(const v1::AddOn seen, store_.add_ons.Get(work.sql(), call.store_id(), request.add_on_id()));
        // The order first: it is the lock of all that belongs to it.
        ASSIGN_OR_RETURN(const v1::RepairOrder order,
                         orders_.orders.Lock(work, call.store_id(), seen.repair_order_id()));
        ASSIGN_OR_RETURN(const v1::AddOn before, store_.add_ons.Lock(work, call.store_id(), request.add_on_id()));
        ASSIGN_OR_RETURN(const auto others, store_.OfOrder(work.sql(), call.store_id(), order.repair_order_id()));
        RETURN_IF_ERROR(CheckDecision(before, order, others, request, work.now()));
        ASSIGN_OR_RETURN(const auto consent,
                         work.Sign(before, {"add_on", before.add_on_id(), before.quote_number()}, request.consent()));
        v1::AddOn after = before;
        RETURN_IF_ERROR(ApplyDecision(after, request, consent));
        const bool approved = after.decision().approved();
        // A decline stands whatever the workshop's answer; the worker tells it when it can.
        after.set_process_id(approved ? work.Start(kBookProcess, after.add_on_id(), PlanFor(after, order))
                                      : work.StartBehind(kDeclineProcess, after.add_on_id(), DeclinePlanFor(after)));
        RETURN_IF_ERROR(store_.add_ons.Update(work, before, after));
        RETURN_IF_ERROR(work.CompleteDuties(kAddOnAnswerDuty, after.add_on_id(), approved ? "approved" : "declined"));
        if (!approved) PublishDecided(work, after);
        return after;
      }));
  if (decided.state() == v1::AddOn::STATE_BOOKING) return call.DriveToAnswer<v1::AddOn>(decided.process_id());
  call.Drive(decided.process_id()).IgnoreError();
  ASSIGN_OR_RETURN(const v1::AddOn add_on, call.Read([&](chassis::sql::Session& session) {
    return store_.add_ons.Get(session, call.store_id(), request.add_on_id());
  }));
  call.Conclude(add_on).IgnoreError();
  return add_on;
}

absl::Status AddOnService::FinishBooking(UnitOfWork& work, const ProcessContext& at) {
  const auto plan = at.Data<v1::AddOnPlan>();
  ASSIGN_OR_RETURN(const v1::RepairOrder before, orders_.orders.Lock(work, at.store_id, plan.repair_order_id()));
  v1::AddOn approved;
  RETURN_IF_ERROR(ChangeAddOn(work, at.subject_id, approved, [&](v1::AddOn& add_on) -> absl::Status {
    RETURN_IF_ERROR(chassis::MoveTo(add_on, v1::AddOn::STATE_APPROVED));
    add_on.clear_process_id();
    PublishDecided(work, add_on);
    if (!add_on.has_new_agreed_time()) return absl::OkStatus();
    v1::RepairOrder order = before;
    *order.mutable_agreed_time() = add_on.new_agreed_time();
    RETURN_IF_ERROR(orders_.orders.Update(work, before, order));
    return board_.SetPromised(work, order.visit_id(), chassis::FromProto(order.agreed_time()));
  }));
  work.Answer(approved);
  return absl::OkStatus();
}

}  // namespace reception
