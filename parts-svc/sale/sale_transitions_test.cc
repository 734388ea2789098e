// Every command on a sale and its receivable in every state: what the transition table does not allow is refused.
#include <set>

#include "parts-svc/sale/sales_for_test.h"
#include "parts-svc/transitions_for_test.h"

namespace parts {
namespace {

class SaleStates : public TransitionsOf<SalesCounter> {};

// Handbook: P-12
TEST_F(SaleStates, AllowNoCommandOutOfTurn) {
  const v1::Part filter = OnTheShelf("F-1", 10);
  const auto sale = Must<v1::Sale>(Asking("", {{filter, 1}}));
  v1::RequoteSaleRequest requote;
  requote.set_sale_id(sale.sale_id());
  requote.add_lines()->set_part_id(filter.part_id());
  requote.mutable_lines(0)->set_quantity_milli(1000);
  v1::DecideSaleDiscountRequest decide;
  decide.set_sale_id(sale.sale_id());
  decide.set_decision(v1::DecideSaleDiscountRequest::DECISION_APPROVE);
  decide.set_reason("why not");
  v1::HoldSaleRequest hold;
  hold.set_sale_id(sale.sale_id());
  v1::CancelSaleRequest cancel;
  cancel.set_sale_id(sale.sale_id());
  cancel.set_reason("no more");
  v1::CloseSaleRequest close;
  close.set_sale_id(sale.sale_id());
  close.set_reason("enough");
  const std::set<int> ordered = {v1::Sale::STATE_CONFIRMED, v1::Sale::STATE_PARTLY_DELIVERED};
  ExpectRefusedElsewhere(
      "sale", v1::Sale::State_descriptor(),
      {{"requote",
        {{v1::Sale::STATE_QUOTED, v1::Sale::STATE_EXPIRED}, [&] { return Send<v1::Sale>(requote).status(); }}},
       {"decide", {{v1::Sale::STATE_QUOTED}, [&] { return Send<v1::Sale>(decide).status(); }}},
       {"confirm", {{v1::Sale::STATE_QUOTED}, [&] { return Send<v1::Sale>(Ordering(sale)).status(); }}},
       {"hold", {ordered, [&] { return Send<v1::Sale>(hold).status(); }}},
       {"deliver", {ordered, [&] { return Send<v1::SaleDelivery>(Delivering(sale, 1, 11300)).status(); }}},
       {"cancel",
        {{v1::Sale::STATE_QUOTED, v1::Sale::STATE_CONFIRMED}, [&] { return Send<v1::Sale>(cancel).status(); }}},
       {"close", {{v1::Sale::STATE_PARTLY_DELIVERED, v1::Sale::STATE_DELIVERED}, [&] {
                    return Send<v1::Sale>(close).status();
                  }}}});
}

TEST_F(SaleStates, OfAReceivableLetMoneyInOnlyWhileItIsOpen) {
  const v1::Part filter = OnTheShelf("F-1", 10);
  const v1::Buyer buyer = ABuyer("KX", 10000000);
  const auto note =
      Must<v1::SaleDelivery>(Delivering(Order(buyer.buyer_id(), {{filter, 1}}, v1::SALE_TERMS_ON_ACCOUNT), 1));
  v1::WriteOffReceivableRequest write_off;
  write_off.set_receivable_id(note.receivable_id());
  write_off.set_reason("bankrupt");
  ExpectRefusedElsewhere(
      "sales_receivable", v1::Receivable::State_descriptor(),
      {{"collect", {{v1::Receivable::STATE_OPEN}, [&] { return Send<v1::Receivable>(Paying(note, 1)).status(); }}},
       {"write off", {{v1::Receivable::STATE_OPEN}, [&] { return Send<v1::Receivable>(write_off).status(); }}}});
}

}  // namespace
}  // namespace parts
