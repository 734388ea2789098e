#include "tests/load/parts_house.h"

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "chassis/time/clock.h"
#include "parts-svc/location/location_rules.h"
#include "tests/harness/processes.h"
#include "tests/tools/health.h"

namespace load {
namespace {

namespace v1 = aftersales::parts::v1;

constexpr char kIssuer[] = "aftersales-load";
constexpr char kAudience[] = "aftersales";
// Rows are written in pieces, so that no transaction grows without bound.
constexpr int64_t kRowsPerStatement = 100'000;
constexpr int kMonths = 24;

// A binary id made of what kind of row it is and its serial: they lie side by side, as UUIDs of one time do.
std::string IdOf(const std::string& kind, const std::string& serial) {
  return absl::StrCat("CONCAT(UNHEX('01900000", kind, "7000'), UNHEX(CONCAT('8', LPAD(HEX(", serial, "), 15, '0'))))");
}
std::string Bytes(const std::string& id) { return absl::StrCat("UNHEX(REPLACE('", id, "', '-', ''))"); }

const std::string& Store() {
  static const std::string store = Bytes(PartsHouse::kStore);
  return store;
}
// Pseudo-random and the same in every run: 0..`below`-1 from a serial and a salt.
std::string Chance(const std::string& serial, int salt, int64_t below) {
  return absl::StrCat("(CRC32(CONCAT('", salt, "/', ", serial, ")) % ", below, ")");
}

}  // namespace

std::string PartNumber(int64_t serial) { return absl::StrCat("LOAD-", serial); }
std::string PartId(int64_t serial) { return absl::StrFormat("01900000-0001-7000-8%03x-%012x", serial >> 48, serial); }

PartsHouse::PartsHouse(int64_t buffer_pool_mib)
    : database_(harness::DatabaseServer::Storage::kDisk), schema_(harness::FreshSchema("parts", database_.address())) {
  static chassis::SystemClock clock;
  static chassis::SystemSleeper sleeper;
  chassis::sql::PoolLimits limits;
  limits.connections = 1;
  limits.statement_timeout = absl::Hours(1);
  pool_ = chassis::sql::MakePool(schema_->endpoint(), limits, clock, sleeper);
  auto root = harness::FreshSchema("", database_.address());
  const absl::Status given = root->pool().Read(absl::Now() + absl::Seconds(60), [&](chassis::sql::Session& session) {
    return session.Execute(absl::StrCat("SET GLOBAL innodb_buffer_pool_size = ", buffer_pool_mib * 1024 * 1024))
        .status();
  });
  if (!given.ok()) harness::FailHarness(given.ToString());
  Execute(
      absl::StrCat("INSERT INTO store (store_id, version, code, display_name, time_zone, currency_code, settings) "
                   "VALUES (",
                   Store(), ", 1, 'LD01', '压测门店', 'Asia/Shanghai', 'CNY', '{}')"));
  Execute(
      absl::StrCat("INSERT INTO warehouse (store_id, warehouse_id, version, code, display_name, create_time) VALUES (",
                   Store(), ", ", IdOf("0002", "1"), ", 1, 'W1', '一号库', UTC_TIMESTAMP(6))"));
  Execute(
      absl::StrCat("INSERT INTO location (store_id, location_id, version, warehouse_id, code, kind, station_name, "
                   "closed, create_time) SELECT ",
                   Store(), ", ", IdOf("0003", "s.seq"), ", 1, ", IdOf("0002", "1"),
                   ", CONCAT('B-', s.seq), 'STOCK', '', 0, UTC_TIMESTAMP(6) FROM seq_1_to_100 s"));
  for (const auto kind : {v1::Location::KIND_SUPPLIER, v1::Location::KIND_WORKSHOP, v1::Location::KIND_CUSTOMER}) {
    Execute(
        absl::StrCat("INSERT INTO location (store_id, location_id, version, code, kind, station_name, closed, "
                     "create_time) VALUES (",
                     Store(), ", ", Bytes(parts::AccountId(kStore, kind)), ", 1, '", v1::Location::Kind_Name(kind),
                     "', '", v1::Location::Kind_Name(kind).substr(5), "', '', 0, UTC_TIMESTAMP(6))"));
  }
  Execute(
      absl::StrCat("INSERT INTO supplier (store_id, supplier_id, version, code, display_name, "
                   "unified_social_credit_code, contact_name, contact_phone, contact_email, address, bank_name, "
                   "bank_account, currency_code, state, state_reason, create_time) SELECT ",
                   Store(), ", ", IdOf("0004", "s.seq"),
                   ", 1, CONCAT('S-', s.seq), CONCAT('供应商', s.seq), CONCAT('C', s.seq), '', '', '', '', '', '', "
                   "'CNY', 'APPROVED', '', UTC_TIMESTAMP(6) FROM seq_1_to_50 s"));
}

PartsHouse::~PartsHouse() {
  suite_.reset();
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  if (!directory_.empty()) std::filesystem::remove_all(directory_);
}

int64_t PartsHouse::Execute(const std::string& statement) {
  int64_t changed = 0;
  const absl::Status done = pool_->Read(absl::Now() + absl::Hours(1), [&](chassis::sql::Session& session) {
    const auto result = session.Execute(statement);
    changed = result.value_or(0);
    return result.status();
  });
  if (!done.ok()) harness::FailHarness(absl::StrCat(done.ToString(), "\n  ", statement.substr(0, 2000)));
  return changed;
}

chassis::sql::Rows PartsHouse::Query(const std::string& statement) {
  chassis::sql::Rows rows;
  const absl::Status done = pool_->Read(absl::Now() + absl::Hours(1), [&](chassis::sql::Session& session) {
    auto found = session.Query(statement);
    if (found.ok()) rows = *std::move(found);
    return found.status();
  });
  if (!done.ok()) harness::FailHarness(absl::StrCat(done.ToString(), "\n  ", statement));
  return rows;
}

void PartsHouse::FillParts(int64_t count) {
  for (int64_t from = parts_ + 1; from <= count; from += kRowsPerStatement) {
    const std::string serials = absl::StrCat("seq_", from, "_to_", std::min(from + kRowsPerStatement - 1, count), " s");
    const std::string part_id = IdOf("0001", "s.seq");
    Execute(
        absl::StrCat("INSERT INTO part (store_id, part_id, version, part_number, name_zh, name_en, brand, original, "
                     "unit, step_milli, safety_critical, high_value, shelf_life_days, tracking, category, "
                     "create_time) SELECT ",
                     Store(), ", ", part_id,
                     ", 1, CONCAT('LOAD-', s.seq), CONCAT('配件', s.seq), CONCAT('Part ', "
                     "s.seq), CONCAT('BRAND-', ",
                     Chance("s.seq", 1, 40), "), 1, 'PIECE', 1000, ", Chance("s.seq", 2, 2),
                     ", 0, 0, 'NONE', "
                     "CONCAT('CAT-', ",
                     Chance("s.seq", 3, 200), "), UTC_TIMESTAMP(6) - INTERVAL 3 YEAR FROM ", serials));
    Execute(
        absl::StrCat("INSERT INTO part_stock (store_id, part_id, version, part_number, on_hand_milli, "
                     "reserved_milli, short_milli, owned_milli, value_amount) SELECT ",
                     Store(), ", ", part_id, ", 1, CONCAT('LOAD-', s.seq), 1000 * ", Chance("s.seq", 4, 40),
                     ", 0, 0, 1000 * ", Chance("s.seq", 4, 40), ", 700 * ", Chance("s.seq", 4, 40), " FROM ", serials));
    Execute(absl::StrCat("INSERT INTO stock_balance (store_id, part_id, location_id, version, on_hand_milli) SELECT ",
                         Store(), ", ", part_id, ", ", IdOf("0003", "1 + s.seq % 100"), ", 1, 1000 * ",
                         Chance("s.seq", 4, 40), " FROM ", serials));
    Execute(absl::StrCat(
        "INSERT INTO part_price (store_id, part_price_id, version, part_id, price_level, "
        "unit_price_amount, effective_time, reason, actor, create_time) SELECT ",
        Store(), ", ", IdOf("0005", "s.seq"), ", 1, ", part_id, ", 'RETAIL', 1000 + ", Chance("s.seq", 5, 9000),
        ", UTC_TIMESTAMP(6) - INTERVAL 3 YEAR, '', '', UTC_TIMESTAMP(6) FROM ", serials));
    Execute(
        absl::StrCat("INSERT INTO supplier_part (store_id, supplier_part_id, version, supplier_id, part_id, "
                     "part_number, supplier_part_number, unit_price_amount, pack_quantity_milli, "
                     "minimum_quantity_milli, preferred, create_time, update_time) SELECT ",
                     Store(), ", ", IdOf("0006", "s.seq"), ", 1, ", IdOf("0004", "1 + s.seq % 50"), ", ", part_id,
                     ", CONCAT('LOAD-', s.seq), '', 500 + ", Chance("s.seq", 5, 9000), ", 1000 * (1 + ",
                     Chance("s.seq", 6, 10), "), 0, 0, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM ", serials));
  }
  parts_ = std::max(parts_, count);
  for (const char* table : {"part", "part_stock", "stock_balance", "part_price", "supplier_part"}) {
    Query(absl::StrCat("ANALYZE TABLE ", table));
  }
}

void PartsHouse::FillMovements(int64_t count) {
  const std::string supplier = Bytes(parts::AccountId(kStore, v1::Location::KIND_SUPPLIER));
  const std::string workshop = Bytes(parts::AccountId(kStore, v1::Location::KIND_WORKSHOP));
  for (int64_t from = movements_ + 1; from <= count; from += kRowsPerStatement) {
    const std::string part = absl::StrCat("(1 + CRC32(CONCAT('7/', s.seq)) % ", parts_, ")");
    const std::string bin = IdOf("0003", "1 + " + part + " % 100");
    // Every tenth is a receipt. In the order of time, as a ledger grows.
    Execute(absl::StrCat(
        "INSERT INTO stock_movement (store_id, stock_movement_id, version, part_id, part_number, from_location_id, "
        "to_location_id, quantity_milli, cost_amount, batch_code, document_kind, document_id, document_number, reason, "
        "create_time) SELECT ",
        Store(), ", ", IdOf("0007", "s.seq"), ", 1, ", IdOf("0001", part), ", CONCAT('LOAD-', ", part,
        "), IF(s.seq % 10 = 0, ", supplier, ", ", bin, "), IF(s.seq % 10 = 0, ", bin, ", ", workshop,
        "), IF(s.seq % 10 = 0, 10000, 1000), IF(s.seq % 10 = 0, 7000, 700), '', IF(s.seq % 10 = 0, 'RECEIPT', "
        "'ISSUE'), ",
        IdOf("0008", "s.seq DIV 4"), ", CONCAT('LD01-ISS-', s.seq DIV 4), '', UTC_TIMESTAMP(6) - INTERVAL ", kMonths,
        " MONTH + INTERVAL FLOOR(s.seq * ", kMonths * 30 * 86400.0, " / ", count, ") SECOND FROM seq_", from, "_to_",
        std::min(from + kRowsPerStatement - 1, count), " s"));
  }
  movements_ = std::max(movements_, count);
  Query("ANALYZE TABLE stock_movement");
}

void PartsHouse::FillDemand(int months) {
  for (int64_t from = 1; from <= parts_; from += kRowsPerStatement / kMonths) {
    const int64_t to = std::min(from + kRowsPerStatement / kMonths - 1, parts_);
    const std::string key = "CONCAT(s.seq, '/', m.seq)";
    const std::string quantity = absl::StrCat("CASE WHEN s.seq % 5 = 0 THEN 1000 * (5 + ", Chance(key, 8, 30),
                                              ") WHEN s.seq % 2 = 0 THEN 1000 * (", Chance(key, 9, 12),
                                              " = 0) ELSE 1000 * ", Chance(key, 10, 3), " END");
    Execute(absl::StrCat(
        "INSERT INTO part_demand (store_id, part_id, month, version, order_milli, sale_milli, special_order_milli, "
        "lost_milli, cost_amount, special_order_cost_amount, received_milli, requested_line_count, served_line_count, "
        "lost_line_count, last_demand_time) SELECT ",
        Store(), ", ", IdOf("0001", "s.seq"), ", DATE_FORMAT(UTC_TIMESTAMP() - INTERVAL m.seq MONTH, '%Y-%m-01'), 1, ",
        quantity, ", 0, 0, 0, 7 * (", quantity,
        ") DIV 10, 0, 0, 1, 1, 0, UTC_TIMESTAMP(6) - INTERVAL m.seq MONTH FROM seq_", from, "_to_", to,
        " s JOIN seq_1_to_", months, " m"));
  }
  // The job that counts movements begins after what was written here.
  Execute(
      absl::StrCat("INSERT INTO demand_position (store_id, position_time) VALUES (", Store(), ", UTC_TIMESTAMP(6))"));
  Query("ANALYZE TABLE part_demand");
}

void PartsHouse::Open() {
  directory_ = harness::ScratchDirectory("parts");
  if (harness::RunToEnd({harness::BinaryDirectory() + "/bin/aftersales-keys", directory_}, directory_ + "/keys.log") !=
      0) {
    harness::FailHarness("aftersales-keys failed, see " + directory_ + "/keys.log");
  }
  auto issuer = chassis::identity::LoadTokenIssuer(directory_ + "/issuer.jwk", kIssuer, kAudience);
  if (!issuer.ok()) harness::FailHarness(issuer.status().ToString());
  issuer_ = *std::move(issuer);
  const int port = harness::FreePort();
  const std::string address = absl::StrCat("127.0.0.1:", port);
  const chassis::sql::Endpoint& endpoint = schema_->endpoint();
  pid_ = harness::Spawn(
      {harness::BinaryDirectory() + "/bin/parts-svc", "--listen=" + address,
       absl::StrCat("--admin-listen=127.0.0.1:", harness::FreePort()), absl::StrCat("--issuer=", kIssuer),
       absl::StrCat("--audience=", kAudience), "--jwks-file=" + directory_ + "/jwks.json",
       "--service-key-file=" + directory_ + "/issuer.jwk", "--keys-file=" + directory_ + "/data.json",
       "--drain-wait=0s", "--database-host=" + endpoint.host, absl::StrCat("--database-port=", endpoint.port),
       "--database-schema=" + endpoint.schema, "--database-user=" + endpoint.user,
       "--chassis-migrations=" + harness::SourceDirectory() + "/chassis/migrations",
       "--migrations=" + harness::SourceDirectory() + "/parts-svc/migrations"},
      directory_ + "/parts.log");
  for (int attempt = 0; attempt < 300; ++attempt) {
    if (tools::IsReady(address, "")) {
      suite_ = std::make_unique<chassis::SuiteClient>(address, "");
      return;
    }
    if (waitpid(pid_, nullptr, WNOHANG) != 0) break;
    harness::WaitFor(absl::Milliseconds(50));
  }
  harness::FailHarness("parts-svc does not open, see " + directory_ + "/parts.log");
}

chassis::CallOptions PartsHouse::Manager() const {
  return {.token = issuer_->Issue(
              {.subject = "load.manager", .roles = {"parts_manager"}, .stores = {kStore}, .issue_time = absl::Now()}),
          .language = "en"};
}

}  // namespace load
