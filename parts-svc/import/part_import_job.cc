// The work behind an upload; see part_import_job.h.
#include "parts-svc/import/part_import_job.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "chassis/status/refusal.h"
#include "chassis/telemetry/log.h"

namespace parts {
namespace {

using chassis::UnitOfWork;

constexpr size_t kPieceBytes = 256 << 10;
constexpr size_t kPieceRecordsMax = 1000;
constexpr int kLoadLines = 2000;
constexpr absl::Duration kDeadline = absl::Minutes(10);
constexpr absl::Duration kAbandonedAfter = absl::Hours(7 * 24);
constexpr char kMethod[] = "PartImport/Advance";

bool AllOrNothing(const v1::PartImport& import) { return import.mode() != v1::ImportPartsRequest::MODE_GOOD_LINES; }

}  // namespace

PartImportJob::PartImportJob(chassis::Host& host)
    : host_(host),
      catalogue_(host.cipher()),
      store_(host.cipher()),
      good_lines_(host.metrics().Counter("parts_import_lines_total", "Lines of catalogue imports checked (P-01)",
                                         {{"outcome", "good"}})),
      bad_lines_(host.metrics().Counter("parts_import_lines_total", "Lines of catalogue imports checked (P-01)",
                                        {{"outcome", "bad"}})) {}

absl::StatusOr<PartImportJob::Progress> PartImportJob::Advance(const std::string& store_id,
                                                               const std::string& part_import_id) {
  Progress progress = Progress::kEnded;
  v1::PartImport before, after;
  const chassis::Command command{
      .store_id = store_id, .actor = host_.Self(), .method = kMethod, .request_id = "", .request_digest = ""};
  const absl::StatusOr<std::string> done =
      host_.Commit(command, host_.clock().Now() + kDeadline, [&](UnitOfWork& work) -> absl::StatusOr<std::string> {
        ASSIGN_OR_RETURN(before, store_.table().Lock(work, store_id, part_import_id));
        after = before;
        switch (before.state()) {
          case v1::PartImport::STATE_UPLOADING:
            RETURN_IF_ERROR(End(work, after, v1::PartImport::STATE_CANCELLED));
            break;
          case v1::PartImport::STATE_CHECKING:
            RETURN_IF_ERROR(CheckPiece(work, after));
            break;
          case v1::PartImport::STATE_LOADING:
            RETURN_IF_ERROR(AllOrNothing(before) ? LoadAll(work, after) : LoadPiece(work, after));
            break;
          default:
            progress = Progress::kEnded;
            return std::string();
        }
        progress = after.has_end_time() ? Progress::kEnded : Progress::kMore;
        work.Because(before.reason());
        RETURN_IF_ERROR(store_.table().Update(work, before, after));
        return std::string();
      });
  if (!done.ok()) return done.status();
  good_lines_.Increment(std::max(0, after.good_count() - before.good_count()));
  bad_lines_.Increment(std::max(0, after.bad_count() - before.bad_count()));
  return progress;
}

absl::Status PartImportJob::Turn(absl::Duration time_max) {
  const absl::Time end = host_.clock().Now() + time_max;
  std::vector<std::pair<std::string, std::string>> open;
  RETURN_IF_ERROR(
      host_.pool().Read(host_.clock().Now() + kDeadline, [&](chassis::sql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(open, store_.Open(session, host_.clock().Now() - kAbandonedAfter));
        return absl::OkStatus();
      }));
  for (const auto& [store_id, part_import_id] : open) {
    for (Progress progress = Progress::kMore; progress == Progress::kMore;) {
      if (host_.clock().Now() >= end) return absl::OkStatus();
      ASSIGN_OR_RETURN(progress, Advance(store_id, part_import_id));
    }
  }
  return absl::OkStatus();
}

absl::Status PartImportJob::CheckPiece(UnitOfWork& work, v1::PartImport& import) {
  ASSIGN_OR_RETURN(const std::string text, store_.Text(work.sql(), import, import.checked_bytes(), kPieceBytes));
  const TextEnd end = import.checked_bytes() + static_cast<int64_t>(text.size()) >= import.size_bytes()
                          ? TextEnd::kWhole
                          : TextEnd::kMoreFollows;
  CsvPiece piece = ReadPiece(text, import.checked_line(), end, kPieceRecordsMax);
  if (piece.consumed_bytes == 0 && (piece.open_quote || text.size() > kRecordBytesMax)) {
    return Fail(work, import, absl::StrCat("第 ", piece.next_line, " 行的引号没有结束"),
                absl::StrCat("the quote in line ", piece.next_line, " is never closed"));
  }
  if (import.columns().empty() && !piece.records.empty()) {
    const absl::StatusOr<std::vector<std::string>> header = ReadHeader(piece.records.front().fields);
    if (!header.ok()) {
      const auto refusal = chassis::RefusalIn(header.status());
      return Fail(work, import, chassis::Worded(refusal, "zh-CN"), chassis::Worded(refusal, "en"));
    }
    import.set_columns(absl::StrJoin(*header, ","));
    piece.records.erase(piece.records.begin());
  }
  RETURN_IF_ERROR(CheckRecords(work, import, piece.records));
  import.set_checked_bytes(import.checked_bytes() + static_cast<int64_t>(piece.consumed_bytes));
  import.set_checked_line(piece.next_line);
  if (import.line_count() > kImportFileLinesMax) {
    return Fail(work, import, absl::StrCat("一次最多导入 ", kImportFileLinesMax, " 行"),
                absl::StrCat("an import holds at most ", kImportFileLinesMax, " lines"));
  }
  if (import.checked_bytes() < import.size_bytes()) return absl::OkStatus();
  if (import.columns().empty()) return Fail(work, import, "没有表头", "there is no header");
  return FinishCheck(work, import);
}

absl::Status PartImportJob::CheckRecords(UnitOfWork& work, v1::PartImport& import,
                                         const std::vector<CsvRecord>& records) {
  const std::vector<std::string> header = absl::StrSplit(import.columns(), ',', absl::SkipEmpty());
  const std::set<std::string> columns(header.begin(), header.end());
  LineErrors errors;
  std::vector<ImportLine> lines;
  for (const CsvRecord& record : records) {
    ImportLine line;
    if (auto error = ReadLine(header, record, line)) {
      errors.push_back(*std::move(error));
    } else {
      lines.push_back(std::move(line));
    }
  }
  ASSIGN_OR_RETURN(Known known, KnownOf(work, import, lines));
  std::vector<StagedLine> good;
  int bad = static_cast<int>(errors.size());
  for (const ImportLine& line : lines) {
    StagedLine staged = Judge(line, columns, known);
    if (staged.outcome == StagedLine::Outcome::kBad) {
      ++bad;
      errors.insert(errors.end(), staged.errors.begin(), staged.errors.end());
      continue;
    }
    if (staged.outcome == StagedLine::Outcome::kNew) staged.part.set_part_id(work.NewId());
    known.lines_of_this_import.emplace(line.part.part_number(), line.line_number);
    good.push_back(std::move(staged));
  }
  RETURN_IF_ERROR(store_.AddLines(work, import, good));
  RETURN_IF_ERROR(store_.AddErrors(work, import, errors));
  import.set_line_count(import.line_count() + static_cast<int32_t>(records.size()));
  import.set_good_count(import.good_count() + static_cast<int32_t>(good.size()));
  import.set_bad_count(import.bad_count() + bad);
  return absl::OkStatus();
}

absl::StatusOr<Known> PartImportJob::KnownOf(UnitOfWork& work, const v1::PartImport& import,
                                             const std::vector<ImportLine>& lines) {
  Known known;
  std::set<std::string> numbers;
  for (const ImportLine& line : lines) numbers.insert(line.part.part_number());
  const std::vector<std::string> asked(numbers.begin(), numbers.end());
  ASSIGN_OR_RETURN(known.parts, catalogue_.WholeByNumbers(work.sql(), work.store_id(), asked));
  ASSIGN_OR_RETURN(known.lines_of_this_import, store_.LinesOf(work.sql(), import, asked));
  std::vector<std::string> priced;
  for (const ImportLine& line : lines) {
    if (!line.retail_price_amount.has_value()) continue;
    const auto part = known.parts.find(line.part.part_number());
    if (part != known.parts.end()) priced.push_back(part->second.part_id());
  }
  ASSIGN_OR_RETURN(known.prices,
                   catalogue_.PricesInForce(work.sql(), work.store_id(), v1::PRICE_LEVEL_RETAIL, priced, work.now()));
  return known;
}

absl::Status PartImportJob::FinishCheck(UnitOfWork& work, v1::PartImport& import) {
  RETURN_IF_ERROR(CheckSuccessors(work, import));
  if (import.bad_count() > 0 && AllOrNothing(import)) {
    return Fail(work, import, absl::StrCat(import.bad_count(), " 行有误，未导入任何内容"),
                absl::StrCat(import.bad_count(), " lines are wrong; nothing was stored"));
  }
  return chassis::MoveTo(import, v1::PartImport::STATE_LOADING);
}

absl::Status PartImportJob::CheckSuccessors(UnitOfWork& work, v1::PartImport& import) {
  ASSIGN_OR_RETURN(const std::vector<WantedSuccessor> wanted, store_.WantedSuccessors(work.sql(), import));
  if (wanted.empty()) return absl::OkStatus();
  std::set<std::string> numbers;
  for (const WantedSuccessor& link : wanted) {
    numbers.insert(link.part_number);
    numbers.insert(link.successor_number);
  }
  const std::vector<std::string> asked(numbers.begin(), numbers.end());
  std::map<std::string, std::string> ids_by_number;
  std::set<std::string> made_here;
  PartsById parts;
  ASSIGN_OR_RETURN(const auto in_catalogue, catalogue_.WholeByNumbers(work.sql(), work.store_id(), asked));
  for (const auto& [number, part] : in_catalogue) {
    ids_by_number[number] = part.part_id();
    parts[part.part_id()] = part;
  }
  RETURN_IF_ERROR(catalogue_.AddSuccessors(work.sql(), work.store_id(), parts));
  RETURN_IF_ERROR(store_.AddGoodLines(work.sql(), import, asked, ids_by_number, made_here));
  const LineErrors errors = JudgeSuccessors(wanted, std::move(ids_by_number), made_here, std::move(parts));
  if (errors.empty()) return absl::OkStatus();
  std::set<int> bad;
  for (const auto& error : errors) bad.insert(error.line_number());
  RETURN_IF_ERROR(store_.MarkBad(work.sql(), import, bad));
  RETURN_IF_ERROR(store_.AddErrors(work, import, errors));
  import.set_good_count(import.good_count() - static_cast<int32_t>(bad.size()));
  import.set_bad_count(import.bad_count() + static_cast<int32_t>(bad.size()));
  return absl::OkStatus();
}

absl::Status PartImportJob::LoadRange(UnitOfWork& work, v1::PartImport& import, int last) {
  ASSIGN_OR_RETURN(const Loaded loaded, store_.Load(work, import, {import.loaded_line(), last}));
  import.set_loaded_line(last);
  import.set_created_count(import.created_count() + loaded.created);
  import.set_updated_count(import.updated_count() + loaded.updated);
  import.set_unchanged_count(import.unchanged_count() + loaded.unchanged);
  import.set_price_count(import.price_count() + loaded.prices);
  return absl::OkStatus();
}

absl::Status PartImportJob::LoadPiece(UnitOfWork& work, v1::PartImport& import) {
  if (import.loaded_line() < import.checked_line()) {
    return LoadRange(work, import, std::min(import.loaded_line() + kLoadLines, import.checked_line()));
  }
  // Successors last: by now every number of the file is in the catalogue. Chains are judged once more, because the
  // catalogue went on meanwhile.
  RETURN_IF_ERROR(CheckSuccessors(work, import));
  RETURN_IF_ERROR(store_.LoadSuccessors(work, import));
  return End(work, import, v1::PartImport::STATE_DONE);
}

absl::Status PartImportJob::LoadAll(UnitOfWork& work, v1::PartImport& import) {
  const int32_t bad_before = import.bad_count();
  RETURN_IF_ERROR(CheckSuccessors(work, import));
  if (import.bad_count() > bad_before) {
    return Fail(work, import, "目录在检查之后有变动，未导入任何内容",
                "the catalogue changed after the check; nothing was stored");
  }
  while (import.loaded_line() < import.checked_line()) {
    RETURN_IF_ERROR(LoadRange(work, import, std::min(import.loaded_line() + kLoadLines, import.checked_line())));
  }
  RETURN_IF_ERROR(store_.LoadSuccessors(work, import));
  return End(work, import, v1::PartImport::STATE_DONE);
}

absl::Status PartImportJob::Fail(UnitOfWork& work, v1::PartImport& import, std::string_view zh, std::string_view en) {
  import.set_failure_zh(std::string(zh));
  import.set_failure_en(std::string(en));
  return End(work, import, v1::PartImport::STATE_FAILED);
}

absl::Status PartImportJob::End(UnitOfWork& work, v1::PartImport& import, v1::PartImport::State state) {
  RETURN_IF_ERROR(chassis::MoveTo(import, state));
  *import.mutable_end_time() = work.now_proto();
  return store_.DropChunks(work.sql(), import);
}

}  // namespace parts
