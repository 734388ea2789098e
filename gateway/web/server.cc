// Boost's HTTP parser and sockets are included here alone.
#include "gateway/web/server.h"

#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/status.hpp>
#include <csignal>
#include <limits>
#include <list>
#include <thread>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "chassis/status/status.h"
#include "chassis/status/text.h"
#include "chassis/telemetry/log.h"
#include "gateway/web/server_tls.h"

namespace gateway::web {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr absl::Duration kLookInterval = absl::Milliseconds(100);
constexpr absl::Duration kCertificateLookInterval = absl::Seconds(1);
// Without descriptors to accept with, the next try waits this long.
constexpr absl::Duration kAcceptPause = absl::Milliseconds(100);
constexpr size_t kReadBytes = 16 * 1024;
// Of requests sent ahead while one is answered; the rest stays in the client's hands.
constexpr size_t kAheadBytesMax = 16 * 1024;
constexpr size_t kTargetBytesMax = 8192;
// A client that sent more than was read gets this much time and is read this far, so that it sees the answer.
constexpr absl::Duration kLingerTime = absl::Seconds(1);
constexpr size_t kLingerBytesMax = 256 * 1024;

constexpr std::string_view kMethods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

std::string_view View(boost::beast::string_view text) { return {text.data(), text.size()}; }

// ---------------------------------------------------------------- grammar

// Takes a request apart with Boost's parser. Pieces of the body are appended to `body`.
class RequestParser final : public http::basic_parser<true> {
 public:
  RequestParser(HttpRequest& request, size_t header_bytes_max) : request_(request) {
    header_limit(static_cast<std::uint32_t>(header_bytes_max));
    // Whoever reads the body knows how much is too much. (Boost 1.74 takes `none` for a limit of nothing.)
    body_limit(std::numeric_limits<std::uint64_t>::max());
  }
  std::string body;
  // Transfer codings as they came; only "chunked" alone is served.
  std::string transfer_encoding;

 private:
  void on_request_impl(http::verb, boost::beast::string_view method, boost::beast::string_view target, int version,
                       error_code&) override {
    request_.method = std::string(View(method));
    request_.target = std::string(View(target));
    request_.minor_version = version % 10;
  }
  void on_response_impl(int, boost::beast::string_view, int, error_code&) override {}
  void on_field_impl(http::field, boost::beast::string_view name, boost::beast::string_view value,
                     error_code&) override {
    // What a chunked body appends cannot be told from what the header said: it is left out.
    if (header_read_) return;
    std::string key = absl::AsciiStrToLower(chassis::Absl(View(name)));
    if (key == "transfer-encoding")
      absl::StrAppend(&transfer_encoding, transfer_encoding.empty() ? "" : ",",
                      absl::AsciiStrToLower(chassis::Absl(View(value))));
    request_.fields.emplace_back(std::move(key), std::string(View(value)));
  }
  void on_header_impl(error_code&) override { header_read_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(boost::beast::string_view piece, error_code&) override {
    body.append(piece.data(), piece.size());
    return piece.size();
  }
  void on_chunk_header_impl(std::uint64_t, boost::beast::string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, boost::beast::string_view piece, error_code&) override {
    body.append(piece.data(), piece.size());
    return piece.size();
  }
  void on_finish_impl(error_code&) override {}

  HttpRequest& request_;
  bool header_read_ = false;
};

// What is wrong with a request that Boost's parser let through; status 0: nothing.
struct Problem {
  int status = 0;
  std::string_view why;
};

Problem ProblemOf(const HttpRequest& request, const RequestParser& parser) {
  if (std::find(std::begin(kMethods), std::end(kMethods), request.method) == std::end(kMethods)) {
    return {501, "this HTTP method is not served"};
  }
  if (request.target.empty() || request.target.front() != '/') {
    return {400, "the request target must be a path (origin form)"};
  }
  if (request.target.size() > kTargetBytesMax) return {414, "the request target is too long"};
  if (request.target.find('#') != std::string::npos) return {400, "a request target has no fragment"};
  const size_t hosts = request.Count("host");
  if (hosts > 1 || (hosts == 0 && request.minor_version >= 1)) return {400, "exactly one Host is needed"};
  const bool coded = request.Count("transfer-encoding") > 0;
  // Two lengths of one body are how requests are smuggled past whoever reads the other one.
  if (coded && request.Count("content-length") > 0)
    return {400, "Content-Length and Transfer-Encoding exclude each other"};
  if (request.Count("content-length") > 1) return {400, "more than one Content-Length"};
  if (coded && request.minor_version == 0) return {400, "HTTP/1.0 has no Transfer-Encoding"};
  if (coded && parser.transfer_encoding != "chunked") return {501, "no Transfer-Encoding but chunked is served"};
  const std::string_view expectation = request.Field("expect");
  if (!expectation.empty() && !absl::EqualsIgnoreCase(chassis::Absl(expectation), "100-continue")) {
    return {417, "no expectation but 100-continue is met"};
  }
  return {};
}

Problem ProblemOf(const error_code& failure) {
  if (failure == http::error::header_limit) return {431, "the request's header is too large"};
  if (failure == http::error::bad_version) return {505, "only HTTP/1.1 and HTTP/1.0 are served"};
  if (failure == http::error::bad_method) return {400, "the method is malformed"};
  if (failure == http::error::bad_target) return {400, "the request target is malformed"};
  if (failure == http::error::bad_field) return {400, "a header field's name is malformed"};
  if (failure == http::error::bad_value) return {400, "a header field's value is malformed"};
  if (failure == http::error::bad_content_length) return {400, "Content-Length is malformed"};
  if (failure == http::error::bad_transfer_encoding) return {400, "Transfer-Encoding is malformed"};
  return {400, "this is no HTTP/1.1 request"};
}

}  // namespace

// ---------------------------------------------------------------- server, lanes

namespace {

class Connection;

enum class Phase { kServing, kLeaving, kDraining, kEnding };

// Connections in all and by address; shared by the lanes.
class Census {
 public:
  enum class Answer { kAdmitted, kFullInAll, kFullForAddress };
  Census(const ServerLimits& limits, const ServerMetrics& metrics) : limits_(limits), metrics_(metrics) {}

