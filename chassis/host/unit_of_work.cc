// What a command collects on its way to the commit. Duties and signatures have their own rooms (chassis/duties,
// chassis/documents); the writing is audit/command_log.cc.
#include "chassis/host/unit_of_work.h"

#include "absl/strings/str_cat.h"
#include "chassis/duties/duty_board.h"
#include "chassis/host/host.h"
#include "chassis/privacy/masking.h"

namespace chassis {

// Columns hold microseconds: a time that was stored and read back must equal the one in the answer.
UnitOfWork::UnitOfWork(Host& host, sql::Session& session, Actor actor, std::string store_id)
    : host_(host),
      session_(session),
      actor_(std::move(actor)),
      store_id_(store_id.empty() ? std::string(kGroupStoreId) : std::move(store_id)),
      now_(absl::FromUnixMicros(absl::ToUnixMicros(host.clock().Now()))) {}

std::string UnitOfWork::NewId() { return host_.ids().NewId(); }

bool UnitOfWork::IsEmpty() const {
  return changes_.empty() && events_.empty() && duties_.empty() && processes_.empty() && reason_.empty();
}

void UnitOfWork::Publish(const google::protobuf::Message& payload, const DocumentRef& document) {
  if (privacy::HoldsPersonalData(payload.GetDescriptor())) {
    defect_ = absl::InternalError(absl::StrCat("event ", payload.GetDescriptor()->name(), " holds personal data"));
    return;
  }
  aftersales::common::v1::Event event;
  event.set_event_id(NewId());
  event.set_store_id(store_id_);
  event.set_type(payload.GetDescriptor()->name());
  event.set_document_kind(std::string(document.kind));
  event.set_document_id(document.id);
  event.set_document_version(document.version);
  *event.mutable_occur_time() = now_proto();
  event.set_actor(actor_.on_behalf_of.empty() ? actor_.subject : actor_.on_behalf_of);
  event.mutable_payload()->PackFrom(payload);
  events_.push_back({std::move(event)});
}

void UnitOfWork::Owe(aftersales::common::v1::Duty duty) {
  if (absl::Status complete = DutyBoard::Owable(duty); !complete.ok()) {
    defect_ = complete;
    return;
  }
  duty.set_store_id(store_id_);
  duty.set_duty_id(NewId());
  duty.set_state(aftersales::common::v1::Duty::STATE_OPEN);
  *duty.mutable_create_time() = now_proto();
  duties_.push_back(std::move(duty));
}

absl::Status UnitOfWork::CompleteDuties(std::string_view kind, std::string_view subject_id, std::string_view outcome) {
  return host_.duties().CloseAll(*this, kind, subject_id, aftersales::common::v1::Duty::STATE_DONE, outcome);
}

absl::Status UnitOfWork::WaiveDuties(std::string_view kind, std::string_view subject_id, std::string_view reason) {
  return host_.duties().CloseAll(*this, kind, subject_id, aftersales::common::v1::Duty::STATE_WAIVED, reason);
}

std::string UnitOfWork::Start(std::string_view process_kind, std::string_view subject_id,
                              const google::protobuf::Message& data) {
  std::string process_id = StartBehind(process_kind, subject_id, data);
  processes_.back().answers = true;
  return process_id;
}

std::string UnitOfWork::StartBehind(std::string_view process_kind, std::string_view subject_id,
                                    const google::protobuf::Message& data) {
  processes_.push_back({.process_id = NewId(),
                        .kind = std::string(process_kind),
                        .subject_id = std::string(subject_id),
                        .data = data.SerializeAsString(),
                        .command_id = "",
                        .lease_until = {}});
  return processes_.back().process_id;
}

}  // namespace chassis
