// The stocktake room; see stocktake_service.h.
#include "parts-svc/stocktake/stocktake_service.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/stock_control_errors.pb.h"
#include "aftersales/parts/v1/stock_control_events.pb.h"
#include "chassis/duties/duty_board.h"
#include "parts-svc/location/location_rules.h"
#include "parts-svc/stocktake/stocktake_checks.h"
#include "parts-svc/stocktake/stocktake_duties.h"

namespace parts {
namespace {

namespace options = aftersales::options::v1;
using chassis::UnitOfWork;

constexpr absl::Duration kOpenDefault = absl::Hours(24);
constexpr absl::Duration kDueNotice = absl::Hours(24 * 7);
constexpr absl::Duration kYear = absl::Hours(24 * 365);
// A statement that changes many bins at once weighs every one against every other.
constexpr size_t kMovementsPerPosting = 100;
constexpr v1::Stocktake::PartClass kClasses[] = {v1::Stocktake::PART_CLASS_A, v1::Stocktake::PART_CLASS_B,
                                                 v1::Stocktake::PART_CLASS_C};

std::string ClassName(v1::Stocktake::PartClass part_class) {
  return std::string(chassis::StateName(v1::Stocktake::PartClass_descriptor(), part_class));
}

// A class has no document of its own; the duty to count it needs a subject all the same.
std::string ClassId(const std::string& store_id, v1::Stocktake::PartClass part_class) {
  return chassis::DerivedId(store_id, "parts/stocktake/" + ClassName(part_class));
}

int32_t CountsPerYear(const v1::PartsPolicy& policy, v1::Stocktake::PartClass part_class) {
  if (part_class == v1::Stocktake::PART_CLASS_A) return policy.counts_per_year_a();
  return part_class == v1::Stocktake::PART_CLASS_B ? policy.counts_per_year_b() : policy.counts_per_year_c();
}

aftersales::common::v1::Duty DutyOf(const char* kind, const std::string& subject_kind, const std::string& subject_id,
                                    const std::string& subject_number, absl::Time due_time) {
  aftersales::common::v1::Duty duty;
  duty.set_kind(kind);
  duty.set_handbook("P-10");
  duty.set_subject_kind(subject_kind);
  duty.set_subject_id(subject_id);
  duty.set_subject_number(subject_number);
  duty.set_assignee_role(options::ROLE_PARTS_MANAGER);
  duty.set_escalation_role(options::ROLE_SERVICE_MANAGER);
  *duty.mutable_due_time() = chassis::ToProto(due_time);
  return duty;
}

std::vector<std::string> PartIdsOf(const std::vector<v1::StocktakeLine>& lines) {
  std::set<std::string> ids;
  for (const v1::StocktakeLine& line : lines) ids.insert(line.part_id());
  return {ids.begin(), ids.end()};
}

absl::Status LineUnknown(const std::string& line_id, const std::string& field) {
  return chassis::Refuse(v1::STOCK_CONTROL_ERROR_REASON_STOCKTAKE_LINE_UNKNOWN)
      .With("line", line_id)
      .At(field, "盘点单上没有此行", "is not on the sheet");
}

// Back to the counters: what was counted is kept beside, and somebody else counts.
absl::Status SendBack(v1::StocktakeLine& line) {
  RETURN_IF_ERROR(chassis::MoveTo(line, v1::StocktakeLine::STATE_RECOUNT));
  line.set_first_counted_milli(line.counted_milli());
  *line.mutable_first_count_time() = line.count_time();
  line.set_first_counter(line.counter());
  line.clear_counted_milli();
  line.clear_count_time();
  line.clear_counter();
  line.clear_expected_milli();
  line.set_difference_milli(0);
  line.set_difference_amount(0);
  return absl::OkStatus();
}

// Nobody counts with the account before his eyes.
bool IsBlind(const v1::Stocktake& stocktake) {
  return stocktake.state() != v1::Stocktake::STATE_REVIEW && stocktake.state() != v1::Stocktake::STATE_POSTED;
}
void Blindfold(v1::StocktakeLine& line) {
  line.clear_snapshot_milli();
  line.clear_expected_milli();
  line.clear_difference_milli();
  line.clear_difference_amount();
  line.clear_first_counted_milli();
}

}  // namespace

StocktakeService::StocktakeService(chassis::Rooms& rooms)
    : host_(rooms.host),
      store_(rooms.host.cipher()),
      catalogue_(rooms.host.cipher()),
      locations_(rooms.host.cipher()),
      ledger_(rooms.host.cipher()),
      reservations_(rooms.host.cipher()),
      policies_(rooms.host.cipher()),
      book_(rooms.host.cipher()),
      lines_right_(rooms.host.metrics().Counter("parts_stocktake_lines_total", "Lines of posted stocktakes (P-10)",
                                                {{"outcome", "right"}})),
      lines_deviating_(rooms.host.metrics().Counter("parts_stocktake_lines_total", "Lines of posted stocktakes (P-10)",
                                                    {{"outcome", "deviating"}})) {
  rooms.rpcs.On(this, &StocktakeService::Plan);
  rooms.rpcs.On(this, &StocktakeService::Start);
  rooms.rpcs.On(this, &StocktakeService::RecordCounts);
  rooms.rpcs.On(this, &StocktakeService::AddLine);
  rooms.rpcs.On(this, &StocktakeService::Finish);
  rooms.rpcs.On(this, &StocktakeService::Recount);
  rooms.rpcs.On(this, &StocktakeService::Approve);
  rooms.rpcs.On(this, &StocktakeService::Cancel);
  rooms.rpcs.On(this, &StocktakeService::ListLines);
  rooms.rpcs.Standard<v1::Stocktake>(store_.stocktakes());
  rooms.Verify("stocktakes", VerifyStocktakes);
  rooms.host.duties().EndsBy(kStocktakeOpenDuty, "ApproveStocktake");
  rooms.host.duties().EndsBy(kStocktakeDueDuty, "ApproveStocktake");
  rooms.Periodically("stocktake_due", absl::Hours(1), [this] { return RemindOfClasses(); });
}

absl::StatusOr<v1::Stocktake> StocktakeService::Change(
    chassis::Call& call, const std::string& stocktake_id,
    const std::function<absl::Status(UnitOfWork&, v1::Stocktake&)>& change) {
  return call.Transact<v1::Stocktake>([&](UnitOfWork& work) -> absl::StatusOr<v1::Stocktake> {
    ASSIGN_OR_RETURN(const v1::Stocktake before, store_.stocktakes().Lock(work, work.store_id(), stocktake_id));
    v1::Stocktake after = before;
    RETURN_IF_ERROR(change(work, after));
    RETURN_IF_ERROR(store_.stocktakes().Update(work, before, after));
    return after;
  });
}

absl::StatusOr<v1::Stocktake> StocktakeService::Plan(chassis::Call& call, const v1::PlanStocktakeRequest& request) {
  RETURN_IF_ERROR(CheckScope(request));
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber("CNT"));
  return call.Transact<v1::Stocktake>([&](UnitOfWork& work) -> absl::StatusOr<v1::Stocktake> {
    v1::Stocktake stocktake;
    stocktake.set_store_id(work.store_id());
    stocktake.set_stocktake_id(work.NewId());
    stocktake.set_number(number);
    stocktake.set_kind(request.kind());
    stocktake.set_part_class(request.part_class());
    stocktake.set_warehouse_id(request.warehouse_id());
    *stocktake.mutable_location_ids() = request.location_ids();
    *stocktake.mutable_part_ids() = request.part_ids();
    stocktake.set_freezes(request.freezes());
    stocktake.set_state(v1::Stocktake::STATE_PLANNED);
    stocktake.set_remark(request.remark());
    stocktake.set_planner(work.actor().subject);
    *stocktake.mutable_due_time() =
        request.has_due_time() ? request.due_time() : chassis::ToProto(work.now() + kOpenDefault);
    RETURN_IF_ERROR(CheckNamed(work, stocktake));
    RETURN_IF_ERROR(store_.stocktakes().Insert(work, stocktake));
    work.Owe(DutyOf(kStocktakeOpenDuty, "stocktake", stocktake.stocktake_id(), number,
                    chassis::FromProto(stocktake.due_time())));
    return stocktake;
  });
}

