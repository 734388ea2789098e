// The rows of the command log and what is written together with them just before COMMIT. Written for few statements
// and few copies: this runs once for every command of the suite.
#include "chassis/audit/command_log.h"

#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "chassis/audit/digest.h"
#include "chassis/audit/sealing.h"
#include "chassis/duties/duty_board.h"
#include "chassis/host/kept_status.h"
#include "chassis/processes/process_driver.h"

namespace chassis {
namespace {

namespace v1 = aftersales::common::v1;

constexpr std::string_view kReplyPlace = "command_log.reply";
// First byte of a kept answer.
constexpr char kReplyMark = '+';
constexpr char kRefusalMark = '-';
constexpr int32_t kPageSizeDefault = 50;
constexpr int32_t kPageSizeMax = 500;
constexpr size_t kRowsPerStatementMax = 50;
constexpr absl::Duration kPurgeDeadline = absl::Seconds(20);

struct LogRow {
  std::string store_id;  // bytes, as everything here
  std::string command_id;
  int64_t create_time_us = 0;
  std::string_view actor, on_behalf_of, client, method;
  std::string request_id;
  std::string_view request_digest, reason;
  std::string_view changes;
};

std::string DigestOf(const LogRow& row) {
  return audit::Digest()
      .Add(row.store_id)
      .Add(row.command_id)
      .Add(row.create_time_us)
      .Add(row.actor)
      .Add(row.on_behalf_of)
      .Add(row.client)
      .Add(row.method)
      .Add(row.request_id)
      .Add(row.request_digest)
      .Add(row.reason)
      .Add(row.changes)
      .Finish();
}

void AppendJsonText(std::string_view text, std::string& json) {
  json += '"';
  for (char c : text) {
    if (c == '"' || c == '\\') json += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) json += c;
  }
  json += '"';
}

// The records' own JSON goes in as it is: it was made by the chassis and holds no personal data.
std::string ChangesJson(const std::vector<RecordedChange>& changes) {
  std::string json = "[";
  for (const RecordedChange& change : changes) {
    if (json.size() > 1) json += ',';
    json += "{\"table\":";
    AppendJsonText(change.table, json);
    json += ",\"record_id\":";
    AppendJsonText(change.record_id, json);
    if (!change.before_json.empty()) absl::StrAppend(&json, ",\"before\":", change.before_json);
    if (!change.after_json.empty()) absl::StrAppend(&json, ",\"after\":", change.after_json);
    json += '}';
  }
  return json += ']';
}

// Inserts rows whose values lie one after the other in `values`, some at a time.
absl::Status InsertRows(sql::Session& session, std::string_view head, size_t columns, std::vector<sql::Value> values) {
  while (!values.empty()) {
    const size_t rows = std::min(values.size() / columns, kRowsPerStatementMax);
    std::vector<sql::Value> rest(std::make_move_iterator(values.begin() + rows * columns),
                                 std::make_move_iterator(values.end()));
    values.resize(rows * columns);
    auto inserted = session.ExecuteValues(std::string(head) + sql::RowPlaceholders(rows, columns), values);
    RETURN_IF_ERROR(inserted.status());
    values = std::move(rest);
  }
  return absl::OkStatus();
}

// Passes over the next entries of one store, up to the id `end`, and remembers how far it came.
absl::StatusOr<int64_t> PurgeStore(sql::Session& session, const std::string& store_id, const std::string& end,
                                   int64_t entries_max) {
  const sql::Uuid store{store_id};
  ASSIGN_OR_RETURN(const sql::Rows mark,
                   session.Query("SELECT up_to_command_id FROM reply_purge WHERE store_id = ? FOR UPDATE", store));
  const std::string from = mark.empty() ? std::string(16, '\0') : mark[0].Text("up_to_command_id");
  ASSIGN_OR_RETURN(const sql::Rows rows,
                   session.Query("SELECT command_id FROM command_log WHERE store_id = ? AND command_id > ? AND "
                                 "command_id < ? ORDER BY command_id LIMIT ?",
                                 store, sql::Bytes{from}, sql::Bytes{end}, entries_max));
  if (rows.empty()) return 0;
  const std::string last = rows[rows.size() - 1].Text("command_id");
  RETURN_IF_ERROR(session
                      .Execute("UPDATE command_log SET reply = NULL WHERE store_id = ? AND command_id > ? AND "
                               "command_id <= ? AND reply IS NOT NULL",
                               store, sql::Bytes{from}, sql::Bytes{last})
                      .status());
  RETURN_IF_ERROR(
      mark.empty()
          ? session
                .Execute("INSERT INTO reply_purge (store_id, up_to_command_id) VALUES (?, ?)", store, sql::Bytes{last})
                .status()
          : session.Execute("UPDATE reply_purge SET up_to_command_id = ? WHERE store_id = ?", sql::Bytes{last}, store)
                .status());
  return static_cast<int64_t>(rows.size());
}

}  // namespace

