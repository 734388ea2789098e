// One command, one transaction. Everything a command changes goes through its unit of work: business rows, the
// command log entry (audit and idempotency in one row), events and duties commit together or not at all. What is
// collected here is written in at most three multi-row statements just before COMMIT.
//
// A unit of work may be run again from the start after a deadlock, so the body has no effect outside it and calls
// no peer.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aftersales/common/v1/duty.pb.h"
#include "aftersales/common/v1/event.pb.h"
#include "aftersales/common/v1/signature.pb.h"
#include "aftersales/common/v1/store.pb.h"
#include "chassis/sql/session.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"
#include "chassis/time/clock.h"

namespace chassis {

class Host;

// On whose behalf something is done.
struct Actor {
  std::string subject;       // token subject, or "service:parts-svc" for background work
  std::string on_behalf_of;  // the person, when a service acts for one
  std::string client;        // peer address
};

struct RecordedChange {
  std::string table;
  std::string record_id;
  std::string before_json;
  std::string after_json;
};

struct DocumentRef {
  std::string_view kind;  // "repair_order"
  std::string id;
  int64_t version = 0;
};

class UnitOfWork {
 public:
  UnitOfWork(Host& host, sql::Session& session, Actor actor, std::string store_id);

  sql::Session& sql() { return session_; }
  Host& host() { return host_; }
  // Fixed for the whole command.
  absl::Time now() const { return now_; }
  google::protobuf::Timestamp now_proto() const { return ToProto(now_); }
  const Actor& actor() const { return actor_; }
  // Never empty: kGroupStoreId when the command belongs to no store.
  const std::string& store_id() const { return store_id_; }
  std::string NewId();

  // A business event (G-14). `payload` is a message of the service's events.proto; personal data in it is a defect
  // and fails the commit.
  void Publish(const google::protobuf::Message& payload, const DocumentRef& document);

  // A duty (G-05). Needs kind, handbook, subject_kind, subject_id, due_time and assignee or assignee_role.
  void Owe(aftersales::common::v1::Duty duty);
  // Marks the open duties of this kind and subject done (or waived). No open duty is not an error.
  absl::Status CompleteDuties(std::string_view kind, std::string_view subject_id, std::string_view outcome);
  absl::Status WaiveDuties(std::string_view kind, std::string_view subject_id, std::string_view reason);

  // Why (G-03): mandatory for overrides, cancellations and price changes.
  void Because(std::string_view reason) { reason_ = std::string(reason); }

  // Starts a process in this transaction; the caller drives it after the commit (processes/processes.h). Returns its
  // id. `data` is what its steps need. The command is answered when the process ends: until then a repeat of it waits,
  // and what the process' end says (Answer, or its refusal) is kept as the command's reply.
  std::string Start(std::string_view process_kind, std::string_view subject_id, const google::protobuf::Message& data);
  // The same for what goes on behind the caller's back: the command's own reply stands, however the process ends.
  std::string StartBehind(std::string_view process_kind, std::string_view subject_id,
                          const google::protobuf::Message& data);
  // In the `finish` or `abandon` of a process: the answer to the command that started it.
  void Answer(const google::protobuf::Message& answer) { answer_ = answer.SerializeAsString(); }

  // Records a signature of exactly this version of `document` (G-04): computes the digest over its fields marked
  // `signed`, keeps the signed content, and returns the completed signature. The same call serves every document.
  absl::StatusOr<aftersales::common::v1::Signature> Sign(const google::protobuf::Message& document,
                                                         const DocumentRef& ref,
                                                         const aftersales::common::v1::Signature& given);

  // Called by records::Table.
  void Record(RecordedChange change) { changes_.push_back(std::move(change)); }

 private:
  friend class CommandLog;
  friend class DutyBoard;
  friend class Host;
  friend class ProcessDriver;
  struct CollectedEvent {
    aftersales::common::v1::Event event;
  };
  struct CollectedProcess {
    std::string process_id;
    std::string kind;
    std::string subject_id;
    std::string data;
    bool answers = false;    // whether its end is the command's answer
    std::string command_id;  // the log entry it answers, once that is written
    absl::Time lease_until;
  };

  struct DoneDuty {
    std::string kind;
    bool in_time = false;
  };
  // Whether anything happened that the command log must hold.
  bool IsEmpty() const;

  Host& host_;
  sql::Session& session_;
  Actor actor_;
  std::string store_id_;
  absl::Time now_;
  std::string reason_;
  std::vector<RecordedChange> changes_;
  std::vector<CollectedEvent> events_;
  std::vector<aftersales::common::v1::Duty> duties_;
  std::vector<DoneDuty> done_duties_;  // counted once the commit stands
  std::vector<CollectedProcess> processes_;
  std::optional<std::string> answer_;
  // What a body did wrong where it could not be told (an incomplete duty, personal data in an event): the commit
  // fails with it.
  absl::Status defect_;
};

}  // namespace chassis
