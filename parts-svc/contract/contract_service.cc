// The contract room; see contract_service.h.
#include "parts-svc/contract/contract_service.h"

#include "aftersales/parts/v1/procurement_errors.pb.h"
#include "chassis/time/dates.h"
#include "parts-svc/purchase_order/procurement_duties.h"

namespace parts {
namespace {

using chassis::UnitOfWork;

aftersales::common::v1::Duty EndingDuty(const v1::PurchaseContract& contract, const std::string& time_zone) {
  aftersales::common::v1::Duty duty;
  duty.set_kind(kContractEndDuty);
  duty.set_handbook("P-08");
  duty.set_subject_kind("purchase_contract");
  duty.set_subject_id(contract.purchase_contract_id());
  duty.set_subject_number(contract.number());
  duty.set_assignee_role(aftersales::options::v1::ROLE_PARTS_MANAGER);
  duty.set_escalation_role(aftersales::options::v1::ROLE_SERVICE_MANAGER);
  *duty.mutable_due_time() = chassis::ToProto(chassis::DayEnd(contract.valid_until_date(), time_zone));
  return duty;
}

}  // namespace

ContractService::ContractService(chassis::Rooms& rooms)
    : host_(rooms.host),
      store_(rooms.host.cipher()),
      suppliers_(rooms.host.cipher()),
      catalogue_(rooms.host.cipher()),
      policies_(rooms.host.cipher()) {
  rooms.rpcs.Standard<v1::PurchaseContract>(store_.table());
  rooms.rpcs.On(this, &ContractService::Create);
  rooms.rpcs.On(this, &ContractService::Rewrite);
  rooms.rpcs.On(this, &ContractService::Activate);
  rooms.rpcs.On(this, &ContractService::Terminate);
  rooms.rpcs.On(this, &ContractService::Get);
  rooms.Periodically("watch_contracts", absl::Hours(1), [this] { return Watch(); });
}

template <typename Request>
absl::StatusOr<PartsById> ContractService::PartsOf(UnitOfWork& work, const Request& request) {
  std::vector<std::string> part_ids;
  for (const auto& line : request.lines()) part_ids.push_back(line.part_id());
  return catalogue_.ByIds(work.sql(), work.store_id(), part_ids);
}

absl::StatusOr<aftersales::common::v1::Store> ContractService::StoreOf(UnitOfWork& work) {
  return host_.stores().Get(work.store_id(), work.now() + absl::Seconds(5));
}

absl::StatusOr<v1::PurchaseContract> ContractService::Create(chassis::Call& call,
                                                             const v1::CreatePurchaseContractRequest& request) {
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber("PCT"));
  return call.Transact<v1::PurchaseContract>([&](UnitOfWork& work) -> absl::StatusOr<v1::PurchaseContract> {
    ASSIGN_OR_RETURN(const v1::Supplier supplier,
                     suppliers_.suppliers().Get(work.sql(), work.store_id(), request.supplier_id()));
    RETURN_IF_ERROR(chassis::RequireState(
        supplier, {v1::Supplier::STATE_DRAFT, v1::Supplier::STATE_APPROVED, v1::Supplier::STATE_SUSPENDED}));
    ASSIGN_OR_RETURN(const PartsById parts, PartsOf(work, request));
    v1::PurchaseContract contract;
    RETURN_IF_ERROR(WriteContract(request, parts, contract));
    contract.set_store_id(work.store_id());
    contract.set_purchase_contract_id(work.NewId());
    contract.set_number(number);
    contract.set_supplier_id(supplier.supplier_id());
    contract.set_supplier_code(supplier.code());
    contract.set_state(v1::PurchaseContract::STATE_DRAFT);
    RETURN_IF_ERROR(store_.table().Insert(work, contract));
    return contract;
  });
}

absl::StatusOr<v1::PurchaseContract> ContractService::Rewrite(chassis::Call& call,
                                                              const v1::RewritePurchaseContractRequest& request) {
  return call.Transact<v1::PurchaseContract>([&](UnitOfWork& work) -> absl::StatusOr<v1::PurchaseContract> {
    ASSIGN_OR_RETURN(const v1::PurchaseContract before,
                     store_.table().Lock(work, work.store_id(), request.purchase_contract_id()));
    if (before.etag() != request.etag()) return chassis::ChangedMeanwhile("purchase contract");
    RETURN_IF_ERROR(chassis::RequireState(before, {v1::PurchaseContract::STATE_DRAFT}));
    ASSIGN_OR_RETURN(const PartsById parts, PartsOf(work, request));
    v1::PurchaseContract after = before;
    RETURN_IF_ERROR(WriteContract(request, parts, after));
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    return after;
  });
}

