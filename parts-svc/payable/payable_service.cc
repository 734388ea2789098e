// The payable room; see payable_service.h.
#include "parts-svc/payable/payable_service.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/receiving_errors.pb.h"
#include "parts-svc/payable/approval_rules.h"
#include "parts-svc/payable/payable_checks.h"
#include "parts-svc/payable/payable_duties.h"

namespace parts {
namespace {

using chassis::UnitOfWork;
using Account = v1::PayableEntry;

std::vector<std::string> PayableIdsOf(const v1::SupplierPayment& payment) {
  std::vector<std::string> ids;
  for (const auto& line : payment.lines()) ids.push_back(line.payable_id());
  return ids;
}

std::string Formula(const std::string& language) {
  return language == "en"
             ? "open = amount - paid - credited, with tax; days overdue = as-of date - due date; net = sum "
               "of all open - credits not set off"
             : "未付 = 应付 - 已付 - 已冲贷项（含税）；逾期天数 = 截止日 - 到期日；净额 = 未付合计 - "
               "未冲抵贷项";
}

}  // namespace

PayableService::PayableService(chassis::Rooms& rooms) : store_(rooms.host.cipher()), policy_(rooms.host.cipher()) {
  rooms.rpcs.On(this, &PayableService::GetPayable);
  rooms.rpcs.On(this, &PayableService::ListPayables);
  rooms.rpcs.On(this, &PayableService::GetAgeing);
  rooms.rpcs.On(this, &PayableService::ProposePayment);
  rooms.rpcs.On(this, &PayableService::ApprovePayment);
  rooms.rpcs.On(this, &PayableService::RejectPayment);
  rooms.rpcs.On(this, &PayableService::RecordPayment);
  rooms.rpcs.On(this, &PayableService::ApplyCredit);
  rooms.rpcs.Standard<v1::PayableEntry>(store_.entries());
  rooms.rpcs.Standard<v1::SupplierPayment>(store_.payments());
  rooms.rpcs.Standard<v1::SupplierCredit>(store_.credits());
  rooms.Verify("payables", VerifyPayables);
  rooms.Verify("supplier_credits", VerifyCredits);
}

absl::StatusOr<v1::Payable> PayableService::GetPayable(chassis::Call& call, const v1::GetPayableRequest& request) {
  return call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<v1::Payable> {
    ASSIGN_OR_RETURN(v1::Payable payable, store_.payables().Get(session, request.store_id(), request.payable_id()));
    payable.set_open_amount(OpenAmount(payable));
    return payable;
  });
}

absl::StatusOr<v1::ListPayablesResponse> PayableService::ListPayables(chassis::Call& call,
                                                                      const v1::ListPayablesRequest& request) {
  return call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<v1::ListPayablesResponse> {
    chassis::records::ListQuery query = chassis::records::QueryFrom(request);
    query.scope = request.store_id();
    v1::ListPayablesResponse response;
    RETURN_IF_ERROR(store_.payables().List(
        session, query, [&] { return response.add_payables(); }, *response.mutable_next_page_token()));
    for (v1::Payable& payable : *response.mutable_payables()) payable.set_open_amount(OpenAmount(payable));
    return response;
  });
}

absl::StatusOr<v1::PayablesAgeing> PayableService::GetAgeing(chassis::Call& call,
                                                             const v1::GetPayablesAgeingRequest& request) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  const std::string date =
      request.as_of_date().empty() ? chassis::CivilDate(call.Now(), store.time_zone()) : request.as_of_date();
  absl::CivilDay as_of;
  if (!absl::ParseCivilTime(date, &as_of)) {
    return chassis::InvalidField("as_of_date", "不是日期", "is no date");
  }
  return call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<v1::PayablesAgeing> {
    ASSIGN_OR_RETURN(const std::vector<OpenItem> items, store_.OpenItems(session, request.store_id()));
    v1::PayablesAgeing ageing = Age(items, as_of);
    ageing.set_formula(Formula(call.language()));
    return ageing;
  });
}