absl::Status CommandLog::Write(Host& host, sql::Session& session, const std::vector<Entry>& entries,
                               bool& request_known) {
  std::vector<sql::Value> logs, events, processes;
  for (const Entry& entry : entries) {
    UnitOfWork& work = *entry.work;
    RETURN_IF_ERROR(work.defect_);
    const Command& command = *entry.command;
    if (command.request_id.empty() && work.IsEmpty()) continue;
    RETURN_IF_ERROR(host.duties().InsertOwed(work));

    const std::string changes = ChangesJson(work.changes_);
    LogRow row{.store_id = sql::UuidBytes(work.store_id_),
               .command_id = sql::UuidBytes(work.NewId()),
               .create_time_us = absl::ToUnixMicros(work.now_),
               .actor = work.actor_.subject,
               .on_behalf_of = work.actor_.on_behalf_of,
               .client = work.actor_.client,
               .method = command.method,
               .request_id = sql::UuidBytes(command.request_id),
               .request_digest = command.request_digest,
               .reason = work.reason_,
               .changes = changes};
    if (!command.request_id.empty() && row.request_id.empty()) return absl::InternalError("request_id is no UUID");
    const std::string digest = DigestOf(row);
    for (sql::Value value : std::initializer_list<sql::Value>{
             sql::Bytes{row.store_id}, sql::Bytes{row.command_id}, work.now_, std::string(row.actor),
             std::string(row.on_behalf_of), std::string(row.client), std::string(row.method),
             row.request_id.empty() ? sql::Value(sql::Null{}) : sql::Value(sql::Bytes{row.request_id}),
             sql::Bytes{std::string(row.request_digest)}, std::string(row.reason), std::string(row.changes),
             entry.reply == nullptr ? sql::Value(sql::Null{})
                                    : sql::Value(sql::Bytes{Sealed(host.cipher(), *entry.reply)}),
             sql::Bytes{digest}}) {
      logs.push_back(std::move(value));
    }

    int64_t sequence = 0;
    for (const UnitOfWork::CollectedEvent& collected : work.events_) {
      const v1::Event& event = collected.event;
      for (sql::Value value : std::initializer_list<sql::Value>{
               sql::Bytes{row.store_id}, sql::ToValue(sql::Uuid{event.event_id()}), event.type(), event.document_kind(),
               sql::ToValue(sql::Uuid{event.document_id()}), event.document_version(), sequence++, work.now_,
               event.actor(), sql::Bytes{event.payload().SerializeAsString()}}) {
        events.push_back(std::move(value));
      }
    }
    const std::string& on_behalf_of = work.actor_.on_behalf_of.empty() ? work.actor_.subject : work.actor_.on_behalf_of;
    for (UnitOfWork::CollectedProcess& process : work.processes_) {
      const absl::Time lease_until = work.now_ + kProcessLease;
      process.lease_until = lease_until;
      if (process.answers) process.command_id = sql::UuidText(row.command_id);
      for (sql::Value value : std::initializer_list<sql::Value>{
               sql::Bytes{row.store_id}, sql::ToValue(sql::Uuid{process.process_id}), process.kind,
               sql::ToValue(sql::Uuid{process.subject_id}),
               sql::Bytes{host.cipher().Seal(process.data, "process.data")}, std::string("RUNNING"), int64_t{0},
               int64_t{0}, lease_until, sql::ToValue(sql::Uuid{host.processes().holder()}), lease_until, on_behalf_of,
               work.now_, work.now_,
               process.answers ? sql::Value(sql::Bytes{row.command_id}) : sql::Value(sql::Null{})}) {
        processes.push_back(std::move(value));
      }
    }
  }

  absl::Status logged = InsertRows(session,
                                   "INSERT INTO command_log (store_id, command_id, create_time, actor, on_behalf_of, "
                                   "client, method, request_id, request_digest, reason, changes, reply, row_digest) "
                                   "VALUES ",
                                   13, std::move(logs));
  if (absl::IsAlreadyExists(logged)) request_known = true;
  RETURN_IF_ERROR(logged);
  RETURN_IF_ERROR(InsertRows(session,
                             "INSERT INTO process (store_id, process_id, kind, subject_id, data, state, step, "
                             "attempts, next_time, lease_holder, lease_until, on_behalf_of, create_time, update_time, "
                             "command_id) VALUES ",
                             15, std::move(processes)));
  return InsertRows(session,
                    "INSERT INTO outbox (store_id, event_id, type, document_kind, document_id, document_version, "
                    "sequence, occur_time, actor, payload) VALUES ",
                    10, std::move(events));
}