absl::StatusOr<v1::PurchaseContract> ContractService::Activate(chassis::Call& call,
                                                               const v1::ActivatePurchaseContractRequest& request) {
  return call.Transact<v1::PurchaseContract>([&](UnitOfWork& work) -> absl::StatusOr<v1::PurchaseContract> {
    ASSIGN_OR_RETURN(const v1::PurchaseContract before,
                     store_.table().Lock(work, work.store_id(), request.purchase_contract_id()));
    v1::PurchaseContract after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, v1::PurchaseContract::STATE_ACTIVE));
    ASSIGN_OR_RETURN(const auto store, StoreOf(work));
    RETURN_IF_ERROR(CheckNotEnded(before, chassis::CivilDate(work.now(), store.time_zone())));
    ASSIGN_OR_RETURN(const auto overlaps, store_.Overlaps(work, before));
    if (!overlaps.empty()) {
      return chassis::Refuse(v1::PROCUREMENT_ERROR_REASON_CONTRACT_OVERLAPS)
          .With("part", overlaps[0].part_number)
          .With("contract", overlaps[0].contract_number)
          .At("purchase_contract_id", "与另一份执行中的合同冲突", "settles what another active contract settles");
    }
    after.set_evidence(request.evidence());
    after.set_activator(work.actor().subject);
    *after.mutable_activate_time() = work.now_proto();
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    return after;
  });
}

absl::StatusOr<v1::PurchaseContract> ContractService::Terminate(chassis::Call& call,
                                                                const v1::TerminatePurchaseContractRequest& request) {
  return call.Transact<v1::PurchaseContract>([&](UnitOfWork& work) -> absl::StatusOr<v1::PurchaseContract> {
    work.Because(request.reason());
    ASSIGN_OR_RETURN(const v1::PurchaseContract before,
                     store_.table().Lock(work, work.store_id(), request.purchase_contract_id()));
    v1::PurchaseContract after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, v1::PurchaseContract::STATE_TERMINATED));
    after.set_state_reason(request.reason());
    RETURN_IF_ERROR(work.WaiveDuties(kContractEndDuty, before.purchase_contract_id(), request.reason()));
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    return after;
  });
}

absl::StatusOr<v1::PurchaseContract> ContractService::Get(chassis::Call& call,
                                                          const v1::GetPurchaseContractRequest& request) {
  return call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<v1::PurchaseContract> {
    ASSIGN_OR_RETURN(v1::PurchaseContract contract,
                     store_.table().Get(session, request.store_id(), request.purchase_contract_id()));
    ASSIGN_OR_RETURN(auto ordered, store_.OrderedUnder(session, request.store_id(), request.purchase_contract_id(),
                                                       request.purchase_contract_id()));
    for (auto& line : *contract.mutable_lines()) line.set_ordered_milli(ordered[line.part_id()]);
    return contract;
  });
}

absl::Status ContractService::Watch() {
  const absl::Time deadline = host_.clock().Now() + absl::Seconds(30);
  std::vector<std::string> store_ids;
  RETURN_IF_ERROR(host_.pool().Read(deadline, [&](chassis::sql::Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(store_ids, store_.StoresWithContracts(session));
    return absl::OkStatus();
  }));
  for (const std::string& store_id : store_ids) {
    ASSIGN_OR_RETURN(const auto store, host_.stores().Get(store_id, deadline));
    const std::string today = chassis::CivilDate(host_.clock().Now(), store.time_zone());
    std::vector<std::string> ending;
    RETURN_IF_ERROR(host_.pool().Read(deadline, [&](chassis::sql::Session& session) -> absl::Status {
      ASSIGN_OR_RETURN(const v1::PartsPolicy policy, policies_.Get(session, store_id));
      ASSIGN_OR_RETURN(ending,
                       store_.Ending(session, store_id, chassis::AddDays(today, policy.paper_notice_days()), today));
      return absl::OkStatus();
    }));
    for (const std::string& contract_id : ending) {
      RETURN_IF_ERROR(host_.CommitInBackground(store_id, "WatchContract",
                                               [&](UnitOfWork& work) { return WatchContract(work, contract_id); }));
    }
  }
  return absl::OkStatus();
}

absl::Status ContractService::WatchContract(UnitOfWork& work, const std::string& contract_id) {
  ASSIGN_OR_RETURN(const auto store, StoreOf(work));
  ASSIGN_OR_RETURN(const v1::PurchaseContract before, store_.table().Lock(work, work.store_id(), contract_id));
  if (before.state() != v1::PurchaseContract::STATE_ACTIVE) return absl::OkStatus();
  v1::PurchaseContract after = before;
  if (before.valid_until_date() < chassis::CivilDate(work.now(), store.time_zone())) {
    RETURN_IF_ERROR(chassis::MoveTo(after, v1::PurchaseContract::STATE_EXPIRED));
    RETURN_IF_ERROR(work.CompleteDuties(kContractEndDuty, contract_id, "EXPIRED"));
    return store_.table().Update(work, before, after);
  }
  if (before.has_notice_time()) return absl::OkStatus();
  *after.mutable_notice_time() = work.now_proto();
  work.Owe(EndingDuty(after, store.time_zone()));
  return store_.table().Update(work, before, after);
}

}  // namespace parts
