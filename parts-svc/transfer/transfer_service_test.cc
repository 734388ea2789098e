// The transfer room on a real database: two stores, two halves, one quantity and one value.
#include <random>

#include "aftersales/parts/v1/form.pb.h"
#include "aftersales/parts/v1/stock_control_errors.pb.h"
#include "aftersales/parts/v1/transfer.pb.h"
#include "chassis/documents/signatures.h"
#include "parts-svc/served_for_test.h"

namespace parts {
namespace {

namespace options = aftersales::options::v1;
using Signature = aftersales::common::v1::Signature;
using v1::Transfer;

constexpr char kOther[] = "11111111-89ab-7def-8123-456789abcdef";
const auto kWrongState = aftersales::common::v1::ERROR_REASON_WRONG_STATE;

// kStore asks, kOther supplies.
class Transferring : public PartsStore {
 protected:
  Transferring() {
    identity_.store_ids = {kStore, kOther};
    identity_.roles = {options::ROLE_PARTS_MANAGER, options::ROLE_PARTS_CLERK};
    Execute(
        "INSERT INTO store (store_id, version, code, display_name, time_zone, currency_code, settings) VALUES "
        "(UNHEX('1111111189ab7def8123456789abcdef'), 1, 'SH02', '上海二店', 'Asia/Shanghai', 'CNY', '{}')");
    v1::CreateWarehouseRequest warehouse;
    warehouse.mutable_warehouse()->set_code("W1");
    warehouse.mutable_warehouse()->set_display_name("二店库");
    other_warehouse_id_ = MustIn<v1::Warehouse>(kOther, warehouse).warehouse_id();
    other_bin_ = OtherBin("A1");
    transit_ = OtherBin("T1", v1::Location::KIND_IN_TRANSIT);
  }

  template <typename Response, typename Request>
  absl::StatusOr<Response> SendIn(const std::string& store_id, Request request) {
    request.set_store_id(store_id);
    if constexpr (requires { request.set_request_id(""); }) {
      if (request.request_id().empty()) request.set_request_id(NewId());
    }
    RETURN_IF_ERROR(chassis::Validate(request));
    const auto* method = chassis::MethodTaking(Request::descriptor());
    const auto& entry = rpcs_.entries().at(chassis::PathOf(method));
    chassis::Command command;
    command.store_id = store_id;
    command.actor.subject = identity_.subject;
    command.method = method->name();
    if constexpr (requires { request.request_id(); }) command.request_id = request.request_id();
    command.request_digest = chassis::audit::Sha256(request.SerializeAsString());
    chassis::Call call(host_, identity_, command, clock_.Now() + absl::Seconds(30), "en", "");
    Response response;
    RETURN_IF_ERROR(entry.unary(call, request, response));
    return response;
  }
  template <typename Response, typename Request>
  Response MustIn(const std::string& store_id, const Request& request) {
    absl::StatusOr<Response> response = SendIn<Response>(store_id, request);
    EXPECT_TRUE(response.ok()) << response.status() << "\n" << request.ShortDebugString();
    return response.ok() ? *response : Response();
  }

  std::string OtherBin(const std::string& code, v1::Location::Kind kind = v1::Location::KIND_STOCK) {
    v1::CreateLocationRequest request;
    request.mutable_location()->set_warehouse_id(other_warehouse_id_);
    request.mutable_location()->set_code(code);
    request.mutable_location()->set_kind(kind);
    return MustIn<v1::Location>(kOther, request).location_id();
  }
  // The same part in both catalogues.
  struct Pair {
    v1::Part here, there;
  };
  Pair APair(const std::string& number, v1::Part::Tracking tracking = v1::Part::TRACKING_NONE) {
    v1::CreatePartRequest request;
    *request.mutable_part() = PartNamed(number);
    request.mutable_part()->set_tracking(tracking);
    return {MustIn<v1::Part>(kStore, request), MustIn<v1::Part>(kOther, request)};
  }
  void ReceiveThere(const v1::Part& part, int64_t quantity_milli, int64_t cost_amount, const std::string& batch = "") {
    v1::ReceiveStockRequest request = Receipt(part, quantity_milli, cost_amount);
    request.mutable_lines(0)->set_location_id(other_bin_);
    request.mutable_lines(0)->set_batch_code(batch);
    MustIn<v1::StockDocument>(kOther, request);
  }
  v1::PartStock StockIn(const std::string& store_id, const v1::Part& part) {
    v1::GetPartStockRequest request;
    request.set_part_id(part.part_id());
    return MustIn<v1::PartStock>(store_id, request);
  }
  int64_t InTransitThere() {
    return Count("stock_balance WHERE location_id = UNHEX(REPLACE('" + transit_ + "', '-', '')) AND on_hand_milli > 0");
  }

