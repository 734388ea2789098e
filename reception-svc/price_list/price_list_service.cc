#include "reception-svc/price_list/price_list_service.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_join.h"
#include "aftersales/reception/v1/errors.pb.h"
#include "chassis/time/amounts.h"

namespace reception {

namespace v1 = aftersales::reception::v1;
namespace common = aftersales::common::v1;

namespace {

constexpr int kPublicPageSizeDefault = 100;
constexpr int kPublicPageSizeMax = 500;

// Lines as stored versions: ids, store, change and time are the service's to fill.
template <typename Line, typename SetId>
std::vector<Line> Versions(chassis::UnitOfWork& work, const v1::PriceChange& change,
                           const google::protobuf::RepeatedPtrField<Line>& lines, SetId set_id) {
  std::vector<Line> versions(lines.begin(), lines.end());
  for (Line& version : versions) {
    version.set_store_id(change.store_id());
    set_id(version, work.NewId());
    version.set_price_change_id(change.price_change_id());
    *version.mutable_effective_time() = change.effective_time();
  }
  return versions;
}

template <typename Line>
absl::Status AddAll(chassis::UnitOfWork& work, const chassis::records::Table<Line>& table, std::vector<Line> versions,
                    std::string_view what) {
  if (versions.empty()) return absl::OkStatus();
  absl::Status added = table.InsertAll(work, versions);
  if (!absl::IsAlreadyExists(added)) return added;
  return chassis::Refuse(v1::ERROR_REASON_PRICE_CHANGE_OVERLAPS).With("what", what);
}

v1::LabourPrice PublicPrice(const v1::LabourOperation& operation, int64_t labour_amount, int32_t tax_basis_points) {
  v1::LabourPrice price;
  price.set_operation_code(operation.code());
  price.set_model_group(operation.model_group());
  price.set_display_name(operation.display_name());
  price.set_english_name(operation.english_name());
  price.set_standard_minutes(operation.standard_minutes());
  price.set_labour_amount(labour_amount);
  price.set_tax_amount(chassis::Portion(labour_amount, tax_basis_points));
  price.set_total_amount(price.labour_amount() + price.tax_amount());
  *price.mutable_effective_time() = operation.effective_time();
  return price;
}

}  // namespace

PriceListService::PriceListService(chassis::Rooms& rooms) : store_(rooms.host.cipher()) {
  rooms.rpcs.On(this, &PriceListService::Propose);
  rooms.rpcs.On(this, &PriceListService::Approve);
  rooms.rpcs.On(this, &PriceListService::Reject);
  rooms.rpcs.On(this, &PriceListService::ListPublicPrices);
  rooms.rpcs.Standard<v1::PriceChange>(store_.changes);
  rooms.rpcs.Standard<v1::LabourOperation>(store_.operations);
  rooms.rpcs.Standard<v1::LabourRate>(store_.rates);
  rooms.rpcs.Standard<v1::ServicePackage>(store_.packages);
}

absl::StatusOr<v1::PriceChange> PriceListService::Propose(chassis::Call& call,
                                                          const v1::ProposePriceChangeRequest& request) {
  ASSIGN_OR_RETURN(common::Store store, call.Store());
  v1::PriceChange change;
  change.set_store_id(call.store_id());
  change.set_state(v1::PriceChange::STATE_PROPOSED);
  change.set_reason(request.reason());
  change.set_effective_date(request.effective_date());
  *change.mutable_labour_operations() = request.labour_operations();
  *change.mutable_labour_rates() = request.labour_rates();
  *change.mutable_service_packages() = request.service_packages();
  FillModelGroups(change);
  change.set_proposed_by(call.actor().subject);
  RETURN_IF_ERROR(CheckProposal(change, chassis::CivilDate(call.Now(), store.time_zone())));
  ASSIGN_OR_RETURN(std::string number, call.NextNumber("PC"));
  change.set_number(number);
  return call.Transact<v1::PriceChange>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::PriceChange> {
    change.set_price_change_id(work.NewId());
    work.Because(request.reason());
    RETURN_IF_ERROR(store_.changes.Insert(work, change));
    return change;
  });
}

absl::StatusOr<v1::PriceChange> PriceListService::Approve(chassis::Call& call,
                                                          const v1::ApprovePriceChangeRequest& request) {
  ASSIGN_OR_RETURN(common::Store store, call.Store());
  return call.Transact<v1::PriceChange>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::PriceChange> {
    ASSIGN_OR_RETURN(v1::PriceChange before, store_.changes.Lock(work, call.store_id(), request.price_change_id()));
    v1::PriceChange change = before;
    RETURN_IF_ERROR(chassis::MoveTo(change, v1::PriceChange::STATE_APPROVED));
    RETURN_IF_ERROR(CheckApproval(change, work.actor().subject, chassis::CivilDate(work.now(), store.time_zone())));
    change.set_decided_by(work.actor().subject);
    *change.mutable_decide_time() = work.now_proto();
    change.set_decision_reason(request.comment());
    *change.mutable_effective_time() =
        chassis::ToProto(EffectiveTime(change.effective_date(), store.time_zone(), work.now()));
    work.Because(change.reason());
    RETURN_IF_ERROR(AddVersions(work, change));
    RETURN_IF_ERROR(store_.changes.Update(work, before, change));
    return change;
  });
}

