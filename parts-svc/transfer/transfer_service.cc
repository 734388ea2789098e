// The transfer room; see transfer_service.h.
#include "parts-svc/transfer/transfer_service.h"

#include <algorithm>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/errors.pb.h"
#include "aftersales/parts/v1/stock_control_errors.pb.h"
#include "aftersales/parts/v1/stock_control_events.pb.h"
#include "chassis/audit/digest.h"
#include "chassis/duties/duty_board.h"
#include "parts-svc/location/location_rules.h"
#include "parts-svc/transfer/transfer_checks.h"
#include "parts-svc/transfer/transfer_duties.h"

namespace parts {
namespace {

namespace options = aftersales::options::v1;
using chassis::Call;
using chassis::ProcessContext;
using chassis::UnitOfWork;
using v1::Transfer;

constexpr char kRequestProcess[] = "transfer_request";
constexpr char kTellProcess[] = "transfer_tell";
constexpr char kWithdrawProcess[] = "transfer_withdraw";
constexpr char kReceiveProcess[] = "transfer_receive";
constexpr absl::Duration kAnswerTime = absl::Hours(24);
constexpr size_t kRefusalTextMax = 450;  // bytes; the column holds 500 characters

v1::TransferStep StepOf(const Transfer& half, const std::string& reason = "") {
  v1::TransferStep step;
  step.set_transfer_id(half.transfer_id());
  step.set_other_store_id(half.other_store_id());
  step.set_reason(reason);
  return step;
}

int64_t VersionOf(const Transfer& half) {
  int64_t version = 0;
  return absl::SimpleAtoi(half.etag(), &version) ? version : 0;
}

aftersales::common::v1::Duty DutyOf(const char* kind, const Transfer& half, options::Role assignee,
                                    options::Role escalation, absl::Time due_time) {
  aftersales::common::v1::Duty duty;
  duty.set_kind(kind);
  duty.set_handbook("P-13");
  duty.set_subject_kind("transfer");
  duty.set_subject_id(half.transfer_id());
  duty.set_subject_number(half.number());
  duty.set_assignee_role(assignee);
  duty.set_escalation_role(escalation);
  *duty.mutable_due_time() = chassis::ToProto(due_time);
  return duty;
}

std::string Told(const absl::Status& why) {
  const auto refusal = chassis::RefusalIn(why);
  std::string text = refusal.reason_enum().empty() ? std::string(absl::StatusCodeToString(why.code()))
                                                   : chassis::Worded(refusal, "zh-CN");
  if (text.size() <= kRefusalTextMax) return text;
  size_t end = kRefusalTextMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // not inside a character
  return text.substr(0, end);
}

bool IsEnded(const Transfer& half) {
  return half.state() == Transfer::STATE_REJECTED || half.state() == Transfer::STATE_CANCELLED;
}

// The half as it was signed: what became known later is not covered.
void AsShipped(Transfer& half) {
  for (v1::TransferItem& item : *half.mutable_items()) item.clear_counted_milli();
}

}  // namespace

TransferService::TransferService(chassis::Rooms& rooms)
    : host_(rooms.host),
      store_(rooms.host.cipher()),
      catalogue_(rooms.host.cipher()),
      locations_(rooms.host.cipher()),
      ledger_(rooms.host.cipher()),
      reservations_(rooms.host.cipher()),
      policies_(rooms.host.cipher()),
      holding_(rooms.host.cipher()),
      picking_(rooms.host.cipher()),
      queue_(rooms.host.cipher()),
      book_(rooms.host.cipher()),
      shipped_(rooms.host.metrics().Counter("parts_transfers_total", "Transfers between stores (P-13)",
                                            {{"step", "shipped"}})),
      received_(rooms.host.metrics().Counter("parts_transfers_total", "Transfers between stores (P-13)",
                                             {{"step", "received"}})),
      differing_(rooms.host.metrics().Counter("parts_transfers_total", "Transfers between stores (P-13)",
                                              {{"step", "differing"}})) {
  rooms.rpcs.On(this, &TransferService::Request);
  rooms.rpcs.On(this, &TransferService::ApproveHalf);
  rooms.rpcs.On(this, &TransferService::Reject);
  rooms.rpcs.On(this, &TransferService::Cancel);
  rooms.rpcs.On(this, &TransferService::Ship);
  rooms.rpcs.On(this, &TransferService::Receive);
  rooms.rpcs.On(this, &TransferService::SettleDifference);
  rooms.rpcs.Standard<Transfer>(store_.table());
  rooms.Verify("transfers", [this](chassis::sql::Session& session, const std::string& store_id) {
    return VerifyTransfers(host_.cipher(), session, store_id);
  });
  rooms.SignedDocument("transfer_shipment",
                       [this](chassis::sql::Session& session, const std::string& store_id,
                              const std::string& id) -> absl::StatusOr<std::unique_ptr<google::protobuf::Message>> {
                         ASSIGN_OR_RETURN(Transfer half, store_.table().Get(session, store_id, id));
                         AsShipped(half);
                         return std::make_unique<Transfer>(std::move(half));
                       });
  rooms.SignedDocument("transfer_receipt",
                       [this](chassis::sql::Session& session, const std::string& store_id,
                              const std::string& id) -> absl::StatusOr<std::unique_ptr<google::protobuf::Message>> {
                         ASSIGN_OR_RETURN(Transfer half, store_.table().Get(session, store_id, id));
                         // A receipt that was undone is signed anew.
                         if (!half.has_receive_signature()) return nullptr;
                         return std::make_unique<Transfer>(std::move(half));
                       });
  rooms.host.duties().EndsBy(kTransferRequestDuty, "ApproveTransfer, RejectTransfer");
  rooms.host.duties().EndsBy(kTransferInTransitDuty, "ReceiveTransfer");
  rooms.host.duties().EndsBy(kTransferDifferenceDuty, "SettleTransferDifference");
  DefineProcesses(rooms.host.processes());
}

void TransferService::DefineProcesses(chassis::Processes& processes) {
  // The process' end in the store that began it: the half knows of no process any more and is the command's answer.
  const auto end = [this](UnitOfWork& work, const ProcessContext& at, const Change& change) -> absl::Status {
    ASSIGN_OR_RETURN(const Transfer half, ChangeIn(work, at.subject_id, [&](UnitOfWork& in, Transfer& own) {
                       if (own.process_id() == at.process_id) own.clear_process_id();
                       return change(in, own);
                     }));
    work.Answer(half);
    return absl::OkStatus();
  };
  const auto nothing = [](UnitOfWork&, Transfer&) { return absl::OkStatus(); };
  // Undone: why stands on the half, and is the answer, too.
  const auto undo = [this](UnitOfWork& work, const ProcessContext& at, const absl::Status& why,
                           const Change& change) -> absl::Status {
    return ChangeIn(work, at.subject_id,
                    [&](UnitOfWork& in, Transfer& own) {
                      if (own.process_id() == at.process_id) own.clear_process_id();
                      own.set_process_refusal(Told(why));
                      return change(in, own);
                    })
        .status();
  };
  processes.Define(
      {.kind = kRequestProcess,
       .steps = {{"tell_supplier", [this](ProcessContext& at) { return TellSupplier(at); }, nullptr}},
       .finish = [end, nothing](UnitOfWork& work, const ProcessContext& at) { return end(work, at, nothing); },
       .abandon =
           [undo](UnitOfWork& work, const ProcessContext& at, const absl::Status& why) {
             return undo(work, at, why, [&](UnitOfWork&, Transfer& half) {
               half.set_close_reason(Told(why));
               return chassis::MoveTo(half, Transfer::STATE_REJECTED);
             });
           }});
  processes.Define({.kind = kTellProcess,
                    .steps = {{"tell_receiver", [this](ProcessContext& at) { return TellReceiver(at); }, nullptr}},
                    .finish = nullptr,
                    .abandon = nullptr});
  processes.Define({.kind = kWithdrawProcess,
                    .steps = {{"withdraw", [this](ProcessContext& at) { return WithdrawAtSupplier(at); }, nullptr}},
                    .finish =
                        [end](UnitOfWork& work, const ProcessContext& at) {
                          return end(work, at, [&](UnitOfWork&, Transfer& half) -> absl::Status {
                            if (IsEnded(half)) return absl::OkStatus();
                            half.set_close_reason(at.Data<v1::TransferStep>().reason());
                            return chassis::MoveTo(half, Transfer::STATE_CANCELLED);
                          });
                        },
                    .abandon = [undo, nothing](UnitOfWork& work, const ProcessContext& at,
                                               const absl::Status& why) { return undo(work, at, why, nothing); }});
  processes.Define(
      {.kind = kReceiveProcess,
       .steps = {{"book_out", [this](ProcessContext& at) { return BookOutAtSupplier(at); }, nullptr},
                 {"book_in", [this](ProcessContext& at) { return BookInAtReceiver(at); }, nullptr}},
       .finish = [end, nothing](UnitOfWork& work, const ProcessContext& at) { return end(work, at, nothing); },
       .abandon =
           [undo](UnitOfWork& work, const ProcessContext& at, const absl::Status& why) {
             return undo(work, at, why, [](UnitOfWork&, Transfer& half) -> absl::Status {
               for (v1::TransferItem& item : *half.mutable_items()) {
                 item.clear_counted_milli();
                 item.clear_location_id();
               }
               half.clear_receive_signature();
               half.clear_receive_time();
               return chassis::MoveTo(half, Transfer::STATE_SHIPPED);
             });
           }});
}

absl::StatusOr<Transfer> TransferService::ChangeIn(UnitOfWork& work, const std::string& transfer_id,
                                                   const Change& change) {
  ASSIGN_OR_RETURN(const Transfer before, store_.table().Lock(work, work.store_id(), transfer_id));
  Transfer after = before;
  RETURN_IF_ERROR(change(work, after));
  RETURN_IF_ERROR(store_.table().Update(work, before, after));
  return after;
}

absl::StatusOr<Transfer> TransferService::ChangeAndTell(Call& call, const std::string& transfer_id,
                                                        const Change& change) {
  std::string process_id;
  absl::StatusOr<Transfer> changed = call.Transact<Transfer>([&](UnitOfWork& work) {
    return ChangeIn(work, transfer_id, [&](UnitOfWork& in, Transfer& half) -> absl::Status {
      RETURN_IF_ERROR(CheckSide(half, Transfer::SIDE_SUPPLYING));
      RETURN_IF_ERROR(change(in, half));
      process_id = in.StartBehind(kTellProcess, transfer_id, StepOf(half));
      return absl::OkStatus();
    });
  });
  // This half stands, whether the other has heard of it yet or not.
  if (changed.ok() && !process_id.empty()) call.Drive(process_id).IgnoreError();
  return changed;
}

absl::Status TransferService::CommitStep(ProcessContext& at, const std::string& store_id,
                                         const std::function<absl::Status(UnitOfWork&)>& body) {
  const chassis::Command command{.store_id = store_id,
                                 .actor = host_.Self(at.on_behalf_of),
                                 .method = absl::StrCat("process/", at.step),
                                 .request_id = at.StepRequestId(),
                                 .request_digest = chassis::audit::Sha256(at.data)};
  return host_
      .Commit(command, at.peer.deadline,
              [&](UnitOfWork& work) -> absl::StatusOr<std::string> {
                RETURN_IF_ERROR(body(work));
                return std::string();
              })
      .status();
}

absl::StatusOr<Transfer> TransferService::Half(ProcessContext& at, const std::string& store_id) {
  absl::StatusOr<Transfer> half = absl::InternalError("the read never ran");
  RETURN_IF_ERROR(host_.pool().Read(at.peer.deadline, [&](chassis::sql::Session& session) -> absl::Status {
    half = store_.table().Get(session, store_id, at.subject_id);
    return half.status();
  }));
  return half;
}

absl::StatusOr<Transfer> TransferService::Request(Call& call, const v1::RequestTransferRequest& request) {
  if (request.supplying_store_id() == call.store_id()) {
    return chassis::Refuse(v1::STOCK_CONTROL_ERROR_REASON_TRANSFER_WITH_ITSELF)
        .At("supplying_store_id", "不能是本店", "is this store itself");
  }
  RETURN_IF_ERROR(host_.stores().Get(request.supplying_store_id(), call.deadline()).status());
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber("TRF"));
  ASSIGN_OR_RETURN(const Transfer requested, call.Transact<Transfer>([&](UnitOfWork& work) -> absl::StatusOr<Transfer> {
    Transfer half;
    half.set_store_id(work.store_id());
    half.set_transfer_id(work.NewId());
    half.set_number(number);
    half.set_side(Transfer::SIDE_RECEIVING);
    half.set_other_store_id(request.supplying_store_id());
    half.set_state(Transfer::STATE_REQUESTED);
    half.set_reason(request.reason());
    half.set_reservation_id(request.reservation_id());
    half.set_requester(work.actor().subject);
    *half.mutable_needed_time() = request.has_needed_time() ? request.needed_time() : work.now_proto();
    google::protobuf::Timestamp needed = half.needed_time();
    ASSIGN_OR_RETURN(const auto lines, RequestedLines(work, request, needed));
    if (!request.has_needed_time()) *half.mutable_needed_time() = needed;
    *half.mutable_lines() = {lines.begin(), lines.end()};
    half.set_process_id(work.Start(kRequestProcess, half.transfer_id(), StepOf(half)));
    RETURN_IF_ERROR(store_.table().Insert(work, half));
    return half;
  }));
  return call.DriveToAnswer<Transfer>(requested.process_id());
}

