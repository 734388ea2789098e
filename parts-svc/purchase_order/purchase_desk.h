// The purchasing desk (P-08): the one way to draft, change and receive against a purchase order inside a unit of work.
// Whatever happens to an order, its late duty and the special orders it serves follow in the same transaction.
//
// Lock order: the order, the special orders it serves; reservations, bins and stock come after.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "chassis/host/unit_of_work.h"
#include "parts-svc/catalogue/catalogue_store.h"
#include "parts-svc/contract/contract_store.h"
#include "parts-svc/policy/policy_store.h"
#include "parts-svc/purchase_order/purchase_order_store.h"
#include "parts-svc/special_order/special_order_store.h"
#include "parts-svc/supplier/supplier_store.h"

namespace parts {

// What to draft. Prices and dates left open are taken from the contract, the supplier's list and the lead times.
struct PurchaseOrderDraft {
  std::string number;  // call.NextNumber("PO"), before the transaction
  std::string supplier_id;
  v1::PurchaseOrder::Origin origin = v1::PurchaseOrder::ORIGIN_MANUAL;
  std::string origin_id;
  std::string note;
  std::vector<v1::PurchaseOrderDraftLine> lines;
  std::vector<std::string> special_order_ids;  // which each line serves; empty: none serves any
};

class PurchaseDesk {
 public:
  explicit PurchaseDesk(const chassis::privacy::Cipher& cipher);

  // A draft order; `buyer` matters for prices above a contract only. Refuses a supplier that may not be ordered from
  // and whatever WriteLines refuses.
  absl::StatusOr<v1::PurchaseOrder> Draft(chassis::UnitOfWork& work, const PurchaseOrderDraft& draft,
                                          const Buyer& buyer);
  // What came against a sent order: moves its state, its late duty, the special orders it serves. Call it before the
  // goods are booked.
  absl::StatusOr<v1::PurchaseOrder> RecordReceipt(chassis::UnitOfWork& work, const std::string& purchase_order_id,
                                                  const std::vector<ReceiptLine>& lines);
  // A difference was settled by credit: up to `quantity_milli` of the line will not come any more. Special orders that
  // counted on it wait again.
  absl::StatusOr<v1::PurchaseOrder> GiveUpLine(chassis::UnitOfWork& work, const std::string& purchase_order_id,
                                               const std::string& line_id, int64_t quantity_milli,
                                               std::string_view reason);

  // Writes `after`, and brings duties and special orders in line with it.
  absl::Status Save(chassis::UnitOfWork& work, const v1::PurchaseOrder& before, std::string_view reason,
                    v1::PurchaseOrder& after);
  // Everything known of these parts at this supplier today.
  absl::StatusOr<Terms> TermsFor(chassis::UnitOfWork& work, const v1::Supplier& supplier,
                                 const std::vector<std::string>& part_ids, const v1::PartsPolicy& policy);
  // The supplier, if it may be ordered from today.
  absl::StatusOr<v1::Supplier> GoodSupplier(chassis::UnitOfWork& work, const std::string& supplier_id,
                                            const v1::PartsPolicy& policy);
  // The order's quantities fit the contracts they count against; locks those.
  absl::Status CheckContracts(chassis::UnitOfWork& work, const v1::PurchaseOrder& order, const Terms& terms);
  absl::StatusOr<v1::PartsPolicy> Policy(chassis::UnitOfWork& work);
  // Where each of these parts is ordered on this day of the store; parts nobody may be asked for are left out.
  absl::StatusOr<OffersByPart> BestOffers(chassis::sql::Session& session, const std::string& store_id,
                                          const std::vector<std::string>& part_ids, std::string_view day);
  // A special order was made, ordered or waits again: somebody owes it by the time it is needed.
  static aftersales::common::v1::Duty WaitingDuty(const v1::SpecialOrder& special);

  PurchaseOrderStore& orders() { return orders_; }
  SpecialOrderStore& special_orders() { return special_orders_; }
  SupplierStore& suppliers() { return suppliers_; }

 private:
  absl::Status SaveDuty(chassis::UnitOfWork& work, const v1::PurchaseOrder& before, std::string_view reason,
                        const v1::PurchaseOrder& after);
  absl::Status SaveSpecialOrders(chassis::UnitOfWork& work, std::string_view reason, const v1::PurchaseOrder& before,
                                 const v1::PurchaseOrder& after);

  PurchaseOrderStore orders_;
  SpecialOrderStore special_orders_;
  SupplierStore suppliers_;
  ContractStore contracts_;
  CatalogueStore catalogue_;
  PolicyStore policies_;
};

}  // namespace parts
