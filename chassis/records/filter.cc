// A hand-written scanner over one line of text: the grammar is four tokens long.
#include "chassis/records/filter.h"

#include <algorithm>
#include <cctype>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "chassis/records/cells.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"
#include "chassis/status/text.h"

namespace chassis::records {
namespace {

namespace common = aftersales::common::v1;
using sql::Null;
using sql::Value;

// What is echoed of a caller's text.
constexpr size_t kNearCharacters = 40;

absl::Status Wrong(std::string_view parameter, std::string_view near, std::string_view zh, std::string_view en) {
  // Cut at a character, not within one.
  size_t length = std::min(near.size(), kNearCharacters);
  while (length > 0 && length < near.size() && (static_cast<unsigned char>(near[length]) & 0xc0) == 0x80) --length;
  return Refuse(common::ERROR_REASON_FILTER)
      .With("near", near.substr(0, length))
      .With("why", en)
      .With("why_zh", zh)
      .At(parameter, zh, en);
}

const Column* Filterable(std::string_view name, const Shape& shape) {
  const Column* column = shape.Find(name);
  return column != nullptr && (column->filterable || column->key) ? column : nullptr;
}

bool IsOrdered(Kind kind) {
  return kind == Kind::kText || kind == Kind::kDate || kind == Kind::kInt || kind == Kind::kTime;
}

bool IsNameCharacter(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.'; }

class FilterParser {
 public:
  FilterParser(std::string_view text, const Shape& shape, const privacy::Cipher& cipher)
      : text_(text), shape_(shape), cipher_(cipher) {}

  absl::StatusOr<Condition> Parse() {
    Condition condition;
    Blank();
    if (at_ == text_.size()) return condition;
    for (size_t count = 1;; ++count) {
      if (count > kComparisonsMax) return At("条件过多", "too many comparisons");
      RETURN_IF_ERROR(Comparison(condition));
      Blank();
      if (at_ == text_.size()) return condition;
      if (Name() != "AND") return At("只能用 AND 连接条件", "comparisons are joined by AND");
    }
  }

 private:
  absl::Status At(std::string_view zh, std::string_view en) const {
    return Wrong("filter", text_.substr(std::min(token_, text_.size())), zh, en);
  }
  void Blank() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
    token_ = at_;
  }
  std::string_view Name() {
    Blank();
    while (at_ < text_.size() && IsNameCharacter(text_[at_])) ++at_;
    return text_.substr(token_, at_ - token_);
  }
  std::string_view Operator() {
    Blank();
    for (std::string_view op : {"!=", "<=", ">=", "=", "<", ">"}) {
      if (text_.substr(at_, op.size()) == op) {
        at_ += op.size();
        return op;
      }
    }
    return "";
  }
  // A quoted text with \" and \\ inside, or one word.
  absl::StatusOr<std::string> Operand() {
    Blank();
    const char quote = at_ < text_.size() ? text_[at_] : ' ';
    if (quote != '"' && quote != '\'') {
      while (at_ < text_.size() && (IsNameCharacter(text_[at_]) || text_[at_] == '-' || text_[at_] == ':')) ++at_;
      if (at_ == token_) return At("缺少比较值", "a value is missing");
      return std::string(text_.substr(token_, at_ - token_));
    }
    std::string operand;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == quote) {
        ++at_;
        return operand;
      }
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      operand.push_back(text_[at_]);
    }
    return At("引号未闭合", "the quotation mark is not closed");
  }

  absl::Status Comparison(Condition& condition) {
    const std::string_view name = Name();
    const Column* column = Filterable(name, shape_);
    if (column == nullptr) return At("此字段不能用于筛选", "this field cannot be filtered by");
    const std::string_view op = Operator();
    if (op.empty()) return At("应为 =、!=、<、<=、>、>= 之一", "expected one of = != < <= > >=");
    const bool equality = op == "=" || op == "!=";
    if (!equality && !IsOrdered(column->kind)) {
      return At("此字段只能用 = 或 != 比较", "this field can only be compared by = and !=");
    }
    ASSIGN_OR_RETURN(const std::string operand, Operand());
    if (column->kind == Kind::kSealedText) return ByBlindIndex(*column, op, operand, condition);
    absl::StatusOr<Value> cell = CellFromText(operand, *column);
    if (!cell.ok()) return At("值与字段类型不符", "the value does not fit the field");
    const std::string quoted = Quoted(column->name);
    if (std::holds_alternative<Null>(*cell)) {
      if (!equality) return At("空值只能用 = 或 != 比较", "an empty value can only be compared by = and !=");
      condition.And(quoted + (op == "=" ? " IS NULL" : " IS NOT NULL"), {});
    } else if (op == "!=" && column->Nullable()) {
      condition.And(absl::StrCat("(", quoted, " IS NULL OR ", quoted, " <> ?)"), {*std::move(cell)});
    } else {
      condition.And(absl::StrCat(quoted, " ", op == "!=" ? absl::string_view("<>") : Absl(op), " ?"),
                    {*std::move(cell)});
    }
    return absl::OkStatus();
  }

