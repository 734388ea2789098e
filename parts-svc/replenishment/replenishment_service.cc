// The replenishment room; see replenishment_service.h.
#include "parts-svc/replenishment/replenishment_service.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "aftersales/parts/v1/planning_errors.pb.h"
#include "parts-svc/demand/page_by_page.h"
#include "parts-svc/replenishment/replenishment_duties.h"

namespace parts {
namespace {

using chassis::UnitOfWork;
using chassis::sql::Session;

constexpr absl::Duration kApprovalTime = absl::Hours(24);

absl::Status CheckOpen(const v1::ReplenishmentRun& run) {
  if (run.state() == v1::ReplenishmentRun::STATE_READY) return absl::OkStatus();
  return chassis::Refuse(v1::PLANNING_ERROR_REASON_PROPOSAL_SETTLED)
      .With("number", run.number())
      .At("replenishment_run_id", "计划不是待审批状态", "is not waiting to be decided");
}

absl::Status End(UnitOfWork& work, v1::ReplenishmentRun::State state, v1::ReplenishmentRun& run) {
  RETURN_IF_ERROR(chassis::MoveTo(run, state));
  run.clear_running_store_id();
  *run.mutable_decide_time() = work.now_proto();
  run.set_decider(work.actor().subject);
  return absl::OkStatus();
}

}  // namespace

ReplenishmentService::ReplenishmentService(chassis::Rooms& rooms)
    : host_(rooms.host),
      store_(rooms.host.cipher()),
      policy_(rooms.host.cipher()),
      desk_(rooms.host.cipher()),
      proposals_(rooms.host.metrics().Counter("parts_replenishment_proposals_total",
                                              "Parts proposed for ordering (P-06)", {{"urgency", "normal"}})),
      urgent_(rooms.host.metrics().Counter("parts_replenishment_proposals_total", "Parts proposed for ordering (P-06)",
                                           {{"urgency", "urgent"}})) {
  rooms.rpcs.On(this, &ReplenishmentService::Run);
  rooms.rpcs.On(this, &ReplenishmentService::GetProposal);
  rooms.rpcs.On(this, &ReplenishmentService::ListProposals);
  rooms.rpcs.On(this, &ReplenishmentService::Change);
  rooms.rpcs.On(this, &ReplenishmentService::Approve);
  rooms.rpcs.On(this, &ReplenishmentService::Reject);
  rooms.rpcs.Standard<v1::ReplenishmentRun>(store_.runs());
  rooms.Periodically("replenishment_runs", absl::Seconds(10), [this] { return GoOn(); });
}

absl::StatusOr<v1::ReplenishmentRun> ReplenishmentService::Begin(UnitOfWork& work, const std::string& number,
                                                                 const std::string& time_zone) {
  ASSIGN_OR_RETURN(const v1::PartsPolicy policy, policy_.Get(work.sql(), work.store_id()));
  v1::ReplenishmentRun run;
  run.set_store_id(work.store_id());
  run.set_number(number);
  run.set_state(v1::ReplenishmentRun::STATE_RUNNING);
  run.set_run_date(chassis::CivilDate(work.now(), time_zone));
  run.set_actor(work.actor().subject);
  run.set_running_store_id(work.store_id());
  TakeFigures(policy, run);
  ASSIGN_OR_RETURN(const int64_t part_count, facts_.PartCount(work.sql(), work.store_id()));
  run.set_part_count(part_count);
  const absl::Status inserted = store_.runs().Insert(work, run);
  if (absl::IsAlreadyExists(inserted)) {
    ASSIGN_OR_RETURN(const auto running, store_.RunningIn(work.sql(), work.store_id()));
    return chassis::Refuse(v1::PLANNING_ERROR_REASON_REPLENISHMENT_RUNNING)
        .With("number", running.has_value() ? running->number() : "")
        .At("store_id", "已有补货计划在计算", "has a run under way");
  }
  RETURN_IF_ERROR(inserted);
  return run;
}

absl::StatusOr<v1::ReplenishmentRun> ReplenishmentService::Run(chassis::Call& call,
                                                               const v1::RunReplenishmentRequest& request) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber("RPL"));
  ASSIGN_OR_RETURN(v1::ReplenishmentRun run, call.Transact<v1::ReplenishmentRun>([&](UnitOfWork& work) {
    return Begin(work, number, store.time_zone());
  }));
  WhileTheCallerWaits(call, host_, [&] { return Advance(run.store_id(), run.replenishment_run_id()); });
  ASSIGN_OR_RETURN(run, call.Read([&](Session& session) {
    return store_.runs().Get(session, request.store_id(), run.replenishment_run_id());
  }));
  RETURN_IF_ERROR(call.Conclude(run));
  return run;
}

