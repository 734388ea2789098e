// One HTTP request and its answer, as those see it who serve it: no sockets, no parser. The server (server.h) reads and
// writes; a Site says what is served. Everything of one exchange happens on its lane's thread.
#pragma once

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "gateway/completion.h"

namespace gateway::web {

using Fields = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method;  // "GET"
  std::string target;  // origin form: path and query as sent
  int minor_version = 1;
  Fields fields;  // in their order, names in lower case
  std::string peer_address;
  std::vector<std::string> client_names;  // of its certificate: see Arrival; empty when none was asked for
  absl::Time arrive_time;
  std::optional<uint64_t> content_length;
  bool chunked = false;

  bool HasBody() const { return chunked || content_length.value_or(0) > 0; }
  std::string_view Path() const { return std::string_view(target).substr(0, target.find('?')); }
  // The first of this name, "" without.
  std::string_view Field(std::string_view name) const {
    for (const auto& [key, value] : fields) {
      if (key == name) return value;
    }
    return "";
  }
  size_t Count(std::string_view name) const {
    size_t count = 0;
    for (const auto& [key, value] : fields) count += key == name;
    return count;
  }
};

// Status and fields; length, date and connection are the server's.
struct HttpAnswer {
  int status = 200;
  Fields fields;
};

// Who attends to a call while its client waits.
class Attendant {
 public:
  virtual ~Attendant() = default;
  // The connection is broken.
  virtual void ClientGone() = 0;
  // The client sends no more; it may still read, or be gone: HTTP/1.1 does not tell.
  virtual void ClientSilent() = 0;
  // About ten times a second. May start operations, but must not end the exchange.
  virtual void Look(absl::Time now) = 0;
};

class Exchange {
 public:
  enum class Got {
    kPiece,
    kEnd,        // the body is whole
    kSlow,       // it came slower than the server's patience
    kMalformed,  // no chunks as they must be
    kGone,
    kStopped,  // by StopReading
  };
  // kPatient: the body may pause, as a stream's does; something else ends it.
  enum class Pace { kSteady, kPatient };

  virtual ~Exchange() = default;
  virtual const HttpRequest& request() const = 0;

  // The next bytes of the body; one at a time.
  virtual Task Read(Pace pace, std::string& piece, Got& got) = 0;
  // Lets a Read under way return, and every later one.
  virtual void StopReading() = 0;

  // The answer at once. `sent` false: the client did not take it in time or is gone.
  virtual Task Answer(HttpAnswer answer, std::string body, bool& sent) = 0;
  // Or in pieces: Begin, Write as often as need be, End. One at a time.
  virtual Task Begin(HttpAnswer answer, bool& sent) = 0;
  virtual Task Write(std::string bytes, bool& sent) = 0;
  virtual Task End(bool& sent) = 0;
  // Instead of End: the client shall see that the answer is not whole.
  virtual void Break() = 0;

  // From when the body has been read until the answer is sent, the attendant hears of the client's going. Null: no
  // more.
  virtual void Attend(Attendant* attendant) = 0;

  // Where calls to services complete; their tags arrive on this lane's thread.
  virtual grpc::CompletionQueue* queue() = 0;
};

// What a server serves.
class Site {
 public:
  virtual ~Site() = default;
  // Answers it, whole or in pieces.
  virtual Task Serve(Exchange& exchange) = 0;
  // Media type and text for a request that is no HTTP as it must be. `request` has what was understood of it.
  struct Text {
    std::string media_type;
    std::string text;
  };
  virtual Text Malformed(int http_status, std::string_view why, const HttpRequest& request) = 0;
};

}  // namespace gateway::web