absl::StatusOr<std::vector<v1::TransferLine>> TransferService::RequestedLines(
    UnitOfWork& work, const v1::RequestTransferRequest& request, google::protobuf::Timestamp& needed_time) {
  const auto new_id = [&] { return work.NewId(); };
  std::vector<std::string> part_ids;
  if (request.reservation_id().empty()) {
    for (const auto& line : request.lines()) part_ids.push_back(line.part_id());
    ASSIGN_OR_RETURN(const PartsById parts, catalogue_.ByIds(work.sql(), work.store_id(), part_ids));
    return LinesFrom(request, parts, new_id);
  }
  if (!request.lines().empty()) {
    return chassis::Refuse(v1::STOCK_CONTROL_ERROR_REASON_TRANSFER_EMPTY)
        .At("lines", "已指明预留，不再填明细", "are not named beside a reservation");
  }
  // The lock lets one request for the reservation through at a time.
  ASSIGN_OR_RETURN(const v1::Reservation reservation,
                   reservations_.table().Lock(work, work.store_id(), request.reservation_id()));
  ASSIGN_OR_RETURN(const auto earlier, store_.LockOfReservation(work, request.reservation_id()));
  for (const auto& line : reservation.lines()) {
    part_ids.push_back(line.part_id());
    if (line.short_milli() > 0 && chassis::FromProto(line.needed_time()) < chassis::FromProto(needed_time)) {
      needed_time = line.needed_time();
    }
  }
  ASSIGN_OR_RETURN(const PartsById parts, catalogue_.ByIds(work.sql(), work.store_id(), part_ids));
  return ShortLines(reservation, earlier, parts, new_id);
}

