// The SQL of supplier returns.
#pragma once

#include "aftersales/parts/v1/supplier_return.pb.h"
#include "chassis/records/table.h"

namespace parts {

namespace v1 = aftersales::parts::v1;

class SupplierReturnStore {
 public:
  explicit SupplierReturnStore(const chassis::privacy::Cipher& cipher) : table_(cipher) {}

  const chassis::records::Table<v1::SupplierReturn>& table() const { return table_; }

 private:
  chassis::records::Table<v1::SupplierReturn> table_;
};

}  // namespace parts
