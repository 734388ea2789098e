// The catalogue from CSV; see import_service.h.
#include "parts-svc/catalogue/import_service.h"

#include <algorithm>

#include "chassis/server/validation.h"
#include "google/protobuf/util/message_differencer.h"

namespace parts {
namespace {

using Report = v1::ImportPartsResponse;
using chassis::UnitOfWork;

constexpr size_t kRowsPerStatement = 500;

// One readable line on its way into the catalogue.
struct Entry {
  const ImportLine* line;
  std::optional<v1::Part> before;
  v1::Part after;
};

// One run of an import: what came, what is known, what is wrong.
class Import {
 public:
  Import(CatalogueStore& store, LedgerStore& ledger, UnitOfWork& work, const ImportSheet& sheet)
      : store_(store), ledger_(ledger), work_(work), sheet_(sheet), errors_(sheet.errors) {}

  absl::StatusOr<Report> Run(const v1::ImportPartsRequest& request) {
    RETURN_IF_ERROR(Load());
    for (const ImportLine& line : sheet_.lines) Enter(line);
    while (!ResolveSuccessors()) {
    }
    RETURN_IF_ERROR(DropCycles());
    std::sort(errors_.begin(), errors_.end(),
              [](const auto& a, const auto& b) { return a.line_number() < b.line_number(); });
    *report_.mutable_errors() = {errors_.begin(), errors_.end()};
    if (!errors_.empty() && request.mode() != v1::ImportPartsRequest::MODE_GOOD_LINES) return report_;
    RETURN_IF_ERROR(Store());
    RETURN_IF_ERROR(StorePrices(request.reason()));
    report_.set_stored(true);
    return report_;
  }

 private:
  absl::Status Load() {
    std::set<std::string> numbers;
    for (const ImportLine& line : sheet_.lines) {
      numbers.insert(line.part.part_number());
      if (!line.superseded_by.empty()) numbers.insert(line.superseded_by);
    }
    ASSIGN_OR_RETURN(known_, store_.LockByNumbers(work_, {numbers.begin(), numbers.end()}));
    return absl::OkStatus();
  }

  void Enter(const ImportLine& line) {
    Entry entry{&line, std::nullopt, {}};
    std::optional<Report::LineError> error;
    if (const auto known = known_.find(line.part.part_number()); known != known_.end()) {
      entry.before = known->second;
      entry.after = known->second;
      error = Merge(line, sheet_.columns, entry.after);
    } else {
      entry.after = line.part;
      entry.after.set_store_id(work_.store_id());
      entry.after.set_part_id(work_.NewId());
      Complete(entry.after);
      error = CheckNewPart(line);
    }
    if (error.has_value()) {
      errors_.push_back(*std::move(error));
      return;
    }
    if (Fails(line, chassis::Validate(entry.after)) || Fails(line, CheckPart(entry.after, "part"))) return;
    entries_.emplace(line.part.part_number(), std::move(entry));
  }

  // Reports what a status blames on the line; true when it was not OK.
  bool Fails(const ImportLine& line, const absl::Status& status) {
    if (status.ok()) return false;
    const auto refusal = chassis::RefusalIn(status);
    for (const auto& violation : refusal.violations()) {
      std::string field = violation.field();
      if (field.rfind("part.", 0) == 0) field.erase(0, 5);
      errors_.push_back(LineError(line.line_number, field, "value", violation.zh(), violation.en()));
    }
    return true;
  }

  // Sets successors by number. False when a line had to go, because another may have named it.
  bool ResolveSuccessors() {
    for (auto& [number, entry] : entries_) {
      const std::string& successor = entry.line->superseded_by;
      if (successor.empty()) continue;
      if (const auto same = entries_.find(successor); same != entries_.end()) {
        entry.after.set_successor_part_id(same->second.after.part_id());
      } else if (const auto known = known_.find(successor); known != known_.end()) {
        entry.after.set_successor_part_id(known->second.part_id());
      } else {
        errors_.push_back(LineError(entry.line->line_number, "superseded_by", "exists", "目录中没有此配件号",
                                    "is not in the catalogue"));
        entries_.erase(number);
        return false;
      }
    }
    return true;
  }

