// Which methods exist, read from the descriptor set of the whole API; the gateway has no code per RPC. Every package
// with services is a route with a position of its own, whoever serves it at the moment.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.pb.h"

namespace gateway {

// Who goes first when not all can (options/v1/traffic.proto).
enum class Priority { kDeferrable = 0, kNormal = 1, kEssential = 2 };
inline constexpr size_t kPriorityCount = 3;
std::string_view Name(Priority priority);  // "deferrable"

// What a rate counts: what only reads, what changes something, and what nobody waits for.
enum class CallClass { kRead = 0, kWrite = 1, kReport = 2 };
inline constexpr size_t kCallClassCount = 3;
std::string_view Name(CallClass call_class);  // "read"

struct Method {
  enum class Kind { kUnary, kClientStream, kServerStream, kBidiStream };

  std::string path;     // "/aftersales.parts.v1.ReservationService/ReserveParts"
  std::string package;  // "aftersales.parts.v1"
  std::string service;  // "aftersales.parts.v1.ReservationService"
  std::string name;     // "ReserveParts"
  Kind kind = Kind::kUnary;
  // Number of the request's `store_id`, 0 when it has none: for the access log.
  int store_field = 0;
  // Position of its package in Routes::packages(): where Upstreams has the service, if it has one.
  int upstream = 0;
  Priority priority = Priority::kNormal;
  // Bound to GET, or named as what only reads: kRead. DEFERRABLE: kReport.
  CallClass call_class = CallClass::kWrite;

  bool streams() const { return kind != Kind::kUnary; }
};

class Routes {
 public:
  // Fails when the set holds no service or a method lacks the access option (it is named).
  static absl::StatusOr<Routes> Make(const google::protobuf::FileDescriptorSet& files);
  static absl::StatusOr<Routes> FromFile(const std::string& path);

  // nullptr when there is no such method. Positions in methods() are stable.
  const Method* Find(std::string_view path) const;
  const std::vector<Method>& methods() const { return methods_; }
  // All that have services, sorted. Positions are stable.
  const std::vector<std::string>& packages() const { return packages_; }

 private:
  std::vector<Method> methods_;
  std::vector<std::string> packages_;
  absl::flat_hash_map<std::string, size_t> by_path_;
};

}  // namespace gateway
