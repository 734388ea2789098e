// Making and recomputing seals.
#include "chassis/audit/sealing.h"

#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chassis/audit/command_log.h"
#include "chassis/audit/digest.h"

namespace chassis::audit {
namespace {

namespace v1 = aftersales::common::v1;

constexpr int kDifferencesShownMax = 100;
constexpr int64_t kRowsPerReadMax = 500;
constexpr absl::Duration kDeadline = absl::Seconds(20);

std::string FirstLink() { return std::string(kDigestBytes, '\0'); }

class Batch {
 public:
  Batch(const std::string& previous_digest, const std::string& store_id, int64_t seal_number) {
    digest_.Add(previous_digest).Add(sql::UuidBytes(store_id)).Add(seal_number);
  }
  void Add(std::string_view row_digest) {
    digest_.Add(row_digest);
    ++count_;
  }
  int64_t count() const { return count_; }
  std::string Finish() { return digest_.Add(count_).Finish(); }

 private:
  Digest digest_;
  int64_t count_ = 0;
};

absl::StatusOr<int64_t> SealStore(Host& host, const std::string& store_id) {
  const absl::Time now = host.clock().Now();
  int64_t sealed = 0;
  RETURN_IF_ERROR(host.pool().Transact(now + kDeadline, [&](sql::Session& session) -> absl::Status {
    sealed = 0;
    const sql::Uuid store{store_id};
    ASSIGN_OR_RETURN(sql::Rows last,
                     session.Query("SELECT seal_number, digest FROM audit_seal WHERE store_id = ? ORDER "
                                   "BY seal_number DESC LIMIT 1",
                                   store));
    const int64_t number = last.empty() ? 1 : last[0].Int("seal_number") + 1;
    const std::string previous = last.empty() ? FirstLink() : last[0].Text("digest");
    // Marked first and read afterwards: what is committed in between goes into the next batch.
    RETURN_IF_ERROR(
        session
            .Execute("UPDATE command_log SET seal_number = ? WHERE seal_number IS NULL AND store_id = ? AND "
                     "command_id < ? ORDER BY command_id LIMIT ?",
                     number, store, sql::Bytes{FirstIdAt(now - kSettleTime)}, kSealedPerBatchMax)
            .status());
    ASSIGN_OR_RETURN(sql::Rows rows, session.Query("SELECT command_id, row_digest FROM command_log WHERE store_id = ? "
                                                   "AND seal_number = ? ORDER BY command_id",
                                                   store, number));
    if (rows.empty()) return absl::OkStatus();
    Batch batch(previous, store_id, number);
    for (size_t i = 0; i < rows.size(); ++i) batch.Add(rows[i].Text("row_digest"));
    sealed = batch.count();
    return session
        .Execute(
            "INSERT INTO audit_seal (store_id, seal_number, first_command_id, last_command_id, command_count, "
            "digest, previous_digest, create_time) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            store, number, sql::Bytes{rows[0].Text("command_id")}, sql::Bytes{rows[rows.size() - 1].Text("command_id")},
            sealed, sql::Bytes{batch.Finish()}, sql::Bytes{previous}, now)
        .status();
  }));
  return sealed;
}

// Recomputes the digests of the rows of one seal (or of the open ones), in pages, and hands on each stored digest.
absl::Status CheckRows(sql::Session& session, const std::string& store_id, int64_t seal_number, v1::LedgerCheck& check,
                       const std::function<void(const std::string&)>& each) {
  std::string after(16, '\0');
  while (true) {
    std::string where = "store_id = ? AND command_id > ? AND seal_number ";
    std::vector<sql::Value> values = {sql::ToValue(sql::Uuid{store_id}), sql::Bytes{after}};
    if (seal_number == 0) {
      where += "IS NULL";
    } else {
      where += "= ?";
      values.push_back(seal_number);
    }
    values.push_back(kRowsPerReadMax);
    ASSIGN_OR_RETURN(sql::Rows rows, session.QueryValues(absl::StrCat("SELECT ", CommandLog::kDigestColumns,
                                                                      ", row_digest FROM command_log WHERE ", where,
                                                                      " ORDER BY command_id LIMIT ?"),
                                                         values));
    for (size_t i = 0; i < rows.size(); ++i) {
      const std::string stored = rows[i].Text("row_digest");
      if (CommandLog::RowDigest(rows[i]) != stored) {
        AddDifference(check, absl::StrCat("command ", rows[i].Id("command_id"), " was edited"));
      }
      check.set_checked_count(check.checked_count() + 1);
      each(stored);
      after = rows[i].Text("command_id");
    }
    if (static_cast<int64_t>(rows.size()) < kRowsPerReadMax) return absl::OkStatus();
  }
}

absl::Status CheckSeal(sql::Session& session, const std::string& store_id, const sql::Row& seal, int64_t number,
                       const std::string& previous, v1::LedgerCheck& check) {
  const std::string name = absl::StrCat("seal ", number, " (commands ", seal.Id("first_command_id"), " to ",
                                        seal.Id("last_command_id"), ")");
  if (seal.Text("previous_digest") != previous)
    AddDifference(check, absl::StrCat(name, " does not follow the one before"));
  Batch batch(seal.Text("previous_digest"), store_id, number);
  RETURN_IF_ERROR(CheckRows(session, store_id, number, check, [&](const std::string& digest) { batch.Add(digest); }));
  const int64_t expected = seal.Int("command_count");
  if (batch.count() != expected) {
    AddDifference(check, absl::StrCat(name, " sealed ", expected, " commands, ", batch.count(),
                                      " are there: ", batch.count() < expected ? "removed" : "added"));
  } else if (batch.Finish() != seal.Text("digest")) {
    AddDifference(check, absl::StrCat(name, " does not match its commands"));
  }
  return absl::OkStatus();
}

}  // namespace

void AddDifference(v1::LedgerCheck& check, std::string difference) {
  check.set_difference_count(check.difference_count() + 1);
  if (check.differences_size() < kDifferencesShownMax) check.add_differences(std::move(difference));
}

std::string FirstIdAt(absl::Time time) {
  const auto ms = static_cast<uint64_t>(absl::ToUnixMillis(time));
  std::string id(16, '\0');
  for (int i = 0; i < 6; ++i) id[i] = static_cast<char>(ms >> (40 - 8 * i));
  return id;
}

absl::StatusOr<int64_t> SealOnce(Host& host) {
  std::vector<std::string> stores;
  RETURN_IF_ERROR(host.pool().Read(host.clock().Now() + kDeadline, [&](sql::Session& session) -> absl::Status {
    stores.clear();
    ASSIGN_OR_RETURN(sql::Rows rows,
                     session.Query("SELECT DISTINCT store_id FROM command_log WHERE seal_number IS NULL"));
    for (size_t i = 0; i < rows.size(); ++i) stores.push_back(rows[i].Id("store_id"));
    return absl::OkStatus();
  }));
  int64_t sealed = 0;
  for (const std::string& store : stores) {
    ASSIGN_OR_RETURN(int64_t in_store, SealStore(host, store));
    sealed += in_store;
  }
  return sealed;
}

absl::StatusOr<v1::LedgerCheck> VerifyChain(sql::Session& session, const std::string& store_id) {
  v1::LedgerCheck check;
  check.set_name("audit_chain");
  const std::string store = store_id.empty() ? std::string(kGroupStoreId) : store_id;
  ASSIGN_OR_RETURN(sql::Rows seals,
                   session.Query("SELECT seal_number, first_command_id, last_command_id, command_count, digest, "
                                 "previous_digest FROM audit_seal WHERE store_id = ? ORDER BY seal_number",
                                 sql::Uuid{store}));
  std::string previous = FirstLink();
  int64_t next = 1;
  for (size_t i = 0; i < seals.size(); ++i) {
    const int64_t number = seals[i].Int("seal_number");
    if (number != next) AddDifference(check, absl::StrCat("seal ", next, " was removed"));
    RETURN_IF_ERROR(CheckSeal(session, store, seals[i], number, previous, check));
    previous = seals[i].Text("digest");
    next = number + 1;
  }
  // A cut-off end shows when entries outlive their seal. Asked in one statement: seals made since the list was read are
  // there, with what they seal.
  ASSIGN_OR_RETURN(
      sql::Rows beyond,
      session.Query("SELECT c.command_id, c.seal_number FROM command_log c WHERE c.store_id = ? AND c.seal_number >= ? "
                    "AND NOT EXISTS (SELECT 1 FROM audit_seal s WHERE s.store_id = c.store_id AND s.seal_number = "
                    "c.seal_number) ORDER BY c.seal_number LIMIT 100",
                    sql::Uuid{store}, next));
  for (size_t i = 0; i < beyond.size(); ++i) {
    AddDifference(check, absl::StrCat("command ", beyond[i].Id("command_id"), " names seal ",
                                      beyond[i].Int("seal_number"), ", which was removed"));
  }
  RETURN_IF_ERROR(CheckRows(session, store, 0, check, [](const std::string&) {}));
  return check;
}

}  // namespace chassis::audit
