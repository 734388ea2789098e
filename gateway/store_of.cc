#include "gateway/store_of.h"

#include <grpcpp/support/proto_buffer_reader.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"

namespace gateway {
namespace {

using google::protobuf::internal::WireFormatLite;

// store_id is field 1 of a request, so it comes first unless a client writes fields out of order.
constexpr int kFieldsLookedAt = 4;
constexpr uint32_t kUuidLength = 36;

bool IsUuid(const std::string& text) {
  return text.size() == kUuidLength &&
         std::all_of(text.begin(), text.end(), [](char c) { return absl::ascii_isxdigit(c) || c == '-'; });
}

}  // namespace

std::string StoreOf(const grpc::ByteBuffer& message, int number) {
  std::string store_id;
  if (number == 0) return store_id;
  grpc::ByteBuffer shared = message;  // the same bytes
  grpc::ProtoBufferReader reader(&shared);
  if (!reader.status().ok()) return store_id;
  google::protobuf::io::CodedInputStream input(&reader);
  for (int i = 0; i < kFieldsLookedAt; ++i) {
    const uint32_t tag = input.ReadTag();
    if (tag == 0) return store_id;
    if (tag != WireFormatLite::MakeTag(number, WireFormatLite::WIRETYPE_LENGTH_DELIMITED)) {
      if (!WireFormatLite::SkipField(&input, tag)) return store_id;
      continue;
    }
    uint32_t length = 0;
    if (!input.ReadVarint32(&length) || length != kUuidLength) return store_id;
    if (!input.ReadString(&store_id, kUuidLength) || !IsUuid(store_id)) store_id.clear();
    return store_id;
  }
  return store_id;
}

}  // namespace gateway
