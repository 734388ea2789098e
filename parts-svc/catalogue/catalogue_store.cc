// The SQL of the catalogue; see catalogue_store.h.
#include "parts-svc/catalogue/catalogue_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "chassis/status/state.h"
#include "parts-svc/ledger/ledger_store.h"

namespace parts {
namespace {

using chassis::sql::Placeholders;
using chassis::sql::Row;
using chassis::sql::Rows;
using chassis::sql::Session;
using chassis::sql::Uuid;
using chassis::sql::Value;

constexpr char kColumns[] =
    "SELECT p.part_id, p.version, p.part_number, p.name_zh, p.name_en, p.brand, p.original, p.unit, p.step_milli, "
    "p.tax_basis_points, p.safety_critical, p.high_value, p.shelf_life_days, p.tracking, p.category, "
    "p.successor_part_id FROM part p ";

v1::Part ReadPart(const Row& row, const std::string& store_id) {
  v1::Part part;
  part.set_store_id(store_id);
  part.set_part_id(row.Id("part_id"));
  part.set_etag(absl::StrCat(row.Int("version")));
  part.set_part_number(row.Text("part_number"));
  part.set_name_zh(row.Text("name_zh"));
  part.set_name_en(row.Text("name_en"));
  part.set_brand(row.Text("brand"));
  part.set_original(row.Int("original") != 0);
  v1::Part::Unit unit = v1::Part::UNIT_UNSPECIFIED;
  if (v1::Part::Unit_Parse(absl::StrCat("UNIT_", row.Text("unit")), &unit)) part.set_unit(unit);
  part.set_step_milli(row.Int("step_milli"));
  if (!row.IsNull("tax_basis_points")) part.set_tax_basis_points(static_cast<int32_t>(row.Int("tax_basis_points")));
  part.set_safety_critical(row.Int("safety_critical") != 0);
  part.set_high_value(row.Int("high_value") != 0);
  part.set_shelf_life_days(static_cast<int32_t>(row.Int("shelf_life_days")));
  v1::Part::Tracking tracking = v1::Part::TRACKING_NONE;
  if (v1::Part::Tracking_Parse(absl::StrCat("TRACKING_", row.Text("tracking")), &tracking)) {
    part.set_tracking(tracking);
  }
  part.set_category(row.Text("category"));
  part.set_successor_part_id(row.Id("successor_part_id"));
  return part;
}

std::vector<Value> WithTexts(const std::string& store_id, const std::vector<std::string>& texts) {
  std::vector<Value> values{chassis::sql::ToValue(Uuid{store_id})};
  values.insert(values.end(), texts.begin(), texts.end());
  return values;
}

}  // namespace

absl::StatusOr<PartsById> CatalogueStore::ByIds(Session& session, const std::string& store_id,
                                                const std::vector<std::string>& part_ids) {
  const std::set<std::string> distinct(part_ids.begin(), part_ids.end());
  PartsById parts;
  if (distinct.empty()) return parts;
  ASSIGN_OR_RETURN(const Rows rows,
                   session.QueryValues(absl::StrCat(kColumns, "WHERE p.store_id = ? AND p.part_id IN (",
                                                    Placeholders(distinct.size()), ")"),
                                       WithIds(store_id, {distinct.begin(), distinct.end()})));
  for (size_t i = 0; i < rows.size(); ++i) {
    v1::Part part = ReadPart(rows[i], store_id);
    parts[part.part_id()] = std::move(part);
  }
  return parts;
}

absl::Status CatalogueStore::AddSuccessors(Session& session, const std::string& store_id, PartsById& parts) {
  for (int step = 0; step < kChainLengthMax; ++step) {
    std::vector<std::string> missing;
    for (const auto& [part_id, part] : parts) {
      const std::string& successor = part.successor_part_id();
      if (!successor.empty() && parts.count(successor) == 0) missing.push_back(successor);
    }
    if (missing.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(PartsById found, ByIds(session, store_id, missing));
    parts.merge(found);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::map<std::string, v1::Part>> CatalogueStore::ByNumbers(
    Session& session, const std::string& store_id, const std::vector<std::string>& part_numbers) {
  std::map<std::string, v1::Part> parts;
  const std::set<std::string> distinct(part_numbers.begin(), part_numbers.end());
  if (distinct.empty()) return parts;
  ASSIGN_OR_RETURN(const Rows rows,
                   session.QueryValues(absl::StrCat(kColumns, "WHERE p.store_id = ? AND p.part_number IN (",
                                                    Placeholders(distinct.size()), ")"),
                                       WithTexts(store_id, {distinct.begin(), distinct.end()})));
  for (size_t i = 0; i < rows.size(); ++i) parts[rows[i].Text("part_number")] = ReadPart(rows[i], store_id);
  std::vector<std::string> others;
  for (const std::string& number : distinct) {
    if (parts.count(number) == 0) others.push_back(number);
  }
  if (others.empty()) return parts;
  ASSIGN_OR_RETURN(const Rows references,
                   session.QueryValues(absl::StrCat("SELECT reference_number, part_id FROM part_cross_reference "
                                                    "WHERE store_id = ? AND reference_number IN (",
                                                    Placeholders(others.size()), ")"),
                                       WithTexts(store_id, others)));
  std::map<std::string, std::set<std::string>> meant;
  std::vector<std::string> part_ids;
  for (size_t i = 0; i < references.size(); ++i) {
    meant[references[i].Text("reference_number")].insert(references[i].Id("part_id"));
    part_ids.push_back(references[i].Id("part_id"));
  }
  ASSIGN_OR_RETURN(const PartsById by_id, ByIds(session, store_id, part_ids));
  for (const auto& [number, ids] : meant) {
    if (ids.size() == 1 && by_id.count(*ids.begin()) > 0) parts[number] = by_id.at(*ids.begin());
  }
  return parts;
}

absl::StatusOr<std::map<std::string, v1::Part>> CatalogueStore::LockByNumbers(
    chassis::UnitOfWork& work, const std::vector<std::string>& part_numbers) {
  std::map<std::string, v1::Part> parts;
  constexpr size_t kPerStatement = 500;
  for (size_t first = 0; first < part_numbers.size(); first += kPerStatement) {
    const size_t count = std::min(kPerStatement, part_numbers.size() - first);
    const auto begin = part_numbers.begin() + static_cast<int64_t>(first);
    std::vector<std::unique_ptr<v1::Part>> found;
    RETURN_IF_ERROR(parts_.mapper().Select(
        work.sql(), absl::StrCat("WHERE store_id = ? AND part_number IN (", Placeholders(count), ") FOR UPDATE"),
        WithTexts(work.store_id(), {begin, begin + static_cast<int64_t>(count)}), [&]() -> google::protobuf::Message* {
          found.push_back(std::make_unique<v1::Part>());
          return found.back().get();
        }));
    for (auto& part : found) {
      const std::string number = part->part_number();
      parts[number] = std::move(*part);
    }
  }
  return parts;
}

absl::StatusOr<std::vector<v1::Part>> CatalogueStore::LockChain(chassis::UnitOfWork& work, const std::string& part_id) {
  std::vector<v1::Part> chain;
  std::string next = part_id;
  while (!next.empty() && static_cast<int>(chain.size()) <= kChainLengthMax) {
    ASSIGN_OR_RETURN(v1::Part part, parts_.Lock(work, work.store_id(), next));
    next = part.successor_part_id();
    chain.push_back(std::move(part));
  }
  return chain;
}

absl::StatusOr<int> CatalogueStore::PredecessorCount(chassis::UnitOfWork& work, const std::string& part_id) {
  std::vector<std::string> generation{part_id};
  for (int count = 0; count <= kChainLengthMax; ++count) {
    ASSIGN_OR_RETURN(const Rows rows,
                     work.sql().QueryValues(absl::StrCat("SELECT part_id FROM part WHERE store_id = ? AND "
                                                         "successor_part_id IN (",
                                                         Placeholders(generation.size()), ")"),
                                            WithIds(work.store_id(), generation)));
    if (rows.empty()) return count;
    generation.clear();
    for (size_t i = 0; i < rows.size(); ++i) generation.push_back(rows[i].Id("part_id"));
  }
  return kChainLengthMax;
}

absl::StatusOr<std::map<std::string, int64_t>> CatalogueStore::PricesInForce(Session& session,
                                                                             const std::string& store_id,
                                                                             v1::PriceLevel level,
                                                                             const std::vector<std::string>& part_ids,
                                                                             absl::Time moment) {
  std::map<std::string, int64_t> prices;
  if (part_ids.empty()) return prices;
  std::vector<Value> values = WithIds(store_id, part_ids);
  values.push_back(std::string(chassis::StateName(v1::PriceLevel_descriptor(), level)));
  values.push_back(moment);
  ASSIGN_OR_RETURN(const Rows rows,
                   session.QueryValues(absl::StrCat("SELECT part_id, unit_price_amount FROM part_price "
                                                    "WHERE store_id = ? AND part_id IN (",
                                                    Placeholders(part_ids.size()),
                                                    ") AND price_level = ? AND effective_time <= ? "
                                                    "ORDER BY part_id, effective_time"),
                                       values));
  // In order of time, so the last one written is the one in force.
  for (size_t i = 0; i < rows.size(); ++i) prices[rows[i].Id("part_id")] = rows[i].Int("unit_price_amount");
  return prices;
}

absl::StatusOr<std::set<std::string>> CatalogueStore::NotFitting(Session& session, const std::string& store_id,
                                                                 const std::vector<std::string>& part_ids,
                                                                 const std::string& model_code) {
  std::set<std::string> not_fitting;
  if (part_ids.empty()) return not_fitting;
  std::vector<Value> values{model_code};
  const std::vector<Value> ids = WithIds(store_id, part_ids);
  values.insert(values.end(), ids.begin(), ids.end());
  ASSIGN_OR_RETURN(const Rows rows,
                   session.QueryValues(absl::StrCat("SELECT part_id, CAST(SUM(CASE WHEN model_code = ? THEN 1 ELSE 0 "
                                                    "END) AS SIGNED) AS hits FROM part_fitment WHERE store_id = ? AND "
                                                    "part_id IN (",
                                                    Placeholders(part_ids.size()), ") GROUP BY part_id"),
                                       values));
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].Int("hits") == 0) not_fitting.insert(rows[i].Id("part_id"));
  }
  return not_fitting;
}

}  // namespace parts
