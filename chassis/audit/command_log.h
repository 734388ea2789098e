// The command log: one row per command is its idempotency record and its audit entry (G-03, G-07). This file knows
// how the row looks, how its digest is made and how it is read back; audit/sealing.h chains the rows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "aftersales/common/v1/audit.pb.h"
#include "chassis/host/host.h"
#include "chassis/host/unit_of_work.h"
#include "chassis/sql/session.h"

namespace chassis {

class CommandLog {
 public:
  // One finished body and what it is to be known by.
  struct Entry {
    const Command* command;
    UnitOfWork* work;
    const std::string* reply;  // null: none to keep
  };
  // Writes everything the units of work collected: duties, log rows, processes, events; each in one multi-row
  // statement, none for what is empty. A command without request id that did nothing leaves no row.
  // `request_known` becomes true when the request id was used before; the transaction must then be rolled back.
  static absl::Status Write(Host& host, sql::Session& session, const std::vector<Entry>& entries, bool& request_known);

  // An answer, reply or refusal, as it lies in the column; and back exactly.
  static std::string Sealed(const privacy::Cipher& cipher, const absl::StatusOr<std::string>& answer);
  static absl::StatusOr<std::string> Opened(const privacy::Cipher& cipher, const std::string& sealed);

  struct Known {
    std::string request_digest;
    std::optional<std::string> sealed_reply;  // nothing once purged
    bool under_way = false;                   // a process it started has not ended: the reply is not the last word
  };
  static absl::StatusOr<std::optional<Known>> Find(sql::Session& session, const Command& command);
  static absl::StatusOr<int64_t> ReplaceReply(sql::Session& session, const Command& command,
                                              const std::string& sealed_reply);
  // The reply of one log entry, for the process that answers it.
  static absl::Status AnswerEntry(sql::Session& session, const std::string& store_id, const std::string& command_id,
                                  const std::string& sealed_reply);
  static absl::StatusOr<std::optional<std::string>> SealedReplyOf(sql::Session& session, const std::string& store_id,
                                                                  const std::string& command_id);
  // Clears the replies of entries made before `before`, oldest first, at most `entries_max` looked at per store. The
  // entries stay, so the chain of the audit is as it was; a repeat is refused from then on. Returns how many entries
  // were passed.
  static absl::StatusOr<int64_t> PurgeReplies(Host& host, absl::Time before, int64_t entries_max);

  // One page, newest first. Refuses a page token that is none of ours.
  static absl::Status List(sql::Session& session, const std::string& store_id, int32_t page_size,
                           const std::string& page_token, aftersales::common::v1::ListAuditEntriesResponse& page);

  // Columns a row's digest is made of, for SELECT, and the digest from such a row.
  static constexpr char kDigestColumns[] =
      "store_id, command_id, create_time, actor, on_behalf_of, client, method, request_id, request_digest, reason, "
      "changes";
  static std::string RowDigest(const sql::Row& row);
};

}  // namespace chassis
