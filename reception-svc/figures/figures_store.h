// What reception counts in its own schema for operators and managers: one statement per figure, over all stores at
// once. A statement looks at what is open, found by its state, or at the last 30 days, found by a time; it never reads
// the years before. docs/metrics.md says what each figure means.
#pragma once

#include <vector>

#include "chassis/telemetry/census.h"

namespace reception {

// Every figure of the service, in the order a vehicle meets them.
std::vector<chassis::Census::Family> Figures();

}  // namespace reception
