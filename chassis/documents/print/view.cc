#include "chassis/documents/print/view.h"

#include <algorithm>

#include "chassis/client/methods.h"
#include "chassis/privacy/masking.h"

namespace chassis::print {

namespace options = aftersales::options::v1;

absl::Status ShowAsAllowed(Call& call, const google::protobuf::Message& request, google::protobuf::Message& document) {
  if (!privacy::HoldsPersonalData(document.GetDescriptor())) return absl::OkStatus();
  const auto* method = MethodTaking(request.GetDescriptor());
  if (method == nullptr) return absl::InternalError("no one method takes this request");
  if (call.CallerIs(options::ROLE_SUITE_SERVICE)) return absl::OkStatus();
  const auto& roles = method->options().GetExtension(options::access).unmasked_roles();
  const bool clear = std::any_of(roles.begin(), roles.end(),
                                 [&](int role) { return call.CallerIs(static_cast<options::Role>(role)); });
  if (clear) {
    return call.host().RecordUnmaskedRead(call.identity().subject, call.store_id(), PathOf(method),
                                          call.actor().client);
  }
  privacy::Mask(document);
  return absl::OkStatus();
}

}  // namespace chassis::print
