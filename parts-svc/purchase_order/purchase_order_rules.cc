// What a purchase order may say; see purchase_order_rules.h.
#include "parts-svc/purchase_order/purchase_order_rules.h"

#include <algorithm>
#include <limits>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "aftersales/parts/v1/procurement_errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"
#include "chassis/time/amounts.h"
#include "chassis/time/clock.h"
#include "chassis/time/dates.h"

namespace parts {
namespace {

namespace options = aftersales::options::v1;

constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();

// The posts that approve orders, as people call them.
struct Post {
  const char* zh;
  const char* en;
};
Post PostOf(options::Role role) {
  switch (role) {
    case options::ROLE_PARTS_CLERK:
      return {"配件员", "parts clerk"};
    case options::ROLE_PARTS_MANAGER:
      return {"配件经理", "parts manager"};
    case options::ROLE_SERVICE_MANAGER:
      return {"服务经理", "service manager"};
    default:
      return {"集团经理", "group manager"};
  }
}

int64_t LimitOf(options::Role role, const v1::PartsPolicy& policy) {
  switch (role) {
    case options::ROLE_PARTS_CLERK:
      return policy.clerk_order_limit_amount();
    case options::ROLE_PARTS_MANAGER:
      return policy.manager_order_limit_amount();
    case options::ROLE_SERVICE_MANAGER:
      return policy.service_manager_order_limit_amount();
    case options::ROLE_GROUP_MANAGER:
      return kNoLimit;
    default:
      return 0;
  }
}

absl::Status CheckSellable(const PartTerms& terms, int64_t quantity_milli, const std::string& at) {
  const std::string field = at + ".quantity_milli";
  RETURN_IF_ERROR(CheckQuantity(terms.part, quantity_milli, field));
  int64_t minimum_milli = terms.offer.has_value() ? terms.offer->minimum_quantity_milli() : 0;
  if (terms.contract.has_value()) minimum_milli = std::max(minimum_milli, terms.contract->minimum_quantity_milli);
  if (quantity_milli < minimum_milli) {
    return chassis::Refuse(v1::PROCUREMENT_ERROR_REASON_BELOW_MINIMUM_QUANTITY)
        .With("part", terms.part.part_number())
        .With("minimum", minimum_milli)
        .At(field, "低于起订量", "is below the minimum");
  }
  const int64_t pack_milli = terms.offer.has_value() ? terms.offer->pack_quantity_milli() : 0;
  if (pack_milli > 0 && quantity_milli % pack_milli != 0) {
    return chassis::Refuse(v1::PROCUREMENT_ERROR_REASON_PACK_QUANTITY)
        .With("part", terms.part.part_number())
        .With("pack", pack_milli)
        .At(field, "不是包装数量的整数倍", "does not make whole packs");
  }
  return absl::OkStatus();
}

// Takes the contract's word into the line; refuses a price above it that nobody let pass.
absl::Status HoldAgainstContract(const PartTerms& terms, int32_t tolerance_basis_points, const std::string& field,
                                 v1::PurchaseOrderLine& line) {
  line.clear_contract_id();
  line.clear_contract_unit_price_amount();
  if (!terms.contract.has_value()) return absl::OkStatus();
  line.set_contract_id(terms.contract->contract_id);
  line.set_contract_unit_price_amount(terms.contract->unit_price_amount);
  const int64_t ceiling = PriceCeiling(*terms.contract, tolerance_basis_points);
  if (line.unit_price_amount() <= ceiling || !line.price_override_reason().empty()) return absl::OkStatus();
  return chassis::Refuse(v1::PROCUREMENT_ERROR_REASON_PRICE_ABOVE_CONTRACT)
      .With("part", line.part_number())
      .With("price", line.unit_price_amount())
      .With("limit", ceiling)
      .With("contract", terms.contract->contract_number)
      .At(field, "高于合同价", "is above the contract's price");
}

// An allowance is for one price: another price needs another one.
absl::Status WritePrice(const v1::PurchaseOrderDraftLine& wanted, const PartTerms& terms, const Terms& all,
                        const Buyer& buyer, const std::string& at, v1::PurchaseOrderLine& line) {
  const bool is_new = line.part_id().empty() || line.quantity_milli() == 0;
  int64_t price = line.unit_price_amount();
  if (wanted.has_unit_price_amount()) {
    price = wanted.unit_price_amount();
  } else if (is_new) {
    if (terms.contract.has_value()) {
      price = terms.contract->unit_price_amount;
    } else if (terms.offer.has_value()) {
      price = terms.offer->unit_price_amount();
    } else {
      return chassis::Refuse(v1::PROCUREMENT_ERROR_REASON_ORDER_PRICE_UNKNOWN)
          .With("part", terms.part.part_number())
          .At(at + ".unit_price_amount", "没有可用的价格", "is not known");
    }
  }
  if (price != line.unit_price_amount()) {
    line.clear_price_override_reason();
    line.clear_price_override_actor();
  }
  line.set_unit_price_amount(price);
  const bool above =
      terms.contract.has_value() && price > PriceCeiling(*terms.contract, all.price_tolerance_basis_points);
  if (above && !wanted.price_override_reason().empty()) {
    if (!buyer.is_manager) {
      return chassis::Refuse(v1::PROCUREMENT_ERROR_REASON_PRICE_OVERRIDE_BY_MANAGER)
          .At(at + ".price_override_reason", "须由经理放行", "is for a manager");
    }
    line.set_price_override_reason(wanted.price_override_reason());
    line.set_price_override_actor(buyer.subject);
  }
  return HoldAgainstContract(terms, all.price_tolerance_basis_points, at + ".unit_price_amount", line);
}

absl::Status DatePassed(const v1::PurchaseOrderLine& line, const std::string& field) {
  return chassis::Refuse(v1::PROCUREMENT_ERROR_REASON_EXPECTED_DATE_PAST)
      .With("part", line.part_number())
      .With("date", line.expected_date())
      .At(field, "已过去", "has passed");
}

absl::Status WriteDate(const v1::PurchaseOrderDraftLine& wanted, const PartTerms& terms, const std::string& today,
                       const std::string& at, v1::PurchaseOrderLine& line) {
  const bool kept = wanted.expected_date().empty() || wanted.expected_date() == line.expected_date();
  if (kept && !line.expected_date().empty()) return absl::OkStatus();
  line.set_expected_date(wanted.expected_date().empty() ? chassis::AddDays(today, terms.lead_time_days)
                                                        : wanted.expected_date());
  return line.expected_date() < today ? DatePassed(line, at + ".expected_date") : absl::OkStatus();
}

absl::Status WriteQuantity(const v1::PurchaseOrderDraftLine& wanted, const PartTerms& terms, const std::string& at,
                           v1::PurchaseOrderLine& line) {
  if (wanted.quantity_milli() == line.quantity_milli()) return absl::OkStatus();
  RETURN_IF_ERROR(CheckSellable(terms, wanted.quantity_milli(), at));
  if (wanted.quantity_milli() < line.received_milli()) {
    return chassis::Refuse(v1::PROCUREMENT_ERROR_REASON_BELOW_RECEIVED)
        .With("part", line.part_number())
        .With("received", line.received_milli())
        .At(at + ".quantity_milli", "少于已到货数量", "is less than has come");
  }
  line.set_quantity_milli(wanted.quantity_milli());
  // Said anew, it is all wanted again.
  line.set_cancelled_milli(0);
  return absl::OkStatus();
}

absl::Status WriteLine(const v1::PurchaseOrderDraftLine& wanted, const Terms& terms, const Buyer& buyer,
                       const std::string& at, v1::PurchaseOrderLine& line) {
  const PartTerms& of_part = terms.by_part.at(wanted.part_id());
  line.set_part_number(of_part.part.part_number());
  line.set_part_name(of_part.part.name_zh());
  if (of_part.offer.has_value()) line.set_supplier_part_number(of_part.offer->supplier_part_number());
  line.set_tax_basis_points(of_part.tax_basis_points);
  RETURN_IF_ERROR(WritePrice(wanted, of_part, terms, buyer, at, line));
  line.set_part_id(wanted.part_id());
  RETURN_IF_ERROR(WriteQuantity(wanted, of_part, at, line));
  return WriteDate(wanted, of_part, terms.today, at, line);
}

absl::Status UnknownLine(const v1::PurchaseOrder& order, const std::string& line_id, std::string_view field) {
  return chassis::Refuse(v1::PROCUREMENT_ERROR_REASON_ORDER_LINE_UNKNOWN)
      .With("order", order.number())
      .With("line", line_id)
      .At(field, "不是此订单的行", "is no line of this order");
}

int64_t OpenOf(const v1::PurchaseOrderLine& line) {
  return std::max<int64_t>(0, line.quantity_milli() - line.received_milli() - line.cancelled_milli());
}

// Whether the goods of the order are still to be had: until then nothing of it was ever promised to the store.
bool WasApproved(const v1::PurchaseOrder& order) { return order.state() != v1::PurchaseOrder::STATE_DRAFT; }

}  // namespace

Buyer BuyerOf(const std::string& subject, const std::set<options::Role>& roles, const v1::PartsPolicy& policy) {
  Buyer buyer;
  buyer.subject = subject;
  for (const options::Role role : roles) {
    buyer.limit_amount = std::max(buyer.limit_amount, LimitOf(role, policy));
    buyer.is_manager = buyer.is_manager || role == options::ROLE_PARTS_MANAGER ||
                       role == options::ROLE_SERVICE_MANAGER || role == options::ROLE_GROUP_MANAGER;
  }
  return buyer;
}

options::Role ApproverFor(int64_t amount, const v1::PartsPolicy& policy) {
  for (const options::Role role :
       {options::ROLE_PARTS_CLERK, options::ROLE_PARTS_MANAGER, options::ROLE_SERVICE_MANAGER}) {
    if (amount <= LimitOf(role, policy)) return role;
  }
  return options::ROLE_GROUP_MANAGER;
}

absl::Status CheckAuthority(const Buyer& buyer, int64_t amount, const v1::PartsPolicy& policy) {
  if (amount <= buyer.limit_amount) return absl::OkStatus();
  const Post approver = PostOf(ApproverFor(amount, policy));
  return chassis::Refuse(v1::PROCUREMENT_ERROR_REASON_ORDER_APPROVAL_LIMIT)
      .With("amount", amount)
      .With("limit", buyer.limit_amount)
      .With("role", approver.en)
      .With("role_zh", approver.zh);
}

int64_t SellableQuantity(const PartTerms& terms, int64_t quantity_milli) {
  if (terms.contract.has_value()) quantity_milli = std::max(quantity_milli, terms.contract->minimum_quantity_milli);
  if (!terms.offer.has_value()) return quantity_milli;
  quantity_milli = std::max(quantity_milli, terms.offer->minimum_quantity_milli());
  const int64_t pack_milli = terms.offer->pack_quantity_milli();
  return pack_milli == 0 ? quantity_milli : (quantity_milli + pack_milli - 1) / pack_milli * pack_milli;
}

absl::StatusOr<v1::PurchaseOrderLine*> LineOf(v1::PurchaseOrder& order, const std::string& line_id,
                                              std::string_view field) {
  for (v1::PurchaseOrderLine& line : *order.mutable_lines()) {
    if (line.purchase_order_line_id() == line_id) return &line;
  }
  return UnknownLine(order, line_id, field);
}

absl::Status WriteLines(const std::vector<v1::PurchaseOrderDraftLine>& wanted, const Terms& terms, const Buyer& buyer,
                        const PromisesByLine& promises, const std::function<std::string()>& new_id,
                        v1::PurchaseOrder& order) {
  std::vector<std::string> missing, fields;
  std::set<std::string> named;
  v1::PurchaseOrder after = order;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const std::string at = absl::StrCat("lines[", i, "]");
    if (terms.by_part.count(wanted[i].part_id()) == 0) {
      missing.push_back(wanted[i].part_id());
      fields.push_back(at + ".part_id");
      continue;
    }
    v1::PurchaseOrderLine* line = nullptr;
    if (wanted[i].purchase_order_line_id().empty()) {
      line = after.add_lines();
      line->set_purchase_order_line_id(new_id());
    } else {
      ASSIGN_OR_RETURN(line, LineOf(after, wanted[i].purchase_order_line_id(), at + ".purchase_order_line_id"));
      if (line->part_id() != wanted[i].part_id()) {
        return chassis::InvalidField(at + ".part_id", "已有的行不能换配件", "an existing line keeps its part");
      }
    }
    if (!named.insert(line->purchase_order_line_id()).second) {
      return chassis::Refuse(v1::PROCUREMENT_ERROR_REASON_ORDER_LINE_TWICE)
          .With("line", line->purchase_order_line_id())
          .At(at + ".purchase_order_line_id", "与前面的行重复", "repeats an earlier line");
    }
    RETURN_IF_ERROR(WriteLine(wanted[i], terms, buyer, at, *line));
  }
  if (!missing.empty()) return UnknownParts(missing, fields);
  const bool kept = WasApproved(order);
  order.clear_lines();
  for (v1::PurchaseOrderLine& line : *after.mutable_lines()) {
    if (named.count(line.purchase_order_line_id()) == 0) {
      if (!kept) continue;
      line.set_cancelled_milli(line.cancelled_milli() + OpenOf(line));
    }
    order.add_lines()->Swap(&line);
  }
  Total(order);
  return CheckPromises(order, promises);
}

