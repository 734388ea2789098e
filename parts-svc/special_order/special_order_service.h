// The special order room (专订, P-08): what documents wait for is ordered straight from their short lines.
#pragma once

#include "chassis/server/service.h"
#include "parts-svc/purchase_order/purchase_desk.h"

namespace parts {

class SpecialOrderService {
 public:
  explicit SpecialOrderService(chassis::Rooms& rooms);

 private:
  absl::StatusOr<v1::CreateSpecialOrdersResponse> Create(chassis::Call& call,
                                                         const v1::CreateSpecialOrdersRequest& request);
  absl::StatusOr<v1::OrderSpecialOrdersResponse> Order(chassis::Call& call,
                                                       const v1::OrderSpecialOrdersRequest& request);
  absl::StatusOr<v1::SpecialOrder> Cancel(chassis::Call& call, const v1::CancelSpecialOrderRequest& request);

  // Who each of these is ordered from today; parts nobody offers are left out. Positions in `specials` by supplier id.
  using BySupplier = std::map<std::string, std::vector<size_t>>;
  absl::StatusOr<BySupplier> Assign(chassis::sql::Session& session, const v1::CreateSpecialOrdersRequest& request,
                                    const std::vector<v1::SpecialOrder>& specials, std::string_view today);
  // Drafts the order that serves `specials` and puts them on it.
  absl::StatusOr<v1::PurchaseOrder> DraftFor(chassis::UnitOfWork& work, const Buyer& buyer, const std::string& number,
                                             const std::string& supplier_id,
                                             const std::vector<v1::SpecialOrder*>& specials);
  absl::Status TakeOffDraft(chassis::UnitOfWork& work, const v1::PurchaseOrder& order, const std::string& line_id,
                            const std::string& reason);

  PurchaseDesk desk_;
  prometheus::Counter& ordered_;
  prometheus::Counter& waiting_;
};

}  // namespace parts
