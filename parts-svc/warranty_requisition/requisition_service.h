// The warranty requisition room (P-14): asked for, decided, issued (by the issue room), written off.
#pragma once

#include <functional>
#include <string_view>

#include "chassis/server/service.h"
#include "parts-svc/catalogue/catalogue_store.h"
#include "parts-svc/old_part/old_part_store.h"
#include "parts-svc/policy/policy_store.h"
#include "parts-svc/warranty_requisition/requisition_store.h"

namespace parts {

class WarrantyRequisitionService {
 public:
  explicit WarrantyRequisitionService(chassis::Rooms& rooms);

 private:
  using Requisition = v1::WarrantyRequisition;

  absl::StatusOr<Requisition> Request(chassis::Call& call, const v1::RequestWarrantyPartsRequest& request);
  absl::StatusOr<Requisition> Resubmit(chassis::Call& call, const v1::ResubmitRequisitionRequest& request);
  absl::StatusOr<Requisition> Decide(chassis::Call& call, const v1::DecideRequisitionRequest& request);
  absl::StatusOr<Requisition> Cancel(chassis::Call& call, const v1::CancelRequisitionRequest& request);
  absl::StatusOr<Requisition> WriteOff(chassis::Call& call, const v1::WriteOffRequisitionRequest& request);
  absl::StatusOr<Requisition> RequestPostage(chassis::Call& call, const v1::RequestPostageRequest& request);
  absl::StatusOr<Requisition> DecidePostage(chassis::Call& call, const v1::DecidePostageRequest& request);

  // One command on one requisition: locked, changed, stored.
  using Change = std::function<absl::Status(chassis::UnitOfWork&, Requisition&)>;
  absl::StatusOr<Requisition> On(chassis::Call& call, const std::string& requisition_id, std::string_view reason,
                                 const Change& change);
  template <typename Asked>
  absl::Status FillLines(chassis::UnitOfWork& work, const Asked& request, Requisition& requisition);
  // Whoever decides owes an answer within the policy's days.
  absl::Status OweAnswer(chassis::UnitOfWork& work, const Requisition& requisition);

  CatalogueStore catalogue_;
  OldPartStore old_parts_;
  PolicyStore policies_;
  RequisitionStore store_;
  prometheus::Counter& requested_;
  prometheus::Counter& written_off_;
};

}  // namespace parts
