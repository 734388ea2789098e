// A parts store as real processes on a database server of its own, with bins and parts, and a way to ask it that does
// not give up: a command is repeated with its request id until its outcome is known, whoever was killed meanwhile.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "aftersales/common/v1/audit.pb.h"
#include "aftersales/common/v1/store.pb.h"
#include "aftersales/parts/v1/catalogue.pb.h"
#include "aftersales/parts/v1/issue.pb.h"
#include "aftersales/parts/v1/ledger.pb.h"
#include "aftersales/parts/v1/location.pb.h"
#include "aftersales/parts/v1/reservation.pb.h"
#include "aftersales/parts/v1/supplier.pb.h"
#include "aftersales/reception/v1/store.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/time/clock.h"
#include "tests/harness/processes.h"
#include "tests/harness/server.h"
#include "tests/harness/suite.h"

namespace stock {

namespace v1 = aftersales::parts::v1;
namespace common = aftersales::common::v1;

class House {
 public:
  House() : suite_(database_.address()), ids_(clock_), parts_(suite_.Direct("parts")) {
    store_id_ = AStore("SH01", "上海一店");
    branch_id_ = AStore("SH02", "上海二店");
    for (const char* role : {"parts_manager", "service_manager", "technician", "team_leader", "group_manager"}) {
      tokens_[role] = Token(role, {store_id_, branch_id_});
    }
    const std::string warehouse_id = AWarehouse(store_id_);
    for (const char* code : {"A1", "A2", "A3"})
      bins_[code] = ABin(store_id_, warehouse_id, code, v1::Location::KIND_STOCK);
    bins_["Q1"] = ABin(store_id_, warehouse_id, "Q1", v1::Location::KIND_QUARANTINE);
    ABin(store_id_, warehouse_id, "T1", v1::Location::KIND_IN_TRANSIT);
    branch_bin_id_ = ABin(branch_id_, AWarehouse(branch_id_), "B1", v1::Location::KIND_STOCK);
    supplier_id_ = ASupplier();
  }

  harness::Suite& suite() { return suite_; }
  harness::DatabaseServer& database() { return database_; }
  const std::string& store_id() const { return store_id_; }
  // Another store of the group, with one bin.
  const std::string& branch_id() const { return branch_id_; }
  const std::string& branch_bin_id() const { return branch_bin_id_; }
  // Who may be ordered from.
  const std::string& supplier_id() const { return supplier_id_; }
  // Where clerks put things: code -> id.
  const std::map<std::string, std::string>& bins() const { return bins_; }
  const std::string& BinNamed(const std::string& code) const { return bins_.at(code); }
  const std::string& CodeOf(const std::string& location_id) const { return codes_.at(location_id); }
  const std::map<std::string, std::string>& bins_by_id() const { return codes_; }

  // Quantities in steps of a tenth.
  v1::Part APart() { return APart(store_id_, absl::StrCat("P-", ++part_count_)); }
  v1::Part APart(const std::string& store_id, const std::string& number) {
    v1::CreatePartRequest request;
    request.set_store_id(store_id);
    v1::Part& part = *request.mutable_part();
    part.set_part_number(number);
    part.set_name_zh("机油");
    part.set_name_en("Oil");
    part.set_brand("原厂");
    part.set_unit(v1::Part::UNIT_LITRE);
    part.set_step_milli(100);
    return Must<v1::Part>(request);
  }

  // What everybody pays for a whole litre, before tax.
  void SetPrice(const std::string& part_id, int64_t amount) {
    v1::SetPartPriceRequest request;
    request.set_part_id(part_id);
    request.set_unit_price_amount(amount);
    request.set_reason("price list");
    Must<v1::PartPrice>(request);
  }

  // The outcome of a command or query, however often it must be asked: OK or a refusal that repeating does not change.
  // Ends the program when a minute was not enough.
  template <typename Response, typename Request>
  absl::StatusOr<Response> Settle(Request request, const std::string& role = "parts_manager") {
    if (request.store_id().empty()) request.set_store_id(store_id_);
    if constexpr (requires { request.set_request_id(""); }) {
      if (request.request_id().empty()) request.set_request_id(NewId());
    }
    const absl::Time until = absl::Now() + absl::Minutes(1);
    while (true) {
      absl::StatusOr<Response> response = parts_.Call<Response>({.token = tokens_.at(role), .language = "en"}, request);
      if (response.ok() || IsFinal(response.status())) return response;
      if (absl::IsInternal(response.status())) ++internal_errors_;
      ++repeats_;
      if (absl::Now() > until) harness::FailHarness(absl::StrCat("no outcome: ", response.status().ToString()));
      harness::WaitFor(absl::Milliseconds(20));
    }
  }
  template <typename Response, typename Request>
  Response Must(Request request, const std::string& role = "parts_manager") {
    return Known(Settle<Response>(std::move(request), role));
  }

