#include "chassis/records/json.h"

#include "chassis/records/sample_for_test.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"

namespace chassis::records {
namespace {

using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

constexpr char kAddress[] = R"(
  address {
    city: "上海 \"浦东\" \\ \n\t\001 🚗" code: -9007199254740993
    since { seconds: 1795219200 nanos: 120000000 } states: STATE_OPEN states: STATE_DONE main: false map: "\000\377"
  })";

std::string Field(const Message& message, const std::string& name, Personal personal = Personal::kKept) {
  std::string json;
  AppendFieldJson(message, message.GetDescriptor()->FindFieldByName(name), personal, json);
  return json;
}

absl::Status Read(const std::string& json, const std::string& name, Message& message) {
  return ReadFieldJson(json, message.GetDescriptor()->FindFieldByName(name), message);
}

TEST(Json, ReadsWhatItWrote) {
  const auto order = Sample::Of(kAddress);
  const auto back = Sample::New();
  const absl::Status status = Read(Field(*order, "address"), "address", *back);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_TRUE(MessageDifferencer::Equals(*order, *back)) << back->DebugString();
}

TEST(Json, AgreesWithProtobufsOwnBothWays) {
  const auto order = Sample::Of(kAddress);
  const auto* address = order->GetDescriptor()->FindFieldByName("address");
  const Message& inner = order->GetReflection()->GetMessage(*order, address);

  // Ours, read by protobuf.
  std::string ours;
  AppendJson(inner, Personal::kKept, ours);
  std::unique_ptr<Message> back(inner.New());
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(ours, back.get()).ok()) << ours;
  EXPECT_TRUE(MessageDifferencer::Equals(inner, *back)) << ours;

  // Protobuf's, read by us.
  std::string theirs;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.add_whitespace = true;
  ASSERT_TRUE(google::protobuf::util::MessageToJsonString(inner, &theirs, options).ok());
  const auto whole = Sample::New();
  const absl::Status status = Read(theirs, "address", *whole);
  ASSERT_TRUE(status.ok()) << status << theirs;
  EXPECT_TRUE(MessageDifferencer::Equals(*order, *whole)) << theirs;
}

TEST(Json, ReadsEscapesAndSurrogatePairs) {
  const auto order = Sample::New();
  ASSERT_TRUE(Read(R"(["\u4e0a\u6d77", "\ud83d\ude97", "\/\b\f\r"])", "tags", *order).ok());
  EXPECT_EQ(Field(*order, "tags"), "[\"上海\",\"🚗\",\"/\\u0008\\u000c\\u000d\"]");
}

TEST(Json, SkipsFieldsOfANewerVersion) {
  const auto order = Sample::New();
  const absl::Status status =
      Read(R"({"new": {"a": [1, -2.5e3, null, true, {"b": "}"}]}, "city": "北京", "old": []})", "address", *order);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(Field(*order, "address"), R"({"city":"北京"})");
}

TEST(Json, ReadsAnUnknownEnumNameAsZero) {
  const auto order = Sample::New();
  ASSERT_TRUE(Read(R"({"states": ["STATE_OPEN", "STATE_FROM_THE_FUTURE"]})", "address", *order).ok());
  EXPECT_EQ(Field(*order, "address"), R"({"states":["STATE_OPEN","STATE_UNSPECIFIED"]})");
}

TEST(Json, RefusesWhatIsNotJson) {
  for (const char* wrong : {"", "{", "{\"city\"}", "{\"city\":}", "{\"city\":\"x}", "{\"city\":\"x\"",
                            "{\"city\":\"x\"}}", "[1,]", "{\"code\":1.5}", "{\"code\":99999999999999999999}",
                            "{\"main\":yes}", "{\"city\":\"\\x\"}", "{\"city\":\"\\ud800\"}", "{\"since\":\"today\"}",
                            "{\"map\":\"!\"}", "{\"a\":[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]}"}) {
    const auto order = Sample::New();
    EXPECT_FALSE(Read(wrong, "address", *order).ok()) << wrong;
  }
}

TEST(Json, LeavesPersonalDataOut) {
  const auto order =
      Sample::Of(R"(number: "N1" name: "张伟" phone: "13800000000" persons { name: "李娜" relation: "spouse" })");
  std::string json;
  AppendJson(*order, Personal::kLeftOut, json);
  EXPECT_EQ(json, R"({"number":"N1","persons":[{"relation":"spouse"}]})");
  EXPECT_EQ(Field(*order, "phone", Personal::kLeftOut), "null");
}

TEST(Json, ShowsDefaultsOfAFieldAskedForByName) {
  const auto order = Sample::New();
  EXPECT_EQ(Field(*order, "total_amount"), "0");
  EXPECT_EQ(Field(*order, "score"), "null");
  EXPECT_EQ(Field(*order, "tags"), "[]");
  EXPECT_EQ(Field(*order, "due_time"), "null");
  EXPECT_EQ(Field(*order, "state"), "\"STATE_UNSPECIFIED\"");
}

}  // namespace
}  // namespace chassis::records
