// A service station's account; see consignment_rules.h.
#include "parts-svc/consignment/consignment_rules.h"

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/errors.pb.h"
#include "aftersales/parts/v1/stock_control_errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/time/amounts.h"

namespace parts {

absl::Status CheckStation(const v1::Location& place) {
  if (place.kind() == v1::Location::KIND_CONSIGNMENT) return absl::OkStatus();
  return chassis::Refuse(v1::STOCK_CONTROL_ERROR_REASON_NOT_CONSIGNMENT)
      .With("location", place.code())
      .At("location_id", "不是服务站寄存账户", "is no station's account");
}

absl::Status CheckUse(const v1::ReportConsumptionRequest& request) {
  if (request.use() != v1::ReportConsumptionRequest::USE_INTERNAL || !request.order_id().empty()) {
    return absl::OkStatus();
  }
  return chassis::Refuse(v1::STOCK_CONTROL_ERROR_REASON_ORDER_REQUIRED).At("order_id", "必填", "is required");
}

void NoteGoods(const std::vector<v1::IssueLine>& lines, v1::ConsignmentNote& note) {
  for (const v1::IssueLine& line : lines) {
    v1::ConsignmentLine& noted = *note.add_lines();
    noted.set_consignment_line_id(line.issue_line_id());
    noted.set_part_id(line.part_id());
    noted.set_part_number(line.part_number());
    noted.set_name_zh(line.name_zh());
    noted.set_name_en(line.name_en());
    noted.set_quantity_milli(line.quantity_milli());
    noted.set_batch_code(line.batch_code());
    noted.set_location_id(line.location_id());
    noted.set_cost_amount(line.cost_amount());
    note.set_cost_amount(note.cost_amount() + line.cost_amount());
  }
}

void TakeCost(std::vector<v1::IssueLine>& lines, StocksByPart stocks) {
  for (v1::IssueLine& line : lines) {
    v1::PartStock& stock = stocks.at(line.part_id());
    line.set_cost_amount(CostOf(stock, line.quantity_milli()));
    stock.set_owned_milli(stock.owned_milli() - line.quantity_milli());
    stock.set_value_amount(stock.value_amount() - line.cost_amount());
  }
}

absl::Status Charge(const PartsById& parts, const std::map<std::string, int64_t>& prices,
                    int32_t store_tax_basis_points, v1::ConsignmentNote& note) {
  for (int i = 0; i < note.lines_size(); ++i) {
    v1::ConsignmentLine& line = *note.mutable_lines(i);
    const auto price = prices.find(line.part_id());
    if (price == prices.end()) {
      return chassis::Refuse(v1::ERROR_REASON_PART_HAS_NO_PRICE)
          .With("part", line.part_number())
          .At(absl::StrCat("lines[", i, "].part_id"), "没有现行批发价", "has no wholesale price in force");
    }
    const v1::Part& part = parts.at(line.part_id());
    line.set_unit_price_amount(price->second);
    line.set_charge_amount(chassis::Extend(price->second, line.quantity_milli()));
    line.set_tax_basis_points(part.has_tax_basis_points() ? part.tax_basis_points() : store_tax_basis_points);
    line.set_tax_amount(chassis::Portion(line.charge_amount(), line.tax_basis_points()));
    note.set_charge_amount(note.charge_amount() + line.charge_amount());
    note.set_tax_amount(note.tax_amount() + line.tax_amount());
  }
  return absl::OkStatus();
}

void CloseStatement(v1::ConsignmentStatement& statement) {
  statement.set_charge_amount(0);
  statement.set_tax_amount(0);
  for (v1::ConsignmentStatement::Line& line : *statement.mutable_lines()) {
    line.set_closing_milli(line.opening_milli() + line.shipped_milli() - line.sold_milli() - line.used_milli() -
                           line.returned_milli() + line.adjusted_milli());
    statement.set_charge_amount(statement.charge_amount() + line.charge_amount());
    statement.set_tax_amount(statement.tax_amount() + line.tax_amount());
  }
}

}  // namespace parts