absl::Status StocktakeService::CheckNamed(UnitOfWork& work, const v1::Stocktake& stocktake) {
  if (!stocktake.warehouse_id().empty()) {
    ASSIGN_OR_RETURN(const bool exists,
                     locations_.WarehouseExists(work.sql(), work.store_id(), stocktake.warehouse_id()));
    if (!exists) return chassis::NotFound("warehouse", stocktake.warehouse_id());
  }
  const std::vector<std::string> bins(stocktake.location_ids().begin(), stocktake.location_ids().end());
  ASSIGN_OR_RETURN(const Places places, locations_.ByIds(work.sql(), work.store_id(), bins));
  for (const std::string& id : bins) {
    const auto place = places.find(id);
    if (place == places.end()) {
      return chassis::NotFound("location", id).At("location_ids", "没有此库位", "names a bin that does not exist");
    }
    RETURN_IF_ERROR(CheckInScope(stocktake, place->second));
  }
  const std::vector<std::string> part_ids(stocktake.part_ids().begin(), stocktake.part_ids().end());
  ASSIGN_OR_RETURN(const PartsById parts, catalogue_.ByIds(work.sql(), work.store_id(), part_ids));
  std::vector<std::string> missing;
  for (const std::string& id : part_ids) {
    if (parts.count(id) == 0) missing.push_back(id);
  }
  return missing.empty() ? absl::OkStatus()
                         : UnknownParts(missing, std::vector<std::string>(missing.size(), "part_ids"));
}