  Answer Enter(const std::string& address) {
    absl::MutexLock lock(&mutex_);
    if (total_ >= limits_.connections_max) return Answer::kFullInAll;
    int64_t& of_address = by_address_[address];
    if (of_address >= limits_.connections_per_address_max) return Answer::kFullForAddress;
    ++of_address;
    ++total_;
    Show();
    return Answer::kAdmitted;
  }
  void Leave(const std::string& address) {
    absl::MutexLock lock(&mutex_);
    const auto found = by_address_.find(address);
    if (--found->second == 0) by_address_.erase(found);
    --total_;
    Show();
  }
  int64_t total() const {
    absl::MutexLock lock(&mutex_);
    return total_;
  }
  // False: some are left at `end`.
  bool AwaitNone(absl::Time end) const {
    absl::MutexLock lock(&mutex_);
    const auto none = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return total_ == 0; };
    return mutex_.AwaitWithDeadline(absl::Condition(&none), end);
  }

 private:
  void Show() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (metrics_.connections != nullptr) metrics_.connections->Set(static_cast<double>(total_));
  }
  const ServerLimits limits_;
  const ServerMetrics metrics_;
  mutable absl::Mutex mutex_;
  int64_t total_ ABSL_GUARDED_BY(mutex_) = 0;
  // Only addresses with connections stand here.
  absl::flat_hash_map<std::string, int64_t> by_address_ ABSL_GUARDED_BY(mutex_);
};

// One thread with its connections, and beside it one that hands over what the calls' queue completes.
struct WebLane {
  WebLane() : io(1), timer(io), work(io.get_executor()) {}

  void Start(std::function<void()> regularly);
  void LookAfter(std::function<void()> regularly);
  // When no connection is left.
  void Stop();
  std::string_view Date();

  asio::io_context io;
  asio::steady_timer timer;
  asio::executor_work_guard<asio::io_context::executor_type> work;
  grpc::CompletionQueue calls;
  std::list<Connection*> connections;
  std::array<char, kReadBytes> scratch;
  std::thread thread;
  std::thread calls_thread;
  bool stopping = false;
  int64_t date_second = 0;
  std::string date;
};

class HttpServer final : public Server {
 public:
  HttpServer(const Settings& settings, Site& site)
      : settings_(settings), site_(site), census_(settings.limits, settings.metrics) {}
  ~HttpServer() override { Stop(absl::InfinitePast()); }

  absl::Status Listen();
  int port() const override { return port_; }
  int64_t connections() const override { return census_.total(); }
  void Leave() override;
  void Drain() override;
  void Stop(absl::Time end) override;

