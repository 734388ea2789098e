// The one place that hashes for evidence.
#include "chassis/audit/digest.h"

#include <openssl/sha.h>

#include "absl/strings/escaping.h"

namespace chassis::audit {

std::string Sha256(std::string_view bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

std::string Hex(std::string_view bytes) {
  return absl::BytesToHexString(absl::string_view(bytes.data(), bytes.size()));
}

Digest& Digest::Add(int64_t value) {
  char raw[8];
  for (int i = 0; i < 8; ++i) raw[i] = static_cast<char>(static_cast<uint64_t>(value) >> (56 - 8 * i));
  bytes_.append(raw, sizeof(raw));
  return *this;
}

Digest& Digest::Add(std::string_view value) {
  Add(static_cast<int64_t>(value.size()));
  bytes_.append(value);
  return *this;
}

}  // namespace chassis::audit
