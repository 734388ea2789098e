// The forms room (F-18): a document of the parts store as a page to print. Reads only; every form is made anew from the
// document as it stands.
#pragma once

#include "aftersales/parts/v1/form.pb.h"
#include "chassis/server/service.h"
#include "parts-svc/forms/form_store.h"

namespace parts {

class FormService {
 public:
  explicit FormService(chassis::Rooms& rooms);

 private:
  absl::StatusOr<v1::PrintedForm> Issue(chassis::Call& call, const v1::PrintIssueRequest& request);
  absl::StatusOr<v1::PrintedForm> GoodsReceipt(chassis::Call& call, const v1::PrintGoodsReceiptRequest& request);
  absl::StatusOr<v1::PrintedForm> PurchaseOrder(chassis::Call& call, const v1::PrintPurchaseOrderRequest& request);
  absl::StatusOr<v1::PrintedForm> SupplierReturn(chassis::Call& call, const v1::PrintSupplierReturnRequest& request);
  absl::StatusOr<v1::PrintedForm> Transfer(chassis::Call& call, const v1::PrintTransferRequest& request);
  absl::StatusOr<v1::PrintedForm> Stocktake(chassis::Call& call, const v1::PrintStocktakeRequest& request);

  FormStore store_;
};

}  // namespace parts