absl::Status TransferService::TellSupplier(ProcessContext& at) {
  ASSIGN_OR_RETURN(const Transfer receiving, Half(at, at.store_id));
  return CommitStep(at, receiving.other_store_id(), [&](UnitOfWork& work) -> absl::Status {
    std::vector<std::string> numbers;
    for (const auto& line : receiving.lines()) numbers.push_back(line.part_number());
    ASSIGN_OR_RETURN(const auto parts, catalogue_.ByNumbers(work.sql(), work.store_id(), numbers));
    ASSIGN_OR_RETURN(Transfer half, SupplyingHalf(receiving, parts));
    RETURN_IF_ERROR(store_.table().Insert(work, half));
    work.Owe(DutyOf(kTransferRequestDuty, half, options::ROLE_PARTS_MANAGER, options::ROLE_SERVICE_MANAGER,
                    work.now() + kAnswerTime));
    return absl::OkStatus();
  });
}

absl::StatusOr<Transfer> TransferService::ApproveHalf(Call& call, const v1::ApproveTransferRequest& request) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  return ChangeAndTell(call, request.transfer_id(), [&](UnitOfWork& work, Transfer& half) -> absl::Status {
    RETURN_IF_ERROR(chassis::MoveTo(half, Transfer::STATE_APPROVED));
    ASSIGN_OR_RETURN(const Named named, NamedBy(work, half));
    RETURN_IF_ERROR(Approve(request, named.parts, half));
    half.set_approver(work.actor().subject);
    *half.mutable_approve_time() = work.now_proto();
    RETURN_IF_ERROR(work.CompleteDuties(kTransferRequestDuty, half.transfer_id(), "approved"));
    v1::CreateReservationRequest promise;
    promise.set_store_id(work.store_id());
    promise.set_holder_kind(v1::Reservation::HOLDER_KIND_TRANSFER);
    promise.set_holder_id(half.transfer_id());
    promise.set_holder_number(half.number());
    for (const auto& line : half.lines()) {
      if (line.approved_milli() == 0) continue;
      auto& held = *promise.add_lines();
      held.set_holder_line_id(line.transfer_line_id());
      held.set_part_id(line.part_id());
      held.set_quantity_milli(line.approved_milli());
      *held.mutable_needed_time() = half.needed_time();
    }
    return holding_.Reserve(work, promise, store.settings().reservation_days()).status();
  });
}

