// Reads what is printed: documents of the other rooms as they stand, and the parts and bins they name.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "aftersales/parts/v1/issue.pb.h"
#include "aftersales/parts/v1/purchase_order.pb.h"
#include "aftersales/parts/v1/receiving.pb.h"
#include "aftersales/parts/v1/stocktake.pb.h"
#include "aftersales/parts/v1/supplier.pb.h"
#include "aftersales/parts/v1/supplier_return.pb.h"
#include "aftersales/parts/v1/transfer.pb.h"
#include "chassis/records/table.h"
#include "parts-svc/catalogue/catalogue_store.h"
#include "parts-svc/forms/form_words.h"
#include "parts-svc/location/location_store.h"
#include "parts-svc/reservation/reservation_store.h"

namespace parts {

class FormStore {
 public:
  explicit FormStore(const chassis::privacy::Cipher& cipher);

  // Parts and bins of these records: every `part_id` and `location_id` in them.
  template <typename Lines>
  absl::StatusOr<FormFacts> FactsOf(chassis::sql::Session& session, const std::string& store_id, const Lines& lines) {
    std::vector<std::string> part_ids, location_ids;
    for (const auto& line : lines) {
      part_ids.push_back(line.part_id());
      if constexpr (requires { line.location_id(); }) {
        if (!line.location_id().empty()) location_ids.push_back(line.location_id());
      }
    }
    return Facts(session, store_id, std::move(part_ids), std::move(location_ids));
  }

  // How people call the order; "" when no reservation of it tells.
  absl::StatusOr<std::string> OrderNumber(chassis::sql::Session& session, const std::string& store_id,
                                          const std::string& order_id);
  enum class Lines { kAll, kToBeCountedAgain };
  // In the order of the sheet; `location_ids` empty means every bin. At most `count_max`.
  absl::StatusOr<std::vector<v1::StocktakeLine>> CountLines(chassis::sql::Session& session, const std::string& store_id,
                                                            const std::string& stocktake_id, Lines which,
                                                            const std::vector<std::string>& location_ids,
                                                            int64_t count_max);

  const chassis::records::Table<v1::Issue> issues;
  const chassis::records::Table<v1::GoodsReceipt> goods_receipts;
  const chassis::records::Table<v1::PurchaseOrder> purchase_orders;
  const chassis::records::Table<v1::Supplier> suppliers;
  const chassis::records::Table<v1::SupplierReturn> supplier_returns;
  const chassis::records::Table<v1::Transfer> transfers;
  const chassis::records::Table<v1::Stocktake> stocktakes;

 private:
  absl::StatusOr<FormFacts> Facts(chassis::sql::Session& session, const std::string& store_id,
                                  std::vector<std::string> part_ids, std::vector<std::string> location_ids);

  CatalogueStore catalogue_;
  LocationStore locations_;
  ReservationStore reservations_;
  chassis::records::Table<v1::StocktakeLine> stocktake_lines_;
};

}  // namespace parts
