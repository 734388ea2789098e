// A token, before and while its signature is checked: nothing a stranger writes passes for signed, and pieces that are
// taken have one text only.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "chassis/identity/tokens.h"

namespace {

using namespace chassis::identity;

void Check(bool holds) {
  if (!holds) std::abort();
}

const Key& PublicKey() {
  static const Key* const key =
      new Key(ReadKey(nlohmann::json::parse(R"({"kty":"EC","crv":"P-256","kid":"k","alg":"ES256",
        "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})"))
                  .value());
  return *key;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view token(reinterpret_cast<const char*>(data), size);
  size_t from = 0;
  int pieces = 0;
  int well_formed = 0;
  while (from <= token.size()) {
    ++pieces;
    const size_t dot = std::min(token.find('.', from), token.size());
    if (const auto piece = Base64UrlDecode(token.substr(from, dot - from))) {
      Check(piece->size() <= (dot - from) * 3 / 4);
      ++well_formed;
      const nlohmann::json object = ParseObject(*piece);
      Check(object.is_object() || object.is_null());
      if (object.is_object()) TextIn(object, "alg");
    }
    from = dot + 1;
  }
  const nlohmann::json object = ParseObject(token);
  if (object.is_object()) (void)ReadKey(object);
  (void)ReadKeys(token, "fuzz");
  // As the verifier does: only what is well-formed reaches the library.
  if (pieces == 3 && well_formed == 3) Check(!VerifiedPayload(token, PublicKey()).has_value());
  return 0;
}
