#include "reception-svc/release/release_service.h"

#include <algorithm>

#include "aftersales/reception/v1/events.pb.h"
#include "chassis/server/error_mapping.h"
#include "chassis/telemetry/log.h"
#include "reception-svc/appointment/appointment_holding.h"
#include "reception-svc/release/release_rules.h"
#include "reception-svc/repair_order/order_duties.h"
#include "reception-svc/repair_order/repair_order_rules.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
namespace parts = aftersales::parts::v1;
namespace workshop = aftersales::workshop::v1;
using chassis::Call;
using chassis::ProcessContext;
using chassis::UnitOfWork;

// A release that is undone gives the appointment's parts at least this long to be used.
constexpr absl::Duration kHeldAgainMin = absl::Hours(24);
constexpr size_t kRefusalTextMax = 450;  // bytes; the column holds 500 characters

absl::Status ReserveParts(ProcessContext& at) {
  const auto plan = at.Data<v1::ReleasePlan>();
  parts::CreateReservationRequest request;
  if (!plan.reservation().empty()) {
    if (!request.ParseFromString(plan.reservation())) return absl::InternalError("release plan does not parse");
    request.set_request_id(at.StepRequestId());
    return at.host.peers().Call<parts::Reservation>(at.peer, request).status();
  }
  if (plan.replaced_holder_id().empty()) return absl::OkStatus();
  parts::CancelReservationRequest give_up;
  give_up.set_store_id(at.store_id);
  give_up.set_request_id(at.StepRequestId());
  give_up.set_holder_id(plan.replaced_holder_id());
  give_up.set_reason("the order needs no parts");
  return at.host.peers().Call<parts::CancelReservationResponse>(at.peer, give_up).status();
}

absl::Status CancelReservation(ProcessContext& at, const std::string& holder_id, const std::string& reason) {
  parts::CancelReservationRequest request;
  request.set_store_id(at.store_id);
  request.set_request_id(at.StepRequestId(holder_id));
  request.set_holder_id(holder_id);
  request.set_reason(reason);
  return at.host.peers().Call<parts::CancelReservationResponse>(at.peer, request).status();
}

bool RefusedForGood(const absl::Status& status) {
  return absl::IsFailedPrecondition(status) || absl::IsInvalidArgument(status) || absl::IsNotFound(status) ||
         absl::IsAlreadyExists(status);
}

// What the appointment held is its again: moved back in one step, so that nobody takes it in between. When parts-svc
// refuses that for good, the parts are free stock at least.
absl::Status UnreserveParts(ProcessContext& at) {
  const auto plan = at.Data<v1::ReleasePlan>();
  if (!plan.appointment_reservation().empty()) {
    parts::CreateReservationRequest hold;
    if (!hold.ParseFromString(plan.appointment_reservation()))
      return absl::InternalError("release plan does not parse");
    hold.set_request_id(at.StepRequestId("hold again"));
    if (!plan.reservation().empty()) hold.set_replaces_holder_id(plan.repair_order_id());
    const absl::Status held = at.host.peers().Call<parts::Reservation>(at.peer, hold).status();
    if (held.ok() || !RefusedForGood(held)) return held;
    chassis::log::Warning("an appointment's parts are not held again",
                          {{"appointment_holding", plan.replaced_holder_id()}, {"why", chassis::ReasonName(held)}});
  }
  if (plan.reservation().empty()) return absl::OkStatus();
  return CancelReservation(at, plan.repair_order_id(), "release refused");
}

absl::Status CreateJobs(ProcessContext& at) {
  const auto plan = at.Data<v1::ReleasePlan>();
  workshop::CreateJobsRequest request;
  if (!request.ParseFromString(plan.jobs())) return absl::InternalError("release plan does not parse");
  request.set_request_id(at.StepRequestId());
  return at.host.peers().Call<workshop::CreateJobsResponse>(at.peer, request).status();
}

absl::Status CancelJobs(ProcessContext& at, const std::string& order_id, const std::string& reason) {
  workshop::CancelJobsRequest request;
  request.set_store_id(at.store_id);
  request.set_request_id(at.StepRequestId("cancel"));
  request.set_repair_order_id(order_id);
  request.set_reason(reason);
  return at.host.peers().Call<workshop::CancelJobsResponse>(at.peer, request).status();
}

absl::Status GivePartsBack(ProcessContext& at) {
  const auto plan = at.Data<v1::GiveBackPlan>();
  for (const std::string& holder : plan.holder_ids()) {
    RETURN_IF_ERROR(CancelReservation(at, holder, plan.reason()));
  }
  return absl::OkStatus();
}

