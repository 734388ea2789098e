// Selling parts (P-12): prices and tax of a quotation, who may give which discount, when a buyer may owe more, what a
// delivery is worth and what may come back. Pure.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "aftersales/options/v1/options.pb.h"
#include "aftersales/parts/v1/buyer.pb.h"
#include "aftersales/parts/v1/issue.pb.h"
#include "aftersales/parts/v1/ledger.pb.h"
#include "aftersales/parts/v1/policy.pb.h"
#include "aftersales/parts/v1/reservation.pb.h"
#include "aftersales/parts/v1/sale.pb.h"
#include "parts-svc/catalogue/catalogue_rules.h"

namespace parts {

using NewId = std::function<std::string()>;
using PricesByPart = std::map<std::string, int64_t>;
using Roles = std::set<aftersales::options::v1::Role>;

// Replaces the sale's lines by these, priced and taxed, and adds it up. PART_UNKNOWN, QUANTITY_STEP,
// NO_PRICE_AT_LEVEL.
absl::Status PriceLines(const google::protobuf::RepeatedPtrField<v1::WantedSaleLine>& wanted, const PartsById& parts,
                        const PricesByPart& prices, int32_t store_tax_basis_points, const NewId& new_id,
                        v1::Sale& sale);

// The largest discount somebody with these roles gives alone, in basis points.
int32_t DiscountLimit(const v1::PartsPolicy& policy, const Roles& roles);
// Decides who must agree to the sale's discounts: within the asker's limit nobody, beyond it they wait or are refused
// (DISCOUNT_ABOVE_LIMIT).
enum class Asking { kNobody, kForApproval };
absl::Status CheckDiscount(const v1::PartsPolicy& policy, const Roles& roles, const std::string& asker, Asking asking,
                           v1::Sale& sale);
// NO_DISCOUNT_WAITS, DISCOUNT_SELF_APPROVED, DISCOUNT_ABOVE_LIMIT.
absl::Status DecideDiscount(const v1::PartsPolicy& policy, const Roles& roles, const std::string& approver,
                            v1::DecideSaleDiscountRequest::Decision decision, v1::Sale& sale);

// QUOTATION_EXPIRED, DISCOUNT_NOT_APPROVED.
absl::Status CheckConfirmable(const v1::Sale& sale, const std::string& today);
// `used_amount` is what the buyer owes and has ordered on account. BUYER_OVERDUE, CREDIT_LIMIT.
absl::Status CheckCredit(const v1::Buyer& buyer, int64_t used_amount, int64_t overdue_amount, int64_t wanted_amount);

// The hold for everything that is not delivered yet.
v1::CreateReservationRequest HoldFor(const v1::Sale& sale, v1::ShortagePolicy shortage_policy);

// The request by which the held goods of these lines are drawn. SALE_LINE_UNKNOWN, SALE_NOT_HELD.
absl::StatusOr<v1::IssuePartsRequest> DrawFor(const v1::DeliverSaleRequest& request, const v1::Sale& sale,
                                              const std::vector<v1::Reservation>& held);
// The lines of a delivery note from what was taken from which bin at which cost; the sale's lines become delivered.
// All deliveries of a line are together worth exactly what the line says.
std::vector<v1::SaleDeliveryLine> Deliver(const std::vector<v1::IssueLine>& picked, v1::Sale& sale);

// What came back of a delivery line already.
struct BroughtBack {
  int64_t quantity_milli = 0;
  int64_t net_amount = 0;
  int64_t tax_amount = 0;
  int64_t cost_amount = 0;
};
// The lines of a return note against `delivery`; the sale's lines become returned. All returns of a line are together
// worth and cost exactly what the delivery did. NOT_A_SALE_DELIVERY, SALE_LINE_UNKNOWN, RETURN_EXCEEDS_DELIVERY,
// QUANTITY_STEP.
absl::StatusOr<std::vector<v1::SaleDeliveryLine>> BringBack(const v1::ReturnSaleGoodsRequest& request,
                                                            const v1::SaleDelivery& delivery,
                                                            const std::map<std::string, BroughtBack>& brought_back,
                                                            const PartsById& parts, const NewId& new_id,
                                                            v1::Sale& sale);
// Sets lines and totals of a note.
void Fill(v1::SaleDelivery& note, const std::vector<v1::SaleDeliveryLine>& lines);

bool IsFullyDelivered(const v1::Sale& sale);

// SIGNER_NOT_BUYER.
absl::Status CheckBuyerSigned(const aftersales::common::v1::Signature& signature);

}  // namespace parts
