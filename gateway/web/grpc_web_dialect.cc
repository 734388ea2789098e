#include "gateway/web/grpc_web_dialect.h"

#include "absl/strings/str_cat.h"
#include "aftersales/common/v1/door_errors.pb.h"
#include "chassis/status/refusal.h"
#include "gateway/refusals.h"
#include "gateway/web/http_fields.h"

namespace gateway::web {
namespace {

absl::Status Malformed(std::string_view why) {
  return chassis::Refuse(aftersales::common::v1::DOOR_ERROR_REASON_HTTP).With("why", why);
}

// Names the service may not take over: they tell how the call ended.
bool IsOfTheEnd(std::string_view name) { return name.starts_with("grpc-"); }

}  // namespace

std::optional<GrpcWebForm> GrpcWebFormOf(std::string_view content_type) {
  const std::string type = ReadMediaType(content_type).type;
  if (type == "application/grpc-web" || type == "application/grpc-web+proto") return GrpcWebForm::kBinary;
  if (type == "application/grpc-web-text" || type == "application/grpc-web-text+proto") return GrpcWebForm::kText;
  return std::nullopt;
}

GrpcWebDialect::GrpcWebDialect(GrpcWebForm form, const Method* method, const HttpRequest& request,
                               int64_t message_bytes_max)
    : form_(form),
      method_(method),
      request_(request),
      message_bytes_max_(message_bytes_max),
      frames_(form, static_cast<size_t>(message_bytes_max)) {}

absl::Status GrpcWebDialect::CheckHeader() {
  if (method_->kind == Method::Kind::kClientStream || method_->kind == Method::Kind::kBidiStream) {
    return Malformed("gRPC-Web has no client streams");
  }
  if (request_.Count("content-type") != 1) return Malformed("more than one Content-Type");
  if (request_.Count("content-encoding") > 0) return Malformed("a gRPC-Web body is not encoded");
  return absl::OkStatus();
}

absl::Status GrpcWebDialect::Feed(std::string_view piece) {
  frames_.Feed(piece);
  return absl::OkStatus();
}

absl::Status GrpcWebDialect::EndOfBody() {
  if (frames_.why().empty() && !frames_.AtBoundary()) return Malformed("the body ends within a frame");
  return absl::OkStatus();
}

absl::StatusOr<bool> GrpcWebDialect::Next(std::string& message) {
  std::string found;
  switch (frames_.Take(found)) {
    case FrameReader::Next::kMore:
      return false;
    case FrameReader::Next::kMalformed:
      return Malformed(frames_.why());
    case FrameReader::Next::kTooLarge:
      return TooLarge({"request", "请求"}, message_bytes_max_);
    case FrameReader::Next::kMessage:
      break;
  }
  if (++messages_ > 1) return Malformed("more than one message");
  message = std::move(found);
  return true;
}

HttpAnswer GrpcWebDialect::Head() const {
  HttpAnswer head;
  head.fields = {
      {"Content-Type", form_ == GrpcWebForm::kText ? "application/grpc-web-text+proto" : "application/grpc-web+proto"}};
  return head;
}

std::string GrpcWebDialect::Trailers(const Ending& ending) const {
  const grpc::Status& status = ending.status;
  TrailerFields fields = {{"grpc-status", absl::StrCat(static_cast<int>(status.error_code()))}};
  if (!status.error_message().empty()) fields.emplace_back("grpc-message", PercentEncoded(status.error_message()));
  if (!status.error_details().empty()) {
    fields.emplace_back("grpc-status-details-bin", BinaryField(status.error_details()));
  }
  for (const auto& [name, value] : ending.trailers) {
    if (IsOfTheEnd(name)) continue;
    if (name.ends_with("-bin")) {
      fields.emplace_back(name, BinaryField(value));
    } else if (IsMetadataValue(value)) {
      fields.emplace_back(name, value);
    }
  }
  return InForm(form_, TrailerFrame(fields));
}

absl::StatusOr<Dialect::Whole> GrpcWebDialect::Answer(const std::string& message, const Ending& ending) {
  return Whole{Head(), absl::StrCat(InForm(form_, MessageFrame(message)), Trailers(ending))};
}

Dialect::Whole GrpcWebDialect::Failure(const Ending& ending) { return {Head(), Trailers(ending)}; }

absl::StatusOr<HttpAnswer> GrpcWebDialect::Begin(const std::string*) { return Head(); }

absl::StatusOr<std::string> GrpcWebDialect::Piece(const std::string& message) {
  return InForm(form_, MessageFrame(message));
}

std::optional<std::string> GrpcWebDialect::Tail(const Ending& ending) { return Trailers(ending); }

}  // namespace gateway::web
