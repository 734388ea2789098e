// google.rpc.Status has the place for everything an absl::Status holds.
#include "chassis/host/kept_status.h"

#include "absl/strings/cord.h"
#include "google/rpc/status.pb.h"

namespace chassis {

std::string StatusBytes(const absl::Status& status) {
  google::rpc::Status kept;
  kept.set_code(static_cast<int>(status.code()));
  kept.set_message(std::string(status.message()));
  status.ForEachPayload([&](absl::string_view type_url, const absl::Cord& payload) {
    google::protobuf::Any& any = *kept.add_details();
    any.set_type_url(std::string(type_url));
    any.set_value(std::string(payload));
  });
  return kept.SerializeAsString();
}

absl::Status StatusFrom(const std::string& bytes) {
  google::rpc::Status kept;
  if (!kept.ParseFromString(bytes)) return absl::InternalError("stored refusal does not parse");
  absl::Status status(static_cast<absl::StatusCode>(kept.code()), kept.message());
  for (const google::protobuf::Any& any : kept.details()) status.SetPayload(any.type_url(), absl::Cord(any.value()));
  return status;
}

}  // namespace chassis