absl::StatusOr<v1::Stocktake> StocktakeService::Start(chassis::Call& call, const v1::StartStocktakeRequest& request) {
  return Change(call, request.stocktake_id(), [&](UnitOfWork& work, v1::Stocktake& stocktake) -> absl::Status {
    RETURN_IF_ERROR(chassis::MoveTo(stocktake, v1::Stocktake::STATE_COUNTING));
    *stocktake.mutable_start_time() = work.now_proto();
    ASSIGN_OR_RETURN(auto lines, store_.Sheet(work, stocktake));
    if (lines.empty()) return chassis::Refuse(v1::STOCK_CONTROL_ERROR_REASON_STOCKTAKE_EMPTY);
    if (lines.size() > kSheetLinesMax) {
      return chassis::Refuse(v1::STOCK_CONTROL_ERROR_REASON_STOCKTAKE_TOO_LONG).With("limit", kSheetLinesMax);
    }
    // Ids in the order of the sheet: it is listed by them.
    std::vector<std::string> ids;
    for (size_t i = 0; i < lines.size(); ++i) ids.push_back(work.NewId());
    std::sort(ids.begin(), ids.end());
    for (size_t i = 0; i < lines.size(); ++i) {
      lines[i].set_store_id(work.store_id());
      lines[i].set_stocktake_id(stocktake.stocktake_id());
      lines[i].set_stocktake_line_id(ids[i]);
      lines[i].set_line_number(static_cast<int32_t>(i + 1));
      lines[i].set_state(v1::StocktakeLine::STATE_OPEN);
    }
    stocktake.set_line_count(static_cast<int32_t>(lines.size()));
    RETURN_IF_ERROR(store_.lines().InsertAll(work, lines));
    if (!stocktake.freezes()) return absl::OkStatus();
    return store_.Freeze(work, stocktake.stocktake_id(), lines);
  });
}

