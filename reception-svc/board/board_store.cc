#include "reception-svc/board/board_store.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"

namespace reception {

namespace v1 = aftersales::reception::v1;
namespace sql = chassis::sql;

namespace {

std::string StageName(v1::BoardEntry::Stage stage) {
  return std::string(chassis::StateName(v1::BoardEntry::Stage_descriptor(), stage));
}

void FillFrom(const v1::Visit& visit, v1::BoardEntry& entry) {
  entry.set_store_id(visit.store_id());
  entry.set_visit_id(visit.visit_id());
  entry.set_visit_number(visit.number());
  entry.set_plate(visit.plate());
  entry.set_model_name(visit.model_name());
  entry.set_adviser(visit.adviser());
  entry.set_purpose(visit.purpose());
  *entry.mutable_arrival_time() = visit.arrival_time();
}

// What is owed first, per vehicle: by its visit or by its order.
absl::Status FillNextDuties(sql::Session& session, const std::string& store_id, std::vector<v1::BoardEntry>& entries) {
  if (entries.empty()) return absl::OkStatus();
  std::multimap<std::string, v1::BoardEntry*> by_subject;
  for (v1::BoardEntry& entry : entries) {
    by_subject.emplace(entry.visit_id(), &entry);
    if (!entry.repair_order_id().empty()) by_subject.emplace(entry.repair_order_id(), &entry);
  }
  std::vector<sql::Value> values = {sql::ToValue(sql::Uuid{store_id})};
  for (const auto& [subject_id, entry] : by_subject) values.push_back(sql::ToValue(sql::Uuid{subject_id}));
  ASSIGN_OR_RETURN(sql::Rows rows,
                   session.QueryValues(absl::StrCat("SELECT subject_id, kind, due_time FROM duty "
                                                    "WHERE store_id = ? AND state = 'OPEN' AND subject_id IN (",
                                                    sql::Placeholders(by_subject.size()), ") ORDER BY due_time"),
                                       values));
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto [begin, end] = by_subject.equal_range(rows[i].Id("subject_id"));
    for (auto found = begin; found != end; ++found) {
      v1::BoardEntry& entry = *found->second;
      if (!entry.next_duty_kind().empty()) continue;
      entry.set_next_duty_kind(rows[i].Text("kind"));
      *entry.mutable_next_duty_due_time() = chassis::ToProto(rows[i].Time("due_time"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status BoardStore::Enter(chassis::UnitOfWork& work, const v1::Visit& visit) const {
  v1::BoardEntry entry;
  FillFrom(visit, entry);
  entry.set_stage(v1::BoardEntry::STAGE_VEHICLE_RECEIVED);
  // Somebody who came on foot is in the queue but no vehicle is here.
  entry.set_on_board(!visit.without_vehicle());
  return entries_.Insert(work, entry);
}

absl::Status BoardStore::Describe(chassis::UnitOfWork& work, const v1::Visit& visit) const {
  const std::string purpose(chassis::StateName(v1::Visit::Purpose_descriptor(), visit.purpose()));
  return work.sql()
      .Execute(
          "UPDATE board_entry SET plate = ?, model_name = ?, adviser = ?, purpose = ?, version = version + 1, "
          "update_time = ? WHERE store_id = ? AND visit_id = ?",
          visit.plate(), visit.model_name(), visit.adviser(), purpose, work.now(), sql::Uuid{visit.store_id()},
          sql::Uuid{visit.visit_id()})
      .status();
}

absl::Status BoardStore::Change(chassis::UnitOfWork& work, const std::string& visit_id,
                                const BoardChange& change) const {
  std::vector<std::string> assignments = {"version = version + 1", "update_time = ?"};
  std::vector<sql::Value> values = {sql::ToValue(work.now())};
  const auto assign = [&](std::string_view column, sql::Value value) {
    assignments.push_back(absl::StrCat(std::string(column), " = ?"));
    values.push_back(std::move(value));
  };
  if (change.stage.has_value()) assign("stage", sql::ToValue(StageName(*change.stage)));
  if (change.promised_time.has_value()) assign("promised_time", sql::ToValue(*change.promised_time));
  if (change.repair_order_id.has_value()) {
    assign("repair_order_id", sql::ToValue(sql::Uuid{*change.repair_order_id}));
  }
  if (change.repair_order_number.has_value()) {
    assign("repair_order_number", sql::ToValue(*change.repair_order_number));
  }
  if (change.on_board.has_value()) assign("on_board", sql::ToValue(*change.on_board));
  values.push_back(sql::ToValue(sql::Uuid{work.store_id()}));
  values.push_back(sql::ToValue(sql::Uuid{visit_id}));
  return work.sql()
      .ExecuteValues(absl::StrCat("UPDATE board_entry SET ", absl::StrJoin(assignments, ", "),
                                  " WHERE store_id = ? AND visit_id = ?"),
                     values)
      .status();
}

absl::Status BoardStore::SetStageOfOrder(chassis::UnitOfWork& work, const std::string& repair_order_id,
                                         v1::BoardEntry::Stage stage) const {
  return work.sql()
      .Execute(
          "UPDATE board_entry SET stage = ?, version = version + 1, update_time = ? "
          "WHERE store_id = ? AND repair_order_id = ?",
          StageName(stage), work.now(), sql::Uuid{work.store_id()}, sql::Uuid{repair_order_id})
      .status();
}

absl::StatusOr<std::vector<v1::BoardEntry>> BoardStore::Present(sql::Session& session,
                                                                const std::string& store_id) const {
  ASSIGN_OR_RETURN(std::vector<v1::BoardEntry> entries,
                   entries_.Select(session, "WHERE store_id = ? AND on_board = 1 ORDER BY visit_id LIMIT ?",
                                   sql::Uuid{store_id}, kBoardEntriesMax));
  RETURN_IF_ERROR(FillNextDuties(session, store_id, entries));
  return entries;
}

absl::StatusOr<std::vector<v1::BoardEntry>> BoardStore::ChangedSince(sql::Session& session, const std::string& store_id,
                                                                     absl::Time since) const {
  return entries_.Select(session, "WHERE store_id = ? AND update_time >= ? ORDER BY update_time", sql::Uuid{store_id},
                         since);
}

}  // namespace reception
