// What the web door serves: REST by the rules of the protos, gRPC-Web by the methods' own paths, the description of
// the API and the page to read it. Which is which is decided here; the rest is the carrier's and the dialects'.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gateway/passage.h"
#include "gateway/rest/transcoder.h"
#include "gateway/web/carrier.h"
#include "gateway/web/cors.h"
#include "gateway/web/exchange.h"
#include "google/protobuf/descriptor.pb.h"

namespace gateway::web {

class WebDoor final : public Site {
 public:
  struct Settings {
    rest::Policy policy;
    std::string cors_origins;
    std::string openapi_file;  // empty or missing: not served
    absl::Duration keep_alive_interval;
  };
  // Fails on rules that cannot be served, naming them.
  static absl::StatusOr<std::unique_ptr<WebDoor>> Make(Door& door, const google::protobuf::FileDescriptorSet& files,
                                                       const Settings& settings);

  Task Serve(Exchange& exchange) override;
  Text Malformed(int http_status, std::string_view why, const HttpRequest& request) override;

 private:
  WebDoor(Door& door, const Settings& settings, std::unique_ptr<rest::Transcoder> transcoder, Cors cors,
          std::string openapi);

  Task ServeRest(Exchange& exchange);
  Task ServeGrpcWeb(Exchange& exchange, bool text);
  Task ServeOptions(Exchange& exchange);
  Task ServeText(Exchange& exchange, std::string_view text, std::string_view media_type);
  // The rule a request means; a HEAD means what GET does.
  absl::StatusOr<rest::Call> Find(const HttpRequest& request) const;

  Door& door_;
  const Settings settings_;
  const std::unique_ptr<rest::Transcoder> transcoder_;
  const Cors cors_;
  const std::string openapi_;
  Carrier carrier_;
};

}  // namespace gateway::web
