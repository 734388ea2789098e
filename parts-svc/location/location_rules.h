// Which locations people may make and change (P-02).
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "aftersales/parts/v1/location.pb.h"

namespace parts {

namespace v1 = aftersales::parts::v1;

// What lies in a bin, or lay there: its ledger is read by what kind of bin it is.
enum class Content { kNeverUsed, kEmptied, kHoldsStock };

// BIN_FROZEN, at the request field that names the location.
absl::Status Frozen(const v1::Location& location, std::string_view field);

// Refuses kinds of outside accounts, a consignment account without its station, working stock without its technician, a
// bin without a warehouse.
absl::Status CheckNewLocation(const v1::Location& location);
// The same, and a bin that holds stock keeps its kind, holder and station and stays open; one that ever held some does
// not begin or end to be for old parts or for goods in transit (LOCATION_WAS_USED), because that would change what its
// old movements mean; a frozen one is not changed.
absl::Status CheckChangedLocation(const v1::Location& before, const v1::Location& after, Content content);

// An outside account has the same id wherever it is needed, so nothing must look it up.
std::string AccountId(const std::string& store_id, v1::Location::Kind kind);
v1::Location Account(const std::string& store_id, v1::Location::Kind kind);

}  // namespace parts
