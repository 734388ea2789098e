#include "gateway/routes.h"

#include "gateway/door_for_test.h"
#include "gateway/upstreams.h"

namespace gateway {
namespace {

google::protobuf::FileDescriptorSet TwoPackages() {
  google::protobuf::FileDescriptorSet files;
  AddPackage(kPackage, files);
  AddPackage(kOtherPackage, files);
  return files;
}

TEST(Routes, FindMethodsByPathWithKindUpstreamAndStore) {
  const Routes routes = Routes::Make(TwoPackages(), {kOtherPackage, kPackage}).value();
  EXPECT_EQ(routes.methods().size(), 8u);
  const Method* chat = routes.Find(kChat);
  ASSERT_NE(chat, nullptr);
  EXPECT_EQ(chat->kind, Method::Kind::kBidiStream);
  EXPECT_EQ(chat->upstream, 1);
  EXPECT_EQ(chat->store_field, 1);
  EXPECT_EQ(chat->service, "aftersales.test.v1.TestService");
  EXPECT_EQ(routes.Find(kCall)->kind, Method::Kind::kUnary);
  EXPECT_EQ(routes.Find(kCollect)->kind, Method::Kind::kClientStream);
  EXPECT_EQ(routes.Find(kList)->kind, Method::Kind::kServerStream);
  EXPECT_EQ(routes.Find(kOtherCall)->upstream, 0);
  EXPECT_EQ(routes.Find("/aftersales.test.v1.TestService/Nothing"), nullptr);
  EXPECT_EQ(routes.Find(""), nullptr);
}

TEST(Routes, NameThePackagesNobodyServes) {
  const Routes routes = Routes::Make(TwoPackages(), {kPackage}).value();
  EXPECT_EQ(routes.Unserved(), std::vector<std::string>{kOtherPackage});
  EXPECT_EQ(routes.Find(kOtherCall)->upstream, Method::kNoUpstream);
}

TEST(Routes, AreRefusedWhenAMethodSaysNothingOfAccess) {
  google::protobuf::FileDescriptorSet files = TwoPackages();
  files.mutable_file(1)->mutable_service(0)->mutable_method(3)->clear_options();
  const absl::Status status = Routes::Make(files, {kPackage}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(std::string(status.message()).find("/aftersales.other.v1.TestService/Chat"), std::string::npos);
}

TEST(Routes, AreRefusedForAnUpstreamWithoutServicesAndForNoServices) {
  EXPECT_FALSE(Routes::Make(TwoPackages(), {"aftersales.nobody.v1"}).ok());
  EXPECT_FALSE(Routes::Make({}, {}).ok());
}

TEST(Upstreams, AreReadFromTheirSetting) {
  const auto upstreams =
      ParseUpstreams("aftersales.parts.v1=127.0.0.1:7003, aftersales.crm.v1=ipv4:10.0.0.1:1,10.0.0.2:1").value();
  ASSERT_EQ(upstreams.size(), 2u);
  EXPECT_EQ(upstreams[0].package, "aftersales.parts.v1");
  EXPECT_EQ(upstreams[0].target, "127.0.0.1:7003");
  EXPECT_EQ(upstreams[1].target, "ipv4:10.0.0.1:1,10.0.0.2:1");
  EXPECT_FALSE(ParseUpstreams("").ok());
  EXPECT_FALSE(ParseUpstreams("127.0.0.1:7003").ok());
  EXPECT_FALSE(ParseUpstreams("a=").ok());
  EXPECT_FALSE(ParseUpstreams("a=x:1,a=y:1").ok());
}

}  // namespace
}  // namespace gateway
