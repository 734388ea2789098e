// A gRPC-Web body in both forms: however it is cut into pieces, the same messages come out, none larger than allowed.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/web/grpc_web.h"

namespace {

using namespace gateway::web;

constexpr size_t kMessageBytesMax = 100;

void Check(bool holds) {
  if (!holds) std::abort();
}

struct Outcome {
  std::vector<std::string> messages;
  FrameReader::Next end = FrameReader::Next::kMore;
  bool at_boundary = false;

  bool operator==(const Outcome& other) const {
    return messages == other.messages && end == other.end && at_boundary == other.at_boundary;
  }
};

Outcome Read(GrpcWebForm form, std::string_view body, size_t piece_size) {
  FrameReader reader(form, kMessageBytesMax);
  Outcome outcome;
  for (size_t from = 0; from < body.size() && outcome.end == FrameReader::Next::kMore; from += piece_size) {
    reader.Feed(body.substr(from, piece_size));
    std::string message;
    while ((outcome.end = reader.Take(message)) == FrameReader::Next::kMessage) {
      Check(message.size() <= kMessageBytesMax);
      outcome.messages.push_back(message);
    }
  }
  outcome.at_boundary = reader.AtBoundary();
  if (outcome.end == FrameReader::Next::kMalformed) Check(!reader.why().empty());
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const size_t piece_size = data[0] % 16 + 1;
  const std::string_view body(reinterpret_cast<const char*>(data + 1), size - 1);
  const Outcome whole = Read(GrpcWebForm::kBinary, body, body.size() + 1);
  Check(Read(GrpcWebForm::kBinary, body, piece_size) == whole);
  const Outcome text = Read(GrpcWebForm::kText, body, body.size() + 1);
  const Outcome pieces = Read(GrpcWebForm::kText, body, piece_size);
  // Whether a body is broken further on shows earlier when it comes at once; what it held before is the same.
  if (text.end == FrameReader::Next::kMore) Check(pieces == text);

  // What the gateway writes, a reader takes.
  const std::string frame = InForm(GrpcWebForm::kText, MessageFrame(body.substr(0, kMessageBytesMax)));
  const Outcome echoed = Read(GrpcWebForm::kText, frame, piece_size);
  Check(echoed.messages.size() == 1 && echoed.messages[0] == body.substr(0, kMessageBytesMax));
  std::string bytes;
  Check(FromBinaryField(BinaryField(body), bytes) && bytes == body);
  FromBinaryField(body, bytes);
  return 0;
}