absl::StatusOr<Transfer> TransferService::Reject(Call& call, const v1::RejectTransferRequest& request) {
  return ChangeAndTell(call, request.transfer_id(), [&](UnitOfWork& work, Transfer& half) -> absl::Status {
    work.Because(request.reason());
    RETURN_IF_ERROR(chassis::MoveTo(half, Transfer::STATE_REJECTED));
    half.set_close_reason(request.reason());
    return work.CompleteDuties(kTransferRequestDuty, half.transfer_id(), "rejected");
  });
}

absl::StatusOr<Transfer> TransferService::Cancel(Call& call, const v1::CancelTransferRequest& request) {
  ASSIGN_OR_RETURN(const Transfer seen, call.Read([&](chassis::sql::Session& session) {
    return store_.table().Get(session, call.store_id(), request.transfer_id());
  }));
  if (seen.side() == Transfer::SIDE_SUPPLYING) {
    return ChangeAndTell(call, request.transfer_id(), [&](UnitOfWork& work, Transfer& half) -> absl::Status {
      work.Because(request.reason());
      // What was only asked for is rejected, not cancelled.
      RETURN_IF_ERROR(chassis::RequireState(half, {Transfer::STATE_APPROVED}));
      RETURN_IF_ERROR(chassis::MoveTo(half, Transfer::STATE_CANCELLED));
      half.set_close_reason(request.reason());
      ASSIGN_OR_RETURN(const auto promises, reservations_.LockOpenOf(work, half.transfer_id()));
      return holding_.EndAll(work, promises, request.reason());
    });
  }
  ASSIGN_OR_RETURN(const Transfer withdrawing, call.Transact<Transfer>([&](UnitOfWork& work) {
    return ChangeIn(work, request.transfer_id(), [&](UnitOfWork&, Transfer& half) -> absl::Status {
      work.Because(request.reason());
      RETURN_IF_ERROR(chassis::RequireState(half, {Transfer::STATE_REQUESTED, Transfer::STATE_APPROVED}));
      half.set_process_id(work.Start(kWithdrawProcess, half.transfer_id(), StepOf(half, request.reason())));
      half.clear_process_refusal();
      return absl::OkStatus();
    });
  }));
  return call.DriveToAnswer<Transfer>(withdrawing.process_id());
}

