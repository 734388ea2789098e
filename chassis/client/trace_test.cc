#include "chassis/client/trace.h"

#include "gtest/gtest.h"

namespace chassis {
namespace {

constexpr char kParent[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(TraceContext, StaysInTheTraceWithASpanOfItsOwn) {
  const TraceContext child = TraceContext::ChildOf(kParent);
  EXPECT_EQ(child.trace_id, "0af7651916cd43dd8448eb211c80319c");
  EXPECT_NE(child.span_id, "b7ad6b7169203331");
  EXPECT_TRUE(child.sampled);
  EXPECT_EQ(TraceContext::ChildOf(child.Header()).trace_id, child.trace_id);
}

TEST(TraceContext, BeginsANewTraceWhereTheHeaderIsNone) {
  constexpr std::string_view kNoHeaders[] = {
      "", "rubbish",
      "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",    // upper case
      "00-00000000000000000000000000000000-b7ad6b7169203331-01",    // no trace
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-"};  // something behind it
  for (const std::string_view header : kNoHeaders) {
    const TraceContext fresh = TraceContext::ChildOf(header);
    EXPECT_EQ(fresh.trace_id.size(), 32u);
    EXPECT_EQ(fresh.span_id.size(), 16u);
    EXPECT_FALSE(fresh.sampled);
  }
}

}  // namespace
}  // namespace chassis