absl::Status CheckPromises(const v1::PurchaseOrder& order, const PromisesByLine& promises) {
  std::vector<std::string> broken;
  for (const auto& [line_id, promise] : promises) {
    const auto line = std::find_if(order.lines().begin(), order.lines().end(),
                                   [&id = line_id](const auto& one) { return one.purchase_order_line_id() == id; });
    const int64_t to_come = line == order.lines().end() || IsEnded(order) ? 0 : line->open_milli();
    const int64_t come = line == order.lines().end() ? 0 : line->received_milli();
    if (come + to_come < promise.quantity_milli) broken.push_back(promise.holder_number);
  }
  if (broken.empty()) return absl::OkStatus();
  return chassis::Refuse(v1::PROCUREMENT_ERROR_REASON_SERVES_SPECIAL_ORDERS)
      .With("order", order.number())
      .With("count", broken.size())
      .With("holders", absl::StrJoin(broken, ", "));
}

absl::Status CheckPrices(const Terms& terms, v1::PurchaseOrder& order) {
  for (int i = 0; i < order.lines_size(); ++i) {
    v1::PurchaseOrderLine& line = *order.mutable_lines(i);
    if (line.open_milli() == 0) continue;
    RETURN_IF_ERROR(HoldAgainstContract(terms.by_part.at(line.part_id()), terms.price_tolerance_basis_points,
                                        absl::StrCat("lines[", i, "].unit_price_amount"), line));
  }
  return absl::OkStatus();
}

