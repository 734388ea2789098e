// SHA-256 over values whose borders count: every value goes in with its length, so no two lists of values give the
// same bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace chassis::audit {

inline constexpr size_t kDigestBytes = 32;

std::string Sha256(std::string_view bytes);  // 32 bytes
std::string Hex(std::string_view bytes);

class Digest {
 public:
  Digest& Add(std::string_view value);
  Digest& Add(int64_t value);
  std::string Finish() const { return Sha256(bytes_); }

 private:
  std::string bytes_;
};

}  // namespace chassis::audit
