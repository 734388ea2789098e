#include "chassis/documents/print/view.h"

#include <algorithm>

#include "chassis/client/methods.h"
#include "chassis/privacy/masking.h"

namespace chassis::print {

namespace options = aftersales::options::v1;

absl::Status ShowAsAllowed(Call& call, const google::protobuf::Message& request,
                           std::initializer_list<google::protobuf::Message*> documents) {
  const bool personal = std::any_of(documents.begin(), documents.end(), [](const auto* document) {
    return privacy::HoldsPersonalData(document->GetDescriptor());
  });
  if (!personal || call.CallerIs(options::ROLE_SUITE_SERVICE)) return absl::OkStatus();
  const auto* method = MethodTaking(request.GetDescriptor());
  if (method == nullptr) return absl::InternalError("no one method takes this request");
  const auto& roles = method->options().GetExtension(options::access).unmasked_roles();
  const bool clear = std::any_of(roles.begin(), roles.end(),
                                 [&](int role) { return call.CallerIs(static_cast<options::Role>(role)); });
  if (clear) {
    return call.host().RecordUnmaskedRead(call.identity().subject, call.store_id(), PathOf(method),
                                          call.actor().client);
  }
  for (google::protobuf::Message* document : documents) privacy::Mask(*document);
  return absl::OkStatus();
}

}  // namespace chassis::print
