// The purchasing side of a parts store in a test: suppliers in good standing, what they offer, contracts, orders.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/contract.pb.h"
#include "aftersales/parts/v1/policy.pb.h"
#include "aftersales/parts/v1/procurement_errors.pb.h"
#include "aftersales/parts/v1/purchase_order.pb.h"
#include "aftersales/parts/v1/special_order.pb.h"
#include "aftersales/parts/v1/supplier.pb.h"
#include "parts-svc/parts_for_test.h"
#include "parts-svc/purchase_order/procurement_duties.h"
#include "parts-svc/purchase_order/purchase_desk.h"

namespace parts {

namespace options = aftersales::options::v1;

// The n-th credit code of a row of valid ones.
inline std::string CreditCode(int n) {
  constexpr std::string_view kSigns = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  std::string code = absl::StrCat("91310000MA1FL", 1000 + n);
  int sum = 0, weight = 1;
  for (const char sign : code) {
    sum += static_cast<int>(kSigns.find(sign)) * weight;
    weight = weight * 3 % 31;
  }
  return code + kSigns[(31 - sum % 31) % 31];
}

class Procuring : public PartsStore {
 protected:
  // The caller holds exactly these posts from now on.
  void ActAs(const std::set<options::Role>& roles) { identity_.roles = roles; }

  v1::Supplier ADraftSupplier(const std::string& code) {
    v1::CreateSupplierRequest request;
    request.mutable_supplier()->set_code(code);
    request.mutable_supplier()->set_display_name("上海汽配有限公司");
    request.mutable_supplier()->set_unified_social_credit_code(CreditCode(++supplier_count_));
    request.mutable_supplier()->set_contact_name("王芳");
    request.mutable_supplier()->set_contact_phone("13800138000");
    request.mutable_supplier()->set_lead_time_days(5);
    return Must<v1::Supplier>(request);
  }
  v1::FileSupplierPaperRequest Licence(const v1::Supplier& supplier, const std::string& until) {
    v1::FileSupplierPaperRequest request;
    request.set_supplier_id(supplier.supplier_id());
    request.set_kind(v1::SupplierPaper::KIND_BUSINESS_LICENCE);
    request.set_paper_number(absl::StrCat("L-", until));
    request.set_valid_from_date("2020-01-01");
    request.set_valid_until_date(until);
    request.set_evidence("scans/licence.pdf");
    return request;
  }
  v1::Supplier Approve(const v1::Supplier& supplier) {
    v1::ApproveSupplierRequest request;
    request.set_supplier_id(supplier.supplier_id());
    return Must<v1::Supplier>(request);
  }
  v1::Supplier ASupplier(const std::string& code, const std::string& papers_until = "2030-12-31") {
    const v1::Supplier supplier = ADraftSupplier(code);
    Must<v1::Supplier>(Licence(supplier, papers_until));
    return Approve(supplier);
  }
  v1::Supplier SupplierNow(const v1::Supplier& supplier) {
    v1::GetSupplierRequest request;
    request.set_supplier_id(supplier.supplier_id());
    return Must<v1::Supplier>(request);
  }
  v1::CreateSupplierPartRequest Offer(const v1::Supplier& supplier, const v1::Part& part, int64_t price) {
    v1::CreateSupplierPartRequest request;
    request.mutable_supplier_part()->set_supplier_id(supplier.supplier_id());
    request.mutable_supplier_part()->set_part_id(part.part_id());
    request.mutable_supplier_part()->set_supplier_part_number("X-" + part.part_number());
    request.mutable_supplier_part()->set_unit_price_amount(price);
    return request;
  }
  v1::SupplierPart AnOffer(const v1::Supplier& supplier, const v1::Part& part, int64_t price) {
    return Must<v1::SupplierPart>(Offer(supplier, part, price));
  }

  v1::CreatePurchaseContractRequest Contract(const v1::Supplier& supplier, const v1::Part& part, int64_t price) {
    v1::CreatePurchaseContractRequest request;
    request.set_supplier_id(supplier.supplier_id());
    request.set_title("年度框架合同");
    request.set_valid_from_date("2026-01-01");
    request.set_valid_until_date("2026-12-31");
    auto& line = *request.add_lines();
    line.set_part_id(part.part_id());
    line.set_unit_price_amount(price);
    return request;
  }
  v1::ActivatePurchaseContractRequest Activation(const v1::PurchaseContract& contract) {
    v1::ActivatePurchaseContractRequest request;
    request.set_purchase_contract_id(contract.purchase_contract_id());
    request.set_evidence("scans/contract.pdf");
    return request;
  }
  v1::PurchaseContract AContract(const v1::CreatePurchaseContractRequest& request) {
    return Must<v1::PurchaseContract>(Activation(Must<v1::PurchaseContract>(request)));
  }

