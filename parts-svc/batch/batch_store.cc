// The SQL of batches; see batch_store.h.
#include "parts-svc/batch/batch_store.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "chassis/host/host.h"
#include "parts-svc/ledger/ledger_store.h"

namespace parts {

using chassis::UnitOfWork;
using chassis::sql::Rows;

absl::StatusOr<absl::CivilDay> DayOf(UnitOfWork& work) {
  ASSIGN_OR_RETURN(const auto store, work.host().stores().Get(work.store_id(), work.now() + absl::Seconds(5)));
  absl::TimeZone zone = absl::UTCTimeZone();
  absl::LoadTimeZone(store.time_zone(), &zone);
  return absl::ToCivilDay(work.now(), zone);
}

absl::StatusOr<ExpiryByBatch> BatchStore::Expiry(chassis::sql::Session& session, const std::string& store_id,
                                                 const std::vector<std::string>& part_ids) {
  ExpiryByBatch expiry;
  if (part_ids.empty()) return expiry;
  ASSIGN_OR_RETURN(const Rows rows,
                   session.QueryValues(absl::StrCat("SELECT part_id, batch_code, CAST(expire_date AS CHAR) AS "
                                                    "expire_date FROM part_batch WHERE store_id = ? AND part_id IN (",
                                                    chassis::sql::Placeholders(part_ids.size()), ")"),
                                       WithIds(store_id, part_ids)));
  for (size_t i = 0; i < rows.size(); ++i) {
    expiry[rows[i].Id("part_id")][rows[i].Text("batch_code")] = rows[i].Text("expire_date");
  }
  return expiry;
}

absl::Status BatchStore::Note(UnitOfWork& work, const std::vector<v1::StockMovement>& movements, const PartsById& parts,
                              const Places& places) {
  std::set<std::pair<std::string, std::string>> came;
  for (const v1::StockMovement& movement : movements) {
    if (movement.batch_code().empty()) continue;
    if (parts.at(movement.part_id()).tracking() != v1::Part::TRACKING_BATCH) continue;
    const auto from = places.find(movement.from_location_id());
    if (from != places.end() && IsAccount(from->second.kind())) came.emplace(movement.part_id(), movement.batch_code());
  }
  if (came.empty()) return absl::OkStatus();
  std::set<std::string> part_ids;
  for (const auto& [part_id, batch_code] : came) part_ids.insert(part_id);
  ASSIGN_OR_RETURN(const ExpiryByBatch known, Expiry(work.sql(), work.store_id(), {part_ids.begin(), part_ids.end()}));
  ASSIGN_OR_RETURN(const absl::CivilDay today, DayOf(work));
  std::vector<v1::PartBatch> batches;
  for (const auto& [part_id, batch_code] : came) {
    const auto of_part = known.find(part_id);
    if (of_part != known.end() && of_part->second.count(batch_code) > 0) continue;
    v1::PartBatch& batch = batches.emplace_back();
    batch.set_store_id(work.store_id());
    batch.set_part_id(part_id);
    batch.set_batch_code(batch_code);
    batch.set_receive_date(absl::FormatCivilTime(today));
    batch.set_expire_date(ExpireDate(parts.at(part_id), today));
  }
  if (batches.empty()) return absl::OkStatus();
  return table_.InsertAll(work, batches);
}

}  // namespace parts
