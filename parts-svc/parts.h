// parts-svc as a whole: which rooms it has. main.cc runs it; tests start it in-process.
#pragma once

#include "chassis/server/service.h"

namespace parts {

chassis::ServiceDefinition Definition();

}  // namespace parts
