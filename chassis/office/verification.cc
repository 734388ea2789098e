#include "chassis/office/verification.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "chassis/host/host.h"
#include "chassis/status/status.h"
#include "chassis/telemetry/log.h"

namespace chassis {
namespace {

namespace v1 = aftersales::common::v1;

constexpr absl::Duration kStatementDeadline = absl::Seconds(10);

bool Differs(const std::vector<v1::LedgerCheck>& checks) {
  return std::any_of(checks.begin(), checks.end(),
                     [](const v1::LedgerCheck& check) { return check.difference_count() > 0; });
}

absl::StatusOr<std::vector<Census::Point>> VerifiedTimes(sql::Session& session) {
  ASSIGN_OR_RETURN(const sql::Rows rows,
                   session.Query("SELECT store_id, MIN(verify_time) AS verify_time FROM ledger_verification "
                                 "WHERE verify_time > ? GROUP BY store_id",
                                 absl::UnixEpoch()));
  std::vector<Census::Point> points;
  for (size_t i = 0; i < rows.size(); ++i) {
    points.push_back({.store_id = rows[i].Id("store_id"),
                      .labels = {},
                      .value = absl::ToDoubleSeconds(rows[i].Time("verify_time") - absl::UnixEpoch())});
  }
  return points;
}

}  // namespace

Verification::Verification(Host& host, LedgerVerifier verify, absl::Duration interval)
    : host_(host), verify_(std::move(verify)), interval_(interval) {}

absl::StatusOr<int64_t> Verification::Turn() {
  ASSIGN_OR_RETURN(const std::string store_id, NextDue());
  if (store_id.empty()) return 0;
  const absl::Status verified = VerifyStore(store_id);
  if (verified.ok()) {
    failed_.erase(store_id);
  } else {
    // The other stores do not wait for it.
    failed_[store_id] = host_.clock().Now();
  }
  RETURN_IF_ERROR(verified);
  return 1;
}

absl::StatusOr<std::string> Verification::NextDue() {
  const absl::Time now = host_.clock().Now();
  const absl::Duration again = std::min(interval_, kVerifyAgainAfter);
  std::vector<std::string> stores{std::string(kGroupStoreId)};
  std::map<std::string, bool> fresh;
  RETURN_IF_ERROR(host_.pool().Read(now + kStatementDeadline, [&](sql::Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(const sql::Rows known, session.Query("SELECT store_id FROM store ORDER BY store_id"));
    for (size_t i = 0; i < known.size(); ++i) stores.push_back(known[i].Id("store_id"));
    ASSIGN_OR_RETURN(const sql::Rows rows,
                     session.Query("SELECT store_id, MIN(verify_time) AS verify_time, MAX(differences) AS differences "
                                   "FROM ledger_verification WHERE verify_time > ? GROUP BY store_id",
                                   now - interval_));
    for (size_t i = 0; i < rows.size(); ++i) {
      fresh[rows[i].Id("store_id")] = rows[i].Int("differences") == 0 || rows[i].Time("verify_time") > now - again;
    }
    return absl::OkStatus();
  }));
  for (const std::string& store_id : stores) {
    const auto failed = failed_.find(store_id);
    if (!fresh[store_id] && (failed == failed_.end() || failed->second <= now - again)) return store_id;
  }
  return "";
}

absl::Status Verification::VerifyStore(const std::string& store_id) {
  ASSIGN_OR_RETURN(std::vector<v1::LedgerCheck> checks, verify_(store_id));
  if (Differs(checks)) {
    ASSIGN_OR_RETURN(checks, verify_(store_id));
  }
  for (const v1::LedgerCheck& check : checks) {
    if (check.difference_count() == 0) continue;
    log::Error("verification found differences", {{"store", store_id},
                                                  {"check", check.name()},
                                                  {"differences", absl::StrCat(check.difference_count())},
                                                  {"first", check.differences().empty() ? "" : check.differences(0)}});
  }
  const absl::Time now = host_.clock().Now();
  return host_.pool().Transact(now + kStatementDeadline, [&](sql::Session& session) -> absl::Status {
    RETURN_IF_ERROR(
        session.Execute("DELETE FROM ledger_verification WHERE store_id = ?", sql::Uuid{store_id}).status());
    for (const v1::LedgerCheck& check : checks) {
      RETURN_IF_ERROR(
          session
              .Execute("INSERT INTO ledger_verification (store_id, check_name, differences, verify_time) VALUES "
                       "(?, ?, ?, ?)",
                       sql::Uuid{store_id}, check.name(), check.difference_count(), now)
              .status());
    }
    return absl::OkStatus();
  });
}

std::vector<Census::Family> Verification::Figures() {
  return {
      {.name = "verification_differences",
       .help = "Differences the last verification of a store found, by check (G-03).",
       .labels = {{"check", {}}},
       .sql = "SELECT store_id, check_name AS `check`, differences AS value FROM ledger_verification WHERE verify_time "
              "<= :now"},
      {.name = "verification_timestamp_seconds",
       .help = "When a store was last verified (G-03).",
       .points = &VerifiedTimes},
  };
}

}  // namespace chassis
