#include "gateway/web/connection.h"

#include <openssl/err.h>
#include <sys/socket.h>

#include <boost/beast/http/error.hpp>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "chassis/status/text.h"

namespace gateway::web {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

// Of requests sent ahead while one is answered; the rest stays in the client's hands.
constexpr size_t kAheadBytesMax = 16 * 1024;
// A client that sent more than was read gets this much time and is read this far, so that it sees the answer.
constexpr absl::Duration kLingerTime = absl::Seconds(1);
constexpr size_t kLingerBytesMax = 256 * 1024;

}  // namespace

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
    outcome = Outcome(static_cast<int>(::recv(socket_.native_handle(), buffer, WebLane::kReadBytes, 0)), count);
  } else {
    ERR_clear_error();
    outcome = Outcome(SSL_read(ssl_.get(), buffer, WebLane::kReadBytes), count);
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
      return in_.size() <= static_cast<size_t>(server_.limits().header_bytes_max) + WebLane::kReadBytes;
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
  const std::string_view reason = ReasonPhrase(answer.status);
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

}  // namespace gateway::web
