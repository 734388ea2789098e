// Finds RPCs in the program's own descriptors: by request type, by name, or all of a package. What stands here is
// what both ends of a call agree on.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace chassis {

// Every service of the package that is linked into this program, in order of name.
std::vector<const google::protobuf::ServiceDescriptor*> ServicesOf(std::string_view package);
// The one RPC that takes this request; nullptr when there is none, or several share the message.
const google::protobuf::MethodDescriptor* MethodTaking(const google::protobuf::Descriptor* request);
// "aftersales.parts.v1.ReservationService/CreateReservation"; nullptr when there is none.
const google::protobuf::MethodDescriptor* MethodNamed(std::string_view full_name);
// "/aftersales.parts.v1.ReservationService/CreateReservation", as it stands on the wire.
std::string PathOf(const google::protobuf::MethodDescriptor* method);
// A command changes something; it says so by carrying a request_id.
bool IsCommand(const google::protobuf::MethodDescriptor* method);

}  // namespace chassis
