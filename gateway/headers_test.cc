#include "gateway/headers.h"

#include <grpcpp/support/byte_buffer.h>

#include "gateway/store_of.h"
#include "gtest/gtest.h"

namespace gateway {
namespace {

TEST(Headers, PassInwardUnlessTheyBelongToAHopOrSpeakForTheSuite) {
  for (const char* name : {"authorization", "accept-language", "x-custom", "tracestate", "baggage", "x-custom-bin"}) {
    EXPECT_TRUE(PassesInward(name)) << name;
  }
  for (const char* name : {"grpc-timeout", "grpc-trace-bin", "user-agent", ":path", "te", "content-type",
                           "x-on-behalf-of", "x-on-behalf-of-bin", "x-forwarded-for", "x-forwarded-client-cert",
                           "forwarded", "x-real-ip", "x-request-id", "traceparent", ""}) {
    EXPECT_FALSE(PassesInward(name)) << name;
  }
}

TEST(Headers, PassOutwardWithoutWhatTheLibraryWritesAnew) {
  EXPECT_TRUE(PassesOutward("x-last"));
  EXPECT_FALSE(PassesOutward("grpc-status-details-bin"));
  EXPECT_FALSE(PassesOutward("content-type"));
}

TEST(Headers, TakeRequestIdsAndTracesOnlyInTheirForm) {
  EXPECT_TRUE(IsRequestId("desk-7.42_a"));
  EXPECT_FALSE(IsRequestId(""));
  EXPECT_FALSE(IsRequestId("a b"));
  EXPECT_FALSE(IsRequestId(std::string(65, 'a')));
  EXPECT_TRUE(IsTraceParent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
  EXPECT_FALSE(IsTraceParent("00-00000000000000000000000000000000-b7ad6b7169203331-01"));
  EXPECT_FALSE(IsTraceParent("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01"));
  EXPECT_FALSE(IsTraceParent("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01"));
  EXPECT_FALSE(IsTraceParent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331"));
}

TEST(Headers, ReadTheAddressOfAPeer) {
  EXPECT_EQ(AddressOfPeer("ipv4:10.0.0.7:4711"), "10.0.0.7");
  EXPECT_EQ(AddressOfPeer("ipv6:%5B::1%5D:4711"), "::1");
  EXPECT_EQ(AddressOfPeer("ipv6:[2001:db8::7]:4711"), "2001:db8::7");
  EXPECT_EQ(AddressOfPeer("unix:/tmp/x"), "");
}

std::string Store(const std::string& bytes, int number) {
  const grpc::Slice slice(bytes);
  return StoreOf(grpc::ByteBuffer(&slice, 1), number);
}

TEST(StoreOf, ReadsAnIdAndNothingElse) {
  const std::string id = "00000000-0000-7000-8000-000000000001";
  EXPECT_EQ(Store("\x0a\x24" + id, 1), id);
  EXPECT_EQ(Store("\x12\x03"
                  "abc"
                  "\x0a\x24" +
                      id,
                  1),
            id);
  EXPECT_EQ(Store("\x0a\x24" + id, 2), "");
  EXPECT_EQ(Store("\x0a\x24" + id, 0), "");
  EXPECT_EQ(Store("\x0a\x24" + std::string(36, '\n'), 1), "");
  EXPECT_EQ(Store("\x0a\x05zhang", 1), "");
  EXPECT_EQ(Store("\x0a\x24"
                  "0000",
                  1),
            "");
  EXPECT_EQ(Store("\x0a\xff\xff\xff\xff\x0f", 1), "");
  EXPECT_EQ(Store("", 1), "");
}

}  // namespace
}  // namespace gateway
