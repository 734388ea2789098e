#include "gateway/web/carrier.h"

#include <algorithm>
#include <list>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "aftersales/common/v1/door_errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/text.h"
#include "gateway/refusals.h"
#include "gateway/web/grpc_web.h"
#include "gateway/web/http_fields.h"

namespace gateway::web {
namespace {

grpc::ByteBuffer Bytes(const std::string& text) {
  const grpc::Slice slice(text);
  return grpc::ByteBuffer(&slice, 1);
}

std::string Text(const grpc::ByteBuffer& bytes) {
  std::string text;
  std::vector<grpc::Slice> slices;
  if (!bytes.Dump(&slices).ok()) return text;
  text.reserve(bytes.Length());
  for (const grpc::Slice& slice : slices) text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return text;
}

bool Has(const Fields& fields, std::string_view name) {
  return std::any_of(fields.begin(), fields.end(),
                     [&](const auto& field) { return absl::EqualsIgnoreCase(field.first, chassis::Absl(name)); });
}

// Refused by size or by shape.
RefusedFor Why(const absl::Status& refusal) {
  return refusal.code() == absl::StatusCode::kResourceExhausted ? RefusedFor::kMessageSize : RefusedFor::kMalformed;
}

absl::Status Malformed(std::string_view why) {
  return chassis::Refuse(aftersales::common::v1::DOOR_ERROR_REASON_HTTP).With("why", why);
}

}  // namespace

// One call; lives in the frame of Carry.
struct Carrier::Carriage final : Attendant {
  Carriage(Carrier& carrier, Exchange& exchange, WebCall& call)
      : carrier(carrier), exchange(exchange), call(call), dialect(*call.dialect), passage(carrier.door_) {}

  void ClientGone() override;
  void ClientSilent() override;
  void Look(absl::Time now) override;

  void ReadMetadata();
  // The deadline the client asks for; false: it is malformed.
  bool ReadDeadline();
  bool streams() const { return passage.method()->streams(); }
  Fields Dress(Fields fields) const;
  Fields Trailers() const;

  Carrier& carrier;
  Exchange& exchange;
  WebCall& call;
  Dialect& dialect;
  Passage passage;
  Arrival arrival;
  ReceivedMetadata metadata;
  std::list<std::string> decoded;  // binary metadata

  grpc::ClientContext context;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> service;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> unary;
  std::string request;
  grpc::ByteBuffer reply;
  std::optional<std::string> answer;  // the only answer of a call that has one
  std::optional<Task> upward;
  std::optional<Task> keep_alive;
  absl::Time sent_time;
  bool body_ended = false;
  bool begun = false;
  bool writing = false;

