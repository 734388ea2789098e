// Errors are values. These two macros are the only control flow the suite hides; a refusal (see refusal.h) is
// an absl::Status like any other and travels through them.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define CHASSIS_CONCAT_INNER(a, b) a##b
#define CHASSIS_CONCAT(a, b) CHASSIS_CONCAT_INNER(a, b)

#define RETURN_IF_ERROR(expression)                                                                 \
  do {                                                                                              \
    if (absl::Status chassis_status_ = (expression); !chassis_status_.ok()) return chassis_status_; \
  } while (false)

#define ASSIGN_OR_RETURN(declaration, expression) \
  CHASSIS_ASSIGN_OR_RETURN(CHASSIS_CONCAT(chassis_or_, __LINE__), declaration, expression)
#define CHASSIS_ASSIGN_OR_RETURN(holder, declaration, expression) \
  auto holder = (expression);                                     \
  if (!holder.ok()) return std::move(holder).status();            \
  declaration = *std::move(holder)
