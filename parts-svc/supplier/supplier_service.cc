// The supplier room; see supplier_service.h.
#include "parts-svc/supplier/supplier_service.h"

#include "aftersales/parts/v1/procurement_errors.pb.h"
#include "aftersales/parts/v1/procurement_events.pb.h"
#include "chassis/duties/duty_board.h"
#include "chassis/time/dates.h"
#include "parts-svc/purchase_order/procurement_duties.h"
#include "parts-svc/version.h"

namespace parts {
namespace {

using chassis::UnitOfWork;

aftersales::common::v1::Duty ExpiryDuty(const v1::Supplier& supplier, const v1::SupplierPaper& paper,
                                        const std::string& time_zone) {
  aftersales::common::v1::Duty duty;
  duty.set_kind(kSupplierPaperDuty);
  duty.set_handbook("P-07");
  duty.set_subject_kind("supplier_paper");
  duty.set_subject_id(paper.supplier_paper_id());
  duty.set_subject_number(absl::StrCat(supplier.code(), " ", PaperName(paper.kind())));
  duty.set_assignee_role(aftersales::options::v1::ROLE_PARTS_CLERK);
  duty.set_escalation_role(aftersales::options::v1::ROLE_PARTS_MANAGER);
  *duty.mutable_due_time() = chassis::ToProto(chassis::DayEnd(paper.valid_until_date(), time_zone));
  return duty;
}

void PublishSuspension(UnitOfWork& work, const v1::Supplier& supplier, bool papers_expired) {
  v1::SupplierSuspended fact;
  fact.set_supplier_id(supplier.supplier_id());
  fact.set_supplier_code(supplier.code());
  fact.set_papers_expired(papers_expired);
  work.Publish(fact, {"supplier", supplier.supplier_id(), VersionOf(supplier)});
}

}  // namespace

SupplierService::SupplierService(chassis::Rooms& rooms)
    : host_(rooms.host),
      store_(rooms.host.cipher()),
      policies_(rooms.host.cipher()),
      catalogue_(rooms.host.cipher()),
      suspended_(rooms.host.metrics().Counter("parts_suppliers_suspended_total",
                                              "Suppliers stopped because a required paper ended (P-07)")) {
  rooms.rpcs.Standard<v1::Supplier>(store_.suppliers(),
                                    [this](UnitOfWork& work, const v1::Supplier* before, v1::Supplier& after) {
                                      return CheckSupplier(work, before, after);
                                    });
  rooms.rpcs.Standard<v1::SupplierPart>(
      store_.offers(), [this](UnitOfWork& work, const v1::SupplierPart* before, v1::SupplierPart& after) {
        return CheckOffer(work, before, after);
      });
  rooms.rpcs.Standard<v1::SupplierScore>(store_.scores());
  rooms.rpcs.On(this, &SupplierService::Approve);
  rooms.rpcs.On(this, &SupplierService::Suspend);
  rooms.rpcs.On(this, &SupplierService::Close);
  rooms.rpcs.On(this, &SupplierService::FilePaper);
  rooms.rpcs.On(this, &SupplierService::WithdrawPaper);
  rooms.rpcs.On(this, &SupplierService::Evaluate);
  rooms.host.duties().EndsBy(kSupplierPaperDuty, "FileSupplierPaper");
  rooms.Periodically("watch_suppliers", absl::Hours(1), [this] { return Watch(); });
}

absl::StatusOr<std::string> SupplierService::Today(UnitOfWork& work) {
  ASSIGN_OR_RETURN(const auto store, host_.stores().Get(work.store_id(), work.now() + absl::Seconds(5)));
  return chassis::CivilDate(work.now(), store.time_zone());
}

absl::Status SupplierService::CheckSupplier(UnitOfWork& work, const v1::Supplier* before, v1::Supplier& after) {
  if (before != nullptr)
    return chassis::RequireState(
        after, {v1::Supplier::STATE_DRAFT, v1::Supplier::STATE_APPROVED, v1::Supplier::STATE_SUSPENDED});
  ASSIGN_OR_RETURN(const auto store, host_.stores().Get(work.store_id(), work.now() + absl::Seconds(5)));
  after.set_state(v1::Supplier::STATE_DRAFT);
  after.set_currency_code(store.currency_code());
  return absl::OkStatus();
}

absl::Status SupplierService::CheckOffer(UnitOfWork& work, const v1::SupplierPart* before, v1::SupplierPart& after) {
  if (before == nullptr) {
    ASSIGN_OR_RETURN(const v1::Supplier supplier,
                     store_.suppliers().Get(work.sql(), work.store_id(), after.supplier_id()));
    RETURN_IF_ERROR(chassis::RequireState(
        supplier, {v1::Supplier::STATE_DRAFT, v1::Supplier::STATE_APPROVED, v1::Supplier::STATE_SUSPENDED}));
  }
  // The part's row is locked so that two offers cannot both become the preferred one.
  ASSIGN_OR_RETURN(const v1::Part part, catalogue_.parts().Lock(work, work.store_id(), after.part_id()));
  after.set_part_number(part.part_number());
  for (const auto& [quantity_milli, field] :
       {std::pair{after.pack_quantity_milli(), "supplier_part.pack_quantity_milli"},
        std::pair{after.minimum_quantity_milli(), "supplier_part.minimum_quantity_milli"}}) {
    if (quantity_milli > 0) RETURN_IF_ERROR(CheckQuantity(part, quantity_milli, field));
  }
  if (!after.preferred() || (before != nullptr && before->preferred())) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::optional<v1::SupplierPart> other, store_.LockPreferred(work, after.part_id()));
  if (!other.has_value()) return absl::OkStatus();
  v1::SupplierPart second = *other;
  second.set_preferred(false);
  return store_.offers().Update(work, *other, second);
}

