#include "gateway/web/server.h"

#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chassis/status/status.h"
#include "chassis/telemetry/log.h"
#include "gateway/web/connection.h"
#include "gateway/web/lane.h"
#include "gateway/web/server_tls.h"

namespace gateway::web {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr absl::Duration kCertificateLookInterval = absl::Seconds(1);
// Without descriptors to accept with, the next try waits this long.
constexpr absl::Duration kAcceptPause = absl::Milliseconds(100);

class HttpServer final : public Server {
 public:
  HttpServer(const Settings& settings, Site& site)
      : settings_(settings), state_(settings.limits, settings.metrics, site) {}
  ~HttpServer() override { Stop(absl::InfinitePast()); }

  absl::Status Listen();
  int port() const override { return port_; }
  int64_t connections() const override { return state_.census().total(); }
  void Leave() override;
  void Drain() override;
  void Stop(absl::Time end) override;

 private:
  void Accept();
  void Take(tcp::socket socket, WebLane& lane);
  void TurnAway(tcp::socket& socket, Census::Answer why);
  void LookAtCertificate();

  const Settings settings_;
  ServerState state_;
  std::unique_ptr<ServerTls> tls_;
  std::vector<std::unique_ptr<WebLane>> lanes_;
  std::unique_ptr<tcp::acceptor> acceptor_;           // on the first lane
  std::unique_ptr<asio::steady_timer> accept_pause_;  // the same
  size_t next_lane_ = 0;
  absl::Time next_certificate_look_ = absl::InfinitePast();
  int port_ = 0;
  bool stopped_ = false;
};

absl::Status HttpServer::Listen() {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  if (!settings_.tls_directory.empty()) {
    ASSIGN_OR_RETURN(tls_, ServerTls::Load(settings_.tls_directory, settings_.ask));
  }
  for (int64_t i = 0; i < settings_.lanes; ++i) lanes_.push_back(std::make_unique<WebLane>());
  asio::io_context& io = lanes_.front()->io;
  const auto failed = [&](const std::string& why) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", settings_.listen, ": ", why));
  };
  const size_t colon = settings_.listen.rfind(':');
  if (colon == std::string::npos) return failed("no port");
  std::string host = settings_.listen.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  error_code failure;
  tcp::resolver resolver(io);
  const auto found = resolver.resolve(host, settings_.listen.substr(colon + 1), tcp::resolver::passive, failure);
  if (failure || found.empty()) return failed(failure.message());
  const tcp::endpoint endpoint = found.begin()->endpoint();
  acceptor_ = std::make_unique<tcp::acceptor>(io);
  accept_pause_ = std::make_unique<asio::steady_timer>(io);
  acceptor_->open(endpoint.protocol(), failure);
  if (!failure) acceptor_->set_option(tcp::acceptor::reuse_address(true), failure);
  if (!failure) acceptor_->bind(endpoint, failure);
  if (!failure) acceptor_->listen(asio::socket_base::max_listen_connections, failure);
  if (failure) return failed(failure.message());
  port_ = acceptor_->local_endpoint().port();
  Accept();
  for (size_t i = 0; i < lanes_.size(); ++i) {
    lanes_[i]->Start([this, first = i == 0] {
      if (first) LookAtCertificate();
    });
  }
  return absl::OkStatus();
}

void HttpServer::LookAtCertificate() {
  const absl::Time now = absl::Now();
  if (tls_ == nullptr || now < next_certificate_look_) return;
  next_certificate_look_ = now + kCertificateLookInterval;
  tls_->LookAgain();
}

