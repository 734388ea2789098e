// The SQL of warehouses and locations; see location_store.h.
#include "parts-svc/location/location_store.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "chassis/status/state.h"
#include "parts-svc/ledger/ledger_store.h"
#include "parts-svc/location/location_rules.h"

namespace parts {
namespace {

using chassis::sql::Uuid;
using chassis::sql::Value;

constexpr v1::Location::Kind kAccounts[] = {
    v1::Location::KIND_SUPPLIER, v1::Location::KIND_WORKSHOP, v1::Location::KIND_VARIANCE, v1::Location::KIND_OPENING,
    v1::Location::KIND_CUSTOMER, v1::Location::KIND_TRANSFER, v1::Location::KIND_DISPOSAL};

}  // namespace

absl::Status LocationStore::OpenAccounts(chassis::UnitOfWork& work) {
  std::vector<Value> values;
  std::vector<std::string> rows;
  for (const v1::Location::Kind kind : kAccounts) {
    rows.push_back("(?,?,?,?,?,1,'','',0)");
    const v1::Location account = Account(work.store_id(), kind);
    values.push_back(chassis::sql::ToValue(Uuid{work.store_id()}));
    values.push_back(chassis::sql::ToValue(Uuid{account.location_id()}));
    values.push_back(account.code());
    values.push_back(std::string(chassis::StateName(v1::Location::Kind_descriptor(), kind)));
    values.push_back(work.now());
  }
  return work.sql()
      .ExecuteValues(
          absl::StrCat("INSERT INTO location (store_id, location_id, code, kind, create_time, version, station_name, "
                       "holder, closed) VALUES ",
                       absl::StrJoin(rows, ","), " ON DUPLICATE KEY UPDATE version = location.version"),
          values)
      .status();
}

absl::StatusOr<Places> LocationStore::ByIds(chassis::sql::Session& session, const std::string& store_id,
                                            const std::vector<std::string>& location_ids) {
  Places places;
  for (const v1::Location::Kind kind : kAccounts) {
    v1::Location account = Account(store_id, kind);
    places[account.location_id()] = std::move(account);
  }
  const std::set<std::string> distinct(location_ids.begin(), location_ids.end());
  if (distinct.empty()) return places;
  ASSIGN_OR_RETURN(
      const chassis::sql::Rows rows,
      session.QueryValues(absl::StrCat("SELECT location_id, code, kind, closed, station_name, holder, "
                                       "frozen_by_stocktake_id FROM location WHERE store_id = ? AND location_id IN (",
                                       chassis::sql::Placeholders(distinct.size()), ")"),
                          WithIds(store_id, {distinct.begin(), distinct.end()})));
  for (size_t i = 0; i < rows.size(); ++i) {
    v1::Location::Kind kind = v1::Location::KIND_UNSPECIFIED;
    if (!v1::Location::Kind_Parse(absl::StrCat("KIND_", rows[i].Text("kind")), &kind)) {
      return absl::InternalError("a location of an unknown kind");
    }
    v1::Location& location = places[rows[i].Id("location_id")];
    location.set_store_id(store_id);
    location.set_location_id(rows[i].Id("location_id"));
    location.set_code(rows[i].Text("code"));
    location.set_kind(kind);
    location.set_closed(rows[i].Int("closed") != 0);
    location.set_station_name(rows[i].Text("station_name"));
    location.set_holder(rows[i].Text("holder"));
    location.set_frozen_by_stocktake_id(rows[i].Id("frozen_by_stocktake_id"));
  }
  return places;
}

absl::StatusOr<bool> LocationStore::WarehouseExists(chassis::sql::Session& session, const std::string& store_id,
                                                    const std::string& warehouse_id) {
  ASSIGN_OR_RETURN(const chassis::sql::Rows rows,
                   session.Query("SELECT warehouse_id FROM warehouse WHERE store_id = ? AND warehouse_id = ?",
                                 Uuid{store_id}, Uuid{warehouse_id}));
  return !rows.empty();
}

}  // namespace parts
