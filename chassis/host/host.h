// Everything one service instance has at hand: clock, ids, database, keys, numbers, stores, peers, metrics. Made
// once by main (or a test), passed by reference, never global; several live in one test process.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chassis/client/peers.h"
#include "chassis/host/unit_of_work.h"
#include "chassis/identity/identity.h"
#include "chassis/numbers/numbers.h"
#include "chassis/privacy/cipher.h"
#include "chassis/processes/processes.h"
#include "chassis/sql/pool.h"
#include "chassis/stores/stores.h"
#include "chassis/telemetry/metrics.h"
#include "chassis/time/clock.h"

namespace chassis {

class ChangeFeed;
class DutyBoard;
class UnmaskedReads;

// How a command is known, for idempotency and audit. Background work leaves request_id empty.
struct Command {
  std::string store_id;
  Actor actor;
  std::string method;
  std::string request_id;
  std::string request_digest;  // SHA-256 of the request's deterministic bytes
};

class Host {
 public:
  // The parts are owned elsewhere (server/service.cc builds them); a Host only brings them together.
  struct Parts {
    std::string service_name;  // "parts-svc"
    std::string package;       // "aftersales.parts.v1"
    Clock* clock;
    Ids* ids;
    Sleeper* sleeper;
    sql::Pool* pool;
    const privacy::Cipher* cipher;
    Numbers* numbers;
    Stores* stores;
    Peers* peers;
    Processes* processes;
    ChangeFeed* feed;
    telemetry::Metrics* metrics;
  };
  explicit Host(Parts parts);
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  Clock& clock() const { return *parts_.clock; }
  Ids& ids() const { return *parts_.ids; }
  Sleeper& sleeper() const { return *parts_.sleeper; }
  sql::Pool& pool() const { return *parts_.pool; }
  const privacy::Cipher& cipher() const { return *parts_.cipher; }
  Numbers& numbers() const { return *parts_.numbers; }
  Stores& stores() const { return *parts_.stores; }
  Peers& peers() const { return *parts_.peers; }
  Processes& processes() const { return *parts_.processes; }
  ChangeFeed& feed() const { return *parts_.feed; }
  telemetry::Metrics& metrics() const { return *parts_.metrics; }
  DutyBoard& duties() const { return *duties_; }
  const std::string& service_name() const { return parts_.service_name; }
  const std::string& package() const { return parts_.package; }

  // Runs `body` as one unit of work and commits it with its log entry. With a request_id: a repeat with the same
  // digest returns the stored reply without running `body`; with another digest ERROR_REASON_REQUEST_ID_REUSED.
  // `body` returns the serialized reply to store (may be empty). That an id is known is found out when its second log
  // entry meets the first one's key: `repeated`, when given, then tells that the answer is an earlier command's.
  absl::StatusOr<std::string> Commit(const Command& command, absl::Time deadline,
                                     const std::function<absl::StatusOr<std::string>(UnitOfWork&)>& body,
                                     bool* repeated = nullptr);
  // Background work: no request id, no reply.
  absl::Status CommitInBackground(const std::string& store_id, std::string_view method,
                                  const std::function<absl::Status(UnitOfWork&)>& body);
  // Several units of work in one transaction, all or none (event intake). `first` runs before them in the same
  // transaction and may be empty.
  struct Share {
    Command command;
    std::function<absl::Status(UnitOfWork&)> body;
  };
  absl::Status CommitTogether(absl::Time deadline, const std::function<absl::Status(sql::Session&)>& first,
                              const std::vector<Share>& shares);
  // Who the service is when it acts for itself, or for `on_behalf_of`.
  Actor Self(std::string on_behalf_of = "") const;
  // A caller was shown personal data in clear (G-02): one entry of the command log,
  // committed when this returns.
  absl::Status RecordUnmaskedRead(const std::string& subject, const std::string& store_id, std::string_view method,
                                  const std::string& client);
  // The stored reply of a finished command, if it is known; refuses another digest. A refusal that was kept comes back
  // as it was. While the command's process is under way (on another replica, or after a crash) this waits for its end,
  // a few seconds and within the deadline; then ERROR_REASON_UNAVAILABLE.
  absl::StatusOr<std::optional<std::string>> StoredReply(const Command& command, absl::Time deadline);
  // Replaces the stored reply, for a command whose process goes on behind it (UnitOfWork::StartBehind).
  absl::Status ReplaceReply(const Command& command, const std::string& reply, absl::Time deadline);

 private:
  // After the commit: wakes the relay, counts duties done, hands on what was begun.
  void Announce(const std::vector<std::unique_ptr<UnitOfWork>>& works);

  Parts parts_;
  std::unique_ptr<DutyBoard> duties_;
  std::unique_ptr<UnmaskedReads> unmasked_reads_;
};

// Stands for the group in records that belong to no store.
inline constexpr std::string_view kGroupStoreId = "00000000-0000-0000-0000-000000000000";

}  // namespace chassis
