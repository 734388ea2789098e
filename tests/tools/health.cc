#include "tests/tools/health.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/client_unary_call.h>
#include <grpcpp/support/byte_buffer.h>

#include "chassis/client/tls.h"

namespace tools {

bool IsReady(const std::string& target, const std::string& tls_directory) {
  const auto channel = grpc::CreateChannel(target, chassis::ChannelCredentialsFrom(tls_directory));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(1));
  // HealthCheckRequest{service: "readiness"} and HealthCheckResponse{status} on the wire: one field each.
  const std::string service = "readiness";
  grpc::Slice wire(std::string("\x0a") + static_cast<char>(service.size()) + service);
  const grpc::ByteBuffer request(&wire, 1);
  grpc::ByteBuffer response;
  const grpc::internal::RpcMethod method("/grpc.health.v1.Health/Check", grpc::internal::RpcMethod::NORMAL_RPC);
  const grpc::Status status = grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(
      channel.get(), method, &context, request, &response);
  grpc::Slice answer;
  return status.ok() && response.DumpToSingleSlice(&answer).ok() && answer.size() == 2 && answer.begin()[1] == 1;
}

}  // namespace tools
