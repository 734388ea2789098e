// The duties in numbers, per store and kind: what is open, what is late, and which share of the last 30 days was done
// in time (G-05).
#pragma once

#include <vector>

#include "chassis/telemetry/census.h"

namespace chassis {

std::vector<Census::Family> DutyFigures();

}  // namespace chassis