  Tag forwarded, answered;
};

// ---------------------------------------------------------------- the client

void Carrier::Carriage::ClientGone() {
  passage.ClientGone();
  context.TryCancel();
}

void Carrier::Carriage::ClientSilent() {
  // Whoever waits for one answer may have said all there is to say. Of a stream's reader nobody would notice that it
  // has left until much was written to it.
  if (streams()) ClientGone();
}

void Carrier::Carriage::Look(absl::Time now) {
  if (passage.concluded()) return;
  if (streams() && !passage.refused() && carrier.door_.end_streams.load(std::memory_order_relaxed)) {
    passage.Refuse(RefusedFor::kStopping, Unavailable(kTheGateway));
    exchange.StopReading();
    context.TryCancel();
    return;
  }
  if (!streams() || dialect.KeepAlive().empty() || writing) return;
  if (keep_alive && !keep_alive->await_ready()) return;
  if (now - sent_time >= carrier.keep_alive_interval_) keep_alive.emplace(carrier.KeepAlive(*this));
}

void Carrier::Carriage::ReadMetadata() {
  for (const auto& [name, value] : exchange.request().fields) {
    if (IsOfHttp(name) || !IsMetadataName(name)) continue;
    std::string_view text = value;
    if (name.ends_with("-bin")) {
      if (!FromBinaryField(text, decoded.emplace_back())) continue;
      text = decoded.back();
    } else if (!IsMetadataValue(text)) {
      continue;
    }
    metadata.emplace(grpc::string_ref(name.data(), name.size()), grpc::string_ref(text.data(), text.size()));
  }
}

bool Carrier::Carriage::ReadDeadline() {
  const std::string_view given = exchange.request().Field("grpc-timeout");
  if (given.empty()) return true;
  const std::optional<absl::Duration> timeout = ReadTimeout(given);
  if (timeout) arrival.deadline = arrival.arrive_time + *timeout;
  return timeout.has_value();
}

// ---------------------------------------------------------------- the life of a call

Task Carrier::Carry(Exchange& exchange, WebCall& call) {
  Carriage carriage(*this, exchange, call);
  carriage.arrival.method = call.method;
  carriage.arrival.metadata = &carriage.metadata;
  carriage.arrival.peer_address = exchange.request().peer_address;
  carriage.arrival.client_names = exchange.request().client_names;
  carriage.arrival.arrive_time = exchange.request().arrive_time;
  carriage.sent_time = carriage.arrival.arrive_time;
  carriage.ReadMetadata();
  Passage& passage = carriage.passage;
  if (!carriage.ReadDeadline() && call.refusal.ok()) {
    call.refusal = chassis::InvalidField("grpc-timeout", "应为数字加单位，例如 10S 或 500m",
                                         "must be digits and a unit, such as 10S or 500m");
  }
  if (!call.refusal.ok()) {
    passage.Note(carriage.arrival);
    passage.Refuse(call.refused_for, call.refusal);
  } else if (passage.Admit(carriage.arrival, carriage.context)) {
    if (const absl::Status fits = carriage.dialect.CheckHeader(); !fits.ok()) {
      passage.Refuse(Why(fits), fits);
    } else if (carriage.streams()) {
      Task streamed = Stream(carriage);
      co_await streamed;
    } else {
      Task answered = Unary(carriage);
      co_await answered;
    }
  }
  if (carriage.keep_alive) {
    Task& keep_alive = *carriage.keep_alive;
    co_await keep_alive;
  }
  Task concluded = Conclude(carriage);
  co_await concluded;
  exchange.Attend(nullptr);
  passage.Account();
}

Task Carrier::Unary(Carriage& carriage) {
  bool whole = false;
  Task read = ReadOnly(carriage, whole);
  co_await read;
  if (!whole) co_return;
  const grpc::ByteBuffer request = Bytes(carriage.request);
  std::string().swap(carriage.request);
  if (!carriage.passage.Received(request)) co_return;
  carriage.unary = carriage.passage.upstream()->calls().PrepareUnaryCall(
      &carriage.context, carriage.passage.method()->path, request, carriage.exchange.queue());
  carriage.unary->StartCall();
  grpc::Status status;
  carriage.unary->Finish(&carriage.reply, &status, &carriage.answered);
  carriage.exchange.Attend(&carriage);
  co_await carriage.answered;
  carriage.passage.Answered(status);
  if (status.ok()) carriage.answer = Text(carriage.reply);
  carriage.reply.Clear();
}

Task Carrier::Stream(Carriage& carriage) {
  Passage& passage = carriage.passage;
  const bool one_request = passage.method()->kind == Method::Kind::kServerStream;
  if (one_request) {
    bool whole = false;
    Task read = ReadOnly(carriage, whole);
    co_await read;
    if (!whole) co_return;
    carriage.body_ended = true;
  }
  carriage.service =
      passage.upstream()->streams().PrepareCall(&carriage.context, passage.method()->path, carriage.exchange.queue());
  carriage.service->StartCall(&carriage.forwarded);
  carriage.exchange.Attend(&carriage);
  const bool started = co_await carriage.forwarded;
  if (started) {
    carriage.upward.emplace(Upward(carriage));
    Task downward = Downward(carriage);
    co_await downward;
  }
  grpc::Status status;
  carriage.service->Finish(&status, &carriage.answered);
  co_await carriage.answered;
  passage.Answered(status);
  if (!carriage.upward) co_return;
  // The service has said its last word; what the client still sends is of no use.
  if (!carriage.body_ended) carriage.exchange.StopReading();
  Task& upward = *carriage.upward;
  co_await upward;
}

// ---------------------------------------------------------------- messages of the client

Task Carrier::ReadNext(Carriage& carriage, bool& got) {
  got = false;
  Passage& passage = carriage.passage;
  for (;;) {
    const absl::StatusOr<bool> next = carriage.dialect.Next(carriage.request);
    if (!next.ok()) {
      passage.Refuse(Why(next.status()), next.status());
      co_return;
    }
    got = *next;
    if (got || carriage.body_ended) co_return;
    const bool streams =
        passage.method()->kind == Method::Kind::kClientStream || passage.method()->kind == Method::Kind::kBidiStream;
    std::string piece;
    Exchange::Got read = Exchange::Got::kGone;
    Task reading = carriage.exchange.Read(streams ? Exchange::Pace::kPatient : Exchange::Pace::kSteady, piece, read);
    co_await reading;
    absl::Status fed;
    switch (read) {
      case Exchange::Got::kPiece:
        fed = carriage.dialect.Feed(piece);
        break;
      case Exchange::Got::kEnd:
        carriage.body_ended = true;
        fed = carriage.dialect.EndOfBody();
        break;
      case Exchange::Got::kSlow:
        passage.Refuse(RefusedFor::kDeadline, DeadlinePassed());
        co_return;
      case Exchange::Got::kMalformed:
        fed = Malformed("the chunks of the body");
        break;
      case Exchange::Got::kGone:
        carriage.ClientGone();
        co_return;
      case Exchange::Got::kStopped:
        co_return;
    }
    if (!fed.ok()) {
      passage.Refuse(Why(fed), fed);
      co_return;
    }
  }
}

Task Carrier::ReadOnly(Carriage& carriage, bool& whole) {
  whole = false;
  Task first = ReadNext(carriage, whole);
  co_await first;
  if (!whole) {
    Passage& passage = carriage.passage;
    if (!passage.refused() && !passage.client_gone()) {
      passage.Refuse(RefusedFor::kMalformed,
                     chassis::InvalidField("", "缺少请求消息", "the request message is missing"));
    }
    co_return;
  }
  if (carriage.body_ended) co_return;
  // The body's end belongs to it; a second message is refused by the dialect.
  std::string message = std::move(carriage.request);
  bool second = false;
  Task rest = ReadNext(carriage, second);
  co_await rest;
  carriage.request = std::move(message);
  whole = !second && carriage.body_ended && !carriage.passage.refused();
}

Task Carrier::Upward(Carriage& carriage) {
  Passage& passage = carriage.passage;
  bool got = passage.method()->kind == Method::Kind::kServerStream;
  if (!got) {
    Task read = ReadNext(carriage, got);
    co_await read;
  }
  while (got) {
    const grpc::ByteBuffer request = Bytes(carriage.request);
    if (!passage.Received(request)) break;
    carriage.service->Write(request, &carriage.forwarded);
    const bool sent = co_await carriage.forwarded;
    if (!sent) co_return;
    Task read = ReadNext(carriage, got);
    co_await read;
  }
  if (passage.refused()) {
    carriage.context.TryCancel();
    co_return;
  }
  // A client that went away did not say that it is done: the service must not take its half for the whole.
  if (!carriage.body_ended || passage.client_gone() || passage.concluded()) co_return;
  carriage.exchange.Attend(&carriage);
  carriage.service->WritesDone(&carriage.forwarded);
  co_await carriage.forwarded;
}

// ---------------------------------------------------------------- messages of the service

Task Carrier::Downward(Carriage& carriage) {
  const bool one_answer = carriage.passage.method()->kind == Method::Kind::kClientStream;
  for (;;) {
    carriage.service->Read(&carriage.reply, &carriage.answered);
    const bool got = co_await carriage.answered;
    if (!got) co_return;
    carriage.answer = Text(carriage.reply);
    carriage.reply.Clear();
    if (one_answer) {
      carriage.passage.Sent();
      continue;
    }
    carriage.writing = true;
    if (carriage.keep_alive) {
      Task& keep_alive = *carriage.keep_alive;
      co_await keep_alive;
    }
    bool sent = false;
    Task send = SendPiece(carriage, sent);
    co_await send;
    carriage.answer.reset();
    carriage.writing = false;
    carriage.sent_time = absl::Now();
    if (!sent) {
      carriage.context.TryCancel();
      co_return;
    }
    carriage.passage.Sent();
  }
}

Task Carrier::SendPiece(Carriage& carriage, bool& sent) {
  sent = false;
  Passage& passage = carriage.passage;
  if (!carriage.begun) {
    absl::StatusOr<HttpAnswer> head = carriage.dialect.Begin(&*carriage.answer);
    if (!head.ok()) {
      passage.Refuse(RefusedFor::kMalformed, head.status());
      co_return;
    }
    carriage.begun = true;
    head->fields = carriage.Dress(std::move(head->fields));
    Task begin = carriage.exchange.Begin(*std::move(head), sent);
    co_await begin;
    if (!sent) {
      carriage.ClientGone();
      co_return;
    }
  }
  sent = false;
  absl::StatusOr<std::string> piece = carriage.dialect.Piece(*carriage.answer);
  if (!piece.ok()) {
    passage.Refuse(RefusedFor::kMalformed, piece.status());
    co_return;
  }
  Task write = carriage.exchange.Write(*std::move(piece), sent);
  co_await write;
  if (!sent) carriage.ClientGone();
}

Task Carrier::KeepAlive(Carriage& carriage) {
  carriage.sent_time = absl::Now();
  bool sent = true;
  if (!carriage.begun) {
    absl::StatusOr<HttpAnswer> head = carriage.dialect.Begin(nullptr);
    if (!head.ok()) co_return;
    carriage.begun = true;
    head->fields = carriage.Dress(std::move(head->fields));
    Task begin = carriage.exchange.Begin(*std::move(head), sent);
    co_await begin;
  }
  if (sent) {
    Task write = carriage.exchange.Write(std::string(carriage.dialect.KeepAlive()), sent);
    co_await write;
  }
  if (!sent) carriage.ClientGone();
}

// ---------------------------------------------------------------- the end

Fields Carrier::Carriage::Dress(Fields fields) const {
  fields.emplace_back("X-Request-Id", passage.request_id());
  fields.emplace_back("Traceparent", passage.trace_parent());
  fields.emplace_back("X-Content-Type-Options", "nosniff");
  fields.emplace_back("Cache-Control", "no-store");
  for (const auto& [name, value] : passage.RateHeaders()) {
    if (!Has(fields, name)) fields.emplace_back(name, value);
  }
  fields.insert(fields.end(), call.fields.begin(), call.fields.end());
  return fields;
}

Fields Carrier::Carriage::Trailers() const {
  Fields trailers;
  const auto add = [&](const std::multimap<grpc::string_ref, grpc::string_ref>& all) {
    for (const auto& [name, value] : all) {
      if (PassesOutward(View(name))) trailers.emplace_back(std::string(View(name)), std::string(View(value)));
    }
  };
  if (!passage.answered() || passage.refused()) return trailers;
  add(context.GetServerInitialMetadata());
  add(context.GetServerTrailingMetadata());
  return trailers;
}

Task Carrier::Conclude(Carriage& carriage) {
  Passage& passage = carriage.passage;
  const Dialect::Ending ending{passage.status(), carriage.Trailers()};
  passage.Conclude();
  if (passage.client_gone()) {
    carriage.exchange.Break();
    co_return;
  }
  bool sent = true;
  std::optional<std::string> tail;
  if (carriage.begun) tail = carriage.dialect.Tail(ending);
  if (!carriage.begun) {
    Dialect::Whole whole = WholeOf(carriage, ending);
    Task answer = carriage.exchange.Answer(std::move(whole.head), std::move(whole.body), sent);
    co_await answer;
  } else if (!tail) {
    carriage.exchange.Break();
  } else {
    Task write = carriage.exchange.Write(*tail, sent);
    co_await write;
    if (sent) {
      Task end = carriage.exchange.End(sent);
      co_await end;
    }
  }
  if (!sent) passage.ClientGone();
}

Dialect::Whole Carrier::WholeOf(Carriage& carriage, const Dialect::Ending& ending) {
  Passage& passage = carriage.passage;
  absl::StatusOr<Dialect::Whole> whole = Dialect::Whole();
  if (passage.status().ok() && carriage.answer) {
    whole = carriage.dialect.Answer(*carriage.answer, ending);
  } else if (passage.status().ok()) {
    // A stream without a message.
    absl::StatusOr<HttpAnswer> head = carriage.dialect.Begin(nullptr);
    if (head.ok()) {
      whole = Dialect::Whole{*std::move(head), carriage.dialect.Tail(ending).value_or("")};
    } else {
      whole = head.status();
    }
  }
  if (!whole.ok()) passage.Refuse(RefusedFor::kMalformed, whole.status());
  if (!passage.status().ok()) whole = carriage.dialect.Failure(ending);
  whole->head.fields = carriage.Dress(std::move(whole->head.fields));
  return *std::move(whole);
}

}  // namespace gateway::web
