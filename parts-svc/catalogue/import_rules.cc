// Reads the catalogue from CSV; see import_rules.h.
#include "parts-svc/catalogue/import_rules.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "aftersales/parts/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"

namespace parts {
namespace {

using Error = std::optional<v1::ImportPartsResponse::LineError>;

// Reads one cell into the line; an error says what the cell should have been.
struct Problem {
  std::string_view rule;
  std::string_view zh;
  std::string_view en;
};
using CellReader = std::function<std::optional<Problem>(const std::string&, ImportLine&)>;

constexpr Problem kNotANumber{"number", "应为整数", "must be a whole number"};
constexpr Problem kNotABoolean{"boolean", "应为 true/false、1/0 或 是/否", "must be true/false, 1/0 or 是/否"};
constexpr Problem kNotAChoice{"choice", "不是允许的取值", "is none of the values allowed"};
constexpr Problem kNotAReference{"reference", "应为 品牌:编号，用分号分隔",
                                 "must be BRAND:NUMBER, separated by semicolons"};

constexpr Problem kNotAModel{"model", "应为 车型 或 车型/车架号前缀/起始号-终止号，用分号分隔",
                             "must be MODEL or MODEL/PREFIX/FROM-TO, separated by semicolons"};

template <typename Set>
CellReader Text(Set set) {
  return [set](const std::string& cell, ImportLine& line) -> std::optional<Problem> {
    set(line.part, cell);
    return std::nullopt;
  };
}

template <typename Set>
CellReader Number(Set set) {
  return [set](const std::string& cell, ImportLine& line) -> std::optional<Problem> {
    int64_t value = 0;
    if (cell.empty()) return std::nullopt;
    if (!absl::SimpleAtoi(cell, &value)) return kNotANumber;
    set(line, value);
    return std::nullopt;
  };
}

template <typename Set>
CellReader Boolean(Set set) {
  return [set](const std::string& cell, ImportLine& line) -> std::optional<Problem> {
    const std::string word = absl::AsciiStrToLower(cell);
    const bool yes = word == "true" || word == "1" || word == "yes" || word == "是";
    const bool no = word.empty() || word == "false" || word == "0" || word == "no" || word == "否";
    if (!yes && !no) return kNotABoolean;
    set(line.part, yes);
    return std::nullopt;
  };
}

// "A4;A6/LSVAA2A19N1/100000-199999": a model, or a model with how its VINs begin and their serial numbers.
std::optional<Problem> ReadModels(const std::string& cell, ImportLine& line) {
  for (absl::string_view entry : absl::StrSplit(cell, ';', absl::SkipWhitespace())) {
    const std::vector<std::string> words = absl::StrSplit(absl::StripAsciiWhitespace(entry), '/');
    if (words.size() > 3) return kNotAModel;
    v1::PartFitment& fitment = *line.part.add_fitments();
    fitment.set_model_code(words[0]);
    if (words.size() > 1) fitment.set_vin_prefix(words[1]);
    if (words.size() < 3) continue;
    const std::vector<std::string> serials = absl::StrSplit(words[2], '-');
    if (serials.size() != 2) return kNotAModel;
    fitment.set_serial_from(serials[0]);
    fitment.set_serial_to(serials[1]);
  }
  return std::nullopt;
}

std::optional<Problem> ReadCrossReferences(const std::string& cell, ImportLine& line) {
  for (absl::string_view text : absl::StrSplit(cell, ';', absl::SkipWhitespace())) {
    const std::vector<std::string> halves = absl::StrSplit(text, absl::MaxSplits(':', 1));
    if (halves.size() != 2) return kNotAReference;
    auto& reference = *line.part.add_cross_references();
    reference.set_brand(std::string(absl::StripAsciiWhitespace(halves[0])));
    reference.set_reference_number(std::string(absl::StripAsciiWhitespace(halves[1])));
  }
  return std::nullopt;
}

std::optional<Problem> ReadUnit(const std::string& cell, ImportLine& line) {
  v1::Part::Unit unit = v1::Part::UNIT_UNSPECIFIED;
  if (!v1::Part::Unit_Parse("UNIT_" + absl::AsciiStrToUpper(cell), &unit) || unit == v1::Part::UNIT_UNSPECIFIED) {
    return kNotAChoice;
  }
  line.part.set_unit(unit);
  return std::nullopt;
}

std::optional<Problem> ReadTracking(const std::string& cell, ImportLine& line) {
  v1::Part::Tracking tracking = v1::Part::TRACKING_NONE;
  if (!cell.empty() && !v1::Part::Tracking_Parse("TRACKING_" + absl::AsciiStrToUpper(cell), &tracking)) {
    return kNotAChoice;
  }
  line.part.set_tracking(tracking);
  return std::nullopt;
}

const std::map<std::string, CellReader>& Columns() {
  static const auto* columns = new std::map<std::string, CellReader>{
      {"part_number", Text([](v1::Part& part, const std::string& text) { part.set_part_number(text); })},
      {"name_zh", Text([](v1::Part& part, const std::string& text) { part.set_name_zh(text); })},
      {"name_en", Text([](v1::Part& part, const std::string& text) { part.set_name_en(text); })},
      {"brand", Text([](v1::Part& part, const std::string& text) { part.set_brand(text); })},
      {"category", Text([](v1::Part& part, const std::string& text) { part.set_category(text); })},
      {"original", Boolean([](v1::Part& part, bool flag) { part.set_original(flag); })},
      {"safety_critical", Boolean([](v1::Part& part, bool flag) { part.set_safety_critical(flag); })},
      {"high_value", Boolean([](v1::Part& part, bool flag) { part.set_high_value(flag); })},
      {"old_part_tracked", Boolean([](v1::Part& part, bool flag) { part.set_old_part_tracked(flag); })},
      {"pack_quantity_milli",
       Number([](ImportLine& line, int64_t value) { line.part.set_pack_quantity_milli(value); })},
      {"unit", ReadUnit},
      {"tracking", ReadTracking},
      {"step_milli", Number([](ImportLine& line, int64_t value) { line.part.set_step_milli(value); })},
      {"tax_basis_points", Number([](ImportLine& line, int64_t value) {
         line.part.set_tax_basis_points(static_cast<int32_t>(std::clamp<int64_t>(value, -1, 1000000)));
       })},
      {"shelf_life_days", Number([](ImportLine& line, int64_t value) {
         line.part.set_shelf_life_days(static_cast<int32_t>(std::clamp<int64_t>(value, -1, 1000000)));
       })},
      {"retail_price_amount", Number([](ImportLine& line, int64_t value) { line.retail_price_amount = value; })},
      {"models", ReadModels},
      {"cross_references", ReadCrossReferences},
      {"superseded_by",
       [](const std::string& cell, ImportLine& line) -> std::
                                                         optional<Problem> {
                                                           line.superseded_by = cell;
                                                           return std::nullopt;
                                                         }},
  };
  return *columns;
}

absl::Status WrongHeader(std::string_view why_zh, std::string_view why_en) {
  return chassis::Refuse(v1::ERROR_REASON_IMPORT_HEADER)
      .With("why_zh", why_zh)
      .With("why_en", why_en)
      .At("csv", why_zh, why_en);
}

absl::Status CheckHeader(const std::vector<std::string>& header, std::set<std::string>& columns) {
  for (const std::string& column : header) {
    if (Columns().count(column) == 0) {
      return WrongHeader(absl::StrCat("没有名为“", column, "”的列"),
                         absl::StrCat("there is no column \"", column, "\""));
    }
    if (!columns.insert(column).second) {
      return WrongHeader(absl::StrCat("列“", column, "”重复"),
                         absl::StrCat("column \"", column, "\" stands there twice"));
    }
  }
  if (columns.count("part_number") == 0) return WrongHeader("缺少 part_number 列", "column \"part_number\" is missing");
  return absl::OkStatus();
}

}  // namespace

v1::ImportPartsResponse::LineError LineError(int line_number, std::string_view field, std::string_view rule,
                                             std::string_view zh, std::string_view en) {
  v1::ImportPartsResponse::LineError error;
  error.set_line_number(line_number);
  error.set_field(std::string(field));
  error.set_rule(std::string(rule));
  error.set_zh(std::string(zh));
  error.set_en(std::string(en));
  return error;
}

Error ReadLine(const std::vector<std::string>& header, const CsvRecord& record, ImportLine& line) {
  line.line_number = record.line_number;
  if (record.fields.size() != header.size()) {
    return LineError(record.line_number, "", "columns",
                     absl::StrCat("应有 ", header.size(), " 列，实有 ", record.fields.size()),
                     absl::StrCat("should have ", header.size(), " columns, has ", record.fields.size()));
  }
  for (size_t i = 0; i < header.size(); ++i) {
    const std::string cell(absl::StripAsciiWhitespace(record.fields[i]));
    if (const auto problem = Columns().at(header[i])(cell, line)) {
      return LineError(record.line_number, header[i], problem->rule, problem->zh, problem->en);
    }
  }
  if (line.part.part_number().empty()) {
    return LineError(record.line_number, "part_number", "required", "必填", "is required");
  }
  if (line.retail_price_amount.has_value() && *line.retail_price_amount <= 0) {
    return LineError(record.line_number, "retail_price_amount", "minimum", "必须大于 0", "must be above 0");
  }
  return std::nullopt;
}

absl::StatusOr<std::vector<std::string>> ReadHeader(const std::vector<std::string>& cells) {
  std::vector<std::string> header;
  header.reserve(cells.size());
  for (const std::string& cell : cells) header.emplace_back(absl::StripAsciiWhitespace(cell));
  std::set<std::string> columns;
  RETURN_IF_ERROR(CheckHeader(header, columns));
  return header;
}

CsvPiece ReadPiece(std::string_view text, int line_number, TextEnd end, size_t records_max) {
  CsvPiece piece;
  piece.next_line = line_number;
  CsvRecord record{line_number, {}};
  std::string field;
  bool quoted = false;
  int line = line_number;
  const auto end_record = [&](size_t next) {
    record.fields.push_back(std::move(field));
    field.clear();
    const bool blank = record.fields.size() == 1 && absl::StripAsciiWhitespace(record.fields[0]).empty();
    if (!blank) piece.records.push_back(std::move(record));
    record = CsvRecord{line, {}};
    piece.consumed_bytes = next;
    piece.next_line = line;
  };
  size_t i = 0;
  if (text.substr(0, 3) == "\xef\xbb\xbf" && line_number == 1) i = 3;  // spreadsheets write a byte order mark
  for (; i < text.size() && piece.records.size() < records_max; ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\n') ++line;
      if (c != '"') {
        field.push_back(c);
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        field.push_back('"');
        ++i;
      } else {
        quoted = false;
      }
    } else if (c == '"' && field.empty()) {
      quoted = true;
    } else if (c == ',') {
      record.fields.push_back(std::move(field));
      field.clear();
    } else if (c == '\n') {
      ++line;
      end_record(i + 1);
    } else if (c != '\r') {
      field.push_back(c);
    }
  }
  const bool rest = i == text.size() && piece.consumed_bytes < text.size();
  piece.open_quote = rest && quoted;
  if (rest && end == TextEnd::kWhole && !quoted) {
    ++line;
    end_record(text.size());
  }
  return piece;
}

