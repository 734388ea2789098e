// The main job: one vehicle from appointment to follow-up, through the real services. Every number printed comes from
// an answer of the suite.
#pragma once

#include <string>

#include "aftersales/common/v1/store.pb.h"
#include "tests/demo/opening.h"
#include "tests/demo/stage.h"

namespace demo {

// Plays it in `store` for a vehicle that is not in the house. Throws StepFailed at the first step that goes wrong.
void PlayMainJob(Stage& stage, const aftersales::common::v1::Store& store);

// Runs every `verify` of every service for the store; prints the table and throws when anything differs.
void VerifyAll(Stage& stage, const aftersales::common::v1::Store& store);

}  // namespace demo
