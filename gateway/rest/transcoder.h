// REST to RPC and back, after google/api/http.proto, knowing nothing but the descriptors: which method an HTTP request
// means, its request message as bytes, an answer's bytes as JSON. No I/O: the web door reads and writes, this decides.
//
//   ASSIGN_OR_RETURN(auto transcoder, Transcoder::Make(files, policy));
//   ASSIGN_OR_RETURN(Call call, transcoder->Find("POST", "/v1/stores/7/visits/8:check?notify=true"));
//   ASSIGN_OR_RETURN(std::string request, transcoder->Request(call, body));
//   ... the RPC call.method->path with `request` ...
//   ASSIGN_OR_RETURN(std::string json, transcoder->Answer(*call.method, answer));
//
// Refusals are those of the suite (common.v1.ErrorReason) and name the JSON path or the query parameter.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/rpc/status.pb.h"

namespace gateway::rest {

struct Policy {
  enum class UnknownFields { kRefuse, kIgnore };
  UnknownFields unknown_fields = UnknownFields::kRefuse;  // of bodies; unknown query parameters alike
  int depth_max = 64;                                     // of nested JSON values
  int64_t body_bytes_max = 1 << 20;                       // of one JSON text: a body, or one line of NDJSON
  int64_t target_bytes_max = 8192;                        // path and query as sent
};

// What the gateway must know of a method to serve it over HTTP. Lives as long as the transcoder.
struct RestMethod {
  const google::protobuf::MethodDescriptor* descriptor = nullptr;
  std::string path;  // "/aftersales.parts.v1.FormService/PrintIssue": key into Routes
  bool client_streams = false;
  bool server_streams = false;
  // From (options.v1.traffic): the answer's field that tells the position of a stream, and the request's that resumes
  // after it; nullptr when it cannot be resumed.
  const google::protobuf::FieldDescriptor* position_field = nullptr;
  const google::protobuf::FieldDescriptor* resume_field = nullptr;
  // From (options.v1.file) of the answer: it is a file, or a piece of one.
  bool is_file = false;
};

struct Binding;  // one google.api.http rule, compiled

// A request that was understood: its method, the rule it came by, what the path said.
struct Call {
  const RestMethod* method = nullptr;
  const Binding* binding = nullptr;
  struct Variable {
    std::vector<const google::protobuf::FieldDescriptor*> field;  // path from the request message
    std::string value;                                            // percent-decoded
  };
  std::vector<Variable> variables;
  std::string query;  // as sent, without the '?'
};

// The answer of a method marked as a file.
struct FilePart {
  std::string media_type;
  std::string file_name;
  std::string content;
};

class Transcoder {
 public:
  // Fails on rules that cannot be served: a malformed template, a variable or body that names no field, two rules with
  // the same path; each is named. A method without rule is not an error, it has no REST form.
  static absl::StatusOr<std::unique_ptr<Transcoder>> Make(const google::protobuf::FileDescriptorSet& files,
                                                          Policy policy);
  virtual ~Transcoder() = default;

  // `target` is the request target in origin form, with query. METHOD_UNKNOWN when nothing has this path. When the path
  // exists for other HTTP methods only, the refusal is HTTP_METHOD and AllowedMethods names them.
  virtual absl::StatusOr<Call> Find(std::string_view http_method, std::string_view target) const = 0;
  // "GET, POST" for an Allow header; empty when nothing has this path.
  virtual std::string AllowedMethods(std::string_view target) const = 0;

  // The request message: body (JSON, may be empty where the rule takes none), query and path together. For PATCH an
  // absent update_mask is derived from the body. `resume_after` (from Last-Event-ID) fills the resume field unless
  // empty.
  virtual absl::StatusOr<std::string> Request(const Call& call, std::string_view body,
                                              std::string_view resume_after = {}) const = 0;
  // One message of a client stream from one line of NDJSON; path and query are set in every message.
  virtual absl::StatusOr<std::string> RequestLine(const Call& call, std::string_view line) const = 0;

  // The answer as one line of JSON; with the rule's response_body only that field.
  virtual absl::StatusOr<std::string> Answer(const Call& call, std::string_view message) const = 0;
  // The same as a file; only for methods with is_file.
  virtual absl::StatusOr<FilePart> AnswerFile(const Call& call, std::string_view message) const = 0;
  // The value of the position field as text, "" when it has none or is not set.
  virtual std::string Position(const Call& call, std::string_view message) const = 0;

  // {"error":{"code":404,"status":"NOT_FOUND","message":"...","details":[{"@type":...}]}} (AIP-193), one line.
  virtual std::string Error(const google::rpc::Status& status) const = 0;

  virtual const std::vector<RestMethod>& methods() const = 0;
};

// google.rpc.Code to HTTP status, after google/rpc/code.proto: 3 -> 400, 16 -> 401, 8 -> 429 ...
int HttpStatusOf(int code);
// The same, but where HTTP has a word for the reason of a refusal: no such path 404, not with this method 405, Accept
// 406, request too large 413, Content-Type 415, header too large 431.
int HttpStatusOf(const google::rpc::Status& status);

}  // namespace gateway::rest