  Phase phase() const { return phase_.load(std::memory_order_relaxed); }
  const ServerLimits& limits() const { return settings_.limits; }
  const ServerMetrics& metrics() const { return settings_.metrics; }
  Site& site() { return site_; }
  Census& census() { return census_; }

 private:
  void Accept();
  void Take(tcp::socket socket, WebLane& lane);
  void TurnAway(tcp::socket& socket, Census::Answer why);
  void LookAtCertificate();

  const Settings settings_;
  Site& site_;
  Census census_;
  std::unique_ptr<ServerTls> tls_;
  std::vector<std::unique_ptr<WebLane>> lanes_;
  std::unique_ptr<tcp::acceptor> acceptor_;           // on the first lane
  std::unique_ptr<asio::steady_timer> accept_pause_;  // the same
  size_t next_lane_ = 0;
  absl::Time next_certificate_look_ = absl::InfinitePast();
  int port_ = 0;
  std::atomic<Phase> phase_{Phase::kServing};
  bool stopped_ = false;
};

// ---------------------------------------------------------------- connection

class Connection final : public Exchange {
 public:
  Connection(HttpServer& server, WebLane& lane, tcp::socket socket, Ssl ssl, std::string address)
      : server_(server), lane_(lane), socket_(std::move(socket)), ssl_(std::move(ssl)), address_(std::move(address)) {
    place_ = lane_.connections.insert(lane_.connections.end(), this);
  }
  ~Connection() override {
    lane_.connections.erase(place_);
    ssl_.reset();
    error_code ignored;
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

  HttpServer& server_;
  WebLane& lane_;
  tcp::socket socket_;
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

// ---------------------------------------------------------------- bytes

Connection::Io Connection::Outcome(int result, size_t& count) {
  if (result > 0) {
    count = static_cast<size_t>(result);
    return Io::kDone;
  }
  if (ssl_ == nullptr) {
    if (result == 0) return Io::kEnd;
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? Io::kWantRead : Io::kFailed;
  }
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return Io::kWantRead;
    case SSL_ERROR_WANT_WRITE:
      return Io::kWantWrite;
    case SSL_ERROR_ZERO_RETURN:
      return Io::kEnd;
    default:
      return Io::kFailed;
  }
}

Connection::Io Connection::TryRead(size_t& count) {
  char* const buffer = lane_.scratch.data();
  Io outcome;
  if (ssl_ == nullptr) {
    outcome = Outcome(static_cast<int>(::recv(socket_.native_handle(), buffer, kReadBytes, 0)), count);
  } else {
    ERR_clear_error();
    outcome = Outcome(SSL_read(ssl_.get(), buffer, kReadBytes), count);
  }
  if (outcome == Io::kDone) in_.append(buffer, count);
  return outcome;
}

Connection::Io Connection::TryWrite(std::string_view bytes, size_t& count) {
  if (ssl_ == nullptr) {
    const Io outcome =
        Outcome(static_cast<int>(::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL)), count);
    return outcome == Io::kWantRead ? Io::kWantWrite : outcome;
  }
  ERR_clear_error();
  return Outcome(SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())), count);
}

Task Connection::AwaitReading(Io want, bool& can) {
  const auto kind = want == Io::kWantWrite ? tcp::socket::wait_write : tcp::socket::wait_read;
  can = false;
  if (reading_stopped_ || broken_off_) co_return;
  socket_.async_wait(kind, [this](const error_code& failure) { read_wait_.Arrive(!failure); });
  co_await read_wait_;
  // A wait that somebody else's cancel ended is simply tried again.
  can = !reading_stopped_ && !broken_off_ && !read_expired_;
}

Task Connection::AwaitWriting(Io want, bool& can) {
  const auto kind = want == Io::kWantRead ? tcp::socket::wait_read : tcp::socket::wait_write;
  can = false;
  if (broken_off_) co_return;
  socket_.async_wait(kind, [this](const error_code& failure) { write_wait_.Arrive(!failure); });
  co_await write_wait_;
  can = !broken_off_ && !write_expired_;
}

