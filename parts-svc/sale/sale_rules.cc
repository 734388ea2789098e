// Selling parts; see sale_rules.h.
#include "parts-svc/sale/sale_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/sales_errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"
#include "chassis/time/amounts.h"

namespace parts {
namespace {

namespace options = aftersales::options::v1;
using Signature = aftersales::common::v1::Signature;

void AddUp(v1::Sale& sale) {
  int64_t net = 0, tax = 0;
  for (const v1::SaleLine& line : sale.lines()) {
    net += line.net_amount();
    tax += line.tax_amount();
  }
  sale.set_net_amount(net);
  sale.set_tax_amount(tax);
  sale.set_gross_amount(net + tax);
}

int32_t LargestDiscount(const v1::Sale& sale) {
  int32_t largest = 0;
  for (const v1::SaleLine& line : sale.lines()) largest = std::max(largest, line.discount_basis_points());
  return largest;
}

absl::Status AboveLimit(const v1::PartsPolicy& policy, int32_t discount, int32_t limit) {
  const bool manager_may = discount <= policy.manager_discount_basis_points();
  return chassis::Refuse(v1::SALES_ERROR_REASON_DISCOUNT_ABOVE_LIMIT)
      .With("discount", discount)
      .With("limit", limit)
      .With("approver", manager_may ? "parts_manager" : "service_manager")
      .At("lines", "折扣超过权限", "give more discount than the caller may");
}

v1::SaleLine* LineOf(v1::Sale& sale, const std::string& sale_line_id) {
  for (v1::SaleLine& line : *sale.mutable_lines()) {
    if (line.sale_line_id() == sale_line_id) return &line;
  }
  return nullptr;
}

absl::Status UnknownLine(const std::string& line_id, const std::string& field) {
  return chassis::Refuse(v1::SALES_ERROR_REASON_SALE_LINE_UNKNOWN)
      .With("line", line_id)
      .At(field, "单据上没有此行", "is not on the document");
}

int64_t HeldOf(const std::vector<v1::Reservation>& held, const std::string& sale_line_id) {
  int64_t sum = 0;
  for (const v1::Reservation& reservation : held) {
    for (const auto& line : reservation.lines()) {
      if (line.holder_line_id() == sale_line_id) sum += line.reserved_milli();
    }
  }
  return sum;
}

}  // namespace

absl::Status PriceLines(const google::protobuf::RepeatedPtrField<v1::WantedSaleLine>& wanted, const PartsById& parts,
                        const PricesByPart& prices, int32_t store_tax_basis_points, const NewId& new_id,
                        v1::Sale& sale) {
  sale.clear_lines();
  std::vector<std::string> missing, fields;
  for (int i = 0; i < wanted.size(); ++i) {
    const std::string at = absl::StrCat("lines[", i, "]");
    const auto part = parts.find(wanted[i].part_id());
    if (part == parts.end()) {
      missing.push_back(wanted[i].part_id());
      fields.push_back(at + ".part_id");
      continue;
    }
    RETURN_IF_ERROR(CheckQuantity(part->second, wanted[i].quantity_milli(), at + ".quantity_milli"));
    const auto price = prices.find(wanted[i].part_id());
    if (price == prices.end()) {
      return chassis::Refuse(v1::SALES_ERROR_REASON_NO_PRICE_AT_LEVEL)
          .With("part", part->second.part_number())
          .With("level", chassis::StateName(v1::PriceLevel_descriptor(), sale.price_level()))
          .At(at + ".part_id", "没有现行价格", "has no price in force");
    }
    v1::SaleLine& line = *sale.add_lines();
    line.set_sale_line_id(new_id());
    line.set_part_id(part->first);
    line.set_part_number(part->second.part_number());
    line.set_name_zh(part->second.name_zh());
    line.set_name_en(part->second.name_en());
    line.set_quantity_milli(wanted[i].quantity_milli());
    line.set_unit_price_amount(price->second);
    line.set_discount_basis_points(wanted[i].discount_basis_points());
    const int64_t list = chassis::Extend(price->second, wanted[i].quantity_milli());
    line.set_net_amount(list - chassis::Portion(list, wanted[i].discount_basis_points()));
    line.set_tax_basis_points(part->second.has_tax_basis_points() ? part->second.tax_basis_points()
                                                                  : store_tax_basis_points);
    line.set_tax_amount(chassis::Portion(line.net_amount(), line.tax_basis_points()));
  }
  if (!missing.empty()) return UnknownParts(missing, fields);
  AddUp(sale);
  return absl::OkStatus();
}

int32_t DiscountLimit(const v1::PartsPolicy& policy, const Roles& roles) {
  if (roles.count(options::ROLE_SERVICE_MANAGER) > 0 || roles.count(options::ROLE_GROUP_MANAGER) > 0) {
    return static_cast<int32_t>(chassis::kBasisPoints);
  }
  if (roles.count(options::ROLE_PARTS_MANAGER) > 0) return policy.manager_discount_basis_points();
  return policy.clerk_discount_basis_points();
}

absl::Status CheckDiscount(const v1::PartsPolicy& policy, const Roles& roles, const std::string& asker, Asking asking,
                           v1::Sale& sale) {
  const int32_t discount = LargestDiscount(sale);
  const int32_t limit = DiscountLimit(policy, roles);
  if (discount > limit && asking == Asking::kNobody) return AboveLimit(policy, discount, limit);
  sale.set_discount_state(discount > limit ? v1::Sale::DISCOUNT_STATE_WAITING : v1::Sale::DISCOUNT_STATE_WITHIN_LIMIT);
  sale.set_discount_asker(asker);
  sale.clear_discount_approver();
  return absl::OkStatus();
}

absl::Status DecideDiscount(const v1::PartsPolicy& policy, const Roles& roles, const std::string& approver,
                            v1::DecideSaleDiscountRequest::Decision decision, v1::Sale& sale) {
  if (sale.discount_state() != v1::Sale::DISCOUNT_STATE_WAITING) {
    return chassis::Refuse(v1::SALES_ERROR_REASON_NO_DISCOUNT_WAITS)
        .At("sale_id", "没有待批准的折扣", "has no discount that waits");
  }
  sale.set_discount_approver(approver);
  if (decision == v1::DecideSaleDiscountRequest::DECISION_REFUSE) {
    sale.set_discount_state(v1::Sale::DISCOUNT_STATE_REFUSED);
    return absl::OkStatus();
  }
  if (sale.discount_asker() == approver) {
    return chassis::Refuse(v1::SALES_ERROR_REASON_DISCOUNT_SELF_APPROVED)
        .At("sale_id", "须由他人批准", "was asked for by the same person");
  }
  const int32_t limit = DiscountLimit(policy, roles);
  if (LargestDiscount(sale) > limit) return AboveLimit(policy, LargestDiscount(sale), limit);
  sale.set_discount_state(v1::Sale::DISCOUNT_STATE_APPROVED);
  return absl::OkStatus();
}

absl::Status CheckConfirmable(const v1::Sale& sale, const std::string& today) {
  if (today > sale.valid_date()) {
    return chassis::Refuse(v1::SALES_ERROR_REASON_QUOTATION_EXPIRED)
        .With("date", sale.valid_date())
        .At("sale_id", "报价已失效", "is quoted for a time that has passed");
  }
  if (sale.discount_state() == v1::Sale::DISCOUNT_STATE_WITHIN_LIMIT ||
      sale.discount_state() == v1::Sale::DISCOUNT_STATE_APPROVED) {
    return absl::OkStatus();
  }
  return chassis::Refuse(v1::SALES_ERROR_REASON_DISCOUNT_NOT_APPROVED)
      .At("sale_id", "折扣尚未批准", "holds a discount nobody approved");
}

absl::Status CheckCredit(const v1::Buyer& buyer, int64_t used_amount, int64_t overdue_amount, int64_t wanted_amount) {
  if (overdue_amount > 0) {
    return chassis::Refuse(v1::SALES_ERROR_REASON_BUYER_OVERDUE)
        .With("buyer", buyer.code())
        .With("overdue", overdue_amount)
        .At("sale_id", "客户有逾期欠款", "is for a buyer who owes something overdue");
  }
  if (used_amount + wanted_amount <= buyer.credit_limit_amount()) return absl::OkStatus();
  return chassis::Refuse(v1::SALES_ERROR_REASON_CREDIT_LIMIT)
      .With("buyer", buyer.code())
      .With("limit", buyer.credit_limit_amount())
      .With("used", used_amount)
      .With("wanted", wanted_amount)
      .At("sale_id", "超出信用额度", "goes beyond the buyer's credit");
}

v1::CreateReservationRequest HoldFor(const v1::Sale& sale, v1::ShortagePolicy shortage_policy) {
  v1::CreateReservationRequest request;
  request.set_store_id(sale.store_id());
  request.set_holder_kind(v1::Reservation::HOLDER_KIND_SALES_ORDER);
  request.set_holder_id(sale.sale_id());
  request.set_holder_number(sale.number());
  request.set_shortage_policy(shortage_policy);
  for (const v1::SaleLine& line : sale.lines()) {
    if (line.delivered_milli() == line.quantity_milli()) continue;
    auto& wanted = *request.add_lines();
    wanted.set_holder_line_id(line.sale_line_id());
    wanted.set_part_id(line.part_id());
    wanted.set_quantity_milli(line.quantity_milli() - line.delivered_milli());
  }
  return request;
}

absl::StatusOr<v1::IssuePartsRequest> DrawFor(const v1::DeliverSaleRequest& request, const v1::Sale& sale,
                                              const std::vector<v1::Reservation>& held) {
  v1::IssuePartsRequest draw;
  std::map<std::string, int64_t> asked;
  for (int i = 0; i < request.lines_size(); ++i) {
    const auto& wanted = request.lines(i);
    const std::string at = absl::StrCat("lines[", i, "]");
    const auto line = std::find_if(sale.lines().begin(), sale.lines().end(),
                                   [&](const auto& one) { return one.sale_line_id() == wanted.sale_line_id(); });
    if (line == sale.lines().end()) return UnknownLine(wanted.sale_line_id(), at + ".sale_line_id");
    asked[wanted.sale_line_id()] += wanted.quantity_milli();
    const int64_t held_milli = HeldOf(held, wanted.sale_line_id());
    if (asked[wanted.sale_line_id()] > held_milli) {
      return chassis::Refuse(v1::SALES_ERROR_REASON_SALE_NOT_HELD)
          .With("part", line->part_number())
          .With("held", held_milli)
          .With("wanted", asked[wanted.sale_line_id()])
          .At(at + ".quantity_milli", "超过已备数量", "is more than is held");
    }
    auto& drawn = *draw.add_lines();
    drawn.set_holder_line_id(wanted.sale_line_id());
    drawn.set_part_id(line->part_id());
    drawn.set_quantity_milli(wanted.quantity_milli());
    drawn.set_location_id(wanted.location_id());
    drawn.set_batch_code(wanted.batch_code());
  }
  return draw;
}

std::vector<v1::SaleDeliveryLine> Deliver(const std::vector<v1::IssueLine>& picked, v1::Sale& sale) {
  std::vector<v1::SaleDeliveryLine> lines;
  for (const v1::IssueLine& one : picked) {
    v1::SaleLine& sold = *LineOf(sale, one.holder_line_id());
    const int64_t left_milli = sold.quantity_milli() - sold.delivered_milli();
    v1::SaleDeliveryLine& line = lines.emplace_back();
    line.set_sale_delivery_line_id(one.issue_line_id());
    line.set_sale_line_id(sold.sale_line_id());
    line.set_part_id(one.part_id());
    line.set_part_number(one.part_number());
    line.set_name_zh(one.name_zh());
    line.set_name_en(one.name_en());
    line.set_quantity_milli(one.quantity_milli());
    line.set_cost_amount(one.cost_amount());
    line.set_location_id(one.location_id());
    line.set_batch_code(one.batch_code());
    line.set_net_amount(
        chassis::MulDiv(sold.net_amount() - sold.delivered_net_amount(), one.quantity_milli(), left_milli));
    line.set_tax_amount(
        chassis::MulDiv(sold.tax_amount() - sold.delivered_tax_amount(), one.quantity_milli(), left_milli));
    sold.set_delivered_milli(sold.delivered_milli() + one.quantity_milli());
    sold.set_delivered_net_amount(sold.delivered_net_amount() + line.net_amount());
    sold.set_delivered_tax_amount(sold.delivered_tax_amount() + line.tax_amount());
  }
  return lines;
}

absl::StatusOr<std::vector<v1::SaleDeliveryLine>> BringBack(const v1::ReturnSaleGoodsRequest& request,
                                                            const v1::SaleDelivery& delivery,
                                                            const std::map<std::string, BroughtBack>& brought_back,
                                                            const PartsById& parts, const NewId& new_id,
                                                            v1::Sale& sale) {
  if (delivery.kind() != v1::SaleDelivery::KIND_DELIVERY) {
    return chassis::Refuse(v1::SALES_ERROR_REASON_NOT_A_SALE_DELIVERY)
        .With("number", delivery.number())
        .At("sale_delivery_id", "不是销售出库单", "is no delivery note");
  }
  std::map<std::string, BroughtBack> back = brought_back;
  std::vector<v1::SaleDeliveryLine> lines;
  for (int i = 0; i < request.lines_size(); ++i) {
    const auto& wanted = request.lines(i);
    const std::string at = absl::StrCat("lines[", i, "]");
    const auto source = std::find_if(delivery.lines().begin(), delivery.lines().end(), [&](const auto& line) {
      return line.sale_delivery_line_id() == wanted.sale_delivery_line_id();
    });
    if (source == delivery.lines().end()) {
      return UnknownLine(wanted.sale_delivery_line_id(), at + ".sale_delivery_line_id");
    }
    RETURN_IF_ERROR(CheckQuantity(parts.at(source->part_id()), wanted.quantity_milli(), at + ".quantity_milli"));
    BroughtBack& before = back[wanted.sale_delivery_line_id()];
    const int64_t returnable_milli = source->quantity_milli() - before.quantity_milli;
    if (wanted.quantity_milli() > returnable_milli) {
      return chassis::Refuse(v1::SALES_ERROR_REASON_RETURN_EXCEEDS_DELIVERY)
          .With("part", source->part_number())
          .With("returnable", returnable_milli)
          .With("wanted", wanted.quantity_milli())
          .At(at + ".quantity_milli", "超过可退数量", "is more than is still out");
    }
    const auto share = [&](int64_t whole, int64_t gone) {
      return chassis::MulDiv(whole - gone, wanted.quantity_milli(), returnable_milli);
    };
    v1::SaleDeliveryLine& line = lines.emplace_back(*source);
    line.set_sale_delivery_line_id(new_id());
    line.set_source_sale_delivery_line_id(source->sale_delivery_line_id());
    line.set_quantity_milli(wanted.quantity_milli());
    line.set_net_amount(share(source->net_amount(), before.net_amount));
    line.set_tax_amount(share(source->tax_amount(), before.tax_amount));
    line.set_cost_amount(share(source->cost_amount(), before.cost_amount));
    if (!wanted.location_id().empty()) line.set_location_id(wanted.location_id());
    before.quantity_milli += line.quantity_milli();
    before.net_amount += line.net_amount();
    before.tax_amount += line.tax_amount();
    before.cost_amount += line.cost_amount();
    v1::SaleLine& sold = *LineOf(sale, line.sale_line_id());
    sold.set_returned_milli(sold.returned_milli() + line.quantity_milli());
  }
  return lines;
}

void Fill(v1::SaleDelivery& note, const std::vector<v1::SaleDeliveryLine>& lines) {
  *note.mutable_lines() = {lines.begin(), lines.end()};
  int64_t net = 0, tax = 0, cost = 0;
  for (const v1::SaleDeliveryLine& line : lines) {
    net += line.net_amount();
    tax += line.tax_amount();
    cost += line.cost_amount();
  }
  note.set_net_amount(net);
  note.set_tax_amount(tax);
  note.set_cost_amount(cost);
}

bool IsFullyDelivered(const v1::Sale& sale) {
  return std::all_of(sale.lines().begin(), sale.lines().end(),
                     [](const auto& line) { return line.delivered_milli() == line.quantity_milli(); });
}

absl::Status CheckBuyerSigned(const Signature& signature) {
  if (signature.signer_role() == Signature::SIGNER_ROLE_CUSTOMER ||
      signature.signer_role() == Signature::SIGNER_ROLE_CUSTOMER_REPRESENTATIVE) {
    return absl::OkStatus();
  }
  return chassis::Refuse(v1::SALES_ERROR_REASON_SIGNER_NOT_BUYER)
      .At("buyer_signature.signer_role", "须为客户或其代表", "must be the buyer or a representative");
}

}  // namespace parts