parts::CreateReservationRequest HoldAgain(const v1::Appointment& appointment, absl::Time now) {
  auto request = HoldingReservation(appointment.store_id(), HoldingOf(appointment));
  const absl::Time expire = std::max(chassis::FromProto(request.expire_time()), now + kHeldAgainMin);
  *request.mutable_expire_time() = chassis::ToProto(expire);
  return request;
}

void OweAfterRelease(UnitOfWork& work, const v1::RepairOrder& order, const v1::ReleasePlan& plan) {
  const absl::Time agreed = chassis::FromProto(order.agreed_time());
  for (const int percent : {50, 80}) {
    work.Owe(AdviserDuty(order, kProgressCheckDuty, "R-31", ProgressCheckTime(work.now(), agreed, percent)));
  }
  for (const auto& time : plan.progress_check_times()) {
    work.Owe(AdviserDuty(order, kProgressCheckDuty, "R-31", chassis::FromProto(time)));
  }
  work.Owe(AdviserDuty(order, kPickUpNoticeDuty, "R-41", chassis::FromProto(plan.pick_up_notice_due_time())));
}

}  // namespace

std::string RefusalText(const absl::Status& why, const std::string& currency_code) {
  const auto refusal = chassis::RefusalIn(why);
  std::string text = refusal.reason_enum().empty() ? std::string(absl::StatusCodeToString(why.code()))
                                                   : chassis::Worded(refusal, "zh-CN", {currency_code, ""});
  if (text.size() <= kRefusalTextMax) return text;
  size_t end = kRefusalTextMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // not inside a character
  return text.substr(0, end);
}

ReleaseService::ReleaseService(chassis::Rooms& rooms)
    : store_(rooms.host.cipher()),
      add_ons_(rooms.host.cipher()),
      appointments_(rooms.host.cipher()),
      visits_(rooms.host.cipher()),
      board_(rooms.host.cipher()) {
  DefineRelease(rooms.host.processes());
  DefineCancel(rooms.host.processes());
  DefineGiveBack(rooms.host.processes());
  rooms.rpcs.On(this, &ReleaseService::Release);
  rooms.rpcs.On(this, &ReleaseService::Handover);
  rooms.rpcs.On(this, &ReleaseService::Cancel);
  rooms.rpcs.On(this, &ReleaseService::StopOrder);
}

void ReleaseService::DefineRelease(chassis::Processes& processes) {
  processes.Define(
      {.kind = std::string(kReleaseProcess),
       .steps = {{"reserve_parts", ReserveParts, UnreserveParts},
                 {"create_jobs", CreateJobs,
                  [](ProcessContext& at) { return CancelJobs(at, at.subject_id, "release refused"); }}},
       .finish = [this](UnitOfWork& work, const ProcessContext& at) { return FinishRelease(work, at); },
       .abandon = [this](UnitOfWork& work, const ProcessContext& at,
                         const absl::Status& why) { return FallBack(work, at, Order::STATE_SIGNED, why); }});
}

void ReleaseService::DefineCancel(chassis::Processes& processes) {
  const auto cancel_jobs = [](ProcessContext& at) {
    return CancelJobs(at, at.subject_id, at.Data<v1::GiveBackPlan>().reason());
  };
  // Giving back is never refused, so cancelled jobs need not come back.
  processes.Define(
      {.kind = std::string(kCancelProcess),
       .steps = {{"cancel_jobs", cancel_jobs, nullptr}, {"give_parts_back", GivePartsBack, nullptr}},
       .finish = [this](UnitOfWork& work, const ProcessContext& at) { return FinishCancel(work, at); },
       .abandon = [this](UnitOfWork& work, const ProcessContext& at,
                         const absl::Status& why) { return FallBack(work, at, Order::STATE_RELEASED, why); }});
}

void ReleaseService::DefineGiveBack(chassis::Processes& processes) {
  const auto forget_process = [this](UnitOfWork& work, const ProcessContext& at) {
    return store_
        .ChangeOrderIn(work, at.subject_id,
                       [&](UnitOfWork&, Order& order) {
                         if (order.process_id() == at.process_id) order.clear_process_id();
                         return absl::OkStatus();
                       })
        .status();
  };
  processes.Define({.kind = std::string(kGiveBackProcess),
                    .steps = {{"give_parts_back", GivePartsBack, nullptr}},
                    .finish = forget_process,
                    .abandon = [forget_process](UnitOfWork& work, const ProcessContext& at, const absl::Status&) {
                      return forget_process(work, at);
                    }});
}