Task Connection::Fill(Got& got) {
  for (;;) {
    size_t count = 0;
    const Io outcome = silent_ ? Io::kEnd : TryRead(count);
    if (outcome == Io::kDone) {
      got = Got::kPiece;
      co_return;
    }
    if (outcome == Io::kEnd || outcome == Io::kFailed) {
      silent_ = true;
      got = Got::kGone;
      co_return;
    }
    bool can = false;
    Task waited = AwaitReading(outcome, can);
    co_await waited;
    if (can) continue;
    got = read_expired_ ? Got::kSlow : reading_stopped_ ? Got::kStopped : Got::kGone;
    co_return;
  }
}

Task Connection::Send(std::string bytes, bool& sent) {
  sent = false;
  if (write_failed_ || broken_off_) co_return;
  write_deadline_ = absl::Now() + Patience(server_.limits().write_timeout, static_cast<int64_t>(bytes.size()));
  std::string_view rest = bytes;
  while (!rest.empty()) {
    size_t count = 0;
    const Io outcome = TryWrite(rest, count);
    if (outcome == Io::kDone) {
      rest.remove_prefix(count);
      continue;
    }
    bool can = outcome == Io::kWantRead || outcome == Io::kWantWrite;
    if (can) {
      Task waited = AwaitWriting(outcome, can);
      co_await waited;
    }
    if (!can) {
      write_failed_ = true;
      keep_alive_ = false;
      break;
    }
  }
  write_deadline_ = absl::InfiniteFuture();
  sent = !write_failed_;
}

// ---------------------------------------------------------------- requests

Detached Connection::Live(Connection* self) {
  std::unique_ptr<Connection> owned(self);
  Connection& connection = *owned;
  bool going_on = true;
  if (connection.ssl_ != nullptr) {
    Task secured = connection.Handshake(going_on);
    co_await secured;
  }
  while (going_on) {
    connection.BeginRequest();
    Task awaited = connection.AwaitRequest(going_on);
    co_await awaited;
    if (!going_on) break;
    if (connection.problem_.status != 0) {
      Task told = connection.AnswerProblem();
      co_await told;
      break;
    }
    Task served = connection.server_.site().Serve(connection);
    co_await served;
    connection.attendant_ = nullptr;
    Task unwatched = connection.StopWatching();
    co_await unwatched;
    going_on = connection.keep_alive_ && connection.answered_ && !connection.write_failed_ && !connection.broken_off_;
  }
  Task lingered = connection.Linger();
  co_await lingered;
}

void Connection::BeginRequest() {
  request_ = HttpRequest();
  parser_.reset();
  problem_ = {};
  answered_ = broken_ = continue_wanted_ = chunked_answer_ = false;
  reading_stopped_ = read_expired_ = false;
  keep_alive_ = false;
  body_bytes_ = 0;
  body_waited_ = absl::ZeroDuration();
  if (in_.empty()) std::string().swap(in_);  // an idle connection holds no memory for what may come
}

Task Connection::Handshake(bool& secured) {
  secured = false;
  idle_ = true;  // nobody waits for an answer yet
  read_deadline_ = absl::Now() + server_.limits().header_timeout;
  for (;;) {
    size_t count = 0;
    ERR_clear_error();
    const Io outcome = Outcome(SSL_do_handshake(ssl_.get()), count);
    if (outcome == Io::kDone) break;
    if (outcome == Io::kEnd || outcome == Io::kFailed) co_return;
    bool can = false;
    Task waited = AwaitReading(outcome, can);
    co_await waited;
    if (!can) co_return;
  }
  client_names_ = ClientNames(ssl_.get());
  read_deadline_ = absl::InfiniteFuture();
  idle_ = false;
  secured = true;
}

Task Connection::AwaitRequest(bool& came) {
  came = false;
  if (in_.empty()) {
    idle_ = true;
    read_deadline_ = absl::Now() + server_.limits().idle_timeout;
    Got got = Got::kGone;
    if (server_.phase() < Phase::kDraining) {
      Task filled = Fill(got);
      co_await filled;
    } else {
      // What is under way to a connection that is about to close is served still.
      size_t count = 0;
      if (TryRead(count) == Io::kDone) got = Got::kPiece;
    }
    idle_ = false;
    read_deadline_ = absl::InfiniteFuture();
    if (got != Got::kPiece) co_return;
  }
  read_deadline_ = absl::Now() + server_.limits().header_timeout;
  Task read = ReadHeader(came);
  co_await read;
  read_deadline_ = absl::InfiniteFuture();
}

