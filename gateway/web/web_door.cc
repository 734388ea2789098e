#include "gateway/web/web_door.h"

#include <fstream>
#include <optional>

#include "absl/strings/str_cat.h"
#include "aftersales/common/v1/door_errors.pb.h"
#include "chassis/server/error_mapping.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"
#include "chassis/telemetry/log.h"
#include "gateway/openapi/page.h"
#include "gateway/web/grpc_web_dialect.h"
#include "gateway/web/http_fields.h"
#include "gateway/web/rest_dialect.h"

namespace gateway::web {
namespace {

namespace common = aftersales::common::v1;

constexpr char kPagePath[] = "/";
constexpr char kOpenApiPath[] = "/openapi.json";
// The page and its script are one file; it talks to this door only.
constexpr char kPagePolicy[] =
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

std::string ReadFile(const std::string& path) {
  if (path.empty()) return {};
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    chassis::log::Warning("the description of the API is not served", {{"file", path}});
    return {};
  }
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

RefusedFor WhyNotFound(const absl::Status& refusal) {
  return chassis::IsRefusal(refusal, common::ERROR_REASON_METHOD_UNKNOWN) ||
                 chassis::IsRefusal(refusal, common::DOOR_ERROR_REASON_HTTP_METHOD)
             ? RefusedFor::kMethodUnknown
             : RefusedFor::kMalformed;
}

}  // namespace

absl::StatusOr<std::unique_ptr<WebDoor>> WebDoor::Make(Door& door, const google::protobuf::FileDescriptorSet& files,
                                                       const Settings& settings) {
  ASSIGN_OR_RETURN(auto transcoder, rest::Transcoder::Make(files, settings.policy));
  ASSIGN_OR_RETURN(Cors cors, Cors::Make(settings.cors_origins));
  return std::unique_ptr<WebDoor>(
      new WebDoor(door, settings, std::move(transcoder), std::move(cors), ReadFile(settings.openapi_file)));
}

WebDoor::WebDoor(Door& door, const Settings& settings, std::unique_ptr<rest::Transcoder> transcoder, Cors cors,
                 std::string openapi)
    : door_(door),
      settings_(settings),
      transcoder_(std::move(transcoder)),
      cors_(std::move(cors)),
      openapi_(std::move(openapi)),
      carrier_(door, settings.keep_alive_interval) {}

Task WebDoor::Serve(Exchange& exchange) {
  const HttpRequest& request = exchange.request();
  if (request.method == "OPTIONS") return ServeOptions(exchange);
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (reads && request.Path() == kOpenApiPath && !openapi_.empty()) {
    return ServeText(exchange, openapi_, "application/json");
  }
  if (reads && request.Path() == kPagePath && !openapi_.empty()) {
    return ServeText(exchange, openapi::OpenApiPage(), "text/html; charset=utf-8");
  }
  if (request.method == "POST") {
    const std::optional<GrpcWebForm> form = GrpcWebFormOf(request.Field("content-type"));
    if (form) return ServeGrpcWeb(exchange, *form == GrpcWebForm::kText);
  }
  return ServeRest(exchange);
}

absl::StatusOr<rest::Call> WebDoor::Find(const HttpRequest& request) const {
  if (request.method != "HEAD") return transcoder_->Find(request.method, request.target);
  ASSIGN_OR_RETURN(rest::Call call, transcoder_->Find("GET", request.target));
  if (!call.method->server_streams) return call;
  return chassis::Refuse(common::DOOR_ERROR_REASON_HTTP_METHOD)
      .With("method", request.method)
      .With("allowed", transcoder_->AllowedMethods(request.target));
}

Task WebDoor::ServeRest(Exchange& exchange) {
  const HttpRequest& request = exchange.request();
  const absl::StatusOr<rest::Call> found = Find(request);
  RestDialect dialect(*transcoder_, found.ok() ? &*found : nullptr, request, settings_.policy.body_bytes_max);
  WebCall call;
  call.dialect = &dialect;
  call.fields = cors_.FieldsFor(request);
  if (found.ok()) {
    call.method = found->method->path;
  } else {
    call.refusal = found.status();
    call.refused_for = WhyNotFound(found.status());
    if (chassis::IsRefusal(found.status(), common::DOOR_ERROR_REASON_HTTP_METHOD)) {
      call.fields.emplace_back("Allow", transcoder_->AllowedMethods(request.target));
    }
  }
  Task carried = carrier_.Carry(exchange, call);
  co_await carried;
}

Task WebDoor::ServeGrpcWeb(Exchange& exchange, bool text) {
  const HttpRequest& request = exchange.request();
  GrpcWebDialect dialect(text ? GrpcWebForm::kText : GrpcWebForm::kBinary, door_.routes->Find(request.target), request,
                         door_.limits.message_bytes_max);
  WebCall call;
  call.method = request.target;
  call.dialect = &dialect;
  call.fields = cors_.FieldsFor(request);
  Task carried = carrier_.Carry(exchange, call);
  co_await carried;
}

Task WebDoor::ServeOptions(Exchange& exchange) {
  const HttpRequest& request = exchange.request();
  std::string allowed = transcoder_->AllowedMethods(request.target);
  if (allowed.empty() && door_.routes->Find(request.target) != nullptr) allowed = "POST";
  HttpAnswer answer;
  if (Cors::IsPreflight(request)) {
    // What does not exist is told to whoever calls it, not to the browser that asks for its page.
    answer = cors_.Preflight(request, allowed.empty() ? "GET, POST" : allowed);
  } else if (allowed.empty()) {
    answer.status = 404;
  } else {
    answer.status = 204;
    answer.fields = {{"Allow", allowed}};
  }
  bool sent = false;
  Task answered = exchange.Answer(std::move(answer), "", sent);
  co_await answered;
}

Task WebDoor::ServeText(Exchange& exchange, std::string_view text, std::string_view media_type) {
  HttpAnswer answer;
  answer.fields = cors_.FieldsFor(exchange.request());
  answer.fields.emplace_back("Content-Type", std::string(media_type));
  answer.fields.emplace_back("Cache-Control", "no-cache");
  answer.fields.emplace_back("X-Content-Type-Options", "nosniff");
  answer.fields.emplace_back("Referrer-Policy", "no-referrer");
  answer.fields.emplace_back("Content-Security-Policy", kPagePolicy);
  bool sent = false;
  Task answered = exchange.Answer(std::move(answer), std::string(text), sent);
  co_await answered;
}

Site::Text WebDoor::Malformed(int http_status, std::string_view why, const HttpRequest& request) {
  static_cast<void>(http_status);
  const google::rpc::Status wire = chassis::ToWire(chassis::Refuse(common::DOOR_ERROR_REASON_HTTP).With("why", why),
                                                   chassis::LanguageOf(request.Field("accept-language")), *door_.ids);
  return {"application/json", transcoder_->Error(wire)};
}

}  // namespace gateway::web
