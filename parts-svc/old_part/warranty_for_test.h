// The warranty rooms in a test: requisitions, issues that owe old parts, and where those go.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "aftersales/parts/v1/old_part.pb.h"
#include "aftersales/parts/v1/policy.pb.h"
#include "aftersales/parts/v1/warranty_errors.pb.h"
#include "aftersales/parts/v1/warranty_requisition.pb.h"
#include "parts-svc/parts_for_test.h"

namespace parts {

class WarrantyDesk : public PartsStore {
 protected:
  using Role = aftersales::options::v1::Role;

  void As(const std::string& subject, const std::set<Role>& roles) {
    identity_.subject = subject;
    identity_.roles = roles;
  }
  void AsAdviser() { As("liu.yang", {aftersales::options::v1::ROLE_SERVICE_ADVISER}); }
  void AsClerk() { As("wang.fang", {aftersales::options::v1::ROLE_PARTS_CLERK}); }
  void AsManager() { As("zhang.lei", {aftersales::options::v1::ROLE_PARTS_MANAGER}); }
  void AsServiceManager() { As("chen.jie", {aftersales::options::v1::ROLE_SERVICE_MANAGER}); }

  v1::Part OnTheShelf(const std::string& number, int64_t pieces) {
    const v1::Part part = APart(number);
    Receive(part, pieces * 1000, pieces * 5000);
    return part;
  }
  v1::Part SafetyCritical(const std::string& number, int64_t pieces) {
    v1::Part part = PartNamed(number);
    part.set_safety_critical(true);
    part = Create(part);
    Receive(part, pieces * 1000, pieces * 5000);
    return part;
  }

  // As the adviser, for the first line of the order's reservation.
  v1::RequestWarrantyPartsRequest AskingFor(const v1::Reservation& held) {
    v1::RequestWarrantyPartsRequest request;
    request.set_order_id(held.order_id());
    request.set_order_number(held.holder_number());
    request.set_fault("pump leaks at 12,000 km");
    auto& line = *request.add_lines();
    line.set_holder_line_id(held.lines(0).holder_line_id());
    line.set_part_id(held.lines(0).part_id());
    line.set_quantity_milli(held.lines(0).quantity_milli());
    return request;
  }
  v1::WarrantyRequisition Requested(const v1::Reservation& held) {
    AsAdviser();
    const auto requisition = Must<v1::WarrantyRequisition>(AskingFor(held));
    AsManager();
    return requisition;
  }
  v1::DecideRequisitionRequest Deciding(const v1::WarrantyRequisition& requisition,
                                        v1::DecideRequisitionRequest::Decision decision) {
    v1::DecideRequisitionRequest request;
    request.set_warranty_requisition_id(requisition.warranty_requisition_id());
    request.set_decision(decision);
    request.set_reason("checked against the warranty terms");
    return request;
  }
  v1::WarrantyRequisition Approved(const v1::Reservation& held) {
    return Must<v1::WarrantyRequisition>(Deciding(Requested(held), v1::DecideRequisitionRequest::DECISION_APPROVE));
  }
  v1::WarrantyRequisition RequisitionOf(const v1::WarrantyRequisition& requisition) {
    v1::GetWarrantyRequisitionRequest request;
    request.set_warranty_requisition_id(requisition.warranty_requisition_id());
    return Must<v1::WarrantyRequisition>(request);
  }

  std::vector<v1::OldPart> OldPartsOf(const std::string& order_id) {
    v1::ListOldPartsRequest request;
    request.set_filter(absl::StrCat("order_id = \"", order_id, "\""));
    const auto response = Must<v1::ListOldPartsResponse>(request);
    return {response.old_parts().begin(), response.old_parts().end()};
  }
  v1::OldPart OldPartOf(const v1::OldPart& old_part) {
    v1::GetOldPartRequest request;
    request.set_old_part_id(old_part.old_part_id());
    return Must<v1::OldPart>(request);
  }
  // The old part a safety-critical part of a new order left behind.
  v1::OldPart AnExpectedOldPart(const std::string& number = "S-1") {
    const v1::Part part = SafetyCritical(number, 5);
    const auto held = Reserve(NewId(), {{part, 1000}});
    Must<v1::Issue>(Drawing(held, 1000));
    return OldPartsOf(held.order_id()).at(0);
  }
  v1::TagOldPartRequest Tagging(const v1::OldPart& old_part) {
    v1::TagOldPartRequest request;
    request.set_old_part_id(old_part.old_part_id());
    request.set_finding("worn through");
    return request;
  }
  v1::StoreOldPartRequest Storing(const v1::OldPart& old_part) {
    if (old_bin_.empty()) old_bin_ = ABin("OLD-1", v1::Location::KIND_OLD_PARTS);
    v1::StoreOldPartRequest request;
    request.set_old_part_id(old_part.old_part_id());
    request.set_location_id(old_bin_);
    return request;
  }
  v1::OldPart Stored(const v1::OldPart& old_part) {
    Must<v1::OldPart>(Tagging(old_part));
    return Must<v1::OldPart>(Storing(old_part));
  }
  static aftersales::common::v1::Signature SignedBy(aftersales::common::v1::Signature::SignerRole role) {
    aftersales::common::v1::Signature signature = TechnicianSignature();
    signature.set_signer_role(role);
    return signature;
  }
  v1::HandOverOldPartRequest HandingOver(const v1::OldPart& old_part) {
    v1::HandOverOldPartRequest request;
    request.set_old_part_id(old_part.old_part_id());
    *request.mutable_customer_signature() = SignedBy(aftersales::common::v1::Signature::SIGNER_ROLE_CUSTOMER);
    return request;
  }
  v1::SendOldPartRequest Sending(const v1::OldPart& old_part) {
    v1::SendOldPartRequest request;
    request.set_old_part_id(old_part.old_part_id());
    request.set_carrier("顺丰");
    request.set_tracking_number("SF1");
    return request;
  }
  v1::WriteOffRequisitionRequest WritingOff(const v1::WarrantyRequisition& requisition) {
    v1::WriteOffRequisitionRequest request;
    request.set_warranty_requisition_id(requisition.warranty_requisition_id());
    request.set_service_report_number("SR-20261121-1");
    *request.mutable_service_report_signature() = TechnicianSignature();
    return request;
  }
  v1::ApproveOldPartExceptionRequest Excepting(const v1::OldPart& old_part) {
    v1::ApproveOldPartExceptionRequest request;
    request.set_old_part_id(old_part.old_part_id());
    request.set_reason("burnt in the accident, photos in the file");
    return request;
  }

  std::string old_bin_;
};

}  // namespace parts