  v1::CreatePurchaseOrderRequest Ordering(const v1::Supplier& supplier, const v1::Part& part, int64_t quantity_milli) {
    v1::CreatePurchaseOrderRequest request;
    request.set_supplier_id(supplier.supplier_id());
    auto& line = *request.add_lines();
    line.set_part_id(part.part_id());
    line.set_quantity_milli(quantity_milli);
    return request;
  }
  v1::PurchaseOrder AnOrder(const v1::Supplier& supplier, const v1::Part& part, int64_t quantity_milli) {
    return Must<v1::PurchaseOrder>(Ordering(supplier, part, quantity_milli));
  }
  template <typename Request>
  static Request On(const v1::PurchaseOrder& order) {
    Request request;
    request.set_purchase_order_id(order.purchase_order_id());
    if constexpr (requires { request.set_etag(""); }) request.set_etag(order.etag());
    return request;
  }
  template <typename Request>
  static Request On(const v1::PurchaseOrder& order, const std::string& reason) {
    Request request = On<Request>(order);
    request.set_reason(reason);
    return request;
  }
  v1::PurchaseOrder Submit(const v1::PurchaseOrder& order) {
    return Must<v1::PurchaseOrder>(On<v1::SubmitPurchaseOrderRequest>(order));
  }
  absl::StatusOr<v1::PurchaseOrder> Approving(const v1::PurchaseOrder& order) {
    return Send<v1::PurchaseOrder>(On<v1::ApprovePurchaseOrderRequest>(order));
  }
  v1::PurchaseOrder SendOut(const v1::PurchaseOrder& order) {
    return Must<v1::PurchaseOrder>(On<v1::SendPurchaseOrderRequest>(order));
  }
  // Submitted, approved by the group, and on its way.
  v1::PurchaseOrder Sent(const v1::PurchaseOrder& draft) {
    const auto posts = identity_.roles;
    ActAs({options::ROLE_GROUP_MANAGER});
    const v1::PurchaseOrder approved = *Approving(Submit(draft));
    identity_.roles = posts;
    return SendOut(approved);
  }
  v1::PurchaseOrder OrderNow(const v1::PurchaseOrder& order) {
    return Must<v1::PurchaseOrder>(On<v1::GetPurchaseOrderRequest>(order));
  }
  // The order's lines as a revision would name them.
  static v1::RevisePurchaseOrderRequest Revision(const v1::PurchaseOrder& order, const std::string& reason) {
    v1::RevisePurchaseOrderRequest request = On<v1::RevisePurchaseOrderRequest>(order, reason);
    for (const v1::PurchaseOrderLine& line : order.lines()) {
      auto& wanted = *request.add_lines();
      wanted.set_purchase_order_line_id(line.purchase_order_line_id());
      wanted.set_part_id(line.part_id());
      wanted.set_quantity_milli(line.quantity_milli());
    }
    return request;
  }
  absl::Status Came(const v1::PurchaseOrder& order, int64_t accepted_milli, int64_t rejected_milli = 0, int line = 0) {
    PurchaseDesk desk(*cipher_);
    return host_.CommitInBackground(kStore, "Test/Receipt", [&](chassis::UnitOfWork& work) {
      return desk
          .RecordReceipt(work, order.purchase_order_id(),
                         {{order.lines(line).purchase_order_line_id(), accepted_milli, rejected_milli}})
          .status();
    });
  }

  v1::CreateReservationRequest Waiting(const std::string& order_id, const std::vector<Wanted>& wanted) {
    v1::CreateReservationRequest request = Holding(order_id, wanted);
    request.set_shortage_policy(v1::SHORTAGE_POLICY_QUEUE);
    return request;
  }
  v1::CreateSpecialOrdersRequest SpecialFor(const std::string& holder_id) {
    v1::CreateSpecialOrdersRequest request;
    request.set_holder_id(holder_id);
    return request;
  }
  v1::SpecialOrder SpecialNow(const v1::SpecialOrder& special) {
    v1::GetSpecialOrderRequest request;
    request.set_special_order_id(special.special_order_id());
    return Must<v1::SpecialOrder>(request);
  }

  int64_t OpenDuties(const std::string& kind) { return Count("duty WHERE state = 'OPEN' AND kind = '" + kind + "'"); }
  void SetPolicy(const std::string& field, int64_t value) {
    Execute(absl::StrCat("INSERT INTO parts_policy (store_id, version, required_papers, ", field,
                         ") VALUES (UNHEX('0123456789ab7def8123456789abcdef'), 1, '[]', ", value,
                         ") ON DUPLICATE KEY UPDATE ", field, " = VALUES(", field, ")"));
  }

  int supplier_count_ = 0;
};

}  // namespace parts
