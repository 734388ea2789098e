// Whose working stock a bin is; see working_stock_rules.h.
#include "parts-svc/working_stock/working_stock_rules.h"

#include "aftersales/parts/v1/stock_control_errors.pb.h"
#include "chassis/status/refusal.h"

namespace parts {

absl::Status CheckHolder(const v1::Location& place, const std::string& technician, const std::string& field) {
  if (place.kind() == v1::Location::KIND_WORKING_STOCK && place.holder() == technician) return absl::OkStatus();
  return chassis::Refuse(v1::STOCK_CONTROL_ERROR_REASON_NOT_HIS_WORKING_STOCK)
      .With("location", place.code())
      .With("technician", technician)
      .At(field, "不是该技师的备件库位", "is not the technician's working stock");
}

void NoteGoods(const std::vector<v1::IssueLine>& lines, v1::WorkingStockNote& note) {
  for (const v1::IssueLine& line : lines) {
    v1::WorkingStockLine& noted = *note.add_lines();
    noted.set_working_stock_line_id(line.issue_line_id());
    noted.set_part_id(line.part_id());
    noted.set_part_number(line.part_number());
    noted.set_name_zh(line.name_zh());
    noted.set_name_en(line.name_en());
    noted.set_quantity_milli(line.quantity_milli());
    noted.set_batch_code(line.batch_code());
    noted.set_location_id(line.location_id());
  }
}

}  // namespace parts
