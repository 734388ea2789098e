// Reads the catalogue from CSV (P-01): RFC 4180 text with a header line, every mistake named by line, column and
// rule. Pure; what the store knows already is merged here, looked up elsewhere.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "aftersales/parts/v1/catalogue.pb.h"

namespace parts {

namespace v1 = aftersales::parts::v1;

inline constexpr int kImportLinesMax = 2000;

struct ImportLine {
  int line_number = 0;
  v1::Part part;  // the columns given
  std::optional<int64_t> retail_price_amount;
  std::string superseded_by;  // part number
};

struct ImportSheet {
  std::set<std::string> columns;
  std::vector<ImportLine> lines;  // those that could be read
  std::vector<v1::ImportPartsResponse::LineError> errors;
};

// IMPORT_HEADER, IMPORT_TOO_LONG; anything wrong below the header is in `errors`.
absl::StatusOr<ImportSheet> ReadSheet(std::string_view csv);

// Which columns the file has. IMPORT_HEADER.
absl::StatusOr<std::vector<std::string>> ReadHeader(const std::vector<std::string>& cells);

// Records of fields; quotes may hold separators, quotes and line ends. Each with the line it starts at.
struct CsvRecord {
  int line_number = 0;
  std::vector<std::string> fields;
};
absl::StatusOr<std::vector<CsvRecord>> ReadCsv(std::string_view text);

// The line as the columns say; an error names its first mistake.
std::optional<v1::ImportPartsResponse::LineError> ReadLine(const std::vector<std::string>& header,
                                                           const CsvRecord& record, ImportLine& line);

// The whole records at the beginning of `text`, which starts a record at `line_number`; `text` may end anywhere.
struct CsvPiece {
  std::vector<CsvRecord> records;
  size_t consumed_bytes = 0;  // up to the end of the last whole record
  int next_line = 1;
  bool open_quote = false;  // what is left over stands inside quotes
};
enum class TextEnd { kMoreFollows, kWhole };
CsvPiece ReadPiece(std::string_view text, int line_number, TextEnd end, size_t records_max);

// What a new part needs and the line does not give; empty when it is complete.
std::optional<v1::ImportPartsResponse::LineError> CheckNewPart(const ImportLine& line);

// Writes the given columns over `part`. An error when the line would change what stays as it was created.
std::optional<v1::ImportPartsResponse::LineError> Merge(const ImportLine& line, const std::set<std::string>& columns,
                                                        v1::Part& part);

v1::ImportPartsResponse::LineError LineError(int line_number, std::string_view field, std::string_view rule,
                                             std::string_view zh, std::string_view en);

}  // namespace parts
