// Sales that did not happen; see lost_sales.h.
#include "parts-svc/demand/lost_sales.h"

namespace parts {
namespace {

constexpr size_t kReasonBytesMax = 300;

}  // namespace

absl::Status LostSales::GiveUp(chassis::UnitOfWork& work, const v1::Reservation& reservation, std::string_view reason) {
  std::vector<v1::LostSale> lost;
  for (const v1::ReservationLine& line : reservation.lines()) {
    if (line.short_milli() == 0) continue;
    v1::LostSale& sale = lost.emplace_back();
    sale.set_store_id(work.store_id());
    sale.set_part_id(line.part_id());
    sale.set_part_number(line.part_number());
    sale.set_quantity_milli(line.short_milli());
    sale.set_cause(v1::LostSale::CAUSE_GIVEN_UP);
    // Another room's reason may be longer than ours; in the middle of a character would be no text.
    size_t length = std::min(reason.size(), kReasonBytesMax);
    while (length > 0 && length < reason.size() && (static_cast<unsigned char>(reason[length]) & 0xC0) == 0x80)
      --length;
    sale.set_reason(std::string(reason.substr(0, length)));
    sale.set_reservation_id(reservation.reservation_id());
    sale.set_actor(work.actor().subject);
  }
  if (lost.empty()) return absl::OkStatus();
  return store_.lost_sales().InsertAll(work, lost);
}

}  // namespace parts
