// The purchase order room on a real database.
#include <atomic>
#include <thread>

#include "aftersales/options/v1/options.pb.h"
#include "parts-svc/purchase_order/procurement_for_test.h"

namespace parts {
namespace {

using aftersales::common::v1::ERROR_REASON_CHANGED_MEANWHILE;
using aftersales::common::v1::ERROR_REASON_NOT_FOUND;
using aftersales::common::v1::ERROR_REASON_REASON_REQUIRED;
using aftersales::common::v1::ERROR_REASON_WRONG_STATE;

constexpr char kOtherStore[] = "01234567-89ab-7def-8123-456789abcd00";

class Purchasing : public Procuring {
 protected:
  v1::Supplier supplier_ = ASupplier("S1");
  v1::Part filter_ = APart("F-1");
  v1::SupplierPart offer_ = AnOffer(supplier_, filter_, 1000);

  // The same request as a member of another store would send it.
  template <typename Response, typename Request>
  absl::Status SendFromOtherStore(Request request) {
    Execute(
        "INSERT IGNORE INTO store (store_id, version, code, display_name, time_zone, currency_code, settings) VALUES "
        "(UNHEX('0123456789ab7def8123456789abcd00'), 1, 'SH02', '上海二店', 'Asia/Shanghai', 'CNY', '{}')");
    request.set_store_id(kOtherStore);
    if constexpr (requires { request.set_request_id(""); }) request.set_request_id(NewId());
    const auto* method = chassis::MethodTaking(Request::descriptor());
    chassis::Command command;
    command.store_id = kOtherStore;
    command.actor.subject = "stranger";
    command.method = method->name();
    if constexpr (requires { request.request_id(); }) command.request_id = request.request_id();
    chassis::Call call(host_, identity_, command, clock_.Now() + absl::Seconds(30), "en", "");
    Response response;
    return rpcs_.entries().at(chassis::PathOf(method)).unary(call, request, response);
  }
};

// Handbook: P-08.
TEST_F(Purchasing, GoesFromTheDraftToTheLastGoods) {
  v1::PurchaseOrder order = AnOrder(supplier_, filter_, 10000);
  EXPECT_EQ(order.state(), v1::PurchaseOrder::STATE_DRAFT);
  EXPECT_EQ(order.number().substr(0, 8), "SH01-PO-");
  EXPECT_EQ(order.total_amount(), 10000);
  EXPECT_EQ(order.tax_amount(), 1300);
  EXPECT_EQ(order.lines(0).expected_date(), "2026-11-26") << "the supplier's five days";
  EXPECT_EQ(order.lines(0).supplier_part_number(), "X-F-1");
  order = Submit(order);
  EXPECT_EQ(OpenDuties(kOrderApprovalDuty), 1);
  order = *Approving(order);
  EXPECT_EQ(OpenDuties(kOrderApprovalDuty), 0);
  EXPECT_EQ(order.approver(), "zhang.lei");
  EXPECT_EQ(OpenDuties(kLateOrderDuty), 0);
  order = SendOut(order);
  EXPECT_EQ(order.lines(0).promised_date(), "2026-11-26");
  EXPECT_EQ(OpenDuties(kLateOrderDuty), 1);
  EXPECT_EQ(Events("PurchaseOrderSent"), 1);
  ASSERT_TRUE(Came(order, 4000, 1000).ok());
  EXPECT_EQ(OrderNow(order).state(), v1::PurchaseOrder::STATE_PARTLY_RECEIVED);
  EXPECT_EQ(OpenDuties(kLateOrderDuty), 1);
  ASSERT_TRUE(Came(order, 6000).ok());
  EXPECT_EQ(OrderNow(order).state(), v1::PurchaseOrder::STATE_RECEIVED);
  EXPECT_EQ(OpenDuties(kLateOrderDuty), 0);
  EXPECT_EQ(Events("PurchaseOrderReceived"), 2);
  order = Must<v1::PurchaseOrder>(On<v1::ClosePurchaseOrderRequest>(order));
  EXPECT_EQ(order.state(), v1::PurchaseOrder::STATE_CLOSED);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

// Handbook: P-08, G-06.
TEST_F(Purchasing, IsApprovedByThePostWhoseLimitCoversIt) {
  SetPolicy("clerk_order_limit_amount", 10000);
  SetPolicy("manager_order_limit_amount", 20000);
  SetPolicy("service_manager_order_limit_amount", 30000);
  const struct {
    int64_t quantity_milli;
    options::Role too_low, enough;
  } cases[] = {{10000, options::ROLE_CASHIER, options::ROLE_PARTS_CLERK},
               {11000, options::ROLE_PARTS_CLERK, options::ROLE_PARTS_MANAGER},
               {20000, options::ROLE_PARTS_CLERK, options::ROLE_PARTS_MANAGER},
               {21000, options::ROLE_PARTS_MANAGER, options::ROLE_SERVICE_MANAGER},
               {30000, options::ROLE_PARTS_MANAGER, options::ROLE_SERVICE_MANAGER},
               {31000, options::ROLE_SERVICE_MANAGER, options::ROLE_GROUP_MANAGER}};
  for (const auto& one : cases) {
    const v1::PurchaseOrder order = Submit(AnOrder(supplier_, filter_, one.quantity_milli));
    EXPECT_EQ(Count("duty WHERE state = 'OPEN' AND assignee_role = '" + options::Role_Name(one.enough).substr(5) + "'"),
              1)
        << "told to whom it concerns";
    ActAs({one.too_low});
    const auto refused = Approving(order).status();
    EXPECT_TRUE(IsRefusal(refused, v1::PROCUREMENT_ERROR_REASON_ORDER_APPROVAL_LIMIT)) << one.quantity_milli;
    ActAs({one.enough});
    EXPECT_TRUE(Approving(order).ok()) << one.quantity_milli;
    ActAs({options::ROLE_PARTS_MANAGER});
  }
}

TEST_F(Purchasing, ApprovesTheVersionThatWasReadAndNoOther) {
  const v1::PurchaseOrder draft = AnOrder(supplier_, filter_, 1000);
  const v1::PurchaseOrder submitted = Submit(draft);
  EXPECT_TRUE(IsRefusal(Approving(draft).status(), ERROR_REASON_CHANGED_MEANWHILE));
  EXPECT_TRUE(Approving(submitted).ok());
}

TEST_F(Purchasing, ComesBackToBeCorrectedOrIsRejectedForGood) {
  v1::PurchaseOrder order = Submit(AnOrder(supplier_, filter_, 1000));
  order = Must<v1::PurchaseOrder>(On<v1::ReturnPurchaseOrderRequest>(order, "twice as many are needed"));
  EXPECT_EQ(order.state(), v1::PurchaseOrder::STATE_DRAFT);
  EXPECT_EQ(OpenDuties(kOrderApprovalDuty), 0);
  v1::RevisePurchaseOrderRequest revision = Revision(order, "");
  revision.mutable_lines(0)->set_quantity_milli(2000);
  order = Submit(Must<v1::PurchaseOrder>(revision));
  EXPECT_EQ(order.total_amount(), 2000);
  order = Must<v1::PurchaseOrder>(On<v1::RejectPurchaseOrderRequest>(order, "no money this month"));
  EXPECT_EQ(order.state(), v1::PurchaseOrder::STATE_REJECTED);
  EXPECT_TRUE(
      IsRefusal(Send<v1::PurchaseOrder>(On<v1::SubmitPurchaseOrderRequest>(order)).status(), ERROR_REASON_WRONG_STATE));
  EXPECT_EQ(Count("purchase_order_line WHERE open_milli > 0"), 0);
}

// Every command against every state it is not meant for. Handbook: P-08, G-03.
TEST_F(Purchasing, RefusesEveryTransitionTheTableDoesNotHave) {
  using State = v1::PurchaseOrder::State;
  std::map<State, v1::PurchaseOrder> orders;
  const auto at = [&](State state) { return AnOrder(supplier_, filter_, 10000 + 1000 * state); };
  orders[v1::PurchaseOrder::STATE_DRAFT] = at(v1::PurchaseOrder::STATE_DRAFT);
  orders[v1::PurchaseOrder::STATE_SUBMITTED] = Submit(at(v1::PurchaseOrder::STATE_SUBMITTED));
  orders[v1::PurchaseOrder::STATE_APPROVED] = *Approving(Submit(at(v1::PurchaseOrder::STATE_APPROVED)));
  orders[v1::PurchaseOrder::STATE_SENT] = Sent(at(v1::PurchaseOrder::STATE_SENT));
  v1::PurchaseOrder partly = Sent(at(v1::PurchaseOrder::STATE_PARTLY_RECEIVED));
  ASSERT_TRUE(Came(partly, 1000).ok());
  orders[v1::PurchaseOrder::STATE_PARTLY_RECEIVED] = OrderNow(partly);
  v1::PurchaseOrder received = Sent(at(v1::PurchaseOrder::STATE_RECEIVED));
  ASSERT_TRUE(Came(received, 99000).ok());
  orders[v1::PurchaseOrder::STATE_RECEIVED] = OrderNow(received);
  v1::PurchaseOrder closed = Sent(at(v1::PurchaseOrder::STATE_CLOSED));
  ASSERT_TRUE(Came(closed, 99000).ok());
  orders[v1::PurchaseOrder::STATE_CLOSED] = Must<v1::PurchaseOrder>(On<v1::ClosePurchaseOrderRequest>(closed));
  orders[v1::PurchaseOrder::STATE_CANCELLED] =
      Must<v1::PurchaseOrder>(On<v1::CancelPurchaseOrderRequest>(at(v1::PurchaseOrder::STATE_CANCELLED), "not needed"));
  orders[v1::PurchaseOrder::STATE_REJECTED] =
      Must<v1::PurchaseOrder>(On<v1::RejectPurchaseOrderRequest>(Submit(at(v1::PurchaseOrder::STATE_REJECTED)), "no"));

  const auto try_all = [&](const std::string& what, const std::set<State>& allowed,
                           const std::function<absl::Status(const v1::PurchaseOrder&)>& send) {
    for (const auto& [state, order] : orders) {
      if (allowed.count(state) > 0) continue;
      EXPECT_TRUE(IsRefusal(send(order), ERROR_REASON_WRONG_STATE))
          << what << " in " << v1::PurchaseOrder::State_Name(state) << ": " << send(order);
    }
  };
  using O = v1::PurchaseOrder;
  try_all("submit", {O::STATE_DRAFT},
          [&](const O& order) { return Send<O>(On<v1::SubmitPurchaseOrderRequest>(order)).status(); });
  try_all("approve", {O::STATE_SUBMITTED}, [&](const O& order) { return Approving(order).status(); });
  try_all("return", {O::STATE_SUBMITTED},
          [&](const O& order) { return Send<O>(On<v1::ReturnPurchaseOrderRequest>(order, "no")).status(); });
  try_all("reject", {O::STATE_SUBMITTED},
          [&](const O& order) { return Send<O>(On<v1::RejectPurchaseOrderRequest>(order, "no")).status(); });
  try_all("send", {O::STATE_APPROVED},
          [&](const O& order) { return Send<O>(On<v1::SendPurchaseOrderRequest>(order)).status(); });
  try_all("confirm", {O::STATE_SENT, O::STATE_PARTLY_RECEIVED},
          [&](const O& order) { return Send<O>(On<v1::ConfirmPurchaseOrderRequest>(order)).status(); });
  try_all("revise", {O::STATE_DRAFT, O::STATE_APPROVED, O::STATE_SENT, O::STATE_PARTLY_RECEIVED},
          [&](const O& order) { return Send<O>(Revision(order, "more")).status(); });
  try_all("cancel", {O::STATE_DRAFT, O::STATE_SUBMITTED, O::STATE_APPROVED, O::STATE_SENT},
          [&](const O& order) { return Send<O>(On<v1::CancelPurchaseOrderRequest>(order, "no")).status(); });
  try_all("close", {O::STATE_PARTLY_RECEIVED, O::STATE_RECEIVED},
          [&](const O& order) { return Send<O>(On<v1::ClosePurchaseOrderRequest>(order, "no")).status(); });
  try_all("receive", {O::STATE_SENT, O::STATE_PARTLY_RECEIVED}, [&](const O& order) { return Came(order, 1000); });
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Purchasing, PaysTheContractsPriceUnlessAManagerLetsMorePass) {
  AContract(Contract(supplier_, filter_, 900));
  EXPECT_EQ(AnOrder(supplier_, filter_, 1000).lines(0).unit_price_amount(), 900);
  v1::CreatePurchaseOrderRequest dear = Ordering(supplier_, filter_, 1000);
  dear.mutable_lines(0)->set_unit_price_amount(901);
  EXPECT_TRUE(IsRefusal(Send<v1::PurchaseOrder>(dear).status(), v1::PROCUREMENT_ERROR_REASON_PRICE_ABOVE_CONTRACT));
  dear.mutable_lines(0)->set_price_override_reason("steel went up");
  ActAs({options::ROLE_PARTS_CLERK});
  EXPECT_TRUE(
      IsRefusal(Send<v1::PurchaseOrder>(dear).status(), v1::PROCUREMENT_ERROR_REASON_PRICE_OVERRIDE_BY_MANAGER));
  ActAs({options::ROLE_PARTS_MANAGER});
  const auto order = Must<v1::PurchaseOrder>(dear);
  EXPECT_EQ(order.lines(0).price_override_actor(), "zhang.lei");
  Submit(order);
}

TEST_F(Purchasing, IsHeldAgainstTheContractOfTheDayItIsSubmitted) {
  const v1::PurchaseOrder order = AnOrder(supplier_, filter_, 1000);
  AContract(Contract(supplier_, filter_, 900));
  EXPECT_TRUE(IsRefusal(Send<v1::PurchaseOrder>(On<v1::SubmitPurchaseOrderRequest>(order)).status(),
                        v1::PROCUREMENT_ERROR_REASON_PRICE_ABOVE_CONTRACT));
}

TEST_F(Purchasing, LeavesTheHouseOnlyForASupplierInGoodStandingAndInTime) {
  const v1::Supplier brief = ASupplier("S2", "2026-11-23");
  AnOffer(brief, filter_, 1000);
  const v1::PurchaseOrder order = *Approving(Submit(AnOrder(brief, filter_, 1000)));
  clock_.Advance(absl::Hours(24 * 3));
  EXPECT_TRUE(IsRefusal(Send<v1::PurchaseOrder>(On<v1::SendPurchaseOrderRequest>(order)).status(),
                        v1::PROCUREMENT_ERROR_REASON_SUPPLIER_PAPER_MISSING));
  Must<v1::Supplier>(Licence(brief, "2030-01-01"));
  clock_.Advance(absl::Hours(24 * 3));
  EXPECT_TRUE(IsRefusal(Send<v1::PurchaseOrder>(On<v1::SendPurchaseOrderRequest>(order)).status(),
                        v1::PROCUREMENT_ERROR_REASON_EXPECTED_DATE_PAST));
}

// Handbook: P-08, G-03.
TEST_F(Purchasing, KeepsTheOldOrderWhenItChangesAfterItWentOut) {
  v1::PurchaseOrder order = Sent(AnOrder(supplier_, filter_, 10000));
  EXPECT_EQ(order.revision(), 1);
  v1::RevisePurchaseOrderRequest revision = Revision(order, "");
  revision.mutable_lines(0)->set_quantity_milli(12000);
  EXPECT_TRUE(IsRefusal(Send<v1::PurchaseOrder>(revision).status(), ERROR_REASON_REASON_REQUIRED));
  revision.set_reason("a recall was announced");
  auto& added = *revision.add_lines();
  added.set_part_id(filter_.part_id());
  added.set_quantity_milli(1000);
  added.set_expected_date("2026-12-24");
  order = Must<v1::PurchaseOrder>(revision);
  EXPECT_EQ(order.revision(), 2);
  EXPECT_EQ(order.total_amount(), 13000);
  EXPECT_EQ(order.lines(1).promised_date(), "2026-12-24");
  EXPECT_EQ(order.approved_amount(), 13000) << "the manager who changed it may approve that much";
  EXPECT_EQ(Events("PurchaseOrderSent"), 2) << "the supplier gets the new one";
  v1::ListPurchaseOrderRevisionsRequest list;
  list.set_filter("purchase_order_id = \"" + order.purchase_order_id() + "\"");
  const auto kept = Must<v1::ListPurchaseOrderRevisionsResponse>(list);
  ASSERT_EQ(kept.purchase_order_revisions_size(), 1);
  EXPECT_EQ(kept.purchase_order_revisions(0).purchase_order().lines(0).quantity_milli(), 10000);
  EXPECT_EQ(kept.purchase_order_revisions(0).reason(), "a recall was announced");
  revision.set_request_id(NewId());
  EXPECT_TRUE(IsRefusal(Send<v1::PurchaseOrder>(revision).status(), ERROR_REASON_CHANGED_MEANWHILE));
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Purchasing, CostsMoreThanWasApprovedOnlyByAHigherPost) {
  SetPolicy("clerk_order_limit_amount", 10000);
  SetPolicy("manager_order_limit_amount", 20000);
  v1::PurchaseOrder order = Sent(AnOrder(supplier_, filter_, 10000));
  v1::RevisePurchaseOrderRequest revision = Revision(order, "more");
  revision.mutable_lines(0)->set_quantity_milli(11000);
  ActAs({options::ROLE_PARTS_CLERK});
  EXPECT_TRUE(IsRefusal(Send<v1::PurchaseOrder>(revision).status(), v1::PROCUREMENT_ERROR_REASON_ORDER_APPROVAL_LIMIT));
  revision.mutable_lines(0)->set_quantity_milli(9000);
  order = Must<v1::PurchaseOrder>(revision);
  EXPECT_EQ(order.approved_amount(), 10000) << "less needs nobody";
  ActAs({options::ROLE_PARTS_MANAGER});
  revision = Revision(order, "more");
  revision.mutable_lines(0)->set_quantity_milli(20000);
  EXPECT_EQ(Must<v1::PurchaseOrder>(revision).approver(), "zhang.lei");
}

TEST_F(Purchasing, GivesUpTheRestWithAReasonOnly) {
  v1::PurchaseOrder order = Sent(AnOrder(supplier_, filter_, 10000));
  ASSERT_TRUE(Came(order, 4000).ok());
  EXPECT_TRUE(IsRefusal(Send<v1::PurchaseOrder>(On<v1::ClosePurchaseOrderRequest>(order)).status(),
                        ERROR_REASON_REASON_REQUIRED));
  order = Must<v1::PurchaseOrder>(On<v1::ClosePurchaseOrderRequest>(order, "discontinued"));
  EXPECT_EQ(order.lines(0).cancelled_milli(), 6000);
  EXPECT_EQ(order.total_amount(), 4000);
  EXPECT_EQ(OpenDuties(kLateOrderDuty), 0);
  EXPECT_EQ(Count("duty WHERE state = 'WAIVED' AND kind = 'purchase_order_late'"), 1) << "nobody delivered";
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

// Handbook: P-08, P-07.
TEST_F(Purchasing, FollowsTheSuppliersDatesAndMeasuresHimByOurs) {
  v1::PurchaseOrder order = Sent(AnOrder(supplier_, filter_, 10000));
  v1::ConfirmPurchaseOrderRequest confirm = On<v1::ConfirmPurchaseOrderRequest>(order);
  confirm.set_supplier_reference("SO-77");
  auto& line = *confirm.add_lines();
  line.set_purchase_order_line_id(order.lines(0).purchase_order_line_id());
  line.set_expected_date("2026-11-20");
  EXPECT_TRUE(IsRefusal(Send<v1::PurchaseOrder>(confirm).status(), v1::PROCUREMENT_ERROR_REASON_EXPECTED_DATE_PAST));
  line.set_expected_date("2026-12-03");
  order = Must<v1::PurchaseOrder>(confirm);
  EXPECT_EQ(order.expected_date(), "2026-12-03");
  EXPECT_EQ(order.lines(0).promised_date(), "2026-11-26");
  EXPECT_EQ(OpenDuties(kLateOrderDuty), 1);
  EXPECT_EQ(Count("duty WHERE state = 'OPEN' AND due_time = '2026-12-03 16:00:00'"), 1) << "midnight in Shanghai";
  confirm.mutable_lines(0)->set_purchase_order_line_id(NewId());
  EXPECT_TRUE(IsRefusal(Send<v1::PurchaseOrder>(confirm).status(), v1::PROCUREMENT_ERROR_REASON_ORDER_LINE_UNKNOWN));
  EXPECT_EQ(Figure("parts_purchase_orders_late"), 0);
  clock_.Advance(absl::Hours(24 * 13));
  EXPECT_EQ(Figure("parts_purchase_orders_late"), 1);
  ASSERT_TRUE(Came(order, 10000).ok());
  EXPECT_EQ(Figure("parts_purchase_orders_late"), 0);
}

// Handbook: R-24, P-08.
TEST_F(Purchasing, ShowsWhatIsComingAndWhen) {
  APrice(filter_, 3000);
  AnOrder(supplier_, filter_, 7000);
  EXPECT_EQ(StockOf(filter_).on_order_milli(), 0) << "a draft is nobody's promise";
  v1::CreatePurchaseOrderRequest later = Ordering(supplier_, filter_, 5000);
  later.mutable_lines(0)->set_expected_date("2026-12-20");
  Sent(Must<v1::PurchaseOrder>(later));
  const v1::PurchaseOrder sooner = Sent(AnOrder(supplier_, filter_, 3000));
  EXPECT_EQ(StockOf(filter_).on_order_milli(), 8000);
  EXPECT_EQ(StockOf(filter_).expected_date(), "2026-11-26");
  v1::LookUpPartsRequest look;
  look.add_part_numbers("F-1");
  const auto offers = Must<v1::LookUpPartsResponse>(look);
  EXPECT_EQ(offers.offers(0).on_order_milli(), 8000);
  EXPECT_EQ(chassis::FromProto(offers.offers(0).expect_time()),
            absl::FromCivil(absl::CivilHour(2026, 11, 26, 16), absl::UTCTimeZone()))
      << "in the course of the day in Shanghai";
  ASSERT_TRUE(Came(sooner, 3000).ok());
  EXPECT_EQ(StockOf(filter_).on_order_milli(), 5000);
  EXPECT_EQ(StockOf(filter_).expected_date(), "2026-12-20");
  PurchaseOrderStore store(*cipher_);
  const absl::Status read = pool_->Read(absl::InfiniteFuture(), [&](chassis::sql::Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(const auto all, store.AllOnOrder(session, kStore));
    EXPECT_EQ(all.at(filter_.part_id()).on_order_milli, 5000);
    EXPECT_EQ(all.at(filter_.part_id()).drafted_milli, 7000);
    return absl::OkStatus();
  });
  EXPECT_TRUE(read.ok()) << read;
}

// Handbook: G-01.
TEST_F(Purchasing, DoesNotExistForAnotherStore) {
  const v1::PurchaseOrder order = AnOrder(supplier_, filter_, 1000);
  using O = v1::PurchaseOrder;
  for (const absl::Status& refused :
       {SendFromOtherStore<O>(On<v1::GetPurchaseOrderRequest>(order)),
        SendFromOtherStore<O>(On<v1::SubmitPurchaseOrderRequest>(order)),
        SendFromOtherStore<O>(On<v1::ApprovePurchaseOrderRequest>(order)),
        SendFromOtherStore<O>(On<v1::CancelPurchaseOrderRequest>(order, "not mine")),
        SendFromOtherStore<O>(Revision(order, "not mine")), SendFromOtherStore<O>(Ordering(supplier_, filter_, 1000)),
        SendFromOtherStore<v1::SupplierPart>(Offer(supplier_, filter_, 1)),
        SendFromOtherStore<v1::PurchaseContract>(Contract(supplier_, filter_, 1)),
        SendFromOtherStore<v1::Supplier>(Licence(supplier_, "2030-01-01"))}) {
    EXPECT_TRUE(IsRefusal(refused, ERROR_REASON_NOT_FOUND)) << refused;
  }
  EXPECT_EQ(Count("purchase_order"), 1);
}

// Handbook: P-08.
TEST_F(Purchasing, OrdersNoMoreUnderAContractThanItAllowsHoweverManySubmitAtOnce) {
  v1::CreatePurchaseContractRequest limited = Contract(supplier_, filter_, 900);
  limited.mutable_lines(0)->set_maximum_quantity_milli(10000);
  AContract(limited);
  std::vector<v1::PurchaseOrder> drafts;
  for (int i = 0; i < 8; ++i) drafts.push_back(AnOrder(supplier_, filter_, 3000));
  std::atomic<int> submitted = 0, refused = 0;
  std::vector<std::thread> callers;
  for (const v1::PurchaseOrder& draft : drafts) {
    callers.emplace_back([&] {
      const absl::Status status = Send<v1::PurchaseOrder>(On<v1::SubmitPurchaseOrderRequest>(draft)).status();
      if (status.ok()) {
        ++submitted;
      } else if (IsRefusal(status, v1::PROCUREMENT_ERROR_REASON_CONTRACT_QUANTITY_EXCEEDED)) {
        ++refused;
      } else {
        ADD_FAILURE() << status;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(submitted, 3);
  EXPECT_EQ(refused, 5);
}

// Handbook: G-07.
TEST_F(Purchasing, AnswersARepeatedRequestWithTheSameOrder) {
  v1::CreatePurchaseOrderRequest request = Ordering(supplier_, filter_, 1000);
  request.set_request_id(NewId());
  EXPECT_EQ(Must<v1::PurchaseOrder>(request).SerializeAsString(), Must<v1::PurchaseOrder>(request).SerializeAsString());
  EXPECT_EQ(Count("purchase_order"), 1);
}

}  // namespace
}  // namespace parts
