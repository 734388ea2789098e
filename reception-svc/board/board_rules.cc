#include "reception-svc/board/board_rules.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "chassis/time/clock.h"

namespace reception {

namespace v1 = aftersales::reception::v1;

namespace {

bool IsCompleted(v1::BoardEntry::Stage stage) {
  switch (stage) {
    case v1::BoardEntry::STAGE_COMPLETED:
    case v1::BoardEntry::STAGE_INVOICE:
    case v1::BoardEntry::STAGE_CHECKOUT:
    case v1::BoardEntry::STAGE_VEHICLE_DELIVERED:
    case v1::BoardEntry::STAGE_CLOSED:
      return true;
    default:
      return false;
  }
}

}  // namespace

void MarkLate(v1::BoardEntry& entry, absl::Time now) {
  entry.clear_late();
  entry.clear_late_minutes();
  if (!entry.has_promised_time() || IsCompleted(entry.stage())) return;
  const absl::Duration late = now - chassis::FromProto(entry.promised_time());
  if (late <= absl::ZeroDuration()) return;
  entry.set_late(true);
  entry.set_late_minutes(static_cast<int32_t>(std::min<int64_t>(absl::ToInt64Minutes(late), 10'000'000)));
}

v1::WatchBoardResponse BoardView::Update(const std::vector<v1::BoardEntry>& present) {
  v1::WatchBoardResponse news;
  std::set<std::string> here;
  for (const v1::BoardEntry& entry : present) {
    here.insert(entry.visit_id());
    const auto known = told_.find(entry.visit_id());
    if (known != told_.end() && known->second == Fingerprint(entry)) continue;
    *news.add_entries() = entry;
    Remember(entry);
  }
  for (auto known = told_.begin(); known != told_.end();) {
    if (here.contains(known->first)) {
      ++known;
      continue;
    }
    news.add_left_visit_ids(known->first);
    known = told_.erase(known);
  }
  news.set_revision(revision_);
  return news;
}

void BoardView::Resume(const std::vector<v1::BoardEntry>& present, const std::vector<v1::BoardEntry>& changed) {
  std::set<std::string> news;
  for (const v1::BoardEntry& entry : changed) {
    news.insert(entry.visit_id());
    // One that has left stands in the watcher's view until it is told so.
    if (!entry.on_board()) told_[entry.visit_id()] = "";
  }
  for (const v1::BoardEntry& entry : present) {
    if (!news.contains(entry.visit_id())) Remember(entry);
  }
}

void BoardView::Remember(const v1::BoardEntry& entry) {
  told_[entry.visit_id()] = Fingerprint(entry);
  revision_ = std::max(revision_, absl::ToUnixMicros(chassis::FromProto(entry.update_time())));
}

std::string BoardView::Fingerprint(const v1::BoardEntry& entry) {
  return absl::StrCat(entry.etag(), "/", entry.late(), "/", entry.next_duty_kind(), "/",
                      entry.next_duty_due_time().seconds());
}

}  // namespace reception
