#include "reception-svc/visit/visit_store.h"

#include "absl/strings/str_cat.h"
#include "chassis/status/status.h"

namespace reception {

namespace v1 = aftersales::reception::v1;
namespace sql = chassis::sql;

namespace {

// A record that may not be there yet.
template <typename T>
absl::StatusOr<std::optional<T>> Find(const chassis::records::Table<T>& table, sql::Session& session,
                                      const std::string& store_id, const std::string& visit_id) {
  absl::StatusOr<T> found = table.Get(session, store_id, visit_id);
  if (absl::IsNotFound(found.status())) return std::optional<T>();
  RETURN_IF_ERROR(found.status());
  return std::optional<T>(*std::move(found));
}

v1::Visit::Purpose PurposeNamed(const std::string& name) {
  v1::Visit::Purpose purpose = v1::Visit::PURPOSE_UNSPECIFIED;
  v1::Visit::Purpose_Parse(absl::StrCat("PURPOSE_", name), &purpose);
  return purpose;
}

v1::Visit::Outcome OutcomeNamed(const std::string& name) {
  v1::Visit::Outcome outcome = v1::Visit::OUTCOME_UNSPECIFIED;
  v1::Visit::Outcome_Parse(absl::StrCat("OUTCOME_", name), &outcome);
  return outcome;
}

}  // namespace

absl::StatusOr<VisitStore::CheckInRecords> VisitStore::LoadCheckIn(sql::Session& session, const std::string& store_id,
                                                                   const std::string& visit_id) const {
  CheckInRecords records;
  ASSIGN_OR_RETURN(records.walk_around, Find(walk_arounds, session, store_id, visit_id));
  ASSIGN_OR_RETURN(records.belongings, Find(belongings, session, store_id, visit_id));
  ASSIGN_OR_RETURN(records.custody, Find(custodies, session, store_id, visit_id));
  ASSIGN_OR_RETURN(records.statements,
                   statements.Select(session, "WHERE store_id = ? AND visit_id = ? ORDER BY customer_statement_id",
                                     sql::Uuid{store_id}, sql::Uuid{visit_id}));
  return records;
}

absl::StatusOr<VisitStore::CheckedIn> VisitStore::IsCheckedIn(sql::Session& session, const std::string& store_id,
                                                              const std::string& visit_id) const {
  const sql::Uuid store{store_id}, visit{visit_id};
  ASSIGN_OR_RETURN(
      const sql::Rows rows,
      session.Query("SELECT EXISTS (SELECT 1 FROM walk_around WHERE store_id = ? AND visit_id = ?) AS walk_around, "
                    "EXISTS (SELECT 1 FROM belongings WHERE store_id = ? AND visit_id = ?) AS belongings, "
                    "EXISTS (SELECT 1 FROM custody WHERE store_id = ? AND visit_id = ?) AS custody",
                    store, visit, store, visit, store, visit));
  return CheckedIn{.walk_around = rows[0].Int("walk_around") != 0,
                   .belongings = rows[0].Int("belongings") != 0,
                   .custody = rows[0].Int("custody") != 0};
}

absl::StatusOr<std::string> VisitStore::EarlierWaitingPlate(sql::Session& session, const v1::Visit& visit) const {
  ASSIGN_OR_RETURN(sql::Rows rows, session.Query("SELECT plate FROM visit WHERE store_id = ? AND state = 'WAITING' "
                                                 "AND arrival_time < ? AND visit_id <> ? ORDER BY arrival_time LIMIT 1",
                                                 sql::Uuid{visit.store_id()}, chassis::FromProto(visit.arrival_time()),
                                                 sql::Uuid{visit.visit_id()}));
  return rows.empty() ? std::string() : rows[0].Text("plate");
}

absl::StatusOr<int32_t> VisitStore::LastOdometer(sql::Session& session, const v1::Visit& visit) const {
  ASSIGN_OR_RETURN(sql::Rows rows,
                   session.Query("SELECT odometer_km FROM visit WHERE store_id = ? AND plate = ? AND odometer_km > 0 "
                                 "AND visit_id <> ? ORDER BY arrival_time DESC LIMIT 1",
                                 sql::Uuid{visit.store_id()}, visit.plate(), sql::Uuid{visit.visit_id()}));
  return rows.empty() ? 0 : static_cast<int32_t>(rows[0].Int("odometer_km"));
}

absl::Status VisitStore::SetRepairOrder(chassis::UnitOfWork& work, const std::string& visit_id,
                                        const std::string& repair_order_id) const {
  ASSIGN_OR_RETURN(v1::Visit before, visits.Lock(work, work.store_id(), visit_id));
  v1::Visit visit = before;
  visit.set_repair_order_id(repair_order_id);
  return visits.Update(work, before, visit);
}

absl::Status VisitStore::ReturnKeys(chassis::UnitOfWork& work, const std::string& visit_id) const {
  ASSIGN_OR_RETURN(std::optional<v1::Custody> before, Find(custodies, work.sql(), work.store_id(), visit_id));
  if (!before.has_value() || !before->has_held_key_tag()) return absl::OkStatus();
  v1::Custody custody = *before;
  custody.clear_held_key_tag();
  return custodies.Update(work, *before, custody);
}

absl::StatusOr<std::vector<VisitStore::Count>> VisitStore::CountByPurpose(sql::Session& session,
                                                                          const std::string& store_id, absl::Time from,
                                                                          absl::Time to) const {
  ASSIGN_OR_RETURN(sql::Rows rows,
                   session.Query("SELECT purpose, outcome, COUNT(*) AS visits, "
                                 "CAST(SUM(greet_time IS NOT NULL) AS SIGNED) AS greeted, "
                                 "CAST(SUM(greeted_in_time) AS SIGNED) AS greeted_in_time, "
                                 "CAST(SUM(greeting_seconds) AS SIGNED) AS greeting_seconds "
                                 "FROM visit WHERE store_id = ? AND arrival_time >= ? AND arrival_time < ? "
                                 "GROUP BY purpose, outcome",
                                 sql::Uuid{store_id}, from, to));
  std::vector<Count> counts;
  for (size_t i = 0; i < rows.size(); ++i) {
    const sql::Row row = rows[i];
    counts.push_back({PurposeNamed(row.Text("purpose")), OutcomeNamed(row.Text("outcome")), row.Int("visits"),
                      row.Int("greeted"), row.Int("greeted_in_time"), row.Int("greeting_seconds")});
  }
  return counts;
}

}  // namespace reception
