// Judging the lines of an import, wherever the file is cut.
#include "parts-svc/import/part_import_rules.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace parts {
namespace {

TEST(ReadPiece, ReadsTheSameWhereverTheFileIsCut) {
  const std::string text = "\xef\xbb\xbfnumber,name\r\nA,\"one, \"\"two\"\"\nthree\"\n\nB,滤清器\nC,last";
  const CsvPiece whole = ReadPiece(text, 1, TextEnd::kWhole, 100);
  ASSERT_EQ(whole.records.size(), 4u);
  EXPECT_EQ(whole.records[1].fields[1], "one, \"two\"\nthree");
  EXPECT_EQ(whole.records[2].line_number, 5);
  EXPECT_EQ(whole.records[3].fields[1], "last");
  for (size_t cut = 1; cut < text.size(); ++cut) {
    std::vector<CsvRecord> records;
    size_t at = 0;
    int line = 1;
    for (const size_t until : {cut, text.size()}) {
      const TextEnd end = until == text.size() ? TextEnd::kWhole : TextEnd::kMoreFollows;
      const CsvPiece piece = ReadPiece(std::string_view(text).substr(at, until - at), line, end, 100);
      records.insert(records.end(), piece.records.begin(), piece.records.end());
      at += piece.consumed_bytes;
      line = piece.next_line;
    }
    EXPECT_EQ(at, text.size());
    ASSERT_EQ(records.size(), whole.records.size()) << "cut at " << cut;
    for (size_t i = 0; i < records.size(); ++i) {
      EXPECT_EQ(records[i].fields, whole.records[i].fields) << "cut at " << cut;
      EXPECT_EQ(records[i].line_number, whole.records[i].line_number) << "cut at " << cut;
    }
  }
}

TEST(ReadPiece, StopsAfterSoManyRecordsAndTellsWhatIsStillOpen) {
  const CsvPiece piece = ReadPiece("a\nb\nc\n", 7, TextEnd::kWhole, 2);
  EXPECT_EQ(piece.records.size(), 2u);
  EXPECT_EQ(piece.consumed_bytes, 4u);
  EXPECT_EQ(piece.next_line, 9);
  EXPECT_TRUE(ReadPiece("a,\"b", 1, TextEnd::kWhole, 2).open_quote);
  EXPECT_FALSE(ReadPiece("a,b", 1, TextEnd::kMoreFollows, 2).open_quote);
}

WantedSuccessor Link(int line, const std::string& number, const std::string& successor) {
  return {line, number, "id of " + number, successor};
}
std::map<std::string, std::string> Ids(const std::vector<std::string>& numbers) {
  std::map<std::string, std::string> ids;
  for (const std::string& number : numbers) ids[number] = "id of " + number;
  return ids;
}

TEST(JudgeSuccessors, LetsALongFallTakeThoseWhoNameIt) {
  // C does not exist; B falls with it and, made here, takes A along; X was in the catalogue and stays.
  const LineErrors errors = JudgeSuccessors({Link(2, "A", "B"), Link(3, "B", "C"), Link(4, "X", "D")},
                                            Ids({"A", "B", "X", "D"}), {"A", "B"}, {});
  ASSERT_EQ(errors.size(), 2u);
  EXPECT_EQ(errors[0].line_number(), 3);
  EXPECT_EQ(errors[1].line_number(), 2);
}

TEST(JudgeSuccessors, KeepsAFallenLineOfAKnownPartAsSuccessor) {
  const LineErrors errors = JudgeSuccessors({Link(2, "A", "B"), Link(3, "B", "GHOST")}, Ids({"A", "B"}), {"A"}, {});
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].line_number(), 3) << "B itself is in the catalogue whatever became of its line";
}

TEST(JudgeSuccessors, RefusesChainsThatTurnBackThroughTheCatalogue) {
  PartsById parts;
  v1::Part& b = parts["id of B"];
  b.set_part_id("id of B");
  b.set_part_number("B");
  b.set_successor_part_id("id of A");
  EXPECT_EQ(JudgeSuccessors({Link(2, "A", "B")}, Ids({"A", "B"}), {}, parts).size(), 1u);
  EXPECT_TRUE(JudgeSuccessors({Link(2, "B", "A")}, Ids({"A", "B"}), {}, parts).empty());
}

TEST(Fits, AsksModelPrefixAndRun) {
  v1::PartFitment run;
  run.set_model_code("A4");
  run.set_vin_prefix("LSVAA2A19N1");
  run.set_serial_from("100000");
  run.set_serial_to("199999");
  EXPECT_TRUE(Fits(run, {"A4", "LSVAA2A19N1100000"}));
  EXPECT_TRUE(Fits(run, {"", "LSVAA2A19N1199999"}));
  EXPECT_FALSE(Fits(run, {"A4", "LSVAA2A19N1200000"}));
  EXPECT_FALSE(Fits(run, {"A4", "LSVAA2A19N2100000"}));
  EXPECT_FALSE(Fits(run, {"A6", "LSVAA2A19N1100000"}));
  EXPECT_TRUE(Fits(run, {"A4", ""})) << "without a VIN the model decides";
  v1::PartFitment model;
  model.set_model_code("A4");
  EXPECT_FALSE(Fits(model, {"", "LSVAA2A19N1100000"})) << "says nothing about a vehicle of unknown model";
}

}  // namespace
}  // namespace parts