Task Connection::ReadHeader(bool& came) {
  request_.arrive_time = absl::Now();
  request_.peer_address = address_;
  request_.client_names = client_names_;
  parser_.emplace(request_, static_cast<size_t>(server_.limits().header_bytes_max));
  parser_->eager(false);
  for (;;) {
    error_code failure;
    const size_t parsed = parser_->put(asio::buffer(in_), failure);
    in_.erase(0, parsed);
    if (parser_->is_header_done()) break;
    if (failure && failure != http::error::need_more) {
      Refused(ProblemOf(failure));
      came = true;
      co_return;
    }
    Got got = Got::kGone;
    Task filled = Fill(got);
    co_await filled;
    if (got == Got::kPiece) continue;
    came = got == Got::kSlow;
    if (came) Refused({408, "the header did not come in time"});
    co_return;
  }
  came = true;
  Refused(ProblemOf(request_, *parser_));
  if (problem_.status != 0) co_return;
  parser_->eager(true);
  request_.chunked = parser_->chunked();
  if (const auto length = parser_->content_length()) request_.content_length = *length;
  keep_alive_ = parser_->keep_alive();
  continue_wanted_ = request_.minor_version >= 1 && !request_.Field("expect").empty() && request_.HasBody();
  // A body without content ends before it begins.
  if (!parser_->is_done() && !request_.HasBody()) Parse();
}

bool Connection::Parse() {
  if (parser_->is_done()) return true;
  while (!in_.empty() && !parser_->is_done()) {
    error_code failure;
    const size_t parsed = parser_->put(asio::buffer(in_), failure);
    in_.erase(0, parsed);
    if (failure == http::error::need_more || (!failure && parsed == 0)) {
      return in_.size() <= static_cast<size_t>(server_.limits().header_bytes_max) + kReadBytes;
    }
    if (failure) return false;
  }
  return true;
}

bool Connection::PassOverBody() {
  if (!request_.HasBody()) return true;
  if (continue_wanted_) return false;  // it may be on its way, or not
  const bool good = Parse();
  parser_->body.clear();
  return good && parser_->is_done();
}

Task Connection::Read(Pace pace, std::string& piece, Got& got) {
  piece.clear();
  if (!request_.HasBody()) {
    got = Got::kEnd;
    co_return;
  }
  if (continue_wanted_) {
    continue_wanted_ = false;
    bool sent = false;
    Task send = Send("HTTP/1.1 100 Continue\r\n\r\n", sent);
    co_await send;
  }
  for (;;) {
    if (reading_stopped_) {
      got = Got::kStopped;
      co_return;
    }
    if (!Parse()) {
      keep_alive_ = false;
      got = Got::kMalformed;
      co_return;
    }
    if (!parser_->body.empty()) {
      piece.swap(parser_->body);
      body_bytes_ += static_cast<int64_t>(piece.size());
      got = Got::kPiece;
      co_return;
    }
    if (parser_->is_done()) {
      got = Got::kEnd;
      co_return;
    }
    const absl::Time began = absl::Now();
    if (pace == Pace::kSteady) {
      read_deadline_ = began + Patience(server_.limits().body_timeout, body_bytes_) - body_waited_;
    }
    Task filled = Fill(got);
    co_await filled;
    read_deadline_ = absl::InfiniteFuture();
    body_waited_ += absl::Now() - began;
    if (got == Got::kPiece) continue;
    keep_alive_ = false;
    if (got == Got::kSlow && server_.metrics().slow != nullptr) server_.metrics().slow->Increment();
    co_return;
  }
}

