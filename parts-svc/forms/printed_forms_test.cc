// The forms of buying through the whole service on its real schema: a document as it came about is printed by its RPC,
// names only for those who may read them, for nobody of another store.
#include "aftersales/parts/v1/form.pb.h"
#include "chassis/audit/digest.h"
#include "parts-svc/receiving/receiving_for_test.h"
#include "parts-svc/served_for_test.h"

namespace parts {
namespace {

constexpr char kOtherStore[] = "11111111-89ab-7def-8123-456789abcdef";

class BuyingForms : public ServedOn<ReceivingStoreForTest> {
 protected:
  BuyingForms() {
    Execute(
        "INSERT INTO store (store_id, version, code, display_name, time_zone, currency_code, settings) VALUES "
        "(UNHEX('1111111189ab7def8123456789abcdef'), 1, 'BJ01', '北京一店', 'Asia/Shanghai', 'CNY', '{}')");
    supplier_ = ASupplier();
    order_ = AnOrder(supplier_, {{filter_, 10000, 100}, {pad_, 4000, 25000}});
    // By the service itself: what is personal is sealed with its own keys.
    v1::UpdateSupplierRequest contact;
    *contact.mutable_supplier() = supplier_;
    contact.mutable_supplier()->set_contact_name("王小芳");
    contact.mutable_supplier()->set_contact_phone("13800138000");
    contact.mutable_update_mask()->add_paths("contact_name");
    contact.mutable_update_mask()->add_paths("contact_phone");
    Done<v1::Supplier>(contact);
  }

  template <typename Response, typename Request>
  absl::StatusOr<Response> Asked(Request request, const std::string& role, const std::string& store = kStore) {
    request.set_store_id(store);
    if constexpr (requires { request.set_request_id(""); }) request.set_request_id(NewId());
    return client_->Call<Response>(As(role, store), request);
  }
  template <typename Response, typename Request>
  Response Done(const Request& request, const std::string& role = "parts_manager") {
    auto response = Asked<Response>(request, role);
    EXPECT_TRUE(response.ok()) << Request::descriptor()->name() << ": " << response.status();
    return response.ok() ? *std::move(response) : Response();
  }
  template <typename Request>
  std::string Printed(Request request, const std::string& role, const std::string& number,
                      v1::FormLanguage language = v1::FORM_LANGUAGE_EN) {
    request.set_language(language);
    const auto printed = Done<v1::PrintedForm>(request, role);
    EXPECT_EQ(printed.media_type(), "text/html; charset=utf-8");
    EXPECT_EQ(printed.file_name(), number + ".html");
    return printed.content();
  }
  static void ExpectSays(const std::string& form, const std::vector<std::string>& words) {
    for (const std::string& word : words) EXPECT_NE(form.find(word), std::string::npos) << word;
  }
  static void ExpectSilent(const std::string& form, const std::vector<std::string>& words) {
    for (const std::string& word : words) EXPECT_EQ(form.find(word), std::string::npos) << word;
  }
  // Not for this post, and not for another store, whatever it asks by.
  template <typename Request>
  void ExpectWithheld(const Request& request, const std::string& denied_role) {
    EXPECT_EQ(Asked<v1::PrintedForm>(request, denied_role).status().code(), absl::StatusCode::kPermissionDenied);
    EXPECT_EQ(Asked<v1::PrintedForm>(request, "parts_manager", kOtherStore).status().code(),
              absl::StatusCode::kNotFound);
  }
  static std::string DigestOf(const aftersales::common::v1::Signature& signature) {
    return chassis::audit::Hex(signature.document_digest()).substr(0, 16);
  }
  // Two filters short and one damaged; signed through the service.
  Receipt Delivered() {
    const auto counted = Must<Receipt>(Arrival(order_, {8000, 4000}));
    auto inspection = Inspection(counted);
    Reject(inspection, counted, 0, 1000);
    Must<Receipt>(inspection);
    return Done<Receipt>(Posting(counted));
  }

