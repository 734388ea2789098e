// Judging the lines of an import; see part_import_rules.h.
#include "parts-svc/import/part_import_rules.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "chassis/server/validation.h"
#include "chassis/status/refusal.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/message_differencer.h"

namespace parts {
namespace {

// What a status blames on the line.
void Blame(int line_number, const absl::Status& status, LineErrors& errors) {
  const auto refusal = chassis::RefusalIn(status);
  for (const auto& violation : refusal.violations()) {
    std::string field = violation.field();
    if (field.rfind("part.", 0) == 0) field.erase(0, 5);
    errors.push_back(LineError(line_number, field, "value", violation.zh(), violation.en()));
  }
}

std::string Quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted.push_back('"');
    quoted.push_back(c);
  }
  quoted.push_back('"');
  return quoted;
}

std::string ModelsOf(const v1::Part& part) {
  std::vector<std::string> entries;
  for (const auto& fitment : part.fitments()) {
    std::string entry = fitment.model_code();
    if (!fitment.vin_prefix().empty()) absl::StrAppend(&entry, "/", fitment.vin_prefix());
    if (!fitment.serial_from().empty() || !fitment.serial_to().empty()) {
      absl::StrAppend(&entry, "/", fitment.serial_from(), "-", fitment.serial_to());
    }
    entries.push_back(std::move(entry));
  }
  return absl::StrJoin(entries, ";");
}

std::string ReferencesOf(const v1::Part& part) {
  std::vector<std::string> entries;
  for (const auto& reference : part.cross_references()) {
    entries.push_back(absl::StrCat(reference.brand(), ":", reference.reference_number()));
  }
  return absl::StrJoin(entries, ";");
}

std::string TrackingWord(v1::Part::Tracking tracking) {
  return absl::AsciiStrToLower(v1::Part::Tracking_Name(tracking).substr(sizeof("TRACKING_") - 1));
}

}  // namespace

StagedLine Judge(const ImportLine& line, const std::set<std::string>& columns, const Known& known) {
  StagedLine staged;
  staged.line_number = line.line_number;
  staged.successor_number = line.superseded_by;
  staged.retail_price_amount = line.retail_price_amount;
  staged.part = line.part;
  const std::string& number = line.part.part_number();
  if (const auto twin = known.lines_of_this_import.find(number); twin != known.lines_of_this_import.end()) {
    staged.errors.push_back(LineError(line.line_number, "part_number", "unique",
                                      absl::StrCat("与第 ", twin->second, " 行重复"),
                                      absl::StrCat("stands in line ", twin->second, " already")));
    return staged;
  }
  const auto before = known.parts.find(number);
  const bool is_new = before == known.parts.end();
  std::optional<v1::ImportPartsResponse::LineError> error;
  if (is_new) {
    Complete(staged.part);
    error = CheckNewPart(line);
  } else {
    staged.part = before->second;
    error = Merge(line, columns, staged.part);
  }
  if (error.has_value()) {
    staged.errors.push_back(*std::move(error));
    return staged;
  }
  Blame(line.line_number, chassis::Validate(staged.part), staged.errors);
  if (staged.errors.empty()) Blame(line.line_number, CheckPart(staged.part, "part"), staged.errors);
  if (!staged.errors.empty()) return staged;
  const bool same = !is_new && google::protobuf::util::MessageDifferencer::Equals(before->second, staged.part);
  staged.outcome = is_new ? StagedLine::Outcome::kNew
                   : same ? StagedLine::Outcome::kSame
                          : StagedLine::Outcome::kChanged;
  if (staged.outcome == StagedLine::Outcome::kChanged) {
    (void)google::protobuf::util::MessageToJsonString(before->second, &staged.before_json);
  }
  if (line.retail_price_amount.has_value()) {
    const auto price = known.prices.find(staged.part.part_id());
    staged.new_price = is_new || price == known.prices.end() || price->second != *line.retail_price_amount;
  }
  return staged;
}

