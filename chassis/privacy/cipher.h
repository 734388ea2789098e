// Personal data at rest (G-13): AES-256-GCM under a data key named by id, so keys rotate without rewriting
// anything at once; exact search through a keyed hash (blind index) with a key of its own that does not rotate.
//
// The key file is JSON: {"current":"2026-11","keys":{"2026-11":"<base64 32 bytes>", ...},"index":"<base64>"}, and may
// say when keys were made, for whoever watches their age: "create_time":{"2026-11":"2026-11-01T08:00:00Z", ...}.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace chassis::privacy {

class Cipher {
 public:
  virtual ~Cipher() = default;
  // `place` ("customer.name") is authenticated with the text: a value moved to another column does not open.
  virtual std::string Seal(std::string_view plain, std::string_view place) const = 0;
  virtual absl::StatusOr<std::string> Open(std::string_view sealed, std::string_view place) const = 0;
  // True when `sealed` was made with an older key, which must therefore stay in the key file: a value is sealed anew
  // only when its record is next written.
  virtual bool IsStale(std::string_view sealed) const = 0;
  // 32 bytes; equal for equal normalised values of one place.
  virtual std::string BlindIndex(std::string_view plain, std::string_view place) const = 0;
  // When the current key was made, where the key file says so.
  virtual std::optional<absl::Time> KeyCreateTime() const { return std::nullopt; }
};

absl::StatusOr<std::unique_ptr<Cipher>> LoadCipher(const std::string& key_file);
std::unique_ptr<Cipher> CipherForTest();

}  // namespace chassis::privacy
