// How a protocol over HTTP says what gRPC says: where in a body the messages are, how messages, ends and refusals look
// in an answer. REST and gRPC-Web are dialects; the carrier (carrier.h) speaks them and knows neither. No I/O.
#pragma once

#include <grpcpp/grpcpp.h>

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "gateway/web/exchange.h"

namespace gateway::web {

class Dialect {
 public:
  virtual ~Dialect() = default;

  // What of the header does not fit the method; asked once the caller is admitted, before the body is read.
  virtual absl::Status CheckHeader() = 0;
  // A piece of the body; then Next, until it has no more.
  virtual absl::Status Feed(std::string_view piece) = 0;
  // The body is whole; Next may have one more.
  virtual absl::Status EndOfBody() = 0;
  // True: `message` is the call's next message, as bytes.
  virtual absl::StatusOr<bool> Next(std::string& message) = 0;

  // How the call ended, and what the service said of it beside.
  struct Ending {
    const grpc::Status& status;
    Fields trailers;
  };
  struct Whole {
    HttpAnswer head;
    std::string body;
  };
  // The answer to a call with one answer that went well.
  virtual absl::StatusOr<Whole> Answer(const std::string& message, const Ending& ending) = 0;
  // To one that failed before anything was sent.
  virtual Whole Failure(const Ending& ending) = 0;

  // An answer in pieces. `first` is its first message, null when there is none or it begins without.
  virtual absl::StatusOr<HttpAnswer> Begin(const std::string* first) = 0;
  virtual absl::StatusOr<std::string> Piece(const std::string& message) = 0;
  // The end, good or bad; nullopt: it can only be shown by breaking off.
  virtual std::optional<std::string> Tail(const Ending& ending) = 0;
  // Sent when a stream has been silent for long, "" when the dialect has nothing of the kind.
  virtual std::string_view KeepAlive() const { return ""; }
};

}  // namespace gateway::web
