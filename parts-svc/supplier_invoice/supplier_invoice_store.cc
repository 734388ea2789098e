// The SQL of suppliers' bills; see supplier_invoice_store.h.
#include "parts-svc/supplier_invoice/supplier_invoice_store.h"

namespace parts {

using chassis::sql::Rows;
using chassis::sql::Uuid;

absl::StatusOr<std::optional<std::string>> SupplierInvoiceStore::NumberOf(chassis::sql::Session& session,
                                                                          const std::string& store_id,
                                                                          const std::string& supplier_id,
                                                                          const std::string& supplier_invoice_number) {
  ASSIGN_OR_RETURN(const Rows rows,
                   session.Query("SELECT number FROM supplier_invoice WHERE store_id = ? AND supplier_id = ? AND "
                                 "supplier_invoice_number = ?",
                                 Uuid{store_id}, Uuid{supplier_id}, supplier_invoice_number));
  if (rows.empty()) return std::optional<std::string>();
  return std::optional<std::string>(rows[0].Text("number"));
}

}  // namespace parts
