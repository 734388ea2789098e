// The price list's tables: versions that are only added, and the changes that brought them in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aftersales/reception/v1/price_list.pb.h"
#include "chassis/records/table.h"
#include "reception-svc/price_list/price_list_rules.h"

namespace reception {

class PriceListStore {
 public:
  explicit PriceListStore(const chassis::privacy::Cipher& cipher)
      : changes(cipher), operations(cipher), rates(cipher), packages(cipher) {}

  // The price book of a model for these codes: their versions up to `now`, the operations of the packages included,
  // and all rates. At most three queries. Unknown codes show when the book is asked for them.
  absl::StatusOr<PriceBook> Load(chassis::sql::Session& session, const std::string& store_id,
                                 const std::string& model_code, absl::Time now,
                                 std::vector<std::string> operation_codes,
                                 const std::vector<std::string>& package_codes) const;

  // For the public list: the next `limit` operation codes after `after`, in order.
  absl::StatusOr<std::vector<std::string>> OperationCodes(chassis::sql::Session& session, const std::string& store_id,
                                                          absl::Time now, std::string_view after, int limit) const;
  // The codes of all packages up to `now`.
  absl::StatusOr<std::vector<std::string>> PackageCodes(chassis::sql::Session& session, const std::string& store_id,
                                                        absl::Time now) const;
  // Which of these operation codes no version at all exists for.
  absl::StatusOr<std::vector<std::string>> UnknownOperations(chassis::sql::Session& session,
                                                             const std::string& store_id,
                                                             const std::vector<std::string>& codes) const;

  chassis::records::Table<aftersales::reception::v1::PriceChange> changes;
  chassis::records::Table<aftersales::reception::v1::LabourOperation> operations;
  chassis::records::Table<aftersales::reception::v1::LabourRate> rates;
  chassis::records::Table<aftersales::reception::v1::ServicePackage> packages;
};

}  // namespace reception
