// Numbers from the error references of MySQL 8.0 and MariaDB 10.11.
#include "chassis/sql/server_error.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "chassis/status/text.h"

namespace chassis::sql {
namespace {

constexpr char kNumbered[] = "database error ";

enum Error : int {
  kConnectionCountExceeded = 1040,
  kUnknownServerShutdown = 1053,
  kDuplicateEntry = 1062,
  kRecordChanged = 1020,
  kUserLimit = 1203,
  kLockWaitTimeout = 1205,
  kDeadlock = 1213,
  kUnknownStatement = 1243,
  kUserResourceLimit = 1226,
  kReadOnlyOption = 1290,
  kForeignKeyParent = 1451,
  kForeignKeyChild = 1452,
  kReprepare = 1615,
  kReadOnlyMode = 1836,
  kConnectionKilled = 1927,  // MariaDB
  kStatementTimeoutMariaDb = 1969,
  kClientFirst = 2000,
  kClientLast = 2999,
  kStatementTimeoutMySql = 3024,
  kGroupReplicationRollback = 3101,
  kCheckMySql = 3819,
  kCheckMariaDb = 4025,
  kIdleDisconnect = 4031,  // MySQL
};

// "Duplicate entry '...' for key 'table.name'": the name, without the table MySQL 8 puts before it.
std::string_view KeyName(std::string_view message) {
  constexpr std::string_view kMark = "for key '";
  const size_t at = message.rfind(kMark);
  if (at == std::string_view::npos) return "";
  std::string_view name = message.substr(at + kMark.size());
  name = name.substr(0, name.find('\''));
  const size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

bool ServerGoesAway(int error) {
  switch (error) {
    case kUnknownServerShutdown:
    case kReadOnlyOption:  // a primary that was demoted: the next connection finds the new one
    case kReadOnlyMode:
    case kConnectionKilled:
    case kIdleDisconnect:
      return true;
    default:
      return false;
  }
}

bool IsClientError(int error) { return error == 0 || (error >= kClientFirst && error <= kClientLast); }

}  // namespace

absl::Status StatusOf(int error, std::string_view message, std::string_view sql) {
  if (error == kDuplicateEntry) return absl::AlreadyExistsError(Absl(KeyName(message)));
  const std::string text =
      absl::StrCat(kNumbered, error, ": ", Absl(message), sql.empty() ? "" : " in: ", Absl(sql.substr(0, 300)));
  if (DoomsTransaction(error)) return absl::AbortedError(text);
  if (IsClientError(error) || ServerGoesAway(error)) return absl::UnavailableError(text);
  switch (error) {
    case kConnectionCountExceeded:
    case kUserLimit:
    case kUserResourceLimit:
      return absl::UnavailableError(text);
    case kStatementTimeoutMariaDb:
    case kStatementTimeoutMySql:
      return absl::DeadlineExceededError(text);
    case kForeignKeyParent:
    case kForeignKeyChild:
    case kCheckMySql:
    case kCheckMariaDb:
      return absl::FailedPreconditionError(text);
    default:
      return absl::InternalError(text);
  }
}

StatementError ErrorIn(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kAborted:
      return absl::StartsWith(status.message(), absl::StrCat(kNumbered, kLockWaitTimeout, ":"))
                 ? StatementError::kLockTimeout
                 : StatementError::kDeadlock;
    case absl::StatusCode::kAlreadyExists:
      return StatementError::kDuplicate;
    case absl::StatusCode::kUnavailable:
      return StatementError::kConnection;
    case absl::StatusCode::kDeadlineExceeded:
      return StatementError::kTimeout;
    case absl::StatusCode::kFailedPrecondition:
      return StatementError::kConstraint;
    default:
      return StatementError::kOther;
  }
}

bool DoomsTransaction(int error) {
  return error == kDeadlock || error == kLockWaitTimeout || error == kRecordChanged ||
         error == kGroupReplicationRollback;
}

void BrokenGuard::Observe(int error) {
  if (IsClientError(error) || ServerGoesAway(error)) broken_ = true;
}

bool SpoilsStatement(int error) { return error == kUnknownStatement || error == kReprepare; }

}  // namespace chassis::sql
