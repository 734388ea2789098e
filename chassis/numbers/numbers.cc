// Hands out numbers from a block per store and kind; a new block is one small transaction. Callers of one series
// share its lock, so only the first of them goes to the database when a block is used up.
#include "chassis/numbers/numbers.h"

#include <map>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/mutex.h"
#include "chassis/status/status.h"

namespace chassis {
namespace {

constexpr int64_t kBlockSize = 20;

class BlockNumbers : public Numbers {
 public:
  BlockNumbers(sql::Pool& pool, Clock& clock, StoreLookup store)
      : pool_(pool), clock_(clock), store_(std::move(store)) {}

  absl::StatusOr<std::string> Next(const std::string& store_id, std::string_view kind, absl::Time deadline) override {
    ASSIGN_OR_RETURN(aftersales::common::v1::Store store, store_(store_id, deadline));
    const std::string day = CivilDate(clock_.Now(), store.time_zone());
    Series& series = SeriesOf(store_id, kind);
    absl::MutexLock lock(&series.mutex);
    // A later day starts its own count; an earlier one (a clock that went back) takes a block of that day again.
    if (series.day != day || series.next == series.end) {
      RETURN_IF_ERROR(TakeBlock(store_id, kind, day, deadline, series));
    }
    return absl::StrFormat("%s-%s-%s-%04d", store.code(), kind, absl::StrReplaceAll(day, {{"-", ""}}), series.next++);
  }

 private:
  struct Series {
    absl::Mutex mutex;
    std::string day;
    int64_t next = 0;
    int64_t end = 0;
  };

  // As many as there are stores and kinds of documents; the day is inside, so it does not grow with time.
  Series& SeriesOf(const std::string& store_id, std::string_view kind) {
    absl::MutexLock lock(&mutex_);
    return series_[{store_id, std::string(kind)}];
  }

  absl::Status TakeBlock(const std::string& store_id, std::string_view kind, const std::string& day,
                         absl::Time deadline, Series& series) {
    int64_t end = 0;
    RETURN_IF_ERROR(pool_.Transact(deadline, [&](sql::Session& session) -> absl::Status {
      RETURN_IF_ERROR(session
                          .Execute("INSERT INTO number_block (store_id, kind, business_day, next_number) "
                                   "VALUES (?, ?, ?, ?) ON DUPLICATE KEY UPDATE next_number = next_number + ?",
                                   sql::Uuid{store_id}, kind, day, 1 + kBlockSize, kBlockSize)
                          .status());
      ASSIGN_OR_RETURN(sql::Rows rows, session.Query("SELECT next_number FROM number_block "
                                                     "WHERE store_id = ? AND kind = ? AND business_day = ?",
                                                     sql::Uuid{store_id}, kind, day));
      ASSIGN_OR_RETURN(sql::Row row, rows.One());
      end = row.Int("next_number");
      return absl::OkStatus();
    }));
    series.day = day;
    series.next = end - kBlockSize;
    series.end = end;
    return absl::OkStatus();
  }

  sql::Pool& pool_;
  Clock& clock_;
  const StoreLookup store_;
  absl::Mutex mutex_;
  std::map<std::pair<std::string, std::string>, Series> series_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<Numbers> MakeNumbers(sql::Pool& pool, Clock& clock, StoreLookup store) {
  return std::make_unique<BlockNumbers>(pool, clock, std::move(store));
}

}  // namespace chassis
