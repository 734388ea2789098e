// `verify` of the transfers; see transfer_checks.h.
#include "parts-svc/transfer/transfer_checks.h"

#include "absl/strings/str_cat.h"
#include "chassis/status/status.h"
#include "parts-svc/location/location_rules.h"
#include "parts-svc/transfer/transfer_store.h"

namespace parts {
namespace {

using chassis::sql::Rows;
using chassis::sql::Uuid;

struct Moved {
  int64_t account_milli = 0;  // to the transfer account, less what came from it
  int64_t account_amount = 0;
  int64_t transit_milli = 0;  // into in-transit bins, less what left them
};

absl::StatusOr<std::map<std::string, Moved>> MovedByItem(chassis::sql::Session& session, const std::string& store_id) {
  const std::string account = AccountId(store_id, v1::Location::KIND_TRANSFER);
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query(
          "SELECT m.document_line_id, CAST(SUM(CASE WHEN m.to_location_id = ? THEN m.quantity_milli WHEN "
          "m.from_location_id = ? THEN -m.quantity_milli ELSE 0 END) AS SIGNED) AS account_milli, CAST(SUM(CASE WHEN "
          "m.to_location_id = ? THEN m.cost_amount WHEN m.from_location_id = ? THEN -m.cost_amount ELSE 0 END) AS "
          "SIGNED) "
          "AS account_amount, CAST(SUM(CASE WHEN t.kind = 'IN_TRANSIT' THEN m.quantity_milli ELSE 0 END - CASE WHEN "
          "f.kind = 'IN_TRANSIT' THEN m.quantity_milli ELSE 0 END) AS SIGNED) AS transit_milli FROM transfer h JOIN "
          "stock_movement m ON m.store_id = h.store_id AND m.document_id = h.transfer_id JOIN location t ON t.store_id "
          "= "
          "m.store_id AND t.location_id = m.to_location_id JOIN location f ON f.store_id = m.store_id AND "
          "f.location_id = "
          "m.from_location_id WHERE h.store_id = ? GROUP BY m.document_line_id",
          Uuid{account}, Uuid{account}, Uuid{account}, Uuid{account}, Uuid{store_id}));
  std::map<std::string, Moved> moved;
  for (size_t i = 0; i < rows.size(); ++i) {
    moved[rows[i].Id("document_line_id")] = {rows[i].Int("account_milli"), rows[i].Int("account_amount"),
                                             rows[i].Int("transit_milli")};
  }
  return moved;
}

}  // namespace

absl::StatusOr<LedgerCheck> VerifyTransfers(const chassis::privacy::Cipher& cipher, chassis::sql::Session& session,
                                            const std::string& store_id) {
  LedgerCheck check;
  check.set_name("transfers");
  ASSIGN_OR_RETURN(const auto moved, MovedByItem(session, store_id));
  const TransferStore store(cipher);
  ASSIGN_OR_RETURN(const auto halves, store.table().Select(session, "WHERE store_id = ?", Uuid{store_id}));
  int64_t checked = 0;
  for (const v1::Transfer& half : halves) {
    const bool supplying = half.side() == v1::Transfer::SIDE_SUPPLYING;
    for (const v1::TransferItem& item : half.items()) {
      ++checked;
      const auto found = moved.find(item.transfer_item_id());
      const Moved of_item = found == moved.end() ? Moved() : found->second;
      const int64_t direction = supplying ? 1 : -1;
      const int64_t transit = supplying ? InTransit(item, half.state()) : 0;
      if (of_item.account_milli == direction * item.received_milli() &&
          of_item.account_amount == direction * item.cost_amount() && of_item.transit_milli == transit) {
        continue;
      }
      AddDifference(check, absl::StrCat("transfer ", half.number(), ", part ", item.part_number(), ": received ",
                                        item.received_milli(), " for ", item.cost_amount(), ", in transit ", transit,
                                        "; moved ", of_item.account_milli, " for ", of_item.account_amount,
                                        ", in transit ", of_item.transit_milli));
    }
  }
  check.set_checked_count(checked);
  return check;
}

}  // namespace parts