absl::Status TransferService::WithdrawAtSupplier(ProcessContext& at) {
  const auto step = at.Data<v1::TransferStep>();
  return CommitStep(at, step.other_store_id(), [&](UnitOfWork& work) -> absl::Status {
    work.Because(step.reason());
    absl::StatusOr<Transfer> before = store_.table().Lock(work, work.store_id(), at.subject_id);
    // The request is still on its way: it must arrive before it can be taken back.
    if (chassis::IsRefusal(before.status(), aftersales::common::v1::ERROR_REASON_NOT_FOUND)) {
      return absl::UnavailableError("the request has not arrived yet");
    }
    RETURN_IF_ERROR(before.status());
    if (IsEnded(*before)) return absl::OkStatus();
    Transfer after = *before;
    RETURN_IF_ERROR(chassis::MoveTo(after, Transfer::STATE_CANCELLED));
    after.set_close_reason(step.reason());
    RETURN_IF_ERROR(store_.table().Update(work, *before, after));
    RETURN_IF_ERROR(work.WaiveDuties(kTransferRequestDuty, after.transfer_id(), step.reason()));
    ASSIGN_OR_RETURN(const auto promises, reservations_.LockOpenOf(work, after.transfer_id()));
    return holding_.EndAll(work, promises, step.reason());
  });
}

absl::StatusOr<TransferService::Named> TransferService::NamedBy(UnitOfWork& work, const Transfer& half,
                                                                std::vector<std::string> more) {
  std::set<std::string> part_ids;
  for (const auto& line : half.lines()) part_ids.insert(line.part_id());
  for (const auto& item : half.items()) {
    part_ids.insert(item.part_id());
    if (!item.location_id().empty()) more.push_back(item.location_id());
  }
  if (!half.transit_location_id().empty()) more.push_back(half.transit_location_id());
  Named named;
  named.part_ids = {part_ids.begin(), part_ids.end()};
  ASSIGN_OR_RETURN(named.parts, catalogue_.ByIds(work.sql(), work.store_id(), named.part_ids));
  ASSIGN_OR_RETURN(named.places, locations_.ByIds(work.sql(), work.store_id(), more));
  return named;
}

absl::StatusOr<StockDeltas> TransferService::EndPromise(UnitOfWork& work, const Transfer& half) {
  StockDeltas freed;
  ASSIGN_OR_RETURN(const auto promises, reservations_.LockOpenOf(work, half.transfer_id()));
  for (const v1::Reservation& promise : promises) {
    ASSIGN_OR_RETURN(const StockDeltas of_one, holding_.End(work, promise, v1::Reservation::STATE_CONSUMED));
    Add(freed, of_one);
  }
  return freed;
}