  v1::RequestTransferRequest Asking(const v1::Part& part, int64_t quantity_milli) {
    v1::RequestTransferRequest request;
    request.set_supplying_store_id(kOther);
    auto& line = *request.add_lines();
    line.set_part_id(part.part_id());
    line.set_quantity_milli(quantity_milli);
    return request;
  }
  Transfer Asked(const v1::Part& part, int64_t quantity_milli) {
    return MustIn<Transfer>(kStore, Asking(part, quantity_milli));
  }
  template <typename Request>
  Request Of(const Transfer& transfer) {
    Request request;
    request.set_transfer_id(transfer.transfer_id());
    return request;
  }
  Transfer HalfIn(const std::string& store_id, const Transfer& transfer) {
    return MustIn<Transfer>(store_id, Of<v1::GetTransferRequest>(transfer));
  }
  Transfer Approved(const Transfer& transfer) {
    return MustIn<Transfer>(kOther, Of<v1::ApproveTransferRequest>(transfer));
  }
  static Signature ClerkSignature() {
    Signature signature = TechnicianSignature();
    signature.set_signer_role(Signature::SIGNER_ROLE_MANAGER);
    return signature;
  }
  v1::ShipTransferRequest Shipping(const Transfer& transfer) {
    auto request = Of<v1::ShipTransferRequest>(transfer);
    *request.mutable_signature() = ClerkSignature();
    request.set_carrier("顺丰");
    return request;
  }
  Transfer Shipped(const v1::Part& part, int64_t quantity_milli) {
    const Transfer asked = Asked(part, quantity_milli);
    Approved(asked);
    return MustIn<Transfer>(kOther, Shipping(asked));
  }
  v1::ReceiveTransferRequest Receiving(const Transfer& transfer, int64_t counted_milli) {
    auto request = Of<v1::ReceiveTransferRequest>(transfer);
    *request.mutable_signature() = ClerkSignature();
    const Transfer half = HalfIn(kStore, transfer);
    for (const auto& item : half.items()) {
      auto& counted = *request.add_items();
      counted.set_transfer_item_id(item.transfer_item_id());
      counted.set_counted_milli(counted_milli);
      counted.set_location_id(bin_);
    }
    return request;
  }
  Transfer Received(const Transfer& transfer, int64_t counted_milli) {
    return MustIn<Transfer>(kStore, Receiving(transfer, counted_milli));
  }
  v1::SettleTransferDifferenceRequest Settling(const Transfer& transfer, v1::TransferItem::Settlement settlement) {
    auto request = Of<v1::SettleTransferDifferenceRequest>(transfer);
    request.set_transfer_item_id(transfer.items(0).transfer_item_id());
    request.set_settlement(settlement);
    request.set_reason("the driver says so");
    return request;
  }
  // Of both stores.
  std::vector<std::string> AllDifferences() {
    std::vector<std::string> differences;
    for (const std::string store_id : {kStore, kOther}) {
      for (const auto& [name, check] : rooms_.checks) {
        const absl::Status status = schema_->pool().Read(
            absl::InfiniteFuture(), [&, &check = check](chassis::sql::Session& session) -> absl::Status {
              ASSIGN_OR_RETURN(const auto result, check(session, store_id));
              for (const std::string& difference : result.differences()) differences.push_back(difference);
              return absl::OkStatus();
            });
        EXPECT_TRUE(status.ok()) << name << ": " << status;
      }
      const std::map<std::string, chassis::documents::Loader> loaders(rooms_.signed_documents.begin(),
                                                                      rooms_.signed_documents.end());
      const absl::Status status =
          schema_->pool().Read(absl::InfiniteFuture(), [&](chassis::sql::Session& session) -> absl::Status {
            ASSIGN_OR_RETURN(const auto result,
                             chassis::documents::VerifySignedDocuments(session, *cipher_, loaders, store_id));
            for (const std::string& difference : result.differences()) differences.push_back(difference);
            return absl::OkStatus();
          });
      EXPECT_TRUE(status.ok()) << status;
    }
    return differences;
  }
  std::vector<std::string> None() { return {}; }

