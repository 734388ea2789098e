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
    "p.successor_part_id, p.pack_quantity_milli, p.old_part_tracked FROM part p ";

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
  part.set_pack_quantity_milli(row.Int("pack_quantity_milli"));
  part.set_old_part_tracked(row.Int("old_part_tracked") != 0);
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

absl::StatusOr<std::map<std::string, v1::Part>> CatalogueStore::WholeByNumbers(
    Session& session, const std::string& store_id, const std::vector<std::string>& part_numbers) {
  return SelectByNumbers(session, store_id, part_numbers, "");
}

absl::StatusOr<std::map<std::string, v1::Part>> CatalogueStore::LockByNumbers(
    chassis::UnitOfWork& work, const std::vector<std::string>& part_numbers) {
  return SelectByNumbers(work.sql(), work.store_id(), part_numbers, " FOR UPDATE");
}

absl::StatusOr<std::map<std::string, v1::Part>> CatalogueStore::SelectByNumbers(
    Session& session, const std::string& store_id, const std::vector<std::string>& part_numbers,
    const std::string& suffix) {
  std::map<std::string, v1::Part> parts;
  constexpr size_t kPerStatement = 500;
  for (size_t first = 0; first < part_numbers.size(); first += kPerStatement) {
    const size_t count = std::min(kPerStatement, part_numbers.size() - first);
    const auto begin = part_numbers.begin() + static_cast<int64_t>(first);
    std::vector<std::unique_ptr<v1::Part>> found;
    RETURN_IF_ERROR(parts_.mapper().Select(
        session, absl::StrCat("WHERE store_id = ? AND part_number IN (", Placeholders(count), ")", suffix),
        WithTexts(store_id, {begin, begin + static_cast<int64_t>(count)}), [&]() -> google::protobuf::Message* {
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

absl::StatusOr<std::map<std::string, std::string>> CatalogueStore::NewestBySuperseded(Session& session,
                                                                                      const std::string& store_id) {
  ASSIGN_OR_RETURN(const Rows rows, session.Query("SELECT part_id, successor_part_id FROM part WHERE store_id = ? AND "
                                                  "successor_part_id IS NOT NULL",
                                                  Uuid{store_id}));
  std::map<std::string, std::string> next;
  for (size_t i = 0; i < rows.size(); ++i) next[rows[i].Id("part_id")] = rows[i].Id("successor_part_id");
  std::map<std::string, std::string> newest;
  for (const auto& [part_id, successor] : next) {
    std::string last = successor;
    for (int step = 0; step < kChainLengthMax; ++step) {
      const auto link = next.find(last);
      if (link == next.end()) break;
      last = link->second;
    }
    newest[part_id] = last;
  }
  return newest;
}

absl::StatusOr<std::map<std::string, std::vector<std::string>>> CatalogueStore::Predecessors(
    Session& session, const std::string& store_id, const std::vector<std::string>& part_ids) {
  std::map<std::string, std::vector<std::string>> predecessors;
  std::map<std::string, std::set<std::string>> asked_through;  // a part of this generation -> who is asked for
  for (const std::string& part_id : part_ids) asked_through[part_id].insert(part_id);
  for (int step = 0; step < kChainLengthMax && !asked_through.empty(); ++step) {
    std::vector<std::string> generation;
    for (const auto& [part_id, asked] : asked_through) generation.push_back(part_id);
    ASSIGN_OR_RETURN(const Rows rows,
                     session.QueryValues(absl::StrCat("SELECT part_id, successor_part_id FROM part WHERE store_id = ? "
                                                      "AND successor_part_id IN (",
                                                      Placeholders(generation.size()), ") ORDER BY part_id"),
                                         WithIds(store_id, generation)));
    std::map<std::string, std::set<std::string>> before;
    for (size_t i = 0; i < rows.size(); ++i) {
      const std::string part_id = rows[i].Id("part_id");
      for (const std::string& asked : asked_through[rows[i].Id("successor_part_id")]) {
        predecessors[asked].push_back(part_id);
        before[part_id].insert(asked);
      }
    }
    asked_through = std::move(before);
  }
  return predecessors;
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
                                                                 const Vehicle& vehicle) {
  std::set<std::string> not_fitting;
  if (part_ids.empty()) return not_fitting;
  ASSIGN_OR_RETURN(const Rows rows,
                   session.QueryValues(absl::StrCat("SELECT part_id, model_code, vin_prefix, serial_from, serial_to "
                                                    "FROM part_fitment WHERE store_id = ? AND part_id IN (",
                                                    Placeholders(part_ids.size()), ")"),
                                       WithIds(store_id, part_ids)));
  std::set<std::string> fitting;
  for (size_t i = 0; i < rows.size(); ++i) {
    v1::PartFitment fitment;
    fitment.set_model_code(rows[i].Text("model_code"));
    fitment.set_vin_prefix(rows[i].Text("vin_prefix"));
    fitment.set_serial_from(rows[i].Text("serial_from"));
    fitment.set_serial_to(rows[i].Text("serial_to"));
    (Fits(fitment, vehicle) ? fitting : not_fitting).insert(rows[i].Id("part_id"));
  }
  for (const std::string& part_id : fitting) not_fitting.erase(part_id);
  return not_fitting;
}

absl::StatusOr<std::vector<v1::Part>> CatalogueStore::Fitting(Session& session, const std::string& store_id,
                                                              const Vehicle& vehicle, const std::string& category,
                                                              const std::string& after_number, int limit) {
  // The same as Fits: the VIN begins like this and its serial number lies in the run. Without a model, an entry that
  // names no VINs says nothing about this vehicle.
  std::string fits = "f.store_id = ?";
  std::vector<Value> of_vehicle{chassis::sql::ToValue(Uuid{store_id})};
  if (!vehicle.model_code.empty()) {
    fits += " AND f.model_code = ?";
    of_vehicle.push_back(vehicle.model_code);
  }
  if (!vehicle.vin.empty()) {
    absl::StrAppend(&fits, " AND (", vehicle.model_code.empty() ? "" : "f.vin_prefix = '' OR ", "(f.vin_prefix IN (",
                    Placeholders(kVinPrefixLength),
                    ") AND f.serial_from <= ? AND (f.serial_to = '' OR f.serial_to >= ", "?)))");
    for (int length = 1; length <= kVinPrefixLength; ++length) of_vehicle.push_back(vehicle.vin.substr(0, length));
    const std::string serial = vehicle.vin.substr(vehicle.vin.size() - kVinSerialLength);
    of_vehicle.push_back(serial);
    of_vehicle.push_back(serial);
  }
  std::string head = "WHERE store_id = ? AND part_number > ? AND successor_part_id IS NULL";
  std::vector<Value> values{chassis::sql::ToValue(Uuid{store_id}), after_number};
  if (!category.empty()) {
    head += " AND category = ?";
    values.push_back(category);
  }
  std::map<std::string, std::unique_ptr<v1::Part>> found;  // by number
  const auto select = [&](const std::string& condition, const std::vector<Value>& more) -> absl::Status {
    std::vector<Value> all = values;
    all.insert(all.end(), more.begin(), more.end());
    all.push_back(static_cast<int64_t>(limit));
    std::vector<std::unique_ptr<v1::Part>> parts;
    RETURN_IF_ERROR(parts_.mapper().Select(session, absl::StrCat(head, condition, " ORDER BY part_number LIMIT ?"), all,
                                           [&]() -> google::protobuf::Message* {
                                             parts.push_back(std::make_unique<v1::Part>());
                                             return parts.back().get();
                                           }));
    for (auto& part : parts) found[part->part_number()] = std::move(part);
    return absl::OkStatus();
  };
  // Two statements, because one with OR can use no index of the fitment.
  RETURN_IF_ERROR(
      select(absl::StrCat(" AND part_id IN (SELECT f.part_id FROM part_fitment f WHERE ", fits, ")"), of_vehicle));
  RETURN_IF_ERROR(
      select(" AND NOT EXISTS (SELECT 1 FROM part_fitment f WHERE f.store_id = part.store_id AND f.part_id "
             "= part.part_id)",
             {}));
  std::vector<v1::Part> page;
  for (auto& [number, part] : found) {
    if (static_cast<int>(page.size()) == limit) break;
    page.push_back(std::move(*part));
  }
  return page;
}

}  // namespace parts
