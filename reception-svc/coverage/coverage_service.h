// The rule data of coverage as a plain catalogue.
#pragma once

#include "aftersales/reception/v1/coverage.pb.h"
#include "chassis/records/table.h"
#include "chassis/server/service.h"

namespace reception {

class CoverageService {
 public:
  explicit CoverageService(chassis::Rooms& rooms);

 private:
  chassis::records::Table<aftersales::reception::v1::CoverageRule> rules_;
};

}  // namespace reception
