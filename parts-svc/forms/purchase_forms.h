// The papers of buying: purchase order, goods receipt, return to the supplier. Pure: a document and its facts in, a
// form out.
#pragma once

#include "aftersales/parts/v1/purchase_order.pb.h"
#include "aftersales/parts/v1/receiving.pb.h"
#include "aftersales/parts/v1/supplier.pb.h"
#include "aftersales/parts/v1/supplier_return.pb.h"
#include "parts-svc/forms/form_words.h"

namespace parts {

// 采购订单 (P-08), as the supplier gets it.
chassis::print::Form PurchaseOrderForm(const aftersales::common::v1::Store& store, std::string_view language,
                                       const v1::PurchaseOrder& order, const v1::Supplier& supplier,
                                       const FormFacts& facts);
// 接收单 (P-09).
chassis::print::Form GoodsReceiptForm(const aftersales::common::v1::Store& store, std::string_view language,
                                      const v1::GoodsReceipt& receipt, const FormFacts& facts);
// 采购退货单 (P-09), as it goes with the goods: what is claimed, not what they cost us.
chassis::print::Form SupplierReturnForm(const aftersales::common::v1::Store& store, std::string_view language,
                                        const v1::SupplierReturn& goods, const v1::Supplier& supplier,
                                        const FormFacts& facts);

}  // namespace parts
