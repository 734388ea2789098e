// The room of the figures: it has no RPC, the census counts them and the metrics door shows them.
#pragma once

#include "chassis/server/service.h"

namespace parts {

class FiguresService {
 public:
  explicit FiguresService(chassis::Rooms& rooms);
};

}  // namespace parts
