#include "tests/demo/opening.h"

#include <fstream>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "aftersales/crm/v1/customer.pb.h"
#include "aftersales/crm/v1/vehicle.pb.h"
#include "aftersales/parts/v1/catalogue.pb.h"
#include "aftersales/parts/v1/ledger.pb.h"
#include "aftersales/parts/v1/location.pb.h"
#include "aftersales/parts/v1/supplier.pb.h"
#include "aftersales/reception/v1/price_list.pb.h"
#include "aftersales/reception/v1/store.pb.h"
#include "aftersales/workshop/v1/bay.pb.h"
#include "aftersales/workshop/v1/staff.pb.h"
#include "aftersales/workshop/v1/team.pb.h"

namespace demo {

namespace common = aftersales::common::v1;
namespace crm = aftersales::crm::v1;
namespace parts = aftersales::parts::v1;
namespace reception = aftersales::reception::v1;
namespace workshop = aftersales::workshop::v1;
namespace options = aftersales::options::v1;

namespace {

int64_t Number(const std::string& text) {
  int64_t number = 0;
  if (!text.empty() && !absl::SimpleAtoi(text, &number)) throw StepFailed("not a number in the data: " + text);
  return number;
}

std::vector<std::string> Words(const std::string& text) {
  if (text.empty()) return {};
  return absl::StrSplit(text, '|');
}

template <typename Enum>
Enum Value(const std::string& prefix, const std::string& name) {
  const auto* value = google::protobuf::GetEnumDescriptor<Enum>()->FindValueByName(prefix + name);
  if (value == nullptr) throw StepFailed("not a value of " + prefix + ": " + name);
  return static_cast<Enum>(value->number());
}

std::string Day(absl::Time time, const common::Store& store, int64_t days) {
  return chassis::CivilDate(time + absl::Hours(24) * days, store.time_zone());
}

// Every record of a List RPC, page by page.
template <typename Response, typename Request, typename Visit>
void ForEachPage(Stage& stage, const Person& person, Request request, const Visit& visit) {
  do {
    Response page = stage.Do<Response>(person, request);
    visit(page);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
}

class Opening {
 public:
  Opening(Stage& stage, const common::Store& store, const std::string& data)
      : stage_(stage), store_(store), cast_(store), data_(data) {}

  void Run() {
    Bays();
    TeamsAndStaff();
    Prices();
    PartsAndStock();
    Suppliers();
    CustomersAndVehicles();
  }

 private:
  std::vector<CsvRow> Rows(const std::string& file) {
    std::vector<CsvRow> rows;
    for (CsvRow& row : ReadCsv(data_ + "/" + file)) {
      if (!row.count("store") || row["store"] == store_.code()) rows.push_back(std::move(row));
    }
    return rows;
  }

  void Bays() {
    std::set<std::string> known;
    workshop::ListBaysRequest list;
    list.set_store_id(store_.store_id());
    ForEachPage<workshop::ListBaysResponse>(stage_, cast_.controller, list, [&](const auto& page) {
      for (const workshop::Bay& bay : page.bays()) known.insert(bay.display_name());
    });
    for (CsvRow& row : Rows("bays.csv")) {
      if (known.count(row["display_name"])) continue;
      workshop::CreateBayRequest request;
      request.set_store_id(store_.store_id());
      workshop::Bay& bay = *request.mutable_bay();
      bay.set_display_name(row["display_name"]);
      bay.set_kind(Value<workshop::Bay::Kind>("KIND_", row["kind"] == "PAINT" ? "PAINT_BOOTH" : row["kind"]));
      for (const std::string& skill : Words(row["skills"])) bay.add_skills(Value<common::Skill>("SKILL_", skill));
      for (const std::string& tool : Words(row["equipment"])) bay.add_equipment(tool);
      stage_.Do<workshop::Bay>(cast_.service_manager, request);
    }
  }

  void TeamsAndStaff() {
    std::map<std::string, workshop::Team> teams;  // by display name
    workshop::ListTeamsRequest list;
    list.set_store_id(store_.store_id());
    ForEachPage<workshop::ListTeamsResponse>(stage_, cast_.controller, list, [&](const auto& page) {
      for (const workshop::Team& team : page.teams()) teams[team.display_name()] = team;
    });
    std::map<std::string, std::string> team_ids;  // by code of the data file
    for (CsvRow& row : Rows("teams.csv")) {
      workshop::Team& team = teams[row["display_name"]];
      if (team.team_id().empty()) {
        workshop::CreateTeamRequest request;
        request.set_store_id(store_.store_id());
        request.mutable_team()->set_display_name(row["display_name"]);
        request.mutable_team()->set_kind(Value<workshop::Team::Kind>("KIND_", row["kind"]));
        team = stage_.Do<workshop::Team>(cast_.service_manager, request);
      }
      team_ids[row["code"]] = team.team_id();
    }
    std::set<std::string> known;
    workshop::ListStaffMembersRequest staff;
    staff.set_store_id(store_.store_id());
    ForEachPage<workshop::ListStaffMembersResponse>(stage_, cast_.controller, staff, [&](const auto& page) {
      for (const workshop::StaffMember& member : page.staff_members()) known.insert(member.subject());
    });
    for (CsvRow& row : Rows("staff.csv")) {
      if (!known.count(row["subject"])) Hire(row, team_ids);
    }
    for (auto& [name, team] : teams) NameLeader(team, team_ids);
  }

  void Hire(CsvRow& row, const std::map<std::string, std::string>& team_ids) {
    workshop::CreateStaffMemberRequest request;
    request.set_store_id(store_.store_id());
    workshop::StaffMember& member = *request.mutable_staff_member();
    member.set_staff_number(absl::AsciiStrToUpper(row["subject"]));
    member.set_name(row["display_name"]);
    member.set_subject(row["subject"]);
    member.set_post(Value<options::Role>("ROLE_", row["post"]));
    if (!row["team"].empty()) member.set_team_id(team_ids.at(row["team"]));
    for (const std::string& skill : Words(row["skills"])) {
      const std::vector<std::string> named = absl::StrSplit(skill, ':');
      workshop::StaffSkill& graded = *member.add_skills();
      graded.set_skill(Value<common::Skill>("SKILL_", named[0]));
      graded.set_grade(static_cast<int32_t>(Number(named[1])));
    }
    for (const std::string& certificate : Words(row["certificates"])) {
      const std::vector<std::string> named = absl::StrSplit(certificate, ':');
      workshop::Certificate& held = *member.add_certificates();
      held.set_code(named[0]);
      held.set_display_name(named[0]);
      held.set_issue_date(Day(stage_.Now(), store_, -400));
      held.set_expiry_date(Day(stage_.Now(), store_, Number(std::string(absl::StripPrefix(named[1], "+")))));
    }
    const workshop::StaffMember hired = stage_.Do<workshop::StaffMember>(cast_.service_manager, request);
    if (hired.post() == options::ROLE_TEAM_LEADER) leaders_[hired.team_id()] = hired.staff_member_id();
  }

  void NameLeader(workshop::Team& team, const std::map<std::string, std::string>&) {
    if (!team.leader_id().empty() || !leaders_.count(team.team_id())) return;
    workshop::UpdateTeamRequest request;
    request.set_store_id(store_.store_id());
    *request.mutable_team() = team;
    request.mutable_team()->set_leader_id(leaders_[team.team_id()]);
    request.mutable_update_mask()->add_paths("leader_id");
    team = stage_.Do<workshop::Team>(cast_.service_manager, request);
  }

  // Proposed by the director, approved by the service manager: nobody makes prices alone.
  void Prices() {
    reception::ListLabourRatesRequest list;
    list.set_store_id(store_.store_id());
    if (stage_.Do<reception::ListLabourRatesResponse>(cast_.service_manager, list).labour_rates_size() > 0) return;
    reception::ProposePriceChangeRequest request;
    request.set_store_id(store_.store_id());
    request.set_reason("开店价目表");
    request.set_effective_date(Day(stage_.Now(), store_, 0));
    for (CsvRow& row : Rows("labour_operations.csv")) {
      reception::LabourOperation& operation = *request.add_labour_operations();
      operation.set_code(row["code"]);
      operation.set_display_name(row["name_zh"]);
      operation.set_english_name(row["name_en"]);
      if (row["model_group"] != "*") operation.set_model_group(row["model_group"]);
      operation.set_skill(Value<common::Skill>("SKILL_", row["skill"]));
      operation.set_system(Value<common::VehicleSystem>("VEHICLE_SYSTEM_", row["system"]));
      operation.set_standard_minutes(static_cast<int32_t>(Number(row["standard_minutes"])));
      operation.set_certificate_code(row["certificate_code"]);
      operation.set_safety_critical(row["safety_critical"] == "1");
    }
    for (CsvRow& row : Rows("labour_rates.csv")) {
      reception::LabourRate& rate = *request.add_labour_rates();
      rate.set_skill(Value<common::Skill>("SKILL_", row["skill"]));
      rate.set_hourly_amount(Number(row["hourly_amount"]));
    }
    for (CsvRow& row : Rows("service_packages.csv")) {
      reception::ServicePackage& package = *request.add_service_packages();
      package.set_code(row["code"]);
      package.set_display_name(row["name_zh"]);
      package.set_english_name(row["name_en"]);
      package.set_model_group(row["model_group"]);
      for (const std::string& code : Words(row["operations"])) package.add_operation_codes(code);
      for (const std::string& part : Words(row["parts"])) {
        const std::vector<std::string> named = absl::StrSplit(part, ':');
        package.add_parts()->set_part_number(named[0]);
        package.mutable_parts()->rbegin()->set_quantity_milli(Number(named[1]));
        package.mutable_parts()->rbegin()->set_operation_code(package.operation_codes(0));
      }
    }
    const auto change = stage_.Do<reception::PriceChange>(cast_.director, request);
    reception::ApprovePriceChangeRequest approve;
    approve.set_store_id(store_.store_id());
    approve.set_price_change_id(change.price_change_id());
    approve.set_comment("开店");
    stage_.Do<reception::PriceChange>(cast_.service_manager, approve);
  }

  void PartsAndStock() {
    parts::ListWarehousesRequest list;
    list.set_store_id(store_.store_id());
    if (stage_.Do<parts::ListWarehousesResponse>(cast_.parts_manager, list).warehouses_size() > 0) return;

    std::vector<CsvRow> rows = Rows("parts.csv");
    std::vector<std::string> lines = {
        "part_number,name_zh,name_en,brand,original,unit,step_milli,tax_basis_points,safety_critical,high_value,models,"
        "superseded_by,retail_price_amount"};
    for (CsvRow& row : rows) {
      lines.push_back(absl::StrJoin(
          {row["part_number"], row["name_zh"], row["name_en"], row["brand"],
           std::string(row["original"] == "1" ? "true" : "false"), row["unit"], row["step_milli"],
           row["tax_basis_points"], std::string(row["safety_critical"] == "1" ? "true" : "false"),
           std::string(row["high_value"] == "1" ? "true" : "false"),
           row["models"] == "*" ? std::string() : row["models"], row["superseded_by"], row["unit_price_amount"]},
          ","));
    }
    parts::ImportPartsRequest import;
    import.set_store_id(store_.store_id());
    import.set_csv(absl::StrJoin(lines, "\n") + "\n");
    import.set_mode(parts::ImportPartsRequest::MODE_ALL_OR_NOTHING);
    import.set_reason("开店配件目录");
    const auto imported = stage_.Do<parts::ImportPartsResponse>(cast_.parts_manager, import);
    if (!imported.stored()) {
      throw StepFailed("the parts were not imported: " +
                       (imported.errors().empty() ? "" : imported.errors(0).ShortDebugString()));
    }
    std::map<std::string, std::string> part_ids;
    parts::ListPartsRequest all;
    all.set_store_id(store_.store_id());
    all.set_page_size(500);
    ForEachPage<parts::ListPartsResponse>(stage_, cast_.parts_manager, all, [&](const auto& page) {
      for (const parts::Part& part : page.parts()) part_ids[part.part_number()] = part.part_id();
    });
    Stock(rows, part_ids);
  }

  void Stock(std::vector<CsvRow>& rows, const std::map<std::string, std::string>& part_ids) {
    parts::CreateWarehouseRequest request;
    request.set_store_id(store_.store_id());
    request.mutable_warehouse()->set_code("MAIN");
    request.mutable_warehouse()->set_display_name("主仓库");
    const auto warehouse = stage_.Do<parts::Warehouse>(cast_.parts_manager, request);
    std::map<std::string, std::string> bins;
    parts::ReceiveStockRequest receive;
    receive.set_store_id(store_.store_id());
    receive.set_source(parts::ReceiveStockRequest::SOURCE_OPENING);
    receive.set_reference("开店期初库存");
    for (CsvRow& row : rows) {
      std::string& bin = bins[row["bin"]];
      if (bin.empty()) {
        parts::CreateLocationRequest create;
        create.set_store_id(store_.store_id());
        create.mutable_location()->set_warehouse_id(warehouse.warehouse_id());
        create.mutable_location()->set_code(row["bin"]);
        create.mutable_location()->set_kind(parts::Location::KIND_STOCK);
        bin = stage_.Do<parts::Location>(cast_.parts_manager, create).location_id();
      }
      const int64_t quantity = Number(row["stock_milli_" + store_.code()]);
      if (quantity == 0) continue;
      auto& line = *receive.add_lines();
      line.set_part_id(part_ids.at(row["part_number"]));
      line.set_location_id(bin);
      line.set_quantity_milli(quantity);
      line.set_cost_amount(Number(row["unit_cost_amount"]) * quantity / 1000);
    }
    stage_.Do<parts::StockDocument>(cast_.parts_manager, receive);
  }

  // The first supplier of the list sells what the store does not keep.
  void Suppliers() {
    parts::ListSuppliersRequest list;
    list.set_store_id(store_.store_id());
    if (stage_.Do<parts::ListSuppliersResponse>(cast_.parts_manager, list).suppliers_size() > 0) return;
    std::string first;
    for (CsvRow& row : Rows("suppliers.csv")) {
      parts::CreateSupplierRequest create;
      create.set_store_id(store_.store_id());
      auto& supplier = *create.mutable_supplier();
      supplier.set_code(row["code"]);
      supplier.set_display_name(row["display_name"]);
      supplier.set_unified_social_credit_code(row["unified_social_credit_code"]);
      supplier.set_contact_phone(row["contact_phone"]);
      supplier.set_payment_days(static_cast<int>(Number(row["payment_days"])));
      supplier.set_lead_time_days(static_cast<int>(Number(row["lead_time_days"])));
      const std::string id = stage_.Do<parts::Supplier>(cast_.parts_manager, create).supplier_id();
      if (first.empty()) first = id;
      parts::FileSupplierPaperRequest paper;
      paper.set_store_id(store_.store_id());
      paper.set_supplier_id(id);
      paper.set_kind(parts::SupplierPaper::KIND_BUSINESS_LICENCE);
      paper.set_paper_number(row["unified_social_credit_code"]);
      paper.set_valid_from_date("2020-01-01");
      paper.set_evidence("scan/" + row["code"] + "/licence");
      stage_.Do<parts::Supplier>(cast_.parts_manager, paper);
      parts::ApproveSupplierRequest approve;
      approve.set_store_id(store_.store_id());
      approve.set_supplier_id(id);
      stage_.Do<parts::Supplier>(cast_.parts_manager, approve);
    }
    SupplierParts(first);
  }

  void SupplierParts(const std::string& supplier_id) {
    std::map<std::string, int64_t> costs;
    for (CsvRow& row : Rows("parts.csv")) {
      if (row["high_value"] == "1") costs[row["part_number"]] = Number(row["unit_cost_amount"]);
    }
    parts::ListPartsRequest high_value;
    high_value.set_store_id(store_.store_id());
    high_value.set_page_size(500);
    high_value.set_filter("high_value = true");
    ForEachPage<parts::ListPartsResponse>(stage_, cast_.parts_manager, high_value, [&](const auto& page) {
      for (const parts::Part& part : page.parts()) {
        const auto cost = costs.find(part.part_number());
        if (cost == costs.end()) continue;
        parts::CreateSupplierPartRequest create;
        create.set_store_id(store_.store_id());
        create.mutable_supplier_part()->set_supplier_id(supplier_id);
        create.mutable_supplier_part()->set_part_id(part.part_id());
        create.mutable_supplier_part()->set_unit_price_amount(cost->second);
        create.mutable_supplier_part()->set_preferred(true);
        stage_.Do<parts::SupplierPart>(cast_.parts_manager, create);
      }
    });
  }

  void CustomersAndVehicles() {
    std::set<std::string> known;
    crm::ListVehiclesRequest list;
    list.set_store_id(store_.store_id());
    list.set_page_size(500);
    ForEachPage<crm::ListVehiclesResponse>(stage_, cast_.agent, list, [&](const auto& page) {
      for (const crm::Vehicle& vehicle : page.vehicles()) known.insert(vehicle.vin());
    });
    for (CsvRow& row : Rows("customers.csv")) {
      if (!known.count(row["vin"])) Archive(row);
    }
  }

  void Archive(CsvRow& row) {
    crm::CreateCustomerRequest request;
    request.set_store_id(store_.store_id());
    crm::Customer& customer = *request.mutable_customer();
    customer.set_kind(Value<crm::Customer::Kind>("KIND_", row["kind"]));
    customer.set_name(row["name"]);
    customer.set_phone(row["phone"]);
    customer.set_address(row["address"]);
    customer.set_source(crm::Customer::SOURCE_VEHICLE_SALE);
    customer.mutable_preferences()->set_channel(crm::Customer::CHANNEL_PHONE);
    customer.mutable_preferences()->set_contact_time(row["contact_time"]);
    customer.mutable_consents()->set_group_sharing(true);
    *customer.mutable_consents()->mutable_consent_time() = chassis::ToProto(stage_.Now());
    const auto archived = stage_.Do<crm::Customer>(cast_.agent, request);
    crm::CreateVehicleRequest create;
    create.set_store_id(store_.store_id());
    crm::Vehicle& vehicle = *create.mutable_vehicle();
    vehicle.set_vin(row["vin"]);
    vehicle.set_plate(row["plate"]);
    vehicle.set_plate_colour(Value<crm::Vehicle::PlateColour>("PLATE_COLOUR_", row["plate_colour"]));
    vehicle.set_model_code(row["model_code"]);
    vehicle.set_model_name(row["model_code"]);
    vehicle.set_purchase_date(row["purchase_date"]);
    vehicle.set_warranty_start_date(row["purchase_date"]);
    vehicle.set_warranty_end_date(
        absl::StrCat(Number(row["purchase_date"].substr(0, 4)) + 3, row["purchase_date"].substr(4)));
    vehicle.set_warranty_end_km(60000);
    vehicle.set_odometer_km(static_cast<int32_t>(Number(row["odometer_km"])));
    vehicle.set_customer_id(archived.customer_id());
    stage_.Do<crm::Vehicle>(cast_.agent, create);
  }

  Stage& stage_;
  const common::Store& store_;
  Cast cast_;
  std::string data_;
  std::map<std::string, std::string> leaders_;  // team id to staff member id
};

}  // namespace

std::vector<CsvRow> ReadCsv(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw StepFailed("cannot read " + path);
  std::string line;
  std::getline(file, line);
  const std::vector<std::string> header = absl::StrSplit(line, ',');
  std::vector<CsvRow> rows;
  while (std::getline(file, line)) {
    const std::vector<std::string> cells = absl::StrSplit(line, ',');
    if (cells.size() != header.size()) throw StepFailed(absl::StrCat(path, ": ", cells.size(), " cells in: ", line));
    CsvRow& row = rows.emplace_back();
    for (size_t i = 0; i < header.size(); ++i) row[header[i]] = cells[i];
  }
  return rows;
}

Cast::Cast(const common::Store& store) : store_id(store.store_id()) {
  const std::string suffix = "-" + absl::AsciiStrToLower(store.code());
  const auto person = [&](const char* name, options::Role role) { return Person{name + suffix, role, store_id}; };
  adviser = person("adviser", options::ROLE_SERVICE_ADVISER);
  controller = person("controller", options::ROLE_WORKSHOP_CONTROLLER);
  inspector = person("inspector", options::ROLE_QUALITY_INSPECTOR);
  director = person("director", options::ROLE_TECHNICAL_DIRECTOR);
  clerk = person("clerk", options::ROLE_PARTS_CLERK);
  parts_manager = person("parts-manager", options::ROLE_PARTS_MANAGER);
  cashier = person("cashier", options::ROLE_CASHIER);
  agent = person("agent", options::ROLE_CUSTOMER_SERVICE_AGENT);
  customer_manager = person("customer-manager", options::ROLE_CUSTOMER_SERVICE_MANAGER);
  service_manager = person("service-manager", options::ROLE_SERVICE_MANAGER);
  guard = person("guard", options::ROLE_GATE_GUARD);
}

Person Cast::Technician(const std::string& subject) const { return {subject, options::ROLE_TECHNICIAN, store_id}; }
Person Cast::Leader(const std::string& subject) const { return {subject, options::ROLE_TEAM_LEADER, store_id}; }

Person GroupManager() { return {"group-manager", options::ROLE_GROUP_MANAGER, ""}; }

std::map<std::string, common::Store> OpenStores(Stage& stage, const std::string& data_directory) {
  std::map<std::string, common::Store> stores;
  reception::ListStoresRequest list;
  ForEachPage<reception::ListStoresResponse>(stage, GroupManager(), list, [&](const auto& page) {
    for (const common::Store& store : page.stores()) stores[store.code()] = store;
  });
  for (CsvRow& row : ReadCsv(data_directory + "/stores.csv")) {
    common::Store& store = stores[row["code"]];
    if (store.store_id().empty()) {
      reception::CreateStoreRequest request;
      request.mutable_store()->set_code(row["code"]);
      request.mutable_store()->set_display_name(row["display_name"]);
      request.mutable_store()->set_time_zone(row["time_zone"]);
      request.mutable_store()->set_currency_code(row["currency_code"]);
      store = stage.Do<common::Store>(GroupManager(), request);
    }
    Opening(stage, store, data_directory).Run();
    stage.narrator().Step("门店已开 " + store.display_name(), store.code(), "OPEN");
  }
  return stores;
}

}  // namespace demo