absl::Status CheckDates(const v1::PurchaseOrder& order, std::string_view today) {
  for (int i = 0; i < order.lines_size(); ++i) {
    const v1::PurchaseOrderLine& line = order.lines(i);
    if (line.open_milli() == 0 || line.expected_date() >= today) continue;
    return DatePassed(line, absl::StrCat("lines[", i, "].expected_date"));
  }
  return absl::OkStatus();
}

void Total(v1::PurchaseOrder& order) {
  int64_t total = 0, tax = 0;
  std::string next;
  for (v1::PurchaseOrderLine& line : *order.mutable_lines()) {
    line.set_open_milli(OpenOf(line));
    line.set_line_amount(chassis::Extend(line.unit_price_amount(), line.quantity_milli() - line.cancelled_milli()));
    line.set_tax_amount(chassis::Portion(line.line_amount(), line.tax_basis_points()));
    total += line.line_amount();
    tax += line.tax_amount();
    if (line.open_milli() == 0) continue;
    if (next.empty() || line.expected_date() < next) next = line.expected_date();
  }
  order.set_total_amount(total);
  order.set_tax_amount(tax);
  order.set_expected_date(next);
}

void Promised(v1::PurchaseOrder& order) {
  for (v1::PurchaseOrderLine& line : *order.mutable_lines()) {
    if (line.promised_date().empty()) line.set_promised_date(line.expected_date());
  }
}

