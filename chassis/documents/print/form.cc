// How a form becomes HTML; see form.h. The running head and foot stand in the margin boxes of CSS paged media, which
// Chromium fills on every page.
#include "chassis/documents/print/form.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "aftersales/options/v1/options.pb.h"
#include "chassis/audit/digest.h"
#include "chassis/documents/print/style.h"
#include "chassis/documents/signatures.h"
#include "chassis/status/state.h"
#include "chassis/time/clock.h"

namespace chassis::print {
namespace {

namespace v1 = aftersales::common::v1;

constexpr size_t kDigestShown = 16;  // hexadecimal digits: enough to tell two versions apart by eye

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// A string of CSS: every character that could end it, or the style sheet, is written by its code.
std::string CssText(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (IsControl(c) || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&') {
      absl::StrAppend(&quoted, "\\", absl::Hex(static_cast<unsigned char>(c)), " ");
    } else {
      quoted.push_back(c);
    }
  }
  quoted.push_back('"');
  return quoted;
}

std::string Grouped(uint64_t whole) {
  std::string digits = absl::StrCat(whole);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) digits.insert(static_cast<size_t>(at), ",");
  return digits;
}

// How many digits the currency has behind the point (ISO 4217).
int MinorDigits(std::string_view currency) {
  constexpr std::string_view kNone = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
  constexpr std::string_view kThree = "BHD IQD JOD KWD LYD OMR TND";
  if (currency.size() != 3) return 2;
  if (kNone.find(currency) != std::string_view::npos) return 0;
  return kThree.find(currency) != std::string_view::npos ? 3 : 2;
}

Words MethodWords(v1::Signature::AuthorizationMethod method) {
  switch (method) {
    case v1::Signature::AUTHORIZATION_METHOD_IN_PERSON_PHYSICAL_SIGNATURE:
      return {"纸质签字", "signed on paper"};
    case v1::Signature::AUTHORIZATION_METHOD_IN_PERSON_DIGITAL_SIGNATURE:
      return {"电子签字", "signed on screen"};
    case v1::Signature::AUTHORIZATION_METHOD_DIGITAL_PORTAL:
      return {"线上确认", "confirmed online"};
    case v1::Signature::AUTHORIZATION_METHOD_SMS_TEXT_LINK:
      return {"短信确认", "confirmed by text message"};
    case v1::Signature::AUTHORIZATION_METHOD_EMAIL_LINK:
      return {"邮件确认", "confirmed by e-mail"};
    case v1::Signature::AUTHORIZATION_METHOD_VERBAL_PHONE:
      return {"电话确认", "confirmed by telephone"};
    case v1::Signature::AUTHORIZATION_METHOD_AUTOMATED_POLICY_PREAUTHORIZATION:
      return {"按约定自动授权", "authorised in advance"};
    default:
      return {};
  }
}

const char* ClassOf(Shape shape) {
  switch (shape) {
    case Shape::kWord:
      return " class=\"word\"";
    case Shape::kNumber:
      return " class=\"number\"";
    case Shape::kBlank:
      return " class=\"blank\"";
    case Shape::kText:
      break;
  }
  return "";
}

}  // namespace

std::string Escaped(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        if (!IsControl(c) || c == '\n') escaped.push_back(c);
    }
  }
  return escaped;
}

Form::Form(const v1::Store& store, std::string_view language, Words title, std::string number)
    : chinese_(language != "en"),
      store_name_(store.display_name()),
      store_code_(store.code()),
      currency_code_(store.currency_code()),
      title_(In(title)),
      number_(std::move(number)) {
  if (!absl::LoadTimeZone(store.time_zone(), &zone_)) zone_ = absl::UTCTimeZone();
}

std::string Form::In(const Words& words) const {
  if (words.en.empty()) return std::string(words.zh);
  return std::string(chinese_ && !words.zh.empty() ? words.zh : words.en);
}