void Connection::StopReading() {
  reading_stopped_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

// ---------------------------------------------------------------- the client while it waits

void Connection::Attend(Attendant* attendant) {
  attendant_ = attendant;
  if (attendant != nullptr && !watch_ && parser_->is_done()) watch_.emplace(WatchClient());
}

Task Connection::WatchClient() {
  while (in_.size() < kAheadBytesMax) {
    size_t count = 0;
    const Io outcome = silent_ ? Io::kEnd : TryRead(count);
    if (outcome == Io::kDone) continue;
    if (outcome == Io::kEnd) {
      silent_ = true;
      if (attendant_ != nullptr) attendant_->ClientSilent();
      co_return;
    }
    if (outcome == Io::kFailed) {
      silent_ = true;
      keep_alive_ = false;
      if (attendant_ != nullptr) attendant_->ClientGone();
      co_return;
    }
    bool can = false;
    Task waited = AwaitReading(outcome, can);
    co_await waited;
    if (!can) co_return;
  }
}

Task Connection::StopWatching() {
  if (!watch_) co_return;
  StopReading();
  Task& watch = *watch_;
  co_await watch;
  watch_.reset();
  reading_stopped_ = false;
}

void Connection::Look(absl::Time now) {
  if (attendant_ != nullptr) attendant_->Look(now);
  const bool read_late = now > read_deadline_;
  const bool write_late = now > write_deadline_;
  if (!read_late && !write_late) return;
  read_expired_ = read_expired_ || read_late;
  write_expired_ = write_expired_ || write_late;
  read_deadline_ = write_deadline_ = absl::InfiniteFuture();
  if (write_late && server_.metrics().slow != nullptr) server_.metrics().slow->Increment();
  if (write_late && attendant_ != nullptr) attendant_->ClientGone();
  error_code ignored;
  socket_.cancel(ignored);
}

void Connection::CloseIfIdle() {
  if (!idle_) return;
  read_expired_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

void Connection::BreakOff() {
  broken_off_ = true;
  if (attendant_ != nullptr) attendant_->ClientGone();
  error_code ignored;
  socket_.cancel(ignored);
}

// ---------------------------------------------------------------- answers

std::string Connection::Head(const HttpAnswer& answer, std::string_view framing) {
  if (!PassOverBody() || server_.phase() != Phase::kServing) keep_alive_ = false;
  const std::string_view reason =
      View(http::obsolete_reason(http::int_to_status(static_cast<unsigned>(answer.status))));
  std::string head = absl::StrCat("HTTP/1.1 ", answer.status, " ", chassis::Absl(reason),
                                  "\r\nDate: ", chassis::Absl(lane_.Date()), "\r\n");
  for (const auto& [name, value] : answer.fields) {
    absl::StrAppend(&head, name, ": ");
    for (const char c : value) {
      if (c != '\r' && c != '\n' && c != '\0') head.push_back(c);
    }
    head.append("\r\n");
  }
  head.append(framing);
  if (!keep_alive_) {
    head.append("Connection: close\r\n");
  } else if (request_.minor_version == 0) {
    head.append("Connection: keep-alive\r\n");
  }
  head.append("\r\n");
  return head;
}

Task Connection::Answer(HttpAnswer answer, std::string body, bool& sent) {
  std::string framing;
  if (answer.status != 204 && answer.status != 304) framing = absl::StrCat("Content-Length: ", body.size(), "\r\n");
  std::string bytes = Head(answer, framing);
  if (!HasNoBody(answer.status)) bytes.append(body);
  answered_ = true;
  Task send = Send(std::move(bytes), sent);
  co_await send;
}

Task Connection::Begin(HttpAnswer answer, bool& sent) {
  // A client of HTTP/1.0 reads until the connection ends.
  chunked_answer_ = request_.minor_version >= 1;
  if (!chunked_answer_) keep_alive_ = false;
  Task send = Send(Head(answer, chunked_answer_ ? "Transfer-Encoding: chunked\r\n" : ""), sent);
  co_await send;
}

Task Connection::Write(std::string bytes, bool& sent) {
  sent = true;
  if (bytes.empty() || HasNoBody(200)) co_return;
  if (chunked_answer_) {
    bytes.insert(0, absl::StrCat(absl::Hex(bytes.size()), "\r\n"));
    bytes.append("\r\n");
  }
  Task send = Send(std::move(bytes), sent);
  co_await send;
}

Task Connection::End(bool& sent) {
  answered_ = true;
  sent = true;
  if (!chunked_answer_ || HasNoBody(200)) co_return;
  Task send = Send("0\r\n\r\n", sent);
  co_await send;
}

Task Connection::AnswerProblem() {
  if (server_.metrics().malformed != nullptr) server_.metrics().malformed->Increment();
  if (problem_.status == 408 && server_.metrics().slow != nullptr) server_.metrics().slow->Increment();
  const Site::Text text = server_.site().Malformed(problem_.status, problem_.why, request_);
  HttpAnswer answer;
  answer.status = problem_.status;
  answer.fields = {{"Content-Type", text.media_type}, {"Cache-Control", "no-store"}};
  keep_alive_ = false;
  request_.chunked = false;
  request_.content_length = 0;
  bool sent = false;
  Task told = Answer(std::move(answer), text.text, sent);
  co_await told;
  request_.chunked = true;  // whatever follows is not understood: it is lingered over
}

Task Connection::Linger() {
  if (broken_off_ || write_failed_) co_return;
  if (broken_) {
    // A reset tells even a client of HTTP/1.0 that the answer is not whole.
    error_code ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    co_return;
  }
  ERR_clear_error();
  if (ssl_ != nullptr && SSL_is_init_finished(ssl_.get())) SSL_shutdown(ssl_.get());
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  // Closing with unread bytes would reset the connection and take the answer from the client.
  if (!answered_ || silent_ || !request_.HasBody()) co_return;
  reading_stopped_ = read_expired_ = false;
  read_deadline_ = absl::Now() + kLingerTime;
  size_t read = 0;
  while (read < kLingerBytesMax) {
    in_.clear();
    Got got = Got::kGone;
    Task filled = Fill(got);
    co_await filled;
    if (got != Got::kPiece) break;
    read += in_.size();
  }
  read_deadline_ = absl::InfiniteFuture();
}

// ---------------------------------------------------------------- lanes

void WebLane::Start(std::function<void()> regularly) {
  LookAfter(std::move(regularly));
  thread = std::thread([this] { io.run(); });
  calls_thread = std::thread([this] {
    void* tag = nullptr;
    bool ok = false;
    while (calls.Next(&tag, &ok)) {
      asio::post(io, [tag = static_cast<Tag*>(tag), ok] { tag->Arrive(ok); });
    }
  });
}

void WebLane::LookAfter(std::function<void()> regularly) {
  timer.expires_after(absl::ToChronoMilliseconds(kLookInterval));
  timer.async_wait([this, regularly = std::move(regularly)](const error_code& failure) {
    if (failure || stopping) return;
    const absl::Time now = absl::Now();
    for (Connection* connection : connections) connection->Look(now);
    regularly();
    LookAfter(regularly);
  });
}

void WebLane::Stop() {
  calls.Shutdown();
  calls_thread.join();
  asio::post(io, [this] {
    stopping = true;
    timer.cancel();
  });
  work.reset();
  thread.join();
}

std::string_view WebLane::Date() {
  const absl::Time now = absl::Now();
  if (const int64_t second = absl::ToUnixSeconds(now); second != date_second) {
    date_second = second;
    date = absl::FormatTime("%a, %d %b %E4Y %H:%M:%S GMT", now, absl::UTCTimeZone());
  }
  return date;
}

// ---------------------------------------------------------------- server

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
  const Census::Answer answer = census_.Enter(address);
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
      census_.Leave(address);
      return;
    }
  }
  // The connection belongs to its lane's thread from the first moment.
  asio::post(lane.io,
             [this, &lane, socket = std::move(socket), ssl = std::move(ssl), address = std::move(address)]() mutable {
               if (phase() == Phase::kEnding) {
                 census_.Leave(address);
                 return;
               }
               Connection::Live(new Connection(*this, lane, std::move(socket), std::move(ssl), std::move(address)));
             });
}

