// The import room; see part_import_service.h.
#include "parts-svc/import/part_import_service.h"

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/catalogue_errors.pb.h"

namespace parts {
namespace {

using chassis::UnitOfWork;

// What came is committed in pieces of this size, and when the stream ends, however it ends.
constexpr size_t kKeepBytes = 256 << 10;
constexpr absl::Duration kTurnEvery = absl::Seconds(1);
constexpr absl::Duration kTurnMax = absl::Seconds(5);
constexpr absl::Duration kWatchPause = absl::Milliseconds(500);
constexpr absl::Duration kHeartbeatEvery = absl::Seconds(15);
constexpr int kExportPage = 500;

bool SameFile(const v1::PartImport& import, const v1::UploadPartsRequest::Header& header) {
  return import.mode() == header.mode() && import.file_name() == header.file_name() &&
         import.size_bytes() == header.size_bytes() && import.reason() == header.reason();
}

}  // namespace

PartImportService::PartImportService(chassis::Rooms& rooms)
    : catalogue_(rooms.host.cipher()), store_(rooms.host.cipher()), job_(rooms.host) {
  rooms.rpcs.Upload(this, &PartImportService::Upload);
  rooms.rpcs.On(this, &PartImportService::Get);
  rooms.rpcs.Watch(this, &PartImportService::Watch);
  rooms.rpcs.On(this, &PartImportService::ListErrors);
  rooms.rpcs.On(this, &PartImportService::Cancel);
  rooms.rpcs.Watch(this, &PartImportService::Export);
  rooms.rpcs.Standard<v1::PartImport>(store_.table());
  rooms.Periodically("part_imports", kTurnEvery, [this] { return job_.Turn(kTurnMax); });
}

absl::StatusOr<v1::PartImport> PartImportService::Upload(chassis::Call& call,
                                                         chassis::Reader<v1::UploadPartsRequest>& messages) {
  ASSIGN_OR_RETURN(v1::PartImport import, Begin(call, messages.first()));
  if (import.state() != v1::PartImport::STATE_UPLOADING) return import;
  std::string pending;
  v1::UploadPartsRequest message;
  for (;;) {
    const absl::StatusOr<bool> more = messages.Read(message);
    if (!more.ok() || !*more) {
      const absl::Status kept = Keep(call, import, pending);
      if (!more.ok()) return more.status();
      RETURN_IF_ERROR(kept);
      break;
    }
    if (absl::Status taken = TakeIn(call, message, import, pending); !taken.ok()) {
      RETURN_IF_ERROR(Keep(call, import, pending));
      return taken;
    }
    if (pending.size() >= kKeepBytes) RETURN_IF_ERROR(Keep(call, import, pending));
  }
  // Not whole yet: the answer tells where to go on, and is no answer to keep.
  if (import.received_bytes() < import.size_bytes()) return import;
  return call.Transact<v1::PartImport>([&](UnitOfWork& work) -> absl::StatusOr<v1::PartImport> {
    work.Because(import.reason());
    ASSIGN_OR_RETURN(const v1::PartImport before, store_.table().Lock(work, work.store_id(), import.part_import_id()));
    v1::PartImport after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, v1::PartImport::STATE_CHECKING));
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    return after;
  });
}

absl::StatusOr<v1::PartImport> PartImportService::Begin(chassis::Call& call, const v1::UploadPartsRequest& first) {
  if (!first.has_header())
    return chassis::InvalidField("header", "首条消息须带文件信息", "is required in the first message");
  if (!first.data().empty()) return chassis::InvalidField("data", "首条消息不带内容", "follows in the next message");
  v1::PartImport import;
  RETURN_IF_ERROR(call.TransactPart([&](UnitOfWork& work) -> absl::Status {
    work.Because(first.header().reason());
    ASSIGN_OR_RETURN(const std::optional<v1::PartImport> known, store_.LockByUpload(work, first.request_id()));
    if (known.has_value()) {
      import = *known;
      if (SameFile(import, first.header())) return absl::OkStatus();
      return chassis::Refuse(v1::CATALOGUE_ERROR_REASON_UPLOAD_DIFFERS)
          .At("request_id", "已用于另一个文件", "belongs to the import of another file");
    }
    import = v1::PartImport();
    import.set_store_id(work.store_id());
    import.set_part_import_id(work.NewId());
    import.set_upload_request_id(first.request_id());
    import.set_mode(first.header().mode());
    import.set_file_name(first.header().file_name());
    import.set_size_bytes(first.header().size_bytes());
    import.set_reason(first.header().reason());
    import.set_actor(work.actor().subject);
    import.set_state(v1::PartImport::STATE_UPLOADING);
    import.set_checked_line(1);
    return store_.table().Insert(work, import);
  }));
  return import;
}

absl::Status PartImportService::TakeIn(chassis::Call&, const v1::UploadPartsRequest& message,
                                       const v1::PartImport& import, std::string& pending) {
  if (message.has_header())
    return chassis::InvalidField("header", "只能在首条消息中", "stands in the first message only");
  const int64_t here = import.received_bytes() + static_cast<int64_t>(pending.size());
  if (message.offset() > here) {
    return chassis::Refuse(v1::CATALOGUE_ERROR_REASON_UPLOAD_ORDER)
        .With("offset", message.offset())
        .With("received", here)
        .At("offset", "不连续", "leaves a gap");
  }
  const int64_t end = message.offset() + static_cast<int64_t>(message.data().size());
  if (end > import.size_bytes()) {
    return chassis::Refuse(v1::CATALOGUE_ERROR_REASON_UPLOAD_TOO_LARGE)
        .With("size", import.size_bytes())
        .At("data", "超过声明的大小", "goes beyond the size announced");
  }
  // What is there already is skipped.
  if (end > here) pending.append(message.data(), here - message.offset());
  return absl::OkStatus();
}