absl::StatusOr<Transfer> TransferService::Ship(Call& call, const v1::ShipTransferRequest& request) {
  RETURN_IF_ERROR(CheckStaff(request.signature()));
  absl::StatusOr<Transfer> shipped =
      ChangeAndTell(call, request.transfer_id(), [&](UnitOfWork& work, Transfer& half) -> absl::Status {
        RETURN_IF_ERROR(chassis::MoveTo(half, Transfer::STATE_SHIPPED));
        std::string transit = request.transit_location_id();
        if (transit.empty()) {
          ASSIGN_OR_RETURN(transit, store_.TransitBin(work.sql(), work.store_id()));
        }
        if (transit.empty()) return chassis::Refuse(v1::STOCK_CONTROL_ERROR_REASON_NO_TRANSIT_BIN);
        half.set_transit_location_id(transit);
        ASSIGN_OR_RETURN(const Named named, NamedBy(work, half));
        const auto place = named.places.find(transit);
        if (place == named.places.end()) return chassis::NotFound("location", transit);
        if (place->second.kind() != v1::Location::KIND_IN_TRANSIT) {
          return chassis::Refuse(v1::ERROR_REASON_LOCATION_KIND)
              .With("kind", chassis::StateName(v1::Location::Kind_descriptor(), place->second.kind()))
              .At("transit_location_id", "须为在途库位", "must be an in-transit bin");
        }
        ASSIGN_OR_RETURN(const auto wanted, Wanted(request, half, named.parts, [&] { return work.NewId(); }));
        ASSIGN_OR_RETURN(const StockDeltas freed, EndPromise(work, half));
        Places places;
        ASSIGN_OR_RETURN(const auto picked, picking_.Place(work, wanted, named.part_ids, places));
        places.insert(named.places.begin(), named.places.end());
        ASSIGN_OR_RETURN(const StocksByPart stocks, ledger_.LockStocks(work, named.part_ids));
        std::vector<v1::StockMovement> movements = Pack(picked, stocks, half);
        half.set_carrier(request.carrier());
        half.set_tracking_number(request.tracking_number());
        *half.mutable_ship_time() = work.now_proto();
        ASSIGN_OR_RETURN(*half.mutable_ship_signature(),
                         work.Sign(half, {"transfer_shipment", half.transfer_id(), 1}, request.signature()));
        v1::TransferShipped fact;
        fact.set_transfer_id(half.transfer_id());
        fact.set_transfer_number(half.number());
        fact.set_receiving_store_id(half.other_store_id());
        work.Publish(fact, {"transfer", half.transfer_id(), VersionOf(half) + 1});
        RETURN_IF_ERROR(book_.Post(work,
                                   {v1::DOCUMENT_KIND_TRANSFER_OUT, half.transfer_id(), half.number(), half.reason()},
                                   named.parts, places, movements, {}, freed));
        // Promised and not sent after all: others may wait for it.
        return queue_.Serve(work, named.part_ids);
      });
  if (shipped.ok()) shipped_.Increment();
  return shipped;
}

absl::Status TransferService::TellReceiver(ProcessContext& at) {
  ASSIGN_OR_RETURN(const Transfer supplying, Half(at, at.store_id));
  return CommitStep(at, supplying.other_store_id(), [&](UnitOfWork& work) -> absl::Status {
    ASSIGN_OR_RETURN(const Transfer before, store_.table().Lock(work, work.store_id(), at.subject_id));
    Transfer after = before;
    ASSIGN_OR_RETURN(auto movements, Follow(supplying, AccountId(work.store_id(), v1::Location::KIND_TRANSFER), after));
    if (after.SerializeAsString() == before.SerializeAsString()) return absl::OkStatus();
    if (after.state() == Transfer::STATE_CLOSED) *after.mutable_close_time() = work.now_proto();
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    if (after.state() == Transfer::STATE_SHIPPED) {
      ASSIGN_OR_RETURN(const v1::PartsPolicy policy, policies_.Get(work.sql(), work.store_id()));
      work.Owe(DutyOf(kTransferInTransitDuty, after, options::ROLE_PARTS_CLERK, options::ROLE_PARTS_MANAGER,
                      chassis::FromProto(after.ship_time()) + absl::Hours(24) * policy.transfer_days()));
    }
    return BookInMovements(work, after, movements);
  });
}

