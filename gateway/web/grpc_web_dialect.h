// gRPC-Web as a dialect, binary and text: unary calls and server streams, as browsers can make them. The HTTP status is
// always 200; how a call ended stands in the trailers at the end of the body.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/routes.h"
#include "gateway/web/dialect.h"
#include "gateway/web/grpc_web.h"

namespace gateway::web {

// Of a content type; nullopt when it is no gRPC-Web with protobuf.
std::optional<GrpcWebForm> GrpcWebFormOf(std::string_view content_type);

class GrpcWebDialect final : public Dialect {
 public:
  // `method` null: unknown, only Failure is asked. `request` outlives it.
  GrpcWebDialect(GrpcWebForm form, const Method* method, const HttpRequest& request, int64_t message_bytes_max);

  absl::Status CheckHeader() override;
  absl::Status Feed(std::string_view piece) override;
  absl::Status EndOfBody() override;
  absl::StatusOr<bool> Next(std::string& message) override;
  absl::StatusOr<Whole> Answer(const std::string& message, const Ending& ending) override;
  Whole Failure(const Ending& ending) override;
  absl::StatusOr<HttpAnswer> Begin(const std::string* first) override;
  absl::StatusOr<std::string> Piece(const std::string& message) override;
  std::optional<std::string> Tail(const Ending& ending) override;

 private:
  HttpAnswer Head() const;
  std::string Trailers(const Ending& ending) const;

  const GrpcWebForm form_;
  const Method* const method_;
  const HttpRequest& request_;
  const int64_t message_bytes_max_;
  FrameReader frames_;
  int messages_ = 0;
};

}  // namespace gateway::web
