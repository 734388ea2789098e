// reception-svc: what it is made of. Stores and prices, appointments, visits and the board; diagnosis, estimate,
// repair order, settlement, payment, gate pass and delivery.
#pragma once

#include "chassis/server/service.h"

namespace reception {

chassis::ServiceDefinition Definition();

}  // namespace reception
