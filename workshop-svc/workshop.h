// The workshop service as a whole: which rooms it has. main.cc runs it; tests start it in their own process.
#pragma once

#include "chassis/server/service.h"

namespace workshop {

chassis::ServiceDefinition Definition();

}  // namespace workshop