absl::Status ReplenishmentService::GoOn() {
  std::vector<ReplenishmentStore::Going> going;
  RETURN_IF_ERROR(host_.pool().Read(host_.clock().Now() + absl::Seconds(10), [&](Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(going, store_.Running(session));
    return absl::OkStatus();
  }));
  for (const ReplenishmentStore::Going& one : going) {
    RETURN_IF_ERROR(OneTurn([&] { return Advance(one.store_id, one.replenishment_run_id); }));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> ReplenishmentService::Advance(const std::string& store_id,
                                                   const std::string& replenishment_run_id) {
  ASSIGN_OR_RETURN(const auto store, host_.stores().Get(store_id, host_.clock().Now() + absl::Seconds(10)));
  const absl::TimeZone zone = ZoneNamed(store.time_zone());
  bool more = false;
  std::optional<v1::ReplenishmentRun> ready;
  RETURN_IF_ERROR(host_.CommitInBackground(store_id, "AdvanceReplenishment", [&](UnitOfWork& work) -> absl::Status {
    more = false;
    ready.reset();
    // Its lock lets one worker at a time at the page.
    ASSIGN_OR_RETURN(const v1::ReplenishmentRun before,
                     store_.runs().Lock(work, work.store_id(), replenishment_run_id));
    if (before.state() != v1::ReplenishmentRun::STATE_RUNNING) return absl::OkStatus();
    v1::ReplenishmentRun after = before;
    RETURN_IF_ERROR(LookAtPage(work, zone, before, after));
    more = after.state() == v1::ReplenishmentRun::STATE_RUNNING;
    if (!more) ready = after;
    return store_.runs().Update(work, before, after);
  }));
  if (ready.has_value()) {
    proposals_.Increment(static_cast<double>(ready->proposal_count() - ready->urgent_count()));
    urgent_.Increment(static_cast<double>(ready->urgent_count()));
  }
  return more;
}

absl::Status ReplenishmentService::LookAtPage(UnitOfWork& work, const absl::TimeZone& zone,
                                              const v1::ReplenishmentRun& before, v1::ReplenishmentRun& after) {
  ASSIGN_OR_RETURN(auto page, facts_.Page(work.sql(), work.store_id(), before.last_part_id(), work.now(), zone));
  RETURN_IF_ERROR(facts_.AddOffers(work.sql(), work.store_id(), page));
  const absl::CivilDay today = absl::ToCivilDay(work.now(), zone);
  std::vector<v1::ReplenishmentProposal> proposals;
  for (const PartFacts& part : page) {
    std::optional<v1::ReplenishmentProposal> proposal = Propose(part, before, today);
    if (!proposal.has_value()) continue;
    Count(*proposal, after);
    proposals.push_back(*std::move(proposal));
  }
  if (!proposals.empty()) RETURN_IF_ERROR(store_.proposals().InsertAll(work, proposals));
  after.set_looked_at_count(after.looked_at_count() + static_cast<int64_t>(page.size()));
  if (!page.empty()) after.set_last_part_id(page.back().part_id);
  if (static_cast<int64_t>(page.size()) == kPartsPerPage) return absl::OkStatus();
  return Finish(work, after);
}

absl::Status ReplenishmentService::Finish(UnitOfWork& work, v1::ReplenishmentRun& run) {
  // The plans nobody decided on are out of date now.
  ASSIGN_OR_RETURN(const auto earlier, store_.LockReady(work));
  for (const v1::ReplenishmentRun& old : earlier) {
    v1::ReplenishmentRun superseded = old;
    RETURN_IF_ERROR(End(work, v1::ReplenishmentRun::STATE_SUPERSEDED, superseded));
    RETURN_IF_ERROR(store_.runs().Update(work, old, superseded));
    RETURN_IF_ERROR(work.WaiveDuties(kReplenishmentApprovalDuty, old.replenishment_run_id(), "superseded"));
  }
  RETURN_IF_ERROR(chassis::MoveTo(run, v1::ReplenishmentRun::STATE_READY));
  run.clear_running_store_id();
  *run.mutable_ready_time() = work.now_proto();
  if (run.proposal_count() == 0) return absl::OkStatus();
  aftersales::common::v1::Duty duty;
  duty.set_kind(kReplenishmentApprovalDuty);
  duty.set_handbook("P-06");
  duty.set_subject_kind("replenishment_run");
  duty.set_subject_id(run.replenishment_run_id());
  duty.set_subject_number(run.number());
  duty.set_assignee_role(aftersales::options::v1::ROLE_PARTS_MANAGER);
  duty.set_escalation_role(aftersales::options::v1::ROLE_SERVICE_MANAGER);
  *duty.mutable_due_time() = chassis::ToProto(work.now() + kApprovalTime);
  work.Owe(std::move(duty));
  return absl::OkStatus();
}

absl::StatusOr<v1::ReplenishmentProposal> ReplenishmentService::GetProposal(
    chassis::Call& call, const v1::GetReplenishmentProposalRequest& request) {
  return call.Read([&](Session& session) -> absl::StatusOr<v1::ReplenishmentProposal> {
    ASSIGN_OR_RETURN(const v1::ReplenishmentRun run,
                     store_.runs().Get(session, request.store_id(), request.replenishment_run_id()));
    ASSIGN_OR_RETURN(
        v1::ReplenishmentProposal proposal,
        store_.proposals().Get(session, request.store_id(), request.replenishment_run_id(), request.part_id()));
    Explain(run, proposal);
    return proposal;
  });
}

absl::StatusOr<v1::ListReplenishmentProposalsResponse> ReplenishmentService::ListProposals(
    chassis::Call& call, const v1::ListReplenishmentProposalsRequest& request) {
  return call.Read([&](Session& session) -> absl::StatusOr<v1::ListReplenishmentProposalsResponse> {
    chassis::records::ListQuery query = chassis::records::QueryFrom(request);
    query.scope = request.store_id();
    v1::ListReplenishmentProposalsResponse response;
    RETURN_IF_ERROR(store_.proposals().List(
        session, query, [&] { return response.add_replenishment_proposals(); }, *response.mutable_next_page_token()));
    std::map<std::string, v1::ReplenishmentRun> runs;
    for (v1::ReplenishmentProposal& proposal : *response.mutable_replenishment_proposals()) {
      v1::ReplenishmentRun& run = runs[proposal.replenishment_run_id()];
      if (run.replenishment_run_id().empty()) {
        ASSIGN_OR_RETURN(run, store_.runs().Get(session, request.store_id(), proposal.replenishment_run_id()));
      }
      Explain(run, proposal);
    }
    return response;
  });
}

absl::StatusOr<v1::ReplenishmentProposal> ReplenishmentService::Change(
    chassis::Call& call, const v1::ChangeReplenishmentProposalRequest& request) {
  return call.Transact<v1::ReplenishmentProposal>([&](UnitOfWork& work) -> absl::StatusOr<v1::ReplenishmentProposal> {
    work.Because(request.reason());
    ASSIGN_OR_RETURN(const v1::ReplenishmentRun run_before,
                     store_.runs().Lock(work, work.store_id(), request.replenishment_run_id()));
    RETURN_IF_ERROR(CheckOpen(run_before));
    ASSIGN_OR_RETURN(const v1::ReplenishmentProposal before,
                     store_.proposals().Lock(work, work.store_id(), request.replenishment_run_id(), request.part_id()));
    v1::ReplenishmentProposal after = before;
    if (!request.supplier_id().empty() && request.supplier_id() != before.supplier_id()) {
      RETURN_IF_ERROR(TakeOffer(work, request.supplier_id(), after));
    }
    RETURN_IF_ERROR(CheckPack(after, request.quantity_milli()));
    RETURN_IF_ERROR(Decide(after, request.quantity_milli()));
    after.set_change_reason(request.reason());
    after.set_changer(work.actor().subject);
    RETURN_IF_ERROR(store_.proposals().Update(work, before, after));
    v1::ReplenishmentRun run_after = run_before;
    Recount(before, after, run_after);
    RETURN_IF_ERROR(store_.runs().Update(work, run_before, run_after));
    Explain(run_after, after);
    return after;
  });
}

absl::Status ReplenishmentService::TakeOffer(UnitOfWork& work, const std::string& supplier_id,
                                             v1::ReplenishmentProposal& proposal) {
  ASSIGN_OR_RETURN(const std::optional<Offer> offer,
                   store_.OfferOf(work.sql(), work.store_id(), supplier_id, proposal.part_id()));
  if (!offer.has_value()) {
    return chassis::Refuse(v1::PLANNING_ERROR_REASON_SUPPLIER_NOT_FIT)
        .With("supplier", supplier_id)
        .With("part", proposal.part_number())
        .At("supplier_id", "不是此配件的合格供应商", "is no approved supplier of the part");
  }
  proposal.set_supplier_id(offer->supplier_id);
  proposal.set_supplier_name(offer->supplier_name);
  proposal.set_unit_price_amount(offer->unit_price_amount);
  if (offer->pack_quantity_milli > 0) proposal.set_pack_quantity_milli(offer->pack_quantity_milli);
  return absl::OkStatus();
}

absl::StatusOr<v1::ReplenishmentRun> ReplenishmentService::Approve(chassis::Call& call,
                                                                   const v1::ApproveReplenishmentRequest& request) {
  ASSIGN_OR_RETURN(const auto counts, call.Read([&](Session& session) {
    return store_.LineCounts(session, request.store_id(), request.replenishment_run_id());
  }));
  std::vector<std::string> numbers;
  for (const auto& [supplier_id, count] : counts) {
    for (int64_t from = 0; from < count; from += kOrderLinesMax) {
      ASSIGN_OR_RETURN(numbers.emplace_back(), call.NextNumber("PO"));
    }
  }
  return call.Transact<v1::ReplenishmentRun>([&](UnitOfWork& work) -> absl::StatusOr<v1::ReplenishmentRun> {
    ASSIGN_OR_RETURN(const v1::ReplenishmentRun before,
                     store_.runs().Lock(work, work.store_id(), request.replenishment_run_id()));
    v1::ReplenishmentRun after = before;
    RETURN_IF_ERROR(End(work, v1::ReplenishmentRun::STATE_APPROVED, after));
    ASSIGN_OR_RETURN(const auto proposals, store_.LockProposed(work, request.replenishment_run_id()));
    RETURN_IF_ERROR(CheckOrderable(before, proposals));
    size_t next_number = 0;
    for (const auto& lines : OrdersOf(proposals)) {
      if (next_number == numbers.size()) return chassis::ChangedMeanwhile("replenishment run");
      RETURN_IF_ERROR(Order(work, numbers[next_number++], lines, after));
    }
    RETURN_IF_ERROR(store_.runs().Update(work, before, after));
    RETURN_IF_ERROR(work.CompleteDuties(kReplenishmentApprovalDuty, after.replenishment_run_id(), "approved"));
    return after;
  });
}

absl::Status ReplenishmentService::Order(UnitOfWork& work, const std::string& number,
                                         const std::vector<v1::ReplenishmentProposal>& proposals,
                                         v1::ReplenishmentRun& run) {
  PurchaseOrderDraft draft;
  draft.number = number;
  draft.supplier_id = proposals.front().supplier_id();
  draft.origin = v1::PurchaseOrder::ORIGIN_REPLENISHMENT;
  draft.origin_id = run.replenishment_run_id();
  draft.note = run.number();
  std::vector<std::string> part_ids;
  for (const v1::ReplenishmentProposal& proposal : proposals) {
    v1::PurchaseOrderDraftLine& line = draft.lines.emplace_back();
    line.set_part_id(proposal.part_id());
    line.set_quantity_milli(proposal.quantity_milli());
    part_ids.push_back(proposal.part_id());
  }
  Buyer buyer;
  buyer.subject = work.actor().subject;
  ASSIGN_OR_RETURN(const v1::PurchaseOrder order, desk_.Draft(work, draft, buyer));
  RETURN_IF_ERROR(store_.MarkOrdered(work, run.replenishment_run_id(), part_ids, order.purchase_order_id()));
  v1::ReplenishmentOrder& drafted = *run.add_orders();
  drafted.set_supplier_id(order.supplier_id());
  drafted.set_purchase_order_id(order.purchase_order_id());
  drafted.set_purchase_order_number(order.number());
  drafted.set_line_count(order.lines_size());
  drafted.set_amount(order.total_amount());
  return absl::OkStatus();
}

absl::StatusOr<v1::ReplenishmentRun> ReplenishmentService::Reject(chassis::Call& call,
                                                                  const v1::RejectReplenishmentRequest& request) {
  return call.Transact<v1::ReplenishmentRun>([&](UnitOfWork& work) -> absl::StatusOr<v1::ReplenishmentRun> {
    work.Because(request.reason());
    ASSIGN_OR_RETURN(const v1::ReplenishmentRun before,
                     store_.runs().Lock(work, work.store_id(), request.replenishment_run_id()));
    v1::ReplenishmentRun after = before;
    RETURN_IF_ERROR(End(work, v1::ReplenishmentRun::STATE_REJECTED, after));
    after.set_reason(request.reason());
    RETURN_IF_ERROR(store_.runs().Update(work, before, after));
    RETURN_IF_ERROR(work.WaiveDuties(kReplenishmentApprovalDuty, after.replenishment_run_id(), request.reason()));
    return after;
  });
}

}  // namespace parts
