// Hides personal data in answers (G-02), following the `privacy` options. Knows no message by name.
#pragma once

#include <string>
#include <string_view>

#include "aftersales/options/v1/options.pb.h"
#include "google/protobuf/message.h"

namespace chassis::privacy {

// True when the message type holds personal data anywhere; cached per descriptor.
bool HoldsPersonalData(const google::protobuf::Descriptor* type);
// Replaces every personal value by its masked form, in place.
void Mask(google::protobuf::Message& message);
// Removes every personal value: for audit changes, events and logs.
void Strip(google::protobuf::Message& message);
std::string Masked(std::string_view value, aftersales::options::v1::Privacy kind);

}  // namespace chassis::privacy
