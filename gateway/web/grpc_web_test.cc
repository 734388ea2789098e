// Frames of gRPC-Web, whole, in pieces and broken.
#include "gateway/web/grpc_web.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace gateway::web {
namespace {

using Next = FrameReader::Next;

constexpr size_t kMax = 100;

std::string Frame(uint8_t flags, const std::string& content) {
  std::string frame = MessageFrame(content);
  frame[0] = static_cast<char>(flags);
  return frame;
}

TEST(FrameReader, CutsMessagesHoweverTheyArrive) {
  const std::string body =
      absl::StrCat(MessageFrame("first"), MessageFrame(""), MessageFrame(std::string("\0\xff", 2)));
  for (size_t step = 1; step <= body.size(); ++step) {
    FrameReader reader(GrpcWebForm::kBinary, kMax);
    std::vector<std::string> messages;
    for (size_t at = 0; at < body.size(); at += step) {
      reader.Feed(std::string_view(body).substr(at, step));
      std::string message;
      Next next;
      while ((next = reader.Take(message)) == Next::kMessage) messages.push_back(message);
      ASSERT_EQ(next, Next::kMore);
    }
    EXPECT_TRUE(reader.AtBoundary());
    EXPECT_EQ(messages, (std::vector<std::string>{"first", "", std::string("\0\xff", 2)})) << step;
  }
}

TEST(FrameReader, ReadsTextThatWasPaddedPieceByPiece) {
  const std::string body = absl::StrCat(absl::Base64Escape(MessageFrame("a")), absl::Base64Escape(MessageFrame("bcd")),
                                        absl::Base64Escape(MessageFrame("efghi")));
  for (size_t step = 1; step <= body.size(); ++step) {
    FrameReader reader(GrpcWebForm::kText, kMax);
    std::string all;
    for (size_t at = 0; at < body.size(); at += step) {
      reader.Feed(std::string_view(body).substr(at, step));
      std::string message;
      while (reader.Take(message) == Next::kMessage) all.append(message).append(",");
    }
    EXPECT_EQ(all, "a,bcd,efghi,") << step;
    EXPECT_TRUE(reader.AtBoundary());
  }
}

TEST(FrameReader, KnowsWhenTheBodyEndsWithinAFrame) {
  FrameReader reader(GrpcWebForm::kBinary, kMax);
  EXPECT_TRUE(reader.AtBoundary());
  reader.Feed(MessageFrame("half").substr(0, 6));
  std::string message;
  EXPECT_EQ(reader.Take(message), Next::kMore);
  EXPECT_FALSE(reader.AtBoundary());
  FrameReader text(GrpcWebForm::kText, kMax);
  text.Feed("AAA");
  EXPECT_EQ(text.Take(message), Next::kMore);
  EXPECT_FALSE(text.AtBoundary());
}

TEST(FrameReader, RefusesWhatIsNoRequest) {
  const std::vector<std::pair<std::string, Next>> cases = {
      {Frame(0x01, "x"), Next::kMalformed},
      {Frame(0x80, "grpc-status: 0"), Next::kMalformed},
      {Frame(0x02, "x"), Next::kMalformed},
      {MessageFrame(std::string(kMax + 1, 'x')), Next::kTooLarge},
      // The length alone decides: nobody waits for four gigabytes.
      {std::string("\0\xff\xff\xff\xff", 5), Next::kTooLarge},
  };
  for (const auto& [body, expected] : cases) {
    FrameReader reader(GrpcWebForm::kBinary, kMax);
    reader.Feed(body);
    std::string message;
    EXPECT_EQ(reader.Take(message), expected);
    EXPECT_FALSE(reader.why().empty());
    EXPECT_FALSE(reader.AtBoundary());
    // It stays so.
    reader.Feed(MessageFrame("good"));
    EXPECT_EQ(reader.Take(message), Next::kMalformed);
  }
}

TEST(FrameReader, RefusesWhatIsNoBase64) {
  for (const char* body : {"AAAA AAA", "AAA\n", "A-_A", "====", "A===", "AA=A"}) {
    FrameReader reader(GrpcWebForm::kText, kMax);
    reader.Feed(body);
    std::string message;
    EXPECT_EQ(reader.Take(message), Next::kMalformed) << body;
  }
}

TEST(GrpcWeb, WritesTrailersAsOneFrame) {
  const std::string frame = TrailerFrame({{"grpc-status", "5"}, {"x-last", "la\r\nte"}});
  EXPECT_EQ(frame.substr(0, 5), std::string("\x80\0\0\0\x1e", 5));
  EXPECT_EQ(frame.substr(5), "grpc-status: 5\r\nx-last: late\r\n");
}

TEST(GrpcWeb, EncodesWhatALineCannotCarry) {
  EXPECT_EQ(PercentEncoded("plain text!"), "plain text!");
  EXPECT_EQ(PercentEncoded("50 %"), "50 %25");
  EXPECT_EQ(PercentEncoded("无\n"), "%E6%97%A0%0A");
  EXPECT_EQ(BinaryField("a"), "YQ");
  std::string bytes;
  EXPECT_TRUE(FromBinaryField("YQ", bytes));
  EXPECT_EQ(bytes, "a");
  EXPECT_TRUE(FromBinaryField("YQ==", bytes));
  EXPECT_EQ(bytes, "a");
  EXPECT_FALSE(FromBinaryField("Y Q", bytes));
  EXPECT_FALSE(FromBinaryField("Y", bytes));
}

}  // namespace
}  // namespace gateway::web
