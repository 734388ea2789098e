// The standard methods (AIP-131..134) of one resource, from its descriptor and its table: what Get, List, Create and
// Update mean is written here once for every record of the suite. Their requests are described in rpcs.h.
#pragma once

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "chassis/records/table.h"
#include "chassis/server/call.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace chassis {

class StandardMethods {
 public:
  using Check = std::function<absl::Status(UnitOfWork&, const google::protobuf::Message* before,
                                           google::protobuf::Message& after)>;
  using Handler =
      std::function<absl::Status(Call&, const google::protobuf::Message& request, google::protobuf::Message& response)>;

  StandardMethods(const google::protobuf::Descriptor* resource, const records::TableMapper& table, Check check);

  // What serves this method, or null when it is none of the resource's standard methods.
  Handler HandlerOf(const google::protobuf::MethodDescriptor* method) const;

 private:
  struct Resource;
  std::shared_ptr<const Resource> resource_;
};

// True for fields only the service writes: output_only, and the state, which only custom methods move.
bool IsOutputOnly(const google::protobuf::FieldDescriptor* field);
// True when the field is part of its message's primary key.
bool IsKey(const google::protobuf::FieldDescriptor* field);

}  // namespace chassis
