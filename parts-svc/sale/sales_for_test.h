// The sales rooms in a test: buyers, quotations, orders and deliveries in the language of the counter.
#pragma once

#include <string>
#include <vector>

#include "aftersales/parts/v1/buyer.pb.h"
#include "aftersales/parts/v1/receivable.pb.h"
#include "aftersales/parts/v1/sale.pb.h"
#include "aftersales/parts/v1/sales_errors.pb.h"
#include "parts-svc/parts_for_test.h"

namespace parts {

class SalesCounter : public PartsStore {
 protected:
  using Role = aftersales::options::v1::Role;

  // From here on the requests are this person's.
  void As(const std::string& subject, const std::set<Role>& roles) {
    identity_.subject = subject;
    identity_.roles = roles;
  }
  void AsClerk() { As("wang.fang", {aftersales::options::v1::ROLE_PARTS_CLERK}); }
  void AsManager() { As("zhang.lei", {aftersales::options::v1::ROLE_PARTS_MANAGER}); }
  void AsServiceManager() { As("chen.jie", {aftersales::options::v1::ROLE_SERVICE_MANAGER}); }

  void WholesalePrice(const v1::Part& part, int64_t amount) {
    v1::SetPartPriceRequest request;
    request.set_part_id(part.part_id());
    request.set_price_level(v1::PRICE_LEVEL_WHOLESALE);
    request.set_unit_price_amount(amount);
    request.set_reason("price list");
    Must<v1::PartPrice>(request);
  }
  // A part with a retail price of 100.00 and a wholesale price of 80.00, on the shelf at 50.00 each.
  v1::Part OnTheShelf(const std::string& number, int64_t pieces) {
    const v1::Part part = APart(number);
    APrice(part, 10000);
    WholesalePrice(part, 8000);
    Receive(part, pieces * 1000, pieces * 5000);
    return part;
  }

  v1::Buyer Workshop(const std::string& code) {
    v1::Buyer buyer;
    buyer.set_code(code);
    buyer.set_kind(v1::Buyer::KIND_WHOLESALE);
    buyer.set_name("浦东快修汽车服务有限公司");
    buyer.set_phone("13800138000");
    buyer.set_address("上海市浦东新区张杨路 1 号");
    buyer.set_unified_social_credit_code("91350100M000100Y43");
    buyer.set_price_level(v1::PRICE_LEVEL_WHOLESALE);
    return buyer;
  }
  v1::Buyer ABuyer(const std::string& code, int64_t credit_limit_amount = 0, int terms_days = 30) {
    v1::CreateBuyerRequest create;
    *create.mutable_buyer() = Workshop(code);
    const auto buyer = Must<v1::Buyer>(create);
    v1::SetBuyerCreditRequest credit;
    credit.set_buyer_id(buyer.buyer_id());
    credit.set_credit_limit_amount(credit_limit_amount);
    credit.set_terms_days(terms_days);
    credit.set_reason("yearly contract");
    return Must<v1::Buyer>(credit);
  }

  // Buys at retail prices with all the credit there is; answers the id.
  std::string ABuyerAtRetail() {
    v1::CreateBuyerRequest create;
    *create.mutable_buyer() = Workshop("RT");
    create.mutable_buyer()->set_price_level(v1::PRICE_LEVEL_RETAIL);
    v1::SetBuyerCreditRequest credit;
    credit.set_buyer_id(Must<v1::Buyer>(create).buyer_id());
    credit.set_credit_limit_amount(100000000);
    credit.set_reason("contract");
    return Must<v1::Buyer>(credit).buyer_id();
  }

  struct Asked {
    v1::Part part;
    int64_t pieces;
    int32_t discount_basis_points = 0;
  };
  v1::QuoteSaleRequest Asking(const std::string& buyer_id, const std::vector<Asked>& lines,
                              v1::SaleTerms terms = v1::SALE_TERMS_AT_ONCE) {
    v1::QuoteSaleRequest request;
    request.set_buyer_id(buyer_id);
    request.set_terms(terms);
    for (const Asked& one : lines) {
      auto& line = *request.add_lines();
      line.set_part_id(one.part.part_id());
      line.set_quantity_milli(one.pieces * 1000);
      line.set_discount_basis_points(one.discount_basis_points);
    }
    return request;
  }
  v1::ConfirmSaleRequest Ordering(const v1::Sale& sale) {
    v1::ConfirmSaleRequest request;
    request.set_sale_id(sale.sale_id());
    return request;
  }
  v1::Sale Order(const std::string& buyer_id, const std::vector<Asked>& lines,
                 v1::SaleTerms terms = v1::SALE_TERMS_AT_ONCE) {
    return Must<v1::Sale>(Ordering(Must<v1::Sale>(Asking(buyer_id, lines, terms))));
  }
  static aftersales::common::v1::Signature BuyerSignature() {
    aftersales::common::v1::Signature signature;
    signature.set_signer_name("赵强");
    signature.set_signer_role(aftersales::common::v1::Signature::SIGNER_ROLE_CUSTOMER);
    signature.set_method(aftersales::common::v1::Signature::AUTHORIZATION_METHOD_IN_PERSON_DIGITAL_SIGNATURE);
    signature.set_evidence("pad-1/20261121/3");
    return signature;
  }
  v1::DeliverSaleRequest Delivering(const v1::Sale& sale, int64_t pieces, int64_t paid_amount = 0, int line = 0) {
    v1::DeliverSaleRequest request;
    request.set_sale_id(sale.sale_id());
    auto& wanted = *request.add_lines();
    wanted.set_sale_line_id(sale.lines(line).sale_line_id());
    wanted.set_quantity_milli(pieces * 1000);
    if (paid_amount > 0) {
      auto& payment = *request.add_payments();
      payment.set_method(v1::COLLECTION_METHOD_CASH);
      payment.set_amount(paid_amount);
    }
    *request.mutable_buyer_signature() = BuyerSignature();
    return request;
  }
  v1::ReturnSaleGoodsRequest Returning(const v1::SaleDelivery& delivery, int64_t pieces) {
    v1::ReturnSaleGoodsRequest request;
    request.set_sale_delivery_id(delivery.sale_delivery_id());
    auto& line = *request.add_lines();
    line.set_sale_delivery_line_id(delivery.lines(0).sale_delivery_line_id());
    line.set_quantity_milli(pieces * 1000);
    request.set_reason("wrong part");
    *request.mutable_buyer_signature() = BuyerSignature();
    return request;
  }
  v1::Receivable ReceivableOf(const v1::SaleDelivery& delivery) {
    v1::GetReceivableRequest request;
    request.set_receivable_id(delivery.receivable_id());
    return Must<v1::Receivable>(request);
  }
  v1::Sale SaleOf(const v1::Sale& sale) {
    v1::GetSaleRequest request;
    request.set_sale_id(sale.sale_id());
    return Must<v1::Sale>(request);
  }
  v1::CollectReceivableRequest Paying(const v1::SaleDelivery& delivery, int64_t amount) {
    v1::CollectReceivableRequest request;
    request.set_receivable_id(delivery.receivable_id());
    request.mutable_payment()->set_method(v1::COLLECTION_METHOD_TRANSFER);
    request.mutable_payment()->set_amount(amount);
    request.mutable_payment()->set_reference("ICBC-20261121-7");
    return request;
  }
};

}  // namespace parts