absl::StatusOr<v1::Supplier> SupplierService::Approve(chassis::Call& call, const v1::ApproveSupplierRequest& request) {
  return call.Transact<v1::Supplier>([&](UnitOfWork& work) -> absl::StatusOr<v1::Supplier> {
    ASSIGN_OR_RETURN(const v1::Supplier before, store_.suppliers().Lock(work, work.store_id(), request.supplier_id()));
    if (before.state() == v1::Supplier::STATE_SUSPENDED && request.reason().empty()) {
      return chassis::ReasonRequired("reason");
    }
    v1::Supplier after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, v1::Supplier::STATE_APPROVED));
    ASSIGN_OR_RETURN(const v1::PartsPolicy policy, policies_.Get(work.sql(), work.store_id()));
    ASSIGN_OR_RETURN(const std::string today, Today(work));
    RETURN_IF_ERROR(CheckPapers(after, policy, today));
    work.Because(request.reason());
    after.set_state_reason(request.reason());
    RETURN_IF_ERROR(store_.suppliers().Update(work, before, after));
    return after;
  });
}

absl::StatusOr<v1::Supplier> SupplierService::Suspend(chassis::Call& call, const v1::SuspendSupplierRequest& request) {
  return call.Transact<v1::Supplier>([&](UnitOfWork& work) -> absl::StatusOr<v1::Supplier> {
    work.Because(request.reason());
    ASSIGN_OR_RETURN(const v1::Supplier before, store_.suppliers().Lock(work, work.store_id(), request.supplier_id()));
    v1::Supplier after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, v1::Supplier::STATE_SUSPENDED));
    after.set_state_reason(request.reason());
    RETURN_IF_ERROR(store_.suppliers().Update(work, before, after));
    PublishSuspension(work, after, false);
    return after;
  });
}

absl::StatusOr<v1::Supplier> SupplierService::Close(chassis::Call& call, const v1::CloseSupplierRequest& request) {
  return call.Transact<v1::Supplier>([&](UnitOfWork& work) -> absl::StatusOr<v1::Supplier> {
    work.Because(request.reason());
    ASSIGN_OR_RETURN(const v1::Supplier before, store_.suppliers().Lock(work, work.store_id(), request.supplier_id()));
    v1::Supplier after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, v1::Supplier::STATE_CLOSED));
    ASSIGN_OR_RETURN(const int64_t open_count,
                     store_.OpenOrderCount(work.sql(), work.store_id(), request.supplier_id()));
    if (open_count > 0) {
      return chassis::Refuse(v1::PROCUREMENT_ERROR_REASON_SUPPLIER_HAS_OPEN_ORDERS)
          .With("supplier", before.code())
          .With("count", open_count)
          .At("supplier_id", "还有未结订单", "has open orders");
    }
    after.set_state_reason(request.reason());
    for (const v1::SupplierPaper& paper : after.papers()) {
      RETURN_IF_ERROR(work.WaiveDuties(kSupplierPaperDuty, paper.supplier_paper_id(), request.reason()));
    }
    RETURN_IF_ERROR(store_.suppliers().Update(work, before, after));
    return after;
  });
}

