// Which methods exist, read from the descriptor set of the whole API; the gateway has no code per RPC. Every package
// with services is a route, and each is served by the upstream configured for it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.pb.h"

namespace gateway {

struct Method {
  enum class Kind { kUnary, kClientStream, kServerStream, kBidiStream };

  std::string path;     // "/aftersales.parts.v1.ReservationService/ReserveParts"
  std::string package;  // "aftersales.parts.v1"
  std::string service;  // "aftersales.parts.v1.ReservationService"
  std::string name;     // "ReserveParts"
  Kind kind = Kind::kUnary;
  // Number of the request's `store_id`, 0 when it has none: for the access log.
  int store_field = 0;
  // Position of its package's upstream, kNoUpstream when none is configured.
  int upstream = kNoUpstream;

  static constexpr int kNoUpstream = -1;
  bool streams() const { return kind != Kind::kUnary; }
};

class Routes {
 public:
  // `upstream_packages[i]` is served by upstream i. Fails when the set holds no service, a method lacks the access
  // option (it is named), or an upstream serves a package that has no services.
  static absl::StatusOr<Routes> Make(const google::protobuf::FileDescriptorSet& files,
                                     const std::vector<std::string>& upstream_packages);
  static absl::StatusOr<Routes> FromFile(const std::string& path, const std::vector<std::string>& upstream_packages);

  // nullptr when there is no such method. Positions in methods() are stable.
  const Method* Find(std::string_view path) const;
  const std::vector<Method>& methods() const { return methods_; }
  // Packages that have services but no upstream: their methods are refused.
  std::vector<std::string> Unserved() const;

 private:
  std::vector<Method> methods_;
  absl::flat_hash_map<std::string, size_t> by_path_;
};

}  // namespace gateway