void HttpServer::Accept() {
  WebLane& lane = *lanes_[next_lane_++ % lanes_.size()];
  acceptor_->async_accept(lane.io, [this, &lane](const error_code& failure, tcp::socket socket) {
    if (!acceptor_->is_open()) return;
    if (!failure) {
      Take(std::move(socket), lane);
      Accept();
      return;
    }
    if (failure == asio::error::operation_aborted) return;
    chassis::log::Warning("a connection could not be accepted", {{"why", failure.message()}});
    accept_pause_->expires_after(absl::ToChronoMilliseconds(kAcceptPause));
    accept_pause_->async_wait([this](const error_code& stopped) {
      if (!stopped && acceptor_->is_open()) Accept();
    });
  });
}

void HttpServer::Take(tcp::socket socket, WebLane& lane) {
  error_code failure;
  const tcp::endpoint peer = socket.remote_endpoint(failure);
  if (failure) return;  // gone already
  std::string address = peer.address().to_string();
  const Census::Answer answer = state_.census().Enter(address);
  if (answer != Census::Answer::kAdmitted) {
    TurnAway(socket, answer);
    return;
  }
  socket.non_blocking(true, failure);
  socket.set_option(tcp::no_delay(true), failure);
  socket.set_option(asio::socket_base::keep_alive(true), failure);
  Ssl ssl;
  if (tls_ != nullptr) {
    ssl = tls_->New(socket.native_handle());
    if (ssl == nullptr) {
      state_.census().Leave(address);
      return;
    }
  }
  // The connection belongs to its lane's thread from the first moment.
  asio::post(lane.io,
             [this, &lane, socket = std::move(socket), ssl = std::move(ssl), address = std::move(address)]() mutable {
               if (state_.phase() == Phase::kEnding) {
                 state_.census().Leave(address);
                 return;
               }
               Connection::Live(new Connection(state_, lane, std::move(socket), std::move(ssl), std::move(address)));
             });
}

void HttpServer::TurnAway(tcp::socket& socket, Census::Answer why) {
  const bool in_all = why == Census::Answer::kFullInAll;
  prometheus::Counter* counter = in_all ? state_.metrics().full_in_all : state_.metrics().full_for_address;
  if (counter != nullptr) counter->Increment();
  if (tls_ != nullptr) return;  // it would take a handshake to say so
  const Site::Text text = state_.site().Malformed(
      503, in_all ? "too many connections" : "too many connections from this address", HttpRequest());
  const std::string answer = absl::StrCat(
      "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\nContent-Type: ", text.media_type,
      "\r\nContent-Length: ", text.text.size(), "\r\n\r\n", text.text);
  // As much as the socket takes at once.
  static_cast<void>(::send(socket.native_handle(), answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
}

void HttpServer::Leave() { state_.Enter(Phase::kLeaving); }

void HttpServer::Drain() {
  if (state_.phase() >= Phase::kDraining) return;
  state_.Enter(Phase::kDraining);
  if (acceptor_ == nullptr) return;
  asio::post(lanes_.front()->io, [this] {
    error_code ignored;
    acceptor_->close(ignored);
    accept_pause_->cancel();
  });
  for (const std::unique_ptr<WebLane>& lane : lanes_) {
    asio::post(lane->io, [&lane = *lane] {
      for (Connection* connection : lane.connections) connection->CloseIfIdle();
    });
  }
}

void HttpServer::Stop(absl::Time end) {
  if (stopped_) return;
  stopped_ = true;
  Drain();
  if (port_ == 0) return;  // it never listened
  if (!state_.census().AwaitNone(end)) {
    state_.Enter(Phase::kEnding);
    for (const std::unique_ptr<WebLane>& lane : lanes_) {
      asio::post(lane->io, [&lane = *lane] {
        for (Connection* connection : lane.connections) connection->BreakOff();
      });
    }
    state_.census().AwaitNone(absl::InfiniteFuture());
  }
  for (const std::unique_ptr<WebLane>& lane : lanes_) lane->Stop();
  acceptor_.reset();
  accept_pause_.reset();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Open(const Settings& settings, Site& site) {
  auto server = std::make_unique<HttpServer>(settings, site);
  RETURN_IF_ERROR(server->Listen());
  return server;
}

}  // namespace gateway::web
