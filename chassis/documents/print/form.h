// Printed forms: a record becomes a page that a person holds in the hand. A form is built from typed pieces (fields,
// tables, notes, signatures) and comes out as one HTML file for A4: the store's letterhead on the first page, a
// running head on the others, table heads that repeat, "page x of y". Knows no document and no business; what is
// printed is escaped, nothing in it is ever read as markup.
//
//   Form form(store, "zh-CN", {"出库单", "Issue note"}, note.number());
//   form.Field({"领料技师", "Technician"}, note.technician());
//   Table table{{{{"配件", "Part"}, Shape::kText, 40}, {{"数量", "Quantity"}, Shape::kNumber, 12}}};
//   table.rows.push_back({{"OC-47", "机油滤清器"}, {form.Quantity(1000)}});
//   form.Add(table).Sign({{"领料人", "Received by"}, &note.technician_signature()});
//   const std::string html = form.Html();
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "aftersales/common/v1/signature.pb.h"
#include "aftersales/common/v1/store.pb.h"
#include "google/protobuf/message.h"
#include "google/protobuf/timestamp.pb.h"

namespace chassis::print {

// What the form itself says, in both languages.
struct Words {
  std::string_view zh;
  std::string_view en;
};

enum class Shape {
  kText,
  kWord,    // one short word, never broken
  kNumber,  // to the right, digits of one width
  kBlank,   // to be filled in by hand
};
struct Column {
  Words label;
  Shape shape = Shape::kText;
  int share = 10;  // of the width, relative to the other columns
};
struct Cell {
  std::string text;
  std::string below;  // a second line, smaller
};
struct Total {
  Words label;
  std::vector<std::string> values;  // those of the last columns
};
struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;
  std::vector<Total> totals;
};

// Who signs. Without a signature, or with one that nobody gave yet, room to sign by hand.
struct SignatureBlock {
  Words label;
  const aftersales::common::v1::Signature* signature = nullptr;
};

class Form {
 public:
  // `language` is "zh-CN" or "en". `number` is the document's number for people.
  Form(const aftersales::common::v1::Store& store, std::string_view language, Words title, std::string number);

  // Beside the title: "草稿", "已取消".
  Form& Mark(Words words);
  // A label and what stands behind it; three share a row. Nothing to say: nothing is shown.
  Form& Field(Words label, std::string_view value);
  Form& Add(const Table& table);
  // A paragraph of its own, line breaks kept; nothing to say: nothing is shown.
  Form& Note(Words label, std::string_view text);
  Form& Sign(const SignatureBlock& block);
  // In the foot of every page: which version of the document this is and the digest of what it says (G-04), of the
  // signed version where it is signed. The second form tells no digest: of a page that hides what the document says.
  Form& Version(const google::protobuf::Message& document, std::string_view version, std::string_view digest = "");
  Form& Version(std::string_view version);
  // In the foot of every page: who printed it, and when.
  Form& PrintedBy(std::string_view subject, absl::Time time);

  std::string Html() const;

  // Values as this form writes them: amounts in the store's currency, times in its zone.
  std::string Amount(int64_t minor_units) const;
  std::string Quantity(int64_t milli) const;
  std::string Time(const google::protobuf::Timestamp& time) const;
  std::string Percent(int64_t basis_points) const;
  // The name of `document.state`.
  std::string State(const google::protobuf::Message& document) const;
  // The one of both that fits the form's language; the other where that is empty.
  std::string In(const Words& words) const;
  const std::string& number() const { return number_; }

 private:
  void CloseFields();
  void CloseSignatures();
  std::string Style() const;
  std::string Time(absl::Time time) const;

  const bool chinese_;
  const std::string store_name_;
  const std::string store_code_;
  const std::string currency_code_;
  absl::TimeZone zone_;
  const std::string title_;
  const std::string number_;
  std::string mark_;
  std::string version_;
  std::string printed_;
  std::string fields_;      // of the grid that is still open
  std::string signatures_;  // of the row that is still open
  std::string body_;
};

// Text as it may stand in markup.
std::string Escaped(std::string_view text);

}  // namespace chassis::print
