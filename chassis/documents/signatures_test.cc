// A signed document cannot be changed behind its signature.
#include "chassis/documents/signatures.h"

#include "aftersales/options/v1/options.pb.h"
#include "chassis/audit/digest.h"
#include "chassis/host/host_for_test.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/dynamic_message.h"

namespace chassis::documents {
namespace {

namespace v1 = aftersales::common::v1;
namespace pb = google::protobuf;

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kOrder[] = "33333333-3333-7333-8333-333333333333";

// order {1 order_id, 2 etag, 3 price (signed), 4 lines (signed) of {1 text (signed), 2 progress}, 5 sign_time (signed)}
class Signatures : public testing::Test {
 protected:
  Signatures() {
    pb::FileDescriptorProto file;
    file.set_name("order_for_test.proto");
    file.set_package("test");
    file.set_syntax("proto3");
    file.add_dependency("google/protobuf/timestamp.proto");
    pb::DescriptorProto& line = *file.add_message_type();
    line.set_name("Line");
    Field(line, "text", 1, pb::FieldDescriptorProto::TYPE_STRING, true);
    Field(line, "progress", 2, pb::FieldDescriptorProto::TYPE_INT64, false);
    pb::DescriptorProto& order = *file.add_message_type();
    order.set_name("Order");
    Field(order, "order_id", 1, pb::FieldDescriptorProto::TYPE_STRING, false);
    Field(order, "etag", 2, pb::FieldDescriptorProto::TYPE_STRING, false);
    Field(order, "price", 3, pb::FieldDescriptorProto::TYPE_INT64, true);
    auto& lines = Field(order, "lines", 4, pb::FieldDescriptorProto::TYPE_MESSAGE, true);
    lines.set_type_name(".test.Line");
    lines.set_label(pb::FieldDescriptorProto::LABEL_REPEATED);
    Field(order, "agreed_time", 5, pb::FieldDescriptorProto::TYPE_MESSAGE, true)
        .set_type_name(".google.protobuf.Timestamp");
    type = pool.BuildFile(file)->FindMessageTypeByName("Order");
  }
  static pb::FieldDescriptorProto& Field(pb::DescriptorProto& message, const std::string& name, int number,
                                         pb::FieldDescriptorProto::Type kind, bool is_signed) {
    pb::FieldDescriptorProto& field = *message.add_field();
    field.set_name(name);
    field.set_number(number);
    field.set_type(kind);
    field.set_label(pb::FieldDescriptorProto::LABEL_OPTIONAL);
    if (is_signed) field.mutable_options()->MutableExtension(aftersales::options::v1::column)->set_signed_(true);
    return field;
  }
  std::unique_ptr<pb::Message> AnOrder(int64_t price, const std::string& line, int64_t progress = 0,
                                       const std::string& etag = "1") {
    std::unique_ptr<pb::Message> order(factory.GetPrototype(type)->New());
    const pb::Reflection& reflection = *order->GetReflection();
    reflection.SetString(order.get(), type->FindFieldByName("order_id"), kOrder);
    reflection.SetString(order.get(), type->FindFieldByName("etag"), etag);
    reflection.SetInt64(order.get(), type->FindFieldByName("price"), price);
    pb::Message* added = reflection.AddMessage(order.get(), type->FindFieldByName("lines"));
    added->GetReflection()->SetString(added, added->GetDescriptor()->FindFieldByName("text"), line);
    added->GetReflection()->SetInt64(added, added->GetDescriptor()->FindFieldByName("progress"), progress);
    return order;
  }
  v1::Signature Sign(const pb::Message& order, int64_t version) {
    v1::Signature given;
    given.set_signer_name("张三");
    given.set_signer_role(v1::Signature::SIGNER_ROLE_CUSTOMER);
    given.set_method(v1::Signature::AUTHORIZATION_METHOD_IN_PERSON_DIGITAL_SIGNATURE);
    given.set_evidence("pad-17");
    v1::Signature signature;
    absl::Status status = world.Work([&](UnitOfWork& work) -> absl::Status {
      auto done = work.Sign(order, {"repair_order", kOrder, version}, given);
      if (done.ok()) signature = *done;
      return done.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return signature;
  }
  std::vector<std::string> Differences(pb::Message* current) {
    const std::map<std::string, Loader> loaders = {
        {"repair_order",
         [&](sql::Session&, const std::string&, const std::string&) -> absl::StatusOr<std::unique_ptr<pb::Message>> {
           if (current == nullptr) return std::unique_ptr<pb::Message>();
           std::unique_ptr<pb::Message> copy(current->New());
           copy->CopyFrom(*current);
           return copy;
         }}};
    auto check = world.With([&](sql::Session& session) {
      return VerifySignedDocuments(session, *ground.cipher, loaders, WorldForTest::kStore);
    });
    EXPECT_TRUE(check.ok()) << check.status();
    return {check->differences().begin(), check->differences().end()};
  }

  pb::DescriptorPool pool{pb::DescriptorPool::generated_pool()};
  pb::DynamicMessageFactory factory{&pool};
  const pb::Descriptor* type = nullptr;
  GroundForTest ground;
  WorldForTest world{ground};
};

TEST_F(Signatures, CoverExactlyTheFieldsMarkedSigned) {
  const std::string content = SignedContent(*AnOrder(100, "oil"));
  EXPECT_EQ(content, SignedContent(*AnOrder(100, "oil", 7, "9")));
  EXPECT_NE(content, SignedContent(*AnOrder(101, "oil")));
  EXPECT_NE(content, SignedContent(*AnOrder(100, "oil filter")));
}

TEST_F(Signatures, HoldTheDigestOfWhatWasSigned) {
  const auto order = AnOrder(100, "oil");
  const v1::Signature signature = Sign(*order, 3);
  EXPECT_EQ(signature.document_digest(), audit::Sha256(SignedContent(*order)));
  EXPECT_EQ(signature.recorder(), "service:test-svc");
  EXPECT_TRUE(signature.has_sign_time());
  EXPECT_EQ(world.Count("signed_document WHERE document_version = 3 AND signer_role = 'SIGNER_ROLE_CUSTOMER'"), 1);
  // Encrypted at rest (G-13).
  EXPECT_EQ(world.Count("signed_document WHERE signer LIKE '%张三%' OR content LIKE '%oil%'"), 0);
}

TEST_F(Signatures, AgreeWithTheDocumentWhoseUnsignedPartsWentOn) {
  Sign(*AnOrder(100, "oil"), 1);
  EXPECT_THAT(Differences(AnOrder(100, "oil", 80, "5").get()), IsEmpty());
}

TEST_F(Signatures, ShowADocumentThatWasChangedAfterwards) {
  Sign(*AnOrder(100, "oil"), 1);
  EXPECT_THAT(Differences(AnOrder(120, "oil").get()), ElementsAre(HasSubstr("differs from what signature")));
}

TEST_F(Signatures, LetALaterSignatureCoverALaterVersion) {
  Sign(*AnOrder(100, "oil"), 1);
  EXPECT_THAT(Differences(nullptr), IsEmpty());  // superseded, not signed again yet
  Sign(*AnOrder(120, "oil"), 2);
  EXPECT_THAT(Differences(AnOrder(120, "oil").get()), IsEmpty());
}

TEST_F(Signatures, ShowAnEditedSignature) {
  Sign(*AnOrder(100, "oil"), 1);
  world.Execute("UPDATE signed_document SET digest = ?", {sql::Bytes{std::string(32, 'x')}});
  EXPECT_THAT(Differences(nullptr), ElementsAre(HasSubstr("was edited")));
}

}  // namespace
}  // namespace chassis::documents
