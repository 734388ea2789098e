// A plain HTTP client for tests: one connection, bytes as the test writes them, answers taken apart just enough to look
// at. It waits on its socket and gives up after kPatience only.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace gateway::web {

struct HttpReply {
  int status = 0;                                           // 0: the connection ended before an answer
  std::vector<std::pair<std::string, std::string>> fields;  // names in lower case
  std::string body;
  bool whole = false;  // the body came to its end

  std::string Field(const std::string& name) const {
    for (const auto& [key, value] : fields) {
      if (key == name) return value;
    }
    return "";
  }
  bool Has(const std::string& name) const {
    for (const auto& [key, value] : fields) {
      if (key == name) return true;
    }
    return false;
  }
};

class HttpClient {
 public:
  static constexpr int kPatienceMs = 20'000;

  // `receive_bytes`: the socket's buffer, 0 for the system's own.
  explicit HttpClient(int port, int receive_bytes = 0) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    if (receive_bytes > 0) setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof(receive_bytes));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }
  virtual ~HttpClient() { Close(); }
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  bool connected() const { return connected_; }
  int socket() const { return socket_; }

  // False: the server closed.
  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = WriteSome(bytes);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }
  // Says that nothing more is sent.
  void CloseHalf() { shutdown(socket_, SHUT_WR); }
  void Close() {
    if (socket_ >= 0) close(socket_);
    socket_ = -1;
  }

  // The next answer; `method` HEAD: it has no body.
  HttpReply Read(std::string_view method = "GET") {
    HttpReply reply = ReadHead();
    if (reply.status == 100) reply = ReadHead();
    if (reply.status == 0) return reply;
    if (method == "HEAD" || reply.status == 204 || reply.status == 304) {
      reply.whole = true;
      return reply;
    }
    if (reply.Field("transfer-encoding") == "chunked") {
      std::string piece;
      while (ReadChunk(piece)) {
        if (piece.empty()) {
          reply.whole = true;
          break;
        }
        reply.body += piece;
      }
      return reply;
    }
    size_t length = 0;
    if (absl::SimpleAtoi(reply.Field("content-length"), &length)) {
      while (in_.size() < length && Fill()) {
      }
      reply.body = in_.substr(0, length);
      in_.erase(0, reply.body.size());
      reply.whole = reply.body.size() == length;
      return reply;
    }
    while (Fill()) {
    }
    reply.body.swap(in_);
    reply.whole = true;
    return reply;
  }
  // Status and fields alone; a stream's pieces follow by ReadChunk.
  HttpReply ReadHead() {
    HttpReply reply;
    size_t end = 0;
    while ((end = in_.find("\r\n\r\n")) == std::string::npos) {
      if (!Fill()) return reply;
    }
    std::string_view head = std::string_view(in_).substr(0, end + 2);
    const std::string_view line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(line.size() + 2);
    static_cast<void>(absl::SimpleAtoi(absl::string_view(line.data() + 9, 3), &reply.status));
    while (!head.empty()) {
      const std::string_view field = head.substr(0, head.find("\r\n"));
      head.remove_prefix(field.size() + 2);
      const size_t colon = field.find(':');
      const std::string_view value = field.substr(colon + 1);
      reply.fields.emplace_back(absl::AsciiStrToLower(absl::string_view(field.data(), colon)),
                                absl::StripAsciiWhitespace(absl::string_view(value.data(), value.size())));
    }
    in_.erase(0, end + 4);
    return reply;
  }
  // False: the connection ended within the stream. An empty piece is the stream's end.
  bool ReadChunk(std::string& piece) {
    size_t end = 0;
    while ((end = in_.find("\r\n")) == std::string::npos) {
      if (!Fill()) return false;
    }
    const size_t length = std::strtoul(in_.c_str(), nullptr, 16);
    while (in_.size() < end + 2 + length + 2) {
      if (!Fill()) return false;
    }
    piece = in_.substr(end + 2, length);
    in_.erase(0, end + 2 + length + 2);
    return true;
  }
  // The server has closed, and nothing was left to read.
  bool Ended() { return in_.empty() && !Fill(); }

 protected:
  virtual ssize_t WriteSome(std::string_view bytes) {
    return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  virtual ssize_t ReadSome(char* buffer, size_t size) { return ::recv(socket_, buffer, size, 0); }
  virtual bool Buffered() { return false; }

  bool Fill() {
    char buffer[16384];
    pollfd waiting = {socket_, POLLIN, 0};
    if (!Buffered() && poll(&waiting, 1, kPatienceMs) != 1) return false;
    const ssize_t read = ReadSome(buffer, sizeof(buffer));
    if (read <= 0) return false;
    in_.append(buffer, static_cast<size_t>(read));
    return true;
  }

  int socket_;
  bool connected_ = false;
  std::string in_;
};

// "GET /path HTTP/1.1" with Host and these fields.
inline std::string RequestText(std::string_view method, std::string_view target,
                               const std::vector<std::pair<std::string, std::string>>& fields = {},
                               std::string_view body = "") {
  std::string text(method);
  text.append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n");
  for (const auto& [name, value] : fields) absl::StrAppend(&text, name, ": ", value, "\r\n");
  if (!body.empty()) absl::StrAppend(&text, "Content-Length: ", body.size(), "\r\n");
  text.append("\r\n").append(body);
  return text;
}

// One request on a connection of its own.
inline HttpReply Fetch(int port, std::string_view method, std::string_view target,
                       const std::vector<std::pair<std::string, std::string>>& fields = {},
                       std::string_view body = "") {
  HttpClient client(port);
  client.Send(RequestText(method, target, fields, body));
  return client.Read(method);
}

}  // namespace gateway::web
