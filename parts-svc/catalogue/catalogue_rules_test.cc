// What a part must be and where chains lead; and the catalogue from CSV.
#include "parts-svc/catalogue/catalogue_rules.h"

#include <gtest/gtest.h>

#include "aftersales/parts/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "parts-svc/catalogue/import_rules.h"

namespace parts {
namespace {

v1::Part APart(const std::string& id, const std::string& successor = "") {
  v1::Part part;
  part.set_part_id(id);
  part.set_part_number(id);
  part.set_unit(v1::Part::UNIT_PIECE);
  part.set_successor_part_id(successor);
  Complete(part);
  return part;
}

TEST(Part, InWholePiecesTakesNoTenths) {
  v1::Part part = APart("filter");
  part.set_step_milli(100);
  EXPECT_FALSE(CheckPart(part, "part").ok());
  part.set_unit(v1::Part::UNIT_LITRE);
  EXPECT_TRUE(CheckPart(part, "part").ok());
}

TEST(Part, NamesEachModelOnce) {
  v1::Part part = APart("filter");
  part.add_fitments()->set_model_code("A4");
  part.add_fitments()->set_model_code("A4");
  const auto refusal = chassis::RefusalIn(CheckPart(part, "part"));
  ASSERT_EQ(refusal.violations_size(), 1);
  EXPECT_EQ(refusal.violations(0).field(), "part.fitments[1].model_code");
}

TEST(Part, BySerialNumberComesInSinglePieces) {
  v1::Part part = APart("oil");
  part.set_unit(v1::Part::UNIT_LITRE);
  part.set_tracking(v1::Part::TRACKING_SERIAL);
  EXPECT_FALSE(CheckPart(part, "part").ok());
}

TEST(Supersession, FollowsTheChainToTheNewestPart) {
  const PartsById parts{{"a", APart("a", "b")}, {"b", APart("b", "c")}, {"c", APart("c")}};
  EXPECT_EQ(Newest(parts, "a").part_id(), "c");
  EXPECT_EQ(Newest(parts, "c").part_id(), "c");
  EXPECT_EQ(Successors(parts, "a"), (std::vector<std::string>{"b", "c"}));
}

TEST(Supersession, RefusesToTurnBack) {
  const auto status = CheckSuccessor(APart("c"), {APart("a", "b"), APart("b", "c"), APart("c")}, 2);
  EXPECT_TRUE(chassis::IsRefusal(status, v1::ERROR_REASON_SUPERSESSION_CYCLE));
  EXPECT_TRUE(chassis::IsRefusal(CheckSuccessor(APart("a"), {APart("a")}, 0), v1::ERROR_REASON_SUPERSESSION_CYCLE));
}

TEST(Supersession, RefusesMoreThanTenParts) {
  EXPECT_TRUE(CheckSuccessor(APart("a"), {APart("b")}, 8).ok());
  EXPECT_TRUE(chassis::IsRefusal(CheckSuccessor(APart("a"), {APart("b")}, 9), v1::ERROR_REASON_SUPERSESSION_TOO_LONG));
}

TEST(Price, NeverTakesEffectInThePast) {
  const absl::Time now = absl::FromUnixSeconds(1795219200);
  EXPECT_TRUE(CheckPriceDate(now, now).ok());
  EXPECT_TRUE(chassis::IsRefusal(CheckPriceDate(now - absl::Microseconds(1), now), v1::ERROR_REASON_PRICE_RETROACTIVE));
}

TEST(ReadCsv, KeepsQuotedSeparatorsQuotesAndLineEnds) {
  const auto records = ReadCsv(
      "\xef\xbb\xbf"
      "a,\"b,\"\"x\"\"\nc\"\r\n\r\nd,e\n");
  ASSERT_TRUE(records.ok());
  ASSERT_EQ(records->size(), 2u);
  EXPECT_EQ((*records)[0].fields, (std::vector<std::string>{"a", "b,\"x\"\nc"}));
  EXPECT_EQ((*records)[1].fields, (std::vector<std::string>{"d", "e"}));
  EXPECT_EQ((*records)[1].line_number, 4);
}

TEST(ReadCsv, RefusesAQuoteThatNeverCloses) { EXPECT_FALSE(ReadCsv("a,\"b\n").ok()); }

TEST(ReadSheet, ReadsEveryColumn) {
  const auto sheet = ReadSheet(
      "part_number,name_zh,name_en,brand,unit,step_milli,original,tracking,models,cross_references,tax_basis_points,"
      "retail_price_amount,superseded_by\n"
      "OIL-1,机油,Oil,原厂,litre,100,是,none,A4;A6,BOSCH:0451;MANN:W712,1300,9800,OIL-2\n");
  ASSERT_TRUE(sheet.ok());
  ASSERT_TRUE(sheet->errors.empty());
  const ImportLine& line = sheet->lines.at(0);
  EXPECT_EQ(line.part.unit(), v1::Part::UNIT_LITRE);
  EXPECT_EQ(line.part.step_milli(), 100);
  EXPECT_TRUE(line.part.original());
  EXPECT_EQ(line.part.fitments_size(), 2);
  EXPECT_EQ(line.part.cross_references(1).reference_number(), "W712");
  EXPECT_EQ(line.part.tax_basis_points(), 1300);
  EXPECT_EQ(line.retail_price_amount, 9800);
  EXPECT_EQ(line.superseded_by, "OIL-2");
}

TEST(ReadSheet, NamesEveryMistakeByLineColumnAndRule) {
  const auto sheet = ReadSheet(
      "part_number,unit,step_milli,original\n"
      "A,piece,1000,true\n"
      "B,bushel,1000,true\n"
      "C,piece,many,true\n"
      "D,piece,1000,perhaps\n"
      "A,piece,1000,true\n"
      "E,piece\n");
  ASSERT_TRUE(sheet.ok());
  ASSERT_EQ(sheet->lines.size(), 1u);
  ASSERT_EQ(sheet->errors.size(), 5u);
  EXPECT_EQ(sheet->errors[0].line_number(), 3);
  EXPECT_EQ(sheet->errors[0].field(), "unit");
  EXPECT_EQ(sheet->errors[0].rule(), "choice");
  EXPECT_EQ(sheet->errors[1].rule(), "number");
  EXPECT_EQ(sheet->errors[2].rule(), "boolean");
  EXPECT_EQ(sheet->errors[3].rule(), "unique");
  EXPECT_EQ(sheet->errors[4].rule(), "columns");
  for (const auto& error : sheet->errors) EXPECT_FALSE(error.zh().empty() || error.en().empty());
}

TEST(ReadSheet, RefusesAHeaderItDoesNotKnow) {
  EXPECT_TRUE(chassis::IsRefusal(ReadSheet("part_number,colour\n").status(), v1::ERROR_REASON_IMPORT_HEADER));
  EXPECT_TRUE(chassis::IsRefusal(ReadSheet("name_zh\n").status(), v1::ERROR_REASON_IMPORT_HEADER));
  EXPECT_TRUE(chassis::IsRefusal(ReadSheet("").status(), v1::ERROR_REASON_IMPORT_HEADER));
}

TEST(ReadSheet, RefusesMoreLinesThanOneImportHolds) {
  std::string csv = "part_number\n";
  for (int i = 0; i <= kImportLinesMax; ++i) csv += "P" + std::to_string(i) + "\n";
  EXPECT_TRUE(chassis::IsRefusal(ReadSheet(csv).status(), v1::ERROR_REASON_IMPORT_TOO_LONG));
}

TEST(MergeLine, WritesGivenColumnsOnlyAndKeepsWhatStaysAsItWas) {
  v1::Part part = APart("A");
  part.set_brand("原厂");
  part.set_name_zh("机滤");
  ImportLine line;
  line.part.set_name_zh("机油滤清器");
  line.part.set_unit(v1::Part::UNIT_PIECE);
  EXPECT_FALSE(Merge(line, {"part_number", "name_zh", "unit"}, part).has_value());
  EXPECT_EQ(part.name_zh(), "机油滤清器");
  EXPECT_EQ(part.brand(), "原厂");
  line.part.set_unit(v1::Part::UNIT_LITRE);
  EXPECT_EQ(Merge(line, {"unit"}, part)->rule(), "immutable");
}

}  // namespace
}  // namespace parts
