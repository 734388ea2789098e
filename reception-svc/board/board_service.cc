#include "reception-svc/board/board_service.h"

#include <algorithm>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/escaping.h"
#include "aftersales/common/v1/errors.pb.h"
#include "reception-svc/board/board_rules.h"

namespace reception {

namespace v1 = aftersales::reception::v1;
namespace common = aftersales::common::v1;

namespace {

constexpr int kPageSizeDefault = 200;
constexpr int kPageSizeMax = 500;
constexpr int kEntriesPerMessage = 100;

// A snapshot of a full board in messages of bounded size; the last one carries what is left.
bool WriteInPieces(v1::WatchBoardResponse news, chassis::Writer<v1::WatchBoardResponse>& writer) {
  while (news.entries_size() > kEntriesPerMessage) {
    v1::WatchBoardResponse piece;
    const int first = news.entries_size() - kEntriesPerMessage;
    for (int i = first; i < news.entries_size(); ++i) *piece.add_entries() = news.entries(i);
    news.mutable_entries()->DeleteSubrange(first, kEntriesPerMessage);
    if (!writer.Write(piece)) return false;
  }
  return writer.Write(news);
}

}  // namespace

BoardService::BoardService(chassis::Rooms& rooms) : host_(rooms.host), store_(rooms.host.cipher()) {
  rooms.rpcs.On(this, &BoardService::List);
  rooms.rpcs.Watch(this, &BoardService::Watch);
}

absl::StatusOr<std::shared_ptr<const BoardService::Entries>> BoardService::Look(chassis::Call& call) {
  const absl::Time now = call.Now();
  {
    std::lock_guard lock(mutex_);
    const auto seen = seen_.find(call.store_id());
    if (seen != seen_.end() && now < seen->second.at + kBoardLook) return seen->second.entries;
  }
  ASSIGN_OR_RETURN(Entries entries,
                   call.Read([&](chassis::sql::Session& session) { return store_.Present(session, call.store_id()); }));
  for (v1::BoardEntry& entry : entries) MarkLate(entry, now);
  auto shared = std::make_shared<const Entries>(std::move(entries));
  std::lock_guard lock(mutex_);
  seen_[call.store_id()] = {now, shared};
  return std::shared_ptr<const Entries>(shared);
}

absl::StatusOr<v1::ListBoardResponse> BoardService::List(chassis::Call& call, const v1::ListBoardRequest& request) {
  if (request.page_size() < 0) return chassis::InvalidField("page_size", "不能为负数", "may not be negative");
  std::string after;
  if (!absl::WebSafeBase64Unescape(request.page_token(), &after)) {
    return chassis::Refuse(common::ERROR_REASON_PAGE_TOKEN);
  }
  const int page_size = request.page_size() == 0 ? kPageSizeDefault : std::min<int>(request.page_size(), kPageSizeMax);
  // Not from the shared look: who asks once wants to see what was just done.
  ASSIGN_OR_RETURN(Entries entries,
                   call.Read([&](chassis::sql::Session& session) { return store_.Present(session, call.store_id()); }));
  v1::ListBoardResponse response;
  for (v1::BoardEntry& entry : entries) {
    if (entry.visit_id() <= after) continue;
    if (response.entries_size() == page_size) {
      response.set_next_page_token(absl::WebSafeBase64Escape(response.entries(page_size - 1).visit_id()));
      break;
    }
    MarkLate(entry, call.Now());
    *response.add_entries() = std::move(entry);
  }
  return response;
}

absl::Status BoardService::Watch(chassis::Call& call, const v1::WatchBoardRequest& request,
                                 chassis::Writer<v1::WatchBoardResponse>& writer) {
  {
    std::lock_guard lock(mutex_);
    if (watchers_ >= kBoardWatchersMax) {
      return chassis::Refuse(common::ERROR_REASON_OVERLOADED).With("what", "WatchBoard").RetryAfterMs(5000);
    }
    ++watchers_;
  }
  absl::Cleanup gone = [this] {
    std::lock_guard lock(mutex_);
    --watchers_;
  };
  BoardView view;
  bool first = true;
  absl::Time last_told = absl::InfinitePast();
  while (!writer.Cancelled() && call.Now() < call.deadline()) {
    ASSIGN_OR_RETURN(std::shared_ptr<const Entries> present, Look(call));
    if (first && request.after_revision() > 0) {
      ASSIGN_OR_RETURN(Entries changed, call.Read([&](chassis::sql::Session& session) {
        return store_.ChangedSince(session, call.store_id(),
                                   absl::FromUnixMicros(request.after_revision()) - kBoardOverlap);
      }));
      view.Resume(*present, changed);
    }
    v1::WatchBoardResponse news = view.Update(*present);
    news.set_revision(std::max(news.revision(), request.after_revision()));
    news.set_snapshot_complete(first);
    const bool anything = first || news.entries_size() > 0 || news.left_visit_ids_size() > 0;
    if (anything || call.Now() >= last_told + kBoardHeartbeat) {
      if (!WriteInPieces(std::move(news), writer)) return absl::OkStatus();
      last_told = call.Now();
    }
    first = false;
    host_.sleeper().Sleep(kBoardLook);
  }
  return absl::OkStatus();
}

}  // namespace reception