absl::StatusOr<v1::Supplier> SupplierService::FilePaper(chassis::Call& call,
                                                        const v1::FileSupplierPaperRequest& request) {
  return call.Transact<v1::Supplier>([&](UnitOfWork& work) -> absl::StatusOr<v1::Supplier> {
    ASSIGN_OR_RETURN(const std::string today, Today(work));
    RETURN_IF_ERROR(CheckPaperDates(request.valid_from_date(), request.valid_until_date(), today));
    ASSIGN_OR_RETURN(const v1::Supplier before, store_.suppliers().Lock(work, work.store_id(), request.supplier_id()));
    RETURN_IF_ERROR(chassis::RequireState(
        before, {v1::Supplier::STATE_DRAFT, v1::Supplier::STATE_APPROVED, v1::Supplier::STATE_SUSPENDED}));
    v1::Supplier after = before;
    // The paper it takes over from is announced no longer.
    for (const v1::SupplierPaper& paper : before.papers()) {
      if (paper.kind() != request.kind() || !paper.has_notice_time()) continue;
      RETURN_IF_ERROR(work.CompleteDuties(kSupplierPaperDuty, paper.supplier_paper_id(), request.paper_number()));
    }
    v1::SupplierPaper& paper = *after.add_papers();
    paper.set_supplier_paper_id(work.NewId());
    paper.set_kind(request.kind());
    paper.set_paper_number(request.paper_number());
    paper.set_valid_from_date(request.valid_from_date());
    paper.set_valid_until_date(request.valid_until_date());
    paper.set_evidence(request.evidence());
    *paper.mutable_file_time() = work.now_proto();
    paper.set_filer(work.actor().subject);
    RETURN_IF_ERROR(store_.suppliers().Update(work, before, after));
    return after;
  });
}

absl::StatusOr<v1::Supplier> SupplierService::WithdrawPaper(chassis::Call& call,
                                                            const v1::WithdrawSupplierPaperRequest& request) {
  return call.Transact<v1::Supplier>([&](UnitOfWork& work) -> absl::StatusOr<v1::Supplier> {
    work.Because(request.reason());
    ASSIGN_OR_RETURN(const v1::Supplier before, store_.suppliers().Lock(work, work.store_id(), request.supplier_id()));
    v1::Supplier after = before;
    for (v1::SupplierPaper& paper : *after.mutable_papers()) {
      if (paper.supplier_paper_id() != request.supplier_paper_id() || paper.has_withdraw_time()) continue;
      *paper.mutable_withdraw_time() = work.now_proto();
      RETURN_IF_ERROR(work.WaiveDuties(kSupplierPaperDuty, paper.supplier_paper_id(), request.reason()));
      RETURN_IF_ERROR(store_.suppliers().Update(work, before, after));
      return after;
    }
    return chassis::NotFound("supplier paper", request.supplier_paper_id());
  });
}

absl::StatusOr<v1::SupplierScore> SupplierService::Evaluate(chassis::Call& call,
                                                            const v1::EvaluateSupplierRequest& request) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  RETURN_IF_ERROR(
      CheckPeriod(request.start_date(), request.end_date(), chassis::CivilDate(call.Now(), store.time_zone())));
  return call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<v1::SupplierScore> {
    ASSIGN_OR_RETURN(const v1::Supplier supplier,
                     store_.suppliers().Get(session, request.store_id(), request.supplier_id()));
    ASSIGN_OR_RETURN(const v1::PartsPolicy policy, policies_.Get(session, request.store_id()));
    ASSIGN_OR_RETURN(const SupplierFacts facts,
                     store_.Facts(session, request.store_id(), request.supplier_id(),
                                  {request.start_date(), request.end_date()}, store.time_zone()));
    v1::SupplierScore score = ScoreOf(facts, policy);
    score.set_store_id(request.store_id());
    score.set_supplier_id(supplier.supplier_id());
    score.set_start_date(request.start_date());
    score.set_end_date(request.end_date());
    *score.mutable_create_time() = chassis::ToProto(call.Now());
    return score;
  });
}

