// What one line of an import makes of the catalogue (P-01), and the catalogue as CSV again. Pure: the store brings
// what is known, the job writes what comes out.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "aftersales/parts/v1/part_import.pb.h"
#include "parts-svc/catalogue/catalogue_rules.h"
#include "parts-svc/catalogue/import_rules.h"

namespace parts {

inline constexpr int kImportFileLinesMax = 200000;
inline constexpr int kErrorsShown = 20;
// A longer record is one whose quotes were never closed.
inline constexpr size_t kRecordBytesMax = 64 << 10;

using LineErrors = std::vector<v1::ImportPartsResponse::LineError>;

// A line as it will be loaded.
struct StagedLine {
  enum class Outcome { kNew, kChanged, kSame, kBad };
  int line_number = 0;
  Outcome outcome = Outcome::kBad;
  v1::Part part;  // as it will be; of a bad line what could be read
  std::string successor_number;
  std::optional<int64_t> retail_price_amount;
  bool new_price = false;
  std::string before_json;  // of a changed part
  LineErrors errors;
};

// What is known of the numbers in a piece of the file.
struct Known {
  std::map<std::string, v1::Part> parts;            // whole, by number
  std::map<std::string, int64_t> prices;            // retail in force, by part id
  std::map<std::string, int> lines_of_this_import;  // by number: where it stood before
};

// Merges the line into what is known and judges it. A new part has no id yet.
StagedLine Judge(const ImportLine& line, const std::set<std::string>& columns, const Known& known);

// One link of a supersession: from line or catalogue.
struct WantedSuccessor {
  int line_number = 0;
  std::string part_number;
  std::string part_id;
  std::string successor_number;
};
// Judges the wanted successors together: each must exist (`ids_by_number` holds the numbers of lines and catalogue that
// do) and no chain may turn back or grow too long; `parts` holds the catalogue's side of the chains. A line that falls
// takes its own number with it when only this import would have made it (`made_here`).
LineErrors JudgeSuccessors(const std::vector<WantedSuccessor>& wanted, std::map<std::string, std::string> ids_by_number,
                           const std::set<std::string>& made_here, PartsById parts);

std::string OutcomeName(StagedLine::Outcome outcome);

// The export: header and one line per part, in the columns an import takes.
std::string CsvHeader();
std::string CsvLine(const v1::Part& part, const std::string& successor_number, std::optional<int64_t> retail_price);

}  // namespace parts