LineErrors JudgeSuccessors(const std::vector<WantedSuccessor>& wanted, std::map<std::string, std::string> ids_by_number,
                           const std::set<std::string>& made_here, PartsById parts) {
  LineErrors errors;
  std::set<int> fallen;
  const auto fall = [&](const WantedSuccessor& link, std::string_view rule, std::string_view zh, std::string_view en) {
    errors.push_back(LineError(link.line_number, "superseded_by", rule, zh, en));
    fallen.insert(link.line_number);
    if (made_here.count(link.part_number) > 0) ids_by_number.erase(link.part_number);
  };
  // A line that falls may be another one's successor: until nothing changes.
  const auto drop_unknown = [&] {
    for (bool again = true; again;) {
      again = false;
      for (const WantedSuccessor& link : wanted) {
        if (fallen.count(link.line_number) > 0 || ids_by_number.count(link.successor_number) > 0) continue;
        fall(link, "exists", "目录中没有此配件号", "is not in the catalogue");
        again = true;
      }
    }
  };
  drop_unknown();
  for (const WantedSuccessor& link : wanted) {
    if (fallen.count(link.line_number) > 0) continue;
    v1::Part& part = parts[link.part_id];
    part.set_part_id(link.part_id);
    part.set_part_number(link.part_number);
    part.set_successor_part_id(ids_by_number.at(link.successor_number));
    v1::Part& successor = parts[part.successor_part_id()];
    successor.set_part_id(part.successor_part_id());
    if (successor.part_number().empty()) successor.set_part_number(link.successor_number);
  }
  for (const WantedSuccessor& link : wanted) {
    if (fallen.count(link.line_number) > 0) continue;
    std::vector<v1::Part> chain;
    for (const std::string& part_id : Successors(parts, link.part_id)) chain.push_back(parts.at(part_id));
    const absl::Status status = CheckSuccessor(parts.at(link.part_id), chain, 0);
    if (status.ok()) continue;
    const auto refusal = chassis::RefusalIn(status);
    fall(link, "supersession", chassis::Worded(refusal, "zh-CN"), chassis::Worded(refusal, "en"));
  }
  drop_unknown();
  return errors;
}

std::string OutcomeName(StagedLine::Outcome outcome) {
  switch (outcome) {
    case StagedLine::Outcome::kNew:
      return "NEW";
    case StagedLine::Outcome::kChanged:
      return "CHANGED";
    case StagedLine::Outcome::kSame:
      return "SAME";
    case StagedLine::Outcome::kBad:
      break;
  }
  return "BAD";
}

std::string CsvHeader() {
  return "part_number,name_zh,name_en,brand,original,unit,step_milli,tax_basis_points,safety_critical,high_value,"
         "shelf_life_days,tracking,category,pack_quantity_milli,old_part_tracked,models,cross_references,superseded_by,"
         "retail_price_amount\n";
}

std::string CsvLine(const v1::Part& part, const std::string& successor_number, std::optional<int64_t> retail_price) {
  const auto flag = [](bool set) { return set ? "1" : "0"; };
  return absl::StrCat(
      absl::StrJoin({part.part_number(), Quoted(part.name_zh()), Quoted(part.name_en()), Quoted(part.brand()),
                     std::string(flag(part.original())), UnitWord(part.unit()), absl::StrCat(part.step_milli()),
                     part.has_tax_basis_points() ? absl::StrCat(part.tax_basis_points()) : std::string(),
                     std::string(flag(part.safety_critical())), std::string(flag(part.high_value())),
                     absl::StrCat(part.shelf_life_days()), TrackingWord(part.tracking()), part.category(),
                     absl::StrCat(part.pack_quantity_milli()), std::string(flag(part.old_part_tracked())),
                     Quoted(ModelsOf(part)), Quoted(ReferencesOf(part)), successor_number,
                     retail_price.has_value() ? absl::StrCat(*retail_price) : std::string()},
                    ","),
      "\n");
}

}  // namespace parts