absl::StatusOr<v1::RepairOrder> ReleaseService::Release(Call& call, const v1::ReleaseRepairOrderRequest& request) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  std::optional<v1::WalkAround> walk_around;
  v1::Appointment appointment;
  ASSIGN_OR_RETURN(const Order seen, call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<Order> {
    ASSIGN_OR_RETURN(Order order, store_.orders.Get(session, call.store_id(), request.repair_order_id()));
    ASSIGN_OR_RETURN(v1::WalkAround record, visits_.walk_arounds.Get(session, call.store_id(), order.visit_id()));
    walk_around = std::move(record);
    if (order.appointment_id().empty()) return order;
    ASSIGN_OR_RETURN(appointment, appointments_.appointments.Get(session, call.store_id(), order.appointment_id()));
    return order;
  }));
  RETURN_IF_ERROR(chassis::RequireState(seen, {Order::STATE_SIGNED}));
  ASSIGN_OR_RETURN(
      const Order releasing, store_.ChangeSeen(call, seen, [&](UnitOfWork& work, Order& order) -> absl::Status {
        RETURN_IF_ERROR(chassis::MoveTo(order, Order::STATE_RELEASING));
        const std::string& holding_id = appointment.holding_id();
        v1::ReleasePlan plan;
        plan.set_repair_order_id(order.repair_order_id());
        const auto reservation = ReservationFor(order, holding_id);
        if (!reservation.lines().empty()) plan.set_reservation(reservation.SerializeAsString());
        plan.set_jobs(JobsFor(order, holding_id, walk_around).SerializeAsString());
        plan.set_replaced_holder_id(holding_id);
        if (!holding_id.empty() && !appointment.parts().empty()) {
          plan.set_appointment_reservation(HoldAgain(appointment, work.now()).SerializeAsString());
        }
        *plan.mutable_pick_up_notice_due_time() =
            chassis::ToProto(NoticeDueTime(work.now(), chassis::FromProto(order.agreed_time()), store.settings()));
        for (const absl::Time time : IntervalCheckTimes(work.now(), chassis::FromProto(order.agreed_time()), store)) {
          *plan.add_progress_check_times() = chassis::ToProto(time);
        }
        order.set_process_id(work.Start(kReleaseProcess, order.repair_order_id(), plan));
        order.clear_process_refusal();
        return absl::OkStatus();
      }));
  return call.DriveToAnswer<Order>(releasing.process_id());
}

absl::Status ReleaseService::FinishRelease(UnitOfWork& work, const ProcessContext& at) {
  ASSIGN_OR_RETURN(const Order released,
                   store_.ChangeOrderIn(work, at.subject_id, [&](UnitOfWork&, Order& order) -> absl::Status {
                     RETURN_IF_ERROR(chassis::MoveTo(order, Order::STATE_RELEASED));
                     *order.mutable_release_time() = work.now_proto();
                     order.clear_process_id();
                     v1::RepairOrderReleased fact;
                     fact.set_repair_order_id(order.repair_order_id());
                     fact.set_number(order.number());
                     *fact.mutable_promised_time() = order.promised_time();
                     work.Publish(fact, {"repair_order", order.repair_order_id(), order.revision()});
                     OweAfterRelease(work, order, at.Data<v1::ReleasePlan>());
                     return board_.Change(work, order.visit_id(),
                                          {.stage = v1::BoardEntry::STAGE_WAITING_FOR_WORKSHOP,
                                           .promised_time = chassis::FromProto(order.agreed_time())});
                   }));
  work.Answer(released);
  return absl::OkStatus();
}

absl::Status ReleaseService::FallBack(UnitOfWork& work, const ProcessContext& at, Order::State state,
                                      const absl::Status& why) {
  return store_
      .ChangeOrderIn(work, at.subject_id,
                     [&](UnitOfWork&, Order& order) -> absl::Status {
                       RETURN_IF_ERROR(chassis::MoveTo(order, state));
                       order.clear_process_id();
                       order.set_process_refusal(RefusalText(why, order.currency_code()));
                       return absl::OkStatus();
                     })
      .status();
}

absl::StatusOr<v1::RepairOrder> ReleaseService::Handover(Call& call, const v1::RecordHandoverRequest& request) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  return store_.ChangeOrder(call, request.repair_order_id(), [&](UnitOfWork& work, Order& order) {
    work.Because(request.late_reason());
    return RecordHandover(order, request, work.now(), store.settings().handover_minutes());
  });
}