std::string CommandLog::Sealed(const privacy::Cipher& cipher, const absl::StatusOr<std::string>& answer) {
  return cipher.Seal(answer.ok() ? kReplyMark + *answer : kRefusalMark + StatusBytes(answer.status()), kReplyPlace);
}

absl::StatusOr<std::string> CommandLog::Opened(const privacy::Cipher& cipher, const std::string& sealed) {
  ASSIGN_OR_RETURN(std::string plain, cipher.Open(sealed, kReplyPlace));
  if (plain.empty()) return absl::InternalError("a kept answer is empty");
  if (plain[0] == kRefusalMark) return StatusFrom(plain.substr(1));
  return plain.substr(1);
}

absl::StatusOr<std::optional<CommandLog::Known>> CommandLog::Find(sql::Session& session, const Command& command) {
  ASSIGN_OR_RETURN(sql::Rows rows,
                   session.Query("SELECT c.request_digest, c.reply, p.state AS process_state FROM command_log c LEFT "
                                 "JOIN process p ON p.store_id = c.store_id AND p.command_id = c.command_id WHERE "
                                 "c.store_id = ? AND c.actor = ? AND c.request_id = ?",
                                 sql::Uuid{command.store_id.empty() ? std::string(kGroupStoreId) : command.store_id},
                                 command.actor.subject, sql::Uuid{command.request_id}));
  if (rows.empty()) return std::nullopt;
  Known known{.request_digest = rows[0].Text("request_digest"), .sealed_reply = std::nullopt};
  if (!rows[0].IsNull("reply")) known.sealed_reply = rows[0].Text("reply");
  for (size_t i = 0; i < rows.size() && !known.under_way; ++i) {
    if (rows[i].IsNull("process_state")) continue;
    const std::string state = rows[i].Text("process_state");
    known.under_way = state == "RUNNING" || state == "COMPENSATING";
  }
  return known;
}

absl::StatusOr<int64_t> CommandLog::ReplaceReply(sql::Session& session, const Command& command,
                                                 const std::string& sealed_reply) {
  return session.Execute("UPDATE command_log SET reply = ? WHERE store_id = ? AND actor = ? AND request_id = ?",
                         sql::Bytes{sealed_reply},
                         sql::Uuid{command.store_id.empty() ? std::string(kGroupStoreId) : command.store_id},
                         command.actor.subject, sql::Uuid{command.request_id});
}

absl::Status CommandLog::AnswerEntry(sql::Session& session, const std::string& store_id, const std::string& command_id,
                                     const std::string& sealed_reply) {
  // A command without request id is never repeated, and what was purged stays so.
  return session
      .Execute("UPDATE command_log SET reply = ? WHERE store_id = ? AND command_id = ? AND reply IS NOT NULL",
               sql::Bytes{sealed_reply}, sql::Uuid{store_id}, sql::Uuid{command_id})
      .status();
}

absl::StatusOr<std::optional<std::string>> CommandLog::SealedReplyOf(sql::Session& session, const std::string& store_id,
                                                                     const std::string& command_id) {
  ASSIGN_OR_RETURN(const sql::Rows rows,
                   session.Query("SELECT reply FROM command_log WHERE store_id = ? AND command_id = ?",
                                 sql::Uuid{store_id}, sql::Uuid{command_id}));
  if (rows.empty() || rows[0].IsNull("reply")) return std::nullopt;
  return rows[0].Text("reply");
}

