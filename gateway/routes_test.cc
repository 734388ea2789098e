#include "gateway/routes.h"

#include "aftersales/options/v1/traffic.pb.h"
#include "gateway/door_for_test.h"
#include "google/api/annotations.pb.h"

namespace gateway {
namespace {

google::protobuf::FileDescriptorSet TwoPackages() {
  google::protobuf::FileDescriptorSet files;
  AddPackage(kPackage, files);
  AddPackage(kOtherPackage, files);
  return files;
}

TEST(Routes, FindMethodsByPathWithKindUpstreamAndStore) {
  const Routes routes = Routes::Make(TwoPackages()).value();
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

TEST(Routes, ReadHowUrgentACallIsAndWhatItsRateCounts) {
  namespace options = aftersales::options::v1;
  google::protobuf::FileDescriptorSet files = TwoPackages();
  auto* service = files.mutable_file(0)->mutable_service(0);
  const auto priority = [&](int method, options::Priority value) {
    service->mutable_method(method)->mutable_options()->MutableExtension(options::traffic)->set_priority(value);
  };
  priority(0, options::PRIORITY_ESSENTIAL);   // Call
  priority(1, options::PRIORITY_DEFERRABLE);  // Collect
  service->mutable_method(3)->mutable_options()->MutableExtension(google::api::http)->set_get("/v1/chat");
  const Routes routes = Routes::Make(files).value();
  EXPECT_EQ(routes.Find(kCall)->priority, Priority::kEssential);
  EXPECT_EQ(routes.Find(kCall)->call_class, CallClass::kWrite);
  EXPECT_EQ(routes.Find(kCollect)->priority, Priority::kDeferrable);
  EXPECT_EQ(routes.Find(kCollect)->call_class, CallClass::kReport);
  EXPECT_EQ(routes.Find(kList)->priority, Priority::kNormal);
  EXPECT_EQ(routes.Find(kList)->call_class, CallClass::kRead) << "by its name";
  EXPECT_EQ(routes.Find(kChat)->call_class, CallClass::kRead) << "by its binding";
}

TEST(Routes, AreRefusedWhenAMethodSaysNothingOfAccess) {
  google::protobuf::FileDescriptorSet files = TwoPackages();
  files.mutable_file(1)->mutable_service(0)->mutable_method(3)->clear_options();
  const absl::Status status = Routes::Make(files).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(std::string(status.message()).find("/aftersales.other.v1.TestService/Chat"), std::string::npos);
}

TEST(Routes, AreRefusedForNoServices) { EXPECT_FALSE(Routes::Make({}).ok()); }

}  // namespace
}  // namespace gateway
