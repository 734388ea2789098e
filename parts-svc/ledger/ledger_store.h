// The SQL of the stock ledger: movements and documents are only added, balances follow in the same transaction. Every
// change of stock in the service, whichever room it comes from, goes through Post or Apply.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "chassis/host/unit_of_work.h"
#include "chassis/records/table.h"
#include "parts-svc/ledger/ledger_rules.h"
#include "parts-svc/location/location_rules.h"

namespace parts {

using FieldsByPart = std::map<std::string, std::string>;  // the request field to blame when a part is short

class LedgerStore {
 public:
  explicit LedgerStore(const chassis::privacy::Cipher& cipher);

  // Stock rows of new parts: every part of the catalogue has one from the start.
  absl::Status Open(chassis::sql::Session& session, const std::string& store_id, const std::vector<v1::Part>& parts);

  // Writes the movements and what they do to balances; part_stock, the hottest rows, last. Refuses BIN_SHORT and
  // INSUFFICIENT_STOCK.
  // `more` is what else happens to the parts at the same moment: an issue also ends their being held.
  absl::Status Post(chassis::UnitOfWork& work, std::vector<v1::StockMovement>& movements, const Places& places,
                    const FieldsByPart& fields, const StockDeltas& more = {});
  // Changes part_stock in one conditional statement: all parts or none. INSUFFICIENT_STOCK names every short one.
  absl::Status Apply(chassis::UnitOfWork& work, const StockDeltas& deltas, const FieldsByPart& fields);

  // Locked in key order until the end of the transaction.
  absl::StatusOr<StocksByPart> LockStocks(chassis::UnitOfWork& work, const std::vector<std::string>& part_ids);
  absl::StatusOr<StocksByPart> Stocks(chassis::sql::Session& session, const std::string& store_id,
                                      const std::vector<std::string>& part_ids);
  // Of these parts, those with documents in the queue and something available; locked.
  absl::StatusOr<std::map<std::string, int64_t>> AvailableForQueue(chassis::UnitOfWork& work,
                                                                   const std::vector<std::string>& part_ids);

  // Bins that hold something of the parts; without code and kind (Label adds them).
  absl::StatusOr<std::vector<v1::StockBalance>> LockBalances(chassis::UnitOfWork& work,
                                                             const std::vector<std::string>& part_ids);
  absl::StatusOr<std::vector<v1::StockBalance>> Balances(chassis::sql::Session& session, const std::string& store_id,
                                                         const std::string& part_id);
  // Where goods of these batches (none named: of all batches) are now; accounts included.
  absl::StatusOr<std::vector<BatchInBin>> Batches(chassis::sql::Session& session, const std::string& store_id,
                                                  const std::vector<std::string>& part_ids,
                                                  const std::vector<std::string>& batch_codes);
  absl::StatusOr<Content> ContentOf(chassis::sql::Session& session, const std::string& store_id,
                                    const std::string& location_id);

  absl::StatusOr<std::vector<v1::StockMovement>> MovementsOf(chassis::sql::Session& session,
                                                             const std::string& store_id,
                                                             const std::string& document_id);

  const chassis::records::Table<v1::StockMovement>& movements() const { return movements_; }
  const chassis::records::Table<v1::StockDocument>& documents() const { return documents_; }
  const chassis::records::Table<v1::PartStock>& stocks() const { return stocks_; }

 private:
  absl::Status TakeFromBins(chassis::UnitOfWork& work, const BalanceDeltas& deltas);
  absl::Status PutIntoBins(chassis::UnitOfWork& work, const BalanceDeltas& deltas);
  absl::Status NameShortBin(chassis::UnitOfWork& work, const BalanceDeltas& deltas);
  absl::Status NameShortParts(chassis::UnitOfWork& work, const StockDeltas& deltas, const FieldsByPart& fields);

  chassis::records::Table<v1::StockMovement> movements_;
  chassis::records::Table<v1::StockDocument> documents_;
  chassis::records::Table<v1::PartStock> stocks_;
};

// Ids as SQL values, for IN lists.
std::vector<chassis::sql::Value> WithIds(const std::string& store_id, const std::vector<std::string>& ids);

}  // namespace parts