  v1::PartStock StockOf(const std::string& part_id, const std::string& store_id = "") {
    v1::GetPartStockRequest request;
    request.set_store_id(store_id);
    request.set_part_id(part_id);
    return Must<v1::PartStock>(request);
  }
  v1::Reservation ReservationOf(const std::string& reservation_id) {
    v1::GetReservationRequest request;
    request.set_reservation_id(reservation_id);
    return Must<v1::Reservation>(request);
  }
  // Everything `verify` finds.
  std::vector<std::string> Differences(const std::string& store_id) {
    common::VerifyLedgersRequest request;
    request.set_store_id(store_id);
    const auto verified = Known(parts_.CallNamed<common::VerifyLedgersResponse>(
        {.timeout = absl::Minutes(1), .token = tokens_.at("service_manager")},
        "aftersales.parts.v1.AuditService/VerifyLedgers", request));
    std::vector<std::string> differences;
    for (const common::LedgerCheck& check : verified.checks()) {
      for (const std::string& difference : check.differences()) {
        differences.push_back(absl::StrCat(check.name(), ": ", difference));
      }
    }
    return differences;
  }

  std::string NewId() { return ids_.NewId(); }
  int64_t repeats() const { return repeats_; }
  int64_t internal_errors() const { return internal_errors_; }

 private:
  // A refusal for a reason of the trade stands; for the lack of time, room or a peer it does not.
  static bool IsFinal(const absl::Status& status) {
    return absl::IsFailedPrecondition(status) || absl::IsInvalidArgument(status) || absl::IsNotFound(status) ||
           absl::IsAlreadyExists(status) || absl::IsPermissionDenied(status) || absl::IsUnauthenticated(status) ||
           absl::IsUnimplemented(status);
  }
  template <typename Response>
  static Response Known(absl::StatusOr<Response> response) {
    if (!response.ok()) {
      harness::FailHarness(absl::StrCat(Response::descriptor()->name(), ": ", response.status().ToString()));
    }
    return *std::move(response);
  }
  std::string Token(const std::string& role, const std::vector<std::string>& stores) {
    return suite_.issuer().Issue({.subject = absl::StrCat(role, "-of-the-house"),
                                  .roles = {role},
                                  .stores = stores,
                                  .issue_time = absl::Now(),
                                  .lifetime = absl::Hours(2)});
  }
  std::string AStore(const std::string& code, const std::string& name) {
    aftersales::reception::v1::CreateStoreRequest open;
    open.set_request_id(NewId());
    open.mutable_store()->set_code(code);
    open.mutable_store()->set_display_name(name);
    open.mutable_store()->set_time_zone("Asia/Shanghai");
    open.mutable_store()->set_currency_code("CNY");
    return Known(suite_.door().Call<common::Store>({.token = Token("group_manager", {"*"})}, open)).store_id();
  }
  std::string AWarehouse(const std::string& store_id) {
    v1::CreateWarehouseRequest request;
    request.set_store_id(store_id);
    request.mutable_warehouse()->set_code("W1");
    request.mutable_warehouse()->set_display_name("一号库");
    return Must<v1::Warehouse>(request).warehouse_id();
  }
  std::string ABin(const std::string& store_id, const std::string& warehouse_id, const std::string& code,
                   v1::Location::Kind kind) {
    v1::CreateLocationRequest request;
    request.set_store_id(store_id);
    request.mutable_location()->set_warehouse_id(warehouse_id);
    request.mutable_location()->set_code(code);
    request.mutable_location()->set_kind(kind);
    const std::string id = Must<v1::Location>(request).location_id();
    codes_[id] = code;
    return id;
  }
  std::string ASupplier() {
    v1::CreateSupplierRequest create;
    create.mutable_supplier()->set_code("S1");
    create.mutable_supplier()->set_display_name("上海配件公司");
    create.mutable_supplier()->set_unified_social_credit_code("91310000MA1FL1000X");
    const std::string id = Must<v1::Supplier>(create).supplier_id();
    v1::FileSupplierPaperRequest paper;
    paper.set_supplier_id(id);
    paper.set_kind(v1::SupplierPaper::KIND_BUSINESS_LICENCE);
    paper.set_paper_number("L-1");
    paper.set_valid_from_date("2020-01-01");
    paper.set_evidence("scans/licence");
    Must<v1::Supplier>(paper);
    v1::ApproveSupplierRequest approve;
    approve.set_supplier_id(id);
    Must<v1::Supplier>(approve);
    return id;
  }

  harness::DatabaseServer database_{harness::DatabaseServer::Storage::kMemory};
  harness::Suite suite_;
  chassis::SystemClock clock_;
  chassis::RandomIds ids_;
  chassis::SuiteClient parts_;
  std::string store_id_, branch_id_, branch_bin_id_, supplier_id_;
  std::map<std::string, std::string> tokens_;  // by role
  std::map<std::string, std::string> bins_, codes_;
  int part_count_ = 0;
  std::atomic<int64_t> repeats_{0}, internal_errors_{0};
};

}  // namespace stock