absl::StatusOr<v1::RecordCountsResponse> StocktakeService::RecordCounts(chassis::Call& call,
                                                                        const v1::RecordCountsRequest& request) {
  return call.Transact<v1::RecordCountsResponse>([&](UnitOfWork& work) -> absl::StatusOr<v1::RecordCountsResponse> {
    ASSIGN_OR_RETURN(const v1::Stocktake stocktake, store_.Share(work, request.stocktake_id()));
    RETURN_IF_ERROR(chassis::RequireState(stocktake, {v1::Stocktake::STATE_COUNTING, v1::Stocktake::STATE_RECOUNTING}));
    std::vector<std::string> line_ids;
    for (const auto& counted : request.lines()) line_ids.push_back(counted.stocktake_line_id());
    ASSIGN_OR_RETURN(const auto lines, store_.LockLines(work, request.stocktake_id(), line_ids));
    for (int i = 0; i < request.lines_size(); ++i) {
      const auto& counted = request.lines(i);
      const auto before = std::find_if(lines.begin(), lines.end(), [&](const auto& line) {
        return line.stocktake_line_id() == counted.stocktake_line_id();
      });
      if (before == lines.end()) {
        return LineUnknown(counted.stocktake_line_id(), absl::StrCat("lines[", i, "].stocktake_line_id"));
      }
      v1::StocktakeLine after = *before;
      const absl::Time counted_at = counted.has_count_time() ? chassis::FromProto(counted.count_time()) : work.now();
      RETURN_IF_ERROR(Count(stocktake, counted.counted_milli(), counted_at, work.now(), work.actor().subject, after));
      RETURN_IF_ERROR(store_.lines().Update(work, *before, after));
    }
    v1::RecordCountsResponse response;
    ASSIGN_OR_RETURN(const int64_t open, store_.OpenLineCount(work, request.stocktake_id()));
    response.set_open_line_count(static_cast<int32_t>(open));
    return response;
  });
}

absl::StatusOr<v1::StocktakeLine> StocktakeService::AddLine(chassis::Call& call,
                                                            const v1::AddStocktakeLineRequest& request) {
  return call.Transact<v1::StocktakeLine>([&](UnitOfWork& work) -> absl::StatusOr<v1::StocktakeLine> {
    ASSIGN_OR_RETURN(const v1::Stocktake before,
                     store_.stocktakes().Lock(work, work.store_id(), request.stocktake_id()));
    RETURN_IF_ERROR(chassis::RequireState(before, {v1::Stocktake::STATE_COUNTING, v1::Stocktake::STATE_RECOUNTING}));
    ASSIGN_OR_RETURN(const PartsById parts, catalogue_.ByIds(work.sql(), work.store_id(), {request.part_id()}));
    if (parts.empty()) return UnknownParts({request.part_id()}, {"part_id"});
    const v1::Part& part = parts.begin()->second;
    ASSIGN_OR_RETURN(const bool in_scope, store_.PartInScope(work, before, request.part_id()));
    if (!in_scope) {
      return chassis::Refuse(v1::STOCK_CONTROL_ERROR_REASON_STOCKTAKE_SCOPE)
          .At("part_id", "不在盘点范围内", "is not in the scope");
    }
    const absl::StatusOr<v1::Location> place =
        locations_.locations().Get(work.sql(), work.store_id(), request.location_id());
    if (!place.ok()) return place.status();
    RETURN_IF_ERROR(CheckInScope(before, *place));
    RETURN_IF_ERROR(CheckQuantity(part, request.counted_milli(), "counted_milli"));
    v1::StocktakeLine line;
    line.set_store_id(work.store_id());
    line.set_stocktake_id(before.stocktake_id());
    line.set_line_number(before.line_count() + 1);
    line.set_part_id(part.part_id());
    line.set_part_number(part.part_number());
    line.set_name_zh(part.name_zh());
    line.set_name_en(part.name_en());
    line.set_location_id(place->location_id());
    line.set_location_code(place->code());
    line.set_batch_code(request.batch_code());
    line.set_state(v1::StocktakeLine::STATE_OPEN);
    line.set_found(true);
    RETURN_IF_ERROR(CheckBatch(part, request.counted_milli(), request.batch_code(), "line"));
    v1::Stocktake round = before;
    // Found in the second round, it is nobody's recount: the first count it ever had.
    round.set_state(v1::Stocktake::STATE_COUNTING);
    const absl::Time counted_at = request.has_count_time() ? chassis::FromProto(request.count_time()) : work.now();
    RETURN_IF_ERROR(Count(round, request.counted_milli(), counted_at, work.now(), work.actor().subject, line));
    const absl::Status inserted = store_.lines().Insert(work, line);
    if (absl::IsAlreadyExists(inserted)) {
      return chassis::Refuse(v1::STOCK_CONTROL_ERROR_REASON_STOCKTAKE_LINE_EXISTS).With("part", part.part_number());
    }
    RETURN_IF_ERROR(inserted);
    v1::Stocktake after = before;
    after.set_line_count(line.line_number());
    RETURN_IF_ERROR(store_.stocktakes().Update(work, before, after));
    Blindfold(line);
    return line;
  });
}