  std::string other_warehouse_id_, other_bin_, transit_;
};

// Handbook: P-13, P-02
TEST_F(Transferring, GoesFromRequestToReceiptInBothStores) {
  const Pair filter = APair("F-1");
  ReceiveThere(filter.there, 10000, 1000);
  const Transfer asked = Asked(filter.here, 4000);
  EXPECT_EQ(asked.state(), Transfer::STATE_REQUESTED);
  EXPECT_EQ(asked.number().substr(0, 9), "SH01-TRF-");
  EXPECT_TRUE(asked.process_id().empty());
  const Transfer there = HalfIn(kOther, asked);
  EXPECT_EQ(there.side(), Transfer::SIDE_SUPPLYING);
  EXPECT_EQ(there.number(), asked.number());
  EXPECT_EQ(there.lines(0).part_id(), filter.there.part_id());
  Approved(asked);
  EXPECT_EQ(StockIn(kOther, filter.there).reserved_milli(), 4000);
  EXPECT_EQ(HalfIn(kStore, asked).state(), Transfer::STATE_APPROVED);
  const Transfer shipped = MustIn<Transfer>(kOther, Shipping(asked));
  EXPECT_EQ(shipped.ship_signature().document_digest().size(), 32u);
  EXPECT_EQ(StockIn(kOther, filter.there).on_hand_milli(), 6000);
  EXPECT_EQ(StockIn(kOther, filter.there).reserved_milli(), 0);
  EXPECT_EQ(StockIn(kOther, filter.there).owned_milli(), 10000);
  EXPECT_EQ(InTransitThere(), 1);
  EXPECT_EQ(HalfIn(kStore, asked).state(), Transfer::STATE_SHIPPED);
  EXPECT_EQ(HalfIn(kStore, asked).carrier(), "顺丰");
  EXPECT_EQ(Count("duty WHERE kind = 'transfer_in_transit' AND state = 'OPEN'"), 1);
  const Transfer received = Received(asked, 4000);
  EXPECT_EQ(received.state(), Transfer::STATE_CLOSED);
  EXPECT_EQ(received.cost_amount(), 400);
  EXPECT_EQ(HalfIn(kOther, asked).state(), Transfer::STATE_CLOSED);
  EXPECT_EQ(StockIn(kStore, filter.here).on_hand_milli(), 4000);
  EXPECT_EQ(StockIn(kStore, filter.here).value_amount(), 400);
  EXPECT_EQ(StockIn(kOther, filter.there).owned_milli(), 6000);
  EXPECT_EQ(StockIn(kOther, filter.there).value_amount(), 600);
  EXPECT_EQ(InTransitThere(), 0);
  EXPECT_EQ(Count("duty WHERE state = 'OPEN'"), 0);
  EXPECT_EQ(Events("TransferShipped"), 1);
  EXPECT_EQ(Events("TransferReceived"), 1);
  EXPECT_EQ(AllDifferences(), None());
}

TEST_F(Transferring, EndsAtOnceWhenTheOtherStoreDoesNotKnowThePart) {
  const v1::Part only_here = APart("F-1");
  EXPECT_TRUE(IsRefusal(SendIn<Transfer>(kStore, Asking(only_here, 1000)).status(), v1::ERROR_REASON_PART_UNKNOWN));
  EXPECT_EQ(Count("transfer WHERE state = 'REJECTED'"), 1);
  EXPECT_EQ(Count("transfer"), 1);
}

TEST_F(Transferring, RefusesAStoreThatIsNoneOrIsItself) {
  const Pair filter = APair("F-1");
  v1::RequestTransferRequest request = Asking(filter.here, 1000);
  request.set_supplying_store_id(kStore);
  EXPECT_TRUE(
      IsRefusal(SendIn<Transfer>(kStore, request).status(), v1::STOCK_CONTROL_ERROR_REASON_TRANSFER_WITH_ITSELF));
  request.set_supplying_store_id(NewId());
  EXPECT_FALSE(SendIn<Transfer>(kStore, request).ok());
  request = Asking(filter.here, 1000);
  request.clear_lines();
  EXPECT_TRUE(IsRefusal(SendIn<Transfer>(kStore, request).status(), v1::STOCK_CONTROL_ERROR_REASON_TRANSFER_EMPTY));
}

TEST_F(Transferring, IsApprovedUpToWhatIsThereAndWasAskedFor) {
  const Pair filter = APair("F-1");
  ReceiveThere(filter.there, 3000, 300);
  const Transfer asked = Asked(filter.here, 4000);
  EXPECT_TRUE(IsRefusal(SendIn<Transfer>(kOther, Of<v1::ApproveTransferRequest>(asked)).status(),
                        v1::ERROR_REASON_INSUFFICIENT_STOCK));
  auto approval = Of<v1::ApproveTransferRequest>(asked);
  approval.add_lines()->set_transfer_line_id(asked.lines(0).transfer_line_id());
  approval.mutable_lines(0)->set_approved_milli(5000);
  EXPECT_TRUE(IsRefusal(SendIn<Transfer>(kOther, approval).status(), v1::STOCK_CONTROL_ERROR_REASON_APPROVED_TOO_MUCH));
  approval.mutable_lines(0)->set_transfer_line_id(NewId());
  EXPECT_TRUE(
      IsRefusal(SendIn<Transfer>(kOther, approval).status(), v1::STOCK_CONTROL_ERROR_REASON_TRANSFER_LINE_UNKNOWN));
  approval.mutable_lines(0)->set_transfer_line_id(asked.lines(0).transfer_line_id());
  approval.mutable_lines(0)->set_approved_milli(2000);
  EXPECT_EQ(MustIn<Transfer>(kOther, approval).lines(0).approved_milli(), 2000);
  v1::ShipTransferRequest shipping = Shipping(asked);
  shipping.add_lines()->set_transfer_line_id(asked.lines(0).transfer_line_id());
  shipping.mutable_lines(0)->set_quantity_milli(3000);
  EXPECT_TRUE(IsRefusal(SendIn<Transfer>(kOther, shipping).status(), v1::STOCK_CONTROL_ERROR_REASON_SHIPPED_TOO_MUCH));
  shipping.mutable_lines(0)->set_quantity_milli(1000);
  MustIn<Transfer>(kOther, shipping);
  // What was promised and not sent is free again.
  EXPECT_EQ(StockIn(kOther, filter.there).available_milli(), 2000);
  EXPECT_EQ(AllDifferences(), None());
}

TEST_F(Transferring, IsRejectedWithItsReason) {
  const Pair filter = APair("F-1");
  const Transfer asked = Asked(filter.here, 4000);
  auto rejection = Of<v1::RejectTransferRequest>(asked);
  rejection.set_reason("we need them ourselves");
  EXPECT_EQ(MustIn<Transfer>(kOther, rejection).state(), Transfer::STATE_REJECTED);
  EXPECT_EQ(HalfIn(kStore, asked).state(), Transfer::STATE_REJECTED);
  EXPECT_EQ(HalfIn(kStore, asked).close_reason(), "we need them ourselves");
  EXPECT_EQ(Count("duty WHERE state = 'OPEN'"), 0);
  EXPECT_TRUE(IsRefusal(SendIn<Transfer>(kOther, Of<v1::ApproveTransferRequest>(asked)).status(), kWrongState));
}

TEST_F(Transferring, IsTakenBackByTheOneAndByTheOtherBeforeItIsShipped) {
  const Pair filter = APair("F-1");
  ReceiveThere(filter.there, 10000, 1000);
  const auto cancel = [&](const Transfer& transfer) {
    auto request = Of<v1::CancelTransferRequest>(transfer);
    request.set_reason("found some");
    return request;
  };
  const Transfer first = Asked(filter.here, 4000);
  EXPECT_TRUE(IsRefusal(SendIn<Transfer>(kOther, cancel(first)).status(), kWrongState));
  Approved(first);
  EXPECT_EQ(MustIn<Transfer>(kStore, cancel(first)).state(), Transfer::STATE_CANCELLED);
  EXPECT_EQ(HalfIn(kOther, first).state(), Transfer::STATE_CANCELLED);
  EXPECT_EQ(StockIn(kOther, filter.there).reserved_milli(), 0);
  const Transfer second = Asked(filter.here, 4000);
  Approved(second);
  EXPECT_EQ(MustIn<Transfer>(kOther, cancel(second)).state(), Transfer::STATE_CANCELLED);
  EXPECT_EQ(HalfIn(kStore, second).state(), Transfer::STATE_CANCELLED);
  const Transfer third = Shipped(filter.here, 1000);
  EXPECT_TRUE(IsRefusal(SendIn<Transfer>(kStore, cancel(third)).status(), kWrongState));
  EXPECT_TRUE(IsRefusal(SendIn<Transfer>(kOther, cancel(third)).status(), kWrongState));
  EXPECT_EQ(AllDifferences(), None());
}

TEST_F(Transferring, TellsTheOneWhoWithdrawsThatItWasShippedMeanwhile) {
  const Pair filter = APair("F-1");
  ReceiveThere(filter.there, 10000, 1000);
  const Transfer asked = Asked(filter.here, 4000);
  Approved(asked);
  MustIn<Transfer>(kOther, Shipping(asked));
  // The news has not arrived yet.
  Execute("UPDATE transfer SET state = 'APPROVED' WHERE side = 'RECEIVING'");
  auto cancel = Of<v1::CancelTransferRequest>(asked);
  cancel.set_reason("found some");
  EXPECT_TRUE(IsRefusal(SendIn<Transfer>(kStore, cancel).status(), kWrongState));
  EXPECT_EQ(HalfIn(kStore, asked).state(), Transfer::STATE_APPROVED);
  EXPECT_FALSE(HalfIn(kStore, asked).process_refusal().empty());
}

TEST_F(Transferring, LetsNobodyActOnTheOthersHalf) {
  const Pair filter = APair("F-1");
  ReceiveThere(filter.there, 10000, 1000);
  const auto wrong_side = v1::STOCK_CONTROL_ERROR_REASON_WRONG_SIDE;
  const Transfer asked = Asked(filter.here, 4000);
  auto rejection = Of<v1::RejectTransferRequest>(asked);
  rejection.set_reason("no");
  EXPECT_TRUE(IsRefusal(SendIn<Transfer>(kStore, Of<v1::ApproveTransferRequest>(asked)).status(), wrong_side));
  EXPECT_TRUE(IsRefusal(SendIn<Transfer>(kStore, rejection).status(), wrong_side));
  Approved(asked);
  EXPECT_TRUE(IsRefusal(SendIn<Transfer>(kStore, Shipping(asked)).status(), wrong_side));
  MustIn<Transfer>(kOther, Shipping(asked));
  EXPECT_TRUE(IsRefusal(SendIn<Transfer>(kOther, Receiving(asked, 4000)).status(), wrong_side));
  const Transfer differing = Received(asked, 3000);
  EXPECT_TRUE(IsRefusal(SendIn<Transfer>(kStore, Settling(differing, v1::TransferItem::SETTLEMENT_FOUND)).status(),
                        wrong_side));
  const std::string third = "22222222-89ab-7def-8123-456789abcdef";
  rejection.clear_request_id();
  for (const absl::Status& status : {SendIn<Transfer>(third, Of<v1::GetTransferRequest>(asked)).status(),
                                     SendIn<Transfer>(third, rejection).status()}) {
    EXPECT_TRUE(IsRefusal(status, aftersales::common::v1::ERROR_REASON_NOT_FOUND)) << status;
  }
}

TEST_F(Transferring, AllowsNoStepOutOfTurn) {
  const Pair filter = APair("F-1");
  ReceiveThere(filter.there, 10000, 1000);
  const Transfer asked = Asked(filter.here, 4000);
  EXPECT_TRUE(IsRefusal(SendIn<Transfer>(kOther, Shipping(asked)).status(), kWrongState));
  v1::ReceiveTransferRequest early = Receiving(asked, 0);
  early.add_items()->set_transfer_item_id(NewId());
  early.mutable_items(0)->set_location_id(bin_);
  EXPECT_TRUE(IsRefusal(SendIn<Transfer>(kStore, early).status(), kWrongState));
  Approved(asked);
  EXPECT_TRUE(IsRefusal(SendIn<Transfer>(kOther, Of<v1::ApproveTransferRequest>(asked)).status(), kWrongState));
  auto rejection = Of<v1::RejectTransferRequest>(asked);
  rejection.set_reason("no");
  EXPECT_TRUE(IsRefusal(SendIn<Transfer>(kOther, rejection).status(), kWrongState));
  MustIn<Transfer>(kOther, Shipping(asked));
  EXPECT_TRUE(IsRefusal(SendIn<Transfer>(kOther, Shipping(asked)).status(), kWrongState));
  EXPECT_TRUE(
      IsRefusal(SendIn<Transfer>(kOther, Settling(HalfIn(kOther, asked), v1::TransferItem::SETTLEMENT_FOUND)).status(),
                kWrongState));
  Received(asked, 4000);
  EXPECT_TRUE(IsRefusal(SendIn<Transfer>(kStore, Receiving(asked, 4000)).status(), kWrongState));
}

TEST_F(Transferring, NeedsAnInTransitBinAndTheStaffsSignature) {
  const Pair filter = APair("F-1");
  ReceiveThere(filter.there, 10000, 1000);
  const Transfer asked = Asked(filter.here, 4000);
  Approved(asked);
  v1::ShipTransferRequest shipping = Shipping(asked);
  shipping.mutable_signature()->set_signer_role(Signature::SIGNER_ROLE_CUSTOMER);
  EXPECT_TRUE(IsRefusal(SendIn<Transfer>(kOther, shipping).status(), v1::STOCK_CONTROL_ERROR_REASON_SIGNER_NOT_STAFF));
  shipping = Shipping(asked);
  shipping.set_transit_location_id(other_bin_);
  EXPECT_TRUE(IsRefusal(SendIn<Transfer>(kOther, shipping).status(), v1::ERROR_REASON_LOCATION_KIND));
  Execute("UPDATE location SET closed = 1 WHERE kind = 'IN_TRANSIT'");
  EXPECT_TRUE(
      IsRefusal(SendIn<Transfer>(kOther, Shipping(asked)).status(), v1::STOCK_CONTROL_ERROR_REASON_NO_TRANSIT_BIN));
}

TEST_F(Transferring, WantsEveryItemCounted) {
  const Pair filter = APair("F-1");
  ReceiveThere(filter.there, 10000, 1000);
  other_bin_ = OtherBin("A2");
  ReceiveThere(filter.there, 10000, 1000);
  const Transfer shipped = Shipped(filter.here, 12000);
  ASSERT_EQ(shipped.items_size(), 2);
  v1::ReceiveTransferRequest receiving = Receiving(shipped, 1000);
  receiving.mutable_items()->RemoveLast();
  EXPECT_TRUE(IsRefusal(SendIn<Transfer>(kStore, receiving).status(), v1::STOCK_CONTROL_ERROR_REASON_ITEM_NOT_COUNTED));
  receiving = Receiving(shipped, 1000);
  receiving.mutable_items(1)->set_location_id(ABin("C1", v1::Location::KIND_CONSIGNMENT));
  EXPECT_TRUE(IsRefusal(SendIn<Transfer>(kStore, receiving).status(), v1::ERROR_REASON_LOCATION_KIND));
}

struct Less : Transferring {
  Transfer Short() {
    filter = APair("F-1");
    ReceiveThere(filter.there, 10000, 1000);
    return Received(Shipped(filter.here, 4000), 3000);
  }
  Pair filter;
};

TEST_F(Less, StaysInTransitUntilItIsSettled) {
  const Transfer differing = Short();
  EXPECT_EQ(differing.state(), Transfer::STATE_DIFFERENCES_OPEN);
  EXPECT_EQ(HalfIn(kOther, differing).state(), Transfer::STATE_DIFFERENCES_OPEN);
  EXPECT_EQ(StockIn(kStore, filter.here).on_hand_milli(), 3000);
  EXPECT_EQ(StockIn(kOther, filter.there).owned_milli(), 7000);
  EXPECT_EQ(Count("duty WHERE kind = 'transfer_difference' AND state = 'OPEN'"), 1);
  EXPECT_EQ(AllDifferences(), None());
  EXPECT_TRUE(IsRefusal(SendIn<Transfer>(kOther, Settling(differing, v1::TransferItem::SETTLEMENT_SENT_BACK)).status(),
                        v1::STOCK_CONTROL_ERROR_REASON_SETTLEMENT_DOES_NOT_FIT));
}

TEST_F(Less, WasFoundAtHome) {
  const Transfer differing = Short();
  EXPECT_EQ(MustIn<Transfer>(kOther, Settling(differing, v1::TransferItem::SETTLEMENT_FOUND)).state(),
            Transfer::STATE_CLOSED);
  EXPECT_EQ(HalfIn(kStore, differing).state(), Transfer::STATE_CLOSED);
  EXPECT_EQ(StockIn(kOther, filter.there).on_hand_milli(), 7000);
  EXPECT_EQ(StockIn(kOther, filter.there).value_amount(), 700);
  EXPECT_EQ(Count("duty WHERE state = 'OPEN'"), 0);
  EXPECT_EQ(AllDifferences(), None());
  EXPECT_TRUE(IsRefusal(SendIn<Transfer>(kOther, Settling(differing, v1::TransferItem::SETTLEMENT_FOUND)).status(),
                        kWrongState));
}

TEST_F(Less, ArrivedAfterAll) {
  const Transfer differing = Short();
  MustIn<Transfer>(kOther, Settling(differing, v1::TransferItem::SETTLEMENT_RECEIVED_AFTER_ALL));
  EXPECT_EQ(HalfIn(kStore, differing).lines(0).received_milli(), 4000);
  EXPECT_EQ(StockIn(kStore, filter.here).on_hand_milli(), 4000);
  EXPECT_EQ(StockIn(kStore, filter.here).value_amount(), 400);
  EXPECT_EQ(StockIn(kOther, filter.there).owned_milli(), 6000);
  EXPECT_EQ(AllDifferences(), None());
}

TEST_F(Less, IsWrittenOffUpToTheManagersLimit) {
  const Pair engine = APair("E-1");
  ReceiveThere(engine.there, 2000, 1200000);
  const Transfer differing = Received(Shipped(engine.here, 1000), 0);
  const auto request = Settling(differing, v1::TransferItem::SETTLEMENT_WRITTEN_OFF);
  EXPECT_TRUE(
      IsRefusal(SendIn<Transfer>(kOther, request).status(), v1::STOCK_CONTROL_ERROR_REASON_WRITE_OFF_ABOVE_LIMIT));
  identity_.roles = {options::ROLE_SERVICE_MANAGER};
  EXPECT_EQ(MustIn<Transfer>(kOther, request).items(0).settled_amount(), 600000);
  EXPECT_EQ(StockIn(kOther, engine.there).value_amount(), 600000);
  EXPECT_EQ(StockIn(kStore, engine.here).owned_milli(), 0);
  EXPECT_EQ(AllDifferences(), None());
}

TEST_F(Transferring, BooksGoodsTooManyOnlyWhenTheyAreSettled) {
  const Pair filter = APair("F-1");
  ReceiveThere(filter.there, 10000, 1000);
  const Transfer differing = Received(Shipped(filter.here, 4000), 5000);
  EXPECT_EQ(differing.state(), Transfer::STATE_DIFFERENCES_OPEN);
  EXPECT_EQ(StockIn(kStore, filter.here).on_hand_milli(), 4000);
  EXPECT_TRUE(IsRefusal(SendIn<Transfer>(kOther, Settling(differing, v1::TransferItem::SETTLEMENT_FOUND)).status(),
                        v1::STOCK_CONTROL_ERROR_REASON_SETTLEMENT_DOES_NOT_FIT));
  MustIn<Transfer>(kOther, Settling(differing, v1::TransferItem::SETTLEMENT_SHIPPED_IN_ADDITION));
  EXPECT_EQ(StockIn(kStore, filter.here).on_hand_milli(), 5000);
  EXPECT_EQ(StockIn(kOther, filter.there).owned_milli(), 5000);
  EXPECT_EQ(HalfIn(kStore, differing).state(), Transfer::STATE_CLOSED);
  const Transfer again = Received(Shipped(filter.here, 1000), 2000);
  MustIn<Transfer>(kOther, Settling(again, v1::TransferItem::SETTLEMENT_SENT_BACK));
  EXPECT_EQ(StockIn(kStore, filter.here).on_hand_milli(), 6000);
  EXPECT_EQ(StockIn(kOther, filter.there).owned_milli(), 4000);
  EXPECT_EQ(AllDifferences(), None());
}

// Handbook: P-04, P-13
TEST_F(Transferring, FillsAReservationThatWaits) {
  const Pair filter = APair("F-1");
  ReceiveThere(filter.there, 10000, 1000);
  v1::CreateReservationRequest waiting = Holding(NewId(), {{filter.here, 3000}});
  waiting.set_shortage_policy(v1::SHORTAGE_POLICY_QUEUE);
  const auto held = Must<v1::Reservation>(waiting);
  v1::RequestTransferRequest request;
  request.set_supplying_store_id(kOther);
  request.set_reservation_id(held.reservation_id());
  const Transfer asked = MustIn<Transfer>(kStore, request);
  EXPECT_EQ(asked.lines(0).quantity_milli(), 3000);
  EXPECT_EQ(asked.lines(0).reservation_line_id(), held.lines(0).reservation_line_id());
  request.clear_request_id();
  EXPECT_TRUE(
      IsRefusal(SendIn<Transfer>(kStore, request).status(), v1::STOCK_CONTROL_ERROR_REASON_NOTHING_TO_TRANSFER));
  Approved(asked);
  MustIn<Transfer>(kOther, Shipping(asked));
  Received(asked, 3000);
  EXPECT_EQ(ReservationOf(held.reservation_id()).lines(0).reserved_milli(), 3000);
  EXPECT_EQ(Events("ReservationFilled"), 1);
  EXPECT_EQ(AllDifferences(), None());
}

TEST_F(Transferring, CarriesBatchesAlong) {
  const Pair oil = APair("OIL", v1::Part::TRACKING_BATCH);
  ReceiveThere(oil.there, 4000, 400, "L1");
  const Transfer asked = Asked(oil.here, 2000);
  Approved(asked);
  v1::ShipTransferRequest shipping = Shipping(asked);
  shipping.add_lines()->set_transfer_line_id(asked.lines(0).transfer_line_id());
  shipping.mutable_lines(0)->set_quantity_milli(2000);
  shipping.mutable_lines(0)->set_batch_code("L1");
  MustIn<Transfer>(kOther, shipping);
  Received(asked, 2000);
  EXPECT_EQ(Count("stock_movement WHERE document_kind = 'TRANSFER_IN' AND batch_code = 'L1'"), 1);
  EXPECT_EQ(AllDifferences(), None());
}

// Nobody can take goods out of transit but their transfer, so this is a damaged book: the process says so and goes
// back.
TEST_F(Transferring, FallsBackWhenTheGoodsAreNotInTransitAnyMore) {
  const Pair filter = APair("F-1");
  ReceiveThere(filter.there, 10000, 1000);
  const Transfer shipped = Shipped(filter.here, 4000);
  const auto in_transit = [&](int64_t quantity_milli) {
    Execute(
        absl::StrCat("UPDATE stock_balance b JOIN location l ON l.store_id = b.store_id AND l.location_id = "
                     "b.location_id SET b.on_hand_milli = ",
                     quantity_milli, " WHERE l.kind = 'IN_TRANSIT'"));
  };
  in_transit(0);
  EXPECT_TRUE(IsRefusal(SendIn<Transfer>(kStore, Receiving(shipped, 4000)).status(), v1::ERROR_REASON_BIN_SHORT));
  const Transfer here = HalfIn(kStore, shipped);
  EXPECT_EQ(here.state(), Transfer::STATE_SHIPPED);
  EXPECT_FALSE(here.items(0).has_counted_milli());
  EXPECT_FALSE(here.has_receive_signature());
  EXPECT_FALSE(here.process_refusal().empty());
  EXPECT_EQ(StockIn(kStore, filter.here).owned_milli(), 0);
  in_transit(4000);
  EXPECT_EQ(Received(shipped, 4000).state(), Transfer::STATE_CLOSED);
  EXPECT_EQ(AllDifferences(), None());
}

// What a crash leaves behind is a process that begins once more: whatever it did already must not be done again.
TEST_F(Transferring, BearsEveryStepBeingRunTwice) {
  const Pair filter = APair("F-1");
  ReceiveThere(filter.there, 10000, 1000);
  const Transfer differing = Received(Shipped(filter.here, 4000), 3000);
  MustIn<Transfer>(kOther, Settling(differing, v1::TransferItem::SETTLEMENT_RECEIVED_AFTER_ALL));
  const Transfer here = HalfIn(kStore, differing);
  const int64_t movements = Count("stock_movement");
  Execute(
      "UPDATE process SET state = 'RUNNING', step = 0, lease_holder = NULL, lease_until = NULL, next_time = "
      "'2020-01-01'");
  const auto turned = processes_.TurnOnce();
  ASSERT_TRUE(turned.ok()) << turned.status();
  EXPECT_GE(*turned, 5);
  EXPECT_EQ(Count("process WHERE state <> 'FINISHED'"), 0);
  EXPECT_EQ(Count("stock_movement"), movements);
  EXPECT_EQ(HalfIn(kStore, differing).state(), here.state());
  EXPECT_EQ(StockIn(kStore, filter.here).on_hand_milli(), 4000);
  EXPECT_EQ(AllDifferences(), None());
}

TEST_F(Transferring, GoesOnWhereACrashStoppedBetweenTheTwoStores) {
  const Pair filter = APair("F-1");
  ReceiveThere(filter.there, 10000, 1000);
  const Transfer shipped = Shipped(filter.here, 4000);
  // The receiving store's books cannot be written while its part has no stock row.
  Execute(
      "UPDATE part_stock SET part_number = 'GONE', store_id = UNHEX('2222222289ab7def8123456789abcdef') WHERE part_id "
      "= "
      "UNHEX(REPLACE('" +
      filter.here.part_id() + "', '-', ''))");
  EXPECT_TRUE(absl::IsUnavailable(SendIn<Transfer>(kStore, Receiving(shipped, 4000)).status()) ||
              IsRefusal(SendIn<Transfer>(kStore, Receiving(shipped, 4000)).status(), kWrongState));
  EXPECT_EQ(HalfIn(kStore, shipped).state(), Transfer::STATE_RECEIVING);
  EXPECT_EQ(StockIn(kOther, filter.there).owned_milli(), 6000);
  Execute(
      "UPDATE part_stock SET part_number = 'F-1', store_id = UNHEX('0123456789ab7def8123456789abcdef') WHERE part_id = "
      "UNHEX(REPLACE('" +
      filter.here.part_id() + "', '-', ''))");
  clock_.Advance(absl::Hours(1));
  ASSERT_TRUE(processes_.TurnOnce().ok());
  EXPECT_EQ(HalfIn(kStore, shipped).state(), Transfer::STATE_CLOSED);
  EXPECT_EQ(StockIn(kStore, filter.here).on_hand_milli(), 4000);
  EXPECT_EQ(AllDifferences(), None());
}

// Handbook: P-13, P-03
TEST_F(Transferring, ConservesWhatTheGroupOwnsWhateverHappensOnTheWay) {
  std::mt19937 random(20261121);
  const auto upto = [&](int64_t most) { return std::uniform_int_distribution<int64_t>(0, most)(random); };
  const Pair filter = APair("F-1");
  int64_t quantity = 0, value = 0;  // the model: what came in, less what was written off
  const auto receive = [&](bool here) {
    const int64_t amount = 1 + upto(9999), milli = 1000 * (1 + upto(20));
    if (here) {
      Receive(filter.here, milli, amount);
    } else {
      ReceiveThere(filter.there, milli, amount);
    }
    quantity += milli;
    value += amount;
  };
  for (int round = 0; round < 40; ++round) {
    receive(upto(1) == 0);
    receive(false);
    const int64_t wanted = 1000 * (1 + upto(5));
    const Transfer asked = Asked(filter.here, wanted);
    const auto approved = SendIn<Transfer>(kOther, Of<v1::ApproveTransferRequest>(asked));
    if (!approved.ok()) continue;
    if (upto(9) == 0) {
      auto cancel = Of<v1::CancelTransferRequest>(asked);
      cancel.set_reason("changed our mind");
      MustIn<Transfer>(upto(1) == 0 ? kStore : kOther, cancel);
      continue;
    }
    const Transfer shipped = MustIn<Transfer>(kOther, Shipping(asked));
    receive(false);  // the average moves while the goods travel
    const int64_t counted = 1000 * upto(wanted / 1000 + 1);
    const Transfer arrived = Received(shipped, counted);
    for (const auto& item : arrived.items()) {
      const int64_t difference = item.counted_milli() - item.shipped_milli();
      if (difference == 0) continue;
      const auto settlement = difference > 0 ? (upto(1) == 0 ? v1::TransferItem::SETTLEMENT_SHIPPED_IN_ADDITION
                                                             : v1::TransferItem::SETTLEMENT_SENT_BACK)
                                             : static_cast<v1::TransferItem::Settlement>(1 + upto(2));
      auto settling = Settling(arrived, settlement);
      settling.set_transfer_item_id(item.transfer_item_id());
      const auto settled = SendIn<Transfer>(kOther, settling);
      if (!settled.ok()) {
        EXPECT_EQ(settlement, v1::TransferItem::SETTLEMENT_SHIPPED_IN_ADDITION) << settled.status();
        continue;
      }
      if (settlement != v1::TransferItem::SETTLEMENT_WRITTEN_OFF) continue;
      for (const auto& one : settled->items()) {
        if (one.transfer_item_id() != item.transfer_item_id()) continue;
        quantity -= one.settled_milli();
        value -= one.settled_amount();
      }
    }
    const v1::PartStock here = StockIn(kStore, filter.here), there = StockIn(kOther, filter.there);
    ASSERT_EQ(here.owned_milli() + there.owned_milli(), quantity) << "round " << round;
    ASSERT_EQ(here.value_amount() + there.value_amount(), value) << "round " << round;
  }
  EXPECT_EQ(AllDifferences(), None());
}

// Handbook: P-13, F-18, G-11
TEST_F(Transferring, PrintsEachStoreItsOwnHalfFromTheRequestToTheCount) {
  const Pair filter = APair("F-1");
  ReceiveThere(filter.there, 10000, 1000);
  const Transfer asked = Asked(filter.here, 4000);
  const auto printed = [&](const std::string& store_id, v1::FormLanguage language) {
    auto request = Of<v1::PrintTransferRequest>(asked);
    request.set_language(language);
    return MustIn<v1::PrintedForm>(store_id, request).content();
  };
  const auto says = [](const std::string& form, const std::string& words) {
    return form.find(words) != std::string::npos;
  };
  Approved(asked);
  const std::string wanted = printed(kOther, v1::FORM_LANGUAGE_ZH_CN);
  for (const std::string words : {"调拨单", "批准数量", "机油滤清器", "上海一店", "上海二店"}) {
    EXPECT_TRUE(says(wanted, words)) << words;
  }
  MustIn<Transfer>(kOther, Shipping(asked));
  const std::string box = printed(kOther, v1::FORM_LANGUAGE_EN);
  for (const std::string words : {"Transfer out", "shipped", "Oil filter", "A1", "李明"}) {
    EXPECT_TRUE(says(box, words)) << words;
  }
  Received(asked, 3000);
  for (const std::string& store_id : {std::string(kStore), std::string(kOther)}) {
    EXPECT_TRUE(says(printed(store_id, v1::FORM_LANGUAGE_EN), HalfIn(store_id, asked).number())) << store_id;
  }
  EXPECT_TRUE(says(printed(kStore, v1::FORM_LANGUAGE_EN), "Transfer in"));
}

class TransferServed : public ServedOn<Transferring> {};

// Handbook: P-13, F-18, G-01, G-02
TEST_F(TransferServed, PrintsOnlyForItsStoresAndTheirPosts) {
  const Pair filter = APair("F-1");
  ReceiveThere(filter.there, 10000, 1000);
  const Transfer asked = Asked(filter.here, 4000);
  Approved(asked);
  const auto print = [&](const std::string& role, const std::string& store_id) {
    auto request = Of<v1::PrintTransferRequest>(asked);
    request.set_store_id(store_id);
    return client_->Call<v1::PrintedForm>(As(role, store_id), request);
  };
  for (const std::string& store_id : {std::string(kStore), std::string(kOther)}) {
    const auto form = print("parts_clerk", store_id);
    ASSERT_TRUE(form.ok()) << form.status();
    EXPECT_EQ(form->file_name(), HalfIn(store_id, asked).number() + ".html");
    EXPECT_NE(form->content().find("F-1"), std::string::npos);
  }
  EXPECT_EQ(print("cashier", kStore).status().code(), absl::StatusCode::kPermissionDenied);
  Execute(
      "INSERT INTO store (store_id, version, code, display_name, time_zone, currency_code, settings) VALUES "
      "(UNHEX('2222222289ab7def8123456789abcdef'), 1, 'BJ01', '北京一店', 'Asia/Shanghai', 'CNY', '{}')");
  const std::string third = "22222222-89ab-7def-8123-456789abcdef";
  EXPECT_EQ(print("parts_manager", third).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace parts