absl::StatusOr<v1::SupplierPayment> PayableService::ProposePayment(chassis::Call& call,
                                                                   const v1::ProposeSupplierPaymentRequest& request) {
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber("SPY"));
  return call.Transact<v1::SupplierPayment>([&](UnitOfWork& work) -> absl::StatusOr<v1::SupplierPayment> {
    v1::SupplierPayment payment;
    payment.set_store_id(work.store_id());
    payment.set_supplier_payment_id(work.NewId());
    payment.set_number(number);
    payment.set_state(v1::SupplierPayment::STATE_PROPOSED);
    payment.set_method(request.method());
    payment.set_proposer(work.actor().subject);
    payment.set_note(request.note());
    std::vector<std::string> ids;
    for (const auto& line : request.lines()) ids.push_back(line.payable_id());
    ASSIGN_OR_RETURN(const auto before, store_.LockByIds(work, ids));
    std::set<std::string> seen;
    for (int i = 0; i < request.lines_size(); ++i) {
      const auto& wanted = request.lines(i);
      v1::Payable payable = before.at(wanted.payable_id());
      const std::string at = absl::StrCat("lines[", i, "]");
      if (!seen.insert(wanted.payable_id()).second) {
        return chassis::Refuse(v1::RECEIVING_ERROR_REASON_PAYABLE_TWICE)
            .With("number", payable.number())
            .At(at + ".payable_id", "重复", "stands twice");
      }
      if (i == 0) {
        payment.set_supplier_id(payable.supplier_id());
        payment.set_supplier_name(payable.supplier_name());
      }
      if (payable.supplier_id() != payment.supplier_id()) {
        return chassis::Refuse(v1::RECEIVING_ERROR_REASON_OTHER_SUPPLIER)
            .With("number", payable.number())
            .At(at + ".payable_id", "属于另一供应商", "belongs to another supplier");
      }
      RETURN_IF_ERROR(Propose(wanted.amount(), at + ".amount", payable));
      RETURN_IF_ERROR(store_.payables().Update(work, before.at(wanted.payable_id()), payable));
      v1::SupplierPaymentLine& line = *payment.add_lines();
      line.set_payable_id(payable.payable_id());
      line.set_payable_number(payable.number());
      line.set_amount(wanted.amount());
      payment.set_amount(payment.amount() + wanted.amount());
    }
    RETURN_IF_ERROR(store_.payments().Insert(work, payment));
    return payment;
  });
}

absl::StatusOr<v1::SupplierPayment> PayableService::ApprovePayment(chassis::Call& call,
                                                                   const v1::ApproveSupplierPaymentRequest& request) {
  return call.Transact<v1::SupplierPayment>([&](UnitOfWork& work) -> absl::StatusOr<v1::SupplierPayment> {
    ASSIGN_OR_RETURN(const v1::SupplierPayment before,
                     store_.payments().Lock(work, work.store_id(), request.supplier_payment_id()));
    v1::SupplierPayment after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, v1::SupplierPayment::STATE_APPROVED));
    RETURN_IF_ERROR(CheckFourEyes(work.actor().subject, before.proposer()));
    ASSIGN_OR_RETURN(const v1::PartsPolicy policy, policy_.Get(work.sql(), work.store_id()));
    RETURN_IF_ERROR(CheckApprovalLimit(policy, call.identity().roles, before.amount()));
    after.set_approver(work.actor().subject);
    RETURN_IF_ERROR(store_.payments().Update(work, before, after));
    return after;
  });
}

absl::StatusOr<v1::SupplierPayment> PayableService::RejectPayment(chassis::Call& call,
                                                                  const v1::RejectSupplierPaymentRequest& request) {
  return call.Transact<v1::SupplierPayment>([&](UnitOfWork& work) -> absl::StatusOr<v1::SupplierPayment> {
    work.Because(request.reason());
    ASSIGN_OR_RETURN(const v1::SupplierPayment before,
                     store_.payments().Lock(work, work.store_id(), request.supplier_payment_id()));
    v1::SupplierPayment after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, v1::SupplierPayment::STATE_REJECTED));
    after.set_reject_reason(request.reason());
    RETURN_IF_ERROR(ChangePayables(work, before, [](int64_t amount, v1::Payable& payable) {
      Withdraw(amount, payable);
      return absl::OkStatus();
    }));
    RETURN_IF_ERROR(store_.payments().Update(work, before, after));
    return after;
  });
}

