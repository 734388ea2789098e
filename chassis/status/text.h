// Debian builds abseil with a string_view of its own, which neither converts to nor from the standard one. Ours is
// the standard one everywhere; where abseil takes a view, it goes through here.
#pragma once

#include <string_view>

#include "absl/strings/string_view.h"

namespace chassis {

inline absl::string_view Absl(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view Std(absl::string_view text) { return {text.data(), text.size()}; }

}  // namespace chassis
