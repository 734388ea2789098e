// Reads a request's store_id for the access log, without knowing the request's type.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <string>

namespace gateway {

// The value of string field `number` if it has the shape of a UUID, otherwise empty: what a client writes where an id
// belongs does not get into a log.
std::string StoreOf(const grpc::ByteBuffer& message, int number);

}  // namespace gateway
