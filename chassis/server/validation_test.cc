#include "chassis/server/validation.h"

#include <map>

#include "aftersales/shelf/v1/shelf.pb.h"
#include "chassis/status/refusal.h"
#include "gtest/gtest.h"

namespace chassis {
namespace {

namespace shelf = aftersales::shelf::v1;

constexpr char kId[] = "01234567-89ab-7def-8123-456789abcdef";

shelf::MirrorRequest ValidMirror() {
  shelf::MirrorRequest request;
  request.set_store_id(kId);
  return request;
}

shelf::UpdateBookRequest Update(std::initializer_list<const char*> mask) {
  shelf::UpdateBookRequest request;
  request.set_store_id(kId);
  request.set_request_id(kId);
  request.mutable_book()->set_book_id(kId);
  request.mutable_book()->set_etag("1");
  for (const char* path : mask) request.mutable_update_mask()->add_paths(path);
  return request;
}

// Field -> English text.
std::map<std::string, std::string> Violations(const google::protobuf::Message& request) {
  std::map<std::string, std::string> violations;
  const absl::Status status = Validate(request);
  if (status.ok()) return violations;
  EXPECT_TRUE(IsRefusal(status, aftersales::common::v1::ERROR_REASON_INVALID_FIELD));
  const aftersales::common::v1::Refusal refusal = RefusalIn(status);
  for (const auto& violation : refusal.violations()) {
    EXPECT_FALSE(violation.zh().empty());
    violations[violation.field()] = violation.en();
  }
  return violations;
}

TEST(Validation, PassesWhatIsRight) {
  shelf::MirrorRequest request = ValidMirror();
  request.set_phone("13800138000");
  request.set_rating(5);
  request.set_wanted_state(shelf::Book::STATE_LENT);
  request.add_tags("一二三四五");
  auto* item = request.add_items();
  item->set_item_id(kId);
  item->set_quantity_milli(1);
  request.mutable_since_time()->set_seconds(1'800'000'000);
  EXPECT_TRUE(Validate(request).ok()) << Validate(request);
}

TEST(Validation, NamesEveryBadFieldWithItsPath) {
  shelf::MirrorRequest request;
  request.set_phone("12345");
  request.set_rating(6);
  request.set_wanted_state(static_cast<shelf::Book::State>(77));
  request.add_items()->set_item_id(kId);
  auto* item = request.add_items();
  item->set_item_id("no-uuid");
  item->set_quantity_milli(-1);
  request.add_tags("fine");
  request.add_tags("一二三四五六");
  request.add_tags("");
  request.set_page_size(-1);
  request.mutable_since_time()->set_nanos(-1);
  const auto violations = Violations(request);
  EXPECT_EQ(violations.size(), 11u);
  EXPECT_EQ(violations.at("store_id"), "is required");
  EXPECT_EQ(violations.at("phone"), "must be a mobile number or a land line with area code");
  EXPECT_EQ(violations.at("rating"), "must not be more than 5");
  EXPECT_EQ(violations.at("wanted_state"), "has no value 77");
  EXPECT_EQ(violations.at("items[0].quantity_milli"), "is required");
  EXPECT_EQ(violations.at("items[1].item_id"), "must be a UUID in lower case");
  EXPECT_EQ(violations.at("items[1].quantity_milli"), "must not be less than 1");
  EXPECT_EQ(violations.at("tags[1]"), "may hold at most 5 characters");
  EXPECT_EQ(violations.at("tags[2]"), "must not be empty");
  EXPECT_EQ(violations.at("since_time"), "is no valid time");
}

TEST(Validation, RefusesANegativePageSize) {
  shelf::MirrorRequest request = ValidMirror();
  request.set_page_size(-1);
  EXPECT_EQ(Violations(request).count("page_size"), 1u);
}

TEST(Validation, LimitsListsTextsAndBytesThatSayNothing) {
  shelf::MirrorRequest request = ValidMirror();
  for (int i = 0; i < 4; ++i) {
    request.add_items()->set_item_id(kId);
    request.mutable_items(i)->set_quantity_milli(1);
  }
  request.set_fail_with(std::string(4001, 'x'));
  request.set_picture(std::string(65537, 'x'));
  const auto violations = Violations(request);
  EXPECT_EQ(violations.at("items"), "may have at most 3 entries");
  EXPECT_EQ(violations.at("fail_with"), "may hold at most 4000 characters");
  EXPECT_EQ(violations.at("picture"), "may hold at most 65536 bytes");
}

TEST(Validation, RefusesANulInsideText) {
  shelf::MirrorRequest request = ValidMirror();
  request.set_fail_with(std::string("a\0b", 3));
  EXPECT_EQ(Violations(request).count("fail_with"), 1u);
}

TEST(Validation, StopsCountingAtTwenty) {
  shelf::MirrorRequest request = ValidMirror();
  for (int i = 0; i < 100; ++i) request.add_tags("");
  EXPECT_EQ(Violations(request).size(), 20u);
}

TEST(Validation, AsksNoOptionalFieldToBeThere) {
  shelf::MirrorRequest request = ValidMirror();
  EXPECT_TRUE(Validate(request).ok());
  request.set_rating(0);
  EXPECT_EQ(Violations(request).at("rating"), "must not be less than 1") << "but present it must fit";
}

TEST(Validation, AsksACreatedRecordForWhatItMustHoldButNotForItsKey) {
  shelf::CreateBookRequest request;
  request.set_store_id(kId);
  request.set_request_id(kId);
  request.mutable_book()->set_code("B-1");
  EXPECT_EQ(Violations(request), (std::map<std::string, std::string>{{"book.title", "is required"}}));
}

TEST(Validation, AsksAnUpdateOnlyForMaskedFields) {
  EXPECT_TRUE(Validate(Update({"pages"})).ok()) << Validate(Update({"pages"}));
  EXPECT_TRUE(Validate(Update({})).ok());
  EXPECT_EQ(Violations(Update({"title"})).at("book.title"), "is required");
  EXPECT_EQ(Violations(Update({"*"})).size(), 2u) << "title and code";
}

}  // namespace
}  // namespace chassis
