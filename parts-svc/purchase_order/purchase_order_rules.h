// What a purchase order may say, who may approve it, and what receipts and changes do to it (P-08). Pure: days are the
// store's civil dates, money is before tax.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aftersales/options/v1/options.pb.h"
#include "aftersales/parts/v1/policy.pb.h"
#include "aftersales/parts/v1/purchase_order.pb.h"
#include "aftersales/parts/v1/supplier.pb.h"
#include "parts-svc/contract/contract_rules.h"

namespace parts {

// Who acts on an order, and what he may decide.
struct Buyer {
  std::string subject;
  bool is_manager = false;   // may let a price above the contract pass
  int64_t limit_amount = 0;  // approves up to this
};
Buyer BuyerOf(const std::string& subject, const std::set<aftersales::options::v1::Role>& roles,
              const v1::PartsPolicy& policy);

// The lowest post that may approve this much.
aftersales::options::v1::Role ApproverFor(int64_t amount, const v1::PartsPolicy& policy);
// ORDER_APPROVAL_LIMIT.
absl::Status CheckAuthority(const Buyer& buyer, int64_t amount, const v1::PartsPolicy& policy);

// What is known of one part at one supplier.
struct PartTerms {
  v1::Part part;
  std::optional<v1::SupplierPart> offer;
  std::optional<ContractTerms> contract;
  int32_t lead_time_days = 0;
  int32_t tax_basis_points = 0;
};
struct Terms {
  std::map<std::string, PartTerms> by_part;
  std::string today;
  int32_t price_tolerance_basis_points = 0;
};

// `quantity_milli` raised to what the supplier sells: his minimum, whole packs.
int64_t SellableQuantity(const PartTerms& terms, int64_t quantity_milli);

// Quantities of live special orders by the line that serves them.
struct Promise {
  int64_t quantity_milli = 0;
  std::string holder_number;
};
using PromisesByLine = std::map<std::string, Promise>;

// Makes the lines of `order` what `wanted` asks for. In a draft a line left out goes; once the order is out, what is
// open of it is given up. Refused: PART_UNKNOWN, ORDER_LINE_UNKNOWN, ORDER_LINE_TWICE, QUANTITY_STEP, PACK_QUANTITY,
// BELOW_MINIMUM_QUANTITY, BELOW_RECEIVED, SERVES_SPECIAL_ORDERS, ORDER_PRICE_UNKNOWN, PRICE_ABOVE_CONTRACT,
// PRICE_OVERRIDE_BY_MANAGER, EXPECTED_DATE_PAST.
absl::Status WriteLines(const std::vector<v1::PurchaseOrderDraftLine>& wanted, const Terms& terms, const Buyer& buyer,
                        const PromisesByLine& promises, const std::function<std::string()>& new_id,
                        v1::PurchaseOrder& order);

// Holds the open lines against the contracts in force today; what was let pass before still passes at that price.
absl::Status CheckPrices(const Terms& terms, v1::PurchaseOrder& order);
// No open line is expected on a day that has passed. EXPECTED_DATE_PAST.
absl::Status CheckDates(const v1::PurchaseOrder& order, std::string_view today);

// Amounts of the lines and of the order, what is open, and the next date.
void Total(v1::PurchaseOrder& order);

// The supplier was told: what he is asked for now is what he is measured against.
void Promised(v1::PurchaseOrder& order);

// Still on its way to the store: sent and not all of it come.
bool IsOut(const v1::PurchaseOrder& order);
// It serves nobody any more and nothing will come: closed, cancelled, rejected.
bool IsEnded(const v1::PurchaseOrder& order);

// What came against one line.
struct ReceiptLine {
  std::string purchase_order_line_id;
  int64_t accepted_milli = 0;
  int64_t rejected_milli = 0;  // came, and is not taken: still owed unless it is given up
};
// Books what came and moves the order's state. WRONG_STATE, ORDER_LINE_UNKNOWN.
absl::Status Receive(const std::vector<ReceiptLine>& lines, std::string_view today, absl::Time now,
                     v1::PurchaseOrder& order);

// Gives up to `quantity_milli` of what is open of a line up; answers how much that was. ORDER_LINE_UNKNOWN.
absl::StatusOr<int64_t> GiveUp(const std::string& line_id, int64_t quantity_milli, v1::PurchaseOrder& order);
// Gives up everything open.
void GiveUpRest(v1::PurchaseOrder& order);
// The state that follows from what came and what is open, once an order is out.
absl::Status Settle(v1::PurchaseOrder& order);

absl::StatusOr<v1::PurchaseOrderLine*> LineOf(v1::PurchaseOrder& order, const std::string& line_id,
                                              std::string_view field);

// What of `promises` the order cannot keep as it stands. SERVES_SPECIAL_ORDERS naming the holders.
absl::Status CheckPromises(const v1::PurchaseOrder& order, const PromisesByLine& promises);

}  // namespace parts