  absl::Status ByBlindIndex(const Column& column, std::string_view op, const std::string& operand,
                            Condition& condition) {
    if (!column.blind_index || op != "=") return At("此字段只能精确查找", "this field can only be searched exactly");
    condition.And(Quoted(column.IndexName()) + " = ?", {sql::Bytes{cipher_.BlindIndex(operand, column.place)}});
    return absl::OkStatus();
  }

  const std::string_view text_;
  const Shape& shape_;
  const privacy::Cipher& cipher_;
  size_t at_ = 0;
  size_t token_ = 0;  // where the token under inspection begins
};

// Rows whose column lies strictly beyond `value`. NULL sorts first, on both servers.
Condition Beyond(const OrderTerm& term, const Value& value) {
  const std::string column = Quoted(term.column->name);
  const bool null = std::holds_alternative<Null>(value);
  if (null) return {term.descending ? "1 = 0" : column + " IS NOT NULL", {}};
  if (!term.descending) return {column + " > ?", {value}};
  if (!term.column->Nullable()) return {column + " < ?", {value}};
  return {absl::StrCat("(", column, " < ? OR ", column, " IS NULL)"), {value}};
}

}  // namespace

void Condition::And(std::string_view more, std::vector<Value> more_values) {
  if (!sql.empty()) sql.append(" AND ");
  sql.append(more);
  for (Value& value : more_values) values.push_back(std::move(value));
}

absl::StatusOr<Condition> ParseFilter(std::string_view filter, const Shape& shape, const privacy::Cipher& cipher) {
  if (filter.size() > kFilterBytesMax) return Wrong("filter", filter, "筛选条件过长", "the filter is too long");
  return FilterParser(filter, shape, cipher).Parse();
}

absl::StatusOr<std::vector<OrderTerm>> ParseOrder(std::string_view order_by, const Shape& shape, bool scoped) {
  std::vector<OrderTerm> terms;
  if (order_by.size() > kFilterBytesMax) return Wrong("order_by", order_by, "排序条件过长", "order_by is too long");
  if (!absl::StripAsciiWhitespace(Absl(order_by)).empty()) {
    for (absl::string_view part : absl::StrSplit(Absl(order_by), ',')) {
      const std::vector<std::string> words = absl::StrSplit(part, ' ', absl::SkipWhitespace());
      const bool descending = words.size() == 2 && words[1] == "desc";
      if (words.empty() || words.size() > 2 || (words.size() == 2 && !descending && words[1] != "asc")) {
        return Wrong("order_by", Std(part), "应为“字段 [asc|desc]”", "expected: field [asc|desc]");
      }
      const Column* column = Filterable(words[0], shape);
      if (column == nullptr || column->kind == Kind::kSealedText) {
        return Wrong("order_by", words[0], "此字段不能用于排序", "this field cannot be sorted by");
      }
      const bool repeated =
          std::any_of(terms.begin(), terms.end(), [column](const OrderTerm& term) { return term.column == column; });
      if (repeated || terms.size() == kOrderTermsMax) {
        return Wrong("order_by", words[0], "排序字段重复或过多", "a field is repeated or there are too many");
      }
      terms.push_back({column, descending});
    }
  }
  // In the direction of the last term, so that an index can be walked one way.
  const bool descending = !terms.empty() && terms.back().descending;
  for (size_t i = scoped ? 1 : 0; i < shape.key.size(); ++i) {
    const Column* column = &shape.columns[shape.key[i]];
    if (std::none_of(terms.begin(), terms.end(), [column](const OrderTerm& term) { return term.column == column; })) {
      terms.push_back({column, descending});
    }
  }
  return terms;
}

std::string OrderBy(const std::vector<OrderTerm>& terms) {
  std::string sql;
  for (const OrderTerm& term : terms) {
    absl::StrAppend(&sql, sql.empty() ? "ORDER BY " : ",", Quoted(term.column->name), term.descending ? " DESC" : "");
  }
  return sql;
}

// (a beyond x) OR (a = x AND b beyond y) OR ...
Condition After(const std::vector<OrderTerm>& terms, const std::vector<Value>& values) {
  Condition after;
  for (size_t last = 0; last < terms.size(); ++last) {
    Condition step;
    for (size_t i = 0; i < last; ++i) step.And(Quoted(terms[i].column->name) + " <=> ?", {values[i]});
    Condition beyond = Beyond(terms[last], values[last]);
    step.And(beyond.sql, std::move(beyond.values));
    absl::StrAppend(&after.sql, last == 0 ? "((" : ") OR (", step.sql);
    for (Value& value : step.values) after.values.push_back(std::move(value));
  }
  after.sql.append("))");
  return after;
}

}  // namespace chassis::records