absl::StatusOr<std::vector<CsvRecord>> ReadCsv(std::string_view text) {
  CsvPiece piece = ReadPiece(text, 1, TextEnd::kWhole, text.size() + 1);
  if (piece.open_quote) {
    return chassis::InvalidField("csv", absl::StrCat("第 ", piece.next_line, " 行的引号没有结束"),
                                 absl::StrCat("the quote in line ", piece.next_line, " is never closed"));
  }
  return std::move(piece.records);
}

absl::StatusOr<ImportSheet> ReadSheet(std::string_view csv) {
  ASSIGN_OR_RETURN(const std::vector<CsvRecord> records, ReadCsv(csv));
  if (records.empty()) return WrongHeader("没有表头", "there is none");
  if (records.size() - 1 > kImportLinesMax) {
    return chassis::Refuse(v1::ERROR_REASON_IMPORT_TOO_LONG)
        .With("limit", kImportLinesMax)
        .At("csv", "行数过多", "holds too many lines");
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> header, ReadHeader(records[0].fields));
  ImportSheet sheet;
  sheet.columns.insert(header.begin(), header.end());
  std::map<std::string, int> lines_by_number;
  for (size_t i = 1; i < records.size(); ++i) {
    ImportLine line;
    if (Error error = ReadLine(header, records[i], line)) {
      sheet.errors.push_back(*std::move(error));
      continue;
    }
    const auto [first, is_new] = lines_by_number.emplace(line.part.part_number(), line.line_number);
    if (!is_new) {
      sheet.errors.push_back(LineError(line.line_number, "part_number", "unique",
                                       absl::StrCat("与第 ", first->second, " 行重复"),
                                       absl::StrCat("stands in line ", first->second, " already")));
      continue;
    }
    sheet.lines.push_back(std::move(line));
  }
  return sheet;
}