absl::StatusOr<v1::Stocktake> StocktakeService::Finish(chassis::Call& call, const v1::FinishCountingRequest& request) {
  return Change(call, request.stocktake_id(), [&](UnitOfWork& work, v1::Stocktake& stocktake) -> absl::Status {
    RETURN_IF_ERROR(chassis::RequireState(stocktake, {v1::Stocktake::STATE_COUNTING, v1::Stocktake::STATE_RECOUNTING}));
    ASSIGN_OR_RETURN(const int64_t open, store_.OpenLineCount(work, stocktake.stocktake_id()));
    if (open > 0) return chassis::Refuse(v1::STOCK_CONTROL_ERROR_REASON_LINES_NOT_COUNTED).With("count", open);
    ASSIGN_OR_RETURN(const auto before, store_.LockAllLines(work, stocktake.stocktake_id()));
    std::vector<v1::StocktakeLine> after = before;
    ASSIGN_OR_RETURN(const std::vector<size_t> deviating, Judge(work, after, stocktake));
    const bool again = stocktake.state() == v1::Stocktake::STATE_COUNTING && !deviating.empty();
    if (again) {
      for (const size_t i : deviating) RETURN_IF_ERROR(SendBack(after[i]));
    } else {
      *stocktake.mutable_review_time() = work.now_proto();
    }
    for (size_t i = 0; i < after.size(); ++i) {
      // In the second round most lines are as they were.
      if (after[i].SerializeAsString() == before[i].SerializeAsString()) continue;
      RETURN_IF_ERROR(store_.lines().Update(work, before[i], after[i]));
    }
    return chassis::MoveTo(stocktake, again ? v1::Stocktake::STATE_RECOUNTING : v1::Stocktake::STATE_REVIEW);
  });
}

absl::StatusOr<std::vector<size_t>> StocktakeService::Judge(UnitOfWork& work, std::vector<v1::StocktakeLine>& lines,
                                                            v1::Stocktake& stocktake) {
  ASSIGN_OR_RETURN(const v1::PartsPolicy policy, policies_.Get(work.sql(), work.store_id()));
  // Under the lock nothing moves between the two looks at account and ledger.
  ASSIGN_OR_RETURN(const OnShelves on_shelves, store_.LockShelves(work, lines));
  absl::Time since = absl::InfiniteFuture();
  for (const v1::StocktakeLine& line : lines) since = std::min(since, chassis::FromProto(line.count_time()));
  ASSIGN_OR_RETURN(const auto later, store_.MovementsSince(work, lines, since));
  std::map<std::string, std::vector<v1::StockMovement>> later_of;
  for (const v1::StockMovement& movement : later) later_of[movement.part_id()].push_back(movement);
  ASSIGN_OR_RETURN(const StocksByPart stocks, ledger_.Stocks(work.sql(), work.store_id(), PartIdsOf(lines)));
  std::vector<size_t> deviating;
  for (size_t i = 0; i < lines.size(); ++i) {
    Hold(lines[i], on_shelves, later_of[lines[i].part_id()], stocks);
    if (Deviates(lines[i], policy)) deviating.push_back(i);
  }
  SumUp(lines, stocks, stocktake);
  return deviating;
}

