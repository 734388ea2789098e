#include "gateway/upstreams.h"

#include "gtest/gtest.h"

namespace gateway {
namespace {

constexpr char kParts[] = "aftersales.parts.v1";
constexpr char kCrm[] = "aftersales.crm.v1";

TEST(Upstreams, AreReadFromTheirSetting) {
  const auto upstreams =
      ParseUpstreams("aftersales.parts.v1=127.0.0.1:7003, aftersales.crm.v1=ipv4:10.0.0.1:1,10.0.0.2:1").value();
  ASSERT_EQ(upstreams.size(), 2u);
  EXPECT_EQ(upstreams[0].package, kParts);
  EXPECT_EQ(upstreams[0].target, "127.0.0.1:7003");
  EXPECT_EQ(upstreams[1].target, "ipv4:10.0.0.1:1,10.0.0.2:1");
  EXPECT_FALSE(ParseUpstreams("").ok());
  EXPECT_FALSE(ParseUpstreams("127.0.0.1:7003").ok());
  EXPECT_FALSE(ParseUpstreams("a=").ok());
  EXPECT_FALSE(ParseUpstreams("a=x:1,a=y:1").ok());
}

TEST(Upstreams, AreReadFromLinesAndErrorsNameTheLine) {
  const auto upstreams = ParseUpstreamLines(
      "# where the services are\n\naftersales.parts.v1 = ipv4:10.0.0.1:1,10.0.0.2:1 # two\n aftersales.crm.v1=crm:1\n");
  ASSERT_TRUE(upstreams.ok()) << upstreams.status();
  ASSERT_EQ(upstreams->size(), 2u);
  EXPECT_EQ((*upstreams)[0].target, "ipv4:10.0.0.1:1,10.0.0.2:1");
  EXPECT_EQ((*upstreams)[1].package, kCrm);
  const auto why = [](const char* text) { return std::string(ParseUpstreamLines(text).status().message()); };
  EXPECT_NE(why("a = x:1\nnothing").find("line 2"), std::string::npos);
  EXPECT_NE(why("a = x:1\n\na = y:1").find("line 3"), std::string::npos);
  EXPECT_NE(why("a =").find("line 1"), std::string::npos);
  EXPECT_NE(why("# nothing\n").find("none"), std::string::npos);
}

TEST(Upstreams, ChangeForNewCallsAndKeepWhatHasNotChanged) {
  Upstreams upstreams({kCrm, kParts}, {});
  EXPECT_EQ(upstreams.Unserved(), (std::vector<std::string>{kCrm, kParts}));
  ASSERT_TRUE(upstreams.Apply({{kParts, "127.0.0.1:1"}, {kCrm, "127.0.0.1:2"}}).ok());
  const std::shared_ptr<Upstream> crm = upstreams.At(0);
  const std::shared_ptr<Upstream> parts = upstreams.At(1);
  ASSERT_TRUE(upstreams.Apply({{kParts, "127.0.0.1:3"}, {kCrm, "127.0.0.1:2"}}).ok());
  EXPECT_EQ(upstreams.At(0), crm) << "its connections stay";
  EXPECT_EQ(upstreams.At(1)->target(), "127.0.0.1:3");
  EXPECT_EQ(parts->target(), "127.0.0.1:1") << "a call under way still has it";
  ASSERT_TRUE(upstreams.Apply({{kCrm, "127.0.0.1:2"}}).ok());
  EXPECT_EQ(upstreams.At(1), nullptr);
  EXPECT_EQ(upstreams.Unserved(), std::vector<std::string>{kParts});
}

TEST(Upstreams, AreRefusedWholeWhenOneIsWrong) {
  Upstreams upstreams({kCrm, kParts}, {});
  ASSERT_TRUE(upstreams.Apply({{kCrm, "127.0.0.1:1"}}).ok());
  for (const UpstreamAddress& wrong :
       {UpstreamAddress{"aftersales.nobody.v1", "127.0.0.1:2"}, UpstreamAddress{kParts, "no port"},
        UpstreamAddress{kParts, "localhost"}, UpstreamAddress{kParts, "x:1 y:2"}}) {
    EXPECT_FALSE(upstreams.Apply({{kCrm, "127.0.0.1:9"}, wrong}).ok()) << wrong.target;
    EXPECT_EQ(upstreams.At(0)->target(), "127.0.0.1:1");
  }
}

}  // namespace
}  // namespace gateway
