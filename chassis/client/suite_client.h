// For programs that are clients of the suite and nothing else: the demo, load generators, tests. One target, usually
// the gateway; a token per call, because such a program speaks for many people.
//
//   SuiteClient suite("dns:///127.0.0.1:8443", tls_directory);
//   auto visit = suite.Call<reception::Visit>({.token = adviser}, request);
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "chassis/client/connection.h"
#include "chassis/client/methods.h"
#include "chassis/time/clock.h"

namespace chassis {

class SuiteClient {
 public:
  SuiteClient(const std::string& target, const std::string& tls_directory)
      : connection_(Connection::To("suite", target, tls_directory, sleeper_, nullptr)) {}

  // Refusals come back as statuses on which IsRefusal works.
  template <typename Response, typename Request>
  absl::StatusOr<Response> Call(const CallOptions& options, const Request& request) {
    return Named<Response>(options, MethodTaking(Request::descriptor()), request);
  }
  // For requests that every service shares: "aftersales.parts.v1.DutyService/ListDuties".
  template <typename Response, typename Request>
  absl::StatusOr<Response> CallNamed(const CallOptions& options, std::string_view method, const Request& request) {
    return Named<Response>(options, MethodNamed(method), request);
  }
  // A server stream until it ends or `take` returns false.
  template <typename Response, typename Request>
  absl::Status Watch(const CallOptions& options, const Request& request,
                     const std::function<bool(const Response&)>& take) {
    return connection_->Watch(
        MethodTaking(Request::descriptor()), options, request, Response::default_instance(),
        [&](const google::protobuf::Message& message) { return take(static_cast<const Response&>(message)); });
  }
  // A client stream: sends what `next` fills until it returns false. Ends early when the service answers early.
  template <typename Response, typename Request>
  absl::StatusOr<Response> Upload(const CallOptions& options, const std::function<bool(Request&)>& next) {
    Request request;
    Response response;
    absl::Status status = connection_->Upload(
        MethodTaking(Request::descriptor()), options,
        [&]() -> const google::protobuf::Message* {
          request.Clear();
          return next(request) ? &request : nullptr;
        },
        response);
    if (!status.ok()) return status;
    return response;
  }
  // Without types, for programs that walk all methods.
  absl::Status CallMessage(const CallOptions& options, const google::protobuf::MethodDescriptor* method,
                           const google::protobuf::Message& request, google::protobuf::Message& response) {
    return connection_->Call(method, options, request, response);
  }

 private:
  template <typename Response>
  absl::StatusOr<Response> Named(const CallOptions& options, const google::protobuf::MethodDescriptor* method,
                                 const google::protobuf::Message& request) {
    if (method == nullptr) return absl::InternalError("no one method takes this request");
    Response response;
    absl::Status status = connection_->Call(method, options, request, response);
    if (!status.ok()) return status;
    return response;
  }

  SystemSleeper sleeper_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace chassis
