// Why calls are refused: the enum values with (options.v1.text), found by the names comments use for them, and their
// form as an error answer (AIP-193).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "nlohmann/json.hpp"

namespace gateway::openapi {

// google.rpc.Code by number: its name and the HTTP status of google/rpc/code.proto.
struct Code {
  int number;
  const char* name;
  int http;
};
// Unknown numbers are those of UNKNOWN.
const Code& CodeOf(int number);

struct Reason {
  std::string domain;  // "reception.aftersales"
  std::string name;    // "VEHICLE_ALREADY_HERE"
  int code = 0;        // google.rpc.Code
  int http = 0;        // the status it is answered with
  std::string zh, en;  // with {places} the refusal fills
  std::string handbook;
  std::string list;  // name of the enum

  // Key of its example in components/examples.
  std::string Key() const;
};

class Reasons {
 public:
  // Every enum of these files whose values carry texts.
  explicit Reasons(const std::vector<const google::protobuf::FileDescriptor*>& files);

  // Those whose names `text` spells out, of `package` or of the common ones, in the order of the text, each once.
  std::vector<const Reason*> NamedIn(std::string_view text, const std::string& package) const;
  // By domain and name.
  const std::map<std::string, Reason>& all() const { return by_key_; }

 private:
  std::map<std::string, Reason> by_key_;
};

// {"error": {"code": 400, "status": ..., "message": ..., "details": [...]}}
nlohmann::ordered_json ErrorExample(const Reason& reason);
// The schema of every error answer.
nlohmann::ordered_json ErrorSchema();

}  // namespace gateway::openapi
