// What may be drawn and what may come back; see issue_rules.h.
#include "parts-svc/issue/issue_rules.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"
#include "chassis/time/amounts.h"
#include "parts-svc/reservation/reservation_rules.h"

namespace parts {
namespace {

using Signature = aftersales::common::v1::Signature;

struct Held {
  v1::Reservation* reservation = nullptr;
  v1::ReservationLine* line = nullptr;
};

// The line of a reservation that holds what is asked for; the one that holds most when several could be meant.
Held FindHeld(const v1::IssuePartsRequest::Line& wanted, std::vector<v1::Reservation>& reservations) {
  Held held;
  for (v1::Reservation& reservation : reservations) {
    for (v1::ReservationLine& line : *reservation.mutable_lines()) {
      if (line.holder_line_id() != wanted.holder_line_id()) continue;
      if (!wanted.part_id().empty() && line.part_id() != wanted.part_id()) continue;
      if (held.line == nullptr || line.reserved_milli() > held.line->reserved_milli()) held = {&reservation, &line};
    }
  }
  return held;
}

absl::Status BinShort(const v1::IssueLine& line, const std::string& location, int64_t on_hand_milli) {
  return chassis::Refuse(v1::ERROR_REASON_BIN_SHORT)
      .With("location", location)
      .With("part", line.part_number())
      .With("on_hand", on_hand_milli)
      .With("wanted", line.quantity_milli())
      .At("lines", "库位中没有这么多", "ask for more than the bin holds");
}

// What each serving bin holds for one line: of its batch when the part is tracked.
class Shelf {
 public:
  Shelf(const std::vector<v1::StockBalance>& balances, const std::vector<BatchInBin>& batches) : balances_(balances) {
    for (const v1::StockBalance& balance : balances)
      left_[{balance.part_id(), "", balance.location_id()}] = balance.on_hand_milli();
    for (const BatchInBin& batch : batches)
      left_[{batch.part_id, batch.batch_code, batch.location_id}] = batch.on_hand_milli;
  }

  int64_t Take(const v1::IssueLine& line, const std::string& location_id, int64_t quantity_milli) {
    int64_t& in_bin = left_[{line.part_id(), "", location_id}];
    int64_t& of_batch = left_[{line.part_id(), line.batch_code(), location_id}];
    const int64_t taken = std::max<int64_t>(0, std::min({in_bin, of_batch, quantity_milli}));
    in_bin -= taken;
    if (!line.batch_code().empty()) of_batch -= taken;
    return taken;
  }
  const std::vector<v1::StockBalance>& balances() const { return balances_; }

