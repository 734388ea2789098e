// See repair_plan_rules.h.
#include "workshop-svc/repair_plan/repair_plan_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "chassis/status/check.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"

namespace workshop {
namespace {

using chassis::Refuse;

// What open requests still wait for, per line of the order.
std::map<std::string, int64_t> WaitingByLine(const std::vector<v1::PartRequest>& asked) {
  std::map<std::string, int64_t> waiting;
  for (const v1::PartRequest& request : asked) {
    if (request.state() != v1::PartRequest::STATE_REQUESTED) continue;
    for (const v1::PartRequestLine& line : request.lines()) {
      waiting[line.holder_line_id()] += line.quantity_milli() - line.issued_milli();
    }
  }
  return waiting;
}

}  // namespace

absl::Status RequirePlannable(const v1::Job& job) {
  return chassis::RequireState(job, {v1::Job::STATE_DISPATCHED, v1::Job::STATE_VERIFIED, v1::Job::STATE_IN_PROGRESS,
                                     v1::Job::STATE_PAUSED, v1::Job::STATE_REWORK});
}

absl::StatusOr<v1::PartRequest> PartRequestFrom(const v1::RequestPartsRequest& request, const v1::Job& job,
                                                const parts::OrderParts& order_parts,
                                                const std::vector<v1::PartRequest>& asked) {
  v1::PartRequest made;
  made.set_store_id(job.store_id());
  made.set_repair_order_id(job.repair_order_id());
  made.set_job_id(job.job_id());
  made.set_technician_id(job.technician_id());
  made.set_state(v1::PartRequest::STATE_REQUESTED);
  std::map<std::string, int64_t> waiting = WaitingByLine(asked);
  for (int i = 0; i < request.lines_size(); ++i) {
    const auto& wanted = request.lines(i);
    const auto held = std::find_if(
        order_parts.lines().begin(), order_parts.lines().end(),
        [&](const parts::OrderParts::Line& line) { return line.holder_line_id() == wanted.holder_line_id(); });
    if (held == order_parts.lines().end()) {
      return Refuse(v1::ERROR_REASON_PART_NOT_ON_ORDER)
          .With("line", wanted.holder_line_id())
          .At(absl::StrCat("lines[", i, "].holder_line_id"), "委托书中没有", "is not on the order");
    }
    const int64_t available = held->reserved_milli() - waiting[wanted.holder_line_id()];
    if (wanted.quantity_milli() > available) {
      return Refuse(v1::ERROR_REASON_QUANTITY_OVER_ORDER)
          .With("part", held->part_number())
          .With("available", std::max<int64_t>(0, available))
          .With("wanted", wanted.quantity_milli())
          .At(absl::StrCat("lines[", i, "].quantity_milli"), "超过可申领数量", "is more than may be requested");
    }
    waiting[wanted.holder_line_id()] += wanted.quantity_milli();
    v1::PartRequestLine& line = *made.add_lines();
    line.set_holder_line_id(wanted.holder_line_id());
    line.set_part_id(held->part_id());
    line.set_part_number(held->part_number());
    line.set_quantity_milli(wanted.quantity_milli());
  }
  return made;
}

void BookIssue(const parts::PartsIssued& issue, std::vector<v1::PartRequest>& requests) {
  for (const parts::PartsIssued::Line& issued : issue.lines()) {
    int64_t left = issued.quantity_milli();
    for (v1::PartRequest& request : requests) {
      if (request.state() != v1::PartRequest::STATE_REQUESTED) continue;
      for (v1::PartRequestLine& line : *request.mutable_lines()) {
        if (line.holder_line_id() != issued.holder_line_id()) continue;
        const int64_t booked = std::min(left, line.quantity_milli() - line.issued_milli());
        line.set_issued_milli(line.issued_milli() + booked);
        left -= booked;
      }
    }
  }
  for (v1::PartRequest& request : requests) {
    const bool complete =
        std::all_of(request.lines().begin(), request.lines().end(),
                    [](const v1::PartRequestLine& line) { return line.issued_milli() >= line.quantity_milli(); });
    if (request.state() != v1::PartRequest::STATE_REQUESTED || !complete) continue;
    CHASSIS_CHECK(chassis::MoveTo(request, v1::PartRequest::STATE_FULFILLED).ok(), "REQUESTED leads to FULFILLED");
  }
}

absl::Status CancelPartRequest(v1::PartRequest& request) {
  for (const v1::PartRequestLine& line : request.lines()) {
    if (line.issued_milli() == 0) continue;
    return Refuse(v1::ERROR_REASON_PARTS_ISSUED)
        .With("number", request.number())
        .At("part_request_id", "已有配件发出", "has parts issued already");
  }
  return chassis::MoveTo(request, v1::PartRequest::STATE_CANCELLED);
}

}  // namespace workshop
