// What parts-svc counts in its own schema for operators and managers: one statement per figure, over all stores at
// once. A statement looks at what is open, found by its state; only the stock itself is added up whole. The indicators
// of section M are the room indicators' own. docs/metrics.md says what each figure means.
#pragma once

#include <vector>

#include "chassis/telemetry/census.h"

namespace parts {

std::vector<chassis::Census::Family> Figures();

}  // namespace parts
