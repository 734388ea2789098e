// For what can only be wrong by our own defect: says where and why, and ends the program. What a caller or the
// world can get wrong is a status, never this.
#pragma once

#include <cstdio>
#include <cstdlib>

#define CHASSIS_CHECK(condition, why)                                                            \
  do {                                                                                           \
    if (!(condition)) [[unlikely]] {                                                             \
      ::std::fprintf(stderr, "%s:%d: defect: %s [%s]\n", __FILE__, __LINE__, (why), #condition); \
      ::std::abort();                                                                            \
    }                                                                                            \
  } while (false)