absl::Status PartImportService::Keep(chassis::Call& call, v1::PartImport& import, std::string& pending) {
  if (pending.empty()) return absl::OkStatus();
  v1::PartImport after;
  RETURN_IF_ERROR(call.TransactPart([&](UnitOfWork& work) -> absl::Status {
    ASSIGN_OR_RETURN(const v1::PartImport before, store_.table().Lock(work, work.store_id(), import.part_import_id()));
    // Another stream of the same upload was faster, or the import was cancelled.
    if (before.etag() != import.etag()) return chassis::ChangedMeanwhile("part import");
    after = before;
    after.set_received_bytes(before.received_bytes() + static_cast<int64_t>(pending.size()));
    RETURN_IF_ERROR(store_.AddChunk(work.sql(), before, before.received_bytes(), pending));
    return store_.table().Update(work, before, after);
  }));
  import = std::move(after);
  pending.clear();
  return absl::OkStatus();
}

absl::StatusOr<v1::PartImport> PartImportService::Shown(chassis::Call& call, const std::string& part_import_id) {
  return call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<v1::PartImport> {
    ASSIGN_OR_RETURN(v1::PartImport import, store_.table().Get(session, call.store_id(), part_import_id));
    ASSIGN_OR_RETURN(const LineErrors errors, store_.FirstErrors(session, import));
    *import.mutable_errors() = {errors.begin(), errors.end()};
    return import;
  });
}

absl::StatusOr<v1::PartImport> PartImportService::Get(chassis::Call& call, const v1::GetPartImportRequest& request) {
  return Shown(call, request.part_import_id());
}

absl::Status PartImportService::Watch(chassis::Call& call, const v1::WatchPartImportRequest& request,
                                      chassis::Writer<v1::WatchPartImportResponse>& writer) {
  std::string seen;
  absl::Time said = absl::InfinitePast();
  while (!writer.Cancelled() && call.Now() < call.deadline()) {
    v1::WatchPartImportResponse response;
    ASSIGN_OR_RETURN(*response.mutable_part_import(), Shown(call, request.part_import_id()));
    const v1::PartImport& import = response.part_import();
    if (import.etag() != seen || call.Now() - said >= kHeartbeatEvery) {
      if (!writer.Write(response)) break;
      seen = import.etag();
      said = call.Now();
    }
    if (import.has_end_time()) break;
    call.host().sleeper().Sleep(kWatchPause);
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::ListPartImportErrorsResponse> PartImportService::ListErrors(
    chassis::Call& call, const v1::ListPartImportErrorsRequest& request) {
  chassis::records::ListQuery query;
  query.scope = request.store_id();
  query.filter = absl::StrCat("part_import_id = \"", request.part_import_id(), "\"");
  query.page_size = request.page_size();
  query.page_token = request.page_token();
  return call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<v1::ListPartImportErrorsResponse> {
    v1::ListPartImportErrorsResponse response;
    RETURN_IF_ERROR(store_.errors().List(
        session, query, [&] { return response.add_part_import_errors(); }, *response.mutable_next_page_token()));
    return response;
  });
}

absl::StatusOr<v1::PartImport> PartImportService::Cancel(chassis::Call& call,
                                                         const v1::CancelPartImportRequest& request) {
  return call.Transact<v1::PartImport>([&](UnitOfWork& work) -> absl::StatusOr<v1::PartImport> {
    work.Because(request.reason());
    ASSIGN_OR_RETURN(const v1::PartImport before, store_.table().Lock(work, work.store_id(), request.part_import_id()));
    v1::PartImport after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, v1::PartImport::STATE_CANCELLED));
    *after.mutable_end_time() = work.now_proto();
    RETURN_IF_ERROR(store_.DropChunks(work.sql(), after));
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    return after;
  });
}

absl::Status PartImportService::Export(chassis::Call& call, const v1::ExportPartsRequest& request,
                                       chassis::Writer<v1::ExportPartsResponse>& writer) {
  v1::ExportPartsResponse response;
  response.set_data(CsvHeader());
  std::string last;
  for (bool more = true; more;) {
    absl::StatusOr<std::string> text = call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<std::string> {
      ASSIGN_OR_RETURN(
          const std::vector<v1::Part> page,
          store_.PartsAfter(session, catalogue_.parts(), request.store_id(), request.category(), last, kExportPage));
      more = static_cast<int>(page.size()) == kExportPage;
      if (page.empty()) return std::string();
      last = page.back().part_number();
      std::vector<std::string> part_ids, successors;
      for (const v1::Part& part : page) {
        part_ids.push_back(part.part_id());
        if (!part.successor_part_id().empty()) successors.push_back(part.successor_part_id());
      }
      ASSIGN_OR_RETURN(const PartsById named, catalogue_.ByIds(session, request.store_id(), successors));
      ASSIGN_OR_RETURN(const auto prices, catalogue_.PricesInForce(session, request.store_id(), v1::PRICE_LEVEL_RETAIL,
                                                                   part_ids, call.Now()));
      std::string lines;
      for (const v1::Part& part : page) {
        const auto successor = named.find(part.successor_part_id());
        const auto price = prices.find(part.part_id());
        lines += CsvLine(part, successor == named.end() ? "" : successor->second.part_number(),
                         price == prices.end() ? std::optional<int64_t>() : price->second);
      }
      return lines;
    });
    if (!text.ok()) return text.status();
    response.mutable_data()->append(*text);
    if (!writer.Write(response)) return absl::OkStatus();
    response.clear_data();
  }
  return absl::OkStatus();
}

}  // namespace parts
