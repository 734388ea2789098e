// The supplier claim room (P-16): the file of a claim from its draft to what was recovered.
#pragma once

#include <functional>
#include <string_view>

#include "chassis/server/service.h"
#include "parts-svc/catalogue/catalogue_store.h"
#include "parts-svc/old_part/old_part_store.h"
#include "parts-svc/policy/policy_store.h"
#include "parts-svc/supplier/supplier_store.h"
#include "parts-svc/supplier_claim/claim_rules.h"

namespace parts {

class SupplierClaimService {
 public:
  explicit SupplierClaimService(chassis::Rooms& rooms);

 private:
  using Claim = v1::SupplierClaim;

  absl::StatusOr<Claim> Create(chassis::Call& call, const v1::CreateSupplierClaimRequest& request);
  absl::StatusOr<Claim> Submit(chassis::Call& call, const v1::SubmitSupplierClaimRequest& request);
  absl::StatusOr<Claim> Answer(chassis::Call& call, const v1::AnswerSupplierClaimRequest& request);
  absl::StatusOr<Claim> Recover(chassis::Call& call, const v1::RecordClaimRecoveryRequest& request);
  absl::StatusOr<Claim> Close(chassis::Call& call, const v1::CloseSupplierClaimRequest& request);
  absl::StatusOr<Claim> Cancel(chassis::Call& call, const v1::CancelSupplierClaimRequest& request);

  // One command on one claim: locked, changed, stored.
  using Change = std::function<absl::Status(chassis::UnitOfWork&, Claim&)>;
  absl::StatusOr<Claim> On(chassis::Call& call, const std::string& claim_id, std::string_view reason,
                           const Change& change);
  // The claim's old parts stand in it, or in none any more.
  absl::Status Bind(chassis::UnitOfWork& work, const Claim& claim, const std::string& open_claim_id);
  absl::Status OweAnswer(chassis::UnitOfWork& work, const Claim& claim);

  CatalogueStore catalogue_;
  SupplierStore suppliers_;
  OldPartStore old_parts_;
  PolicyStore policies_;
  chassis::records::Table<Claim> table_;
  prometheus::Counter& recovered_;
};

}  // namespace parts
