// From one store to another (P-13): what each half may do, what it takes over from the other, and what is booked where.
// Pure. Quantities of the whole group are conserved because the supplying store books out exactly what the receiving
// store books in, at the cost it left with.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "aftersales/parts/v1/issue.pb.h"
#include "aftersales/parts/v1/reservation.pb.h"
#include "aftersales/parts/v1/transfer.pb.h"
#include "parts-svc/catalogue/catalogue_rules.h"
#include "parts-svc/ledger/ledger_rules.h"

namespace parts {

// WRONG_SIDE.
absl::Status CheckSide(const v1::Transfer& half, v1::Transfer::Side side);
// SIGNER_NOT_STAFF.
absl::Status CheckStaff(const aftersales::common::v1::Signature& signature);

// The lines a request names. TRANSFER_EMPTY, PART_UNKNOWN, QUANTITY_STEP.
absl::StatusOr<std::vector<v1::TransferLine>> LinesFrom(const v1::RequestTransferRequest& request,
                                                        const PartsById& parts,
                                                        const std::function<std::string()>& new_id);
// What is short of a reservation and not asked for by `earlier` transfers of it. NOTHING_TO_TRANSFER.
absl::StatusOr<std::vector<v1::TransferLine>> ShortLines(const v1::Reservation& reservation,
                                                         const std::vector<v1::Transfer>& earlier,
                                                         const PartsById& parts,
                                                         const std::function<std::string()>& new_id);

// The supplying store's half of a request; `parts` are its own, by the numbers asked for. PART_UNKNOWN, QUANTITY_STEP.
absl::StatusOr<v1::Transfer> SupplyingHalf(const v1::Transfer& receiving, const std::map<std::string, v1::Part>& parts);

// Fills what is approved. TRANSFER_LINE_UNKNOWN, APPROVED_TOO_MUCH, QUANTITY_STEP.
absl::Status Approve(const v1::ApproveTransferRequest& request, const PartsById& parts, v1::Transfer& half);

// What is to be picked for the box. TRANSFER_LINE_UNKNOWN, SHIPPED_TOO_MUCH, QUANTITY_STEP, BATCH_REQUIRED.
absl::StatusOr<std::vector<v1::IssueLine>> Wanted(const v1::ShipTransferRequest& request, const v1::Transfer& half,
                                                  const PartsById& parts, const std::function<std::string()>& new_id);
// Puts what was picked into the box and answers the movements from the bins to the in-transit bin.
std::vector<v1::StockMovement> Pack(const std::vector<v1::IssueLine>& picked, StocksByPart stocks, v1::Transfer& half);

// Takes the count down; every item is counted. ITEM_NOT_COUNTED, TRANSFER_LINE_UNKNOWN.
absl::Status TakeCount(const v1::ReceiveTransferRequest& request, v1::Transfer& half);

// The supplying store books out what arrived: movements from the in-transit bin, each at the average of now; closes the
// half when nothing is left open.
absl::StatusOr<std::vector<v1::StockMovement>> BookOut(const v1::Transfer& receiving, const std::string& account_id,
                                                       StocksByPart stocks, v1::Transfer& supplying);
// The receiving store books in the same.
absl::StatusOr<std::vector<v1::StockMovement>> BookIn(const v1::Transfer& supplying, const std::string& account_id,
                                                      v1::Transfer& receiving);

// Counted less shipped.
int64_t DifferenceOf(const v1::TransferItem& item);
bool IsOpen(const v1::TransferItem& item);

// Settles one item at the supplying store; the movement, if there is one. `accounts`: transfer and variance account.
// SETTLEMENT_DOES_NOT_FIT, TRANSFER_LINE_UNKNOWN.
struct Accounts {
  std::string transfer_id;
  std::string variance_id;
};
absl::StatusOr<std::vector<v1::StockMovement>> Settle(const v1::SettleTransferDifferenceRequest& request,
                                                      const Accounts& accounts, const StocksByPart& stocks,
                                                      v1::Transfer& half);

// Brings the receiving half up to what the supplying half says: approval, refusal, shipment, settlements. Answers the
// movements that settlements bring in. UNAVAILABLE while the receiving half is being booked.
absl::StatusOr<std::vector<v1::StockMovement>> Follow(const v1::Transfer& supplying, const std::string& account_id,
                                                      v1::Transfer& receiving);

// What travels: shipped, and neither received nor settled.
int64_t InTransit(const v1::TransferItem& item, v1::Transfer::State state);

}  // namespace parts
