// The handlers of the office; each is a few lines around the board, the feed or the log.
#include "chassis/office/office.h"

#include <algorithm>
#include <chrono>

#include "aftersales/common/v1/duty.pb.h"
#include "aftersales/common/v1/event.pb.h"
#include "chassis/audit/command_log.h"
#include "chassis/audit/sealing.h"
#include "chassis/documents/signatures.h"
#include "chassis/duties/duty_board.h"
#include "chassis/events/change_feed.h"

namespace chassis {
namespace {

namespace v1 = aftersales::common::v1;

constexpr int32_t kEventPageDefault = 200;
constexpr int32_t kEventPageMax = 500;
constexpr absl::Duration kWatchWait = absl::Milliseconds(500);
constexpr std::chrono::seconds kHeartbeatEvery{10};
constexpr absl::Duration kVerifyDeadline = absl::Minutes(10);

template <typename Request, typename Response>
void Add(Rpcs& rpcs, std::string_view name, absl::StatusOr<Response> (*handler)(Call&, const Request&)) {
  const google::protobuf::MethodDescriptor* method = rpcs.Find(name);
  if (method == nullptr) return;
  rpcs.AddUnary(method,
                [handler](Call& call, const google::protobuf::Message& request,
                          google::protobuf::Message& response) -> absl::Status {
                  absl::StatusOr<Response> result = handler(call, static_cast<const Request&>(request));
                  if (!result.ok()) return std::move(result).status();
                  static_cast<Response&>(response).Swap(&*result);
                  return absl::OkStatus();
                });
}

absl::StatusOr<v1::ListDutiesResponse> ListDuties(Call& call, const v1::ListDutiesRequest& request) {
  return call.Read([&](sql::Session& session) -> absl::StatusOr<v1::ListDutiesResponse> {
    v1::ListDutiesResponse response;
    RETURN_IF_ERROR(call.host().duties().table().List(
        session, records::QueryFrom(request), [&] { return response.add_duties(); },
        *response.mutable_next_page_token()));
    return response;
  });
}

absl::StatusOr<v1::Duty> CompleteDuty(Call& call, const v1::CompleteDutyRequest& request) {
  return call.Transact<v1::Duty>([&](UnitOfWork& work) {
    return call.host().duties().Complete(work, call.identity(), request.duty_id(), request.outcome());
  });
}

absl::StatusOr<v1::Duty> WaiveDuty(Call& call, const v1::WaiveDutyRequest& request) {
  return call.Transact<v1::Duty>(
      [&](UnitOfWork& work) { return call.host().duties().Waive(work, request.duty_id(), request.reason()); });
}

absl::StatusOr<v1::Duty> ReassignDuty(Call& call, const v1::ReassignDutyRequest& request) {
  return call.Transact<v1::Duty>([&](UnitOfWork& work) {
    return call.host().duties().Reassign(work, request.duty_id(), request.assignee(), request.reason());
  });
}

template <typename Request>
ChangeFeed::Filter FilterOf(const Request& request) {
  return {.store_id = request.store_id(), .types = {request.types().begin(), request.types().end()}};
}

absl::StatusOr<v1::ReadEventsResponse> ReadEvents(Call& call, const v1::ReadEventsRequest& request) {
  const int32_t limit = request.page_size() == 0 ? kEventPageDefault : std::min(request.page_size(), kEventPageMax);
  ASSIGN_OR_RETURN(ChangeFeed::Page page,
                   call.host().feed().ReadOrWait(FilterOf(request), request.after_position(), limit,
                                                 absl::Milliseconds(request.wait_ms()), [] { return false; }));
  v1::ReadEventsResponse response;
  for (v1::Event& event : page.events) *response.add_events() = std::move(event);
  response.set_position(page.position);
  return response;
}

// Pages of bounded size until the client goes away; a heartbeat tells it that silence is no outage.
absl::Status WatchEvents(Call& call, const v1::WatchEventsRequest& request,
                         const std::function<bool(const google::protobuf::Message&)>& write,
                         const std::function<bool()>& cancelled) {
  const ChangeFeed::Filter filter = FilterOf(request);
  int64_t position = request.after_position();
  auto last_written = std::chrono::steady_clock::now();
  while (!cancelled()) {
    ASSIGN_OR_RETURN(ChangeFeed::Page page,
                     call.host().feed().ReadOrWait(filter, position, kEventPageDefault, kWatchWait, cancelled));
    position = page.position;
    const auto now = std::chrono::steady_clock::now();
    if (page.events.empty() && now - last_written < kHeartbeatEvery) continue;
    v1::WatchEventsResponse response;
    for (v1::Event& event : page.events) *response.add_events() = std::move(event);
    response.set_position(position);
    if (!write(response)) return absl::OkStatus();
    last_written = now;
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::ListAuditEntriesResponse> ListAuditEntries(Call& call, const v1::ListAuditEntriesRequest& request) {
  return call.Read([&](sql::Session& session) -> absl::StatusOr<v1::ListAuditEntriesResponse> {
    v1::ListAuditEntriesResponse response;
    RETURN_IF_ERROR(CommandLog::List(session, request.store_id(), request.page_size(), request.page_token(), response));
    return response;
  });
}

}  // namespace

void OpenOffice(Rpcs& rpcs, LedgerVerifier verify) {
  Add(rpcs, "DutyService/ListDuties", &ListDuties);
  Add(rpcs, "DutyService/CompleteDuty", &CompleteDuty);
  Add(rpcs, "DutyService/WaiveDuty", &WaiveDuty);
  Add(rpcs, "DutyService/ReassignDuty", &ReassignDuty);
  Add(rpcs, "EventService/ReadEvents", &ReadEvents);
  Add(rpcs, "AuditService/ListAuditEntries", &ListAuditEntries);
  if (const auto* method = rpcs.Find("EventService/WatchEvents")) {
    rpcs.AddStream(method, [](Call& call, const google::protobuf::Message& request,
                              const std::function<bool(const google::protobuf::Message&)>& write,
                              const std::function<bool()>& cancelled) {
      return WatchEvents(call, static_cast<const v1::WatchEventsRequest&>(request), write, cancelled);
    });
  }
  if (const auto* method = rpcs.Find("AuditService/VerifyLedgers")) {
    rpcs.AddUnary(method,
                  [verify = std::move(verify)](Call&, const google::protobuf::Message& request,
                                               google::protobuf::Message& response) -> absl::Status {
                    ASSIGN_OR_RETURN(std::vector<v1::LedgerCheck> checks,
                                     verify(static_cast<const v1::VerifyLedgersRequest&>(request).store_id()));
                    auto& answer = static_cast<v1::VerifyLedgersResponse&>(response);
                    for (v1::LedgerCheck& check : checks) *answer.add_checks() = std::move(check);
                    return absl::OkStatus();
                  });
  }
}

absl::StatusOr<std::vector<v1::LedgerCheck>> VerifyChassisLedgers(Host& host, const SignedDocumentLoaders& loaders,
                                                                  const std::string& store_id) {
  std::vector<v1::LedgerCheck> checks;
  RETURN_IF_ERROR(host.pool().Read(host.clock().Now() + kVerifyDeadline, [&](sql::Session& session) -> absl::Status {
    checks.clear();
    ASSIGN_OR_RETURN(v1::LedgerCheck chain, audit::VerifyChain(session, store_id));
    checks.push_back(std::move(chain));
    ASSIGN_OR_RETURN(v1::LedgerCheck documents,
                     documents::VerifySignedDocuments(session, host.cipher(), loaders, store_id));
    checks.push_back(std::move(documents));
    v1::LedgerCheck feed;
    feed.set_name("change_feed");
    int64_t checked = 0;
    ASSIGN_OR_RETURN(std::vector<std::string> differences, ChangeFeed::Differences(session, checked));
    feed.set_checked_count(checked);
    for (std::string& difference : differences) audit::AddDifference(feed, std::move(difference));
    checks.push_back(std::move(feed));
    return absl::OkStatus();
  }));
  return checks;
}

}  // namespace chassis
