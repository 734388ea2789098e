// The rooms of customer relations.
#pragma once

#include "chassis/server/service.h"

namespace crm {

chassis::ServiceDefinition Definition();

}  // namespace crm