bool IsOut(const v1::PurchaseOrder& order) {
  return order.state() == v1::PurchaseOrder::STATE_SENT || order.state() == v1::PurchaseOrder::STATE_PARTLY_RECEIVED;
}

bool IsEnded(const v1::PurchaseOrder& order) {
  return order.state() == v1::PurchaseOrder::STATE_CLOSED || order.state() == v1::PurchaseOrder::STATE_CANCELLED ||
         order.state() == v1::PurchaseOrder::STATE_REJECTED;
}

absl::Status Receive(const std::vector<ReceiptLine>& lines, std::string_view today, absl::Time now,
                     v1::PurchaseOrder& order) {
  RETURN_IF_ERROR(
      chassis::RequireState(order, {v1::PurchaseOrder::STATE_SENT, v1::PurchaseOrder::STATE_PARTLY_RECEIVED}));
  for (const ReceiptLine& came : lines) {
    ASSIGN_OR_RETURN(v1::PurchaseOrderLine * line, LineOf(order, came.purchase_order_line_id, "lines"));
    line->set_received_milli(line->received_milli() + came.accepted_milli);
    line->set_rejected_milli(line->rejected_milli() + came.rejected_milli);
    if (!line->has_first_receipt_time()) *line->mutable_first_receipt_time() = chassis::ToProto(now);
    if (OpenOf(*line) == 0 && line->complete_date().empty() && line->received_milli() >= line->quantity_milli()) {
      line->set_complete_date(std::string(today));
    }
  }
  Total(order);
  return Settle(order);
}