absl::Status SupplierService::Watch() {
  std::vector<std::string> store_ids;
  RETURN_IF_ERROR(
      host_.pool().Read(host_.clock().Now() + absl::Seconds(10), [&](chassis::sql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(store_ids, store_.StoresWithSuppliers(session));
        return absl::OkStatus();
      }));
  for (const std::string& store_id : store_ids) RETURN_IF_ERROR(WatchStore(store_id));
  return absl::OkStatus();
}

absl::Status SupplierService::WatchStore(const std::string& store_id) {
  const absl::Time deadline = host_.clock().Now() + absl::Seconds(30);
  ASSIGN_OR_RETURN(const auto store, host_.stores().Get(store_id, deadline));
  const std::string today = chassis::CivilDate(host_.clock().Now(), store.time_zone());
  const Period month = MonthBefore(today);
  std::vector<std::string> ending, unscored;
  RETURN_IF_ERROR(host_.pool().Read(deadline, [&](chassis::sql::Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(const v1::PartsPolicy policy, policies_.Get(session, store_id));
    ASSIGN_OR_RETURN(ending,
                     store_.WithPaperEnding(session, store_id, chassis::AddDays(today, policy.paper_notice_days())));
    ASSIGN_OR_RETURN(unscored, store_.Unscored(session, store_id, month));
    return absl::OkStatus();
  }));
  for (const std::string& supplier_id : ending) {
    RETURN_IF_ERROR(host_.CommitInBackground(store_id, "WatchSupplier",
                                             [&](UnitOfWork& work) { return WatchSupplier(work, supplier_id); }));
  }
  for (const std::string& supplier_id : unscored) {
    RETURN_IF_ERROR(host_.CommitInBackground(store_id, "KeepSupplierScore",
                                             [&](UnitOfWork& work) { return KeepScore(work, supplier_id, month); }));
  }
  return absl::OkStatus();
}

absl::Status SupplierService::WatchSupplier(UnitOfWork& work, const std::string& supplier_id) {
  ASSIGN_OR_RETURN(const auto store, host_.stores().Get(work.store_id(), work.now() + absl::Seconds(5)));
  const std::string today = chassis::CivilDate(work.now(), store.time_zone());
  ASSIGN_OR_RETURN(const v1::PartsPolicy policy, policies_.Get(work.sql(), work.store_id()));
  ASSIGN_OR_RETURN(const v1::Supplier before, store_.suppliers().Lock(work, work.store_id(), supplier_id));
  if (before.state() != v1::Supplier::STATE_APPROVED) return absl::OkStatus();
  const std::vector<int> announced = PapersToAnnounce(before, policy, today);
  const bool stopped = !MissingPapers(before, policy, today).empty();
  if (announced.empty() && !stopped) return absl::OkStatus();
  v1::Supplier after = before;
  for (const int i : announced) {
    *after.mutable_papers(i)->mutable_notice_time() = work.now_proto();
    work.Owe(ExpiryDuty(after, after.papers(i), store.time_zone()));
  }
  if (stopped) {
    RETURN_IF_ERROR(chassis::MoveTo(after, v1::Supplier::STATE_SUSPENDED));
    after.set_state_reason("资质已过期");
    work.Because("a required paper has expired");
  }
  RETURN_IF_ERROR(store_.suppliers().Update(work, before, after));
  if (stopped) {
    PublishSuspension(work, after, true);
    suspended_.Increment();
  }
  return absl::OkStatus();
}

absl::Status SupplierService::KeepScore(UnitOfWork& work, const std::string& supplier_id, const Period& period) {
  ASSIGN_OR_RETURN(const v1::PartsPolicy policy, policies_.Get(work.sql(), work.store_id()));
  ASSIGN_OR_RETURN(const auto store, host_.stores().Get(work.store_id(), work.now() + absl::Seconds(5)));
  ASSIGN_OR_RETURN(const SupplierFacts facts,
                   store_.Facts(work.sql(), work.store_id(), supplier_id, period, store.time_zone()));
  v1::SupplierScore score = ScoreOf(facts, policy);
  score.set_store_id(work.store_id());
  score.set_supplier_score_id(work.NewId());
  score.set_supplier_id(supplier_id);
  score.set_start_date(period.start);
  score.set_end_date(period.end);
  return store_.scores().Insert(work, score);
}

}  // namespace parts
