// The part that is not in stock: ordered straight from the line that waits for it, received, billed, and there when
// the vehicle comes (P-04, P-08, P-09).
#pragma once

#include <string>

#include "aftersales/common/v1/store.pb.h"
#include "tests/demo/opening.h"
#include "tests/demo/stage.h"

namespace demo {

// `holder_id` is the document whose reservation is short of the part.
void OrderMissingPart(Stage& stage, const aftersales::common::v1::Store& store, const std::string& holder_id);

}  // namespace demo
