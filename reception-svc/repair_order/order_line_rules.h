// Lines and their prices (R-22, R-23, G-06): from what the adviser wishes to what the customer signs. Prices come from
// the price list and from parts-svc, nowhere else; a line's amounts are rounded once, totals are sums of lines.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "aftersales/parts/v1/catalogue.pb.h"
#include "aftersales/reception/v1/repair_order.pb.h"
#include "google/protobuf/repeated_field.h"
#include "reception-svc/price_list/price_list_rules.h"

namespace reception {

using LineWishes = google::protobuf::RepeatedPtrField<aftersales::reception::v1::LineWish>;
using OrderLines = google::protobuf::RepeatedPtrField<aftersales::reception::v1::RepairOrderLine>;

// What the price lists say about the things wished for.
struct PriceSources {
  PriceBook book;                                                  // the model's, at this moment
  std::map<std::string, aftersales::parts::v1::PartOffer> offers;  // by the number asked for
  int32_t labour_tax_basis_points = 0;
  std::string model_code;  // empty: fitment is not checked
};

// Each wish is one of package, operation and part; a part says where it comes from and what it is.
absl::Status CheckWishes(const LineWishes& wishes);

// Codes to load the price book for, without repeats: of wishes, and of lines that are there already.
struct ListedCodes {
  std::vector<std::string> operations;
  std::vector<std::string> packages;
};
ListedCodes CodesOf(const LineWishes& wishes);
ListedCodes CodesOf(const OrderLines& lines);

// Part numbers to look up in parts-svc, packages expanded, without repeats.
std::vector<std::string> PartNumbersOf(const LineWishes& wishes, const PriceBook& book);
std::vector<std::string> PartNumbersOf(const OrderLines& lines);

// The priced lines, PROPOSED, in the order wished. Refused: OPERATION_UNKNOWN, PACKAGE_UNKNOWN, RATE_MISSING,
// SUPPLY_SOURCE_MISMATCH, QUANTITY_STEP, PART_DOES_NOT_FIT.
absl::StatusOr<OrderLines> PriceLines(const LineWishes& wishes, const PriceSources& sources,
                                      const std::function<std::string()>& new_id);

// Gives every line the current price; one whose amounts moved is PROPOSED again. Declined lines stay as they are.
absl::Status Reprice(OrderLines& lines, const PriceSources& sources);

struct Totals {
  int64_t labour_amount = 0;  // net
  int64_t parts_amount = 0;   // net
  int64_t tax_amount = 0;
  int64_t total_amount = 0;     // gross
  int64_t customer_amount = 0;  // gross
};
// Over the lines that were not declined.
Totals TotalOf(const OrderLines& lines);

bool IsDeclined(const aftersales::reception::v1::RepairOrderLine& line);
// The part comes out of this store's stock.
bool IsStorePart(const aftersales::reception::v1::RepairOrderLine& line);
// The customer's own part, or an aftermarket one on a safety-critical position.
bool CarriesNoGuarantee(const aftersales::reception::v1::RepairOrderLine& line);
// "BRK-102" or the description: how a line is named to people.
std::string LineName(const aftersales::reception::v1::RepairOrderLine& line);

}  // namespace reception
