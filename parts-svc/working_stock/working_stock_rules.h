// Whose working stock a bin is (P-05), and the note of what was carried. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "aftersales/parts/v1/issue.pb.h"
#include "aftersales/parts/v1/location.pb.h"
#include "aftersales/parts/v1/working_stock.pb.h"

namespace parts {

namespace v1 = aftersales::parts::v1;

// NOT_HIS_WORKING_STOCK, at `field`.
absl::Status CheckHolder(const v1::Location& place, const std::string& technician, const std::string& field);

void NoteGoods(const std::vector<v1::IssueLine>& lines, v1::WorkingStockNote& note);

}  // namespace parts
