// gRPC-Web on the wire: a body of frames (one byte of flags, four of length, the message), in text form all of it in
// base64, and at the end of an answer a frame with the trailers. Only bytes: no sockets, no calls.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gateway::web {

enum class GrpcWebForm { kBinary, kText };

// Cuts a request's body into messages. Feed what came, then Take until it needs more; what it holds is bounded by one
// message and one piece.
class FrameReader {
 public:
  enum class Next { kMessage, kMore, kMalformed, kTooLarge };

  // `message_bytes_max` of one message.
  FrameReader(GrpcWebForm form, size_t message_bytes_max) : form_(form), message_bytes_max_(message_bytes_max) {}

  void Feed(std::string_view piece);
  // After kMalformed (why() says what is wrong) and kTooLarge nothing else comes.
  Next Take(std::string& message);
  // May the body end here?
  bool AtBoundary() const { return !broken_ && bytes_.size() == taken_ && encoded_.empty(); }
  std::string_view why() const { return why_; }

 private:
  Next Broken(std::string_view why);
  void Decode(std::string_view piece);

  const GrpcWebForm form_;
  const size_t message_bytes_max_;
  std::string encoded_;  // text form: less than one group of four
  std::string bytes_;
  size_t taken_ = 0;
  bool broken_ = false;
  std::string_view why_;
};

using TrailerFields = std::vector<std::pair<std::string, std::string>>;

std::string MessageFrame(std::string_view message);
// Names in lower case; what would break a line is left out of values.
std::string TrailerFrame(const TrailerFields& trailers);
// In text form each piece is padded by itself.
std::string InForm(GrpcWebForm form, std::string bytes);

// As grpc-message goes: everything but printable ASCII, and '%' itself, as %XX.
std::string PercentEncoded(std::string_view text);
// Base64 without padding, as grpc-status-details-bin and other -bin values go.
std::string BinaryField(std::string_view bytes);
// The other way, padded or not; false when it is no base64.
bool FromBinaryField(std::string_view text, std::string& bytes);

}  // namespace gateway::web