absl::StatusOr<v1::Stocktake> StocktakeService::Recount(chassis::Call& call, const v1::RequestRecountRequest& request) {
  return Change(call, request.stocktake_id(), [&](UnitOfWork& work, v1::Stocktake& stocktake) -> absl::Status {
    work.Because(request.reason());
    RETURN_IF_ERROR(chassis::RequireState(stocktake, {v1::Stocktake::STATE_REVIEW}));
    RETURN_IF_ERROR(chassis::MoveTo(stocktake, v1::Stocktake::STATE_RECOUNTING));
    stocktake.clear_review_time();
    const std::set<std::string> ids(request.stocktake_line_ids().begin(), request.stocktake_line_ids().end());
    ASSIGN_OR_RETURN(const auto lines, store_.LockLines(work, stocktake.stocktake_id(), {ids.begin(), ids.end()}));
    for (const std::string& id : ids) {
      const bool known = std::any_of(lines.begin(), lines.end(),
                                     [&](const v1::StocktakeLine& line) { return line.stocktake_line_id() == id; });
      if (!known) return LineUnknown(id, "stocktake_line_ids");
    }
    for (const v1::StocktakeLine& before : lines) {
      v1::StocktakeLine after = before;
      RETURN_IF_ERROR(SendBack(after));
      RETURN_IF_ERROR(store_.lines().Update(work, before, after));
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<v1::Stocktake> StocktakeService::Approve(chassis::Call& call,
                                                        const v1::ApproveStocktakeRequest& request) {
  absl::StatusOr<v1::Stocktake> posted =
      Change(call, request.stocktake_id(), [&](UnitOfWork& work, v1::Stocktake& stocktake) -> absl::Status {
        work.Because(request.reason());
        RETURN_IF_ERROR(chassis::MoveTo(stocktake, v1::Stocktake::STATE_POSTED));
        ASSIGN_OR_RETURN(const bool counted, store_.Counted(work, stocktake.stocktake_id(), work.actor().subject));
        if (counted) return chassis::Refuse(v1::STOCK_CONTROL_ERROR_REASON_APPROVER_COUNTED);
        stocktake.set_approver(work.actor().subject);
        stocktake.set_reason(request.reason());
        *stocktake.mutable_post_time() = work.now_proto();
        RETURN_IF_ERROR(Conclude(work, stocktake));
        // Moves goods, so it comes last.
        return Post(work, request, call.identity(), stocktake);
      });
  if (posted.ok()) {
    lines_deviating_.Increment(posted->deviating_line_count());
    lines_right_.Increment(posted->line_count() - posted->deviating_line_count());
  }
  return posted;
}

absl::Status StocktakeService::Conclude(UnitOfWork& work, const v1::Stocktake& stocktake) {
  RETURN_IF_ERROR(store_.Thaw(work, stocktake.stocktake_id()));
  if (stocktake.state() == v1::Stocktake::STATE_CANCELLED) {
    return work.WaiveDuties(kStocktakeOpenDuty, stocktake.stocktake_id(), stocktake.reason());
  }
  RETURN_IF_ERROR(work.CompleteDuties(kStocktakeOpenDuty, stocktake.stocktake_id(), "posted"));
  const bool whole = stocktake.kind() == v1::Stocktake::KIND_FULL && stocktake.warehouse_id().empty();
  for (const auto part_class : kClasses) {
    if (!whole && stocktake.part_class() != part_class) continue;
    RETURN_IF_ERROR(work.CompleteDuties(kStocktakeDueDuty, ClassId(work.store_id(), part_class), stocktake.number()));
  }
  return absl::OkStatus();
}

absl::Status StocktakeService::Post(UnitOfWork& work, const v1::ApproveStocktakeRequest& request,
                                    const chassis::identity::Identity& caller, v1::Stocktake& stocktake) {
  std::map<std::string, std::string> reasons;
  for (const auto& line : request.lines()) reasons[line.stocktake_line_id()] = line.reason();
  ASSIGN_OR_RETURN(const auto lines, store_.LockAllLines(work, stocktake.stocktake_id()));
  std::vector<v1::StocktakeLine> before, after;
  std::vector<std::string> location_ids;
  for (const v1::StocktakeLine& line : lines) {
    const auto reason = reasons.find(line.stocktake_line_id());
    const bool named = reason != reasons.end();
    const std::string why = named ? reason->second : request.reason();
    if (named) reasons.erase(reason);
    if (line.difference_milli() == 0) continue;
    before.push_back(line);
    after.push_back(line);
    after.back().set_reason(why);
    location_ids.push_back(line.location_id());
  }
  if (!reasons.empty()) return LineUnknown(reasons.begin()->first, "lines");
  ASSIGN_OR_RETURN(const v1::PartsPolicy policy, policies_.Get(work.sql(), work.store_id()));
  const std::vector<std::string> part_ids = PartIdsOf(after);
  ASSIGN_OR_RETURN(const PartsById parts, catalogue_.ByIds(work.sql(), work.store_id(), part_ids));
  ASSIGN_OR_RETURN(const Places places, locations_.ByIds(work.sql(), work.store_id(), location_ids));
  ASSIGN_OR_RETURN(const StockDeltas taken_back, TakeBackMissing(work, after, places));
  RETURN_IF_ERROR(ledger_.LockBalances(work, part_ids).status());
  ASSIGN_OR_RETURN(const StocksByPart stocks, ledger_.LockStocks(work, part_ids));
  std::vector<v1::StockMovement> movements =
      Adjustments(after, AccountId(work.store_id(), v1::Location::KIND_VARIANCE), stocks);
  int64_t gain = 0, loss = 0;
  for (size_t i = 0; i < after.size(); ++i) {
    (after[i].difference_amount() > 0 ? gain : loss) += std::abs(after[i].difference_amount());
    RETURN_IF_ERROR(store_.lines().Update(work, before[i], after[i]));
  }
  stocktake.set_gain_amount(gain);
  stocktake.set_loss_amount(loss);
  const bool higher = caller.Has(options::ROLE_SERVICE_MANAGER) || caller.Has(options::ROLE_GROUP_MANAGER);
  if (gain + loss > policy.manager_variance_limit_amount() && !higher) {
    return chassis::Refuse(v1::STOCK_CONTROL_ERROR_REASON_VARIANCE_ABOVE_LIMIT)
        .With("amount", gain + loss)
        .With("limit", policy.manager_variance_limit_amount());
  }
  v1::StocktakePosted fact;
  fact.set_stocktake_id(stocktake.stocktake_id());
  fact.set_stocktake_number(stocktake.number());
  fact.set_line_count(stocktake.line_count());
  fact.set_deviating_line_count(stocktake.deviating_line_count());
  fact.set_gain_amount(gain);
  fact.set_loss_amount(loss);
  work.Publish(fact, {"stocktake", stocktake.stocktake_id(), 1});
  const Paper paper{v1::DOCUMENT_KIND_STOCKTAKE, stocktake.stocktake_id(), stocktake.number(), request.reason()};
  return PostInPortions(work, paper, parts, places, std::move(movements), taken_back);
}

absl::Status StocktakeService::PostInPortions(UnitOfWork& work, const Paper& paper, const PartsById& parts,
                                              const Places& places, std::vector<v1::StockMovement> movements,
                                              const StockDeltas& more) {
  std::stable_sort(movements.begin(), movements.end(),
                   [](const auto& a, const auto& b) { return a.part_id() < b.part_id(); });
  size_t start = 0;
  while (start < movements.size()) {
    size_t end = std::min(start + kMovementsPerPosting, movements.size());
    // A part is posted whole: what is taken back from its reservations goes with it.
    while (end < movements.size() && movements[end].part_id() == movements[end - 1].part_id()) ++end;
    std::vector<v1::StockMovement> portion(movements.begin() + static_cast<int64_t>(start),
                                           movements.begin() + static_cast<int64_t>(end));
    StockDeltas with;
    for (const v1::StockMovement& movement : portion) {
      if (const auto delta = more.find(movement.part_id()); delta != more.end()) with.insert(*delta);
    }
    RETURN_IF_ERROR(book_.Post(work, paper, parts, places, portion, {}, with));
    start = end;
  }
  return absl::OkStatus();
}

absl::StatusOr<StockDeltas> StocktakeService::TakeBackMissing(UnitOfWork& work,
                                                              const std::vector<v1::StocktakeLine>& deviating,
                                                              const Places& places) {
  std::map<std::string, int64_t> serving;  // by part: what posting does to the goods reservations are served from
  for (const v1::StocktakeLine& line : deviating) {
    if (IsServing(places.at(line.location_id()).kind())) serving[line.part_id()] += line.difference_milli();
  }
  std::vector<std::string> part_ids;
  for (const auto& [part_id, change] : serving) {
    if (change < 0) part_ids.push_back(part_id);
  }
  ASSIGN_OR_RETURN(const StocksByPart stocks, ledger_.Stocks(work.sql(), work.store_id(), part_ids));
  std::map<std::string, int64_t> missing;
  part_ids.clear();
  for (const auto& [part_id, stock] : stocks) {
    const int64_t uncovered = -serving[part_id] - stock.available_milli();
    if (uncovered <= 0) continue;
    missing[part_id] = uncovered;
    part_ids.push_back(part_id);
  }
  if (missing.empty()) return StockDeltas();
  ASSIGN_OR_RETURN(const auto holders, store_.HoldersOf(work, part_ids));
  ASSIGN_OR_RETURN(const auto before, reservations_.LockByIds(work, holders));
  std::vector<v1::Reservation> after = before;
  const StockDeltas deltas = FallShort(after, missing);
  for (size_t i = 0; i < after.size(); ++i) {
    if (after[i].SerializeAsString() == before[i].SerializeAsString()) continue;
    RETURN_IF_ERROR(reservations_.table().Update(work, before[i], after[i]));
  }
  return deltas;
}

absl::StatusOr<v1::Stocktake> StocktakeService::Cancel(chassis::Call& call, const v1::CancelStocktakeRequest& request) {
  return Change(call, request.stocktake_id(), [&](UnitOfWork& work, v1::Stocktake& stocktake) -> absl::Status {
    work.Because(request.reason());
    RETURN_IF_ERROR(chassis::MoveTo(stocktake, v1::Stocktake::STATE_CANCELLED));
    stocktake.set_reason(request.reason());
    return Conclude(work, stocktake);
  });
}

absl::StatusOr<v1::ListStocktakeLinesResponse> StocktakeService::ListLines(
    chassis::Call& call, const v1::ListStocktakeLinesRequest& request) {
  return call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<v1::ListStocktakeLinesResponse> {
    ASSIGN_OR_RETURN(const v1::Stocktake stocktake,
                     store_.stocktakes().Get(session, request.store_id(), request.stocktake_id()));
    chassis::records::ListQuery query = chassis::records::QueryFrom(request);
    query.scope = request.store_id();
    query.filter = absl::StrCat("stocktake_id = \"", request.stocktake_id(), "\"",
                                request.filter().empty() ? "" : " AND ", request.filter());
    v1::ListStocktakeLinesResponse response;
    RETURN_IF_ERROR(store_.lines().List(
        session, query, [&] { return response.add_stocktake_lines(); }, *response.mutable_next_page_token()));
    if (!IsBlind(stocktake)) return response;
    for (v1::StocktakeLine& line : *response.mutable_stocktake_lines()) Blindfold(line);
    return response;
  });
}

absl::Status StocktakeService::RemindOfClasses() {
  const absl::Time now = host_.clock().Now();
  for (const auto part_class : kClasses) {
    std::vector<std::string> due;
    RETURN_IF_ERROR(host_.pool().Read(now + absl::Seconds(30), [&](chassis::sql::Session& session) -> absl::Status {
      due.clear();
      ASSIGN_OR_RETURN(const auto counts, store_.LastCounts(session, part_class));
      for (const StocktakeStore::LastCount& last : counts) {
        ASSIGN_OR_RETURN(const v1::PartsPolicy policy, policies_.Get(session, last.store_id));
        const int32_t per_year = CountsPerYear(policy, part_class);
        if (per_year == 0 || now < last.time + kYear / per_year) continue;
        ASSIGN_OR_RETURN(const bool reminded,
                         store_.IsReminded(session, last.store_id, ClassId(last.store_id, part_class)));
        if (!reminded) due.push_back(last.store_id);
      }
      return absl::OkStatus();
    }));
    for (const std::string& store_id : due) {
      RETURN_IF_ERROR(host_.CommitInBackground(store_id, "RemindOfStocktake", [&](UnitOfWork& work) {
        work.Owe(DutyOf(kStocktakeDueDuty, "part_class", ClassId(store_id, part_class), ClassName(part_class),
                        work.now() + kDueNotice));
        return absl::OkStatus();
      }));
    }
  }
  return absl::OkStatus();
}

}  // namespace parts