absl::Status Settle(v1::PurchaseOrder& order) {
  bool open = false, received = false;
  for (const v1::PurchaseOrderLine& line : order.lines()) {
    open = open || line.open_milli() > 0;
    received = received || line.received_milli() > 0;
  }
  v1::PurchaseOrder::State state = order.state();
  if (open) {
    if (received) state = v1::PurchaseOrder::STATE_PARTLY_RECEIVED;
  } else {
    state = received ? v1::PurchaseOrder::STATE_RECEIVED : v1::PurchaseOrder::STATE_CANCELLED;
  }
  return state == order.state() ? absl::OkStatus() : chassis::MoveTo(order, state);
}

absl::StatusOr<int64_t> GiveUp(const std::string& line_id, int64_t quantity_milli, v1::PurchaseOrder& order) {
  ASSIGN_OR_RETURN(v1::PurchaseOrderLine * line, LineOf(order, line_id, "lines"));
  const int64_t given_up = std::min(quantity_milli, OpenOf(*line));
  line->set_cancelled_milli(line->cancelled_milli() + given_up);
  Total(order);
  return given_up;
}

void GiveUpRest(v1::PurchaseOrder& order) {
  for (v1::PurchaseOrderLine& line : *order.mutable_lines()) {
    line.set_cancelled_milli(line.cancelled_milli() + OpenOf(line));
  }
  Total(order);
}

}  // namespace parts
