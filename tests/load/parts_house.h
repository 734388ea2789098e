// parts-svc alone, as a real process on a server of its own, with as many parts and movements as a load program asks
// for. The rows are written by the server itself in multi-row statements, as fast as it can.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "chassis/client/suite_client.h"
#include "chassis/identity/identity.h"
#include "chassis/sql/pool.h"
#include "tests/harness/database.h"
#include "tests/harness/server.h"

namespace load {

class PartsHouse {
 public:
  // `buffer_pool_mib` is the memory of the database server's cache.
  explicit PartsHouse(int64_t buffer_pool_mib);
  ~PartsHouse();
  PartsHouse(const PartsHouse&) = delete;
  PartsHouse& operator=(const PartsHouse&) = delete;

  // Adds parts with stock, price and a supplier until there are `count`.
  void FillParts(int64_t count);
  // Adds movements, spread over the parts and the last 24 months, until there are `count`. Issues to the workshop
  // mostly, some receipts.
  void FillMovements(int64_t count);
  // Gives every part `months` months of demand: a fifth of them sell often, half of them seldom.
  void FillDemand(int months);

  // Starts parts-svc on what is there.
  void Open();
  pid_t pid() const { return pid_; }
  chassis::SuiteClient& suite() { return *suite_; }
  chassis::CallOptions Manager() const;

  int64_t Execute(const std::string& statement);
  chassis::sql::Rows Query(const std::string& statement);

  static constexpr char kStore[] = "01900000-0000-7000-8000-00000000abcd";

 private:
  harness::DatabaseServer database_;
  std::unique_ptr<harness::Schema> schema_;
  std::unique_ptr<chassis::sql::Pool> pool_;
  std::string directory_;
  std::unique_ptr<chassis::identity::TokenIssuer> issuer_;
  std::unique_ptr<chassis::SuiteClient> suite_;
  pid_t pid_ = -1;
  int64_t parts_ = 0;
  int64_t movements_ = 0;
};

// Number `serial` of the parts FillParts makes.
std::string PartNumber(int64_t serial);
std::string PartId(int64_t serial);

}  // namespace load