absl::Status PriceListService::AddVersions(chassis::UnitOfWork& work, const v1::PriceChange& change) const {
  RETURN_IF_ERROR(
      AddAll(work, store_.operations,
             Versions(work, change, change.labour_operations(),
                      [](v1::LabourOperation& line, const std::string& id) { line.set_labour_operation_id(id); }),
             "工时项目 / a labour operation"));
  RETURN_IF_ERROR(AddAll(work, store_.rates,
                         Versions(work, change, change.labour_rates(),
                                  [](v1::LabourRate& line, const std::string& id) { line.set_labour_rate_id(id); }),
                         "工时单价 / a labour rate"));
  // After the operations, so that a change may bring in a package together with its operations.
  std::vector<std::string> codes;
  for (const v1::ServicePackage& package : change.service_packages()) {
    codes.insert(codes.end(), package.operation_codes().begin(), package.operation_codes().end());
  }
  ASSIGN_OR_RETURN(std::vector<std::string> unknown, store_.UnknownOperations(work.sql(), change.store_id(), codes));
  if (!unknown.empty()) {
    return chassis::Refuse(v1::ERROR_REASON_OPERATION_UNKNOWN)
        .With("code", absl::StrJoin(unknown, ", "))
        .At("price_change_id", "套餐中的工时项目不在价目表中", "a package names operations no price list holds");
  }
  return AddAll(work, store_.packages,
                Versions(work, change, change.service_packages(),
                         [](v1::ServicePackage& line, const std::string& id) { line.set_service_package_id(id); }),
                "套餐 / a service package");
}

absl::StatusOr<v1::PriceChange> PriceListService::Reject(chassis::Call& call,
                                                         const v1::RejectPriceChangeRequest& request) {
  return call.Transact<v1::PriceChange>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::PriceChange> {
    ASSIGN_OR_RETURN(v1::PriceChange before, store_.changes.Lock(work, call.store_id(), request.price_change_id()));
    v1::PriceChange change = before;
    RETURN_IF_ERROR(chassis::MoveTo(change, v1::PriceChange::STATE_REJECTED));
    change.set_decided_by(work.actor().subject);
    *change.mutable_decide_time() = work.now_proto();
    change.set_decision_reason(request.reason());
    work.Because(request.reason());
    RETURN_IF_ERROR(store_.changes.Update(work, before, change));
    return change;
  });
}

absl::StatusOr<v1::ListPublicPricesResponse> PriceListService::ListPublicPrices(
    chassis::Call& call, const v1::ListPublicPricesRequest& request) {
  if (request.page_size() < 0) return chassis::InvalidField("page_size", "不能为负数", "may not be negative");
  std::string after;
  if (!absl::WebSafeBase64Unescape(request.page_token(), &after)) {
    return chassis::Refuse(common::ERROR_REASON_PAGE_TOKEN);
  }
  const int page_size =
      request.page_size() == 0 ? kPublicPageSizeDefault : std::min<int>(request.page_size(), kPublicPageSizeMax);
  ASSIGN_OR_RETURN(common::Store store, call.Store());
  const absl::Time now = call.Now();
  const bool first_page = request.page_token().empty();
  std::vector<std::string> codes;
  ASSIGN_OR_RETURN(PriceBook book, call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<PriceBook> {
    ASSIGN_OR_RETURN(codes, store_.OperationCodes(session, call.store_id(), now, after, page_size));
    std::vector<std::string> packages;
    if (first_page) {
      ASSIGN_OR_RETURN(packages, store_.PackageCodes(session, call.store_id(), now));
    }
    return store_.Load(session, call.store_id(), request.model_code(), now, codes, packages);
  }));

  v1::ListPublicPricesResponse response;
  response.set_currency_code(store.currency_code());
  response.set_tax_basis_points(store.settings().tax_basis_points());
  // The book also holds the operations of the packages, which belong to other pages.
  const std::set<std::string> on_this_page(codes.begin(), codes.end());
  for (const v1::LabourOperation& operation : book.Operations()) {
    if (!on_this_page.contains(operation.code())) continue;
    ASSIGN_OR_RETURN(int64_t labour_amount, book.LabourAmountOf(operation));
    *response.add_labour_prices() = PublicPrice(operation, labour_amount, response.tax_basis_points());
  }
  if (first_page) {
    for (const v1::LabourRate& rate : book.Rates()) *response.add_labour_rates() = rate;
    for (const v1::ServicePackage& package : book.Packages()) *response.add_service_packages() = package;
  }
  if (static_cast<int>(codes.size()) == page_size) {
    response.set_next_page_token(absl::WebSafeBase64Escape(codes.back()));
  }
  return response;
}

}  // namespace reception