 private:
  const std::vector<v1::StockBalance>& balances_;
  std::map<std::tuple<std::string, std::string, std::string>, int64_t> left_;
};

bool IsServingBin(const v1::StockBalance& balance) { return balance.location_kind() == "STOCK"; }
bool IsWorkingStock(const v1::StockBalance& balance) { return balance.location_kind() == "WORKING_STOCK"; }

}  // namespace

absl::Status CheckSigner(const Signature& signature) {
  if (signature.signer_role() == Signature::SIGNER_ROLE_TECHNICIAN) return absl::OkStatus();
  return chassis::Refuse(v1::ERROR_REASON_SIGNER_NOT_TECHNICIAN)
      .At("technician_signature.signer_role", "须为技师", "must be the technician");
}

absl::StatusOr<std::vector<v1::IssueLine>> Draw(const v1::IssuePartsRequest& request,
                                                std::vector<v1::Reservation>& reservations, const PartsById& parts,
                                                const NewId& new_id, const std::set<std::string>& at_hand) {
  std::vector<v1::IssueLine> lines;
  for (int i = 0; i < request.lines_size(); ++i) {
    const auto& wanted = request.lines(i);
    const std::string at = absl::StrCat("lines[", i, "]");
    const Held held = FindHeld(wanted, reservations);
    // What the technician has in hand need not wait for the shelves.
    const int64_t waiting =
        held.line != nullptr && at_hand.count(wanted.location_id()) > 0 ? held.line->short_milli() : 0;
    if (held.line == nullptr || (held.line->reserved_milli() == 0 && held.line->issued_milli() == 0 && waiting == 0)) {
      return chassis::Refuse(v1::ERROR_REASON_NOTHING_RESERVED)
          .At(at + ".holder_line_id", "没有预留", "has nothing reserved");
    }
    const v1::Part& part = parts.at(held.line->part_id());
    RETURN_IF_ERROR(CheckQuantity(part, wanted.quantity_milli(), at + ".quantity_milli"));
    // Which batch goes out first is chosen with the bins, unless one is asked for.
    const bool batch_chosen = part.tracking() == v1::Part::TRACKING_BATCH && wanted.batch_code().empty();
    if (!batch_chosen) RETURN_IF_ERROR(CheckBatch(part, wanted.quantity_milli(), wanted.batch_code(), at));
    const int64_t drawable = held.line->reserved_milli() + waiting;
    if (wanted.quantity_milli() > drawable) {
      return chassis::Refuse(v1::ERROR_REASON_ISSUE_EXCEEDS_RESERVATION)
          .With("part", part.part_number())
          .With("reserved", drawable)
          .With("wanted", wanted.quantity_milli())
          .At(at + ".quantity_milli", "超过预留数量", "is more than is reserved");
    }
    const int64_t served = std::min(waiting, wanted.quantity_milli());
    held.line->set_short_milli(held.line->short_milli() - served);
    held.line->set_reserved_milli(held.line->reserved_milli() - (wanted.quantity_milli() - served));
    held.line->set_issued_milli(held.line->issued_milli() + wanted.quantity_milli());
    v1::IssueLine& line = lines.emplace_back();
    line.set_issue_line_id(new_id());
    line.set_holder_line_id(wanted.holder_line_id());
    line.set_reservation_id(held.reservation->reservation_id());
    line.set_reservation_line_id(held.line->reservation_line_id());
    line.set_part_id(part.part_id());
    line.set_part_number(part.part_number());
    line.set_name_zh(part.name_zh());
    line.set_name_en(part.name_en());
    line.set_quantity_milli(wanted.quantity_milli());
    line.set_location_id(wanted.location_id());
    line.set_batch_code(wanted.batch_code());
  }
  for (v1::Reservation& reservation : reservations) {
    if (IsDrawn(reservation)) RETURN_IF_ERROR(chassis::MoveTo(reservation, v1::Reservation::STATE_CONSUMED));
  }
  return lines;
}

StockDeltas EffectOfDrawing(const std::vector<v1::Reservation>& before, const std::vector<v1::Reservation>& after) {
  StockDeltas deltas;
  for (size_t i = 0; i < before.size(); ++i) {
    for (int line = 0; line < before[i].lines_size(); ++line) {
      const v1::ReservationLine& was = before[i].lines(line);
      const v1::ReservationLine& is = after[i].lines(line);
      StockDelta& delta = deltas[was.part_id()];
      delta.reserved_milli += is.reserved_milli() - was.reserved_milli();
      delta.short_milli += is.short_milli() - was.short_milli();
    }
  }
  return deltas;
}

absl::StatusOr<std::vector<v1::IssueLine>> ChooseBins(const std::vector<v1::IssueLine>& lines,
                                                      const std::vector<v1::StockBalance>& balances,
                                                      const std::vector<BatchInBin>& batches, const NewId& new_id) {
  Shelf shelf(balances, batches);
  std::vector<v1::IssueLine> placed;
  for (const v1::IssueLine& line : lines) {
    int64_t open = line.quantity_milli();
    int64_t seen = 0;
    for (const v1::StockBalance& balance : shelf.balances()) {
      if (balance.part_id() != line.part_id()) continue;
      const bool asked = balance.location_id() == line.location_id();
      if (!line.location_id().empty() && !asked) continue;
      if (!IsServingBin(balance) && !(asked && IsWorkingStock(balance))) {
        if (!asked) continue;
        return chassis::Refuse(v1::ERROR_REASON_LOCATION_KIND)
            .With("kind", balance.location_kind())
            .At("lines", "只能从正常库位出库", "name a bin that issues are not served from");
      }
      const int64_t taken = shelf.Take(line, balance.location_id(), open);
      seen += taken;
      if (taken == 0) continue;
      v1::IssueLine& part_of_line = placed.emplace_back(line);
      if (open != line.quantity_milli()) part_of_line.set_issue_line_id(new_id());
      part_of_line.set_location_id(balance.location_id());
      part_of_line.set_quantity_milli(taken);
      open -= taken;
      if (open == 0) break;
    }
    if (open == 0) continue;
    if (!line.batch_code().empty()) {
      return chassis::Refuse(v1::ERROR_REASON_BATCH_NOT_IN_STOCK)
          .With("part", line.part_number())
          .With("batch", line.batch_code())
          .At("lines", "没有这么多此批次的配件", "ask for more of a batch than there is");
    }
    return BinShort(line, line.location_id(), seen);
  }
  return placed;
}

int64_t Price(std::vector<v1::IssueLine>& lines, StocksByPart stocks) {
  int64_t total = 0;
  for (v1::IssueLine& line : lines) {
    v1::PartStock& stock = stocks.at(line.part_id());
    const int64_t cost = CostOf(stock, line.quantity_milli());
    stock.set_owned_milli(stock.owned_milli() - line.quantity_milli());
    stock.set_value_amount(stock.value_amount() - cost);
    line.set_cost_amount(cost);
    total += cost;
  }
  return total;
}

absl::StatusOr<std::vector<v1::IssueLine>> TakeBack(const v1::ReturnPartsRequest& request, const v1::Issue& issue,
                                                    const std::map<std::string, CameBack>& came_back,
                                                    const PartsById& parts, const NewId& new_id) {
  if (issue.kind() != v1::Issue::KIND_ISSUE) {
    return chassis::Refuse(v1::ERROR_REASON_NOT_AN_ISSUE)
        .With("number", issue.number())
        .At("issue_id", "不是出库单", "is no issue note");
  }
  std::map<std::string, CameBack> back = came_back;
  std::vector<v1::IssueLine> lines;
  for (int i = 0; i < request.lines_size(); ++i) {
    const auto& wanted = request.lines(i);
    const std::string at = absl::StrCat("lines[", i, "]");
    const auto source = std::find_if(issue.lines().begin(), issue.lines().end(),
                                     [&](const auto& line) { return line.issue_line_id() == wanted.issue_line_id(); });
    if (source == issue.lines().end()) {
      return chassis::Refuse(v1::ERROR_REASON_ISSUE_LINE_UNKNOWN)
          .With("line", wanted.issue_line_id())
          .At(at + ".issue_line_id", "出库单上没有此行", "is not on the issue note");
    }
    RETURN_IF_ERROR(CheckQuantity(parts.at(source->part_id()), wanted.quantity_milli(), at + ".quantity_milli"));
    CameBack& before = back[wanted.issue_line_id()];
    const int64_t returnable_milli = source->quantity_milli() - before.quantity_milli;
    if (wanted.quantity_milli() > returnable_milli) {
      return chassis::Refuse(v1::ERROR_REASON_RETURN_EXCEEDS_ISSUE)
          .With("part", source->part_number())
          .With("returnable", returnable_milli)
          .With("wanted", wanted.quantity_milli())
          .At(at + ".quantity_milli", "超过可退数量", "is more than is still out");
    }
    v1::IssueLine& line = lines.emplace_back(*source);
    line.set_issue_line_id(new_id());
    line.set_source_issue_line_id(source->issue_line_id());
    line.set_quantity_milli(wanted.quantity_milli());
    // Of what is still out, so that all returns together bring back exactly what went out.
    line.set_cost_amount(
        chassis::MulDiv(source->cost_amount() - before.cost_amount, wanted.quantity_milli(), returnable_milli));
    if (!wanted.location_id().empty()) line.set_location_id(wanted.location_id());
    before.quantity_milli += line.quantity_milli();
    before.cost_amount += line.cost_amount();
  }
  return lines;
}

absl::Status RecordReturn(const std::vector<v1::IssueLine>& lines, std::vector<v1::Reservation>& reservations) {
  for (const v1::IssueLine& returned : lines) {
    bool found = false;
    for (v1::Reservation& reservation : reservations) {
      for (v1::ReservationLine& line : *reservation.mutable_lines()) {
        if (line.reservation_line_id() != returned.reservation_line_id()) continue;
        line.set_issued_milli(line.issued_milli() - returned.quantity_milli());
        found = true;
      }
    }
    if (!found) return absl::InternalError("an issue line whose reservation line is gone");
  }
  return absl::OkStatus();
}

v1::OrderParts Facts(const std::vector<v1::Reservation>& reservations, const std::vector<DrawnLine>& drawn) {
  v1::OrderParts facts;
  std::map<std::pair<std::string, std::string>, v1::OrderParts::Line*> lines;
  const auto line_of = [&](const std::string& holder_line_id, const std::string& part_id,
                           const std::string& part_number) -> v1::OrderParts::Line& {
    auto& line = lines[{holder_line_id, part_id}];
    if (line == nullptr) {
      line = facts.add_lines();
      line->set_holder_line_id(holder_line_id);
      line->set_part_id(part_id);
      line->set_part_number(part_number);
    }
    return *line;
  };
  for (const v1::Reservation& reservation : reservations) {
    for (const v1::ReservationLine& held : reservation.lines()) {
      v1::OrderParts::Line& line = line_of(held.holder_line_id(), held.part_id(), held.part_number());
      line.set_reserved_milli(line.reserved_milli() + held.reserved_milli());
      line.set_short_milli(line.short_milli() + held.short_milli());
    }
  }
  for (const DrawnLine& one : drawn) {
    v1::OrderParts::Line& line = line_of(one.holder_line_id, one.part_id, one.part_number);
    const int direction = one.kind == v1::Issue::KIND_ISSUE ? 1 : -1;
    line.set_issued_milli(line.issued_milli() + direction * one.quantity_milli);
    line.set_cost_amount(line.cost_amount() + direction * one.cost_amount);
    if (direction < 0) line.set_returned_milli(line.returned_milli() + one.quantity_milli);
    facts.set_cost_amount(facts.cost_amount() + direction * one.cost_amount);
  }
  return facts;
}

}  // namespace parts
