// One connection of a client, from its handshake to its end: bytes in and out within limits of time, one request after
// the other, each an Exchange for the site. Everything happens on its lane's thread.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/web/exchange.h"
#include "gateway/web/grammar.h"
#include "gateway/web/lane.h"
#include "gateway/web/server_tls.h"

namespace gateway::web {

class Connection final : public Exchange {
 public:
  Connection(ServerState& server, WebLane& lane, boost::asio::ip::tcp::socket socket, Ssl ssl, std::string address)
      : server_(server), lane_(lane), socket_(std::move(socket)), ssl_(std::move(ssl)), address_(std::move(address)) {
    place_ = lane_.connections.insert(lane_.connections.end(), this);
  }
  ~Connection() override {
    lane_.connections.erase(place_);
    ssl_.reset();
    boost::system::error_code ignored;
    socket_.close(ignored);
    server_.census().Leave(address_);
  }

  // The whole life; frees itself.
  static Detached Live(Connection* self);

  // By the lane, between operations.
  void Look(absl::Time now);
  void CloseIfIdle();
  void BreakOff();

  const HttpRequest& request() const override { return request_; }
  Task Read(Pace pace, std::string& piece, Got& got) override;
  void StopReading() override;
  Task Answer(HttpAnswer answer, std::string body, bool& sent) override;
  Task Begin(HttpAnswer answer, bool& sent) override;
  Task Write(std::string bytes, bool& sent) override;
  Task End(bool& sent) override;
  void Break() override { keep_alive_ = false, broken_ = true; }
  void Attend(Attendant* attendant) override;
  grpc::CompletionQueue* queue() override { return &lane_.calls; }

 private:
  enum class Io { kDone, kEnd, kFailed, kWantRead, kWantWrite };

  // One attempt without waiting; `count` bytes went through.
  Io TryRead(size_t& count);
  Io TryWrite(std::string_view bytes, size_t& count);
  Io Outcome(int result, size_t& count);

  // Until the socket can go on; false: expired, stopped or broken off.
  Task AwaitReading(Io want, bool& can);
  Task AwaitWriting(Io want, bool& can);
  // Reads once into `in_`.
  Task Fill(Got& got);

  Task Handshake(bool& secured);
  Task AwaitRequest(bool& came);
  Task ReadHeader(bool& came);
  Task AnswerProblem();
  Task WatchClient();
  Task StopWatching();
  Task Send(std::string bytes, bool& sent);
  Task Linger();

  void BeginRequest();
  void Refused(Problem problem) { problem_ = problem; }
  // What came with the header of a body nobody reads is passed over; true: the whole body.
  bool PassOverBody();
  // Moves what is in `in_` through the parser; false: malformed.
  bool Parse();
  std::string Head(const HttpAnswer& answer, std::string_view framing);
  bool HasNoBody(int status) const { return request_.method == "HEAD" || status == 204 || status == 304; }
  absl::Duration Patience(absl::Duration base, int64_t bytes) const {
    return base + absl::Seconds(bytes) / server_.limits().least_bytes_per_second;
  }

  ServerState& server_;
  WebLane& lane_;
  boost::asio::ip::tcp::socket socket_;
  Ssl ssl_;
  const std::string address_;
  std::vector<std::string> client_names_;
  std::list<Connection*>::iterator place_;

  std::string in_;  // read, not yet parsed
  absl::Time read_deadline_ = absl::InfiniteFuture();
  absl::Time write_deadline_ = absl::InfiniteFuture();
  Tag read_wait_, write_wait_;
  bool idle_ = false;
  bool read_expired_ = false;
  bool write_expired_ = false;
  bool reading_stopped_ = false;
  bool silent_ = false;  // the client's half is closed
  bool broken_off_ = false;
  bool write_failed_ = false;

  // Of one exchange.
  HttpRequest request_;
  std::optional<RequestParser> parser_;
  Problem problem_;
  bool keep_alive_ = false;
  bool continue_wanted_ = false;
  bool chunked_answer_ = false;
  bool answered_ = false;
  bool broken_ = false;
  int64_t body_bytes_ = 0;
  absl::Duration body_waited_;
  Attendant* attendant_ = nullptr;
  std::optional<Task> watch_;
};

}  // namespace gateway::web
