// Diagnosis reports in the database.
#pragma once

#include "aftersales/reception/v1/diagnosis.pb.h"
#include "chassis/records/table.h"

namespace reception {

using DiagnosisTable = chassis::records::Table<aftersales::reception::v1::Diagnosis>;

}  // namespace reception