absl::Status TransferService::CheckReceivingBins(UnitOfWork& work, const Transfer& half) {
  ASSIGN_OR_RETURN(const Named named, NamedBy(work, half));
  for (int i = 0; i < half.items_size(); ++i) {
    const std::string field = absl::StrCat("items[", i, "].location_id");
    const auto place = named.places.find(half.items(i).location_id());
    if (place == named.places.end()) {
      return chassis::NotFound("location", half.items(i).location_id()).At(field, "没有此库位", "does not exist");
    }
    RETURN_IF_ERROR(CheckBin(place->second, field));
    if (place->second.kind() == v1::Location::KIND_STOCK || place->second.kind() == v1::Location::KIND_QUARANTINE)
      continue;
    return chassis::Refuse(v1::ERROR_REASON_LOCATION_KIND)
        .With("kind", chassis::StateName(v1::Location::Kind_descriptor(), place->second.kind()))
        .At(field, "须为正常库位或隔离库位", "must be a bin for stock or for quarantine");
  }
  return absl::OkStatus();
}

absl::StatusOr<Transfer> TransferService::Receive(Call& call, const v1::ReceiveTransferRequest& request) {
  RETURN_IF_ERROR(CheckStaff(request.signature()));
  ASSIGN_OR_RETURN(const Transfer receiving, call.Transact<Transfer>([&](UnitOfWork& work) {
    return ChangeIn(work, request.transfer_id(), [&](UnitOfWork&, Transfer& half) -> absl::Status {
      RETURN_IF_ERROR(CheckSide(half, Transfer::SIDE_RECEIVING));
      RETURN_IF_ERROR(chassis::RequireState(half, {Transfer::STATE_SHIPPED}));
      RETURN_IF_ERROR(chassis::MoveTo(half, Transfer::STATE_RECEIVING));
      RETURN_IF_ERROR(TakeCount(request, half));
      RETURN_IF_ERROR(CheckReceivingBins(work, half));
      *half.mutable_receive_time() = work.now_proto();
      ASSIGN_OR_RETURN(
          *half.mutable_receive_signature(),
          work.Sign(half, {"transfer_receipt", half.transfer_id(), VersionOf(half) + 1}, request.signature()));
      half.set_process_id(work.Start(kReceiveProcess, half.transfer_id(), StepOf(half)));
      half.clear_process_refusal();
      return absl::OkStatus();
    });
  }));
  absl::StatusOr<Transfer> received = call.DriveToAnswer<Transfer>(receiving.process_id());
  if (received.ok()) {
    received_.Increment();
    if (received->state() == Transfer::STATE_DIFFERENCES_OPEN) differing_.Increment();
  }
  return received;
}

absl::Status TransferService::BookOutAtSupplier(ProcessContext& at) {
  ASSIGN_OR_RETURN(const Transfer receiving, Half(at, at.store_id));
  return CommitStep(at, receiving.other_store_id(), [&](UnitOfWork& work) -> absl::Status {
    ASSIGN_OR_RETURN(const Transfer before, store_.table().Lock(work, work.store_id(), at.subject_id));
    if (before.state() != Transfer::STATE_SHIPPED) return absl::OkStatus();
    Transfer after = before;
    ASSIGN_OR_RETURN(const Named named, NamedBy(work, after));
    RETURN_IF_ERROR(ledger_.LockBalances(work, named.part_ids).status());
    ASSIGN_OR_RETURN(const StocksByPart stocks, ledger_.LockStocks(work, named.part_ids));
    ASSIGN_OR_RETURN(auto movements,
                     BookOut(receiving, AccountId(work.store_id(), v1::Location::KIND_TRANSFER), stocks, after));
    if (after.state() == Transfer::STATE_CLOSED) *after.mutable_close_time() = work.now_proto();
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    RETURN_IF_ERROR(OweSettlement(work, after));
    if (movements.empty()) return absl::OkStatus();
    return book_.Post(work, {v1::DOCUMENT_KIND_TRANSFER_OUT, after.transfer_id(), after.number(), after.reason()},
                      named.parts, named.places, movements);
  });
}

absl::Status TransferService::OweSettlement(UnitOfWork& work, const Transfer& half) {
  if (half.state() != Transfer::STATE_DIFFERENCES_OPEN) return absl::OkStatus();
  ASSIGN_OR_RETURN(const v1::PartsPolicy policy, policies_.Get(work.sql(), work.store_id()));
  work.Owe(DutyOf(kTransferDifferenceDuty, half, options::ROLE_PARTS_MANAGER, options::ROLE_SERVICE_MANAGER,
                  work.now() + absl::Hours(24) * policy.difference_days()));
  return absl::OkStatus();
}

