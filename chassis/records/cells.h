// One field of a message and one cell of a row, in both directions. Everything that decides how a kind of field is
// stored stands here.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "chassis/privacy/cipher.h"
#include "chassis/records/shape.h"
#include "chassis/sql/value.h"
#include "google/protobuf/message.h"

namespace chassis::records {

absl::StatusOr<sql::Value> CellOf(const google::protobuf::Message& message, const Column& column,
                                  const privacy::Cipher& cipher);
// The cell of the blind index column beside it.
sql::Value IndexCellOf(const google::protobuf::Message& message, const Column& column, const privacy::Cipher& cipher);

absl::Status SetFrom(const sql::Value& cell, const Column& column, const privacy::Cipher& cipher,
                     google::protobuf::Message& message);

// A key part or filter operand given as text: a UUID, a number, an enum's name, a date or plain text.
// INVALID_ARGUMENT when it is not one.
absl::StatusOr<sql::Value> CellFromText(std::string_view text, const Column& column);

bool SameField(const google::protobuf::Message& a, const google::protobuf::Message& b,
               const google::protobuf::FieldDescriptor* field);

}  // namespace chassis::records
