// REST as a dialect: JSON bodies, NDJSON streams in both directions, server-sent events, files as themselves, errors
// after AIP-193. What is JSON and what a message is the Transcoder's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/rest/transcoder.h"
#include "gateway/web/dialect.h"
#include "google/rpc/status.pb.h"

namespace gateway::web {

// A grpc::Status with its details.
google::rpc::Status WireOf(const grpc::Status& status);
// Status, Retry-After, WWW-Authenticate and Content-Language of a refusal.
HttpAnswer RefusalHead(const google::rpc::Status& status);

class RestDialect final : public Dialect {
 public:
  // `call` null: the request was not understood, and only Failure is asked. `request` outlives it.
  RestDialect(const rest::Transcoder& transcoder, const rest::Call* call, const HttpRequest& request,
              int64_t body_bytes_max);

  absl::Status CheckHeader() override;
  absl::Status Feed(std::string_view piece) override;
  absl::Status EndOfBody() override;
  absl::StatusOr<bool> Next(std::string& message) override;
  absl::StatusOr<Whole> Answer(const std::string& message, const Ending& ending) override;
  Whole Failure(const Ending& ending) override;
  absl::StatusOr<HttpAnswer> Begin(const std::string* first) override;
  absl::StatusOr<std::string> Piece(const std::string& message) override;
  std::optional<std::string> Tail(const Ending& ending) override;
  std::string_view KeepAlive() const override;

 private:
  enum class Form { kJson, kLines, kEvents, kFile };
  absl::Status ChooseForm();
  absl::Status CheckContentType() const;
  bool lines_in() const { return call_->method->client_streams; }
  Fields FileFields(const rest::FilePart& part) const;

  const rest::Transcoder& transcoder_;
  const rest::Call* const call_;
  const HttpRequest& request_;
  const int64_t body_bytes_max_;
  Form form_ = Form::kJson;
  std::string body_;  // whole, or of lines what is not cut yet
  size_t cut_ = 0;
  bool ended_ = false;
  bool given_ = false;
};

}  // namespace gateway::web
