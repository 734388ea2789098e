// The SQL of suppliers' bills.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "aftersales/parts/v1/supplier_invoice.pb.h"
#include "chassis/records/table.h"

namespace parts {

namespace v1 = aftersales::parts::v1;

class SupplierInvoiceStore {
 public:
  explicit SupplierInvoiceStore(const chassis::privacy::Cipher& cipher) : table_(cipher) {}

  // Our number of the bill that has this number of this supplier, if any.
  absl::StatusOr<std::optional<std::string>> NumberOf(chassis::sql::Session& session, const std::string& store_id,
                                                      const std::string& supplier_id,
                                                      const std::string& supplier_invoice_number);

  const chassis::records::Table<v1::SupplierInvoice>& table() const { return table_; }

 private:
  chassis::records::Table<v1::SupplierInvoice> table_;
};

}  // namespace parts