  v1::Supplier supplier_;
  v1::Part filter_ = APart("F-1"), pad_ = APart("P-9");
  v1::PurchaseOrder order_;
};

// Handbook: P-08, F-18, G-02, G-11
TEST_F(BuyingForms, OrderTellsTheSupplierWhatIsWantedAndAtWhatPrice) {
  v1::PrintPurchaseOrderRequest request;
  request.set_purchase_order_id(order_.purchase_order_id());
  const std::string form = Printed(request, "parts_clerk", order_.number());
  ExpectSays(form, {"Purchase order", order_.number(), "上海一店", "上海配件公司 S1", "F-1", "P-9", "Oil filter",
                    "250.00", "1,000.00", "1,010.00", order_.expected_date(), "王小芳"});
  ExpectSays(Printed(request, "parts_clerk", order_.number(), v1::FORM_LANGUAGE_ZH_CN),
             {"采购订单", "机油滤清器", "价税合计"});
  ExpectSilent(Printed(request, "service_manager", order_.number()), {"王小芳", "13800138000"});
  ExpectWithheld(request, "cashier");
}

// Handbook: P-09, F-18, G-02, G-04, G-11
TEST_F(BuyingForms, ReceiptShowsTheCountTheDifferencesAndTheDigestOfWhatWasSigned) {
  const Receipt receipt = Delivered();
  ASSERT_EQ(receipt.differences_size(), 2);
  v1::PrintGoodsReceiptRequest request;
  request.set_goods_receipt_id(receipt.goods_receipt_id());
  const std::string form = Printed(request, "parts_manager", receipt.number());
  ExpectSays(form,
             {"Goods receipt", receipt.number(), order_.number(), "DN-1", "F-1", "A1", "short", "damaged",
              "packing broken", "differences open", "1,008.00", "王库管", DigestOf(receipt.receiver_signature())});
  ExpectSays(Printed(request, "parts_manager", receipt.number(), v1::FORM_LANGUAGE_ZH_CN),
             {"接收单", "短少", "不合格", "差异待处理"});
  ExpectSilent(Printed(request, "parts_clerk", receipt.number()), {"王库管"});
  ExpectWithheld(request, "technician");
  // Settled, the same paper says so.
  auto settle = Settling(receipt, Difference::SETTLEMENT_RETURN, 1);
  const auto settled = Done<Receipt>(settle);
  ExpectSays(Printed(request, "parts_manager", receipt.number()),
             {"returned", settled.differences(1).settlement_number(), "agreed by phone"});
}

// Handbook: P-09, F-18, G-02, G-11
TEST_F(BuyingForms, ReturnClaimsWhatTheGoodsWereBoughtForAndHidesOurCost) {
  const Receipt receipt = Delivered();
  Receive(filter_, 10000, 9000);  // so that a filter costs the store more than it paid for these
  const auto draft = Done<Return>(Returning(receipt, 2000, Return::SETTLEMENT_CREDIT_NOTE));
  Approved(draft.supplier_return_id());
  const auto shipped = Done<Return>(Shipping(draft.supplier_return_id()));
  ASSERT_EQ(shipped.cost_amount(), 1089);
  v1::PrintSupplierReturnRequest request;
  request.set_supplier_return_id(shipped.supplier_return_id());
  const std::string form = Printed(request, "parts_manager", shipped.number());
  ExpectSays(form, {"Return to supplier", shipped.number(), "上海配件公司 S1", "F-1", "A1", "credit note", "顺丰",
                    "SF1", "not selling", "2.00", "王库管", "王小芳", DigestOf(shipped.shipper_signature())});
  ExpectSilent(form, {"10.89"});
  ExpectSays(Printed(request, "parts_manager", shipped.number(), v1::FORM_LANGUAGE_ZH_CN), {"采购退货单", "开具贷项"});
  ExpectSilent(Printed(request, "cashier", shipped.number()), {"王库管", "王小芳", "13800138000"});
  ExpectWithheld(request, "technician");
}

}  // namespace
}  // namespace parts
