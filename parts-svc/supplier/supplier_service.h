// The supplier room (P-07): files, papers and their expiry, offers, scores from facts.
#pragma once

#include "chassis/server/service.h"
#include "parts-svc/catalogue/catalogue_store.h"
#include "parts-svc/policy/policy_store.h"
#include "parts-svc/supplier/supplier_store.h"

namespace parts {

class SupplierService {
 public:
  explicit SupplierService(chassis::Rooms& rooms);

  // The daily round of every store: announces papers that end soon, stops suppliers whose papers have ended, keeps the
  // scores of the month before.
  absl::Status Watch();

 private:
  absl::Status CheckSupplier(chassis::UnitOfWork& work, const v1::Supplier* before, v1::Supplier& after);
  absl::Status CheckOffer(chassis::UnitOfWork& work, const v1::SupplierPart* before, v1::SupplierPart& after);
  absl::StatusOr<v1::Supplier> Approve(chassis::Call& call, const v1::ApproveSupplierRequest& request);
  absl::StatusOr<v1::Supplier> Suspend(chassis::Call& call, const v1::SuspendSupplierRequest& request);
  absl::StatusOr<v1::Supplier> Close(chassis::Call& call, const v1::CloseSupplierRequest& request);
  absl::StatusOr<v1::Supplier> FilePaper(chassis::Call& call, const v1::FileSupplierPaperRequest& request);
  absl::StatusOr<v1::Supplier> WithdrawPaper(chassis::Call& call, const v1::WithdrawSupplierPaperRequest& request);
  absl::StatusOr<v1::SupplierScore> Evaluate(chassis::Call& call, const v1::EvaluateSupplierRequest& request);

  absl::StatusOr<std::string> Today(chassis::UnitOfWork& work);
  absl::Status WatchStore(const std::string& store_id);
  absl::Status WatchSupplier(chassis::UnitOfWork& work, const std::string& supplier_id);
  absl::Status KeepScore(chassis::UnitOfWork& work, const std::string& supplier_id, const Period& period);

  chassis::Host& host_;
  SupplierStore store_;
  PolicyStore policies_;
  CatalogueStore catalogue_;
  prometheus::Counter& suspended_;
};

}  // namespace parts
