// Carries a call that came by HTTP: through the same passage as gRPC calls, to the service as bytes, and back in its
// dialect. All kinds of calls; per direction one message is under way, so a slow reader slows the service.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gateway/passage.h"
#include "gateway/web/dialect.h"
#include "gateway/web/exchange.h"

namespace gateway::web {

struct WebCall {
  std::string method;  // "/aftersales.parts.v1.ReservationService/ReserveParts"; "" when it was not understood
  Dialect* dialect = nullptr;
  Fields fields;  // of every answer, beside what the dialect says
  // Not ok: the door itself refuses it before anything else.
  absl::Status refusal;
  RefusedFor refused_for = RefusedFor::kMalformed;
};

class Carrier {
 public:
  // Streams that were silent for `keep_alive_interval` say that they live, where their dialect can.
  Carrier(Door& door, absl::Duration keep_alive_interval) : door_(door), keep_alive_interval_(keep_alive_interval) {}

  // `call` outlives the task.
  Task Carry(Exchange& exchange, WebCall& call);

 private:
  struct Carriage;
  Task Unary(Carriage& carriage);
  Task Stream(Carriage& carriage);
  // The call's only message; refused when it does not come whole.
  Task ReadOnly(Carriage& carriage, bool& whole);
  Task ReadNext(Carriage& carriage, bool& got);
  Task Upward(Carriage& carriage);
  Task Downward(Carriage& carriage);
  Task SendPiece(Carriage& carriage, bool& sent);
  Task KeepAlive(Carriage& carriage);
  Task Conclude(Carriage& carriage);
  // The answer to a call of which nothing was sent yet.
  Dialect::Whole WholeOf(Carriage& carriage, const Dialect::Ending& ending);

  Door& door_;
  const absl::Duration keep_alive_interval_;
};

}  // namespace gateway::web