absl::StatusOr<int64_t> CommandLog::PurgeReplies(Host& host, absl::Time before, int64_t entries_max) {
  const std::string end = audit::FirstIdAt(before);
  std::vector<std::string> stores;
  RETURN_IF_ERROR(host.pool().Read(host.clock().Now() + kPurgeDeadline, [&](sql::Session& session) -> absl::Status {
    stores = {std::string(kGroupStoreId)};
    ASSIGN_OR_RETURN(const sql::Rows rows, session.Query("SELECT store_id FROM store ORDER BY store_id"));
    for (size_t i = 0; i < rows.size(); ++i) stores.push_back(rows[i].Id("store_id"));
    return absl::OkStatus();
  }));
  int64_t passed = 0;
  for (const std::string& store_id : stores) {
    int64_t here = 0;
    RETURN_IF_ERROR(
        host.pool().Transact(host.clock().Now() + kPurgeDeadline, [&](sql::Session& session) -> absl::Status {
          ASSIGN_OR_RETURN(here, PurgeStore(session, store_id, end, entries_max));
          return absl::OkStatus();
        }));
    passed += here;
  }
  return passed;
}

absl::Status CommandLog::List(sql::Session& session, const std::string& store_id, int32_t page_size,
                              const std::string& page_token, v1::ListAuditEntriesResponse& page) {
  if (page_size < 0) return InvalidField("page_size", "不能为负数", "must not be negative");
  if (page_size == 0) page_size = kPageSizeDefault;
  page_size = std::min(page_size, kPageSizeMax);
  // The token is the last command id shown.
  std::string before(16, '\xff');
  if (!page_token.empty() && (!absl::WebSafeBase64Unescape(page_token, &before) || before.size() != 16)) {
    return Refuse(v1::ERROR_REASON_PAGE_TOKEN).At("page_token", "不属于此查询", "does not belong to this query");
  }
  const std::string store = store_id.empty() ? std::string(kGroupStoreId) : store_id;
  ASSIGN_OR_RETURN(sql::Rows rows,
                   session.Query(absl::StrCat("SELECT ", kDigestColumns,
                                              ", seal_number FROM command_log WHERE store_id = ? AND command_id < ? "
                                              "ORDER BY command_id DESC LIMIT ?"),
                                 sql::Uuid{store}, sql::Bytes{before}, page_size + 1));
  for (size_t i = 0; i < rows.size() && i < static_cast<size_t>(page_size); ++i) {
    const sql::Row row = rows[i];
    v1::AuditEntry& entry = *page.add_audit_entries();
    entry.set_store_id(row.Id("store_id"));
    entry.set_command_id(row.Id("command_id"));
    *entry.mutable_create_time() = ToProto(row.Time("create_time"));
    entry.set_actor(row.Text("actor"));
    entry.set_on_behalf_of(row.Text("on_behalf_of"));
    entry.set_client(row.Text("client"));
    entry.set_method(row.Text("method"));
    entry.set_request_id(row.Id("request_id"));
    entry.set_reason(row.Text("reason"));
    entry.set_seal_number(row.IntOr("seal_number", 0));
    const nlohmann::json changes = nlohmann::json::parse(row.Text("changes"), nullptr, /*allow_exceptions=*/false);
    for (const nlohmann::json& change : changes) {
      if (!change.is_object()) continue;
      v1::RecordChange& recorded = *entry.add_changes();
      recorded.set_table(change.value("table", ""));
      recorded.set_record_id(change.value("record_id", ""));
      if (change.contains("before")) recorded.set_before_json(change["before"].dump());
      if (change.contains("after")) recorded.set_after_json(change["after"].dump());
    }
  }
  if (rows.size() > static_cast<size_t>(page_size)) {
    page.set_next_page_token(absl::WebSafeBase64Escape(rows[page_size - 1].Text("command_id")));
  }
  return absl::OkStatus();
}

std::string CommandLog::RowDigest(const sql::Row& row) {
  const std::string actor = row.Text("actor"), on_behalf_of = row.Text("on_behalf_of"), client = row.Text("client"),
                    method = row.Text("method"), request_digest = row.Text("request_digest"),
                    reason = row.Text("reason"), changes = row.Text("changes");
  return DigestOf({.store_id = row.Text("store_id"),
                   .command_id = row.Text("command_id"),
                   .create_time_us = absl::ToUnixMicros(row.Time("create_time")),
                   .actor = actor,
                   .on_behalf_of = on_behalf_of,
                   .client = client,
                   .method = method,
                   .request_id = row.Text("request_id"),
                   .request_digest = request_digest,
                   .reason = reason,
                   .changes = changes});
}

}  // namespace chassis
