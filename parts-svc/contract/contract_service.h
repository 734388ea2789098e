// The contract room (P-08): prices and quantities agreed with a supplier, from the draft to the end.
#pragma once

#include "chassis/server/service.h"
#include "parts-svc/catalogue/catalogue_store.h"
#include "parts-svc/contract/contract_store.h"
#include "parts-svc/policy/policy_store.h"
#include "parts-svc/supplier/supplier_store.h"

namespace parts {

class ContractService {
 public:
  explicit ContractService(chassis::Rooms& rooms);

  // Announces contracts that end soon and ends those whose last day has passed.
  absl::Status Watch();

 private:
  absl::StatusOr<v1::PurchaseContract> Create(chassis::Call& call, const v1::CreatePurchaseContractRequest& request);
  absl::StatusOr<v1::PurchaseContract> Rewrite(chassis::Call& call, const v1::RewritePurchaseContractRequest& request);
  absl::StatusOr<v1::PurchaseContract> Activate(chassis::Call& call,
                                                const v1::ActivatePurchaseContractRequest& request);
  absl::StatusOr<v1::PurchaseContract> Terminate(chassis::Call& call,
                                                 const v1::TerminatePurchaseContractRequest& request);
  absl::StatusOr<v1::PurchaseContract> Get(chassis::Call& call, const v1::GetPurchaseContractRequest& request);

  template <typename Request>
  absl::StatusOr<PartsById> PartsOf(chassis::UnitOfWork& work, const Request& request);
  absl::StatusOr<aftersales::common::v1::Store> StoreOf(chassis::UnitOfWork& work);
  absl::Status WatchContract(chassis::UnitOfWork& work, const std::string& contract_id);

  chassis::Host& host_;
  ContractStore store_;
  SupplierStore suppliers_;
  CatalogueStore catalogue_;
  PolicyStore policies_;
};

}  // namespace parts