void HttpServer::TurnAway(tcp::socket& socket, Census::Answer why) {
  const bool in_all = why == Census::Answer::kFullInAll;
  prometheus::Counter* counter = in_all ? metrics().full_in_all : metrics().full_for_address;
  if (counter != nullptr) counter->Increment();
  if (tls_ != nullptr) return;  // it would take a handshake to say so
  const Site::Text text =
      site_.Malformed(503, in_all ? "too many connections" : "too many connections from this address", HttpRequest());
  const std::string answer = absl::StrCat(
      "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\nContent-Type: ", text.media_type,
      "\r\nContent-Length: ", text.text.size(), "\r\n\r\n", text.text);
  // As much as the socket takes at once.
  static_cast<void>(::send(socket.native_handle(), answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
}

void HttpServer::Leave() {
  Phase serving = Phase::kServing;
  phase_.compare_exchange_strong(serving, Phase::kLeaving);
}

void HttpServer::Drain() {
  if (phase() >= Phase::kDraining) return;
  phase_ = Phase::kDraining;
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
  if (!census_.AwaitNone(end)) {
    phase_ = Phase::kEnding;
    for (const std::unique_ptr<WebLane>& lane : lanes_) {
      asio::post(lane->io, [&lane = *lane] {
        for (Connection* connection : lane.connections) connection->BreakOff();
      });
    }
    census_.AwaitNone(absl::InfiniteFuture());
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
