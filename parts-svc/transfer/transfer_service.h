// The transfer room (P-13): parts from one store to another. A command changes the half of the caller's store; a
// process brings the other half along, each in its own transaction, and a worker finishes what a crash interrupted:
//
//   transfer_request    the request reaches the supplying store, or ends there
//   transfer_tell       the receiving store learns what the supplying store decided, shipped and settled
//   transfer_withdraw   the receiving store takes its request back, if nothing was shipped meanwhile
//   transfer_receive    what was counted leaves the one store's books and enters the other's
#pragma once

#include <functional>

#include "chassis/server/service.h"
#include "parts-svc/catalogue/catalogue_store.h"
#include "parts-svc/issue/picking.h"
#include "parts-svc/ledger/book.h"
#include "parts-svc/location/location_store.h"
#include "parts-svc/policy/policy_store.h"
#include "parts-svc/reservation/holding.h"
#include "parts-svc/transfer/transfer_store.h"

namespace parts {

class TransferService {
 public:
  explicit TransferService(chassis::Rooms& rooms);

 private:
  absl::StatusOr<v1::Transfer> Request(chassis::Call& call, const v1::RequestTransferRequest& request);
  absl::StatusOr<v1::Transfer> ApproveHalf(chassis::Call& call, const v1::ApproveTransferRequest& request);
  absl::StatusOr<v1::Transfer> Reject(chassis::Call& call, const v1::RejectTransferRequest& request);
  absl::StatusOr<v1::Transfer> Cancel(chassis::Call& call, const v1::CancelTransferRequest& request);
  absl::StatusOr<v1::Transfer> Ship(chassis::Call& call, const v1::ShipTransferRequest& request);
  absl::StatusOr<v1::Transfer> Receive(chassis::Call& call, const v1::ReceiveTransferRequest& request);
  absl::StatusOr<v1::Transfer> SettleDifference(chassis::Call& call,
                                                const v1::SettleTransferDifferenceRequest& request);

  // Steps of the processes.
  absl::Status TellSupplier(chassis::ProcessContext& at);
  absl::Status TellReceiver(chassis::ProcessContext& at);
  absl::Status WithdrawAtSupplier(chassis::ProcessContext& at);
  absl::Status BookOutAtSupplier(chassis::ProcessContext& at);
  absl::Status BookInAtReceiver(chassis::ProcessContext& at);
  void DefineProcesses(chassis::Processes& processes);

  using Change = std::function<absl::Status(chassis::UnitOfWork&, v1::Transfer&)>;
  // Loads a half of work's store locked, lets `change` have it, and saves it.
  absl::StatusOr<v1::Transfer> ChangeIn(chassis::UnitOfWork& work, const std::string& transfer_id,
                                        const Change& change);
  // The supplying half, and the news of it on its way to the other store.
  absl::StatusOr<v1::Transfer> ChangeAndTell(chassis::Call& call, const std::string& transfer_id, const Change& change);
  // A step in another store: once, however often the process tries.
  absl::Status CommitStep(chassis::ProcessContext& at, const std::string& store_id,
                          const std::function<absl::Status(chassis::UnitOfWork&)>& body);
  absl::StatusOr<v1::Transfer> Half(chassis::ProcessContext& at, const std::string& store_id);

  absl::StatusOr<std::vector<v1::TransferLine>> RequestedLines(chassis::UnitOfWork& work,
                                                               const v1::RequestTransferRequest& request,
                                                               google::protobuf::Timestamp& needed_time);
  // Parts and places of the half's lines and items, and `more` places.
  struct Named {
    std::vector<std::string> part_ids;
    PartsById parts;
    Places places;
  };
  absl::StatusOr<Named> NamedBy(chassis::UnitOfWork& work, const v1::Transfer& half,
                                std::vector<std::string> more = {});
  absl::Status CheckReceivingBins(chassis::UnitOfWork& work, const v1::Transfer& half);
  // Ends the promise to the other store; answers what that frees.
  absl::StatusOr<StockDeltas> EndPromise(chassis::UnitOfWork& work, const v1::Transfer& half);
  // Books what came from the other store in.
  absl::Status BookInMovements(chassis::UnitOfWork& work, const v1::Transfer& half,
                               std::vector<v1::StockMovement>& movements);
  absl::Status OweSettlement(chassis::UnitOfWork& work, const v1::Transfer& half);

  chassis::Host& host_;
  TransferStore store_;
  CatalogueStore catalogue_;
  LocationStore locations_;
  LedgerStore ledger_;
  ReservationStore reservations_;
  PolicyStore policies_;
  Holding holding_;
  Picking picking_;
  Queue queue_;
  Book book_;
  prometheus::Counter& shipped_;
  prometheus::Counter& received_;
  prometheus::Counter& differing_;
};

}  // namespace parts