  absl::Status DropCycles() {
    PartsById parts;
    for (const auto& [number, part] : known_) parts[part.part_id()] = part;
    for (const auto& [number, entry] : entries_) parts[entry.after.part_id()] = entry.after;
    RETURN_IF_ERROR(store_.AddSuccessors(work_.sql(), work_.store_id(), parts));
    std::vector<std::string> bad;
    for (const auto& [number, entry] : entries_) {
      if (entry.line->superseded_by.empty()) continue;
      std::vector<v1::Part> chain;
      for (const std::string& part_id : Successors(parts, entry.after.part_id())) chain.push_back(parts.at(part_id));
      if (const absl::Status status = CheckSuccessor(entry.after, chain, 0); !status.ok()) {
        const auto refusal = chassis::RefusalIn(status);
        errors_.push_back(LineError(entry.line->line_number, "superseded_by", "supersession",
                                    chassis::Worded(refusal, "zh-CN"), chassis::Worded(refusal, "en")));
        bad.push_back(number);
      }
    }
    for (const std::string& number : bad) entries_.erase(number);
    while (!ResolveSuccessors()) {
    }
    return absl::OkStatus();
  }

  absl::Status Store() {
    std::vector<v1::Part> created;
    for (auto& [number, entry] : entries_) {
      if (!entry.before.has_value()) {
        created.push_back(entry.after);
      } else if (google::protobuf::util::MessageDifferencer::Equals(*entry.before, entry.after)) {
        report_.set_unchanged_count(report_.unchanged_count() + 1);
      } else {
        RETURN_IF_ERROR(store_.parts().Update(work_, *entry.before, entry.after));
        report_.set_updated_count(report_.updated_count() + 1);
      }
    }
    report_.set_created_count(static_cast<int32_t>(created.size()));
    for (size_t first = 0; first < created.size(); first += kRowsPerStatement) {
      const size_t last = std::min(first + kRowsPerStatement, created.size());
      std::vector<v1::Part> rows(created.begin() + static_cast<int64_t>(first),
                                 created.begin() + static_cast<int64_t>(last));
      RETURN_IF_ERROR(store_.parts().InsertAll(work_, rows));
      RETURN_IF_ERROR(ledger_.Open(work_.sql(), work_.store_id(), rows));
    }
    return absl::OkStatus();
  }

  // Retail prices that differ from those in force, from now on.
  absl::Status StorePrices(const std::string& reason) {
    std::vector<std::string> part_ids;
    for (const auto& [number, entry] : entries_) {
      if (entry.line->retail_price_amount.has_value()) part_ids.push_back(entry.after.part_id());
    }
    ASSIGN_OR_RETURN(const auto in_force, store_.PricesInForce(work_.sql(), work_.store_id(), v1::PRICE_LEVEL_RETAIL,
                                                               part_ids, work_.now()));
    std::vector<v1::PartPrice> prices;
    for (const auto& [number, entry] : entries_) {
      if (!entry.line->retail_price_amount.has_value()) continue;
      const auto current = in_force.find(entry.after.part_id());
      if (current != in_force.end() && current->second == *entry.line->retail_price_amount) continue;
      v1::PartPrice& price = prices.emplace_back();
      price.set_store_id(work_.store_id());
      price.set_part_price_id(work_.NewId());
      price.set_part_id(entry.after.part_id());
      price.set_price_level(v1::PRICE_LEVEL_RETAIL);
      price.set_unit_price_amount(*entry.line->retail_price_amount);
      price.set_reason(reason);
      price.set_actor(work_.actor().subject);
      *price.mutable_effective_time() = work_.now_proto();
    }
    report_.set_price_count(static_cast<int32_t>(prices.size()));
    for (size_t first = 0; first < prices.size(); first += kRowsPerStatement) {
      const size_t last = std::min(first + kRowsPerStatement, prices.size());
      std::vector<v1::PartPrice> rows(prices.begin() + static_cast<int64_t>(first),
                                      prices.begin() + static_cast<int64_t>(last));
      RETURN_IF_ERROR(store_.prices().InsertAll(work_, rows));
    }
    return absl::OkStatus();
  }

  CatalogueStore& store_;
  LedgerStore& ledger_;
  UnitOfWork& work_;
  const ImportSheet& sheet_;
  std::vector<Report::LineError> errors_;
  std::map<std::string, v1::Part> known_;  // by number
  std::map<std::string, Entry> entries_;   // by number
  Report report_;
};

}  // namespace

ImportService::ImportService(chassis::Rooms& rooms) : store_(rooms.host.cipher()), ledger_(rooms.host.cipher()) {
  rooms.rpcs.On(this, &ImportService::Import);
}

absl::StatusOr<v1::ImportPartsResponse> ImportService::Import(chassis::Call& call,
                                                              const v1::ImportPartsRequest& request) {
  ASSIGN_OR_RETURN(const ImportSheet sheet, ReadSheet(request.csv()));
  return call.Transact<v1::ImportPartsResponse>([&](UnitOfWork& work) {
    work.Because(request.reason());
    return parts::Import(store_, ledger_, work, sheet).Run(request);
  });
}

}  // namespace parts
