// What a part of the catalogue must be, which price is in force, and where a supersession chain leads (P-01). Pure:
// the store brings the records, the service the moment.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aftersales/parts/v1/catalogue.pb.h"

namespace parts {

namespace v1 = aftersales::parts::v1;

// Parts in the longest supersession chain.
inline constexpr int kChainLengthMax = 10;

using PartsById = std::map<std::string, v1::Part>;

// What a part may fit: either may be empty.
struct Vehicle {
  std::string model_code;
  std::string vin;
};
// Characters of a VIN before its serial number, and of the serial number.
inline constexpr int kVinPrefixLength = 11;
inline constexpr int kVinSerialLength = 6;

// Fills the defaults of a new part (step of one whole unit, no tracking).
void Complete(v1::Part& part);

// Refuses a step that does not suit the unit, a model or cross reference named twice or not at all. `at` is the path
// of the part in the request.
absl::Status CheckPart(const v1::Part& part, const std::string& at);

// `successor_chain` starts with the wanted successor and goes on to the newest part; `predecessor_count` is the length
// of the longest chain that ends in `part`. SUPERSESSION_CYCLE, SUPERSESSION_TOO_LONG.
absl::Status CheckSuccessor(const v1::Part& part, const std::vector<v1::Part>& successor_chain, int predecessor_count);

// Whether this entry names the vehicle. A run of VINs needs the VIN to be known; without one the model decides.
bool Fits(const v1::PartFitment& fitment, const Vehicle& vehicle);

// What the part is ordered in: its pack, or its step.
int64_t PackOf(const v1::Part& part);

// The part that is sold today for `part_id`, following successors within `parts`.
const v1::Part& Newest(const PartsById& parts, const std::string& part_id);

// The parts that may stand in for `part_id`, nearest first, without itself.
std::vector<std::string> Successors(const PartsById& parts, const std::string& part_id);

absl::Status CheckPriceDate(absl::Time effective_time, absl::Time now);

// "litre" for UNIT_LITRE.
std::string UnitWord(v1::Part::Unit unit);

// PART_UNKNOWN naming every one of `missing`; `fields` are the request fields that hold them, in the same order.
absl::Status UnknownParts(const std::vector<std::string>& missing, const std::vector<std::string>& fields);

// Refuses a quantity that is no multiple of the part's step (QUANTITY_STEP).
absl::Status CheckQuantity(const v1::Part& part, int64_t quantity_milli, std::string_view field);

}  // namespace parts