std::string Form::Amount(int64_t minor_units) const {
  const uint64_t size = minor_units < 0 ? 0 - static_cast<uint64_t>(minor_units) : static_cast<uint64_t>(minor_units);
  const char* sign = minor_units < 0 ? "-" : "";
  const int digits = MinorDigits(currency_code_);
  if (digits == 0) return absl::StrCat(sign, Grouped(size));
  const uint64_t one = digits == 3 ? 1000 : 100;
  return absl::StrFormat("%s%s.%0*d", sign, Grouped(size / one), digits, size % one);
}

std::string Form::Quantity(int64_t milli) const {
  const uint64_t size = milli < 0 ? 0 - static_cast<uint64_t>(milli) : static_cast<uint64_t>(milli);
  std::string text = absl::StrCat(milli < 0 ? "-" : "", Grouped(size / 1000));
  if (size % 1000 == 0) return text;
  absl::StrAppendFormat(&text, ".%03d", size % 1000);
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

std::string Form::Percent(int64_t basis_points) const {
  // A per cent is a hundred basis points as a unit is a thousand thousandths.
  return absl::StrCat(Quantity(basis_points * 10), "%");
}

std::string Form::Time(absl::Time time) const { return absl::FormatTime("%Y-%m-%d %H:%M", time, zone_); }

std::string Form::Time(const google::protobuf::Timestamp& time) const {
  return time.seconds() == 0 ? "" : Time(FromProto(time));
}

std::string Form::State(const google::protobuf::Message& document) const {
  const auto* field = document.GetDescriptor()->FindFieldByName("state");
  const auto* value = field->enum_type()->FindValueByNumber(document.GetReflection()->GetEnumValue(document, field));
  const std::string& zh = value->options().GetExtension(aftersales::options::v1::state).zh();
  const std::string en = absl::StrReplaceAll(
      absl::AsciiStrToLower(std::string(StateName(field->enum_type(), value->number()))), {{"_", " "}});
  return In({zh, en});
}

Form& Form::Mark(Words words) {
  mark_ = In(words);
  return *this;
}

Form& Form::Field(Words label, std::string_view value) {
  if (value.empty()) return *this;
  CloseSignatures();
  absl::StrAppend(&fields_, "<div><dt>", Escaped(In(label)), "</dt><dd>", Escaped(value), "</dd></div>\n");
  return *this;
}

void Form::CloseFields() {
  if (fields_.empty()) return;
  absl::StrAppend(&body_, "<dl>\n", fields_, "</dl>\n");
  fields_.clear();
}

void Form::CloseSignatures() {
  if (signatures_.empty()) return;
  absl::StrAppend(&body_, "<section class=\"signatures\">\n", signatures_, "</section>\n");
  signatures_.clear();
}

Form& Form::Add(const Table& table) {
  CloseFields();
  CloseSignatures();
  int shares = 0;
  for (const Column& column : table.columns) shares += column.share;
  absl::StrAppend(&body_, "<table>\n<colgroup>");
  for (const Column& column : table.columns) {
    absl::StrAppendFormat(&body_, "<col style=\"width:%.2f%%\">", 100.0 * column.share / std::max(shares, 1));
  }
  absl::StrAppend(&body_, "</colgroup>\n<thead><tr>");
  for (const Column& column : table.columns) {
    absl::StrAppend(&body_, "<th", ClassOf(column.shape), ">", Escaped(In(column.label)), "</th>");
  }
  absl::StrAppend(&body_, "</tr></thead>\n<tbody>\n");
  for (const std::vector<Cell>& row : table.rows) {
    absl::StrAppend(&body_, "<tr>");
    for (size_t i = 0; i < table.columns.size(); ++i) {
      absl::StrAppend(&body_, "<td", ClassOf(table.columns[i].shape), ">");
      if (i < row.size()) {
        absl::StrAppend(&body_, Escaped(row[i].text));
        if (!row[i].below.empty()) absl::StrAppend(&body_, "<small>", Escaped(row[i].below), "</small>");
      }
      absl::StrAppend(&body_, "</td>");
    }
    absl::StrAppend(&body_, "</tr>\n");
  }
  // Not a tfoot: that would repeat on every page, and a total stands once.
  for (const Total& total : table.totals) {
    const size_t values = std::min(total.values.size(), table.columns.size() - 1);
    absl::StrAppend(&body_, "<tr class=\"total\"><td colspan=\"", table.columns.size() - values, "\">",
                    Escaped(In(total.label)), "</td>");
    for (size_t i = 0; i < values; ++i) {
      absl::StrAppend(&body_, "<td", ClassOf(table.columns[table.columns.size() - values + i].shape), ">",
                      Escaped(total.values[i]), "</td>");
    }
    absl::StrAppend(&body_, "</tr>\n");
  }
  absl::StrAppend(&body_, "</tbody>\n</table>\n");
  return *this;
}

Form& Form::Note(Words label, std::string_view text) {
  if (text.empty()) return *this;
  CloseFields();
  CloseSignatures();
  absl::StrAppend(&body_, "<section class=\"note\"><h2>", Escaped(In(label)), "</h2><p>", Escaped(text),
                  "</p></section>\n");
  return *this;
}

Form& Form::Sign(const SignatureBlock& block) {
  CloseFields();
  absl::StrAppend(&signatures_, "<div><h2>", Escaped(In(block.label)), "</h2>");
  const v1::Signature* given = block.signature;
  if (given == nullptr || given->signer_name().empty()) {
    absl::StrAppend(&signatures_, "<p class=\"line\"></p><small>", In({"签字 / 日期", "signature / date"}), "</small>");
  } else {
    std::string how = In(MethodWords(given->method()));
    if (!how.empty()) how = absl::StrCat(" · ", how);
    absl::StrAppend(&signatures_, "<p class=\"line\">", Escaped(given->signer_name()), "</p><small>",
                    Escaped(absl::StrCat(Time(given->sign_time()), how)), "</small>");
  }
  absl::StrAppend(&signatures_, "</div>\n");
  return *this;
}

Form& Form::Version(const google::protobuf::Message& document, std::string_view version, std::string_view digest) {
  const std::string hex =
      audit::Hex(digest.empty() ? audit::Sha256(documents::SignedContent(document)) : std::string(digest));
  Version(version);
  absl::StrAppend(&version_, " · SHA-256 ", hex.substr(0, kDigestShown));
  return *this;
}

Form& Form::Version(std::string_view version) {
  version_ = absl::StrCat(In({"版本 ", "version "}), std::string(version));
  return *this;
}

Form& Form::PrintedBy(std::string_view subject, absl::Time time) {
  printed_ = absl::StrCat(In({"打印 ", "printed by "}), std::string(subject), " ", Time(time));
  return *this;
}

std::string Form::Style() const {
  const std::string page_x_of_y = chinese_ ? "\"第 \" counter(page) \" 页 / 共 \" counter(pages) \" 页\""
                                           : "\"page \" counter(page) \" of \" counter(pages)";
  const std::string head_left = CssText(absl::StrCat(store_code_, "  ", store_name_));
  const std::string head_right = CssText(absl::StrCat(title_, "  ", number_));
  const std::string foot_left = CssText(version_);
  const std::string foot_centre = CssText(printed_);
  return absl::StrReplaceAll(std::string(kPageStyle), {{"$head_left", head_left},
                                                       {"$head_right", head_right},
                                                       {"$foot_left", foot_left},
                                                       {"$foot_centre", foot_centre},
                                                       {"$foot_right", page_x_of_y}});
}

std::string Form::Html() const {
  Form closed = *this;
  closed.CloseFields();
  closed.CloseSignatures();
  const std::string mark = mark_.empty() ? "" : absl::StrCat("<span class=\"mark\">", Escaped(mark_), "</span>");
  return absl::StrCat("<!doctype html>\n<html lang=\"", chinese_ ? "zh-CN" : "en",
                      "\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" "
                      "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>",
                      Escaped(absl::StrCat(title_, " ", number_)), "</title>\n<style>\n", Style(),
                      "</style>\n</head>\n<body>\n<main>\n<header><div class=\"store\">", Escaped(store_name_),
                      "<small>", Escaped(store_code_), "</small></div><h1>", Escaped(title_), mark,
                      "</h1><div class=\"identity\">", Escaped(number_), "</div></header>\n", closed.body_,
                      "</main>\n</body>\n</html>\n");
}

}  // namespace chassis::print
