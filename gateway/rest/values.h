// One value of one field, from text or from a JSON scalar to its wire bytes, after the JSON mapping of proto3. Shared
// by path variables, query parameters and JSON bodies, so that a number is a number everywhere in the same way.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/rest/text.h"
#include "gateway/rest/wire.h"
#include "google/protobuf/descriptor.h"

namespace gateway::rest {

// A scalar as JSON writes it. Text from paths and queries is kText: it takes the form the field has in JSON, without
// quotes.
struct Scalar {
  enum class Kind { kNull, kTrue, kFalse, kNumber, kString, kText };
  Kind kind = Kind::kNull;
  std::string_view text;  // of kNumber as written, of kString decoded, of kText
};

// Messages that stand in JSON as one scalar: Timestamp, Duration, FieldMask and the wrappers.
bool IsScalarMessage(const google::protobuf::Descriptor& message);
// Messages whose form in JSON is not that of their fields: those, and Any, Struct, Value, ListValue.
bool HasOwnJson(const google::protobuf::Descriptor& message);

// Writes one value of `field` (not its tag if it is a group or map, which have no scalar form) under `number`; of a
// repeated field one element. `kNull` is wrong here: what it means depends on where it stands.
[[nodiscard]] std::optional<Wrong> WriteScalar(int number, const google::protobuf::FieldDescriptor& field,
                                               const Scalar& scalar, WireWriter& wire);
// The content of a message with IsScalarMessage, without tag and length.
[[nodiscard]] std::optional<Wrong> WriteScalarContent(const google::protobuf::Descriptor& message, const Scalar& scalar,
                                                      WireWriter& wire);

// A field by either of its names: "store_id" or "storeId". nullptr when there is none.
const google::protobuf::FieldDescriptor* FieldNamed(const google::protobuf::Descriptor& message,
                                                    const std::string& name);

// The text of a scalar field of `number` in a message's bytes, as a path or query would carry it; "" when it is not
// set. Only for integers, booleans, enums (their number) and strings.
std::string TextOfField(const google::protobuf::FieldDescriptor& field, std::string_view message);

}  // namespace gateway::rest
