// The office is the room every service has: duties (G-05), the change feed (G-14), the audit trail and the ledger
// checks (G-03). Its requests are shared words, so it registers by the names in the service's office.proto.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "aftersales/common/v1/audit.pb.h"
#include "chassis/server/rpcs.h"

namespace chassis {

// Recomputes every ledger of the service for one store (Service::Verify).
using LedgerVerifier =
    std::function<absl::StatusOr<std::vector<aftersales::common::v1::LedgerCheck>>(const std::string& store_id)>;

// Registers what the package has of DutyService, EventService and AuditService.
void OpenOffice(Rpcs& rpcs, LedgerVerifier verify);

// The chassis' own checks: "audit_chain", "signed_documents", "change_feed".
using SignedDocumentLoaders =
    std::map<std::string, std::function<absl::StatusOr<std::unique_ptr<google::protobuf::Message>>(
                              sql::Session&, const std::string& store_id, const std::string& id)>>;
absl::StatusOr<std::vector<aftersales::common::v1::LedgerCheck>> VerifyChassisLedgers(
    Host& host, const SignedDocumentLoaders& loaders, const std::string& store_id);

}  // namespace chassis