Error CheckNewPart(const ImportLine& line) {
  const std::array<std::pair<std::string_view, bool>, 4> needed{{{"name_zh", line.part.name_zh().empty()},
                                                                 {"name_en", line.part.name_en().empty()},
                                                                 {"brand", line.part.brand().empty()},
                                                                 {"unit", line.part.unit() == 0}}};
  for (const auto& [column, missing] : needed) {
    if (missing) return LineError(line.line_number, column, "required", "新配件必填", "is required for a new part");
  }
  return std::nullopt;
}

Error Merge(const ImportLine& line, const std::set<std::string>& columns, v1::Part& part) {
  const auto immutable = [&](std::string_view column) {
    return LineError(line.line_number, column, "immutable", "建档后不可修改", "cannot be changed once the part exists");
  };
  const v1::Part& given = line.part;
  const auto has = [&](std::string_view column) { return columns.count(std::string(column)) > 0; };
  if (has("unit") && given.unit() != part.unit()) return immutable("unit");
  if (has("step_milli") && given.step_milli() != 0 && given.step_milli() != part.step_milli()) {
    return immutable("step_milli");
  }
  if (has("tracking") && given.tracking() != part.tracking()) return immutable("tracking");
  if (has("name_zh")) part.set_name_zh(given.name_zh());
  if (has("name_en")) part.set_name_en(given.name_en());
  if (has("brand")) part.set_brand(given.brand());
  if (has("category")) part.set_category(given.category());
  if (has("original")) part.set_original(given.original());
  if (has("safety_critical")) part.set_safety_critical(given.safety_critical());
  if (has("high_value")) part.set_high_value(given.high_value());
  if (has("old_part_tracked")) part.set_old_part_tracked(given.old_part_tracked());
  if (has("pack_quantity_milli")) part.set_pack_quantity_milli(given.pack_quantity_milli());
  if (has("shelf_life_days")) part.set_shelf_life_days(given.shelf_life_days());
  if (has("tax_basis_points")) {
    if (given.has_tax_basis_points()) {
      part.set_tax_basis_points(given.tax_basis_points());
    } else {
      part.clear_tax_basis_points();
    }
  }
  if (has("models")) *part.mutable_fitments() = given.fitments();
  if (has("cross_references")) *part.mutable_cross_references() = given.cross_references();
  return std::nullopt;
}

}  // namespace parts