absl::Status TransferService::BookInAtReceiver(ProcessContext& at) {
  const auto step = at.Data<v1::TransferStep>();
  ASSIGN_OR_RETURN(const Transfer supplying, Half(at, step.other_store_id()));
  const absl::Status booked = CommitStep(at, at.store_id, [&](UnitOfWork& work) -> absl::Status {
    ASSIGN_OR_RETURN(const Transfer before, store_.table().Lock(work, work.store_id(), at.subject_id));
    if (before.state() != Transfer::STATE_RECEIVING) return absl::OkStatus();
    Transfer after = before;
    ASSIGN_OR_RETURN(auto movements, BookIn(supplying, AccountId(work.store_id(), v1::Location::KIND_TRANSFER), after));
    if (after.state() == Transfer::STATE_CLOSED) *after.mutable_close_time() = work.now_proto();
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    RETURN_IF_ERROR(work.CompleteDuties(kTransferInTransitDuty, after.transfer_id(), "received"));
    v1::TransferReceived fact;
    fact.set_transfer_id(after.transfer_id());
    fact.set_transfer_number(after.number());
    fact.set_supplying_store_id(after.other_store_id());
    fact.set_cost_amount(after.cost_amount());
    fact.set_reservation_id(after.reservation_id());
    work.Publish(fact, {"transfer", after.transfer_id(), VersionOf(after)});
    return BookInMovements(work, after, movements);
  });
  if (booked.ok()) return booked;
  // What has left the other store's books enters ours, sooner or later: nothing ends the trying.
  return absl::UnavailableError(Told(booked));
}

absl::Status TransferService::BookInMovements(UnitOfWork& work, const Transfer& half,
                                              std::vector<v1::StockMovement>& movements) {
  if (movements.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Named named, NamedBy(work, half));
  return book_.Post(work, {v1::DOCUMENT_KIND_TRANSFER_IN, half.transfer_id(), half.number(), half.reason()},
                    named.parts, named.places, movements);
}

absl::StatusOr<Transfer> TransferService::SettleDifference(Call& call,
                                                           const v1::SettleTransferDifferenceRequest& request) {
  return ChangeAndTell(call, request.transfer_id(), [&](UnitOfWork& work, Transfer& half) -> absl::Status {
    work.Because(request.reason());
    RETURN_IF_ERROR(chassis::RequireState(half, {Transfer::STATE_DIFFERENCES_OPEN}));
    std::vector<std::string> bins;
    if (!request.location_id().empty()) bins.push_back(request.location_id());
    ASSIGN_OR_RETURN(const Named named, NamedBy(work, half, bins));
    if (!request.location_id().empty()) {
      const auto place = named.places.find(request.location_id());
      if (place == named.places.end()) return chassis::NotFound("location", request.location_id());
      RETURN_IF_ERROR(CheckBin(place->second, "location_id"));
    }
    RETURN_IF_ERROR(ledger_.LockBalances(work, named.part_ids).status());
    ASSIGN_OR_RETURN(const StocksByPart stocks, ledger_.LockStocks(work, named.part_ids));
    const Accounts accounts{AccountId(work.store_id(), v1::Location::KIND_TRANSFER),
                            AccountId(work.store_id(), v1::Location::KIND_VARIANCE)};
    ASSIGN_OR_RETURN(auto movements, Settle(request, accounts, stocks, half));
    if (request.settlement() == v1::TransferItem::SETTLEMENT_WRITTEN_OFF) {
      ASSIGN_OR_RETURN(const v1::PartsPolicy policy, policies_.Get(work.sql(), work.store_id()));
      const int64_t amount = movements.front().cost_amount();
      const bool higher = call.CallerIs(options::ROLE_SERVICE_MANAGER) || call.CallerIs(options::ROLE_GROUP_MANAGER);
      if (amount > policy.manager_variance_limit_amount() && !higher) {
        return chassis::Refuse(v1::STOCK_CONTROL_ERROR_REASON_WRITE_OFF_ABOVE_LIMIT)
            .With("amount", amount)
            .With("limit", policy.manager_variance_limit_amount());
      }
    }
    if (half.state() == Transfer::STATE_CLOSED) {
      *half.mutable_close_time() = work.now_proto();
      RETURN_IF_ERROR(work.CompleteDuties(kTransferDifferenceDuty, half.transfer_id(), "settled"));
    }
    if (movements.empty()) return absl::OkStatus();
    return book_.Post(work, {v1::DOCUMENT_KIND_TRANSFER_OUT, half.transfer_id(), half.number(), request.reason()},
                      named.parts, named.places, movements);
  });
}

}  // namespace parts
