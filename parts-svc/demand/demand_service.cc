// The demand room; see demand_service.h.
#include "parts-svc/demand/demand_service.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/planning_errors.pb.h"
#include "parts-svc/ledger/ledger_checks.h"

namespace parts {
namespace {

using aftersales::common::v1::LedgerCheck;
using chassis::UnitOfWork;
using chassis::sql::Session;

// A command may commit this long after the time it carries; what is younger is left for the next turn.
constexpr absl::Duration kSettled = absl::Minutes(10);
constexpr absl::Duration kWindowMax = absl::Hours(24);
// A turn leaves the other jobs of the service their time.
constexpr int kWindowsPerTurn = 50;

}  // namespace

DemandService::DemandService(chassis::Rooms& rooms)
    : host_(rooms.host),
      store_(rooms.host.cipher()),
      catalogue_(rooms.host.cipher()),
      lost_sales_(rooms.host.metrics().Counter("parts_lost_sales_total", "Lost sales recorded by people (P-11)")) {
  rooms.rpcs.On(this, &DemandService::History);
  rooms.rpcs.On(this, &DemandService::ListDemands);
  rooms.rpcs.On(this, &DemandService::RecordLostSale);
  rooms.rpcs.Standard<v1::StockMonth>(store_.months());
  rooms.rpcs.Standard<v1::LostSale>(store_.lost_sales());
  rooms.Verify("part_demand", [this](Session& session, const std::string& store_id) -> absl::StatusOr<LedgerCheck> {
    LedgerCheck check;
    check.set_name("part_demand");
    ASSIGN_OR_RETURN(const auto sums, store_.Compare(session, store_id));
    for (const DemandStore::Sums& one : sums) {
      if (one.Agree()) continue;
      AddDifference(check, absl::StrCat("part ", one.part_id, ": orders ", one.counted_order_milli, " for ",
                                        one.order_milli, ", sales ", one.counted_sale_milli, " for ", one.sale_milli,
                                        ", lost ", one.counted_lost_milli, " for ", one.lost_milli));
    }
    check.set_checked_count(static_cast<int64_t>(sums.size()));
    return check;
  });
  rooms.Periodically("count_demand", absl::Minutes(1), [this] { return CountAll(); });
}

absl::Status DemandService::CountAll() {
  std::vector<std::string> store_ids;
  RETURN_IF_ERROR(host_.pool().Read(host_.clock().Now() + absl::Seconds(10), [&](Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(store_ids, store_.StoreIds(session));
    return absl::OkStatus();
  }));
  for (const std::string& store_id : store_ids) RETURN_IF_ERROR(CountStore(store_id));
  return absl::OkStatus();
}

absl::Status DemandService::CountStore(const std::string& store_id) {
  ASSIGN_OR_RETURN(const auto store, host_.stores().Get(store_id, host_.clock().Now() + absl::Seconds(10)));
  const absl::TimeZone zone = ZoneNamed(store.time_zone());
  const absl::Time settled = host_.clock().Now() - kSettled;
  for (int turn = 0; turn < kWindowsPerTurn; ++turn) {
    std::optional<absl::Time> position, event;
    RETURN_IF_ERROR(host_.pool().Read(host_.clock().Now() + absl::Seconds(10), [&](Session& session) -> absl::Status {
      ASSIGN_OR_RETURN(position, store_.Position(session, store_id));
      ASSIGN_OR_RETURN(event, store_.NextEvent(session, store_id, position.value_or(absl::UnixEpoch())));
      return absl::OkStatus();
    }));
    if (!event.has_value() && !position.has_value()) return absl::OkStatus();  // a store without a past
    if (position.has_value() && *position >= settled) return absl::OkStatus();
    if (!event.has_value() || *event >= settled) {
      if (!position.has_value()) return absl::OkStatus();
      return host_.CommitInBackground(store_id, "CountDemand",
                                      [&](UnitOfWork& work) { return store_.Pass(work, *position, settled); });
    }
    const absl::CivilMonth month = MonthOf(*event, zone);
    CountWindow window;
    // Nothing happened before the event, so the window may begin earlier, in another month.
    window.begin = position.value_or(*event);
    window.end = std::min({settled, *event + kWindowMax, absl::FromCivil(month + 1, zone)});
    window.month = FirstDay(month);
    RETURN_IF_ERROR(host_.CommitInBackground(store_id, "CountDemand",
                                             [&](UnitOfWork& work) { return store_.Count(work, window); }));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::PartDemandHistory> DemandService::History(chassis::Call& call,
                                                             const v1::GetPartDemandRequest& request) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  const absl::CivilMonth current = MonthOf(call.Now(), ZoneNamed(store.time_zone()));
  const int month_count = request.month_count() == 0 ? 12 : request.month_count();
  return call.Read([&](Session& session) -> absl::StatusOr<v1::PartDemandHistory> {
    ASSIGN_OR_RETURN(const v1::Part part, catalogue_.parts().Get(session, request.store_id(), request.part_id()));
    v1::PartDemandHistory history;
    history.set_part_id(part.part_id());
    history.set_part_number(part.part_number());
    std::vector<std::string> part_ids = {part.part_id()};
    ASSIGN_OR_RETURN(const auto predecessors, store_.Predecessors(session, request.store_id(), part.part_id()));
    ASSIGN_OR_RETURN(const PartsById named, catalogue_.ByIds(session, request.store_id(), predecessors));
    for (const std::string& part_id : predecessors) {
      part_ids.push_back(part_id);
      history.add_predecessor_numbers(named.at(part_id).part_number());
    }
    ASSIGN_OR_RETURN(const auto months,
                     store_.MonthsOf(session, request.store_id(), part_ids, FirstDay(current - (month_count - 1))));
    for (int i = 0; i < month_count; ++i) {
      v1::PartDemand& shown = *history.add_months();
      const std::string month = FirstDay(current - i);
      const auto found =
          std::find_if(months.begin(), months.end(), [&](const v1::PartDemand& one) { return one.month() == month; });
      if (found != months.end()) shown = *found;
      shown.set_store_id(request.store_id());
      shown.set_part_id(part.part_id());
      shown.set_month(month);
      Derive(shown);
    }
    ASSIGN_OR_RETURN(const auto position, store_.Position(session, request.store_id()));
    if (position.has_value()) *history.mutable_counted_until_time() = chassis::ToProto(*position);
    return history;
  });
}

absl::StatusOr<v1::ListPartDemandsResponse> DemandService::ListDemands(chassis::Call& call,
                                                                       const v1::ListPartDemandsRequest& request) {
  return call.Read([&](Session& session) -> absl::StatusOr<v1::ListPartDemandsResponse> {
    chassis::records::ListQuery query = chassis::records::QueryFrom(request);
    query.scope = request.store_id();
    v1::ListPartDemandsResponse response;
    RETURN_IF_ERROR(store_.demands().List(
        session, query, [&] { return response.add_part_demands(); }, *response.mutable_next_page_token()));
    for (v1::PartDemand& demand : *response.mutable_part_demands()) Derive(demand);
    return response;
  });
}

absl::StatusOr<v1::LostSale> DemandService::RecordLostSale(chassis::Call& call,
                                                           const v1::RecordLostSaleRequest& request) {
  if (request.cause() == v1::LostSale::CAUSE_GIVEN_UP) {
    return chassis::InvalidField("cause", "由系统在放弃预留时记录",
                                 "is recorded by the service when a reservation ends");
  }
  absl::StatusOr<v1::LostSale> lost =
      call.Transact<v1::LostSale>([&](UnitOfWork& work) -> absl::StatusOr<v1::LostSale> {
        ASSIGN_OR_RETURN(const PartsById parts, catalogue_.ByIds(work.sql(), work.store_id(), {request.part_id()}));
        if (parts.empty()) {
          return chassis::Refuse(v1::PLANNING_ERROR_REASON_LOST_SALE_PART)
              .With("part", request.part_id())
              .At("part_id", "目录中没有此配件", "is in no catalogue of the store");
        }
        const v1::Part& part = parts.begin()->second;
        RETURN_IF_ERROR(CheckQuantity(part, request.quantity_milli(), "quantity_milli"));
        v1::LostSale sale;
        sale.set_store_id(work.store_id());
        sale.set_part_id(part.part_id());
        sale.set_part_number(part.part_number());
        sale.set_quantity_milli(request.quantity_milli());
        sale.set_cause(request.cause() == v1::LostSale::CAUSE_UNSPECIFIED ? v1::LostSale::CAUSE_NOT_IN_STOCK
                                                                          : request.cause());
        sale.set_reason(request.reason());
        sale.set_actor(work.actor().subject);
        RETURN_IF_ERROR(store_.lost_sales().Insert(work, sale));
        return sale;
      });
  if (lost.ok()) lost_sales_.Increment();
  return lost;
}

}  // namespace parts