absl::StatusOr<v1::RepairOrder> ReleaseService::Cancel(Call& call, const v1::CancelRepairOrderRequest& request) {
  ASSIGN_OR_RETURN(
      const Order changed,
      store_.ChangeOrder(call, request.repair_order_id(), [&](UnitOfWork& work, Order& order) -> absl::Status {
        work.Because(request.reason());
        order.set_close_reason(request.reason());
        if (order.state() != Order::STATE_RELEASED) {
          RETURN_IF_ERROR(chassis::MoveTo(order, Order::STATE_CANCELLED));
          return ForgetOrder(work, order);
        }
        RETURN_IF_ERROR(chassis::MoveTo(order, Order::STATE_CANCELLING));
        ASSIGN_OR_RETURN(const auto add_ons, add_ons_.OfOrder(work.sql(), call.store_id(), order.repair_order_id()));
        v1::GiveBackPlan plan;
        plan.set_repair_order_id(order.repair_order_id());
        for (const std::string& holder : HoldersOf(order, add_ons)) plan.add_holder_ids(holder);
        plan.set_reason(request.reason());
        order.set_process_id(work.Start(kCancelProcess, order.repair_order_id(), plan));
        order.clear_process_refusal();
        return absl::OkStatus();
      }));
  if (changed.state() != Order::STATE_CANCELLING) return changed;
  return call.DriveToAnswer<Order>(changed.process_id());
}

absl::Status ReleaseService::FinishCancel(UnitOfWork& work, const ProcessContext& at) {
  ASSIGN_OR_RETURN(const Order cancelled,
                   store_.ChangeOrderIn(work, at.subject_id, [&](UnitOfWork&, Order& order) -> absl::Status {
                     RETURN_IF_ERROR(chassis::MoveTo(order, Order::STATE_CANCELLED));
                     order.clear_process_id();
                     return ForgetOrder(work, order);
                   }));
  work.Answer(cancelled);
  return absl::OkStatus();
}

absl::Status ReleaseService::ForgetOrder(UnitOfWork& work, const Order& order) {
  v1::RepairOrderCancelled fact;
  fact.set_repair_order_id(order.repair_order_id());
  fact.set_reason(order.close_reason());
  work.Publish(fact, {"repair_order", order.repair_order_id(), order.revision()});
  for (const std::string_view kind : {kProgressCheckDuty, kPickUpNoticeDuty, kDelayNoticeDuty, kTakeBackDuty}) {
    RETURN_IF_ERROR(work.WaiveDuties(kind, order.repair_order_id(), "the order was cancelled"));
  }
  ASSIGN_OR_RETURN(const auto add_ons, add_ons_.OfOrder(work.sql(), order.store_id(), order.repair_order_id()));
  for (const v1::AddOn& before : add_ons) {
    if (before.state() != v1::AddOn::STATE_RAISED && before.state() != v1::AddOn::STATE_OFFERED) continue;
    v1::AddOn after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, v1::AddOn::STATE_WITHDRAWN));
    RETURN_IF_ERROR(add_ons_.add_ons.Update(work, before, after));
    RETURN_IF_ERROR(work.WaiveDuties(kAddOnAnswerDuty, before.add_on_id(), "the order was cancelled"));
  }
  RETURN_IF_ERROR(visits_.SetRepairOrder(work, order.visit_id(), ""));
  return board_.Change(
      work, order.visit_id(),
      {.stage = v1::BoardEntry::STAGE_VEHICLE_RECEIVED, .repair_order_id = "", .repair_order_number = ""});
}

absl::StatusOr<v1::RepairOrder> ReleaseService::StopOrder(Call& call, const v1::StopRepairOrderRequest& request) {
  workshop::GetOrderProgressRequest query;
  query.set_store_id(call.store_id());
  query.set_repair_order_id(request.repair_order_id());
  ASSIGN_OR_RETURN(const auto progress, call.Ask<workshop::OrderProgress>(query));
  ASSIGN_OR_RETURN(
      const Order stopped,
      store_.ChangeOrder(call, request.repair_order_id(), [&](UnitOfWork& work, Order& order) -> absl::Status {
        work.Because(request.reason());
        RETURN_IF_ERROR(Stop(order, progress, request.reason()));
        v1::GiveBackPlan plan;
        plan.set_repair_order_id(order.repair_order_id());
        plan.add_holder_ids(order.repair_order_id());
        plan.set_reason(request.reason());
        order.set_process_id(work.StartBehind(kGiveBackProcess, order.repair_order_id(), plan));
        return absl::OkStatus();
      }));
  // The stop stands; parts that a peer's outage keeps held are given back by the worker.
  call.Drive(stopped.process_id()).IgnoreError();
  ASSIGN_OR_RETURN(const Order order, store_.Get(call, request.repair_order_id()));
  call.Conclude(order).IgnoreError();
  return order;
}

}  // namespace reception
