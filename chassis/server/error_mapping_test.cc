#include "chassis/server/error_mapping.h"

#include "chassis/status/refusal.h"
#include "chassis/telemetry/log.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/error_info.pb.h"
#include "gtest/gtest.h"

namespace chassis {
namespace {

namespace common = aftersales::common::v1;

template <typename T>
T Detail(const google::rpc::Status& wire) {
  T found;
  int count = 0;
  for (const auto& any : wire.details()) {
    if (any.Is<T>() && any.UnpackTo(&found)) ++count;
  }
  EXPECT_LE(count, 1) << "more than one " << T::descriptor()->name();
  return found;
}

class ErrorMapping : public testing::Test {
 protected:
  ErrorMapping() { log::CaptureForTest(&log_); }
  ~ErrorMapping() override { log::CaptureForTest(nullptr); }
  google::rpc::Status Wire(const absl::Status& status, std::string_view language = "en") {
    return ToWire(status, language, ids_);
  }
  // As a peer would see it and hand it on.
  absl::Status ThereAndBack(const absl::Status& status) {
    const google::rpc::Status wire = Wire(status);
    return FromWire(wire.code(), wire.message(), wire.SerializeAsString(), "parts-svc");
  }
  CountingIds ids_;
  std::string log_;
};

TEST_F(ErrorMapping, GivesReasonDomainArgumentsAndHandbook) {
  const auto wire = Wire(NotFound("bay", "7"));
  EXPECT_EQ(wire.code(), 5);
  EXPECT_EQ(wire.message(), "there is no bay 7");
  const auto info = Detail<google::rpc::ErrorInfo>(wire);
  EXPECT_EQ(info.reason(), "NOT_FOUND");
  EXPECT_EQ(info.domain(), "common.aftersales");
  EXPECT_EQ(info.metadata().at("what"), "bay");
  EXPECT_EQ(info.metadata().at("handbook"), "G-01");
}

TEST_F(ErrorMapping, WordsInTheCallersLanguage) {
  const auto wire = Wire(NotFound("bay", "7"), "zh-CN");
  EXPECT_EQ(Detail<google::rpc::LocalizedMessage>(wire).message(), "找不到bay 7");
  EXPECT_EQ(Detail<google::rpc::LocalizedMessage>(wire).locale(), "zh-CN");
  EXPECT_EQ(Detail<google::rpc::LocalizedMessage>(Wire(NotFound("bay", "7"))).message(), "there is no bay 7");
}

TEST_F(ErrorMapping, ListsBadFieldsInTheCallersLanguage) {
  const absl::Status status = InvalidField("a", "甲", "first").At("b[1].c", "乙", "second");
  const auto bad = Detail<google::rpc::BadRequest>(Wire(status, "zh-CN"));
  ASSERT_EQ(bad.field_violations_size(), 2);
  EXPECT_EQ(bad.field_violations(1).field(), "b[1].c");
  EXPECT_EQ(bad.field_violations(1).description(), "乙");
}

TEST_F(ErrorMapping, TellsAFailedPreconditionAsSuch) {
  const absl::Status status =
      Refuse(common::ERROR_REASON_WRONG_STATE).With("what", "order").With("state", "OPEN").With("need", "SIGNED");
  const auto wire = Wire(status);
  EXPECT_EQ(wire.code(), 9);
  const auto failure = Detail<google::rpc::PreconditionFailure>(wire);
  ASSERT_EQ(failure.violations_size(), 1);
  EXPECT_EQ(failure.violations(0).type(), "WRONG_STATE");
  EXPECT_EQ(failure.violations(0).description(), "the order is OPEN; this needs SIGNED");
}

TEST_F(ErrorMapping, SaysWhenToRetry) {
  const absl::Status status = Refuse(common::ERROR_REASON_OVERLOADED).With("what", "x").RetryAfterMs(1250);
  const auto retry = Detail<google::rpc::RetryInfo>(Wire(status));
  EXPECT_EQ(retry.retry_delay().seconds(), 1);
  EXPECT_EQ(retry.retry_delay().nanos(), 250'000'000);
}

TEST_F(ErrorMapping, HidesWhatWasNotForeseenBehindAnIncident) {
  const auto wire = Wire(absl::InternalError("Duplicate entry '13800138000' for key `customer.phone`"));
  EXPECT_EQ(wire.code(), 13);
  const std::string incident = Detail<google::rpc::ErrorInfo>(wire).metadata().at("incident");
  EXPECT_EQ(wire.message(), "internal error, incident " + incident);
  EXPECT_NE(log_.find(incident), std::string::npos);
  EXPECT_NE(log_.find("Duplicate entry"), std::string::npos);
  EXPECT_EQ(log_.find("13800138000"), std::string::npos) << "values stay out of the log";
  EXPECT_EQ(wire.SerializeAsString().find("Duplicate"), std::string::npos);
}

TEST_F(ErrorMapping, GivesCommonReasonsToWhatTheDatabaseSays) {
  EXPECT_EQ(Detail<google::rpc::ErrorInfo>(Wire(absl::UnavailableError("lost"))).reason(), "UNAVAILABLE");
  EXPECT_EQ(Detail<google::rpc::ErrorInfo>(Wire(absl::AbortedError("deadlock"))).reason(), "UNAVAILABLE");
  EXPECT_EQ(Detail<google::rpc::ErrorInfo>(Wire(absl::DeadlineExceededError("slow"))).reason(), "DEADLINE");
  EXPECT_EQ(Detail<google::rpc::ErrorInfo>(Wire(absl::NotFoundError("SELECT 1"))).reason(), "INTERNAL");
}

TEST_F(ErrorMapping, KeepsAnswersBelowTheLimitOfTrailers) {
  Refusal refusal = InvalidField("first", "一", "x");
  for (int i = 0; i < 200; ++i) std::move(refusal).At("field", "说明", std::string(100, 'x'));
  const auto wire = Wire(refusal);
  EXPECT_LT(wire.ByteSizeLong(), 5001u);
  EXPECT_GT(Detail<google::rpc::BadRequest>(wire).field_violations_size(), 10);
}

TEST_F(ErrorMapping, MakesAPeersAnswerARefusalAgain) {
  const absl::Status status = ThereAndBack(NotFound("bay", "7").At("bay_id", "没有", "is unknown").RetryAfterMs(1250));
  EXPECT_TRUE(IsRefusal(status, common::ERROR_REASON_NOT_FOUND));
  const common::Refusal refusal = RefusalIn(status);
  EXPECT_EQ(refusal.arguments().at("id"), "7");
  EXPECT_EQ(refusal.arguments().count("handbook"), 0u);
  ASSERT_EQ(refusal.violations_size(), 1);
  EXPECT_EQ(refusal.violations(0).field(), "bay_id");
  EXPECT_EQ(refusal.violations(0).en(), "is unknown");
  EXPECT_EQ(refusal.retry_after_ms(), 1250);
  EXPECT_EQ(Worded(refusal, "zh-CN"), "找不到bay 7") << "worded anew from its arguments";
}

TEST_F(ErrorMapping, PassesOnAReasonThisProgramDoesNotKnow) {
  google::rpc::Status theirs = Wire(NotFound("bay", "7"));
  google::rpc::ErrorInfo info;
  info.set_reason("WARP_CORE_BREACH");
  info.set_domain("engineering.aftersales");
  theirs.mutable_details(0)->PackFrom(info);
  const absl::Status status = FromWire(theirs.code(), theirs.message(), theirs.SerializeAsString(), "engineering-svc");
  EXPECT_EQ(Wire(status).SerializeAsString(), theirs.SerializeAsString());
}

TEST_F(ErrorMapping, GivesReasonsToTheTransportsOwnErrors) {
  EXPECT_TRUE(IsRefusal(FromWire(14, "connection refused", "", "parts-svc"), common::ERROR_REASON_UNAVAILABLE));
  EXPECT_TRUE(IsRefusal(FromWire(4, "Deadline Exceeded", "", "parts-svc"), common::ERROR_REASON_DEADLINE));
  EXPECT_TRUE(IsRefusal(FromWire(8, "too large", "rubbish", "parts-svc"), common::ERROR_REASON_OVERLOADED));
  EXPECT_TRUE(FromWire(0, "", "", "parts-svc").ok());
}

TEST(LanguageOf, TakesTheBestItCanSpeak) {
  EXPECT_EQ(LanguageOf(""), "zh-CN");
  EXPECT_EQ(LanguageOf("en"), "en");
  EXPECT_EQ(LanguageOf("en-GB,en;q=0.9"), "en");
  EXPECT_EQ(LanguageOf("zh-TW;q=0.3, en;q=0.7"), "en");
  EXPECT_EQ(LanguageOf("de, fr;q=0.9"), "zh-CN");
  EXPECT_EQ(LanguageOf("en;q=0"), "zh-CN");
  EXPECT_EQ(LanguageOf("en;q=x, zh;q=0.1"), "zh-CN");
}

}  // namespace
}  // namespace chassis
