// What customer relations counts in its own schema for operators and managers: one statement per figure, over all
// stores at once. A statement looks at what is open, found by its state, or at the last 30 days, found by a time; only
// the numbers of customers and vehicles read an index from end to end. docs/metrics.md says what each figure means.
#pragma once

#include <vector>

#include "chassis/telemetry/census.h"

namespace crm {

// Every figure of the service.
std::vector<chassis::Census::Family> Figures();

}  // namespace crm
