// The cache, the local table, the owner; in this order.
#include "chassis/stores/stores.h"

#include <mutex>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "aftersales/common/v1/event.pb.h"
#include "chassis/events/intake.h"
#include "chassis/records/table.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"
#include "chassis/telemetry/cache_figures.h"
#include "google/protobuf/descriptor.h"

namespace chassis {
namespace {

namespace v1 = aftersales::common::v1;
namespace pb = google::protobuf;

constexpr absl::Duration kCachedFor = absl::Seconds(60);
constexpr size_t kCachedMax = 10000;

class TableStores : public Stores {
 public:
  TableStores(sql::Pool& pool, const privacy::Cipher& cipher, Clock& clock, StoreFetcher fetch,
              telemetry::Metrics* metrics)
      : pool_(pool), clock_(clock), fetch_(std::move(fetch)), table_(cipher), figures_(metrics, "store") {}

  absl::StatusOr<v1::Store> Get(const std::string& store_id, absl::Time deadline) override {
    {
      std::lock_guard lock(mutex_);
      const auto cached = cache_.find(store_id);
      if (cached != cache_.end() && clock_.Now() < cached->second.until) {
        figures_.Hit();
        return cached->second.store;
      }
    }
    figures_.Miss();
    absl::StatusOr<v1::Store> store = Load(store_id, deadline);
    if (absl::IsNotFound(store.status()) && fetch_) store = fetch_(store_id, deadline);
    if (absl::IsNotFound(store.status())) return Refuse(v1::ERROR_REASON_STORE_UNKNOWN).With("id", store_id);
    RETURN_IF_ERROR(store.status());
    *store->mutable_settings() = WithDefaults(store->settings());
    std::lock_guard lock(mutex_);
    if (cache_.size() >= kCachedMax) cache_.clear();
    cache_[store_id] = {*store, clock_.Now() + kCachedFor};
    figures_.Holds(cache_.size());
    return store;
  }

  void Forget(const std::string& store_id) override {
    std::lock_guard lock(mutex_);
    cache_.erase(store_id);
    figures_.Holds(cache_.size());
  }

 private:
  struct Cached {
    v1::Store store;
    absl::Time until;
  };

  absl::StatusOr<v1::Store> Load(const std::string& store_id, absl::Time deadline) {
    v1::Store store;
    RETURN_IF_ERROR(pool_.Read(deadline, [&](sql::Session& session) -> absl::Status {
      ASSIGN_OR_RETURN(store, table_.Get(session, store_id));
      return absl::OkStatus();
    }));
    return store;
  }

  sql::Pool& pool_;
  Clock& clock_;
  const StoreFetcher fetch_;
  const records::Table<v1::Store> table_;
  telemetry::CacheFigures figures_;
  std::mutex mutex_;
  absl::flat_hash_map<std::string, Cached> cache_;
};

}  // namespace

std::unique_ptr<Stores> MakeStores(sql::Pool& pool, const privacy::Cipher& cipher, Clock& clock, StoreFetcher fetch,
                                   telemetry::Metrics* metrics) {
  return std::make_unique<TableStores>(pool, cipher, clock, std::move(fetch), metrics);
}

StoreFetcher FetchFromOwner(Peers& peers) {
  return [&peers](const std::string& store_id, absl::Time deadline) -> absl::StatusOr<v1::Store> {
    const pb::Descriptor* type = pb::DescriptorPool::generated_pool()->FindMessageTypeByName(
        absl::StrCat(std::string(kStoreOwner), ".GetStoreRequest"));
    if (type == nullptr) return Refuse(v1::ERROR_REASON_STORE_UNKNOWN).With("id", store_id);
    std::unique_ptr<pb::Message> request(pb::MessageFactory::generated_factory()->GetPrototype(type)->New());
    request->GetReflection()->SetString(request.get(), type->FindFieldByName("store_id"), store_id);
    v1::Store store;
    const PeerCallContext context{.deadline = deadline, .on_behalf_of = "", .language = "zh-CN", .trace_parent = ""};
    RETURN_IF_ERROR(peers.CallMessage(context, *request, store));
    return store;
  };
}

void TakeInStores(EventIntake& intake, const privacy::Cipher& cipher, Stores& stores) {
  auto table = std::make_shared<const records::Table<v1::Store>>(cipher);
  intake.OnFrom<v1::StoreChanged>(
      std::string(kStoreOwner),
      [table, &stores](UnitOfWork& work, const v1::Event&, const v1::StoreChanged& fact) -> absl::Status {
        v1::Store after = fact.store();
        // Dropped from the cache now and again when it runs out: a reader between here and the commit sees the old
        // settings for a minute at most.
        stores.Forget(after.store_id());
        absl::StatusOr<v1::Store> before = table->Lock(work, after.store_id());
        if (absl::IsNotFound(before.status())) return table->Insert(work, after);
        RETURN_IF_ERROR(before.status());
        return table->Update(work, *before, after);
      });
}

v1::StoreSettings WithDefaults(v1::StoreSettings settings) {
  const auto fill = [&](auto has, auto set, int32_t value) {
    if (!(settings.*has)()) (settings.*set)(value);
  };
  using S = v1::StoreSettings;
  fill(&S::has_greeting_seconds, &S::set_greeting_seconds, 10);
  fill(&S::has_deposit_basis_points, &S::set_deposit_basis_points, 5000);
  fill(&S::has_appointment_reminder_hours, &S::set_appointment_reminder_hours, 24);
  fill(&S::has_handover_minutes, &S::set_handover_minutes, 10);
  fill(&S::has_tax_basis_points, &S::set_tax_basis_points, 1300);
  fill(&S::has_promise_margin_basis_points, &S::set_promise_margin_basis_points, 2000);
  fill(&S::has_estimate_validity_days, &S::set_estimate_validity_days, 7);
  fill(&S::has_archive_days, &S::set_archive_days, 2);
  fill(&S::has_first_follow_up_days, &S::set_first_follow_up_days, 3);
  fill(&S::has_first_follow_up_earliest_days, &S::set_first_follow_up_earliest_days, 2);
  fill(&S::has_first_follow_up_latest_days, &S::set_first_follow_up_latest_days, 7);
  fill(&S::has_second_follow_up_days, &S::set_second_follow_up_days, 7);
  fill(&S::has_maintenance_reminder_days, &S::set_maintenance_reminder_days, 30);
  fill(&S::has_reservation_days, &S::set_reservation_days, 14);
  fill(&S::has_adviser_discount_basis_points, &S::set_adviser_discount_basis_points, 500);
  fill(&S::has_service_manager_discount_basis_points, &S::set_service_manager_discount_basis_points, 2000);
  fill(&S::has_pick_up_notice_minutes_short, &S::set_pick_up_notice_minutes_short, 60);
  fill(&S::has_pick_up_notice_minutes_long, &S::set_pick_up_notice_minutes_long, 240);
  fill(&S::has_negative_answer_days, &S::set_negative_answer_days, 2);
  fill(&S::has_progress_check_minutes, &S::set_progress_check_minutes, 0);
  fill(&S::has_next_maintenance_months, &S::set_next_maintenance_months, 12);
  fill(&S::has_next_maintenance_km, &S::set_next_maintenance_km, 10000);
  if (settings.opening_time().empty()) settings.set_opening_time("08:00");
  if (settings.closing_time().empty()) settings.set_closing_time("18:00");
  return settings;
}

}  // namespace chassis
