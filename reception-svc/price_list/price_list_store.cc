#include "reception-svc/price_list/price_list_store.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "chassis/status/status.h"

namespace reception {

namespace v1 = aftersales::reception::v1;
namespace sql = chassis::sql;

namespace {

// The versions up to `now` of these codes.
template <typename Version>
absl::StatusOr<std::vector<Version>> VersionsOf(const chassis::records::Table<Version>& table, sql::Session& session,
                                                const std::string& store_id, absl::Time now,
                                                const std::vector<std::string>& codes) {
  if (codes.empty()) return std::vector<Version>();
  std::vector<sql::Value> values = {sql::ToValue(sql::Uuid{store_id}), sql::ToValue(now)};
  for (const std::string& code : codes) values.push_back(sql::ToValue(code));
  std::vector<std::unique_ptr<Version>> found;
  RETURN_IF_ERROR(table.mapper().Select(
      session,
      absl::StrCat("WHERE store_id = ? AND effective_time <= ? AND code IN (", sql::Placeholders(codes.size()), ")"),
      values, [&] { return found.emplace_back(std::make_unique<Version>()).get(); }));
  std::vector<Version> versions;
  versions.reserve(found.size());
  for (std::unique_ptr<Version>& version : found) versions.push_back(std::move(*version));
  return versions;
}

std::vector<std::string> Texts(const sql::Rows& rows, std::string_view column) {
  std::vector<std::string> texts;
  texts.reserve(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) texts.push_back(rows[i].Text(column));
  return texts;
}

}  // namespace

absl::StatusOr<PriceBook> PriceListStore::Load(sql::Session& session, const std::string& store_id,
                                               const std::string& model_code, absl::Time now,
                                               std::vector<std::string> operation_codes,
                                               const std::vector<std::string>& package_codes) const {
  ASSIGN_OR_RETURN(std::vector<v1::ServicePackage> package_versions,
                   VersionsOf(packages, session, store_id, now, package_codes));
  for (const v1::ServicePackage& package : package_versions) {
    operation_codes.insert(operation_codes.end(), package.operation_codes().begin(), package.operation_codes().end());
  }
  std::sort(operation_codes.begin(), operation_codes.end());
  operation_codes.erase(std::unique(operation_codes.begin(), operation_codes.end()), operation_codes.end());
  ASSIGN_OR_RETURN(std::vector<v1::LabourOperation> operation_versions,
                   VersionsOf(operations, session, store_id, now, operation_codes));
  ASSIGN_OR_RETURN(std::vector<v1::LabourRate> rate_versions,
                   rates.Select(session, "WHERE store_id = ? AND effective_time <= ?", sql::Uuid{store_id}, now));
  return PriceBook(model_code, now, std::move(operation_versions), std::move(rate_versions),
                   std::move(package_versions));
}

absl::StatusOr<std::vector<std::string>> PriceListStore::OperationCodes(sql::Session& session,
                                                                        const std::string& store_id, absl::Time now,
                                                                        std::string_view after, int limit) const {
  ASSIGN_OR_RETURN(sql::Rows rows,
                   session.Query("SELECT DISTINCT code FROM labour_operation "
                                 "WHERE store_id = ? AND code > ? AND effective_time <= ? ORDER BY code LIMIT ?",
                                 sql::Uuid{store_id}, after, now, limit));
  return Texts(rows, "code");
}

absl::StatusOr<std::vector<std::string>> PriceListStore::PackageCodes(sql::Session& session,
                                                                      const std::string& store_id,
                                                                      absl::Time now) const {
  ASSIGN_OR_RETURN(sql::Rows rows, session.Query("SELECT DISTINCT code FROM service_package "
                                                 "WHERE store_id = ? AND effective_time <= ? ORDER BY code",
                                                 sql::Uuid{store_id}, now));
  return Texts(rows, "code");
}

absl::StatusOr<std::vector<std::string>> PriceListStore::UnknownOperations(
    sql::Session& session, const std::string& store_id, const std::vector<std::string>& codes) const {
  std::set<std::string> unknown(codes.begin(), codes.end());
  if (unknown.empty()) return std::vector<std::string>();
  std::vector<sql::Value> values = {sql::ToValue(sql::Uuid{store_id})};
  for (const std::string& code : unknown) values.push_back(sql::ToValue(code));
  ASSIGN_OR_RETURN(sql::Rows rows, session.QueryValues(absl::StrCat("SELECT DISTINCT code FROM labour_operation "
                                                                    "WHERE store_id = ? AND code IN (",
                                                                    sql::Placeholders(unknown.size()), ")"),
                                                       values));
  for (const std::string& known : Texts(rows, "code")) unknown.erase(known);
  return std::vector<std::string>(unknown.begin(), unknown.end());
}

}  // namespace reception