absl::StatusOr<v1::SupplierPayment> PayableService::RecordPayment(chassis::Call& call,
                                                                  const v1::RecordSupplierPaymentRequest& request) {
  return call.Transact<v1::SupplierPayment>([&](UnitOfWork& work) -> absl::StatusOr<v1::SupplierPayment> {
    ASSIGN_OR_RETURN(const v1::SupplierPayment before,
                     store_.payments().Lock(work, work.store_id(), request.supplier_payment_id()));
    v1::SupplierPayment after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, v1::SupplierPayment::STATE_PAID));
    after.set_payer(work.actor().subject);
    after.set_bank_reference(request.bank_reference());
    *after.mutable_pay_time() = work.now_proto();
    std::vector<v1::PayableEntry> entries;
    RETURN_IF_ERROR(ChangePayables(work, before, [&](int64_t amount, v1::Payable& payable) {
      entries.push_back(Entry(payable, Account::ACCOUNT_PAYABLES, Account::ACCOUNT_BANK, amount,
                              before.supplier_payment_id(), before.number()));
      return Pay(amount, payable);
    }));
    RETURN_IF_ERROR(store_.entries().InsertAll(work, entries));
    RETURN_IF_ERROR(store_.payments().Update(work, before, after));
    return after;
  });
}

absl::StatusOr<v1::SupplierCredit> PayableService::ApplyCredit(chassis::Call& call,
                                                               const v1::ApplySupplierCreditRequest& request) {
  return call.Transact<v1::SupplierCredit>([&](UnitOfWork& work) -> absl::StatusOr<v1::SupplierCredit> {
    ASSIGN_OR_RETURN(const v1::SupplierCredit before,
                     store_.credits().Lock(work, work.store_id(), request.supplier_credit_id()));
    ASSIGN_OR_RETURN(const v1::Payable owed, store_.payables().Lock(work, work.store_id(), request.payable_id()));
    v1::SupplierCredit after = before;
    v1::Payable payable = owed;
    RETURN_IF_ERROR(SetOff(request.amount(), payable, after));
    RETURN_IF_ERROR(store_.credits().Update(work, before, after));
    RETURN_IF_ERROR(Save(work, owed, payable));
    v1::PayableEntry entry = Entry(payable, Account::ACCOUNT_PAYABLES, Account::ACCOUNT_SUPPLIER_CREDITS,
                                   request.amount(), after.supplier_credit_id(), after.number());
    RETURN_IF_ERROR(store_.entries().Insert(work, entry));
    return after;
  });
}

absl::Status PayableService::ChangePayables(UnitOfWork& work, const v1::SupplierPayment& payment,
                                            const Change& change) {
  ASSIGN_OR_RETURN(const auto before, store_.LockByIds(work, PayableIdsOf(payment)));
  for (const v1::SupplierPaymentLine& line : payment.lines()) {
    v1::Payable after = before.at(line.payable_id());
    RETURN_IF_ERROR(change(line.amount(), after));
    RETURN_IF_ERROR(Save(work, before.at(line.payable_id()), after));
  }
  return absl::OkStatus();
}

absl::Status PayableService::Save(UnitOfWork& work, const v1::Payable& before, v1::Payable& after) {
  RETURN_IF_ERROR(store_.payables().Update(work, before, after));
  if (after.state() != v1::Payable::STATE_SETTLED || before.state() == v1::Payable::STATE_SETTLED) {
    return absl::OkStatus();
  }
  return work.CompleteDuties(kPayableDueDuty, after.payable_id(), "settled");
}

}  // namespace parts
